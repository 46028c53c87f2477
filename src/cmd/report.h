/*
 * report: what a run of tests came to, for people, for TAP and for JUnit.
 *
 *     report_text(&out, &run, false);
 *
 * People see what failed, and with `verbose` what passed too. TAP is version 13, with the particulars of a failure as
 * YAML. JUnit is the XML that build servers read, a testsuite for each file.
 */
#ifndef DOCENT_CMD_REPORT_H
#define DOCENT_CMD_REPORT_H

#include "base/buf.h"
#include "cmd/talk.h"

#include <stdbool.h>

void report_text(struct buf *out, const struct talk_run *run, bool verbose);
void report_tap(struct buf *out, const struct talk_run *run);
void report_junit(struct buf *out, const struct talk_run *run);

#endif

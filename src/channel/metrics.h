/*
 * metrics: what is counted while docent runs, and its text for Prometheus.
 *
 *     metrics_add(m, "docent_questions_total", "slack", "answer", 1);
 *
 * A series appears with its first value. Names must be string literals out of the table in metrics.c, which holds the
 * type, the help text and the labels' names of each.
 */
#ifndef DOCENT_CHANNEL_METRICS_H
#define DOCENT_CHANNEL_METRICS_H

#include "base/buf.h"

#include <stdint.h>

struct metrics;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *m);

void metrics_add(struct metrics *m, const char *name, const char *platform, const char *what, double amount);
void metrics_set(struct metrics *m, const char *name, const char *platform, const char *what, double value);
void metrics_observe(struct metrics *m, const char *name, double seconds); /* into a histogram */
void metrics_text(const struct metrics *m, struct buf *out);

#endif

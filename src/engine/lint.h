/*
 * lint: what can be known of loaded packs without asking people.
 *
 * Loading reports what makes a pack unusable; this reports what makes it answer badly: patterns that can never match,
 * questions that another intent takes, answers that nothing reaches, words and facts that nobody uses. Each finding is
 * a diag at the JSON value at fault, an error or a warning, with a stable rule name and a hint that says what to do.
 *
 *     struct docent *d = docent_open(packs, n_packs, model, &diags);
 *     if (d)
 *         docent_lint(d, &diags);
 *
 * Takes as long as asking every example twice and matching every pattern a few times.
 */
#ifndef DOCENT_ENGINE_LINT_H
#define DOCENT_ENGINE_LINT_H

#include "base/diag.h"
#include "docent.h"

void docent_lint(const struct docent *d, struct diags *diags);

#endif

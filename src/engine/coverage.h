/*
 * coverage: which parts of the packs a number of questions has exercised.
 *
 *     struct coverage *c = coverage_new(d);
 *     const struct reply *r = docent_ask_covering(d, &dialog, text, &a, c);
 *     coverage_ask_examples(c);
 *     struct coverage_count n = coverage_count(c, COVER_PATTERNS);
 *     coverage_free(c);
 *
 * A pattern is touched when it matches a question that its intent answers; so is an alternative of it, "b" in
 * "a (b|c)", when the pattern would match that question with this alternative alone. Alternatives of parts behind & !
 * are left out: they say what must not be there. An answer is a branch of "answers", whichever of its wordings was told.
 */
#ifndef DOCENT_ENGINE_COVERAGE_H
#define DOCENT_ENGINE_COVERAGE_H

#include "docent.h"

struct observed;
struct branch;
struct part;

#define COVERAGE_KINDS(X) \
    X(SECTIONS, "sections") \
    X(INTENTS, "intents") \
    X(PATTERNS, "patterns") \
    X(ALTERNATIVES, "alternatives") \
    X(ANSWERS, "answers") \
    X(FACTS, "facts")

enum coverage_kind {
#define X(name, text) COVER_##name,
    COVERAGE_KINDS(X)
#undef X
        COVER_KINDS
};

struct coverage_count {
    size_t touched, total;
};

struct untouched { /* something that no question has exercised */
    struct str file, what;
    size_t line;
};

struct coverage;

struct coverage *coverage_new(const struct docent *d); /* looks into d, which must outlive it */
void coverage_free(struct coverage *c);

/* As docent_ask_why; c notes what the reply came from. */
struct reply *docent_ask_covering(const struct docent *d, struct dialog *dialog, struct str text, struct arena *a,
                                  struct coverage *c);

void coverage_ask_examples(struct coverage *c); /* each in a conversation of its own */

struct coverage_count coverage_count(const struct coverage *c, enum coverage_kind kind);
size_t coverage_untouched(const struct coverage *c, enum coverage_kind kind, struct arena *a, struct untouched **out);
const char *coverage_kind_name(enum coverage_kind kind);

/* --- for the stages of the engine; c may be NULL: nobody wants to know -------------------------------------- */

/* A question was answered by the intent. last_intent: what was answered before it. */
void coverage_of_question(struct coverage *c, const struct observed *seen, uint16_t last_intent, uint16_t intent);
void coverage_of_answer(struct coverage *c, const struct branch *branch);
void coverage_of_fact(struct coverage *c, uint16_t fact);
void coverage_of_section(struct coverage *c, uint16_t section);

#endif

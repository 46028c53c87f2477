/*
 * lint_parts: what the checks of lint share. Each lint_….c file is one of them, run in the order of docent_lint().
 *
 * What a pack keeps in memory has places only for things that loading reports. For all else the files are parsed once
 * more, and lint_member and lint_item go from the place of an object to that of a value in it.
 */
#ifndef DOCENT_ENGINE_LINT_PARTS_H
#define DOCENT_ENGINE_LINT_PARTS_H

#include "engine/pack.h"

struct lint_file {
    const struct source *source;
    uint16_t pack;
    cJSON *root;
};

struct lint {
    const struct docent *d;
    struct diags *diags;
    struct arena arena;   /* for what lasts until the end */
    struct arena scratch; /* for one thing that is looked at; reset by whoever looks */
    struct lint_file *files;
    size_t n_files;
    bool *reached;                              /* patterns that an example of their own intent reaches */
    bool *groups, *entities, *facts, *sections; /* those that something uses */
};

void lint_questions(struct lint *l); /* lint_questions.c: examples and suggestions, by asking them */
void lint_patterns(struct lint *l);  /* lint_patterns.c */
void lint_answers(struct lint *l);   /* lint_answers.c: branches, slots, lengths */
void lint_words(struct lint *l);     /* lint_words.c: entities, word groups, replacements, what nobody uses */

/* --- places ------------------------------------------------------------------------------------------------- */

const cJSON *lint_node(const struct lint *l, struct place p); /* the value there; NULL: none */

/* The place of a member of the object, and of an item of a list in it; the object's own when there is no such thing. */
struct place lint_member(const struct lint *l, struct place object, const char *key);
struct place lint_item(const struct lint *l, struct place object, const char *key, size_t item);

struct str place_text(const struct lint *l, struct place p); /* "file:line", for messages */

#define LINT_ERROR(l, rule, place, inside, hint, ...) \
    place_diag((l)->diags, DIAG_ERROR, rule, place, inside, hint, __VA_ARGS__)
#define LINT_WARN(l, rule, place, inside, hint, ...) \
    place_diag((l)->diags, DIAG_WARNING, rule, place, inside, hint, __VA_ARGS__)

/* --- words -------------------------------------------------------------------------------------------------- */

enum { LINT_WORDS_MAX = 64 };

/* An author's text as words of the lexicon, as lexicon_read reads it, but adding none: 0 stands for unknown ones. */
size_t lint_read(const struct docent *d, struct str text, uint32_t out[LINT_WORDS_MAX]);

/*
 * Is there a phrase in the words that a pack's replacement takes away, so that no question ever holds it? *at is where,
 * *count how many words; *by becomes what takes its place.
 */
bool lint_replaced(const struct docent *d, const uint32_t *words, size_t n, size_t *at, size_t *count, struct str *by,
                   struct arena *a);

#endif

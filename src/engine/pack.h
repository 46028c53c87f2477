/*
 * pack: packs as they are in memory, once loaded. Internal to the engine.
 *
 * Everything lives in one arena, with the packs' JSON, whose texts are used where they stand, and in the kept model. It
 * is never changed after docent_open, but for what is made when first wanted (compiled patterns and their use counts,
 * see pattern.h; the tables of the speller; tags; examples). Things refer to each other by index; names belong to one pack
 * each.
 */
#ifndef DOCENT_ENGINE_PACK_H
#define DOCENT_ENGINE_PACK_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/json.h"
#include "base/str.h"
#include "docent.h"
#include "engine/lexicon.h"
#include "engine/spell.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    INTENTS_MAX = 20000,
    ENTITIES_MAX = 10000,
    VALUES_MAX = 250, /* of one entity */
    GROUPS_MAX = 20000,
    PATTERN_MAX = 600, /* bytes of one pattern as written */
    TEXT_MAX = 6000,   /* bytes of one answer as written */
    CONDITIONS_MAX = 6,
    HOLES_MAX = 2,      /* slots in one fact reference */
    WORD_STARTS = 8192, /* see teach.h */
    NONE = 0xFFFF,
};

struct place { /* where something stands in the packs' files */
    const struct source *source;
    uint32_t node; /* number of the JSON value, see base/json.h */
};

struct section {
    struct str id, heading;
    uint16_t pack;
    struct place place;
};

struct fact {
    struct str name;   /* "section.name" */
    struct str *items; /* one for a plain fact */
    size_t n_items;
    bool list;
    uint16_t section, pack;
    struct place place;
};

struct form { /* a way to write an entity's value in an answer */
    struct str name, text;
};

struct phrase_range { /* into lexicon.phrases */
    uint32_t first, n;
    uint16_t longest; /* words of the longest */
};

struct value {
    struct str name, label;
    struct form *forms;
    size_t n_forms;
    struct str *phrases; /* as written */
    size_t n_phrases;
    struct phrase_range range;
    struct place place;
};

struct entity {
    struct str name;
    bool carry; /* a later question without one inherits it */
    struct value *values;
    size_t n_values;
    uint32_t first_value; /* number of values[0] over all entities */
    uint16_t pack;
    struct place place;
};

struct group { /* words that patterns share */
    struct str name;
    struct str *phrases; /* as written, other groups already put in */
    size_t n_phrases;
    struct phrase_range range;
    uint16_t pack;
    bool open, closed; /* while members are put in: guards against cycles */
    struct place place;
};

/* A template is a row of pieces; see template.c. */
enum piece_kind { PIECE_TEXT, PIECE_FACT, PIECE_FORM };
struct piece {
    enum piece_kind kind;
    struct str text;           /* PIECE_TEXT */
    uint16_t entity;           /* PIECE_FORM: whose value */
    struct str form;           /* PIECE_FORM: name of the form; "label" when none is named */
    bool bullets;              /* PIECE_FACT: a list on a line of its own */
    uint16_t holes[HOLES_MAX]; /* PIECE_FACT: entities whose values choose the fact */
    uint8_t n_holes;
    uint16_t *facts; /* PIECE_FACT: index by value, or by the first value times the number of the second's, plus it */
};

struct template
{
    struct piece *pieces;
    size_t n;
    struct place place;
};

enum condition_kind { WHEN_VALUE, WHEN_ALL, WHEN_ANY };
struct condition {
    uint16_t entity;
    enum condition_kind kind;
    uint16_t values[DOCENT_VALUES_MAX];
    uint8_t n;
};

struct branch { /* one answer of an intent */
    struct condition when[CONDITIONS_MAX];
    uint8_t n_when;
    struct template *texts; /* wordings; one is chosen by a hash of the question */
    size_t n_texts;
    uint16_t sources[DOCENT_SOURCES_MAX];
    uint8_t n_sources;
    uint16_t next[DOCENT_SUGGEST_MAX]; /* suggestions */
    uint8_t n_next;
    uint16_t intent;
    struct place place;
};

enum intent_kind { KIND_ANSWER, KIND_DECLINE, KIND_CHAT };

struct after { /* intents right after which certain patterns count */
    uint16_t *intents;
    size_t n;
};

struct example {
    struct str text;
    uint32_t *words; /* folded, filler left out; none where the model was kept, see teach.h */
    uint16_t n_words;
    struct place place;
};

struct intent {
    struct str id, title;
    enum intent_kind kind;
    uint16_t pack;
    uint16_t slots[DOCENT_SLOTS_MAX]; /* entities it listens to */
    struct str ask[DOCENT_SLOTS_MAX]; /* what to ask when one is missing; empty: it is not needed */
    bool compares[DOCENT_SLOTS_MAX];  /* tells its values from each other: "which" asks about all of them */
    uint8_t n_slots;
    uint16_t first_pattern, n_patterns;
    uint16_t first_after;     /* into docent.afters */
    const cJSON *written;     /* its examples, a list; NULL */
    struct example *examples; /* NULL until they are read: where the model was kept, see examples_wanted */
    size_t n_examples;
    struct branch *branches;
    size_t n_branches;
    uint16_t first_branch; /* number of branches[0] over all intents */
    uint16_t why, more;    /* intents; NONE */
    uint16_t question;     /* its first example, as a suggestion; NONE */
    struct place place;
};

static inline uint32_t anchor_bit(uint16_t pack)
{
    return pack < 32 ? UINT32_C(1) << pack : 0;
}

struct replacement { /* words that a pack has take the place of others, as written */
    struct str from, to;
};

struct messages {
    struct str *texts;
    size_t n;
};

struct pack {
    struct str name, title, version, folder;
    const struct source *files;
    size_t n_files;
    struct messages decline, decline_near, rest, too_many, clarify, unclear;
    struct example *others; /* questions about other subjects, so that the classifier knows what these are like */
    size_t n_others, cap_others;
    struct replacement *replacements;
    size_t n_replacements, cap_replacements;
    uint16_t next[DOCENT_SUGGEST_MAX]; /* what to offer when nothing is near */
    uint8_t n_next;
    struct place place;
    bool has_header;
    bool anchored; /* most of its questions hold a word that shows its subject (lex_word.anchors) */
};

/* Where names stand: open addressing by kind, pack and name. See names.c. */
enum name_kind { NAME_SECTION, NAME_FACT, NAME_ENTITY, NAME_GROUP, NAME_INTENT, NAME_SUGGESTION };
struct name_slot {
    uint32_t hash;
    uint16_t index;
    uint8_t kind;
    bool used;
};
struct name_table {
    struct name_slot *slots;
    size_t size, n;
};

struct patterns;      /* engine/pattern.h */
struct pattern_names; /* engine/pattern_names.h */
struct classifier;    /* engine/classify.h */

struct docent {
    struct arena arena;
    uint64_t fingerprint;
    struct lexicon lexicon;
    struct speller *speller;
    struct pack *packs;
    size_t n_packs;
    struct section *sections;
    size_t n_sections, cap_sections;
    struct fact *facts;
    size_t n_facts, cap_facts;
    struct entity *entities;
    size_t n_entities, cap_entities;
    size_t n_values; /* of all entities */
    struct group *groups;
    size_t n_groups, cap_groups;
    struct intent *intents; /* by pack, then by id */
    size_t n_intents, cap_intents;
    const uint64_t *owners; /* by the start of a word: the intents whose examples hold such a word, see teach.h */
    uint16_t n_owners[WORD_STARTS]; /* how many these are */
    double *tells;                  /* by how many intents hold a word */
    struct after *afters;
    size_t n_afters, cap_afters;
    struct str *suggestions;
    size_t n_suggestions, cap_suggestions;
    struct branch **branches; /* all, by number */
    size_t n_branches;
    struct name_table names;
    struct patterns *patterns;
    struct pattern_names *pattern_names;
    struct classifier *classifier;
    uint64_t *tags; /* hashes of groups, entities and values as features; 0: not reckoned yet */
    double trust;   /* in the classifier, see understand.h */
    bool model_was_used, examples_dropped;
};

void name_add(struct docent *d, enum name_kind kind, size_t index);            /* for each thing that is loaded */
uint16_t entity_named(const struct docent *d, uint16_t pack, struct str name); /* NONE */
uint16_t group_named(const struct docent *d, uint16_t pack, struct str name);
uint16_t value_named(const struct entity *e, struct str name);
uint16_t fact_named(const struct docent *d, uint16_t pack, struct str name);
uint16_t section_named(const struct docent *d, uint16_t pack, struct str id);
uint16_t intent_named(const struct docent *d, uint16_t pack, struct str id);
uint16_t suggestion_of(struct docent *d, struct str text); /* finds or adds; the text lives as long as the docent */

/* "did you mean 'x'?" where a name of that kind is near to one that there is not; otherwise the other hint. */
const char *name_hint(const struct docent *d, enum name_kind kind, uint16_t pack, struct str name,
                      const char *otherwise, struct arena *a);
/* Is there such a name in any of the packs? If not, near (of near_to) is told the names that there are. */
struct near;
bool name_in_any_pack(const struct docent *d, enum name_kind kind, struct str name, struct near *near);
bool value_in_any_pack(const struct docent *d, struct str entity, struct str value, struct near *near);
const char *value_hint(const struct entity *e, struct str name, const char *otherwise, struct arena *a);

void examples_wanted(const struct docent *d); /* to be called by those who look at intents' examples */

bool intent_listens(const struct intent *intent, uint16_t entity); /* is it one of its slots? */

size_t place_line(struct place p); /* from 1; 0: nowhere */
void place_diag(struct diags *diags, enum diag_level level, const char *rule, struct place p, size_t inside,
                const char *hint, const char *format, ...) __attribute__((format(printf, 7, 8)));

/* Reads packs' files into *d. Problems become diags; the caller looks whether there are errors. */
void packs_load(struct docent *d, const struct pack_files *packs, size_t n_packs, struct diags *diags);

/* Once they are loaded: reads the texts of intents' examples; and all words but those of patterns and examples. */
void packs_read_examples(struct docent *d, struct diags *diags);
void packs_read_words(struct docent *d);

#endif

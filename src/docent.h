/*
 * docent: answers questions from packs that somebody wrote.
 *
 * libdocent does no I/O, reads no clock and keeps no global state: the same packs, the same dialog and the same
 * question give the same reply. What is opened is never changed afterwards, so one `struct docent` serves any number
 * of dialogs.
 *
 *     struct docent *d = docent_open(packs, n_packs, NULL, &diags);
 *     if (!d)  … print diags …
 *     struct dialog dialog = {0};
 *     struct arena arena = {0};
 *     struct reply *reply = docent_ask(d, &dialog, STR("how much do coders earn?"), &arena);
 *     … render …
 *     arena_reset(&arena);
 *     docent_free(d);
 */
#ifndef DOCENT_H
#define DOCENT_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DOCENT_TEXT_MAX = 4000,    /* characters of a message that are read; the rest is cut off */
    DOCENT_QUESTIONS_MAX = 3,  /* questions of one message that are answered */
    DOCENT_PARTS_MAX = 4,      /* … and what is said about the rest of it */
    DOCENT_SLOTS_MAX = 8,      /* slots of an intent */
    DOCENT_VALUES_MAX = 6,     /* values of one slot */
    DOCENT_SOURCES_MAX = 12,   /* sections behind one reply */
    DOCENT_SUGGEST_MAX = 4,    /* questions offered next; choices of a clarifying question */
    DOCENT_CANDIDATES_MAX = 8, /* intents that `why` tells about, for each question */
};

/* name in JSON, what it means: see the contract of the reply in README.md */
#define OUTCOMES(X) X(ANSWER, "answer") X(CLARIFY, "clarify") X(DECLINE, "decline") X(CHAT, "chat")
enum outcome {
#define X(name, text) OUTCOME_##name,
    OUTCOMES(X)
#undef X
};
const char *outcome_name(enum outcome outcome);

/* --- opening ------------------------------------------------------------------------------------------------ */

/* A pack's folder in memory. The texts must outlive the docent made of them. */
struct pack_files {
    struct str folder; /* for messages only */
    const struct source *files;
    size_t n;
};

struct docent;

/*
 * Reads packs and makes them ready to answer.
 *
 * model  bytes that docent_model gave for the same packs, or empty. They are used if they fit and are whole, and must
 *        outlive the docent then; otherwise the classifier is trained anew (about a hundred milliseconds).
 * diags  gets every error that was found; with none the result is not NULL.
 */
struct docent *docent_open(const struct pack_files *packs, size_t n_packs, struct str model, struct diags *diags);
void docent_free(struct docent *d);

uint64_t docent_fingerprint(const struct pack_files *packs,
                            size_t n_packs);        /* of packs' content: names a cached model */
struct str docent_model(const struct docent *d);    /* the trained classifier; a view as long as the docent */
bool docent_model_was_used(const struct docent *d); /* whether the bytes given to docent_open did */

/* --- asking ------------------------------------------------------------------------------------------------- */

/* One filled slot: the entity and which of its values the question (or the talk before it) named. */
struct slot {
    struct str entity;
    struct str values[DOCENT_VALUES_MAX];
    size_t n;
    bool inherited; /* from earlier in the conversation */
};

struct source_ref { /* a section of the guide */
    struct str id, heading;
    struct str pack;
};

struct part { /* one question of the message, and what is said to it */
    enum outcome outcome;
    struct str intent; /* empty: none was recognised */
    struct slot slots[DOCENT_SLOTS_MAX];
    size_t n_slots;
    struct source_ref sources[DOCENT_SOURCES_MAX];
    size_t n_sources;
    struct str text; /* neutral markup, see render/markup.h */
    double score;    /* 0 to 1: how sure */
};

struct reply {
    enum outcome outcome; /* `answer` as soon as one part is an answer */
    struct part parts[DOCENT_PARTS_MAX];
    size_t n_parts;                             /* at least 1 */
    struct str suggestions[DOCENT_SUGGEST_MAX]; /* questions to ask next, or the choices of a clarifying question */
    size_t n_suggestions;
    bool choices;            /* the suggestions are choices: typing one, or its number, resolves the question */
    const struct trace *why; /* how it came about; NULL unless asked for */
};

/*
 * What a conversation remembers between its questions: plain bytes of fixed size, to be kept, copied and dropped at
 * will. All zero is a conversation that has not begun. After a reload of packs its memory is forgotten by itself.
 */
enum { DIALOG_TURNS = 6, DIALOG_WORDS = 16 };
struct dialog_slot {
    uint16_t entity;
    uint8_t n, values[DOCENT_VALUES_MAX];
    bool inherited;
};
struct dialog_turn { /* an intent with the slots that it was answered for */
    uint16_t intent; /* index + 1; 0: none */
    uint8_t n_slots;
    struct dialog_slot slots[DOCENT_SLOTS_MAX];
};
struct dialog {
    uint64_t packs;                                 /* fingerprint of the packs that the indices belong to */
    struct dialog_turn turns[DIALOG_TURNS];         /* newest first */
    struct dialog_turn topic;                       /* entities that carry over, such as the role talked about */
    struct dialog_turn choices[DOCENT_SUGGEST_MAX]; /* a clarifying question's, while it is open */
    uint16_t offered[DOCENT_SUGGEST_MAX]; /* suggestions of the last reply: index + 1 into all of the packs' */
    uint32_t said[DIALOG_WORDS];          /* the last question's words, by their numbers in the packs */
    uint8_t n_choices, n_offered, n_said;
};

struct reply *docent_ask(const struct docent *d, struct dialog *dialog, struct str text, struct arena *a);
struct reply *docent_ask_why(const struct docent *d, struct dialog *dialog, struct str text, struct arena *a);

/* --- why ---------------------------------------------------------------------------------------------------- */

struct correction { /* a word that was read as another */
    struct str from, to;
    const char *reason; /* "typing error", "spoken form", "abbreviation", … */
};

struct candidate { /* an intent that was considered for a question */
    struct str intent;
    double score;         /* how sure, 0 to 1: enough is 0.32 */
    double strength;      /* what the order goes by, made of the four below */
    double pattern_score; /* 0: no pattern matched */
    double learnt_score;  /* the classifier's decision value */
    double own;           /* share of the question's content that the intent speaks of */
    double start;         /* for a limit of the guide, and for a pattern that counts only right now */
    struct str pattern;   /* the best pattern that matched, as written; else empty */
    struct str file;
    size_t line;
    const char *lost; /* why it did not win; NULL for the winner */
};

struct slot_trace {
    struct slot slot;
    const char *from; /* "named in the question", "from what was said before", … */
    struct str words; /* that named it; may be empty */
};

struct piece_trace { /* a piece of the message, normalised, with the chatter around it */
    struct str text;
    bool asked; /* to be answered; else only said */
};

struct question_trace {
    struct str normalised;
    double known;     /* share of the words of content that the packs know, 0 to 1 */
    bool names_value; /* of an entity: a role, a certificate… */
    struct candidate candidates[DOCENT_CANDIDATES_MAX];
    size_t n_candidates;
    struct slot_trace slots[DOCENT_SLOTS_MAX];
    size_t n_slots;
    const char *decision;   /* one sentence: what decided */
    struct str branch_file; /* where the chosen answer stands */
    size_t branch_line;
};

struct trace {
    struct correction *corrections;
    size_t n_corrections;
    struct piece_trace *pieces; /* what the message was split into */
    size_t n_pieces;
    struct question_trace questions[DOCENT_QUESTIONS_MAX];
    size_t n_questions;
    size_t patterns_tried;
    size_t matches, patterns_limited; /* run by PCRE2 for them; of these, stopped by a limit */
};

/* --- looking around ----------------------------------------------------------------------------------------- */

struct topic {                      /* an intent as shown in lists of what can be asked */
    struct str id, title, question; /* question: well written, to be shown or asked */
    struct str pack;
    struct str section; /* the first section that its answers rest on */
    struct str heading;
};
size_t docent_topics(const struct docent *d, struct topic *out, size_t max); /* returns how many there are */
size_t docent_sections(const struct docent *d, struct source_ref *out, size_t max);
size_t docent_suggestions(const struct docent *d, struct str *out, size_t max); /* questions that replies offer */
struct str docent_title(const struct docent *d);                                /* of the first pack */
struct str docent_version(const struct docent *d);

#endif

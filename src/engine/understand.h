/*
 * understand: the words of one question -> the intents that it may mean, in order.
 *
 * The order is total and does not depend on files: first the strength, then the words that the best pattern accounts for,
 * then the name of the intent. Strength puts together
 *     pattern   how many words of content the best matching pattern accounts for, and how much of the question that is,
 *     learnt    the classifier's decision value; it counts the more, the more examples there are,
 *     own       how much of the question the pattern, the examples and the values together account for.
 * A `decline` intent whose pattern accounts for a word that an answer's pattern leaves over gets a start on that answer:
 * "how much do coders make in Canada" is about Canada. So does a pattern that counts only right after what was said.
 *
 * Whether the strongest is right is another question, and has its own measure: see SURE_SIGNS.
 */
#ifndef DOCENT_ENGINE_UNDERSTAND_H
#define DOCENT_ENGINE_UNDERSTAND_H

#include "engine/observe.h"
#include "engine/pack.h"
#include "engine/pattern.h"

struct evidence { /* what speaks for one intent */
    uint16_t intent;
    uint16_t pattern;     /* the best that matched; NONE */
    double strength;      /* what the order goes by */
    double score;         /* how sure, 0 to 1 */
    double pattern_score; /* 0 to 1; 0 without a pattern */
    double start;         /* of strength: a limit's, and of a pattern that counts only right after certain intents */
    double own;           /* share of the question's content that the intent speaks of */
    double learnt;        /* decision value */
    double pinned_weight;
    double left;               /* words of content that it does not speak of */
    double told;               /* what those that it speaks of tell, see word_tells */
    const uint64_t *pinned;    /* words that the pattern pins down, a set of OBSERVED_WORDS bits */
    const uint64_t *accounted; /* words of content that the intent speaks of, by whatever means */
};

enum { EVIDENCE_MAX = DOCENT_CANDIDATES_MAX };

/* What a question stands in: the rest of the message, and of the conversation. */
struct around {
    uint32_t anchors;               /* bit set of the packs whose subject something shows it to be about */
    double unknown;                 /* share of the words of content that the packs do not know, 0 to 1 */
    const struct observed *message; /* all of its words, where they were observed; else NULL */
};
struct around around_words(const struct docent *d, const struct word *words, size_t n);

enum verdict { VERDICT_CLEAR, VERDICT_TIE, VERDICT_UNSURE, VERDICT_UNKNOWN };

struct reading {
    struct observed seen;
    struct evidence items[EVIDENCE_MAX]; /* best first */
    size_t n;
    double other;   /* decision value for questions about other subjects */
    double known;   /* share of the content words that the packs know, 0 to 1 */
    double to_tell; /* what the words of content tell */
    struct around around;
    bool story;           /* read together with what is said around it */
    enum verdict verdict; /* of items[0] */
    uint64_t pinned[EVIDENCE_MAX][OBSERVED_WORDS / 64],
        accounted[EVIDENCE_MAX][OBSERVED_WORDS / 64]; /* the items' sets */
};

/* Does its pattern pin every word? */
bool accounts_for_all(const struct reading *r, const struct evidence *e);

/* Are the first two answers about as likely, and likely enough? */
bool is_near(const struct docent *d, const struct reading *r);

/* How sure is sure enough; see the comment in understand.c for where the figures come from. */
extern const double ANSWER_FROM, SUGGEST_FROM, TIE_WITHIN;

/*
 * What tells how sure a reading is: name, weight. The confidence is the logistic function of the weighted sum. The
 * weights are what tests/fit_sure.c prints (`make fit`); nothing in them is about a subject.
 */
#define SURE_SIGNS(X) \
    X(BASE, -2.53) \
    X(PATTERN, 1.42) /* pattern_score */ \
    X(LEARNT, 0.48)  /* decision value, at most 1.2 */ \
    X(LENGTH, -0.49) /* words, of 12 */ \
    X(LEFT, -0.76)   /* words of content that nothing accounts for, of 6 */ \
    X(TELLS, 0.79)   /* share of what the words say that is accounted for: rare words say more */ \
    X(AMOUNT, -0.68) /* how much that is, of 2 words that no other intent speaks of */ \
    X(LOOSE, -1.87)  /* nothing in the message or the conversation shows that it is about a pack's subject */ \
    X(LOOSE_AMOUNT, 0.70) \
    X(LOOSE_UNKNOWN, -1.22) /* share of the message's words of content that no pack knows */ \
    X(LOOSE_TERSE, 1.45)    /* at most four words, all accounted for */ \
    X(OTHER, -1.45)         /* decision value for other subjects */ \
    X(STORY, 0.56)          /* read together with the sentences around it */ \
    X(DECLINE, 9.68) \
    X(CHAT, 0.36) \
    X(LEARNT_SQUARE, -0.92) \
    X(LEFT_SQUARE, 1.16) \
    X(AHEAD_TELLS, 0.78) \
    X(LENGTH_TELLS, 1.52) \
    X(DECLINE_TELLS, 1.19)
enum sure_sign {
#define X(name, weight) SURE_##name,
    SURE_SIGNS(X)
#undef X
        SURE_N
};

/* Values of entities, and no word of content besides. */
bool names_only_values(const struct docent *d, const struct observed *seen);

/* The same, of entities that carry: "and billing?" names what the packs are about anyway, and is no new subject. */
bool names_only_subject(const struct docent *d, const struct observed *seen);

double trust_in_examples(size_t examples, size_t intents);
void sure_signs(const struct docent *d, const struct reading *r, size_t of, double out[SURE_N]); /* of items[of] */

/* The reading and all in it live in the arena. */
const struct reading *understand(const struct docent *d, const struct word *words, size_t n, struct around around,
                                 uint16_t last_intent, struct arena *a, struct match_stats *stats);

/*
 * The same for a question in a story ("… Is she right?"): patterns are matched against `words`, but the classifier is
 * asked about each of the views, and what it says to the one that it knows best counts.
 */
struct view {
    const struct word *words;
    size_t n;
};
const struct reading *understand_views(const struct docent *d, const struct word *words, size_t n,
                                       const struct view *views, size_t n_views, struct around around,
                                       uint16_t last_intent, struct arena *a, struct match_stats *stats);

#endif

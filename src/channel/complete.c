#include "channel/complete.h"

#include "base/arena.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum {
    TYPED_WORDS_MAX = 12, /* further ones are not looked at */
    TYPED_MAX_BYTES = 400,
    TYPO_LEAST = 4,   /* letters of a word that may have a typing error */
    COMMON_SHARE = 8, /* a word in more than an eighth of the questions is common */
    WEIGHT_RARE = 4,
    WEIGHT_COMMON = 1,
    FIT_WHOLE = 8,
    FIT_BEGINNING = 6,
    FIT_TYPO = 4,
    FIT_INSIDE = 3,
    BONUS_SAME_START = 1000,
    OFFERED_MAX = 2000, /* of a pack's questions: so many are asked to see whether they are covered */
};

struct term {
    struct str word;
    uint32_t first, n; /* of postings: the questions it stands in */
    uint32_t weight;
};

struct complete {
    struct arena arena;
    struct str *questions, *folded;
    uint64_t *hashes;
    size_t n;
    struct term *terms; /* by word */
    size_t n_terms;
    uint32_t *postings;
};

/* --- words -------------------------------------------------------------------------------------------------- */

static bool is_letter(char c)
{
    return ch_alnum(c) || (unsigned char)c >= 0x80;
}

/* Lower case, one space between words, nothing else; apostrophes go: what's -> whats. out: text.n bytes */
static size_t fold(struct str text, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (is_letter(text.p[i]))
            out[n++] = ch_lower(text.p[i]);
        else if (text.p[i] != '\'' && n && out[n - 1] != ' ')
            out[n++] = ' ';
    }
    while (n && out[n - 1] == ' ')
        n--;
    return n;
}

/* --- making the index --------------------------------------------------------------------------------------- */

struct pair {
    struct str word;
    uint32_t question;
};

static int by_word(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    int order = str_cmp(x->word, y->word);
    return order ? order : (x->question > y->question) - (x->question < y->question);
}

static size_t count_words(struct str folded)
{
    size_t n = folded.n > 0;
    for (size_t i = 0; i < folded.n; i++)
        n += folded.p[i] == ' ';
    return n;
}

static void add_question(struct complete *c, struct str question)
{
    uint64_t hash = str_hash(question);
    for (size_t i = 0; i < c->n; i++)
        if (c->hashes[i] == hash && str_eq(c->questions[i], question))
            return;
    char *folded = arena_alloc(&c->arena, question.n + 1);
    c->questions[c->n] = arena_str(&c->arena, question);
    c->folded[c->n] = (struct str){folded, fold(question, folded)};
    c->hashes[c->n++] = hash;
}

static void index_pairs(struct complete *c, const struct pair *pairs, size_t n)
{
    c->terms = arena_array(&c->arena, n + 1, sizeof *c->terms);
    c->postings = arena_array(&c->arena, n + 1, sizeof *c->postings);
    size_t n_postings = 0;
    for (size_t i = 0; i < n; i++) {
        if (i && by_word(&pairs[i - 1], &pairs[i]) == 0)
            continue;
        if (!c->n_terms || !str_eq(c->terms[c->n_terms - 1].word, pairs[i].word))
            c->terms[c->n_terms++] = (struct term){.word = pairs[i].word, .first = (uint32_t)n_postings};
        struct term *last = &c->terms[c->n_terms - 1];
        c->postings[n_postings++] = pairs[i].question;
        last->n++;
        last->weight = last->n * COMMON_SHARE > c->n ? WEIGHT_COMMON : WEIGHT_RARE;
    }
}

struct complete *complete_new(const struct str *questions, size_t n)
{
    struct complete *c = mem_alloc(sizeof *c);
    c->questions = arena_array(&c->arena, n + 1, sizeof *c->questions);
    c->folded = arena_array(&c->arena, n + 1, sizeof *c->folded);
    c->hashes = arena_array(&c->arena, n + 1, sizeof *c->hashes);
    size_t n_pairs = 0, made = 0;
    for (size_t i = 0; i < n; i++)
        add_question(c, questions[i]);
    for (size_t i = 0; i < c->n; i++)
        n_pairs += count_words(c->folded[i]);
    struct pair *pairs = mem_resize(NULL, n_pairs + 1, sizeof *pairs);
    for (size_t i = 0; i < c->n; i++) {
        struct str rest = c->folded[i], word;
        while (str_cut(&rest, ' ', &word))
            if (word.n)
                pairs[made++] = (struct pair){word, (uint32_t)i};
    }
    qsort(pairs, made, sizeof *pairs, by_word);
    index_pairs(c, pairs, made);
    free(pairs);
    return c;
}

/* Is this question answered from the packs when it is asked out of the blue? */
static bool is_covered(const struct docent *docent, struct str question, struct arena *a)
{
    struct dialog fresh = {0};
    bool covered = docent_ask(docent, &fresh, question, a)->outcome == OUTCOME_ANSWER;
    arena_reset(a);
    return covered;
}

/* Asking takes a tenth of a millisecond each: of very large packs the rest is left out. */
struct complete *complete_covered(const struct docent *docent)
{
    size_t n_topics = docent_topics(docent, NULL, 0), n_more = docent_suggestions(docent, NULL, 0), n = 0;
    struct topic *topics = mem_resize(NULL, n_topics + 1, sizeof *topics);
    struct str *questions = mem_resize(NULL, n_topics + n_more + 1, sizeof *questions);
    struct arena scratch = {0};
    docent_topics(docent, topics, n_topics);
    for (size_t i = 0; i < n_topics; i++)
        questions[i] = topics[i].question;
    docent_suggestions(docent, questions + n_topics, n_more);
    for (size_t i = 0; i < n_topics + n_more && i < OFFERED_MAX; i++)
        if (is_covered(docent, questions[i], &scratch))
            questions[n++] = questions[i];
    struct complete *c = complete_new(questions, n);
    arena_release(&scratch);
    free(topics);
    free(questions);
    return c;
}

void complete_free(struct complete *c)
{
    if (!c)
        return;
    arena_release(&c->arena);
    free(c);
}

/* --- one error ---------------------------------------------------------------------------------------------- */

static size_t common_start(struct str a, struct str b)
{
    size_t i = 0;
    while (i < a.n && i < b.n && a.p[i] == b.p[i])
        i++;
    return i;
}

/* Is `typed` the word, or with `beginning` the beginning of it, but for one error? */
static bool one_error(struct str typed, struct str word, bool beginning)
{
    size_t same = common_start(typed, word);
    struct str t = str_sub(typed, same, typed.n), w = str_sub(word, same, word.n);
    struct str left[4][2] = {
        {str_sub(t, 1, t.n), str_sub(w, 1, w.n)}, /* a letter wrong */
        {str_sub(t, 1, t.n), w},                  /* one too many */
        {t, str_sub(w, 1, w.n)},                  /* one missing */
        {str_sub(t, 2, t.n), str_sub(w, 2, w.n)}, /* two changed places */
    };
    bool swapped = t.n > 1 && w.n > 1 && t.p[0] == w.p[1] && t.p[1] == w.p[0];
    for (size_t i = 0; i < (swapped ? 4 : 3); i++)
        if (beginning ? str_starts(left[i][1], left[i][0]) : str_eq(left[i][1], left[i][0]))
            return true;
    return false;
}

/* --- finding ------------------------------------------------------------------------------------------------ */

struct search {
    const struct complete *c;
    uint32_t *score; /* of each question */
    uint32_t *best;  /* of the word that is looked at */
};

static void credit(const struct search *s, const struct term *term, uint32_t fit)
{
    for (uint32_t i = term->first; i < term->first + term->n; i++) {
        uint32_t q = s->c->postings[i], worth = fit * term->weight;
        if (worth <= s->best[q])
            continue;
        s->score[q] += worth - s->best[q];
        s->best[q] = worth;
    }
}

/* The first term that is not before the word. */
static size_t lower_bound(const struct complete *c, struct str word)
{
    size_t from = 0, to = c->n_terms;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (str_cmp(c->terms[middle].word, word) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static void look_for(const struct search *s, struct str word, bool last)
{
    const struct complete *c = s->c;
    size_t from = lower_bound(c, word), i = from;
    memset(s->best, 0, c->n * sizeof *s->best);
    for (; i < c->n_terms && str_starts(c->terms[i].word, word); i++)
        credit(s, &c->terms[i], c->terms[i].word.n == word.n ? FIT_WHOLE : last ? FIT_BEGINNING : FIT_INSIDE);
    if (i > from || word.n < TYPO_LEAST)
        return;
    for (i = 0; i < c->n_terms; i++)
        if (one_error(word, c->terms[i].word, last))
            credit(s, &c->terms[i], FIT_TYPO);
}

/* Puts the question into its place among the best so far. */
static size_t insert(const struct search *s, uint32_t *best, size_t n, size_t max, uint32_t question)
{
    size_t at = n < max ? n : max;
    while (at > 0 && s->score[best[at - 1]] < s->score[question])
        at--;
    if (at == max)
        return n;
    size_t moved = (n < max ? n : max - 1) - at;
    memmove(&best[at + 1], &best[at], moved * sizeof *best);
    best[at] = question;
    return n < max ? n + 1 : n;
}

size_t complete_find(const struct complete *c, struct str typed, struct str *out, size_t max)
{
    char bytes[TYPED_MAX_BYTES];
    uint32_t best[64];
    size_t n = 0, words = 0;
    bool begun = typed.n && is_letter(typed.p[typed.n - 1]);
    struct str folded = {bytes, fold(str_sub(typed, 0, sizeof bytes), bytes)}, rest = folded, word;
    if (!c || !c->n)
        return 0;
    max = max < 64 ? max : 64;
    struct search s = {c, mem_resize(NULL, 2 * c->n, sizeof *s.score), NULL};
    memset(s.score, 0, c->n * sizeof *s.score);
    s.best = s.score + c->n;
    while (words < TYPED_WORDS_MAX && str_cut(&rest, ' ', &word)) {
        look_for(&s, word, begun && !rest.p);
        words++;
    }
    for (size_t i = 0; i < c->n; i++) {
        if (folded.n && str_starts(c->folded[i], folded))
            s.score[i] += BONUS_SAME_START;
        if (s.score[i] || !folded.n)
            n = insert(&s, best, n, max, (uint32_t)i);
    }
    for (size_t i = 0; i < n; i++)
        out[i] = c->questions[best[i]];
    free(s.score);
    return n;
}

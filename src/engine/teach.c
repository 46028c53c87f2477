#include "engine/teach.h"

#include "engine/pattern.h"

#include <math.h>
#include <string.h>

enum { EXAMPLE_WORDS_MAX = 256 };

static void own(struct docent *d, struct intent *intent, size_t bit)
{
    if (!(intent->own[bit / 64] >> bit % 64 & 1))
        d->owners[bit]++;
    intent->own[bit / 64] |= UINT64_C(1) << bit % 64;
}

static void count_owners(struct docent *d)
{
    double all = (double)d->n_intents + 1;
    d->tells = arena_array(&d->arena, d->n_intents + 1, sizeof *d->tells);
    for (size_t owners = 0; owners <= d->n_intents; owners++)
        d->tells[owners] = log(all / (double)(owners + 1)) / log(all + 1);
}

/* --- from the examples -------------------------------------------------------------------------------------- */

static void read_example(struct docent *d, struct example *x, uint32_t flags)
{
    uint32_t words[EXAMPLE_WORDS_MAX];
    size_t n = lexicon_read(&d->lexicon, x->text, flags, words, EXAMPLE_WORDS_MAX);
    x->words = arena_array(&d->arena, n, sizeof *words);
    x->n_words = (uint16_t)n;
    memcpy(x->words, words, n * sizeof *words);
}

static bool holds_anchor(const struct docent *d, uint16_t pack, const struct example *x)
{
    for (size_t i = 0; i < x->n_words; i++)
        if (d->lexicon.words[x->words[i]].anchors & anchor_bit(pack))
            return true;
    return false;
}

static bool is_anchored(const struct docent *d, uint16_t pack)
{
    size_t n = 0, anchored = 0;
    for (size_t i = 0; i < d->n_intents; i++)
        for (size_t e = 0;
             d->intents[i].pack == pack && d->intents[i].kind == KIND_ANSWER && e < d->intents[i].n_examples; e++) {
            n++;
            anchored += holds_anchor(d, pack, &d->intents[i].examples[e]);
        }
    return anchored * 2 >= n && n;
}

static void teach_intent(struct docent *d, struct intent *intent)
{
    for (size_t e = 0; e < intent->n_examples; e++) {
        struct example *x = &intent->examples[e];
        read_example(d, x, WORD_SUBJECT);
        for (size_t i = 0; i < x->n_words; i++) {
            const struct lex_word *w = &d->lexicon.words[x->words[i]];
            if (!(w->flags & WORD_FUNCTION))
                own(d, intent, w->start % OWN_BITS);
        }
    }
}

void teach(struct docent *d)
{
    for (size_t i = 0; i < d->n_intents; i++)
        teach_intent(d, &d->intents[i]);
    for (size_t p = 0; p < d->n_packs; p++) {
        for (size_t e = 0; e < d->packs[p].n_others; e++)
            read_example(d, &d->packs[p].others[e], 0); /* their words are none of the pack's */
        d->packs[p].anchored = is_anchored(d, (uint16_t)p);
    }
    count_owners(d);
}

/* --- from what was kept ------------------------------------------------------------------------------------- */

/*
 * In this order: the head, of each word what is said of it, of each intent how many bits it owns, these bits, of each pack
 * whether it is anchored, of each word that only patterns and examples hold how long it is, these words, and what is kept of
 * patterns.
 */
struct head {
    uint32_t before, words;  /* before patterns and examples were read, and after */
    uint32_t bits;           /* of all intents */
    uint32_t text, patterns; /* bytes of the new words, and of what is kept of patterns */
};
struct said {
    uint32_t flags, count;
};

static size_t size_of(const struct docent *d, const struct head *h)
{
    return sizeof *h + (size_t)h->words * sizeof(struct said) + (d->n_intents + (size_t)h->bits) * sizeof(uint16_t) +
           d->n_packs + (h->words - h->before) + (size_t)h->text + h->patterns;
}

static void *take(char **at, size_t n)
{
    *at += n;
    return *at - n;
}

struct str taught_write(const struct docent *d, struct arena *a)
{
    const struct lexicon *lex = &d->lexicon;
    struct str patterns = patterns_kept(d);
    struct head h = {(uint32_t)d->words_before, (uint32_t)lex->n_words, 0, 0, (uint32_t)patterns.n};
    for (size_t bit = 0; bit < OWN_BITS; bit++)
        h.bits += d->owners[bit];
    for (size_t w = d->words_before; w < lex->n_words; w++)
        h.text += (uint32_t)lex->words[w].text.n;
    struct str bytes = {arena_alloc(a, size_of(d, &h)), size_of(d, &h)};
    char *at = (char *)bytes.p;
    memcpy(take(&at, sizeof h), &h, sizeof h);
    for (size_t w = 0; w < lex->n_words; w++) {
        struct said said = {lex->words[w].flags, lex->words[w].count};
        memcpy(take(&at, sizeof said), &said, sizeof said);
    }
    char *bits = at + d->n_intents * sizeof(uint16_t);
    for (size_t i = 0; i < d->n_intents; i++) {
        uint16_t n = 0;
        for (uint16_t bit = 0; bit < OWN_BITS; bit++)
            if (intent_owns(&d->intents[i], bit)) {
                memcpy(take(&bits, sizeof bit), &bit, sizeof bit);
                n++;
            }
        memcpy(take(&at, sizeof n), &n, sizeof n);
    }
    at = bits;
    for (size_t p = 0; p < d->n_packs; p++)
        *at++ = (char)d->packs[p].anchored;
    for (size_t w = d->words_before; w < lex->n_words; w++)
        *at++ = (char)lex->words[w].text.n;
    for (size_t w = d->words_before; w < lex->n_words; w++)
        memcpy(take(&at, lex->words[w].text.n), lex->words[w].text.p, lex->words[w].text.n);
    if (patterns.n)
        memcpy(at, patterns.p, patterns.n);
    return bytes;
}

static bool fits(const struct docent *d, struct str bytes, struct head *h)
{
    if (bytes.n < sizeof *h)
        return false;
    memcpy(h, bytes.p, sizeof *h);
    return h->before == d->lexicon.n_words && h->words >= h->before && size_of(d, h) == bytes.n;
}

/* The words that only patterns and examples hold; false if one of them is not new, or they are not as long as they should be. */
static bool add_words(struct docent *d, const struct head *h, const char *lengths)
{
    const char *text = lengths + (h->words - h->before);
    size_t left = h->text;
    for (uint32_t w = h->before; w < h->words; w++) {
        size_t n = (unsigned char)*lengths++;
        if (n > left || lexicon_add(&d->lexicon, (struct str){text, n}, 0) != w)
            return false;
        text += n;
        left -= n;
    }
    return left == 0 && d->lexicon.n_words == h->words;
}

static bool take_bits(struct docent *d, const struct head *h, char *counts)
{
    char *bits = counts + d->n_intents * sizeof(uint16_t);
    size_t left = h->bits;
    for (size_t i = 0; i < d->n_intents; i++) {
        uint16_t n, bit;
        memcpy(&n, take(&counts, sizeof n), sizeof n);
        if (n > left)
            return false;
        left -= n;
        for (; n; n--) {
            memcpy(&bit, take(&bits, sizeof bit), sizeof bit);
            own(d, &d->intents[i], bit % OWN_BITS);
        }
    }
    return left == 0;
}

bool taught_read(struct docent *d, struct str bytes)
{
    struct head h;
    if (!fits(d, bytes, &h))
        return false;
    char *said = (char *)bytes.p + sizeof h, *counts = said + (size_t)h.words * sizeof(struct said);
    char *anchored = counts + (d->n_intents + (size_t)h.bits) * sizeof(uint16_t);
    struct str patterns = str_sub(bytes, bytes.n - h.patterns, bytes.n);
    if (!add_words(d, &h, anchored + d->n_packs) || !take_bits(d, &h, counts) || !patterns_take(d, patterns))
        return false;
    for (uint32_t w = 0; w < h.words; w++) {
        struct said s;
        memcpy(&s, take(&said, sizeof s), sizeof s);
        d->lexicon.words[w].flags = s.flags;
        d->lexicon.words[w].count = s.count;
    }
    for (size_t p = 0; p < d->n_packs; p++)
        d->packs[p].anchored = anchored[p] != 0;
    d->words_before = h.before;
    count_owners(d);
    return true;
}

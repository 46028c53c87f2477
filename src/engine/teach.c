#include "engine/teach.h"

#include "engine/pattern.h"

#include <math.h>
#include <string.h>

enum { EXAMPLE_WORDS_MAX = 256, TAUGHT_MAX = 64 << 20 };

static size_t owners_size(const struct docent *d)
{
    return WORD_STARTS * (d->n_intents / 64 + 1);
}

static void own(struct docent *d, uint64_t *owners, uint32_t start, size_t intent)
{
    uint64_t *row = owners + (word_owners(d, start) - d->owners), bit = UINT64_C(1) << intent % 64;
    if (!(row[intent / 64] & bit))
        d->n_owners[start % WORD_STARTS]++;
    row[intent / 64] |= bit;
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

static void teach_intent(struct docent *d, size_t number, uint64_t *owners)
{
    struct intent *intent = &d->intents[number];
    for (size_t e = 0; e < intent->n_examples; e++) {
        struct example *x = &intent->examples[e];
        read_example(d, x, WORD_SUBJECT);
        for (size_t i = 0; i < x->n_words; i++) {
            const struct lex_word *w = &d->lexicon.words[x->words[i]];
            if (!(w->flags & WORD_FUNCTION))
                own(d, owners, w->start, number);
        }
    }
}

void teach(struct docent *d)
{
    uint64_t *owners = arena_array(&d->arena, owners_size(d), sizeof *owners);
    d->owners = owners;
    for (size_t i = 0; i < d->n_intents; i++)
        teach_intent(d, i, owners);
    for (size_t p = 0; p < d->n_packs; p++) {
        for (size_t e = 0; e < d->packs[p].n_others; e++)
            read_example(d, &d->packs[p].others[e], 0); /* their words are none of the pack's */
        d->packs[p].anchored = is_anchored(d, (uint16_t)p);
    }
    count_owners(d);
}

/* --- keeping, and taking what was kept ---------------------------------------------------------------------- */

/* Where the phrases of a group or of a value stand. */
struct kept_range {
    uint32_t first, n, longest;
};

static size_t list_ranges(const struct docent *d, struct phrase_range **ranges)
{
    size_t n = 0;
    for (size_t g = 0; g < d->n_groups; g++)
        ranges[n++] = &d->groups[g].range;
    for (size_t e = 0; e < d->n_entities; e++)
        for (size_t v = 0; v < d->entities[e].n_values; v++)
            ranges[n++] = &d->entities[e].values[v].range;
    return n;
}

static void keep_ranges(const struct docent *d, struct arena *a, struct buf *out)
{
    struct phrase_range **ranges = arena_array(a, d->n_groups + d->n_values, sizeof *ranges);
    struct kept_range *kept = arena_array(a, d->n_groups + d->n_values, sizeof *kept);
    size_t n = list_ranges(d, ranges);
    for (size_t i = 0; i < n; i++)
        kept[i] = (struct kept_range){ranges[i]->first, ranges[i]->n, ranges[i]->longest};
    keep_row(out, kept, n, sizeof *kept);
}

static void keep_owners(const struct docent *d, struct buf *out)
{
    keep_row(out, d->owners, owners_size(d), sizeof *d->owners);
    keep_row(out, d->n_owners, WORD_STARTS, sizeof *d->n_owners);
}

/* What is needed of things that are not read. */
static void keep_counts(const struct docent *d, struct arena *a, struct buf *out)
{
    uint32_t *examples = arena_array(a, d->n_intents, sizeof *examples);
    for (size_t i = 0; i < d->n_intents; i++)
        examples[i] = (uint32_t)d->intents[i].n_examples;
    keep_row(out, examples, d->n_intents, sizeof *examples);
}

static void keep_anchored(const struct docent *d, struct arena *a, struct buf *out)
{
    uint8_t *anchored = arena_array(a, d->n_packs, sizeof *anchored);
    for (size_t p = 0; p < d->n_packs; p++)
        anchored[p] = d->packs[p].anchored;
    keep_row(out, anchored, d->n_packs, sizeof *anchored);
}

struct str taught_write(const struct docent *d, struct arena *a)
{
    struct buf out;
    struct arena scratch = {0};
    buf_init(&out, TAUGHT_MAX);
    lexicon_keep(&d->lexicon, &out);
    keep_ranges(d, &scratch, &out);
    patterns_keep(d, &out);
    keep_owners(d, &out);
    keep_counts(d, &scratch, &out);
    keep_anchored(d, &scratch, &out);
    struct str bytes = arena_str(a, buf_str(&out));
    arena_release(&scratch);
    buf_release(&out);
    return bytes;
}

/* Is every phrase that stands for something of the packs one of something that there is? */
static bool has_owners(const struct docent *d)
{
    for (size_t i = 0; i < d->lexicon.n_phrases; i++) {
        const struct phrase *p = &d->lexicon.phrases[i];
        if (p->kind == PHRASE_GROUP && p->owner >= d->n_groups)
            return false;
        if (p->kind == PHRASE_ENTITY && (p->owner >= d->n_entities || p->value >= d->entities[p->owner].n_values))
            return false;
    }
    return true;
}

static bool take_ranges(struct docent *d, struct kept *k)
{
    struct arena scratch = {0};
    struct phrase_range **ranges = arena_array(&scratch, d->n_groups + d->n_values, sizeof *ranges);
    size_t n = list_ranges(d, ranges);
    const struct kept_range *kept = kept_row_of(k, n, sizeof *kept);
    bool sound = !k->damaged;
    for (size_t i = 0; sound && i < n; i++) {
        sound = kept[i].n <= d->lexicon.n_phrases && kept[i].first <= d->lexicon.n_phrases - kept[i].n;
        *ranges[i] = (struct phrase_range){kept[i].first, kept[i].n, (uint16_t)kept[i].longest};
    }
    arena_release(&scratch);
    return sound;
}

static bool take_owners(struct docent *d, struct kept *k)
{
    const uint64_t *owners = kept_row_of(k, owners_size(d), sizeof *owners);
    const uint16_t *n_owners = kept_row_of(k, WORD_STARTS, sizeof *n_owners);
    bool sound = !k->damaged;
    for (size_t start = 0; sound && start < WORD_STARTS; start++)
        sound = n_owners[start] <= d->n_intents;
    if (sound) {
        d->owners = owners;
        memcpy(d->n_owners, n_owners, sizeof d->n_owners);
    }
    return sound;
}

bool taught_read(struct docent *d, struct str bytes)
{
    struct kept k = {.rest = bytes};
    if (!lexicon_take(&d->lexicon, &k, &d->arena) || !has_owners(d) || !take_ranges(d, &k) || !patterns_take(d, &k) ||
        !take_owners(d, &k))
        return false;
    const uint32_t *examples = kept_row_of(&k, d->n_intents, sizeof *examples);
    const uint8_t *anchored = kept_row_of(&k, d->n_packs, sizeof *anchored);
    for (size_t i = 0; !k.damaged && i < d->n_intents; i++)
        d->intents[i].n_examples = examples[i];
    for (size_t p = 0; !k.damaged && p < d->n_packs; p++)
        d->packs[p].anchored = anchored[p] != 0;
    count_owners(d);
    return kept_whole(&k);
}

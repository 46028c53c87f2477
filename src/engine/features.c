#include "engine/features.h"

#include <math.h>

/* How much a block weighs beside the others. */
static const float block_weight[BLOCKS] = {1.0f, 0.8f, 1.0f};

enum kind { WORD = 1, PAIR, PIECE, TAG };

enum { PIECE_LETTERS = 4 };

static void add(struct features *f, size_t in_block[BLOCKS], enum block block, enum kind kind, uint64_t one,
                uint64_t other)
{
    uint64_t h = (one ^ (uint64_t)kind) * UINT64_C(0x9E3779B97F4A7C15);
    h = (h ^ h >> 32 ^ other) * UINT64_C(0xD6E8FEB86659FD93);
    uint32_t hash = (uint32_t)(h ^ h >> 32);
    if (f->n == FEATURES_SEEN_MAX)
        return;
    f->items[f->n++] = (struct feature){hash && hash != FEATURE_BIAS ? hash : 1, block};
    in_block[block]++;
}

/* Pieces of the word with a blank at either end. */
static void add_pieces(struct features *f, size_t in_block[BLOCKS], struct str word)
{
    size_t n = word.n < WORD_MAX ? word.n : WORD_MAX;
    uint32_t piece = ' ';
    for (size_t i = 0; i <= n; i++) {
        piece = piece << 8 | (unsigned char)(i < n ? word.p[i] : ' ');
        if (i + 2 >= PIECE_LETTERS)
            add(f, in_block, BLOCK_PIECES, PIECE, piece, 0);
    }
}

/* A name's own hash, so that a group more or less leaves the features of all others as they are. */
static uint64_t hash_of_tag(const struct docent *d, uint32_t signal)
{
    uint32_t entity = signal_of_entity(d, 0), value = entity + (uint32_t)d->n_entities;
    if (signal < entity) {
        const struct group *g = &d->groups[signal - signal_of_group(d, 0)];
        return str_hash_more(str_hash(d->packs[g->pack].name), g->name);
    }
    size_t e = signal < value ? signal - entity : 0;
    while (signal >= value && signal - value >= d->entities[e].first_value + d->entities[e].n_values)
        e++;
    uint64_t hash = str_hash_more(str_hash(d->packs[d->entities[e].pack].name), d->entities[e].name);
    return signal < value
               ? hash + 1
               : str_hash_more(hash, d->entities[e].values[signal - value - d->entities[e].first_value].name);
}

/* The same, reckoned when the tag is seen for the first time. */
static uint64_t tag_of(const struct docent *d, uint32_t signal)
{
    uint64_t *tag = &d->tags[signal - signal_of_group(d, 0)];
    if (!*tag)
        *tag = hash_of_tag(d, signal);
    return *tag;
}

void features_prepare(const struct docent *d)
{
    for (uint32_t signal = signal_of_group(d, 0); signal < signal_of_digits(d); signal++)
        tag_of(d, signal);
}

struct features features_of(const struct docent *d, const struct observed *seen, struct arena *a)
{
    size_t in_block[BLOCKS] = {0}, most = seen->n_present, content = 0;
    uint64_t words[OBSERVED_WORDS];
    for (size_t i = 0; i < seen->n; i++) {
        words[i] = str_hash(seen->words[i].text);
        most += 2 + seen->words[i].text.n;
    }
    struct features f = {.items =
                             arena_raw(a, (most < FEATURES_SEEN_MAX ? most : FEATURES_SEEN_MAX) * sizeof *f.items)};
    for (size_t i = 0; i < seen->n; i++) {
        bool grammar = seen->words[i].id && d->lexicon.words[seen->words[i].id].flags & WORD_FUNCTION;
        add(&f, in_block, BLOCK_WORDS, WORD, words[i], 0);
        if (i + 1 < seen->n)
            add(&f, in_block, BLOCK_WORDS, PAIR, words[i], words[i + 1]);
        content += word_weight(d, &seen->words[i]) >= 1;
        if (!grammar)
            add_pieces(&f, in_block, seen->words[i].text);
    }
    uint32_t first = signal_of_group(d, 0);
    for (size_t i = 0; i < seen->n_present; i++)
        if (seen->present[i] >= first && seen->present[i] < signal_of_digits(d))
            add(&f, in_block, BLOCK_TAGS, TAG, tag_of(d, seen->present[i]), 0);
    if (in_block[BLOCK_TAGS] < content) /* one name among many words that are none says little */
        in_block[BLOCK_TAGS] = content;
    for (size_t b = 0; b < BLOCKS; b++)
        f.values[b] = in_block[b] ? block_weight[b] / sqrtf((float)in_block[b]) : 0;
    return f;
}

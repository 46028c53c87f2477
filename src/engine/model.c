#include "engine/model.h"

#include <math.h>
#include <string.h>

enum {
    WHOLE_PER = 2,
    MODEL_VERSION = 10,
    SLOTS_MAX = 1 << 22,
    ROWS_MAX = 1 << 20,
    ENTRIES_MAX = 1 << 26,
    TAUGHT_MAX = 1 << 26
};

struct head {
    char magic[8];
    uint64_t fingerprint;                                    /* of the packs */
    uint64_t check;                                          /* hash of all that follows the head */
    uint32_t version, slots, rows, classes, entries, taught; /* the last in bytes */
};

static size_t size_of(const struct head *h)
{
    return sizeof *h + sizeof(struct model_slot) * (size_t)h->slots + sizeof(uint32_t) * ((size_t)h->rows + 1) +
           (sizeof(float) + sizeof(uint32_t)) * (size_t)h->classes +
           (sizeof(uint16_t) + sizeof(int8_t)) * (size_t)h->entries + h->taught;
}

static struct model lay_out(struct str bytes, const struct head *h)
{
    struct model m = {.bytes = bytes, .slots = h->slots, .rows = h->rows, .classes = h->classes, .entries = h->entries};
    m.slot = (const struct model_slot *)(const void *)(bytes.p + sizeof *h);
    m.row_from = (const uint32_t *)(m.slot + m.slots);
    m.scales = (const float *)(const void *)(m.row_from + m.rows + 1);
    m.intents = (const uint32_t *)(const void *)(m.scales + m.classes);
    m.entry_class = (const uint16_t *)(const void *)(m.intents + m.classes);
    m.entry_weight = (const int8_t *)(m.entry_class + m.entries);
    m.taught = (struct str){(const char *)m.entry_weight + m.entries, h->taught};
    return m;
}

static uint64_t check_of(struct str bytes)
{
    uint64_t h = STR_HASH_START;
    size_t i = sizeof(struct head);
    for (; i + 8 <= bytes.n; i += 8) {
        uint64_t word;
        memcpy(&word, bytes.p + i, 8);
        h = (h ^ word) * UINT64_C(0x9E3779B97F4A7C15);
        h ^= h >> 32;
    }
    return str_hash_more(h, str_sub(bytes, i, bytes.n));
}

static const char magic[8] = {'d', 'o', 'c', 'e', 'n', 't', 'm', '\n'};

/* Nothing in a model that was read may lead outside of it. */
static bool is_sound(const struct model *m)
{
    uint32_t used = 0;
    for (uint32_t i = 0; i < m->slots; i++) {
        if (m->slot[i].row > m->rows)
            return false;
        used += m->slot[i].row != 0;
    }
    for (uint32_t r = 0; r < m->rows; r++)
        if (m->row_from[r] > m->row_from[r + 1])
            return false;
    bool inside = true;
    for (uint32_t i = 0; i < m->entries; i++)
        inside &= m->entry_class[i] < m->classes;
    return inside && used < m->slots && m->row_from[m->rows] == m->entries;
}

bool model_read(struct str bytes, uint64_t fingerprint, struct model *out)
{
    struct head h;
    if (bytes.n < sizeof h || (uintptr_t)bytes.p % 8)
        return false;
    memcpy(&h, bytes.p, sizeof h);
    bool fits = memcmp(h.magic, magic, sizeof magic) == 0 && h.version == MODEL_VERSION &&
                h.fingerprint == fingerprint && h.taught <= TAUGHT_MAX && h.slots <= SLOTS_MAX && h.rows <= ROWS_MAX &&
                h.classes <= INTENTS_MAX && h.entries <= ENTRIES_MAX && (h.slots & (h.slots - 1)) == 0 &&
                size_of(&h) == bytes.n && h.check == check_of(bytes);
    if (!fits)
        return false;
    *out = lay_out(bytes, &h);
    return is_sound(out);
}

/* --- writing ------------------------------------------------------------------------------------------------ */

/* Weights become one signed byte each, with one scale for each class. */
static float *find_scales(uint32_t rows, uint32_t classes, const float *weights, struct arena *a)
{
    float *scales = arena_raw(a, classes * sizeof *scales);
    for (uint32_t k = 0; k < classes; k++)
        scales[k] = 1e-9f;
    for (size_t r = 0; r < rows; r++)
        for (uint32_t k = 0; k < classes; k++) {
            float scale = fabsf(weights[r * classes + k]) / 127;
            scales[k] = scale > scales[k] ? scale : scales[k];
        }
    return scales;
}

/* A row of weights as bytes; returns how many are not 0. */
static uint32_t quantise(const float *weights, const float *scales, uint32_t classes, int8_t *out)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < classes; k++) {
        out[k] = weights[k] < 0 || weights[k] > 0 ? (int8_t)lrintf(weights[k] / scales[k]) : 0;
        n += out[k] != 0;
    }
    return n;
}

struct model_block model_block(uint32_t rows, uint32_t classes, const uint32_t *hashes, const uint32_t *intents,
                               const float *weights, struct arena *a)
{
    size_t most = (size_t)rows * classes, n = 0;
    float *scales = find_scales(rows, classes, weights, a);
    uint32_t *row_from = arena_raw(a, (rows + 1) * sizeof *row_from);
    uint16_t *entry_class = arena_raw(a, most * sizeof *entry_class);
    int8_t *entry_weight = arena_raw(a, most);
    int8_t *row = arena_raw(a, classes);
    for (uint32_t r = 0; r < rows; r++) {
        uint32_t full = quantise(weights + (size_t)r * classes, scales, classes, row);
        bool whole = full * WHOLE_PER >= classes; /* then going over all classes in order is the faster way */
        row_from[r] = (uint32_t)n;
        for (uint32_t k = 0; k < classes; k++)
            if (row[k] || whole)
                entry_class[n] = (uint16_t)k, entry_weight[n++] = row[k];
    }
    row_from[rows] = (uint32_t)n;
    return (struct model_block){rows, classes, hashes, intents, scales, row_from, entry_class, entry_weight};
}

/* The row of a feature; a new one, *rows of them then, if it has none yet. */
static uint32_t enter(struct model_slot *slots, uint32_t n_slots, uint32_t hash, uint32_t *rows)
{
    uint32_t at = hash & (n_slots - 1);
    while (slots[at].row && slots[at].hash != hash)
        at = (at + 1) & (n_slots - 1);
    if (!slots[at].row)
        slots[at] = (struct model_slot){hash, ++*rows};
    return slots[at].row - 1;
}

/* Rows of all blocks by hash. from[row + 1] becomes how many entries a row has. */
static struct model_slot *enter_all(const struct model_block *blocks, size_t n, struct head *h, uint32_t **from,
                                    struct arena *a)
{
    size_t rows = 0;
    for (size_t b = 0; b < n; b++) {
        rows += blocks[b].rows;
        h->classes += blocks[b].classes;
        h->entries += blocks[b].row_from[blocks[b].rows];
    }
    for (h->slots = 64; h->slots < rows * 2;)
        h->slots *= 2;
    struct model_slot *slots = arena_array(a, h->slots, sizeof *slots);
    *from = arena_array(a, rows + 1, sizeof **from);
    for (size_t b = 0; b < n; b++)
        for (uint32_t r = 0; r < blocks[b].rows; r++)
            (*from)[enter(slots, h->slots, blocks[b].hashes[r], &h->rows) + 1] +=
                blocks[b].row_from[r + 1] - blocks[b].row_from[r];
    return slots;
}

static void put_entries(const struct model_block *block, uint32_t first_class, const struct model *m, uint32_t *at)
{
    for (uint32_t r = 0; r < block->rows; r++) {
        uint32_t *next = &at[model_row(m, block->hashes[r])];
        for (uint32_t i = block->row_from[r]; i < block->row_from[r + 1]; i++, (*next)++) {
            ((uint16_t *)m->entry_class)[*next] = (uint16_t)(block->entry_class[i] + first_class);
            ((int8_t *)m->entry_weight)[*next] = block->entry_weight[i];
        }
    }
}

struct str model_write(uint64_t fingerprint, const struct model_block *blocks, size_t n, struct str taught,
                       struct arena *a)
{
    struct arena scratch = {0};
    struct head h = {.fingerprint = fingerprint, .version = MODEL_VERSION, .taught = (uint32_t)taught.n};
    uint32_t *at, first_class = 0;
    struct model_slot *slots = enter_all(blocks, n, &h, &at, &scratch);
    memcpy(h.magic, magic, sizeof magic);
    for (uint32_t r = 0; r < h.rows; r++)
        at[r + 1] += at[r];
    struct str bytes = {arena_alloc(a, size_of(&h)), size_of(&h)};
    struct model m = lay_out(bytes, &h);
    memcpy((void *)m.slot, slots, h.slots * sizeof *slots);
    memcpy((void *)m.row_from, at, ((size_t)h.rows + 1) * sizeof *at);
    for (size_t b = 0; b < n; b++) {
        memcpy((float *)m.scales + first_class, blocks[b].scales, blocks[b].classes * sizeof *m.scales);
        memcpy((uint32_t *)m.intents + first_class, blocks[b].intents, blocks[b].classes * sizeof *m.intents);
        put_entries(&blocks[b], first_class, &m, at);
        first_class += blocks[b].classes;
    }
    if (taught.n)
        memcpy((char *)m.taught.p, taught.p, taught.n);
    memcpy((char *)bytes.p, &h, sizeof h);
    h.check = check_of(bytes);
    memcpy((char *)bytes.p, &h, sizeof h);
    arena_release(&scratch);
    return bytes;
}

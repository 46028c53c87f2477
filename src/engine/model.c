#include "engine/model.h"

#include <math.h>
#include <string.h>

enum { MODEL_VERSION = 7, SLOTS_MAX = 1 << 22, ROWS_MAX = 1 << 20, ENTRIES_MAX = 1 << 26 };

struct head {
    char magic[8];
    uint64_t fingerprint;       /* of the packs */
    uint64_t check;             /* hash of all that follows the head */
    uint32_t version, slots, rows, classes, entries, unused;
};

static size_t size_of(const struct head *h)
{
    return sizeof *h + sizeof(struct model_slot) * (size_t)h->slots + sizeof(uint32_t) * ((size_t)h->rows + 1) +
           (sizeof(float) + sizeof(uint32_t)) * (size_t)h->classes + (sizeof(uint16_t) + sizeof(int8_t)) * (size_t)h->entries;
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
    bool fits = memcmp(h.magic, magic, sizeof magic) == 0 && h.version == MODEL_VERSION && h.fingerprint == fingerprint &&
                h.unused == 0 && h.slots <= SLOTS_MAX && h.rows <= ROWS_MAX && h.classes <= INTENTS_MAX &&
                h.entries <= ENTRIES_MAX && (h.slots & (h.slots - 1)) == 0 && size_of(&h) == bytes.n && h.check == check_of(bytes);
    if (!fits)
        return false;
    *out = lay_out(bytes, &h);
    return is_sound(out);
}

/* --- writing ------------------------------------------------------------------------------------------------ */

/* Weights as one signed byte each, with one scale for each class. */
static void find_scales(const struct model_parts *p, float *scales)
{
    for (uint32_t k = 0; k < p->classes; k++)
        scales[k] = 1e-9f;
    for (size_t r = 0; r < p->rows; r++)
        for (uint32_t k = 0; k < p->classes; k++) {
            float scale = fabsf(p->weights[r * p->classes + k]) / 127;
            scales[k] = scale > scales[k] ? scale : scales[k];
        }
}

static int8_t quantised(const struct model_parts *p, const float *scales, size_t row, uint32_t class)
{
    float weight = p->weights[row * p->classes + class];
    return weight < 0 || weight > 0 ? (int8_t)lrintf((float)weight / scales[class]) : 0;
}

static void enter(struct model_slot *slots, uint32_t n_slots, uint32_t hash, uint32_t row)
{
    uint32_t at = hash & (n_slots - 1);
    while (slots[at].row)
        at = (at + 1) & (n_slots - 1);
    slots[at] = (struct model_slot){hash, row + 1};
}

static void fill(const struct model_parts *p, const struct model *m, const float *scales)
{
    uint32_t *row_from = (uint32_t *)m->row_from, at = 0;
    for (uint32_t r = 0; r < p->rows; r++) {
        enter((struct model_slot *)m->slot, m->slots, p->hashes[r], r);
        row_from[r] = at;
        for (uint32_t k = 0; k < p->classes; k++) {
            int8_t weight = quantised(p, scales, r, k);
            if (!weight)
                continue;
            ((uint16_t *)m->entry_class)[at] = (uint16_t)k;
            ((int8_t *)m->entry_weight)[at++] = weight;
        }
    }
    row_from[p->rows] = at;
    memcpy((float *)m->scales, scales, p->classes * sizeof *scales);
    memcpy((uint32_t *)m->intents, p->intents, p->classes * sizeof *p->intents);
}

struct str model_write(const struct model_parts *p, struct arena *a)
{
    struct head h = {.fingerprint = p->fingerprint, .version = MODEL_VERSION, .slots = 64, .rows = p->rows, .classes = p->classes};
    memcpy(h.magic, magic, sizeof magic);
    while (h.slots < h.rows * 2)
        h.slots *= 2;
    float *scales = arena_array(a, p->classes, sizeof *scales);
    find_scales(p, scales);
    for (size_t r = 0; r < p->rows; r++)
        for (uint32_t k = 0; k < p->classes; k++)
            h.entries += quantised(p, scales, r, k) != 0;
    struct str bytes = {arena_alloc(a, size_of(&h)), size_of(&h)};
    struct model m = lay_out(bytes, &h);
    fill(p, &m, scales);
    h.check = 0;
    memcpy((char *)bytes.p, &h, sizeof h);
    h.check = check_of(bytes);
    memcpy((char *)bytes.p, &h, sizeof h);
    return bytes;
}

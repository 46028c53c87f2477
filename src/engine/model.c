#include "engine/model.h"

#include "engine/svm.h"

#include <math.h>
#include <string.h>

enum {
    WHOLE_PER = 4, /* a row is whole when so many of its weights are not 0: it is no larger then, and the faster one */
    MODEL_VERSION = 18, /* raised with every change of training or reading: kept models are named by the packs alone */
    SLOTS_MAX = 1 << 22,
    ROWS_MAX = 1 << 20,
    ENTRIES_MAX = 1 << 26,
    TAUGHT_MAX = 1 << 26
};

struct head {
    char magic[8];
    uint64_t fingerprint; /* of the packs */
    uint64_t check;       /* hash of all that follows the head */
    uint32_t version, slots, wholes, rows, classes, entries;
    uint64_t taught; /* in bytes */
};

static size_t aligned(size_t n)
{
    return (n + 7) & ~(size_t)7;
}

static uint32_t stride_of(uint32_t classes)
{
    return (classes + WHOLE_STEP - 1) / WHOLE_STEP * WHOLE_STEP;
}

static size_t size_of(const struct head *h)
{
    return sizeof *h + aligned(h->taught) + sizeof(struct model_slot) * (size_t)h->slots +
           sizeof(uint32_t) * ((size_t)h->rows - h->wholes + 1) +
           (sizeof(float) + sizeof(uint32_t)) * (size_t)h->classes +
           (sizeof(uint16_t) + sizeof(int8_t)) * (size_t)h->entries + (size_t)h->wholes * stride_of(h->classes);
}

static struct model lay_out(struct str bytes, const struct head *h)
{
    struct model m = {.bytes = bytes,
                      .slots = h->slots,
                      .wholes = h->wholes,
                      .rows = h->rows,
                      .classes = h->classes,
                      .stride = stride_of(h->classes),
                      .entries = h->entries};
    m.taught = (struct str){bytes.p + sizeof *h, h->taught};
    m.slot = (const struct model_slot *)(const void *)(m.taught.p + aligned(h->taught));
    m.row_from = (const uint32_t *)(m.slot + m.slots);
    m.scales = (const float *)(const void *)(m.row_from + m.rows - m.wholes + 1);
    m.intents = (const uint32_t *)(const void *)(m.scales + m.classes);
    m.entry_class = (const uint16_t *)(const void *)(m.intents + m.classes);
    m.whole = (const int16_t *)(m.entry_class + m.entries);
    m.entry_weight = (const int8_t *)whole_row(&m, m.wholes);
    return m;
}

static uint64_t check_of(struct str bytes)
{
    return str_hash_much(STR_HASH_START, str_sub(bytes, sizeof(struct head), bytes.n));
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
    uint32_t others = m->rows - m->wholes;
    for (uint32_t r = 0; r < others; r++)
        if (m->row_from[r] > m->row_from[r + 1])
            return false;
    bool inside = true;
    for (uint32_t i = 0; i < m->entries; i++)
        inside &= m->entry_class[i] < m->classes;
    return inside && used < m->slots && m->row_from[others] == m->entries;
}

static bool read_head(struct str bytes, uint64_t fingerprint, struct head *h)
{
    if (bytes.n < sizeof *h || (uintptr_t)bytes.p % 8)
        return false;
    memcpy(h, bytes.p, sizeof *h);
    return memcmp(h->magic, magic, sizeof magic) == 0 && h->version == MODEL_VERSION && h->fingerprint == fingerprint;
}

bool model_is_of(struct str bytes, uint64_t fingerprint)
{
    struct head h;
    return read_head(bytes, fingerprint, &h);
}

bool model_read(struct str bytes, uint64_t fingerprint, struct model *out)
{
    struct head h;
    bool fits = read_head(bytes, fingerprint, &h) && h.taught <= TAUGHT_MAX && h.slots <= SLOTS_MAX &&
                h.rows <= ROWS_MAX && h.wholes <= h.rows && h.classes <= INTENTS_MAX && h.entries <= ENTRIES_MAX &&
                (h.slots & (h.slots - 1)) == 0 && size_of(&h) == bytes.n && h.check == check_of(bytes);
    if (!fits)
        return false;
    *out = lay_out(bytes, &h);
    return is_sound(out);
}

/* --- writing ------------------------------------------------------------------------------------------------ */

struct model_part model_part(uint32_t rows, uint32_t classes, const uint32_t *hashes, const uint32_t *intents,
                             struct arena *a)
{
    size_t padded = ((size_t)classes + SVM_BLOCK - 1) / SVM_BLOCK * SVM_BLOCK;
    return (struct model_part){.rows = rows,
                               .classes = classes,
                               .hashes = hashes,
                               .intents = intents,
                               .scales = arena_raw(a, padded * sizeof(float)),
                               .weights = arena_raw(a, padded * rows)};
}

typedef float lanes __attribute__((vector_size(4 * SVM_BLOCK), may_alias));
typedef int32_t numbers __attribute__((vector_size(4 * SVM_BLOCK)));

static void find_scales(const lanes *weights, uint32_t rows, lanes *scales)
{
    lanes most = {0};
    for (size_t r = 0; r < rows; r++) {
        lanes amount = (lanes)((numbers)weights[r] & INT32_MAX);
        numbers more = amount > most;
        most = (lanes)(((numbers)amount & more) | ((numbers)most & ~more));
    }
    for (size_t k = 0; k < SVM_BLOCK; k++)
        (*scales)[k] = fmaxf(most[k], 127e-9f) / 127;
}

/* Weights become one signed byte each, with one scale for each class. Of classes that there are not they are 0. */
void model_take(void *taker, uint32_t first, const float *from)
{
    struct model_part *part = taker;
    const lanes *weights = (const lanes *)from;
    lanes scales = {0}, steps = {0};
    find_scales(weights, part->rows, &scales);
    memcpy(part->scales + first, &scales, sizeof scales);
    for (size_t k = 0; k < SVM_BLOCK; k++)
        steps[k] = first + k < part->classes ? 1 / scales[k] : 0;
    int8_t *bytes = part->weights + (size_t)first * part->rows;
    for (size_t r = 0; r < part->rows; r++) {
        lanes in_steps = weights[r] * steps, half = {0.5f, 0.5f, 0.5f, 0.5f};
        half = (lanes)((numbers)half | ((numbers)in_steps & INT32_MIN)); /* away from 0 */
        numbers rounded = __builtin_convertvector(in_steps + half, numbers);
        for (size_t k = 0; k < SVM_BLOCK; k++)
            bytes[r * SVM_BLOCK + k] = (int8_t)rounded[k];
    }
}

/* The weights of a block's classes for a row, side by side: of most, all are 0. */
static uint32_t block_weights(const struct model_part *part, uint32_t first, uint32_t row)
{
    uint32_t weights;
    _Static_assert(sizeof weights == SVM_BLOCK, "a block's weights for a row are one number");
    memcpy(&weights, part->weights + (size_t)first * part->rows + (size_t)row * SVM_BLOCK, SVM_BLOCK);
    return weights;
}

/* How many of the number's bytes are not 0. */
static uint32_t bytes_set(uint32_t number)
{
    uint32_t low = number & 0x7F7F7F7F, set = ((low + 0x7F7F7F7F) | number) >> 7 & 0x01010101;
    return set * 0x01010101 >> 24;
}

/* filled  by row of the part */
static void count_entries(const struct model_part *part, uint32_t *filled)
{
    for (uint32_t first = 0; first < part->classes; first += SVM_BLOCK)
        for (uint32_t r = 0; r < part->rows; r++)
            filled[r] += bytes_set(block_weights(part, first, r));
}

/* The slot of a feature; row is 0 if it has none yet. */
static struct model_slot *slot_of(struct model_slot *slots, uint32_t n_slots, uint32_t hash)
{
    uint32_t at = hash & (n_slots - 1);
    while (slots[at].row && slots[at].hash != hash)
        at = (at + 1) & (n_slots - 1);
    return &slots[at];
}

/* The features of all parts, in the order in which they come. filled[row] becomes how many entries a row has. */
static struct model_slot *enter_all(const struct model_part *parts, size_t n, struct head *h, uint32_t **filled,
                                    struct arena *a)
{
    size_t rows = 0;
    for (size_t p = 0; p < n; p++) {
        rows += parts[p].rows;
        h->classes += parts[p].classes;
    }
    for (h->slots = 64; h->slots < rows * 2;)
        h->slots *= 2;
    struct model_slot *slots = arena_array(a, h->slots, sizeof *slots);
    *filled = arena_array(a, rows, sizeof **filled);
    for (size_t p = 0; p < n; p++) {
        uint32_t *of_part = arena_array(a, parts[p].rows, sizeof *of_part);
        count_entries(&parts[p], of_part);
        for (uint32_t r = 0; r < parts[p].rows; r++) {
            struct model_slot *s = slot_of(slots, h->slots, parts[p].hashes[r]);
            if (!s->row)
                *s = (struct model_slot){parts[p].hashes[r], ++h->rows};
            (*filled)[s->row - 1] += of_part[r];
        }
    }
    return slots;
}

/* Numbers the rows anew, whole ones first. Returns where the entries of each of the others begin, as row_from. */
static uint32_t *part_rows(struct model_slot *slots, struct head *h, const uint32_t *filled, struct arena *a)
{
    uint32_t *number = arena_array(a, h->rows, sizeof *number),
             *from = arena_array(a, (size_t)h->rows + 1, sizeof *from);
    uint32_t others = 0;
    for (uint32_t r = 0; r < h->rows; r++)
        h->wholes += filled[r] * WHOLE_PER >= h->classes;
    for (uint32_t r = 0, wholes = 0; r < h->rows; r++) {
        if (filled[r] * WHOLE_PER >= h->classes) {
            number[r] = ++wholes;
            continue;
        }
        number[r] = h->wholes + ++others;
        from[others] = from[others - 1] + filled[r];
    }
    for (uint32_t s = 0; s < h->slots; s++)
        if (slots[s].row)
            slots[s].row = number[slots[s].row - 1];
    h->entries = from[others];
    return from;
}

static void put_weight(int16_t *row, uint32_t class, int8_t weight)
{
    int16_t *pair = row + whole_place(class);
    *pair = (int16_t)(whole_is_high(class) ? weight * 256 + (*pair & 0xFF) : (*pair & ~0xFF) | (uint8_t)weight);
}

static void put_whole(const struct model_part *part, uint32_t r, uint32_t first_class, int16_t *row)
{
    for (uint32_t k = 0; k < part->classes; k++) {
        const int8_t *block = part->weights + (size_t)(k / SVM_BLOCK * SVM_BLOCK) * part->rows;
        put_weight(row, first_class + k, block[(size_t)r * SVM_BLOCK + k % SVM_BLOCK]);
    }
}

/* Returns where the row's next entry goes. */
static uint32_t put_entries(const struct model_part *part, uint32_t r, uint32_t first_class, const struct model *m,
                            uint32_t at)
{
    for (uint32_t first = 0; first < part->classes; first += SVM_BLOCK) {
        uint32_t weights = block_weights(part, first, r);
        int8_t each[SVM_BLOCK];
        memcpy(each, &weights, SVM_BLOCK);
        for (uint32_t k = 0; weights && k < SVM_BLOCK; k++) {
            if (!each[k])
                continue;
            ((uint16_t *)m->entry_class)[at] = (uint16_t)(first_class + first + k);
            ((int8_t *)m->entry_weight)[at++] = each[k];
        }
    }
    return at;
}

/* at  for each row that is not whole where its next entry goes */
static void put_weights(const struct model_part *part, uint32_t first_class, const struct model *m, uint32_t *at)
{
    for (uint32_t r = 0; r < part->rows; r++) {
        uint32_t row = model_row(m, part->hashes[r]);
        if (row < m->wholes)
            put_whole(part, r, first_class, (int16_t *)whole_row(m, row));
        else
            at[row - m->wholes] = put_entries(part, r, first_class, m, at[row - m->wholes]);
    }
}

struct str model_write(uint64_t fingerprint, const struct model_part *parts, size_t n, struct str taught,
                       struct arena *a)
{
    struct arena scratch = {0};
    struct head h = {.fingerprint = fingerprint, .version = MODEL_VERSION, .taught = taught.n};
    uint32_t *filled, first_class = 0;
    struct model_slot *slots = enter_all(parts, n, &h, &filled, &scratch);
    uint32_t *at = part_rows(slots, &h, filled, &scratch);
    memcpy(h.magic, magic, sizeof magic);
    struct str bytes = {arena_alloc(a, size_of(&h)), size_of(&h)};
    struct model m = lay_out(bytes, &h);
    memcpy((void *)m.slot, slots, h.slots * sizeof *slots);
    memcpy((void *)m.row_from, at, ((size_t)h.rows - h.wholes + 1) * sizeof *at);
    for (size_t p = 0; p < n; p++) {
        memcpy((float *)m.scales + first_class, parts[p].scales, parts[p].classes * sizeof *m.scales);
        memcpy((uint32_t *)m.intents + first_class, parts[p].intents, parts[p].classes * sizeof *m.intents);
        put_weights(&parts[p], first_class, &m, at);
        first_class += parts[p].classes;
    }
    if (taught.n)
        memcpy((char *)m.taught.p, taught.p, taught.n);
    memcpy((char *)bytes.p, &h, sizeof h);
    h.check = check_of(bytes);
    memcpy((char *)bytes.p, &h, sizeof h);
    arena_release(&scratch);
    return bytes;
}

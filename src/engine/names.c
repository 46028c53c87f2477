#include "base/near.h"
#include "engine/pack.h"

enum { NAMES_START = 1024 };

static struct str name_of(const struct docent *d, enum name_kind kind, uint16_t index, uint16_t *pack)
{
    switch (kind) {
    case NAME_SECTION:
        *pack = d->sections[index].pack;
        return d->sections[index].id;
    case NAME_FACT:
        *pack = d->facts[index].pack;
        return d->facts[index].name;
    case NAME_ENTITY:
        *pack = d->entities[index].pack;
        return d->entities[index].name;
    case NAME_GROUP:
        *pack = d->groups[index].pack;
        return d->groups[index].name;
    case NAME_INTENT:
        *pack = d->intents[index].pack;
        return d->intents[index].id;
    default:
        *pack = 0;
        return d->suggestions[index];
    }
}

static uint32_t hash_of(enum name_kind kind, uint16_t pack, struct str name)
{
    uint64_t hash = str_hash_more(STR_HASH_START ^ (uint64_t)pack << 8 ^ (uint64_t)kind, name);
    return (uint32_t)(hash ^ hash >> 32);
}

static struct name_slot *slot_of(const struct docent *d, enum name_kind kind, uint16_t pack, struct str name,
                                 uint32_t hash)
{
    const struct name_table *t = &d->names;
    size_t at = hash & (t->size - 1);
    for (; t->slots[at].used; at = (at + 1) & (t->size - 1)) {
        const struct name_slot *slot = &t->slots[at];
        uint16_t other_pack;
        if (slot->hash == hash && slot->kind == kind && str_eq(name_of(d, kind, slot->index, &other_pack), name) &&
            other_pack == pack)
            break;
    }
    return &t->slots[at];
}

static void grow(struct docent *d)
{
    struct name_table old = d->names;
    d->names.size = old.size ? old.size * 2 : NAMES_START;
    d->names.slots = arena_array(&d->arena, d->names.size, sizeof *d->names.slots);
    for (size_t i = 0; i < old.size; i++) {
        size_t at = old.slots[i].hash & (d->names.size - 1);
        while (old.slots[i].used && d->names.slots[at].used)
            at = (at + 1) & (d->names.size - 1);
        if (old.slots[i].used)
            d->names.slots[at] = old.slots[i];
    }
}

void name_add(struct docent *d, enum name_kind kind, size_t index)
{
    uint16_t pack;
    struct str name = name_of(d, kind, (uint16_t)index, &pack);
    uint32_t hash = hash_of(kind, pack, name);
    if (d->names.n * 2 >= d->names.size)
        grow(d);
    struct name_slot *slot = slot_of(d, kind, pack, name, hash);
    if (slot->used)
        return; /* of two of the same name the first one counts */
    *slot = (struct name_slot){hash, (uint16_t)index, (uint8_t)kind, true};
    d->names.n++;
}

static uint16_t named(const struct docent *d, enum name_kind kind, uint16_t pack, struct str name)
{
    if (!d->names.size)
        return NONE;
    const struct name_slot *slot = slot_of(d, kind, pack, name, hash_of(kind, pack, name));
    return slot->used ? slot->index : NONE;
}

uint16_t entity_named(const struct docent *d, uint16_t pack, struct str name)
{
    return named(d, NAME_ENTITY, pack, name);
}

uint16_t group_named(const struct docent *d, uint16_t pack, struct str name)
{
    return named(d, NAME_GROUP, pack, name);
}

uint16_t fact_named(const struct docent *d, uint16_t pack, struct str name)
{
    return named(d, NAME_FACT, pack, name);
}

uint16_t section_named(const struct docent *d, uint16_t pack, struct str id)
{
    return named(d, NAME_SECTION, pack, id);
}

uint16_t intent_named(const struct docent *d, uint16_t pack, struct str id)
{
    return named(d, NAME_INTENT, pack, id);
}

uint16_t value_named(const struct entity *e, struct str name)
{
    for (size_t i = 0; i < e->n_values; i++)
        if (str_eq(e->values[i].name, name))
            return (uint16_t)i;
    return NONE;
}

uint16_t suggestion_of(struct docent *d, struct str text)
{
    uint16_t found = named(d, NAME_SUGGESTION, 0, text);
    if (found != NONE || d->n_suggestions >= NONE - 1)
        return found;
    *ARENA_PUSH(&d->arena, d->suggestions, d->n_suggestions, d->cap_suggestions) = text;
    name_add(d, NAME_SUGGESTION, d->n_suggestions - 1);
    return (uint16_t)(d->n_suggestions - 1);
}

/* --- names that there are not ------------------------------------------------------------------------------- */

static size_t count_of(const struct docent *d, enum name_kind kind)
{
    switch (kind) {
    case NAME_SECTION:
        return d->n_sections;
    case NAME_FACT:
        return d->n_facts;
    case NAME_ENTITY:
        return d->n_entities;
    case NAME_GROUP:
        return d->n_groups;
    case NAME_INTENT:
        return d->n_intents;
    default:
        return 0;
    }
}

static const char *hint_of(const struct near *near, const char *otherwise, struct arena *a)
{
    return near->best.n ? arena_fmt(a, "did you mean '%.*s'?", STR_FMT(near->best)).p : otherwise;
}

const char *name_hint(const struct docent *d, enum name_kind kind, uint16_t pack, struct str name,
                      const char *otherwise, struct arena *a)
{
    struct near near = near_to(name);
    for (size_t i = 0; i < count_of(d, kind); i++) {
        uint16_t of_pack;
        struct str other = name_of(d, kind, (uint16_t)i, &of_pack);
        if (of_pack == pack)
            near_try(&near, other);
    }
    return hint_of(&near, otherwise, a);
}

const char *value_hint(const struct entity *e, struct str name, const char *otherwise, struct arena *a)
{
    struct near near = near_to(name);
    for (size_t i = 0; i < e->n_values; i++)
        near_try(&near, e->values[i].name);
    return hint_of(&near, otherwise, a);
}

bool name_in_any_pack(const struct docent *d, enum name_kind kind, struct str name, struct near *near)
{
    for (size_t i = 0; i < count_of(d, kind); i++) {
        uint16_t pack;
        struct str other = name_of(d, kind, (uint16_t)i, &pack);
        if (str_eq(other, name))
            return true;
        near_try(near, other);
    }
    return false;
}

bool value_in_any_pack(const struct docent *d, struct str entity, struct str value, struct near *near)
{
    for (size_t e = 0; e < d->n_entities; e++)
        for (size_t v = 0; str_eq(d->entities[e].name, entity) && v < d->entities[e].n_values; v++) {
            if (str_eq(d->entities[e].values[v].name, value))
                return true;
            near_try(near, d->entities[e].values[v].name);
        }
    return false;
}

#include "channel/gate.h"

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLATFORMS_MAX = 4, COOLDOWN_KEYS = 10000 };

struct place {
    const char *platform;
    struct rules rules;
    struct arena texts; /* of the rules */
};

struct gate {
    struct loop *loop;
    struct metrics *metrics;
    struct conversations *conversations;
    struct cooldown *cooldown;
    struct place places[PLATFORMS_MAX];
    size_t n;
};

struct gate *gate_new(struct loop *loop, struct metrics *metrics, struct conversations *conversations)
{
    struct gate *gate = mem_alloc(sizeof *gate);
    *gate = (struct gate){loop, metrics, conversations, .cooldown = cooldown_new(COOLDOWN_KEYS)};
    return gate;
}

void gate_free(struct gate *gate)
{
    if (!gate)
        return;
    cooldown_free(gate->cooldown);
    for (size_t i = 0; i < gate->n; i++)
        arena_release(&gate->places[i].texts);
    free(gate);
}

static struct place *place_of(struct gate *gate, const char *platform)
{
    for (size_t i = 0; i < gate->n; i++)
        if (strcmp(gate->places[i].platform, platform) == 0)
            return &gate->places[i];
    return NULL;
}

static const struct str *copy_all(struct arena *a, const struct str *texts, size_t n)
{
    struct str *copy = arena_array(a, n, sizeof *copy);
    for (size_t i = 0; i < n; i++)
        copy[i] = arena_str(a, texts[i]);
    return copy;
}

void gate_set(struct gate *gate, const char *platform, const struct rules *rules)
{
    struct place *place = place_of(gate, platform);
    if (!place) {
        assert(gate->n < PLATFORMS_MAX);
        place = &gate->places[gate->n++];
        place->platform = platform;
    }
    struct arena texts = {0};
    struct rules copy = *rules;
    copy.allowed = copy_all(&texts, rules->allowed, rules->n_allowed);
    copy.denied = copy_all(&texts, rules->denied, rules->n_denied);
    copy.everything = copy_all(&texts, rules->everything, rules->n_everything);
    arena_release(&place->texts);
    place->texts = texts;
    place->rules = copy;
}

static const struct rules *rules_of(struct gate *gate, const char *platform)
{
    static const struct rules none = {0};
    const struct place *place = place_of(gate, platform);
    return place ? &place->rules : &none;
}

static bool turn_away(struct gate *gate, const struct incoming *in, const char *reason)
{
    metrics_add(gate->metrics, "docent_ignored_total", in->platform, reason, 1);
    return false;
}

bool gate_is_for_us(struct gate *gate, const struct incoming *in)
{
    const struct rules *rules = rules_of(gate, in->platform);
    bool asks_store = in->reply && rules->threads && !in->direct && !in->mentioned;
    switch (rules_decide(rules, in, asks_store && conversations_lately(gate->conversations, in->conversation))) {
    case RULES_ANSWER:
        return true;
    case RULES_CHANNEL:
        return turn_away(gate, in, "channel");
    case RULES_NOT_FOR_US:
        return turn_away(gate, in, "not for us");
    }
    return false;
}

bool gate_is_cool(struct gate *gate, const struct incoming *in)
{
    char key[300];
    int per_minute = rules_of(gate, in->platform)->per_minute;
    if (in->kind != INCOMING_QUESTION || !per_minute)
        return true;
    int n = snprintf(key, sizeof key, "%s:%.*s", in->platform, STR_FMT(in->user));
    struct str view = {key, (size_t)n < sizeof key ? (size_t)n : sizeof key - 1};
    if (cooldown_ok(gate->cooldown, view, per_minute, loop_now_ms(gate->loop)))
        return true;
    log_info("gate.cooldown", log_text("platform", in->platform), log_str("user", in->user));
    return turn_away(gate, in, "cooldown");
}

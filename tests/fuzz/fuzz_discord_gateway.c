/*
 * Any bytes as frames from Discord's Gateway, one a line: whatever comes, a link stays within its limits. Lines that
 * begin with "close " close it with that code. What events say goes through the reader of messages and interactions,
 * too.
 */
#include "channel/discord_event.h"
#include "channel/discord_gateway.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct link {
    struct discord_starts starts;
    struct discord_gateway *g;
    struct arena arena;
    int64_t now_ms;
    int64_t sent_ms[GATEWAY_SENDS_MAX];
    size_t sent;
    bool stopped;
};

static void note_send(struct link *l, struct str text)
{
    int64_t before_ms = l->sent_ms[l->sent % GATEWAY_SENDS_MAX];
    if (text.n > GATEWAY_SEND_BYTES_MAX || l->stopped)
        abort();
    if (l->sent >= GATEWAY_SENDS_MAX && l->now_ms - before_ms < 60 * 1000)
        abort();
    l->sent_ms[l->sent++ % GATEWAY_SENDS_MAX] = l->now_ms;
}

static void act(struct link *l)
{
    struct gateway_action a;
    while (discord_gateway_next(l->g, &a)) {
        if (a.what == GATEWAY_CONNECT) {
            l->sent = 0;
            discord_gateway_opened(l->g, l->now_ms);
        } else if (a.what == GATEWAY_SEND) {
            note_send(l, a.text);
        } else if (a.what == GATEWAY_CLOSE) {
            discord_gateway_closed(l->g, a.code, l->now_ms, (uint32_t)l->now_ms * 2654435761u);
        } else if (a.what == GATEWAY_STOP) {
            l->stopped = true;
        }
    }
}

static void read_event(struct link *l, const struct gateway_event *e)
{
    static const struct discord_self self = {{"2", 1}, {"3", 1}};
    struct discord_event event = discord_read_message(e->d, &self, &l->arena);
    struct discord_target target;
    if (event.act == DISCORD_TAKE && !discord_target_read(event.in.target, &l->arena, &target))
        abort();
    discord_read_interaction(e->d, false, &l->arena);
    arena_reset(&l->arena);
}

static void feed(struct link *l, struct str line)
{
    struct gateway_event e;
    if (str_starts(line, STR("close "))) {
        discord_gateway_closed(l->g, line.n > 6 ? 1000 + line.p[6] * 16 : 1006, l->now_ms, 7);
    } else if (discord_gateway_message(l->g, line, l->now_ms, (uint32_t)line.n << 24, &e)) {
        read_event(l, &e);
        discord_gateway_kept(l->g, e.seq);
        cJSON_Delete(e.tree);
    }
    act(l);
    int64_t due = discord_gateway_due(l->g);
    l->now_ms += 500;
    if (due != INT64_MAX && due > l->now_ms && line.n % 3 == 0)
        l->now_ms = due;
    discord_gateway_tick(l->g, l->now_ms);
    act(l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char answer[] = "{\"url\":\"wss://g.example\",\"shards\":1,\"session_start_limit\":{\"total\":1000,"
                                 "\"remaining\":60,\"reset_after\":1000000,\"max_concurrency\":1}}";
    struct link l = {.now_ms = 1000};
    struct str rest = {(const char *)data, size}, line;
    cJSON *tree = json_parse(str_of(answer), NULL);
    discord_starts_learn(&l.starts, tree, l.now_ms);
    cJSON_Delete(tree);
    l.g = discord_gateway_new(&(struct discord_gateway_options){.token = STR("t"), .count = 1, .starts = &l.starts});
    discord_gateway_start(l.g, l.now_ms);
    discord_gateway_tick(l.g, l.now_ms);
    act(&l);
    while (str_cut(&rest, '\n', &line))
        feed(&l, line);
    if (l.starts.remaining < STARTS_RESERVE)
        abort();
    discord_gateway_free(l.g);
    arena_release(&l.arena);
    return 0;
}

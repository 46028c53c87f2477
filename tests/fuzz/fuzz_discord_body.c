/*
 * Any bytes as the body of an interaction, as a message, as the answer of a call: nothing is read past its end, and
 * what is taken has ids that are safe in an address.
 */
#include "channel/discord_api.h"
#include "channel/discord_commands.h"
#include "channel/discord_event.h"
#include "channel/discord_starts.h"
#include "channel/discord_text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct discord_self self = {{"2", 1}, {"3", 1}};

static void check_interaction(const cJSON *tree, struct arena *a)
{
    struct discord_event e = discord_read_interaction(tree, true, a);
    struct discord_target target;
    if (e.act != DISCORD_TAKE && e.act != DISCORD_COMPLETE && e.act != DISCORD_TOPICS)
        return;
    if (!discord_is_id(e.target.interaction) || !discord_is_id(e.target.application) ||
        !discord_is_token(e.target.token))
        abort();
    if (!discord_target_read(discord_target_write(&e.target, a), a, &target) || !str_eq(target.token, e.target.token) ||
        target.quiet != e.target.quiet)
        abort();
    if (e.in.key.n > 200 || e.in.conversation.n > 200)
        abort();
}

static void check_message(const cJSON *tree, struct arena *a)
{
    struct discord_event e = discord_read_message(tree, &self, a);
    if (e.act == DISCORD_TAKE && (!discord_is_id(e.target.channel) || !discord_is_id(e.target.message) || !e.in.text.n))
        abort();
}

static void check_answer(struct str body, const cJSON *tree, struct arena *a)
{
    struct discord_answer answer = {.status = 400, .body = body, .retry_after_ms = -1};
    struct discord_limits *l = discord_limits_new();
    struct discord_starts starts = {0};
    struct buf out;
    for (answer.status = 400; answer.status <= 429; answer.status += 29) {
        struct discord_wait wait = discord_limits_answer(l, "POST", STR("channels/1/messages"), &answer, 1000);
        struct sent sent = discord_sent(&(struct discord_call){.body = body}, &answer, wait, a);
        if (sent.end == SEND_WAIT && (sent.wait_ms < 1 || sent.wait_ms > 24 * 60 * 60 * 1000))
            abort();
        if (sent.end == SEND_PLAIN && !sent.plain.n)
            abort();
    }
    if (discord_starts_learn(&starts, tree, 0) && (starts.groups < 1 || starts.shards < 1))
        abort();
    buf_init(&out, 1 << 20);
    discord_commands_differ(tree, false, &out);
    buf_release(&out);
    discord_limits_free(l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    struct arena a = {0};
    cJSON *tree = json_parse(text, NULL);
    if (discord_plain(text, &a).n > size)
        abort();
    check_interaction(tree, &a);
    check_message(tree, &a);
    check_answer(text, tree, &a);
    cJSON_Delete(tree);
    arena_release(&a);
    return 0;
}

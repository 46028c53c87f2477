#include "channel/discord_target.h"

#include "base/buf.h"
#include "base/json.h"

#include <string.h>

enum { ID_DIGITS_MAX = 20, TOKEN_MAX = 1000, TARGET_MAX = 4096 };

#define DISCORD_EPOCH_MS INT64_C(1420070400000) /* first second of 2015: documentation, "Reference", Snowflakes */

bool discord_is_id(struct str s)
{
    if (s.n < 1 || s.n > ID_DIGITS_MAX)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!ch_digit(s.p[i]))
            return false;
    return true;
}

bool discord_is_token(struct str s)
{
    if (s.n < 1 || s.n > TOKEN_MAX)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!ch_alnum(s.p[i]) && (!s.p[i] || !strchr("-._~+=", s.p[i])))
            return false;
    return true;
}

int64_t discord_id_ms(struct str id)
{
    if (!discord_is_id(id))
        return 0;
    uint64_t value = 0;
    for (size_t i = 0; i < id.n; i++)
        value = value * 10 + (uint64_t)(id.p[i] - '0');
    return (int64_t)(value >> 22) + DISCORD_EPOCH_MS;
}

static void put(struct buf *out, const char *key, struct str value)
{
    if (!value.n)
        return;
    buf_addf(out, "%s\"%s\":", out->n > 1 ? "," : "", key);
    json_quote(out, value);
}

static void put_flag(struct buf *out, const char *key, bool value)
{
    if (value)
        buf_addf(out, "%s\"%s\":true", out->n > 1 ? "," : "", key);
}

struct str discord_target_write(const struct discord_target *t, struct arena *a)
{
    struct buf out;
    buf_init(&out, TARGET_MAX);
    buf_addc(&out, '{');
    put(&out, "channel", t->channel);
    put(&out, "message", t->message);
    put_flag(&out, "unread", t->unread);
    put_flag(&out, "direct", t->direct);
    put(&out, "interaction", t->interaction);
    put(&out, "application", t->application);
    put(&out, "token", t->token);
    put_flag(&out, "quiet", t->quiet);
    put_flag(&out, "http", t->over_http);
    buf_addc(&out, '}');
    struct str json = arena_str(a, buf_str(&out));
    buf_release(&out);
    return json;
}

static bool is_whole(const struct discord_target *t)
{
    if (t->interaction.n)
        return discord_is_id(t->interaction) && discord_is_id(t->application) && discord_is_token(t->token);
    return discord_is_id(t->channel) && discord_is_id(t->message);
}

bool discord_target_read(struct str json, struct arena *a, struct discord_target *out)
{
    cJSON *tree = json.n <= TARGET_MAX ? json_parse(json, NULL) : NULL;
    *out = (struct discord_target){
        .channel = arena_str(a, json_str(tree, "channel")),
        .message = arena_str(a, json_str(tree, "message")),
        .unread = json_bool(tree, "unread", false),
        .direct = json_bool(tree, "direct", false),
        .interaction = arena_str(a, json_str(tree, "interaction")),
        .application = arena_str(a, json_str(tree, "application")),
        .token = arena_str(a, json_str(tree, "token")),
        .quiet = json_bool(tree, "quiet", false),
        .over_http = json_bool(tree, "http", false),
    };
    cJSON_Delete(tree);
    return is_whole(out);
}

#include "channel/slack_target.h"

#include "base/json.h"

enum { TARGET_MAX = 16 << 10 };

static void add_key(struct buf *out, const char *key)
{
    buf_adds(out, out->n > 1 ? ",\"" : "\"");
    buf_adds(out, key);
    buf_adds(out, "\":");
}

static void add_text(struct buf *out, const char *key, struct str value)
{
    if (!value.n)
        return;
    add_key(out, key);
    json_quote(out, value);
}

static void add_flag(struct buf *out, const char *key, bool value)
{
    if (!value)
        return;
    add_key(out, key);
    buf_adds(out, "true");
}

struct str slack_target_write(const struct slack_target *target, struct arena *a)
{
    struct buf out;
    buf_init(&out, TARGET_MAX);
    buf_addc(&out, '{');
    add_text(&out, "channel", target->channel);
    add_text(&out, "thread", target->thread);
    add_text(&out, "user", target->user);
    add_text(&out, "response_url", target->response_url);
    add_flag(&out, "quiet", target->quiet);
    add_flag(&out, "quoted", target->quoted);
    buf_addc(&out, '}');
    struct str json = arena_str(a, buf_str(&out));
    buf_release(&out);
    return json;
}

bool slack_target_read(struct str json, struct arena *a, struct slack_target *out)
{
    cJSON *j = json_parse(json, NULL);
    *out = (struct slack_target){
        .channel = arena_str(a, json_str(j, "channel")),
        .thread = arena_str(a, json_str(j, "thread")),
        .user = arena_str(a, json_str(j, "user")),
        .response_url = arena_str(a, json_str(j, "response_url")),
        .quiet = json_bool(j, "quiet", false),
        .quoted = json_bool(j, "quoted", false),
    };
    cJSON_Delete(j);
    return out->channel.n > 0;
}

/* --- response_url ------------------------------------------------------------------------------------------- */

struct origin {
    struct str scheme, host; /* host with its port */
};

/* False when it is no address of the form scheme://host/…, or has a user name or strange characters in it. */
static bool read_origin(struct str url, struct origin *out)
{
    struct str rest = url;
    if (!str_cut(&rest, ':', &out->scheme) || !str_starts(rest, STR("//")))
        return false;
    rest = str_sub(rest, 2, rest.n);
    bool has_path = str_cut(&rest, '/', &out->host) && rest.p;
    for (size_t i = 0; i < url.n; i++)
        if (url.p[i] <= ' ' || url.p[i] == 0x7f || url.p[i] == '\\' || url.p[i] == '@')
            return false;
    return has_path && out->host.n > 0;
}

static bool is_loopback(struct str host)
{
    return str_starts(host, STR("127.0.0.1:")) || str_starts(host, STR("localhost:")) ||
           str_starts(host, STR("[::1]:"));
}

bool slack_response_url_ok(struct str url, struct str api_url)
{
    struct origin to, api;
    struct str hooks = STR("hooks.");
    if (!read_origin(url, &to) || !read_origin(api_url, &api))
        return false;
    if (is_loopback(api.host))
        return str_eq(to.scheme, api.scheme) && str_eq(to.host, api.host);
    return str_is(to.scheme, "https") && str_starts(to.host, hooks) &&
           str_eq(str_sub(to.host, hooks.n, to.host.n), api.host);
}

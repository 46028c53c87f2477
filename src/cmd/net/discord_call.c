#include "cmd/net/discord_call.h"

#include "channel/discord_api.h"
#include "channel/discord_rest.h"

struct reading {
    const struct discord_caller *caller;
    struct discord_got *got;
};

static const char *words_of(const cJSON *tree, const struct http_reply *reply, struct arena *a)
{
    const cJSON *code = cJSON_GetObjectItemCaseSensitive(tree, "code");
    struct str message = json_str(tree, "message");
    if (reply->end != HTTP_DONE)
        return arena_str(a, str_of(reply->problem ? reply->problem : "no reply")).p;
    if (message.n)
        return arena_fmt(a, "%.*s (HTTP %d, code %.0f)", STR_FMT(message), reply->status,
                         cJSON_IsNumber(code) ? code->valuedouble : 0)
            .p;
    return arena_fmt(a, "HTTP %d", reply->status).p;
}

static void read_reply(void *arg, const struct http_reply *reply)
{
    struct reading *r = arg;
    struct discord_got *got = r->got;
    got->status = reply->end == HTTP_DONE ? reply->status : 0;
    got->tree = reply->end == HTTP_DONE ? json_parse(reply->body, NULL) : NULL;
    got->problem = words_of(got->tree, reply, r->caller->arena);
    got->advice =
        got->status ? discord_advice(&(struct discord_answer){.status = reply->status, .body = reply->body}) : NULL;
    got->date =
        reply->end == HTTP_DONE ? arena_str(r->caller->arena, http_header(reply, "Date")) : (struct str){NULL, 0};
}

struct discord_got discord_call(const struct discord_caller *c, const char *method, const char *route, struct str body,
                                bool free)
{
    struct discord_got got = {.status = 0};
    struct reading reading = {c, &got};
    struct str base = c->secrets->discord_api_url.n ? c->secrets->discord_api_url : STR(DISCORD_API_URL);
    struct http_request request = {
        .method = method,
        .url = arena_fmt(c->arena, "%.*s%s%s", STR_FMT(base), str_ends(base, STR("/")) ? "" : "/", route).p,
        .headers = {"User-Agent: " DISCORD_USER_AGENT,
                    body.n ? "Content-Type: application/json" : "Accept: application/json"},
        .body = body,
    };
    if (!free)
        request.headers[2] = arena_fmt(c->arena, "Authorization: Bot %.*s", STR_FMT(c->secrets->discord_token)).p;
    fetch_send(c->fetch, &request, read_reply, &reading);
    return got;
}

bool discord_is_good(const struct discord_got *got)
{
    return got->status == 200 && got->tree;
}

struct str discord_application(const struct discord_caller *c, struct discord_got *got)
{
    struct str id = c->secrets->discord_application_id;
    *got = (struct discord_got){.status = 0};
    if (id.n)
        return id;
    *got = discord_call(c, "GET", "applications/@me", STR(""), false);
    if (discord_is_good(got))
        id = arena_str(c->arena, json_str(got->tree, "id"));
    cJSON_Delete(got->tree);
    got->tree = NULL;
    return id;
}

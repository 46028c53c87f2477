#include "channel/discord_webhook.h"

#include "base/buf.h"
#include "base/json.h"
#include "channel/discord_api.h"
#include "channel/discord_target.h"
#include "channel/platform.h"
#include "render/discord.h"

#include <stdio.h>

enum { WAIT_MS = 60 * 1000 }; /* after a 429 that does not say how long */

/* --- what is posted ----------------------------------------------------------------------------------------- */

static struct str body_of(const struct discord_piece *piece, struct arena *a)
{
    struct buf body;
    buf_init(&body, POST_BODY_MAX);
    buf_adds(&body, "{\"content\":");
    json_quote(&body, piece->content);
    buf_adds(&body, ",\"flags\":4,\"allowed_mentions\":{\"parse\":[]}}"); /* 4: no previews of links */
    struct str json = arena_str(a, buf_str(&body));
    buf_release(&body);
    return json;
}

size_t discord_webhook_reply(const struct reply *r, struct str asked, struct arena *a,
                             struct str bodies[WEBHOOK_POSTS_MAX])
{
    struct discord_piece pieces[DISCORD_PIECES_MAX];
    size_t n = discord_render(r, &(struct discord_look){.quote = asked, .bare = true}, a, pieces);
    for (size_t i = 0; i < n && i < WEBHOOK_POSTS_MAX; i++)
        bodies[i] = body_of(&pieces[i], a);
    return n < WEBHOOK_POSTS_MAX ? n : WEBHOOK_POSTS_MAX;
}

size_t discord_webhook_text(struct str text, struct arena *a, struct str bodies[WEBHOOK_POSTS_MAX])
{
    struct reply r = {.outcome = OUTCOME_CHAT, .n_parts = 1};
    r.parts[0].text = text;
    return discord_webhook_reply(&r, STR(""), a, bodies);
}

/* --- what is answered --------------------------------------------------------------------------------------- */

static int64_t wait_of(const struct http_reply *reply)
{
    cJSON *tree = json_parse(reply->body, NULL);
    const cJSON *after = cJSON_GetObjectItemCaseSensitive(tree, "retry_after");
    bool told = cJSON_IsNumber(after) && after->valuedouble >= 0 && after->valuedouble < 86400;
    int64_t ms = told ? (int64_t)(after->valuedouble * 1000) + 1 : -1;
    cJSON_Delete(tree);
    ms = reply->retry_after_ms > ms ? reply->retry_after_ms : ms;
    return ms < 0 ? WAIT_MS : ms;
}

/* Discord's number and words; a page of HTML has none. */
static void put_word(struct webhook_said *said, const struct http_reply *reply)
{
    cJSON *tree = json_parse(reply->body, NULL);
    const cJSON *code = cJSON_GetObjectItemCaseSensitive(tree, "code");
    struct str message = json_str(tree, "message");
    if (cJSON_IsNumber(code) && message.n)
        snprintf(said->word, sizeof said->word, "%.0f %.*s", code->valuedouble, STR_FMT(message));
    else
        snprintf(said->word, sizeof said->word, "status %d", reply->status);
    cJSON_Delete(tree);
}

struct webhook_said discord_webhook_read(const struct http_reply *reply)
{
    struct webhook_said said = {.end = WEBHOOK_REFUSED};
    if (reply->end != HTTP_DONE) {
        said.end = reply->end == HTTP_NOT_SENT ? WEBHOOK_AGAIN : WEBHOOK_UNSURE;
        snprintf(said.word, sizeof said.word, "%s", reply->problem ? reply->problem : "");
        return said;
    }
    put_word(&said, reply);
    said.advice = discord_advice(&(struct discord_answer){.status = reply->status, .body = reply->body});
    if (reply->status == 200 || reply->status == 204) {
        said.end = WEBHOOK_SENT;
    } else if (reply->status == 429) {
        said.end = WEBHOOK_WAIT;
        said.wait_ms = wait_of(reply);
    } else if (reply->status >= 500) {
        said.end = WEBHOOK_UNSURE; /* a webhook knows no nonce: it may have been posted */
    }
    return said;
}

/* --- the address -------------------------------------------------------------------------------------------- */

static bool is_host(struct str host, struct str api_url)
{
    static const char *const hosts[] = {"discord.com", "ptb.discord.com", "canary.discord.com", "discordapp.com"};
    struct str rest = api_url, scheme, empty, api_host = {NULL, 0};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (str_is(host, hosts[i]))
            return true;
    bool split = str_cut(&rest, '/', &scheme) && str_cut(&rest, '/', &empty) && str_cut(&rest, '/', &api_host);
    return split && str_is(scheme, "http:") && str_eq(host, api_host);
}

/* v10 and the like */
static bool is_version(struct str s)
{
    return s.n > 1 && s.n < 4 && s.p[0] == 'v' && ch_digit(s.p[1]) && ch_digit(s.p[s.n - 1]);
}

struct str discord_webhook_url(struct str pasted, struct str api_url, struct arena *a, const char **fault)
{
    struct str rest, scheme, empty, host, part, id, token;
    pasted = str_trim(pasted);
    struct str query = pasted;
    str_cut(&query, '?', &rest);
    *fault = "it is no address of Discord's: it begins with https://discord.com/api/webhooks/";
    if (!str_cut(&rest, '/', &scheme) || !str_cut(&rest, '/', &empty) || !str_cut(&rest, '/', &host) || empty.n)
        return (struct str){NULL, 0};
    bool plain = str_is(scheme, "http:") && str_starts(api_url, STR("http:"));
    if ((!str_is(scheme, "https:") && !plain) || !is_host(host, api_url) || !str_cut(&rest, '/', &part) ||
        !str_is(part, "api"))
        return (struct str){NULL, 0};
    if (!str_cut(&rest, '/', &part) || (is_version(part) && !str_cut(&rest, '/', &part)) || !str_is(part, "webhooks"))
        return (struct str){NULL, 0};
    *fault = "it is not whole: copy it anew from the channel's settings, Integrations, Webhooks";
    if (!str_cut(&rest, '/', &id) || !str_cut(&rest, '/', &token) || !discord_is_id(id) || !discord_is_token(token) ||
        rest.n)
        return (struct str){NULL, 0};
    *fault = NULL;
    bool thread = str_starts(query, STR("thread_id=")) && discord_is_id(str_sub(query, 10, query.n));
    return arena_fmt(a, "%.*s//%.*s/api/v10/webhooks/%.*s/%.*s?wait=true%s%.*s", STR_FMT(scheme), STR_FMT(host),
                     STR_FMT(id), STR_FMT(token), thread ? "&" : "", (int)(thread ? query.n : 0),
                     thread ? query.p : "");
}

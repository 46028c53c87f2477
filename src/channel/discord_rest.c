#include "channel/discord_rest.h"

#include "base/arena.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { CALL_MS = 15 * 1000 };

struct discord_rest {
    struct discord_rest_options options;
    struct arena arena;
    const char *api_url;       /* with a slash at the end */
    const char *authorization; /* header line; NULL: no token */
    struct discord_limits *limits;
    struct call *first;
    size_t n;
};

struct call {
    struct discord_rest *rest;
    struct call *next, **at; /* in the list of calls under way */
    struct http_call *http;
    const char *method;
    struct str route; /* owned, right behind the call */
    void (*done)(void *arg, const struct discord_result *result);
    void *arg;
};

struct discord_rest *discord_rest_new(const struct discord_rest_options *options)
{
    struct discord_rest *rest = mem_alloc(sizeof *rest);
    const char *url = options->api_url ? options->api_url : DISCORD_API_URL;
    rest->options = *options;
    rest->api_url = arena_fmt(&rest->arena, "%s%s", url, str_ends(str_of(url), STR("/")) ? "" : "/").p;
    if (options->token)
        rest->authorization = arena_fmt(&rest->arena, "Authorization: Bot %s", options->token).p;
    rest->limits = discord_limits_new();
    return rest;
}

static void drop(struct call *call)
{
    *call->at = call->next;
    if (call->next)
        call->next->at = call->at;
    call->rest->n--;
    free(call);
}

void discord_rest_free(struct discord_rest *rest)
{
    if (!rest)
        return;
    for (struct call *call = rest->first, *next; call; call = next) {
        next = call->next;
        http_cancel(rest->options.http, call->http);
        drop(call);
    }
    discord_limits_free(rest->limits);
    arena_release(&rest->arena);
    free(rest);
}

size_t discord_rest_under_way(const struct discord_rest *rest)
{
    return rest->n;
}

struct discord_wait discord_rest_wait(struct discord_rest *rest, const char *method, struct str route)
{
    return discord_limits_wait(rest->limits, method, route, loop_now_ms(rest->options.loop));
}

bool discord_rest_forbidden(const struct discord_rest *rest, const char *method, struct str route)
{
    return discord_limits_forbidden(rest->limits, method, route, loop_now_ms(rest->options.loop));
}

static struct discord_answer read_answer(const struct http_reply *reply)
{
    return (struct discord_answer){
        .status = reply->status,
        .body = reply->body,
        .bucket = http_header(reply, "X-RateLimit-Bucket"),
        .remaining = http_header(reply, "X-RateLimit-Remaining"),
        .reset_after = http_header(reply, "X-RateLimit-Reset-After"),
        .scope = http_header(reply, "X-RateLimit-Scope"),
        .global = http_header(reply, "X-RateLimit-Global"),
        .retry_after_ms = reply->retry_after_ms,
    };
}

static void count_429(struct discord_rest *rest, const struct discord_answer *answer)
{
    const char *scope = str_is(answer->scope, "shared")   ? "shared"
                        : str_is(answer->scope, "global") ? "global"
                        : str_is(answer->scope, "user")   ? "user"
                                                          : "other";
    if (rest->options.metrics && answer->status == 429)
        metrics_add(rest->options.metrics, "docent_rate_limited_total", "discord", scope, 1);
}

static void answered(void *arg, const struct http_reply *reply)
{
    struct call *call = arg;
    struct discord_rest *rest = call->rest;
    struct discord_result result = {.end = reply->end, .problem = reply->problem};
    if (reply->end == HTTP_DONE) {
        result.answer = read_answer(reply);
        result.wait = discord_limits_answer(rest->limits, call->method, call->route, &result.answer,
                                            loop_now_ms(rest->options.loop));
        count_429(rest, &result.answer);
    }
    void (*done)(void *, const struct discord_result *) = call->done;
    void *their = call->arg;
    drop(call);
    done(their, &result);
}

/* One of the methods that are called, so that it need not be copied. */
static const char *method_name(const char *method)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (strcmp(methods[i], method) == 0)
            return methods[i];
    return "POST";
}

void discord_rest_call(struct discord_rest *rest, const char *method, struct str route, struct str body,
                       void (*done)(void *arg, const struct discord_result *result), void *arg)
{
    struct call *call = mem_alloc(sizeof *call + route.n);
    char *copy = (char *)(call + 1);
    struct arena scratch = {0};
    memcpy(copy, route.p, route.n);
    *call = (struct call){.rest = rest,
                          .next = rest->first,
                          .at = &rest->first,
                          .method = method_name(method),
                          .route = {copy, route.n},
                          .done = done,
                          .arg = arg};
    if (rest->first)
        rest->first->at = &call->next;
    rest->first = call;
    rest->n++;
    struct http_request request = {
        .method = call->method,
        .url = arena_fmt(&scratch, "%s%.*s", rest->api_url, STR_FMT(route)).p,
        .headers = {"User-Agent: " DISCORD_USER_AGENT,
                    body.n ? "Content-Type: application/json" : "Accept: application/json"},
        .body = body,
        .timeout_ms = CALL_MS,
    };
    if (rest->authorization && !discord_is_free_route(route))
        request.headers[2] = rest->authorization;
    discord_limits_sent(rest->limits, call->method, route, loop_now_ms(rest->options.loop));
    call->http = http_send(rest->options.http, &request, answered, call);
    arena_release(&scratch);
}

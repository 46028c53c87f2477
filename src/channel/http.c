#include "channel/http.h"

#include "base/json.h"
#include "channel/request.h"
#include "render/render.h"

enum { METRICS_MAX = 1 << 20, HEALTH_MAX = 64 << 10 };

static void reply_and_release(struct http_exchange *x, int status, const char *type, struct buf *body)
{
    http_reply_text(x, status, type, buf_str(body));
    buf_release(body);
}

void http_channel_ask(struct http_channel *c, struct http_exchange *x)
{
    struct request r;
    struct buf out;
    buf_init(&out, RENDER_MAX);
    const char *fault = request_parse(&r, http_body(x));
    if (fault)
        json_error(&out, fault);
    else
        json_reply(&out, desk_answer(c->desk, "http", r.conversation, r.text, &c->arena), r.conversation);
    reply_and_release(x, fault ? 400 : 200, "application/json", &out);
    request_release(&r);
    arena_reset(&c->arena);
}

static void add_text(struct buf *out, const char *key, struct str value)
{
    buf_addf(out, "\"%s\": ", key);
    json_quote(out, value);
}

static void add_link(struct buf *out, const struct link *link)
{
    buf_addc(out, '{');
    add_text(out, "platform", str_of(link->platform));
    buf_adds(out, ", ");
    add_text(out, "name", str_of(link->name));
    buf_adds(out, ", ");
    add_text(out, "state", str_of(link->state));
    buf_addf(out, ", \"up\": %s}", link->up ? "true" : "false");
}

void http_channel_health(struct http_channel *c, struct http_exchange *x)
{
    struct link links[LINKS_MAX];
    size_t n = c->links(c->arg, links, LINKS_MAX);
    struct desk_state state = desk_state(c->desk);
    bool well = state.store_ok;
    for (size_t i = 0; i < n; i++)
        well = well && links[i].up;
    struct buf out;
    buf_init(&out, HEALTH_MAX);
    buf_addc(&out, '{');
    add_text(&out, "status", str_of(well ? "ok" : "degraded"));
    buf_adds(&out, ", ");
    add_text(&out, "docent", STR(DOCENT_VERSION));
    buf_adds(&out, ", \"pack\": {");
    add_text(&out, "title", docent_title(desk_docent(c->desk)));
    buf_adds(&out, ", ");
    add_text(&out, "version", docent_version(desk_docent(c->desk)));
    buf_adds(&out, "}, \"links\": [");
    for (size_t i = 0; i < n; i++) {
        buf_adds(&out, i ? ", " : "");
        add_link(&out, &links[i]);
    }
    buf_addf(&out,
             "], \"outbox\": {\"unanswered\": %zu, \"undelivered\": %zu, \"oldest_ms\": %lld, \"writable\": %s}}\n",
             state.unanswered, state.undelivered, (long long)state.oldest_ms, state.store_ok ? "true" : "false");
    reply_and_release(x, well ? 200 : 503, "application/json", &out);
}

void http_channel_metrics(struct http_channel *c, struct http_exchange *x)
{
    struct buf out;
    buf_init(&out, METRICS_MAX);
    desk_gauges(c->desk);
    metrics_text(c->metrics, &out);
    reply_and_release(x, 200, "text/plain; version=0.0.4; charset=utf-8", &out);
}

/* What a test asks of a fake: the log of what came, waiting for it, and orders to misbehave. */
#include "fake.h"

#include "base/json.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { FAULTS_MAX = 32, WAITERS_MAX = 8, LOG_MAX_BYTES = 256 << 20 };

struct note {
    char *path, *kind, *body;
    char *line; /* as JSON */
};

struct waiter {
    int conn;
    char path[256], has[256], kind[32];
    size_t count;
    int64_t until_ms;
};

struct order {
    struct fake *fake;
    struct note *notes;
    size_t n_notes, cap_notes, bytes;
    bool silent; /* takes no notes: for long runs */
    struct fault faults[FAULTS_MAX];
    size_t n_faults;
    struct waiter waiters[WAITERS_MAX];
    size_t n_waiters;
};

struct order *order_new(struct fake *f)
{
    struct order *o = mem_alloc(sizeof *o);
    o->fake = f;
    return o;
}

static void forget(struct order *o)
{
    for (size_t i = 0; i < o->n_notes; i++) {
        free(o->notes[i].path);
        free(o->notes[i].kind);
        free(o->notes[i].body);
        free(o->notes[i].line);
    }
    for (size_t i = 0; i < o->n_faults; i++)
        free(o->faults[i].body);
    o->n_notes = o->n_faults = o->bytes = 0;
}

void order_free(struct order *o)
{
    forget(o);
    free(o->notes);
    free(o);
}

/* --- JSON --------------------------------------------------------------------------------------------------- */

struct str json_at(const cJSON *object, const char *path)
{
    char name[64];
    while (path && object) {
        const char *dot = strchr(path, '.');
        snprintf(name, sizeof name, "%.*s", dot ? (int)(dot - path) : (int)strlen(path), path);
        object = cJSON_GetObjectItemCaseSensitive(object, name);
        path = dot ? dot + 1 : NULL;
    }
    return cJSON_IsString(object) ? str_of(object->valuestring) : STR("");
}

int json_int_at(const cJSON *object, const char *key, int fallback)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNumber(value) ? (int)value->valuedouble : fallback;
}

/* --- the log ------------------------------------------------------------------------------------------------ */

static char *copy_of(struct str s)
{
    char *copy = mem_alloc(s.n + 1);
    if (s.n)
        memcpy(copy, s.p, s.n);
    return copy;
}

static void add_member(struct buf *line, const char *key, struct str value)
{
    if (!value.n)
        return;
    buf_addf(line, ",\"%s\":", key);
    json_quote(line, value);
}

void fake_note(struct fake *f, int conn, const char *kind, struct str method, struct str path, struct str head,
               struct str body)
{
    struct order *o = fake_order(f);
    if (o->silent || o->bytes > LOG_MAX_BYTES)
        return;
    struct buf line;
    buf_init(&line, 8 * FAKE_BODY_MAX);
    buf_addf(&line, "{\"at_ms\":%lld,\"conn\":%d,\"kind\":\"%s\"", (long long)fake_now_ms(), conn, kind);
    add_member(&line, "method", method);
    add_member(&line, "path", path);
    add_member(&line, "head", head);
    add_member(&line, "body", body);
    buf_adds(&line, "}\n");
    if (o->n_notes == o->cap_notes) {
        o->cap_notes = o->cap_notes ? 2 * o->cap_notes : 64;
        o->notes = mem_resize(o->notes, o->cap_notes, sizeof *o->notes);
    }
    o->notes[o->n_notes++] =
        (struct note){copy_of(path), copy_of(str_of(kind)), copy_of(body), copy_of(buf_str(&line))};
    o->bytes += 2 * line.n;
    buf_release(&line);
    fake_soon(f);
}

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static void unquote(struct str s, char *out, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n && n + 1 < size; i++) {
        bool escaped = s.p[i] == '%' && i + 2 < s.n && hex(s.p[i + 1]) >= 0 && hex(s.p[i + 2]) >= 0;
        out[n] = s.p[i] == '+' ? ' ' : s.p[i];
        if (escaped)
            out[n] = (char)(hex(s.p[i + 1]) << 4 | hex(s.p[i + 2]));
        n++;
        i += escaped ? 2 : 0;
    }
    out[n] = '\0';
}

static struct waiter what_is_asked(const struct fake_request *r)
{
    struct waiter w = {.conn = r->conn->id};
    char number[16];
    unquote(fake_query(r, "path"), w.path, sizeof w.path);
    unquote(fake_query(r, "has"), w.has, sizeof w.has);
    unquote(fake_query(r, "kind"), w.kind, sizeof w.kind);
    unquote(fake_query(r, "count"), number, sizeof number);
    w.count = *number ? strtoul(number, NULL, 10) : 1;
    unquote(fake_query(r, "ms"), number, sizeof number);
    w.until_ms = fake_now_ms() + (*number ? strtol(number, NULL, 10) : 5000);
    return w;
}

static bool fits(const struct note *n, const struct waiter *w)
{
    return strncmp(n->path, w->path, strlen(w->path)) == 0 && (!*w->has || strstr(n->body, w->has)) &&
           (!*w->kind || strcmp(n->kind, w->kind) == 0);
}

static size_t count_notes(const struct order *o, const struct waiter *w)
{
    size_t n = 0;
    for (size_t i = 0; i < o->n_notes; i++)
        n += fits(&o->notes[i], w);
    return n;
}

static void send_log(struct order *o, struct fake_request *r)
{
    struct waiter w = what_is_asked(r);
    struct buf out;
    buf_init(&out, 4 * FAKE_BODY_MAX - FAKE_HEAD_MAX);
    for (size_t i = 0; i < o->n_notes; i++)
        if (fits(&o->notes[i], &w))
            buf_adds(&out, o->notes[i].line);
    fake_reply(r->conn, 200, NULL, buf_str(&out));
    buf_release(&out);
}

static void begin_wait(struct order *o, struct fake_request *r)
{
    if (o->n_waiters == WAITERS_MAX)
        fake_replyf(r->conn, 503, "too many wait\n");
    else
        o->waiters[o->n_waiters++] = what_is_asked(r);
    fake_soon(o->fake);
}

void order_tick(struct order *o)
{
    size_t kept = 0;
    for (size_t i = 0; i < o->n_waiters; i++) {
        struct waiter *w = &o->waiters[i];
        struct fake_conn *c = fake_find(o->fake, w->conn);
        size_t n = count_notes(o, w);
        bool over = fake_now_ms() >= w->until_ms;
        if (!c)
            continue;
        if (n >= w->count || over)
            fake_replyf(c, n >= w->count ? 200 : 504, "%zu\n", n);
        else
            o->waiters[kept++] = *w;
    }
    o->n_waiters = kept;
}

/* --- faults ------------------------------------------------------------------------------------------------- */

static const char *const fault_names[] = {
    [FAULT_NONE] = "none",   [FAULT_STATUS] = "status", [FAULT_SLOW] = "slow",   [FAULT_SILENCE] = "silence",
    [FAULT_RESET] = "reset", [FAULT_CUT] = "cut",       [FAULT_CLOSE] = "close", [FAULT_GARBAGE] = "garbage",
    [FAULT_HUGE] = "huge",   [FAULT_HEADER] = "header",
};

static bool read_fault(const cJSON *j, struct fault *f)
{
    struct str what = json_at(j, "do"), body = json_at(j, "body"), after = json_at(j, "retry_after");
    *f = (struct fault){.times = json_int_at(j, "times", 1),
                        .skip = json_int_at(j, "skip", 0),
                        .every = json_int_at(j, "every", 1),
                        .status = json_int_at(j, "status", 500),
                        .bytes = json_int_at(j, "bytes", 1 << 20),
                        .delay_ms = json_int_at(j, "delay_ms", 100)};
    for (size_t i = 1; i < sizeof fault_names / sizeof *fault_names; i++)
        if (str_is(what, fault_names[i]))
            f->kind = (enum fault_kind)i;
    snprintf(f->path, sizeof f->path, "%.*s", STR_FMT(json_at(j, "path")));
    snprintf(f->retry_after, sizeof f->retry_after, "%.*s", STR_FMT(after));
    int seconds = json_int_at(j, "retry_after", -1);
    if (seconds >= 0)
        snprintf(f->retry_after, sizeof f->retry_after, "%d", seconds);
    f->body = body.n ? copy_of(body) : NULL;
    return f->kind != FAULT_NONE && f->every > 0;
}

struct fault order_fault(struct order *o, struct str path)
{
    for (size_t i = 0; i < o->n_faults; i++) {
        struct fault *f = &o->faults[i];
        if (f->times == 0 || !str_starts(path, str_of(f->path)))
            continue;
        f->seen++;
        if (f->seen <= f->skip || (f->seen - f->skip) % f->every != 0)
            continue;
        f->times -= f->times > 0;
        struct fault now = *f;
        now.body = f->body ? copy_of(str_of(f->body)) : NULL;
        return now;
    }
    return (struct fault){.kind = FAULT_NONE};
}

static void add_fault(struct order *o, struct fake_request *r, const cJSON *j)
{
    if (o->n_faults == FAULTS_MAX || !read_fault(j, &o->faults[o->n_faults])) {
        fake_replyf(r->conn, 400, "no such fault\n");
        return;
    }
    o->n_faults++;
    fake_replyf(r->conn, 200, "ok\n");
}

/* --- WebSockets --------------------------------------------------------------------------------------------- */

/* Three fragments, a ping between them. */
static void send_fragments(struct fake_conn *c, struct str text)
{
    size_t third = text.n / 3;
    fake_ws_frame(c, false, 1, str_sub(text, 0, third));
    fake_ws_frame(c, true, 9, STR("between"));
    fake_ws_frame(c, false, 0, str_sub(text, third, 2 * third));
    fake_ws_frame(c, true, 0, str_sub(text, 2 * third, text.n));
}

/* The head of a frame of 1000 bytes and ten of them, then RST. */
static void send_half(struct fake_conn *c)
{
    struct str half = STR("\x81\x7e\x03\xe8{\"half\":\"");
    if (send(c->fd, half.p, half.n, MSG_NOSIGNAL) > 0)
        fake_reset(c);
}

static void send_big(struct fake_conn *c, int bytes)
{
    struct buf text;
    buf_init(&text, FAKE_BODY_MAX);
    buf_adds(&text, "{\"type\":\"filler\",\"text\":\"");
    buf_fill(&text, 'x', bytes > 0 ? (size_t)bytes : 0);
    buf_adds(&text, "\"}");
    fake_ws_text(c, buf_str(&text));
    buf_release(&text);
}

static bool do_to_socket(struct fake_conn *c, const cJSON *j)
{
    struct str what = json_at(j, "do"), text = json_at(j, "text");
    if (str_is(what, "text"))
        fake_ws_text(c, text);
    else if (str_is(what, "binary"))
        fake_ws_frame(c, true, 2, text);
    else if (str_is(what, "fragments"))
        send_fragments(c, text);
    else if (str_is(what, "ping"))
        fake_ws_frame(c, true, 9, text);
    else if (str_is(what, "half_frame"))
        send_half(c);
    else if (str_is(what, "reset"))
        fake_reset(c);
    else if (str_is(what, "hang_up"))
        fake_hang_up(c);
    else if (str_is(what, "mute"))
        c->mute = true;
    else if (str_is(what, "close"))
        fake_ws_close(c, json_int_at(j, "code", 1000), json_at(j, "reason").p);
    else if (str_is(what, "big"))
        send_big(c, json_int_at(j, "bytes", 1 << 20));
    else
        return false;
    fake_soon(c->fake);
    return true;
}

static void order_sockets(struct order *o, struct fake_request *r, const cJSON *j)
{
    int only = json_int_at(j, "conn", 0), done = 0;
    size_t n;
    struct fake_conn **conns = fake_conns(o->fake, &n);
    for (size_t i = 0; i < n; i++)
        if (conns[i]->kind == CONN_WEBSOCKET && !conns[i]->gone && (!only || conns[i]->id == only))
            done += do_to_socket(conns[i], j);
    fake_replyf(r->conn, done ? 200 : 404, "%d\n", done);
}

/* ------------------------------------------------------------------------------------------------------------ */

static void serve_order(struct order *o, struct fake_request *r, struct str what, const cJSON *j)
{
    struct waiter w = what_is_asked(r);
    if (str_is(what, "log"))
        send_log(o, r);
    else if (str_is(what, "count"))
        fake_replyf(r->conn, 200, "%zu\n", count_notes(o, &w));
    else if (str_is(what, "wait"))
        begin_wait(o, r);
    else if (str_is(what, "fault"))
        add_fault(o, r, j);
    else if (str_is(what, "ws"))
        order_sockets(o, r, j);
    else if (str_is(what, "silent"))
        o->silent = true, fake_replyf(r->conn, 200, "ok\n");
    else if (str_is(what, "forget"))
        forget(o), fake_replyf(r->conn, 200, "ok\n");
    else
        fake_replyf(r->conn, 404, "no such order\n");
}

bool order_serves(struct order *o, struct fake_request *r)
{
    struct str path = r->path, prefix = STR("/_fake/");
    if (!str_starts(path, prefix))
        return false;
    cJSON *j = cJSON_ParseWithLength(r->body.p, r->body.n);
    serve_order(o, r, str_sub(path, prefix.n, path.n), j);
    cJSON_Delete(j);
    return true;
}

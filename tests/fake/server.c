#include "fake.h"

#include "base/mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVERY_MAX = 8, CONNS_MAX = 4000, TURN_MS = 50 };

struct every {
    int64_t ms, next_ms;
    void (*fn)(void *arg);
    void *arg;
};

struct fake {
    const struct fake_play *play;
    int listener, port, next_id;
    struct fake_conn *conns[CONNS_MAX];
    size_t n;
    struct every every[EVERY_MAX];
    size_t n_every;
    bool soon;
    struct order *order;
};

const char *fake_too_fast_body = "{\"ok\":false,\"error\":\"ratelimited\"}";
static struct fake *the_fake;

static int64_t clock_ms(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t fake_now_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

int64_t fake_unix_ms(void)
{
    return clock_ms(CLOCK_REALTIME);
}

struct fake *fake_of(const struct fake_play *play)
{
    return the_fake && the_fake->play == play ? the_fake : NULL;
}

int fake_port(const struct fake *f)
{
    return f->port;
}

const struct fake_play *fake_play(const struct fake *f)
{
    return f->play;
}

struct order *fake_order(struct fake *f)
{
    return f->order;
}

void fake_soon(struct fake *f)
{
    f->soon = true;
}

/* --- connections -------------------------------------------------------------------------------------------- */

static struct fake_conn *add_conn(struct fake *f, int fd, enum conn_kind kind)
{
    if (f->n == CONNS_MAX) {
        close(fd);
        return NULL;
    }
    struct fake_conn *c = mem_alloc(sizeof *c);
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    *c = (struct fake_conn){.fake = f, .id = ++f->next_id, .fd = fd, .kind = kind};
    buf_init(&c->in, FAKE_BODY_MAX + FAKE_HEAD_MAX);
    buf_init(&c->out, 4 * FAKE_BODY_MAX);
    buf_init(&c->message, FAKE_BODY_MAX);
    f->conns[f->n++] = c;
    return c;
}

static void end_conn(struct fake_conn *c)
{
    if (c->gone)
        return;
    c->gone = true;
    close(c->fd);
    if (c->kind == CONN_WEBSOCKET) {
        fake_note(c->fake, c->id, "ws.closed", STR(""), STR(""), STR(""), STR(""));
        if (c->fake->play->gone)
            c->fake->play->gone(c->fake->play->self, c);
    }
    if (c->done) {
        void (*done)(void *, int, struct str) = c->done;
        c->done = NULL;
        done(c->arg, 0, STR(""));
    }
}

static void free_gone(struct fake *f)
{
    size_t kept = 0;
    for (size_t i = 0; i < f->n; i++) {
        struct fake_conn *c = f->conns[i];
        if (!c->gone) {
            f->conns[kept++] = c;
            continue;
        }
        buf_release(&c->in);
        buf_release(&c->out);
        buf_release(&c->message);
        free(c->fault.body);
        free(c);
    }
    f->n = kept;
}

void fake_reset(struct fake_conn *c)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    if (c->gone)
        return;
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    end_conn(c);
}

void fake_hang_up(struct fake_conn *c)
{
    c->ending = true;
}

struct fake_conn *fake_find(struct fake *f, int id)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->conns[i]->id == id && !f->conns[i]->gone)
            return f->conns[i];
    return NULL;
}

struct fake_conn **fake_conns(struct fake *f, size_t *n)
{
    *n = f->n;
    return f->conns;
}

/* --- HTTP: what comes --------------------------------------------------------------------------------------- */

static struct str find_header(struct str head, const char *name)
{
    struct str line;
    size_t n = strlen(name);
    while (str_cut(&head, '\n', &line))
        if (line.n > n && line.p[n] == ':' && strncasecmp(line.p, name, n) == 0)
            return str_trim(str_sub(line, n + 1, line.n));
    return STR("");
}

struct str fake_header(const struct fake_request *r, const char *name)
{
    return find_header(r->head, name);
}

struct str fake_query(const struct fake_request *r, const char *name)
{
    struct str rest = r->query, pair;
    size_t n = strlen(name);
    while (str_cut(&rest, '&', &pair))
        if (pair.n > n && pair.p[n] == '=' && memcmp(pair.p, name, n) == 0)
            return str_sub(pair, n + 1, pair.n);
    return STR("");
}

static size_t number_of(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n && ch_digit(s.p[i]) && n < FAKE_BODY_MAX * (size_t)4; i++)
        n = n * 10 + (size_t)(s.p[i] - '0');
    return n;
}

/* Is a whole message there: head, blank line, body? */
static bool whole_message(const struct buf *in, struct str *head, struct str *body, size_t *taken)
{
    const char *blank = in->n ? memmem(in->p, in->n, "\r\n\r\n", 4) : NULL;
    if (!blank)
        return false;
    *head = (struct str){in->p, (size_t)(blank - in->p) + 2};
    size_t length = number_of(find_header(*head, "Content-Length")), from = head->n + 2;
    if (in->n - from < length)
        return false;
    *body = (struct str){in->p + from, length};
    *taken = from + length;
    return true;
}

static void drop_front(struct buf *b, size_t n)
{
    memmove(b->p, b->p + n, b->n - n);
    buf_cut(b, b->n - n);
}

static void serve_request(struct fake_conn *c, struct str head, struct str body)
{
    struct fake *f = c->fake;
    struct fake_request r = {.conn = c, .body = body};
    struct str rest = head, line, target;
    str_cut(&rest, '\n', &line);
    r.head = rest;
    str_cut(&line, ' ', &r.method);
    str_cut(&line, ' ', &target);
    str_cut(&target, '?', &r.path);
    r.query = target;
    c->waiting = true;
    c->last = str_eq(fake_header(&r, "Connection"), STR("close"));
    if (order_serves(f->order, &r))
        return;
    fake_note(f, c->id, "request", r.method, r.path, r.head, r.body);
    c->fault = order_fault(f->order, r.path);
    if (c->fault.kind == FAULT_RESET)
        fake_reset(c);
    else if (c->fault.kind == FAULT_SILENCE)
        c->mute = true;
    else if (c->fault.kind == FAULT_STATUS)
        fake_reply(c, 200, NULL, STR(""));
    else
        f->play->request(f->play->self, &r);
}

static void read_requests(struct fake_conn *c)
{
    struct str head, body;
    size_t taken;
    while (!c->gone && !c->waiting && !c->ending && c->kind == CONN_HTTP &&
           whole_message(&c->in, &head, &body, &taken)) {
        struct buf copy;
        buf_init(&copy, FAKE_BODY_MAX + FAKE_HEAD_MAX);
        buf_add(&copy, (struct str){c->in.p, taken});
        drop_front(&c->in, taken);
        serve_request(c, (struct str){copy.p, head.n}, (struct str){copy.p + (body.p - head.p), body.n});
        buf_release(&copy);
    }
    if (c->kind == CONN_WEBSOCKET && !c->gone)
        fake_ws_read(c);
    else if (!c->gone && c->in.full)
        fake_reset(c);
}

/* --- HTTP: what is answered --------------------------------------------------------------------------------- */

static const char *status_text(int status)
{
    static const struct {
        int status;
        const char *text;
    } texts[] = {{200, "OK"},          {204, "No Content"},          {302, "Found"},
                 {400, "Bad Request"}, {401, "Unauthorized"},        {403, "Forbidden"},
                 {404, "Not Found"},   {429, "Too Many Requests"},   {500, "Internal Server Error"},
                 {502, "Bad Gateway"}, {503, "Service Unavailable"}, {504, "Gateway Timeout"}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].status == status)
            return texts[i].text;
    return "Status";
}

static void write_reply(struct fake_conn *c, int status, const char *headers, struct str body)
{
    bool typed = headers && strcasestr(headers, "content-type:");
    buf_addf(&c->out, "HTTP/1.1 %d %s\r\nContent-Length: %zu\r\n%s%s\r\n", status, status_text(status), body.n,
             headers ? headers : "", typed ? "" : "Content-Type: application/json; charset=utf-8\r\n");
    buf_add(&c->out, body);
    c->waiting = false;
    c->ending = c->ending || c->last;
}

static void write_faulty(struct fake_conn *c, const struct fault *fault)
{
    char headers[128] = "";
    const char *body = fault->body;
    if (fault->status >= 500)
        snprintf(headers, sizeof headers, "Content-Type: text/html\r\n");
    if (*fault->retry_after)
        snprintf(headers, sizeof headers, "Retry-After: %s\r\n", fault->retry_after);
    if (!body)
        body = fault->status >= 500   ? "<!DOCTYPE html><html><body><h1>Something went wrong</h1></body></html>"
               : fault->status == 429 ? fake_too_fast_body
                                      : "";
    write_reply(c, fault->status, headers, str_of(body));
}

static void write_huge(struct fake_conn *c, int bytes)
{
    struct buf body;
    buf_init(&body, FAKE_BODY_MAX);
    buf_adds(&body, "{\"ok\":true,\"filler\":\"");
    buf_fill(&body, 'x', bytes > 0 ? (size_t)bytes : 0);
    buf_adds(&body, "\"}");
    write_reply(c, 200, NULL, buf_str(&body));
    buf_release(&body);
}

void fake_reply(struct fake_conn *c, int status, const char *headers, struct str body)
{
    struct fault fault = c->fault;
    char changed[512];
    c->fault = (struct fault){.kind = FAULT_NONE};
    switch (fault.kind) {
    case FAULT_STATUS:
        write_faulty(c, &fault);
        break;
    case FAULT_CUT:
        write_reply(c, status, headers, body);
        if (send(c->fd, c->out.p, c->out.n - body.n / 2 - 1, MSG_NOSIGNAL) >= 0)
            fake_reset(c);
        break;
    case FAULT_CLOSE:
        c->waiting = false;
        c->ending = true;
        break;
    case FAULT_GARBAGE:
        write_reply(c, 200, NULL, STR("{\"ok\":tru"));
        break;
    case FAULT_HUGE:
        write_huge(c, fault.bytes);
        break;
    case FAULT_HEADER:
        snprintf(changed, sizeof changed, "%s\r\n", fault.body ? fault.body : "X: y");
        write_reply(c, status, changed, body);
        break;
    default:
        write_reply(c, status, headers, body);
        break;
    }
    if (fault.kind == FAULT_SLOW)
        c->reply_at_ms = fake_now_ms() + fault.delay_ms;
    free(fault.body);
    fake_soon(c->fake);
}

void fake_replyf(struct fake_conn *c, int status, const char *format, ...)
{
    char *text;
    va_list args;
    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        abort();
    va_end(args);
    fake_reply(c, status, NULL, str_of(text));
    free(text);
}

/* --- calls -------------------------------------------------------------------------------------------------- */

static struct fake_conn *idle_call(struct fake *f, int port)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->conns[i]->kind == CONN_CALL && f->conns[i]->idle && f->conns[i]->port == port && !f->conns[i]->gone)
            return f->conns[i];
    return NULL;
}

static struct fake_conn *new_call(struct fake *f, int port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0)
        return NULL;
    struct fake_conn *c = add_conn(f, fd, CONN_CALL);
    if (!c)
        return NULL;
    c->port = port;
    c->connecting = true;
    if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) {
        end_conn(c);
        return NULL;
    }
    return c;
}

void fake_call(struct fake *f, int port, struct str request, int64_t timeout_ms,
               void (*done)(void *arg, int status, struct str body), void *arg)
{
    struct fake_conn *c = idle_call(f, port);
    c = c ? c : new_call(f, port);
    if (!c) {
        done(arg, 0, STR(""));
        return;
    }
    c->idle = false;
    c->deadline_ms = fake_now_ms() + timeout_ms;
    c->done = done;
    c->arg = arg;
    buf_add(&c->out, request);
    fake_soon(f);
}

static void read_answer(struct fake_conn *c)
{
    struct str head, body;
    size_t taken;
    if (c->idle || !whole_message(&c->in, &head, &body, &taken))
        return;
    struct str rest = head, word;
    str_cut(&rest, ' ', &word);
    int status = (int)number_of(rest);
    bool keep = !str_eq(find_header(head, "Connection"), STR("close"));
    void (*done)(void *, int, struct str) = c->done;
    c->done = NULL;
    c->ending = !keep;
    done(c->arg, status, body); /* still not idle: what it calls takes another connection */
    drop_front(&c->in, taken);
    c->idle = keep;
}

void fake_every(struct fake *f, int64_t ms, void (*fn)(void *arg), void *arg)
{
    if (f->n_every < EVERY_MAX)
        f->every[f->n_every++] = (struct every){ms, fake_now_ms() + ms, fn, arg};
}

/* --- the loop ----------------------------------------------------------------------------------------------- */

static void write_some(struct fake_conn *c)
{
    while (c->sent < c->out.n) {
        ssize_t n = send(c->fd, c->out.p + c->sent, c->out.n - c->sent, MSG_NOSIGNAL);
        if (n < 0) {
            if (errno != EAGAIN)
                end_conn(c);
            return;
        }
        c->sent += (size_t)n;
    }
    buf_clear(&c->out);
    c->sent = 0;
    if (c->ending)
        end_conn(c);
}

static void read_some(struct fake_conn *c)
{
    char bytes[64 << 10];
    for (int i = 0; i < 16 && !c->gone; i++) {
        ssize_t n = recv(c->fd, bytes, sizeof bytes, 0);
        if (n <= 0) {
            if (n == 0 || errno != EAGAIN)
                end_conn(c);
            return;
        }
        buf_add(&c->in, (struct str){bytes, (size_t)n});
        if ((size_t)n < sizeof bytes)
            return;
    }
}

static void take_turn(struct fake_conn *c, short ready)
{
    if (c->gone || c->mute)
        return;
    if (c->connecting && ready) {
        int fault = 0;
        socklen_t size = sizeof fault;
        getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &fault, &size);
        c->connecting = false;
        if (fault) {
            end_conn(c);
            return;
        }
    }
    if (ready & (POLLIN | POLLHUP | POLLERR))
        read_some(c);
    if (c->gone)
        return;
    if (c->kind == CONN_CALL)
        read_answer(c);
    else
        read_requests(c);
    bool held = c->reply_at_ms > fake_now_ms();
    if (!c->gone && !c->connecting && !held && !c->mute && (c->out.n || c->ending)) {
        c->reply_at_ms = 0;
        write_some(c);
    }
    if (!c->gone && c->done && c->deadline_ms && fake_now_ms() > c->deadline_ms)
        fake_reset(c);
}

static void accept_some(struct fake *f)
{
    for (int i = 0; i < 64; i++) {
        int fd = accept(f->listener, NULL, NULL);
        if (fd < 0)
            return;
        add_conn(f, fd, CONN_HTTP);
    }
}

static int wait_ms(struct fake *f)
{
    int64_t now = fake_now_ms(), until = now + TURN_MS;
    if (f->soon)
        return 0;
    for (size_t i = 0; i < f->n_every; i++)
        until = f->every[i].next_ms < until ? f->every[i].next_ms : until;
    for (size_t i = 0; i < f->n; i++) {
        int64_t at = f->conns[i]->reply_at_ms ? f->conns[i]->reply_at_ms
                     : f->conns[i]->done      ? f->conns[i]->deadline_ms
                                              : 0;
        until = at && at < until ? at : until;
    }
    return until <= now ? 0 : (int)(until - now) + 1;
}

static void run_every(struct fake *f)
{
    for (size_t i = 0; i < f->n_every; i++)
        if (f->every[i].next_ms <= fake_now_ms()) {
            f->every[i].next_ms = fake_now_ms() + f->every[i].ms;
            f->every[i].fn(f->every[i].arg);
        }
}

/* false: stdin is closed */
static bool turn(struct fake *f)
{
    static struct pollfd fds[CONNS_MAX + 2];
    size_t n = f->n;
    char rest[256];
    fds[0] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = f->listener, .events = POLLIN};
    for (size_t i = 0; i < n; i++) {
        struct fake_conn *c = f->conns[i];
        bool writes = c->connecting || (c->out.n && !c->reply_at_ms);
        fds[i + 2] = (struct pollfd){.fd = c->mute ? -1 : c->fd, .events = (short)(POLLIN | (writes ? POLLOUT : 0))};
    }
    int ms = wait_ms(f);
    f->soon = false;
    if (poll(fds, n + 2, ms) < 0 && errno != EINTR)
        return false;
    if (fds[0].revents && read(STDIN_FILENO, rest, sizeof rest) <= 0)
        return false;
    if (fds[1].revents)
        accept_some(f);
    for (size_t i = 0; i < n; i++)
        take_turn(f->conns[i], fds[i + 2].revents);
    run_every(f);
    order_tick(f->order);
    free_gone(f);
    return true;
}

static bool listen_on_loopback(struct fake *f)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t size = sizeof at;
    int on = 1;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    f->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(f->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(f->listener, (struct sockaddr *)&at, sizeof at) < 0 || listen(f->listener, 1000) < 0 ||
        getsockname(f->listener, (struct sockaddr *)&at, &size) < 0) {
        perror("fake: cannot listen");
        return false;
    }
    f->port = ntohs(at.sin_port);
    return true;
}

int fake_main(const struct fake_play *play)
{
    static struct fake f;
    signal(SIGPIPE, SIG_IGN);
    f.play = play;
    the_fake = &f;
    f.order = order_new(&f);
    if (!listen_on_loopback(&f))
        return 1;
    printf("%d\n", f.port);
    fflush(stdout);
    while (turn(&f))
        continue;
    for (size_t i = 0; i < f.n; i++)
        end_conn(f.conns[i]);
    free_gone(&f);
    close(f.listener);
    order_free(f.order);
    return 0;
}

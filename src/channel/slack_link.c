#include "channel/slack_link.h"

#include "base/mem.h"
#include "net/backoff.h"

#include <stdio.h>
#include <stdlib.h>

enum { CONNS_MAX = 3 * SLACK_CONNECTIONS_MAX, ORDER_TEXT_MAX = 64 << 10, SHORT_LIFE_MS = 1000 };

enum conn_state {
    CONN_NONE,
    CONN_WAITING, /* until due_ms, then asked for */
    CONN_ASKING,
    CONN_OPENING, /* until due_ms, then given up */
    CONN_LIVE,
    CONN_RETIRING, /* still read; closed at due_ms */
    CONN_CLOSING,
};

struct conn {
    enum conn_state state;
    uint32_t number;
    unsigned seat;
    int64_t due_ms; /* INT64_MAX: no time is set */
    int64_t live_since_ms;
};

/* One of the connections that are wanted: at any time one conn sits here, older ones may be on their way out. */
struct seat {
    unsigned attempts; /* that failed in a row */
    bool was_live;
};

struct queued {
    struct slack_order order;
    char *text;
};

struct slack_link {
    struct slack_link_options options;
    struct conn conns[CONNS_MAX];
    struct seat seats[SLACK_CONNECTIONS_MAX];
    uint32_t last_number;
    bool started, stopped, draining;
    uint64_t reconnects;
    const char *problem;
    struct queued *queue; /* from `head` on */
    size_t n, cap, head;
    struct queued given; /* by the last slack_link_next */
};

struct slack_link *slack_link_new(const struct slack_link_options *options)
{
    struct slack_link *link = mem_alloc(sizeof *link);
    link->options = *options;
    if (link->options.connections > SLACK_CONNECTIONS_MAX)
        link->options.connections = SLACK_CONNECTIONS_MAX;
    return link;
}

/* --- orders ------------------------------------------------------------------------------------------------- */

static void release_order(struct queued *q)
{
    free(q->text);
    cJSON_Delete(q->order.envelope);
    *q = (struct queued){.text = NULL};
}

void slack_link_free(struct slack_link *link)
{
    if (!link)
        return;
    for (size_t i = link->head; i < link->n; i++)
        release_order(&link->queue[i]);
    release_order(&link->given);
    free(link->queue);
    free(link);
}

static void add_order(struct slack_link *link, enum slack_order_kind kind, uint32_t connection, struct str text,
                      cJSON *envelope)
{
    if (link->n == link->cap) {
        link->cap = link->cap ? 2 * link->cap : 16;
        link->queue = mem_resize(link->queue, link->cap, sizeof *link->queue);
    }
    struct queued *q = &link->queue[link->n++];
    *q = (struct queued){.order = {.kind = kind, .connection = connection, .envelope = envelope}};
    if (text.n) {
        struct buf copy;
        buf_init(&copy, text.n + 1);
        buf_add(&copy, text);
        q->text = copy.p;
        q->order.text = buf_str(&copy);
    }
}

bool slack_link_next(struct slack_link *link, struct slack_order *order)
{
    release_order(&link->given);
    if (link->head == link->n) {
        link->head = link->n = 0;
        return false;
    }
    link->given = link->queue[link->head++];
    *order = link->given.order;
    return true;
}

/* --- connections -------------------------------------------------------------------------------------------- */

static struct conn *find_conn(struct slack_link *link, uint32_t number)
{
    for (size_t i = 0; i < CONNS_MAX; i++)
        if (link->conns[i].state != CONN_NONE && link->conns[i].number == number)
            return &link->conns[i];
    return NULL;
}

static bool sits(const struct conn *c)
{
    return c->state >= CONN_WAITING && c->state <= CONN_LIVE;
}

static void ask_for(struct slack_link *link, struct conn *c, int64_t now_ms)
{
    c->state = CONN_ASKING;
    c->due_ms = now_ms + SLACK_LINK_HELLO_MS;
    add_order(link, SLACK_LINK_ASK, c->number, STR(""), NULL);
}

/* Puts a new connection on a seat, to be asked for after wait_ms. */
static void take_seat(struct slack_link *link, unsigned seat, int64_t wait_ms, int64_t now_ms)
{
    struct conn *c = NULL;
    for (size_t i = 0; i < CONNS_MAX && !c; i++)
        if (link->conns[i].state == CONN_NONE)
            c = &link->conns[i];
    if (!c || link->stopped || link->draining)
        return;
    *c = (struct conn){.state = CONN_WAITING, .number = ++link->last_number, .seat = seat, .due_ms = now_ms + wait_ms};
    if (wait_ms == 0)
        ask_for(link, c, now_ms);
}

static int64_t jitter(struct slack_link *link, int64_t most_ms)
{
    return (int64_t)(link->options.random(link->options.arg) % (uint32_t)most_ms);
}

/* The connection on this seat is no more, or never was: another one, after a while that grows. */
static void sit_again(struct slack_link *link, unsigned seat, int64_t now_ms)
{
    uint32_t random = link->options.random(link->options.arg);
    int64_t wait_ms = backoff_ms(link->seats[seat].attempts++, SLACK_LINK_FIRST_MS, SLACK_LINK_MAX_MS, random);
    take_seat(link, seat, wait_ms, now_ms);
}

static void give_up(struct slack_link *link, struct conn *c, int64_t now_ms)
{
    add_order(link, SLACK_LINK_DROP, c->number, STR(""), NULL);
    c->state = CONN_NONE;
    sit_again(link, c->seat, now_ms);
}

static void close_conn(struct slack_link *link, struct conn *c)
{
    add_order(link, SLACK_LINK_CLOSE, c->number, STR(""), NULL);
    c->state = CONN_CLOSING;
    c->due_ms = INT64_MAX;
}

/* --- time --------------------------------------------------------------------------------------------------- */

void slack_link_tick(struct slack_link *link, int64_t now_ms)
{
    for (unsigned seat = 0; !link->started && seat < link->options.connections; seat++)
        take_seat(link, seat, 0, now_ms);
    link->started = true;
    for (size_t i = 0; i < CONNS_MAX; i++) {
        struct conn *c = &link->conns[i];
        if (c->state == CONN_NONE || c->due_ms > now_ms)
            continue;
        if (c->state == CONN_WAITING)
            ask_for(link, c, now_ms);
        else if (c->state == CONN_RETIRING)
            close_conn(link, c);
        else
            give_up(link, c, now_ms);
    }
}

int64_t slack_link_due(const struct slack_link *link)
{
    int64_t due_ms = link->started ? INT64_MAX : 0;
    for (size_t i = 0; i < CONNS_MAX; i++)
        if (link->conns[i].state != CONN_NONE && link->conns[i].due_ms < due_ms)
            due_ms = link->conns[i].due_ms;
    return due_ms;
}

/* --- what comes --------------------------------------------------------------------------------------------- */

static void stop(struct slack_link *link, struct str reason)
{
    link->stopped = true;
    link->problem = "Slack refuses the app token";
    for (size_t i = 0; i < CONNS_MAX; i++)
        if (link->conns[i].state == CONN_WAITING || link->conns[i].state == CONN_ASKING)
            link->conns[i].state = CONN_NONE;
    add_order(link, SLACK_LINK_STOPPED, 0, reason, NULL);
}

void slack_link_url(struct slack_link *link, uint32_t connection, const struct slack_said *said, struct str url,
                    int64_t now_ms)
{
    struct conn *c = find_conn(link, connection);
    if (!c || c->state != CONN_ASKING)
        return;
    if (said->class == SLACK_OK && url.n) {
        c->state = CONN_OPENING;
        link->reconnects += link->seats[c->seat].was_live;
        add_order(link, SLACK_LINK_OPEN, connection, url, NULL);
        return;
    }
    c->state = CONN_NONE;
    if (said->class == SLACK_DEAD || said->class == SLACK_PERMISSION)
        stop(link, str_of(said->error));
    else if (said->class == SLACK_WAIT)
        take_seat(link, c->seat, said->wait_ms + 1 + jitter(link, 1000), now_ms);
    else
        sit_again(link, c->seat, now_ms);
}

static void take_hello(struct slack_link *link, struct conn *c, int64_t now_ms)
{
    if (c->state != CONN_OPENING)
        return;
    c->state = CONN_LIVE;
    c->due_ms = INT64_MAX;
    c->live_since_ms = now_ms;
    link->seats[c->seat] = (struct seat){.was_live = true};
    link->problem = NULL;
    for (size_t i = 0; i < CONNS_MAX; i++) {
        struct conn *old = &link->conns[i];
        if (old->state == CONN_RETIRING && old->seat == c->seat && old->due_ms == INT64_MAX)
            old->due_ms = now_ms + SLACK_LINK_GRACE_MS;
    }
}

/* Slack will end it: another one takes its seat at once, unless Slack does so all the time. */
static void retire(struct slack_link *link, struct conn *c, int64_t now_ms)
{
    bool short_life = c->state != CONN_LIVE || now_ms - c->live_since_ms < SHORT_LIFE_MS;
    c->state = CONN_RETIRING;
    c->due_ms = INT64_MAX;
    take_seat(link, c->seat, short_life ? SLACK_LINK_FIRST_MS : 0, now_ms);
}

static void take_disconnect(struct slack_link *link, struct conn *c, struct str reason, int64_t now_ms)
{
    bool disabled = str_is(reason, "link_disabled"), too_many = str_is(reason, "too_many_websockets");
    if (c->state != CONN_OPENING && c->state != CONN_LIVE)
        return;
    if (!disabled && !too_many) {
        retire(link, c, now_ms);
        return;
    }
    link->problem = disabled ? "Socket Mode is switched off on the app's page"
                             : "too many connections: is another docent running with this app token?";
    close_conn(link, c);
    take_seat(link, c->seat, disabled ? SLACK_LINK_DISABLED_MS : SLACK_LINK_TOO_MANY_MS + jitter(link, 10 * 1000),
              now_ms);
}

static bool is_for_us(struct str type)
{
    return str_is(type, "events_api") || str_is(type, "slash_commands") || str_is(type, "interactive");
}

void slack_link_text(struct slack_link *link, uint32_t connection, struct str text, int64_t now_ms)
{
    struct conn *c = find_conn(link, connection);
    if (!c || c->state < CONN_OPENING)
        return;
    cJSON *message = json_parse(text, NULL);
    struct str type = json_str(message, "type"), id = json_str(message, "envelope_id");
    if (str_is(type, "hello")) {
        take_hello(link, c, now_ms);
    } else if (str_is(type, "disconnect")) {
        take_disconnect(link, c, json_str(message, "reason"), now_ms);
    } else if (id.n && is_for_us(type)) {
        add_order(link, SLACK_LINK_ENVELOPE, connection, STR(""), message);
        message = NULL;
    } else if (id.n) {
        slack_link_acknowledge(link, connection, id, STR(""));
    }
    cJSON_Delete(message);
}

void slack_link_closed(struct slack_link *link, uint32_t connection, int64_t now_ms)
{
    struct conn *c = find_conn(link, connection);
    if (!c)
        return;
    bool sat = sits(c);
    c->state = CONN_NONE;
    if (sat)
        sit_again(link, c->seat, now_ms);
}

void slack_link_acknowledge(struct slack_link *link, uint32_t connection, struct str envelope_id, struct str payload)
{
    const struct conn *c = find_conn(link, connection);
    if (!c || c->state < CONN_OPENING || c->state > CONN_RETIRING)
        return; /* Slack sends it again on another connection, and finds it done */
    struct buf text;
    buf_init(&text, ORDER_TEXT_MAX);
    buf_adds(&text, "{\"envelope_id\":");
    json_quote(&text, envelope_id);
    if (payload.n) {
        buf_adds(&text, ",\"payload\":");
        buf_add(&text, payload);
    }
    buf_addc(&text, '}');
    if (!text.full)
        add_order(link, SLACK_LINK_SEND, connection, buf_str(&text), NULL);
    buf_release(&text);
}

/* --- the end ------------------------------------------------------------------------------------------------ */

void slack_link_drain(struct slack_link *link)
{
    link->draining = link->started = true;
    for (size_t i = 0; i < CONNS_MAX; i++) {
        struct conn *c = &link->conns[i];
        if (c->state == CONN_LIVE || c->state == CONN_RETIRING) {
            close_conn(link, c);
        } else if (c->state != CONN_CLOSING) {
            if (c->state == CONN_OPENING)
                add_order(link, SLACK_LINK_DROP, c->number, STR(""), NULL);
            c->state = CONN_NONE;
        }
    }
}

bool slack_link_idle(const struct slack_link *link)
{
    for (size_t i = 0; i < CONNS_MAX; i++)
        if (link->conns[i].state != CONN_NONE)
            return false;
    return true;
}

unsigned slack_link_states(const struct slack_link *link, enum slack_link_state out[SLACK_CONNECTIONS_MAX])
{
    for (unsigned seat = 0; seat < link->options.connections; seat++)
        out[seat] = link->stopped || link->draining ? SLACK_LINK_OFF : SLACK_LINK_WAITING;
    for (size_t i = 0; i < CONNS_MAX; i++) {
        const struct conn *c = &link->conns[i];
        if (c->state == CONN_LIVE || c->state == CONN_RETIRING)
            out[c->seat] = SLACK_LINK_LIVE; /* one that retires is read as well */
        else if ((c->state == CONN_ASKING || c->state == CONN_OPENING) && out[c->seat] != SLACK_LINK_LIVE)
            out[c->seat] = SLACK_LINK_OPENING;
    }
    return link->options.connections;
}

uint64_t slack_link_reconnects(const struct slack_link *link)
{
    return link->reconnects;
}

const char *slack_link_problem(const struct slack_link *link)
{
    return link->problem;
}

/*
 * discord: what the files of the fake Discord share: REST (discord_rest.c), the Gateway (discord_links.c), what people
 * do (discord_acts.c) and a scripted day (discord_day.c). fake_discord.c is its program.
 *
 * It keeps an account: every question has a number, every answer is counted, and whatever a bot must not do (too many
 * sends, identifies too close together, a message too long, somebody notified, …) is noted as a violation. Orders:
 *
 *     POST /_discord/set          {"heartbeat_ms": 2000, "acks": false, "remaining": 60, …}    see settings in discord_acts.c
 *     POST /_discord/message      {"channel": "60", "user": "70", "content": "when?", "mention": true}
 *     POST /_discord/interaction  {"kind": "ask", "question": "when?", "via": "http"}          see discord_acts.c
 *     POST /_discord/event        {"t": "TYPING_START", "d": {}}
 *     POST /_discord/op           {"op": 9, "d": false, "times": 1}                            to every live link
 *     POST /_discord/too_fast     {"scope": "global", "times": 2, "retry_after": 0.5}          the next calls get 429
 *     POST /_discord/day          {"questions": 10000}
 *     GET  /_discord/state                                                                     the account, as JSON
 *     GET  /_fake/log?path=/answer/ID                                                          what was said to a question
 */
#ifndef FAKE_DISCORD_H
#define FAKE_DISCORD_H

#include "fake.h"

#define D_TOKEN "bot.token-for_tests"
#define D_BOT "1100000000000000002"
#define D_APPLICATION "1100000000000000001"
#define D_GUILD "1100000000000000050"

enum { D_SESSIONS_MAX = 256, D_QUESTIONS_MAX = 200000, D_SENDS_MAX = 120, D_VIOLATIONS_MAX = 40 };

/* --- the account -------------------------------------------------------------------------------------------- */

enum d_responded { D_NOT_YET, D_MESSAGE, D_THINKING };

struct d_question {
    char id[24];
    int64_t asked_ms; /* when it was first put on a wire that works; 0: not yet */
    bool interaction, over_http, uncounted;
    bool expired; /* answered too late */
    enum d_responded responded;
    unsigned nonces; /* bit k: the piece with that nonce is there */
    int answers, pieces;
};

struct d_account {
    struct d_question *questions;
    size_t n;
    size_t uncounted, answered, twice, expired, deduplicated;
    size_t deferred; /* over HTTP: "thinking…" */
    size_t identifies, resumes, resumed, reconnects, calls, too_fast, sends_peak, autocompletes;
    char violations[D_VIOLATIONS_MAX][160];
    size_t n_violations, all_violations;
};

struct d_bucket {
    uint64_t key;
    int64_t window_ms;
    int n;
};

struct d_settings {
    int heartbeat_ms, remaining, max_concurrency, shards, interaction_ms, bucket, bucket_ms;
    bool acks, message_content, bad_token, no_resume;
    int docent_port;
};

/* --- links -------------------------------------------------------------------------------------------------- */

struct d_event {
    int64_t seq;
    char *text;
};

struct d_session {
    char id[24];
    bool valid;
    int shard, count, conn; /* conn 0: no link */
    int64_t seq;
    struct d_event *events; /* what was not acknowledged by a heartbeat */
    size_t n, cap;
};

struct d_link {
    struct d_session *session;
    int64_t sent_ms[D_SENDS_MAX];
    size_t sends;
    bool silent; /* heartbeats are not acknowledged */
};

struct discord {
    struct fake_play play;
    struct d_settings settings;
    struct d_account account;
    struct d_session sessions[D_SESSIONS_MAX];
    size_t n_sessions;
    int64_t identified_ms[64]; /* by group */
    struct d_bucket buckets[512];
    struct {
        int times;
        char scope[16];
        double retry_after;
    } too_fast;
    int rest_faults;   /* the next calls: done, but the answer is lost */
    char *commands[2]; /* what was registered: for all servers, for one */
    int command_writes;
    struct day *day;
};

struct fake *discord_fake(struct discord *d);
void discord_violation(struct discord *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
void discord_state(struct discord *d, struct fake_conn *c);

/* A new question's place; its id is made of the time and its number. */
struct d_question *discord_new_question(struct discord *d, bool interaction);
struct d_question *discord_question(struct discord *d, struct str id); /* NULL: unknown */
void discord_answered(struct discord *d, struct d_question *q);
size_t discord_asked(const struct discord *d);                   /* those that count */
void discord_leave_out(struct discord *d, struct d_question *q); /* it does not count */
/* Puts what was said to a question into the log, under /answer/ID. */
void discord_note(struct discord *d, const struct d_question *q, struct str body);

void discord_rest(struct discord *d, struct fake_request *r, struct str path);

void discord_upgrade(struct discord *d, struct fake_request *r);
void discord_message(void *self, struct fake_conn *c, struct str text);
void discord_gone(void *self, struct fake_conn *c);
void discord_dispatch(struct discord *d, const char *type, bool direct, struct str body); /* to its shard's session */
bool discord_live(const struct discord *d); /* every shard has a link that is up */
void discord_invalidate(struct discord *d);
void discord_send_op(struct discord *d, int op, const char *body);
struct fake_conn *discord_live_conn(struct discord *d);

bool discord_order(struct discord *d, struct fake_request *r, struct str what);
/* An act of a person, as a dispatched event. text: the question. */
struct d_question *discord_ask_message(struct discord *d, const cJSON *j);
struct d_question *discord_interact(struct discord *d, const cJSON *j, int reply_to_conn);

void day_begin(struct discord *d, const cJSON *j);
void day_tick(void *arg);
bool day_over(const struct discord *d);
const char *day_what(const struct discord *d);

#endif

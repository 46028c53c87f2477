/*
 * fake_discord: plays Discord for tests: REST, Gateway, people, on 127.0.0.1. See discord.h for its orders.
 *
 *     port=$(build/cc/fake_discord | head -1)     DISCORD_API_URL=http://127.0.0.1:$port/api/v10/
 */
#include "discord.h"

#include "base/json.h"
#include "base/mem.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INDEX_BITS = 22, TICK_MS = 20 };

#define EPOCH_MS INT64_C(1420070400000)

static struct discord discord;

struct fake *discord_fake(struct discord *d)
{
    return fake_of(&d->play);
}

void discord_violation(struct discord *d, const char *format, ...)
{
    struct d_account *a = &d->account;
    va_list args;
    va_start(args, format);
    a->all_violations++;
    if (a->n_violations < D_VIOLATIONS_MAX)
        vsnprintf(a->violations[a->n_violations++], sizeof a->violations[0], format, args);
    va_end(args);
}

/* --- questions ---------------------------------------------------------------------------------------------- */

struct d_question *discord_new_question(struct discord *d, bool interaction)
{
    struct d_account *a = &d->account;
    if (a->n == D_QUESTIONS_MAX)
        abort();
    struct d_question *q = &a->questions[a->n];
    *q = (struct d_question){.interaction = interaction};
    unsigned long long id = (unsigned long long)(fake_unix_ms() - EPOCH_MS) << INDEX_BITS | a->n;
    snprintf(q->id, sizeof q->id, "%llu", id);
    a->n++;
    return q;
}

struct d_question *discord_question(struct discord *d, struct str id)
{
    char text[24] = "";
    snprintf(text, sizeof text, "%.*s", STR_FMT(id));
    size_t i = strtoull(text, NULL, 10) & ((1u << INDEX_BITS) - 1);
    bool known = i < d->account.n && strcmp(d->account.questions[i].id, text) == 0;
    return known ? &d->account.questions[i] : NULL;
}

void discord_answered(struct discord *d, struct d_question *q)
{
    q->answers++;
    if (q->uncounted)
        return;
    d->account.answered += q->answers == 1;
    if (q->answers > 1) {
        d->account.twice++;
        discord_violation(d, "question %s was answered %d times", q->id, q->answers);
    }
}

void discord_note(struct discord *d, const struct d_question *q, struct str body)
{
    char path[40];
    snprintf(path, sizeof path, "/answer/%s", q->id);
    fake_note(discord_fake(d), 0, "answer", STR(""), str_of(path), STR(""), body);
}

size_t discord_asked(const struct discord *d)
{
    return d->account.n - d->account.uncounted;
}

void discord_leave_out(struct discord *d, struct d_question *q)
{
    d->account.uncounted += !q->uncounted;
    q->uncounted = true;
}

void discord_state(struct discord *d, struct fake_conn *c)
{
    const struct d_account *a = &d->account;
    struct buf out;
    size_t asked = discord_asked(d);
    buf_init(&out, 1 << 20);
    buf_addf(
        &out,
        "{\"asked\":%zu,\"answered\":%zu,\"open\":%zu,\"twice\":%zu,\"expired\":%zu,\"deduplicated\":%zu,\"deferred\":%zu,",
        asked, a->answered, asked - a->answered, a->twice, a->expired, a->deduplicated, a->deferred);
    buf_addf(&out, "\"identifies\":%zu,\"resumes\":%zu,\"resumed\":%zu,\"links\":%zu,\"calls\":%zu,\"too_fast\":%zu,",
             a->identifies, a->resumes, a->resumed, a->reconnects, a->calls, a->too_fast);
    buf_addf(&out,
             "\"sends_peak\":%zu,\"remaining\":%d,\"live\":%s,\"day\":\"%s\",\"command_writes\":%d,\"violations\":[",
             a->sends_peak, d->settings.remaining, discord_live(d) ? "true" : "false", day_what(d), d->command_writes);
    for (size_t i = 0; i < a->n_violations; i++) {
        buf_adds(&out, i ? "," : "");
        json_quote(&out, str_of(a->violations[i]));
    }
    buf_adds(&out, "]}\n");
    fake_reply(c, 200, NULL, buf_str(&out));
    buf_release(&out);
}

/* ------------------------------------------------------------------------------------------------------------------- */

static void request(void *self, struct fake_request *r)
{
    struct discord *d = self;
    struct str order = STR("/_discord/"), api = STR("/api/v10/");
    if (str_starts(r->path, order)) {
        if (!discord_order(d, r, str_sub(r->path, order.n, r->path.n)))
            fake_replyf(r->conn, 404, "no such order\n");
    } else if (str_starts(r->path, api)) {
        discord_rest(d, r, str_sub(r->path, api.n, r->path.n));
    } else {
        discord_upgrade(d, r);
    }
}

int main(void)
{
    if (sodium_init() < 0)
        return 1;
    discord = (struct discord){
        .play =
            {.name = "discord", .request = request, .message = discord_message, .gone = discord_gone, .self = &discord},
        .settings = {.heartbeat_ms = 41250,
                     .remaining = 999,
                     .max_concurrency = 1,
                     .shards = 1,
                     .interaction_ms = 3000,
                     .bucket = 5,
                     .bucket_ms = 1000,
                     .acks = true},
    };
    discord.account.questions = mem_resize(NULL, D_QUESTIONS_MAX, sizeof *discord.account.questions);
    fake_too_fast_body = "{\"message\":\"You are being rate limited.\",\"retry_after\":1.0,\"global\":false}";
    return fake_main(&discord.play);
}

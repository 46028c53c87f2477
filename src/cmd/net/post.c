/* docent post: sends a text, or the answer to a question, to an incoming webhook. */
#include "base/file.h"
#include "channel/discord_rest.h"
#include "channel/discord_webhook.h"
#include "channel/slack_webhook.h"
#include "cmd/command.h"
#include "cmd/net/fetch.h"
#include "cmd/packs.h"
#include "cmd/secrets.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_MAX_BYTES = 64 << 10, TRIES_MAX = 3, AGAIN_MS = 2000, WAIT_MAX_MS = 60 * 1000 };

/* Where to post. One more place is one more row. */
static const struct place {
    const char *name, *variable;
    size_t url, api_url; /* members of struct secrets */
    size_t (*reply)(const struct reply *r, struct str asked, struct arena *a, struct str bodies[WEBHOOK_POSTS_MAX]);
    size_t (*text)(struct str text, struct arena *a, struct str bodies[WEBHOOK_POSTS_MAX]);
    struct str (*address)(struct str pasted, struct str api_url, struct arena *a, const char **fault);
    struct webhook_said (*read)(const struct http_reply *reply);
    const char *header; /* one that the place wants besides; NULL: none */
} places[] = {
    {"Slack", "SLACK_WEBHOOK_URL", offsetof(struct secrets, slack_webhook_url), offsetof(struct secrets, slack_api_url),
     slack_webhook_reply, slack_webhook_text, slack_webhook_url, slack_webhook_read, NULL},
    {"Discord", "DISCORD_WEBHOOK_URL", offsetof(struct secrets, discord_webhook_url),
     offsetof(struct secrets, discord_api_url), discord_webhook_reply, discord_webhook_text, discord_webhook_url,
     discord_webhook_read, "User-Agent: " DISCORD_USER_AGENT},
};

struct posting {
    struct call *call;
    const struct place *place;
    const char *question; /* NULL: a text is posted */
    struct arena arena;
    struct str url;
    struct str bodies[WEBHOOK_POSTS_MAX];
    size_t n;
    struct webhook_said said; /* about the last one */
};

static int complain(int status, const char *text)
{
    fprintf(stderr, "docent post: %s\n", text);
    return status;
}

/* --- what is posted ----------------------------------------------------------------------------------------- */

static int read_text(struct posting *p, struct str *text)
{
    struct buf all;
    char bytes[4096];
    size_t n;
    buf_init(&all, TEXT_MAX_BYTES);
    bool piped = p->call->n_words == 1 && strcmp(p->call->words[0], "-") == 0;
    while (piped && (n = fread(bytes, 1, sizeof bytes, stdin)) > 0)
        buf_add(&all, (struct str){bytes, n});
    for (size_t i = 0; !piped && i < p->call->n_words; i++) {
        buf_adds(&all, i ? " " : "");
        buf_adds(&all, p->call->words[i]);
    }
    bool full = all.full;
    *text = str_trim(arena_str(&p->arena, buf_str(&all)));
    buf_release(&all);
    if (piped && ferror(stdin))
        return complain(STATUS_IO, "cannot read standard input");
    if (full)
        return complain(STATUS_DATA, "the text is longer than 65536 bytes");
    return text->n ? STATUS_OK : complain(STATUS_DATA, "there is nothing to post");
}

static int compose_text(struct posting *p)
{
    struct str text;
    int status = read_text(p, &text);
    if (status == STATUS_OK)
        p->n = p->place->text(text, &p->arena, p->bodies);
    return status;
}

/* Only an answer is worth telling everybody. */
static int compose_answer(struct posting *p)
{
    struct packs packs;
    struct dialog dialog = {0};
    struct str asked = str_of(p->question);
    int status = packs_start(&packs, &p->call->settings);
    if (status)
        return status;
    const struct reply *r = docent_ask(packs.docent, &dialog, asked, &p->arena);
    if (r->outcome == OUTCOME_ANSWER)
        p->n = p->place->reply(r, asked, &p->arena, p->bodies);
    else
        status = complain(STATUS_NO, "the packs have no answer to that: nothing was posted");
    packs_close(&packs);
    return status;
}

/* --- posting ------------------------------------------------------------------------------------------------ */

static void read_reply(void *arg, const struct http_reply *reply)
{
    struct posting *p = arg;
    p->said = p->place->read(reply);
}

static void post_one(struct posting *p, struct fetch *f, struct str body)
{
    struct http_request request = {.method = "POST",
                                   .url = p->url.p,
                                   .body = body,
                                   .headers = {"Content-Type: application/json", p->place->header}};
    for (int tries = 1;; tries++) {
        fetch_send(f, &request, read_reply, p);
        bool again = p->said.end == WEBHOOK_AGAIN || (p->said.end == WEBHOOK_WAIT && p->said.wait_ms <= WAIT_MAX_MS);
        if (!again || tries == TRIES_MAX)
            return;
        fetch_pause(f, p->said.end == WEBHOOK_WAIT ? p->said.wait_ms : tries * (int64_t)AGAIN_MS);
    }
}

static int explain(const struct posting *p)
{
    static const struct {
        int status;
        const char *what;
    } ends[] = {
        [WEBHOOK_SENT] = {STATUS_OK, ""},
        [WEBHOOK_WAIT] = {STATUS_AGAIN, "too many posts in a short time"},
        [WEBHOOK_AGAIN] = {STATUS_AGAIN, "it could not be reached, or has trouble of its own"},
        [WEBHOOK_UNSURE] = {STATUS_AGAIN, "the connection broke: nobody knows whether it was posted"},
        [WEBHOOK_REFUSED] = {STATUS_UNAVAILABLE, "refused"},
    };
    const char *advice = p->said.advice;
    if (p->said.end != WEBHOOK_SENT)
        fprintf(stderr, "docent post: %s: %s (%s)%s%s\n", p->place->name, ends[p->said.end].what, p->said.word,
                advice ? ": " : "", advice ? advice : "");
    return ends[p->said.end].status;
}

static int post_all(struct posting *p)
{
    struct fetch f;
    fetch_start(&f, &p->call->settings);
    p->said.end = WEBHOOK_SENT;
    for (size_t i = 0; i < p->n && p->said.end == WEBHOOK_SENT; i++)
        post_one(p, &f, p->bodies[i]);
    fetch_end(&f);
    return explain(p);
}

/* --- the command -------------------------------------------------------------------------------------------- */

static struct str secret_at(const struct secrets *secrets, size_t member)
{
    return *(const struct str *)((const char *)secrets + member);
}

static int find_webhook(struct posting *p)
{
    struct secrets secrets = {0};
    struct err err = {0};
    const char *fault = NULL;
    if (!secrets_read(&secrets, &p->arena, &err))
        return complain(err.status, err.text);
    struct str pasted = secret_at(&secrets, p->place->url);
    if (pasted.n)
        p->url = p->place->address(pasted, secret_at(&secrets, p->place->api_url), &p->arena, &fault);
    if (p->url.n)
        return STATUS_OK;
    fprintf(stderr, "docent post: %s %s%s\n", p->place->variable,
            pasted.n ? "cannot be used: " : "is not set: it holds the address of the webhook", fault ? fault : "");
    return STATUS_CONFIG;
}

int cmd_post(struct call *call)
{
    bool wanted[sizeof places / sizeof *places] = {false};
    struct posting p = {.call = call};
    const struct opt rows[] = {
        OPT_FLAG('s', "slack", "to Slack, at SLACK_WEBHOOK_URL", &wanted[0]),
        OPT_FLAG('d', "discord", "to Discord, at DISCORD_WEBHOOK_URL", &wanted[1]),
        OPT_TEXT('a', "ask", "QUESTION", "post the answer to this question", &p.question),
    };
    int status;
    if (!command_begin(call, rows, sizeof rows / sizeof *rows, &status))
        return status;
    if (wanted[0] == wanted[1])
        return command_usage(call, "name one place: --slack or --discord");
    if ((call->n_words > 0) == (p.question != NULL))
        return command_usage(call, "give either a text (- reads standard input) or --ask QUESTION");
    p.place = &places[wanted[1]];
    status = find_webhook(&p);
    if (status == STATUS_OK)
        status = p.question ? compose_answer(&p) : compose_text(&p);
    if (status == STATUS_OK)
        status = post_all(&p);
    arena_release(&p.arena);
    return status;
}

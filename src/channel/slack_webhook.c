#include "channel/slack_webhook.h"

#include "base/buf.h"
#include "base/json.h"
#include "channel/platform.h"
#include "channel/slack_api.h"
#include "channel/slack_target.h"
#include "render/slack.h"

#include <stdio.h>

static struct str body_of(const struct slack_message *m, struct arena *a)
{
    struct buf body;
    buf_init(&body, POST_BODY_MAX);
    buf_adds(&body, "{\"text\":");
    json_quote(&body, m->text);
    buf_adds(&body, ",\"blocks\":");
    buf_add(&body, m->blocks);
    buf_adds(&body, ",\"unfurl_links\":false,\"unfurl_media\":false}");
    struct str json = arena_str(a, buf_str(&body));
    buf_release(&body);
    return json;
}

size_t slack_webhook_reply(const struct reply *r, struct str asked, struct arena *a,
                           struct str bodies[WEBHOOK_POSTS_MAX])
{
    struct slack_message messages[SLACK_MESSAGES_MAX];
    struct slack_frame frame = {.bare = true, .asked = asked, .anybody = true};
    size_t n = slack_reply(r, &frame, WEBHOOK_POSTS_MAX, a, messages);
    for (size_t i = 0; i < n; i++)
        bodies[i] = body_of(&messages[i], a);
    return n;
}

size_t slack_webhook_text(struct str text, struct arena *a, struct str bodies[WEBHOOK_POSTS_MAX])
{
    struct reply r = {.outcome = OUTCOME_CHAT, .n_parts = 1};
    r.parts[0].text = text;
    return slack_webhook_reply(&r, STR(""), a, bodies);
}

static const struct {
    const char *word;
    const char *advice;
} words[] = {
    {"invalid_payload", "Slack does not understand the post: this is a fault of docent's"},
    {"no_text", "the post has no text"},
    {"too_many_attachments", "this is a fault of docent's"},
    {"action_prohibited", "an administrator of the workspace has restricted posting there"},
    {"posting_to_general_channel_denied", "the workspace does not let apps post to its general channel"},
    {"invalid_token", "the address is no longer good: make a new webhook on the app's page and set SLACK_WEBHOOK_URL"},
    {"no_service", "the webhook was removed or switched off: make a new one and set SLACK_WEBHOOK_URL"},
    {"no_service_id", "the address is not complete, or the webhook was removed: set SLACK_WEBHOOK_URL to all of it"},
    {"no_active_hooks", "the webhook is switched off on the app's page (Incoming Webhooks)"},
    {"no_team", "the workspace is gone"},
    {"team_disabled", "the workspace is switched off"},
    {"channel_not_found", "the webhook's channel is gone: make a new webhook"},
    {"channel_is_archived", "the webhook's channel is archived: make a new webhook"},
    {"user_not_found", "the webhook's user is gone: make a new webhook"},
};

static const char *advice_for(struct str word)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_is(word, words[i].word))
            return words[i].advice;
    return NULL;
}

/* The body, if it is one of Slack's words; pages of HTML are none. */
static bool is_word(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!(s.p[i] >= 'a' && s.p[i] <= 'z') && s.p[i] != '_')
            return false;
    return s.n > 0 && s.n < 64;
}

struct webhook_said slack_webhook_read(const struct http_reply *reply)
{
    struct webhook_said said = {.end = WEBHOOK_REFUSED};
    struct str body = str_trim(reply->body);
    if (reply->end != HTTP_DONE) {
        said.end = reply->end == HTTP_NOT_SENT ? WEBHOOK_AGAIN : WEBHOOK_UNSURE;
        snprintf(said.word, sizeof said.word, "%s", reply->problem ? reply->problem : "");
        return said;
    }
    if (reply->status == 200 && str_is(body, "ok")) {
        said.end = WEBHOOK_SENT;
    } else if (reply->status == 429) {
        said.end = WEBHOOK_WAIT;
        said.wait_ms = reply->retry_after_ms >= 0 ? reply->retry_after_ms : SLACK_WAIT_MS;
    } else if (reply->status >= 500) {
        said.end = WEBHOOK_AGAIN;
    }
    said.advice = advice_for(body);
    if (is_word(body))
        snprintf(said.word, sizeof said.word, "%.*s", STR_FMT(body));
    else
        snprintf(said.word, sizeof said.word, "status %d", reply->status);
    return said;
}

struct str slack_webhook_url(struct str pasted, struct str api_url, struct arena *a, const char **fault)
{
    struct str url = arena_str(a, str_trim(pasted)), rest = url, piece;
    bool services = false;
    while (str_cut(&rest, '/', &piece))
        services = services || str_is(piece, "services") || str_is(piece, "triggers") || str_is(piece, "workflows");
    *fault = NULL;
    if (!slack_response_url_ok(url, api_url.n ? api_url : STR("https://slack.com/api/")))
        *fault = "it is no address of Slack's: those begin with https://hooks.slack.com/";
    else if (!services)
        *fault = "it is no webhook's address: those go on with /services/";
    return *fault ? STR("") : url;
}

#include "channel/slack_posts.h"

#include "base/json.h"
#include "channel/slack_target.h"
#include "render/slack.h"

enum { HOOK_POSTS_MAX = 3 }; /* of the five that a response_url takes: thanks and sharing want theirs */

bool slack_is_hook(struct str route)
{
    return str_starts(route, STR("https://")) || str_starts(route, STR("http://"));
}

/* --- one post ----------------------------------------------------------------------------------------------- */

static void add_member(struct buf *body, const char *key, struct str value)
{
    if (!value.n)
        return;
    buf_addf(body, "\"%s\":", key);
    json_quote(body, value);
    buf_addc(body, ',');
}

static void add_message(struct buf *body, struct str text, struct str blocks)
{
    add_member(body, "text", text);
    if (blocks.n) {
        buf_adds(body, "\"blocks\":");
        buf_add(body, blocks);
        buf_addc(body, ',');
    }
    buf_adds(body, "\"unfurl_links\":false,\"unfurl_media\":false}");
}

static struct str end_body(struct buf *body, struct arena *a)
{
    struct str json = arena_str(a, buf_str(body));
    buf_release(body);
    return json;
}

static struct str hook_body(const char *type, struct str text, struct str blocks, struct arena *a)
{
    struct buf body;
    buf_init(&body, POST_BODY_MAX);
    buf_addf(&body, "{\"response_type\":\"%s\",\"replace_original\":false,", type);
    add_message(&body, text, blocks);
    return end_body(&body, a);
}

struct str slack_ephemeral(struct str text, struct str blocks, struct arena *a)
{
    return hook_body("ephemeral", text, blocks, a);
}

static struct str channel_body(const struct slack_target *target, struct str text, struct str blocks, struct arena *a)
{
    struct buf body;
    buf_init(&body, POST_BODY_MAX);
    buf_addc(&body, '{');
    add_member(&body, "channel", target->channel);
    add_member(&body, "thread_ts", target->thread);
    if (target->quiet)
        add_member(&body, "user", target->user);
    add_message(&body, text, blocks);
    return end_body(&body, a);
}

/* Slack's limit of a message a second is one of channels; what one person sees through a response_url is none. */
static void add_post(struct posts *out, const struct slack_target *target, struct str text, struct str blocks,
                     struct arena *a)
{
    if (out->n == POSTS_MAX)
        return;
    struct post *post = &out->items[out->n++];
    post->method = STR("POST");
    if (target->quiet) {
        bool hook = target->response_url.n > 0;
        post->lane = arena_fmt(a, "%.*s/%.*s", STR_FMT(target->channel), STR_FMT(target->user));
        post->route = hook ? target->response_url : STR("chat.postEphemeral");
        post->body = hook ? slack_ephemeral(text, blocks, a) : channel_body(target, text, blocks, a);
    } else {
        post->lane = target->channel;
        post->route = STR("chat.postMessage");
        post->body = channel_body(target, text, blocks, a);
    }
}

/* --- answers ------------------------------------------------------------------------------------------------ */

static bool read_target(const struct question *question, struct arena *a, struct slack_target *target,
                        struct posts *out)
{
    *out = (struct posts){.n = 0};
    return slack_target_read(question->target, a, target);
}

/* What INCOMING_SHARE brings back: the answer as everybody may see it. */
static struct str to_share(const struct question *question, const struct reply *reply,
                           const struct slack_target *target, struct arena *a)
{
    struct slack_message messages[SLACK_MESSAGES_MAX];
    struct slack_frame frame = {.asked = question->text, .asker = target->user, .key = question->key};
    struct buf share;
    buf_init(&share, (size_t)SLACK_MESSAGES_MAX * POST_BODY_MAX);
    size_t n = slack_reply(reply, &frame, HOOK_POSTS_MAX, a, messages);
    for (size_t i = 0; i < n; i++) {
        buf_adds(&share, i ? ",{\"text\":" : "[{\"text\":");
        json_quote(&share, messages[i].text);
        buf_adds(&share, ",\"blocks\":");
        buf_add(&share, messages[i].blocks);
        buf_addc(&share, '}');
    }
    buf_addc(&share, ']');
    return end_body(&share, a);
}

void slack_compose(const struct question *question, const struct reply *reply, struct arena *a, struct posts *out)
{
    struct slack_target target;
    struct slack_message messages[SLACK_MESSAGES_MAX];
    if (!read_target(question, a, &target, out))
        return;
    struct slack_frame frame = {
        .key = question->key,
        .asked = target.quoted ? question->text : STR(""),
        .asker = target.quiet ? STR("") : target.user,
        .share = target.quiet && reply->outcome == OUTCOME_ANSWER,
    };
    size_t n = slack_reply(reply, &frame, target.quiet ? HOOK_POSTS_MAX : SLACK_MESSAGES_MAX, a, messages);
    for (size_t i = 0; i < n; i++)
        add_post(out, &target, messages[i].text, messages[i].blocks, a);
    if (frame.share)
        out->share = to_share(question, reply, &target, a);
}

void slack_thank(const struct question *question, bool helpful, struct arena *a, struct posts *out)
{
    struct slack_target target;
    if (!read_target(question, a, &target, out))
        return;
    struct slack_message thanks = slack_notice(
        helpful ? STR("Thank you! Good to know that this helped.")
                : STR("Thank you. Your vote tells those who write the answers where something is missing."),
        a);
    target.quiet = true;
    add_post(out, &target, thanks.text, thanks.blocks, a);
}

static void say_gone(struct slack_target *target, struct arena *a, struct posts *out)
{
    struct slack_message gone =
        slack_notice(STR("That answer is too old to be shared. Ask again, and share that one."), a);
    target->quiet = true;
    add_post(out, target, gone.text, gone.blocks, a);
}

/* Through the response_url of the click on Share, which may post to the channel even where the bot is no member. */
void slack_share(const struct question *question, struct str share, struct arena *a, struct posts *out)
{
    struct slack_target target;
    if (!read_target(question, a, &target, out))
        return;
    cJSON *messages = json_parse(share, NULL);
    const cJSON *message;
    cJSON_ArrayForEach(message, messages) {
        char *printed = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(message, "blocks"));
        struct str text = json_str(message, "text"), blocks = str_of(printed);
        target.quiet = false;
        add_post(out, &target, text, blocks, a);
        if (out->n && target.response_url.n) {
            struct post *post = &out->items[out->n - 1];
            post->route = target.response_url;
            post->body = hook_body("in_channel", text, blocks, a);
        }
        cJSON_free(printed);
    }
    if (!out->n)
        say_gone(&target, a, out);
    cJSON_Delete(messages);
}

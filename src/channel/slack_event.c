#include "channel/slack_event.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "channel/slack_text.h"
#include "render/slack_button.h"

#include <stdlib.h>
#include <strings.h>

enum { CHALLENGE_MAX = 1024, ID_MAX = 64, FIELDS_MAX = 64 };

static const cJSON *get(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static struct slack_event ignore(const char *why)
{
    return (struct slack_event){.act = SLACK_IGNORE, .why = why};
}

static struct slack_event strange(const char *why)
{
    return (struct slack_event){.act = SLACK_STRANGE, .why = why};
}

/* Ids and timestamps of Slack's: opaque, but never long, and they become parts of keys that are cut at colons. */
static bool is_id(struct str s)
{
    if (!s.n || s.n > ID_MAX)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!ch_alnum(s.p[i]) && s.p[i] != '.' && s.p[i] != '-' && s.p[i] != '_')
            return false;
    return true;
}

static void finish(struct slack_event *e, struct arena *a)
{
    e->act = SLACK_TAKE;
    e->in.platform = "slack";
    e->in.channel = e->target.channel;
    e->in.user = e->target.user;
    e->in.target = slack_target_write(&e->target, a);
}

/* --- messages ----------------------------------------------------------------------------------------------- */

/* Those that are new messages of people; every other subtype tells of something that happened to one, or of a bot. */
static bool subtype_is_a_message(const cJSON *event)
{
    static const char *const accepted[] = {"file_share", "thread_broadcast"};
    struct str subtype = json_str(event, "subtype");
    for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++)
        if (str_is(subtype, accepted[i]))
            return true;
    return !get(event, "subtype");
}

static bool by_a_person(const cJSON *event, const struct slack_self *self)
{
    struct str user = json_str(event, "user");
    bool bot = get(event, "bot_profile") || json_str(event, "bot_id").n;
    return !bot && is_id(user) && !str_eq(user, self->user) && !str_is(user, "USLACKBOT");
}

/* A thread is one conversation; so is a direct message outside of threads. */
static struct str conversation_of(struct str team, struct str channel, struct str thread, struct arena *a)
{
    return ARENA_JOIN(a, STR("slack:"), team, STR(":"), channel, thread.n ? STR(":") : STR(""), thread);
}

static struct slack_event read_message(const cJSON *event, bool app_mention, struct str team,
                                       const struct slack_self *self, struct arena *a)
{
    struct str channel = json_str(event, "channel"), ts = json_str(event, "ts"), thread = json_str(event, "thread_ts");
    struct str kind = json_str(event, "channel_type"), text = json_str(event, "text");
    if (!subtype_is_a_message(event))
        return ignore("subtype");
    if (!by_a_person(event, self))
        return ignore("not by a person");
    if (!is_id(channel) || !is_id(ts) || (thread.n && !is_id(thread)))
        return strange("a message without channel or ts");
    bool direct = str_is(kind, "im") || str_is(kind, "app_home");
    bool mentioned = app_mention || slack_names(text, self->user);
    struct slack_event e = {
        .target = {.channel = channel, .thread = thread.n || direct ? thread : ts, .user = json_str(event, "user")},
        .in = {.kind = INCOMING_QUESTION,
               .direct = direct,
               .mentioned = mentioned,
               .reply = thread.n && !str_eq(thread, ts),
               .text = slack_plain(text, self->user, a),
               .key = ARENA_JOIN(a, STR("slack:"), team, STR(":"), channel, STR(":"), ts)},
    };
    if (!e.in.text.n && !direct && !mentioned)
        return ignore("no words");
    if (!e.in.text.n)
        e.in.text = STR("help");
    e.in.conversation = conversation_of(team, channel, e.target.thread, a);
    finish(&e, a);
    return e;
}

static struct slack_event read_callback(const cJSON *body, const struct slack_self *self, struct arena *a)
{
    const cJSON *event = get(body, "event");
    struct str type = json_str(event, "type"), team = json_str(body, "team_id");
    if (!is_id(team))
        return strange("an event without team_id");
    if (str_is(type, "app_mention") || str_is(type, "message"))
        return read_message(event, str_is(type, "app_mention"), team, self, a);
    return ignore("kind of event");
}

struct slack_event slack_read_event(const cJSON *body, const struct slack_self *self, struct arena *a)
{
    struct str type = json_str(body, "type"), challenge = json_str(body, "challenge");
    if (str_is(type, "event_callback"))
        return read_callback(body, self, a);
    if (str_is(type, "app_rate_limited"))
        return ignore("app_rate_limited");
    if (!str_is(type, "url_verification"))
        return type.n ? ignore("kind of request") : strange("no type");
    if (!challenge.n || challenge.n > CHALLENGE_MAX)
        return strange("no challenge of 1 to 1024 bytes");
    return (struct slack_event){.act = SLACK_CHALLENGE, .challenge = challenge};
}

/* --- the slash command -------------------------------------------------------------------------------------- */

static bool asks_for_help(struct str text)
{
    return !text.n || (text.n == 4 && !strncasecmp(text.p, "help", 4)) || str_is(text, "?");
}

/* What only one person sees is a conversation with that person, in that channel. */
static struct str private_conversation(struct str team, const struct slack_target *target, struct arena *a)
{
    return ARENA_JOIN(a, STR("slack:"), team, STR(":"), target->channel, STR(":"), target->user);
}

struct slack_event slack_read_command(const cJSON *fields, const struct slack_self *self, struct arena *a)
{
    struct str team = json_str(fields, "team_id"), trigger = json_str(fields, "trigger_id");
    struct slack_event e = {
        .target = {.channel = json_str(fields, "channel_id"),
                   .user = json_str(fields, "user_id"),
                   .response_url = json_str(fields, "response_url"),
                   .quiet = true,
                   .quoted = true},
        .in = {.kind = INCOMING_QUESTION, .direct = true, .text = slack_plain(json_str(fields, "text"), self->user, a)},
    };
    if (!is_id(team) || !is_id(e.target.channel) || !is_id(e.target.user) || !is_id(trigger))
        return strange("a command without team, channel, user or trigger");
    if (!slack_response_url_ok(e.target.response_url, self->api_url))
        return strange("response_url is not Slack's");
    e.in.key = ARENA_JOIN(a, STR("slack:"), team, STR(":command:"), trigger);
    e.in.conversation = private_conversation(team, &e.target, a);
    finish(&e, a);
    if (asks_for_help(e.in.text))
        e.act = SLACK_HELP;
    return e;
}

/* --- clicks ------------------------------------------------------------------------------------------------- */

static bool read_button(const cJSON *action, struct slack_event *e, struct arena *a)
{
    struct slack_button button;
    if (!slack_button_read(json_str(action, "action_id"), json_str(action, "value"), a, &button))
        return false;
    static const enum incoming_kind kinds[] = {
        [SLACK_BUTTON_ASK] = INCOMING_QUESTION,
        [SLACK_BUTTON_HELPFUL] = INCOMING_HELPFUL,
        [SLACK_BUTTON_UNHELPFUL] = INCOMING_UNHELPFUL,
        [SLACK_BUTTON_SHARE] = INCOMING_SHARE,
    };
    e->in.kind = kinds[button.kind];
    e->in.text = button.text;
    e->in.of = button.of;
    e->in.intent = button.intent;
    return true;
}

/* Where the message with the button stands; `message` is missing in clicks on ephemeral ones, so `container` counts. */
static void read_container(const cJSON *payload, struct slack_event *e)
{
    const cJSON *container = get(payload, "container");
    struct str channel = json_str(container, "channel_id"), thread = json_str(container, "thread_ts");
    bool quiet = json_bool(container, "is_ephemeral", false), direct = channel.n && channel.p[0] == 'D';
    e->target.channel = channel.n ? channel : json_str(get(payload, "channel"), "id");
    e->target.thread = thread.n || quiet || direct ? thread : json_str(container, "message_ts");
    e->target.user = json_str(get(payload, "user"), "id");
    e->target.response_url = json_str(payload, "response_url");
    e->target.quiet = quiet || e->in.kind == INCOMING_HELPFUL || e->in.kind == INCOMING_UNHELPFUL;
    e->target.quoted = true;
}

struct slack_event slack_read_click(const cJSON *payload, const struct slack_self *self, struct arena *a)
{
    const cJSON *action = cJSON_GetArrayItem(get(payload, "actions"), 0), *container = get(payload, "container");
    struct str team = json_str(get(payload, "team"), "id"), ts = json_str(container, "message_ts");
    struct slack_event e = {.in = {.direct = true}};
    if (!str_is(json_str(payload, "type"), "block_actions"))
        return ignore("kind of interaction");
    if (!read_button(action, &e, a))
        return ignore("no button of ours");
    read_container(payload, &e);
    if (!is_id(team) || !is_id(ts) || !is_id(e.target.channel) || !is_id(e.target.user) ||
        (e.target.thread.n && !is_id(e.target.thread)))
        return strange("a click without team, message, channel or user");
    if (!slack_response_url_ok(e.target.response_url, self->api_url))
        return strange("response_url is not Slack's");
    e.in.key = ARENA_JOIN(a, STR("slack:"), team, STR(":click:"), e.target.user, STR(":"), ts, STR(":"),
                          json_str(action, "action_id"));
    e.in.conversation = json_bool(container, "is_ephemeral", false)
                            ? private_conversation(team, &e.target, a)
                            : conversation_of(team, e.target.channel, e.target.thread, a);
    finish(&e, a);
    return e;
}

/* --- forms -------------------------------------------------------------------------------------------------- */

static int hex_digit(char c)
{
    c = ch_lower(c);
    return ch_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A value as a C string of valid UTF-8; NUL and what is no UTF-8 become U+FFFD. Free with free(). */
static char *unquote(struct str s)
{
    struct buf raw, text;
    buf_init(&raw, s.n + 1);
    buf_init(&text, 3 * s.n + 1);
    for (size_t i = 0; i < s.n; i++) {
        bool escaped = s.p[i] == '%' && i + 2 < s.n && hex_digit(s.p[i + 1]) >= 0 && hex_digit(s.p[i + 2]) >= 0;
        char c = s.p[i] == '+' ? ' ' : s.p[i];
        if (escaped) {
            c = (char)(hex_digit(s.p[i + 1]) << 4 | hex_digit(s.p[i + 2]));
            i += 2;
        }
        buf_addc(&raw, c);
    }
    for (struct str rest = buf_str(&raw); rest.n;) {
        char bytes[4];
        int32_t c = utf8_next(&rest);
        buf_add(&text, (struct str){bytes, utf8_put(c ? c : UTF8_REPLACEMENT, bytes)});
    }
    buf_adds(&text, "");
    buf_release(&raw);
    return text.p;
}

cJSON *slack_form(struct str body)
{
    cJSON *fields = cJSON_CreateObject();
    struct str pair;
    for (int i = 0; i < FIELDS_MAX && str_cut(&body, '&', &pair); i++) {
        struct str value = pair, name;
        str_cut(&value, '=', &name);
        char *key = unquote(name), *text = unquote(value);
        if (*key && !get(fields, key))
            cJSON_AddStringToObject(fields, key, text);
        free(key);
        free(text);
    }
    return fields;
}

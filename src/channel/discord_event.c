#include "channel/discord_event.h"

#include "channel/discord_text.h"
#include "render/discord_button.h"

/* Numbers of Discord's documentation, "Message", "Channel", "Receiving and Responding". */
enum { MESSAGE_DEFAULT = 0, MESSAGE_REPLY = 19 };
enum { CHANNEL_THREAD_FIRST = 10, CHANNEL_THREAD_LAST = 12 };
enum { FLAG_EPHEMERAL = 64 };
enum { TYPE_PING = 1, TYPE_COMMAND = 2, TYPE_COMPONENT = 3, TYPE_AUTOCOMPLETE = 4 };
enum { NONE = -1 };

static const struct discord_event ignored = {.act = DISCORD_IGNORE};
static const struct discord_event strange = {.act = DISCORD_STRANGE};

static const cJSON *get(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* A small whole number, or NONE. */
static int get_number(const cJSON *object, const char *key)
{
    const cJSON *value = get(object, key);
    bool small = cJSON_IsNumber(value) && value->valuedouble >= 0 && value->valuedouble < 1e9;
    return small ? (int)value->valuedouble : NONE;
}

static bool has_flag(const cJSON *object, int flag)
{
    int flags = get_number(object, "flags");
    return flags != NONE && (flags & flag);
}

static bool is_thread(int channel_type)
{
    return channel_type >= CHANNEL_THREAD_FIRST && channel_type <= CHANNEL_THREAD_LAST;
}

/* A thread is one conversation; elsewhere everybody has their own in each channel. */
static struct str conversation_of(struct str channel, struct str user, bool thread, struct arena *a)
{
    if (thread)
        return arena_fmt(a, "discord:%.*s", STR_FMT(channel));
    return arena_fmt(a, "discord:%.*s:%.*s", STR_FMT(channel), STR_FMT(user));
}

/* --- messages ----------------------------------------------------------------------------------------------- */

/* By a person, not by a bot, a webhook, Discord itself or an application's command. */
static bool by_a_person(const cJSON *d, const struct discord_self *self)
{
    const cJSON *author = get(d, "author");
    return discord_is_id(json_str(author, "id")) && !str_eq(json_str(author, "id"), self->bot) &&
           !json_bool(author, "bot", false) && !json_bool(author, "system", false) && !json_str(d, "webhook_id").n &&
           !cJSON_IsObject(get(d, "interaction_metadata"));
}

static bool names_us(const cJSON *d, const struct discord_self *self)
{
    const cJSON *person;
    if (self->bot.n)
        cJSON_ArrayForEach(person, get(d, "mentions"))
            if (str_eq(json_str(person, "id"), self->bot))
                return true;
    return false;
}

static bool answers_us(const cJSON *d, const struct discord_self *self)
{
    struct str author = json_str(get(get(d, "referenced_message"), "author"), "id");
    return author.n && str_eq(author, self->bot);
}

/* A forwarded message holds its text elsewhere, and is no question of whoever forwards it. */
static bool is_readable(const cJSON *d)
{
    int type = get_number(d, "type");
    return (type == MESSAGE_DEFAULT || type == MESSAGE_REPLY) && !has_flag(d, FLAG_EPHEMERAL) &&
           !cJSON_IsArray(get(d, "message_snapshots"));
}

struct discord_event discord_read_message(const cJSON *d, const struct discord_self *self, struct arena *a)
{
    struct str id = json_str(d, "id"), channel = json_str(d, "channel_id");
    if (!is_readable(d) || !by_a_person(d, self) || !discord_is_id(id) || !discord_is_id(channel))
        return ignored;
    bool direct = !json_str(d, "guild_id").n, thread = is_thread(get_number(d, "channel_type"));
    bool named = names_us(d, self), mentioned = named || answers_us(d, self);
    bool unread = !json_str(d, "content").n && !direct && !named; /* else it is a picture, say, without words */
    struct str text = discord_plain(json_str(d, "content"), a), user = json_str(get(d, "author"), "id");
    if (!text.n && !direct && !mentioned)
        return ignored;
    struct discord_event e = {
        .act = DISCORD_TAKE,
        .target = {.channel = channel, .message = id, .unread = unread, .direct = direct},
        .in = {.platform = "discord",
               .kind = INCOMING_QUESTION,
               .key = arena_fmt(a, "discord:m%.*s", STR_FMT(id)),
               .conversation = conversation_of(channel, user, thread, a),
               .channel = channel,
               .user = user,
               .direct = direct,
               .mentioned = mentioned,
               .reply = thread,
               .text = text.n ? text : STR("help")},
    };
    e.in.target = discord_target_write(&e.target, a);
    return e;
}

/* --- interactions ------------------------------------------------------------------------------------------- */

static const cJSON *find_option(const cJSON *data, const char *name)
{
    const cJSON *option;
    cJSON_ArrayForEach(option, get(data, "options"))
        if (str_is(json_str(option, "name"), name))
            return option;
    return NULL;
}

/* What was typed after /ask, or chosen of what was offered: a long question is offered by its hash. */
static void read_question(struct discord_event *e, struct str typed, struct arena *a)
{
    struct discord_button chosen;
    struct str text = discord_plain(typed, a);
    bool by_hash = discord_button_read(typed, &chosen) && chosen.kind == DISCORD_BUTTON_ASK && !chosen.text.n;
    e->act = DISCORD_TAKE;
    e->hash = by_hash ? chosen.hash : 0;
    e->in.text = text.n && !by_hash ? text : STR("help");
}

static void read_command(struct discord_event *e, const cJSON *d, struct arena *a)
{
    const cJSON *data = get(d, "data");
    struct str name = json_str(data, "name");
    e->target.quiet = json_bool(find_option(data, "private"), "value", false);
    if (str_is(name, "topics"))
        e->act = DISCORD_TOPICS;
    else if (str_is(name, "ask"))
        read_question(e, json_str(find_option(data, "question"), "value"), a);
}

static void read_typing(struct discord_event *e, const cJSON *d)
{
    const cJSON *option;
    cJSON_ArrayForEach(option, get(get(d, "data"), "options"))
        if (json_bool(option, "focused", false)) {
            e->act = DISCORD_COMPLETE;
            e->in.text = json_str(option, "value");
        }
}

/* What stands on the button of that custom_id, in the message that was clicked. */
static struct str find_label(const cJSON *message, struct str custom_id)
{
    const cJSON *row, *button;
    cJSON_ArrayForEach(row, get(message, "components"))
        cJSON_ArrayForEach(button, get(row, "components"))
            if (str_eq(json_str(button, "custom_id"), custom_id))
                return json_str(button, "label");
    return (struct str){NULL, 0};
}

static void read_click(struct discord_event *e, const cJSON *d, struct arena *a)
{
    const cJSON *message = get(d, "message");
    struct discord_button button;
    struct str custom_id = json_str(get(d, "data"), "custom_id");
    if (!discord_button_read(custom_id, &button))
        return;
    e->act = DISCORD_TAKE;
    e->target.quiet = has_flag(message, FLAG_EPHEMERAL);
    if (button.kind == DISCORD_BUTTON_ASK) {
        e->in.text = button.text.n ? button.text : find_label(message, custom_id);
        e->hash = button.text.n ? 0 : button.hash;
        return;
    }
    e->in.kind = button.kind == DISCORD_BUTTON_SHARE     ? INCOMING_SHARE
                 : button.kind == DISCORD_BUTTON_HELPFUL ? INCOMING_HELPFUL
                                                         : INCOMING_UNHELPFUL;
    e->in.of = arena_fmt(a, "discord:%.*s", STR_FMT(button.of));
    e->in.intent = button.intent;
}

/* In a server the person is a member; in a direct message they stand there themselves. */
static struct str person_of(const cJSON *d)
{
    struct str member = json_str(get(get(d, "member"), "user"), "id");
    return member.n ? member : json_str(get(d, "user"), "id");
}

static bool begin_interaction(struct discord_event *e, const cJSON *d, bool over_http, struct arena *a)
{
    struct str id = json_str(d, "id"), channel = json_str(d, "channel_id"), user = person_of(d);
    bool thread = is_thread(get_number(get(d, "channel"), "type"));
    *e = strange;
    e->target = (struct discord_target){
        .channel = discord_is_id(channel) ? channel : (struct str){NULL, 0},
        .direct = !json_str(d, "guild_id").n,
        .interaction = id,
        .application = json_str(d, "application_id"),
        .token = json_str(d, "token"),
        .over_http = over_http,
    };
    e->in = (struct incoming){
        .platform = "discord",
        .kind = INCOMING_QUESTION,
        .key = arena_fmt(a, "discord:i%.*s", STR_FMT(id)),
        .conversation = conversation_of(e->target.channel, user, thread, a),
        .channel = e->target.channel,
        .user = user,
        .direct = true,
    };
    return discord_is_id(id) && discord_is_id(user) && discord_is_id(e->target.application) &&
           discord_is_token(e->target.token);
}

struct discord_event discord_read_interaction(const cJSON *d, bool over_http, struct arena *a)
{
    struct discord_event e;
    int type = get_number(d, "type");
    if (type == TYPE_PING)
        return (struct discord_event){.act = DISCORD_PING};
    if (!begin_interaction(&e, d, over_http, a))
        return strange;
    if (type == TYPE_COMMAND)
        read_command(&e, d, a);
    else if (type == TYPE_AUTOCOMPLETE)
        read_typing(&e, d);
    else if (type == TYPE_COMPONENT)
        read_click(&e, d, a);
    e.in.target = discord_target_write(&e.target, a);
    return e;
}

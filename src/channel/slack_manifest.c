#include "channel/slack_manifest.h"

#include "base/json.h"
#include "base/utf8.h"

/* In the order of the alphabet, as Slack shows them; those of channels first, to be left out. */
static const char *const scopes[] = {"channels:history", "app_mentions:read", "chat:write",
                                     "commands",         "im:history",        NULL};
static const char *const events[] = {"message.channels", "app_mention", "message.im", NULL};

const char *const *slack_scopes(bool hears_channels)
{
    return hears_channels ? scopes : scopes + 1;
}

/* --- limits ------------------------------------------------------------------------------------------------- */

static bool check_length(const char *what, struct str text, size_t least, size_t most, struct err *err)
{
    size_t n = utf8_count(text);
    if (n >= least && n <= most)
        return true;
    return err_set(err, STATUS_USAGE, "%s must have %zu to %zu characters, not %zu", what, least, most, n);
}

static bool check_command(struct str command, struct err *err)
{
    if (!str_starts(command, STR("/")))
        return err_set(err, STATUS_USAGE, "the command '%.*s' must begin with a slash", STR_FMT(command));
    for (size_t i = 0; i < command.n; i++)
        if (ch_space(command.p[i]) || (i && command.p[i] == '/'))
            return err_set(err, STATUS_USAGE, "the command '%.*s' must be one word", STR_FMT(command));
    return check_length("the command", command, 2, 32, err);
}

/* Slack's schema would take http://, too; its requests carry people's words. */
static bool check_url(struct str url, struct err *err)
{
    if (!url.n)
        return true;
    if (!str_starts(url, STR("https://")) || url.n == 8)
        return err_set(err, STATUS_USAGE, "the address must begin with https://");
    for (size_t i = 0; i < url.n; i++)
        if (url.p[i] <= ' ' || url.p[i] == 0x7f || url.p[i] == '?' || url.p[i] == '#')
            return err_set(err, STATUS_USAGE, "the address must be one of a place, as https://faq.example.org");
    return check_length("the address", url, 9, 2900, err);
}

/* --- JSON --------------------------------------------------------------------------------------------------- */

static void add_quoted(struct buf *out, const char *before, struct str text, const char *behind)
{
    buf_adds(out, before);
    json_quote(out, text);
    buf_adds(out, behind);
}

/* url with a path behind it, as a value. */
static void add_url(struct buf *out, const char *before, struct str url, const char *path, const char *behind)
{
    struct buf whole;
    buf_init(&whole, 4096);
    buf_add(&whole, str_ends(url, STR("/")) ? str_sub(url, 0, url.n - 1) : url);
    buf_adds(&whole, path);
    add_quoted(out, before, buf_str(&whole), behind);
    buf_release(&whole);
}

static void add_list(struct buf *out, const char *const *items)
{
    buf_adds(out, "[");
    for (size_t i = 0; items[i]; i++)
        buf_addf(out, "%s\"%s\"", i ? ", " : "", items[i]);
    buf_adds(out, "]");
}

static void add_features(const struct slack_manifest *m, struct buf *out)
{
    add_quoted(out,
               "  \"features\": {\n"
               "    \"app_home\": {\"home_tab_enabled\": false, \"messages_tab_enabled\": true, "
               "\"messages_tab_read_only_enabled\": false},\n"
               "    \"bot_user\": {\"display_name\": ",
               m->name, ", \"always_online\": true},\n");
    add_quoted(out, "    \"slash_commands\": [\n      {\"command\": ", m->command, ", ");
    if (m->url.n)
        add_url(out, "\"url\": ", m->url, "/slack/commands", ",\n       ");
    buf_adds(out, "\"description\": \"Ask a question\", \"usage_hint\": \"[your question]\", \"should_escape\": true}\n"
                  "    ]\n  },\n");
}

static void add_settings(const struct slack_manifest *m, struct buf *out)
{
    buf_adds(out, "  \"settings\": {\n    \"event_subscriptions\": {");
    if (m->url.n)
        add_url(out, "\n      \"request_url\": ", m->url, "/slack/events", ",\n      ");
    buf_adds(out, "\"bot_events\": ");
    add_list(out, m->hears_channels ? events : events + 1);
    buf_adds(out, m->url.n ? "\n    },\n" : "},\n");
    buf_adds(out, "    \"interactivity\": {\"is_enabled\": true");
    if (m->url.n)
        add_url(out, ", \"request_url\": ", m->url, "/slack/interactivity", "");
    buf_addf(out,
             "},\n    \"org_deploy_enabled\": false,\n    \"socket_mode_enabled\": %s,\n"
             "    \"token_rotation_enabled\": false\n  }\n}\n",
             m->url.n ? "false" : "true");
}

bool slack_manifest(const struct slack_manifest *m, struct buf *out, struct err *err)
{
    if (!check_length("the name", m->name, 1, 35, err) ||
        !check_length("the description", m->description, 1, 140, err) || !check_command(m->command, err) ||
        !check_url(m->url, err))
        return false;
    buf_adds(out, "{\n  \"_metadata\": {\"major_version\": 2, \"minor_version\": 1},\n");
    add_quoted(out, "  \"display_information\": {\n    \"name\": ", m->name, ",\n");
    add_quoted(out, "    \"description\": ", m->description, ",\n    \"background_color\": \"#1f3a5f\"\n  },\n");
    add_features(m, out);
    buf_adds(out, "  \"oauth_config\": {\"scopes\": {\"bot\": ");
    add_list(out, slack_scopes(m->hears_channels));
    buf_adds(out, "}},\n");
    add_settings(m, out);
    return true;
}

/*
 * Any bytes as what Slack may send: an event, a click and a command as JSON, a form, a message of Socket Mode. Whatever
 * is taken has a key, a conversation and a target that can be read again, and no address that is not Slack's.
 */
#include "channel/slack_event.h"
#include "channel/slack_link.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct slack_self self = {{"T1", 2}, {"U1", 2}, {"B1", 2}, {"https://slack.com/api/", 22}};

static void check(const struct slack_event *e, struct arena *a)
{
    struct slack_target target;
    if (e->act == SLACK_CHALLENGE && (!e->challenge.n || e->challenge.n > 1024))
        abort();
    if (e->act != SLACK_TAKE && e->act != SLACK_HELP)
        return;
    if (!e->in.key.n || !e->in.conversation.n || !e->in.channel.n || !e->in.user.n)
        abort();
    if (e->in.kind == INCOMING_QUESTION ? !e->in.text.n && e->act == SLACK_TAKE : !e->in.of.n)
        abort();
    if (!slack_target_read(e->in.target, a, &target) || !str_eq(target.channel, e->target.channel))
        abort();
    if (target.response_url.n && !str_starts(target.response_url, STR("https://hooks.slack.com/")))
        abort();
}

static void read_all(const cJSON *json, struct arena *a)
{
    struct slack_event event = slack_read_event(json, &self, a);
    struct slack_event command = slack_read_command(json, &self, a);
    struct slack_event click = slack_read_click(json, &self, a);
    check(&event, a);
    check(&command, a);
    check(&click, a);
}

static uint32_t no_random(void *arg)
{
    (void)arg;
    return 0;
}

/* A live connection hears the bytes; the link goes on whatever they are. */
static void hear(struct str text)
{
    struct slack_link *link = slack_link_new(&(struct slack_link_options){.connections = 1, .random = no_random});
    struct slack_said said = {.class = SLACK_OK};
    struct slack_order order;
    slack_link_tick(link, 0);
    slack_link_url(link, 1, &said, STR("wss://x"), 0);
    slack_link_text(link, 1, STR("{\"type\":\"hello\"}"), 0);
    slack_link_text(link, 1, text, 1);
    for (int ended = 0; ended < 2; ended++) {
        while (slack_link_next(link, &order)) {
            if (order.kind == SLACK_LINK_ENVELOPE)
                slack_link_acknowledge(link, order.connection, json_str(order.envelope, "envelope_id"), STR(""));
            else if (order.kind == SLACK_LINK_CLOSE)
                slack_link_closed(link, order.connection, 2);
        }
        slack_link_drain(link);
    }
    while (slack_link_next(link, &order))
        slack_link_closed(link, order.connection, 2);
    if (!slack_link_idle(link))
        abort();
    slack_link_free(link);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    struct arena a = {0};
    if (size > 20000)
        return 0;
    cJSON *json = json_parse(text, NULL), *form = slack_form(text);
    read_all(json, &a);
    read_all(cJSON_GetObjectItemCaseSensitive(json, "payload"), &a);
    read_all(form, &a);
    cJSON *payload = json_parse(json_str(form, "payload"), NULL);
    read_all(payload, &a);
    hear(text);
    cJSON_Delete(json);
    cJSON_Delete(form);
    cJSON_Delete(payload);
    arena_release(&a);
    return 0;
}

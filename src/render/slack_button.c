#include "render/slack_button.h"

#include "base/json.h"
#include "base/utf8.h"
#include "render/pieces.h"

static const struct str ask_id = {"docent_ask_", 11};

static const char *const ids[] = {
    [SLACK_BUTTON_HELPFUL] = "docent_helpful",
    [SLACK_BUTTON_UNHELPFUL] = "docent_unhelpful",
    [SLACK_BUTTON_SHARE] = "docent_share",
};

static void add_value(struct buf *out, const struct slack_button *button)
{
    struct buf value;
    buf_init(&value, SLACK_BUTTON_VALUE_MAX);
    if (button->kind == SLACK_BUTTON_ASK) {
        buf_add(&value, str_sub(button->text, 0, utf8_cut(button->text, SLACK_BUTTON_VALUE_MAX)));
    } else {
        buf_adds(&value, "{\"of\":");
        json_quote(&value, button->of);
        buf_adds(&value, ",\"intent\":");
        json_quote(&value, button->intent);
        buf_addc(&value, '}');
    }
    json_quote(out, buf_str(&value));
    buf_release(&value);
}

void slack_button_write(struct buf *out, const struct slack_button *button, struct str label, struct arena *a)
{
    buf_adds(out, "{\"type\":\"button\",\"action_id\":\"");
    if (button->kind == SLACK_BUTTON_ASK)
        buf_addf(out, "%.*s%zu", STR_FMT(ask_id), button->number);
    else
        buf_adds(out, ids[button->kind]);
    buf_adds(out, "\",\"text\":{\"type\":\"plain_text\",\"emoji\":false,\"text\":");
    json_quote(out, pieces_short(label, SLACK_BUTTON_TEXT_MAX, a));
    buf_adds(out, "},\"value\":");
    add_value(out, button);
    buf_addc(out, '}');
}

static bool read_about(struct str value, struct arena *a, struct slack_button *out)
{
    cJSON *about = json_parse(value, NULL);
    out->of = arena_str(a, json_str(about, "of"));
    out->intent = arena_str(a, json_str(about, "intent"));
    cJSON_Delete(about);
    return out->of.n > 0;
}

bool slack_button_read(struct str action_id, struct str value, struct arena *a, struct slack_button *out)
{
    *out = (struct slack_button){.kind = SLACK_BUTTON_ASK};
    if (!value.n || value.n > 4 * SLACK_BUTTON_VALUE_MAX)
        return false;
    if (str_starts(action_id, ask_id)) {
        struct str number = str_sub(action_id, ask_id.n, action_id.n);
        out->text = value;
        out->number = number.n == 1 && ch_digit(number.p[0]) ? (size_t)(number.p[0] - '0') : 10;
        return out->number < 10;
    }
    for (size_t kind = SLACK_BUTTON_HELPFUL; kind < sizeof ids / sizeof *ids; kind++)
        if (str_is(action_id, ids[kind])) {
            out->kind = (enum slack_button_kind)kind;
            return read_about(value, a, out);
        }
    return false;
}

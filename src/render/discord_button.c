#include "render/discord_button.h"

#include <inttypes.h>

static const char prefix[] = "d1:";

static const struct {
    enum discord_button_kind kind;
    const char *name;
} kinds[] = {
    {DISCORD_BUTTON_ASK, "q"},
    {DISCORD_BUTTON_HELPFUL, "up"},
    {DISCORD_BUTTON_UNHELPFUL, "no"},
    {DISCORD_BUTTON_SHARE, "sh"},
};

static const char *kind_name(enum discord_button_kind kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].kind == kind)
            return kinds[i].name;
    return "";
}

static void write_question(struct buf *out, struct str text)
{
    size_t begun = out->n;
    buf_addf(out, "%sq:%.*s", prefix, STR_FMT(text));
    if (out->n - begun <= DISCORD_CUSTOM_ID_MAX)
        return;
    buf_cut(out, begun);
    buf_addf(out, "%sh:%016" PRIx64, prefix, str_hash(text));
}

void discord_button_write(struct buf *out, const struct discord_button *button)
{
    if (button->kind == DISCORD_BUTTON_ASK) {
        write_question(out, button->text);
        return;
    }
    size_t begun = out->n;
    buf_addf(out, "%s%s:%.*s", prefix, kind_name(button->kind), STR_FMT(button->of));
    if (button->intent.n && out->n - begun + 1 + button->intent.n <= DISCORD_CUSTOM_ID_MAX)
        buf_addf(out, ":%.*s", STR_FMT(button->intent));
}

static bool read_hash(struct str hex, uint64_t *hash)
{
    *hash = 0;
    for (size_t i = 0; i < hex.n; i++) {
        char c = hex.p[i];
        bool letter = c >= 'a' && c <= 'f';
        if (!ch_digit(c) && !letter)
            return false;
        *hash = *hash << 4 | (uint64_t)(letter ? c - 'a' + 10 : c - '0');
    }
    return hex.n == 16;
}

/* "m" or "i" and an id. */
static bool is_reference(struct str s)
{
    if (s.n < 2 || s.n > 21 || (s.p[0] != 'm' && s.p[0] != 'i'))
        return false;
    for (size_t i = 1; i < s.n; i++)
        if (!ch_digit(s.p[i]))
            return false;
    return true;
}

bool discord_button_read(struct str custom_id, struct discord_button *out)
{
    struct str rest = custom_id, kind;
    if (custom_id.n > DISCORD_CUSTOM_ID_MAX || !str_starts(rest, str_of(prefix)))
        return false;
    rest = str_sub(rest, sizeof prefix - 1, rest.n);
    if (!str_cut(&rest, ':', &kind) || !rest.p)
        return false;
    *out = (struct discord_button){.kind = DISCORD_BUTTON_ASK};
    if (str_is(kind, "h"))
        return read_hash(rest, &out->hash);
    if (str_is(kind, "q")) {
        out->text = rest;
        out->hash = str_hash(rest);
        return rest.n > 0;
    }
    for (size_t i = 1; i < sizeof kinds / sizeof *kinds; i++)
        if (str_is(kind, kinds[i].name)) {
            out->kind = kinds[i].kind;
            str_cut(&rest, ':', &out->of);
            out->intent = rest;
            return is_reference(out->of);
        }
    return false;
}

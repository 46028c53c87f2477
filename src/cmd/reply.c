#include "cmd/reply.h"

#include "base/utf8.h"
#include "render/render.h"

struct str reply_plain(const struct reply *reply, struct arena *a)
{
    struct buf out;
    buf_init(&out, TALK_REPLY_MAX);
    for (size_t i = 0; i < reply->n_parts; i++) {
        if (i)
            buf_adds(&out, "\n\n");
        plain_text(&out, reply->parts[i].text, 0);
    }
    struct str text = arena_str(a, str_trim(buf_str(&out)));
    buf_release(&out);
    return text;
}

bool reply_rests_on(const struct reply *reply, struct str section)
{
    for (size_t i = 0; i < reply->n_parts; i++)
        for (size_t k = 0; k < reply->parts[i].n_sources; k++)
            if (str_eq(reply->parts[i].sources[k].id, section))
                return true;
    return false;
}

void reply_add_sources(struct buf *out, const struct reply *reply, const char *between)
{
    struct str seen[DOCENT_PARTS_MAX * DOCENT_SOURCES_MAX];
    size_t n = 0;
    for (size_t i = 0; i < reply->n_parts; i++)
        for (size_t k = 0; k < reply->parts[i].n_sources; k++) {
            struct str id = reply->parts[i].sources[k].id;
            size_t at = 0;
            while (at < n && !str_eq(seen[at], id))
                at++;
            if (at < n)
                continue;
            buf_adds(out, n ? between : "");
            buf_add(out, id);
            seen[n++] = id;
        }
}

static void add_intents(struct buf *out, const struct reply *reply)
{
    bool any = false;
    for (size_t i = 0; i < reply->n_parts; i++)
        if (reply->parts[i].intent.n) {
            buf_adds(out, any ? " + " : ", intent ");
            buf_add(out, reply->parts[i].intent);
            any = true;
        }
}

void reply_add_values(struct buf *out, const struct slot *slot)
{
    for (size_t i = 0; i < slot->n; i++) {
        buf_adds(out, i ? "," : "");
        buf_add(out, slot->values[i]);
    }
}

void reply_add_slots(struct buf *out, const struct part *part)
{
    for (size_t i = 0; i < part->n_slots; i++) {
        buf_addf(out, " %.*s=", STR_FMT(part->slots[i].entity));
        reply_add_values(out, &part->slots[i]);
    }
}

static struct str keep(struct buf *out, struct arena *a)
{
    struct str kept = arena_str(a, buf_str(out));
    buf_release(out);
    return kept;
}

struct str reply_summary(const struct reply *reply, struct arena *a)
{
    struct buf out;
    buf_init(&out, TALK_REPLY_MAX);
    buf_adds(&out, outcome_name(reply->outcome));
    add_intents(&out, reply);
    for (size_t i = 0; i < reply->n_parts; i++)
        reply_add_slots(&out, &reply->parts[i]);
    bool any = false;
    for (size_t i = 0; i < reply->n_parts; i++)
        any = any || reply->parts[i].n_sources;
    if (any)
        buf_adds(&out, ", sources ");
    reply_add_sources(&out, reply, ", ");
    return keep(&out, a);
}

struct str text_beginning(struct str text, size_t max_bytes, struct arena *a)
{
    struct buf out;
    buf_init(&out, TALK_REPLY_MAX);
    for (size_t i = 0; i < text.n; i++) {
        bool space = ch_space(text.p[i]);
        if (!space)
            buf_addc(&out, text.p[i]);
        else if (out.n && out.p[out.n - 1] != ' ')
            buf_addc(&out, ' ');
    }
    if (out.n > max_bytes) {
        buf_cut(&out, utf8_cut(buf_str(&out), max_bytes));
        buf_adds(&out, "…");
    }
    return keep(&out, a);
}

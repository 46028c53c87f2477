/* The `=` lines of talks as they would hold. */
#include "cmd/reply.h"
#include "cmd/talk.h"

static bool names_slot(const struct talk_turn *turn, struct str entity, size_t before)
{
    for (size_t i = 0; i < before; i++)
        if (turn->terms[i].kind == TERM_SLOT && str_eq(turn->terms[i].name, entity))
            return true;
    return false;
}

static void bless_slot(struct buf *out, const struct reply *reply, struct str entity)
{
    buf_addf(out, " %.*s=", STR_FMT(entity));
    for (size_t i = 0; i < reply->n_parts; i++)
        for (size_t k = 0; k < reply->parts[i].n_slots; k++)
            if (str_eq(reply->parts[i].slots[k].entity, entity)) {
                reply_add_values(out, &reply->parts[i].slots[k]);
                return;
            }
}

void talk_bless_intent(struct buf *out, const struct reply *reply)
{
    for (size_t i = 0; i < reply->n_parts; i++)
        if (reply->parts[i].intent.n) {
            buf_addf(out, " intent=%.*s", STR_FMT(reply->parts[i].intent));
            return;
        }
}

struct str talk_blessed_line(const struct talk_turn *turn, const struct reply *reply, struct arena *a)
{
    struct buf out;
    buf_init(&out, TALK_REPLY_MAX);
    buf_addf(&out, "= %s ", outcome_name(reply->outcome));
    reply_add_sources(&out, reply, " ");
    while (out.p[out.n - 1] == ' ')
        buf_cut(&out, out.n - 1);
    bool intent = false;
    for (size_t i = 0; i < turn->n_terms; i++) {
        if (turn->terms[i].kind == TERM_INTENT && !intent) {
            talk_bless_intent(&out, reply);
            intent = true;
        }
        if (turn->terms[i].kind == TERM_SLOT && !names_slot(turn, turn->terms[i].name, i))
            bless_slot(&out, reply, turn->terms[i].name);
    }
    struct str text = arena_str(a, buf_str(&out));
    buf_release(&out);
    return text;
}

static const struct talk_result *result_of_line(const struct talk_run *run, const struct talk_file *file,
                                                const char *at, bool *is_first)
{
    for (size_t i = 0; i < run->n; i++) {
        const struct talk_result *r = &run->results[i];
        for (size_t k = 0; r->file == file && r->equals_failed && k < r->turn->n_equals; k++)
            if (r->turn->equals[k].p == at) {
                *is_first = k == 0;
                return r;
            }
    }
    return NULL;
}

static struct str line_end(struct str line)
{
    return str_ends(line, STR("\r\n")) ? STR("\r\n") : str_ends(line, STR("\n")) ? STR("\n") : STR("");
}

struct str talk_bless(const struct talk_file *file, const struct talk_run *run, struct arena *a, size_t *blessed)
{
    struct buf out;
    buf_init(&out, file->source->text.n * 2 + run->n * TALK_REPLY_MAX);
    struct str rest = file->source->text;
    *blessed = 0;
    while (rest.n) {
        struct str line = talk_line(&rest);
        bool first = false;
        const struct talk_result *r = result_of_line(run, file, line.p, &first);
        if (!r) {
            buf_add(&out, line);
        } else if (first) {
            buf_add(&out, r->blessed);
            buf_add(&out, line_end(line));
            ++*blessed;
        }
    }
    struct str text = arena_str(a, buf_str(&out));
    buf_release(&out);
    return text;
}

#include "base/file.h"
#include "channel/dialogs.h"
#include "channel/request.h"
#include "cmd/command.h"
#include "cmd/packs.h"
#include "render/render.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    LINE_MAX_BYTES = REQUEST_MAX_BYTES,
    DIALOGS_MAX = 1000,
};

struct ask_options {
    bool json, jsonl, why;
};

struct asking {
    struct ask_options options;
    const struct docent *docent;
    bool color;
    size_t width;       /* 0: not a terminal, lines are not wrapped */
    struct arena arena; /* of one question */
    struct buf out;     /* the reply's text */
    size_t asked, declined;
};

/* --- one question ------------------------------------------------------------------------------------------- */

static bool write_out(struct asking *q)
{
    bool ok = fwrite(q->out.p, 1, q->out.n, stdout) == q->out.n && fflush(stdout) == 0;
    buf_clear(&q->out);
    arena_reset(&q->arena);
    return ok;
}

static void render(struct asking *q, const struct reply *r, struct str conversation)
{
    if (q->options.json || q->options.jsonl)
        json_reply(&q->out, r, conversation);
    else if (q->color)
        ansi_reply(&q->out, r, q->width);
    else
        plain_reply(&q->out, r, q->width);
    if (q->options.why && r->why && !q->options.json && !q->options.jsonl) {
        buf_addc(&q->out, '\n');
        why_text(&q->out, r->why, q->color);
    }
}

/* Puts the reply into q->out. */
static void ask(struct asking *q, struct dialog *dialog, struct str text, struct str conversation)
{
    const struct reply *r = (q->options.why ? docent_ask_why : docent_ask)(q->docent, dialog, text, &q->arena);
    q->asked++;
    q->declined += r->outcome == OUTCOME_DECLINE;
    render(q, r, conversation);
}

/* --- where questions come from ------------------------------------------------------------------------------ */

static bool ask_words(struct asking *q, const struct call *call)
{
    struct buf text;
    struct dialog dialog = {0};
    buf_init(&text, LINE_MAX_BYTES);
    for (size_t i = 0; i < call->n_words; i++) {
        if (i)
            buf_addc(&text, ' ');
        buf_adds(&text, call->words[i]);
    }
    ask(q, &dialog, buf_str(&text), (struct str){NULL, 0});
    bool ok = write_out(q);
    buf_release(&text);
    return ok;
}

static bool ask_lines(struct asking *q)
{
    struct buf line;
    struct dialog dialog = {0};
    bool cut, ok = true;
    buf_init(&line, LINE_MAX_BYTES);
    while (ok && file_line(stdin, &line, &cut)) {
        struct str text = str_trim(buf_str(&line));
        if (!text.n)
            continue;
        if (q->asked && !q->options.json)
            buf_addc(&q->out, '\n');
        ask(q, &dialog, text, (struct str){NULL, 0});
        ok = write_out(q);
    }
    buf_release(&line);
    return ok;
}

static bool ask_json_lines(struct asking *q)
{
    struct dialogs *dialogs = dialogs_new(DIALOGS_MAX, 0);
    struct buf line;
    bool cut, ok = true;
    buf_init(&line, LINE_MAX_BYTES);
    while (ok && file_line(stdin, &line, &cut)) {
        struct request r;
        const char *fault = request_parse(&r, cut ? STR("") : buf_str(&line));
        if (cut)
            fault = "the line is longer than 65536 bytes";
        if (fault)
            json_error(&q->out, fault);
        else
            ask(q, dialogs_get(dialogs, r.conversation, 0), r.text, r.conversation);
        ok = write_out(q);
        request_release(&r);
    }
    buf_release(&line);
    dialogs_free(dialogs);
    return ok;
}

/* ------------------------------------------------------------------------------------------------------------ */

static bool reads_stdin(const struct call *call)
{
    return call->n_words == 0 || (call->n_words == 1 && strcmp(call->words[0], "-") == 0);
}

static int usage(const struct call *call, const struct ask_options *o)
{
    if (o->json && o->jsonl)
        return command_usage(call, "--json and --jsonl exclude each other");
    if (o->jsonl && !reads_stdin(call))
        return command_usage(call, "--jsonl reads standard input and takes no question");
    if (!o->jsonl && call->n_words == 0 && isatty(STDIN_FILENO))
        return command_usage(call, "no question given");
    return STATUS_OK;
}

static int answer_all(struct asking *q, const struct call *call)
{
    buf_init(&q->out, RENDER_MAX);
    bool written = q->options.jsonl ? ask_json_lines(q) : reads_stdin(call) ? ask_lines(q) : ask_words(q, call);
    buf_release(&q->out);
    arena_release(&q->arena);
    if (!written || ferror(stdin))
        return STATUS_IO;
    return q->declined ? STATUS_NO : STATUS_OK;
}

int cmd_ask(struct call *call)
{
    struct ask_options o = {.json = false};
    const struct opt rows[] = {
        OPT_FLAG('j', "json", "print each reply as one line of JSON", &o.json),
        OPT_FLAG('l', "jsonl", "read {\"conversation\", \"text\"} a line, write a reply a line", &o.jsonl),
        OPT_FLAG('w', "why", "tell how the reply came about", &o.why),
    };
    int status;
    if (!command_begin(call, rows, sizeof rows / sizeof *rows, &status))
        return status;
    status = usage(call, &o);
    if (status)
        return status;
    struct packs packs;
    status = packs_start(&packs, &call->settings);
    if (status)
        return status;
    struct asking q = {
        .options = o,
        .docent = packs.docent,
        .color = settings_color(&call->settings, STDOUT_FILENO),
        .width = settings_width(&call->settings, STDOUT_FILENO),
    };
    status = answer_all(&q, call);
    packs_close(&packs);
    return status;
}

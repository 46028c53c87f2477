/*
 * docent export: the questions and answers of a pack as a sheet, which `docent new --from` takes back.
 *
 * A sheet knows one answer for each intent. Where a pack has several, chosen by slots, each becomes an intent of its
 * own in the sheet: salary, salary-2… Small talk and declines stay behind, but for those of a sheet's pack that still
 * wait for an answer.
 */
#include "cmd/command.h"
#include "cmd/packs.h"
#include "cmd/sheet.h"
#include "engine/pack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ASKED_MAX = 200 }; /* answers of one intent that are told apart */

struct exporting {
    const struct docent *docent;
    struct arena arena;
    struct sheet sheet;
    size_t left_out; /* intents */
};

/* --- a template without slots ------------------------------------------------------------------------------- */

static bool is_fixed(const struct template *t)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->pieces[i].kind == PIECE_FORM || (t->pieces[i].kind == PIECE_FACT && t->pieces[i].n_holes))
            return false;
    return true;
}

static void add_fact(struct buf *out, const struct fact *f, bool bullets)
{
    for (size_t i = 0; i < f->n_items; i++) {
        if (bullets)
            buf_adds(out, i ? "\n- " : "- ");
        else if (i)
            buf_adds(out, i + 1 < f->n_items ? ", " : f->n_items > 2 ? ", and " : " and ");
        buf_add(out, f->items[i]);
    }
}

static struct str fixed_text(struct exporting *e, const struct template *t)
{
    struct buf out;
    buf_init(&out, SHEET_MAX_BYTES);
    for (size_t i = 0; i < t->n; i++)
        if (t->pieces[i].kind == PIECE_TEXT)
            buf_add(&out, t->pieces[i].text);
        else
            add_fact(&out, &e->docent->facts[t->pieces[i].facts[0]], t->pieces[i].bullets);
    struct str text = arena_str(&e->arena, buf_str(&out));
    buf_release(&out);
    return text;
}

/* --- rows --------------------------------------------------------------------------------------------------- */

static struct str join_sources(struct exporting *e, const struct str *headings, size_t n)
{
    struct buf out;
    buf_init(&out, SHEET_MAX_BYTES);
    for (size_t i = 0; i < n; i++) {
        buf_adds(&out, i ? "\n" : "");
        buf_add(&out, headings[i]);
    }
    struct str joined = arena_str(&e->arena, buf_str(&out));
    buf_release(&out);
    return joined;
}

static bool is_taken(const struct exporting *e, struct str name)
{
    for (size_t i = 0; i < e->sheet.n; i++)
        if (str_eq(e->sheet.intents[i].name, name))
            return true;
    return false;
}

static struct sheet_intent *add_intent(struct exporting *e, struct str wanted)
{
    struct str name = wanted;
    for (size_t k = 2; is_taken(e, name); k++)
        name = arena_fmt(&e->arena, "%.*s-%zu", STR_FMT(wanted), k);
    struct sheet_intent *made = ARENA_PUSH(&e->arena, e->sheet.intents, e->sheet.n, e->sheet.cap);
    *made = (struct sheet_intent){.name = name};
    return made;
}

static void add_question(struct exporting *e, struct sheet_intent *to, struct str question)
{
    *ARENA_PUSH(&e->arena, to->questions, to->n, to->cap) = question;
    e->sheet.n_questions++;
}

/* The title where the id was made of it, as in a pack of a sheet; else the id. */
static struct str name_of(struct exporting *e, const struct intent *intent)
{
    struct str slug = sheet_slug(intent->title, &e->arena);
    bool numbered = str_starts(intent->id, slug) && intent->id.n > slug.n && intent->id.p[slug.n] == '-';
    for (size_t i = slug.n + 1; i < intent->id.n; i++)
        numbered = numbered && ch_digit(intent->id.p[i]);
    return (!slug.n && str_starts(intent->id, STR("intent"))) || str_eq(slug, intent->id) || numbered ? intent->title
                                                                                                      : intent->id;
}

/* One answer whatever is asked: what it says can be read off, and no example is asked. */
static void export_fixed(struct exporting *e, const struct intent *intent)
{
    const struct branch *b = &intent->branches[0];
    struct sheet_intent *made = add_intent(e, name_of(e, intent));
    struct str headings[DOCENT_SOURCES_MAX];
    size_t n = 0;
    made->answer = fixed_text(e, &b->texts[0]);
    if (intent->kind == KIND_DECLINE)
        made->answer = STR("");
    for (size_t i = 0; i < b->n_sources; i++)
        if (!str_is(e->docent->sections[b->sources[i]].id, SHEET_SECTION))
            headings[n++] = e->docent->sections[b->sources[i]].heading;
    made->source = join_sources(e, headings, n);
    for (size_t i = 0; i < intent->n_examples; i++)
        add_question(e, made, intent->examples[i].text);
}

/* What tells the answers of an intent apart: the branch and the values of the slots, not the wording. */
static struct str answer_key(struct exporting *e, const struct reply *reply)
{
    const struct part *p = &reply->parts[0];
    const struct question_trace *t = &reply->why->questions[0];
    struct buf out;
    buf_init(&out, SHEET_MAX_BYTES);
    buf_addf(&out, "%.*s:%zu", STR_FMT(t->branch_file), t->branch_line);
    for (size_t i = 0; i < p->n_slots; i++)
        for (size_t k = 0; k < p->slots[i].n; k++)
            buf_addf(&out, " %.*s", STR_FMT(p->slots[i].values[k]));
    struct str key = arena_str(&e->arena, buf_str(&out));
    buf_release(&out);
    return key;
}

static struct str sources_of(struct exporting *e, const struct part *part)
{
    struct str headings[DOCENT_SOURCES_MAX];
    for (size_t i = 0; i < part->n_sources; i++)
        headings[i] = part->sources[i].heading;
    return join_sources(e, headings, part->n_sources);
}

struct told_apart { /* the answers of one intent so far */
    struct str keys[ASKED_MAX];
    size_t at[ASKED_MAX]; /* index into the sheet's intents */
    size_t n;
};

/* Which of the sheet's intents the example belongs to; one that docent answers otherwise goes with the first. */
static size_t place_of(struct exporting *e, const struct intent *intent, struct str question, struct told_apart *t)
{
    struct dialog dialog = {0};
    struct arena a = {0};
    const struct reply *reply = docent_ask_why(e->docent, &dialog, question, &a);
    const struct part *part = &reply->parts[0];
    size_t at = t->n ? t->at[0] : (size_t)-1;
    if (reply->n_parts == 1 && reply->outcome == OUTCOME_ANSWER && str_eq(part->intent, intent->id)) {
        struct str key = answer_key(e, reply);
        size_t i = 0;
        while (i < t->n && !str_eq(t->keys[i], key))
            i++;
        if (i == t->n && t->n < ASKED_MAX) {
            struct sheet_intent *made = add_intent(e, name_of(e, intent));
            made->answer = arena_str(&e->arena, part->text);
            made->source = sources_of(e, part);
            t->keys[t->n] = key;
            t->at[t->n++] = e->sheet.n - 1;
        }
        at = i < t->n ? t->at[i] : at;
    }
    arena_release(&a);
    return at;
}

static void export_asked(struct exporting *e, const struct intent *intent)
{
    struct told_apart *t = arena_alloc(&e->arena, sizeof *t);
    struct str *waiting = arena_array(&e->arena, intent->n_examples, sizeof *waiting);
    size_t n_waiting = 0;
    for (size_t i = 0; i < intent->n_examples; i++) {
        size_t at = place_of(e, intent, intent->examples[i].text, t);
        if (at == (size_t)-1)
            waiting[n_waiting++] = intent->examples[i].text;
        else
            add_question(e, &e->sheet.intents[at], intent->examples[i].text);
    }
    for (size_t i = 0; i < n_waiting && t->n; i++)
        add_question(e, &e->sheet.intents[t->at[0]], waiting[i]);
    e->left_out += !t->n;
}

static bool still_waits(struct exporting *e, const struct intent *intent)
{
    return intent->kind == KIND_DECLINE && intent->n_branches == 1 &&
           str_is(fixed_text(e, &intent->branches[0].texts[0]), SHEET_NO_ANSWER);
}

static void export_intent(struct exporting *e, const struct intent *intent)
{
    bool fixed = intent->n_branches == 1 && is_fixed(&intent->branches[0].texts[0]);
    if (intent->n_examples == 0 || (intent->kind != KIND_ANSWER && !(fixed && still_waits(e, intent))))
        e->left_out++;
    else if (fixed)
        export_fixed(e, intent);
    else
        export_asked(e, intent);
}

/* --- in the order of the pack's files ----------------------------------------------------------------------- */

/* intents.json before intents-2.json before intents-10.json */
static int by_file(const struct source *a, const struct source *b)
{
    if (a == b)
        return 0;
    struct str x = a->name, y = b->name;
    if (str_ends(x, STR(".json")))
        x.n -= 5;
    if (str_ends(y, STR(".json")))
        y.n -= 5;
    size_t same = 0;
    while (same < x.n && same < y.n && x.p[same] == y.p[same])
        same++;
    while (same && ch_digit(x.p[same - 1]))
        same--;
    size_t nx = x.n - same, ny = y.n - same;
    bool digits = same < x.n && same < y.n && ch_digit(x.p[same]) && ch_digit(y.p[same]);
    return digits && nx != ny ? (nx < ny ? -1 : 1) : str_cmp(x, y);
}

static int by_place(const void *left, const void *right)
{
    const struct place a = (*(const struct intent *const *)left)->place,
                       b = (*(const struct intent *const *)right)->place;
    int file = by_file(a.source, b.source);
    return file ? file : (a.node > b.node) - (a.node < b.node);
}

static void export_all(struct exporting *e)
{
    const struct docent *d = e->docent;
    const struct intent **intents = arena_array(&e->arena, d->n_intents, sizeof *intents);
    for (size_t i = 0; i < d->n_intents; i++)
        intents[i] = &d->intents[i];
    if (d->n_intents)
        qsort(intents, d->n_intents, sizeof *intents, by_place);
    for (size_t i = 0; i < d->n_intents; i++)
        export_intent(e, intents[i]);
}

static struct sheet_layout layout_of(const struct packs *packs)
{
    struct sheet_layout layout = sheet_layout_plain();
    for (size_t i = 0; i < packs->folders[0].n; i++)
        if (sheet_layout_find(packs->folders[0].files[i].text, &layout))
            break;
    return layout;
}

static bool print_sheet(const struct exporting *e)
{
    struct buf out;
    buf_init(&out, SHEET_MAX_BYTES);
    sheet_write(&out, &e->sheet);
    bool ok = !out.full;
    fwrite(out.p, 1, out.n, stdout);
    buf_release(&out);
    return ok;
}

int cmd_export(struct call *call)
{
    bool csv = true;
    const struct opt rows[] = {OPT_FLAG(0, "csv", "as comma-separated values, which is what comes anyway", &csv)};
    struct packs packs;
    struct err err = {0};
    int status;
    if (!command_begin(call, rows, sizeof rows / sizeof *rows, &status))
        return status;
    if (call->n_words > 1)
        return command_usage(call, "one folder, not %zu", call->n_words);
    struct opt_list folder = {{call->n_words ? call->words[0] : call->settings.packs.items[0]},
                              call->n_words || call->settings.packs.n};
    if (!packs_open(&packs, &folder, &err)) {
        packs_report(&packs, &err, settings_color(&call->settings, STDERR_FILENO));
        status = err.status;
    } else {
        struct exporting e = {.docent = packs.docent, .sheet = {.layout = layout_of(&packs)}};
        examples_wanted(packs.docent);
        export_all(&e);
        status = print_sheet(&e) ? STATUS_OK : STATUS_IO;
        if (e.left_out && !call->settings.flags.quiet)
            fprintf(stderr, "left out: %zu intents that a sheet has no place for (small talk, declines)\n", e.left_out);
        arena_release(&e.arena);
    }
    packs_close(&packs);
    return status;
}

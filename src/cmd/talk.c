#include "cmd/talk.h"

#include "base/regex.h"
#include "base/utf8.h"
#include "engine/coverage.h"
#include "render/render.h"

#include <string.h>

/* --- what a reply holds ------------------------------------------------------------------------------------- */

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

/* Sections behind the reply, each once, with `between` before all but the first. */
static void add_sources(struct buf *out, const struct reply *reply, const char *between)
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

static void add_values(struct buf *out, const struct slot *slot)
{
    for (size_t i = 0; i < slot->n; i++) {
        buf_adds(out, i ? "," : "");
        buf_add(out, slot->values[i]);
    }
}

/* Each slot as " name=value,value". */
static void add_slots(struct buf *out, const struct part *part)
{
    for (size_t i = 0; i < part->n_slots; i++) {
        buf_addf(out, " %.*s=", STR_FMT(part->slots[i].entity));
        add_values(out, &part->slots[i]);
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
        add_slots(&out, &reply->parts[i]);
    bool any = false;
    for (size_t i = 0; i < reply->n_parts; i++)
        any = any || reply->parts[i].n_sources;
    if (any)
        buf_adds(&out, ", sources ");
    add_sources(&out, reply, ", ");
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

/* --- reading ------------------------------------------------------------------------------------------------ */

struct reading {
    const struct source *source;
    struct arena *a;
    struct talk_file *file;
    struct diags *diags;
    struct source_ref *sections;
    size_t n_sections;
    struct talk *talk;              /* NULL: the next question begins one */
    struct talk_turn *turn;
    size_t line;
};

static size_t place_of(const struct reading *r, struct str piece)
{
    return (size_t)(piece.p - r->source->text.p);
}

static void complain(struct reading *r, struct str piece, const char *rule, const char *hint, const char *message,
                     struct str subject)
{
    diag_addf(r->diags, DIAG_ERROR, rule, r->source, place_of(r, piece), hint, "%s%.*s", message, STR_FMT(subject));
}

/* Takes the next word off *rest. */
static bool next_word(struct str *rest, struct str *word)
{
    size_t from = 0;
    while (from < rest->n && ch_space(rest->p[from]))
        from++;
    size_t to = from;
    while (to < rest->n && !ch_space(rest->p[to]))
        to++;
    *word = str_sub(*rest, from, to);
    *rest = str_sub(*rest, to, rest->n);
    return word->n > 0;
}

static bool outcome_named(struct str name)
{
    static const char *const names[] = {
#define X(name, text) text,
        OUTCOMES(X)
#undef X
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_is(name, names[i]))
            return true;
    return false;
}

static bool section_known(const struct reading *r, struct str id)
{
    for (size_t i = 0; i < r->n_sections; i++)
        if (str_eq(r->sections[i].id, id))
            return true;
    return !r->n_sections;
}

static bool each_alternative(const struct reading *r, struct str alternatives, bool (*holds)(const struct reading *, struct str))
{
    struct str rest = alternatives, one;
    while (str_cut(&rest, '|', &one))
        if (!holds(r, one))
            return false;
    return true;
}

static bool is_outcome(const struct reading *r, struct str name)
{
    (void)r;
    return outcome_named(name);
}

static struct term read_term(struct reading *r, struct str word, bool first)
{
    for (size_t i = 0; i < word.n; i++)
        if (word.p[i] == '=') {
            struct str name = str_sub(word, 0, i), wanted = str_sub(word, i + 1, word.n);
            return (struct term){str_is(name, "intent") ? TERM_INTENT : TERM_SLOT, name, wanted};
        }
    if (each_alternative(r, word, is_outcome)) {
        if (!first)
            complain(r, word, "talk-outcome", "write the outcome first on its line", "an outcome behind other words: ", word);
        return (struct term){TERM_OUTCOME, {NULL, 0}, word};
    }
    if (!each_alternative(r, word, section_known))
        complain(r, word, "talk-section",
                 "outcomes are answer, clarify, decline and chat; sections are those of the packs; slots are name=value",
                 "no outcome and no section: ", word);
    return (struct term){TERM_SOURCE, {NULL, 0}, word};
}

static void read_equals(struct reading *r, struct str whole, struct str rest)
{
    struct str word;
    bool first = true;
    *ARENA_PUSH(r->a, r->turn->equals, r->turn->n_equals, r->turn->cap_equals) = whole;
    for (; next_word(&rest, &word); first = false) {
        struct term term = read_term(r, word, first);
        *ARENA_PUSH(r->a, r->turn->terms, r->turn->n_terms, r->turn->cap_terms) = term;
    }
    if (first)
        complain(r, whole, "talk-empty", "for example: = answer section-id", "nothing is expected here", (struct str){NULL, 0});
}

static void read_said(struct reading *r, struct str pattern, bool absent)
{
    struct regex_fault fault = {0};
    struct regex *regex = pattern.n ? regex_new(pattern, &fault) : NULL;
    if (regex) {
        *ARENA_PUSH(r->a, r->turn->said, r->turn->n_said, r->turn->cap_said) = (struct said){pattern, regex, absent, r->line};
        return;
    }
    struct str from = str_sub(pattern, fault.offset, pattern.n);
    if (!pattern.n)
        complain(r, pattern, "talk-empty", "write what the reply must contain", "the pattern is empty", (struct str){NULL, 0});
    else
        complain(r, from, "talk-pattern", "write \\ before a character that stands for itself", "pattern does not compile: ",
                 str_of(fault.message));
}

static void read_question(struct reading *r, struct str question)
{
    if (!question.n)
        complain(r, question, "talk-empty", "write what the person says behind >", "the question is empty", (struct str){NULL, 0});
    if (!r->talk) {
        r->talk = ARENA_PUSH(r->a, r->file->talks, r->file->n_talks, r->file->cap_talks);
        *r->talk = (struct talk){0};
    }
    r->turn = ARENA_PUSH(r->a, r->talk->turns, r->talk->n_turns, r->talk->cap_turns);
    *r->turn = (struct talk_turn){.question = question, .line = r->line};
}

/* whole  the line with its end */
static void read_line(struct reading *r, struct str whole)
{
    struct str line = str_trim(whole);
    if (!line.n) {
        r->talk = NULL;
        r->turn = NULL;
        return;
    }
    char mark = line.p[0];
    struct str rest = str_trim(str_sub(line, 1, line.n));
    if (mark == '#')
        return;
    if (mark == '>')
        read_question(r, rest);
    else if (!strchr("=~!", mark))
        complain(r, line, "talk-line",
                 "begin it with > for a question, = for what is expected, ~ or ! for a pattern, # for a comment",
                 "neither a question nor an expectation", (struct str){NULL, 0});
    else if (!r->turn)
        complain(r, line, "talk-order", "write the question above it, with no blank line between", "an expectation without a question",
                 (struct str){NULL, 0});
    else if (mark == '=')
        read_equals(r, whole, rest);
    else
        read_said(r, rest, mark == '!');
}

static struct str take_line(struct str *rest)
{
    const char *end = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
    size_t n = end ? (size_t)(end - rest->p) + 1 : rest->n;
    struct str line = str_sub(*rest, 0, n);
    *rest = str_sub(*rest, n, rest->n);
    return line;
}

void talk_parse(const struct source *source, const struct docent *docent, struct arena *a, struct talk_file *file,
                struct diags *diags)
{
    *file = (struct talk_file){.source = source};
    struct reading r = {.source = source, .a = a, .file = file, .diags = diags};
    if (docent) {
        r.n_sections = docent_sections(docent, NULL, 0);
        r.sections = arena_array(a, r.n_sections, sizeof *r.sections);
        docent_sections(docent, r.sections, r.n_sections);
    }
    struct str rest = source->text;
    if (str_starts(rest, STR("\xEF\xBB\xBF")))
        rest = str_sub(rest, 3, rest.n);
    while (rest.n) {
        r.line++;
        read_line(&r, take_line(&rest));
    }
    if (!file->n_talks && !diags->errors)
        diag_addf(diags, DIAG_ERROR, "talk-empty", source, DIAG_WHOLE, "a line that begins with > is a question", "no questions");
}

void talk_release(struct talk_file *file)
{
    for (size_t i = 0; i < file->n_talks; i++)
        for (size_t k = 0; k < file->talks[i].n_turns; k++)
            for (size_t s = 0; s < file->talks[i].turns[k].n_said; s++)
                regex_free(file->talks[i].turns[k].said[s].regex);
    *file = (struct talk_file){0};
}

/* --- judging ------------------------------------------------------------------------------------------------ */

static bool has_intent(const struct reply *reply, struct str intent)
{
    for (size_t i = 0; i < reply->n_parts; i++)
        if (str_eq(reply->parts[i].intent, intent))
            return true;
    return false;
}

static bool slot_has(const struct slot *slot, struct str value)
{
    for (size_t i = 0; i < slot->n; i++)
        if (str_eq(slot->values[i], value))
            return true;
    return false;
}

/* values  joined by commas, in any order: all of them and no other */
static bool slot_is(const struct slot *slot, struct str values)
{
    size_t n = 0;
    struct str rest = values, one;
    while (str_cut(&rest, ',', &one)) {
        if (!slot_has(slot, one))
            return false;
        n++;
    }
    return n == slot->n;
}

static bool has_slot(const struct reply *reply, struct str entity, struct str values)
{
    bool filled = false;
    for (size_t i = 0; i < reply->n_parts; i++)
        for (size_t k = 0; k < reply->parts[i].n_slots; k++) {
            const struct slot *slot = &reply->parts[i].slots[k];
            if (!str_eq(slot->entity, entity))
                continue;
            filled = true;
            if (values.n && slot_is(slot, values))
                return true;
        }
    return !values.n && !filled;
}

static bool alternative_holds(const struct term *term, const struct reply *reply, struct str wanted)
{
    switch (term->kind) {
    case TERM_OUTCOME:
        return str_is(wanted, outcome_name(reply->outcome));
    case TERM_SOURCE:
        return reply_rests_on(reply, wanted);
    case TERM_INTENT:
        return has_intent(reply, wanted);
    case TERM_SLOT:
        break;
    }
    return has_slot(reply, term->name, wanted);
}

static bool term_holds(const struct term *term, const struct reply *reply)
{
    struct str rest = term->wanted, one;
    if (!rest.n)
        return alternative_holds(term, reply, rest);
    while (str_cut(&rest, '|', &one))
        if (alternative_holds(term, reply, one))
            return true;
    return false;
}

static bool equals_hold(const struct talk_turn *turn, const struct reply *reply)
{
    for (size_t i = 0; i < turn->n_terms; i++)
        if (!term_holds(&turn->terms[i], reply))
            return false;
    return true;
}

static bool said_holds(const struct said *said, struct str text)
{
    return regex_find(said->regex, text) != said->absent;
}

static void add_term(struct buf *out, const struct term *term)
{
    if (term->name.n)
        buf_addf(out, "%.*s=", STR_FMT(term->name));
    buf_add(out, term->wanted);
}

/* Only what did not hold. */
static struct str broken_demands(const struct talk_turn *turn, const struct reply *reply, struct str text, struct arena *a)
{
    struct buf out;
    buf_init(&out, TALK_REPLY_MAX);
    for (size_t i = 0; i < turn->n_terms; i++)
        if (!term_holds(&turn->terms[i], reply)) {
            buf_adds(&out, out.n ? ", " : "");
            add_term(&out, &turn->terms[i]);
        }
    for (size_t i = 0; i < turn->n_said; i++)
        if (!said_holds(&turn->said[i], text))
            buf_addf(&out, "%s%s /%.*s/", out.n ? ", " : "", turn->said[i].absent ? "no" : "text", STR_FMT(turn->said[i].pattern));
    return keep(&out, a);
}

static void add_candidate(struct buf *out, const struct candidate *c)
{
    if (c->pattern.n)
        buf_addf(out, "pattern \"%.*s\" of %.*s (%.*s:%zu)", STR_FMT(c->pattern), STR_FMT(c->intent), STR_FMT(c->file), c->line);
    else
        buf_addf(out, "%.*s, learnt from examples (%.2f)", STR_FMT(c->intent), c->learnt_score);
}

/* What decided, question by question: the winning pattern and its place, or the sentence that the engine gives. */
static struct str reasons(const struct reply *reply, struct arena *a)
{
    struct buf out;
    buf_init(&out, TALK_REPLY_MAX);
    for (size_t i = 0; reply->why && i < reply->why->n_questions; i++) {
        const struct question_trace *q = &reply->why->questions[i];
        buf_adds(&out, i ? "; " : "");
        if (q->n_candidates && !q->candidates[0].lost)
            add_candidate(&out, &q->candidates[0]);
        else if (q->decision)
            buf_adds(&out, q->decision);
        buf_addf(&out, ", read as \"%.*s\"", STR_FMT(q->normalised));
    }
    return keep(&out, a);
}

/* --- blessing ----------------------------------------------------------------------------------------------- */

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
                add_values(out, &reply->parts[i].slots[k]);
                return;
            }
}

static void bless_intent(struct buf *out, const struct reply *reply)
{
    for (size_t i = 0; i < reply->n_parts; i++)
        if (reply->parts[i].intent.n) {
            buf_addf(out, " intent=%.*s", STR_FMT(reply->parts[i].intent));
            return;
        }
}

/* The `=` line that holds, naming outcome and sources, and of intent and slots what the lines so far named. */
static struct str blessed_line(const struct talk_turn *turn, const struct reply *reply, struct arena *a)
{
    struct buf out;
    buf_init(&out, TALK_REPLY_MAX);
    buf_addf(&out, "= %s ", outcome_name(reply->outcome));
    add_sources(&out, reply, " ");
    while (out.p[out.n - 1] == ' ')
        buf_cut(&out, out.n - 1);
    bool intent = false;
    for (size_t i = 0; i < turn->n_terms; i++) {
        if (turn->terms[i].kind == TERM_INTENT && !intent) {
            bless_intent(&out, reply);
            intent = true;
        }
        if (turn->terms[i].kind == TERM_SLOT && !names_slot(turn, turn->terms[i].name, i))
            bless_slot(&out, reply, turn->terms[i].name);
    }
    return keep(&out, a);
}

static const struct talk_result *result_of_line(const struct talk_run *run, const struct talk_file *file, const char *at,
                                                bool *is_first)
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
        struct str line = take_line(&rest);
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
    return keep(&out, a);
}

/* --- playing ------------------------------------------------------------------------------------------------ */

struct talk_result *talk_result_add(struct talk_run *run, struct arena *a, bool passed)
{
    struct talk_result *r = ARENA_PUSH(a, run->results, run->n, run->cap);
    *r = (struct talk_result){.passed = passed};
    *(passed ? &run->passed : &run->failed) += 1;
    return r;
}

static void judge(const struct talk_file *file, const struct talk_turn *turn, const struct reply *reply, struct arena *a,
                  struct talk_run *run)
{
    struct arena scratch = {0};
    struct str text = reply_plain(reply, &scratch), expected = broken_demands(turn, reply, text, &scratch);
    struct talk_result *r = talk_result_add(run, a, expected.n == 0);
    r->file = file;
    r->turn = turn;
    r->name = turn->question;
    r->where = arena_fmt(a, "%.*s:%zu", STR_FMT(file->source->name), turn->line);
    if (!r->passed) {
        r->expected = arena_str(a, expected);
        r->came = reply_summary(reply, a);
        r->text = text_beginning(text, TALK_SHOWN_MAX, a);
        r->why = reasons(reply, a);
        r->equals_failed = !equals_hold(turn, reply);
        r->blessed = blessed_line(turn, reply, a);
    }
    arena_release(&scratch);
}

static bool contains(struct str text, struct str part)
{
    for (size_t i = 0; i + part.n <= text.n; i++) {
        size_t k = 0;
        while (k < part.n && ch_lower(text.p[i + k]) == ch_lower(part.p[k]))
            k++;
        if (k == part.n)
            return true;
    }
    return false;
}

bool filter_lets(struct str filter, struct str file, struct str question)
{
    return contains(file, filter) || contains(question, filter);
}

void talk_play(const struct talk_file *file, struct str filter, const struct docent *docent, struct arena *a, struct talk_run *run)
{
    struct arena request = {0};
    for (size_t i = 0; i < file->n_talks; i++) {
        const struct talk *talk = &file->talks[i];
        if (!filter_lets(filter, file->source->name, talk->turns[0].question))
            continue;
        struct dialog dialog = {0};
        for (size_t k = 0; k < talk->n_turns; k++) {
            const struct reply *reply = docent_ask_covering(docent, &dialog, talk->turns[k].question, &request, run->coverage);
            judge(file, &talk->turns[k], reply, a, run);
            arena_reset(&request);
        }
    }
    arena_release(&request);
}

/* --- recording ---------------------------------------------------------------------------------------------- */

static void record_turn(struct buf *out, struct str question, const struct reply *reply)
{
    buf_addf(out, "> %.*s\n= %s", STR_FMT(question), outcome_name(reply->outcome));
    size_t before = out->n;
    buf_addc(out, ' ');
    add_sources(out, reply, " ");
    if (out->n == before + 1)
        buf_cut(out, before);
    bless_intent(out, reply);
    add_slots(out, &reply->parts[0]);
    buf_addc(out, '\n');
}

void talk_record(struct buf *out, struct str questions, const struct docent *docent)
{
    struct arena request = {0};
    struct dialog dialog = {0};
    bool any = false;
    while (questions.n) {
        struct str line = take_line(&questions), question = str_trim(line);
        if (!question.n || question.p[0] == '#')
            continue;
        if (any && !ch_space(line.p[0])) {
            dialog = (struct dialog){0};
            buf_addc(out, '\n');
        }
        record_turn(out, question, docent_ask(docent, &dialog, question, &request));
        arena_reset(&request);
        any = true;
    }
    arena_release(&request);
}

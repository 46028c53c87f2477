#include "cmd/talk.h"

#include "base/near.h"
#include "base/regex.h"
#include "engine/pack.h"

#include <string.h>

struct reading {
    const struct source *source;
    const struct docent *docent; /* NULL: names are not checked */
    struct arena *a;
    struct talk_file *file;
    struct diags *diags;
    struct source_ref *sections;
    size_t n_sections;
    struct talk *talk; /* NULL: the next question begins one */
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

/* Says what there is no such thing of, and what was probably meant. */
static void complain_of_name(struct reading *r, struct str name, const char *message, const struct near *near)
{
    const char *hint = near->best.n ? arena_fmt(&r->diags->arena, "did you mean '%.*s'?", STR_FMT(near->best)).p : "";
    complain(r, name, "talk-name", hint, message, name);
}

/* intent=NAME and ENTITY=VALUE: are there such? */
static void check_names(struct reading *r, const struct term *term)
{
    struct near near = near_to(term->name);
    struct str rest = term->wanted, one, values;
    bool slot = term->kind == TERM_SLOT;
    if (slot && !name_in_any_pack(r->docent, NAME_ENTITY, term->name, &near)) {
        complain_of_name(r, term->name, "no entity: ", &near);
        return;
    }
    while (str_cut(&rest, '|', &values))
        while (str_cut(&values, ',', &one)) {
            near = near_to(one);
            if (!one.n)
                continue; /* "ENTITY=": the slot is empty */
            if (slot ? !value_in_any_pack(r->docent, term->name, one, &near)
                     : !name_in_any_pack(r->docent, NAME_INTENT, one, &near))
                complain_of_name(r, one, slot ? "the entity has no value: " : "no intent: ", &near);
        }
}

static bool section_known(const struct reading *r, struct str id)
{
    for (size_t i = 0; i < r->n_sections; i++)
        if (str_eq(r->sections[i].id, id))
            return true;
    return false;
}

static bool each_alternative(const struct reading *r, struct str alternatives,
                             bool (*holds)(const struct reading *, struct str))
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
            struct term term = {str_is(name, "intent") ? TERM_INTENT : TERM_SLOT, name, wanted};
            if (r->docent)
                check_names(r, &term);
            return term;
        }
    bool section = r->n_sections && each_alternative(r, word, section_known); /* one may be called "chat" */
    if (each_alternative(r, word, is_outcome) && (first || !section)) {
        if (!first)
            complain(r, word, "talk-outcome", "write the outcome first on its line",
                     "an outcome behind other words: ", word);
        return (struct term){TERM_OUTCOME, {NULL, 0}, word};
    }
    if (r->n_sections && !section)
        complain(
            r, word, "talk-section",
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
        complain(r, whole, "talk-empty", "for example: = answer section-id", "nothing is expected here",
                 (struct str){NULL, 0});
}

static void read_said(struct reading *r, struct str pattern, bool absent)
{
    struct regex_fault fault = {0};
    struct regex *regex = pattern.n ? regex_new(pattern, &fault) : NULL;
    if (regex) {
        *ARENA_PUSH(r->a, r->turn->said, r->turn->n_said, r->turn->cap_said) =
            (struct said){pattern, regex, absent, r->line};
        return;
    }
    struct str from = str_sub(pattern, fault.offset, pattern.n);
    if (!pattern.n)
        complain(r, pattern, "talk-empty", "write what the reply must contain", "the pattern is empty",
                 (struct str){NULL, 0});
    else
        complain(r, from, "talk-pattern", "write \\ before a character that stands for itself",
                 "pattern does not compile: ", str_of(fault.message));
}

static void read_question(struct reading *r, struct str question)
{
    if (!question.n)
        complain(r, question, "talk-empty", "write what the person says behind >", "the question is empty",
                 (struct str){NULL, 0});
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
    else if (line.n > 1 && strchr("=~!", line.p[1]))
        complain(r, line, "talk-line",
                 "~ is for what the reply must contain, ! for what it must not, with a space behind it",
                 "two marks in a row", (struct str){NULL, 0});
    else if (!r->turn)
        complain(r, line, "talk-order", "write the question above it, with no blank line between",
                 "an expectation without a question", (struct str){NULL, 0});
    else if (mark == '=')
        read_equals(r, whole, rest);
    else
        read_said(r, rest, mark == '!');
}

struct str talk_line(struct str *rest)
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
    r.docent = docent;
    if (docent) {
        r.n_sections = docent_sections(docent, NULL, 0);
        r.sections = arena_array(a, r.n_sections, sizeof *r.sections);
        docent_sections(docent, r.sections, r.n_sections);
    }
    struct str rest = source->text;
    if (str_starts(rest, STR("\xEF\xBB\xBF")))
        rest = str_sub(rest, 3, rest.n);
    size_t errors = diags->errors;
    while (rest.n &&
           !(diags->errors > errors && !file->n_talks)) { /* a file that begins with something else is no talk */
        r.line++;
        read_line(&r, talk_line(&rest));
    }
    if (!file->n_talks && !diags->errors)
        diag_addf(diags, DIAG_ERROR, "talk-empty", source, DIAG_WHOLE, "a line that begins with > is a question",
                  "no questions");
}

void talk_release(struct talk_file *file)
{
    for (size_t i = 0; i < file->n_talks; i++)
        for (size_t k = 0; k < file->talks[i].n_turns; k++)
            for (size_t s = 0; s < file->talks[i].turns[k].n_said; s++)
                regex_free(file->talks[i].turns[k].said[s].regex);
    *file = (struct talk_file){0};
}

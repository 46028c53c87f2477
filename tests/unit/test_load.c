#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "docent.h"

#include <stdio.h>
#include <string.h>

#define LINE __LINE__
#define COUNT(a) (sizeof(a) / sizeof *(a))

/* What makes a pack unusable, each at its place: in the second file, where @ stands. JSON with ' for ". */
static const char header[] =
    "{'pack': {'name': 'museum', 'title': 'A museum'},\n"
    " 'sections': [{'id': 'hours', 'heading': 'Hours'}, {'id': 'tickets', 'heading': 'Tickets'}],\n"
    " 'facts': {'hours': {'daily': '9 to 5'}},\n"
    " 'entities': {'floor': {'values': {'ground': {'label': 'the ground floor', 'phrases': ['ground floor']},\n"
    "                                  'upper': {'label': 'the upper floor', 'phrases': ['upstairs']}}}},\n"
    " 'words': {'visit': ['visit', 'see']},\n"
    " 'intents': [{'id': 'opening', 'title': 'Opening', 'patterns': ['when ... open'], 'examples': ['When are you open?'],\n"
    "  'answers': [{'text': 'We are open {hours.daily}.'}]}]}";

#define INTENT(members) \
    "{'intents': [{'id': 'tour', 'title': 'Tours',\n" members ", 'answers': [{'text': 'Yes.', 'sources': ['hours']}]}]}"
#define ANSWER(answer) \
    "{'intents': [{'id': 'tour', 'title': 'Tours', 'slots': ['floor'], 'patterns': ['tour'],\n 'answers': [" answer \
    "]}]}"

static const struct row {
    int line;
    const char *rule, *hint; /* hint: what it holds */
    const char *more;
} rows[] = {
    /* not JSON, or not the JSON of a pack */
    {LINE, "json", "comma", "{'sections': []@,}"},
    {LINE, "json", "comma", "{'words': {'look': ['look'@, ]}}"},
    {LINE, "json", "quote", "{'sections': @hours}"},
    {LINE, "json", "bracket", "{'sections': [{'id': 'shop',\n 'heading': 'Shop'}@"},
    {LINE, "wrong-type", "", "@[]"},
    {LINE, "wrong-type", "", "{'sections': @{}}"},
    {LINE, "wrong-type", "", "{'intents': @'tour'}"},
    {LINE, "wrong-type", "", "{'other_subjects': @{'cup': 'who won the cup'}}"},
    {LINE, "wrong-type", "", "{'other_subjects': ['who won the cup', @['when']]}"},
    {LINE, "wrong-type", "", "{'intents': [@'tour']}"},
    {LINE, "wrong-type", "figures as texts", "{'facts': {'hours': {'sunday': @{}}}}"},
    {LINE, "wrong-type", "", INTENT("'patterns': @'tour'")},
    {LINE, "wrong-type", "", INTENT("'patterns': ['tour', @{}]")},
    {LINE, "wrong-type", "", INTENT("'examples': @'A tour?'")},
    {LINE, "wrong-type", "", "{'words': {'look': @[]}}"},
    {LINE, "unknown-key", "did you mean \"sections\"?", "{@'section': []}"},
    {LINE, "unknown-key", "did you mean \"patterns\"?", INTENT("@'pattern': ['tour']")},
    {LINE, "unknown-key", "", INTENT("@'colour': 'red'")},
    {LINE, "duplicate-key", "keep one", INTENT("'patterns': ['tour'], @'patterns': ['guided tour']")},
    {LINE, "missing-key", "", "{'sections': [@{'id': 'shop'}]}"},
    {LINE, "missing-key", "", "{'intents': [@{'id': 'tour', 'title': 'Tours', 'patterns': ['tour']}]}"},
    {LINE, "missing-key", "", ANSWER("@{'sources': ['hours']}")},
    {LINE, "missing-key", "words that name it", "{'entities': {'hall': {'values': {'big': @{'label': 'big'}}}}}"},
    {LINE, "bad-name", "small letters", "{'sections': [{'id': @'The Shop', 'heading': 'Shop'}]}"},
    {LINE, "second-header", "one file", "{'pack': @{'name': 'other', 'title': 'Other'}}"},
    {LINE, "unknown-kind", "", INTENT("'kind': @'joke'")},
    /* twice */
    {LINE, "duplicate-id", "", "{'sections': [@{'id': 'hours', 'heading': 'Hours'}]}"},
    {LINE, "duplicate-id", "each fact", "{'facts': {'hours': {@'daily': '9 to 6'}}}"},
    {LINE, "duplicate-id", "", "{'words': {@'visit': ['visit']}}"},
    {LINE, "duplicate-id", "",
     "{'entities': {'floor': @{'values': {'third': {'label': 'third', 'phrases': ['third']}}}}}"},
    /* what is named but is not there */
    {LINE, "unknown-section", "did you mean 'hours'?", "{'facts': {@'houres': {'daily': '9 to 6'}}}"},
    {LINE, "unknown-section", "did you mean 'tickets'?", ANSWER("{'text': 'Yes.', 'sources': ['hours', @'ticket']}")},
    {LINE, "unknown-section", "\"sections\"", ANSWER("{'text': 'Yes.', 'sources': [@'garden']}")},
    {LINE, "unknown-entity", "did you mean 'floor'?", INTENT("'slots': [@'flor']")},
    {LINE, "unknown-entity", "\"slots\"", INTENT("'slots': ['floor'], 'ask': {@'hall': 'Which?'}")},
    {LINE, "unknown-entity", "\"slots\"", INTENT("'slots': ['floor'], 'compares': @'hall'")},
    {LINE, "unknown-entity", "\"slots\"", INTENT("'slots': ['floor'], 'compares': ['floor', @'hall']")},
    {LINE, "unknown-entity", "\"slots\"", ANSWER("{'when': {@'hall': 'big'}, 'text': 'Yes.', 'sources': ['hours']}")},
    {LINE, "unknown-value", "did you mean 'ground'?",
     ANSWER("{'when': {'floor': @'grounds'}, 'text': 'Yes.', 'sources': ['hours']}")},
    {LINE, "unknown-intent", "did you mean 'opening'?", INTENT("'more': @'openning'")},
    {LINE, "unknown-intent", "", INTENT("'why': @'reasons'")},
    {LINE, "unknown-intent", "did you mean 'opening'?",
     INTENT("'after': [{'intents': [@'open'], 'patterns': ['^and$']}]")},
    {LINE, "unknown-group", "did you mean 'visit'?", "{'words': {@'come': ['come', '<vist>']}}"},
    {LINE, "unknown-group", "", "{'words': {'come': ['come', '<go>'], @'go': ['go', '<come>']}}"},
    {LINE, "pattern-syntax", "did you mean 'visit'?", INTENT("'patterns': ['tour', 'guide & @<visitt>']")},
    {LINE, "pattern-syntax", "did you mean 'floor'?", INTENT("'patterns': ['guide & @<flor>']")},
    {LINE, "pattern-syntax", "did you mean 'upper'?", INTENT("'patterns': ['guide & @<floor:uper>']")},
    {LINE, "pattern-syntax", "define it", INTENT("'patterns': ['@<guide> & tour']")},
    /* facts and variables that nothing fills */
    {LINE, "unknown-fact", "did you mean 'hours.daily'?", ANSWER("{'text': 'From @{hours.dayly} on.'}")},
    {LINE, "unknown-fact", "section.fact", ANSWER("{'text': ['Yes.', '@{tickets.price}']}")},
    {LINE, "unknown-fact", "", ANSWER("{'when': {'floor': '*'}, 'text': 'It costs @{tickets.<floor>}.'}")},
    {LINE, "bad-reference", "", ANSWER("{'text': 'It costs @{tickets.<floor>}.'}")},
    {LINE, "unbound-slot", "\"when\"", ANSWER("{'text': 'On @{floor.label}.', 'sources': ['hours']}")},
    {LINE, "unknown-form", "every value",
     ANSWER("{'when': {'floor': '*'}, 'text': 'On @{floor.short}.', 'sources': ['hours']}")},
    {LINE, "no-source", "\"sources\"", ANSWER("@{'text': 'Yes.'}")},
};

struct opened {
    struct buf texts[2];
    struct source files[2];
    size_t line, column;
    struct diags diags;
};

static void write_text(struct opened *o, size_t f, const char *text)
{
    struct buf *b = &o->texts[f];
    buf_init(b, 1 << 16);
    for (; *text; text++) {
        if (*text == '@') {
            size_t start = b->n;
            o->line = 1;
            while (start > 0 && b->p[start - 1] != '\n')
                start--;
            for (size_t i = 0; i < b->n; i++)
                o->line += b->p[i] == '\n';
            o->column = 1 + utf8_count(str_sub(buf_str(b), start, b->n));
            continue;
        }
        buf_addc(b, *text == '\'' ? '"' : *text);
    }
    o->files[f] = (struct source){f ? STR("more.json") : STR("header.json"), buf_str(b)};
}

static void open_pack(struct opened *o, const char *more)
{
    *o = (struct opened){.line = 0};
    write_text(o, 0, header);
    write_text(o, 1, more);
    struct pack_files pack = {STR("museum"), o->files, 2};
    docent_free(docent_open(&pack, 1, STR(""), &o->diags));
}

static void close_pack(struct opened *o)
{
    diags_release(&o->diags);
    buf_release(&o->texts[0]);
    buf_release(&o->texts[1]);
}

static bool holds(struct str text, const char *part)
{
    size_t n = strlen(part);
    for (size_t i = 0; i + n <= text.n; i++)
        if (memcmp(text.p + i, part, n) == 0)
            return true;
    return false;
}

static void test_faults(void **state)
{
    (void)state;
    int failed = 0;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct opened o;
        bool found = false;
        open_pack(&o, rows[i].more);
        for (size_t k = 0; k < o.diags.n; k++) {
            const struct diag *d = &o.diags.items[k];
            found = found || (strcmp(d->rule, rows[i].rule) == 0 && d->level == DIAG_ERROR && d->source &&
                              str_is(d->source->name, "more.json") && d->line == o.line && d->column == o.column &&
                              holds(d->hint, rows[i].hint));
        }
        for (size_t k = 0; !found && k < o.diags.n; k++) {
            const struct diag *d = &o.diags.items[k];
            fprintf(stderr, "row at line %d, expected %s at %zu:%zu, came %s at %zu:%zu: %.*s (%.*s)\n", rows[i].line,
                    rows[i].rule, o.line, o.column, d->rule, d->line, d->column, STR_FMT(d->message), STR_FMT(d->hint));
        }
        if (!found && !o.diags.n)
            fprintf(stderr, "row at line %d: nothing found\n", rows[i].line);
        failed += !found;
        close_pack(&o);
    }
    assert_int_equal(failed, 0);
}

/* Everything that refers to what stands in a broken file would look wrong, too. */
static void test_broken_file_hides_what_follows_from_it(void **state)
{
    (void)state;
    struct opened o;
    open_pack(&o, "{'facts': {'tickets': {'price': '5'}}},\n@'words': {}}");
    struct source swapped = o.files[0];
    (void)swapped;
    assert_int_equal(o.diags.n, 1);
    assert_string_equal(o.diags.items[0].rule, "json");
    close_pack(&o);
}

static void test_no_header(void **state)
{
    (void)state;
    struct source file = {STR("a.json"), STR("{\"sections\": []}")};
    struct pack_files pack = {STR("a"), &file, 1};
    struct diags diags = {0};
    docent_free(docent_open(&pack, 1, STR(""), &diags));
    assert_int_equal(diags.n, 1);
    assert_string_equal(diags.items[0].rule, "no-header");
    diags_release(&diags);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_broken_file_hides_what_follows_from_it),
        cmocka_unit_test(test_no_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

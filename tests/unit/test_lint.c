#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "engine/lint.h"
#include "engine/lint_regex.h"

#include <stdio.h>
#include <string.h>

#define LINE __LINE__

/* A library of books, without a fault. JSON with ' for ". */
static const char header[] =
    "{'pack': {'name': 'library', 'title': 'A library',\n"
    "  'messages': {'decline': 'Not in our leaflet.', 'decline_near': 'Not that, but:', 'clarify': 'Which one?',\n"
    "               'unclear': 'Pardon?'},\n"
    "  'next': ['When is the library open?']}}";

static const char library[] =
    "{'sections': [{'id': 'hours', 'heading': 'Opening hours'}, {'id': 'cards', 'heading': 'Cards'},\n"
    "              {'id': 'loans', 'heading': 'Loans'}],\n"
    " 'facts': {'hours': {'daily': '9 to 18'}, 'cards': {'price': '$5'}, 'loans': {'novel': '3 weeks', 'film': '1 week'}},\n"
    " 'entities': {'medium': {'values': {'novel': {'label': 'a novel', 'phrases': ['novel', 'fiction book']},\n"
    "                                    'film': {'label': 'a film', 'phrases': ['film', 'movie']}}}},\n"
    " 'words': {'borrow': ['borrow', 'take home', 'loan']},\n"
    " 'replace': {'dvd': 'film'},\n"
    " 'intents': [\n"
    "  {'id': 'hours', 'title': 'Opening hours', 'patterns': ['(when|until) ... open', 'opening time'],\n"
    "   'examples': ['When is the library open?', 'opening times of the reading room', 'until when are you open'],\n"
    "   'answers': [{'text': 'We open {hours.daily}.', 'next': ['What does a library card cost?']}]},\n"
    "  {'id': 'card', 'title': 'Library card', 'patterns': ['(price|cost) & card'],\n"
    "   'examples': ['What does a library card cost?', 'price of a reader card', 'cost of the membership card'],\n"
    "   'answers': [{'text': 'A card is {cards.price}.', 'next': ['How long can I borrow a novel?']}]},\n"
    "  {'id': 'loan', 'title': 'Loans', 'slots': ['medium'], 'ask': {'medium': 'A novel or a film?'},\n"
    "   'patterns': ['how long & <borrow>', '<borrow> & <medium>'],\n"
    "   'examples': ['How long can I borrow a novel?', 'loan of a film', 'may I take home a movie'],\n"
    "   'answers': [{'when': {'medium': '*'}, 'text': '{medium.label} is yours for {loans.<medium>}.'}]},\n"
    "  {'id': 'hello', 'kind': 'chat', 'patterns': ['^hello$'], 'examples': ['hello'], 'answers': [{'text': 'Hello.'}]}\n"
    " ]}";

/* Files of a pack; in the last one @ stands before what is at fault. */
enum { FILES = 3 };
struct planted {
    struct buf texts[FILES];
    struct source files[FILES];
    size_t line, column;
    struct diags diags;
};

static void write_file(struct planted *p, size_t f, const char *name, const char *text)
{
    struct buf *b = &p->texts[f];
    buf_init(b, 1 << 20);
    for (; *text; text++) {
        if (*text == '@') {
            size_t start = b->n;
            p->line = 1;
            while (start > 0 && b->p[start - 1] != '\n')
                start--;
            for (size_t i = 0; i < b->n; i++)
                p->line += b->p[i] == '\n';
            p->column = 1 + utf8_count(str_sub(buf_str(b), start, b->n));
            continue;
        }
        buf_addc(b, *text == '\'' ? '"' : *text);
    }
    p->files[f] = (struct source){str_of(name), buf_str(b)};
}

static void lint(struct planted *p, const char *head, const char *more)
{
    *p = (struct planted){.line = 0};
    write_file(p, 0, "library.json", library);
    write_file(p, 1, "header.json", head ? head : header);
    write_file(p, 2, "more.json", more ? more : "{}");
    struct pack_files pack = {STR("library"), p->files, FILES};
    struct docent *d = docent_open(&pack, 1, STR(""), &p->diags);
    if (d)
        docent_lint(d, &p->diags);
    docent_free(d);
    diags_sort(&p->diags);
}

static void forget(struct planted *p)
{
    diags_release(&p->diags);
    for (size_t f = 0; f < FILES; f++)
        buf_release(&p->texts[f]);
}

static void show(const struct planted *p, int row)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    buf_adds(&out, "");
    for (size_t i = 0; i < p->diags.n; i++) {
        buf_addf(&out, "[%s] ", p->diags.items[i].rule);
        diag_print(&out, &p->diags.items[i], false);
    }
    fprintf(stderr, "row at line %d, expected at %zu:%zu\n%s", row, p->line, p->column, out.p);
    buf_release(&out);
}

static void test_clean(void **state)
{
    (void)state;
    struct planted p;
    lint(&p, NULL, NULL);
    if (p.diags.n)
        show(&p, LINE);
    assert_int_equal(p.diags.n, 0);
    forget(&p);
}

/* An intent with patterns and examples, or with answers, of its own. */
#define ROOM(patterns, examples) \
    "{'intents': [{'id': 'room', 'title': 'Rooms', 'patterns': [" patterns "],\n 'examples': [" examples "],\n" \
    " 'answers': [{'text': 'Two rooms.', 'sources': ['hours']}]}]}"
#define PATTERN(pattern) ROOM("'" pattern "'", "'Is there a study room?', 'study room for a group'")
#define ANSWERS(slots, answers) \
    "{'intents': [{'id': 'fee', 'title': 'Fees', 'slots': [" slots "], 'patterns': ['late & (fee|fine)'],\n" \
    " 'examples': ['What is the late fee?', 'late fine for a novel', 'late fee for a film'],\n 'answers': [" answers \
    "]}]}"
#define TEXT(when) "{" when "'text': 'One dollar.', 'sources': ['loans']}"

static const struct row {
    int line;
    enum diag_level level;
    const char *rule;
    const char *more; /* file */
} rows[] = {
    /* patterns that can never match */
    {LINE, DIAG_ERROR, "pattern-syntax", PATTERN("study @Room")},
    {LINE, DIAG_ERROR, "pattern-syntax", PATTERN("study @(room")},
    {LINE, DIAG_ERROR, "pattern-syntax", PATTERN("study room @[z-a]")},
    {LINE, DIAG_ERROR, "pattern-punctuation", PATTERN("study@, room")},
    {LINE, DIAG_ERROR, "pattern-punctuation", PATTERN("study room @- group")},
    {LINE, DIAG_WARNING, "pattern-question-mark", PATTERN("study room@?")},
    {LINE, DIAG_ERROR, "pattern-never", PATTERN("study (room|@room\\\\?)")},
    {LINE, DIAG_ERROR, "pattern-never", PATTERN("study (room|@librar(ies|i\xC3\xA8re))")},
    {LINE, DIAG_ERROR, "pattern-never", PATTERN("study (room|@don[t])")},
    {LINE, DIAG_ERROR, "pattern-never", PATTERN("study (room|@\\\\d+,\\\\d+)")},
    {LINE, DIAG_ERROR, "pattern-never",
     "{'intents': [{'id': 'room', 'title': 'Rooms', 'after': [{'intents': [], 'patterns': [@'^and rooms$']}],\n"
     " 'examples': ['a study room'], 'answers': [{'text': 'Two.', 'sources': ['hours']}]}]}"},
    {LINE, DIAG_ERROR, "pattern-replaced", PATTERN("study (room|film @dvd)")},
    {LINE, DIAG_WARNING, "pattern-filler", PATTERN("(study|@the) room")},
    {LINE, DIAG_WARNING, "pattern-filler", PATTERN("(@well|just) study room")},
    /* that match too easily */
    {LINE, DIAG_ERROR, "pattern-empty", PATTERN("@(study)? (room)?")},
    {LINE, DIAG_ERROR, "pattern-empty", PATTERN("@(study room|.*)")},
    {LINE, DIAG_WARNING, "pattern-common", PATTERN("@(study room|how)")},
    {LINE, DIAG_WARNING, "pattern-common", PATTERN("@\\\\w+")},
    {LINE, DIAG_WARNING, "pattern-anywhere", PATTERN("@\\\\w+ly \\\\w+ing \\\\w+")},
    /* that are slow */
    {LINE, DIAG_ERROR, "pattern-backtracks", PATTERN("study room (in|(o+)@+n)?")},
    {LINE, DIAG_ERROR, "pattern-backtracks", PATTERN("study ((small|@(big|large)+ )+ room)?")},
    {LINE, DIAG_ERROR, "pattern-backtracks", PATTERN("study (@... room)+")},
    {LINE, DIAG_WARNING, "pattern-backtracks", PATTERN("study .* room @.* group")},
    {LINE, DIAG_WARNING, "pattern-backtracks", PATTERN("study (room|r.*o.@*m)")},
    {LINE, DIAG_WARNING, "pattern-limit", PATTERN("study (room|@(o|o)+n)")},
    {LINE, DIAG_WARNING, "pattern-limit", PATTERN("@study ... study ... study ... study ... study ... room")},
    /* that nothing reaches, or that stand there twice */
    {LINE, DIAG_WARNING, "unreached-pattern", ROOM("'study room', @'quiet corner'", "'Is there a study room?'")},
    {LINE, DIAG_WARNING, "duplicate-pattern", ROOM("'study room', @'study the rooms'", "'Is there a study room?'")},
    {LINE, DIAG_ERROR, "duplicate-pattern", ROOM("'study room', @'opening time'", "'Is there a study room?'")},
    /* questions */
    {LINE, DIAG_ERROR, "stolen-question",
     ROOM("'study room'", "'Is there a study room?', 'study room for a group',\n @'What does our library card cost?'")},
    {LINE, DIAG_WARNING, "answered-elsewhere",
     "{'other_subjects': ['who won the cup', @'what is the cost of the membership card']}"},
    {LINE, DIAG_WARNING, "unclear-example",
     ROOM("'study room'", "'Is there a study room?', 'study room for a group',\n @'um, well'")},
    {LINE, DIAG_ERROR, "duplicate-question",
     ROOM("'study room'", "'Is there a study room?', @'What do library cards cost'")},
    {LINE, DIAG_WARNING, "duplicate-question",
     ROOM("'study room'", "'Is there a study room?', @'Is there a study room'")},
    {LINE, DIAG_ERROR, "unreachable-intent",
     "{'intents': [{'id': @'attic', 'title': 'Attic', 'answers': [{'text': 'None.', 'sources': ['hours']}]}]}"},
    {LINE, DIAG_ERROR, "unreachable-intent",
     "{'intents': [{'id': @'attic', 'title': 'Attic', 'examples': ['opening times'],\n"
     " 'answers': [{'text': 'None.', 'sources': ['hours']}]}]}"},
    {LINE, DIAG_WARNING, "no-example",
     "{'intents': [{'id': @'attic', 'title': 'Attic', 'patterns': ['attic'], 'answers': [{'text': 'None.', 'sources': ['hours']}]}]}"},
    {LINE, DIAG_WARNING, "links-itself",
     "{'intents': [{'id': 'attic', 'title': 'Attic', 'why': @'attic', 'patterns': ['attic'], 'examples': ['is there an attic'],\n"
     " 'answers': [{'text': 'None.', 'sources': ['hours']}]}]}"},
    /* answers */
    {LINE, DIAG_ERROR, "missing-question", ANSWERS("@'medium'", TEXT("'when': {'medium': '*'}, "))},
    {LINE, DIAG_ERROR, "missing-variant",
     "{'intents': [{'id': 'fee', 'title': 'Fees', 'slots': ['medium'], 'ask': {'medium': 'For what?'}, 'patterns': ['late & fee'],\n"
     " 'examples': ['What is the late fee?', 'late fee for a novel'],\n @'answers': [" TEXT(
         "'when': {'medium': 'novel'}, ") "]}]}"},
    {LINE, DIAG_ERROR, "unreachable-answer",
     ANSWERS("'medium'",
             TEXT("") ", " TEXT("'when': {'medium': 'film'}, ") ",\n" TEXT("@'when': {'medium': 'film'}, "))},
    {LINE, DIAG_ERROR, "unreachable-answer",
     ANSWERS("'medium'", TEXT("") ", " TEXT("'when': {'medium': 'film'}, ") ", " TEXT(
                             "'when': {'medium': 'novel'}, ") ",\n" TEXT("@'when': {'medium': '*'}, "))},
    {LINE, DIAG_ERROR, "unreachable-answer", ANSWERS("'medium'", TEXT("") ",\n @" TEXT(""))},
    {LINE, DIAG_ERROR, "impossible-condition", ANSWERS("'medium'", TEXT("") ",\n" TEXT("'when': {@'medium': []}, "))},
    {LINE, DIAG_ERROR, "impossible-condition",
     "{'entities': {'floor': {'values': {'ground': {'label': 'ground', 'phrases': ['well']},\n"
     " 'top': {'label': 'top', 'phrases': ['top floor']}}}}, 'intents': [{'id': 'lift', 'title': 'Lift', 'slots': ['floor'],\n"
     " 'patterns': ['lift'], 'examples': ['is there a lift', 'lift to the top floor'],\n"
     " 'answers': [{'text': 'Yes.', 'sources': ['hours']}, {'when': {@'floor': 'ground'}, 'text': 'No.', 'sources': ['hours']}]}]}"},
    /* suggestions */
    {LINE, DIAG_ERROR, "unanswered-suggestion",
     ANSWERS("", "{'text': 'One.', 'sources': ['loans'], 'next': [@'Who wrote Moby Dick?']}")},
    {LINE, DIAG_ERROR, "unanswered-suggestion",
     ANSWERS("", "{'text': 'One.', 'sources': ['loans'],\n 'next': ['hello', @'How long can I borrow?']}")},
    {LINE, DIAG_WARNING, "circular-suggestion",
     ANSWERS("", "{'text': 'One.', 'sources': ['loans'], 'next': [@'late fee']}")},
    {LINE, DIAG_WARNING, "long-button",
     ANSWERS(
         "",
         "{'text': 'One.', 'sources': ['loans'],\n 'next': [@'For how many days or weeks exactly can I or my family borrow a good novel here?']}")},
    /* words */
    {LINE, DIAG_WARNING, "unused-words", "{'words': {\n  @'shelf': ['shelf', 'rack']}}"},
    {LINE, DIAG_WARNING, "unused-entity",
     "{'entities': {\n  @'floor': {'values': {'top': {'label': 'top', 'phrases': ['top floor']}}}}}"},
    {LINE, DIAG_WARNING, "unused-fact", "{'facts': {'hours': {@'sunday': 'closed'}}}"},
    {LINE, DIAG_WARNING, "unused-section", "{'sections': [\n  @{'id': 'attic', 'heading': 'Attic'}]}"},
    {LINE, DIAG_WARNING, "unused-form",
     "{'entities': {'floor': {'values': {'top': {'label': 'top', @'short': 't', 'phrases': ['top floor']}}}},\n"
     " 'intents': [{'id': 'lift', 'title': 'Lift', 'slots': ['floor'], 'patterns': ['lift'], 'examples': ['is there a lift'],\n"
     " 'answers': [{'text': 'Yes.', 'sources': ['hours']}]}]}"},
    {LINE, DIAG_ERROR, "unused-replacement", "{'replace': {'cassettes': 'film',\n @'cassette': 'movie'}}"},
    {LINE, DIAG_ERROR, "unused-replacement", "{'replace': {@'just': 'movie'}}"},
    {LINE, DIAG_WARNING, "unused-replacement", "{'replace': {@'card': 'cards'}}"},
    {LINE, DIAG_WARNING, "filler-phrase", "{'words': {'shelf': ['shelf',\n @'well']}}"},
    {LINE, DIAG_ERROR, "replaced-phrase", "{'words': {'shelf': ['shelf', @'dvd rack']}}"},
    {LINE, DIAG_WARNING, "shared-phrase",
     "{'entities': {'floor': {'values': {'top': {'label': 'top', 'phrases': ['upstairs']},\n"
     "                                   'attic': {'label': 'attic', 'phrases': ['loft', @'upstairs']}}}}}"},
};

static bool is_named(const struct planted *p, const struct row *row, const char *file)
{
    for (size_t i = 0; i < p->diags.n; i++) {
        const struct diag *d = &p->diags.items[i];
        if (strcmp(d->rule, row->rule) == 0 && d->level == row->level && d->source && str_is(d->source->name, file) &&
            d->line == p->line && d->column == p->column)
            return true;
    }
    return false;
}

static void test_faults(void **state)
{
    (void)state;
    int failed = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct planted p;
        lint(&p, NULL, rows[i].more);
        if (!is_named(&p, &rows[i], "more.json"))
            show(&p, rows[i].line), failed++;
        forget(&p);
    }
    assert_int_equal(failed, 0);
}

static void test_header(void **state)
{
    (void)state;
    const struct row without = {LINE, DIAG_WARNING, "no-suggestions", ""},
                     missing = {LINE, DIAG_WARNING, "missing-message", ""};
    struct planted p;
    lint(&p, "{@'pack': {'name': 'library', 'title': 'A library'}}", NULL);
    p.line = 1, p.column = 2;
    assert_true(is_named(&p, &without, "header.json"));
    assert_true(is_named(&p, &missing, "header.json"));
    assert_int_equal(p.diags.n, 2);
    forget(&p);
}

/* Facts are filled in before the length is measured, and Slack takes & as five characters. */
static void test_long_reply(char letter, size_t n, const char *platform)
{
    static char text[8000], fact[1501];
    const struct row row = {LINE, DIAG_WARNING, "long-reply", ""};
    memset(fact, 0, sizeof fact);
    memset(fact, letter, n);
    snprintf(
        text, sizeof text,
        "{'facts': {'hours': {'much': '%s'}}, 'intents': [{'id': 'all', 'title': 'All', 'patterns': ['everything known'],\n"
        " 'examples': ['tell everything that is known'],\n"
        " 'answers': [{'text': 'Short.', 'sources': ['hours'], 'or': [@'{hours.much}{hours.much}']}]}]}",
        fact);
    struct planted p;
    lint(&p, NULL, text);
    if (!is_named(&p, &row, "more.json"))
        show(&p, LINE);
    assert_true(is_named(&p, &row, "more.json"));
    for (size_t i = 0; i < p.diags.n; i++)
        if (strcmp(p.diags.items[i].rule, row.rule) == 0)
            assert_non_null(strstr(p.diags.items[i].message.p, platform));
    forget(&p);
}

static void test_long_replies(void **state)
{
    (void)state;
    test_long_reply('x', 1001, "Discord takes 2,000");
    test_long_reply('&', 301, "Slack shows 3,000");
}

/* What is no fault must not be called one. */
static void test_no_false_alarm(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *more;
    } fine[] = {
        {LINE, PATTERN("(the|a)? study rooms?")},
        {LINE, PATTERN("stud(y|ies|ying) room")},
        {LINE, PATTERN("study (room|no\\\\.?|\\\\d{3,5}|[a-f]\\\\d+)")},
        {LINE, PATTERN("(study|... lecture) room & !(film|novel) & !42,000")},
        {LINE, PATTERN("study room (for (big|small)? group)?")},
        {LINE,
         ANSWERS("'medium'", TEXT("'when': {'medium': ['novel', 'film']}, ") ", " TEXT(
                                 "'when': {'medium': 'film'}, ") ", " TEXT("'when': {'medium': '*'}, ") ", " TEXT(""))},
        {LINE, ANSWERS("'medium'", TEXT("'when': {'medium': 'novel'}, ") ", " TEXT(""))},
        {LINE, "{'replace': {'cd rom': 'film', 'blu ray': ''}}"},
    };
    int failed = 0;
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
        struct planted p;
        lint(&p, NULL, fine[i].more);
        if (p.diags.n)
            show(&p, fine[i].line), failed++;
        forget(&p);
    }
    assert_int_equal(failed, 0);
}

static void test_regex(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *word;
        enum regex_slowness slow;
        const char *samples; /* when there are no others */
    } words[] = {
        {LINE, "cod(er|ing)s?", REGEX_FAST, "coder coders coding codings"},
        {LINE, "[ab]{2}", REGEX_FAST, ""},
        {LINE, "a|b|", REGEX_FAST, "a b "},
        {LINE, "\\d+x\\d+", REGEX_FAST, ""},
        {LINE, "(ba*)+", REGEX_FAST, ""},
        {LINE, "(a+b)*", REGEX_FAST, ""},
        {LINE, "(aa*)+", REGEX_NESTED, ""},
        {LINE, "(a*)*", REGEX_NESTED, ""},
        {LINE, "((ab)+)+c", REGEX_NESTED, ""},
        {LINE, "([a-z]+x?)*", REGEX_NESTED, ""},
        {LINE, "\\w+\\d*", REGEX_OVERLAPPING, ""},
        {LINE, ".*x.*", REGEX_OVERLAPPING, ""},
        {LINE, "[", REGEX_FAST, ""},
        {LINE, "((((", REGEX_FAST, ""},
        {LINE, "\\", REGEX_FAST, ""},
        {LINE, "(?<=a)b", REGEX_FAST, ""},
        {LINE, "a{,}{9999999}", REGEX_FAST, ""},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct arena a = {0};
        struct str samples[64];
        struct buf all;
        bool exact;
        size_t at = 0;
        const struct regex *r = regex_read(str_of(words[i].word), &a);
        size_t n = regex_samples(r, &a, samples, 64, &exact);
        buf_init(&all, 10000);
        buf_adds(&all, "");
        for (size_t k = 0; k < n && exact; k++)
            buf_addf(&all, "%s%.*s", k ? " " : "", STR_FMT(samples[k]));
        bool same =
            regex_slow(r, &at) == words[i].slow && (!*words[i].samples || str_is(buf_str(&all), words[i].samples));
        if (!same)
            fprintf(stderr, "row at line %d: slow %d, samples '%s'\n", words[i].line, (int)regex_slow(r, &at), all.p);
        buf_release(&all);
        arena_release(&a);
        assert_true(same);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clean),        cmocka_unit_test(test_faults),         cmocka_unit_test(test_header),
        cmocka_unit_test(test_long_replies), cmocka_unit_test(test_no_false_alarm), cmocka_unit_test(test_regex),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

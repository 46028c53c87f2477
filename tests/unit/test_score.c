#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "cmd/score.h"
#include "packs.h"

#include <stdio.h>
#include <string.h>

struct paper { /* a question set, read */
    struct arena arena;
    struct buf text;
    struct source source;
    struct question_set set;
    struct diags diags;
};

/* lines: with ' for " */
static void read_paper(struct paper *p, const char *lines)
{
    *p = (struct paper){.source = {.name = STR("q.jsonl")}};
    buf_init(&p->text, 100000);
    buf_adds(&p->text, "");
    for (; *lines; lines++)
        buf_addc(&p->text, *lines == '\'' ? '"' : *lines);
    p->source.text = buf_str(&p->text);
    questions_parse(&p->source, &p->arena, &p->set, &p->diags);
}

static void drop_paper(struct paper *p)
{
    questions_release(&p->set);
    diags_release(&p->diags);
    arena_release(&p->arena);
    buf_release(&p->text);
}

static bool holds(struct str text, const char *part)
{
    return memmem(text.p, text.n, part, strlen(part)) != NULL;
}

/* A reply of one part, resting on two sections. */
static struct reply reply_of(enum outcome outcome)
{
    struct reply r = {.outcome = outcome, .n_parts = 2};
    r.parts[0] = (struct part){.outcome = outcome, .sources = {{.id = STR("a")}}, .n_sources = 1};
    r.parts[1] = (struct part){.outcome = outcome, .sources = {{.id = STR("b")}}, .n_sources = 1};
    return r;
}

static void judges_as_the_question_sets_say(void **state)
{
    (void)state;
    static const struct {
        const char *turn; /* members beside "q" */
        enum outcome came;
        enum score_verdict verdict;
        bool false_answer;
    } rows[] = {
        {"'outcome': ['answer']", OUTCOME_ANSWER, VERDICT_RIGHT, false},
        {"'outcome': ['answer'], 'sources': [['a']]", OUTCOME_ANSWER, VERDICT_RIGHT, false},
        {"'outcome': ['answer'], 'sources': [['a'], ['b']]", OUTCOME_ANSWER, VERDICT_RIGHT, false},
        {"'outcome': ['answer'], 'sources': [['x', 'b']]", OUTCOME_ANSWER, VERDICT_RIGHT, false},
        {"'outcome': ['answer'], 'sources': [['a'], ['x']]", OUTCOME_ANSWER, VERDICT_WRONG, false},
        {"'outcome': ['answer'], 'must': ['42,?000', 'CODER']", OUTCOME_ANSWER, VERDICT_RIGHT, false},
        {"'outcome': ['answer'], 'must': ['42,?000', 'biller']", OUTCOME_ANSWER, VERDICT_WRONG, false},
        {"'outcome': ['answer'], 'must_not': ['coder']", OUTCOME_ANSWER, VERDICT_WRONG, false},
        {"'outcome': ['answer'], 'must_not': ['biller']", OUTCOME_ANSWER, VERDICT_RIGHT, false},
        {"'outcome': ['answer']", OUTCOME_DECLINE, VERDICT_MISSED, false},
        {"'outcome': ['answer']", OUTCOME_CLARIFY, VERDICT_MISSED, false},
        {"'outcome': ['answer']", OUTCOME_CHAT, VERDICT_MISSED, false},
        {"'outcome': ['answer', 'clarify'], 'must': ['nothing']", OUTCOME_CLARIFY, VERDICT_RIGHT, false},
        {"'outcome': ['decline']", OUTCOME_DECLINE, VERDICT_RIGHT, false},
        {"'outcome': ['decline'], 'sources': [['x']], 'must': ['nothing']", OUTCOME_DECLINE, VERDICT_RIGHT, false},
        {"'outcome': ['decline'], 'must_not': ['42']", OUTCOME_DECLINE, VERDICT_WRONG, false},
        {"'outcome': ['decline']", OUTCOME_ANSWER, VERDICT_WRONG, true},
        {"'outcome': ['chat']", OUTCOME_ANSWER, VERDICT_WRONG, true},
        {"'outcome': ['clarify']", OUTCOME_ANSWER, VERDICT_WRONG, false},
        {"'outcome': ['clarify', 'decline']", OUTCOME_ANSWER, VERDICT_WRONG, true},
        {"'outcome': ['decline']", OUTCOME_CHAT, VERDICT_MISSED, false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct paper p;
        char line[500];
        struct buf why;
        buf_init(&why, 1000);
        snprintf(line, sizeof line, "{'id': 'c', 'style': 's', 'turns': [{'q': 'q', %s}]}", rows[i].turn);
        read_paper(&p, line);
        print_diags(&p.diags);
        assert_int_equal(p.diags.errors, 0);
        struct reply reply = reply_of(rows[i].came);
        bool false_answer = false;
        enum score_verdict v =
            score_judge(&p.set.talks[0].turns[0], &reply, STR("A coder has $42,000."), &false_answer, &why);
        if (v != rows[i].verdict || false_answer != rows[i].false_answer || (why.n == 0) != (v == VERDICT_RIGHT))
            fail_msg("row %zu: %s: verdict %d, false answer %d, why '%s'", i, rows[i].turn, (int)v, false_answer,
                     why.n ? why.p : "");
        buf_release(&why);
        drop_paper(&p);
    }
}

static void complains_with_the_line(void **state)
{
    (void)state;
    static const char good[] = "{'id': 'c', 'style': 's', 'turns': [{'q': 'q', 'outcome': ['chat']}]}\n";
    static const struct {
        const char *line, *rule;
    } rows[] = {
        {"{'id': ", "json-syntax"},
        {"[]", "questions-type"},
        {"7", "questions-type"},
        {"{'style': 's', 'turns': [{'q': 'q', 'outcome': ['chat']}]}", "questions-type"},
        {"{'id': 'd', 'style': 's', 'turns': []}", "questions-type"},
        {"{'id': 'd', 'style': 's', 'turns': [{'q': 'q', 'outcome': ['shrug', 'chat']}]}", "questions-outcome"},
        {"{'id': 'd', 'style': 's', 'turns': [{'q': 'q', 'outcome': []}]}", "questions-outcome"},
        {"{'id': 'd', 'style': 's', 'turns': [{'q': 'q', 'outcome': ['chat']}, {'q': 5, 'outcome': ['chat']}]}",
         "questions-type"},
        {"{'id': 'd', 'style': 's', 'turns': [{'q': 'q', 'outcome': ['chat'], 'must': ['(']}]}", "questions-pattern"},
        {"{'id': 'c', 'style': 's', 'turns': [{'q': 'q', 'outcome': ['chat']}]}", "questions-id"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct paper p;
        char text[1000];
        snprintf(text, sizeof text, "%s\n%s", good, rows[i].line);
        read_paper(&p, text);
        if (p.diags.errors != 1 || p.diags.items[0].line != 3 || strcmp(p.diags.items[0].rule, rows[i].rule) != 0) {
            print_diags(&p.diags);
            fail_msg("row %zu: %s", i, rows[i].line);
        }
        drop_paper(&p);
    }
}

static void nothing_is_no_question_set(void **state)
{
    (void)state;
    struct paper p;
    read_paper(&p, "\n\n");
    assert_int_equal(p.diags.errors, 1);
    drop_paper(&p);
}

static const char three[] =
    "{'id': '1', 'style': 'zeal', 'turns': [{'q': 'hello', 'outcome': ['chat']}]}\n"
    "{'id': '2', 'style': 'typo', 'turns': [{'q': 'deposit', 'outcome': ['answer'], 'sources': [['rental']], 'must': ['100']}, "
    "{'q': 'hello', 'outcome': ['answer']}]}\n"
    "{'id': '3', 'style': 'plain', 'turns': [{'q': 'deposit', 'outcome': ['decline']}]}\n";

static void the_table_counts_by_style(void **state)
{
    (void)state;
    struct shop shop;
    struct paper p;
    struct score score = {0};
    struct buf out;
    shop_open(&shop, 0);
    read_paper(&p, three);
    print_diags(&p.diags);
    buf_init(&out, 100000);
    score_play(&p.set, STR(""), shop.docent, &p.arena, &score, &out);
    assert_int_equal(score.n_rows, 3);
    assert_true(str_is(score.rows[0].style, "plain"));
    assert_true(str_is(score.rows[1].style, "typo"));
    assert_true(str_is(score.rows[2].style, "zeal"));
    assert_int_equal(score.total.turns, 4);
    assert_int_equal(score.total.verdicts[VERDICT_RIGHT], 2);
    assert_int_equal(score.total.verdicts[VERDICT_WRONG], 1);
    assert_int_equal(score.total.verdicts[VERDICT_MISSED], 1);
    assert_int_equal(score.total.false_answers, 1);
    assert_true(score_percent(&score, VERDICT_RIGHT) == 50.0);
    assert_true(holds(buf_str(&out), "3  plain  turn 1  WRONG  FALSE ANSWER\n  asked:    deposit\n"));
    assert_true(holds(buf_str(&out), "2  typo  turn 2  MISSED\n  before:   deposit\n  asked:    hello\n"));
    buf_clear(&out);
    score_table(&out, &score, "# ");
    assert_true(holds(buf_str(&out), "# style     turns   right %   wrong %   missed %   false answers\n"));
    assert_true(holds(buf_str(&out), "# total         4      50.0      25.0       25.0               1\n"));
    buf_release(&out);
    drop_paper(&p);
    shop_close(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_as_the_question_sets_say),
        cmocka_unit_test(complains_with_the_line),
        cmocka_unit_test(nothing_is_no_question_set),
        cmocka_unit_test(the_table_counts_by_style),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

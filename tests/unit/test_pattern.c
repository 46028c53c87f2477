#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/regex.h"
#include "engine/normalise.h"
#include "engine/observe.h"
#include "engine/pattern.h"
#include "docent.h"

#include <stdio.h>
#include <string.h>

/* A pack with one intent and one pattern, asked with the index; `faults` gets the first error's column. */
static struct docent *open_pattern(const char *pattern, struct diags *diags, char *text, size_t size)
{
    static struct source file;
    static struct pack_files pack;
    snprintf(text, size,
             "{\"pack\": {\"name\": \"p\", \"title\": \"P\"}, \"sections\": [{\"id\": \"s\", \"heading\": \"S\"}],\n"
             "\"words\": {\"pay\": [\"pay\", \"make money\", \"earn\"]},\n"
             "\"entities\": {\"role\": {\"values\": {\"coder\": {\"label\": \"c\", \"phrases\": [\"coder\", \"medical coder\"]},"
             " \"biller\": {\"label\": \"b\", \"phrases\": [\"biller\"]}}}},\n"
             "\"intents\": [{\"id\": \"i\", \"answers\": [{\"text\": \"t\", \"sources\": [\"s\"]}], \"patterns\": [\n\"%s\"]}]}",
             pattern);
    file = (struct source){STR("p.json"), str_of(text)};
    pack = (struct pack_files){STR("p"), &file, 1};
    return docent_open(&pack, 1, (struct str){"", 0}, diags);
}

static const struct {
    const char *pattern, *text;
    bool matches;
} rows[] = {
    {"how much do coders earn", "so how much do coders really earn", true},
    {"how much do coders earn", "how much do billers earn", false},
    {"how (much|many)", "how many", true},
    {"how (much|many)", "how", false},
    {"why (is that)? so", "why so", true},
    {"why (is that )?so", "why is that so", true},
    {"why( is that)?$", "why is that", true},
    {"why( is that)?$", "why is that bad", false},
    {"^why", "but why", false},
    {"<pay> & <role>", "what can a biller earn", true},
    {"<pay> & <role>", "make money as a medical coder", true},
    {"<pay> & <role:coder>", "what can a biller earn", false},
    {"<pay> & !<role>", "what can i earn", true},
    {"<pay> & !<role>", "what can a coder earn", false},
    {"how ... earn", "how much do people in that place earn", true},
    {"how ... earn", "how a b c d e f g h i j earn", false},
    {"certif\\\\w*", "certification", true},
    {"certif(y|ied)", "certified", true},
    {"coders", "one coder", true},
    {"coder", "coders", true},
    {"code", "coder", false},
    {"entry-level", "entry level", true},
    {"(the|just) job", "job", true},
};

static void test_language(void **state)
{
    (void)state;
    char text[2000];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct diags diags = {0};
        struct arena a = {0};
        struct docent *d = open_pattern(rows[i].pattern, &diags, text, sizeof text);
        if (!d)
            fail_msg("'%s' does not load: %.*s", rows[i].pattern, STR_FMT(diags.items[0].message));
        struct words w = normalise(d, str_of(rows[i].text), false, &a);
        struct observed seen;
        struct hit *hits;
        struct match_stats stats = {0};
        observe(d, w.items, w.n, &a, &seen);
        bool matched = patterns_match(d, &seen, NONE, &a, &hits, &stats) > 0;

        /* without the index: the expression itself, on the same words */
        struct regex_fault fault;
        struct regex *regex = regex_new(pattern_expression(d, 0, &a), &fault);
        bool direct = regex && regex_find(regex, seen.text);
        regex_free(regex);
        if (matched != rows[i].matches || direct != matched)
            fail_msg("'%s' on '%s': %d with the index, %d without", rows[i].pattern, rows[i].text, matched, direct);
        docent_free(d);
        diags_release(&diags);
        arena_release(&a);
    }
}

static const struct {
    const char *pattern;
    size_t column;      /* of the message, the opening quote being 1 */
} faults[] = {
    {"how much (do|does", 11},
    {"how Much", 6},
    {"<nothing> here", 2},
    {"<role:plumber>", 2},
    {"!<pay>", 2},
    {"a )b", 4},
    {"cert[", 2},
};

static void test_faults_have_places(void **state)
{
    (void)state;
    char text[2000];
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct diags diags = {0};
        struct docent *d = open_pattern(faults[i].pattern, &diags, text, sizeof text);
        if (d || !diags.n || diags.items[0].line != 5 || diags.items[0].column != faults[i].column)
            fail_msg("'%s': %s, %zu:%zu", faults[i].pattern, d ? "loads" : "fails", diags.n ? diags.items[0].line : 0,
                     diags.n ? diags.items[0].column : 0);
        diags_release(&diags);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_language),
        cmocka_unit_test(test_faults_have_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/opt.h"

#include <stdio.h>
#include <string.h>

struct values {
    bool json, all;
    const char *file;
    struct opt_list packs;
    int width;
};

enum { N_ROWS = 5, WORDS_MAX = 24 };

static bool parse(struct values *v, enum opt_extent extent, int *argc, char **argv, struct err *err)
{
    const struct opt rows[N_ROWS] = {
        OPT_FLAG('j', "json", "as JSON", &v->json),
        OPT_FLAG('a', "all", "everything", &v->all),
        OPT_TEXT('f', "file", "FILE", "from a file", &v->file),
        OPT_ITEMS('p', "pack", "DIR", "a pack", &v->packs),
        OPT_NUMBER(0, "width", "N", "columns", &v->width),
    };
    /* two groups, as a command's own options and those common to all */
    const struct opt_group groups[] = {{"Options", rows, 2}, {"Common options", rows + 2, N_ROWS - 2}};
    return opt_parse(groups, 2, extent, argc, argv, err);
}

/* Cuts a line at its spaces; "''" is an empty word. */
static int words_of(char *line, char **argv)
{
    int n = 0;
    argv[n++] = (char *)(uintptr_t) "docent";
    for (char *word = strtok(line, " "); word && n < WORDS_MAX; word = strtok(NULL, " "))
        argv[n++] = strcmp(word, "''") == 0 ? word + 2 : word;
    argv[n] = NULL;
    return n;
}

/* What was read, in a short form: flags, values, then the words that are left. */
static void describe(char *out, size_t size, const struct values *v, int argc, char **argv)
{
    int n = snprintf(out, size, "%s%s", v->json ? "j" : "", v->all ? "a" : "");
    if (v->file)
        n += snprintf(out + n, size - (size_t)n, " file=%s", v->file);
    for (size_t i = 0; i < v->packs.n; i++)
        n += snprintf(out + n, size - (size_t)n, " pack=%s", v->packs.items[i]);
    if (v->width)
        n += snprintf(out + n, size - (size_t)n, " width=%d", v->width);
    n += snprintf(out + n, size - (size_t)n, " |");
    for (int i = 1; i < argc; i++)
        n += snprintf(out + n, size - (size_t)n, " %s", argv[i]);
}

static const struct {
    int line;
    enum opt_extent extent;
    const char *given, *expected; /* expected: as described, or the message of the mistake */
} rows[] = {
    {__LINE__, OPT_ALL, "", " |"},
    {__LINE__, OPT_ALL, "how much", " | how much"},
    {__LINE__, OPT_ALL, "--json how -a much", "ja | how much"},
    {__LINE__, OPT_ALL, "-ja", "ja |"},
    {__LINE__, OPT_ALL, "--file=x", " file=x |"},
    {__LINE__, OPT_ALL, "--file x y", " file=x | y"},
    {__LINE__, OPT_ALL, "--file= y", " file= | y"},
    {__LINE__, OPT_ALL, "--file=a=b", " file=a=b |"},
    {__LINE__, OPT_ALL, "-fx", " file=x |"},
    {__LINE__, OPT_ALL, "-f x", " file=x |"},
    {__LINE__, OPT_ALL, "-jfx", "j file=x |"},
    {__LINE__, OPT_ALL, "-f -j", " file=-j |"},
    {__LINE__, OPT_ALL, "--file a --file b", " file=b |"},
    {__LINE__, OPT_ALL, "-p a --pack=b --pack c", " pack=a pack=b pack=c |"},
    {__LINE__, OPT_ALL, "--width 72", " width=72 |"},
    {__LINE__, OPT_ALL, "--width=-5", " width=-5 |"},
    {__LINE__, OPT_ALL, "-", " | -"},
    {__LINE__, OPT_ALL, "-- --json -x", " | --json -x"},
    {__LINE__, OPT_ALL, "a -- -- b", " | a -- b"},
    {__LINE__, OPT_ALL, "a '' b", " | a  b"},
    {__LINE__, OPT_LEADING, "-j ask -a", "j | ask -a"},
    {__LINE__, OPT_LEADING, "-j -- ask", "j | -- ask"},
    {__LINE__, OPT_LEADING, "-fx ask --nonsense", " file=x | ask --nonsense"},

    {__LINE__, OPT_ALL, "--jsn", "unknown option '--jsn', did you mean '--json'?"},
    {__LINE__, OPT_ALL, "--js", "unknown option '--js'"},
    {__LINE__, OPT_ALL, "--widht=3", "unknown option '--widht', did you mean '--width'?"},
    {__LINE__, OPT_ALL, "--xylophone", "unknown option '--xylophone'"},
    {__LINE__, OPT_ALL, "--=x", "unknown option '--'"},
    {__LINE__, OPT_ALL, "-x", "unknown option '-x'"},
    {__LINE__, OPT_ALL, "-jx", "unknown option '-x'"},
    {__LINE__, OPT_ALL, "--json=1", "option '--json' takes no value"},
    {__LINE__, OPT_ALL, "--file", "option '--file' wants a value: FILE"},
    {__LINE__, OPT_ALL, "a -f", "option '--file' wants a value: FILE"},
    {__LINE__, OPT_ALL, "--width x", "option '--width' wants a number, not 'x'"},
    {__LINE__, OPT_ALL, "--width=", "option '--width' wants a number, not ''"},
    {__LINE__, OPT_ALL, "--width=7x", "option '--width' wants a number, not '7x'"},
    {__LINE__, OPT_ALL, "--width=99999999999999999999", "option '--width' wants a number, not '99999999999999999999'"},
    {__LINE__, OPT_ALL, "-p1 -p2 -p3 -p4 -p5 -p6 -p7 -p8 -p9 -p0 -p1 -p2 -p3 -p4 -p5 -p6 -p7",
     "option '--pack' is given more than 16 times"},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct values v = {0};
        struct err err = {0};
        char line[256], got[512], *argv[WORDS_MAX + 1];
        snprintf(line, sizeof line, "%s", rows[i].given);
        int argc = words_of(line, argv);
        if (parse(&v, rows[i].extent, &argc, argv, &err))
            describe(got, sizeof got, &v, argc, argv);
        else
            snprintf(got, sizeof got, "%s", err.text);
        if (strcmp(got, rows[i].expected) != 0)
            fail_msg("line %d: %s", rows[i].line, got);
        if (err.text[0])
            assert_int_equal(err.status, STATUS_USAGE);
    }
}

static void test_help(void **state)
{
    (void)state;
    bool flag;
    const char *text;
    const struct opt own[] = {OPT_FLAG('j', "json", "as JSON", &flag)};
    const struct opt common[] = {OPT_TEXT(0, "file", "FILE", "from a file", &text)};
    const struct opt_group groups[] = {{"Options", own, 1}, {"Common options", common, 1}};
    struct buf out;
    buf_init(&out, 1000);
    opt_help(&out, groups, 2);
    assert_string_equal(out.p, "\nOptions:\n"
                               "  -j, --json       as JSON\n"
                               "\nCommon options:\n"
                               "      --file FILE  from a file\n");
    buf_release(&out);
}

static void test_did_you_mean(void **state)
{
    (void)state;
    static const char *const names[] = {"ask", "chat", "check", "test", "serve"};
    static const struct {
        const char *word, *meant;
    } words[] = {
        {"chek", "check"}, {"hcat", "chat"}, {"aks", "ask"},   {"serv", "serve"},
        {"tests", "test"}, {"che", "check"}, {"x", NULL},      {"xyzzy", NULL},
        {"", NULL},        {"salary", NULL}, {"TEST", "test"}, {"a-word-that-is-longer-than-any-name-would-be", NULL},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *got = opt_did_you_mean(words[i].word, names, 5);
        if ((got == NULL) != (words[i].meant == NULL) || (got && strcmp(got, words[i].meant) != 0))
            fail_msg("'%s' gives %s", words[i].word, got ? got : "nothing");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_help),
        cmocka_unit_test(test_did_you_mean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

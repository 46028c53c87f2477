#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
    int line;
    struct str value;
    const char *written;
} rows[] = {
    {__LINE__, {"T024", 4}, "T024"},
    {__LINE__, {"", 0}, "\"\""},
    {__LINE__, {NULL, 0}, "\"\""},
    {__LINE__, {"two words", 9}, "\"two words\""},
    {__LINE__, {"a=b", 3}, "\"a=b\""},
    {__LINE__, {"say \"hi\"\\", 9}, "\"say \\\"hi\\\"\\\\\""},
    {__LINE__, {"x\ninfo forged k=v", 17}, "\"x\\ninfo forged k=v\""},
    {__LINE__, {"\033[2J", 4}, "\"\\u{1b}[2J\""},
    {__LINE__, {"a\0b", 3}, "\"a\\u{0}b\""},
    {__LINE__,
     {"\xC2\x9B"
      "31m",
      5},
     "\"\\u{9b}31m\""},
    {__LINE__, {"\xFFok", 3}, "\"\\xffok\""},
    {__LINE__,
     {"\xE2\x80\xAE"
      "txt.exe",
      10},
     "\"\\u{202e}txt.exe\""},
    {__LINE__, {"caf\xC3\xA9", 5}, "caf\xC3\xA9"},
};

static void test_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char expected[100];
        struct buf out;
        buf_init(&out, 1000);
        snprintf(expected, sizeof expected, "info event k=%s\n", rows[i].written);
        log_format(&out, LOG_INFO, "event", (const struct log_field[]){log_str("k", rows[i].value), {.key = NULL}});
        if (strcmp(out.p, expected) != 0)
            fail_msg("line %d: %s", rows[i].line, out.p);
        buf_release(&out);
    }
}

static void test_line(void **state)
{
    (void)state;
    const struct log_field fields[] = {log_text("team", "T024"), log_int("attempt", -1), {.key = NULL}};
    struct buf out;
    buf_init(&out, 1000);
    log_format(&out, LOG_WARN, "slack.connected", fields);
    log_format(&out, LOG_ERROR, "bare", fields + 2);
    log_format(&out, LOG_DEBUG, "bare", fields + 2);
    assert_string_equal(out.p, "warn slack.connected team=T024 attempt=-1\nerror bare\ndebug bare\n");
    buf_release(&out);
}

static void test_long_values_are_cut(void **state)
{
    (void)state;
    char text[2000];
    memset(text, 'x', sizeof text);
    struct buf out;
    buf_init(&out, 10000);
    log_format(&out, LOG_INFO, "e",
               (const struct log_field[]){log_str("k", (struct str){text, sizeof text}), {.key = NULL}});
    assert_true(out.n < 600);
    assert_non_null(strstr(out.p, "x\xE2\x80\xA6\"\n"));
    buf_release(&out);
}

static void test_a_full_line_still_ends(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 12);
    log_format(&out, LOG_INFO, "event", (const struct log_field[]){log_text("key", "value"), {.key = NULL}});
    assert_string_equal(out.p, "info event \n");
    buf_release(&out);
}

/* What the macros write, read back from a file in the place of stderr. */
static void test_threshold(void **state)
{
    (void)state;
    char written[500];
    FILE *file = tmpfile();
    assert_non_null(file);
    fflush(stderr);
    int kept = dup(STDERR_FILENO);
    dup2(fileno(file), STDERR_FILENO);
    log_threshold(LOG_WARN);
    log_error("one");
    log_warn("two", log_int("n", 2));
    log_info("three");
    log_debug("four");
    log_threshold(LOG_DEBUG);
    log_info("five");
    log_debug("six", log_text("a", "b"), log_text("c", "d"));
    log_threshold(LOG_INFO);
    dup2(kept, STDERR_FILENO);
    close(kept);
    rewind(file);
    written[fread(written, 1, sizeof written - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(written, "error one\nwarn two n=2\ninfo five\ndebug six a=b c=d\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_line),
        cmocka_unit_test(test_long_values_are_cut),
        cmocka_unit_test(test_a_full_line_still_ends),
        cmocka_unit_test(test_threshold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

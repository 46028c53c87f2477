#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "channel/metrics.h"

#include <stdio.h>
#include <string.h>

static struct buf text_of(struct metrics *m)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    buf_adds(&out, "");
    metrics_text(m, &out);
    return out;
}

static void expect_text(struct metrics *m, const char *expected)
{
    struct buf out = text_of(m);
    assert_string_equal(out.p, expected);
    buf_release(&out);
}

static void expect_line(struct metrics *m, const char *line)
{
    struct buf out = text_of(m);
    char whole[300];
    snprintf(whole, sizeof whole, "\n%s\n", line);
    if (!strstr(out.p, whole))
        fail_msg("no line '%s' in:\n%s", line, out.p);
    buf_release(&out);
}

static void test_nothing_is_said_of_what_never_was(void **state)
{
    (void)state;
    struct metrics *m = metrics_new();
    expect_text(m, "");
    metrics_free(m);
    metrics_free(NULL);
}

static void test_counters_and_gauges(void **state)
{
    (void)state;
    struct metrics *m = metrics_new();
    metrics_add(m, "docent_questions_total", "slack", "answer", 1);
    metrics_add(m, "docent_questions_total", "discord", "answer", 1);
    metrics_add(m, "docent_questions_total", "slack", "decline", 1);
    metrics_add(m, "docent_questions_total", "slack", "answer", 2);
    metrics_set(m, "docent_link_up", "slack", "a", 1);
    metrics_set(m, "docent_link_up", "slack", "a", 0);
    metrics_set(m, "docent_lanes", "left out", "too", 1234567);
    expect_text(m, "# HELP docent_questions_total Questions answered, by the outcome of the reply.\n"
                   "# TYPE docent_questions_total counter\n"
                   "docent_questions_total{platform=\"slack\",outcome=\"answer\"} 3\n"
                   "docent_questions_total{platform=\"discord\",outcome=\"answer\"} 1\n"
                   "docent_questions_total{platform=\"slack\",outcome=\"decline\"} 1\n"
                   "# HELP docent_lanes Channels that a post waits for, or was sent to a moment ago.\n"
                   "# TYPE docent_lanes gauge\n"
                   "docent_lanes 1234567\n"
                   "# HELP docent_link_up 1 while a connection to a platform is up.\n"
                   "# TYPE docent_link_up gauge\n"
                   "docent_link_up{platform=\"slack\",link=\"a\"} 0\n");
    metrics_free(m);
}

static void test_a_histogram_adds_up(void **state)
{
    (void)state;
    struct metrics *m = metrics_new();
    static const double seconds[] = {0.001, 0.01, 0.02, 0.3, 1, 299, 301, 1000};
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++)
        metrics_observe(m, "docent_answer_seconds", seconds[i]);
    expect_line(m, "docent_answer_seconds_bucket{le=\"0.01\"} 2");
    expect_line(m, "docent_answer_seconds_bucket{le=\"0.025\"} 3");
    expect_line(m, "docent_answer_seconds_bucket{le=\"0.25\"} 3");
    expect_line(m, "docent_answer_seconds_bucket{le=\"0.5\"} 4");
    expect_line(m, "docent_answer_seconds_bucket{le=\"1\"} 5");
    expect_line(m, "docent_answer_seconds_bucket{le=\"300\"} 6");
    expect_line(m, "docent_answer_seconds_bucket{le=\"+Inf\"} 8");
    expect_line(m, "docent_answer_seconds_count 8");
    expect_line(m, "docent_answer_seconds_sum 1601.331");
    metrics_free(m);
}

static void test_large_numbers_keep_their_digits(void **state)
{
    (void)state;
    struct metrics *m = metrics_new();
    metrics_set(m, "docent_start_time_seconds", NULL, NULL, 1767225600.25);
    metrics_add(m, "docent_unsure_total", "slack", NULL, 123456789012.0);
    expect_line(m, "docent_start_time_seconds 1767225600.25");
    expect_line(m, "docent_unsure_total{platform=\"slack\"} 123456789012");
    metrics_free(m);
}

static void test_labels_are_escaped_and_cut(void **state)
{
    (void)state;
    struct metrics *m = metrics_new();
    metrics_add(m, "docent_lanes", NULL, NULL, 1);
    metrics_add(m, "docent_events_total", "slack", "a\"b\\c\nd", 1);
    metrics_add(m, "docent_events_total", "slack", "0123456789012345678901234567890123456789012345é", 1);
    metrics_add(m, "docent_events_total", NULL, NULL, 1);
    expect_line(m, "docent_events_total{platform=\"slack\",type=\"a\\\"b\\\\c\\nd\"} 1");
    expect_line(m, "docent_events_total{platform=\"slack\",type=\"0123456789012345678901234567890123456789012345\"} 1");
    expect_line(m, "docent_events_total{platform=\"\",type=\"\"} 1");
    metrics_free(m);
}

/* Types of events come from outside: a flood of them must not fill the memory. */
static void test_series_are_bounded(void **state)
{
    (void)state;
    struct metrics *m = metrics_new();
    for (int i = 0; i < 1000; i++) {
        char type[16];
        snprintf(type, sizeof type, "t%d", i);
        metrics_add(m, "docent_events_total", i % 2 ? "slack" : "discord", type, 1);
    }
    metrics_add(m, "docent_events_total", "slack", "t1", 1);
    expect_line(m, "docent_events_total{platform=\"slack\",type=\"t1\"} 2");
    expect_line(m, "docent_events_total{platform=\"slack\",type=\"other\"} 450");
    expect_line(m, "docent_events_total{platform=\"discord\",type=\"other\"} 450");
    metrics_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_said_of_what_never_was),
        cmocka_unit_test(test_counters_and_gauges),
        cmocka_unit_test(test_a_histogram_adds_up),
        cmocka_unit_test(test_large_numbers_keep_their_digits),
        cmocka_unit_test(test_labels_are_escaped_and_cut),
        cmocka_unit_test(test_series_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

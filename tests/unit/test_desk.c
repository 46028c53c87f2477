#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "desk_rig.h"

#include <signal.h>
#include <sys/resource.h>

enum { SECOND = 1000, MINUTE = 60 * SECOND };
#define DAY (INT64_C(24) * 60 * MINUTE)

static int begin(void **state)
{
    struct rig *rig = malloc(sizeof *rig);
    rig_start(rig);
    *state = rig;
    return 0;
}

static int end(void **state)
{
    rig_end(*state);
    free(*state);
    return 0;
}

/* --- taking and answering --------------------------------------------------------------------------------------- */

static void test_a_question_is_answered(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(ask(rig, "k1", "C1", "when are you open?"), DESK_TAKEN);
    assert_string_equal(acks(rig), ""); /* nothing is kept yet */
    assert_false(desk_idle(rig->desk));
    turn(rig, 0);
    assert_string_equal(acks(rig), "k1+ ");
    assert_string_equal(posted(rig), "C1 hours; ");
    turn(rig, 0);
    assert_true(desk_idle(rig->desk));
    assert_int_equal(metric(rig, "docent_questions_total{platform=\"slack\",outcome=\"answer\"}"), 1);
    assert_int_equal(metric(rig, "docent_delivery_total{platform=\"slack\",result=\"done\"}"), 1);
    assert_int_equal(metric(rig, "docent_answer_seconds_count"), 1);
    turn(rig, 10 * MINUTE);
    assert_int_equal(desk_state(rig->desk).lanes, 0);
    assert_string_equal(posted(rig), "");
}

/* It is acknowledged and on its way only when it stands on disk: in the order of the desk's calls, not by luck. */
static void test_nothing_is_sent_before_the_commit(void **state)
{
    struct rig *rig = *state;
    struct incoming in = direct("k1", "C1", "when are you open?");
    assert_int_equal(desk_take(rig->desk, &in, NULL, NULL), DESK_TAKEN);
    rig_restart(rig, 0); /* the turn never ended */
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "");
    assert_int_equal(ask(rig, "k1", "C1", "when are you open?"), DESK_TAKEN);
    turn(rig, 0);
    assert_string_equal(posted(rig), "C1 hours; ");
}

static void test_the_same_act_is_answered_once(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(ask(rig, "k1", "C1", "when are you open?"), DESK_TAKEN);
    assert_int_equal(ask(rig, "k1", "C1", "when are you open?"), DESK_KNOWN);
    turn(rig, 0);
    assert_string_equal(acks(rig), "k1+ k1+ ");
    assert_int_equal(ask(rig, "k1", "C1", "when are you open?"), DESK_KNOWN);
    turn(rig, MINUTE);
    rig_restart(rig, MINUTE);
    assert_int_equal(ask(rig, "k1", "C1", "when are you open?"), DESK_KNOWN);
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "C1 hours; ");
    assert_string_equal(acks(rig), "k1+ k1+ ");
    assert_int_equal(metric(rig, "docent_duplicates_total{platform=\"slack\"}"), 1); /* of the new process */
}

/* Slack sends a mention as app_mention and as message, in any order, under the same key. */
static void test_a_message_that_is_not_for_us_does_not_use_up_its_key(void **state)
{
    struct rig *rig = *state;
    struct incoming plain = direct("k1", "C1", "when are you open?"), mention = plain;
    plain.direct = mention.direct = false;
    mention.mentioned = true;
    assert_int_equal(take(rig, &plain), DESK_IGNORED);
    assert_int_equal(take(rig, &mention), DESK_TAKEN);
    assert_int_equal(take(rig, &plain), DESK_IGNORED);
    turn(rig, MINUTE);
    assert_string_equal(acks(rig), "k1+ k1+ k1+ ");
    assert_string_equal(posted(rig), "C1 hours; ");
    assert_int_equal(metric(rig, "docent_ignored_total{platform=\"slack\",reason=\"not for us\"}"), 2);
}

static void test_rules(void **state)
{
    struct rig *rig = *state;
    char id[] = "C1";
    struct str allowed[] = {{id, 2}}, everything[] = {STR("C1")};
    desk_rules(rig->desk, "slack",
               &(struct rules){.allowed = allowed, .n_allowed = 1, .everything = everything, .n_everything = 1});
    id[1] = '9'; /* the desk has its own */
    assert_int_equal(ask(rig, "k1", "C2", "when are you open?"), DESK_IGNORED);
    struct incoming any = direct("k2", "C1", "when are you open?");
    any.direct = false;
    assert_true(desk_allows(rig->desk, &any));
    assert_int_equal(take(rig, &any), DESK_TAKEN);
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "C1 hours; ");
    assert_int_equal(metric(rig, "docent_ignored_total{platform=\"slack\",reason=\"channel\"}"), 1);
}

static void test_one_person_must_not_ask_without_end(void **state)
{
    struct rig *rig = *state;
    desk_rules(rig->desk, "slack", &(struct rules){.per_minute = 2});
    assert_int_equal(ask(rig, "k1", "C1", "hello"), DESK_TAKEN);
    assert_int_equal(ask(rig, "k1", "C1", "hello"), DESK_KNOWN); /* the same again costs nothing */
    assert_int_equal(ask(rig, "k2", "C1", "hello"), DESK_TAKEN);
    assert_int_equal(ask(rig, "k3", "C1", "hello"), DESK_IGNORED);
    struct incoming other = direct("k4", "C1", "hello");
    other.user = STR("U2");
    assert_int_equal(take(rig, &other), DESK_TAKEN);
    turn(rig, MINUTE);
    assert_string_equal(acks(rig), "k1+ k1+ k2+ k3+ k4+ ");
    assert_string_equal(posted(rig), "C1 hello; C1 hello; C1 hello; ");
    /* What was ignored stays so when it is delivered again, though there is room now. */
    assert_int_equal(ask(rig, "k3", "C1", "hello"), DESK_KNOWN);
    assert_int_equal(ask(rig, "k5", "C1", "hello"), DESK_TAKEN);
    turn(rig, MINUTE);
    assert_int_equal(metric(rig, "docent_ignored_total{platform=\"slack\",reason=\"cooldown\"}"), 1);
}

static void test_strange_sizes_are_acknowledged_and_dropped(void **state)
{
    struct rig *rig = *state;
    static char longest[300], text[100000];
    memset(longest, 'k', sizeof longest - 1);
    memset(text, 'x', sizeof text - 1);
    assert_int_equal(ask(rig, longest, "C1", "hello"), DESK_IGNORED);
    assert_int_equal(ask(rig, "", "C1", "hello"), DESK_IGNORED);
    assert_int_equal(ask(rig, "k1", longest, "hello"), DESK_IGNORED);
    assert_int_equal(ask(rig, "k2", "C1", text), DESK_TAKEN); /* cut */
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "C1 decline; ");
    assert_int_equal(metric(rig, "docent_refused_total{platform=\"slack\",reason=\"size\"}"), 3);
}

/* --- conversations ---------------------------------------------------------------------------------------------- */

static void test_context_survives_a_restart(void **state)
{
    struct rig *rig = *state;
    ask(rig, "k1", "C1", "how much is it to rent a city bike for a day");
    turn(rig, MINUTE);
    rig_restart(rig, MINUTE);
    ask(rig, "k2", "C1", "why?");
    ask(rig, "k3", "C2", "why?");
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "C1 rental-price; C1 rental-why; C2 decline; ");
}

static void test_context_ends_after_half_an_hour(void **state)
{
    struct rig *rig = *state;
    ask(rig, "k1", "C1", "how much is it to rent a city bike for a day");
    turn(rig, 31 * MINUTE);
    ask(rig, "k2", "C1", "why?");
    ask(rig, "k3", "C2", "how much is it to rent a city bike for a day");
    turn(rig, MINUTE);
    rig_restart(rig, 31 * MINUTE);
    ask(rig, "k4", "C2", "why?");
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "C1 rental-price; C1 decline; C2 rental-price; C2 decline; ");
}

/* More conversations than are held in memory: those that were put aside are read again. */
static void test_conversations_beyond_memory(void **state)
{
    struct rig *rig = *state;
    char key[32], channel[32];
    for (int i = 0; i < 3000; i++) {
        snprintf(key, sizeof key, "k%d", i);
        snprintf(channel, sizeof channel, "C%d", i);
        ask(rig, key, channel, i % 2 ? "how much is it to rent a city bike for a day" : "when are you open");
        if (i % 50 == 49)
            turn(rig, 100);
    }
    turn(rig, MINUTE);
    posted(rig);
    ask(rig, "last", "C1", "why?");
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "C1 rental-why; ");
}

static void test_follow_ups_where_docent_takes_part(void **state)
{
    struct rig *rig = *state;
    struct incoming reply = direct("k2", "C1", "when are you open?");
    reply.direct = false;
    reply.reply = true;
    assert_int_equal(take(rig, &reply), DESK_IGNORED);
    ask(rig, "k1", "C1", "hello");
    turn(rig, MINUTE);
    assert_true(desk_takes_part(rig->desk, STR("C1")));
    assert_false(desk_takes_part(rig->desk, STR("C2")));
    rig_restart(rig, 5 * 60 * MINUTE);
    assert_int_equal(take(rig, &reply), DESK_TAKEN);
    turn(rig, MINUTE);
    rig_restart(rig, 25 * 60 * MINUTE);
    reply.key = STR("k3");
    assert_int_equal(take(rig, &reply), DESK_IGNORED);
    turn(rig, MINUTE);
}

/* --- those who answer at once ------------------------------------------------------------------------------------ */

static void test_answers_at_once(void **state)
{
    struct rig *rig = *state;
    struct arena a = {0};
    const struct reply *reply =
        desk_answer(rig->desk, "http", STR("http:c1"), STR("how much is it to rent a city bike for a day"), &a);
    assert_true(str_is(reply->parts[0].intent, "rental-price"));
    turn(rig, 0);
    rig_restart(rig, 0);
    reply = desk_answer(rig->desk, "http", STR("http:c1"), STR("why?"), &a);
    assert_true(str_is(reply->parts[0].intent, "rental-why"));
    assert_int_equal(metric(rig, "docent_questions_total{platform=\"http\",outcome=\"answer\"}"), 1);
    assert_true(desk_first_time(rig->desk, "discord", STR("d1")));
    assert_false(desk_first_time(rig->desk, "discord", STR("d1")));
    turn(rig, 0);
    rig_restart(rig, 0);
    assert_false(desk_first_time(rig->desk, "discord", STR("d1")));
    arena_release(&a);
}

static void note(void *arg, bool ok)
{
    buf_addf(arg, "kept%s ", ok ? "+" : "-");
}

static void test_who_waits_for_the_end_of_the_turn(void **state)
{
    struct rig *rig = *state;
    desk_when_kept(rig->desk, note, &rig->acks);
    assert_string_equal(acks(rig), "");
    turn(rig, 0);
    assert_string_equal(acks(rig), "kept+ ");
    turn(rig, 0);
    assert_string_equal(acks(rig), "");
}

/* --- clicks ------------------------------------------------------------------------------------------------------- */

static void click(struct rig *rig, enum incoming_kind kind, const char *key, const char *of, const char *intent)
{
    struct incoming in = direct(key, "C1", "");
    in.kind = kind;
    in.of = str_of(of);
    in.intent = str_of(intent);
    take(rig, &in);
}

static void add_tally(void *arg, const struct store_tally *t)
{
    buf_addf(arg, "%.*s %d+%d-%d; ", STR_FMT(t->name), (int)t->asked, (int)t->helpful, (int)t->unhelpful);
}

static const char *report(struct rig *rig, enum store_report which)
{
    struct buf out;
    buf_init(&out, 10000);
    buf_adds(&out, "");
    assert_true(store_report(rig->store, which, 0, 10, add_tally, &out, NULL));
    const char *text = taken_from(&out);
    buf_release(&out);
    return text;
}

static void test_helpful_or_not(void **state)
{
    struct rig *rig = *state;
    click(rig, INCOMING_HELPFUL, "k1", "k0", "hours");
    click(rig, INCOMING_HELPFUL, "k1", "k0", "hours");
    click(rig, INCOMING_UNHELPFUL, "k2", "k0", "hours");
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "C1 thanks; C1 sorry; ");
    assert_string_equal(report(rig, STORE_BY_INTENT), "hours 0+1-1; ");
    assert_int_equal(metric(rig, "docent_feedback_total{platform=\"slack\",answer=\"unhelpful\"}"), 1);
}

static void test_what_only_one_saw_is_shared(void **state)
{
    struct rig *rig = *state;
    rig->share = true;
    ask(rig, "k1", "C1", "when are you open");
    turn(rig, MINUTE);
    rig_restart(rig, 0);
    rig->share = false;
    click(rig, INCOMING_SHARE, "k2", "k1", "");
    click(rig, INCOMING_SHARE, "k3", "never", "");
    turn(rig, MINUTE);
    assert_string_equal(posted(rig),
                        "C1 hours; C1 shared hours; C1 ; "); /* of what never was, the platform gets nothing */
    turn(rig, 31 * MINUTE);
    turn(rig, 31 * MINUTE);
    click(rig, INCOMING_SHARE, "k4", "k1", ""); /* too late: Slack would not take it either */
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "C1 ; ");
    assert_true(desk_idle(rig->desk));
}

static void test_what_people_asked_is_told(void **state)
{
    struct rig *rig = *state;
    ask(rig, "k1", "C1", "when are you open");
    ask(rig, "k2", "C1", "Is it raining?");
    turn(rig, 10);
    ask(rig, "k3", "C1", "is it raining");
    ask(rig, "k4", "C1", "hello");
    turn(rig, MINUTE);
    assert_string_equal(report(rig, STORE_BY_OUTCOME), "decline 2+0-0; answer 1+0-0; chat 1+0-0; ");
    assert_string_equal(report(rig, STORE_BY_INTENT), "hello 1+0-0; hours 1+0-0; ");
    assert_string_equal(report(rig, STORE_UNANSWERED), "is it raining 2+0-0; ");
}

/* --- load ----------------------------------------------------------------------------------------------------------- */

static double answered(const struct rig *rig)
{
    return metric(rig, "docent_questions_total{platform=\"slack\",outcome=\"chat\"}");
}

static void ask_many(struct rig *rig, int from, int n)
{
    char key[32], channel[32];
    for (int i = from; i < from + n; i++) {
        snprintf(key, sizeof key, "k%d", i);
        snprintf(channel, sizeof channel, "C%d", i);
        assert_int_equal(ask(rig, key, channel, "hello"), DESK_TAKEN);
    }
}

/* Acknowledgements come in the turn of the question, answers when nothing else comes. */
static void test_a_burst_is_acknowledged_first(void **state)
{
    struct rig *rig = *state;
    rig->hold = true;
    ask_many(rig, 0, 100);
    end_of_turn(rig);
    assert_int_equal(answered(rig), 1); /* it might have been the only one */
    ask_many(rig, 100, 100);
    end_of_turn(rig);
    assert_int_equal(strlen(acks(rig)) > 0, 1);
    assert_int_equal(answered(rig), 1);
    assert_int_equal(desk_state(rig->desk).unanswered, 199);
    rig->loop.now_ms += 1;
    end_of_turn(rig);
    assert_int_equal(answered(rig), 1); /* others may be on their way */
    rig->loop.now_ms += 1;
    end_of_turn(rig);
    assert_int_equal(answered(rig), 17);
    rig->hold = false;
    turn(rig, 2); /* further turns come by themselves */
    assert_int_equal(desk_state(rig->desk).unanswered, 0);
    assert_int_equal(answered(rig), 200);
}

/* Every turn brings questions, without end: for each second that the oldest has waited one is answered. */
static void test_nobody_starves_in_a_flood(void **state)
{
    struct rig *rig = *state;
    rig->hold = true;
    for (int s = 0, n = 0; s <= 5; s++, rig->loop.now_ms += SECOND)
        for (int i = 0; i < 10; i++, n += 20) {
            double before = answered(rig);
            ask_many(rig, n, 20);
            end_of_turn(rig);
            assert_int_equal(answered(rig) - before, n == 0 ? 1 : s);
        }
    rig->loop.now_ms += MINUTE;
    double before = answered(rig);
    ask_many(rig, 5000, 20);
    end_of_turn(rig);
    assert_int_equal(answered(rig) - before, 16);
}

static void test_a_drain(void **state)
{
    struct rig *rig = *state;
    ask(rig, "k1", "C1", "hello");
    desk_drain(rig->desk);
    assert_int_equal(ask(rig, "k2", "C1", "hello"), DESK_FULL);
    assert_false(desk_idle(rig->desk));
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "C1 hello; ");
    assert_string_equal(acks(rig), "k1+ ");
    assert_true(desk_idle(rig->desk));
    assert_int_equal(metric(rig, "docent_refused_total{platform=\"slack\",reason=\"draining\"}"), 1);
}

static long resident_kb(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    long pages = 0, resident = 0;
    int n = fscanf(f, "%ld %ld", &pages, &resident);
    fclose(f);
    return n == 2 ? resident * (sysconf(_SC_PAGESIZE) / 1024) : 0;
}

static void test_ten_thousand_questions_take_no_more_memory(void **state)
{
    struct rig *rig = *state;
    long after_first_kb = 0;
    char key[32], channel[32];
    for (int i = 0; i < 10000; i++) {
        snprintf(key, sizeof key, "slack:T1:C%d:%d", i % 500, i);
        snprintf(channel, sizeof channel, "slack:T1:C%d:%d", i % 500, i / 7);
        assert_int_equal(ask(rig, key, channel, i % 3 ? "when are you open" : "how much is a city bike"), DESK_TAKEN);
        if (i % 17 == 0)
            turn(rig, 50);
        buf_cut(&rig->posted, 0);
        buf_cut(&rig->acks, 0);
        if (i == 1000)
            after_first_kb = resident_kb();
    }
    turn(rig, 10 * MINUTE);
    assert_true(desk_idle(rig->desk));
    assert_int_equal(metric(rig, "docent_delivery_total{platform=\"slack\",result=\"done\"}"), 10000);
    assert_int_equal(rig->composed, 10000);
#if defined(__SANITIZE_ADDRESS__)
    after_first_kb += 100000; /* what was freed is not given back at once */
#endif
    assert_true(resident_kb() - after_first_kb < 3072);
}

/* --- a clock that is set ------------------------------------------------------------------------------------------ */

/* How long something waits is told by the loop's clock: the system's may jump while docent runs, and between two runs. */
static void test_a_clock_that_jumps_loses_nothing(void **state)
{
    struct rig *rig = *state;
    static const int64_t jumps_ms[] = {DAY, -3 * DAY, 30 * DAY, -30 * DAY};
    char keys[COUNT(jumps_ms)][8];
    for (size_t i = 0; i < COUNT(jumps_ms); i++) {
        snprintf(keys[i], sizeof keys[i], "k%zu", i);
        ask(rig, keys[i], "C1", "hello");
        rig_clock_offset_ms += jumps_ms[i];
        turn(rig, MINUTE);
        assert_string_equal(posted(rig), "C1 hello; ");
        for (size_t known = 0; known <= i; known++)
            assert_int_equal(ask(rig, keys[known], "C1", "hello"), DESK_KNOWN);
    }
    ask(rig, "first", "C2", "hello");
    ask(rig, "second", "C3", "hello");
    end_of_turn(rig); /* of which one is answered in this turn */
    assert_string_equal(posted(rig), "C2 hello; ");
    rig_restart(rig, -DAY);
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "C3 hello; ");
    assert_true(desk_idle(rig->desk));
    assert_int_equal(ask(rig, "second", "C3", "hello"), DESK_KNOWN);
    for (size_t i = 0; i < COUNT(jumps_ms); i++)
        assert_int_equal(ask(rig, keys[i], "C1", "hello"), DESK_KNOWN);
    end_of_turn(rig); /* in which those who asked again are told */
    assert_string_equal(posted(rig), "");
}

/* --- a store that fails -------------------------------------------------------------------------------------------- */

enum { FILES_MAX = 200000 }; /* bytes: not so few that the test's own report cannot be written */

/* From now on the store cannot write: its file has grown beyond what files may have from now on. */
static void break_disk(struct rig *rig)
{
    static char bytes[2 * FILES_MAX];
    store_set_value(rig->store, "filler", (struct str){bytes, sizeof bytes});
    assert_true(store_commit(rig->store, NULL));
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = FILES_MAX;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static void mend_disk(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static void test_nobody_is_told_what_could_not_be_kept(void **state)
{
    struct rig *rig = *state;
    turn(rig, 0);
    break_disk(rig);
    assert_int_equal(ask(rig, "k1", "C1", "hello"), DESK_TAKEN);
    struct incoming not_for_us = direct("k2", "C1", "hello");
    not_for_us.direct = false;
    assert_int_equal(take(rig, &not_for_us), DESK_IGNORED);
    turn(rig, 0);
    assert_string_equal(acks(rig), "k1- k2+ ");
    assert_string_equal(posted(rig), "");
    assert_false(desk_state(rig->desk).store_ok);
    assert_int_equal(desk_state(rig->desk).unanswered, 0);
    assert_int_equal(ask(rig, "k1", "C1", "hello"), DESK_FULL);
    turn(rig, 5 * SECOND);
    assert_false(desk_state(rig->desk).store_ok);
    assert_true(metric(rig, "docent_store_failures_total") > 3);
    mend_disk();
    turn(rig, 2 * SECOND); /* found out without a question */
    assert_true(desk_state(rig->desk).store_ok);
    assert_int_equal(ask(rig, "k1", "C1", "hello"), DESK_TAKEN); /* it comes again */
    turn(rig, MINUTE);
    assert_string_equal(acks(rig), "k1+ ");
    assert_string_equal(posted(rig), "C1 hello; ");
}

/* Taken before, answered while the disk is full: the answer waits, and is given once, in the right context. */
static void test_what_was_taken_is_answered_when_the_disk_has_room_again(void **state)
{
    struct rig *rig = *state;
    ask(rig, "k1", "C1", "how much is it to rent a city bike for a day");
    turn(rig, MINUTE);
    char key[32];
    for (int i = 0; i < 5; i++) { /* of which one is answered in this turn */
        snprintf(key, sizeof key, "n%d", i);
        ask(rig, key, i == 4 ? "C1" : "C2", i == 4 ? "why?" : "hello");
    }
    end_of_turn(rig);
    posted(rig);
    assert_int_equal(desk_state(rig->desk).unanswered, 4);
    break_disk(rig);
    turn(rig, 30 * SECOND);
    assert_int_equal(desk_state(rig->desk).unanswered, 4);
    mend_disk();
    turn(rig, 30 * SECOND);
    assert_string_equal(posted(rig), "C2 hello; C1 rental-why; C2 hello; C2 hello; ");
    assert_true(desk_idle(rig->desk));
}

/* Delivered while the disk is full: not delivered again, neither by this process nor by the next. */
static void test_what_was_delivered_is_written_down_later(void **state)
{
    struct rig *rig = *state;
    rig->posts_each = 2;
    ask(rig, "k1", "C1", "hello");
    end_of_turn(rig);
    assert_string_equal(posted(rig), "C1 hello/1; ");
    break_disk(rig);
    turn(rig, 10 * SECOND); /* the first part is delivered, the second cannot be marked, and so is not sent */
    assert_string_equal(posted(rig), "");
    mend_disk();
    turn(rig, 10 * SECOND);
    assert_string_equal(posted(rig), "C1 hello/2; ");
    rig_restart(rig, 0);
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "");
    assert_true(desk_idle(rig->desk));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_question_is_answered),
        TEST(test_nothing_is_sent_before_the_commit),
        TEST(test_the_same_act_is_answered_once),
        TEST(test_a_message_that_is_not_for_us_does_not_use_up_its_key),
        TEST(test_rules),
        TEST(test_one_person_must_not_ask_without_end),
        TEST(test_strange_sizes_are_acknowledged_and_dropped),
        TEST(test_context_survives_a_restart),
        TEST(test_context_ends_after_half_an_hour),
        TEST(test_conversations_beyond_memory),
        TEST(test_follow_ups_where_docent_takes_part),
        TEST(test_answers_at_once),
        TEST(test_who_waits_for_the_end_of_the_turn),
        TEST(test_helpful_or_not),
        TEST(test_what_only_one_saw_is_shared),
        TEST(test_what_people_asked_is_told),
        TEST(test_a_burst_is_acknowledged_first),
        TEST(test_nobody_starves_in_a_flood),
        TEST(test_a_drain),
        TEST(test_ten_thousand_questions_take_no_more_memory),
        TEST(test_a_clock_that_jumps_loses_nothing),
        TEST(test_nobody_is_told_what_could_not_be_kept),
        TEST(test_what_was_taken_is_answered_when_the_disk_has_room_again),
        TEST(test_what_was_delivered_is_written_down_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "channel/discord_gateway.h"

#include <stdio.h>
#include <string.h>

#define HALF UINT32_C(0x80000000) /* as a random number: the middle of every span */

struct link {
    struct discord_starts starts;
    struct discord_gateway *g;
    int64_t now_ms;
};

static struct link *begin(const char *token)
{
    static struct link l;
    l = (struct link){.now_ms = 1000};
    cJSON *answer =
        json_parse(STR("{\"url\":\"wss://gateway.example\",\"shards\":1,\"session_start_limit\":{\"total\":1000,"
                       "\"remaining\":999,\"reset_after\":14400000,\"max_concurrency\":1}}"),
                   NULL);
    assert_true(discord_starts_learn(&l.starts, answer, l.now_ms));
    cJSON_Delete(answer);
    l.g = discord_gateway_new(&(struct discord_gateway_options){
        .token = str_of(token), .intents = 4608, .shard = 0, .count = 1, .starts = &l.starts});
    return &l;
}

static void end(struct link *l)
{
    struct gateway_action a;
    while (discord_gateway_next(l->g, &a))
        fail_msg("left in the queue: %d '%.*s'", (int)a.what, STR_FMT(a.text));
    discord_gateway_free(l->g);
}

/* The next thing to be done, as a line. */
static const char *next(struct link *l)
{
    static const char *const names[] = {"connect", "send", "close", "learn", "stop"};
    static char line[5000];
    struct gateway_action a;
    if (!discord_gateway_next(l->g, &a))
        return "nothing";
    if (a.what == GATEWAY_CLOSE)
        snprintf(line, sizeof line, "close %d %.*s", a.code, STR_FMT(a.text));
    else
        snprintf(line, sizeof line, "%s %.*s", names[a.what], STR_FMT(a.text));
    return line;
}

static bool say(struct link *l, const char *text, struct gateway_event *e)
{
    struct gateway_event own = {0};
    bool event = discord_gateway_message(l->g, str_of(text), l->now_ms, HALF, e ? e : &own);
    cJSON_Delete(own.tree);
    return event;
}

/* Lets time pass until the link wants to be called, and calls it. */
static void pass(struct link *l)
{
    assert_true(discord_gateway_due(l->g) < INT64_MAX);
    if (discord_gateway_due(l->g) > l->now_ms)
        l->now_ms = discord_gateway_due(l->g);
    discord_gateway_tick(l->g, l->now_ms);
}

static void closed(struct link *l, int code)
{
    discord_gateway_closed(l->g, code, l->now_ms, HALF);
}

#define HELLO "{\"op\":10,\"d\":{\"heartbeat_interval\":40000}}"
#define READY \
    "{\"op\":0,\"t\":\"READY\",\"s\":1,\"d\":{\"session_id\":\"abc\",\"resume_gateway_url\":\"wss://resume.example/\"," \
    "\"user\":{\"id\":\"2\"},\"application\":{\"id\":\"3\"}}}"
#define URL "connect wss://gateway.example/?v=10&encoding=json"
#define AGAIN "connect wss://resume.example/?v=10&encoding=json"

static void event(struct link *l, const char *type, int seq)
{
    char text[200];
    snprintf(text, sizeof text, "{\"op\":0,\"t\":\"%s\",\"s\":%d,\"d\":{}}", type, seq);
    assert_true(say(l, text, NULL));
}

/* A link that is up, its first event kept. */
static void come_up(struct link *l)
{
    discord_gateway_start(l->g, l->now_ms);
    pass(l);
    assert_string_equal(next(l), URL);
    discord_gateway_opened(l->g, l->now_ms);
    assert_false(say(l, HELLO, NULL));
    assert_non_null(strstr(next(l), "\"op\":2"));
    assert_true(say(l, READY, NULL));
    discord_gateway_kept(l->g, 1);
    assert_int_equal(discord_gateway_link(l->g), GATEWAY_UP);
}

/* Connects anew and answers with hello; returns what was sent then. */
static const char *greet(struct link *l, const char *url)
{
    pass(l);
    assert_string_equal(next(l), url);
    discord_gateway_opened(l->g, l->now_ms);
    say(l, HELLO, NULL);
    return next(l);
}

/* --- from connect to READY ---------------------------------------------------------------------------------- */

static void test_identifies(void **state)
{
    (void)state;
    struct link *l = begin("to\"ken");
    discord_gateway_start(l->g, l->now_ms);
    assert_int_equal(discord_gateway_link(l->g), GATEWAY_DOWN);
    assert_string_equal(greet(l, URL),
                        "send {\"op\":2,\"d\":{\"token\":\"to\\\"ken\",\"intents\":4608,\"shard\":[0,1],\"properties\":"
                        "{\"os\":\"linux\",\"browser\":\"docent\",\"device\":\"docent\"},\"presence\":{\"status\":"
                        "\"online\",\"since\":null,\"afk\":false,\"activities\":[{\"name\":\"/ask\",\"type\":2}]}}}");
    assert_int_equal(l->starts.remaining, 998);
    assert_int_equal(discord_gateway_link(l->g), GATEWAY_OPENING);
    assert_true(say(l, READY, NULL));
    struct gateway_session s = discord_gateway_session(l->g);
    assert_true(str_is(s.id, "abc") && str_is(s.url, "wss://resume.example/"));
    assert_true(str_is(s.bot, "2") && str_is(s.application, "3"));
    assert_int_equal(s.seq, 0);
    end(l);
}

static void test_events_are_handed_on(void **state)
{
    (void)state;
    struct link *l = begin("t");
    come_up(l);
    struct gateway_event e;
    assert_true(say(l, "{\"op\":0,\"t\":\"MESSAGE_CREATE\",\"s\":7,\"d\":{\"id\":\"9\"}}", &e));
    assert_true(str_is(e.type, "MESSAGE_CREATE") && str_is(json_str(e.d, "id"), "9"));
    assert_int_equal(e.seq, 7);
    cJSON_Delete(e.tree);
    end(l);
}

static void test_nonsense_is_ignored(void **state)
{
    (void)state;
    static const char *const nonsense[] = {
        "",
        "{",
        "[]",
        "7",
        "{}",
        "{\"op\":\"0\"}",
        "{\"op\":99,\"d\":{}}",
        "{\"op\":-1}",
        "{\"op\":0}",
        "{\"op\":0,\"t\":\"X\",\"d\":{}}",
        "{\"op\":0,\"t\":7,\"s\":3,\"d\":{}}",
        "{\"op\":0,\"t\":\"X\",\"s\":-3}",
        "{\"op\":0,\"t\":\"X\",\"s\":1e300}",
        "{\"op\":10,\"d\":{\"heartbeat_interval\":1}}",
        "{\"op\":10}",
    };
    struct link *l = begin("t");
    come_up(l);
    for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++)
        assert_false(say(l, nonsense[i], NULL));
    assert_int_equal(discord_gateway_link(l->g), GATEWAY_UP);
    end(l);
}

static void test_no_hello(void **state)
{
    (void)state;
    struct link *l = begin("t");
    discord_gateway_start(l->g, l->now_ms);
    pass(l);
    assert_string_equal(next(l), URL);
    discord_gateway_opened(l->g, l->now_ms);
    pass(l);
    assert_string_equal(next(l), "close 4200 no hello came");
    closed(l, 4200);
    pass(l);
    assert_string_equal(next(l), URL);
    end(l);
}

/* --- heartbeats --------------------------------------------------------------------------------------------- */

static void test_heartbeats(void **state)
{
    (void)state;
    struct link *l = begin("t");
    come_up(l);
    int64_t greeted_ms = l->now_ms;
    pass(l);
    assert_int_equal(l->now_ms - greeted_ms, 20000); /* interval * random */
    assert_string_equal(next(l), "send {\"op\":1,\"d\":1}");
    say(l, "{\"op\":11}", NULL);
    event(l, "TYPING_START", 2);
    event(l, "TYPING_START", 3);
    discord_gateway_kept(l->g, 2);
    pass(l);
    assert_int_equal(l->now_ms - greeted_ms, 60000);
    assert_string_equal(next(l), "send {\"op\":1,\"d\":2}"); /* the third is not kept yet */
    end(l);
}

static void test_requested_heartbeat(void **state)
{
    (void)state;
    struct link *l = begin("t");
    come_up(l);
    say(l, "{\"op\":1}", NULL);
    assert_string_equal(next(l), "send {\"op\":1,\"d\":1}");
    end(l);
}

/* A link on which heartbeats are not answered is dead, however much else comes in. */
static void test_zombie(void **state)
{
    (void)state;
    struct link *l = begin("t");
    come_up(l);
    pass(l);
    assert_string_equal(next(l), "send {\"op\":1,\"d\":1}");
    event(l, "TYPING_START", 2);
    pass(l);
    assert_string_equal(next(l), "close 4200 the last heartbeat was not answered");
    assert_false(say(l, "{\"op\":0,\"t\":\"X\",\"s\":3,\"d\":{}}", NULL)); /* comes again after the resume */
    closed(l, 1006);
    assert_string_equal(greet(l, AGAIN), "send {\"op\":6,\"d\":{\"token\":\"t\",\"session_id\":\"abc\",\"seq\":1}}");
    end(l);
}

/* Never more than 120 frames within any minute, whatever Discord asks for. */
static void test_sends_in_a_minute(void **state)
{
    (void)state;
    struct link *l = begin("t");
    discord_gateway_start(l->g, l->now_ms);
    pass(l);
    next(l);
    discord_gateway_opened(l->g, l->now_ms);
    say(l, "{\"op\":10,\"d\":{\"heartbeat_interval\":1}}", NULL);
    int64_t sent[4000];
    size_t n = 0;
    sent[n++] = l->now_ms;
    next(l);
    say(l, READY, NULL);
    for (int64_t stop = l->now_ms + 200 * 1000; l->now_ms < stop; l->now_ms += 100) {
        say(l, "{\"op\":1}", NULL);
        say(l, "{\"op\":11}", NULL);
        discord_gateway_tick(l->g, l->now_ms);
        struct gateway_action a;
        while (discord_gateway_next(l->g, &a)) {
            assert_int_equal(a.what, GATEWAY_SEND);
            sent[n++] = l->now_ms;
        }
    }
    assert_true(n > 200);
    for (size_t i = GATEWAY_SENDS_MAX; i < n; i++)
        assert_true(sent[i] - sent[i - GATEWAY_SENDS_MAX] >= 60 * 1000);
    end(l);
}

static void test_token_too_long(void **state)
{
    (void)state;
    char token[5000];
    memset(token, 'x', sizeof token - 1);
    token[sizeof token - 1] = '\0';
    struct link *l = begin(token);
    discord_gateway_start(l->g, l->now_ms);
    assert_non_null(strstr(greet(l, URL), "stop DISCORD_TOKEN"));
    assert_int_equal(discord_gateway_link(l->g), GATEWAY_STOPPED);
    end(l);
}

/* --- resuming ----------------------------------------------------------------------------------------------- */

static void test_resumes_from_what_was_kept(void **state)
{
    (void)state;
    struct link *l = begin("t");
    come_up(l);
    event(l, "TYPING_START", 5);
    discord_gateway_kept(l->g, 5);
    event(l, "TYPING_START", 6);
    closed(l, 1006);
    assert_int_equal(discord_gateway_link(l->g), GATEWAY_DOWN);
    assert_string_equal(greet(l, AGAIN), "send {\"op\":6,\"d\":{\"token\":\"t\",\"session_id\":\"abc\",\"seq\":5}}");
    event(l, "TYPING_START", 6); /* a replay is handed on before RESUMED comes */
    event(l, "RESUMED", 7);
    assert_int_equal(discord_gateway_link(l->g), GATEWAY_UP);
    assert_int_equal(l->starts.remaining, 998); /* a resume costs no identify */
    end(l);
}

static void test_resumes_another_process_session(void **state)
{
    (void)state;
    struct link *l = begin("t");
    discord_gateway_restore(l->g,
                            &(struct gateway_session){STR("old"), STR("wss://resume.example"), STR("2"), STR("3"), 42});
    discord_gateway_start(l->g, l->now_ms);
    assert_string_equal(greet(l, AGAIN), "send {\"op\":6,\"d\":{\"token\":\"t\",\"session_id\":\"old\",\"seq\":42}}");
    end(l);
}

static void test_asked_to_reconnect(void **state)
{
    (void)state;
    struct link *l = begin("t");
    come_up(l);
    l->now_ms += 6000;
    say(l, "{\"op\":7,\"d\":null}", NULL);
    assert_string_equal(next(l), "close 4200 Discord asked to connect anew");
    closed(l, 4200);
    assert_int_equal(discord_gateway_due(l->g), l->now_ms); /* at once */
    assert_non_null(strstr(greet(l, AGAIN), "\"op\":6"));
    say(l, "{\"op\":7,\"d\":null}", NULL); /* again, before it is up: no faster and faster */
    assert_non_null(strstr(next(l), "close 4200"));
    closed(l, 4200);
    assert_true(discord_gateway_due(l->g) > l->now_ms);
    end(l);
}

static void test_asked_to_reconnect_before_hello(void **state)
{
    (void)state;
    struct link *l = begin("t");
    discord_gateway_start(l->g, l->now_ms);
    pass(l);
    next(l);
    discord_gateway_opened(l->g, l->now_ms);
    say(l, "{\"op\":7,\"d\":null}", NULL);
    assert_non_null(strstr(next(l), "close 4200"));
    closed(l, 4200);
    assert_non_null(strstr(greet(l, URL), "\"op\":2"));
    end(l);
}

static void test_invalid_session(void **state)
{
    (void)state;
    struct link *l = begin("t");
    come_up(l);
    say(l, "{\"op\":9,\"d\":false}", NULL);
    assert_string_equal(next(l), "close 4200 the session is not valid");
    closed(l, 4200);
    assert_int_equal(discord_gateway_due(l->g) - l->now_ms, 3000); /* between 1 and 5 seconds */
    l->now_ms += 3000; /* the wait for a new identify is longer here: see discord_starts */
    discord_gateway_tick(l->g, l->now_ms);
    assert_string_equal(next(l), "nothing");
    assert_non_null(strstr(greet(l, URL), "\"op\":2"));
    end(l);
}

/* `d` true: resume once more; when that is refused, too, a new session. */
static void test_invalid_session_that_may_resume(void **state)
{
    (void)state;
    struct link *l = begin("t");
    come_up(l);
    closed(l, 1006);
    assert_non_null(strstr(greet(l, AGAIN), "\"op\":6"));
    say(l, "{\"op\":9,\"d\":true}", NULL);
    assert_non_null(strstr(next(l), "close 4200"));
    closed(l, 4200);
    assert_int_equal(discord_gateway_due(l->g) - l->now_ms, 3000);
    assert_non_null(strstr(greet(l, AGAIN), "\"op\":6"));
    say(l, "{\"op\":9,\"d\":true}", NULL);
    assert_non_null(strstr(next(l), "close 4200"));
    closed(l, 4200);
    l->now_ms += 10000;
    assert_non_null(strstr(greet(l, URL), "\"op\":2"));
    end(l);
}

static void test_resume_that_is_cut_off_twice(void **state)
{
    (void)state;
    struct link *l = begin("t");
    come_up(l);
    closed(l, 1006);
    for (int i = 0; i < 2; i++) {
        assert_non_null(strstr(greet(l, AGAIN), "\"op\":6"));
        closed(l, 1006);
    }
    l->now_ms += 10000;
    assert_non_null(strstr(greet(l, URL), "\"op\":2"));
    end(l);
}

static void test_event_not_kept(void **state)
{
    (void)state;
    struct link *l = begin("t");
    come_up(l);
    event(l, "TYPING_START", 2);
    discord_gateway_refuse(l->g, HALF);
    assert_string_equal(next(l), "close 4200 an event could not be kept");
    closed(l, 4200);
    assert_non_null(strstr(greet(l, AGAIN), "\"seq\":1}"));
    end(l);
}

/* --- close codes -------------------------------------------------------------------------------------------- */

static const struct {
    int code;
    const char *then; /* "resume", "identify" or what the reason to stop must contain */
    int64_t least_ms;
} close_codes[] = {
    {1006, "resume", 0},
    {1000, "identify", 0},
    {1001, "identify", 0},
    {1011, "resume", 0},
    {4000, "resume", 0},
    {4001, "resume", 0},
    {4002, "resume", 0},
    {4003, "identify", 0},
    {4004, "DISCORD_TOKEN", 0},
    {4005, "identify", 0},
    {4006, "resume", 0},
    {4007, "identify", 0},
    {4008, "identify", 30000},
    {4009, "identify", 0},
    {4010, "discord.shards", 0},
    {4011, "\"auto\"", 0},
    {4012, "newer docent", 0},
    {4013, "newer docent", 0},
    {4014, "Message Content Intent", 0},
    {4999, "resume", 0},
};

static void test_close_codes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof close_codes / sizeof *close_codes; i++) {
        struct link *l = begin("t");
        come_up(l);
        l->now_ms += 60 * 1000;
        closed(l, close_codes[i].code);
        const char *then = close_codes[i].then;
        if (strcmp(then, "resume") && strcmp(then, "identify")) {
            const char *stop = next(l);
            if (strncmp(stop, "stop ", 5) || !strstr(stop, then))
                fail_msg("code %d: %s", close_codes[i].code, stop);
            assert_int_equal(discord_gateway_link(l->g), GATEWAY_STOPPED);
            assert_true(discord_gateway_due(l->g) == INT64_MAX);
            end(l);
            continue;
        }
        int64_t wait_ms = discord_gateway_due(l->g) - l->now_ms;
        assert_true(wait_ms >= close_codes[i].least_ms && wait_ms > 0);
        bool resume = strcmp(then, "resume") == 0;
        const char *sent = greet(l, resume ? AGAIN : URL);
        if (!strstr(sent, resume ? "\"op\":6" : "\"op\":2"))
            fail_msg("code %d: %s", close_codes[i].code, sent);
        end(l);
    }
}

/* --- when nothing answers ----------------------------------------------------------------------------------- */

static void test_waits_longer_and_asks_for_the_address(void **state)
{
    (void)state;
    struct link *l = begin("t");
    discord_gateway_start(l->g, l->now_ms);
    int64_t longest_ms = 0;
    int learnt = 0;
    for (int i = 0; i < 12; i++) {
        pass(l);
        assert_string_equal(next(l), URL);
        closed(l, 1006);
        const char *line = next(l);
        learnt += strcmp(line, "learn ") == 0;
        int64_t wait_ms = discord_gateway_due(l->g) - l->now_ms;
        longest_ms = wait_ms > longest_ms ? wait_ms : longest_ms;
    }
    assert_int_equal(learnt, 4);
    assert_true(longest_ms > 20 * 1000 && longest_ms <= 60 * 1000);
    end(l);
}

/* A session outlives a network that is away for a while, and is tried where new ones begin, too. */
static void test_keeps_the_session_while_nothing_answers(void **state)
{
    (void)state;
    struct link *l = begin("t");
    come_up(l);
    closed(l, 1006);
    int resume = 0, usual = 0;
    for (int i = 0; i < 10; i++) {
        pass(l);
        const char *line = next(l);
        resume += strcmp(line, AGAIN) == 0;
        usual += strcmp(line, URL) == 0;
        closed(l, 1006);
        while (strcmp(next(l), "nothing"))
            ;
    }
    assert_true(resume >= 5 && usual >= 2 && resume + usual == 10);
    pass(l);
    next(l);
    discord_gateway_opened(l->g, l->now_ms);
    say(l, HELLO, NULL);
    assert_non_null(strstr(next(l), "\"op\":6"));
    end(l);
}

/* Sessions that end as soon as they are there use up identifies slowly, and never the last fifty. */
static void test_crash_loop(void **state)
{
    (void)state;
    struct link *l = begin("t");
    discord_gateway_start(l->g, l->now_ms);
    int identifies = 0;
    int64_t begun_ms = l->now_ms;
    while (l->now_ms - begun_ms < 3600 * 1000) {
        pass(l);
        if (strcmp(next(l), URL))
            continue;
        discord_gateway_opened(l->g, l->now_ms);
        say(l, HELLO, NULL);
        identifies += strstr(next(l), "\"op\":2") != NULL;
        say(l, READY, NULL);
        closed(l, 4009);
    }
    assert_true(identifies > 50 && identifies < 200);
    assert_int_equal(l->starts.remaining, 999 - identifies);
    end(l);
}

static void test_drain(void **state)
{
    (void)state;
    struct link *l = begin("t");
    come_up(l);
    discord_gateway_drain(l->g);
    assert_string_equal(next(l), "close 4200 docent is being stopped");
    closed(l, 1006);
    assert_true(discord_gateway_due(l->g) == INT64_MAX);
    assert_int_equal(discord_gateway_session(l->g).seq, 1); /* for the process that comes next */
    end(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identifies),
        cmocka_unit_test(test_events_are_handed_on),
        cmocka_unit_test(test_nonsense_is_ignored),
        cmocka_unit_test(test_no_hello),
        cmocka_unit_test(test_heartbeats),
        cmocka_unit_test(test_requested_heartbeat),
        cmocka_unit_test(test_zombie),
        cmocka_unit_test(test_sends_in_a_minute),
        cmocka_unit_test(test_token_too_long),
        cmocka_unit_test(test_resumes_from_what_was_kept),
        cmocka_unit_test(test_resumes_another_process_session),
        cmocka_unit_test(test_asked_to_reconnect),
        cmocka_unit_test(test_asked_to_reconnect_before_hello),
        cmocka_unit_test(test_invalid_session),
        cmocka_unit_test(test_invalid_session_that_may_resume),
        cmocka_unit_test(test_resume_that_is_cut_off_twice),
        cmocka_unit_test(test_event_not_kept),
        cmocka_unit_test(test_close_codes),
        cmocka_unit_test(test_waits_longer_and_asks_for_the_address),
        cmocka_unit_test(test_keeps_the_session_while_nothing_answers),
        cmocka_unit_test(test_crash_loop),
        cmocka_unit_test(test_drain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

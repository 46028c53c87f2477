#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/buf.h"
#include "store/keys.h"
#include "store/store.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MINUTE = 60 * 1000, HOUR = 60 * MINUTE, DAY = 24 * HOUR };
static const int64_t now_ms = INT64_C(1767225600000);

/* --- a folder for each test ----------------------------------------------------------------------------------- */

struct place {
    char folder[256], file[300];
    struct store *store;
    struct err err;
    struct arena arena;
};

static int begin(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    const char *tmp = getenv("TMPDIR");
    snprintf(p->folder, sizeof p->folder, "%s/store-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(p->folder));
    snprintf(p->file, sizeof p->file, "%s/docent.db", p->folder);
    *state = p;
    return 0;
}

static int end(void **state)
{
    struct place *p = *state;
    store_close(p->store);
    arena_release(&p->arena);
    static const char *const names[] = {"", "-wal", "-shm", "-lock"};
    for (size_t i = 0; i < 4; i++) {
        char path[320];
        snprintf(path, sizeof path, "%s%s", p->file, names[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(p->folder), 0);
    free(p);
    return 0;
}

static struct store *opened(struct place *p)
{
    store_close(p->store);
    p->store = store_open(p->file, now_ms, &p->err);
    if (!p->store)
        fail_msg("%s", p->err.text);
    return p->store;
}

static void commit(struct place *p)
{
    if (!store_commit(p->store, &p->err))
        fail_msg("%s", p->err.text);
}

static enum store_taken take(struct store *s, const char *key)
{
    struct store_row row = {.platform = STR("slack"), .key = str_of(key), .taken_ms = now_ms, .text = STR("how much")};
    return store_take(s, &row);
}

struct seen {
    size_t n;
    char keys[4096];
};

static void note_key(void *arg, const struct store_row *row)
{
    struct seen *seen = arg;
    size_t length = strlen(seen->keys);
    snprintf(seen->keys + length, sizeof seen->keys - length, "%.*s ", STR_FMT(row->key));
    seen->n++;
}

static struct seen rows(struct place *p)
{
    struct seen seen = {0};
    assert_true(store_rows(p->store, note_key, &seen, &p->err));
    return seen;
}

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s", message);
    sqlite3_close(db);
}

static void write_bytes(const char *path, const char *bytes, size_t n)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    fclose(f);
}

/* --- the outbox ----------------------------------------------------------------------------------------------- */

#define SAME(a, b) assert_true(str_eq(a, b))

static void test_a_row_comes_back_as_it_was(void **state)
{
    struct place *p = *state;
    struct store_row in = {
        .kind = 3,
        .taken_ms = now_ms,
        .platform = STR("slack"),
        .key = STR("slack:T1\0:C1"),
        .conversation = STR("c"),
        .channel = STR("C1"),
        .user = STR("U\xff"),
        .text = STR("how \0 much"),
        .target = STR("{\"channel\": \"C1\"}"),
        .of = STR("slack:T1:C0"),
        .intent = STR("salary"),
    };
    assert_int_equal(store_take(opened(p), &in), STORE_NEW);
    commit(p);
    opened(p);
    struct store_row out;
    assert_true(store_row(p->store, in.id, &p->arena, &out));
    assert_int_equal(out.id, in.id);
    assert_int_equal(out.state, STORE_TAKEN);
    assert_int_equal(out.kind, 3);
    assert_int_equal(out.sent, 0);
    assert_int_equal(out.taken_ms, now_ms);
    SAME(out.platform, in.platform);
    SAME(out.key, in.key);
    SAME(out.conversation, in.conversation);
    SAME(out.channel, in.channel);
    SAME(out.user, in.user);
    SAME(out.text, in.text);
    SAME(out.target, in.target);
    SAME(out.of, in.of);
    SAME(out.intent, in.intent);
    assert_int_equal(out.posts.n, 0);
    assert_false(store_row(p->store, in.id + 1, &p->arena, &out));
}

static void test_from_taken_to_removed(void **state)
{
    struct place *p = *state;
    struct store_row row = {.platform = STR("slack"), .key = STR("k"), .text = STR("words")};
    assert_int_equal(store_take(opened(p), &row), STORE_NEW);
    assert_true(store_answer(p->store, row.id, STORE_SENDING, STR("posts \0 of bytes")));
    commit(p);
    assert_true(store_row(opened(p), row.id, &p->arena, &row));
    assert_int_equal(row.state, STORE_SENDING);
    SAME(row.posts, STR("posts \0 of bytes"));
    assert_true(store_mark(p->store, row.id, STORE_ANSWERED, 2));
    commit(p);
    struct str posts;
    assert_true(store_posts(opened(p), row.id, &p->arena, &posts));
    SAME(posts, STR("posts \0 of bytes"));
    assert_true(store_row(p->store, row.id, &p->arena, &row));
    assert_int_equal(row.state, STORE_ANSWERED);
    assert_int_equal(row.sent, 2);
    assert_true(store_remove(p->store, row.id));
    commit(p);
    assert_int_equal(rows(p).n, 0);
    assert_int_equal(take(p->store, "k"), STORE_KNOWN);
}

static void test_a_key_is_taken_once(void **state)
{
    struct place *p = *state;
    opened(p);
    assert_int_equal(take(p->store, "a"), STORE_NEW);
    assert_int_equal(take(p->store, "a"), STORE_KNOWN); /* in the same turn */
    commit(p);
    assert_int_equal(take(p->store, "a"), STORE_KNOWN);
    assert_int_equal(take(opened(p), "a"), STORE_KNOWN);
    assert_int_equal(store_take_key(p->store, STR("b")), STORE_NEW);
    assert_int_equal(store_take_key(p->store, STR("b")), STORE_KNOWN);
    assert_int_equal(take(p->store, "b"), STORE_KNOWN);
    commit(p);
    assert_string_equal(rows(p).keys, "a ");
}

static void test_rows_come_in_order(void **state)
{
    struct place *p = *state;
    opened(p);
    take(p->store, "z");
    take(p->store, "a");
    take(p->store, "m");
    commit(p);
    opened(p);
    assert_string_equal(rows(p).keys, "z a m ");
    take(p->store, "b");
    assert_string_equal(rows(p).keys, "z a m b "); /* seen before it is committed */
}

/* An id that is free again must not be taken for the row that had it. */
static void test_ids_are_not_used_twice(void **state)
{
    struct place *p = *state;
    opened(p);
    struct store_row one = {.platform = STR("slack"), .key = STR("1")},
                     two = {.platform = STR("slack"), .key = STR("2")};
    store_take(p->store, &one);
    store_remove(p->store, one.id);
    store_take(p->store, &two);
    assert_true(two.id > one.id);
}

static void test_what_is_not_committed_is_gone(void **state)
{
    struct place *p = *state;
    opened(p);
    take(p->store, "a");
    commit(p);
    take(p->store, "b");
    opened(p);
    assert_string_equal(rows(p).keys, "a ");
    assert_int_equal(take(p->store, "b"), STORE_NEW);
    commit(p);
    commit(p); /* of nothing */
}

/* --- a disk that is full --------------------------------------------------------------------------------------- */

enum { FILES_MAX = 300000 }; /* bytes: not so few that the test's own report cannot be written */

static void limit_files(bool limited)
{
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = limited ? FILES_MAX : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* From now on the store cannot write: its file has grown beyond what files may have from now on. */
static void break_disk(struct place *p)
{
    static char bytes[2 * FILES_MAX];
    store_set_value(p->store, "filler", (struct str){bytes, sizeof bytes});
    commit(p);
    limit_files(true);
}

static void test_a_full_disk_undoes_the_turn(void **state)
{
    struct place *p = *state;
    opened(p);
    take(p->store, "before");
    commit(p);
    break_disk(p);
    struct err err = {0};
    assert_int_equal(take(p->store, "lost"), STORE_NEW);
    assert_true(store_set_value(p->store, "v", STR("lost")));
    bool committed = store_commit(p->store, &err);
    limit_files(false);
    assert_false(committed);
    assert_int_equal(err.status, STATUS_IO);
    assert_non_null(strstr(err.text, p->file));
    assert_string_equal(rows(p).keys, "before ");
    struct str value;
    assert_false(store_value(p->store, "v", &p->arena, &value));
    assert_int_equal(take(p->store, "lost"), STORE_NEW); /* it comes again, and now there is room */
    commit(p);
    opened(p);
    assert_string_equal(rows(p).keys, "before lost ");
}

/* More than SQLite's cache holds is written before the commit, and fails there. */
static void test_a_disk_that_fills_up_in_mid_turn(void **state)
{
    struct place *p = *state;
    opened(p);
    take(p->store, "before");
    commit(p);
    static char long_text[16000];
    memset(long_text, 'x', sizeof long_text);
    limit_files(true);
    int failed = 0;
    for (int i = 0; i < 400; i++) {
        char key[16];
        snprintf(key, sizeof key, "%d", i);
        struct store_row row = {.platform = STR("slack"), .key = str_of(key), .text = {long_text, sizeof long_text}};
        enum store_taken taken = store_take(p->store, &row);
        failed += taken == STORE_FAILED;
        assert_true(taken == (failed ? STORE_FAILED : STORE_NEW)); /* nothing works after the first failure */
    }
    struct err err = {0};
    bool committed = store_commit(p->store, &err);
    limit_files(false);
    assert_true(failed > 0);
    assert_false(committed);
    assert_string_equal(rows(p).keys, "before ");
    assert_int_equal(take(p->store, "after"), STORE_NEW);
    commit(p);
    opened(p);
    assert_string_equal(rows(p).keys, "before after ");
}

static void test_a_probe_tells_whether_the_disk_takes_writes(void **state)
{
    struct place *p = *state;
    opened(p);
    store_probe(p->store);
    commit(p);
    break_disk(p);
    store_probe(p->store);
    bool committed = store_commit(p->store, NULL);
    limit_files(false);
    assert_false(committed);
    store_probe(p->store);
    commit(p);
}

/* --- opening --------------------------------------------------------------------------------------------------- */

static void expect_refused(struct place *p, int status, const char *words)
{
    struct err err = {0};
    assert_null(store_open(p->file, now_ms, &err));
    assert_int_equal(err.status, status);
    if (!strstr(err.text, words) || !strstr(err.text, p->file))
        fail_msg("not '%s' in: %s", words, err.text);
}

static void test_a_second_process_is_refused(void **state)
{
    struct place *p = *state;
    opened(p);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char words[64];
        snprintf(words, sizeof words, "another docent, process %ld", (long)getppid());
        struct err err = {0};
        bool refused = !store_open(p->file, now_ms, &err) && err.status == STATUS_AGAIN && strstr(err.text, words);
        _exit(refused ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    expect_refused(p, STATUS_AGAIN, "one process at a time"); /* nor twice in one process */
    take(p->store, "still ours");
    commit(p);
}

static void test_damaged_and_foreign_files_are_refused(void **state)
{
    struct place *p = *state;
    static char bytes[8192];
    memset(bytes, 'x', sizeof bytes);
    write_bytes(p->file, bytes, sizeof bytes);
    expect_refused(p, STATUS_DATA, "not a database; move it away");
    unlink(p->file);
    run_sql(p->file, "CREATE TABLE shopping(item)");
    expect_refused(p, STATUS_DATA, "not one of docent's");
    unlink(p->file);
    opened(p);
    store_close(p->store);
    p->store = NULL;
    run_sql(p->file, "PRAGMA user_version = 99");
    expect_refused(p, STATUS_DATA, "newer docent");
    struct err err = {0};
    assert_null(store_open_to_read(p->file, &err));
    assert_int_equal(err.status, STATUS_DATA);
}

static void test_a_file_cut_short_is_refused(void **state)
{
    struct place *p = *state;
    opened(p);
    for (int i = 0; i < 300; i++) {
        char key[16];
        snprintf(key, sizeof key, "%d", i);
        take(p->store, key);
    }
    commit(p);
    store_close(p->store);
    p->store = NULL;
    struct stat st;
    assert_int_equal(stat(p->file, &st), 0);
    assert_int_equal(truncate(p->file, st.st_size / 2), 0);
    /* SQLite may notice when it opens, or when it reads: never in silence. */
    struct err err = {0};
    p->store = store_open(p->file, now_ms, &err);
    struct seen seen = {0};
    bool whole = p->store && store_rows(p->store, note_key, &seen, &err);
    assert_false(whole);
    assert_int_equal(err.status, STATUS_DATA);
    assert_non_null(strstr(err.text, "move it away"));
}

static void test_an_empty_file_is_a_new_one(void **state)
{
    struct place *p = *state;
    write_bytes(p->file, "", 0);
    assert_int_equal(take(opened(p), "a"), STORE_NEW);
    commit(p);
}

static void test_folders_that_cannot_be_used(void **state)
{
    struct place *p = *state, other = *p;
    snprintf(other.file, sizeof other.file, "%s/nowhere/docent.db", p->folder);
    expect_refused(&other, STATUS_IO, "No such file or directory");
    snprintf(other.file, sizeof other.file, "/proc/docent.db");
    expect_refused(&other, STATUS_IO, "No such file or directory");
    if (geteuid() == 0)
        return; /* whom no mode stops */
    assert_int_equal(chmod(p->folder, 0500), 0);
    expect_refused(p, STATUS_IO, "Permission denied");
    assert_int_equal(chmod(p->folder, 0700), 0);
}

static void test_files_are_their_users_alone(void **state)
{
    struct place *p = *state;
    mode_t mask = umask(0);
    opened(p);
    take(p->store, "a");
    commit(p);
    umask(mask);
    static const char *const names[] = {"", "-wal", "-shm", "-lock"};
    for (size_t i = 0; i < 4; i++) {
        char path[320];
        snprintf(path, sizeof path, "%s%s", p->file, names[i]);
        struct stat st;
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
}

/* --- what is remembered for a while ---------------------------------------------------------------------------- */

/* The oldest make room, in memory and in the file. */
static void test_keys_are_bounded(void **state)
{
    struct place *p = *state;
    enum { ALL = KEYS_MAX + 20000 };
    opened(p);
    char key[32];
    for (int i = 0; i < ALL; i++) {
        snprintf(key, sizeof key, "slack:T1:C1:%d", i);
        assert_int_equal(store_take_key(p->store, str_of(key)), STORE_NEW);
        if (i % 100 == 99) {
            store_prune(p->store, now_ms + i, 0, 200);
            commit(p);
        }
    }
    commit(p);
    for (int again = 0; again < 2; again++) {
        snprintf(key, sizeof key, "slack:T1:C1:%d", ALL - KEYS_MAX + 10);
        assert_int_equal(store_take_key(p->store, str_of(key)), STORE_KNOWN);
        snprintf(key, sizeof key, "slack:T1:C1:%d", ALL - 1);
        assert_int_equal(store_take_key(p->store, str_of(key)), STORE_KNOWN);
        assert_int_equal(store_take_key(p->store, STR("slack:T1:C1:7")), STORE_NEW);
        opened(p); /* which undoes that */
    }
    struct stat st;
    assert_int_equal(stat(p->file, &st), 0);
    assert_true(st.st_size < 8 << 20);
}

static void test_dialogs(void **state)
{
    struct place *p = *state;
    opened(p);
    char dialog[100] = "the first", read[100] = "";
    int64_t used_ms = 0;
    assert_false(store_dialog(p->store, STR("c"), read, sizeof read, &used_ms));
    store_keep_dialog(p->store, STR("c"), dialog, sizeof dialog, now_ms);
    strcpy(dialog, "the second");
    store_keep_dialog(p->store, STR("c"), dialog, sizeof dialog, now_ms + 5);
    commit(p);
    opened(p);
    assert_true(store_dialog(p->store, STR("c"), read, sizeof read, &used_ms));
    assert_string_equal(read, "the second");
    assert_int_equal(used_ms, now_ms + 5);
    char longer[101];
    assert_false(store_dialog(p->store, STR("c"), longer, sizeof longer, &used_ms)); /* of another docent's layout */
    assert_false(store_dialog(p->store, STR("d"), read, sizeof read, &used_ms));
    /* In the next generation the newer one is the one that counts. */
    strcpy(dialog, "the third");
    store_keep_dialog(p->store, STR("c"), dialog, sizeof dialog, now_ms + 3 * DAY);
    assert_true(store_dialog(p->store, STR("c"), read, sizeof read, &used_ms));
    assert_string_equal(read, "the third");
    for (int days = 6; days < 30; days += 3)
        store_prune(p->store, now_ms + days * (int64_t)DAY, 0, 100);
    assert_false(store_dialog(p->store, STR("c"), read, sizeof read, &used_ms));
    commit(p);
}

static void test_dialogs_of_any_bytes(void **state)
{
    struct place *p = *state;
    opened(p);
    uint32_t seed = 1;
    for (int round = 0; round < 200; round++) {
        static unsigned char in[STORE_DIALOG_MAX], out[STORE_DIALOG_MAX];
        size_t size = round < 3 ? sizeof in - (size_t)round : (size_t)round * 7;
        for (size_t i = 0; i < size; i++) {
            seed = seed * UINT32_C(1664525) + UINT32_C(1013904223);
            in[i] = (seed >> 16) % 200 < (unsigned)round ? (unsigned char)(seed >> 24) : 0; /* from empty to full */
            if (round == 1)
                in[i] = i % 5 == 0; /* packs worst */
        }
        int64_t used_ms;
        store_keep_dialog(p->store, STR("c"), in, size, now_ms);
        assert_true(store_dialog(p->store, STR("c"), out, size, &used_ms));
        assert_memory_equal(in, out, size);
        assert_false(store_dialog(p->store, STR("c"), out, size - 1, &used_ms));
    }
    commit(p);
}

static void test_texts_to_share(void **state)
{
    struct place *p = *state;
    opened(p);
    struct str text;
    assert_false(store_share(p->store, STR("k"), &p->arena, &text));
    store_keep_share(p->store, STR("k"), STR("to everybody"), now_ms);
    commit(p);
    store_prune(opened(p), now_ms + 31 * MINUTE, 0, 100);
    commit(p);
    assert_true(store_share(p->store, STR("k"), &p->arena, &text));
    SAME(text, STR("to everybody"));
    store_prune(p->store, now_ms + 62 * MINUTE, 0, 100);
    commit(p);
    assert_false(store_share(p->store, STR("k"), &p->arena, &text));
}

static void test_values(void **state)
{
    struct place *p = *state;
    opened(p);
    struct str value;
    assert_false(store_value(p->store, "discord.session", &p->arena, &value));
    store_set_value(p->store, "discord.session", STR("one"));
    store_set_value(p->store, "discord.session", STR("two\0bytes"));
    store_set_value(p->store, "other", STR(""));
    commit(p);
    assert_true(store_value(opened(p), "discord.session", &p->arena, &value));
    SAME(value, STR("two\0bytes"));
    assert_true(store_value(p->store, "other", &p->arena, &value));
    assert_int_equal(value.n, 0);
}

/* --- reports --------------------------------------------------------------------------------------------------- */

static void ask(struct store *s, int64_t ms, const char *platform, const char *outcome, const char *intent,
                const char *text)
{
    assert_true(store_count(s, &(struct store_asked){ms, platform, outcome, str_of(intent), str_of(text)}));
}

static void print_tally(void *arg, const struct store_tally *t)
{
    buf_addf(arg, "%.*s %d/%d +%d -%d %d\n", STR_FMT(t->name), (int)t->asked, (int)t->answered, (int)t->helpful,
             (int)t->unhelpful, t->last_ms ? (int)(t->last_ms - now_ms) : 0);
}

static void expect_report(struct place *p, struct store *s, enum store_report report, int64_t since_ms, size_t max,
                          const char *expected)
{
    struct buf out;
    buf_init(&out, 10000);
    buf_adds(&out, "");
    if (!store_report(s, report, since_ms, max, print_tally, &out, &p->err))
        fail_msg("%s", p->err.text);
    assert_string_equal(out.p, expected);
    buf_release(&out);
}

static void ask_some(struct store *s)
{
    ask(s, now_ms - DAY, "slack", "answer", "salary", "");
    ask(s, now_ms, "slack", "answer", "salary", "how much?");
    ask(s, now_ms, "discord", "answer", "hours", "when");
    ask(s, now_ms + 1, "slack", "decline", "", "Is  it raining?");
    ask(s, now_ms + 2, "slack", "decline", "", "is it raining");
    ask(s, now_ms + 3, "slack", "clarify", "salary", "Pay… ?");
    ask(s, now_ms + 4, "slack", "decline", "", "what's up");
    ask(s, now_ms + 5, "slack", "chat", "hello", "hi");
    ask(s, now_ms + 6, "slack", "decline", "", "Whats up??");
    ask(s, now_ms + 7, "slack", "decline", "", "is it raining!");
    store_feedback(s, "slack", STR("salary"), true, now_ms);
    store_feedback(s, "slack", STR("salary"), true, now_ms + DAY);
    store_feedback(s, "discord", STR("salary"), false, now_ms + DAY);
}

static void test_reports(void **state)
{
    struct place *p = *state;
    ask_some(opened(p));
    commit(p);
    struct store *s = p->store;
    expect_report(p, s, STORE_BY_DAY, 0, 10,
                  "2026-01-02 0/0 +1 -1 0\n2026-01-01 9/2 +1 -0 0\n2025-12-31 1/1 +0 -0 0\n");
    expect_report(p, s, STORE_BY_PLATFORM, now_ms, 10, "slack 8/1 +2 -0 0\ndiscord 1/1 +0 -1 0\n");
    expect_report(p, s, STORE_BY_OUTCOME, now_ms, 10,
                  "decline 5/0 +0 -0 0\nanswer 2/2 +0 -0 0\nchat 1/0 +0 -0 0\nclarify 1/0 +0 -0 0\n");
    expect_report(p, s, STORE_BY_INTENT, 0, 10, "salary 3/2 +2 -1 0\nhello 1/0 +0 -0 0\nhours 1/1 +0 -0 0\n");
    expect_report(p, s, STORE_BY_INTENT, 0, 1, "salary 3/2 +2 -1 0\n");
    expect_report(p, s, STORE_UNANSWERED, 0, 10,
                  "is it raining! 3/0 +0 -0 7\nWhats up?? 2/0 +0 -0 6\nPay… ? 1/0 +0 -0 3\n");
    expect_report(p, s, STORE_UNANSWERED, now_ms + 5, 10, "is it raining! 1/0 +0 -0 7\nWhats up?? 1/0 +0 -0 6\n");
    expect_report(p, s, STORE_BY_DAY, now_ms + 2 * DAY, 10, "");
}

static void test_words_are_kept_as_long_as_was_said(void **state)
{
    struct place *p = *state;
    ask_some(opened(p));
    while (store_prune(p->store, now_ms + 2 * DAY, 3, 2))
        commit(p);
    expect_report(p, p->store, STORE_UNANSWERED, 0, 10,
                  "is it raining! 3/0 +0 -0 7\nWhats up?? 2/0 +0 -0 6\nPay… ? 1/0 +0 -0 3\n");
    while (store_prune(p->store, now_ms + 3 * DAY + 3, 3, 2))
        commit(p);
    expect_report(p, p->store, STORE_UNANSWERED, 0, 10,
                  "Whats up?? 2/0 +0 -0 6\nis it raining! 1/0 +0 -0 7\nPay… ? 1/0 +0 -0 3\n");
    while (store_prune(p->store, now_ms + 3 * DAY + 3, 0, 2))
        commit(p);
    expect_report(p, p->store, STORE_UNANSWERED, 0, 10, "");
    expect_report(p, p->store, STORE_BY_DAY, now_ms, 10,
                  "2026-01-02 0/0 +1 -1 0\n2026-01-01 9/2 +1 -0 0\n"); /* counts stay */
    for (int i = 0; i < 5; i++)
        store_prune(p->store, now_ms + 500 * (int64_t)DAY, 0, 2);
    expect_report(p, p->store, STORE_BY_DAY, 0, 10, "");
    commit(p);
}

static void test_a_report_is_read_beside_the_writer(void **state)
{
    struct place *p = *state;
    struct err err = {0};
    assert_null(store_open_to_read(p->file, &err));
    assert_int_equal(err.status, STATUS_NO_INPUT);
    opened(p);
    ask(p->store, now_ms, "slack", "answer", "salary", "");
    commit(p);
    ask(p->store, now_ms, "slack", "answer", "salary", "");
    struct store *reader = store_open_to_read(p->file, &err);
    if (!reader)
        fail_msg("%s", err.text);
    expect_report(p, reader, STORE_BY_INTENT, 0, 10, "salary 1/1 +0 -0 0\n");
    commit(p);
    expect_report(p, reader, STORE_BY_INTENT, 0, 10, "salary 2/2 +0 -0 0\n");
    assert_int_equal(take(reader, "a"), STORE_FAILED);
    assert_false(store_commit(reader, &err));
    store_close(reader);
    store_close(p->store); /* docent has ended */
    p->store = NULL;
    reader = store_open_to_read(p->file, &err);
    if (!reader)
        fail_msg("%s", err.text);
    expect_report(p, reader, STORE_BY_INTENT, 0, 10, "salary 2/2 +0 -0 0\n");
    store_close(reader);
}

/* A checkpoint moves pages, and nothing else: before, while and after one what was committed is there. */
static void test_checkpoints(void **state)
{
    struct place *p = *state;
    opened(p);
    static char bytes[100000];
    for (int i = 0; i < 400; i++) {
        char name[16];
        snprintf(name, sizeof name, "v%d", i);
        store_set_value(p->store, name, (struct str){bytes, sizeof bytes});
        commit(p);
        store_checkpoint(p->store, i % 100 == 99);
    }
    take(p->store, "a");
    store_checkpoint(p->store, true); /* not in the midst of a transaction */
    commit(p);
    struct stat st;
    char log[320];
    snprintf(log, sizeof log, "%s-wal", p->file);
    assert_int_equal(stat(log, &st), 0);
    assert_true(st.st_size < 12 << 20); /* begun anew after every checkpoint: 100 values of 100 KB */
    assert_int_equal(stat(p->file, &st), 0);
    assert_true(st.st_size > 39 << 20);
    opened(p);
    struct str value;
    for (int i = 0; i < 400; i++) {
        char name[16];
        snprintf(name, sizeof name, "v%d", i);
        assert_true(store_value(p->store, name, &p->arena, &value));
        arena_reset(&p->arena);
    }
    assert_string_equal(rows(p).keys, "a ");
}

/* --- kill -9 ---------------------------------------------------------------------------------------------------- */

/* Takes and removes for ever, and says through the pipe what is committed: after each commit, how many are taken. */
static void work_until_killed(const char *path, int from, int out)
{
    struct store *s = store_open(path, now_ms, NULL);
    if (!s)
        _exit(1);
    int64_t ids[64] = {0};
    for (int i = from;; i++) {
        char key[32];
        snprintf(key, sizeof key, "%d", i);
        struct store_row row = {.platform = STR("slack"), .key = str_of(key), .text = STR("some words to be kept")};
        if (store_take(s, &row) == STORE_NEW && ids[i % 64])
            store_remove(s, ids[i % 64]);
        ids[i % 64] = row.id;
        if (i % 7 == 0 && (!store_commit(s, NULL) || write(out, &i, sizeof i) != sizeof i))
            _exit(1);
    }
}

static int kill_at_random(struct place *p, int from, useconds_t after_us)
{
    int ends[2], last = from - 1, got;
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        work_until_killed(p->file, from, ends[1]);
    close(ends[1]);
    assert_int_equal(read(ends[0], &last, sizeof last), sizeof last); /* it is at work */
    usleep(after_us);
    kill(child, SIGKILL);
    while (read(ends[0], &got, sizeof got) == sizeof got)
        last = got;
    close(ends[0]);
    int status;
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status));
    return last;
}

static void test_what_was_committed_survives_kill_9(void **state)
{
    struct place *p = *state;
    int from = 1;
    for (int round = 0; round < 30; round++) {
        int last = kill_at_random(p, from, (useconds_t)(round * 7919 % 5000));
        opened(p);
        char key[32];
        for (int i = from; i <= last; i++) {
            snprintf(key, sizeof key, "%d", i);
            assert_int_equal(store_take_key(p->store, str_of(key)), STORE_KNOWN);
        }
        size_t n = rows(p).n;
        assert_true(n >= (size_t)(last - from + 1 < 64 ? last - from + 1 : 64));
        /* Keys and rows part at no moment: what is not known is not there either. */
        for (; store_take_key(p->store, str_of(key)) == STORE_KNOWN; last++)
            snprintf(key, sizeof key, "%d", last + 1);
        store_close(p->store);
        p->store = NULL;
        from = last + 100;
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_row_comes_back_as_it_was),
        TEST(test_from_taken_to_removed),
        TEST(test_a_key_is_taken_once),
        TEST(test_rows_come_in_order),
        TEST(test_ids_are_not_used_twice),
        TEST(test_what_is_not_committed_is_gone),
        TEST(test_a_full_disk_undoes_the_turn),
        TEST(test_a_disk_that_fills_up_in_mid_turn),
        TEST(test_a_probe_tells_whether_the_disk_takes_writes),
        TEST(test_a_second_process_is_refused),
        TEST(test_damaged_and_foreign_files_are_refused),
        TEST(test_a_file_cut_short_is_refused),
        TEST(test_an_empty_file_is_a_new_one),
        TEST(test_folders_that_cannot_be_used),
        TEST(test_files_are_their_users_alone),
        TEST(test_keys_are_bounded),
        TEST(test_dialogs),
        TEST(test_dialogs_of_any_bytes),
        TEST(test_texts_to_share),
        TEST(test_values),
        TEST(test_reports),
        TEST(test_words_are_kept_as_long_as_was_said),
        TEST(test_a_report_is_read_beside_the_writer),
        TEST(test_checkpoints),
        TEST(test_what_was_committed_survives_kill_9),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

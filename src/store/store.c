#include "store/store.h"

#include "store/db.h"

#include <assert.h>
#include <string.h>

enum {
    DAY_MS = 24 * 3600 * 1000,
    DAYS_KEPT = 400,
    LOG_PAGES_QUIET = 1000, /* of 4 KB */
    LOG_PAGES_MAX = 8000,
};

/* --- statements --------------------------------------------------------------------------------------------- */

/* From now on the transaction does nothing any more. */
static bool breaks(struct store *s, const char *doing)
{
    if (!s->broken)
        store_fail(s, doing, &s->problem);
    s->broken = true;
    return false;
}

/* A statement that is about to write, its transaction begun; NULL when this transaction has failed already. */
static sqlite3_stmt *writing(struct store *s, enum statement which)
{
    if (s->broken)
        return NULL;
    if (!s->open) {
        int code = sqlite3_step(s->statements[BEGIN]);
        sqlite3_reset(s->statements[BEGIN]);
        if (code != SQLITE_DONE) {
            breaks(s, "write to");
            return NULL;
        }
        s->open = true;
    }
    return s->statements[which];
}

/* Runs what `writing` gave. */
static bool run(struct store *s, sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);
    if (code != SQLITE_DONE)
        breaks(s, "write to");
    sqlite3_reset(statement);
    return code == SQLITE_DONE;
}

/* The next row of a statement that reads: at its end, and on an error, false. */
static bool next(struct store *s, sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        return true;
    if (code != SQLITE_DONE)
        breaks(s, "read");
    sqlite3_reset(statement);
    return false;
}

static void put_int(sqlite3_stmt *statement, int at, int64_t value)
{
    sqlite3_bind_int64(statement, at, value);
}

static void put_text(sqlite3_stmt *statement, int at, struct str text)
{
    sqlite3_bind_text(statement, at, text.p ? text.p : "", (int)text.n, SQLITE_STATIC);
}

static void put_bytes(sqlite3_stmt *statement, int at, struct str bytes)
{
    sqlite3_bind_blob(statement, at, bytes.p ? bytes.p : "", (int)bytes.n, SQLITE_STATIC);
}

/* A view that lives until the statement is stepped or reset. */
static struct str column(sqlite3_stmt *statement, int at)
{
    const char *p = sqlite3_column_blob(statement, at);
    return (struct str){p, (size_t)sqlite3_column_bytes(statement, at)};
}

bool store_commit(struct store *s, struct err *err)
{
    if (s->open && !s->broken) {
        if (sqlite3_step(s->statements[COMMIT]) != SQLITE_DONE)
            breaks(s, "write to");
        sqlite3_reset(s->statements[COMMIT]);
    }
    bool ok = !s->broken;
    if (!ok) {
        if (!sqlite3_get_autocommit(s->db)) /* else SQLite has rolled back by itself */
            sqlite3_step(s->statements[ROLLBACK]);
        sqlite3_reset(s->statements[ROLLBACK]);
        keys_take_back(&s->keys, s->keys_new);
        if (err)
            *err = s->problem;
    }
    s->open = s->broken = false;
    s->keys_new = 0;
    return ok;
}

void store_checkpoint(struct store *s, bool quiet)
{
    if (s->open || s->log_pages < (quiet ? LOG_PAGES_QUIET : LOG_PAGES_MAX))
        return;
    /* When it fails the log only grows on, and the next commits tell of a full disk. */
    sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    s->log_pages = 0;
}

bool store_has_written(const struct store *s)
{
    return s->open;
}

bool store_broken(const struct store *s)
{
    return s->broken;
}

/* --- the outbox --------------------------------------------------------------------------------------------- */

static enum store_taken take_key(struct store *s, uint64_t hash)
{
    if (s->broken)
        return STORE_FAILED;
    if (!keys_add(&s->keys, hash))
        return STORE_KNOWN;
    s->keys_new++;
    return STORE_NEW;
}

enum store_taken store_take_key(struct store *s, struct str key)
{
    uint64_t hash = str_hash(key);
    enum store_taken taken = take_key(s, hash);
    sqlite3_stmt *q = taken == STORE_NEW ? writing(s, KEEP_KEY) : NULL;
    if (taken != STORE_NEW)
        return taken;
    if (!q)
        return STORE_FAILED;
    put_int(q, 1, (int64_t)hash);
    return run(s, q) ? STORE_NEW : STORE_FAILED;
}

enum store_taken store_take(struct store *s, struct store_row *row)
{
    uint64_t hash = str_hash(row->key);
    enum store_taken taken = take_key(s, hash);
    sqlite3_stmt *q = taken == STORE_NEW ? writing(s, TAKE) : NULL;
    if (taken != STORE_NEW)
        return taken;
    if (!q)
        return STORE_FAILED;
    row->id = s->next_id++;
    put_int(q, 1, row->id);
    put_int(q, 2, row->kind);
    put_int(q, 3, row->taken_ms);
    put_int(q, 4, (int64_t)hash);
    put_text(q, 5, row->platform);
    put_bytes(q, 6, row->key);
    put_bytes(q, 7, row->conversation);
    put_bytes(q, 8, row->channel);
    put_bytes(q, 9, row->user);
    put_bytes(q, 10, row->of);
    put_text(q, 11, row->intent);
    put_text(q, 12, row->text);
    put_bytes(q, 13, row->target);
    return run(s, q) ? STORE_NEW : STORE_FAILED;
}

bool store_answer(struct store *s, int64_t id, enum store_state state, struct str posts)
{
    sqlite3_stmt *q = writing(s, KEEP_POSTS);
    if (!q)
        return false;
    put_int(q, 1, id);
    put_bytes(q, 2, posts);
    return run(s, q) && store_mark(s, id, state, 0);
}

bool store_mark(struct store *s, int64_t id, enum store_state state, unsigned sent)
{
    sqlite3_stmt *q = writing(s, MARK);
    if (!q)
        return false;
    put_int(q, 1, id);
    put_int(q, 2, state);
    put_int(q, 3, sent);
    return run(s, q);
}

bool store_remove(struct store *s, int64_t id)
{
    static const enum statement steps[] = {KEEP_KEY_OF, REMOVE, REMOVE_POSTS};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        sqlite3_stmt *q = writing(s, steps[i]);
        if (!q)
            return false;
        put_int(q, 1, id);
        if (!run(s, q))
            return false;
    }
    return true;
}

static struct store_row row_of(sqlite3_stmt *q)
{
    return (struct store_row){
        .id = sqlite3_column_int64(q, 0),
        .state = (enum store_state)sqlite3_column_int(q, 1),
        .kind = sqlite3_column_int(q, 2),
        .sent = (unsigned)sqlite3_column_int(q, 3),
        .taken_ms = sqlite3_column_int64(q, 4),
        .platform = column(q, 5),
        .key = column(q, 6),
        .conversation = column(q, 7),
        .channel = column(q, 8),
        .user = column(q, 9),
        .of = column(q, 10),
        .intent = column(q, 11),
        .text = column(q, 12),
        .target = column(q, 13),
        .posts = column(q, 14),
    };
}

bool store_row(struct store *s, int64_t id, struct arena *a, struct store_row *row)
{
    sqlite3_stmt *q = s->statements[ROW];
    put_int(q, 1, id);
    if (!next(s, q))
        return false;
    *row = row_of(q);
    struct str *views[] = {&row->platform, &row->key,    &row->conversation, &row->channel, &row->user,
                           &row->of,       &row->intent, &row->text,         &row->target,  &row->posts};
    for (size_t i = 0; i < sizeof views / sizeof *views; i++)
        *views[i] = arena_str(a, *views[i]);
    sqlite3_reset(q);
    return true;
}

/* The first column of a statement's first row. */
static bool get_bytes(struct store *s, sqlite3_stmt *q, struct arena *a, struct str *bytes)
{
    if (!next(s, q))
        return false;
    *bytes = arena_str(a, column(q, 0));
    sqlite3_reset(q);
    return true;
}

bool store_posts(struct store *s, int64_t id, struct arena *a, struct str *posts)
{
    put_int(s->statements[POSTS], 1, id);
    return get_bytes(s, s->statements[POSTS], a, posts);
}

bool store_rows(struct store *s, void (*each)(void *arg, const struct store_row *row), void *arg, struct err *err)
{
    sqlite3_stmt *q = s->statements[ROWS];
    while (next(s, q)) {
        struct store_row row = row_of(q);
        each(arg, &row);
    }
    if (s->broken && err)
        *err = s->problem;
    return !s->broken;
}

/* --- conversations, texts to share, values ------------------------------------------------------------------ */

/* The generation to write into. */
static int64_t generation(struct generations *g, int64_t now_ms)
{
    if (g->n >= g->max || now_ms - g->current >= g->life_ms) {
        g->previous = g->current;
        g->current = now_ms > g->current ? now_ms : g->current + 1;
        g->n = 0;
    }
    return g->current;
}

/* A statement that reads, at the row of a key in the current generation or the one before; NULL: there is none. */
static sqlite3_stmt *find(struct store *s, enum table table, enum statement which, struct str key)
{
    sqlite3_stmt *q = s->statements[which];
    const int64_t generations[] = {s->tables[table].current, s->tables[table].previous};
    for (int i = 0; i < 2; i++) {
        put_int(q, 1, generations[i]);
        put_bytes(q, 2, key);
        if (next(s, q))
            return q;
    }
    return NULL;
}

/*
 * A dialog is mostly zeros, and is written anew with every answer: packed it takes a tenth. Pieces of: how many zeros
 * (one byte), how many other bytes follow (one byte), these.
 */
enum { PACKED_MAX = STORE_DIALOG_MAX + STORE_DIALOG_MAX / 2 + 4, ZEROS_MIN = 4 };

static size_t zeros_at(const unsigned char *p, size_t n, size_t max)
{
    size_t zeros = 0;
    while (zeros < n && zeros < max && p[zeros] == 0)
        zeros++;
    return zeros;
}

static size_t pack_zeros(const unsigned char *p, size_t n, unsigned char out[PACKED_MAX])
{
    size_t at = 0, size = 0;
    while (at < n) {
        size_t zeros = zeros_at(p + at, n - at, UINT8_MAX), others = 0;
        at += zeros;
        while (at + others < n && others < UINT8_MAX &&
               zeros_at(p + at + others, n - at - others, ZEROS_MIN) < ZEROS_MIN)
            others++;
        out[size++] = (unsigned char)zeros;
        out[size++] = (unsigned char)others;
        memcpy(out + size, p + at, others);
        at += others;
        size += others;
    }
    return size;
}

/* False: what comes out has another size. */
static bool unpack_zeros(struct str packed, unsigned char *out, size_t n)
{
    size_t at = 0;
    while (packed.n >= 2) {
        size_t zeros = (unsigned char)packed.p[0], others = (unsigned char)packed.p[1];
        packed = str_sub(packed, 2, packed.n);
        if (others > packed.n || zeros + others > n - at)
            return false;
        memset(out + at, 0, zeros);
        memcpy(out + at + zeros, packed.p, others);
        packed = str_sub(packed, others, packed.n);
        at += zeros + others;
    }
    return at == n && packed.n == 0;
}

bool store_dialog(struct store *s, struct str conversation, void *dialog, size_t size_bytes, int64_t *used_ms)
{
    sqlite3_stmt *q = find(s, DIALOGS, DIALOG, conversation);
    if (!q)
        return false;
    bool fits = unpack_zeros(column(q, 0), dialog, size_bytes);
    *used_ms = sqlite3_column_int64(q, 1);
    sqlite3_reset(q);
    return fits;
}

bool store_keep_dialog(struct store *s, struct str conversation, const void *dialog, size_t size_bytes, int64_t now_ms)
{
    assert(size_bytes <= STORE_DIALOG_MAX);
    struct generations *g = &s->tables[DIALOGS];
    sqlite3_stmt *q = writing(s, KEEP_DIALOG);
    if (!q)
        return false;
    unsigned char packed[PACKED_MAX];
    put_int(q, 1, generation(g, now_ms));
    put_bytes(q, 2, conversation);
    put_int(q, 3, now_ms);
    put_bytes(q, 4, (struct str){(const char *)packed, pack_zeros(dialog, size_bytes, packed)});
    g->n++; /* a replaced row counts, too: a busy conversation only brings the next generation nearer */
    return run(s, q);
}

bool store_share(struct store *s, struct str key, struct arena *a, struct str *text)
{
    sqlite3_stmt *q = find(s, SHARES, SHARE, key);
    if (!q)
        return false;
    *text = arena_str(a, column(q, 0));
    sqlite3_reset(q);
    return true;
}

bool store_keep_share(struct store *s, struct str key, struct str text, int64_t now_ms)
{
    struct generations *g = &s->tables[SHARES];
    sqlite3_stmt *q = writing(s, KEEP_SHARE);
    if (!q)
        return false;
    put_int(q, 1, generation(g, now_ms));
    put_bytes(q, 2, key);
    put_bytes(q, 3, text);
    g->n++;
    return run(s, q);
}

bool store_value(struct store *s, const char *name, struct arena *a, struct str *value)
{
    put_text(s->statements[VALUE], 1, str_of(name));
    return get_bytes(s, s->statements[VALUE], a, value);
}

bool store_set_value(struct store *s, const char *name, struct str value)
{
    sqlite3_stmt *q = writing(s, SET_VALUE);
    if (!q)
        return false;
    put_text(q, 1, str_of(name));
    put_bytes(q, 2, value);
    return run(s, q);
}

void store_probe(struct store *s)
{
    store_set_value(s, "probe", STR(""));
}

/* --- reports ------------------------------------------------------------------------------------------------ */

static bool count(struct store *s, int64_t ms, const char *platform, const char *outcome, struct str intent,
                  const int add[3])
{
    sqlite3_stmt *q = writing(s, COUNT);
    if (!q)
        return false;
    put_int(q, 1, ms / DAY_MS);
    put_text(q, 2, str_of(platform));
    put_text(q, 3, str_of(outcome));
    put_text(q, 4, intent);
    for (int i = 0; i < 3; i++)
        put_int(q, 5 + i, add[i]);
    return run(s, q);
}

bool store_count(struct store *s, const struct store_asked *asked)
{
    bool ok = count(s, asked->ms, asked->platform, asked->outcome, asked->intent, (const int[]){1, 0, 0});
    sqlite3_stmt *q = ok && asked->text.n ? writing(s, WORDS) : NULL;
    if (!q)
        return ok;
    put_int(q, 1, asked->ms);
    put_text(q, 2, str_of(asked->platform));
    put_text(q, 3, str_of(asked->outcome));
    put_text(q, 4, asked->intent);
    put_text(q, 5, asked->text);
    return run(s, q);
}

bool store_feedback(struct store *s, const char *platform, struct str intent, bool helpful, int64_t ms)
{
    return count(s, ms, platform, "", intent, (const int[]){0, helpful, !helpful});
}

bool store_report(struct store *s, enum store_report report, int64_t since_ms, size_t max,
                  void (*each)(void *arg, const struct store_tally *tally), void *arg, struct err *err)
{
    static const char *const reports[] = {
#define X(name, text) [STORE_##name] = text,
        SQL_REPORTS(X)
#undef X
    };
    sqlite3_stmt *q = NULL;
    if (sqlite3_prepare_v2(s->db, reports[report], -1, &q, NULL) != SQLITE_OK)
        return store_fail(s, "read", err);
    const int64_t parameters[] = {since_ms / DAY_MS, since_ms, (int64_t)max};
    const int given = sizeof parameters / sizeof *parameters;
    for (int i = 0; i < given && i < sqlite3_bind_parameter_count(q); i++)
        put_int(q, i + 1, parameters[i]);
    int code;
    while ((code = sqlite3_step(q)) == SQLITE_ROW) {
        struct store_tally tally = {
            .name = column(q, 0),
            .asked = sqlite3_column_int64(q, 1),
            .answered = sqlite3_column_int64(q, 2),
            .helpful = sqlite3_column_int64(q, 3),
            .unhelpful = sqlite3_column_int64(q, 4),
            .last_ms = sqlite3_column_int64(q, 5),
        };
        each(arg, &tally);
    }
    bool ok = code == SQLITE_DONE || store_fail(s, "read", err);
    sqlite3_finalize(q);
    return ok;
}

/* --- tidying ------------------------------------------------------------------------------------------------ */

/* Takes out up to `max` rows below a bound, and subtracts them from max. */
static void prune(struct store *s, enum statement which, int64_t below, size_t *max)
{
    sqlite3_stmt *q = *max ? writing(s, which) : NULL;
    if (!q)
        return;
    put_int(q, 1, below);
    put_int(q, 2, (int64_t)*max);
    if (run(s, q)) {
        size_t taken_out = (size_t)sqlite3_changes(s->db);
        *max -= taken_out < *max ? taken_out : *max;
    }
}

bool store_prune(struct store *s, int64_t now_ms, int words_days, size_t rows_max)
{
    size_t left = rows_max;
    prune(s, PRUNE_KEYS, KEYS_MAX, &left);
    for (int i = 0; i < TABLES; i++) {
        generation(&s->tables[i], now_ms);
        prune(s, s->tables[i].prune, s->tables[i].previous, &left);
    }
    prune(s, PRUNE_WORDS, now_ms - (int64_t)words_days * DAY_MS, &left);
    prune(s, PRUNE_DAYS, now_ms / DAY_MS - DAYS_KEPT, &left);
    return left == 0;
}

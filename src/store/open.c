#include "store/store.h"

#include "base/mem.h"
#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum {
    BUSY_MS = 250,            /* how long a stranger's lock on the file is waited for: the loop stands still */
    CACHE_KB = 400,           /* full after a few thousand questions: a process then grows no more */
    LOG_MAX_BYTES = 64 << 20, /* what SQLite leaves of its write-ahead log when it begins it anew */
    SIZE_MAX_BYTES = 1 << 20, /* of any one row */
    HOUR_MS = 3600 * 1000,
};

static const char *const texts[STATEMENTS] = {
#define X(name, text) text,
    SQL_STATEMENTS(X)
#undef X
};

static const struct {
    const char *name;
    int64_t max, life_ms;
    enum statement prune;
} tables[TABLES] = {
    [DIALOGS] = {"dialogs", 10000, 48 * HOUR_MS, PRUNE_DIALOGS},
    [SHARES] = {"shares", 10000, HOUR_MS / 2, PRUNE_SHARES},
};

static int status_of(int code)
{
    switch (code & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return STATUS_DATA;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return STATUS_AGAIN;
    default:
        return STATUS_IO;
    }
}

bool store_fail(const struct store *s, const char *doing, struct err *err)
{
    int code = sqlite3_extended_errcode(s->db), system = sqlite3_system_errno(s->db);
    const char *why = sqlite3_errmsg(s->db), *hint = "";
    if (status_of(code) == STATUS_DATA)
        hint = "; move it away to begin with an empty one";
    else if ((code & 0xFF) == SQLITE_BUSY)
        why = "another program has it locked";
    else if (((code & 0xFF) == SQLITE_CANTOPEN || (code & 0xFF) == SQLITE_IOERR) && system)
        why = strerror(system);
    return err_set(err, status_of(code), "cannot %s '%s': %s%s", doing, s->path, why, hint);
}

static bool take_lock(struct store *s, struct err *err)
{
    char path[4096];
    snprintf(path, sizeof path, "%s-lock", s->path);
    s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (s->lock < 0)
        return err_set(err, STATUS_IO, "cannot open '%s': %s", path, strerror(errno));
    char pid[24] = "";
    if (flock(s->lock, LOCK_EX | LOCK_NB) != 0) {
        bool taken = errno == EWOULDBLOCK;
        if (!taken)
            return err_set(err, STATUS_IO, "cannot lock '%s': %s", path, strerror(errno));
        ssize_t n = pread(s->lock, pid, sizeof pid - 1, 0);
        pid[n > 0 ? strspn(pid, "0123456789") : 0] = '\0';
        return err_set(err, STATUS_AGAIN, "another docent%s%s has '%s' open: one process at a time can use it",
                       *pid ? ", process " : "", pid, s->path);
    }
    int n = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    if (ftruncate(s->lock, 0) != 0 || pwrite(s->lock, pid, (size_t)n, 0) != n)
        return err_set(err, STATUS_IO, "cannot write to '%s': %s", path, strerror(errno));
    return true;
}

/* SQLite would make the file with the mode that the umask leaves; its other files get the mode that this one has. */
static bool make_file(struct store *s, struct err *err)
{
    int fd = open(s->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set(err, STATUS_IO, "cannot open '%s': %s", s->path, strerror(errno));
    close(fd);
    return true;
}

static bool execute(struct store *s, const char *sql, struct err *err)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK || store_fail(s, "open", err);
}

/* One number that a query gives. */
static bool query(struct store *s, const char *sql, int64_t *value, struct err *err)
{
    sqlite3_stmt *statement = NULL;
    bool ok =
        sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW;
    if (ok)
        *value = sqlite3_column_int64(statement, 0);
    else
        store_fail(s, "open", err);
    sqlite3_finalize(statement);
    return ok;
}

/* Setting the mode does not fail where it cannot be had, as on some network file systems: it is another one then. */
static bool set_wal(struct store *s, struct err *err)
{
    sqlite3_stmt *statement = NULL;
    bool ok = sqlite3_prepare_v2(s->db, "PRAGMA journal_mode = WAL", -1, &statement, NULL) == SQLITE_OK &&
              sqlite3_step(statement) == SQLITE_ROW;
    if (!ok)
        store_fail(s, "open", err);
    else if (strcmp((const char *)sqlite3_column_text(statement, 0), "wal") != 0)
        ok =
            err_set(err, STATUS_IO, "cannot open '%s': its file system has no shared memory for SQLite's WAL", s->path);
    sqlite3_finalize(statement);
    return ok;
}

static bool is_ours(struct store *s, int64_t *version, struct err *err)
{
    int64_t application = 0, tables_there = 0;
    if (!query(s, "PRAGMA application_id", &application, err) || !query(s, "PRAGMA user_version", version, err) ||
        !query(s, "SELECT count(*) FROM sqlite_schema", &tables_there, err))
        return false;
    if (application != SQL_APPLICATION && (application || *version || tables_there))
        return err_set(err, STATUS_DATA, "cannot open '%s': a database, but not one of docent's", s->path);
    if (*version > SQL_VERSION)
        return err_set(err, STATUS_DATA,
                       "cannot open '%s': written by a newer docent (version %lld of the tables; this one knows %d)",
                       s->path, (long long)*version, SQL_VERSION);
    return true;
}

static bool bring_up_to_date(struct store *s, int64_t version, struct err *err)
{
    if (version == SQL_VERSION)
        return true;
    char mark[96];
    snprintf(mark, sizeof mark, "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT", SQL_APPLICATION,
             SQL_VERSION);
    if (!execute(s, "BEGIN IMMEDIATE", err))
        return false;
    for (; version < SQL_VERSION; version++)
        if (!execute(s, sql_steps[version], err))
            return false;
    return execute(s, mark, err);
}

/* Takes the place of SQLite's own idea of when to checkpoint: see store_checkpoint. */
static int on_commit(void *arg, sqlite3 *db, const char *name, int pages)
{
    struct store *s = arg;
    (void)db, (void)name;
    s->log_pages = pages;
    return SQLITE_OK;
}

static bool set_up(struct store *s, struct err *err)
{
    char text[128];
    snprintf(text, sizeof text, "PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = %d; PRAGMA cache_size = -%d",
             LOG_MAX_BYTES, CACHE_KB);
    int64_t version = 0;
    if (!is_ours(s, &version, err))
        return false;
    if (s->lock < 0)
        return version == SQL_VERSION ||
               err_set(err, STATUS_DATA,
                       "cannot read '%s': written by an older docent; `docent serve` brings it up to date", s->path);
    sqlite3_wal_hook(s->db, on_commit, s);
    return set_wal(s, err) && execute(s, text, err) && bring_up_to_date(s, version, err);
}

/* A text as it is compared: letters and digits of ASCII in lower case, all else but other characters a space. */
static void sql_folded(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    const char *text = (const char *)sqlite3_value_text(values[0]);
    size_t length = (size_t)sqlite3_value_bytes(values[0]), out = 0;
    char *folded = mem_alloc(length + 1);
    for (size_t i = 0; text && i < length; i++) {
        bool kept = ch_alnum(text[i]) || (unsigned char)text[i] >= 0x80;
        if (kept)
            folded[out++] = ch_lower(text[i]);
        else if (text[i] != '\'' && out && folded[out - 1] != ' ')
            folded[out++] = ' ';
    }
    while (out && folded[out - 1] == ' ')
        out--;
    sqlite3_result_text(context, folded, (int)out, free);
}

static bool prepare(struct store *s, struct err *err)
{
    for (int i = 0; i < STATEMENTS; i++)
        if (sqlite3_prepare_v3(s->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &s->statements[i], NULL) != SQLITE_OK)
            return store_fail(s, "open", err);
    return sqlite3_create_function(s->db, "folded", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, sql_folded, NULL,
                                   NULL) == SQLITE_OK ||
           store_fail(s, "open", err);
}

static bool load_generations(struct store *s, struct err *err)
{
    for (int i = 0; i < TABLES; i++) {
        struct generations *g = &s->tables[i];
        *g = (struct generations){.max = tables[i].max, .life_ms = tables[i].life_ms, .prune = tables[i].prune};
        char sql[128];
        snprintf(sql, sizeof sql, "SELECT coalesce(max(generation), 0) FROM %s", tables[i].name);
        if (!query(s, sql, &g->current, err))
            return false;
        snprintf(sql, sizeof sql, "SELECT coalesce(max(generation), 0) FROM %s WHERE generation < %lld", tables[i].name,
                 (long long)g->current);
        if (!query(s, sql, &g->previous, err))
            return false;
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s WHERE generation = %lld", tables[i].name,
                 (long long)g->current);
        if (!query(s, sql, &g->n, err))
            return false;
    }
    return true;
}

static bool load_keys(struct store *s, struct err *err)
{
    static const enum statement from[] = {KEYS_KEPT, KEYS_OPEN};
    for (int i = 0; i < 2; i++) {
        int code;
        while ((code = sqlite3_step(s->statements[from[i]])) == SQLITE_ROW)
            keys_add(&s->keys, (uint64_t)sqlite3_column_int64(s->statements[from[i]], 0));
        if (code != SQLITE_DONE)
            return store_fail(s, "open", err);
        sqlite3_reset(s->statements[from[i]]);
    }
    int64_t last = 0;
    bool ok = query(s, texts[LAST_ID], &last, err);
    s->next_id = last + 1;
    return ok;
}

static struct store *open_file(const char *path, bool to_write, struct err *err)
{
    struct store *s = mem_alloc(sizeof *s);
    s->lock = -1;
    s->path = mem_alloc(strlen(path) + 1);
    memcpy(s->path, path, strlen(path));
    if (to_write && (!take_lock(s, err) || !make_file(s, err)))
        goto failed;
    int flags =
        (to_write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    if (sqlite3_open_v2(path, &s->db, flags, NULL) != SQLITE_OK) {
        store_fail(s, "open", err);
        goto failed;
    }
    sqlite3_limit(s->db, SQLITE_LIMIT_LENGTH, SIZE_MAX_BYTES + 4096);
    sqlite3_busy_timeout(s->db, BUSY_MS);
    if (set_up(s, err) && prepare(s, err) && (!to_write || (load_generations(s, err) && load_keys(s, err))))
        return s;
failed:
    store_close(s);
    return NULL;
}

struct store *store_open(const char *path, int64_t now_ms, struct err *err)
{
    struct store *s = open_file(path, true, err);
    /* A clock that was set back must not make new generations older than those that are there. */
    for (int i = 0; s && i < TABLES; i++)
        if (!s->tables[i].current)
            s->tables[i].current = now_ms;
    return s;
}

struct store *store_open_to_read(const char *path, struct err *err)
{
    if (access(path, R_OK) != 0) {
        err_set(err, STATUS_NO_INPUT, "cannot read '%s': %s", path, strerror(errno));
        return NULL;
    }
    return open_file(path, false, err);
}

void store_close(struct store *s)
{
    if (!s)
        return;
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(s->statements[i]);
    sqlite3_close(s->db);
    keys_release(&s->keys);
    if (s->lock >= 0)
        close(s->lock);
    free(s->path);
    free(s);
}

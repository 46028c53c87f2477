/* db: what open.c and store.c share; nobody else includes sqlite3.h. */
#ifndef DOCENT_STORE_DB_H
#define DOCENT_STORE_DB_H

#include "base/err.h"
#include "store/keys.h"
#include "store/sql.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

enum statement {
#define X(name, text) name,
    SQL_STATEMENTS(X)
#undef X
        STATEMENTS
};

enum table { DIALOGS, SHARES, TABLES }; /* those with generations: see sql.h */

struct generations {
    int64_t current, previous;
    int64_t n, max, life_ms; /* rows of the current one; when a new one begins */
    enum statement prune;
};

struct store {
    sqlite3 *db;
    int lock; /* descriptor; -1: reading only */
    sqlite3_stmt *statements[STATEMENTS];
    bool open;   /* a transaction is */
    bool broken; /* something failed in it, or in reading: `problem` says what */
    struct err problem;
    int log_pages; /* in the write-ahead log, as of the last commit */
    int64_t next_id;
    struct keys keys; /* of everything in the outbox and in the table `keys` */
    size_t keys_new;  /* of these, added in this transaction */
    struct generations tables[TABLES];
    char *path;
};

/* Fills err with what SQLite says last about the connection; returns false. */
bool store_fail(const struct store *s, const char *doing, struct err *err);

#endif

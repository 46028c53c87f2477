/*
 * sql: the tables of docent's file, how they came to be, and every statement that store.c runs.
 *
 * Texts that strangers choose (keys, conversations, targets) are BLOBs: any bytes, compared as bytes.
 *
 * What is answered stands beside the outbox, not in it: rows that grow and shrink would move others to other pages.
 *
 * Of acts that were taken and need nothing any more, the hashes of their keys are kept, appended one after the other: an
 * index of the keys themselves would touch a page of the file for nearly every act.
 *
 * Tables with a generation are bounded without an index of their own: rows are written into the current generation and
 * looked for in the current and the previous one. When the current one is full or old a new one begins, and what is
 * older than the previous is taken out bit by bit. A generation's number is the time at which it began, Unix ms.
 */
#ifndef DOCENT_STORE_SQL_H
#define DOCENT_STORE_SQL_H

enum {
    SQL_APPLICATION = 0x646F6373, /* "docs", in the file's header: see PRAGMA application_id */
    SQL_VERSION = 1,              /* of the tables: PRAGMA user_version */
};

/* sql_steps[v] makes of a file of version v one of version v + 1. Steps that were released never change. */
static const char *const sql_steps[SQL_VERSION] = {
    /* 0: an empty file */
    "CREATE TABLE outbox(id INTEGER PRIMARY KEY, state INTEGER NOT NULL, kind INTEGER NOT NULL,"
    "  sent INTEGER NOT NULL, taken_ms INTEGER NOT NULL, hash INTEGER NOT NULL, platform TEXT NOT NULL, key BLOB NOT NULL,"
    "  conversation BLOB, channel BLOB, user BLOB, of BLOB, intent TEXT, text TEXT, target BLOB);"
    "CREATE TABLE posts(id INTEGER PRIMARY KEY, posts BLOB NOT NULL);"
    "CREATE TABLE keys(id INTEGER PRIMARY KEY, hash INTEGER NOT NULL);"
    "CREATE TABLE dialogs(generation INTEGER, key BLOB, used_ms INTEGER NOT NULL, dialog BLOB NOT NULL,"
    "  PRIMARY KEY(generation, key)) WITHOUT ROWID;"
    "CREATE TABLE shares(generation INTEGER, key BLOB, text BLOB NOT NULL, PRIMARY KEY(generation, key)) WITHOUT ROWID;"
    "CREATE TABLE state(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE days(day INTEGER, platform TEXT, outcome TEXT, intent TEXT, asked INTEGER NOT NULL,"
    "  helpful INTEGER NOT NULL, unhelpful INTEGER NOT NULL, PRIMARY KEY(day, platform, outcome, intent)) WITHOUT ROWID;"
    "CREATE TABLE words(id INTEGER PRIMARY KEY, ms INTEGER NOT NULL, platform TEXT NOT NULL, outcome TEXT NOT NULL,"
    "  intent TEXT NOT NULL, text TEXT NOT NULL);",
};

/* name, text. Parameters are bound in the order of their numbers. */
#define SQL_STATEMENTS(X) \
    X(BEGIN, "BEGIN IMMEDIATE") \
    X(COMMIT, "COMMIT") \
    X(ROLLBACK, "ROLLBACK") \
    X(TAKE, \
      "INSERT INTO outbox(id, state, kind, sent, taken_ms, hash, platform, key, conversation, channel, user, of," \
      " intent, text, target) VALUES(?1, 0, ?2, 0, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)") \
    X(KEEP_POSTS, "REPLACE INTO posts(id, posts) VALUES(?1, ?2)") \
    X(MARK, "UPDATE outbox SET state = ?2, sent = ?3 WHERE id = ?1") \
    X(REMOVE, "DELETE FROM outbox WHERE id = ?1") \
    X(REMOVE_POSTS, "DELETE FROM posts WHERE id = ?1") \
    X(ROW, \
      "SELECT id, state, kind, sent, taken_ms, platform, key, conversation, channel, user, of, intent, text, target, posts" \
      " FROM outbox LEFT JOIN posts USING(id) WHERE id = ?1") \
    X(ROWS, \
      "SELECT id, state, kind, sent, taken_ms, platform, key, conversation, channel, user, of, intent, text, target, posts" \
      " FROM outbox LEFT JOIN posts USING(id) ORDER BY id") \
    X(POSTS, "SELECT posts FROM posts WHERE id = ?1") \
    X(LAST_ID, "SELECT coalesce(max(id), 0) FROM outbox") \
    X(KEEP_KEY_OF, "INSERT INTO keys(hash) SELECT hash FROM outbox WHERE id = ?1") \
    X(KEEP_KEY, "INSERT INTO keys(hash) VALUES(?1)") \
    X(KEYS_KEPT, "SELECT hash FROM keys ORDER BY id") \
    X(KEYS_OPEN, "SELECT hash FROM outbox ORDER BY id") \
    X(DIALOG, "SELECT dialog, used_ms FROM dialogs WHERE generation = ?1 AND key = ?2") \
    X(KEEP_DIALOG, "REPLACE INTO dialogs(generation, key, used_ms, dialog) VALUES(?1, ?2, ?3, ?4)") \
    X(SHARE, "SELECT text FROM shares WHERE generation = ?1 AND key = ?2") \
    X(KEEP_SHARE, "REPLACE INTO shares(generation, key, text) VALUES(?1, ?2, ?3)") \
    X(VALUE, "SELECT value FROM state WHERE name = ?1") \
    X(SET_VALUE, "REPLACE INTO state(name, value) VALUES(?1, ?2)") \
    X(COUNT, \
      "INSERT INTO days(day, platform, outcome, intent, asked, helpful, unhelpful)" \
      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET asked = asked + ?5, helpful = helpful + ?6," \
      " unhelpful = unhelpful + ?7") \
    X(WORDS, "INSERT INTO words(ms, platform, outcome, intent, text) VALUES(?1, ?2, ?3, ?4, ?5)") \
    X(PRUNE_KEYS, \
      "DELETE FROM keys WHERE id < (SELECT min(id) FROM keys) + ?2 AND id <= (SELECT max(id) FROM keys) - ?1") \
    X(PRUNE_DIALOGS, SQL_PRUNE("dialogs")) \
    X(PRUNE_SHARES, SQL_PRUNE("shares")) \
    X(PRUNE_WORDS, "DELETE FROM words WHERE id < (SELECT min(id) FROM words) + ?2 AND ms < ?1") \
    X(PRUNE_DAYS, "DELETE FROM days WHERE day = (SELECT min(day) FROM days) AND day < ?1")

/* The first ?2 rows of the oldest generation below ?1. */
#define SQL_OLDEST(table) "(SELECT min(generation) FROM " table ")"
#define SQL_PRUNE(table) \
    "DELETE FROM " table \
    " WHERE generation = " SQL_OLDEST(table) " AND generation < ?1 AND key <=" \
                                             " (SELECT max(key) FROM (SELECT key FROM " table \
                                             " WHERE generation = " SQL_OLDEST(table) " ORDER BY key LIMIT ?2))"

/*
 * Reports: ?1 the first day, ?2 the first millisecond, ?3 how many. Columns: name, asked, answered, helpful, unhelpful,
 * last. folded() is store.c's: a text as it is compared.
 */
#define SQL_TALLY \
    "sum(asked), sum(asked * (outcome = 'answer')), sum(helpful), sum(unhelpful), 0 FROM days WHERE day >= ?1"
#define SQL_REPORTS(X) \
    X(BY_DAY, "SELECT date(day * 86400, 'unixepoch'), " SQL_TALLY " GROUP BY day ORDER BY day DESC LIMIT ?3") \
    X(BY_PLATFORM, "SELECT platform, " SQL_TALLY " GROUP BY platform ORDER BY 2 DESC, 1 LIMIT ?3") \
    X(BY_OUTCOME, "SELECT outcome, " SQL_TALLY " AND outcome <> '' GROUP BY outcome ORDER BY 2 DESC, 1 LIMIT ?3") \
    X(BY_INTENT, "SELECT intent, " SQL_TALLY " AND intent <> '' GROUP BY intent ORDER BY 2 DESC, 1 LIMIT ?3") \
    X(UNANSWERED, \
      "SELECT text, count(*), 0, 0, 0, max(ms) FROM words WHERE ms >= ?2 AND outcome IN ('decline', 'clarify')" \
      " GROUP BY folded(text) ORDER BY 2 DESC, 6 DESC LIMIT ?3")

#endif

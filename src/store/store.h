/*
 * store: what docent must not forget, in one SQLite file.
 *
 * It holds the outbox (questions that were taken and are not yet delivered), the keys of all acts that were taken,
 * conversations, texts that may still be shared, small values that platforms keep for themselves, and what `docent
 * report` tells.
 *
 *     struct store *s = store_open("/var/lib/docent/docent.db", now_ms, &err);
 *     struct store_row row = {.platform = STR("slack"), .key = key, .text = text, …};
 *     if (store_take(s, &row) == STORE_NEW) …
 *     if (!store_commit(s, &err)) … nothing of all this happened …
 *
 * The first write begins a transaction; store_commit, called once a turn of the loop, ends it. It is all or nothing:
 * after a write that failed, the writes up to the next store_commit do nothing, and store_commit undoes what was
 * written, says why and returns false. So only what store_commit says needs an answer; what the writes return need not
 * be looked at. Reading sees what was written before, committed or not.
 *
 * What was committed survives the end of the process, however sudden (kill -9). The file is in WAL mode with
 * synchronous=NORMAL: a power cut or a crash of the kernel never damages it, but can lose the commits that the kernel
 * had not yet written to the disk, which is to say the last seconds, half a minute at most by Linux's defaults. Those
 * questions were acknowledged and are not answered, or were answered and are answered again.
 *
 * One process at a time writes: it holds a lock on PATH-lock. `docent report` reads beside it (store_open_to_read).
 * The file belongs to its user alone (mode 0600), as do the files that SQLite puts beside it.
 */
#ifndef DOCENT_STORE_STORE_H
#define DOCENT_STORE_STORE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

/*
 * Opens the file, makes it when it is not there (its folder must be), brings an older one up to date.
 * Errors: STATUS_AGAIN another process has it; STATUS_DATA damaged, not docent's, or of a newer docent; else STATUS_IO.
 */
struct store *store_open(const char *path, int64_t now_ms, struct err *err);
struct store *store_open_to_read(const char *path, struct err *err); /* STATUS_NO_INPUT when it is not there */
void store_close(struct store *s); /* what was not committed is undone; NULL is fine */

bool store_commit(struct store *s, struct err *err); /* true as well when there was nothing to commit */
/*
 * Brings what was committed from SQLite's log into the file, when there is enough of it: ten milliseconds or so, so call
 * it after the commit of a turn, with whether nobody waits. In quiet times after 4 MB, else after 32 MB.
 */
void store_checkpoint(struct store *s, bool quiet);
bool store_has_written(const struct store *s); /* there is something to commit */
bool store_broken(const struct store *s);      /* something failed since the last commit, writing or reading */
void store_probe(struct store *s);             /* a write that changes nothing: does the disk take it again? */

/* --- the outbox --------------------------------------------------------------------------------------------- */

enum store_state {
    STORE_TAKEN,    /* not yet answered */
    STORE_ANSWERED, /* its posts wait */
    STORE_SENDING,  /* a post of it may be on its way */
};

struct store_row {
    int64_t id; /* grows in the order of arrival; no id is used twice by a process */
    enum store_state state;
    int kind;         /* what it is, as the caller counts */
    unsigned sent;    /* of its posts: how many are out */
    int64_t taken_ms; /* Unix time */
    struct str platform, key, conversation, channel, user, text, target, of, intent; /* see channel/incoming.h */
    struct str posts; /* bytes, as the caller packs them; empty until it is answered */
};

enum store_taken { STORE_NEW, STORE_KNOWN, STORE_FAILED };

/* Takes a row, unless its key was taken before, and sets row->id. */
enum store_taken store_take(struct store *s, struct store_row *row);
/* Remembers only the key: for acts that leave nothing to do. */
enum store_taken store_take_key(struct store *s, struct str key);

/* Puts the answer's posts beside the question, none of them sent. state: STORE_ANSWERED or STORE_SENDING */
bool store_answer(struct store *s, int64_t id, enum store_state state, struct str posts);
bool store_mark(struct store *s, int64_t id, enum store_state state, unsigned sent);
bool store_remove(struct store *s, int64_t id); /* it is delivered, or given up */

/* A row as it stands, copied into the arena. False: there is none, or it cannot be read. */
bool store_row(struct store *s, int64_t id, struct arena *a, struct store_row *row);
bool store_posts(struct store *s, int64_t id, struct arena *a, struct str *posts);
/* Every row in the order of arrival; texts live during the call of `each`, which must not write. */
bool store_rows(struct store *s, void (*each)(void *arg, const struct store_row *row), void *arg, struct err *err);

/*
 * The keys of the last 131,072 acts are remembered, which is an hour at 36 a second (keys.h). Conversations are for at
 * least 48 hours, unless more than 10,000 answers are newer; texts to share for at least 30 minutes.
 */
enum { STORE_DIALOG_MAX = 4096 }; /* bytes of a dialog */
/* False: there is none, or one of another size; what is in `dialog` is undefined then. */
bool store_dialog(struct store *s, struct str conversation, void *dialog, size_t size_bytes, int64_t *used_ms);
bool store_keep_dialog(struct store *s, struct str conversation, const void *dialog, size_t size_bytes, int64_t now_ms);
bool store_share(struct store *s, struct str key, struct arena *a, struct str *text);
bool store_keep_share(struct store *s, struct str key, struct str text, int64_t now_ms);

/* --- values of a platform: a session, a sequence, a count ---------------------------------------------------- */

bool store_value(struct store *s, const char *name, struct arena *a, struct str *value); /* false: never set */
bool store_set_value(struct store *s, const char *name, struct str value);

/* --- what `docent report` tells ------------------------------------------------------------------------------- */

struct store_asked {
    int64_t ms;
    const char *platform, *outcome;
    struct str intent;
    struct str text; /* people's words; empty: only counted */
};
bool store_count(struct store *s, const struct store_asked *asked);
bool store_feedback(struct store *s, const char *platform, struct str intent, bool helpful, int64_t ms);

enum store_report {
    STORE_BY_DAY, /* name: 2026-01-31, by UTC */
    STORE_BY_PLATFORM,
    STORE_BY_OUTCOME,
    STORE_BY_INTENT,  /* most asked first */
    STORE_UNANSWERED, /* what was declined or unclear, same words together, most asked first; only kept words */
};
struct store_tally {
    struct str name; /* a view during the call */
    int64_t asked, answered, helpful, unhelpful;
    int64_t last_ms; /* of STORE_UNANSWERED: when it was asked last */
};
bool store_report(struct store *s, enum store_report report, int64_t since_ms, size_t max,
                  void (*each)(void *arg, const struct store_tally *tally), void *arg, struct err *err);

/* --- tidying ---------------------------------------------------------------------------------------------------- */

/*
 * Takes out some of what need not be kept any longer, about rows_max rows: to be called again and again.
 * words_days  how long people's words are kept; counts by day are kept 400 days
 * Returns whether there may be more.
 */
bool store_prune(struct store *s, int64_t now_ms, int words_days, size_t rows_max);

#endif

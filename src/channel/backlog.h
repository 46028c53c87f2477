/*
 * backlog: the questions that were taken and wait for their answer, and how many of them it is time to answer.
 *
 *     struct backlog b = {0};
 *     backlog_add(&b, (struct pending){id, now_ms});
 *     for (size_t n = backlog_due(&b, now_ms); n; n--)
 *         answer(backlog_next(&b));
 *     backlog_end_turn(&b, store_commit(…));
 *     backlog_release(&b);
 *
 * Acknowledgements come before answers: platforms send again what was not acknowledged in three seconds, while for its
 * answer a question can wait a little. A turn that brought questions answers one if no others waited before it, else
 * none. When no question has come for two milliseconds, sixteen a turn are answered, the oldest first. In a flood without
 * such a pause, one a turn is answered for every second that the oldest has waited: the longer it lasts the more.
 *
 * Times are milliseconds of one clock that never goes back.
 */
#ifndef DOCENT_CHANNEL_BACKLOG_H
#define DOCENT_CHANNEL_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BACKLOG_PAUSE_MS = 2 }; /* what a pause is. A millisecond more or less */

struct pending { /* its words are in the store */
    int64_t id;
    int64_t since_ms;
};

/* Numbers count on for ever; number i lies at i modulo the size. */
struct backlog {
    struct pending *items;
    size_t size; /* a power of two */
    uint64_t from, to;
    uint64_t old_from, old_to; /* as the turn began */
    int64_t pause_ms;          /* when the next pause begins, unless questions come before */
};

void backlog_add(struct backlog *b, struct pending pending);
size_t backlog_waiting(const struct backlog *b);
int64_t backlog_oldest_ms(const struct backlog *b, int64_t now_ms); /* how long the oldest has waited; 0: none does */
size_t backlog_added(const struct backlog *b);                      /* in this turn */

size_t backlog_due(struct backlog *b,
                   int64_t now_ms); /* once a turn, after all that it brought: never more than wait */
bool backlog_pauses(const struct backlog *b, int64_t now_ms);
struct pending backlog_next(struct backlog *b); /* takes out the oldest; there must be one */

/* not ok: what was added in this turn is forgotten, and what was taken out waits again */
void backlog_end_turn(struct backlog *b, bool ok);
void backlog_release(struct backlog *b);

#endif

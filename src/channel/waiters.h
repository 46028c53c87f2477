/*
 * waiters: who is to be told how a turn of the loop ended, in the order of asking.
 *
 *     struct waiters w = {0};
 *     waiters_add(&w, acknowledge, envelope, WAITERS_NEED_IT);
 *     waiters_tell(&w, store_commit(…));
 *     waiters_release(&w);
 */
#ifndef DOCENT_CHANNEL_WAITERS_H
#define DOCENT_CHANNEL_WAITERS_H

#include <stdbool.h>
#include <stddef.h>

enum waiters_need {
    WAITERS_NEED_IT,     /* that what the turn wrote is kept */
    WAITERS_IN_ANY_CASE, /* nothing of theirs had to be kept: told that all is well */
};

struct waiter;
struct waiters {
    struct waiter *items;
    size_t n, cap;
};

void waiters_add(struct waiters *w, void (*fn)(void *arg, bool ok), void *arg,
                 enum waiters_need need); /* fn NULL: nobody */
/* Tells each one once, and forgets it. They may add new ones, which are told next time. */
void waiters_tell(struct waiters *w, bool ok);
void waiters_release(struct waiters *w);

#endif

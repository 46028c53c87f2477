/*
 * webhook: what `docent post` needs of a platform to send something to one of its incoming webhooks.
 */
#ifndef DOCENT_CHANNEL_WEBHOOK_H
#define DOCENT_CHANNEL_WEBHOOK_H

#include "docent.h"
#include "net/http_client.h"

#include <stdbool.h>
#include <stdint.h>

enum { WEBHOOK_POSTS_MAX = 4 };

enum webhook_end {
    WEBHOOK_SENT,
    WEBHOOK_WAIT,    /* too fast: again after wait_ms */
    WEBHOOK_AGAIN,   /* trouble over there, or not reached: later */
    WEBHOOK_UNSURE,  /* nobody knows whether it was posted */
    WEBHOOK_REFUSED, /* will never work like this */
};

struct webhook_said {
    enum webhook_end end;
    int64_t wait_ms;    /* of WAIT */
    char word[128];     /* what the platform said, or what went wrong on the way; never a secret */
    const char *advice; /* what a person can do about it, one sentence; NULL: nothing in particular */
};

#endif

/*
 * slack_target: where an answer goes, as JSON that lives in the store between question and answer.
 */
#ifndef DOCENT_CHANNEL_SLACK_TARGET_H
#define DOCENT_CHANNEL_SLACK_TARGET_H

#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>

struct slack_target {
    struct str channel;      /* id */
    struct str thread;       /* ts of its first message; empty: not in a thread */
    struct str user;         /* who asked or clicked */
    struct str response_url; /* of a command or click; lives 30 minutes, good for five posts; a bearer secret */
    bool quiet;              /* only that user sees the answer */
    bool quoted;             /* the question stands nowhere in the channel: say it with the answer */
};

struct str slack_target_write(const struct slack_target *target, struct arena *a);

/* False when it is not what slack_target_write wrote. Texts lie in the arena. */
bool slack_target_read(struct str json, struct arena *a, struct slack_target *out);

/*
 * May we post to this address that a payload named? Only to hooks.HOST of the API's host, over TLS, or where the API is
 * on a loopback address (tests) to the same host and port: a forged payload must not make docent call elsewhere.
 */
bool slack_response_url_ok(struct str url, struct str api_url);

#endif

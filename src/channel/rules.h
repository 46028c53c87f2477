/*
 * rules: who may ask where, and how often.
 */
#ifndef DOCENT_CHANNEL_RULES_H
#define DOCENT_CHANNEL_RULES_H

#include "base/str.h"
#include "channel/incoming.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RULES_CHANNELS_MAX = 256 };

struct rules {
    const struct str *allowed; /* channels; none: all are. Views that live as long as the rules */
    size_t n_allowed;
    const struct str *denied; /* channels: never there */
    size_t n_denied;
    const struct str *everything; /* channels where every message is a question for us */
    size_t n_everything;
    bool threads;   /* follow-ups without a mention in threads where docent takes part */
    int per_minute; /* questions of one person in a minute; 0: any number */
};

enum rules_verdict {
    RULES_ANSWER,
    RULES_NOT_FOR_US, /* neither direct, nor named, nor in a place where we listen */
    RULES_CHANNEL,    /* not in this channel */
};

/* takes_part: has docent answered in this conversation? Direct messages and commands obey `allowed` and `denied`, too. */
enum rules_verdict rules_decide(const struct rules *rules, const struct incoming *in, bool takes_part);

/*
 * cool-down: at most so many in a minute for each key, smoothed (a bucket that refills). A fixed number of keys is
 * remembered, oldest out.
 */
struct cooldown;
struct cooldown *cooldown_new(size_t keys_max);
void cooldown_free(struct cooldown *c);
bool cooldown_ok(struct cooldown *c, struct str key, int per_minute, int64_t now_ms);

#endif

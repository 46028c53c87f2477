/*
 * sign: are these bytes from whom they claim to be? By libsodium, in constant time.
 */
#ifndef DOCENT_NET_SIGN_H
#define DOCENT_NET_SIGN_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

bool sign_start(void); /* once, before anything else here: false when libsodium cannot start */

/*
 * Slack's request signature, version 0. `timestamp` and `signature` as in their headers, `body` as it came.
 * now_s  Unix seconds; a timestamp more than 300 s away on either side is stale
 */
bool sign_slack_ok(struct str secret, struct str timestamp, struct str signature, struct str body, int64_t now_s);

/* Discord's: Ed25519 over timestamp and body. public_key and signature in hex. */
bool sign_discord_ok(struct str public_key, struct str timestamp, struct str signature, struct str body);

uint32_t sign_random(void); /* 32 bits that nobody can guess: jitter, keys */

#endif

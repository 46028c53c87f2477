/*
 * gate: the rules of each platform, put to what comes in; counts and logs what is turned away.
 */
#ifndef DOCENT_CHANNEL_GATE_H
#define DOCENT_CHANNEL_GATE_H

#include "channel/conversations.h"
#include "channel/incoming.h"
#include "channel/metrics.h"
#include "channel/rules.h"
#include "net/loop.h"

#include <stdbool.h>

struct gate;

/* All of these outlive the gate. */
struct gate *gate_new(struct loop *loop, struct metrics *metrics, struct conversations *conversations);
void gate_free(struct gate *gate);
void gate_set(struct gate *gate, const char *platform, const struct rules *rules); /* copied; the name is not */

/* For us, in a place where we answer? A platform without rules answers what addresses us. */
bool gate_is_for_us(struct gate *gate, const struct incoming *in);

/* Has this person not asked too much lately? Counts as asking. Clicks are free. */
bool gate_is_cool(struct gate *gate, const struct incoming *in);

#endif

/*
 * incoming: what somebody did on a platform, in the same words for all platforms.
 *
 * Slack's and Discord's files turn their events into this; desk.h takes it from there. Texts are views that need to
 * live only during the call they are given to.
 */
#ifndef DOCENT_CHANNEL_INCOMING_H
#define DOCENT_CHANNEL_INCOMING_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum incoming_kind {
    INCOMING_QUESTION,  /* words, or a button that stands for words */
    INCOMING_HELPFUL,   /* a click: the answer helped */
    INCOMING_UNHELPFUL, /* a click: it did not */
    INCOMING_SHARE,     /* a click: post to everybody what only one person saw; `of` names the question */
};

struct incoming {
    const char *platform; /* name of the struct platform it came by */
    enum incoming_kind kind;

    /*
     * Names this act for ever, the same for every delivery of it: "slack:T1:C1:1767225600.000100". An act with a key
     * that was taken before is acknowledged and not answered again. At most 200 bytes.
     */
    struct str key;
    struct str of; /* key of the question that a click is about; else empty */

    struct str conversation;  /* whose context: a thread, a person in a direct message; at most 200 bytes */
    struct str channel, user; /* for the rules: ids of the platform, without its name */

    bool direct;    /* a direct message, a command or a click: for us in any case */
    bool mentioned; /* names us */
    bool reply;     /* in a thread, or a reply to a message: for us if we take part */

    struct str text;   /* the question in plain words: tokens of the platform decoded, own name taken out */
    struct str intent; /* of a click on helpful or unhelpful */
    struct str target; /* where the answer goes: JSON that only the platform's own file reads */
};

#endif

/*
 * platform: what the desk and the delivery need of Slack or Discord.
 *
 * A platform's file fills one struct platform and registers it with desk_platform. It composes posts out of replies
 * (pure: no waiting, no sending) and sends one post when it is told to.
 */
#ifndef DOCENT_CHANNEL_PLATFORM_H
#define DOCENT_CHANNEL_PLATFORM_H

#include "base/buf.h"
#include "base/str.h"
#include "docent.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One request that brings an answer, or a part of one, to people. */
struct post {
    struct str lane;   /* posts of a lane go out one after the other: a channel, a webhook */
    struct str method; /* "POST", "PATCH" */
    struct str route;  /* what to call, as only the platform's file reads it: "chat.postMessage", a path, a URL */
    struct str body;   /* JSON */
    bool again;        /* may be sent twice without being seen twice: a nonce, an edit */
};

enum { POSTS_MAX = 8, POST_BODY_MAX = 64 << 10 };

struct posts { /* lie in the arena of whoever asked for them */
    struct post items[POSTS_MAX];
    size_t n;         /* 0: nothing to say */
    struct str share; /* of an answer that only one person sees: what INCOMING_SHARE will be given; else empty */
};

/* A question as the desk kept it. */
struct question {
    struct str key, conversation, channel, user, text, target;
    int64_t taken_ms; /* Unix time */
};

enum send_end {
    SEND_DONE,     /* the platform has it */
    SEND_WAIT,     /* too fast: again after wait_ms; counts as no try */
    SEND_WAIT_ALL, /* the same, for every lane of the platform */
    SEND_AGAIN,    /* trouble over there, nothing was posted: again, after a while that grows */
    SEND_UNSURE,   /* nobody knows whether it was posted */
    SEND_DROP,     /* will never work for this post; `reason` says why */
    SEND_PLAIN,    /* its form was refused: once more with `plain` as the body */
    SEND_DEAD,     /* will never work for any post: the token is dead */
};

struct sent {
    enum send_end end;
    int64_t wait_ms;
    const char *reason; /* for the log; never a secret */
    struct str plain;   /* for SEND_PLAIN */
};

struct platform {
    const char *name; /* "slack": in keys, logs, metrics and the store */
    int64_t lane_ms;  /* least time between two posts of a lane; 0: none */
    void *self;

    /* Answers question with reply. */
    void (*compose)(void *self, const struct question *question, const struct reply *reply, struct arena *a,
                    struct posts *out);
    /* Thanks for a click on helpful or unhelpful. */
    void (*thank)(void *self, const struct question *question, bool helpful, struct arena *a, struct posts *out);
    /* Posts to everybody what compose left in posts.share. share: empty when that is no longer there */
    void (*share)(void *self, const struct question *question, struct str share, struct arena *a, struct posts *out);

    /* Sends one post and then calls done once, from the loop. */
    void (*send)(void *self, const struct post *post, void (*done)(void *arg, const struct sent *sent), void *arg);
};

#endif

/* link: the state of one connection to a platform, as /healthz shows it. */
#ifndef DOCENT_CHANNEL_LINK_H
#define DOCENT_CHANNEL_LINK_H

#include <stdbool.h>

enum { LINKS_MAX = 64 };

struct link {
    const char *platform; /* "slack" */
    char name[32];        /* "socket 1", "shard 0", "web api" */
    const char *state;    /* a word or two: "connected", "connecting", "stopped: token refused"; never a secret */
    bool up;
};

#endif

/* easy: libcurl handles set up the way this loop needs them, for http_client.c and websocket.c. */
#ifndef DOCENT_NET_EASY_H
#define DOCENT_NET_EASY_H

#include "net/loop.h"
#include "net/url.h"

struct easy_options {
    const char *user_agent;      /* NULL: none */
    const char *proxy, *ca_file; /* as in http_client.h; a loopback address is never asked of a proxy */
    int64_t connect_ms;
    char *problem; /* EASY_PROBLEM bytes, while the handle lives: libcurl says there what failed */
};
enum { EASY_PROBLEM = 256 };

/* A CURL handle for the caller to add to the loop's and to clean up. url as text, and its parts. */
void *easy_new(const char *text, const struct url *url, const struct easy_options *options,
               struct loop_transfer *transfer);

#endif

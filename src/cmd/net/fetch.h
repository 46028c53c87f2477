/*
 * fetch: one request after the other, for commands that do nothing else meanwhile.
 *
 *     struct fetch f;
 *     fetch_start(&f, &call->settings);
 *     fetch_send(&f, &request, read_reply, self);     returns when read_reply has been called
 *     fetch_end(&f);
 */
#ifndef DOCENT_CMD_NET_FETCH_H
#define DOCENT_CMD_NET_FETCH_H

#include "cmd/settings.h"
#include "net/http_client.h"
#include "net/loop.h"

#include <stdint.h>

struct fetch {
    struct loop *loop;
    struct http_client *http;
};

void fetch_start(struct fetch *f, const struct settings *settings);
void fetch_send(struct fetch *f, const struct http_request *request,
                void (*read)(void *arg, const struct http_reply *reply), void *arg);
void fetch_pause(struct fetch *f, int64_t ms);
void fetch_end(struct fetch *f);

#endif

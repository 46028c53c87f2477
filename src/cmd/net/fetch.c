#include "cmd/net/fetch.h"

#include <stdbool.h>

struct waiting {
    bool over;
    void (*read)(void *arg, const struct http_reply *reply);
    void *arg;
};

void fetch_start(struct fetch *f, const struct settings *settings)
{
    f->loop = loop_new();
    f->http =
        http_client_new(f->loop, &(struct http_client_options){
                                     .user_agent = "docent/" DOCENT_VERSION,
                                     .proxy = settings->proxy && *settings->proxy ? settings->proxy : NULL,
                                     .ca_file = settings->ca_file && *settings->ca_file ? settings->ca_file : NULL,
                                 });
}

static void on_reply(void *arg, const struct http_reply *reply)
{
    struct waiting *waiting = arg;
    waiting->read(waiting->arg, reply);
    waiting->over = true;
}

void fetch_send(struct fetch *f, const struct http_request *request,
                void (*read)(void *arg, const struct http_reply *reply), void *arg)
{
    struct waiting waiting = {.read = read, .arg = arg};
    http_send(f->http, request, on_reply, &waiting);
    while (!waiting.over)
        loop_turn(f->loop, 1000);
}

static void on_time(void *arg)
{
    *(bool *)arg = true;
}

void fetch_pause(struct fetch *f, int64_t ms)
{
    bool over = false;
    loop_after(f->loop, ms, on_time, &over);
    while (!over)
        loop_turn(f->loop, ms);
}

void fetch_end(struct fetch *f)
{
    http_client_free(f->http);
    loop_free(f->loop);
}

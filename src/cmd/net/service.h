/*
 * service: what `docent serve` is made of, and the table of places where it answers.
 */
#ifndef DOCENT_CMD_NET_SERVICE_H
#define DOCENT_CMD_NET_SERVICE_H

#include "channel/desk.h"
#include "channel/http.h"
#include "channel/link.h"
#include "cmd/command.h"
#include "cmd/packs.h"
#include "cmd/secrets.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/loop.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERVICE_USER_AGENT "docent/" DOCENT_VERSION

enum { SERVICE_ROUTES_MAX = 16 };

struct slack;
struct discord;

struct service {
    struct call *call;
    struct settings *settings; /* those of the start; a reload changes rules and packs only */
    struct settings reread;    /* those of the last reload, which rules look into */
    struct secrets secrets;
    struct packs packs;
    struct loop *loop;
    struct metrics *metrics;
    struct store *store;
    struct http_client *http_client;
    struct desk *desk;
    struct http_channel http;
    struct http_route routes[SERVICE_ROUTES_MAX];
    struct http_server *server;
    struct slack *slack; /* NULL: not set up */
    struct discord *discord;
    int status; /* to end with */
    bool draining;
    int64_t drain_until_ms;
};

/* A place where people ask. All but open must bear it that the place is not set up. */
struct service_place {
    const char *name;
    bool (*open)(struct service *s, struct err *err); /* true, doing nothing, when it is not set up */
    void (*start)(struct service *s);                 /* after the desk has started */
    size_t (*routes)(const struct service *s, struct http_route *out, size_t max);
    size_t (*links)(const struct service *s, struct link *out, size_t max);
    void (*use_settings)(struct service *s, const struct settings *settings); /* at first, and after each reload */
    void (*drain)(struct service *s);
    bool (*idle)(const struct service *s);
    void (*close)(struct service *s);
};

/* To add a place to talk: a row in service.c. */
extern const struct service_place service_slack, service_discord;
extern const struct service_place *const service_places[];
extern const size_t service_n_places;

/* A place will never work again (a dead token): if it was the only one, the service ends with status CONFIG. */
void service_place_dead(struct service *s, const char *name, const char *reason);
void service_end(struct service *s, int status); /* in good order */

size_t service_links(const struct service *s, struct link *out, size_t max);
int64_t service_clock_ms(void); /* Unix time */

/* The rules that the settings of a platform say. */
struct rules service_rules(const struct settings_rules *settings);

#endif

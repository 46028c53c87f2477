#include "cmd/net/service.h"

#include "base/log.h"

#include <time.h>

const struct service_place *const service_places[] = {&service_slack, &service_discord};
const size_t service_n_places = sizeof service_places / sizeof *service_places;

int64_t service_clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct rules service_rules(const struct settings_rules *settings)
{
    return (struct rules){
        .allowed = settings->allowed.items,
        .n_allowed = settings->allowed.n,
        .denied = settings->denied.items,
        .n_denied = settings->denied.n,
        .everything = settings->everything.items,
        .n_everything = settings->everything.n,
        .threads = settings->threads,
        .per_minute = settings->per_minute,
    };
}

size_t service_links(const struct service *s, struct link *out, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < service_n_places; i++)
        n += service_places[i]->links(s, out + n, max - n);
    return n;
}

void service_place_dead(struct service *s, const char *name, const char *reason)
{
    struct link links[LINKS_MAX];
    size_t n = service_links(s, links, LINKS_MAX);
    for (size_t i = 0; i < n; i++)
        if (str_cmp(str_of(links[i].platform), str_of(name)) != 0) {
            log_error("serve.place_stopped", log_text("place", name), log_text("reason", reason));
            return;
        }
    log_error("serve.nothing_left", log_text("place", name), log_text("reason", reason));
    service_end(s, STATUS_CONFIG);
}

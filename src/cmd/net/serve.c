/*
 * docent serve: one process, one loop: an HTTP server and every platform that is set up.
 *
 * SIGTERM and SIGINT end it in good order: nothing more is taken, what was taken is answered. A second one ends it at
 * once; nothing is lost then either, since what was acknowledged stands in the store. SIGHUP reads packs and settings
 * again; if anything is wrong with them, everything stays as it was. What only a start can put in force is named then.
 */
#include "base/file.h"
#include "base/log.h"
#include "channel/http.h"
#include "cmd/command.h"
#include "cmd/net/service.h"
#include "cmd/places.h"
#include "net/sign.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { DRAIN_MS = 25 * 1000, DRAIN_LOOK_MS = 50, CHANGED_MAX = 1000 };

/* --- routes ------------------------------------------------------------------------------------------------- */

static void serve_ask(void *arg, struct http_exchange *x)
{
    http_channel_ask(&((struct service *)arg)->http, x);
}

static void serve_health(void *arg, struct http_exchange *x)
{
    http_channel_health(&((struct service *)arg)->http, x);
}

static void serve_metrics(void *arg, struct http_exchange *x)
{
    http_channel_metrics(&((struct service *)arg)->http, x);
}

static const struct http_route own_routes[] = {
    {"POST", "/v1/ask", serve_ask},
    {"GET", "/healthz", serve_health},
    {"GET", "/metrics", serve_metrics},
};
enum { N_OWN_ROUTES = sizeof own_routes / sizeof *own_routes };

/* --- beginning ---------------------------------------------------------------------------------------------- */

static bool open_store(struct service *s, struct err *err)
{
    struct str folder = place_state(&s->settings->arena, s->settings->state_dir);
    if (!folder.n)
        return err_set(err, STATUS_CONFIG, "no folder for the database: set DOCENT_STATE_DIR");
    if (!file_make_folders(folder.p, err))
        return false;
    s->store = store_open(place_database(&s->settings->arena, folder).p, service_clock_ms(), err);
    return s->store != NULL;
}

static size_t all_links(void *arg, struct link *out, size_t max)
{
    return service_links(arg, out, max);
}

static void open_desk(struct service *s)
{
    s->desk = desk_new(&(struct desk_options){
        .loop = s->loop,
        .store = s->store,
        .metrics = s->metrics,
        .clock_ms = service_clock_ms,
        .expire_ms = (int64_t)s->settings->expire_minutes * 60 * 1000,
        .keep_questions_days = s->settings->keep_questions_days,
    });
    desk_use(s->desk, s->packs.docent);
    s->http = (struct http_channel){.desk = s->desk, .metrics = s->metrics, .links = all_links, .arg = s};
}

static bool open_server(struct service *s, const char *listen, struct err *err)
{
    size_t n = 0;
    for (size_t i = 0; i < N_OWN_ROUTES; i++)
        s->routes[n++] = own_routes[i];
    for (size_t i = 0; i < service_n_places; i++)
        n += service_places[i]->routes(s, s->routes + n, SERVICE_ROUTES_MAX - n);
    s->server = http_server_new(s->loop, &(struct http_server_options){.listen = listen}, s->routes, n, s, err);
    return s->server != NULL;
}

static bool open_places(struct service *s, struct err *err)
{
    for (size_t i = 0; i < service_n_places; i++)
        if (!service_places[i]->open(s, err))
            return false;
    return true;
}

static void use_settings(struct service *s, const struct settings *settings)
{
    for (size_t i = 0; i < service_n_places; i++)
        service_places[i]->use_settings(s, settings);
}

static void log_listening(const struct service *s, const char *listen)
{
    const char *colon = strrchr(listen, ':');
    log_info("serve.listening",
             log_str("address", arena_fmt(&s->settings->arena, "%.*s:%d", (int)(colon - listen), listen,
                                          http_server_port(s->server))),
             log_str("pack", docent_title(s->packs.docent)), log_text("version", DOCENT_VERSION));
}

/* --- ending ------------------------------------------------------------------------------------------------- */

static bool is_idle(const struct service *s)
{
    bool idle = desk_idle(s->desk) && http_server_open(s->server) == 0;
    for (size_t i = 0; i < service_n_places; i++)
        idle = idle && service_places[i]->idle(s);
    return idle;
}

static void look_whether_drained(void *arg)
{
    struct service *s = arg;
    if (!is_idle(s) && loop_now_ms(s->loop) < s->drain_until_ms) {
        loop_after(s->loop, DRAIN_LOOK_MS, look_whether_drained, s);
        return;
    }
    struct desk_state state = desk_state(s->desk);
    log_info("serve.stopped", log_int("unanswered", (long long)state.unanswered),
             log_int("undelivered", (long long)state.undelivered));
    loop_stop(s->loop);
}

static void drain(struct service *s)
{
    if (s->draining) {
        log_warn("serve.stopped_at_once");
        loop_stop(s->loop);
        return;
    }
    log_info("serve.stopping");
    s->draining = true;
    s->drain_until_ms = loop_now_ms(s->loop) + DRAIN_MS;
    http_server_quiesce(s->server);
    for (size_t i = 0; i < service_n_places; i++)
        service_places[i]->drain(s);
    desk_drain(s->desk);
    look_whether_drained(s);
}

void service_end(struct service *s, int status)
{
    s->status = status;
    if (!s->draining)
        drain(s);
}

/* --- reading everything again ------------------------------------------------------------------------------- */

/* Links, files and addresses stay as they were opened: who changed one of them must hear that it is not in force. */
static void say_what_waits_for_a_start(const struct service *s, const struct settings *fresh)
{
    struct secrets secrets;
    struct arena a = {0};
    struct err err = {0};
    struct buf changed;
    buf_init(&changed, CHANGED_MAX);
    settings_changed_at_start(s->settings, fresh, &changed);
    if (secrets_read(&secrets, &a, &err))
        secrets_changed(&s->secrets, &secrets, &changed);
    else
        log_error("serve.secrets_unreadable", log_text("problem", err.text));
    if (changed.n)
        log_warn("serve.restart_needed", log_str("changed", buf_str(&changed)));
    buf_release(&changed);
    arena_release(&a);
}

static void reload(struct service *s)
{
    struct call fresh = {.command = s->call->command, .settings = {.flags = s->call->settings.flags}};
    struct packs packs;
    if (!command_settings(&fresh.settings) || packs_start(&packs, &fresh.settings) != STATUS_OK) {
        log_error("serve.reload_refused", log_text("still", "the packs and settings of before"));
        settings_release(&fresh.settings);
        return;
    }
    desk_use(s->desk, packs.docent);
    packs_close(&s->packs);
    s->packs = packs;
    use_settings(s, &fresh.settings);
    settings_release(&s->reread);
    s->reread = fresh.settings;
    log_info("serve.reloaded", log_str("pack", docent_title(s->packs.docent)),
             log_str("version", docent_version(s->packs.docent)));
    say_what_waits_for_a_start(s, &s->reread);
}

static void on_signal(void *arg, int signal)
{
    struct service *s = arg;
    if (signal == SIGHUP)
        reload(s);
    else
        drain(s);
}

/* ------------------------------------------------------------------------------------------------------------ */

static bool open_service(struct service *s, const char *listen, struct err *err)
{
    s->loop = loop_new();
    s->metrics = metrics_new();
    if (!sign_start())
        return err_set(err, STATUS_UNAVAILABLE, "libsodium cannot start");
    if (!loop_signals(s->loop, on_signal, s))
        return err_set(err, STATUS_UNAVAILABLE, "cannot wait for signals");
    if (!secrets_read(&s->secrets, &s->settings->arena, err) || !open_store(s, err))
        return false;
    s->http_client = http_client_new(s->loop, &(struct http_client_options){
                                                  .user_agent = SERVICE_USER_AGENT,
                                                  .proxy = *s->settings->proxy ? s->settings->proxy : NULL,
                                                  .ca_file = *s->settings->ca_file ? s->settings->ca_file : NULL,
                                              });
    open_desk(s);
    if (!open_places(s, err) || !open_server(s, listen, err))
        return false;
    log_listening(s, listen);
    use_settings(s, s->settings);
    desk_start(s->desk);
    for (size_t i = 0; i < service_n_places; i++)
        service_places[i]->start(s);
    return true;
}

static void close_service(struct service *s)
{
    for (size_t i = 0; i < service_n_places; i++)
        service_places[i]->close(s);
    http_server_free(s->server);
    desk_free(s->desk);
    http_client_free(s->http_client);
    store_close(s->store);
    metrics_free(s->metrics);
    loop_free(s->loop);
    arena_release(&s->http.arena);
}

int cmd_serve(struct call *call)
{
    const char *listen = NULL;
    const struct opt rows[] = {
        OPT_TEXT('l', "listen", "ADDR:PORT", "where to listen; port 0 takes a free one", &listen),
    };
    struct err err = {0};
    int status;
    if (!command_begin(call, rows, sizeof rows / sizeof *rows, &status))
        return status;
    if (call->n_words)
        return command_usage(call, "takes no words");
    struct service s = {.call = call, .settings = &call->settings};
    status = packs_start(&s.packs, &call->settings);
    if (status)
        return status;
    if (open_service(&s, listen ? listen : call->settings.listen, &err)) {
        loop_run(s.loop);
        status = s.status;
    } else {
        fprintf(stderr, "docent serve: %s\n", err.text);
        status = err.status;
    }
    close_service(&s);
    settings_release(&s.reread);
    packs_close(&s.packs);
    return status;
}

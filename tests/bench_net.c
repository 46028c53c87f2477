/*
 * bench_net: requests a second and their 99th percentile, beside a bare libmicrohttpd that answers a constant: the same
 * machine, the same client, in turns. First http_server alone, then the whole of `docent serve`: events that Slack signed,
 * checked, read, kept in the outbox and only then acknowledged. Where `make check-peers` has put Slack's own framework,
 * a bot on it that does nothing but acknowledge gets the same events.
 *
 *     bench_net DOCENT FAKE_SLACK [REQUESTS [CONNECTIONS]]
 *
 * CPU is what the server's process used while the requests were sent, without its start. `docent serve` acknowledges first
 * and answers when the burst ebbs: how long that takes is printed on a line of its own.
 */
#include "base/mem.h"
#include "load.h"
#include "net/http_server.h"
#include "net/loop.h"

#include <errno.h>
#include <microhttpd.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ANSWERS_WITHIN_S = 60, ROUNDS = 3, WAITING_MAX = 4096, CHANNELS = 200, BOLT_SHARE = 5 };

#define ANSWER "{\"ok\": true}"
#define SECRET "docent-bench-signing-secret"

/* Used by a process so far, in all its threads. */
static double cpu_us(pid_t pid)
{
    clockid_t clock;
    struct timespec used;
    load_must(clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &used) == 0, "read a process's clock");
    return (double)used.tv_sec * 1e6 + (double)used.tv_nsec / 1e3;
}

struct result {
    double answered_ms; /* after the last acknowledgement; of docent only */
    struct load_result load;
    double cpu_us; /* of the server, for each request */
};

static struct str constant_request(void *arg, int i)
{
    static char bytes[1024];
    static size_t n;
    (void)arg, (void)i;
    if (!n) {
        char body[301];
        memset(body, 'x', 300);
        body[300] = '\0';
        n = (size_t)snprintf(
            bytes, sizeof bytes,
            "POST /events HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Slackbot 1.0\r\nAccept: */*\r\n"
            "Content-Type: application/json\r\nX-Slack-Request-Timestamp: 1767225600\r\n"
            "X-Slack-Signature: v0=a2c8d4bc929db866b6fd9fdfdbbfdaece99f0c84ada9e535c458353a0afca172\r\n"
            "Content-Length: 300\r\n\r\n%s",
            body);
    }
    return (struct str){bytes, n};
}

/* --- the servers -------------------------------------------------------------------------------------------- */

static enum MHD_Result answer_bare(void *arg, struct MHD_Connection *connection, const char *url, const char *method,
                                   const char *version, const char *bytes, size_t *n, void **context)
{
    static int seen;
    (void)url, (void)method, (void)version, (void)bytes;
    if (!*context) {
        *context = &seen;
        return MHD_YES;
    }
    if (*n) {
        *n = 0;
        return MHD_YES;
    }
    return MHD_queue_response(connection, 200, arg);
}

/* libmicrohttpd in its own thread, one prepared response. */
static struct result run_bare(int n_requests, int n_connections)
{
    static char answer[] = ANSWER;
    struct MHD_Response *response = MHD_create_response_from_buffer(strlen(answer), answer, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, "Content-Type", "application/json");
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, answer_bare, response,
                         MHD_OPTION_CONNECTION_LIMIT, (unsigned)LOAD_CONNECTIONS_MAX + 8, MHD_OPTION_END);
    load_must(daemon, "start libmicrohttpd");
    int port = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    double before_us = cpu_us(getpid());
    struct load load = load_start(port, n_requests, n_connections, constant_request, NULL, STR(ANSWER));
    struct result result = {.load = load_end(&load)};
    result.cpu_us = (cpu_us(getpid()) - before_us) / n_requests;
    MHD_stop_daemon(daemon);
    MHD_destroy_response(response);
    return result;
}

static struct http_exchange *waiting[WAITING_MAX];
static int n_waiting;

static void answer_at_once(void *arg, struct http_exchange *x)
{
    (void)arg;
    http_reply_text(x, 200, "application/json", STR(ANSWER));
}

static void answer_later(void *arg, struct http_exchange *x)
{
    (void)arg;
    waiting[n_waiting++] = x;
}

static void answer_all(void *arg)
{
    (void)arg;
    while (n_waiting)
        http_reply_text(waiting[--n_waiting], 200, "application/json", STR(ANSWER));
}

static void client_is_done(void *arg, unsigned ready)
{
    (void)ready;
    loop_stop(arg);
}

static struct result run_ours(int n_requests, int n_connections, void (*serve)(void *arg, struct http_exchange *x))
{
    struct err err;
    struct loop *loop = loop_new();
    const struct http_route routes[] = {{"POST", "/events", serve}};
    struct http_server *server = http_server_new(
        loop, &(struct http_server_options){.listen = "127.0.0.1:0", .connections_max = LOAD_CONNECTIONS_MAX + 8},
        routes, 1, NULL, &err);
    load_must(server, "start http_server");
    loop_at_end(loop, answer_all, NULL);
    double before_us = cpu_us(getpid());
    struct load load =
        load_start(http_server_port(server), n_requests, n_connections, constant_request, NULL, STR(ANSWER));
    struct watch *watch = loop_watch(loop, load.fd, LOOP_READ, client_is_done, loop);
    loop_run(loop);
    loop_unwatch(loop, watch);
    struct result result = {.load = load_end(&load)};
    result.cpu_us = (cpu_us(getpid()) - before_us) / n_requests;
    http_server_free(server);
    loop_free(loop);
    return result;
}

/* --- docent serve, and Slack's events ------------------------------------------------------------------------- */

/* Signs as Slack does: hex of HMAC-SHA256 over "v0:TIME:BODY". */
static void sign(const char *time_s, const char *body, char hex[2 * crypto_auth_hmacsha256_BYTES + 1])
{
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)SECRET, strlen(SECRET));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)"v0:", 3);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)time_s, strlen(time_s));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)":", 1);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)body, strlen(body));
    crypto_auth_hmacsha256_final(&state, mac);
    sodium_bin2hex(hex, 2 * sizeof mac + 1, mac, sizeof mac);
}

/* Every event is another message of another person; they are made and signed before the clock starts. */
static struct str *make_events(int n)
{
    struct str *events = mem_resize(NULL, (size_t)n, sizeof *events);
    char time_s[16], body[512], hex[2 * crypto_auth_hmacsha256_BYTES + 1], *bytes;
    snprintf(time_s, sizeof time_s, "%lld", (long long)time(NULL));
    for (int i = 0; i < n; i++) {
        int length = snprintf(body, sizeof body,
                              "{\"type\":\"event_callback\",\"team_id\":\"T0DOCENT1\",\"event_id\":\"Ev%08d\","
                              "\"event_time\":%s,\"event\":{\"type\":\"app_mention\",\"user\":\"U%08d\","
                              "\"text\":\"<@U0DOCENT1> how much do coders earn?\",\"ts\":\"%s.%06d\","
                              "\"channel\":\"C%04d\",\"event_ts\":\"%s.%06d\"}}",
                              i, time_s, i, time_s, i % 1000000, i % CHANNELS, time_s, i % 1000000);
        sign(time_s, body, hex);
        bytes = mem_alloc(1024);
        events[i].n = (size_t)snprintf(bytes, 1024,
                                       "POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Slackbot 1.0\r\n"
                                       "Accept: */*\r\nContent-Type: application/json\r\n"
                                       "X-Slack-Request-Timestamp: %s\r\nX-Slack-Signature: v0=%s\r\n"
                                       "Content-Length: %d\r\n\r\n%s",
                                       time_s, hex, length, body);
        events[i].p = bytes;
    }
    return events;
}

static struct str event_request(void *arg, int i)
{
    return ((const struct str *)arg)[i];
}

struct child {
    pid_t pid;
    FILE *says; /* its standard output, or error */
    int stdin_fd;
};

/* fd  of the child's that is read: 1 or 2 */
static struct child run(const char *const argv[], int fd)
{
    int in[2], out[2];
    load_must(pipe(in) == 0 && pipe(out) == 0, "make pipes");
    struct child c = {.pid = fork()};
    load_must(c.pid >= 0, "fork");
    if (c.pid == 0) {
        dup2(in[0], 0);
        dup2(out[1], fd);
        close(in[1]);
        close(out[0]);
        execv(argv[0], (char *const *)argv);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    c.stdin_fd = in[1];
    c.says = fdopen(out[0], "r");
    return c;
}

static void end(struct child *c)
{
    kill(c->pid, SIGKILL);
    load_must(waitpid(c->pid, NULL, 0) == c->pid, "wait for a program");
    close(c->stdin_fd);
    fclose(c->says);
}

/* The load on a server that is another process. */
static struct result load_child(const struct child *c, int port, int n_requests, int n_connections,
                                const struct str *events)
{
    double before_us = cpu_us(c->pid);
    struct load load = load_start(port, n_requests, n_connections, event_request, (void *)events, STR(""));
    struct result result = {.load = load_end(&load)};
    result.cpu_us = (cpu_us(c->pid) - before_us) / n_requests;
    return result;
}

/* Reads lines until one holds the text; what stands behind it. */
static struct str wait_for_line(struct child *c, const char *text, char *line, int max)
{
    const char *at = NULL;
    while (!at) {
        load_must(fgets(line, max, c->says) != NULL, "start docent serve");
        at = strstr(line, text);
    }
    return str_of(at + strlen(text));
}

/* Its log must be read, or it would stand still. */
static void read_on(struct child *c)
{
    char line[1024];
    pid_t reader = fork();
    load_must(reader >= 0, "fork");
    if (reader == 0) {
        while (fgets(line, sizeof line, c->says))
            ;
        _exit(0);
    }
}

/* How many questions the service has answered, by its own count. */
static double answered_so_far(int port)
{
    static char page[1 << 16];
    static const char request[] = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    load_must(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0 &&
                  write(fd, request, sizeof request - 1) == (ssize_t)sizeof request - 1,
              "ask for /metrics");
    size_t n = 0;
    for (ssize_t got; (got = read(fd, page + n, sizeof page - 1 - n)) > 0; n += (size_t)got)
        ;
    close(fd);
    page[n] = 0;
    double sum = 0;
    for (const char *at = page; (at = strstr(at, "\ndocent_questions_total{")) != NULL; at++) {
        const char *value = strchr(at, '}');
        sum += value ? strtod(value + 1, NULL) : 0;
    }
    return sum;
}

/* Every question acknowledged is to be answered, too: waits until it is so. How long that took, ms. */
static double wait_for_answers(int port, int n_requests)
{
    int64_t from_ns = load_now_ns();
    while (answered_so_far(port) < n_requests) {
        load_must(load_now_ns() - from_ns < (int64_t)ANSWERS_WITHIN_S * 1000000000, "get all questions answered");
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
    return (double)(load_now_ns() - from_ns) / 1e6;
}

static void remove_state(const char *folder)
{
    static const char *const names[] = {"docent.json", "docent.db", "docent.db-wal", "docent.db-shm", "docent.db-lock"};
    char path[128];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

static struct result run_docent(const char *docent, const char *fake, int n_requests, int n_connections,
                                const struct str *events)
{
    char line[1024], url[64], state[] = "/tmp/docent-bench-XXXXXX", config[64];
    struct child slack = run((const char *const[]){fake, NULL}, 1);
    load_must(fgets(line, sizeof line, slack.says) != NULL && mkdtemp(state), "start fake_slack");
    snprintf(url, sizeof url, "http://127.0.0.1:%d/api/", atoi(line));
    snprintf(config, sizeof config, "%s/docent.json", state);
    FILE *settings = fopen(config, "w");
    load_must(settings && fputs("{\"slack\": {\"per_minute\": 0}}", settings) >= 0 && fclose(settings) == 0,
              "write settings");
    setenv("SLACK_API_URL", url, 1);
    setenv("SLACK_BOT_TOKEN", "xoxb-test-token", 1);
    setenv("SLACK_SIGNING_SECRET", SECRET, 1);
    setenv("DOCENT_STATE_DIR", state, 1);
    struct child d =
        run((const char *const[]){docent, "serve", "--listen", "127.0.0.1:0", "--config", config, NULL}, 2);
    int port = atoi(wait_for_line(&d, " address=127.0.0.1:", line, sizeof line).p);
    wait_for_line(&d, "slack.connected", line, sizeof line);
    read_on(&d);
    struct result result = load_child(&d, port, n_requests, n_connections, events);
    result.answered_ms = wait_for_answers(port, n_requests);
    end(&d);
    end(&slack);
    remove_state(state);
    return result;
}

/* --- a bot on Slack's own framework, which keeps nothing ---------------------------------------------------------- */

#define PEERS "build/peers/node_modules"

static bool bolt_is_there(void)
{
    return access(PEERS "/@slack/bolt", F_OK) == 0 && system("command -v node > /dev/null") == 0;
}

static struct result run_bolt(const char *fake, int n_requests, int n_connections, const struct str *events)
{
    char line[1024], url[64];
    struct child slack = run((const char *const[]){fake, NULL}, 1);
    load_must(fgets(line, sizeof line, slack.says) != NULL, "start fake_slack");
    snprintf(url, sizeof url, "http://127.0.0.1:%d/api/", atoi(line));
    setenv("SLACK_API_URL", url, 1);
    setenv("SLACK_BOT_TOKEN", "xoxb-test-token", 1);
    setenv("SLACK_SIGNING_SECRET", SECRET, 1);
    setenv("NODE_PATH", PEERS, 1);
    struct child bolt = run((const char *const[]){"/usr/bin/env", "node", "tests/peers/bolt.js", NULL}, 1);
    load_must(fgets(line, sizeof line, bolt.says) != NULL, "start the bot on Bolt");
    struct result result = load_child(&bolt, atoi(line), n_requests, n_connections, events);
    end(&bolt);
    end(&slack);
    return result;
}

/* --- the table ---------------------------------------------------------------------------------------------- */

static struct result better(struct result a, struct result b)
{
    return a.load.per_second > b.load.per_second ? a : b;
}

static void print(const char *name, struct result r, double bare)
{
    printf("  %-44s %8.0f/s  p50 %6.0f us  p99 %6.0f us  %5.1f us CPU  %4.0f %%\n", name, r.load.per_second,
           (double)r.load.p50_ns / 1000, (double)r.load.p99_ns / 1000, r.cpu_us, 100 * r.load.per_second / bare);
}

int main(int argc, char **argv)
{
    int n_requests = argc > 3 ? atoi(argv[3]) : 30000, n_connections = argc > 4 ? atoi(argv[4]) : 50;
    struct result bare = {0}, at_once = {0}, later = {0}, events = {0};
    load_must(argc > 2 && n_connections >= 1 && n_connections <= LOAD_CONNECTIONS_MAX && n_requests >= n_connections &&
                  sodium_init() >= 0,
              "use such arguments");
    struct str *signed_events = make_events(n_requests);
    for (int i = 0; i < ROUNDS; i++) {
        bare = better(bare, run_bare(n_requests, n_connections));
        at_once = better(at_once, run_ours(n_requests, n_connections, answer_at_once));
        later = better(later, run_ours(n_requests, n_connections, answer_later));
        events = better(events, run_docent(argv[1], argv[2], n_requests, n_connections, signed_events));
    }
    printf("%d requests over %d connections, the best of %d rounds:\n", n_requests, n_connections, ROUNDS);
    print("libmicrohttpd alone, a constant", bare, bare.load.per_second);
    print("http_server, answered by the handler", at_once, bare.load.per_second);
    print("http_server, answered at the end of the turn", later, bare.load.per_second);
    print("docent serve, signed events acknowledged", events, bare.load.per_second);
    printf("  all of them were answered %.0f ms after the last was acknowledged\n", events.answered_ms);
    if (bolt_is_there()) {
        struct result bolt = run_bolt(argv[2], n_requests / BOLT_SHARE, n_connections, signed_events);
        print("@slack/bolt, signed events acknowledged", bolt, bare.load.per_second);
        printf("  docent acknowledges %.1f times as many as @slack/bolt\n",
               events.load.per_second / bolt.load.per_second);
    }
    return 0;
}

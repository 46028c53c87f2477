/*
 * bench_net: requests a second and their 99th percentile for http_server, beside a bare libmicrohttpd that answers a
 * constant: the same machine, the same client, in turns. What is measured is what docent adds to the library.
 *
 *     bench_net [REQUESTS [CONNECTIONS]]
 *
 * A request is a POST of 300 bytes on a kept connection. The client is a process of its own with all connections in one
 * epoll loop; it checks each answer.
 */
#include "base/mem.h"
#include "net/http_server.h"
#include "net/loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 3, CONNECTIONS_MAX = 1000, WAITING_MAX = 4096 };

#define ANSWER "{\"ok\": true}"

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static double cpu_us(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

static void must(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "bench_net: cannot %s: %s\n", what, strerror(errno));
        exit(74);
    }
}

/* --- the client --------------------------------------------------------------------------------------------- */

struct result {
    double per_second;
    int64_t p50_ns, p99_ns;
    double cpu_us;              /* of the server, for each request */
};

struct request {
    int fd;
    int64_t sent_ns;
    char answer[1024];
    size_t n;
};

static size_t make_request(char *out, size_t max)
{
    char body[301];
    memset(body, 'x', 300);
    body[300] = '\0';
    return (size_t)snprintf(out, max,
                            "POST /events HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Slackbot 1.0\r\nAccept: */*\r\n"
                            "Content-Type: application/json\r\nX-Slack-Request-Timestamp: 1767225600\r\n"
                            "X-Slack-Signature: v0=a2c8d4bc929db866b6fd9fdfdbbfdaece99f0c84ada9e535c458353a0afca172\r\n"
                            "Content-Length: 300\r\n\r\n%s", body);
}

static void send_one(struct request *r, const char *bytes, size_t n)
{
    r->n = 0;
    r->sent_ns = now_ns();
    must(send(r->fd, bytes, n, MSG_NOSIGNAL) == (ssize_t)n, "send a request");
}

/* Whether the answer is whole now. */
static bool read_some(struct request *r)
{
    ssize_t n = recv(r->fd, r->answer + r->n, sizeof r->answer - 1 - r->n, 0);
    must(n > 0, "read an answer");
    r->n += (size_t)n;
    r->answer[r->n] = '\0';
    const char *body = strstr(r->answer, "\r\n\r\n");
    if (!body || strlen(body + 4) < strlen(ANSWER))
        return false;
    must(strncmp(r->answer, "HTTP/1.1 200", 12) == 0 && strcmp(body + 4, ANSWER) == 0, "understand the answer");
    return true;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void connect_all(struct request *all, int n, int epoll, int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < n; i++) {
        int yes = 1;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &all[i]};
        all[i].fd = socket(AF_INET, SOCK_STREAM, 0);
        must(connect(all[i].fd, (struct sockaddr *)&at, sizeof at) == 0, "connect");
        setsockopt(all[i].fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        epoll_ctl(epoll, EPOLL_CTL_ADD, all[i].fd, &event);
    }
}

static struct result ask(int port, int n_requests, int n_connections)
{
    static struct request all[CONNECTIONS_MAX];
    char bytes[1024];
    size_t n = make_request(bytes, sizeof bytes);
    int64_t *took_ns = mem_resize(NULL, (size_t)n_requests, sizeof *took_ns);
    int epoll = epoll_create1(0), sent = 0, came = 0;
    connect_all(all, n_connections, epoll, port);
    int64_t start_ns = now_ns();
    for (; sent < n_connections; sent++)
        send_one(&all[sent], bytes, n);
    while (came < n_requests) {
        struct epoll_event events[256];
        int ready = epoll_wait(epoll, events, 256, 5000);
        must(ready > 0, "get an answer in time");
        for (int i = 0; i < ready && came < n_requests; i++) {
            struct request *r = events[i].data.ptr;
            if (!read_some(r))
                continue;
            took_ns[came++] = now_ns() - r->sent_ns;
            if (sent < n_requests) {
                send_one(r, bytes, n);
                sent++;
            }
        }
    }
    struct result result = {.per_second = (double)n_requests * 1e9 / (double)(now_ns() - start_ns)};
    qsort(took_ns, (size_t)n_requests, sizeof *took_ns, by_value);
    result.p50_ns = took_ns[n_requests / 2];
    result.p99_ns = took_ns[(int64_t)n_requests * 99 / 100];
    return result;
}

/* In a process of its own; the result comes through the descriptor. */
static pid_t start_client(int port, int n_requests, int n_connections, int *result_fd)
{
    int ends[2];
    must(pipe(ends) == 0, "make a pipe");
    pid_t pid = fork();
    must(pid >= 0, "fork");
    if (pid == 0) {
        struct result result = ask(port, n_requests, n_connections);
        must(write(ends[1], &result, sizeof result) == (ssize_t)sizeof result, "tell the result");
        _exit(0);
    }
    close(ends[1]);
    *result_fd = ends[0];
    return pid;
}

static struct result end_client(pid_t pid, int result_fd)
{
    struct result result;
    int status;
    must(read(result_fd, &result, sizeof result) == (ssize_t)sizeof result, "get the client's result");
    waitpid(pid, &status, 0);
    close(result_fd);
    return result;
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
    int result_fd;
    struct MHD_Response *response = MHD_create_response_from_buffer(strlen(answer), answer, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, "Content-Type", "application/json");
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, answer_bare, response,
                         MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX + 8, MHD_OPTION_END);
    must(daemon, "start libmicrohttpd");
    int port = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    double before_us = cpu_us();
    pid_t pid = start_client(port, n_requests, n_connections, &result_fd);
    struct result result = end_client(pid, result_fd);
    result.cpu_us = (cpu_us() - before_us) / n_requests;
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
    int result_fd;
    struct loop *loop = loop_new();
    const struct http_route routes[] = {{"POST", "/events", serve}};
    struct http_server *server = http_server_new(
        loop, &(struct http_server_options){.listen = "127.0.0.1:0", .connections_max = CONNECTIONS_MAX + 8}, routes, 1,
        NULL, &err);
    must(server, "start http_server");
    loop_at_end(loop, answer_all, NULL);
    double before_us = cpu_us();
    pid_t pid = start_client(http_server_port(server), n_requests, n_connections, &result_fd);
    struct watch *watch = loop_watch(loop, result_fd, LOOP_READ, client_is_done, loop);
    loop_run(loop);
    loop_unwatch(loop, watch);
    struct result result = end_client(pid, result_fd);
    result.cpu_us = (cpu_us() - before_us) / n_requests;
    http_server_free(server);
    loop_free(loop);
    return result;
}

/* --- the table ---------------------------------------------------------------------------------------------- */

static struct result better(struct result a, struct result b)
{
    return a.per_second > b.per_second ? a : b;
}

static void print(const char *name, struct result r, double bare)
{
    printf("  %-44s %8.0f/s  p50 %6.0f us  p99 %6.0f us  %5.1f us CPU  %4.0f %%\n", name, r.per_second,
           (double)r.p50_ns / 1000, (double)r.p99_ns / 1000, r.cpu_us, 100 * r.per_second / bare);
}

int main(int argc, char **argv)
{
    int n_requests = argc > 1 ? atoi(argv[1]) : 30000, n_connections = argc > 2 ? atoi(argv[2]) : 50;
    struct result bare = {0}, at_once = {0}, later = {0};
    must(n_connections >= 1 && n_connections <= CONNECTIONS_MAX && n_requests >= n_connections, "use such numbers");
    for (int i = 0; i < ROUNDS; i++) {
        bare = better(bare, run_bare(n_requests, n_connections));
        at_once = better(at_once, run_ours(n_requests, n_connections, answer_at_once));
        later = better(later, run_ours(n_requests, n_connections, answer_later));
    }
    printf("%d POST of 300 bytes over %d connections, the best of %d rounds:\n", n_requests, n_connections, ROUNDS);
    print("libmicrohttpd alone, a constant", bare, bare.per_second);
    print("http_server, answered by the handler", at_once, bare.per_second);
    print("http_server, answered at the end of the turn", later, bare.per_second);
    return 0;
}

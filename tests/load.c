#include "load.h"

#include "base/mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_MS = 10000 };

int64_t load_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void load_must(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "cannot %s: %s\n", what, strerror(errno));
        exit(74);
    }
}

struct request {
    int fd;
    int64_t sent_ns;
    char answer[2048];
    size_t n;
};

static void send_one(struct request *r, struct str bytes)
{
    r->n = 0;
    r->sent_ns = load_now_ns();
    load_must(send(r->fd, bytes.p, bytes.n, MSG_NOSIGNAL) == (ssize_t)bytes.n, "send a request");
}

/* Whether the answer is whole now. */
static bool read_some(struct request *r, struct str wanted)
{
    ssize_t n = recv(r->fd, r->answer + r->n, sizeof r->answer - 1 - r->n, 0);
    load_must(n > 0, "read an answer");
    r->n += (size_t)n;
    r->answer[r->n] = '\0';
    const char *body = strstr(r->answer, "\r\n\r\n");
    if (!body || strlen(body + 4) < wanted.n)
        return false;
    bool ok = strncmp(r->answer, "HTTP/1.1 200", 12) == 0 && str_eq(str_of(body + 4), wanted);
    if (!ok)
        fprintf(stderr, "%s\n", r->answer);
    load_must(ok, "understand the answer above");
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
        load_must(connect(all[i].fd, (struct sockaddr *)&at, sizeof at) == 0, "connect");
        setsockopt(all[i].fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        epoll_ctl(epoll, EPOLL_CTL_ADD, all[i].fd, &event);
    }
}

static struct load_result ask(int port, int n_requests, int n_connections, struct str (*request)(void *arg, int i),
                              void *arg, struct str answer)
{
    static struct request all[LOAD_CONNECTIONS_MAX];
    int64_t *took_ns = mem_resize(NULL, (size_t)n_requests, sizeof *took_ns);
    int epoll = epoll_create1(0), sent = 0, came = 0;
    connect_all(all, n_connections, epoll, port);
    int64_t start_ns = load_now_ns();
    for (; sent < n_connections; sent++)
        send_one(&all[sent], request(arg, sent));
    while (came < n_requests) {
        struct epoll_event events[256];
        int ready = epoll_wait(epoll, events, 256, ANSWER_MS);
        load_must(ready > 0, "get an answer in time");
        for (int i = 0; i < ready && came < n_requests; i++) {
            struct request *r = events[i].data.ptr;
            if (!read_some(r, answer))
                continue;
            took_ns[came++] = load_now_ns() - r->sent_ns;
            if (sent < n_requests)
                send_one(r, request(arg, sent++));
        }
    }
    struct load_result result = {.per_second = (double)n_requests * 1e9 / (double)(load_now_ns() - start_ns)};
    qsort(took_ns, (size_t)n_requests, sizeof *took_ns, by_value);
    result.p50_ns = took_ns[n_requests / 2];
    result.p99_ns = took_ns[(int64_t)n_requests * 99 / 100];
    free(took_ns);
    return result;
}

struct load load_start(int port, int n_requests, int n_connections, struct str (*request)(void *arg, int i), void *arg,
                       struct str answer)
{
    int ends[2];
    load_must(n_connections <= LOAD_CONNECTIONS_MAX && n_requests >= n_connections && pipe(ends) == 0, "begin");
    struct load load = {.pid = fork(), .fd = ends[0]};
    load_must(load.pid >= 0, "fork");
    if (load.pid == 0) {
        struct load_result result = ask(port, n_requests, n_connections, request, arg, answer);
        load_must(write(ends[1], &result, sizeof result) == (ssize_t)sizeof result, "tell the result");
        _exit(0);
    }
    close(ends[1]);
    return load;
}

struct load_result load_end(struct load *load)
{
    struct load_result result;
    int status;
    load_must(read(load->fd, &result, sizeof result) == (ssize_t)sizeof result, "get the client's result");
    waitpid(load->pid, &status, 0);
    close(load->fd);
    return result;
}

#include "net/loop.h"

#include "base/log.h"
#include "base/mem.h"

#include <curl/curl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum {
    HOST_CONNECTIONS = 6,  /* to one host: a hundred TLS handshakes at once would block the loop for 120 ms */
    IDLE_CONNECTIONS = 32, /* kept by libcurl over all hosts */
    TRANSFERS_A_TURN = 64, /* that are told of their end: the rest comes in the next turn */
    WAIT_MAX_MS = 3600 * 1000,
};

struct watch {
    int fd;
    unsigned events;
    bool again, gone;
    void (*fn)(void *arg, unsigned ready);
    void *arg;
};

struct timer {
    int64_t due_ms;
    uint64_t serial; /* timers of the same millisecond go in the order of their making */
    size_t at;       /* in the heap */
    void (*fn)(void *arg);
    void *arg;
};

struct at_end {
    void (*fn)(void *arg);
    void *arg;
};

struct loop {
    CURLM *multi;
    int lasting;
    bool stopped;
    bool hurry; /* something is left to do: the next turn does not wait */
    uint64_t turns;
    int64_t now_ms;

    struct watch **watches; /* those that are gone are freed between the turns */
    size_t n_watches, cap_watches;
    struct curl_waitfd *fds; /* of the watches, in their order, then the server's */
    size_t cap_fds;

    struct timer **heap; /* the next to be due is first */
    size_t n_heap, cap_heap;
    uint64_t serial;

    struct at_end *at_ends;
    size_t n_at_ends;
    struct loop_server server;
    bool has_server;

    int signal_fd;
    void (*on_signal)(void *arg, int signal);
    void *signal_arg;
};

static int64_t read_clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct loop *loop_new(void)
{
    struct loop *loop = mem_alloc(sizeof *loop);
    signal(SIGPIPE, SIG_IGN);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !(loop->multi = curl_multi_init())) {
        log_error("loop.libcurl", log_text("problem", "cannot start"));
        exit(70);
    }
    curl_multi_setopt(loop->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)HOST_CONNECTIONS);
    curl_multi_setopt(loop->multi, CURLMOPT_MAXCONNECTS, (long)IDLE_CONNECTIONS);
    loop->signal_fd = -1;
    loop->now_ms = read_clock_ms();
    return loop;
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    if (loop->signal_fd >= 0)
        close(loop->signal_fd);
    curl_multi_cleanup(loop->multi);
    curl_global_cleanup();
    for (size_t i = 0; i < loop->n_watches; i++)
        free(loop->watches[i]);
    for (size_t i = 0; i < loop->n_heap; i++)
        free(loop->heap[i]);
    free(loop->watches);
    free(loop->fds);
    free(loop->heap);
    free(loop->at_ends);
    free(loop);
}

uint64_t loop_turns(const struct loop *loop)
{
    return loop->turns;
}

int64_t loop_now_ms(const struct loop *loop)
{
    return loop->now_ms;
}

void *loop_curl(struct loop *loop)
{
    return loop->multi;
}

void loop_lasting(struct loop *loop, int change)
{
    loop->lasting += change;
    curl_multi_setopt(loop->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)(HOST_CONNECTIONS + loop->lasting));
}

/* --- descriptors -------------------------------------------------------------------------------------------- */

struct watch *loop_watch(struct loop *loop, int fd, unsigned events, void (*fn)(void *arg, unsigned ready), void *arg)
{
    struct watch *watch = mem_alloc(sizeof *watch);
    *watch = (struct watch){.fd = fd, .events = events, .fn = fn, .arg = arg};
    if (loop->n_watches == loop->cap_watches) {
        loop->cap_watches = loop->cap_watches ? loop->cap_watches * 2 : 16;
        loop->watches = mem_resize(loop->watches, loop->cap_watches, sizeof(struct watch *));
    }
    loop->watches[loop->n_watches++] = watch;
    return watch;
}

void loop_watch_for(struct watch *watch, unsigned events)
{
    watch->events = events;
}

void loop_watch_again(struct watch *watch)
{
    watch->again = true;
}

void loop_unwatch(struct loop *loop, struct watch *watch)
{
    (void)loop;
    if (watch)
        watch->gone = true;
}

static void sweep_watches(struct loop *loop)
{
    size_t kept = 0;
    for (size_t i = 0; i < loop->n_watches; i++) {
        if (loop->watches[i]->gone)
            free(loop->watches[i]);
        else
            loop->watches[kept++] = loop->watches[i];
    }
    loop->n_watches = kept;
}

static void run_watches(struct loop *loop, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct watch *watch = loop->watches[i];
        short got = loop->fds[i].revents;
        unsigned ready = (got & CURL_WAIT_POLLIN ? LOOP_READ : 0U) | (got & CURL_WAIT_POLLOUT ? LOOP_WRITE : 0U);
        if (watch->gone || (!ready && !watch->again))
            continue;
        watch->again = false;
        watch->fn(watch->arg, ready);
    }
}

/* --- timers: a binary heap ---------------------------------------------------------------------------------- */

static bool is_before(const struct timer *a, const struct timer *b)
{
    return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->serial < b->serial;
}

static void put(struct loop *loop, size_t at, struct timer *timer)
{
    loop->heap[at] = timer;
    timer->at = at;
}

/* Moves a timer from a place that is free up or down to where it belongs. */
static void settle(struct loop *loop, size_t at, struct timer *timer)
{
    for (size_t up; at > 0 && is_before(timer, loop->heap[up = (at - 1) / 2]); at = up)
        put(loop, at, loop->heap[up]);
    for (size_t down; (down = 2 * at + 1) < loop->n_heap; at = down) {
        if (down + 1 < loop->n_heap && is_before(loop->heap[down + 1], loop->heap[down]))
            down++;
        if (!is_before(loop->heap[down], timer))
            break;
        put(loop, at, loop->heap[down]);
    }
    put(loop, at, timer);
}

struct timer *loop_after(struct loop *loop, int64_t ms, void (*fn)(void *arg), void *arg)
{
    struct timer *timer = mem_alloc(sizeof *timer);
    *timer = (struct timer){.due_ms = read_clock_ms() + ms, .serial = loop->serial++, .fn = fn, .arg = arg};
    if (loop->n_heap == loop->cap_heap) {
        loop->cap_heap = loop->cap_heap ? loop->cap_heap * 2 : 16;
        loop->heap = mem_resize(loop->heap, loop->cap_heap, sizeof(struct timer *));
    }
    settle(loop, loop->n_heap++, timer);
    return timer;
}

void loop_cancel(struct loop *loop, struct timer *timer)
{
    if (!timer)
        return;
    struct timer *last = loop->heap[--loop->n_heap];
    if (last != timer)
        settle(loop, timer->at, last);
    free(timer);
}

static struct timer take_first(struct loop *loop)
{
    struct timer *first = loop->heap[0], copy = *first;
    if (--loop->n_heap)
        settle(loop, 0, loop->heap[loop->n_heap]);
    free(first);
    return copy;
}

/* Those that a timer starts wait for the next turn, or a timer of 0 ms that starts itself anew would never end it. */
static void run_timers(struct loop *loop)
{
    uint64_t end = loop->serial;
    while (loop->n_heap && loop->heap[0]->due_ms <= loop->now_ms && loop->heap[0]->serial < end) {
        struct timer timer = take_first(loop);
        timer.fn(timer.arg);
    }
}

/* --- the turn ----------------------------------------------------------------------------------------------- */

void loop_at_end(struct loop *loop, void (*fn)(void *arg), void *arg)
{
    loop->at_ends = mem_resize(loop->at_ends, loop->n_at_ends + 1, sizeof *loop->at_ends);
    loop->at_ends[loop->n_at_ends++] = (struct at_end){fn, arg};
}

void loop_serve(struct loop *loop, const struct loop_server *server)
{
    loop->has_server = server != NULL;
    if (server)
        loop->server = *server;
}

static int64_t wait_ms(const struct loop *loop, int64_t most_ms)
{
    int64_t ms = most_ms < 0 || most_ms > WAIT_MAX_MS ? WAIT_MAX_MS : most_ms;
    if (loop->has_server) {
        int64_t server_ms = loop->server.timeout_ms(loop->server.arg);
        if (server_ms >= 0 && server_ms < ms)
            ms = server_ms;
    }
    if (loop->n_heap) {
        int64_t timer_ms = loop->heap[0]->due_ms - read_clock_ms();
        if (timer_ms < ms)
            ms = timer_ms < 0 ? 0 : timer_ms;
    }
    for (size_t i = 0; i < loop->n_watches && ms; i++)
        if (loop->watches[i]->again)
            ms = 0;
    return loop->hurry ? 0 : ms;
}

/* Waits; revents of each watch are in fds afterwards. One that asks for nothing is left out, as -1: else its hang-up
 * would wake the loop again and again. */
static void wait_for_events(struct loop *loop, int64_t most_ms)
{
    size_t n = loop->n_watches;
    if (n + 1 > loop->cap_fds) {
        loop->cap_fds = loop->cap_watches + 1;
        loop->fds = mem_resize(loop->fds, loop->cap_fds, sizeof *loop->fds);
    }
    for (size_t i = 0; i < n; i++) {
        const struct watch *watch = loop->watches[i];
        loop->fds[i] = (struct curl_waitfd){.fd = watch->events ? watch->fd : -1};
        loop->fds[i].events = (short)((watch->events & LOOP_READ ? CURL_WAIT_POLLIN : 0) |
                                      (watch->events & LOOP_WRITE ? CURL_WAIT_POLLOUT : 0));
    }
    if (loop->has_server)
        loop->fds[n++] = (struct curl_waitfd){.fd = loop->server.fd, .events = CURL_WAIT_POLLIN};
    int64_t ms = wait_ms(loop, most_ms);
    loop->hurry = false;
    curl_multi_poll(loop->multi, loop->fds, (unsigned)n, (int)ms, NULL);
    loop->now_ms = read_clock_ms();
}

static void run_transfers(struct loop *loop)
{
    int running, left = 0;
    curl_multi_perform(loop->multi, &running);
    for (int i = 0; i < TRANSFERS_A_TURN; i++) {
        CURLMsg *message = curl_multi_info_read(loop->multi, &left);
        if (!message)
            return;
        struct loop_transfer *transfer = NULL;
        CURLcode result = message->data.result; /* the message is invalid once the handle is taken out */
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
        transfer->done(transfer, (int)result);
    }
    loop->hurry = left > 0;
}

void loop_turn(struct loop *loop, int64_t wait_max_ms)
{
    sweep_watches(loop);
    size_t n = loop->n_watches;
    wait_for_events(loop, wait_max_ms);
    loop->turns++;
    run_transfers(loop);
    if (loop->has_server)
        loop->server.run(loop->server.arg);
    run_watches(loop, n);
    run_timers(loop);
    for (size_t i = 0; i < loop->n_at_ends; i++)
        loop->at_ends[i].fn(loop->at_ends[i].arg);
    if (loop->has_server && loop->server.pending(loop->server.arg)) {
        loop->server.run(loop->server.arg);
        loop->hurry = true; /* what it brought has not seen the end of a turn yet */
    }
}

void loop_run(struct loop *loop)
{
    loop->stopped = false;
    while (!loop->stopped)
        loop_turn(loop, -1);
}

void loop_stop(struct loop *loop)
{
    loop->stopped = true;
}

/* --- signals ------------------------------------------------------------------------------------------------ */

static void take_signals(void *arg, unsigned ready)
{
    struct loop *loop = arg;
    struct signalfd_siginfo info;
    (void)ready;
    while (read(loop->signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
        loop->on_signal(loop->signal_arg, (int)info.ssi_signo);
}

bool loop_signals(struct loop *loop, void (*fn)(void *arg, int signal), void *arg)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    loop->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (loop->signal_fd < 0)
        return false;
    loop->on_signal = fn;
    loop->signal_arg = arg;
    loop_watch(loop, loop->signal_fd, LOOP_READ, take_signals, loop);
    return true;
}

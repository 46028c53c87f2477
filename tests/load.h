/*
 * load: a client that sends requests over many kept connections, one at a time on each, and times the answers.
 *
 * It runs in a process of its own, all connections in one epoll loop; every answer is checked.
 *
 *     struct load load = load_start(port, n_requests, n_connections, request, arg);
 *     … serve, until load.fd is readable …
 *     struct load_result r = load_end(&load);
 *
 * What goes wrong ends the program with status 74 and a word on standard error.
 */
#ifndef TESTS_LOAD_H
#define TESTS_LOAD_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { LOAD_CONNECTIONS_MAX = 1000 };

struct load_result {
    double per_second;
    int64_t p50_ns, p99_ns;
};

struct load {
    pid_t pid;
    int fd; /* readable when it has ended */
};

/*
 * request  the bytes of the i-th request, a view until the next call; called in the client's process
 * answer   what the body of every answer must be; its status must be 200
 */
struct load load_start(int port, int n_requests, int n_connections, struct str (*request)(void *arg, int i), void *arg,
                       struct str answer);
struct load_result load_end(struct load *load);

int64_t load_now_ns(void);
void load_must(bool ok, const char *what); /* or it is over: "cannot WHAT" */

#endif

/*
 * peer: a server for tests, on a free port of 127.0.0.1, that does with each connection what a function says.
 *
 *     static void hang_up(int fd, int nth) { peer_read_head(fd); }            nth counts connections from 0
 *     struct peer *peer = peer_start(hang_up);  … peer->port …  peer_stop(peer);
 *
 * The function runs in a thread of its own, with a blocking descriptor that is closed after it; reads of it end after
 * PEER_PATIENCE_S, so that no test hangs.
 */
#ifndef TESTS_PEER_H
#define TESTS_PEER_H

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { PEER_PATIENCE_S = 10, PEER_CONNECTIONS_MAX = 64 };

struct peer {
    int fd, port;
    bool joined[PEER_CONNECTIONS_MAX];
    void (*serve)(int fd, int nth);
    pthread_t thread, threads[PEER_CONNECTIONS_MAX];
    atomic_int served;
};

struct peer_connection {
    struct peer *peer;
    int fd, nth;
};

static inline void *peer_serve_one(void *arg)
{
    struct peer_connection c = *(struct peer_connection *)arg;
    struct timeval patience = {.tv_sec = PEER_PATIENCE_S};
    free(arg);
    setsockopt(c.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    c.peer->serve(c.fd, c.nth);
    close(c.fd);
    return NULL;
}

static inline void *peer_accept(void *arg)
{
    struct peer *peer = arg;
    int fd;
    while ((fd = accept(peer->fd, NULL, NULL)) >= 0 && peer->served < PEER_CONNECTIONS_MAX) {
        struct peer_connection *c = malloc(sizeof *c);
        *c = (struct peer_connection){peer, fd, peer->served};
        pthread_create(&peer->threads[peer->served], NULL, peer_serve_one, c);
        peer->served++;
    }
    return NULL;
}

static inline struct peer *peer_start(void (*serve)(int fd, int nth))
{
    struct peer *peer = calloc(1, sizeof *peer);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    peer->serve = serve;
    peer->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(peer->fd, (struct sockaddr *)&at, n) || listen(peer->fd, 64) ||
        getsockname(peer->fd, (struct sockaddr *)&at, &n) || pthread_create(&peer->thread, NULL, peer_accept, peer))
        abort();
    peer->port = ntohs(at.sin_port);
    return peer;
}

/* Waits until the nth connection, which was accepted, is done with. */
static inline void peer_join(struct peer *peer, int nth)
{
    if (!peer->joined[nth])
        pthread_join(peer->threads[nth], NULL);
    peer->joined[nth] = true;
}

static inline void peer_stop(struct peer *peer)
{
    if (!peer)
        return;
    shutdown(peer->fd, SHUT_RDWR);
    pthread_join(peer->thread, NULL);
    for (int i = 0; i < peer->served; i++)
        peer_join(peer, i);
    close(peer->fd);
    free(peer);
}

/* Reads up to the blank line, byte by byte; false when the client ends before. */
static inline bool peer_read_head(int fd, char *head, size_t max)
{
    size_t n = 0;
    while (n + 1 < max && recv(fd, head + n, 1, 0) == 1) {
        head[++n] = '\0';
        if (n >= 4 && memcmp(head + n - 4, "\r\n\r\n", 4) == 0)
            return true;
    }
    return false;
}

static inline bool peer_read(int fd, char *bytes, size_t n)
{
    return n == 0 || recv(fd, bytes, n, MSG_WAITALL) == (ssize_t)n;
}

static inline void peer_write(int fd, const char *text)
{
    send(fd, text, strlen(text), MSG_NOSIGNAL);
}

/* The next close sends a reset. */
static inline void peer_will_reset(int fd)
{
    struct linger now = {1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

#endif

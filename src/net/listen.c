#include "net/listen.h"

#include "base/str.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 511 };

static int refuse(const char *address, int status, const char *reason, struct err *err)
{
    err_set(err, status, "cannot listen on '%s': %s", address, reason);
    return -1;
}

/* "host:port" or "[host]:port" into two C strings; the host may be empty. */
static bool split(const char *address, char *host, size_t host_max, char *port, size_t port_max)
{
    const char *colon = strrchr(address, ':');
    if (!colon || !colon[1])
        return false;
    struct str name = {address, (size_t)(colon - address)};
    if (str_starts(name, STR("[")) && str_ends(name, STR("]")))
        name = str_sub(name, 1, name.n - 1);
    else if (memchr(name.p, ':', name.n)) /* an IPv6 address without brackets: its end is a guess */
        return false;
    long number = 0;
    for (const char *p = colon + 1; *p; p++) {
        number = number * 10 + (*p - '0');
        if (!ch_digit(*p) || number > 65535) /* getaddrinfo takes larger ones and cuts them */
            return false;
    }
    return snprintf(host, host_max, "%.*s", STR_FMT(name)) < (int)host_max &&
           snprintf(port, port_max, "%s", colon + 1) < (int)port_max;
}

static bool bind_and_listen(int fd, const struct addrinfo *at)
{
    int yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    return bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0;
}

int listen_open(const char *address, struct err *err)
{
    char host[256], port[8];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV}, *at = NULL;
    if (!split(address, host, sizeof host, port, sizeof port))
        return refuse(address, STATUS_CONFIG, "an address is written HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080",
                      err);
    int failure = getaddrinfo(*host ? host : NULL, port, &hints, &at);
    if (failure)
        return refuse(address, STATUS_UNAVAILABLE, failure == EAI_SYSTEM ? strerror(errno) : gai_strerror(failure),
                      err);
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || !bind_and_listen(fd, at)) {
        refuse(address, STATUS_UNAVAILABLE, strerror(errno), err);
        if (fd >= 0)
            close(fd);
        fd = -1;
    }
    freeaddrinfo(at);
    return fd;
}

int listen_port(int fd)
{
    struct sockaddr_storage at = {0};
    socklen_t n = sizeof at;
    if (getsockname(fd, (struct sockaddr *)&at, &n) != 0)
        return -1;
    if (at.ss_family == AF_INET6)
        return ntohs(((struct sockaddr_in6 *)&at)->sin6_port);
    return at.ss_family == AF_INET ? ntohs(((struct sockaddr_in *)&at)->sin_port) : -1;
}

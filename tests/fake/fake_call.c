/*
 * fake_call: one HTTP request to a port of this machine, for tests in shell, which cannot count on curl being there.
 *
 *     fake_call PORT METHOD PATH [-i] [-H 'Name: value']... [BODY | -]
 *
 * Prints the reply's body; with -i before it a line with the status. `-` reads the body from stdin. Exit status: 0 for
 * a reply of 2xx, 1 for another, 2 without one.
 */
#include "base/buf.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CALL_MAX = 64 << 20, CALL_SECONDS = 120 };

static void read_all(int fd, struct buf *to)
{
    char bytes[64 << 10];
    ssize_t n;
    while ((n = read(fd, bytes, sizeof bytes)) > 0)
        buf_add(to, (struct str){bytes, (size_t)n});
}

static int connect_to(const char *port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
        return fd;
    perror("fake_call");
    exit(2);
}

static void write_all(int fd, struct str s)
{
    while (s.n) {
        ssize_t n = send(fd, s.p, s.n, MSG_NOSIGNAL);
        if (n <= 0)
            return; /* the server may have answered early; its reply tells */
        s = str_sub(s, (size_t)n, s.n);
    }
}

static int print_reply(struct str reply, bool with_status)
{
    const char *blank = reply.n ? memmem(reply.p, reply.n, "\r\n\r\n", 4) : NULL;
    int status = 0;
    if (!blank || sscanf(reply.p, "HTTP/1.%*c %d", &status) != 1) {
        fprintf(stderr, "fake_call: no reply\n");
        return 2;
    }
    if (with_status)
        printf("%d\n", status);
    fwrite(blank + 4, 1, reply.n - (size_t)(blank + 4 - reply.p), stdout);
    return status / 100 == 2 ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct buf body, request, reply;
    bool with_status = false, typed = false;
    if (argc < 4) {
        fprintf(stderr, "usage: fake_call PORT METHOD PATH [-i] [-H 'Name: value']... [BODY | -]\n");
        return 2;
    }
    alarm(CALL_SECONDS);
    buf_init(&body, CALL_MAX);
    buf_init(&request, CALL_MAX);
    buf_init(&reply, CALL_MAX);
    buf_addf(&request, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n", argv[2], argv[3], argv[1]);
    for (int i = 4; i < argc; i++) {
        if (!strcmp(argv[i], "-i")) {
            with_status = true;
        } else if (!strcmp(argv[i], "-H") && i + 1 < argc) {
            typed = typed || !strncasecmp(argv[i + 1], "content-type:", 13);
            buf_addf(&request, "%s\r\n", argv[++i]);
        } else if (!strcmp(argv[i], "-")) {
            read_all(STDIN_FILENO, &body);
        } else {
            buf_adds(&body, argv[i]);
        }
    }
    buf_addf(&request, "%sContent-Length: %zu\r\n\r\n", typed ? "" : "Content-Type: application/json\r\n", body.n);
    buf_add(&request, buf_str(&body));
    int fd = connect_to(argv[1]);
    write_all(fd, buf_str(&request));
    read_all(fd, &reply);
    close(fd);
    int status = print_reply(buf_str(&reply), with_status);
    buf_release(&body);
    buf_release(&request);
    buf_release(&reply);
    return status;
}

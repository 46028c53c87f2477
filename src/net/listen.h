/* listen: a socket that takes TCP connections. */
#ifndef DOCENT_NET_LISTEN_H
#define DOCENT_NET_LISTEN_H

#include "base/err.h"

/*
 * address  "127.0.0.1:8080", "[::1]:0", "localhost:8080", ":8080" for all addresses; port 0 takes a free one
 * Returns a non-blocking descriptor for the caller to close; -1 and err naming the address: status CONFIG
 * when it is none, else UNAVAILABLE.
 */
int listen_open(const char *address, struct err *err);

int listen_port(int fd); /* of a socket's own end; -1: it has none */

#endif

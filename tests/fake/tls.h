/*
 * tls: TLS in front of a plain server, for tests. A thread takes TLS connections on a free port of 127.0.0.1 and hands
 * their bytes to a plain port and back.
 *
 *     struct tls_end *tls = tls_start(plain_port, &(struct tls_end_options){0});
 *     … https://127.0.0.1:tls_port(tls)/, trusting the file tls_ca_file(tls) …
 *     tls_stop(tls);
 *
 * The certificate is made anew each time, for 127.0.0.1 and localhost. What comes from the plain side in one read goes
 * out in one record; an end or a reset on one side is passed on to the other.
 */
#ifndef FAKE_TLS_H
#define FAKE_TLS_H

#include <stdbool.h>

struct tls_end;

struct tls_end_options {
    bool h2;         /* takes up an offer of HTTP/2, which the plain side does not speak */
    bool other_name; /* the certificate is for another host */
    bool expired;
};

struct tls_end *tls_start(int plain_port, const struct tls_end_options *options);
void tls_stop(struct tls_end *tls);
int tls_port(const struct tls_end *tls);
const char *tls_ca_file(const struct tls_end *tls); /* PEM; there until tls_stop */
int tls_connections(const struct tls_end *tls);     /* handshakes that succeeded so far */
int tls_h2_agreed(const struct tls_end *tls);       /* of them, those that chose HTTP/2 */

#endif

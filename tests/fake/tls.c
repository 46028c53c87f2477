#include "tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RECORD = 16 << 10, CONNECTIONS_MAX = 256, GLANCE_MS = 50 };

struct tls_end {
    struct tls_end_options options;
    SSL_CTX *context;
    char ca_file[64];
    int fd, port, plain_port;
    atomic_bool stopping;
    atomic_int accepted, agreed, h2_agreed;
    pthread_t thread, threads[CONNECTIONS_MAX];
};

struct way { /* bytes under way in one direction */
    char bytes[RECORD];
    size_t n, sent;
    bool ended;
};

struct connection {
    struct tls_end *tls;
    SSL *ssl;
    int fd, plain_fd;
    bool wants_write;   /* OpenSSL has something of its own to send */
    struct way in, out; /* from the client, to the client */
};

static void must(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "tls: cannot %s: %s\n", what, strerror(errno));
        ERR_print_errors_fp(stderr);
        abort();
    }
}

/* --- the certificate ---------------------------------------------------------------------------------------- */

static void add_extension(X509 *cert, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    must(extension && X509_add_ext(cert, extension, -1), "extend a certificate");
    X509_EXTENSION_free(extension);
}

/* Signed by itself: the file that is trusted holds it and nothing else. */
static X509 *make_certificate(EVP_PKEY *key, const struct tls_end_options *options)
{
    enum { DAY_S = 24 * 3600 };
    X509 *cert = X509_new();
    X509_NAME *name = X509_get_subject_name(cert);
    X509_set_version(cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -2 * DAY_S);
    X509_gmtime_adj(X509_getm_notAfter(cert), options->expired ? -DAY_S : DAY_S);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"docent's tests", -1, -1, 0);
    X509_set_issuer_name(cert, name);
    X509_set_pubkey(cert, key);
    add_extension(cert, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(cert, NID_subject_alt_name, options->other_name ? "DNS:other.example" : "IP:127.0.0.1,DNS:localhost");
    must(X509_sign(cert, key, EVP_sha256()) > 0, "sign a certificate");
    return cert;
}

static void make_identity(struct tls_end *tls)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    must(key, "make a key");
    X509 *cert = make_certificate(key, &tls->options);
    must(SSL_CTX_use_certificate(tls->context, cert) == 1 && SSL_CTX_use_PrivateKey(tls->context, key) == 1,
         "use the certificate");
    snprintf(tls->ca_file, sizeof tls->ca_file, "/tmp/docent-tls-XXXXXX");
    int fd = mkstemp(tls->ca_file);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    must(file && PEM_write_X509(file, cert) && fclose(file) == 0, "write the certificate");
    X509_free(cert);
    EVP_PKEY_free(key);
}

/* Takes HTTP/2 whenever it is offered. */
static int choose_protocol(SSL *ssl, const unsigned char **chosen, unsigned char *n, const unsigned char *offered,
                           unsigned offered_n, void *arg)
{
    static const unsigned char known[] = "\x02h2\x08http/1.1";
    struct tls_end *tls = arg;
    unsigned char *choice;
    (void)ssl;
    if (SSL_select_next_proto(&choice, n, known, sizeof known - 1, offered, offered_n) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    tls->h2_agreed += *n == 2;
    *chosen = choice;
    return SSL_TLSEXT_ERR_OK;
}

/* --- a connection ------------------------------------------------------------------------------------------- */

/* Whether OpenSSL only wants to be called again; otherwise the connection is at its end. */
static bool is_later(struct connection *c, int result)
{
    int error = SSL_get_error(c->ssl, result);
    c->wants_write = c->wants_write || error == SSL_ERROR_WANT_WRITE;
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

static void will_reset(int fd)
{
    struct linger now = {1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

/* Each moves what it can in its direction, and says whether that was anything. */
static bool move_in(struct connection *c)
{
    struct way *way = &c->in;
    if (way->n == 0 && !way->ended) {
        int got = SSL_read(c->ssl, way->bytes, sizeof way->bytes);
        if (got > 0) {
            way->n = (size_t)got;
        } else if (!is_later(c, got)) {
            way->ended = true;
            bool reset = SSL_get_error(c->ssl, got) == SSL_ERROR_SYSCALL && errno == ECONNRESET;
            if (reset)
                will_reset(c->plain_fd);
            else
                shutdown(c->plain_fd, SHUT_WR);
            c->out.ended = reset;
            return true;
        }
    }
    ssize_t sent = way->n ? send(c->plain_fd, way->bytes + way->sent, way->n - way->sent, MSG_NOSIGNAL) : 0;
    if (sent > 0 && (way->sent += (size_t)sent) == way->n)
        way->sent = way->n = 0;
    return sent > 0;
}

static bool move_out(struct connection *c)
{
    struct way *way = &c->out;
    if (way->n == 0 && !way->ended) {
        ssize_t got = recv(c->plain_fd, way->bytes, sizeof way->bytes, 0);
        if (got > 0) {
            way->n = (size_t)got;
        } else if (got == 0 || errno != EAGAIN) {
            way->ended = true;
            if (got == 0)
                SSL_shutdown(c->ssl);
            else
                will_reset(c->fd);
            return true;
        }
    }
    int sent = way->n ? SSL_write(c->ssl, way->bytes, (int)way->n) : 0;
    if (way->n && sent <= 0 && !is_later(c, sent))
        way->ended = true;
    if (sent > 0)
        way->n = 0; /* OpenSSL takes all or nothing */
    return sent > 0;
}

static void pump(struct connection *c)
{
    while (!c->tls->stopping && !c->out.ended) {
        c->wants_write = false;
        bool moved = move_in(c);
        moved = move_out(c) || moved;
        if (moved)
            continue;
        struct pollfd fds[] = {{.fd = c->fd}, {.fd = c->plain_fd}};
        fds[0].events = (short)((c->in.n || c->in.ended ? 0 : POLLIN) | (c->out.n || c->wants_write ? POLLOUT : 0));
        fds[1].events = (short)((c->out.n ? 0 : POLLIN) | (c->in.n ? POLLOUT : 0));
        poll(fds, 2, GLANCE_MS);
    }
}

static int connect_to(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
        return fd;
    close(fd);
    return -1;
}

static void *serve(void *arg)
{
    struct connection *c = arg;
    struct timeval patience = {.tv_sec = 5};
    setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    c->ssl = SSL_new(c->tls->context);
    SSL_set_fd(c->ssl, c->fd);
    if (SSL_accept(c->ssl) == 1 && (c->plain_fd = connect_to(c->tls->plain_port)) >= 0) {
        c->tls->agreed++;
        fcntl(c->fd, F_SETFL, O_NONBLOCK);
        fcntl(c->plain_fd, F_SETFL, O_NONBLOCK);
        pump(c);
        close(c->plain_fd);
    }
    SSL_free(c->ssl);
    close(c->fd);
    free(c);
    return NULL;
}

/* --- all of them -------------------------------------------------------------------------------------------- */

static void *take(void *arg)
{
    struct tls_end *tls = arg;
    int fd;
    while (tls->accepted < CONNECTIONS_MAX && (fd = accept(tls->fd, NULL, NULL)) >= 0) {
        struct connection *c = calloc(1, sizeof *c);
        must(c, "hold a connection");
        c->tls = tls;
        c->fd = fd;
        must(pthread_create(&tls->threads[tls->accepted], NULL, serve, c) == 0, "start a thread");
        tls->accepted++;
    }
    return NULL;
}

struct tls_end *tls_start(int plain_port, const struct tls_end_options *options)
{
    struct tls_end *tls = calloc(1, sizeof *tls);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    must(tls, "begin");
    tls->options = *options;
    tls->plain_port = plain_port;
    tls->context = SSL_CTX_new(TLS_server_method());
    must(tls->context, "begin");
    make_identity(tls);
    if (options->h2)
        SSL_CTX_set_alpn_select_cb(tls->context, choose_protocol, tls);
    tls->fd = socket(AF_INET, SOCK_STREAM, 0);
    must(tls->fd >= 0 && bind(tls->fd, (struct sockaddr *)&at, n) == 0 && listen(tls->fd, CONNECTIONS_MAX) == 0 &&
             getsockname(tls->fd, (struct sockaddr *)&at, &n) == 0,
         "listen");
    tls->port = ntohs(at.sin_port);
    must(pthread_create(&tls->thread, NULL, take, tls) == 0, "start a thread");
    return tls;
}

void tls_stop(struct tls_end *tls)
{
    if (!tls)
        return;
    tls->stopping = true;
    shutdown(tls->fd, SHUT_RDWR);
    pthread_join(tls->thread, NULL);
    for (int i = 0; i < tls->accepted; i++)
        pthread_join(tls->threads[i], NULL);
    close(tls->fd);
    SSL_CTX_free(tls->context);
    unlink(tls->ca_file);
    free(tls);
}

int tls_port(const struct tls_end *tls)
{
    return tls->port;
}

const char *tls_ca_file(const struct tls_end *tls)
{
    return tls->ca_file;
}

int tls_connections(const struct tls_end *tls)
{
    return tls->agreed;
}

int tls_h2_agreed(const struct tls_end *tls)
{
    return tls->h2_agreed;
}

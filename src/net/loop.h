/*
 * loop: the one place where the program waits.
 *
 * One thread, one loop: curl_multi_poll waits for libcurl's transfers, for descriptors that somebody watches and for
 * timers. Protocols know nothing of it; files in net/ and channel/ hang their descriptors and timers in here.
 *
 *     struct loop *loop = loop_new();
 *     loop_after(loop, 1500, say_hello, thing);
 *     loop_run(loop);                         until loop_stop
 *     loop_free(loop);
 *
 * A turn: wait; libcurl's transfers; servers (loop_serve); watched descriptors; timers; then what is done at the end of
 * a turn (loop_at_end), and the servers once more when that gave them something to send. Everything may be added and
 * taken away from within any callback.
 */
#ifndef DOCENT_NET_LOOP_H
#define DOCENT_NET_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct watch;
struct timer;

struct loop *loop_new(void);       /* starts libcurl, too; from now on the process ignores SIGPIPE */
void loop_free(struct loop *loop); /* what hangs in it must be gone, timers excepted */

void loop_run(struct loop *loop); /* until loop_stop */
void loop_stop(struct loop *loop);
void loop_turn(struct loop *loop, int64_t wait_max_ms); /* one turn, for tests and for draining; -1: no limit */
uint64_t loop_turns(const struct loop *loop);           /* so far: idle must mean idle */

int64_t loop_now_ms(const struct loop *loop); /* monotonic; read once a turn */

enum loop_events { LOOP_READ = 1, LOOP_WRITE = 2 };

/* fn is called in every turn in which the descriptor is ready for one of the events. A hang-up shows as LOOP_READ. */
struct watch *loop_watch(struct loop *loop, int fd, unsigned events, void (*fn)(void *arg, unsigned ready), void *arg);
void loop_watch_for(struct watch *watch, unsigned events); /* from now on for these; 0: for none */
void loop_watch_again(struct watch *watch); /* has more that poll does not see: the next turn calls fn at once */
void loop_unwatch(struct loop *loop, struct watch *watch); /* NULL is fine; the descriptor stays open */

/* fn is called once, after at least so many milliseconds; the timer is gone then. */
struct timer *loop_after(struct loop *loop, int64_t ms, void (*fn)(void *arg), void *arg);
void loop_cancel(struct loop *loop, struct timer *timer); /* NULL is fine; not after it has fired */

/* fn is called at the end of every turn: for what is done once for everything that a turn brought. */
void loop_at_end(struct loop *loop, void (*fn)(void *arg), void *arg);

/*
 * A library that has its own idea of descriptors and time (libmicrohttpd): run is called in every turn, and the loop
 * waits for its descriptor and no longer than timeout_ms says (-1: no limit). One server a loop suffices.
 */
struct loop_server {
    int fd;
    int64_t (*timeout_ms)(void *arg);
    void (*run)(void *arg);
    bool (*pending)(void *arg); /* has something to send since it last ran: run it again in this turn */
    void *arg;
};
void loop_serve(struct loop *loop, const struct loop_server *server); /* copied; NULL: none any more */

/*
 * SIGTERM, SIGINT and SIGHUP reach fn from now on, in the loop, and no other thread. Call before anything that may
 * start a thread (libcurl resolves names in threads). False: the system has no descriptor left.
 */
bool loop_signals(struct loop *loop, void (*fn)(void *arg, int signal), void *arg);

/*
 * For http_client.c and websocket.c. CURLOPT_PRIVATE of every handle in the CURLM is a struct loop_transfer, whose
 * `done` is called once with the CURLcode; it may take the handle out and free it.
 */
struct loop_transfer {
    void (*done)(struct loop_transfer *transfer, int result);
};
void *loop_curl(struct loop *loop); /* the CURLM */

/* +1 and -1: a connection that stays, a WebSocket, comes and goes. It must not use up what a host may have. */
void loop_lasting(struct loop *loop, int change);

#endif

/*
 * Any bytes as what a server sends on a WebSocket. The first byte says in pieces of which size they come. However they
 * are cut, the same messages, close code and fault must come out, and the first frame we send must be masked.
 */
#include "net/websocket_frames.h"

#include "base/buf.h"
#include "net/sign.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MESSAGE_MAX = 70000 };

struct outcome {
    uint64_t messages; /* hash over all of them */
    unsigned long n, dropped;
    int code;
    const char *fault;
    size_t sent;
    bool over;
};

static void on_message(void *arg, struct str text)
{
    struct outcome *o = arg;
    if (text.n > MESSAGE_MAX)
        abort();
    o->messages = str_hash_more(o->messages, text);
    o->messages = str_hash_more(o->messages, STR("|"));
    o->n++;
}

static void send_all(struct frames *f, struct outcome *o)
{
    struct str out;
    while ((out = frames_out(f)).n) {
        size_t n = out.n > 3 ? out.n / 2 : out.n;
        if (o->sent == 0 && out.n > 1 && !(out.p[1] & 0x80))
            abort();
        o->sent += n;
        frames_sent(f, n);
    }
}

static struct outcome feed(struct str bytes, size_t piece)
{
    struct outcome o = {.messages = STR_HASH_START};
    struct frames *f = frames_new(&(struct frames_options){MESSAGE_MAX, 1000, on_message, &o});
    while (bytes.n) {
        size_t n = bytes.n < piece ? bytes.n : piece;
        frames_feed(f, str_sub(bytes, 0, n));
        bytes = str_sub(bytes, n, bytes.n);
        send_all(f, &o);
    }
    o.dropped = frames_dropped(f);
    o.code = frames_close_code(f);
    o.fault = frames_fault(f);
    o.over = frames_over(f);
    frames_free(f);
    return o;
}

static bool is_bad_text(const struct outcome *o)
{
    return o->fault && strstr(o->fault, "UTF-8");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool started;
    if (!started && !(started = sign_start()))
        abort();
    if (size < 1)
        return 0;
    struct str bytes = {(const char *)data + 1, size - 1};
    struct outcome whole = feed(bytes, SIZE_MAX), cut = feed(bytes, (size_t)data[0] + 1);
    if (whole.messages != cut.messages || whole.n != cut.n || whole.dropped != cut.dropped)
        abort();
    /* wslay 1.1.1 leaves out two bytes of each piece when it checks the reason of a close frame to be UTF-8. */
    if (is_bad_text(&whole) || is_bad_text(&cut))
        return 0;
    if (whole.code != cut.code || whole.fault != cut.fault || whole.over != cut.over)
        abort();
    return 0;
}

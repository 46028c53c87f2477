/* The server's side of WebSocket (RFC 6455), enough for tests: every frame is written as the caller says. */
#include "fake.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { OP_CONTINUE = 0, OP_TEXT = 1, OP_BINARY = 2, OP_CLOSE = 8, OP_PING = 9, OP_PONG = 10 };

/* --- SHA-1 (RFC 3174) and base64, for Sec-WebSocket-Accept ------------------------------------------------- */

static uint32_t left(uint32_t x, int n)
{
    return x << n | x >> (32 - n);
}

static void sha1_block(uint32_t h[5], const unsigned char *p)
{
    uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 | (uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
    for (int i = 16; i < 80; i++)
        w[i] = left(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (int i = 0; i < 80; i++) {
        uint32_t f = i < 20   ? ((b & c) | (~b & d)) + 0x5A827999U
                     : i < 40 ? (b ^ c ^ d) + 0x6ED9EBA1U
                     : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDCU
                              : (b ^ c ^ d) + 0xCA62C1D6U;
        uint32_t t = left(a, 5) + f + e + w[i];
        e = d, d = c, c = left(b, 30), b = a, a = t;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
}

/* text: at most 119 bytes, so two blocks are enough */
static void sha1(struct str text, unsigned char digest[20])
{
    uint32_t h[5] = {0x67452301U, 0xEFCDAB89U, 0x98BADCFEU, 0x10325476U, 0xC3D2E1F0U};
    unsigned char blocks[128] = {0};
    size_t n = text.n > 55 ? 128 : 64;
    memcpy(blocks, text.p, text.n);
    blocks[text.n] = 0x80;
    blocks[n - 2] = (unsigned char)(text.n * 8 >> 8);
    blocks[n - 1] = (unsigned char)(text.n * 8);
    for (size_t i = 0; i < n; i += 64)
        sha1_block(h, blocks + i);
    for (int i = 0; i < 20; i++)
        digest[i] = (unsigned char)(h[i / 4] >> (24 - 8 * (i % 4)));
}

static void base64_20(const unsigned char digest[20], char out[29])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned char in[21] = {0};
    memcpy(in, digest, 20);
    for (int i = 0, o = 0; i < 21; i += 3) {
        uint32_t v = (uint32_t)in[i] << 16 | (uint32_t)in[i + 1] << 8 | in[i + 2];
        for (int k = 18; k >= 0; k -= 6)
            out[o++] = letters[v >> k & 63];
    }
    out[27] = '=';
    out[28] = '\0';
}

bool fake_upgrade(struct fake_request *r)
{
    struct fake_conn *c = r->conn;
    struct str key = fake_header(r, "Sec-WebSocket-Key"), upgrade = fake_header(r, "Upgrade");
    bool good = str_eq(r->method, STR("GET")) && key.n == 24 && upgrade.n == 9 &&
                !strncasecmp(upgrade.p, "websocket", 9) && str_eq(fake_header(r, "Sec-WebSocket-Version"), STR("13"));
    if (!good) {
        fake_reply(c, 400, NULL, STR("{\"error\":\"no good upgrade\"}"));
        return false;
    }
    char text[64], accept[29];
    unsigned char digest[20];
    snprintf(text, sizeof text, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key.p);
    sha1(str_of(text), digest);
    base64_20(digest, accept);
    buf_addf(&c->out,
             "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Accept: %s\r\n\r\n",
             accept);
    c->kind = CONN_WEBSOCKET;
    c->waiting = false;
    fake_note(c->fake, c->id, "ws.open", r->method, r->path, r->head, STR(""));
    fake_soon(c->fake);
    return true;
}

/* --- writing ------------------------------------------------------------------------------------------------ */

void fake_ws_frame(struct fake_conn *c, bool fin, int opcode, struct str bytes)
{
    buf_addc(&c->out, (char)((fin ? 0x80 : 0) | opcode));
    int extra = bytes.n < 126 ? 0 : bytes.n < 65536 ? 2 : 8;
    buf_addc(&c->out, (char)(extra == 0 ? bytes.n : extra == 2 ? 126 : 127));
    for (int i = extra - 1; i >= 0; i--)
        buf_addc(&c->out, (char)((uint64_t)bytes.n >> (8 * i)));
    buf_add(&c->out, bytes);
    fake_soon(c->fake);
}

void fake_ws_text(struct fake_conn *c, struct str text)
{
    fake_ws_frame(c, true, OP_TEXT, text);
}

void fake_ws_close(struct fake_conn *c, int code, const char *reason)
{
    char bytes[125];
    size_t n = strlen(reason) < 120 ? strlen(reason) : 120;
    bytes[0] = (char)(code >> 8);
    bytes[1] = (char)code;
    memcpy(bytes + 2, reason, n);
    fake_ws_frame(c, true, OP_CLOSE, (struct str){bytes, n + 2});
    c->close_sent = true;
}

/* --- reading ------------------------------------------------------------------------------------------------ */

struct frame {
    bool fin;
    int opcode;
    char *payload;
    size_t n, taken;
};

/* The frame at the front, unmasked in place; 0: not whole yet, -1: against the rules. */
static int next_frame(struct buf *in, struct frame *f)
{
    const unsigned char *p = (const unsigned char *)in->p;
    if (in->n < 2)
        return 0;
    size_t head = 2, n = p[1] & 127;
    int extra = n == 126 ? 2 : n == 127 ? 8 : 0;
    if (!(p[1] & 128) || p[0] & 0x70)
        return -1;
    if (in->n < head + (size_t)extra + 4)
        return 0;
    if (extra)
        n = 0;
    for (int i = 0; i < extra; i++)
        n = n << 8 | p[head++];
    if (n > FAKE_BODY_MAX)
        return -1;
    char mask[4];
    memcpy(mask, in->p + head, 4);
    head += 4;
    if (in->n < head + n)
        return 0;
    *f = (struct frame){(p[0] & 128) != 0, p[0] & 15, in->p + head, n, head + n};
    for (size_t i = 0; i < n; i++)
        f->payload[i] = (char)(f->payload[i] ^ mask[i & 3]);
    return 1;
}

static void take_close(struct fake_conn *c, struct str bytes)
{
    char code[16] = "1005";
    if (bytes.n >= 2)
        snprintf(code, sizeof code, "%d", (unsigned char)bytes.p[0] << 8 | (unsigned char)bytes.p[1]);
    fake_note(c->fake, c->id, "ws.close", STR(""), STR(""), STR(""), str_of(code));
    if (!c->close_sent)
        fake_ws_frame(c, true, OP_CLOSE, bytes);
    c->close_sent = true;
    c->ending = !fake_play(c->fake)->keep_open;
}

static void take_frame(struct fake_conn *c, const struct frame *f)
{
    struct str bytes = {f->payload, f->n};
    if (f->opcode == OP_PING) {
        fake_note(c->fake, c->id, "ws.ping", STR(""), STR(""), STR(""), bytes);
        fake_ws_frame(c, true, OP_PONG, bytes);
    } else if (f->opcode == OP_PONG) {
        fake_note(c->fake, c->id, "ws.pong", STR(""), STR(""), STR(""), bytes);
    } else if (f->opcode == OP_CLOSE) {
        take_close(c, bytes);
    } else {
        buf_add(&c->message, bytes);
        if (!f->fin)
            return;
        fake_note(c->fake, c->id, "ws.text", STR(""), STR(""), STR(""), buf_str(&c->message));
        fake_play(c->fake)->message(fake_play(c->fake)->self, c, buf_str(&c->message));
        buf_clear(&c->message);
    }
}

void fake_ws_read(struct fake_conn *c)
{
    struct frame f;
    size_t done = 0;
    int got = 0;
    struct buf rest = c->in;
    while (!c->gone && !c->mute && (got = next_frame(&rest, &f)) > 0) {
        take_frame(c, &f);
        rest.p += f.taken;
        rest.n -= f.taken;
        done += f.taken;
    }
    if (done) {
        memmove(c->in.p, c->in.p + done, c->in.n - done);
        buf_cut(&c->in, c->in.n - done);
    }
    if (got < 0 && !c->gone) {
        fake_note(c->fake, c->id, "ws.bad", STR(""), STR(""), STR(""), STR(""));
        fake_reset(c);
    }
}

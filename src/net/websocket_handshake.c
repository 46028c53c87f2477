#include "net/websocket_handshake.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

/* --- SHA-1 (RFC 3174) and base64 (RFC 4648): libsodium has no SHA-1, and here it protects nothing --------------- */

enum { SHA1_BYTES = 20, SHA1_BLOCK = 64 };

static uint32_t roll(uint32_t x, int bits)
{
    return x << bits | x >> (32 - bits);
}

static void sha1_block(uint32_t h[5], const unsigned char block[SHA1_BLOCK])
{
    static const uint32_t k[] = {0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6};
    uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (size_t t = 0; t < 16; t++)
        w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 | (uint32_t)block[4 * t + 2] << 8 |
               block[4 * t + 3];
    for (size_t t = 16; t < 80; t++)
        w[t] = roll(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
    for (size_t t = 0; t < 80; t++) {
        uint32_t f = t < 20 ? (b & c) | (~b & d) : t >= 40 && t < 60 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
        uint32_t next = roll(a, 5) + f + e + w[t] + k[t / 20];
        e = d, d = c, c = roll(b, 30), b = a, a = next;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
}

/* Of a short text: at most 2 blocks with what is added to it. */
static void sha1(struct str text, unsigned char out[SHA1_BYTES])
{
    uint32_t h[] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    unsigned char padded[2 * SHA1_BLOCK] = {0};
    size_t blocks = text.n + 9 <= SHA1_BLOCK ? 1 : 2;
    memcpy(padded, text.p, text.n);
    padded[text.n] = 0x80;
    padded[blocks * SHA1_BLOCK - 2] = (unsigned char)(text.n * 8 >> 8);
    padded[blocks * SHA1_BLOCK - 1] = (unsigned char)(text.n * 8);
    for (size_t i = 0; i < blocks; i++)
        sha1_block(h, padded + i * SHA1_BLOCK);
    for (size_t i = 0; i < SHA1_BYTES; i++)
        out[i] = (unsigned char)(h[i / 4] >> (24 - 8 * (i % 4)));
}

static void base64(const unsigned char *bytes, size_t n, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        uint32_t three = (uint32_t)bytes[i] << 16 | (i + 1 < n ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (i + 2 < n ? (uint32_t)bytes[i + 2] : 0);
        *out++ = digits[three >> 18];
        *out++ = digits[three >> 12 & 63];
        *out++ = i + 1 < n ? digits[three >> 6 & 63] : '=';
        *out++ = i + 2 < n ? digits[three & 63] : '=';
    }
    *out = '\0';
}

void handshake_key(const unsigned char random[HANDSHAKE_RANDOM], char key[HANDSHAKE_KEY + 1])
{
    base64(random, HANDSHAKE_RANDOM, key);
}

void handshake_accept(const char *key, char accept[HANDSHAKE_ACCEPT + 1])
{
    struct buf text;
    unsigned char hash[SHA1_BYTES];
    buf_init(&text, SHA1_BLOCK);
    buf_addf(&text, "%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key); /* RFC 6455, 1.3 */
    sha1(buf_str(&text), hash);
    base64(hash, sizeof hash, accept);
    buf_release(&text);
}

/* --- request and reply ------------------------------------------------------------------------------------------ */

void handshake_request(struct buf *out, const struct url *url, const char *user_agent, const char *key)
{
    const char *slash = str_starts(url->path, STR("/")) ? "" : "/";
    buf_addf(out, "GET %s%.*s HTTP/1.1\r\n", slash, STR_FMT(url->path));
    buf_addf(out, "Host: %.*s\r\n", STR_FMT(url->authority));
    if (user_agent)
        buf_addf(out, "User-Agent: %s\r\n", user_agent);
    buf_addf(out, "Upgrade: websocket\r\nConnection: Upgrade\r\n");
    buf_addf(out, "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n", key);
}

static bool is_same(struct str s, const char *text)
{
    return s.n == strlen(text) && (s.n == 0 || strncasecmp(s.p, text, s.n) == 0);
}

/* Is the word one of a list with commas? */
static bool lists(struct str list, const char *word)
{
    struct str item;
    while (str_cut(&list, ',', &item))
        if (is_same(str_trim(item), word))
            return true;
    return false;
}

/* "HTTP/1.1 101 Switching Protocols"; 0: it is something else. */
static int read_status(struct str line)
{
    if (!str_starts(line, STR("HTTP/1.")) || line.n < 12 || !ch_digit(line.p[7]) || line.p[8] != ' ')
        return 0;
    for (size_t i = 9; i < 12; i++)
        if (!ch_digit(line.p[i]))
            return 0;
    if (line.n > 12 && line.p[12] != ' ')
        return 0;
    return (line.p[9] - '0') * 100 + (line.p[10] - '0') * 10 + (line.p[11] - '0');
}

struct found { /* in the head of the reply */
    int upgrades, connections, accepts;
    const char *problem;
};

static void read_header(struct str line, const char *accept, struct found *found)
{
    struct str value = line, name;
    if (!memchr(line.p, ':', line.n) || ch_space(line.p[0]) || memchr(line.p, '\0', line.n)) {
        found->problem = "the reply's head is not HTTP";
        return;
    }
    str_cut(&value, ':', &name);
    value = str_trim(value);
    if (is_same(name, "Upgrade")) {
        found->upgrades += is_same(value, "websocket");
    } else if (is_same(name, "Connection")) {
        found->connections += lists(value, "upgrade");
    } else if (is_same(name, "Sec-WebSocket-Accept")) {
        found->accepts++;
        if (!str_is(value, accept))
            found->problem = "the server's accept key is wrong";
    } else if (is_same(name, "Sec-WebSocket-Extensions") || is_same(name, "Sec-WebSocket-Protocol")) {
        found->problem = "the server wants an extension or a protocol that nobody offered";
    }
}

/* Where the head ends, behind its blank line; 0: not yet. */
static size_t find_end(struct str bytes)
{
    const char *end = bytes.n ? memmem(bytes.p, bytes.n, "\r\n\r\n", 4) : NULL;
    return end ? (size_t)(end - bytes.p) + 4 : 0;
}

static enum handshake_end refuse(struct handshake_reply *reply, const char *problem)
{
    reply->problem = problem;
    return HANDSHAKE_REFUSED;
}

enum handshake_end handshake_read(struct str bytes, const char *accept, struct handshake_reply *reply)
{
    *reply = (struct handshake_reply){.head_n = find_end(bytes)};
    size_t n = reply->head_n ? reply->head_n : bytes.n;
    if (n > HANDSHAKE_HEAD_MAX)
        return refuse(reply, "the reply's head is too large");
    if (!reply->head_n)
        return HANDSHAKE_MORE;
    struct str rest = str_sub(bytes, 0, n - 4), line;
    struct found found = {0};
    str_cut(&rest, '\n', &line);
    reply->status = read_status(str_trim(line));
    if (reply->status == 0)
        return refuse(reply, "the reply is not HTTP");
    if (reply->status != 101)
        return refuse(reply, NULL);
    while (!found.problem && str_cut(&rest, '\n', &line))
        read_header(line, accept, &found);
    if (found.problem)
        return refuse(reply, found.problem);
    if (!found.upgrades || !found.connections || found.accepts != 1)
        return refuse(reply, "the reply's head lacks what makes a WebSocket");
    return HANDSHAKE_OPEN;
}

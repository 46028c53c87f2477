#include "net/sign.h"

#include "base/mem.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { SLACK_WINDOW_S = 300, SECONDS_DIGITS_MAX = 15 };

bool sign_start(void)
{
    return sodium_init() >= 0;
}

/* Digits only, and few enough not to overflow; -1: anything else. */
static int64_t read_seconds(struct str text)
{
    int64_t s = 0;
    if (text.n == 0 || text.n > SECONDS_DIGITS_MAX)
        return -1;
    for (size_t i = 0; i < text.n; i++) {
        if (!ch_digit(text.p[i]))
            return -1;
        s = s * 10 + (text.p[i] - '0');
    }
    return s;
}

static void add(crypto_auth_hmacsha256_state *state, struct str s)
{
    crypto_auth_hmacsha256_update(state, (const unsigned char *)s.p, s.n);
}

/* "v0=" and the lower-case hex of the HMAC over "v0:<timestamp>:<body>", with a NUL behind it. */
enum { SLACK_PREFIX = 3, SLACK_SIGNATURE = SLACK_PREFIX + 2 * crypto_auth_hmacsha256_BYTES };
static void sign_slack(struct str secret, struct str timestamp, struct str body, char out[SLACK_SIGNATURE + 1])
{
    crypto_auth_hmacsha256_state state;
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret.p, secret.n);
    add(&state, STR("v0:"));
    add(&state, timestamp);
    add(&state, STR(":"));
    add(&state, body);
    crypto_auth_hmacsha256_final(&state, mac);
    memcpy(out, "v0=", SLACK_PREFIX);
    sodium_bin2hex(out + SLACK_PREFIX, SLACK_SIGNATURE + 1 - SLACK_PREFIX, mac, sizeof mac);
    sodium_memzero(&state, sizeof state);
}

bool sign_slack_ok(struct str secret, struct str timestamp, struct str signature, struct str body, int64_t now_s)
{
    int64_t then_s = read_seconds(timestamp);
    if (secret.n == 0 || then_s < 0 || signature.n != SLACK_SIGNATURE)
        return false;
    if (now_s - then_s > SLACK_WINDOW_S || then_s - now_s > SLACK_WINDOW_S)
        return false;
    char expected[SLACK_SIGNATURE + 1];
    sign_slack(secret, timestamp, body, expected);
    return sodium_memcmp(expected, signature.p, SLACK_SIGNATURE) == 0;
}

static bool from_hex(struct str hex, unsigned char *out, size_t n)
{
    size_t got = 0;
    return hex.n == 2 * n && sodium_hex2bin(out, n, hex.p, hex.n, NULL, &got, NULL) == 0 && got == n;
}

bool sign_discord_ok(struct str public_key, struct str timestamp, struct str signature, struct str body)
{
    unsigned char key[crypto_sign_PUBLICKEYBYTES], sig[crypto_sign_BYTES];
    if (!from_hex(public_key, key, sizeof key) || !from_hex(signature, sig, sizeof sig))
        return false;
    /* Timestamp and body are signed as one text. libsodium verifies a whole text only, so they are put together. */
    size_t n = timestamp.n + body.n;
    unsigned char small[4096], *text = n <= sizeof small ? small : mem_alloc(n);
    if (timestamp.n)
        memcpy(text, timestamp.p, timestamp.n);
    if (body.n)
        memcpy(text + timestamp.n, body.p, body.n);
    bool ok = crypto_sign_verify_detached(sig, text, n, key) == 0;
    if (text != small)
        free(text);
    return ok;
}

uint32_t sign_random(void)
{
    return randombytes_random();
}

/*
 * bench_discord: the time that docent's side of a completion takes, as people type: an interaction's bytes in, the
 * choices' bytes out, with its Ed25519 signature checked as for one over HTTP.
 *
 *     bench_discord PACK
 *
 * Typed are the beginnings of the pack's own questions, letter by letter; every third with a typing error. The second
 * line is for an index of 2,000 questions, the most that are offered, of made-up words.
 */
#include "base/mem.h"
#include "channel/complete.h"
#include "channel/discord_event.h"
#include "channel/discord_posts.h"
#include "cmd/packs.h"
#include "net/sign.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SAMPLES_MAX = 20000, CHOICES = 25, TOPICS_MAX = 1000, GROWN = 2000 };

static unsigned char public_key[crypto_sign_PUBLICKEYBYTES], secret_key[crypto_sign_SECRETKEYBYTES];
static char key_hex[2 * sizeof public_key + 1];
static double samples_us[SAMPLES_MAX];
static size_t n_samples;

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_value(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void say(const char *what)
{
    qsort(samples_us, n_samples, sizeof *samples_us, by_value);
    printf("  %-42s %6zu typed   p50 %7.1f us   p99 %7.1f us   most %7.1f us\n", what, n_samples,
           samples_us[n_samples / 2], samples_us[n_samples * 99 / 100], samples_us[n_samples - 1]);
    n_samples = 0;
}

/* Signed as Discord does it. */
static void sign(struct str stamp, struct str body, char hex[2 * crypto_sign_BYTES + 1])
{
    unsigned char signature[crypto_sign_BYTES];
    struct buf message;
    buf_init(&message, 10000);
    buf_add(&message, stamp);
    buf_add(&message, body);
    crypto_sign_detached(signature, NULL, (const unsigned char *)message.p, message.n, secret_key);
    sodium_bin2hex(hex, 2 * crypto_sign_BYTES + 1, signature, sizeof signature);
    buf_release(&message);
}

static void measure(const struct complete *index, struct str typed)
{
    struct arena a = {0};
    struct str found[CHOICES], stamp = STR("1767225600");
    struct buf body;
    char hex[2 * crypto_sign_BYTES + 1];
    buf_init(&body, 10000);
    buf_adds(
        &body,
        "{\"version\":1,\"type\":4,\"id\":\"1100000000000000101\",\"application_id\":\"1100000000000000001\",\"token\":"
        "\"aW50ZXJhY3Rpb246ZXhhbXBsZQ\",\"guild_id\":\"1100000000000000050\",\"channel_id\":\"1100000000000000060\","
        "\"member\":{\"user\":{\"id\":\"1100000000000000070\",\"username\":\"ada\"}},\"data\":{\"name\":\"ask\","
        "\"options\":[{\"name\":\"question\",\"type\":3,\"focused\":true,\"value\":");
    json_quote(&body, typed);
    buf_adds(&body, "}]}}");
    sign(stamp, buf_str(&body), hex);

    double from = now_us();
    bool ok = sign_discord_ok(str_of(key_hex), stamp, str_of(hex), buf_str(&body));
    cJSON *tree = json_parse(buf_str(&body), NULL);
    struct discord_event e = discord_read_interaction(tree, true, &a);
    struct str choices = discord_choices(found, complete_find(index, e.in.text, found, CHOICES), &a);
    cJSON_Delete(tree);
    double took = now_us() - from;

    if (!ok || e.act != DISCORD_COMPLETE || !choices.n)
        exit(70);
    if (n_samples < SAMPLES_MAX)
        samples_us[n_samples++] = took;
    arena_release(&a);
    buf_release(&body);
}

static void type_all(const struct complete *index, const struct str *questions, size_t n)
{
    char typed[400];
    for (size_t i = 0; i < n; i++)
        for (size_t k = 1; k <= questions[i].n && k < sizeof typed; k++) {
            memcpy(typed, questions[i].p, k);
            if (i % 3 == 0 && k > 6)
                typed[5] = 'x';
            measure(index, (struct str){typed, k});
        }
}

static struct str made_up(struct arena *a, uint32_t *seed)
{
    struct buf out;
    buf_init(&out, 400);
    for (int w = 0; w < 8; w++) {
        *seed = *seed * UINT32_C(1664525) + UINT32_C(1013904223);
        buf_addf(&out, "%sw%x", w ? " " : "", (*seed >> 12) % 8000);
    }
    struct str question = arena_str(a, buf_str(&out));
    buf_release(&out);
    return question;
}

int main(int argc, char **argv)
{
    struct packs packs;
    struct err err = {0};
    struct opt_list folders = {0};
    struct topic topics[TOPICS_MAX];
    struct str questions[TOPICS_MAX];
    struct arena a = {0};
    unsigned char seed[crypto_sign_SEEDBYTES] = {7};
    uint32_t random = 1;
    if (argc != 2 || sodium_init() < 0 || !sign_start())
        return 64;
    crypto_sign_seed_keypair(public_key, secret_key, seed);
    sodium_bin2hex(key_hex, sizeof key_hex, public_key, sizeof public_key);
    folders.items[folders.n++] = argv[1];
    if (!packs_open(&packs, &folders, &err)) {
        fprintf(stderr, "bench_discord: %s\n", err.text);
        return 66;
    }
    size_t n = docent_topics(packs.docent, topics, TOPICS_MAX);
    n = n < TOPICS_MAX ? n : TOPICS_MAX;
    for (size_t i = 0; i < n; i++)
        questions[i] = topics[i].question;
    printf("completion on Discord, signature included\n");
    struct complete *index = complete_covered(packs.docent);
    type_all(index, questions, n);
    say("the pack's questions");
    complete_free(index);

    struct str *grown = mem_resize(NULL, GROWN, sizeof *grown);
    for (size_t i = 0; i < GROWN; i++)
        grown[i] = i < n ? questions[i] : made_up(&a, &random);
    index = complete_new(grown, GROWN);
    type_all(index, questions, n);
    say("2,000 questions, as many as are offered");
    complete_free(index);
    free(grown);
    arena_release(&a);
    packs_close(&packs);
    return 0;
}

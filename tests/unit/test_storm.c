/*
 * A storm of random and broken messages: whatever comes, the reply is one that docent.h promises.
 *
 *     STORM=100000 build/cc/test_storm      more of them than the 3000 of make check
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/utf8.h"
#include "packs.h"

#include <stdlib.h>
#include <time.h>

enum { MESSAGE_MAX = 9000 };

static const char *const questions[] = {
    "how much is it to rent a city bike for a day?",
    "and a road bike?",
    "repair price",
    "what does it cost to fix a chain",
    "when are you open? how much is the deposit?",
    "both",
    "2",
    "the other one",
    "why?",
    "tell me more",
    "hello",
    "when is the lesson",
    "do you deliver a racer to my house",
    "no, I meant racers",
    "back to the deposit",
    "which parts do you stock",
};
static const char *const odd[] = {
    "\xE2\x80\xAE",
    "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D",
    "\xD9\x85\xD8\xB1",
    "\xE2\x81\xA6", /* right to left, isolates */
    "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA9",
    "\xCC\x81\xCC\x82\xCC\x83",
    "\xEF\xB7\xBA",
    "\xE2\x80\x8B",
    "\xEF\xBB\xBF",
    "\xED\xA0\x80",
    "\xC0\xAF",
    "\xF4\x90\x80\x80",
    "\xFF",
    "\xE2\x80",
    "\x1B[2J",
    "\r\n",
    "\n\n",
    "\t",
    "{a.b}",
    "<bike>",
    "((((((((",
    "[[[[[[",
    "\\w+",
    "%s%n",
    "$$$$",
    "42k",
    "99999999999999999999",
    "'''''",
    "-----",
    "????",
    "....",
    "e\xCC\x81",
    "\xEF\xBC\xA1\xEF\xBC\xA2",
};

static void add_one(struct buf *b, const char *text)
{
    buf_add(b, *text ? str_of(text) : (struct str){"", 1});
}

/* One message; the number decides what kind it is. */
static void write_message(struct buf *b, uint32_t *seed)
{
    uint32_t kind = next_random(seed) % 9, n = next_random(seed) % 60;
    buf_clear(b);
    buf_adds(b, "");
    switch (kind) {
    case 0: /* bytes */
        for (uint32_t i = 0; i < n * 4; i++)
            buf_addc(b, (char)next_random(seed));
        break;
    case 1: /* questions with bytes changed, taken out and doubled */
        buf_adds(b, questions[next_random(seed) % COUNT(questions)]);
        for (uint32_t i = 0; i < n / 8; i++)
            if (b->n > 2) {
                uint32_t at = next_random(seed) % (uint32_t)b->n;
                if (i % 2)
                    b->p[at] = (char)next_random(seed);
                else
                    memmove(b->p + at, b->p + at + 1, b->n - at), b->n--;
            }
        break;
    case 2: /* one thing over and over */
        for (const char *what = odd[next_random(seed) % COUNT(odd)]; b->n + 40 < MESSAGE_MAX;)
            add_one(b, what);
        break;
    case 3: /* a question over and over */
        for (const char *what = questions[next_random(seed) % COUNT(questions)]; b->n + 60 < MESSAGE_MAX;)
            buf_adds(b, what), buf_addc(b, " .,?\n"[next_random(seed) % 5]);
        break;
    case 4: /* control characters between letters */
        for (uint32_t i = 0; i < n; i++)
            buf_addc(b, (char)(next_random(seed) % 32)), buf_adds(b, i % 3 ? "rent" : "e");
        break;
    case 5: /* nothing but oddities */
        for (uint32_t i = 0; i < n; i++)
            add_one(b, odd[next_random(seed) % COUNT(odd)]);
        break;
    case 6: /* deep nesting */
        for (uint32_t i = 0; i < n * 20; i++)
            buf_addc(b, "([{<\"'"[next_random(seed) % 6]);
        buf_adds(b, "rent a city bike");
        break;
    case 7: /* words of the shop and oddities mixed */
        for (uint32_t i = 0; i < n; i++)
            if (next_random(seed) % 3)
                buf_adds(b, questions[next_random(seed) % COUNT(questions)]), buf_addc(b, ' ');
            else
                add_one(b, odd[next_random(seed) % COUNT(odd)]);
        break;
    default: /* plain questions, so that there is a conversation to break */
        buf_adds(b, questions[next_random(seed) % COUNT(questions)]);
    }
}

static const char *fault_of(const struct reply *r)
{
    if (r->n_parts < 1 || r->n_parts > DOCENT_PARTS_MAX)
        return "parts";
    if (r->outcome > OUTCOME_CHAT || r->n_suggestions > DOCENT_SUGGEST_MAX)
        return "outcome or suggestions";
    for (size_t i = 0; i < r->n_parts; i++) {
        const struct part *p = &r->parts[i];
        if (!p->text.n || !utf8_valid(p->text))
            return "text";
        if (p->outcome > OUTCOME_CHAT || !(p->score >= 0 && p->score <= 1))
            return "outcome or score of a part";
        if (p->outcome == OUTCOME_ANSWER && (!p->intent.n || !p->n_sources))
            return "an answer without intent or source";
    }
    for (size_t i = 0; i < r->n_suggestions; i++)
        if (!r->suggestions[i].n || !utf8_valid(r->suggestions[i]))
            return "suggestion";
    for (size_t i = 0; i < r->why->n_corrections; i++)
        if (!utf8_valid(r->why->corrections[i].from) || !utf8_valid(r->why->corrections[i].to) ||
            !r->why->corrections[i].reason)
            return "correction";
    for (size_t i = 0; i < r->why->n_questions; i++)
        if (!utf8_valid(r->why->questions[i].normalised) || !r->why->questions[i].decision)
            return "trace";
    return NULL;
}

static void test_storm(void **state)
{
    (void)state;
    const char *wanted = getenv("STORM");
    unsigned long times = wanted ? strtoul(wanted, NULL, 10) : 3000, limited = 0, tried = 0, outcomes[4] = {0};
    struct timespec start, now;
    double worst = 0;
    struct shop shop;
    struct buf message;
    struct arena a = {0};
    struct dialog dialog = {0};
    uint32_t seed = 20260101;
    shop_open(&shop, 0);
    buf_init(&message, MESSAGE_MAX);
    for (unsigned long i = 0; i < times; i++) {
        if (next_random(&seed) % 8 == 0)
            dialog = (struct dialog){0};
        write_message(&message, &seed);
        clock_gettime(CLOCK_MONOTONIC, &start);
        struct reply *r = docent_ask_why(shop.docent, &dialog, buf_str(&message), &a);
        clock_gettime(CLOCK_MONOTONIC, &now);
        double took = (double)(now.tv_sec - start.tv_sec) * 1e3 + (double)(now.tv_nsec - start.tv_nsec) / 1e6;
        worst = took > worst ? took : worst;
        const char *fault = fault_of(r);
        if (fault)
            fail_msg("message %lu (%zu bytes): %s", i, message.n, fault);
        limited += r->why->patterns_limited;
        tried += r->why->patterns_tried;
        outcomes[r->outcome]++;
        arena_reset(&a);
    }
    print_message(
        "# %lu messages: %lu answer, %lu clarify, %lu decline, %lu chat; %.1f patterns tried each, %lu stopped by a limit; "
        "the slowest took %.1f ms\n",
        times, outcomes[0], outcomes[1], outcomes[2], outcomes[3], (double)tried / (double)times, limited, worst);
    assert_int_equal(limited, 0);
    buf_release(&message);
    arena_release(&a);
    shop_close(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_storm)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

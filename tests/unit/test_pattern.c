#define PCRE2_CODE_UNIT_WIDTH 8
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/regex.h"
#include "engine/normalise.h"
#include "engine/observe.h"
#include "engine/pattern.h"
#include "packs.h"

#include <pcre2.h>
#include <stdlib.h>

#define LINE __LINE__

static const char vocabulary[] =
    "'entities': {'bike': {'values': {"
    "  'city': {'label': 'c', 'phrases': ['city bike', 'commuter']}, 'road': {'label': 'r', 'phrases': ['road bike', 'racer', 'road racing bike']}}}},"
    "'words': {'cost': ['price', 'cost', 'how much', 'rates'], 'rent': ['rent', 'hire'], 'deal': ['<rent>', 'buy', '<bike>']},";

static const struct row {
    int line;
    const char *pattern, *question;
    bool matches;
    const char *pinned; /* the words that it accounts for */
} rows[] = {
    /* words in a row, anywhere, folded as questions are */
    {LINE, "how much do", "say how much do they pay", true, "how much do"},
    {LINE, "how much do", "how do much", false, ""},
    {LINE, "how much do", "how very much does it", true, "how much do"},
    {LINE, "what's the price", "what is price", true, "what is price"},
    {LINE, "prices", "price", true, "price"},
    {LINE, "the price please", "price", true, "price"},
    {LINE, "ice", "price", false, ""},
    {LINE, "price", "priceless", false, ""},
    {LINE, "entry-level", "entry level", true, "entry level"},
    {LINE, "42,000", "42k", true, "42000"},
    {LINE, "caf\xC3\xA9", "CAFE", true, "cafe"},
    {LINE, "price ... \xCE\xB1\xCE\xB2", "price \xCE\xB3 \xCE\xB1\xCE\xB2", true, "price \xCE\xB1\xCE\xB2"},
    {LINE, "\xCE\xB1\xCE\xB2", "\xCE\xB1\xCE\xB3", false, ""},
    /* one of several */
    {LINE, "(red|dark blue|green) bell", "a dark blue bell", true, "dark blue bell"},
    {LINE, "(red|dark blue|green) bell", "a blue bell", false, ""},
    {LINE, "(red | dark blue)bell", "red bell", true, "red bell"},
    {LINE, "red|blue", "so blue", true, "blue"},
    {LINE, "((a1|b1) (c1|d1)|e1) f1", "b1 d1 f1", true, "b1 d1 f1"},
    {LINE, "((a1|b1) (c1|d1)|e1) f1", "e1 f1", true, "e1 f1"},
    {LINE, "((a1|b1) (c1|d1)|e1) f1", "a1 f1", false, ""},
    {LINE, "(the|red) bell", "red bell", true, "red bell"},
    {LINE, "(the|red) bell", "blue bell", false, ""},
    {LINE, "(the|red)? bell", "blue bell", true, "bell"},
    {LINE, "(red|the) bell", "blue bell", false, ""},
    {LINE, "(certif(y|ied)|licensed) rider", "certified rider", true, "certified rider"},
    /* may be missing */
    {LINE, "do (you|we)? open", "do you open", true, "do you open"},
    {LINE, "do (you|we)? open", "do open", true, "do open"},
    {LINE, "do (you|we)? open", "do they open", false, ""},
    {LINE, "why( is that)?", "why is that", true, "why is that"},
    {LINE, "why( is that)?", "why", true, "why"},
    {LINE, "open( on (mon|tues)day)? now", "open on tuesday now", true, "open on tuesday now"},
    /* groups and entities */
    {LINE, "<cost> of it", "the prices of it", true, "price of it"},
    {LINE, "<cost> of it", "how much of it", true, "how much of it"},
    {LINE, "<cost> of it", "much of it", false, ""},
    {LINE, "<deal> it", "hire it", true, "hire it"},
    {LINE, "<deal> it", "road bike it", true, "road bike it"},
    {LINE, "<bike> lock", "a city bike lock", true, "city bike lock"},
    {LINE, "<bike> lock", "bike lock", false, ""},
    {LINE, "<bike:city> lock", "commuter lock", true, "commuter lock"},
    {LINE, "<bike:city> lock", "racer lock", false, ""},
    {LINE, "(<rent>|<cost>) <bike>", "hire road racing bike", true, "hire road racing bike"},
    /* gaps */
    {LINE, "lock ... key", "lock key", true, "lock key"},
    {LINE, "lock ... key", "lock 1 2 3 4 5 6 7 8 key", true, "lock key"},
    {LINE, "lock ... key", "lock 1 2 3 4 5 6 7 8 9 key", false, ""},
    {LINE, "lock ... key", "key lock", false, ""},
    {LINE, "lock .* key", "lock 1 2 3 4 5 6 7 8 9 key", true, "lock key"},
    {LINE, "(lock ... key|bolt)", "lock and key", true, "lock and key"},
    /* parts in any order, and what must not occur */
    {LINE, "<rent> & <bike> & <cost>", "price to hire a racer", true, "price hire racer"},
    {LINE, "<rent> & <bike> & <cost>", "how much is a racer to rent", true, "how much racer rent"},
    {LINE, "<rent> & <bike> & <cost>", "how much is a racer", false, ""},
    {LINE, "buy|new deal & <bike>", "racer in a new deal", true, "racer new deal"},
    {LINE, "<rent> & !<bike>", "rent it", true, "rent"},
    {LINE, "<rent> & !<bike>", "rent a racer", false, ""},
    {LINE, "<rent> & !(<bike>|car|big van)", "rent a big van", false, ""},
    {LINE, "<rent> & !(<bike>|car|big van)", "rent a van", true, "rent"},
    {LINE, "!^why & <rent>", "why rent", false, ""},
    {LINE, "!^why & <rent>", "rent why", true, "rent"},
    {LINE, "a1 b1 & c1 d1", "c1 d1 and a1 b1", true, "c1 d1 a1 b1"},
    {LINE, "a1 b1 & c1 d1", "a1 c1 b1 d1", false, ""},
    {LINE, "a1 b1 & b1 c1", "a1 b1 c1", true, "a1 b1 c1"},
    {LINE, "pump & pump", "pump", true, "pump"},
    /* beginning and end */
    {LINE, "^why", "why so", true, "why"},
    {LINE, "^why", "but why", false, ""},
    {LINE, "open$", "you open", true, "open"},
    {LINE, "open$", "open up", false, ""},
    {LINE, "^only$", "only", true, "only"},
    {LINE, "^only$", "only this", false, ""},
    {LINE, "^(red|blue) bell$", "blue bell", true, "blue bell"},
    {LINE, "^why & bell$", "why ring that bell", true, "why bell"},
    {LINE, "^why & bell$", "bell why", false, ""},
    {LINE, "^ why", "but why", false, ""},
    /* PCRE2 inside a word */
    {LINE, "certif\\\\w*", "certification", true, "certification"},
    {LINE, "certif\\\\w*", "uncertified", false, ""},
    {LINE, "gr[ae]y tyre", "grey tyre", true, "grey tyre"},
    {LINE, "wheel(er)?", "wheeler", true, "wheeler"},
    {LINE, "bike.* & pump", "bikers pump", true, "biker pump"},
    {LINE, "\\\\w*smith", "wordsmith open", true, "wordsmith"},
    {LINE, "\\\\d{4}", "in 2024", true, "2024"},
    {LINE, "\\\\d{4}", "in 20245", false, ""},
    {LINE, "(?:x|y)z+9", "yzzz9", true, "yzzz9"},
};

static void open_rows(struct one *pack)
{
    struct buf text;
    buf_init(&text, 1 << 20);
    buf_addf(&text, "%s'intents': [{'id': 'i', 'kind': 'chat', 'answers': [{'text': 'x'}], 'patterns': [", vocabulary);
    for (size_t i = 0; i < COUNT(rows); i++) {
        buf_adds(&text, i ? ", '" : "'");
        for (const char *p = rows[i].pattern; *p; p++)
            if (*p == '\'')
                buf_adds(&text, "\\u0027");
            else
                buf_addc(&text, *p);
        buf_addc(&text, '\'');
    }
    buf_adds(&text, "]}]");
    one_open(pack, text.p);
    buf_release(&text);
    print_diags(&pack->diags);
}

/* Puts the words of a question as typed into *seen, without corrections: they are split at spaces and folded. */
static void look(const struct docent *d, const char *question, struct arena *a, struct observed *seen)
{
    struct words w = normalise(d, str_of(question), false, a);
    observe(d, w.items, w.n, a, seen);
}

static const struct hit *hit_of(const struct hit *hits, size_t n, size_t pattern)
{
    for (size_t i = 0; i < n; i++)
        if (hits[i].pattern == pattern)
            return &hits[i];
    return NULL;
}

static void pinned_words(const struct observed *seen, const struct hit *hit, char *out, size_t size)
{
    *out = '\0';
    for (size_t i = 0; hit && i < seen->n; i++)
        if (hit->pinned[i / 64] >> i % 64 & 1)
            snprintf(out + strlen(out), size - strlen(out), "%s%.*s", *out ? " " : "", STR_FMT(seen->words[i].text));
}

static void test_language(void **state)
{
    (void)state;
    struct one pack;
    open_rows(&pack);
    assert_non_null(pack.docent);
    assert_int_equal(patterns_count(pack.docent), COUNT(rows));
    for (int round = 0; round < 4; round++) /* interpreted at first, then compiled to machine code */
        for (size_t i = 0; i < COUNT(rows); i++) {
            struct arena a = {0};
            struct observed seen;
            struct hit *hits;
            struct match_stats stats = {0};
            char pinned[200];
            look(pack.docent, rows[i].question, &a, &seen);
            size_t n = patterns_match(pack.docent, &seen, NONE, &a, &hits, &stats);
            const struct hit *hit = hit_of(hits, n, i);
            if ((hit != NULL) != rows[i].matches)
                fail_msg("line %d: '%s' %s '%.*s', by %.*s", rows[i].line, rows[i].pattern,
                         hit ? "matches" : "does not match", STR_FMT(seen.text),
                         STR_FMT(pattern_expression(pack.docent, (uint16_t)i, &a)));
            pinned_words(&seen, hit, pinned, sizeof pinned);
            if (strcmp(pinned, rows[i].pinned) != 0)
                fail_msg("line %d: pins '%s', expected '%s'", rows[i].line, pinned, rows[i].pinned);
            for (size_t k = 1; k < n; k++)
                assert_true(hits[k - 1].pattern < hits[k].pattern);
            arena_release(&a);
        }
    one_close(&pack);
}

/* --- mistakes ----------------------------------------------------------------------------------------------- */

static const struct fault_row {
    int line;
    const char *pattern;
    size_t offset; /* bytes into the pattern as it stands in the file */
    const char *message;
} fault_rows[] = {
    {LINE, "how much (do|does", 9, "missing closing parenthesis"},
    {LINE, "a (b (c d) e", 2, "missing closing parenthesis"},
    {LINE, "a) b", 1, "closes nothing"},
    {LINE, "pay <cost", 4, "never ends"},
    {LINE, "pay <nothing> now", 4, "no word group"},
    {LINE, "<bike:tandem> it", 0, "no such value"},
    {LINE, "<cost:x> it", 0, "no word group"},
    {LINE, "buy a Bike", 6, "capital letter"},
    {LINE, "", 0, "nothing here to match"},
    {LINE, "   ", 3, "nothing here to match"},
    {LINE, "a & ", 4, "nothing here to match"},
    {LINE, "!a", 0, "only say what must not"},
    {LINE, "pay [a", 4, "does not compile"},
    {LINE, "x(?<n y", 3, "does not compile"},
    {LINE, "((((((((((((((((((((((((a b))))))))))))))))))))))))", 21, "too deeply"},
    {LINE, "caf\xC3\xA9 (b c", 6, "missing closing parenthesis"},
    {LINE, "\\u00e9 (b c", 7, "missing closing parenthesis"},
    {LINE, "\\\\w+ \\\"(b c", 7, "missing closing parenthesis"},
};

static void test_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(fault_rows); i++) {
        const struct fault_row *row = &fault_rows[i];
        char text[2000];
        struct one pack;
        snprintf(text, sizeof text,
                 "%s'intents': [{'id': 'i', 'kind': 'chat', 'answers': [{'text': 'x'}], 'patterns': ['%s']}]",
                 vocabulary, row->pattern);
        one_open(&pack, text);
        if (pack.docent || pack.diags.n != 1)
            fail_msg("line %d: %zu problems with '%s'", row->line, pack.diags.n, row->pattern);
        const struct diag *d = &pack.diags.items[0];
        size_t at = (size_t)(strstr(pack.text.p, "\"patterns\": [\"") - pack.text.p) + 14;
        if (!strstr(d->message.p, row->message) || strcmp(d->rule, "pattern-syntax") != 0)
            fail_msg("line %d: %s: %s", row->line, d->rule, d->message.p);
        if (d->offset != at + row->offset)
            fail_msg("line %d: at %zd, expected %zu", row->line, (ssize_t)(d->offset - at), row->offset);
        one_close(&pack);
    }
}

static void test_too_long(void **state)
{
    (void)state;
    for (size_t n = PATTERN_MAX - 1; n <= PATTERN_MAX + 1; n++) {
        struct one pack;
        struct buf text;
        buf_init(&text, 10000);
        buf_adds(&text, "'intents': [{'id': 'i', 'kind': 'chat', 'answers': [{'text': 'x'}], 'patterns': ['");
        for (size_t i = 0; i < n; i++)
            buf_addc(&text, i % 8 ? 'x' : ' ');
        buf_adds(&text, "']}]");
        one_open(&pack, text.p);
        assert_int_equal(pack.docent != NULL, n <= PATTERN_MAX);
        buf_release(&text);
        one_close(&pack);
    }
}

/* --- each pattern in a pack of its own, with the index and without ------------------------------------------ */

/* A pack with one intent and one pattern, asked with the index; `faults` gets the first error's column. */
static struct docent *open_pattern(const char *pattern, struct diags *diags, char *text, size_t size)
{
    static struct source file;
    static struct pack_files pack;
    snprintf(
        text, size,
        "{\"pack\": {\"name\": \"p\", \"title\": \"P\"}, \"sections\": [{\"id\": \"s\", \"heading\": \"S\"}],\n"
        "\"words\": {\"pay\": [\"pay\", \"make money\", \"earn\"]},\n"
        "\"entities\": {\"role\": {\"values\": {\"coder\": {\"label\": \"c\", \"phrases\": [\"coder\", \"medical coder\"]},"
        " \"biller\": {\"label\": \"b\", \"phrases\": [\"biller\"]}}}},\n"
        "\"intents\": [{\"id\": \"i\", \"answers\": [{\"text\": \"t\", \"sources\": [\"s\"]}], \"patterns\": [\n\"%s\"]}]}",
        pattern);
    file = (struct source){STR("p.json"), str_of(text)};
    pack = (struct pack_files){STR("p"), &file, 1};
    return docent_open(&pack, 1, (struct str){"", 0}, diags);
}

static const struct {
    const char *pattern, *text;
    bool matches;
} plain_rows[] = {
    {"how much do coders earn", "so how much do coders really earn", true},
    {"how much do coders earn", "how much do billers earn", false},
    {"how (much|many)", "how many", true},
    {"how (much|many)", "how", false},
    {"why (is that)? so", "why so", true},
    {"why (is that )?so", "why is that so", true},
    {"why( is that)?$", "why is that", true},
    {"why( is that)?$", "why is that bad", false},
    {"^why", "but why", false},
    {"<pay> & <role>", "what can a biller earn", true},
    {"<pay> & <role>", "make money as a medical coder", true},
    {"<pay> & <role:coder>", "what can a biller earn", false},
    {"<pay> & !<role>", "what can i earn", true},
    {"<pay> & !<role>", "what can a coder earn", false},
    {"<pay> & !(<role>|many|per day)", "what can i earn", true},
    {"<pay> & !(<role>|many|per day)", "what can a coder earn", false},
    {"<pay> & !(<role>|many|per day)", "how many earn", false},
    {"<pay> & !(<role>|many|per day)", "what can i earn per day", false},
    {"<pay> & !(<role>|many|per day)", "what can i earn a day", true},
    {"<pay> & !(<role:coder>| many )", "what can a biller earn", true},
    {"<pay> & !( many|<role:coder>)", "what can a coder earn", false},
    {"<pay> & !many & how", "how do many earn", false},
    {"<pay> & !many & how", "how do people earn", true},
    {"<pay> & !man(y|ner)", "how many earn", false},
    {"<pay> & !(man(y|ner)|how)", "what manner earn", false},
    {"<pay> & !(man(y|ner)|how)", "what do i earn", true},
    {"<pay> & !(how|what) many", "how do i earn", true},
    {"<pay> & !(how|what) many", "what many earn", false},
    {"<pay> & !(please)", "what do i earn", false},
    {"<pay> & !(please|many)", "what do i earn", true},
    {"\\\\d{2} earn", "42 earn", true},
    {"\\\\d{2} earn", "xx earn", false},
    {"\\\\d{0,2}x earn", "x earn", true},
    {"\\\\d?x earn", "x earn", true},
    {"\\\\d*x earn", "x earn", true},
    {"\\\\d+x earn", "x earn", false},
    {"x4? earn", "x earn", true},
    {"x[4-6] earn", "x5 earn", true},
    {"x(4|y) earn", "xy earn", true},
    {"x\\\\w{1,3} earn", "xyz earn", true},
    {"(<pay>|20[12]\\\\d) & much", "how much earn", true},
    {"(<role>|20[12]\\\\d) & much", "how much earn", false},
    {"(<role>|20[12]\\\\d) & much", "how much 2024", true},
    {"much & !\\\\d+", "how much", true},
    {"much & !\\\\d+", "how much 2024", false},
    {"how ... earn", "how much do people in that place earn", true},
    {"how ... earn", "how a b c d e f g h i j earn", false},
    {"certif\\\\w*", "certification", true},
    {"certif(y|ied)", "certified", true},
    {"coders", "one coder", true},
    {"coder", "coders", true},
    {"code", "coder", false},
    {"entry-level", "entry level", true},
    {"(the|just) job", "job", true},
};

static void test_each_alone(void **state)
{
    (void)state;
    char text[2000];
    for (size_t i = 0; i < COUNT(plain_rows); i++) {
        struct diags diags = {0};
        struct arena a = {0};
        struct docent *d = open_pattern(plain_rows[i].pattern, &diags, text, sizeof text);
        if (!d)
            fail_msg("'%s' does not load: %.*s", plain_rows[i].pattern, STR_FMT(diags.items[0].message));
        struct words w = normalise(d, str_of(plain_rows[i].text), false, &a);
        struct observed seen;
        struct hit *hits;
        struct match_stats stats = {0};
        observe(d, w.items, w.n, &a, &seen);
        bool matched = patterns_match(d, &seen, NONE, &a, &hits, &stats) > 0;

        /* without the index: the expression itself, on the same words */
        struct regex_fault fault;
        struct regex *regex = regex_new(pattern_expression(d, 0, &a), &fault);
        bool direct = regex && regex_find(regex, seen.text);
        regex_free(regex);
        if (matched != plain_rows[i].matches || direct != matched)
            fail_msg("'%s' on '%s': %d with the index, %d without", plain_rows[i].pattern, plain_rows[i].text, matched,
                     direct);
        docent_free(d);
        diags_release(&diags);
        arena_release(&a);
    }
}

/* A pattern is tried only where all words of one of its alternatives are there. */
static void test_alternatives_of_several_words_are_not_tried_for_one(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t tried;
    } asked[] = {{"a bell to flip", 0},
                 {"the way of the bell and back", 0},
                 {"flip a coin bell", 1},
                 {"back, forth and a bell", 1}};
    char text[2000];
    struct diags diags = {0};
    struct docent *d = open_pattern("(flip a coin|back and (forth|fro)) bell", &diags, text, sizeof text);
    assert_non_null(d);
    for (size_t i = 0; i < COUNT(asked); i++) {
        struct arena a = {0};
        struct words w = normalise(d, str_of(asked[i].text), false, &a);
        struct observed seen;
        struct hit *hits;
        struct match_stats stats = {0};
        observe(d, w.items, w.n, &a, &seen);
        patterns_match(d, &seen, NONE, &a, &hits, &stats);
        if (stats.tried != asked[i].tried)
            fail_msg("'%s': tried %zu times", asked[i].text, stats.tried);
        arena_release(&a);
    }
    docent_free(d);
    diags_release(&diags);
}

static const struct {
    const char *pattern;
    size_t column; /* of the message, the opening quote being 1 */
} faults[] = {
    {"how much (do|does", 11},
    {"how Much", 6},
    {"<nothing> here", 2},
    {"<role:plumber>", 2},
    {"!<pay>", 2},
    {"a )b", 4},
    {"cert[", 2},
    {"x[z-a] lock", 2}, /* what PCRE2 complains of, on any side */
    {"good & big x[z-a] lock", 13},
    {"good & a\\\\w+ & !(big lock|x[z-a])", 28},
};

static void test_faults_have_places(void **state)
{
    (void)state;
    char text[2000];
    for (size_t i = 0; i < COUNT(faults); i++) {
        struct diags diags = {0};
        struct docent *d = open_pattern(faults[i].pattern, &diags, text, sizeof text);
        if (d || !diags.n || diags.items[0].line != 5 || diags.items[0].column != faults[i].column)
            fail_msg("'%s': %s, %zu:%zu", faults[i].pattern, d ? "loads" : "fails", diags.n ? diags.items[0].line : 0,
                     diags.n ? diags.items[0].column : 0);
        diags_release(&diags);
    }
}

/* --- the index never changes a result ----------------------------------------------------------------------- */

static uint32_t word_of_group(const struct docent *d, const struct group *g, uint32_t *seed)
{
    const struct phrase *p = &d->lexicon.phrases[g->range.first + next_random(seed) % g->range.n];
    return p->words[next_random(seed) % p->n];
}

/* The whole expression of a pattern, asked without an index and without knowing where a match may begin. */
static pcre2_code *compile_directly(const struct docent *d, uint16_t pattern, struct arena *a)
{
    struct str expression = pattern_expression(d, pattern, a);
    int error;
    size_t at;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)expression.p, expression.n, PCRE2_UTF, &error, &at, NULL);
    assert_non_null(code);
    return code;
}

/* The words that it accounts for, of at most 64; false: it does not match. */
static bool match_directly(const pcre2_code *code, const struct observed *seen, uint64_t *pinned)
{
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(code, NULL);
    int pairs = pcre2_match(code, (PCRE2_SPTR)seen->text.p, seen->text.n, 0, 0, data, NULL);
    const PCRE2_SIZE *spans = pcre2_get_ovector_pointer(data);
    *pinned = 0;
    for (int i = 1; i < pairs; i++)
        for (size_t w = 0; w < seen->n; w++)
            if (spans[2 * i] != PCRE2_UNSET && seen->offsets[w] >= spans[2 * i] && seen->offsets[w] < spans[2 * i + 1])
                *pinned |= UINT64_C(1) << w;
    pcre2_match_data_free(data);
    return pairs > 0;
}

static void compare_with_all(const struct docent *d, uint32_t seed, int rounds)
{
    uint16_t n_patterns = patterns_count(d);
    struct arena a = {0}, kept = {0};
    pcre2_code **direct = arena_array(&kept, n_patterns, sizeof *direct);
    size_t hits_in_all = 0, tried = 0;
    for (uint16_t i = 0; i < n_patterns; i++)
        direct[i] = compile_directly(d, i, &kept);
    for (int round = 0; round < rounds; round++) {
        struct word words[20];
        size_t n = 1 + next_random(&seed) % COUNT(words);
        const struct group *g = d->n_groups ? &d->groups[next_random(&seed) % d->n_groups] : NULL;
        for (size_t i = 0; i < n; i++) {
            uint32_t roll = next_random(&seed) % 10, id = 0;
            if (roll == 0)
                words[i] = (struct word){.text = STR("unheard")};
            else if (roll < 3 && g && g->range.n)
                id = word_of_group(d, g, &seed);
            else
                do
                    id = 1 + next_random(&seed) % (uint32_t)(d->lexicon.n_words - 1);
                while (!(d->lexicon.words[id].flags & WORD_SUBJECT) || d->lexicon.words[id].flags & WORD_FILLER);
            if (id)
                words[i] = (struct word){.id = id, .text = d->lexicon.words[id].text};
        }
        struct observed seen;
        struct hit *hits;
        struct match_stats stats = {0};
        observe(d, words, n, &a, &seen);
        size_t n_hits = patterns_match(d, &seen, NONE, &a, &hits, &stats);
        hits_in_all += n_hits;
        tried += stats.tried;
        assert_int_equal(stats.limited, 0);
        for (uint16_t i = 0; i < n_patterns; i++) {
            uint64_t pinned;
            bool expected = match_directly(direct[i], &seen, &pinned) && pattern_get(d, i)->after == NONE;
            const struct hit *hit = hit_of(hits, n_hits, i);
            if (expected && hit && hit->pinned[0] != pinned)
                fail_msg("'%.*s' pins other words of '%s'", STR_FMT(pattern_get(d, i)->text), seen.text.p);
            if (expected != (hit != NULL))
                fail_msg("'%.*s' %s '%.*s', the index says otherwise", STR_FMT(pattern_get(d, i)->text),
                         expected ? "matches" : "does not match", STR_FMT(seen.text));
        }
        arena_reset(&a);
    }
    assert_true(hits_in_all > 20);
    assert_true(tried < (size_t)rounds * n_patterns); /* it spares some */
    for (uint16_t i = 0; i < n_patterns; i++)
        pcre2_code_free(direct[i]);
    arena_release(&a);
    arena_release(&kept);
}

static void test_index(void **state)
{
    (void)state;
    struct one pack;
    struct shop shop;
    open_rows(&pack);
    compare_with_all(pack.docent, 1, 4000);
    one_close(&pack);
    shop_open(&shop, 0);
    compare_with_all(shop.docent, 2, 4000);
    shop_close(&shop);
}

/* Patterns made of pieces at random: what is accepted compiles, and the index agrees with it. */
static void test_random_patterns(void **state)
{
    (void)state;
    static const char *const pieces[] = {"a1",          "b1",     "c1 d1", "the", "<cost>",   "<rent>", "<bike>",
                                         "<bike:city>", "<deal>", " ",     " ",   " ",        "(",      ")",
                                         "(a1|",        "|b1)",   ")?",    "...", " & ",      " & !",   " & !(",
                                         "^",           "$",      "|",     "?",   "how much", ".*"};
    uint32_t seed = 17;
    size_t accepted = 0;
    for (int pack_no = 0; pack_no < 60; pack_no++) {
        struct buf text;
        struct one pack;
        buf_init(&text, 1 << 20);
        buf_addf(&text, "%s'intents': [", vocabulary);
        for (int i = 0; i < 40; i++) { /* first each alone, to see which are good */
            char pattern[300] = "", alone[2000];
            for (uint32_t k = 2 + next_random(&seed) % 8; k > 0; k--)
                strcat(pattern, pieces[next_random(&seed) % COUNT(pieces)]);
            snprintf(alone, sizeof alone,
                     "%s'intents': [{'id': 'i', 'kind': 'chat', 'answers': [{'text': 'x'}], 'patterns': ['%s']}]",
                     vocabulary, pattern);
            struct one trial;
            one_open(&trial, alone);
            if (trial.docent) {
                struct diags diags = {0};
                patterns_compile(trial.docent, &diags, true);
                if (diags.errors)
                    fail_msg("'%s' is accepted, but: %s", pattern, diags.items[0].message.p);
                diags_release(&diags);
                buf_addf(&text, "%s{'id': 'i%d', 'kind': 'chat', 'answers': [{'text': 'x'}], 'patterns': ['%s']}",
                         text.p[text.n - 1] == '[' ? "" : ", ", i, pattern);
                accepted++;
            }
            one_close(&trial);
        }
        buf_adds(&text, "]");
        one_open(&pack, text.p);
        assert_non_null(pack.docent);
        if (patterns_count(pack.docent) > 10)
            compare_with_all(pack.docent, seed, 60);
        buf_release(&text);
        one_close(&pack);
    }
    assert_true(accepted > 500);
}

/* --- limits, and patterns that count only after an intent --------------------------------------------------- */

static void test_match_limit(void **state)
{
    (void)state;
    struct one pack;
    one_open(
        &pack,
        "'intents': [{'id': 'i', 'kind': 'chat', 'answers': [{'text': 'x'}], 'patterns': ["
        "'(x+x+)+y', '(\\\\w*)*(\\\\w*)*z$', 'good one', '(.* .* .* .* .* .* .* .*)+ nix', 'good & !(x+x+)+y']}]"); /* nobody knows whether the last holds */
    assert_non_null(pack.docent);
    for (int round = 0; round < 6; round++) {
        struct arena a = {0};
        struct observed seen;
        struct hit *hits;
        struct match_stats stats = {0};
        look(pack.docent, "good one xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx q", &a, &seen);
        size_t n = patterns_match(pack.docent, &seen, NONE, &a, &hits, &stats);
        assert_int_equal(n, 1);
        assert_int_equal(hits[0].pattern, 2);
        assert_true(stats.limited >= 2 && stats.limited <= 4);
        arena_release(&a);
    }
    one_close(&pack);
}

static void test_after(void **state)
{
    (void)state;
    struct shop shop;
    shop_open(&shop, 0);
    uint16_t price = intent_named(shop.docent, 0, STR("rental-price")),
             why = intent_named(shop.docent, 0, STR("rental-why"));
    struct {
        uint16_t last;
        size_t hits;
    } cases[] = {{NONE, 0}, {why, 0}, {price, 1}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena a = {0};
        struct observed seen;
        struct hit *hits;
        struct match_stats stats = {0};
        look(shop.docent, "how come", &a, &seen);
        size_t n = patterns_match(shop.docent, &seen, cases[i].last, &a, &hits, &stats);
        if (n != cases[i].hits || (n && hits[0].intent != why))
            fail_msg("case %zu: %zu hits", i, n);
        arena_release(&a);
    }
    shop_close(&shop);
}

/* Patterns are compiled while questions are asked: what the speller goes by must not change with that. */
static void test_compiling_teaches_nothing(void **state)
{
    (void)state;
    struct shop shop;
    struct diags diags = {0};
    shop_open(&shop, 0);
    const struct lexicon *lex = &shop.docent->lexicon;
    size_t n_words = lex->n_words, said = 0, said_after = 0;
    for (size_t i = 0; i < n_words; i++)
        said += lex->words[i].count;
    patterns_compile(shop.docent, &diags, true);
    for (size_t i = 0; i < lex->n_words; i++)
        said_after += lex->words[i].count;
    assert_int_equal(lex->n_words, n_words);
    assert_int_equal(said_after, said);
    diags_release(&diags);
    shop_close(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_language),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_each_alone),
        cmocka_unit_test(test_alternatives_of_several_words_are_not_tried_for_one),
        cmocka_unit_test(test_faults_have_places),
        cmocka_unit_test(test_index),
        cmocka_unit_test(test_random_patterns),
        cmocka_unit_test(test_match_limit),
        cmocka_unit_test(test_after),
        cmocka_unit_test(test_compiling_teaches_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

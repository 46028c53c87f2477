#define PCRE2_CODE_UNIT_WIDTH 8
#include "engine/pattern.h"

#include "base/buf.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

enum { EXPRESSION_MAX = 256 * 1024, CLAUSES_MAX = 24, JIT_AFTER = 2 };

/* While packs are loaded the number of words grows, and signals with it: until then a signal is a kind and an index. */
enum { KIND_WORD, KIND_GROUP, KIND_ENTITY, KIND_VALUE, KIND_SHIFT = 28 };
#define EARLY_SIGNAL(kind, index) ((uint32_t)(kind) << KIND_SHIFT | (uint32_t)(index))

/* "At least one of these signals must be there." */
struct clause {
    uint32_t *signals;
    uint32_t n;
};

struct compiled {
    pcre2_code *code;
    uint32_t uses;
    bool broken;
};

struct patterns {
    struct arena *arena;
    struct pattern *items;
    size_t n, cap;
    struct compiled *compiled;
    struct clause **early;      /* clauses with early signals, ended by one with n == 0 */
    size_t n_early, cap_early;
    struct clause **clauses;    /* of each pattern, the one it is posted under left out; ends with n == 0 */
    uint32_t **posted;          /* patterns by signal, index + 1, 0 ends */
    uint32_t *always;           /* patterns without a clause */
    size_t n_always;
    pcre2_compile_context *compile_context;
    pcre2_match_context *match_context;
    pcre2_match_data *match_data;
    size_t code_bytes;
};

/* --- reading a pattern -------------------------------------------------------------------------------------- */

/* One pass over a pattern gives its expression and its clauses. */
struct reader {
    struct docent *d;
    struct arena *a;            /* for clauses */
    const struct pattern *pattern;
    struct str text;
    size_t at;
    struct buf *out;
    struct clause clauses[CLAUSES_MAX];
    size_t n_clauses;
    bool quiet;                 /* inside a negated part: nothing is required there */
    bool raw;                   /* holds PCRE2 of the author's own */
    size_t captures;
    const char *fault, *hint;   /* the first problem, and where */
    size_t fault_at;
    bool keep_bits;
    struct pattern_bit *bits;
    size_t n_bits, cap_bits;
};

static void fault(struct reader *r, size_t at, const char *message, const char *hint)
{
    if (!r->fault)
        r->fault = message, r->hint = hint, r->fault_at = at;
}

static char look(const struct reader *r, size_t ahead)
{
    return r->at + ahead < r->text.n ? r->text.p[r->at + ahead] : '\0';
}

/* Notes what stands at [from, r->at). The bit returned is to be filled in further. */
static struct pattern_bit *note(struct reader *r, enum pattern_bit_kind kind, size_t from, size_t expression_at)
{
    struct pattern_bit *bit = r->bits;
    if (r->keep_bits || !bit)
        bit = ARENA_PUSH(r->a, r->bits, r->n_bits, r->cap_bits);
    *bit = (struct pattern_bit){.kind = kind, .from = from, .to = r->at, .expression_at = expression_at,
                                .group = NONE, .entity = NONE, .value = NONE};
    return bit;
}

static size_t written(const struct reader *r)
{
    return r->out ? r->out->n : 0;
}

static void require(struct reader *r, const uint32_t *signals, size_t n)
{
    if (r->quiet || r->n_clauses == CLAUSES_MAX || !n)
        return;
    uint32_t *copy = arena_array(r->a, n, sizeof *copy);
    memcpy(copy, signals, n * sizeof *copy);
    r->clauses[r->n_clauses++] = (struct clause){copy, (uint32_t)n};
}

static int by_text(const void *left, const void *right)
{
    return str_cmp(*(const struct str *)left, *(const struct str *)right);
}

static void add_escaped(struct buf *out, char c)
{
    if (!ch_alnum(c) && c != ' ' && (unsigned char)c < 0x80)
        buf_addc(out, '\\');
    buf_addc(out, c);
}

/* Sorted texts as one expression that shares their beginnings; the longest text is preferred. */
static void add_trie(struct buf *out, const struct str *texts, size_t n, size_t depth)
{
    bool ends = texts[0].n == depth;
    if (ends)
        texts++, n--;
    if (!n)
        return;
    size_t first_end = 0;
    while (first_end < n && texts[first_end].p[depth] == texts[0].p[depth])
        first_end++;
    bool many = first_end < n || ends;
    if (many)
        buf_adds(out, "(?:");
    for (size_t i = 0; i < n;) {
        size_t end = i;
        while (end < n && texts[end].p[depth] == texts[i].p[depth])
            end++;
        if (i)
            buf_addc(out, '|');
        add_escaped(out, texts[i].p[depth]);
        add_trie(out, texts + i, end - i, depth + 1);
        i = end;
    }
    if (many)
        buf_adds(out, ends ? ")?" : ")");
}

/* Any of the phrases, each as folded words with a space behind. */
static void add_phrases(struct reader *r, struct str *folded, size_t n)
{
    qsort(folded, n, sizeof *folded, by_text);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!kept || !str_eq(folded[kept - 1], folded[i]))
            folded[kept++] = folded[i];
    if (kept)
        add_trie(r->out, folded, kept, 0);
}

static size_t fold_phrases(struct reader *r, const struct str *phrases, size_t n, struct str *out)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t words[32];
        size_t count = lexicon_read(&r->d->lexicon, phrases[i], 0, words, 32), length = 0;
        for (size_t k = 0; k < count; k++)
            length += r->d->lexicon.words[words[k]].text.n + 1;
        if (!count)
            continue;
        char *p = arena_alloc(r->a, length + 1);
        out[kept++] = (struct str){p, length};
        for (size_t k = 0; k < count; k++) {
            struct str w = r->d->lexicon.words[words[k]].text;
            memcpy(p, w.p, w.n);
            p[w.n] = ' ';
            p += w.n + 1;
        }
    }
    return kept;
}

static void add_entity(struct reader *r, uint16_t entity, struct str value_name, size_t at)
{
    const struct entity *e = &r->d->entities[entity];
    uint16_t value = value_name.n ? value_named(e, value_name) : NONE;
    if (value_name.n && value == NONE) {
        fault(r, at, "the entity has no such value", "");
        return;
    }
    uint32_t signal = value_name.n ? EARLY_SIGNAL(KIND_VALUE, e->first_value + value) : EARLY_SIGNAL(KIND_ENTITY, entity);
    require(r, &signal, 1);
    if (!r->out)
        return;
    size_t from = value_name.n ? value : 0, to = value_name.n ? value + 1u : e->n_values, count = 0, n = 0;
    for (size_t v = from; v < to; v++)
        count += e->values[v].n_phrases;
    struct str *folded = arena_array(r->a, count, sizeof *folded);
    for (size_t v = from; v < to; v++)
        n += fold_phrases(r, e->values[v].phrases, e->values[v].n_phrases, folded + n);
    add_phrases(r, folded, n);
}

static void add_group(struct reader *r, uint16_t group)
{
    const struct group *g = &r->d->groups[group];
    uint32_t signal = EARLY_SIGNAL(KIND_GROUP, group);
    require(r, &signal, 1);
    if (!r->out)
        return;
    struct str *folded = arena_array(r->a, g->n_phrases, sizeof *folded);
    add_phrases(r, folded, fold_phrases(r, g->phrases, g->n_phrases, folded));
}

/* <group>, <entity> or <entity:value> */
static void read_name(struct reader *r)
{
    size_t open = r->at, end = r->at + 1;
    while (end < r->text.n && r->text.p[end] != '>')
        end++;
    if (end == r->text.n) {
        fault(r, open, "a name never ends", "close it with >");
        r->at = end;
        return;
    }
    struct str name = str_sub(r->text, open + 1, end), value = {NULL, 0};
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] == ':') {
            value = str_sub(name, i + 1, name.n);
            name = str_sub(name, 0, i);
        }
    r->at = end + 1;
    uint16_t pack = r->d->intents[r->pattern->intent].pack;
    uint16_t entity = entity_named(r->d, pack, name), group = value.n ? NONE : group_named(r->d, pack, name);
    struct pattern_bit *bit = note(r, BIT_NAME, open, written(r));
    bit->entity = entity;
    bit->group = entity == NONE ? group : NONE;
    bit->value = entity != NONE && value.n ? value_named(&r->d->entities[entity], value) : NONE;
    if (entity != NONE)
        add_entity(r, entity, value, open);
    else if (group != NONE)
        add_group(r, group);
    else
        fault(r, open, "there is no word group and no entity of this name", "define it under \"words\" or \"entities\"");
}

static bool plain_char(char c)
{
    return ch_alnum(c) || c == '\'' || c == '-' || c == ',' || (unsigned char)c >= 0x80;
}

/* Letters that stand for themselves: folded the way questions are. A word of filler gives nothing. */
static void add_plain(struct reader *r, struct str token)
{
    uint32_t words[16];
    size_t n = lexicon_read(&r->d->lexicon, token, WORD_SUBJECT, words, 16);
    for (size_t i = 0; i < n; i++) {
        require(r, &words[i], 1);
        if (r->out) {
            for (size_t k = 0; k < r->d->lexicon.words[words[i]].text.n; k++)
                add_escaped(r->out, r->d->lexicon.words[words[i]].text.p[k]);
            buf_addc(r->out, ' ');
        }
    }
}

/* PCRE2 inside a word: groups do not capture, a dot is no space. */
static void add_raw(struct reader *r, struct str token)
{
    r->raw = true;
    if (!r->out)
        return;
    buf_adds(r->out, "(?:");
    for (size_t i = 0; i < token.n; i++) {
        char c = token.p[i];
        if (c == '\\' && i + 1 < token.n) {
            buf_addc(r->out, c);
            buf_addc(r->out, token.p[++i]);
        } else if (c == '(' && !(i + 1 < token.n && token.p[i + 1] == '?')) {
            buf_adds(r->out, "(?:");
        } else if (c == '.') {
            buf_adds(r->out, "[^ ]");
        } else {
            buf_addc(r->out, c);
        }
    }
    buf_adds(r->out, ") ");
}

static bool quantifier(char c)
{
    return c == '?' || c == '*' || c == '+';
}

/*
 * Does the parenthesis here open a group of words? It does where a space or an end stands on either side, "(a|b) c", and
 * where a space stands inside, "why( is that)?". Otherwise it belongs to a word: "certif(y|ied)".
 */
static bool opens_word_group(const struct reader *r, bool inside_word)
{
    size_t depth = 0, i = r->at;
    for (; i < r->text.n; i++) {
        char c = r->text.p[i];
        if (c == '\\')
            i++;
        if (c == ' ')
            return true;
        depth += c == '(';
        if (c == ')' && --depth == 0)
            break;
    }
    if (i >= r->text.n)
        return true; /* never ends: read_group says so */
    if (i + 1 < r->text.n && quantifier(r->text.p[i + 1]))
        i++;
    char behind = i + 1 < r->text.n ? r->text.p[i + 1] : ' ';
    return !inside_word && (behind == ' ' || behind == ')' || behind == '|' || behind == '$' || behind == '(');
}

/* A word: up to the next space or the end of the group around it; parentheses and brackets inside belong to it. */
static void read_word(struct reader *r)
{
    size_t from = r->at, depth = 0;
    bool plain = true, set = false;
    for (; r->at < r->text.n; r->at++) {
        char c = look(r, 0);
        if (c == '\\') {
            plain = false;
            r->at += r->at + 1 < r->text.n;
            continue;
        }
        if (set) {
            set = c != ']';
            continue;
        }
        if (depth == 0 && (c == ' ' || c == ')' || c == '|' || c == '<' || c == '$' || (c == '(' && opens_word_group(r, true))))
            break;
        set = c == '[';
        depth += c == '(';
        depth -= c == ')' && depth > 0;
        plain = plain && plain_char(c);
    }
    struct str token = str_sub(r->text, from, r->at);
    for (size_t i = 0; i < token.n; i++)
        if (token.p[i] >= 'A' && token.p[i] <= 'Z' && !(i && token.p[i - 1] == '\\'))
            fault(r, from + i, "a capital letter can never match: questions are folded to small letters", "write it small");
    if (depth)
        fault(r, from, "a group never ends", "close it with )");
    note(r, plain ? BIT_WORD : BIT_RAW, from, written(r));
    if (plain)
        add_plain(r, token);
    else
        add_raw(r, token);
}

static void read_alternatives(struct reader *r, size_t depth);

/* Of a row of clauses the one that says most: the one with the fewest signals. */
static const struct clause *sharpest(const struct clause *clauses, size_t n)
{
    const struct clause *best = NULL;
    for (size_t i = 0; i < n; i++)
        if (!best || clauses[i].n < best->n)
            best = &clauses[i];
    return best;
}

/* A group of words: "(…)", perhaps with ?, * or + behind. */
static void read_group(struct reader *r, size_t depth)
{
    size_t open = r->at++, before = r->n_clauses;
    if (depth > 20)
        fault(r, open, "groups nest too deeply", "");
    note(r, BIT_OPEN, open, written(r));
    if (r->out)
        buf_adds(r->out, "(?:");
    if (!r->fault)
        read_alternatives(r, depth + 1);
    if (look(r, 0) == ')')
        r->at++;
    else
        fault(r, open, "missing closing parenthesis", "close the group that opens here");
    if (r->out)
        buf_addc(r->out, ')');
    char q = look(r, 0);
    note(r, BIT_CLOSE, open, written(r))->quantifier = quantifier(q) ? q : '\0';
    if (quantifier(q)) {
        r->at++;
        if (r->out)
            buf_addc(r->out, q);
        if (q != '+')
            r->n_clauses = before;
        if (q != '?')
            r->raw = true;
    }
}

/* Rows of words between gaps are captured, so that a match tells which words it accounts for. */
static void open_row(struct reader *r, size_t depth, bool *open)
{
    if (depth == 0 && !*open && r->out && ++r->captures <= PATTERN_CAPTURES)
        buf_addc(r->out, '('), *open = true;
}

static void close_row(struct reader *r, bool *open)
{
    if (*open)
        buf_addc(r->out, ')');
    *open = false;
}

static void read_row(struct reader *r, size_t depth)
{
    bool open = false;
    while (r->at < r->text.n && !r->fault) {
        char c = look(r, 0);
        if (c == ' ' || c == '?') { /* "a ?b" says no more than "a b": spaces need no care */
            r->at++;
        } else if (c == ')' || c == '|' || (depth == 0 && c == '&')) {
            break;
        } else if (c == '.' && look(r, 1) == '.' && look(r, 2) == '.') {
            r->at += 3;
            note(r, BIT_GAP, r->at - 3, written(r));
            close_row(r, &open);
            if (r->out)
                buf_addf(r->out, "(?:[^ ]+ ){0,%d}?", PATTERN_GAP);
        } else if (c == '.' && look(r, 1) == '*') {
            r->at += 2;
            note(r, BIT_ANY, r->at - 2, written(r));
            close_row(r, &open);
            if (r->out)
                buf_adds(r->out, "(?:[^ ]+ )*?");
        } else if (c == '$') {
            r->at++;
            note(r, BIT_END, r->at - 1, written(r));
            close_row(r, &open);
            if (r->out)
                buf_addc(r->out, '$');
        } else {
            open_row(r, depth, &open);
            if (c == '(' && opens_word_group(r, false))
                read_group(r, depth);
            else if (c == '<')
                read_name(r);
            else
                read_word(r);
        }
    }
    close_row(r, &open);
}

/* What every alternative requires is put together: one signal of each alternative's sharpest clause. */
static void read_alternatives(struct reader *r, size_t depth)
{
    size_t before = r->n_clauses, n = 0, cap = 0;
    uint32_t *either = NULL;
    bool all = true;
    size_t alternatives = 0;
    for (;;) {
        size_t start = r->out ? r->out->n : 0;
        read_row(r, depth);
        bool empty = r->out && r->out->n == start; /* an alternative of filler only: it must not match everything */
        if (empty && start && r->out->p[start - 1] == '|')
            buf_cut(r->out, start - 1);
        alternatives++;
        const struct clause *c = sharpest(r->clauses + before, r->n_clauses - before);
        if (alternatives == 1 && look(r, 0) != '|')
            return; /* a single row keeps all of its clauses */
        all = all && c;
        for (size_t i = 0; c && i < c->n; i++)
            *ARENA_PUSH(r->a, either, n, cap) = c->signals[i];
        r->n_clauses = before;
        if (look(r, 0) != '|')
            break;
        r->at++;
        note(r, BIT_OR, r->at - 1, written(r));
        if (r->out && !(empty && alternatives == 1))
            buf_addc(r->out, '|');
        else if (r->out)
            alternatives = 0; /* the first one was empty: begin anew */
    }
    if (all)
        require(r, either, n);
}

/* One part of "a & b & !c". Parts of several stand in look-aheads, so that their order does not matter. */
static void read_part(struct reader *r, bool single)
{
    while (look(r, 0) == ' ')
        r->at++;
    bool negated = look(r, 0) == '!';
    r->at += negated;
    while (look(r, 0) == ' ')
        r->at++;
    bool anchored = look(r, 0) == '^';
    r->at += anchored;
    r->quiet = negated;
    size_t from = r->at;
    struct pattern_bit *bit = note(r, BIT_PART, from, written(r));
    bit->negated = negated;
    bit->anchored = anchored;
    if (r->out && single)
        buf_adds(r->out, anchored ? "^" : "(?<![^ ])");
    else if (r->out)
        buf_adds(r->out, negated ? anchored ? "(?!" : "(?!.*?(?<![^ ])" : anchored ? "(?=" : "(?=.*?(?<![^ ])");
    if (r->out && single)
        buf_adds(r->out, "(?:");
    read_alternatives(r, 0);
    if (r->out)
        buf_addc(r->out, ')');
    r->quiet = false;
    if (str_trim(str_sub(r->text, from, r->at)).n == 0)
        fault(r, from < r->text.n ? from : r->text.n, "there is nothing here to match", "");
    if (single && negated)
        fault(r, 0, "a pattern cannot only say what must not occur", "add a part that must, with &");
}

static bool has_parts(struct str text)
{
    for (size_t i = 1; i + 1 < text.n; i++)
        if (text.p[i] == '&' && text.p[i - 1] == ' ' && text.p[i + 1] == ' ')
            return true;
    return false;
}

static void read_pattern(struct reader *r)
{
    bool single = !has_parts(r->text);
    if (r->out && !single)
        buf_addc(r->out, '^');
    for (;;) {
        read_part(r, single);
        if (look(r, 0) != '&' || r->fault)
            break;
        r->at++;
    }
    if (look(r, 0) == ')')
        fault(r, r->at, "a ) that closes nothing", "");
}

static struct reader reader_of(struct docent *d, const struct pattern *p, struct arena *a, struct buf *out)
{
    return (struct reader){.d = d, .a = a, .pattern = p, .text = p->text, .out = out};
}

/* --- compiling ---------------------------------------------------------------------------------------------- */

struct patterns *patterns_new(struct arena *a)
{
    struct patterns *p = arena_alloc(a, sizeof *p);
    p->arena = a;
    p->compile_context = pcre2_compile_context_create(NULL);
    p->match_context = pcre2_match_context_create(NULL);
    p->match_data = pcre2_match_data_create(PATTERN_CAPTURES + 1, NULL);
    if (!p->compile_context || !p->match_context || !p->match_data)
        abort();
    pcre2_set_match_limit(p->match_context, PATTERN_MATCH_LIMIT);
    pcre2_set_depth_limit(p->match_context, PATTERN_DEPTH_LIMIT);
    pcre2_set_heap_limit(p->match_context, PATTERN_HEAP_LIMIT_KB);
    return p;
}

void patterns_free(struct patterns *p)
{
    if (!p)
        return;
    for (size_t i = 0; p->compiled && i < p->n; i++)
        pcre2_code_free(p->compiled[i].code);
    pcre2_match_data_free(p->match_data);
    pcre2_match_context_free(p->match_context);
    pcre2_compile_context_free(p->compile_context);
}

size_t patterns_memory(const struct patterns *p)
{
    return p->code_bytes;
}

uint16_t patterns_count(const struct docent *d)
{
    return (uint16_t)d->patterns->n;
}

const struct pattern *pattern_get(const struct docent *d, uint16_t pattern)
{
    return &d->patterns->items[pattern];
}

struct str pattern_expression(const struct docent *d, uint16_t pattern, struct arena *a)
{
    struct buf out;
    buf_init(&out, EXPRESSION_MAX);
    struct reader r = reader_of((struct docent *)d, &d->patterns->items[pattern], a, &out);
    read_pattern(&r);
    struct str expression = out.full ? (struct str){NULL, 0} : arena_str(a, buf_str(&out));
    buf_release(&out);
    return expression;
}

size_t pattern_bits(const struct docent *d, uint16_t pattern, struct arena *a, struct pattern_bit **bits)
{
    struct buf out;
    buf_init(&out, EXPRESSION_MAX);
    struct reader r = reader_of((struct docent *)d, &d->patterns->items[pattern], a, &out);
    r.keep_bits = true;
    read_pattern(&r);
    buf_release(&out);
    *bits = r.bits;
    return r.n_bits;
}

/* Where in the pattern as written stands what PCRE2 complains of: in the last raw word before that place. */
static size_t place_in_text(const struct docent *d, uint16_t pattern, size_t expression_at)
{
    struct arena scratch = {0};
    struct pattern_bit *bits;
    size_t n = pattern_bits(d, pattern, &scratch, &bits), inside = 0;
    for (size_t i = 0; i < n && bits[i].expression_at < expression_at; i++)
        if (bits[i].kind == BIT_RAW)
            inside = bits[i].from;
    arena_release(&scratch);
    return inside;
}

static void compile(const struct docent *d, uint16_t pattern, struct diags *diags)
{
    struct patterns *all = d->patterns;
    struct compiled *c = &all->compiled[pattern];
    struct arena scratch = {0};
    struct str expression = pattern_expression(d, pattern, &scratch);
    int error = 0;
    size_t offset = 0, size = 0;
    c->code = expression.p ? pcre2_compile((PCRE2_SPTR)expression.p, expression.n, PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C,
                                           &error, &offset, all->compile_context)
                           : NULL;
    c->broken = !c->code;
    if (c->code && pcre2_pattern_info(c->code, PCRE2_INFO_SIZE, &size) == 0)
        all->code_bytes += size;
    if (c->broken && diags) {
        char message[160] = "too long once its word groups are put in";
        if (expression.p)
            pcre2_get_error_message(error, (PCRE2_UCHAR *)message, sizeof message);
        place_diag(diags, DIAG_ERROR, "pattern-syntax", all->items[pattern].place, place_in_text(d, pattern, offset),
                   "within a word everything that PCRE2 knows may stand, but it must be right",
                   "pattern does not compile: %s", message);
    }
    arena_release(&scratch);
}

static struct clause *keep_clauses(struct arena *a, const struct clause *clauses, size_t n)
{
    struct clause *kept = arena_array(a, n + 1, sizeof *kept);
    for (size_t c = 0; c < n; c++) {
        kept[c] = (struct clause){arena_array(a, clauses[c].n, sizeof *kept[c].signals), clauses[c].n};
        memcpy(kept[c].signals, clauses[c].signals, clauses[c].n * sizeof *kept[c].signals);
    }
    return kept;
}

void patterns_add(struct docent *d, struct diags *diags, struct str text, struct place place, uint16_t intent, uint16_t after)
{
    struct patterns *all = d->patterns;
    if (text.n > PATTERN_MAX || all->n >= NONE - 1) {
        place_diag(diags, DIAG_ERROR, "limit", place, JSON_WHOLE, "", text.n > PATTERN_MAX ? "a pattern has at most %d bytes"
                                                                                              : "more than %d patterns",
                   text.n > PATTERN_MAX ? PATTERN_MAX : NONE - 1);
        return;
    }
    struct pattern item = {.text = arena_str(all->arena, text), .place = place, .intent = intent, .after = after};
    struct arena scratch = {0};
    struct reader r = reader_of(d, &item, &scratch, NULL);
    read_pattern(&r); /* for its faults, and so that its words are known */
    item.raw = r.raw;
    if (r.fault) {
        place_diag(diags, DIAG_ERROR, "pattern-syntax", place, r.fault_at, r.hint, "pattern does not compile: %s", r.fault);
    } else {
        *ARENA_PUSH(all->arena, all->items, all->n, all->cap) = item;
        *ARENA_PUSH(all->arena, all->early, all->n_early, all->cap_early) = keep_clauses(all->arena, r.clauses, r.n_clauses);
    }
    arena_release(&scratch);
}

void patterns_compile(const struct docent *d, struct diags *diags, bool all)
{
    for (uint16_t i = 0; i < d->patterns->n; i++)
        if (!d->patterns->compiled[i].code && (all || d->patterns->items[i].raw))
            compile(d, i, diags);
}

/* --- the index ---------------------------------------------------------------------------------------------- */

struct posting {
    uint32_t signal, pattern;
};

static int by_signal(const void *left, const void *right)
{
    const struct posting *a = left, *b = right;
    if (a->signal != b->signal)
        return a->signal < b->signal ? -1 : 1;
    return (a->pattern > b->pattern) - (a->pattern < b->pattern);
}

/* How often a signal is named by clauses: the clause whose signals are named least is the best to post under. */
static size_t commonness(const struct docent *d, const struct clause *c, const uint32_t *named)
{
    size_t sum = 0;
    for (uint32_t i = 0; i < c->n; i++) {
        bool grammar = c->signals[i] < d->lexicon.n_words && d->lexicon.words[c->signals[i]].flags & WORD_FUNCTION;
        sum += named[c->signals[i]] * (grammar ? 20 : 1);
    }
    return sum;
}

static void post(struct docent *d, struct posting *postings, size_t n)
{
    struct patterns *all = d->patterns;
    qsort(postings, n, sizeof *postings, by_signal);
    all->posted = arena_array(all->arena, signals_count(d), sizeof *all->posted);
    for (size_t i = 0; i < n;) {
        size_t end = i;
        while (end < n && postings[end].signal == postings[i].signal)
            end++;
        uint32_t *list = arena_array(all->arena, end - i + 1, sizeof *list);
        for (size_t k = i; k < end; k++)
            list[k - i] = postings[k].pattern + 1;
        all->posted[postings[i].signal] = list;
        i = end;
    }
}

/* The words that a clause names, those of groups among them, are words that the pattern's intent speaks of. */
static void adopt_signals(struct docent *d, struct intent *intent, const struct clause *c)
{
    for (uint32_t i = 0; i < c->n; i++) {
        uint32_t signal = c->signals[i];
        if (signal < d->lexicon.n_words)
            intent_adopt(d, intent, signal);
        else if (signal < signal_of_entity(d, 0))
            for (size_t k = 0; k < d->groups[signal - d->lexicon.n_words].n_words; k++)
                intent_adopt(d, intent, d->groups[signal - d->lexicon.n_words].words[k]);
    }
}

static uint32_t late_signal(const struct docent *d, uint32_t early)
{
    uint32_t index = early & (EARLY_SIGNAL(1, 0) - 1);
    switch (early >> KIND_SHIFT) {
    case KIND_GROUP:
        return signal_of_group(d, (uint16_t)index);
    case KIND_ENTITY:
        return signal_of_entity(d, (uint16_t)index);
    case KIND_VALUE:
        return signal_of_entity(d, (uint16_t)d->n_entities) + index;
    default:
        return index;
    }
}

void patterns_index(struct docent *d)
{
    struct patterns *all = d->patterns;
    struct arena scratch = {0};
    uint32_t *named = arena_array(&scratch, signals_count(d), sizeof *named);
    size_t n_postings = 0, cap = 0;
    struct posting *postings = NULL;
    all->compiled = arena_array(all->arena, all->n, sizeof *all->compiled);
    all->clauses = arena_array(all->arena, all->n, sizeof *all->clauses);
    all->always = arena_array(all->arena, all->n, sizeof *all->always);
    for (size_t i = 0; i < all->n; i++) {
        all->clauses[i] = all->early[i];
        for (struct clause *c = all->clauses[i]; c->n; c++) {
            for (uint32_t k = 0; k < c->n; k++)
                named[c->signals[k] = late_signal(d, c->signals[k])]++;
            adopt_signals(d, &d->intents[all->items[i].intent], c);
        }
    }
    for (size_t i = 0; i < all->n; i++) {
        struct clause *clauses = all->clauses[i];
        size_t n = 0, best = 0;
        while (clauses[n].n)
            n++;
        if (!n) {
            all->always[all->n_always++] = (uint32_t)i;
            continue;
        }
        for (size_t c = 1; c < n; c++)
            if (commonness(d, &clauses[c], named) < commonness(d, &clauses[best], named))
                best = c;
        for (uint32_t k = 0; k < clauses[best].n; k++)
            *ARENA_PUSH(&scratch, postings, n_postings, cap) = (struct posting){clauses[best].signals[k], (uint32_t)i};
        clauses[best] = clauses[n - 1];
        clauses[n - 1] = (struct clause){NULL, 0};
    }
    post(d, postings, n_postings);
    arena_release(&scratch);
}

/* --- matching ----------------------------------------------------------------------------------------------- */

static bool clauses_hold(const struct clause *c, const struct observed *seen)
{
    for (; c->n; c++) {
        bool found = false;
        for (uint32_t i = 0; i < c->n && !found; i++)
            found = signal_set(seen, c->signals[i]);
        if (!found)
            return false;
    }
    return true;
}

static bool counts_now(const struct docent *d, const struct pattern *p, uint16_t last_intent)
{
    if (p->after == NONE)
        return true;
    const struct after *after = &d->afters[p->after];
    for (size_t i = 0; i < after->n; i++)
        if (after->intents[i] == last_intent)
            return true;
    return false;
}

static void pin_words(const struct observed *seen, size_t from, size_t to, uint64_t *pinned)
{
    for (size_t i = 0; i < seen->n && seen->offsets[i] < to; i++)
        if (seen->offsets[i] >= from)
            pinned[i / 64] |= UINT64_C(1) << i % 64;
}

static bool confirm(const struct docent *d, uint16_t pattern, const struct observed *seen, struct hit *hit,
                    struct match_stats *stats)
{
    struct patterns *all = d->patterns;
    struct compiled *c = &all->compiled[pattern];
    if (!c->code && !c->broken)
        compile(d, pattern, NULL);
    if (c->broken)
        return false;
    if (c->uses <= JIT_AFTER && ++c->uses == JIT_AFTER)
        pcre2_jit_compile(c->code, PCRE2_JIT_COMPLETE);
    stats->tried++;
    int pairs = pcre2_match(c->code, (PCRE2_SPTR)seen->text.p, seen->text.n, 0, PCRE2_NO_UTF_CHECK, all->match_data,
                            all->match_context);
    if (pairs < 0) {
        stats->limited += pairs != PCRE2_ERROR_NOMATCH;
        return false;
    }
    *hit = (struct hit){.pattern = pattern, .intent = all->items[pattern].intent};
    const PCRE2_SIZE *spans = pcre2_get_ovector_pointer(all->match_data);
    for (int i = 1; i < pairs; i++)
        if (spans[2 * i] != PCRE2_UNSET)
            pin_words(seen, spans[2 * i], spans[2 * i + 1], hit->pinned);
    return true;
}

enum pattern_trial pattern_try(const struct docent *d, uint16_t pattern, struct str words)
{
    struct patterns *all = d->patterns;
    struct compiled *c = &all->compiled[pattern];
    if (!c->code && !c->broken)
        compile(d, pattern, NULL);
    if (c->broken)
        return TRIAL_MISS;
    int pairs = pcre2_match(c->code, (PCRE2_SPTR)words.p, words.n, 0, PCRE2_NO_JIT, all->match_data, all->match_context);
    return pairs >= 0 ? TRIAL_MATCH : pairs == PCRE2_ERROR_NOMATCH ? TRIAL_MISS : TRIAL_LIMIT;
}

static int by_pattern(const void *left, const void *right)
{
    const struct hit *a = left, *b = right;
    return (a->pattern > b->pattern) - (a->pattern < b->pattern);
}

size_t patterns_match(const struct docent *d, const struct observed *seen, uint16_t last_intent, struct arena *a,
                      struct hit **hits, struct match_stats *stats)
{
    const struct patterns *all = d->patterns;
    struct hit *found = NULL;
    size_t n = 0, cap = 0;
    uint64_t *tried = arena_array(a, all->n / 64 + 1, sizeof *tried);
    for (size_t s = 0; s <= seen->n_present; s++) {
        bool rest = s == seen->n_present;
        const uint32_t *list = rest ? NULL : all->posted[seen->present[s]];
        for (size_t i = 0; rest ? i < all->n_always : list && list[i]; i++) {
            uint16_t p = (uint16_t)(rest ? all->always[i] : list[i] - 1);
            uint64_t bit = UINT64_C(1) << p % 64;
            if (tried[p / 64] & bit)
                continue;
            tried[p / 64] |= bit;
            struct hit hit;
            if (counts_now(d, &all->items[p], last_intent) && clauses_hold(all->clauses[p], seen) &&
                confirm(d, p, seen, &hit, stats))
                *ARENA_PUSH(a, found, n, cap) = hit;
        }
    }
    if (n)
        qsort(found, n, sizeof *found, by_pattern);
    *hits = found;
    return n;
}

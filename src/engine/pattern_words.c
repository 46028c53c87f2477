/* The words and names of a pattern: see pattern_reader.h. */
#include "engine/pattern_reader.h"

#include "engine/pattern_names.h"

#include <string.h>

void reader_fault(struct reader *r, size_t at, const char *message, const char *hint)
{
    if (!r->got->fault)
        r->got->fault = message, r->got->hint = hint, r->got->fault_at = at;
}

void reader_count(struct reader *r, size_t n)
{
    r->words = n < WORDS_ANY - r->words ? r->words + n : WORDS_ANY;
}

char reader_look(const struct reader *r, size_t ahead)
{
    return r->at + ahead < r->text.n ? r->text.p[r->at + ahead] : '\0';
}

/* Notes what stands at [from, r->at). The bit returned is to be filled in further. */
struct pattern_bit *reader_note(struct reader *r, enum pattern_bit_kind kind, size_t from, size_t expression_at)
{
    struct pattern_bit *bit = r->got->bits;
    if (r->keep_bits || !bit)
        bit = ARENA_PUSH(r->a, r->got->bits, r->got->n_bits, r->got->cap_bits);
    *bit = (struct pattern_bit){.kind = kind,
                                .from = from,
                                .to = r->at,
                                .expression_at = expression_at,
                                .group = NONE,
                                .entity = NONE,
                                .value = NONE};
    return bit;
}

size_t reader_written(const struct reader *r)
{
    return r->out ? r->out->n : 0;
}

void reader_require(struct reader *r, const uint32_t *signals, size_t n)
{
    if (r->quiet || r->got->n_clauses == CLAUSES_MAX || !n)
        return;
    uint32_t *copy = arena_raw(r->a, n * sizeof *copy);
    memcpy(copy, signals, n * sizeof *copy);
    r->got->clauses[r->got->n_clauses++] = (struct clause){copy, (uint32_t)n};
}

void reader_start(struct reader *r, uint32_t signal)
{
    if (r->lean && r->starts.open)
        *ARENA_PUSH(r->a, r->starts.signals, r->starts.n, r->starts.cap) = signal;
    r->starts.open = false;
}

void reader_start_any(struct reader *r)
{
    r->starts.any |= r->starts.open;
    r->starts.open = false;
}

static void require_one(struct reader *r, uint32_t signal)
{
    reader_require(r, &signal, 1);
}

static size_t longest_of(const struct entity *e)
{
    size_t longest = 0;
    for (size_t v = 0; v < e->n_values; v++)
        longest = e->values[v].range.longest > longest ? e->values[v].range.longest : longest;
    return longest;
}

uint32_t reader_signal(const struct reader *r, uint16_t entity, uint16_t value)
{
    return value == NONE ? EARLY_SIGNAL(KIND_ENTITY, entity)
                         : EARLY_SIGNAL(KIND_VALUE, r->d->entities[entity].first_value + value);
}

static void add_entity(struct reader *r, uint16_t entity, uint16_t value, struct str value_name, size_t at)
{
    const struct entity *e = &r->d->entities[entity];
    if (value_name.n && value == NONE) {
        reader_fault(r, at, "the entity has no such value", value_hint(e, value_name, "", r->a));
        return;
    }
    reader_count(r, value_name.n ? e->values[value].range.longest : longest_of(e));
    require_one(r, reader_signal(r, entity, value));
    reader_start(r, reader_signal(r, entity, value));
    if (r->out)
        buf_add(r->out, value_name.n ? expression_of_value(r->d, entity, value) : expression_of_entity(r->d, entity));
}

static void add_group(struct reader *r, uint16_t group)
{
    reader_count(r, r->d->groups[group].range.longest);
    require_one(r, EARLY_SIGNAL(KIND_GROUP, group));
    reader_start(r, EARLY_SIGNAL(KIND_GROUP, group));
    if (r->out)
        buf_add(r->out, expression_of_group(r->d, group));
}

struct named reader_find_name(const struct reader *r, struct str name)
{
    struct named found = {NONE, NONE, NONE, {NULL, 0}};
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] == ':') {
            found.value_name = str_sub(name, i + 1, name.n);
            name = str_sub(name, 0, i);
        }
    uint16_t pack = r->d->intents[r->pattern->intent].pack;
    found.entity = entity_named(r->d, pack, name);
    if (found.entity != NONE && found.value_name.n)
        found.value = value_named(&r->d->entities[found.entity], found.value_name);
    else if (found.entity == NONE && !found.value_name.n)
        found.group = group_named(r->d, pack, name);
    return found;
}

/* What a name may have meant that is neither a group's nor an entity's. */
static const char *hint_for(const struct reader *r, struct str name)
{
    uint16_t pack = r->d->intents[r->pattern->intent].pack;
    const char *group = name_hint(r->d, NAME_GROUP, pack, name, NULL, r->a);
    return group ? group : name_hint(r->d, NAME_ENTITY, pack, name, "define it under \"words\" or \"entities\"", r->a);
}

/* <group>, <entity> or <entity:value> */
void reader_name(struct reader *r)
{
    size_t open = r->at, end = r->at + 1;
    while (end < r->text.n && r->text.p[end] != '>')
        end++;
    if (end == r->text.n) {
        reader_fault(r, open, "a name never ends", "close it with >");
        r->at = end;
        return;
    }
    struct named named = reader_find_name(r, str_sub(r->text, open + 1, end));
    r->at = end + 1;
    struct pattern_bit *bit = reader_note(r, BIT_NAME, open, reader_written(r));
    bit->entity = named.entity;
    bit->group = named.group;
    bit->value = named.value;
    if (named.entity != NONE)
        add_entity(r, named.entity, named.value, named.value_name, open);
    else if (named.group != NONE)
        add_group(r, named.group);
    else
        reader_fault(r, open, "there is no word group and no entity of this name",
                     hint_for(r, str_sub(r->text, open + 1, end)));
}

bool reader_plain_char(char c)
{
    return ch_alnum(c) || c == '\'' || c == '-' || c == ',' || (unsigned char)c >= 0x80;
}

/* Letters that stand for themselves: folded the way questions are. A word of filler gives nothing. */
static void add_plain(struct reader *r, struct str token)
{
    uint32_t words[16];
    size_t n = r->out ? lexicon_look(&r->d->lexicon, token, words, 16)
                      : lexicon_read(&r->d->lexicon, token, WORD_SUBJECT, words, 16);
    reader_count(r, n);
    for (size_t i = 0; i < n; i++) {
        reader_require(r, &words[i], 1);
        reader_start(r, words[i]);
        if (r->out) {
            for (size_t k = 0; k < r->d->lexicon.words[words[i]].text.n; k++)
                expression_char(r->out, r->d->lexicon.words[words[i]].text.p[k]);
            buf_addc(r->out, ' ');
        }
    }
}

/* May what stands in front of this be missing? */
static bool is_optional(struct str token, size_t at)
{
    return at < token.n && (token.p[at] == '?' || token.p[at] == '*' || token.p[at] == '{');
}

/* Does PCRE2 inside a word ask for a digit wherever it matches? "\d{5}", "20[12]\d". What stands in ( or [ is not looked at. */
static bool needs_digit(struct str token)
{
    size_t depth = 0;
    bool set = false;
    for (size_t i = 0; i < token.n; i++) {
        char c = token.p[i];
        bool escaped = c == '\\' && i + 1 < token.n;
        if (escaped)
            c = token.p[++i];
        if (set) {
            set = escaped || c != ']';
            continue;
        }
        set = !escaped && c == '[';
        depth += !escaped && c == '(';
        depth -= !escaped && c == ')' && depth > 0;
        bool digit = escaped ? c == 'd' : ch_digit(c);
        bool counted = i + 2 < token.n && token.p[i + 1] == '{' && token.p[i + 2] >= '1' && token.p[i + 2] <= '9';
        if (digit && !depth && (counted || !is_optional(token, i + 1)))
            return true;
        while (!escaped && c == '{' && i < token.n && token.p[i] != '}') /* its figures are no letters */
            i++;
    }
    return false;
}

/* PCRE2 inside a word: groups do not capture, a dot is no space. */
static void add_raw(struct reader *r, struct str token)
{
    r->got->raw = true;
    reader_count(r, WORDS_ANY);
    reader_start_any(r);
    if (needs_digit(token))
        require_one(r, EARLY_SIGNAL(KIND_DIGITS, 0));
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

bool reader_quantifier(char c)
{
    return c == '?' || c == '*' || c == '+';
}

/*
 * Does the parenthesis here open a group of words? It does where a space or an end stands on either side, "(a|b) c", and
 * where a space stands inside, "why( is that)?". Otherwise it belongs to a word: "certif(y|ied)".
 */
bool reader_opens_group(const struct reader *r, bool inside_word)
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
    if (i + 1 < r->text.n && reader_quantifier(r->text.p[i + 1]))
        i++;
    char behind = i + 1 < r->text.n ? r->text.p[i + 1] : ' ';
    return !inside_word && (behind == ' ' || behind == ')' || behind == '|' || behind == '$' || behind == '(');
}

/* A word: up to the next space or the end of the group around it; parentheses and brackets inside belong to it. */
void reader_word(struct reader *r)
{
    size_t from = r->at, depth = 0;
    bool plain = true, small = true, set = false;
    for (; r->at < r->text.n; r->at++) {
        char c = r->text.p[r->at];
        if (c >= 'a' && c <= 'z')
            continue; /* most are */
        small = false;
        if (c == '\\') {
            plain = false;
            r->at += r->at + 1 < r->text.n;
            continue;
        }
        if (set) {
            set = c != ']';
            continue;
        }
        if (depth == 0 &&
            (c == ' ' || c == ')' || c == '|' || c == '<' || c == '$' || (c == '(' && reader_opens_group(r, true))))
            break;
        set = c == '[';
        depth += c == '(';
        depth -= c == ')' && depth > 0;
        plain = plain && reader_plain_char(c);
    }
    struct str token = str_sub(r->text, from, r->at);
    for (size_t i = 0; !small && i < token.n; i++)
        if (token.p[i] >= 'A' && token.p[i] <= 'Z' && !(i && token.p[i - 1] == '\\'))
            reader_fault(r, from + i, "a capital letter can never match: questions are folded to small letters",
                         "write it small");
    if (depth)
        reader_fault(r, from, "a group never ends", "close it with )");
    reader_note(r, plain ? BIT_WORD : BIT_RAW, from, reader_written(r));
    if (plain)
        add_plain(r, token);
    else
        add_raw(r, token);
}

/*
 * JSON into an arena. cJSON asks for memory for every value, key and text, and gives all of it back one by one: for packs
 * that takes longer than anything else that is done with them. What is read here is JSON as it is mostly written, with
 * comments; where there is more to it (\u, fractions) or something is wrong, cJSON reads it and the tree is copied.
 */
#include "base/json.h"

#include <string.h>

enum { DEPTH_MAX = 64, DIGITS_MAX = 9 };

struct tree {
    struct arena *nodes, *texts;
    const char *p, *end;
    int next; /* number of the value that comes next, see json_number */
};

static cJSON *new_value(struct tree *t, int type)
{
    cJSON *value = arena_alloc(t->nodes, sizeof *value);
    value->type = type;
    value->valueint = t->next++;
    return value;
}

/* Behind the comment that begins here; where none does, or it never ends, here. */
static const char *behind_comment(const struct tree *t)
{
    size_t left = (size_t)(t->end - t->p);
    bool line = left > 1 && t->p[1] == '/', block = left > 1 && t->p[1] == '*';
    const char *end = line ? memchr(t->p, '\n', left) : block ? memmem(t->p + 2, left - 2, "*/", 2) : t->p;
    return !end ? (line ? t->end : t->p) : block ? end + 2 : end;
}

static void skip_blank(struct tree *t)
{
    for (const char *from = NULL; t->p < t->end && t->p != from;) {
        while (t->p < t->end && (unsigned char)*t->p <= ' ')
            t->p++;
        from = t->p;
        if (t->p < t->end && *t->p == '/')
            t->p = behind_comment(t);
    }
}

static bool takes(struct tree *t, char c)
{
    bool is_next = t->p < t->end && *t->p == c;
    t->p += is_next;
    return is_next;
}

/* What a letter behind a backslash stands for; NUL for those that are left to cJSON. */
static char escaped(char c)
{
    switch (c) {
    case '"':
    case '\\':
    case '/':
        return c;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return '\0';
    }
}

/* The string whose opening quote was taken; NULL: not read. */
static char *read_string(struct tree *t, struct arena *a)
{
    const char *from = t->p;
    bool plain = true;
    for (; t->p < t->end && *t->p != '"'; t->p++)
        if (*t->p == '\\' && t->p + 1 < t->end) {
            plain = false;
            t->p++;
        }
    if (t->p >= t->end)
        return NULL;
    size_t n = (size_t)(t->p++ - from);
    char *out = arena_raw(a, n + 1), *to = out;
    if (plain) {
        memcpy(out, from, n);
        to += n;
    }
    for (size_t i = 0; !plain && i < n; i++) {
        *to = from[i] == '\\' ? escaped(from[++i]) : from[i];
        if (!*to++)
            return NULL;
    }
    *to = '\0';
    return out;
}

/* A whole number of few digits; NULL: not read. */
static cJSON *read_number(struct tree *t)
{
    bool negative = takes(t, '-');
    const char *from = t->p;
    int number = 0;
    for (; t->p < t->end && ch_digit(*t->p) && t->p - from < DIGITS_MAX; t->p++)
        number = number * 10 + (*t->p - '0');
    bool ends = t->p == t->end || (!ch_alnum(*t->p) && !memchr(".+-", *t->p, 3));
    if (t->p == from || !ends || (*from == '0' && t->p - from > 1) || (negative && !number))
        return NULL;
    cJSON *value = new_value(t, cJSON_Number);
    value->valueint = negative ? -number : number;
    value->valuedouble = value->valueint;
    return value;
}

static cJSON *read_word(struct tree *t)
{
    static const struct {
        struct str text;
        int type;
    } words[] = {{{"true", 4}, cJSON_True}, {{"false", 5}, cJSON_False}, {{"null", 4}, cJSON_NULL}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_starts((struct str){t->p, (size_t)(t->end - t->p)}, words[i].text)) {
            t->p += words[i].text.n;
            return new_value(t, words[i].type);
        }
    return NULL;
}

static cJSON *read_value(struct tree *t, size_t depth);

/* The members of the object or array whose opening bracket was taken. */
static bool read_members(struct tree *t, cJSON *parent, char close, size_t depth)
{
    cJSON *last = NULL;
    skip_blank(t);
    if (takes(t, close))
        return true;
    do {
        char *key = NULL;
        skip_blank(t);
        if (close == '}') {
            key = takes(t, '"') ? read_string(t, t->nodes) : NULL;
            skip_blank(t);
            if (!key || !takes(t, ':'))
                return false;
            skip_blank(t);
        }
        cJSON *value = read_value(t, depth + 1);
        if (!value)
            return false;
        value->string = key;
        value->prev = last;
        *(last ? &last->next : &parent->child) = value;
        last = value;
        skip_blank(t);
    } while (takes(t, ','));
    parent->child->prev = last; /* as cJSON has it */
    return takes(t, close);
}

static cJSON *read_value(struct tree *t, size_t depth)
{
    char c = t->p < t->end ? *t->p : '\0';
    if (c != '"' && c != '{' && c != '[')
        return c == '-' || ch_digit(c) ? read_number(t) : read_word(t);
    t->p++;
    cJSON *value = new_value(t, c == '"' ? cJSON_String : c == '{' ? cJSON_Object : cJSON_Array);
    if (c == '"')
        value->valuestring = read_string(t, t->texts);
    bool good = c == '"' ? value->valuestring != NULL
                         : depth < DEPTH_MAX && read_members(t, value, c == '{' ? '}' : ']', depth);
    return good ? value : NULL;
}

/* --- what is left to cJSON ---------------------------------------------------------------------------------- */

static char *copy_text(struct arena *a, const char *text)
{
    return text ? (char *)arena_str(a, str_of(text)).p : NULL;
}

static cJSON *copy_values(const cJSON *from, struct arena *nodes, struct arena *texts)
{
    cJSON *first = NULL, *last = NULL;
    for (; from; from = from->next) {
        cJSON *copy = arena_alloc(nodes, sizeof *copy);
        *copy = *from;
        copy->next = NULL;
        copy->prev = last;
        copy->string = copy_text(nodes, from->string);
        copy->valuestring = copy_text(texts, from->valuestring);
        copy->child = copy_values(from->child, nodes, texts);
        *(last ? &last->next : &first) = copy;
        last = copy;
    }
    if (first)
        first->prev = last;
    return first;
}

cJSON *json_parse_into(struct arena *nodes, struct arena *texts, struct str text, struct json_fault *fault)
{
    struct tree t = {.nodes = nodes, .texts = texts, .p = text.p, .end = text.n ? text.p + text.n : text.p};
    skip_blank(&t);
    cJSON *root = text.n && !memchr(text.p, '\0', text.n) ? read_value(&t, 0) : NULL;
    skip_blank(&t);
    if (root && t.p == t.end)
        return root;
    cJSON *whole = json_parse(text, fault);
    root = copy_values(whole, nodes, texts);
    cJSON_Delete(whole);
    return root;
}

#include "base/json.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

/* Length of the comment that starts at p[i], or 0. One that never ends reaches to the end of the text. */
static size_t comment_at(const char *p, size_t n, size_t i)
{
    if (p[i] != '/' || i + 1 >= n)
        return 0;
    size_t end = i + 2;
    if (p[i + 1] == '/') {
        while (end < n && p[end] != '\n')
            end++;
        return end - i;
    }
    if (p[i + 1] != '*')
        return 0;
    while (end < n && !(p[end] == '*' && end + 1 < n && p[end + 1] == '/'))
        end++;
    return (end + 2 < n ? end + 2 : n) - i;
}

/* Where the string ends whose opening quote stands before p[from]: at its closing quote, or at n. */
static size_t string_end(const char *p, size_t n, size_t from)
{
    for (const char *quote = p + from; from < n && (quote = memchr(quote, '"', (size_t)(p + n - quote))); quote++) {
        size_t at = (size_t)(quote - p), slashes = 0;
        while (slashes < at - from && p[at - 1 - slashes] == '\\')
            slashes++;
        if (slashes % 2 == 0)
            return at;
    }
    return n;
}

/* NUL escapes become U+FFFD's. */
static void replace_nul_escapes(char *p, size_t n)
{
    const char *end = p + n;
    for (char *at = p; (at = memchr(at, '\\', (size_t)(end - at))) && end - at >= 6; at += 2)
        if (memcmp(at, "\\u0000", 6) == 0)
            memcpy(at, "\\ufffd", 6);
}

/* Blanks comments, so that every other byte stays at its place. */
static void blank_comments(char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '"')
            i = string_end(p, n, i + 1);
        if (i >= n || p[i] != '/')
            continue;
        size_t length = comment_at(p, n, i);
        for (size_t k = i; k < i + length; k++)
            if (p[k] != '\n')
                p[k] = ' ';
        i += length ? length - 1 : 0;
    }
}

static void number_values(cJSON *value, int *next)
{
    for (; value; value = value->next) {
        if ((value->type & 0xFF) != cJSON_Number)
            value->valueint = *next;
        (*next)++;
        number_values(value->child, next);
    }
}

/* Where it is: cJSON stops at the bracket behind a comma that is one too much, or right behind that bracket. */
static struct json_fault fault_at(const char *text, size_t n, size_t offset)
{
    size_t at = offset > 0 && (offset >= n || !strchr("}]", text[offset])) && strchr("}]", text[offset - 1])
                    ? offset - 1
                    : offset;
    bool closes = at < n && text[at] && strchr("}]", text[at]);
    while (closes && at > 0 && ch_space(text[at - 1]))
        at--;
    if (closes && at > 0 && text[at - 1] == ',')
        return (struct json_fault){at - 1, "a comma with nothing behind it"};
    return (struct json_fault){offset, n ? "not valid JSON here" : "the file is empty"};
}

/* A byte of its own is looked for first: that is many times faster where there is none. */
static bool has(struct str text, struct str part)
{
    const char *at = memchr(text.p, part.p[0], text.n);
    return at && memmem(at, text.n - (size_t)(at - text.p), part.p, part.n);
}

/* Most texts hold nothing that cJSON must not see, and can be parsed where they lie. */
static bool is_plain(struct str text)
{
    return text.n && !has(text, STR("\0")) && !has(text, STR("//")) && !has(text, STR("/*")) &&
           !has(text, STR("\\u0000"));
}

/* Parses the text, which must be one value and white space. */
static cJSON *parse_plain(struct str text)
{
    const char *stop = text.p;
    cJSON *root = cJSON_ParseWithLengthOpts(text.p, text.n, &stop, false);
    size_t end = root ? (size_t)(stop - text.p) : 0;
    while (root && end < text.n && (unsigned char)text.p[end] <= ' ')
        end++;
    if (!root || end == text.n)
        return root;
    cJSON_Delete(root);
    return NULL;
}

/* The same of any text, by a copy that cJSON can be shown, with a NUL behind it, so that it tells the end from a fault. */
static cJSON *parse_copy(struct str text, struct json_fault *fault)
{
    char *copy = mem_resize(NULL, text.n + 1, 1);
    if (text.n)
        memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    replace_nul_escapes(copy, text.n);
    blank_comments(copy, text.n);
    for (char *nul = copy; (nul = memchr(nul, '\0', (size_t)(copy + text.n - nul)));)
        *nul = 1; /* no NUL may end the text early: this is a syntax error where it stands */
    const char *stop = copy;
    cJSON *root = cJSON_ParseWithLengthOpts(copy, text.n + 1, &stop, true);
    if (!root && fault)
        *fault = fault_at(copy, text.n, (size_t)(stop - copy));
    free(copy);
    return root;
}

cJSON *json_parse(struct str text, struct json_fault *fault)
{
    cJSON *root = is_plain(text) ? parse_plain(text) : NULL;
    if (!root)
        root = parse_copy(text, fault);
    int next = 0;
    number_values(root, &next);
    return root;
}

/* --- in an arena ---------------------------------------------------------------------------------------------- */

/* cJSON asks one function for all its memory; this tells whose parse it is. Other threads go on with malloc. */
static _Thread_local struct json_room *parsing_into;

/* An arena gives room in steps of 16 bytes. */
static size_t size_class(size_t size_bytes)
{
    return (size_bytes + 15) / 16;
}

static void *take_from(struct json_room *room, size_t size_bytes)
{
    size_t class = size_class(size_bytes);
    struct json_spare *p = class < JSON_SPARE_SIZES ? room->spare[class] : NULL;
    if (!p)
        return arena_raw(room->arena, size_bytes);
    room->spare[class] = p->next;
    return p;
}

static void *take(size_t size_bytes)
{
    return parsing_into ? take_from(parsing_into, size_bytes) : malloc(size_bytes);
}

static void give_back(void *p)
{
    if (!parsing_into)
        free(p);
}

cJSON *json_parse_in(struct json_room *room, struct str text, struct json_fault *fault)
{
    cJSON_Hooks hooks = {take, give_back};
    cJSON_InitHooks(&hooks);
    parsing_into = room;
    cJSON *root = json_parse(text, fault);
    parsing_into = NULL;
    cJSON_InitHooks(NULL);
    return root;
}

static void put_back(struct json_room *room, void *p, size_t size_bytes)
{
    size_t class = size_class(size_bytes);
    if (class >= JSON_SPARE_SIZES)
        return;
    struct json_spare *spare = p;
    spare->next = room->spare[class];
    room->spare[class] = spare;
}

/* Texts were given room for no less than their length, escapes or not. */
static void put_back_text(struct json_room *room, char *text)
{
    if (text)
        put_back(room, text, strlen(text) + 1);
}

void json_drop(struct json_room *room, cJSON *value)
{
    for (cJSON *next; value; value = next) {
        next = value->next;
        json_drop(room, value->child);
        put_back_text(room, value->valuestring);
        put_back_text(room, value->string);
        put_back(room, value, sizeof *value);
    }
}

uint32_t json_number(const cJSON *value)
{
    return value && !cJSON_IsNumber(value) ? (uint32_t)value->valueint : 0;
}

struct scan {
    const char *p;
    size_t n, i;
};

static void skip_blank(struct scan *s)
{
    while (s->i < s->n) {
        size_t comment = comment_at(s->p, s->n, s->i);
        if (comment)
            s->i += comment;
        else if (ch_space(s->p[s->i]) || s->p[s->i] == ',' || s->p[s->i] == ':')
            s->i++;
        else
            return;
    }
}

static void skip_string(struct scan *s)
{
    s->i = string_end(s->p, s->n, s->i + 1) + 1;
}

/* Bytes of raw JSON string behind the opening quote that decode to `inside` bytes. */
static size_t raw_length(const char *p, size_t n, size_t inside)
{
    size_t raw = 0, decoded = 0;
    while (raw < n && p[raw] != '"' && decoded < inside) {
        size_t step = 1, gives = 1;
        if (p[raw] == '\\') {
            step = raw + 1 < n && p[raw + 1] == 'u' ? 6 : 2;
            if (step == 6 && raw + 6 <= n) {
                char hex[5] = {0};
                memcpy(hex, p + raw + 2, 4);
                unsigned long c = strtoul(hex, NULL, 16);
                gives = c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
            }
        }
        raw += step;
        decoded += gives;
    }
    return raw;
}

/* Is the string that starts at s->i an object's key? Leaves s behind it if so. */
static bool skip_key(struct scan *s)
{
    struct scan ahead = *s;
    if (ahead.i >= ahead.n || ahead.p[ahead.i] != '"')
        return false;
    skip_string(&ahead);
    while (ahead.i < ahead.n) {
        size_t comment = comment_at(ahead.p, ahead.n, ahead.i);
        if (!comment && !ch_space(ahead.p[ahead.i]))
            break;
        ahead.i += comment ? comment : 1;
    }
    if (ahead.i >= ahead.n || ahead.p[ahead.i] != ':')
        return false;
    *s = ahead;
    return true;
}

size_t json_offset(struct str text, uint32_t number, size_t inside)
{
    struct scan s = {text.p, text.n, 0};
    uint32_t at = 0;
    for (;;) {
        skip_blank(&s);
        while (s.i < s.n && (s.p[s.i] == '}' || s.p[s.i] == ']')) {
            s.i++;
            skip_blank(&s);
        }
        if (s.i >= s.n)
            return text.n;
        size_t key = s.i;
        if (skip_key(&s))
            skip_blank(&s);
        if (at++ == number) {
            if (inside == JSON_KEY)
                return key;
            if (inside == JSON_WHOLE || s.i >= s.n || s.p[s.i] != '"')
                return s.i;
            return s.i + 1 + raw_length(s.p + s.i + 1, s.n - s.i - 1, inside);
        }
        if (s.i < s.n && s.p[s.i] == '"') {
            skip_string(&s);
        } else if (s.i < s.n && (s.p[s.i] == '{' || s.p[s.i] == '[')) {
            s.i++;
        } else {
            while (s.i < s.n && !ch_space(s.p[s.i]) && !strchr(",:]}", s.p[s.i]))
                s.i++;
        }
    }
}

struct str json_text(const cJSON *value)
{
    return cJSON_IsString(value) ? str_of(value->valuestring) : (struct str){NULL, 0};
}

const cJSON *json_items(const cJSON *list)
{
    return list && cJSON_IsArray(list) ? list->child : NULL;
}

struct str json_str(const cJSON *object, const char *key)
{
    return json_text(cJSON_GetObjectItemCaseSensitive(object, key));
}

bool json_bool(const cJSON *object, const char *key, bool fallback)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsBool(value) ? cJSON_IsTrue(value) : fallback;
}

/* Bytes at the start of the text that stand for themselves in a JSON string. */
static size_t plain_run(struct str s)
{
    size_t n = 0;
    while (n < s.n && (unsigned char)(s.p[n] - ' ') < 0x7F - ' ' && s.p[n] != '"' && s.p[n] != '\\')
        n++;
    return n;
}

void json_quote(struct buf *out, struct str s)
{
    buf_addc(out, '"');
    while (s.n) {
        char bytes[4];
        size_t run = plain_run(s);
        buf_add(out, str_sub(s, 0, run));
        s = str_sub(s, run, s.n);
        if (!s.n)
            break;
        int32_t c = utf8_next(&s);
        if (c == '"' || c == '\\')
            buf_addc(out, '\\'), buf_addc(out, (char)c);
        else if (c == '\n')
            buf_adds(out, "\\n");
        else if (c < 0x20 || c == 0x7F)
            buf_addf(out, "\\u%04x", (unsigned)c);
        else
            buf_add(out, (struct str){bytes, utf8_put(c, bytes)});
    }
    buf_addc(out, '"');
}

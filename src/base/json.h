/*
 * json: cJSON with comments, typed getters, and the place of every value in its file.
 *
 * cJSON forgets positions once it has parsed. json_parse therefore numbers the values in the order of the text, and
 * json_offset finds a number's place again by scanning, which only a report needs.
 */
#ifndef DOCENT_BASE_JSON_H
#define DOCENT_BASE_JSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

struct json_fault {
    size_t offset; /* where reading stopped */
    const char *message;
};

/*
 * Parses one JSON value with // and block comments. Strings that hold \u0000 get U+FFFD in its place, since cJSON
 * ends its strings at NUL. Free the result with cJSON_Delete. NULL on a fault.
 */
cJSON *json_parse(struct str text, struct json_fault *fault);

/*
 * Room in an arena, for texts that are parsed one after the other and live as long as it: many times as fast to
 * allocate. Values that are dropped make room for what is parsed next; nothing in it is for cJSON_Delete.
 *     struct json_room room = {.arena = &a};
 */
enum { JSON_SPARE_SIZES = 17 };
struct json_room {
    struct arena *arena;
    struct json_spare {
        struct json_spare *next;
    } * spare[JSON_SPARE_SIZES]; /* by size */
};
cJSON *json_parse_in(struct json_room *room, struct str text, struct json_fault *fault);
void json_drop(struct json_room *room, cJSON *value); /* and those that follow it in its list; NULL is fine */

uint32_t json_number(const cJSON *value); /* the value's number in its text; not for JSON numbers */

/*
 * Byte offset of the value with that number. In a string, `inside` bytes of its decoded form further on; JSON_WHOLE
 * means the opening quote or bracket itself, JSON_KEY the key that names the value.
 */
#define JSON_WHOLE ((size_t)-1)
#define JSON_KEY ((size_t)-2)
size_t json_offset(struct str text, uint32_t number, size_t inside);

/* Getters that copy nothing: views into the tree, empty or the fallback when the member is missing or of another type. */
struct str json_str(const cJSON *object, const char *key);
bool json_bool(const cJSON *object, const char *key, bool fallback);
struct str json_text(const cJSON *value);   /* the value itself, if it is a string */
const cJSON *json_items(const cJSON *list); /* the first, and by ->next the rest; NULL of what is no list */

void json_quote(struct buf *out, struct str s); /* as a JSON string; invalid UTF-8 becomes U+FFFD */

#endif

/*
 * load: small tools that the readers of pack files share (load.c, load_intents.c, template.c).
 *
 * `struct loader` is what is being read; each reader takes a JSON value, keeps what is right and reports what is not.
 */
#ifndef DOCENT_ENGINE_LOAD_H
#define DOCENT_ENGINE_LOAD_H

#include "engine/pack.h"

struct loader {
    struct docent *d;
    struct diags *diags;
    struct json_room *room;
    const struct source *source; /* file that is read */
    uint16_t pack;
};

struct place loader_place(const struct loader *l, const cJSON *value);

/* The hint for a name that there is not; see name_hint. */
#define LOADER_HINT(l, kind, name, otherwise) name_hint((l)->d, kind, (l)->pack, name, otherwise, &(l)->diags->arena)

/* Reports members that nobody reads, with the nearest allowed name as a hint. `allowed` ends with NULL. */
void loader_check_keys(const struct loader *l, const cJSON *object, const char *const *allowed);

/* The string value of a member; empty and a problem reported when it is missing (if needed) or no string. */
struct str loader_str(const struct loader *l, const cJSON *object, const char *key, bool needed);

/* A list of strings, or a single string as a list of one. */
size_t loader_strs(const struct loader *l, const cJSON *object, const char *key, struct str **out);

/* Names are [a-z0-9-] and begin with a letter or digit; reports what is not. */
bool loader_name_ok(const struct loader *l, const cJSON *value, const char *what, struct str name, bool is_key);

/* A question of a list of examples; false and a problem reported when it is none. */
bool loader_example(const struct loader *l, const cJSON *list, const cJSON *json, struct example *out);

void load_intent(struct loader *l, const cJSON *json);
void load_intent_links(struct loader *l, const cJSON *json, struct intent *intent);
struct template template_read(struct loader *l, const cJSON *text, const struct intent *intent, struct branch *branch);

#endif

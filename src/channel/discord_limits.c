#include "channel/discord_limits.h"

#include "base/json.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

enum {
    SECOND_MS = 1000,
    MINUTE_MS = 60 * 1000,
    SETS = 256,
    WAYS = 4,       /* of the table of buckets */
    FORMS_MAX = 32, /* method and form of a route: docent knows a dozen */
    FORBIDDEN_MAX = 64,
    FORBIDDEN_MS = 5 * MINUTE_MS,
    INVALID_MINUTES = 10,
    UNNAMED_WAIT_MS = MINUTE_MS, /* after a 429 that says nothing: it did not come from Discord's own servers */
    WAIT_MAX_MS = 24 * 60 * MINUTE_MS,
};

enum { MISSING_ACCESS = 50001, MISSING_PERMISSION = 50013 }; /* documentation, "Opcodes and Status Codes" */

struct bucket {
    uint64_t key;                /* 0: unused */
    int64_t remaining, reset_ms; /* calls left until then */
    int64_t used_ms;
};

struct form {
    uint64_t form, bucket; /* hash of what Discord calls it */
};

struct forbidden {
    uint64_t key;
    int64_t until_ms;
};

struct discord_limits {
    struct bucket buckets[SETS][WAYS];
    struct form forms[FORMS_MAX];
    size_t n_forms;
    struct forbidden forbidden[FORBIDDEN_MAX];
    size_t next_forbidden;
    int64_t all_until_ms;
    int64_t sent_ms[LIMITS_A_SECOND];
    size_t sent;
    struct {
        int64_t minute;
        int n;
    } invalid[INVALID_MINUTES];
};

struct discord_limits *discord_limits_new(void)
{
    return mem_alloc(sizeof(struct discord_limits));
}

void discord_limits_free(struct discord_limits *l)
{
    free(l);
}

/* --- names -------------------------------------------------------------------------------------------------- */

static bool is_number(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!ch_digit(s.p[i]))
            return false;
    return s.n > 0;
}

bool discord_is_free_route(struct str route)
{
    return str_starts(route, STR("interactions/")) || str_starts(route, STR("webhooks/"));
}

struct name {
    uint64_t form;  /* method and route with its ids taken out */
    uint64_t whose; /* channel, server, webhook with its token */
};

/*
 * channels/60/messages/9 -> form "POST channels/ /messages/ ", whose "60". A webhook's token is the third part and
 * belongs to whose it is.
 */
static struct name name_of(const char *method, struct str route)
{
    struct name n = {str_hash(str_of(method)), STR_HASH_START};
    struct str path, part, rest = route;
    bool keyed = discord_is_free_route(route);
    str_cut(&rest, '?', &path);
    rest = path;
    for (int i = 0; str_cut(&rest, '/', &part); i++) {
        bool whose = i == 1 || (i == 2 && keyed);
        if (whose)
            n.whose = str_hash_more(str_hash_more(n.whose, part), STR("/"));
        n.form = str_hash_more(str_hash_more(n.form, STR("/")), whose || is_number(part) ? STR(" ") : part);
    }
    return n;
}

/* What Discord calls the bucket of a form, as far as it is known; else the form itself. */
static uint64_t bucket_of(const struct discord_limits *l, uint64_t form)
{
    for (size_t i = 0; i < l->n_forms; i++)
        if (l->forms[i].form == form)
            return l->forms[i].bucket;
    return form;
}

static void learn_bucket(struct discord_limits *l, uint64_t form, struct str bucket)
{
    for (size_t i = 0; i < l->n_forms; i++)
        if (l->forms[i].form == form) {
            l->forms[i].bucket = str_hash(bucket);
            return;
        }
    if (l->n_forms < FORMS_MAX)
        l->forms[l->n_forms++] = (struct form){form, str_hash(bucket)};
}

/* The bucket of that name; when there is none it takes the place of the one used longest ago. */
static struct bucket *bucket_at(struct discord_limits *l, struct name name)
{
    uint64_t key = (bucket_of(l, name.form) ^ name.whose * UINT64_C(0x9E3779B97F4A7C15)) | 1;
    struct bucket *set = l->buckets[(key ^ key >> 32) >> 1 & (SETS - 1)], *oldest = set;
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].key == key)
            return &set[i];
        if (set[i].used_ms < oldest->used_ms)
            oldest = &set[i];
    }
    *oldest = (struct bucket){.key = key, .remaining = 1};
    return oldest;
}

/* --- before a call ------------------------------------------------------------------------------------------ */

static int invalid_lately(const struct discord_limits *l, int64_t now_ms)
{
    int n = 0;
    for (size_t i = 0; i < INVALID_MINUTES; i++)
        if (l->invalid[i].minute > now_ms / MINUTE_MS - INVALID_MINUTES)
            n += l->invalid[i].n;
    return n;
}

static int64_t wait_for_all(const struct discord_limits *l, int64_t now_ms)
{
    if (now_ms < l->all_until_ms)
        return l->all_until_ms - now_ms;
    if (invalid_lately(l, now_ms) >= LIMITS_INVALID_MAX)
        return MINUTE_MS;
    int64_t before_ms = l->sent_ms[l->sent % LIMITS_A_SECOND];
    bool many = l->sent >= LIMITS_A_SECOND && now_ms - before_ms < SECOND_MS;
    return many ? before_ms + SECOND_MS - now_ms : 0;
}

struct discord_wait discord_limits_wait(struct discord_limits *l, const char *method, struct str route, int64_t now_ms)
{
    int64_t all_ms = discord_is_free_route(route) ? 0 : wait_for_all(l, now_ms);
    if (all_ms)
        return (struct discord_wait){all_ms, true};
    const struct bucket *b = bucket_at(l, name_of(method, route));
    bool empty = b->remaining <= 0 && now_ms < b->reset_ms;
    return (struct discord_wait){empty ? b->reset_ms - now_ms : 0, false};
}

void discord_limits_sent(struct discord_limits *l, const char *method, struct str route, int64_t now_ms)
{
    struct bucket *b = bucket_at(l, name_of(method, route));
    if (now_ms < b->reset_ms)
        b->remaining--;
    b->used_ms = now_ms;
    if (!discord_is_free_route(route))
        l->sent_ms[l->sent++ % LIMITS_A_SECOND] = now_ms;
}

/* --- after it ----------------------------------------------------------------------------------------------- */

/* A number of seconds with decimals, as milliseconds rounded up; -1 when it is none. */
static int64_t seconds_ms(double seconds)
{
    double ms = ceil(seconds * 1000);
    if (!(ms >= 0))
        return -1;
    return ms < WAIT_MAX_MS ? (int64_t)ms : WAIT_MAX_MS;
}

static int64_t header_ms(struct str text)
{
    char copy[32] = {0}, *end = copy;
    if (!text.n || text.n >= sizeof copy)
        return -1;
    for (size_t i = 0; i < text.n; i++)
        copy[i] = text.p[i];
    double seconds = strtod(copy, &end);
    return *end ? -1 : seconds_ms(seconds);
}

static void count_invalid(struct discord_limits *l, const struct discord_answer *a, int64_t now_ms)
{
    bool counts = a->status == 401 || a->status == 403 || (a->status == 429 && !str_is(a->scope, "shared"));
    if (!counts)
        return;
    int64_t minute = now_ms / MINUTE_MS;
    size_t i = (size_t)minute % INVALID_MINUTES;
    if (l->invalid[i].minute != minute)
        l->invalid[i].n = 0;
    l->invalid[i].minute = minute;
    l->invalid[i].n++;
}

static uint64_t forbidden_key(struct name name)
{
    return (name.form ^ name.whose * UINT64_C(0x9E3779B97F4A7C15)) | 1;
}

/* May docent not even see the channel, or not write in it? Other things that are forbidden there can be done without. */
static bool is_shut_out(const struct discord_answer *a)
{
    cJSON *body = a->status == 403 ? json_parse(a->body, NULL) : NULL;
    const cJSON *code = cJSON_GetObjectItemCaseSensitive(body, "code");
    int number = cJSON_IsNumber(code) && code->valuedouble > 0 && code->valuedouble < 1e9 ? (int)code->valuedouble : 0;
    cJSON_Delete(body);
    return number == MISSING_ACCESS || number == MISSING_PERMISSION;
}

static void remember_forbidden(struct discord_limits *l, struct name name, int64_t now_ms)
{
    l->forbidden[l->next_forbidden] = (struct forbidden){forbidden_key(name), now_ms + FORBIDDEN_MS};
    l->next_forbidden = (l->next_forbidden + 1) % FORBIDDEN_MAX;
}

bool discord_limits_forbidden(const struct discord_limits *l, const char *method, struct str route, int64_t now_ms)
{
    uint64_t key = forbidden_key(name_of(method, route));
    for (size_t i = 0; i < FORBIDDEN_MAX; i++)
        if (l->forbidden[i].key == key && now_ms < l->forbidden[i].until_ms)
            return true;
    return false;
}

/* How long a 429 says to wait, and for what: the longest of its body and its header. */
static struct discord_wait read_429(const struct discord_answer *a)
{
    cJSON *body = json_parse(a->body, NULL);
    const cJSON *retry = cJSON_GetObjectItemCaseSensitive(body, "retry_after");
    int64_t body_ms = cJSON_IsNumber(retry) ? seconds_ms(retry->valuedouble) : -1;
    struct discord_wait wait = {a->retry_after_ms > body_ms ? a->retry_after_ms : body_ms, false};
    wait.all = json_bool(body, "global", false) || str_is(a->global, "true") || str_is(a->scope, "global");
    if (!cJSON_IsObject(body) && !a->scope.n && !a->bucket.n)
        wait.all = true; /* from something in front of Discord: it means this address, not a bucket */
    cJSON_Delete(body);
    if (wait.ms < 0)
        wait.ms = UNNAMED_WAIT_MS;
    wait.ms = wait.ms < 1 ? 1 : wait.ms > WAIT_MAX_MS ? WAIT_MAX_MS : wait.ms;
    return wait;
}

struct discord_wait discord_limits_answer(struct discord_limits *l, const char *method, struct str route,
                                          const struct discord_answer *answer, int64_t now_ms)
{
    struct name name = name_of(method, route);
    struct discord_wait wait = {0, false};
    count_invalid(l, answer, now_ms);
    if (answer->bucket.n)
        learn_bucket(l, name.form, answer->bucket);
    struct bucket *b = bucket_at(l, name);
    int64_t reset_ms = header_ms(answer->reset_after);
    if (is_number(answer->remaining) && answer->remaining.n < 10 && reset_ms >= 0) {
        b->remaining = strtol(answer->remaining.p, NULL, 10);
        b->reset_ms = now_ms + reset_ms;
    }
    b->used_ms = now_ms;
    if (is_shut_out(answer) && str_starts(route, STR("channels/")))
        remember_forbidden(l, name, now_ms);
    if (answer->status == 429) {
        wait = read_429(answer);
        if (wait.all) {
            l->all_until_ms = now_ms + wait.ms;
        } else {
            b->remaining = 0;
            b->reset_ms = now_ms + wait.ms;
        }
    }
    return wait;
}

/*
 * log: one line for each event, on stderr.
 *
 *     log_info("slack.connected", log_str("team", team), log_int("attempt", 1));
 *     info slack.connected team=T024 attempt=1
 *
 * Level, name of the event, then key=value. Values are escaped so that input can neither forge a line nor move a
 * cursor. Never log a token; people's words only at debug level. On a terminal a line starts with the time of day;
 * elsewhere whoever collects the lines adds it.
 */
#ifndef DOCENT_BASE_LOG_H
#define DOCENT_BASE_LOG_H

#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* A value beside its key. Make them with log_str, log_text and log_int. */
struct log_field {
    const char *key; /* NULL ends a list of fields */
    struct str text;
    long long number;
    bool is_number;
};

struct log_field log_str(const char *key, struct str value); /* views: the event is written at once */
struct log_field log_text(const char *key, const char *value);
struct log_field log_int(const char *key, long long value);

/* Events below this level are left out from now on, for the whole process. LOG_INFO at first. */
void log_threshold(enum log_level lowest);

#define log_error(...) LOG_EVENT(LOG_ERROR, __VA_ARGS__, {.key = NULL})
#define log_warn(...) LOG_EVENT(LOG_WARN, __VA_ARGS__, {.key = NULL})
#define log_info(...) LOG_EVENT(LOG_INFO, __VA_ARGS__, {.key = NULL})
#define log_debug(...) LOG_EVENT(LOG_DEBUG, __VA_ARGS__, {.key = NULL})
#define LOG_EVENT(level, event, ...) log_event((level), (event), (const struct log_field[]){__VA_ARGS__})

void log_event(enum log_level level, const char *event, const struct log_field *fields);

/* The line that log_event writes, without the time. */
void log_format(struct buf *out, enum log_level level, const char *event, const struct log_field *fields);

#endif

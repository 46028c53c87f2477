#include "base/log.h"

#include "base/utf8.h"

#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 4096, VALUE_MAX_CHARACTERS = 500 };

static _Atomic enum log_level threshold = LOG_INFO;

void log_threshold(enum log_level lowest)
{
    threshold = lowest;
}

struct log_field log_str(const char *key, struct str value)
{
    return (struct log_field){.key = key, .text = value};
}

struct log_field log_text(const char *key, const char *value)
{
    return log_str(key, str_of(value));
}

struct log_field log_int(const char *key, long long value)
{
    return (struct log_field){.key = key, .number = value, .is_number = true};
}

/* Characters that change how others are shown, or that a terminal acts upon. */
static bool is_harmful(int32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == UTF8_REPLACEMENT || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF;
}

static bool needs_quotes(struct str s)
{
    bool quotes = s.n == 0;
    while (s.n && !quotes) {
        int32_t c = utf8_next(&s);
        quotes = is_harmful(c) || c == ' ' || c == '"' || c == '=' || c == '\\';
    }
    return quotes;
}

static void add_quoted(struct buf *out, struct str s)
{
    size_t shown = 0;
    buf_addc(out, '"');
    while (s.n && shown++ < VALUE_MAX_CHARACTERS) {
        struct str at = s;
        int32_t c = utf8_next(&s);
        struct str bytes = {at.p, at.n - s.n};
        if (c == '\n')
            buf_adds(out, "\\n");
        else if (c == '"' || c == '\\')
            buf_addf(out, "\\%c", (char)c);
        else if (c == UTF8_REPLACEMENT && bytes.n == 1)
            buf_addf(out, "\\x%02x", (unsigned char)bytes.p[0]);
        else if (is_harmful(c))
            buf_addf(out, "\\u{%x}", (unsigned)c);
        else
            buf_add(out, bytes);
    }
    buf_adds(out, s.n ? "…\"" : "\"");
}

static void add_value(struct buf *out, const struct log_field *field)
{
    if (field->is_number)
        buf_addf(out, "%lld", field->number);
    else if (needs_quotes(field->text) || field->text.n > VALUE_MAX_CHARACTERS)
        add_quoted(out, field->text);
    else
        buf_add(out, field->text);
}

void log_format(struct buf *out, enum log_level level, const char *event, const struct log_field *fields)
{
    static const char *const names[] = {"error", "warn", "info", "debug"};
    buf_addf(out, "%s %s", names[level], event);
    for (; fields->key; fields++) {
        buf_addf(out, " %s=", fields->key);
        add_value(out, fields);
    }
    if (out->full) /* the line still ends as a line */
        buf_cut(out, out->max - 1);
    out->full = false;
    buf_addc(out, '\n');
}

static void add_time(struct buf *out)
{
    struct tm tm;
    time_t now = time(NULL);
    char text[16];
    if (localtime_r(&now, &tm) && strftime(text, sizeof text, "%H:%M:%S ", &tm))
        buf_adds(out, text);
}

void log_event(enum log_level level, const char *event, const struct log_field *fields)
{
    if (level > threshold)
        return;
    struct buf line;
    buf_init(&line, LINE_MAX_BYTES);
    if (isatty(STDERR_FILENO))
        add_time(&line);
    log_format(&line, level, event, fields);
    fwrite(line.p, 1, line.n, stderr); /* stderr is unbuffered: one write */
    buf_release(&line);
}

#include "cmd/secrets.h"

#include "base/file.h"

#include <stdlib.h>

/* A token goes into a header line: it must be one word. */
static bool is_one_word(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f)
            return false;
    return true;
}

static bool read_one(const char *variable, struct arena *a, struct str *secret, struct err *err)
{
    const char *value = getenv(variable);
    const char *path = getenv(arena_fmt(a, "%s_FILE", variable).p);
    struct str text = str_of(value);
    if (!text.n && path && *path && !file_read(path, SECRET_MAX_BYTES, a, &text, err)) {
        err->status = STATUS_CONFIG;
        return false;
    }
    text = str_trim(text);
    if (text.n > SECRET_MAX_BYTES || !is_one_word(text))
        return err_set(err, STATUS_CONFIG, "%s%s holds more than one word", variable, str_of(value).n ? "" : "_FILE");
    *secret = arena_str(a, text);
    return true;
}

bool secrets_read(struct secrets *secrets, struct arena *a, struct err *err)
{
    *secrets = (struct secrets){.slack_bot_token = {NULL, 0}};
#define X(member, variable) \
    if (!read_one(variable, a, &secrets->member, err)) \
        return false;
    SECRETS(X)
#undef X
    return true;
}

static void add_changed(struct buf *out, const char *variable, struct str before, struct str after)
{
    if (!str_eq(before, after))
        buf_addf(out, "%s%s", out->n ? ", " : "", variable);
}

void secrets_changed(const struct secrets *before, const struct secrets *after, struct buf *out)
{
#define X(member, variable) add_changed(out, variable, before->member, after->member);
    SECRETS(X)
#undef X
}

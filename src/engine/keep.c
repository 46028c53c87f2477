#include "engine/keep.h"

#include <string.h>

enum { ALIGNED = 8 };

static size_t padding(size_t n)
{
    return (ALIGNED - n % ALIGNED) % ALIGNED;
}

void keep_row(struct buf *out, const void *items, size_t n, size_t each_bytes)
{
    uint64_t count = n;
    buf_add(out, (struct str){(const char *)&count, sizeof count});
    if (n)
        buf_add(out, (struct str){items, n * each_bytes});
    buf_fill(out, '\0', padding(n * each_bytes));
}

static bool take(struct kept *k, size_t n, const char **at)
{
    *at = k->rest.p;
    k->damaged = k->damaged || n > k->rest.n || (uintptr_t)k->rest.p % ALIGNED;
    if (!k->damaged)
        k->rest = str_sub(k->rest, n, k->rest.n);
    return !k->damaged;
}

const void *kept_row(struct kept *k, size_t *n, size_t each_bytes)
{
    uint64_t count = 0;
    const char *at;
    *n = 0;
    if (!take(k, sizeof count, &at))
        return at;
    memcpy(&count, at, sizeof count);
    size_t most = k->rest.n / each_bytes, size = count > most ? k->rest.n + 1 : (size_t)count * each_bytes;
    if (take(k, size + padding(size), &at))
        *n = (size_t)count;
    return at;
}

const void *kept_row_of(struct kept *k, size_t n, size_t each_bytes)
{
    size_t count;
    const void *row = kept_row(k, &count, each_bytes);
    k->damaged = k->damaged || count != n;
    return row;
}

bool kept_whole(const struct kept *k)
{
    return !k->damaged && k->rest.n == 0;
}

#include "base/file.h"

#include "base/buf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A descriptor of a regular file of at most max_bytes, or -1. */
static int open_regular(const char *path, size_t max_bytes, size_t *size, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe by that name must not block us */
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0)
        err_set(err, STATUS_NO_INPUT, "cannot read '%s': %s", path, strerror(errno));
    else if (!S_ISREG(st.st_mode))
        err_set(err, STATUS_NO_INPUT, "cannot read '%s': not a regular file", path);
    else if ((uintmax_t)st.st_size > max_bytes)
        err_set(err, STATUS_DATA, "cannot read '%s': larger than %zu bytes", path, max_bytes);
    else {
        *size = (size_t)st.st_size;
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

bool file_read(const char *path, size_t max_bytes, struct arena *a, struct str *text, struct err *err)
{
    size_t size, n = 0;
    ssize_t got = 1;
    int fd = open_regular(path, max_bytes, &size, err);
    if (fd < 0)
        return false;
    char *p = arena_raw(a, size + 1);
    while (n < size && (got > 0 || (got < 0 && errno == EINTR))) {
        got = read(fd, p + n, size - n);
        n += got > 0 ? (size_t)got : 0;
    }
    if (got < 0)
        err_set(err, STATUS_IO, "cannot read '%s': %s", path, strerror(errno));
    close(fd);
    p[n] = '\0';
    if (got >= 0)
        *text = (struct str){p, n};
    return got >= 0;
}

bool file_map(const char *path, size_t max_bytes, struct str *bytes, struct err *err)
{
    size_t size;
    int fd = open_regular(path, max_bytes, &size, err);
    if (fd < 0)
        return false;
    void *p = size ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
    if (p == MAP_FAILED)
        err_set(err, STATUS_IO, "cannot map '%s': %s", path, strerror(errno));
    else
        *bytes = (struct str){p, size};
    close(fd);
    return p != MAP_FAILED;
}

void file_unmap(struct str bytes)
{
    if (bytes.n)
        munmap((void *)bytes.p, bytes.n);
}

static bool write_all(int fd, struct str bytes)
{
    while (bytes.n) {
        ssize_t put = write(fd, bytes.p, bytes.n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        bytes = str_sub(bytes, (size_t)put, bytes.n);
    }
    return true;
}

bool file_write(const char *path, struct str bytes, struct err *err)
{
    struct arena a = {0};
    struct str beside = arena_fmt(&a, "%s.XXXXXX", path);
    char *name = (char *)beside.p;
    int fd = mkstemp(name);
    bool ok = fd >= 0 && fchmod(fd, 0644) == 0 && write_all(fd, bytes) && fsync(fd) == 0;
    if (fd >= 0 && close(fd) != 0)
        ok = false;
    ok = ok && rename(name, path) == 0;
    if (!ok) {
        err_set(err, STATUS_IO, "cannot write '%s': %s", path, strerror(errno));
        if (fd >= 0)
            unlink(name);
    }
    arena_release(&a);
    return ok;
}

static int by_bytes(const void *left, const void *right)
{
    return str_cmp(*(const struct str *)left, *(const struct str *)right);
}

bool file_names(const char *folder, const char *suffix, struct arena *a, struct str **names, size_t *n, struct err *err)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return err_set(err, STATUS_NO_INPUT, "cannot open folder '%s': %s", folder, strerror(errno));
    struct str *items = NULL;
    size_t count = 0, cap = 0;
    for (struct dirent *e; (e = readdir(dir));)
        if (e->d_name[0] != '.' && str_ends(str_of(e->d_name), str_of(suffix)))
            *ARENA_PUSH(a, items, count, cap) = arena_str(a, str_of(e->d_name));
    closedir(dir);
    if (count)
        qsort(items, count, sizeof *items, by_bytes);
    *names = items;
    *n = count;
    return true;
}

bool file_is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool file_make_folders(const char *path, struct err *err)
{
    struct arena a = {0};
    struct str copy = arena_str(&a, str_of(path));
    char *p = (char *)copy.p;
    bool ok = true;
    for (size_t i = 1; ok && i <= copy.n; i++)
        if (p[i] == '/' || p[i] == '\0') {
            char kept = p[i];
            p[i] = '\0';
            ok = mkdir(p, 0700) == 0 || errno == EEXIST;
            p[i] = kept;
        }
    if (!ok)
        err_set(err, STATUS_IO, "cannot make folder '%s': %s", path, strerror(errno));
    arena_release(&a);
    return ok;
}

bool file_line(FILE *in, struct buf *line, bool *cut)
{
    buf_clear(line);
    int c = getc_unlocked(in);
    if (c == EOF)
        return false;
    for (; c != EOF && c != '\n'; c = getc_unlocked(in))
        buf_addc(line, (char)c);
    if (line->n && line->p[line->n - 1] == '\r')
        buf_cut(line, line->n - 1);
    buf_add(line, STR(""));
    *cut = line->full;
    return true;
}

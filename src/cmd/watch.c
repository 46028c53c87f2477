#include "cmd/watch.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#ifdef __linux__

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { SETTLE_MS = 100 };

static void watch_folder_of(int fd, const char *path)
{
    struct arena a = {0};
    const char *slash = strrchr(path, '/'), *folder = path;
    if (!file_is_folder(path))
        folder = slash ? arena_str(&a, (struct str){path, (size_t)(slash - path) + 1}).p : ".";
    if (inotify_add_watch(fd, folder, IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE) < 0)
        fprintf(stderr, "docent: cannot watch '%s': %s\n", folder, strerror(errno));
    arena_release(&a);
}

/* Reads the events that are there; is one of them about a file that a run reads? */
static bool events_matter(int fd)
{
    _Alignas(struct inotify_event) char bytes[4096];
    ssize_t n = read(fd, bytes, sizeof bytes);
    bool matter = false;
    for (ssize_t at = 0; at + (ssize_t)sizeof(struct inotify_event) <= n;) {
        const struct inotify_event *e = (const void *)(bytes + at);
        struct str name = e->len ? str_of(e->name) : STR("");
        matter =
            matter || str_ends(name, STR(".talk")) || str_ends(name, STR(".json")) || str_ends(name, STR(".jsonl"));
        at += (ssize_t)sizeof *e + (ssize_t)e->len;
    }
    return matter;
}

/* Waits for a change, then until it has been quiet for a moment: editors write in several steps. */
static bool wait_for_change(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    bool matter = false;
    for (;;) {
        int ready = poll(&p, 1, matter ? SETTLE_MS : -1);
        if (ready == 0)
            return true;
        if (ready < 0 && errno != EINTR)
            return false;
        if (ready > 0)
            matter = events_matter(fd) || matter;
    }
}

int watch_files(const char *const *paths, size_t n_paths, void (*run)(void *arg), void *arg)
{
    int fd = inotify_init1(IN_CLOEXEC);
    if (fd < 0) {
        fprintf(stderr, "docent: cannot watch files: %s\n", strerror(errno));
        return STATUS_UNAVAILABLE;
    }
    for (size_t i = 0; i < n_paths; i++)
        watch_folder_of(fd, paths[i]);
    do {
        run(arg);
        fputs("watching; Ctrl-C ends\n", stderr);
    } while (wait_for_change(fd));
    close(fd);
    return STATUS_IO;
}

#else

int watch_files(const char *const *paths, size_t n_paths, void (*run)(void *arg), void *arg)
{
    (void)paths, (void)n_paths, (void)run, (void)arg;
    fputs("docent: --watch works on Linux only\n", stderr);
    return STATUS_UNAVAILABLE;
}

#endif

#include "base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

struct work {
    void (*do_part)(void *job, size_t worker, size_t part);
    void *job;
    size_t parts;
    atomic_size_t next;
};

struct worker {
    struct work *work;
    size_t number;
    pthread_t thread;
};

size_t parallel_workers(size_t parts)
{
    cpu_set_t usable;
    size_t n = sched_getaffinity(0, sizeof usable, &usable) == 0 ? (size_t)CPU_COUNT(&usable) : 1;
    n = n < PARALLEL_WORKERS_MAX ? n : PARALLEL_WORKERS_MAX;
    n = n < parts ? n : parts;
    return n ? n : 1;
}

static void *do_parts(void *of_worker)
{
    const struct worker *w = of_worker;
    for (size_t part; (part = atomic_fetch_add(&w->work->next, 1)) < w->work->parts;)
        w->work->do_part(w->work->job, w->number, part);
    return NULL;
}

/* Starts workers from 1 on; returns the number behind the last that could be had. */
static size_t start(struct worker *workers, size_t n, struct work *work)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    size_t started = 1;
    for (; started < n; started++) {
        workers[started] = (struct worker){.work = work, .number = started};
        if (pthread_create(&workers[started].thread, NULL, do_parts, &workers[started]))
            break;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

void parallel_do(size_t workers, size_t parts, void (*do_part)(void *job, size_t worker, size_t part), void *job)
{
    struct work work = {.do_part = do_part, .job = job, .parts = parts};
    struct worker all[PARALLEL_WORKERS_MAX] = {{.work = &work}};
    size_t n = workers < PARALLEL_WORKERS_MAX ? workers : PARALLEL_WORKERS_MAX;
    size_t started = start(all, n, &work);
    do_parts(&all[0]);
    for (size_t i = 1; i < started; i++)
        pthread_join(all[i].thread, NULL);
}

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

enum { PARTS = 1000, ENOUGH = 4 };

struct job {
    size_t workers;
    atomic_uint done[PARTS];  /* by part how often */
    atomic_uint wrong;        /* workers that there are not, and two at a time with one number */
    atomic_uint helped;       /* by other workers than 0 */
    atomic_uint took_signals; /* parts of other workers that could have been interrupted */
    atomic_flag busy[PARALLEL_WORKERS_MAX];
    pthread_t caller;
};

static void do_part(void *of_job, size_t worker, size_t part)
{
    struct job *job = of_job;
    sigset_t blocked;
    bool known = worker < job->workers, one = known && !atomic_flag_test_and_set(&job->busy[worker]);
    atomic_fetch_add(&job->wrong, !known || !one || (worker == 0) != (pthread_equal(job->caller, pthread_self()) != 0));
    atomic_fetch_add(&job->done[part], 1);
    atomic_fetch_add(&job->helped, worker != 0);
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    atomic_fetch_add(&job->took_signals, worker != 0 && !sigismember(&blocked, SIGINT));
    if (worker == 0)
        usleep(10); /* so that others come to it, even with one processor */
    if (known)
        atomic_flag_clear(&job->busy[worker]);
}

static unsigned do_all(size_t workers, size_t parts)
{
    static struct job job;
    job = (struct job){.workers = workers, .caller = pthread_self()};
    for (size_t w = 0; w < PARALLEL_WORKERS_MAX; w++)
        atomic_flag_clear(&job.busy[w]);
    parallel_do(workers, parts, do_part, &job);
    for (size_t i = 0; i < PARTS; i++)
        assert_int_equal(atomic_load(&job.done[i]), i < parts);
    assert_int_equal(atomic_load(&job.wrong), 0);
    assert_int_equal(atomic_load(&job.took_signals), 0);
    return atomic_load(&job.helped);
}

static void test_each_part_once(void **state)
{
    (void)state;
    for (size_t workers = 1; workers <= PARALLEL_WORKERS_MAX; workers++)
        for (size_t parts = 0; parts <= PARTS; parts = parts * 10 + 1)
            do_all(workers, parts);
    assert_int_equal(do_all(1, PARTS), 0);
    assert_true(do_all(ENOUGH, PARTS) > 0);
}

static void test_signals_stay(void **state)
{
    (void)state;
    sigset_t before, after;
    pthread_sigmask(SIG_SETMASK, NULL, &before);
    do_all(ENOUGH, PARTS);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    for (int sig = 1; sig < NSIG; sig++)
        assert_int_equal(sigismember(&before, sig), sigismember(&after, sig));
}

/* Threads for whose stacks there is no room cannot be had. */
static void test_without_threads(void **state)
{
    (void)state;
    pthread_attr_t before, huge;
    pthread_getattr_default_np(&before);
    pthread_attr_init(&huge);
    pthread_attr_setstacksize(&huge, (size_t)1 << 50);
    assert_int_equal(pthread_setattr_default_np(&huge), 0);
    unsigned helped = do_all(ENOUGH, PARTS);
    pthread_setattr_default_np(&before);
    assert_int_equal(helped, 0);
}

static void test_workers(void **state)
{
    (void)state;
    cpu_set_t before, one;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    size_t usable = (size_t)CPU_COUNT(&before), most = usable < PARALLEL_WORKERS_MAX ? usable : PARALLEL_WORKERS_MAX;
    assert_int_equal(parallel_workers(PARTS), most);
    assert_int_equal(parallel_workers(1), 1);
    assert_int_equal(parallel_workers(0), 1);
    CPU_ZERO(&one);
    for (size_t cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; cpu++)
        if (CPU_ISSET(cpu, &before))
            CPU_SET(cpu, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    assert_int_equal(parallel_workers(PARTS), 1);
    sched_setaffinity(0, sizeof before, &before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_part_once),
        cmocka_unit_test(test_signals_stay),
        cmocka_unit_test(test_without_threads),
        cmocka_unit_test(test_workers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

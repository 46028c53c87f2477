/*
 * parallel: work in several threads, for the length of a call.
 *
 * For computing that falls into parts which have nothing to do with each other. No thread is left when the call returns,
 * none takes signals, and what comes out does not depend on how many there were.
 */
#ifndef DOCENT_BASE_PARALLEL_H
#define DOCENT_BASE_PARALLEL_H

#include <stddef.h>

enum { PARALLEL_WORKERS_MAX = 8 };

/* As many workers as this process may use processors, but no more than parts nor than the maximum; at least 1. */
size_t parallel_workers(size_t parts);

/*
 * Calls do_part(job, worker, part) once for each part from 0 on; by worker 0, which is the calling thread, or by one of
 * the others, below `workers`. A worker does one part at a time. Where a thread cannot be had, the others do its work.
 */
void parallel_do(size_t workers, size_t parts, void (*do_part)(void *job, size_t worker, size_t part), void *job);

#endif

/*
 * mem: memory that is there or ends the program.
 *
 * Sizes that come from outside are bounded before they get here, so running out means the machine
 * is out of memory, and docent says so on stderr and ends with status 70.
 */
#ifndef DOCENT_BASE_MEM_H
#define DOCENT_BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size_bytes);                           /* zeroed; free with free() */
void *mem_resize(void *old, size_t count, size_t each_bytes); /* as reallocarray */

#endif

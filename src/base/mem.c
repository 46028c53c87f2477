#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static void out_of_memory(void)
{
    fputs("docent: out of memory\n", stderr);
    exit(70);
}

void *mem_alloc(size_t size_bytes)
{
    void *p = calloc(1, size_bytes ? size_bytes : 1);
    if (!p)
        out_of_memory();
    return p;
}

void *mem_resize(void *old, size_t count, size_t each_bytes)
{
    if (each_bytes && count > SIZE_MAX / each_bytes)
        out_of_memory();
    size_t size_bytes = count * each_bytes;
    void *p = realloc(old, size_bytes ? size_bytes : 1);
    if (!p)
        out_of_memory();
    return p;
}

/* list: several subjects in one question, "salary, training and remote work for coders". */
#ifndef DOCENT_ENGINE_LIST_H
#define DOCENT_ENGINE_LIST_H

#include "engine/meaning.h"

enum { LIST_MAX = 5 };

struct list {
    size_t from[LIST_MAX], to[LIST_MAX]; /* words of each item */
    size_t n;
};

/* The items of the list that the words [from, to) are; none where they are one question. */
struct list find_list(struct asking *q, size_t from, size_t to);

#endif

/*
 * near: which of the names that there are was meant by a word that is none of them.
 *
 *     struct near near = near_to(STR("chek"));
 *     near_try(&near, STR("check"));
 *     near_try(&near, STR("chat"));
 *     if (near.best.n)
 *         … did you mean 'check'? …
 */
#ifndef DOCENT_BASE_NEAR_H
#define DOCENT_BASE_NEAR_H

#include "base/str.h"

#include <stddef.h>

struct near {
    struct str word, best; /* views; best is empty while nothing came near */
    size_t distance;       /* that a name must stay below */
};

struct near near_to(struct str word);
void near_try(struct near *n, struct str name); /* of equally near ones the first wins */

/*
 * How many letters to add, drop, change or swap with their neighbour to make b of a; the case of ASCII letters does not
 * matter. Words of more than NEAR_MAX bytes are as far from each other as they are long.
 */
enum { NEAR_MAX = 48 };
size_t near_distance(struct str a, struct str b);

#endif

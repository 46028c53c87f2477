#include "base/near.h"

#include <stdbool.h>

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment. */
size_t near_distance(struct str a, struct str b)
{
    size_t rows[3][NEAR_MAX + 1], *before = rows[0], *last = rows[1], *row = rows[2];
    if (a.n > NEAR_MAX || b.n > NEAR_MAX)
        return str_eq(a, b) ? 0 : a.n > b.n ? a.n : b.n;
    for (size_t j = 0; j <= b.n; j++)
        before[j] = last[j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            char here = ch_lower(a.p[i - 1]), there = ch_lower(b.p[j - 1]);
            row[j] = least(last[j - 1] + (here != there), 1 + least(last[j], row[j - 1]));
            bool swapped = i > 1 && j > 1 && here == ch_lower(b.p[j - 2]) && ch_lower(a.p[i - 2]) == there;
            if (swapped)
                row[j] = least(row[j], before[j - 2] + 1);
        }
        size_t *oldest = before;
        before = last, last = row, row = oldest;
    }
    return last[b.n];
}

/* One letter may be wrong in a short word, two in others, three in long ones. */
struct near near_to(struct str word)
{
    return (struct near){.word = word, .distance = word.n < 2 ? 0 : word.n <= 3 ? 2 : word.n <= 9 ? 3 : 4};
}

static bool begins(struct str name, struct str word)
{
    return word.n >= 3 && name.n > word.n && near_distance(str_sub(name, 0, word.n), word) == 0;
}

void near_try(struct near *n, struct str name)
{
    size_t distance = begins(name, n->word) ? 1 : near_distance(n->word, name);
    if (distance < n->distance && distance < name.n) {
        n->best = name;
        n->distance = distance;
    }
}

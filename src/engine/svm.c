#include "engine/svm.h"

#include "base/arena.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * COST is what a row on the wrong side costs. Training ends when no row's optimality is off by more than is near enough:
 * closer changes few decisions and takes many times as long. Few rows take no time, and of few each one counts.
 */
static const double COST = 1, NEAR_ENOUGH = 2, NEAR_ENOUGH_FEW = 0.5, NOTHING = 1e-12;
enum { FEW_ROWS = 1000, ROUNDS_MAX = 1000 };

/*
 * A row's duals: one a class, its own between 0 and COST, the others not above 0, all together 0. Those that stay at
 * their bound are put aside ("shrunk"): order[0…active) are the classes that are still looked at.
 */
struct duals {
    double *alpha;              /* by class */
    uint32_t *order;
    uint32_t active;
    uint32_t own;               /* where in order the row's own class stands */
    double length;              /* of the row, squared */
};

struct solver {
    const struct svm_problem *p;
    double *weights;
    struct arena a;
    struct duals *duals;        /* by row */
    uint32_t *turn;             /* rows in the order of this round; [0…n_turn) still count */
    uint32_t n_turn;
    bool *touched;              /* features with a weight that is not 0 */
    double *all;                /* of the row at hand, by class; the others by place in its order */
    double *gradient, *target, *largest;
    uint32_t *moved;
    double *by;
    struct place_in_round *places;
};

struct place_in_round {
    uint64_t at;
    uint32_t row;
};

/* --- one row ------------------------------------------------------------------------------------------------ */

typedef double four __attribute__((vector_size(32), aligned(8), may_alias)); /* compilers make it fit the machine */

static void add_scaled(double *restrict to, const double *restrict from, double by, uint32_t n)
{
    uint32_t k = 0;
    for (; k + 4 <= n; k += 4)
        *(four *)(to + k) += *(const four *)(from + k) * by;
    for (; k < n; k++)
        to[k] += from[k] * by;
}

/*
 * gradient[k] becomes how far the row's value for class order[k] lies above what it may be. While most classes are still
 * looked at, going over all of them in a row is faster than picking some.
 */
static void find_gradient(struct solver *s, const struct svm_row *row, const struct duals *u)
{
    uint32_t n = s->p->n_classes;
    bool most = u->active > n / 4;
    double *g = most ? s->all : s->gradient;
    for (uint32_t k = 0; k < (most ? n : u->active); k++)
        g[k] = 1;
    if (most)
        g[row->class] = 0;
    else if (u->own < u->active)
        g[u->own] = 0;
    for (uint32_t i = 0; i < row->n; i++) {
        const double *w = s->weights + (size_t)row->values[i].feature * n;
        double value = row->values[i].value;
        if (!s->touched[row->values[i].feature])
            continue;
        if (most)
            add_scaled(g, w, value, n);
        else
            for (uint32_t k = 0; k < u->active; k++)
                g[k] += w[u->order[k]] * value;
    }
    for (uint32_t k = 0; most && k < u->active; k++)
        s->gradient[k] = g[u->order[k]];
}

static bool may_grow(const struct duals *u, uint32_t k)
{
    return u->alpha[u->order[k]] < (k == u->own ? COST : 0);
}

static double least_gradient(const struct solver *s, const struct duals *u)
{
    double least = INFINITY;
    for (uint32_t k = 0; k < u->active; k++)
        if (may_grow(u, k) && s->gradient[k] < least)
            least = s->gradient[k];
    return least;
}

static double largest_gradient(const struct solver *s, const struct duals *u)
{
    double largest = -INFINITY;
    for (uint32_t k = 0; k < u->active; k++)
        if (s->gradient[k] > largest)
            largest = s->gradient[k];
    return largest;
}

static void swap_places(struct solver *s, struct duals *u, uint32_t a, uint32_t b)
{
    uint32_t class = u->order[a];
    double g = s->gradient[a];
    u->order[a] = u->order[b], u->order[b] = class;
    s->gradient[a] = s->gradient[b], s->gradient[b] = g;
    u->own = u->own == a ? b : u->own == b ? a : u->own;
}

static bool is_settled(const struct solver *s, const struct duals *u, uint32_t k, double least)
{
    return !may_grow(u, k) && s->gradient[k] < least;
}

static void put_settled_aside(struct solver *s, struct duals *u, double least)
{
    for (uint32_t k = 0; k < u->active; k++) {
        if (!is_settled(s, u, k, least))
            continue;
        do
            u->active--;
        while (u->active > k && is_settled(s, u, u->active, least));
        if (u->active > k)
            swap_places(s, u, k, u->active);
    }
}

/* Takes the largest of values[from…n) to the front. */
static void bring_largest(double *values, uint32_t from, uint32_t n)
{
    uint32_t at = from;
    for (uint32_t i = from + 1; i < n; i++)
        if (values[i] > values[at])
            at = i;
    double v = values[at];
    values[at] = values[from], values[from] = v;
}

/* The level to which the row's duals are filled up, such that they sum to 0. Few classes reach it, so none are sorted. */
static double find_level(struct solver *s, const struct duals *u)
{
    double *d = s->largest, level;
    uint32_t n = 1;
    memcpy(d, s->target, u->active * sizeof *d);
    if (u->own < u->active)
        d[u->own] += u->length * COST;
    bring_largest(d, 0, u->active);
    level = d[0] - u->length * COST;
    for (; n < u->active; n++) {
        bring_largest(d, n, u->active);
        if (level >= n * d[n])
            break;
        level += d[n];
    }
    return level / n;
}

/* Solves for the row's duals while all others stay, and takes what changed over into the weights. */
static void step(struct solver *s, const struct svm_row *row, struct duals *u)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < u->active; k++)
        s->target[k] = s->gradient[k] - u->length * u->alpha[u->order[k]];
    double level = find_level(s, u);
    for (uint32_t k = 0; k < u->active; k++) {
        double *alpha = &u->alpha[u->order[k]], most = k == u->own ? COST : 0;
        double fresh = (level - s->target[k]) / u->length;
        fresh = fresh < most ? fresh : most;
        double by = fresh - *alpha;
        *alpha = fresh;
        if (fabs(by) >= NOTHING)
            s->moved[n] = u->order[k], s->by[n++] = by;
    }
    for (uint32_t i = 0; i < row->n; i++) {
        double *w = s->weights + (size_t)row->values[i].feature * s->p->n_classes;
        s->touched[row->values[i].feature] = true;
        for (uint32_t k = 0; k < n; k++)
            w[s->moved[k]] += s->by[k] * row->values[i].value;
    }
}

/* --- all rows ----------------------------------------------------------------------------------------------- */

static int by_place(const void *left, const void *right)
{
    const struct place_in_round *a = left, *b = right;
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

/* Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014; the mixing of its output. */
static uint64_t mixed(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

/* Rows come at random, but each at a place that has nothing to do with how many others there are. */
static void shuffle(struct solver *s, uint64_t round)
{
    for (uint32_t i = 0; i < s->n_turn; i++)
        s->places[i] = (struct place_in_round){mixed(s->p->rows[s->turn[i]].key + round * UINT64_C(0x9E3779B97F4A7C15)), s->turn[i]};
    qsort(s->places, s->n_turn, sizeof *s->places, by_place);
    for (uint32_t i = 0; i < s->n_turn; i++)
        s->turn[i] = s->places[i].row;
}

/* Goes over all rows that count. Returns by how much the worst was off. */
static double go_round(struct solver *s, uint64_t round)
{
    double worst = -INFINITY;
    shuffle(s, round);
    for (uint32_t t = 0; t < s->n_turn; t++) {
        const struct svm_row *row = &s->p->rows[s->turn[t]];
        struct duals *u = &s->duals[s->turn[t]];
        if (u->length <= 0)
            continue;
        find_gradient(s, row, u);
        double least = least_gradient(s, u), off = largest_gradient(s, u) - least;
        put_settled_aside(s, u, least);
        if (u->active <= 1) {
            uint32_t done = s->turn[t];
            s->turn[t--] = s->turn[--s->n_turn];
            s->turn[s->n_turn] = done;
            continue;
        }
        if (off <= NOTHING)
            continue;
        worst = fmax(worst, off);
        step(s, row, u);
    }
    return worst;
}

static void look_at_all(struct solver *s)
{
    s->n_turn = s->p->n_rows;
    for (uint32_t i = 0; i < s->p->n_rows; i++)
        s->duals[i].active = s->p->n_classes;
}

static void begin(struct solver *s)
{
    const struct svm_problem *p = s->p;
    s->duals = arena_array(&s->a, p->n_rows, sizeof *s->duals);
    s->turn = arena_array(&s->a, p->n_rows, sizeof *s->turn);
    s->touched = arena_array(&s->a, p->n_features, sizeof *s->touched);
    s->all = arena_array(&s->a, p->n_classes, sizeof *s->all);
    s->gradient = arena_array(&s->a, p->n_classes, sizeof *s->gradient);
    s->target = arena_array(&s->a, p->n_classes, sizeof *s->target);
    s->largest = arena_array(&s->a, p->n_classes, sizeof *s->largest);
    s->moved = arena_array(&s->a, p->n_classes, sizeof *s->moved);
    s->by = arena_array(&s->a, p->n_classes, sizeof *s->by);
    s->places = arena_array(&s->a, p->n_rows, sizeof *s->places);
    for (uint32_t i = 0; i < p->n_rows; i++) {
        struct duals *u = &s->duals[i];
        u->alpha = arena_array(&s->a, p->n_classes, sizeof *u->alpha);
        u->order = arena_array(&s->a, p->n_classes, sizeof *u->order);
        u->own = p->rows[i].class;
        for (uint32_t k = 0; k < p->n_classes; k++)
            u->order[k] = k;
        for (uint32_t k = 0; k < p->rows[i].n; k++)
            u->length += p->rows[i].values[k].value * p->rows[i].values[k].value;
        s->turn[i] = i;
    }
    look_at_all(s);
}

/* Rows and classes are put aside until what is left is near enough; then all are looked at again, more closely. */
void svm_train(const struct svm_problem *problem, double *weights)
{
    struct solver s = {.p = problem, .weights = weights};
    double enough = problem->n_rows <= FEW_ROWS ? NEAR_ENOUGH_FEW : NEAR_ENOUGH, close = 10 * enough;
    bool all = true;
    begin(&s);
    for (int round = 0; round < ROUNDS_MAX; round++) {
        double off = go_round(&s, (uint64_t)round);
        if (off >= close) {
            all = false;
            continue;
        }
        if (off < enough && all)
            break;
        look_at_all(&s);
        close = fmax(close / 2, enough);
        all = true;
    }
    arena_release(&s.a);
}

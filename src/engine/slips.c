#include "engine/slips.h"

#include <string.h>

uint32_t letters_of(struct str s)
{
    uint32_t set = 0;
    for (size_t i = 0; i < s.n; i++)
        set |= ch_alpha(s.p[i]) ? UINT32_C(1) << (s.p[i] - 'a') : UINT32_C(1) << 26;
    return set;
}

bool is_vowel(char c)
{
    return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y';
}

/* Letters whose keys lie next to each other's. */
static const char *const near_keys[26] = {
    "qwsz", "vghn", "xdfv", "serfcx", "wsdr", "drtgvc", "ftyhbv", "gyujnb", "ujko", "huikmn", "jiolm", "kop",  "njk",
    "bhjm", "iklp", "ol",   "wa",     "edft", "awedxz", "rfgy",   "yhji",   "cfgb", "qase",   "zsdc",  "tghu", "asx"};

/* What it costs, in tenths of a slip. A word's first letter is seldom wrong. */
enum {
    SWAPPED = 4,
    MOVED = 8, /* "erna" for "earn" */
    CHANGED_NEAR = 8,
    CHANGED = 10,
    DOUBLED = 6,
    DROPPED = 9,
    ADDED = 10,
    FIRST_LETTER = 3,
    CHEAPEST = SWAPPED,
    CHEAPEST_LETTER = DOUBLED - CHEAPEST /* on top of that, for each letter that only one of the words has */
};

static size_t letter_of(char c)
{
    return c >= 'a' && c <= 'z' ? (size_t)(c - 'a') : LETTERS - 1;
}

/* What it costs to have typed one letter where another was meant. */
void slips_fill(uint8_t changes[LETTERS][LETTERS])
{
    memset(changes, CHANGED, LETTERS * LETTERS);
    for (char a = 'a'; a <= 'z'; a++)
        for (char b = 'a'; b <= 'z'; b++)
            if ((is_vowel(a) && is_vowel(b)) || strchr(near_keys[a - 'a'], b))
                changes[letter_of(a)][letter_of(b)] = CHANGED_NEAR;
    for (char a = 'a'; a <= 'z'; a++)
        changes[letter_of(a)][letter_of(a)] = 0;
}

static unsigned count_letters(uint32_t set)
{
    unsigned n = 0;
    for (; set; set &= set - 1)
        n++;
    return n;
}

/* A change does away with a letter on either side. */
unsigned least_slips(uint32_t a, uint32_t b)
{
    unsigned only_a = count_letters(a & ~b), only_b = count_letters(b & ~a);
    return only_a >= only_b ? CHANGED_NEAR * only_a : CHANGED_NEAR * only_a + CHEAPEST * (only_b - only_a);
}

struct typed typed_of(struct str text)
{
    struct typed t = {.text = text, .letters = letters_of(text)};
    for (size_t i = 0; i < text.n && i < WORD_MAX; i++)
        t.places[letter_of(text.p[i])] |= UINT64_C(1) << i;
    return t;
}

/*
 * At least so many letters are swapped, dropped, added or changed between two words: a column of the table that slips()
 * fills cell by cell at once, as differences between neighbours, all of which count 1 here. (Hyyrö: A bit-vector algorithm
 * for computing Levenshtein and Damerau edit distances, 2003.)
 */
static unsigned least_edits(const struct typed *a, struct str b)
{
    uint64_t more = ~UINT64_C(0), less = 0, diagonal = 0, before = 0, last = UINT64_C(1) << (a->text.n - 1);
    size_t edits = a->text.n;
    for (size_t j = 0; j < b.n; j++) {
        uint64_t same = a->places[letter_of(b.p[j])], swapped = (~diagonal & same) << 1 & before;
        diagonal = (((same & more) + more) ^ more) | same | less | swapped;
        uint64_t right_more = less | ~(diagonal | more), right_less = diagonal & more;
        edits += (right_more & last) != 0;
        edits -= (right_less & last) != 0;
        right_more = right_more << 1 | 1;
        more = right_less << 1 | ~(diagonal | right_more);
        less = right_more & diagonal;
        before = same;
    }
    return (unsigned)edits;
}

/* What it costs to have left out each letter of a word: vowels go missing first, and one of two that are the same. */
static void fill_dropped(struct str w, uint8_t out[WORD_MAX])
{
    for (size_t i = 0; i < w.n; i++)
        out[i] = i && (w.p[i] == w.p[i - 1] || is_vowel(w.p[i])) ? DOUBLED : DROPPED;
}

unsigned slip_in_front(struct str a, struct str b)
{
    bool swapped = a.n > 1 && b.n > 1 && a.p[0] == b.p[1] && a.p[1] == b.p[0];
    return a.p[0] != b.p[0] && !swapped ? FIRST_LETTER : 0;
}

/* Does one letter come two places or more too early or too late, all others being right? */
static bool is_one_moved(struct str a, struct str b)
{
    size_t from = 0, to = a.n;
    if (a.n != b.n)
        return false;
    while (from < to && a.p[from] == b.p[from])
        from++;
    while (to > from && a.p[to - 1] == b.p[to - 1])
        to--;
    if (to - from < 3)
        return false;
    size_t rest = to - from - 1;
    return (a.p[from] == b.p[to - 1] && memcmp(a.p + from + 1, b.p + from, rest) == 0) ||
           (b.p[from] == a.p[to - 1] && memcmp(b.p + from + 1, a.p + from, rest) == 0);
}

/* Optimal string alignment; only cells near the diagonal are looked at, since more than `most` is not told apart. */
unsigned slips(const uint8_t changes[LETTERS][LETTERS], const struct typed *typed, struct str b, uint32_t letters_of_b,
               unsigned most)
{
    enum { FAR = 1000 };
    struct str a = typed->text;
    size_t band = most / CHEAPEST, longer = a.n > b.n ? a.n - b.n : b.n - a.n;
    if (!a.n || !b.n || a.n > WORD_MAX || b.n > WORD_MAX || longer > band)
        return most + 1;
    if (is_one_moved(a, b))
        return MOVED + slip_in_front(a, b);
    if (CHEAPEST * least_edits(typed, b) + CHEAPEST_LETTER * count_letters(typed->letters ^ letters_of_b) > most)
        return most + 1;
    unsigned row[3][WORD_MAX + 2], least_before = 0; /* of each row only cells that are set are looked at */
    uint8_t dropped[WORD_MAX] = {0}, letters[WORD_MAX] = {0};
    fill_dropped(b, dropped);
    for (size_t j = 0; j < b.n; j++)
        letters[j] = (uint8_t)letter_of(b.p[j]);
    for (size_t j = 0; j <= b.n; j++)
        row[0][j] = j <= band ? (unsigned)j * DROPPED : FAR;
    row[0][b.n + 1] = FAR;
    for (size_t i = 1; i <= a.n; i++) {
        unsigned *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
        bool doubled = i > 1 && a.p[i - 1] == a.p[i - 2];
        unsigned added = doubled ? DOUBLED : ADDED;
        size_t from = i > band ? i - band : 1, to = i + band < b.n ? i + band : b.n;
        const uint8_t *to_other = changes[letter_of(a.p[i - 1])];
        unsigned least = now[from - 1] = from == 1 ? (unsigned)i * DROPPED : FAR;
        for (size_t j = from; j <= to; j++) {
            unsigned cost = last[j - 1] + to_other[letters[j - 1]], add = last[j] + added,
                     drop = now[j - 1] + dropped[j - 1];
            cost = add < cost ? add : cost;
            cost = drop < cost ? drop : cost;
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1] && !doubled &&
                before[j - 2] + SWAPPED < cost)
                cost = before[j - 2] + SWAPPED;
            now[j] = cost;
            least = cost < least ? cost : least;
        }
        now[to + 1] = FAR;
        if (least > most && least_before > most) /* swapped letters leap over one row */
            return most + 1;
        least_before = least;
    }
    return row[a.n % 3][b.n] + slip_in_front(a, b);
}

struct str by_ear(struct str w, char out[WORD_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < w.n && n < WORD_MAX; i++) {
        char c = w.p[i], next = i + 1 < w.n ? w.p[i + 1] : '\0';
        if (c == 'p' && next == 'h')
            c = 'f', i++;
        else if (c == 'c' && next == 'k')
            c = 'k', i++;
        else if (c == 'c' && next == 'h' && n && out[n - 1] == 's')
            c = 'k', i++;
        else if (c == 'c' && next != 'h')
            c = next && strchr("eiy", next) ? 's' : 'k';
        else if (c == 'g' && next == 'h')
            continue;
        else if (c == 'z')
            c = 's';
        else if (c == 'y' && i + 1 == w.n && i)
            c = 'i';
        if (!(n && out[n - 1] == c && !is_vowel(c)))
            out[n++] = c;
    }
    return (struct str){out, n};
}

size_t sound_of(struct str w, char out[SOUND_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < w.n && n < SOUND_MAX; i++) {
        char c = w.p[i], next = i + 1 < w.n ? w.p[i + 1] : '\0';
        if (is_vowel(c)) {
            c = i ? '\0' : 'a';
        } else if (c == 'p' && next == 'h') {
            c = 'f', i++;
        } else if (c == 'c') {
            c = next && strchr("eiy", next) ? 's' : 'k';
        } else if (c == 'q') {
            c = 'k';
        } else if (c == 'z') {
            c = 's';
        } else if (c == 'x') {
            c = 'k';
        } else if (c == 'd' && next == 'g') {
            c = 'j', i++;
        } else if (c == 'g' && next && strchr("eiy", next)) {
            c = 'j';
        } else if (c == 't' && next == 'i' && i + 2 < w.n && strchr("ao", w.p[i + 2])) {
            c = 's';
        } else if (c == 's' && next == 'h') {
            c = 's', i++;
        } else if ((c == 'h' || c == 'w') && i) {
            c = '\0';
        } else if ((c == 'k' && next == 'n' && i == 0) || (c == 'g' && next == 'h')) {
            c = '\0';
        }
        if (c && !(n && out[n - 1] == c))
            out[n++] = c;
    }
    return n;
}

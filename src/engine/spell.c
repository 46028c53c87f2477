#include "engine/spell.h"

#include "engine/english.h"
#include "engine/slips.h"
#include "engine/words/wordtable.h"

#include <stdlib.h>
#include <string.h>

enum {
    SHORTEST = 4,     /* letters that a word must have to be corrected, but for swapped neighbours */
    TWO_SLIPS = 8,    /* from this length on, two slips are allowed */
    RIVAL_WITHIN = 6, /* tenths of a slip, like all that follows */
    BY_EAR = 3,       /* what it costs that a word only sounds like another */
};

struct target { /* a word that others may be corrected to */
    uint32_t word;
    struct str text;
};

struct entries { /* targets by hash, open addressing */
    struct {
        uint32_t hash, target;
    } * slots; /* target + 1; 0: free */
    size_t size;
};

struct speller {
    const struct lexicon *lex;
    struct arena *arena;
    bool ready;
    struct target *targets; /* by length */
    size_t n_targets;
    uint32_t shorter[WORD_MAX + 2]; /* by length: how many targets are shorter, those of more than WORD_MAX left out */
    uint32_t *letters;              /* by target: a bit for each letter that occurs in it */
    struct entries deletes;         /* by word, and by word with a letter left out */
    struct entries sounds;          /* by sound */
    uint8_t changes[LETTERS][LETTERS];
};

bool english_knows(struct str word)
{
    for (unsigned k = 0; k < WORDTABLE_HASHES; k++) {
        size_t bit = wordtable_bit(word, k, wordtable_bits);
        if (!(wordtable[bit / 8] >> bit % 8 & 1))
            return false;
    }
    return true;
}

/* --- tables ------------------------------------------------------------------------------------------------- */

static uint64_t hash_without(struct str s, size_t left_out)
{
    struct str before = {s.p, left_out}, behind = {s.p + left_out + 1, s.n - left_out - 1};
    return str_hash_more(str_hash(before), behind);
}

static bool is_acronym(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (is_vowel(s.p[i]))
            return false;
    return true;
}

/* Words that a slip away from are other words too (CPC, CCS, CIC) are no targets; of three letters only plain words are. */
static bool may_be_target(const struct lex_word *w)
{
    if (!(w->flags & (WORD_SUBJECT | WORD_FUNCTION | WORD_FILLER)) || w->text.n < 3)
        return false;
    for (size_t i = 0; i < w->text.n; i++)
        if (w->text.p[i] < 'a' || w->text.p[i] > 'z')
            return false;
    bool grammar = w->flags & WORD_FUNCTION;
    if (w->text.n == 3)
        return grammar || (!is_acronym(w->text) && english_knows(w->text));
    return grammar || w->text.n > 4 || !is_acronym(w->text);
}

struct speller *speller_new(const struct lexicon *lex, struct arena *a)
{
    struct speller *s = arena_alloc(a, sizeof *s);
    s->lex = lex;
    s->arena = a;
    return s;
}

static void add_target(struct speller *s, size_t word, struct str text)
{
    if (text.n <= WORD_MAX)
        s->targets[s->n_targets++] = (struct target){(uint32_t)word, text};
}

static void order_by_length(struct speller *s)
{
    struct target *ordered = arena_array(s->arena, s->n_targets, sizeof *ordered);
    uint32_t next[WORD_MAX + 2];
    for (size_t t = 0; t < s->n_targets; t++)
        s->shorter[s->targets[t].text.n + 1]++;
    for (size_t n = 1; n < WORD_MAX + 2; n++)
        s->shorter[n] += s->shorter[n - 1];
    memcpy(next, s->shorter, sizeof next);
    for (size_t t = 0; t < s->n_targets; t++)
        ordered[next[s->targets[t].text.n]++] = s->targets[t];
    s->targets = ordered;
}

static void make_entries(struct speller *s, struct entries *e, size_t n)
{
    for (e->size = 64; e->size < n * 2;)
        e->size *= 2;
    e->slots = arena_array(s->arena, e->size, sizeof *e->slots);
}

static void enter(struct entries *e, uint64_t hash, uint32_t target)
{
    size_t at = hash & (e->size - 1);
    while (e->slots[at].target)
        at = (at + 1) & (e->size - 1);
    e->slots[at].hash = (uint32_t)hash;
    e->slots[at].target = target + 1;
}

static uint64_t hash_of_sound(struct str word)
{
    char sound[SOUND_MAX];
    size_t n = sound_of(word, sound);
    return str_hash((struct str){sound, n});
}

/* Made when the first unknown word comes: many conversations have none. */
static void prepare(struct speller *s)
{
    size_t n_deletes = 0;
    s->ready = true;
    size_t most = 2 * s->lex->n_words + s->lex->spoken_size;
    for (const struct english_pair *fold = english_folds; fold->from; fold++)
        most++;
    s->targets = arena_array(s->arena, most, sizeof *s->targets);
    for (size_t i = 1; i < s->lex->n_words; i++) {
        const struct lex_word *w = &s->lex->words[i];
        if (!may_be_target(w))
            continue;
        add_target(s, i, w->text);
        if (w->flags & WORD_PLURAL)
            add_target(s, i, arena_fmt(s->arena, "%.*ss", STR_FMT(w->text)));
    }
    for (size_t i = 0; i < s->lex->spoken_size; i++) { /* "cert", where the packs say "certification" */
        const struct spoken *form = &s->lex->spoken[i];
        if (form->form.n >= SHORTEST && form->row.n == 1 && !memchr(form->form.p, '\'', form->form.n) &&
            may_be_target(&s->lex->words[form->row.words[0]]))
            add_target(s, form->row.words[0], form->form);
    }
    for (const struct english_pair *fold = english_folds; fold->from; fold++) { /* "does", where the packs have "do" */
        uint32_t word = lexicon_find(s->lex, str_of(fold->to));
        if (word && strlen(fold->from) > 2)
            add_target(s, word, str_of(fold->from));
    }
    order_by_length(s);
    s->letters = arena_array(s->arena, s->n_targets, sizeof *s->letters);
    for (size_t t = 0; t < s->n_targets; t++) {
        s->letters[t] = letters_of(s->targets[t].text);
        n_deletes += s->targets[t].text.n + 1;
    }
    slips_fill(s->changes);
    make_entries(s, &s->deletes, n_deletes);
    make_entries(s, &s->sounds, s->n_targets);
    for (uint32_t t = 0; t < s->n_targets; t++) {
        struct str text = s->targets[t].text;
        for (size_t left_out = 0; left_out < text.n; left_out++)
            enter(&s->deletes, hash_without(text, left_out), t);
        enter(&s->deletes, str_hash(text), t);
        enter(&s->sounds, hash_of_sound(text), t);
    }
}

/* --- choosing ----------------------------------------------------------------------------------------------- */

struct choice {
    struct typed word, heard; /* heard: as it sounds; empty where that is not looked at */
    unsigned most;            /* slips allowed, in tenths */
    unsigned best, second;
    uint32_t target, rival; /* targets + 1 */
};

/*
 * What a word costs, in tenths of a slip, for being said seldom: of "core" and "coder", what a pack is about is likelier.
 * Packs leave out "the", which people say all the time.
 */
static unsigned rarity(const struct speller *s, uint32_t target)
{
    const struct lex_word *w = &s->lex->words[s->targets[target].word];
    return w->count >= 100 ? 0 : w->count >= 10 || w->flags & WORD_FILLER ? 1 : 2;
}

static void consider(const struct speller *s, struct choice *c, uint32_t target)
{
    if (target + 1 == c->target || target + 1 == c->rival)
        return;
    bool same_word = c->target && s->targets[c->target - 1].word == s->targets[target].word; /* with and without -s */
    unsigned most = c->rival && c->second < c->most ? c->second : c->most; /* what is further comes third */
    bool too_far = least_slips(c->word.letters, s->letters[target]) > most;
    if (too_far && !c->heard.text.n)
        return;
    unsigned cost = too_far ? most + 1 : slips(s->changes, &c->word, s->targets[target].text, s->letters[target], most);
    if (c->heard.text.n) {
        char bytes[WORD_MAX];
        struct str ear = by_ear(s->targets[target].text, bytes);
        unsigned heard = slips(s->changes, &c->heard, ear, letters_of(ear), most) + BY_EAR;
        heard += slip_in_front(c->word.text, s->targets[target].text);
        if (heard < cost)
            cost = heard;
    }
    if (cost > most)
        return;
    cost += rarity(s, target);
    if (same_word) {
        if (cost < c->best)
            c->best = cost, c->target = target + 1;
    } else if (cost < c->best || !c->target) {
        c->second = c->best, c->rival = c->target;
        c->best = cost, c->target = target + 1;
    } else if (cost < c->second || !c->rival) {
        c->second = cost, c->rival = target + 1;
    }
}

static void consider_entries(const struct speller *s, const struct entries *e, uint64_t hash, struct choice *c)
{
    for (size_t at = hash & (e->size - 1); e->slots[at].target; at = (at + 1) & (e->size - 1))
        if (e->slots[at].hash == (uint32_t)hash)
            consider(s, c, e->slots[at].target - 1);
}

static void consider_deletes(const struct speller *s, struct choice *c)
{
    uint64_t hashes[WORD_MAX + 1];
    size_t n = c->word.text.n;
    for (size_t left_out = 0; left_out < n; left_out++)
        hashes[left_out] = hash_without(c->word.text, left_out);
    hashes[n] = str_hash(c->word.text);
    for (size_t i = 0; i <= n; i++) /* they lie all over the table: sent for at once */
        __builtin_prefetch(&s->deletes.slots[hashes[i] & (s->deletes.size - 1)]);
    for (size_t i = 0; i <= n; i++)
        consider_entries(s, &s->deletes, hashes[i], c);
}

/* Words of about the same length that differ in four letters at most. Words come here from TWO_SLIPS letters on. */
static void consider_all(const struct speller *s, struct choice *c)
{
    size_t n = c->word.text.n;
    for (uint32_t t = s->shorter[n - 2]; t < s->shorter[n + 3 < WORD_MAX + 1 ? n + 3 : WORD_MAX + 1]; t++) {
        uint32_t differ = c->word.letters ^ s->letters[t];
        for (int i = 0; i < 4; i++)
            differ &= differ - 1;
        if (!differ)
            consider(s, c, t);
    }
}

/* A word that the packs say far more often than its rival may win a tie; otherwise nobody does. */
static uint32_t winner(const struct speller *s, const struct choice *c)
{
    if (!c->target)
        return 0;
    uint32_t word = s->targets[c->target - 1].word;
    if (c->rival && c->second <= c->best + 1) {
        uint32_t other = s->targets[c->rival - 1].word;
        uint32_t count = s->lex->words[word].count, other_count = s->lex->words[other].count;
        if (other_count > 3 * count)
            return other;
        if (count <= 3 * other_count)
            return 0;
    }
    return word;
}

/* Of two that were equally near the one that is said more often, else the next nearest, if it is near enough. */
static uint32_t runner_up(const struct speller *s, const struct choice *c, uint32_t winner)
{
    if (!c->rival || c->second > c->best + RIVAL_WITHIN)
        return 0;
    uint32_t word = s->targets[c->target - 1].word, other = s->targets[c->rival - 1].word;
    if (winner)
        return winner == word ? other : word;
    return s->lex->words[word].count >= s->lex->words[other].count ? word : other;
}

static struct spelling chosen(const struct speller *s, const struct choice *c, const char *reason)
{
    uint32_t word = winner(s, c);
    return (struct spelling){.word = word, .rival = runner_up(s, c, word), .tenths = c->best, .reason = reason};
}

static struct spelling correct(const struct speller *s, struct str word)
{
    char bytes[WORD_MAX];
    struct choice one = {.word = typed_of(word), .most = word.n < SHORTEST ? 7 : word.n < 5 ? 9 : 12};
    consider_deletes(s, &one);
    struct choice sound = {.word = one.word,
                           .heard = typed_of(by_ear(word, bytes)),
                           .most = word.n < 5   ? 12
                                   : word.n < 9 ? 20
                                                : 27};
    if (word.n >= SHORTEST)
        consider_entries(s, &s->sounds, hash_of_sound(word), &sound);
    bool heard = sound.target && (!one.target || sound.best < one.best);
    if (one.target || sound.target)
        return heard ? chosen(s, &sound, "spelled by ear") : chosen(s, &one, "typing error");
    if (word.n < TWO_SLIPS)
        return (struct spelling){0};
    struct choice two = {.word = one.word, .most = 20};
    consider_all(s, &two);
    return chosen(s, &two, "typing errors");
}

/* "codin", as it is spoken: the word with -ing. */
static struct spelling correct_spoken(const struct speller *s, struct str typed)
{
    char letters[WORD_MAX];
    if (typed.n < 5 || typed.n >= WORD_MAX || !str_ends(typed, STR("in")))
        return (struct spelling){0};
    memcpy(letters, typed.p, typed.n);
    letters[typed.n] = 'g';
    struct str whole = {letters, typed.n + 1};
    uint32_t found = lexicon_find(s->lex, whole);
    struct spelling spelling = {.word = found};
    if (!found || !may_be_target(&s->lex->words[found]))
        spelling = correct(s, whole);
    spelling.tenths += BY_EAR;
    spelling.reason = "spelled by ear";
    return spelling;
}

struct spelling spell_word(const struct speller *s, struct str word)
{
    char bytes[WORD_MAX];
    if (word.n > WORD_MAX)
        return (struct spelling){0};
    if (!s->ready)
        prepare((struct speller *)s);
    for (size_t i = 0; i < word.n; i++)
        if (!ch_alpha(word.p[i]))
            return (struct spelling){0};
    struct str folded = word_fold(word, bytes);
    struct spelling found = correct(s, folded), spoken = correct_spoken(s, word);
    if (!found.word && !str_eq(folded, word))
        found = correct(s, word);
    return spoken.word && (!found.word || spoken.tenths < found.tenths) ? spoken : found;
}

bool spell_split(const struct speller *s, struct str word, uint32_t parts[2])
{
    size_t ways = 0;
    for (size_t at = 2; at + 2 <= word.n; at++) {
        char left[WORD_MAX], right[WORD_MAX];
        uint32_t a = lexicon_find(s->lex, word_fold(str_sub(word, 0, at), left));
        uint32_t b = lexicon_find(s->lex, word_fold(str_sub(word, at, word.n), right));
        bool subject = a && b && ((s->lex->words[a].flags | s->lex->words[b].flags) & WORD_SUBJECT);
        if (subject && (at >= 4 || word.n - at >= 4)) {
            parts[0] = a, parts[1] = b;
            ways++;
        }
    }
    return ways == 1;
}

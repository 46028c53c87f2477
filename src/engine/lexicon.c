#include "engine/lexicon.h"

#include "base/mem.h"
#include "engine/english.h"
#include "engine/scan.h"

#include <stdlib.h>
#include <string.h>

enum { TABLE_START = 4096, SPOKEN_SIZE = 1024, ROW_MAX = 24 };

/* --- forms of words ----------------------------------------------------------------------------------------- */

static bool has_vowel(struct str w)
{
    for (size_t i = 0; i < w.n; i++)
        if (memchr("aeiouy", w.p[i], 6))
            return true;
    return false;
}

/* Length of the word without a plural or third-person -s; an ending -ies becomes -y, which *y reports. */
static size_t without_s(struct str w, bool *y)
{
    *y = false;
    if (w.n < 4 || w.p[w.n - 1] != 's' || str_has_digit(w) || !has_vowel(w))
        return w.n;
    if (str_ends(w, STR("ss")) || str_ends(w, STR("us")) || str_ends(w, STR("is")))
        return w.n;
    if (str_ends(w, STR("ies")) && w.n > 4) {
        *y = true;
        return w.n - 2;
    }
    static const char *const es[] = {"sses", "xes", "zes", "ches", "shes"};
    for (size_t i = 0; i < sizeof es / sizeof *es; i++)
        if (str_ends(w, str_of(es[i])))
            return w.n - 2;
    return w.n - 1;
}

/* "coder's" -> "coder", "o'clock" -> "oclock" */
static struct str without_apostrophes(struct str word, char out[WORD_MAX])
{
    if (!word.n || !memchr(word.p, '\'', word.n))
        return word;
    if (str_ends(word, STR("'s")))
        word.n -= 2;
    size_t n = 0;
    for (size_t i = 0; i < word.n && n < WORD_MAX; i++)
        if (word.p[i] != '\'')
            out[n++] = word.p[i];
    return (struct str){out, n};
}

struct str word_fold(struct str word, char out[WORD_MAX])
{
    char bare[WORD_MAX];
    word = without_apostrophes(word, bare);
    for (const struct english_pair *f = english_folds; word.n && word.n <= 9 && f->from; f++)
        if (f->from[0] == word.p[0] && str_is(word, f->from))
            return str_of(f->to);
    size_t n = 0;
    struct str rest = word;
    for (const struct english_pair *v = english_variants; word.n > 5 && v->from; v++)
        if (v->from[0] == word.p[0] && v->from[1] == word.p[1] && str_starts(word, str_of(v->from)) &&
            !str_starts(word, str_of(v->to))) {
            n = strlen(v->to);
            memcpy(out, v->to, n);
            rest = str_sub(word, strlen(v->from), word.n);
            break;
        }
    if (rest.n > WORD_MAX - n)
        rest.n = WORD_MAX - n;
    if (rest.n)
        memcpy(out + n, rest.p, rest.n);
    n += rest.n;
    bool y;
    n = without_s((struct str){out, n}, &y);
    if (y)
        out[n - 1] = 'y';
    return (struct str){out, n};
}

/* --- the table of words ------------------------------------------------------------------------------------- */

static uint32_t *slot_of(const struct lexicon *lex, struct str word)
{
    size_t mask = lex->table_size - 1, i = str_hash(word) & mask;
    while (lex->table[i] && !str_eq(lex->words[lex->table[i]].text, word))
        i = (i + 1) & mask;
    return &lex->table[i];
}

uint32_t word_start(struct str word)
{
    return (uint32_t)str_hash(str_sub(word, 0, START_LETTERS));
}

uint32_t lexicon_find(const struct lexicon *lex, struct str folded)
{
    return *slot_of(lex, folded);
}

static void grow_table(struct lexicon *lex)
{
    lex->table_size = lex->table_size ? lex->table_size * 2 : TABLE_START;
    lex->table = arena_array(lex->arena, lex->table_size, sizeof *lex->table);
    for (size_t i = 1; i < lex->n_words; i++)
        *slot_of(lex, lex->words[i].text) = (uint32_t)i;
}

uint32_t lexicon_add(struct lexicon *lex, struct str folded, uint32_t flags)
{
    if (lex->n_words * 2 >= lex->table_size)
        grow_table(lex);
    uint32_t *slot = slot_of(lex, folded);
    if (!*slot) {
        *slot = (uint32_t)lex->n_words;
        *ARENA_PUSH(lex->arena, lex->words, lex->n_words, lex->cap_words) =
            (struct lex_word){.text = arena_str(lex->arena, folded), .start = word_start(folded)};
    }
    lex->words[*slot].flags |= flags;
    return *slot;
}

/* --- forms that are written out ----------------------------------------------------------------------------- */

static struct spoken *spoken_slot(const struct lexicon *lex, struct str form, uint64_t hash)
{
    size_t mask = lex->spoken_size - 1, i = hash & mask;
    while (lex->spoken[i].form.n && !str_eq(lex->spoken[i].form, form))
        i = (i + 1) & mask;
    return &lex->spoken[i];
}

static const struct word_row *spoken_row(const struct lexicon *lex, struct str form, uint64_t hash)
{
    const struct spoken *s = spoken_slot(lex, form, hash);
    return s->form.n ? &s->row : NULL;
}

const struct word_row *lexicon_spoken(const struct lexicon *lex, struct str form)
{
    return spoken_row(lex, form, str_hash(form));
}

void lexicon_speak(struct lexicon *lex, struct str form, struct word_row row)
{
    if (!lex->spoken_size) {
        lex->spoken_size = SPOKEN_SIZE;
        lex->spoken = arena_array(lex->arena, SPOKEN_SIZE, sizeof *lex->spoken);
    }
    *spoken_slot(lex, form, str_hash(form)) = (struct spoken){form, row};
}

static struct form_seen *form_slot(const struct lexicon *lex, struct str form, uint64_t hash)
{
    size_t mask = lex->forms_size - 1, i = hash & mask;
    while (lex->forms[i].word && !(lex->forms[i].hash == (uint32_t)hash && str_eq(lex->forms[i].form, form)))
        i = (i + 1) & mask;
    return &lex->forms[i];
}

static void grow_forms(struct lexicon *lex)
{
    struct form_seen *old = lex->forms;
    size_t old_size = lex->forms_size;
    lex->forms_size = old_size ? old_size * 2 : TABLE_START * 2;
    lex->forms = mem_alloc(lex->forms_size * sizeof *lex->forms);
    for (size_t i = 0; i < old_size; i++)
        if (old[i].word)
            *form_slot(lex, old[i].form, old[i].hash) = old[i];
    free(old);
}

/* The word of a form: folded once, then looked up. */
static uint32_t word_of_form(struct lexicon *lex, struct str form, uint64_t hash)
{
    if (lex->n_forms * 2 >= lex->forms_size)
        grow_forms(lex);
    struct form_seen *seen = form_slot(lex, form, hash);
    if (!seen->word) {
        char folded[WORD_MAX];
        *seen = (struct form_seen){arena_str(&lex->of_forms, form), lexicon_add(lex, word_fold(form, folded), 0),
                                   (uint32_t)hash};
        lex->n_forms++;
    }
    return seen->word;
}

void lexicon_done(struct lexicon *lex)
{
    arena_release(&lex->scratch);
    arena_release(&lex->of_forms);
    free(lex->forms);
    lex->forms = NULL;
    lex->n_forms = lex->forms_size = 0;
}

/* The words of one token, filler left out. Returns how many there are in out now, of which there were n. */
static size_t read_token(struct lexicon *lex, struct str token, uint32_t flags, uint32_t *out, size_t n, size_t max)
{
    uint64_t hash = str_hash(token);
    const struct word_row *row = spoken_row(lex, token, hash);
    uint32_t one = row ? 0 : word_of_form(lex, token, hash);
    bool with_s = !row && lex->words[one].text.n + 1 == token.n && token.p[token.n - 1] == 's';
    const uint32_t *words = row ? row->words : &one;
    size_t count = row ? row->n : 1;
    for (size_t i = 0; i < count && n < max; i++) {
        struct lex_word *w = &lex->words[words[i]];
        if (w->flags & WORD_FILLER)
            continue;
        w->flags |= flags | (with_s ? WORD_PLURAL : 0);
        w->count += (flags & WORD_SUBJECT) != 0;
        out[n++] = words[i];
    }
    return n;
}

/* Is the text one token as it stands? Patterns are read word by word, so it mostly is. */
static bool is_token(struct str text)
{
    if (!text.n || text.n >= TOKEN_MAX || ch_digit(text.p[0]))
        return false;
    for (size_t i = 0; i < text.n; i++)
        if (!ch_digit(text.p[i]) && !(text.p[i] >= 'a' && text.p[i] <= 'z'))
            return false;
    return true;
}

size_t lexicon_read(struct lexicon *lex, struct str text, uint32_t flags, uint32_t *out, size_t max)
{
    if (is_token(text))
        return read_token(lex, text, flags, out, 0, max);
    arena_reset(&lex->scratch);
    struct scan scan = {.rest = fold_text(text, &lex->scratch)};
    struct token token;
    size_t n = 0;
    while (n < max && scan_token(&scan, &token))
        n = read_token(lex, token.text, flags, out, n, max);
    return n;
}

size_t lexicon_look(const struct lexicon *lex, struct str text, uint32_t *out, size_t max)
{
    struct arena scratch = {0};
    struct scan scan = {.rest = fold_text(text, &scratch)};
    struct token token;
    size_t n = 0;
    while (n < max && scan_token(&scan, &token)) {
        const struct word_row *row = lexicon_spoken(lex, token.text);
        char folded[WORD_MAX];
        uint32_t one = row ? 0 : lexicon_find(lex, word_fold(token.text, folded));
        for (size_t i = 0; i < (row ? row->n : 1) && n < max; i++) {
            uint32_t word = row ? row->words[i] : one;
            if (!(lex->words[word].flags & WORD_FILLER))
                out[n++] = word;
        }
    }
    arena_release(&scratch);
    return n;
}

static void add_all(struct lexicon *lex, const char *const *list, uint32_t flags)
{
    for (; *list; list++) {
        char folded[WORD_MAX];
        lexicon_add(lex, word_fold(str_of(*list), folded), flags);
    }
}

static void add_phrases(struct lexicon *lex, const char *const *list, enum phrase_kind kind, uint16_t owner)
{
    for (; *list; list++) {
        uint32_t row[ROW_MAX];
        size_t n = lexicon_read(lex, str_of(*list), 0, row, ROW_MAX);
        if (n)
            lexicon_phrase(lex, kind, owner, 0, row, n);
    }
}

static struct word_row copy_row(struct arena *a, const uint32_t *words, size_t n)
{
    uint32_t *copy = arena_raw(a, n * sizeof *copy);
    if (n)
        memcpy(copy, words, n * sizeof *copy);
    return (struct word_row){copy, (uint16_t)n};
}

/* A replacement's words are read before its form is known, so that none stands for itself. */
static void speak_english(struct lexicon *lex)
{
    for (const struct english_pair *p = english_spoken; p->from; p++) {
        uint32_t row[ROW_MAX];
        struct str rest = str_of(p->to), piece;
        size_t n = 0;
        while (str_cut(&rest, ' ', &piece)) {
            char folded[WORD_MAX];
            row[n++] = lexicon_add(lex, word_fold(piece, folded), 0);
        }
        lexicon_speak(lex, str_of(p->from), copy_row(lex->arena, row, n));
    }
}

void lexicon_init(struct lexicon *lex, struct arena *a)
{
    *lex = (struct lexicon){.arena = a};
    ARENA_PUSH(a, lex->words, lex->n_words, lex->cap_words); /* number 0: unknown */
    grow_table(lex);
    add_all(lex, english_filler, WORD_FILLER | WORD_FUNCTION);
    add_all(lex, english_function_words, WORD_FUNCTION);
    add_all(lex, english_question_words, WORD_QUESTION | WORD_FUNCTION);
    add_all(lex, english_referring, WORD_REFERRING | WORD_FUNCTION);

    speak_english(lex);
    add_phrases(lex, english_openers, PHRASE_OPENER, 0);
    add_phrases(lex, english_closers, PHRASE_CLOSER, 0);
    add_phrases(lex, english_and, PHRASE_AND, 0);
    add_phrases(lex, english_rather, PHRASE_RATHER, 0);
    add_phrases(lex, english_back, PHRASE_BACK, 0);
    add_phrases(lex, english_more, PHRASE_MORE, 0);
    add_phrases(lex, english_why, PHRASE_WHY, 0);
    add_phrases(lex, english_both, PHRASE_BOTH, 0);
    add_phrases(lex, english_either, PHRASE_EITHER, 0);
    add_phrases(lex, english_other, PHRASE_OTHER, 0);
    for (uint16_t i = 0; english_ordinals[i]; i++)
        add_phrases(lex, english_ordinals[i], PHRASE_ORDINAL, i);
}

/* --- phrases ------------------------------------------------------------------------------------------------ */

void lexicon_phrase(struct lexicon *lex, enum phrase_kind kind, uint16_t owner, uint16_t value, const uint32_t *words,
                    size_t n)
{
    *ARENA_PUSH(lex->arena, lex->phrases, lex->n_phrases, lex->cap_phrases) =
        (struct phrase){.words = copy_row(lex->arena, words, n).words,
                        .second = n > 1 ? words[1] : 0,
                        .n = (uint16_t)n,
                        .kind = (uint8_t)kind,
                        .owner = owner,
                        .value = value};
    lex->words[words[0]].flags |= word_begins(kind);
}

void lexicon_order(struct lexicon *lex)
{
    uint32_t *counts = arena_array(&lex->scratch, lex->n_words, sizeof *counts), from = 0;
    uint16_t longest = 0;
    lex->ordered = arena_raw(lex->arena, lex->n_phrases * sizeof *lex->ordered);
    for (size_t i = 0; i < lex->n_phrases; i++) {
        counts[lex->phrases[i].words[0]]++;
        longest = lex->phrases[i].n > longest ? lex->phrases[i].n : longest;
    }
    for (size_t w = 0; w < lex->n_words; w++) {
        lex->words[w].begins = from;
        lex->words[w].n_begins = 0;
        from += counts[w];
    }
    for (uint16_t n = longest; n > 0; n--)
        for (size_t i = 0; i < lex->n_phrases; i++)
            if (lex->phrases[i].n == n) {
                struct lex_word *word = &lex->words[lex->phrases[i].words[0]];
                lex->ordered[word->begins + word->n_begins++] = lex->phrases[i];
            }
    arena_release(&lex->scratch);
}

void lexicon_replace(struct lexicon *lex, struct str from, struct str to)
{
    uint32_t row[ROW_MAX], into[ROW_MAX];
    size_t n = lexicon_read(lex, from, WORD_SUBJECT, row, ROW_MAX);
    size_t m = lexicon_read(lex, to, WORD_SUBJECT, into, ROW_MAX);
    if (!n)
        return;
    lexicon_phrase(lex, PHRASE_REPLACE, (uint16_t)lex->n_replacements, 0, row, n);
    *ARENA_PUSH(lex->arena, lex->replacements, lex->n_replacements, lex->cap_replacements) =
        copy_row(lex->arena, into, m);
}

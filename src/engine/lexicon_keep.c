/* A lexicon in rows (keep.h): of which English it is; words, their texts, their table; phrases, replacements, forms. */
#include "engine/lexicon.h"

#include "engine/english.h"

#include <string.h>

struct kept_word {
    uint32_t flags, count, anchors, start, length;
};
struct kept_phrase {
    uint16_t kind, owner, value;
};

/* --- keeping ------------------------------------------------------------------------------------------------ */

static void keep_words(const struct lexicon *lex, struct arena *a, struct buf *out)
{
    struct kept_word *words = arena_array(a, lex->n_words, sizeof *words);
    struct str *texts = arena_array(a, lex->n_words, sizeof *texts);
    for (size_t i = 0; i < lex->n_words; i++) {
        const struct lex_word *w = &lex->words[i];
        words[i] = (struct kept_word){w->flags, w->count, w->anchors, w->start, (uint32_t)w->text.n};
        texts[i] = w->text;
    }
    struct str all = arena_join(a, texts, lex->n_words);
    keep_row(out, words, lex->n_words, sizeof *words);
    keep_row(out, all.p, all.n, 1);
    keep_row(out, lex->table, lex->table_size, sizeof *lex->table);
}

static void keep_rows(const struct word_row *rows, size_t n, struct arena *a, struct buf *out)
{
    uint16_t *lengths = arena_array(a, n, sizeof *lengths);
    uint32_t *words = NULL;
    size_t n_words = 0, cap_words = 0;
    for (size_t i = 0; i < n; i++) {
        lengths[i] = rows[i].n;
        for (size_t k = 0; k < rows[i].n; k++)
            *ARENA_PUSH(a, words, n_words, cap_words) = rows[i].words[k];
    }
    keep_row(out, lengths, n, sizeof *lengths);
    keep_row(out, words, n_words, sizeof *words);
}

static void keep_phrases(const struct lexicon *lex, struct arena *a, struct buf *out)
{
    struct kept_phrase *phrases = arena_array(a, lex->n_phrases, sizeof *phrases);
    struct word_row *rows = arena_array(a, lex->n_phrases, sizeof *rows);
    for (size_t i = 0; i < lex->n_phrases; i++) {
        const struct phrase *p = &lex->phrases[i];
        phrases[i] = (struct kept_phrase){p->kind, p->owner, p->value};
        rows[i] = (struct word_row){p->words, p->n};
    }
    keep_row(out, phrases, lex->n_phrases, sizeof *phrases);
    keep_rows(rows, lex->n_phrases, a, out);
}

static size_t count_spoken(void)
{
    size_t n = 0;
    while (english_spoken[n].from)
        n++;
    return n;
}

void lexicon_keep(const struct lexicon *lex, struct buf *out)
{
    struct arena scratch = {0};
    uint64_t english = english_hash();
    size_t n_spoken = count_spoken();
    struct word_row *spoken = arena_array(&scratch, n_spoken, sizeof *spoken);
    for (size_t i = 0; i < n_spoken; i++)
        spoken[i] = *lexicon_spoken(lex, str_of(english_spoken[i].from));
    keep_row(out, &english, 1, sizeof english);
    keep_words(lex, &scratch, out);
    keep_phrases(lex, &scratch, out);
    keep_rows(lex->replacements, lex->n_replacements, &scratch, out);
    keep_rows(spoken, n_spoken, &scratch, out);
    arena_release(&scratch);
}

/* --- taking ------------------------------------------------------------------------------------------------- */

static bool take_words(struct lexicon *lex, struct kept *k)
{
    size_t n_text, used = 0;
    const struct kept_word *kept = kept_row(k, &lex->n_words, sizeof *kept);
    const char *text = kept_row(k, &n_text, 1);
    lex->table = (uint32_t *)kept_row(k, &lex->table_size, sizeof *lex->table); /* nobody adds words to it any more */
    lex->words = arena_raw(lex->arena, lex->n_words * sizeof *lex->words);
    lex->cap_words = lex->n_words;
    for (size_t i = 0; i < lex->n_words; i++) {
        const struct kept_word *w = &kept[i];
        if (w->length > n_text)
            return false;
        lex->words[i] = (struct lex_word){
            .text = {text, w->length}, .flags = w->flags, .count = w->count, .anchors = w->anchors, .start = w->start};
        text += w->length;
        n_text -= w->length;
    }
    for (size_t i = 0; i < lex->table_size; i++)
        used += lex->table[i] != 0;
    return lex->n_words && used < lex->table_size && (lex->table_size & (lex->table_size - 1)) == 0 &&
           all_below(lex->table, lex->table_size, lex->n_words);
}

/* Rows of words, one after the other. */
struct rows {
    const uint16_t *lengths; /* n of them */
    const uint32_t *words;
    size_t n;
};

static struct rows take_rows(struct kept *k, size_t known_words)
{
    struct rows r;
    size_t n_words, sum = 0;
    r.lengths = kept_row(k, &r.n, sizeof *r.lengths);
    r.words = kept_row(k, &n_words, sizeof *r.words);
    for (size_t i = 0; i < r.n; i++)
        sum += r.lengths[i];
    k->damaged = k->damaged || sum != n_words || !all_below(r.words, n_words, known_words);
    return r;
}

static struct word_row next_row(struct rows *r)
{
    struct word_row row = {r->words, *r->lengths};
    r->words += *r->lengths++;
    return row;
}

static bool take_phrases(struct lexicon *lex, struct kept *k)
{
    const struct kept_phrase *kept = kept_row(k, &lex->n_phrases, sizeof *kept);
    struct rows rows = take_rows(k, lex->n_words);
    bool sound = !k->damaged && rows.n == lex->n_phrases;
    lex->phrases = arena_raw(lex->arena, lex->n_phrases * sizeof *lex->phrases);
    lex->cap_phrases = lex->n_phrases;
    for (size_t i = 0; sound && i < lex->n_phrases; i++) {
        const struct kept_phrase *p = &kept[i];
        struct word_row row = next_row(&rows);
        sound = row.n && p->kind <= PHRASE_ORDINAL;
        lex->phrases[i] = (struct phrase){.words = row.words,
                                          .second = row.n > 1 ? row.words[1] : 0,
                                          .n = row.n,
                                          .kind = (uint8_t)p->kind,
                                          .owner = p->owner,
                                          .value = p->value};
    }
    return sound;
}

static bool take_replacements(struct lexicon *lex, struct kept *k)
{
    struct rows rows = take_rows(k, lex->n_words);
    bool sound = !k->damaged;
    lex->n_replacements = lex->cap_replacements = rows.n;
    lex->replacements = arena_raw(lex->arena, rows.n * sizeof *lex->replacements);
    for (size_t i = 0; sound && i < rows.n; i++)
        lex->replacements[i] = next_row(&rows);
    for (size_t i = 0; i < lex->n_phrases; i++)
        sound &= lex->phrases[i].kind != PHRASE_REPLACE || lex->phrases[i].owner < lex->n_replacements;
    return sound;
}

static bool take_spoken(struct lexicon *lex, struct kept *k)
{
    struct rows rows = take_rows(k, lex->n_words);
    if (k->damaged || rows.n != count_spoken())
        return false;
    for (size_t i = 0; i < rows.n; i++)
        lexicon_speak(lex, str_of(english_spoken[i].from), next_row(&rows));
    return true;
}

bool lexicon_take(struct lexicon *lex, struct kept *k, struct arena *a)
{
    const uint64_t *english = kept_row_of(k, 1, sizeof *english);
    *lex = (struct lexicon){.arena = a};
    return !k->damaged && *english == english_hash() && take_words(lex, k) && take_phrases(lex, k) &&
           take_replacements(lex, k) && take_spoken(lex, k);
}

#include "engine/split.h"

#include "engine/pack.h"

#include <string.h>

static uint32_t flags_of(const struct docent *d, const struct word *w)
{
    return w->id ? d->lexicon.words[w->id].flags : 0;
}

static bool is_one_of(const struct word *w, const char *const *list)
{
    for (; *list; list++)
        if (w->text.p[0] == **list && str_is(w->text, *list))
            return true;
    return false;
}

static bool is_wh_word(const struct word *w)
{
    static const char *const wh[] = {"what", "how", "who", "whom", "whose", "which", "why", "when", "where", NULL};
    return is_one_of(w, wh);
}

/* Words that ask for something without being question words. */
static bool is_request(const struct word *w)
{
    static const char *const requests[] = {"tell",      "explain", "list", "give",  "show",  "describe", "compare",
                                           "summarize", "define",  "name", "spell", "recap", "sum",      NULL};
    return is_one_of(w, requests);
}

static bool is_joiner(const struct word *w)
{
    static const char *const joiners[] = {"and", "also", "plus", "but", "then", NULL};
    return is_one_of(w, joiners);
}

static bool is_subject(const struct word *w)
{
    static const char *const subjects[] = {"i",     "you",   "it",      "they",   "we",    "he", "she",
                                           "there", "this",  "that",    "these",  "those", "my", "your",
                                           "one",   "their", "someone", "people", NULL};
    return is_one_of(w, subjects);
}

/* Does a question begin at word i? A wh-word does it, an auxiliary only before a subject. */
static bool begins_question(const struct docent *d, const struct words *w, size_t i)
{
    if (i + 1 >= w->n || !(flags_of(d, &w->items[i]) & WORD_QUESTION))
        return false;
    return is_wh_word(&w->items[i]) || (!str_is(w->items[i].text, "have") && is_subject(&w->items[i + 1]));
}

static bool is_auxiliary(const struct word *w)
{
    static const char *const auxiliaries[] = {"do", "did", "is", "can", "could", "will", "would", "should", NULL};
    return is_one_of(w, auxiliaries);
}

/* Behind "and", "but" … an auxiliary begins a question whatever comes next: "… and can coders do that at home". */
static bool begins_another(const struct docent *d, const struct words *w, size_t i)
{
    return begins_question(d, w, i) || (i + 1 < w->n && (is_auxiliary(&w->items[i]) || is_request(&w->items[i])));
}

/* "If I get into billing can I lead people": the clause in front is no question, what follows it is. */
static bool is_conjunction(const struct word *w)
{
    static const char *const conjunctions[] = {"if",     "when",  "since",    "because", "as",      "once", "after",
                                               "before", "while", "although", "though",  "suppose", NULL};
    return is_one_of(w, conjunctions);
}

/* "What can a coder make, my mom has done it for years": a statement begins at word i, behind a question. */
static bool begins_statement(const struct docent *d, const struct words *w, size_t from, size_t i)
{
    static const char *const starts[] = {"i", "he", "she", "we", "they", "my", "our", NULL};
    size_t at = i;
    if (str_is(w->items[at].text, "because") || str_is(w->items[at].text, "since"))
        at++;
    return i >= from + 4 && at + 2 < w->n && begins_question(d, w, from) && is_one_of(&w->items[at], starts);
}

/* "A bike, which is red", "Where do they pay best, which kind of place": does it only say more about what stands before? */
static bool adds_to_before(const struct docent *d, const struct words *w, size_t from, size_t i)
{
    static const char *const relatives[] = {"which", "who", "where", "when", NULL};
    static const char *const kinds[] = {"kind", "sort", "type", NULL};
    bool asks_another = begins_question(d, w, from) && !is_one_of(&w->items[i + 1], kinds);
    return is_one_of(&w->items[i], relatives) && !asks_another;
}

static bool breaks_here(const struct docent *d, const struct words *w, size_t from, size_t i)
{
    const struct word *word = &w->items[i];
    if (word->brk >= BRK_STRONG)
        return true;
    if (i < from + 2)
        return false;
    if (is_joiner(word))
        return begins_another(d, w, i + 1);
    if (is_joiner(&w->items[i - 1]))
        return false; /* the joiner goes with what follows it, above */
    if (word->brk == BRK_WEAK && begins_statement(d, w, from, i))
        return true;
    return word->brk == BRK_WEAK && begins_question(d, w, i) && !adds_to_before(d, w, from, i);
}

/* "For billing I'd like to know the certificates" */
static bool wants_to_know(const struct words *w, size_t i)
{
    static const char *const wants[] = {"want", "like", "need", "love", NULL};
    return i + 2 < w->n && is_one_of(&w->items[i], wants) && str_is(w->items[i + 1].text, "to") &&
           (str_is(w->items[i + 2].text, "know") || str_is(w->items[i + 2].text, "hear"));
}

/* "And coders, where do they move up to": in front stands only whom it is about. */
static bool asks_behind_topic(const struct words *w, const struct segment *s)
{
    enum { TOPIC_WORDS_MAX = 4 };
    static const char *const relatives[] = {"who", "whom", "whose", "which", NULL};
    size_t i = s->from + 1;
    while (i < s->to && w->items[i].brk != BRK_WEAK)
        i++;
    return i + 1 < s->to && i <= s->from + TOPIC_WORDS_MAX && is_wh_word(&w->items[i]) &&
           !is_one_of(&w->items[i], relatives) && is_auxiliary(&w->items[i + 1]);
}

static enum asks how_asked(const struct docent *d, const struct words *w, const struct segment *s)
{
    enum brk behind = s->whole_to < w->n ? w->items[s->whole_to].brk : w->end;
    if (behind == BRK_QUESTION || w->items[s->whole_from].brk == BRK_ITEM)
        return ASKS_PLAINLY;
    size_t first = s->from;
    while (first + 1 < s->to && is_joiner(&w->items[first]))
        first++;
    if (flags_of(d, &w->items[first]) & WORD_QUESTION || is_request(&w->items[first]) || asks_behind_topic(w, s))
        return ASKS_PLAINLY;
    for (size_t i = s->whole_from; i < s->to; i++)
        if (wants_to_know(w, i))
            return ASKS_INSIDE;
    for (size_t i = s->from; i < s->to; i++) {
        if (is_wh_word(&w->items[i]) || is_request(&w->items[i]))
            return ASKS_INSIDE;
        if (begins_question(d, w, i) && is_conjunction(&w->items[first]))
            return ASKS_PLAINLY;
    }
    return ASKS_NOTHING;
}

size_t split(const struct docent *d, const struct words *w, struct segment out[SEGMENTS_MAX])
{
    size_t n = 0, from = 0;
    enum asks most = ASKS_NOTHING;
    for (size_t i = 1; i <= w->n; i++) {
        if (i < w->n && (n == SEGMENTS_MAX - 1 || !breaks_here(d, w, from, i)))
            continue;
        struct segment s = {.from = from, .to = i, .whole_from = from, .whole_to = i};
        trim_chatter(d, w->items, &s.from, &s.to);
        from = i;
        s.how = how_asked(d, w, &s);
        if (s.how > most)
            most = s.how;
        out[n++] = s;
    }
    for (size_t i = n;
         i-- > 0;) { /* "I'd like to hear what they do and what skills that takes": one sentence, two questions */
        bool joined = i + 1 < n && out[i + 1].asked && w->items[out[i + 1].whole_from].brk < BRK_STRONG;
        out[i].asked = out[i].how == most || (joined && out[i].how == ASKS_INSIDE);
    }
    return n;
}

/* The files of a pack that says what a sheet says. */
#include "base/buf.h"
#include "base/json.h"
#include "cmd/new_pack.h"
#include "docent.h"
#include "engine/english.h"
#include "engine/lexicon.h"

#include <string.h>

enum {
    FILE_FULL_BYTES = 1 << 20, /* a file of intents is closed when it is that large; a pack's file may be 4 MiB */
    PATTERN_MAX_BYTES = 600,   /* as the loader has it */
    OFFERED_MAX = 3,           /* questions offered when none is near */
};

static const char *last_part(const char *path, struct arena *a)
{
    struct str rest = str_of(path);
    while (rest.n > 1 && rest.p[rest.n - 1] == '/')
        rest.n--;
    for (size_t i = rest.n; i-- > 0;)
        if (rest.p[i] == '/')
            return arena_str(a, str_sub(rest, i + 1, rest.n)).p;
    return arena_str(a, rest).p;
}

struct sections { /* of the pack that is made */
    struct str *headings, *ids;
    size_t n, cap, cap_ids;
};

static struct str section_of(struct sections *s, struct str heading, struct arena *a)
{
    for (size_t i = 0; i < s->n; i++)
        if (str_eq(s->headings[i], heading))
            return s->ids[i];
    struct str slug = sheet_slug(heading, a), id = slug.n ? slug : STR("section");
    size_t n_ids = s->n;
    for (size_t k = 2, i = 0; i <= s->n; i++)
        if (i == s->n ? str_is(id, SHEET_SECTION) : str_eq(s->ids[i], id)) {
            id = arena_fmt(a, "%.*s-%zu", STR_FMT(slug), k++);
            i = (size_t)-1;
        }
    *ARENA_PUSH(a, s->ids, n_ids, s->cap_ids) = id;
    *ARENA_PUSH(a, s->headings, s->n, s->cap) = heading;
    return id;
}

/* A brace would begin a reference: the fact `brace` of the answer's first section stands for one. */
static void put_text(struct buf *out, struct str text, struct str section, struct arena *a)
{
    struct buf safe;
    buf_init(&safe, NEW_FILE_MAX_BYTES);
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '{')
            buf_addf(&safe, "{%.*s.brace}", STR_FMT(section));
        else
            buf_addc(&safe, text.p[i]);
    json_quote(out, arena_str(a, buf_str(&safe)));
    buf_release(&safe);
}

static void put_answer(struct buf *out, const struct sheet_intent *intent, struct sections *s, struct arena *a)
{
    struct str rest = intent->source, one, first = STR(SHEET_SECTION), sources[DOCENT_SOURCES_MAX];
    size_t n = 0;
    while (str_cut(&rest, '\n', &one) && n < DOCENT_SOURCES_MAX)
        if (one.n)
            sources[n++] = section_of(s, one, a);
    if (n)
        first = sources[0];
    buf_adds(out, "      \"answers\": [{\"text\": ");
    put_text(out, intent->answer.n ? intent->answer : STR(SHEET_NO_ANSWER), first, a);
    if (n || intent->answer.n) {
        buf_adds(out, ", \"sources\": [");
        for (size_t i = 0; i < n || i == 0; i++) {
            buf_adds(out, i ? ", " : "");
            json_quote(out, n ? sources[i] : first);
        }
        buf_addc(out, ']');
    }
    buf_adds(out, "}]\n    }");
}

static bool in_word(struct str text, size_t i)
{
    char c = text.p[i];
    bool between = i && i + 1 < text.n && ch_alnum(text.p[i - 1]) && ch_alnum(text.p[i + 1]);
    return ch_alnum(c) || (unsigned char)c >= 0x80 || ((c == '\'' || c == '-' || c == ',') && between);
}

/* The whole question as a pattern, so that it is recognised however few examples there are. Empty: it has no words. */
static struct str pattern_of(struct str question, struct arena *a)
{
    struct buf out;
    buf_init(&out, question.n + 3);
    buf_addc(&out, '^');
    for (size_t i = 0; i < question.n; i++)
        if (in_word(question, i))
            buf_addc(&out, ch_lower(question.p[i]));
        else if (out.n > 1 && out.p[out.n - 1] != ' ')
            buf_addc(&out, ' ');
    while (out.n && out.p[out.n - 1] == ' ')
        buf_cut(&out, out.n - 1);
    buf_addc(&out, '$');
    bool fits = out.n > 2 && out.n <= PATTERN_MAX_BYTES;
    struct str pattern = fits ? arena_str(a, buf_str(&out)) : STR("");
    buf_release(&out);
    return pattern;
}

static bool says_nothing(struct str word)
{
    for (size_t i = 0; english_filler[i]; i++)
        if (str_is(word, english_filler[i]))
            return true;
    return false;
}

/* Of what is left of a pattern when it is read, about: so that of "the card" and "a cards" one is enough. */
static uint64_t hash_of_pattern(struct str pattern)
{
    uint64_t hash = STR_HASH_START;
    char folded[WORD_MAX];
    struct str rest = str_sub(pattern, 1, pattern.n - 1), word;
    while (str_cut(&rest, ' ', &word))
        if (!says_nothing(word))
            hash = str_hash_more(str_hash_more(hash, word.n < WORD_MAX ? word_fold(word, folded) : word), STR(" "));
    return hash;
}

static bool is_new(uint64_t *seen, size_t n, uint64_t hash)
{
    for (size_t i = 0; i < n; i++)
        if (seen[i] == hash)
            return false;
    return true;
}

static void put_patterns(struct buf *out, const struct sheet_intent *intent, struct arena *a)
{
    bool any = false;
    uint64_t *seen = arena_array(a, intent->n, sizeof *seen);
    size_t n_seen = 0;
    buf_adds(out, "      \"patterns\": [");
    for (size_t i = 0; i < intent->n; i++) {
        struct str pattern = pattern_of(intent->questions[i], a);
        if (!pattern.n || !is_new(seen, n_seen, hash_of_pattern(pattern)))
            continue;
        seen[n_seen++] = hash_of_pattern(pattern);
        buf_adds(out, any ? ",\n        " : "\n        ");
        json_quote(out, pattern);
        any = true;
    }
    buf_adds(out, any ? "\n      ],\n" : "],\n");
}

static void put_intent(struct buf *out, const struct sheet_intent *intent, struct sections *s, struct arena *a)
{
    buf_addf(out, "    {\n      \"id\": \"%.*s\",\n", STR_FMT(intent->id));
    if (!str_eq(intent->id, intent->name)) {
        buf_adds(out, "      \"title\": ");
        json_quote(out, intent->name);
        buf_adds(out, ",\n");
    }
    if (!intent->answer.n)
        buf_adds(out, "      \"kind\": \"decline\",\n");
    put_patterns(out, intent, a);
    buf_adds(out, "      \"examples\": [\n");
    for (size_t i = 0; i < intent->n; i++) {
        buf_adds(out, "        ");
        json_quote(out, intent->questions[i]);
        buf_adds(out, i + 1 < intent->n ? ",\n" : "\n");
    }
    buf_adds(out, "      ],\n");
    put_answer(out, intent, s, a);
}

static void begin_file(struct buf *out)
{
    buf_clear(out);
    buf_adds(out, "{\n  \"$schema\": \"schema/pack.schema.json\",\n\n  \"intents\": [\n");
}

static void end_file(struct new_pack *p, struct buf *out, size_t number)
{
    buf_adds(out, "\n  ]\n}\n");
    struct str name = number > 1 ? arena_fmt(&p->arena, "intents-%zu.json", number) : STR("intents.json");
    new_pack_add(p, name, arena_str(&p->arena, buf_str(out)));
}

static void add_intents(struct new_pack *p, const struct sheet *sheet, struct sections *sections)
{
    struct buf out;
    size_t number = 1;
    bool first = true;
    buf_init(&out, NEW_FILE_MAX_BYTES);
    begin_file(&out);
    for (size_t i = 0; i < sheet->n; i++) {
        if (out.n > FILE_FULL_BYTES) {
            end_file(p, &out, number++);
            begin_file(&out);
            first = true;
        }
        buf_adds(&out, first ? "" : ",\n");
        put_intent(&out, &sheet->intents[i], sections, &p->arena);
        first = false;
    }
    end_file(p, &out, number);
    buf_release(&out);
}

static void put_section(struct buf *out, struct str id, struct str heading, bool last)
{
    buf_addf(out, "    {\"id\": \"%.*s\", \"heading\": ", STR_FMT(id));
    json_quote(out, heading);
    buf_adds(out, last ? "}\n" : "},\n");
}

/* Does an answer whose first section this is hold a brace? */
static bool needs_brace(const struct sheet *sheet, struct str heading)
{
    for (size_t i = 0; i < sheet->n; i++) {
        struct str rest = sheet->intents[i].source, first = STR("");
        str_cut(&rest, '\n', &first);
        if (str_eq(first, heading) && sheet->intents[i].answer.n &&
            memchr(sheet->intents[i].answer.p, '{', sheet->intents[i].answer.n))
            return true;
    }
    return false;
}

static void put_braces(struct buf *out, const struct sheet *sheet, const struct sections *s)
{
    bool any = false;
    for (size_t i = 0; i <= s->n; i++) {
        struct str id = i < s->n ? s->ids[i] : STR(SHEET_SECTION);
        if (!needs_brace(sheet, i < s->n ? s->headings[i] : STR("")))
            continue;
        buf_adds(out,
                 any ? ",\n"
                     : ",\n\n  // stands for a brace in an answer, which would begin a reference\n  \"facts\": {\n");
        buf_addf(out, "    \"%.*s\": {\"brace\": \"{\"}", STR_FMT(id));
        any = true;
    }
    buf_adds(out, any ? "\n  }\n}\n" : "\n}\n");
}

static bool needs_sheet_section(const struct sheet *sheet)
{
    for (size_t i = 0; i < sheet->n; i++)
        if (!sheet->intents[i].source.n && sheet->intents[i].answer.n)
            return true;
    return false;
}

/* What the pack is called: its folder's name. */
static void put_header(struct buf *out, const struct sheet *sheet, const char *folder, struct arena *a)
{
    struct str base = str_of(last_part(folder, a)), name = sheet_slug(base, a);
    struct str title = arena_str(a, base);
    for (size_t i = 0; i < title.n; i++)
        if (title.p[i] == '-' || title.p[i] == '_')
            ((char *)title.p)[i] = ' ';
    buf_addf(out, "  \"pack\": {\n    \"name\": \"%.*s\",\n    \"title\": ", STR_FMT(name.n ? name : STR("pack")));
    json_quote(out, name.n ? title : STR("pack"));
    buf_adds(out, ",\n    \"language\": \"en\",\n"
                  "    \"messages\": {\n"
                  "      \"decline\": [\"I have no answer to that.\"],\n"
                  "      \"decline_near\": [\"I have no answer to that, but I do to these:\"],\n"
                  "      \"rest\": [\"To the rest of your message I have no answer.\"],\n"
                  "      \"clarify\": [\"Which of these do you mean?\"],\n"
                  "      \"unclear\": [\"I did not understand that. Could you put it another way?\"]\n"
                  "    },\n    \"next\": [");
    size_t n = 0;
    for (size_t i = 0; i < sheet->n && n < OFFERED_MAX; i++)
        if (sheet->intents[i].answer.n) {
            buf_adds(out, n++ ? ", " : "");
            json_quote(out, sheet->intents[i].questions[0]);
        }
    buf_adds(out, "]\n  },\n\n");
}

static void add_header(struct new_pack *p, const struct sheet *sheet, const struct sections *s, const char *folder,
                       const char *sheet_path)
{
    struct buf out;
    struct arena *a = &p->arena;
    bool whole = needs_sheet_section(sheet);
    buf_init(&out, NEW_FILE_MAX_BYTES);
    buf_adds(
        &out,
        "{\n  \"$schema\": \"schema/pack.schema.json\",\n\n"
        "  // Made of a sheet; `docent export --csv` writes such a sheet of the pack again, by the next line.\n  ");
    sheet_layout_put(&out, &sheet->layout);
    buf_addc(&out, '\n');
    put_header(&out, sheet, folder, a);
    buf_adds(&out, "  // what answers rest on: the sources that the sheet names\n  \"sections\": [\n");
    for (size_t i = 0; i < s->n; i++)
        put_section(&out, s->ids[i], s->headings[i], i + 1 == s->n && !whole);
    if (whole)
        put_section(&out, STR(SHEET_SECTION), str_of(last_part(sheet_path, a)), true);
    buf_adds(&out, "  ]");
    put_braces(&out, sheet, s);
    new_pack_add(p, STR("pack.json"), arena_str(a, buf_str(&out)));
    buf_release(&out);
}

void new_pack_of_sheet(struct new_pack *p, const struct sheet *sheet, const char *folder, const char *sheet_path)
{
    struct sections sections = {0};
    add_intents(p, sheet, &sections);
    add_header(p, sheet, &sections, folder, sheet_path);
}

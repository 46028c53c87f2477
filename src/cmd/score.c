#include "cmd/score.h"

#include "base/json.h"
#include "base/regex.h"
#include "cmd/reply.h"
#include "cmd/talk.h"
#include "engine/coverage.h"

#include <string.h>

enum { REASONS_MAX = 16 * 1024, SHOWN_MAX = 600 };

/* --- reading ------------------------------------------------------------------------------------------------ */

struct reading {
    const struct source *source;
    struct arena *a;
    struct question_set *set;
    struct diags *diags;
    struct str line; /* the conversation being read */
};

static void complain(const struct reading *r, const cJSON *value, const char *rule, const char *hint,
                     const char *message, struct str subject)
{
    size_t offset = (size_t)(r->line.p - r->source->text.p);
    if (value && !cJSON_IsNumber(value))
        offset += json_offset(r->line, json_number(value), JSON_WHOLE);
    diag_addf(r->diags, DIAG_ERROR, rule, r->source, offset, hint, "%s%.*s", message, STR_FMT(subject));
}

static const cJSON *array_of(const struct reading *r, const cJSON *turn, const char *key)
{
    const cJSON *array = cJSON_GetObjectItemCaseSensitive(turn, key);
    if (array && !cJSON_IsArray(array))
        complain(r, array, "questions-type", "", "not a list: ", str_of(key));
    return cJSON_IsArray(array) ? array : NULL;
}

static bool outcome_of(struct str name, unsigned *bit)
{
    for (enum outcome o = OUTCOME_ANSWER; o <= OUTCOME_CHAT; o++)
        if (str_is(name, outcome_name(o))) {
            *bit = 1u << o;
            return true;
        }
    return false;
}

static void read_outcomes(const struct reading *r, const cJSON *turn, struct labelled *out)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, array_of(r, turn, "outcome")) {
        unsigned bit = 0;
        if (!outcome_of(json_text(item), &bit))
            complain(r, item, "questions-outcome", "one of answer, clarify, decline, chat",
                     "no outcome: ", json_text(item));
        out->outcomes |= bit;
    }
    if (!out->outcomes)
        complain(r, turn, "questions-outcome", "for example \"outcome\": [\"answer\"]", "a turn without an outcome",
                 STR(""));
}

static void read_groups(const struct reading *r, const cJSON *turn, struct labelled *out)
{
    const cJSON *group, *id;
    cJSON_ArrayForEach(group, array_of(r, turn, "sources")) {
        struct source_group *g = ARENA_PUSH(r->a, out->groups, out->n_groups, out->cap_groups);
        *g = (struct source_group){0};
        cJSON_ArrayForEach(id, group)
            *ARENA_PUSH(r->a, g->ids, g->n, g->cap) = arena_str(r->a, json_text(id));
    }
}

/* A list of patterns; those that do not compile are reported and left out. */
static struct wanted *read_patterns(const struct reading *r, const cJSON *turn, const char *key, size_t *n)
{
    struct wanted *items = NULL;
    size_t cap = 0;
    const cJSON *item;
    *n = 0;
    cJSON_ArrayForEach(item, array_of(r, turn, key)) {
        struct regex_fault fault;
        struct str pattern = arena_str(r->a, json_text(item));
        struct regex *regex = regex_new(pattern, &fault);
        if (regex)
            *ARENA_PUSH(r->a, items, *n, cap) = (struct wanted){pattern, regex};
        else
            complain(r, item, "questions-pattern", "", "pattern does not compile: ", str_of(fault.message));
    }
    return items;
}

static void read_turn(const struct reading *r, const cJSON *turn, struct labelled_talk *talk)
{
    const cJSON *question = cJSON_GetObjectItemCaseSensitive(turn, "q");
    if (!cJSON_IsString(question)) {
        complain(r, turn, "questions-type", "\"q\": \"what the person says\"", "a turn without a question", STR(""));
        return;
    }
    struct labelled *t = ARENA_PUSH(r->a, talk->turns, talk->n_turns, talk->cap_turns);
    *t = (struct labelled){.question = arena_str(r->a, json_text(question))};
    read_outcomes(r, turn, t);
    read_groups(r, turn, t);
    t->must = read_patterns(r, turn, "must", &t->n_must);
    t->must_not = read_patterns(r, turn, "must_not", &t->n_must_not);
}

static bool id_taken(const struct question_set *set, struct str id)
{
    for (size_t i = 0; i < set->n_talks; i++)
        if (str_eq(set->talks[i].id, id))
            return true;
    return false;
}

static void read_talk(const struct reading *r, const cJSON *json, size_t line)
{
    struct labelled_talk talk = {
        .id = arena_str(r->a, json_str(json, "id")), .style = arena_str(r->a, json_str(json, "style")), .line = line};
    if (!talk.id.n || !talk.style.n)
        complain(r, json, "questions-type", "a conversation has \"id\", \"style\" and \"turns\"", "no id or no style",
                 STR(""));
    if (id_taken(r->set, talk.id))
        complain(r, json, "questions-id", "give each conversation an id of its own", "id occurs twice: ", talk.id);
    const cJSON *turn;
    cJSON_ArrayForEach(turn, array_of(r, json, "turns"))
        read_turn(r, turn, &talk);
    if (!talk.n_turns)
        complain(r, json, "questions-type", "a conversation has \"id\", \"style\" and \"turns\"", "no turns", STR(""));
    *ARENA_PUSH(r->a, r->set->talks, r->set->n_talks, r->set->cap_talks) = talk;
}

static void read_line(const struct reading *r, size_t line)
{
    struct json_fault fault = {0};
    cJSON *json = json_parse(r->line, &fault);
    if (!json)
        diag_addf(r->diags, DIAG_ERROR, "json-syntax", r->source,
                  (size_t)(r->line.p - r->source->text.p) + fault.offset, "one JSON object a line", "%s",
                  fault.message ? fault.message : "not JSON");
    else if (!cJSON_IsObject(json))
        complain(r, NULL, "questions-type", "one JSON object a line", "not an object", STR(""));
    else
        read_talk(r, json, line);
    cJSON_Delete(json);
}

void questions_parse(const struct source *source, struct arena *a, struct question_set *set, struct diags *diags)
{
    *set = (struct question_set){.source = source};
    struct reading r = {.source = source, .a = a, .set = set, .diags = diags};
    struct str rest = source->text, line;
    for (size_t number = 1; str_cut(&rest, '\n', &line); number++) {
        r.line = str_trim(line);
        if (r.line.n)
            read_line(&r, number);
    }
    if (!set->n_talks && !diags->errors)
        diag_addf(diags, DIAG_ERROR, "questions-empty", source, DIAG_WHOLE, "", "no conversations");
}

static void release_patterns(struct wanted *items, size_t n)
{
    for (size_t i = 0; i < n; i++)
        regex_free(items[i].regex);
}

void questions_release(struct question_set *set)
{
    for (size_t i = 0; i < set->n_talks; i++)
        for (size_t k = 0; k < set->talks[i].n_turns; k++) {
            release_patterns(set->talks[i].turns[k].must, set->talks[i].turns[k].n_must);
            release_patterns(set->talks[i].turns[k].must_not, set->talks[i].turns[k].n_must_not);
        }
    *set = (struct question_set){0};
}

/* --- judging ------------------------------------------------------------------------------------------------ */

static void add_outcomes(struct buf *out, unsigned outcomes)
{
    bool any = false;
    for (enum outcome o = OUTCOME_ANSWER; o <= OUTCOME_CHAT; o++)
        if (outcomes & 1u << o) {
            buf_addf(out, "%s%s", any ? " or " : "", outcome_name(o));
            any = true;
        }
}

static void add_group(struct buf *out, const struct source_group *group)
{
    for (size_t i = 0; i < group->n; i++)
        buf_addf(out, "%s%.*s", i ? "|" : "", STR_FMT(group->ids[i]));
}

static bool group_hit(const struct source_group *group, const struct reply *reply)
{
    for (size_t i = 0; i < group->n; i++)
        if (reply_rests_on(reply, group->ids[i]))
            return true;
    return false;
}

/* Each check counts one reason and writes it down when somebody wants to know. */
static size_t unwanted(const struct labelled *turn, struct str text, struct buf *why)
{
    size_t n = 0;
    for (size_t i = 0; i < turn->n_must_not; i++)
        if (regex_find(turn->must_not[i].regex, text)) {
            n++;
            if (why)
                buf_addf(why, "%smust not be found: /%.*s/", why->n ? "; " : "", STR_FMT(turn->must_not[i].pattern));
        }
    return n;
}

static size_t unmet(const struct labelled *turn, const struct reply *reply, struct str text, struct buf *why)
{
    size_t n = 0;
    for (size_t i = 0; i < turn->n_groups; i++)
        if (!group_hit(&turn->groups[i], reply)) {
            n++;
            if (why) {
                buf_addf(why, "%sno source of: ", why->n ? "; " : "");
                add_group(why, &turn->groups[i]);
            }
        }
    for (size_t i = 0; i < turn->n_must; i++)
        if (!regex_find(turn->must[i].regex, text)) {
            n++;
            if (why)
                buf_addf(why, "%snot found: /%.*s/", why->n ? "; " : "", STR_FMT(turn->must[i].pattern));
        }
    return n;
}

enum score_verdict score_judge(const struct labelled *turn, const struct reply *reply, struct str text,
                               bool *false_answer, struct buf *why)
{
    bool answered = reply->outcome == OUTCOME_ANSWER;
    *false_answer = false;
    if (!(turn->outcomes & 1u << reply->outcome)) {
        if (why) {
            buf_addf(why, "outcome %s, expected ", outcome_name(reply->outcome));
            add_outcomes(why, turn->outcomes);
        }
        *false_answer = answered && turn->outcomes & (1u << OUTCOME_DECLINE | 1u << OUTCOME_CHAT);
        return answered ? VERDICT_WRONG : VERDICT_MISSED;
    }
    size_t faults = unwanted(turn, text, why);
    if (answered)
        faults += unmet(turn, reply, text, why);
    return faults ? VERDICT_WRONG : VERDICT_RIGHT;
}

/* --- playing ------------------------------------------------------------------------------------------------ */

static const char *const known_styles[] = {"plain",    "terse", "verbose",   "typo",      "slang",    "nonnative",
                                           "followup", "multi", "ambiguous", "smalltalk", "near-oos", "far-oos"};
enum { KNOWN_STYLES = sizeof known_styles / sizeof known_styles[0] };

static size_t style_rank(struct str style)
{
    size_t i = 0;
    while (i < KNOWN_STYLES && !str_is(style, known_styles[i]))
        i++;
    return i;
}

static bool style_before(struct str left, struct str right)
{
    size_t l = style_rank(left), r = style_rank(right);
    return l != r ? l < r : str_cmp(left, right) < 0;
}

/* The style's row; a new one is put where it belongs. */
static struct score_row *row_of(struct score *score, struct str style, struct arena *a)
{
    size_t at = 0;
    while (at < score->n_rows && style_before(score->rows[at].style, style))
        at++;
    if (at < score->n_rows && str_eq(score->rows[at].style, style))
        return &score->rows[at];
    (void)ARENA_PUSH(a, score->rows, score->n_rows, score->cap_rows);
    memmove(score->rows + at + 1, score->rows + at, (score->n_rows - 1 - at) * sizeof *score->rows);
    score->rows[at] = (struct score_row){.style = style};
    return &score->rows[at];
}

static void count(struct score_row *row, enum score_verdict verdict, bool false_answer)
{
    row->turns++;
    row->verdicts[verdict]++;
    row->false_answers += false_answer;
}

static void add_expected(struct buf *out, const struct labelled *turn)
{
    add_outcomes(out, turn->outcomes);
    for (size_t i = 0; i < turn->n_groups; i++) {
        buf_adds(out, i ? " + " : "; sources ");
        add_group(out, &turn->groups[i]);
    }
    for (size_t i = 0; i < turn->n_must; i++)
        buf_addf(out, "%s /%.*s/", i ? "" : "; must", STR_FMT(turn->must[i].pattern));
    for (size_t i = 0; i < turn->n_must_not; i++)
        buf_addf(out, "%s /%.*s/", i ? "" : "; must not", STR_FMT(turn->must_not[i].pattern));
}

struct failure {
    const struct labelled_talk *talk;
    size_t turn; /* index */
    const struct reply *reply;
    struct str text, why;
    enum score_verdict verdict;
    bool false_answer;
};

static void show_failure(struct buf *out, const struct failure *f, struct arena *a)
{
    const struct labelled *turn = &f->talk->turns[f->turn];
    buf_addf(out, "%.*s  %.*s  turn %zu  %s%s\n", STR_FMT(f->talk->id), STR_FMT(f->talk->style), f->turn + 1,
             f->verdict == VERDICT_WRONG ? "WRONG" : "MISSED", f->false_answer ? "  FALSE ANSWER" : "");
    for (size_t i = 0; i < f->turn; i++)
        buf_addf(out, "%s%.*s%s", i ? " / " : "  before:   ", STR_FMT(f->talk->turns[i].question),
                 i + 1 == f->turn ? "\n" : "");
    buf_addf(out, "  asked:    %.*s\n  expected: ", STR_FMT(turn->question));
    add_expected(out, turn);
    struct str came = reply_summary(f->reply, a), text = text_beginning(f->text, SHOWN_MAX, a);
    buf_addf(out, "\n  came:     %.*s\n  text:     %.*s\n  why:      %.*s\n\n", STR_FMT(came), STR_FMT(text),
             STR_FMT(f->why));
}

static void play_turn(const struct labelled_talk *talk, size_t turn, const struct reply *reply, struct arena *a,
                      struct score *score, struct arena *kept, struct buf *failures)
{
    struct buf why;
    buf_init(&why, REASONS_MAX);
    struct failure f = {.talk = talk, .turn = turn, .reply = reply, .text = reply_plain(reply, a)};
    f.verdict = score_judge(&talk->turns[turn], reply, f.text, &f.false_answer, failures ? &why : NULL);
    count(row_of(score, talk->style, kept), f.verdict, f.false_answer);
    count(&score->total, f.verdict, f.false_answer);
    f.why = buf_str(&why);
    if (failures && f.verdict != VERDICT_RIGHT)
        show_failure(failures, &f, a);
    buf_release(&why);
}

void score_play(const struct question_set *set, struct str filter, const struct docent *docent, struct arena *a,
                struct score *score, struct buf *failures)
{
    struct arena request = {0};
    for (size_t i = 0; i < set->n_talks; i++) {
        const struct labelled_talk *talk = &set->talks[i];
        if (!talk->n_turns || !filter_lets(filter, set->source->name, talk->turns[0].question))
            continue;
        struct dialog dialog = {0};
        for (size_t k = 0; k < talk->n_turns; k++) {
            const struct reply *reply =
                docent_ask_covering(docent, &dialog, talk->turns[k].question, &request, score->coverage);
            play_turn(talk, k, reply, &request, score, a, failures);
            arena_reset(&request);
        }
    }
    arena_release(&request);
}

/* --- the table ---------------------------------------------------------------------------------------------- */

static double percent(size_t part, size_t whole)
{
    return whole ? 100.0 * (double)part / (double)whole : 0;
}

double score_percent(const struct score *score, enum score_verdict verdict)
{
    return percent(score->total.verdicts[verdict], score->total.turns);
}

static void table_row(struct buf *out, const char *prefix, int width, struct str name, const struct score_row *row)
{
    buf_addf(out, "%s%-*.*s%8zu%10.1f%10.1f%11.1f%16zu\n", prefix, width, STR_FMT(name), row->turns,
             percent(row->verdicts[VERDICT_RIGHT], row->turns), percent(row->verdicts[VERDICT_WRONG], row->turns),
             percent(row->verdicts[VERDICT_MISSED], row->turns), row->false_answers);
}

void score_table(struct buf *out, const struct score *score, const char *prefix)
{
    int width = (int)strlen("total") + 2;
    for (size_t i = 0; i < score->n_rows; i++)
        if ((int)score->rows[i].style.n + 2 > width)
            width = (int)score->rows[i].style.n + 2;
    buf_addf(out, "%s%-*s%8s%10s%10s%11s%16s\n", prefix, width, "style", "turns", "right %", "wrong %", "missed %",
             "false answers");
    for (size_t i = 0; i < score->n_rows; i++)
        table_row(out, prefix, width, score->rows[i].style, &score->rows[i]);
    buf_adds(out, prefix);
    buf_fill(out, '-', (size_t)width + 55);
    buf_addc(out, '\n');
    table_row(out, prefix, width, STR("total"), &score->total);
}

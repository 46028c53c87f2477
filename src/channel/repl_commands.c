#include "channel/repl_commands.h"

#include "base/near.h"
#include "base/utf8.h"
#include "render/render.h"

struct command {
    const char *name, *argument, *help; /* help NULL: another name, listed nowhere */
    void (*run)(struct session *s, struct str argument);
};

static void run_help(struct session *s, struct str argument);
static void run_topics(struct session *s, struct str argument);
static void run_why(struct session *s, struct str argument);
static void run_reset(struct session *s, struct str argument);
static void run_reload(struct session *s, struct str argument);
static void run_quit(struct session *s, struct str argument);

static const struct command commands[] = {
    {"/help", "", "this list", run_help},
    {"/topics", "[SECTION]", "what can be asked, by section of the guide", run_topics},
    {"/why", "", "how the last reply came about", run_why},
    {"/reset", "", "forget what was said and begin anew", run_reset},
    {"/reload", "", "read the packs again", run_reload},
    {"/quit", "", "leave", run_quit},
    {"/exit", "", NULL, run_quit},
};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

/* --- session ------------------------------------------------------------------------------------------------ */

static void forget(struct session *s)
{
    s->dialog = s->before = (struct dialog){0};
    buf_clear(&s->question);
    s->n_listed = 0;
}

static void read_lists(struct session *s)
{
    const struct docent *d = s->options->docent;
    arena_reset(&s->lists);
    s->n_topics = docent_topics(d, NULL, 0);
    s->n_sections = docent_sections(d, NULL, 0);
    s->topics = arena_array(&s->lists, s->n_topics + 1, sizeof *s->topics);
    s->sections = arena_array(&s->lists, s->n_sections + 1, sizeof *s->sections);
    s->listed = arena_array(&s->lists, s->n_topics + 1, sizeof *s->listed);
    s->n_listed = 0;
    docent_topics(d, s->topics, s->n_topics);
    docent_sections(d, s->sections, s->n_sections);
}

void session_init(struct session *s, struct repl_options *options)
{
    *s = (struct session){.options = options};
    buf_init(&s->out, RENDER_MAX);
    buf_init(&s->question, REPL_LINE_MAX);
    read_lists(s);
}

void session_release(struct session *s)
{
    buf_release(&s->out);
    buf_release(&s->question);
    arena_release(&s->request);
    arena_release(&s->lists);
}

/* --- texts -------------------------------------------------------------------------------------------------- */

static bool same_folded(struct str a, struct str b)
{
    bool same = a.n == b.n;
    for (size_t i = 0; same && i < a.n; i++)
        same = ch_lower(a.p[i]) == ch_lower(b.p[i]);
    return same;
}

static bool starts_folded(struct str s, struct str beginning)
{
    return s.n >= beginning.n && same_folded(str_sub(s, 0, beginning.n), beginning);
}

static bool has_folded(struct str s, struct str part)
{
    for (size_t i = 0; i + part.n <= s.n; i++)
        if (same_folded(str_sub(s, i, i + part.n), part))
            return true;
    return false;
}

static void add_heading(struct session *s, struct str text)
{
    buf_addf(&s->out, s->color ? "\033[1m%.*s\033[0m\n" : "%.*s\n", STR_FMT(text));
}

/* --- asking ------------------------------------------------------------------------------------------------- */

static void ask(struct session *s, struct str question)
{
    s->before = s->dialog;
    s->n_listed = 0;
    buf_clear(&s->question);
    buf_add(&s->question, question);
    const struct reply *reply = docent_ask(s->options->docent, &s->dialog, question, &s->request);
    (s->color ? ansi_reply : plain_reply)(&s->out, reply, s->width);
}

/* The question of that number in the list that was shown last; else the line itself, which the engine may know. */
static struct str picked(const struct session *s, struct str line)
{
    size_t number = 0;
    for (size_t i = 0; i < line.n; i++) {
        if (!ch_digit(line.p[i]) || number > s->n_listed)
            return line;
        number = number * 10 + (size_t)(line.p[i] - '0');
    }
    return number >= 1 && number <= s->n_listed ? s->listed[number - 1] : line;
}

/* --- commands ----------------------------------------------------------------------------------------------- */

static void run_help(struct session *s, struct str argument)
{
    (void)argument;
    buf_adds(&s->out, "Ask in your own words, or type the number of a question that was listed.\n\n");
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (commands[i].help)
            buf_addf(&s->out, "  %-7s %-9s  %s\n", commands[i].name, commands[i].argument, commands[i].help);
}

static bool in_section(const struct topic *t, const struct source_ref *section)
{
    return str_eq(t->section, section->id) && str_eq(t->pack, section->pack);
}

static size_t count_topics(const struct session *s, const struct source_ref *section)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n_topics; i++)
        n += in_section(&s->topics[i], section);
    return n;
}

static int id_width(const struct session *s)
{
    size_t width = 0;
    for (size_t i = 0; i < s->n_sections; i++)
        if (s->sections[i].id.n > width && count_topics(s, &s->sections[i]))
            width = s->sections[i].id.n;
    return (int)width;
}

/* One line a section: id, how many questions, and as much of the heading as fits. */
static void list_sections(struct session *s)
{
    int width = id_width(s);
    for (size_t i = 0; i < s->n_sections; i++) {
        const struct source_ref *section = &s->sections[i];
        size_t n = count_topics(s, section);
        if (!n)
            continue;
        size_t used = (size_t)width + 9, left = s->width > used ? s->width - used : 0;
        bool fits = !s->width || utf8_count(section->heading) <= left;
        struct str heading =
            fits ? section->heading : str_sub(section->heading, 0, utf8_at(section->heading, left ? left - 1 : 0));
        buf_addf(&s->out, "  %-*.*s  %3zu  %.*s%s\n", width, STR_FMT(section->id), n, STR_FMT(heading),
                 fits || !left ? "" : "…");
    }
    buf_adds(&s->out, "\nType /topics and a section, or a part of one, for its questions.\n");
}

/* A section's questions, numbered on from those that are listed already. */
static void list_questions(struct session *s, const struct source_ref *section)
{
    if (!count_topics(s, section))
        return;
    if (s->n_listed)
        buf_addc(&s->out, '\n');
    add_heading(s, section->heading);
    for (size_t i = 0; i < s->n_topics; i++)
        if (in_section(&s->topics[i], section)) {
            s->listed[s->n_listed++] = s->topics[i].question;
            buf_addf(&s->out, "  %2zu. %.*s\n", s->n_listed, STR_FMT(s->topics[i].question));
        }
}

static bool names_section(const struct session *s, struct str id)
{
    bool named = false;
    for (size_t i = 0; !named && i < s->n_sections; i++)
        named = same_folded(s->sections[i].id, id) && count_topics(s, &s->sections[i]);
    return named;
}

static void run_topics(struct session *s, struct str argument)
{
    if (!argument.n) {
        list_sections(s);
        return;
    }
    s->n_listed = 0;
    bool whole = names_section(s, argument);
    for (size_t i = 0; i < s->n_sections; i++) {
        const struct source_ref *section = &s->sections[i];
        if (whole ? same_folded(section->id, argument)
                  : has_folded(section->id, argument) || has_folded(section->heading, argument))
            list_questions(s, section);
    }
    if (!s->n_listed)
        buf_adds(&s->out, "No section has that in its name. /topics lists all of them.\n");
}

static void run_why(struct session *s, struct str argument)
{
    (void)argument;
    if (!s->question.n) {
        buf_adds(&s->out, "Nothing was asked yet.\n");
        return;
    }
    struct dialog again = s->before;
    const struct reply *reply = docent_ask_why(s->options->docent, &again, buf_str(&s->question), &s->request);
    if (reply->why)
        why_text(&s->out, reply->why, s->color);
}

static void run_reset(struct session *s, struct str argument)
{
    (void)argument;
    forget(s);
    buf_adds(&s->out, "Forgotten. Ask me anything new.\n");
}

static void run_reload(struct session *s, struct str argument)
{
    (void)argument;
    if (!s->options->reload) {
        buf_adds(&s->out, "The packs cannot be read again here.\n");
        return;
    }
    struct docent *fresh = s->options->reload(s->options->arg);
    if (!fresh) {
        buf_adds(&s->out, "The packs have problems; going on with those read before.\n");
        return;
    }
    s->options->docent = fresh;
    read_lists(s);
    buf_addf(&s->out, "Read again: %zu topics in %zu sections.\n", s->n_topics, s->n_sections);
}

static void run_quit(struct session *s, struct str argument)
{
    (void)argument;
    s->quit = true;
}

/* --- which command ------------------------------------------------------------------------------------------ */

/* The command that was probably meant; NULL if none comes near. */
static const char *guess(struct str word)
{
    struct near near = near_to(word);
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (commands[i].help)
            near_try(&near, str_of(commands[i].name));
    return near.best.p;
}

static void run_command(struct session *s, struct str line)
{
    size_t end = 0;
    while (end < line.n && !ch_space(line.p[end]))
        end++;
    struct str name = str_sub(line, 0, end), argument = str_trim(str_sub(line, end, line.n));
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (same_folded(name, str_of(commands[i].name))) {
            if (argument.n && !*commands[i].argument)
                buf_addf(&s->out, "%s takes nothing behind it.\n", commands[i].name);
            else
                commands[i].run(s, argument);
            return;
        }
    const char *meant = guess(name);
    if (meant)
        buf_addf(&s->out, "There is no such command. Did you mean %s?\n", meant);
    else
        buf_adds(&s->out, "There is no such command. /help lists them.\n");
}

static void end_with_one_newline(struct buf *out)
{
    size_t n = out->n;
    while (n && out->p[n - 1] == '\n')
        n--;
    if (n == out->max)
        n--;
    buf_cut(out, n);
    if (n)
        buf_addc(out, '\n');
}

void session_line(struct session *s, struct str line)
{
    line = str_trim(line);
    buf_clear(&s->out);
    if (line.n && line.p[0] == '/')
        run_command(s, line);
    else if (line.n)
        ask(s, picked(s, line));
    end_with_one_newline(&s->out);
    arena_reset(&s->request);
}

/* --- completion --------------------------------------------------------------------------------------------- */

struct finder {
    struct completion *out;
    size_t n, max;
};

static void found(struct finder *f, struct str text, struct str shown)
{
    if (f->n < f->max)
        f->out[f->n] = (struct completion){text, shown};
    f->n++;
}

static void find_commands(struct finder *f, struct str typed, struct arena *a)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        struct str name = str_of(commands[i].name);
        if (commands[i].help && starts_folded(name, typed))
            found(f, *commands[i].argument ? arena_fmt(a, "%s ", commands[i].name) : name,
                  arena_fmt(a, "%-8s %s", commands[i].name, commands[i].help));
    }
}

static void find_sections(struct finder *f, const struct session *s, struct str typed, struct arena *a)
{
    for (size_t i = 0; i < s->n_sections; i++) {
        struct str id = s->sections[i].id;
        if (starts_folded(id, typed) && count_topics(s, &s->sections[i]))
            found(f, arena_fmt(a, "/topics %.*s", STR_FMT(id)), id);
    }
}

static void find_questions(struct finder *f, const struct session *s, struct str typed)
{
    for (size_t i = 0; i < s->n_topics; i++)
        if (starts_folded(s->topics[i].question, typed))
            found(f, s->topics[i].question, s->topics[i].question);
}

size_t session_complete(const struct session *s, struct str typed, struct arena *a, struct completion *out, size_t max)
{
    struct finder f = {out, 0, max};
    struct str topics = STR("/topics ");
    if (starts_folded(typed, topics))
        find_sections(&f, s, str_trim(str_sub(typed, topics.n, typed.n)), a);
    else if (!typed.n || typed.p[0] == '/')
        find_commands(&f, typed, a);
    else
        find_questions(&f, s, typed);
    return f.n;
}

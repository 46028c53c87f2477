/*
 * The terminal's side of the repl: lines in, text out. libedit is known to this file only.
 *
 * While a line is edited Ctrl-C and Ctrl-Z are ordinary keys, so that no signal handler is needed. libedit's own
 * handlers see to signals from elsewhere. They take note of a window's new size but do not draw the line again, so
 * keys are read here, where that is seen to.
 */
#include "channel/repl.h"

#include <errno.h>
#include <fcntl.h>
#include <histedit.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#include "base/err.h"
#include "base/file.h"
#include "base/utf8.h"
#include "channel/repl_commands.h"

enum {
    WIDTH_UNKNOWN = 80,
    WIDTH_MIN = 20,
    PROMPT_COLUMNS = 2,
    COMPLETIONS_SHOWN = 15,
    COMPLETIONS_MAX = 500,
};

struct terminal {
    struct session *session;
    EditLine *edit;
    History *history;
    size_t columns;   /* of the window that the line was drawn in */
    bool interrupted; /* the line was given up with Ctrl-C */
};

/* --- output ------------------------------------------------------------------------------------------------- */

static bool flushed(void)
{
    return fflush(stdout) == 0 && !ferror(stdout);
}

/* Columns of the terminal that standard output is; 0: it is none. */
static size_t terminal_columns(void)
{
    struct winsize size = {0};
    if (!isatty(STDOUT_FILENO))
        return 0;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : WIDTH_UNKNOWN;
}

/* Columns to wrap at; 0: not at all. */
static size_t wrap_width(void)
{
    size_t columns = terminal_columns();
    if (columns > REPL_WIDTH_MAX)
        return REPL_WIDTH_MAX;
    return columns && columns < WIDTH_MIN ? WIDTH_MIN : columns;
}

/* --- piped -------------------------------------------------------------------------------------------------- */

static int talk_piped(struct session *s)
{
    struct buf line;
    bool cut, first = true, ok = true;
    buf_init(&line, REPL_LINE_MAX);
    while (ok && !s->quit && file_line(stdin, &line, &cut)) {
        if (cut)
            fprintf(stderr, "docent: only the first %d bytes of a line were read\n", REPL_LINE_MAX);
        s->width = wrap_width();
        session_line(s, buf_str(&line));
        if (!s->out.n)
            continue;
        if (!first)
            putchar('\n');
        first = false;
        fwrite(s->out.p, 1, s->out.n, stdout);
        ok = flushed();
    }
    buf_release(&line);
    return ok && flushed() ? STATUS_OK : STATUS_IO;
}

/* --- keys --------------------------------------------------------------------------------------------------- */

static char *prompt(EditLine *edit)
{
    (void)edit;
    static char text[] = "> ";
    return text;
}

static struct terminal *terminal_of(EditLine *edit)
{
    void *data = NULL;
    el_get(edit, EL_CLIENTDATA, &data);
    return data;
}

/* Puts the screen's cursor behind the line by writing what follows it once more; what is printed next stands below. */
static void leave_line(EditLine *edit)
{
    const LineInfo *line = el_line(edit);
    fwrite(line->cursor, 1, (size_t)(line->lastchar - line->cursor), stdout);
}

/*
 * Draws the line again where it stands when the window has become wider or narrower. Terminals break the line anew,
 * so the cursor is as many rows down as the text before it fills now. (ECMA-48: CUU, ED.)
 */
static void follow_resize(EditLine *edit)
{
    struct terminal *t = terminal_of(edit);
    size_t columns = terminal_columns();
    if (!columns || columns == t->columns)
        return;
    t->columns = columns;
    el_resize(edit);
    const LineInfo *line = el_line(edit);
    struct str before = {line->buffer, (size_t)(line->cursor - line->buffer)};
    size_t rows = (PROMPT_COLUMNS + utf8_count(before)) / columns;
    putchar('\r');
    if (rows)
        printf("\033[%zuA", rows);
    fputs("\033[J", stdout);
    el_set(edit, EL_REFRESH);
}

/* Reads one character, as libedit's own function does. Returns 1, 0 at the end of input, -1 on an error. */
static int read_character(EditLine *edit, wchar_t *character)
{
    mbstate_t state = {0};
    for (;;) {
        char byte;
        ssize_t n = read(STDIN_FILENO, &byte, 1);
        int problem = errno;
        follow_resize(edit);
        if (n < 0 && problem == EINTR)
            continue;
        if (n <= 0)
            return (int)n;
        size_t taken = mbrtowc(character, &byte, 1, &state);
        if (taken == (size_t)-1)
            *character = UTF8_REPLACEMENT;
        if (taken != (size_t)-2)
            return 1;
    }
}

static unsigned char key_interrupt(EditLine *edit, int key)
{
    (void)key;
    terminal_of(edit)->interrupted = true;
    leave_line(edit);
    fputs("^C\n", stdout);
    return CC_NEWLINE;
}

/* As the terminal itself does for Ctrl-Z: the whole job stops, until fg. */
static unsigned char key_suspend(EditLine *edit, int key)
{
    (void)key;
    leave_line(edit);
    putchar('\n');
    fflush(stdout);
    el_set(edit, EL_PREP_TERM, 0);
    kill(0, SIGTSTP);
    el_set(edit, EL_PREP_TERM, 1);
    return CC_REDISPLAY;
}

static void replace_line(EditLine *edit, struct str typed, const char *text)
{
    el_deletestr(edit, (int)utf8_count(typed));
    el_insertstr(edit, text);
}

/* What all completions begin with, in the letters of the first. */
static struct str common_beginning(const struct completion *found, size_t n)
{
    struct str common = found[0].text;
    for (size_t i = 1; i < n; i++) {
        size_t same = 0;
        while (same < common.n && same < found[i].text.n && ch_lower(common.p[same]) == ch_lower(found[i].text.p[same]))
            same++;
        common.n = same;
    }
    common.n = utf8_cut(common, common.n);
    return common;
}

static void list_completions(const struct completion *found, size_t n)
{
    size_t width = terminal_columns();
    putchar('\n');
    for (size_t i = 0; i < n && i < COMPLETIONS_SHOWN; i++) {
        struct str shown = found[i].shown;
        bool fits = utf8_count(shown) + 2 < width || width < WIDTH_MIN;
        shown.n = fits ? shown.n : utf8_at(shown, width - 4);
        printf("  %.*s%s\n", STR_FMT(shown), fits ? "" : "…");
    }
    if (n > COMPLETIONS_SHOWN)
        printf("  and %zu more\n", n - COMPLETIONS_SHOWN);
}

/* libedit clears as many rows as the line had, upwards from the cursor, before it draws the line again. */
static void make_room_for(struct str typed)
{
    size_t width = terminal_columns(), rows = width ? (PROMPT_COLUMNS + utf8_count(typed)) / width : 0;
    while (rows--)
        putchar('\n');
}

static unsigned char complete(EditLine *edit, struct str typed, struct arena *a)
{
    struct completion *found = arena_array(a, COMPLETIONS_MAX, sizeof *found);
    size_t n = session_complete(terminal_of(edit)->session, typed, a, found, COMPLETIONS_MAX);
    if (n > COMPLETIONS_MAX)
        n = COMPLETIONS_MAX;
    if (!n)
        return CC_ERROR;
    struct str common = common_beginning(found, n);
    if (common.n > typed.n || (n == 1 && !str_eq(common, typed))) {
        replace_line(edit, typed, arena_str(a, common).p);
        return CC_REFRESH;
    }
    if (n == 1)
        return CC_ERROR;
    leave_line(edit);
    list_completions(found, n);
    make_room_for(typed);
    fflush(stdout);
    return CC_REDISPLAY;
}

/* Completes the line if the cursor stands at its end. */
static unsigned char key_complete(EditLine *edit, int key)
{
    (void)key;
    const LineInfo *line = el_line(edit);
    if (line->cursor != line->lastchar)
        return CC_ERROR;
    struct arena a = {0};
    struct str typed = arena_str(&a, (struct str){line->buffer, (size_t)(line->cursor - line->buffer)});
    unsigned char result = complete(edit, typed, &a);
    arena_release(&a);
    return result;
}

/* --- history ------------------------------------------------------------------------------------------------ */

/* Makes the file, for its owner's eyes only; what cannot be kept is no reason not to talk. */
static void make_history_file(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash && slash > path) {
        char *folder = strndup(path, (size_t)(slash - path));
        if (folder)
            file_make_folders(folder, NULL);
        free(folder);
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0) {
        fchmod(fd, 0600);
        close(fd);
    }
}

static void history_open(struct terminal *t)
{
    HistEvent event;
    const char *path = t->session->options->history_path;
    t->history = history_init();
    if (!t->history)
        return;
    history(t->history, &event, H_SETSIZE, REPL_HISTORY_MAX);
    history(t->history, &event, H_SETUNIQUE, 1);
    if (path) {
        make_history_file(path);
        history(t->history, &event, H_LOAD, path);
    }
    el_set(t->edit, EL_HIST, history, t->history);
}

/* Saved at every line: a terminal may be closed at any time. */
static void history_keep(struct terminal *t, const char *line)
{
    HistEvent event;
    const char *path = t->session->options->history_path;
    if (!t->history)
        return;
    history(t->history, &event, H_ENTER, line);
    if (path)
        history(t->history, &event, H_SAVE, path);
}

/* --- on a terminal ------------------------------------------------------------------------------------------ */

/* libedit takes characters apart by the locale; docent's texts are UTF-8 in any. */
static void use_utf8(void)
{
    if (!setlocale(LC_CTYPE, "") || MB_CUR_MAX == 1)
        setlocale(LC_CTYPE, "C.UTF-8");
}

static bool terminal_open(struct terminal *t)
{
    use_utf8();
    t->edit = el_init("docent", stdin, stdout, stderr);
    if (!t->edit)
        return false;
    el_set(t->edit, EL_CLIENTDATA, t);
    el_set(t->edit, EL_PROMPT, prompt);
    el_set(t->edit, EL_EDITOR, "emacs");
    el_set(t->edit, EL_SIGNAL, 1);
    el_set(t->edit, EL_GETCFN, read_character);
    history_open(t);
    el_set(t->edit, EL_ADDFN, "docent-complete", "complete the line", key_complete);
    el_set(t->edit, EL_ADDFN, "docent-interrupt", "give the line up", key_interrupt);
    el_set(t->edit, EL_ADDFN, "docent-suspend", "stop until fg", key_suspend);
    el_set(t->edit, EL_BIND, "^R", "em-inc-search-prev", NULL);
    el_source(t->edit, NULL);
    el_set(t->edit, EL_BIND, "^I", "docent-complete", NULL);
    el_set(t->edit, EL_BIND, "^C", "docent-interrupt", NULL);
    el_set(t->edit, EL_BIND, "^Z", "docent-suspend", NULL);
    el_set(t->edit, EL_SETTY, "-d", "-isig", NULL);
    return true;
}

static void terminal_close(struct terminal *t)
{
    if (t->history)
        history_end(t->history);
    el_end(t->edit);
}

static void greet(const struct docent *d)
{
    printf("%.*s\n", STR_FMT(docent_title(d)));
    puts("Ask in your own words. /help shows more, /quit leaves.\n");
}

/* People who want to leave type these, and neither is a question. */
static bool wants_out(struct str line)
{
    return str_is(line, "quit") || str_is(line, "exit");
}

static bool terminal_line(struct terminal *t, struct str line)
{
    struct session *s = t->session;
    line = str_trim(str_sub(line, 0, utf8_cut(line, REPL_LINE_MAX)));
    if (!line.n)
        return true;
    struct arena a = {0};
    history_keep(t, arena_str(&a, line).p);
    arena_release(&a);
    s->width = wrap_width();
    session_line(s, wants_out(line) ? STR("/quit") : line);
    if (s->out.n) {
        fwrite(s->out.p, 1, s->out.n, stdout);
        putchar('\n');
    }
    return flushed();
}

static int talk_edited(struct session *s)
{
    struct terminal t = {.session = s};
    if (!terminal_open(&t))
        return talk_piped(s);
    greet(s->options->docent);
    bool ok = flushed();
    while (ok && !s->quit) {
        int n = 0;
        t.interrupted = false;
        el_resize(t.edit);
        t.columns = terminal_columns();
        const char *line = el_gets(t.edit, &n);
        if (t.interrupted)
            continue;
        if (!line || n <= 0) {
            putchar('\n');
            break;
        }
        ok = terminal_line(&t, (struct str){line, strlen(line)});
    }
    terminal_close(&t);
    return ok && flushed() ? STATUS_OK : STATUS_IO;
}

int repl_run(struct repl_options *o)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    bool edited = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    struct session s;
    session_init(&s, o);
    s.color = edited && o->color;
    sigaction(SIGPIPE, &ignore, &before);
    int status = edited ? talk_edited(&s) : talk_piped(&s);
    sigaction(SIGPIPE, &before, NULL);
    session_release(&s);
    return status;
}

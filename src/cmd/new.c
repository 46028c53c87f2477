/*
 * docent new: a small pack to start from, or a pack that says what a sheet says.
 *
 * All files are made in memory first, and a pack of a sheet is opened and asked its own questions; nothing is written
 * unless it is sound.
 */
#include "base/file.h"
#include "cmd/command.h"
#include "cmd/new_pack.h"
#include "cmd/problems.h"
#include "cmd/sheet.h"
#include "cmd/starter.h"
#include "docent.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SHOWN_MAX = 5 }; /* questions of a sheet shown that do not reach their intent */

void new_pack_add(struct new_pack *p, struct str name, struct str text)
{
    if (p->n < NEW_FILES_MAX)
        p->files[p->n++] = (struct source){name, text};
}

/* --- the folder --------------------------------------------------------------------------------------------- */

static bool folder_is_free(const char *folder, struct err *err)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return errno == ENOENT || err_set(err, STATUS_NO_INPUT, "cannot open folder '%s': %s", folder, strerror(errno));
    bool empty = true;
    for (struct dirent *e; empty && (e = readdir(dir));)
        empty = strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;
    closedir(dir);
    return empty ||
           err_set(err, STATUS_NO_INPUT, "the folder '%s' is not empty: name one that is, or a new one", folder);
}

static bool make_folder(const char *path, struct err *err)
{
    return mkdir(path, 0777) == 0 || (errno == EEXIST && file_is_folder(path)) ||
           err_set(err, STATUS_IO, "cannot make folder '%s': %s", path, strerror(errno));
}

static bool write_files(struct new_pack *p, const char *folder, struct err *err)
{
    if (!make_folder(folder, err))
        return false;
    for (size_t i = 0; i < p->n; i++) {
        struct str name = p->files[i].name, path = arena_fmt(&p->arena, "%s/%.*s", folder, STR_FMT(name));
        const char *slash = memchr(name.p, '/', name.n);
        struct str below = slash ? str_sub(name, 0, (size_t)(slash - name.p)) : STR("");
        if (slash && !make_folder(arena_fmt(&p->arena, "%s/%.*s", folder, STR_FMT(below)).p, err))
            return false;
        if (!file_write(path.p, p->files[i].text, err))
            return false;
    }
    return true;
}

/* --- asking the pack of a sheet its own questions ----------------------------------------------------------- */

struct outcome_of_sheet {
    size_t right;
    struct buf talk;
    struct buf missed; /* the first few that do not reach their intent, as lines */
    size_t n_missed;
};

static bool reaches(const struct docent *d, struct str question, const struct sheet_intent *intent, struct arena *a,
                    const struct reply **reply)
{
    struct dialog dialog = {0};
    *reply = docent_ask(d, &dialog, question, a);
    return (*reply)->n_parts == 1 && str_eq((*reply)->parts[0].intent, intent->id);
}

static void put_talk(struct buf *talk, struct str question, const struct part *part)
{
    buf_adds(talk, "\n> ");
    for (size_t i = 0; i < question.n; i++)
        buf_addc(talk, ch_space(question.p[i]) ? ' ' : question.p[i]);
    buf_addf(talk, "\n= %s", outcome_name(part->outcome));
    if (part->n_sources)
        buf_addf(talk, " %.*s", STR_FMT(part->sources[0].id));
    buf_addf(talk, " intent=%.*s\n", STR_FMT(part->intent));
}

static void ask_intent(const struct docent *d, const struct sheet_intent *intent, const char *sheet_path,
                       struct outcome_of_sheet *o)
{
    struct arena a = {0};
    bool told = false;
    for (size_t i = 0; i < intent->n; i++) {
        const struct reply *reply;
        bool right = reaches(d, intent->questions[i], intent, &a, &reply);
        o->right += right;
        if (right && !told)
            put_talk(&o->talk, intent->questions[i], &reply->parts[0]);
        told = told || right;
        if (!right && o->n_missed++ < SHOWN_MAX)
            buf_addf(&o->missed, "  %s:%zu: %.*s\n", sheet_path, intent->lines[i],
                     (int)(intent->questions[i].n < 80 ? intent->questions[i].n : 80), intent->questions[i].p);
        arena_reset(&a);
    }
    arena_release(&a);
}

static void ask_all(const struct docent *d, const struct sheet *sheet, const char *sheet_path,
                    struct outcome_of_sheet *o)
{
    buf_init(&o->talk, NEW_FILE_MAX_BYTES);
    buf_init(&o->missed, NEW_FILE_MAX_BYTES);
    buf_adds(&o->talk, "# One question of each intent of the sheet.\n");
    for (size_t i = 0; i < sheet->n; i++)
        ask_intent(d, &sheet->intents[i], sheet_path, o);
}

static int open_in_memory(struct new_pack *p, const struct sheet *sheet, const char *folder, const char *sheet_path)
{
    struct diags diags = {0};
    struct pack_files files = {.folder = str_of(folder), .files = p->files, .n = p->n};
    struct docent *d = docent_open(&files, 1, STR(""), &diags);
    int status = STATUS_DATA;
    if (d) {
        struct outcome_of_sheet o = {.right = 0};
        ask_all(d, sheet, sheet_path, &o);
        new_pack_add(p, STR("tests/questions.talk"), arena_str(&p->arena, buf_str(&o.talk)));
        printf("%zu questions, %zu intents; %zu of the questions reach their own intent (%.1f %%)\n",
               sheet->n_questions, sheet->n, o.right, 100.0 * (double)o.right / (double)sheet->n_questions);
        if (o.n_missed)
            fprintf(stderr, "These reach another intent, or none:\n%s%s", o.missed.p,
                    o.n_missed > SHOWN_MAX ? "  …\n" : "");
        buf_release(&o.talk);
        buf_release(&o.missed);
        status = STATUS_OK;
    } else {
        problems_print(stderr, &diags, p->n, false);
    }
    docent_free(d);
    diags_release(&diags);
    return status;
}

static int make_of_sheet(struct new_pack *p, const char *folder, const char *sheet_path, bool color)
{
    struct err err = {0};
    struct diags diags = {0};
    struct sheet sheet;
    struct source *source = arena_alloc(&p->arena, sizeof *source);
    source->name = str_of(sheet_path);
    if (!file_read(sheet_path, SHEET_MAX_BYTES, &p->arena, &source->text, &err)) {
        fprintf(stderr, "docent: %s\n", err.text);
        return err.status;
    }
    sheet_read(source, &p->arena, &sheet, &diags);
    int status = diags.errors ? STATUS_DATA : STATUS_OK;
    if (diags.n)
        problems_print(stderr, &diags, 1, color);
    if (!status) {
        new_pack_of_sheet(p, &sheet, folder, sheet_path);
        status = open_in_memory(p, &sheet, folder, sheet_path);
    }
    diags_release(&diags);
    return status;
}

/* --- the command -------------------------------------------------------------------------------------------- */

/* The starter pack; of it only the schema, when the rest comes from a sheet. */
static void add_starter(struct new_pack *p, bool only_schema)
{
    for (const struct starter_file *f = starter_files; f->name; f++)
        if (!only_schema || str_starts(str_of(f->name), STR("schema/")))
            new_pack_add(p, str_of(f->name), str_of(f->text));
}

static void print_next(const char *folder)
{
    printf("%s is a pack. Go on with:\n"
           "  docent chat --pack %s\n"
           "  docent check %s\n"
           "  docent test %s\n",
           folder, folder, folder, folder);
}

int cmd_new(struct call *call)
{
    const char *from = NULL;
    const struct opt rows[] = {OPT_TEXT('f', "from", "FILE", "make the pack of this sheet: .csv or .tsv", &from)};
    struct new_pack *p = NULL;
    struct arena a = {0};
    struct err err = {0};
    int status;
    if (!command_begin(call, rows, sizeof rows / sizeof *rows, &status))
        return status;
    if (call->n_words != 1)
        return command_usage(call, call->n_words ? "one folder, not %zu" : "which folder shall it make?",
                             call->n_words);
    const char *folder = call->words[0];
    p = arena_alloc(&a, sizeof *p);
    if (!folder_is_free(folder, &err)) {
        status = err.status;
    } else if (from) {
        status = make_of_sheet(p, folder, from, settings_color(&call->settings, STDERR_FILENO));
        add_starter(p, true);
    } else {
        add_starter(p, false);
    }
    if (!status && !write_files(p, folder, &err))
        status = err.status;
    if (err.text[0])
        fprintf(stderr, "docent: %s\n", err.text);
    if (!status && !call->settings.flags.quiet)
        print_next(folder);
    arena_release(&p->arena);
    arena_release(&a);
    return status;
}

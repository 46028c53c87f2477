/* docent: the table of commands, and what happens before and after one runs. */
#include "base/mem.h"
#include "base/opt.h"
#include "cmd/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct command commands[] = {
    {"ask", cmd_ask, "[QUESTION... | -]", "answer one question, or one a line",
     "  docent ask 'how much do coders earn?'\n"
     "  docent ask --why do I need a degree\n"
     "  printf 'how much do coders earn?\\nand billers?\\n' | docent ask -\n"},
    {"chat", cmd_chat, "", "talk on the terminal",
     "  docent chat\n"
     "  docent chat --pack ./my-pack\n"},
    {"check", cmd_check, "[DIR...]", "read packs and report every problem",
     "  docent check\n"
     "  docent check intents/careers\n"},
    {"test", cmd_test, "[FILE|DIR...]", "play scripted conversations, score question sets",
     "  docent test tests/talk\n"
     "  docent test --fail-under 90 tests/questions/dev.jsonl\n"},
    {"new", cmd_new, "DIR", "make a small pack to start from, or one of a sheet",
     "  docent new my-pack\n"
     "  docent new my-pack --from questions.csv\n"},
    {"export", cmd_export, "[DIR]", "write a pack's questions and answers as a sheet",
     "  docent export --csv my-pack > questions.csv\n"},
    {"serve", cmd_serve, "", "answer over HTTP, on Slack and on Discord",
     "  docent serve\n"
     "  docent serve --listen 127.0.0.1:0\n"},
    {"post", cmd_post, "[TEXT... | -]", "send an answer or a text to a Slack or Discord webhook",
     "  docent post --slack --ask 'how much do coders earn?'\n"
     "  echo 'Lunch is at **noon**.' | docent post --discord -\n"},
    {"slack", cmd_slack, "manifest", "print what Slack needs to make the app",
     "  docent slack manifest\n"
     "  docent slack manifest --http --url https://faq.example.org\n"},
    {"discord", cmd_discord, "register", "tell Discord docent's commands, /ask and /topics",
     "  docent discord register\n"
     "  docent discord register --guild 1100000000000000050\n"},
    {"doctor", cmd_doctor, "", "check tokens, scopes, clock and connections", "  docent doctor\n"},
    {"report", cmd_report, "", "what was asked, and what went unanswered",
     "  docent report\n"
     "  docent report --days 7 --json\n"},
};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

enum { HELP_MAX = 64 << 10 };

/* --- help --------------------------------------------------------------------------------------------------- */

static void print_and_release(struct buf *text)
{
    fwrite(text->p, 1, text->n, stdout);
    buf_release(text);
}

static void print_overview(void)
{
    fputs("docent answers questions from a guide you write.        Usage: docent <command> [options]\n"
          "  docent ask 'how much do coders earn?'\n"
          "  docent chat\n"
          "Commands:",
          stdout);
    for (size_t i = 0; i < N_COMMANDS; i++)
        printf(" %s%s", i ? " " : "", commands[i].name);
    puts("     More: docent --help, man docent");
}

static void print_help(void)
{
    struct buf out;
    struct settings unused = {.width = 0};
    struct opt common[SETTINGS_OPTIONS];
    settings_options(&unused, common);
    buf_init(&out, HELP_MAX);
    buf_adds(&out, "docent answers questions from a guide you write.\n\nExamples:\n");
    for (size_t i = 0; i < N_COMMANDS; i++)
        buf_adds(&out, commands[i].examples);
    buf_adds(
        &out,
        "\nUsage: docent <command> [options]\n       docent              on a terminal: docent chat\n\nCommands:\n");
    for (size_t i = 0; i < N_COMMANDS; i++)
        buf_addf(&out, "  %-8s  %s\n", commands[i].name, commands[i].help);
    opt_help(&out, &(struct opt_group){"Options of all commands", common, SETTINGS_OPTIONS}, 1);
    buf_adds(&out, "\nMore: docent <command> --help, man docent\n");
    print_and_release(&out);
}

static void print_version(void)
{
    puts("docent " DOCENT_VERSION);
}

/* --- one command -------------------------------------------------------------------------------------------- */

static char *const *command_line; /* as main was given it: options move within argv while they are read */

static int run(const struct command *command, const struct settings *leading, int argc, char **argv)
{
    struct call call = {
        .command = command, .settings = {.flags = leading->flags}, .argc = argc, .argv = argv, .all = command_line};
    int status = command->run(&call);
    settings_release(&call.settings);
    return status;
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (strcmp(name, commands[i].name) == 0)
            return &commands[i];
    return NULL;
}

static int unknown_command(const char *word)
{
    const char *names[N_COMMANDS];
    for (size_t i = 0; i < N_COMMANDS; i++)
        names[i] = commands[i].name;
    const char *near = opt_did_you_mean(word, names, N_COMMANDS);
    fprintf(stderr, "docent: unknown command '%s'", word);
    if (near)
        fprintf(stderr, ", did you mean '%s'?", near);
    fputs("\nTry 'docent --help'.\n", stderr);
    return STATUS_USAGE;
}

static int run_without_command(const struct settings *leading, char **argv)
{
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        print_overview();
        return STATUS_OK;
    }
    return run(find_command("chat"), leading, 1, argv);
}

/* Options that all commands have may stand in front of the command as well. */
static int dispatch(int argc, char **argv)
{
    struct settings leading = {.width = 0};
    struct opt rows[SETTINGS_OPTIONS];
    struct err err = {0};
    bool help = command_wants_help(argc, argv);
    settings_options(&leading, rows);
    bool parsed = opt_parse(&(struct opt_group){"Options", rows, SETTINGS_OPTIONS}, 1, OPT_LEADING, &argc, argv, &err);
    const struct command *command = parsed && argc > 1 ? find_command(argv[1]) : NULL;
    if (help && !command) {
        print_help();
        return STATUS_OK;
    }
    if (!parsed) {
        fprintf(stderr, "docent: %s\nTry 'docent --help'.\n", err.text);
        return STATUS_USAGE;
    }
    if (leading.flags.version) {
        print_version();
        return STATUS_OK;
    }
    if (argc < 2)
        return run_without_command(&leading, argv);
    return command ? run(command, &leading, argc - 1, argv + 1) : unknown_command(argv[1]);
}

/*
 * A standard descriptor that the parent closed must not become some file's that is opened later. What is put in its
 * place fails like a closed one: reading the first, writing the others.
 */
static void hold_standard_descriptors(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            if (open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) < 0)
                _exit(STATUS_IO);
}

/* Did the reader of standard output leave, as `| head` does? That is no fault worth a word. */
static bool reader_left(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&out, 1, 0) == 1 && out.revents & POLLERR;
}

static char *const *copy_command_line(int argc, char **argv)
{
    char **copy = mem_resize(NULL, (size_t)argc + 1, sizeof *copy);
    memcpy(copy, argv, ((size_t)argc + 1) * sizeof *copy);
    return copy;
}

int main(int argc, char **argv)
{
    hold_standard_descriptors();
    signal(SIGPIPE, SIG_IGN);
    command_line = copy_command_line(argc, argv);
    int status = dispatch(argc, argv);
    free((void *)command_line);
    errno = 0;
    if (fflush(stdout) != 0 || ferror(stdout)) {
        if (!reader_left())
            fprintf(stderr, "docent: cannot write to standard output%s%s\n", errno ? ": " : "",
                    errno ? strerror(errno) : "");
        return STATUS_IO;
    }
    return status;
}

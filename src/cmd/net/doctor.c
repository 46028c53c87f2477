/* docent doctor: is everything there that docent needs, and does it work? */
#include "cmd/net/doctor.h"

#include "base/file.h"
#include "cmd/packs.h"
#include "cmd/places.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CLOCK_BAD_S = 240, CLOCK_ODD_S = 60 };

/* --- findings ----------------------------------------------------------------------------------------------- */

void doctor_say(struct doctor *d, enum doctor_finding finding, const char *advice, const char *format, ...)
{
    static const char *const words[] = {"ok", "-", "warning", "problem"};
    va_list args;
    printf("%-8s ", words[finding]);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    if (advice)
        printf("         -> %s\n", advice);
    d->warnings += finding == DOCTOR_WARNING;
    d->problems += finding == DOCTOR_PROBLEM;
}

void doctor_unreached(struct doctor *d, const char *whom, const struct http_reply *reply)
{
    const char *problem = reply->problem ? reply->problem : "no reply";
    bool certificate = strstr(problem, "ertificate") || strstr(problem, "SSL") || strstr(problem, "TLS");
    doctor_say(d, DOCTOR_PROBLEM,
               certificate
                   ? "install the system's certificates (ca-certificates), or name a file of authorities as ca_file in "
                     "the settings if a proxy of your own looks into connections"
                   : "is there a way out of this network? A proxy is set with proxy in the settings or HTTPS_PROXY",
               "%s cannot be reached: %s", whom, problem);
}

void doctor_clock(struct doctor *d, struct str date)
{
    struct tm tm = {0};
    char text[64];
    snprintf(text, sizeof text, "%.*s", STR_FMT(date));
    if (d->clock_checked || !strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm))
        return;
    d->clock_checked = true;
    long long off = (long long)time(NULL) - (long long)timegm(&tm);
    long long by = off < 0 ? -off : off;
    if (by < CLOCK_ODD_S)
        doctor_say(d, DOCTOR_OK, NULL, "the clock is right");
    else
        doctor_say(d, by < CLOCK_BAD_S ? DOCTOR_WARNING : DOCTOR_PROBLEM,
                   "set the clock (systemd-timesyncd, chrony): signed requests that seem five minutes old are refused",
                   "the clock is %lld seconds %s", by, off > 0 ? "ahead" : "behind");
}

void doctor_ask(struct doctor *d, const char *method, const char *url, const char *header, struct str body,
                void (*read)(void *arg, const struct http_reply *reply), void *arg)
{
    const char *type =
        body.n ? "Content-Type: application/json; charset=utf-8" : "Content-Type: application/x-www-form-urlencoded";
    struct http_request request = {.method = method, .url = url, .headers = {type, header}, .body = body};
    fetch_send(&d->fetch, &request, read, arg);
}

/* --- this machine ------------------------------------------------------------------------------------------- */

static void check_packs(struct doctor *d)
{
    struct packs packs;
    struct err err = {0};
    if (packs_open(&packs, &d->settings->packs, &err))
        doctor_say(d, DOCTOR_OK, NULL, "the packs can be read: %.*s", STR_FMT(docent_title(packs.docent)));
    else
        doctor_say(d, DOCTOR_PROBLEM, "docent check tells what is wrong, and where", "the packs cannot be read%s%s",
                   *err.text ? ": " : "", err.text);
    packs_close(&packs);
}

static void check_state(struct doctor *d)
{
    struct str folder = place_state(&d->arena, d->settings->state_dir);
    struct err err = {0};
    if (!folder.n)
        doctor_say(d, DOCTOR_PROBLEM, "set DOCENT_STATE_DIR", "there is no folder for the database");
    else if (!file_make_folders(folder.p, &err))
        doctor_say(d, DOCTOR_PROBLEM, "set DOCENT_STATE_DIR to a folder that docent may write to", "%s", err.text);
    else if (access(folder.p, W_OK | X_OK) != 0)
        doctor_say(d, DOCTOR_PROBLEM, "set DOCENT_STATE_DIR to a folder that docent may write to",
                   "'%s' cannot be written to", folder.p);
    else
        doctor_say(d, DOCTOR_OK, NULL, "the folder of the database can be written to: %s", folder.p);
}

static void check_ca_file(struct doctor *d)
{
    const char *path = d->settings->ca_file;
    if (!*path)
        return;
    if (access(path, R_OK) != 0)
        doctor_say(d, DOCTOR_PROBLEM,
                   "correct ca_file in the settings, or leave it out to trust whom the system trusts",
                   "the certificates of ca_file cannot be read: %s", path);
    else
        doctor_say(d, DOCTOR_OK, NULL, "the certificates of ca_file can be read: %s", path);
}

static void check_machine(struct doctor *d)
{
    check_packs(d);
    check_state(d);
    check_ca_file(d);
}

/* ------------------------------------------------------------------------------------------------------------ */

/* One more place is one more row. */
static const struct {
    const char *title;
    void (*check)(struct doctor *d);
} checks[] = {
    {"This machine", check_machine},
    {"Slack", doctor_slack},
    {"Discord", doctor_discord},
};

static void run(struct doctor *d)
{
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        printf("%s%s\n", i ? "\n" : "", checks[i].title);
        checks[i].check(d);
    }
    printf("\n%zu problems, %zu warnings\n", d->problems, d->warnings);
}

int cmd_doctor(struct call *call)
{
    struct doctor d = {.settings = &call->settings};
    struct err err = {0};
    int status;
    if (!command_begin(call, NULL, 0, &status))
        return status;
    if (call->n_words)
        return command_usage(call, "takes no words");
    if (!secrets_read(&d.secrets, &d.arena, &err)) {
        fprintf(stderr, "docent doctor: %s\n", err.text);
        arena_release(&d.arena);
        return err.status;
    }
    fetch_start(&d.fetch, &call->settings);
    run(&d);
    fetch_end(&d.fetch);
    arena_release(&d.arena);
    return d.problems ? STATUS_NO : STATUS_OK;
}

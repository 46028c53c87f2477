/*
 * err: what went wrong in the world outside (network, disk, protocol), as one sentence part.
 *
 * Functions that can fail for such a reason return bool and fill a struct err, which they leave alone on
 * success, so that steps chain with &&. Fault first, no capital, no full stop, subject quoted:
 *     cannot read 'x.json': permission denied
 */
#ifndef DOCENT_BASE_ERR_H
#define DOCENT_BASE_ERR_H

#include <stdbool.h>

enum { ERR_MAX = 512 };

struct err {
    int status; /* exit status that fits: one of enum status */
    char text[ERR_MAX];
};

/* Fills err (when not NULL) and returns false, so that callers can `return err_set(…)`. */
bool err_set(struct err *err, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* sysexits, as the command line promises them */
enum status {
    STATUS_OK = 0,
    STATUS_NO = 1, /* declined, tests failed, problems found */
    STATUS_USAGE = 64,
    STATUS_DATA = 65,        /* pack or data wrong */
    STATUS_NO_INPUT = 66,    /* cannot open input */
    STATUS_UNAVAILABLE = 69, /* service unavailable */
    STATUS_BUG = 70,
    STATUS_IO = 74,
    STATUS_AGAIN = 75,
    STATUS_CONFIG = 78,
};

#endif

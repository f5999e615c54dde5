/* SPDX-License-Identifier: MIT */
/*
 * Failures that are injected in one process and one thread, one at a time, for
 * the libraries on top of the core: net/fault.c and ssl/fault.c. A program has
 * scenarios and rows; each row's call fails in each scenario, at each place.
 *
 * A call that fails must say why and leave nothing behind; one that succeeds
 * leaves errno and the record alone.
 */
#ifndef FAULT_INJECT_H
#define FAULT_INJECT_H

#include <stdbool.h>
#include <stddef.h>

#include "wrap.h"

enum {
    SHORT = -1, /* as a code: each call moves less than it is asked to */
    HUNG_AFTER = 60,
};

extern struct injection {
    const char *scenario, *call;
    int nth, code;
    bool armed;
    int count, injected;
} now;

/* What this call shall fail with, SHORT, or 0. */
int hit(const char *call);
bool no_memory(const char *call);

/* Allocations less frees: of the program, whose calls inject.c wraps, and of
 * who counts others for it. */
extern long balance, others;

/* The same of a call that moves n bytes, and may move less. */
#define MOVING(name, parameters, whole, part)                                  \
    WRAP(ssize_t, name, parameters)                                            \
    {                                                                          \
        int code = hit(#name);                                                 \
        if (code == SHORT)                                                     \
            return __real_##name part;                                         \
        if (code == 0)                                                         \
            return __real_##name whole;                                        \
        errno = code;                                                          \
        return -1;                                                             \
    }
#define SOME(n) ((n) > 0 ? 1 : 0)

/* Says what is wrong, and how to have it again. */
extern int complaints;
void complain(const char *what);
/* What a scenario can't be without. */
void must(bool ok, const char *what);

/* What a call made of the injection. A scenario of a server, whose answer tells
 * more, says behind it that it `served`. */
extern struct result {
    bool ok, served;
    int err, kind, code;
} result;
void arm(void);
void make_stale(void); /* a record, and an errno, that success leaves alone */
bool disarm(bool ok);  /* what it is given */
#define TRY(call) (arm(), disarm((call)))

/* Whether a word stands in a list of words. */
bool is(const char *word, const char *list);

struct scenario {
    const char *name;
    void (*run)(void);
    int every; /* one in so many of the call that comes often; 0: each */
};

struct row {
    const char *call;
    int codes[7];
};

struct program {
    const struct scenario *scenarios;
    size_t scenario_count;
    const struct row *rows;
    size_t row_count;
    const char *often; /* a call; may be NULL */
    int variants;      /* of each scenario, which vary() chooses; 0: one */
    void (*vary)(int which);
    void (*clean)(void); /* behind each scenario; may be NULL */
    void (*judge)(void); /* by what is `now`; `injected` is 0 of none */
};

extern int injections;

/* The signals of one that hangs or crashes. */
void catch_signals(void (*handler)(int number));
void die(int number);

/* Of `[--scenario S] [--call C --nth N --code E]` what is asked for. */
void inject_as_told(const struct program *program, char *argv[]);
/* Whether `--list` is asked for, which says the scenarios' names. */
bool list_scenarios(const struct program *program, char *argv[]);
/* The value of an option, or NULL. */
const char *option(char *argv[], const char *name);

#endif

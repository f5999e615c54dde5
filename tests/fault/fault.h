/* SPDX-License-Identifier: MIT */
/* One failure, injected into one call of the C library. */
#ifndef FAULT_H
#define FAULT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* Codes in the table beside errno: h_errno and EAI_. */
enum { FAULT_HOST = 1000, FAULT_GAI = 2000 };

enum fault_mode { FAULT_ONCE, FAULT_EVER, FAULT_SHORT };

struct fault_row {
    char call[24];
    char names[24][20];
    int codes[24];
    int n;
};

struct injection {
    const char *call;
    int nth;
    int code;
    enum fault_mode mode;
};

/* What the program and the wrappers share. The library's own threads count,
 * too. */
struct fault_state {
    struct injection now;
    atomic_bool armed;
    atomic_int injected;
    int counts[64];     /* of calls, by row */
    atomic_int balance; /* allocations less frees, always */
    int lent;           /* EAGAINs that a scenario begins with */
    char complaint[200];
};

extern struct fault_row fault_rows[64];
extern int fault_row_count;
extern struct fault_state fault;

/* A scenario: prepares, arms, calls the library once, settles, checks. */
struct scenario {
    const char *name;
    void (*run)(void);
    int flags;
};
enum { WITH_TIMEOUT = 1, NON_BLOCKING = 2, KEEPS_NOTHING = 4, LOOKS_UP = 8 };
extern const struct scenario scenarios[];
extern const size_t scenario_count;

void fault_complain(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* What the call made of the injection. */
struct result {
    bool settled, ok;
    int err, kind, code;
    size_t done;
};
extern struct result fault_result;

#endif

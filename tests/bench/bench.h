/* SPDX-License-Identifier: MIT */
/* What the cases, the counting and the table share. */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

/* Does the operation of a case @p n times. */
typedef void bench_loop(long n);

/* What is required of a case. */
enum bench_use {
    BENCH_ALL,      /* Counts and time. */
    BENCH_NO_LIMIT, /* Counts; there is no time in which to hide a cost. */
    BENCH_NO_TIME,  /* Counts; the time is that of a timeout. */
    BENCH_SHOW_ONLY /* Nothing: POSIX is not the yardstick. */
};

/* The same operation in the library and in plain POSIX. */
struct bench_case {
    const char *name;   /* bench.py knows its loop by the same name. */
    void (*open)(void); /* Makes the sockets that both loops use; or NULL. */
    bench_loop *library;
    bench_loop *posix;
    int calls;        /* Calls of the library in one operation. */
    int system_calls; /* What POSIX needs for it; -1: whatever it does. */
    int more;         /* System calls the library may add to that. */
    int allocations;  /* What the library must make, exactly. */
    int instructions; /* It may add to each call; 0: the general limit. */
    double time; /* Its ratio may be so much over the control's; 0: as all. */
    enum bench_use use;
};

extern const struct bench_case bench_cases[];
extern const size_t bench_case_count;

/* Ends what the open function of a case made. */
void bench_close(void);
/* In a child that does the loops: makes anew what can't be shared with it. */
void bench_begin_child(void);

/* Per operation; -1 where it could not be counted. */
struct bench_counts {
    double system_calls;
    double instructions;
    double allocations;
};

/* Instructions are counted that many times, as it is slow; or not at all. */
struct bench_counts bench_count(bench_loop *loop, int instruction_tries);

/* Whether this process may trace a child of its own. */
int bench_can_trace(void);

/* Where both ends stay, and the tracer with its child: a change of processor
 * costs more than what is measured. */
void bench_stay_on_one_processor(void);

/* The median, and where it would lie in 95 of 100 repetitions. */
struct bench_spread {
    double low, median, high;
};

/* Of at least 100 values, which it sorts. */
struct bench_spread bench_spread_of(double *values, size_t n);

/* Of any number, which it sorts. */
double bench_median(double *values, size_t n);

/* Puts them into another order. */
void bench_shuffle(int *order, int n);

/* A loop that fails is no measurement. */
#define BENCH_NEED(condition)                                                  \
    do {                                                                       \
        if (!(condition)) {                                                    \
            perror(#condition);                                                \
            exit(1);                                                           \
        }                                                                      \
    } while (0)

#endif

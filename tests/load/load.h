/* SPDX-License-Identifier: MIT */
/* What the programs that load the library have in common. */
#ifndef LOAD_H
#define LOAD_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <pysockc/error.h>

/* Anything that is not as promised ends the program. */
#define NEED(condition)                                                        \
    do {                                                                       \
        if (!(condition)) {                                                    \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);    \
            sock_perror(program_invocation_short_name);                        \
            exit(1);                                                           \
        }                                                                      \
    } while (0)

/* Monotonic. */
static inline double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

#endif

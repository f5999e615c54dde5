/* SPDX-License-Identifier: MIT */
/* A program that is started, and seen to until it ends. */
#ifndef SOCK__LAUNCH_H
#define SOCK__LAUNCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a program is: its name, if that has a slash, or in which absolute
 * folder of PATH; false if there is none that could run. */
bool sock__find_program(const char *name, char *path, size_t size);

/*
 * Starts a program and waits for so many nanoseconds, or to its end if that is
 * negative: 1 if it has ended with 0 by then, or runs; 0 if it could not be
 * started or has failed; -1 with errno if nothing can be.
 * Whoever does not wait to its end leaves that to a thread.
 */
int sock__launch(const char *path, const char *const *argv, bool terminal,
                 int64_t wait);

#endif

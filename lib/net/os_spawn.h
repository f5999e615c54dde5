/* SPDX-License-Identifier: MIT */
/* Programs of the user's, which this one starts and leaves alone. */
#ifndef SOCK__OS_SPAWN_H
#define SOCK__OS_SPAWN_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/*
 * Starts one, without a shell: 0, or an errno. It has this program's
 * environment, no descriptor but the three standard ones, the mask of signals
 * given, and SIGPIPE at its default. With a terminal it stays where this
 * program is; else it has a session of its own, and /dev/null.
 */
int sock__os_spawn(pid_t *pid, const char *path, const char *const *argv,
                   const sigset_t *mask, bool terminal);

#endif

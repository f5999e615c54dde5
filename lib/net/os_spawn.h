/* SPDX-License-Identifier: MIT */
/* Programs that this one starts: of the user's, which it leaves alone, and
 * scripts of a server's, which it sees to. */
#ifndef SOCK__OS_SPAWN_H
#define SOCK__OS_SPAWN_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Starts one, without a shell: 0, or an errno. It has this program's
 * environment, no descriptor but the three standard ones, the mask of signals
 * given, and SIGPIPE at its default. With a terminal it stays where this
 * program is; else it has a session of its own, and /dev/null.
 */
int sock__os_spawn(pid_t *pid, const char *path, const char *const *argv,
                   const sigset_t *mask, bool terminal);

struct sock__script {
    int folder;       /* it begins there */
    const char *path; /* from there */
    const char *const *argv, *const *environment;
    int files[3]; /* the standard ones, each over 2 */
};

/* Starts one: 0, or an errno. It has no other descriptor and no other variable,
 * all signals as they are at first, and a group of processes of its own. */
int sock__os_spawn_script(pid_t *pid, const struct sock__script *s);
/* A pipe for one: close-on-exec, with numbers over 2; that end is non-blocking
 * which is this program's own, 0 or 1. -1 with errno. */
int sock__os_script_pipe(int ends[2], int own);
/* Nothing at all, for its standard input; -1 with errno. */
int sock__os_script_nothing(void);
/* Ends it and its children, unless someone else has waited for it. */
void sock__os_kill_script(pid_t pid);
/* Waits for its end up to this time, monotonic ns: 1, and *status is as of
 * waitpid(2), or -1 if someone else has waited for it; 0: it runs still. */
int sock__os_reap_script(pid_t pid, int64_t until, int *status);

#endif

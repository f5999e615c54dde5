/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "launch.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "os_spawn.h"
#include "private.h"

/* Finding */

static bool can_run(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
           access(path, X_OK) == 0;
}

/* The name in a folder, whose path has n bytes; false: there is no room. */
static bool join(const char *folder, size_t n, const char *name, char *path,
                 size_t size)
{
    size_t len = strlen(name);
    if (len + 2 > size || n > size - len - 2)
        return false;
    memcpy(path, folder, n);
    path[n] = '/';
    memcpy(path + n + 1, name, len + 1);
    return true;
}

/* As execvp(3), without the folders that depend on the current one. */
static bool find(const char *name, char *path, size_t size)
{
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    const char *folders = getenv("PATH");
    if (strchr(name, '/') != NULL) {
        if (strlen(name) >= size)
            return false;
        memcpy(path, name, strlen(name) + 1);
        return can_run(path);
    }
    for (const char *at = folders != NULL ? folders : "/usr/bin:/bin";; at++) {
        size_t n = strcspn(at, ":");
        if (*at == '/' && join(at, n, name, path, size) && can_run(path))
            return true;
        at += n;
        if (*at == '\0')
            return false;
    }
}

bool sock__find_program(const char *name, char *path, size_t size)
{
    int saved = errno;
    bool found = *name != '\0' && find(name, path, size);
    errno = saved;
    return found;
}

/* Running */

/* What the thread that starts the program and waits for its end shares with the
 * caller, who may have gone by then. */
struct run {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int users; /* of this structure */
    enum state { STARTING, RUNNING, SUCCEEDED, FAILED } state;
    const char *path; /* which the caller keeps while STARTING */
    const char *const *argv;
    sigset_t mask;
    bool terminal;
};

static struct run *new_run(const char *path, const char *const *argv,
                           bool terminal)
{
    pthread_condattr_t clock;
    struct run *r = calloc(1, sizeof *r);
    if (r == NULL)
        return NULL;
    pthread_mutex_init(&r->lock, NULL);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&r->changed, &clock);
    pthread_condattr_destroy(&clock);
    pthread_sigmask(SIG_SETMASK, NULL, &r->mask);
    r->users = 2;
    r->path = path;
    r->argv = argv;
    r->terminal = terminal;
    return r;
}

static void let_go(struct run *r, int users)
{
    pthread_mutex_lock(&r->lock);
    r->users -= users;
    bool last = r->users == 0;
    pthread_mutex_unlock(&r->lock);
    if (!last)
        return;
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

static void enter_state(struct run *r, enum state state)
{
    pthread_mutex_lock(&r->lock);
    r->state = state;
    pthread_cond_signal(&r->changed);
    pthread_mutex_unlock(&r->lock);
}

/* Whether it ends well. Where the program ignores SIGCHLD, or waits for any
 * child, no one can say. */
static bool ends_well(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) == -1)
        if (errno != EINTR)
            return true;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void *see_to(void *arg)
{
    struct run *r = arg;
    pid_t pid;

    if (sock__os_spawn(&pid, r->path, r->argv, &r->mask, r->terminal) != 0) {
        enter_state(r, FAILED);
    } else {
        enter_state(r, RUNNING);
        enter_state(r, ends_well(pid) ? SUCCEEDED : FAILED);
    }
    let_go(r, 1);
    return NULL;
}

static struct timespec in(int64_t ns)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    ns += t.tv_nsec;
    t.tv_sec += (time_t)(ns / 1000000000);
    t.tv_nsec = (long)(ns % 1000000000);
    return t;
}

static bool has_not_failed(struct run *r, int64_t wait)
{
    struct timespec end = in(wait < 0 ? 0 : wait);
    bool late = false;

    pthread_mutex_lock(&r->lock);
    while (r->state == STARTING || (r->state == RUNNING && !late)) {
        if (wait < 0 || r->state == STARTING)
            pthread_cond_wait(&r->changed, &r->lock);
        else
            late = pthread_cond_timedwait(&r->changed, &r->lock, &end) != 0;
    }
    bool good = r->state != FAILED;
    pthread_mutex_unlock(&r->lock);
    return good;
}

int sock__launch(const char *path, const char *const *argv, bool terminal,
                 int64_t wait)
{
    int saved = errno;
    struct run *r = new_run(path, argv, terminal);
    if (r == NULL)
        return -1;
    if (sock__os_thread(see_to, r, 256 << 10, NULL) == -1) {
        int err = errno;
        let_go(r, 2);
        errno = err;
        return -1;
    }
    bool good = has_not_failed(r, wait);
    let_go(r, 1);
    errno = saved;
    return good;
}

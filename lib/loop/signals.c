/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#define _DEFAULT_SOURCE /* NSIG */

#include "signals.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>

#include "os.h"

/*
 * A signal and its owner. What the handler looks at is atomic; the rest belongs
 * to the owner's thread.
 */
struct entry {
    _Atomic(struct sock__signals *) owner;
    atomic_uint process; /* of the owner */
    atomic_uint inside;  /* handlers, which may look at the owner */
    atomic_uint arrived; /* and were not called yet */
    struct sock__what what;
    struct sigaction former;
};
static struct entry entries[NSIG];

bool sock__signal_exists(int signo)
{
    return signo > 0 && signo < NSIG;
}

/* What the program itself has done comes again as soon as a handler returns. */
bool sock__signal_can_wait(int signo)
{
    static const int faults[] = {SIGSEGV, SIGBUS,  SIGFPE,
                                 SIGILL,  SIGTRAP, SIGSYS};
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        if (signo == faults[i])
            return false;
    return true;
}

/* In a child, the loop is its parent's: nothing is counted, no one woken. */
static void on_signal(int signo)
{
    struct entry *e = &entries[signo];

    atomic_fetch_add(&e->inside, 1);
    struct sock__signals *s = atomic_load(&e->owner);
    if (s != NULL && sock__waker_is_ours(s->waker)) {
        atomic_fetch_add(&e->arrived, 1);
        atomic_store(&s->come, true);
        sock__wake(s->waker);
    }
    atomic_fetch_sub(&e->inside, 1);
}

static bool is_installed(int signo)
{
    struct sigaction now;
    return sigaction(signo, NULL, &now) == 0 && now.sa_handler == on_signal;
}

/* Other calls of the program go on after it, and a thread that has a stack for
 * signals takes it there. */
static int install(int signo, struct sigaction *former)
{
    struct sigaction action = {.sa_handler = on_signal,
                               .sa_flags = SA_RESTART | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    return sigaction(signo, &action, former);
}

/*
 * Makes s the owner. In a child, it may take what its parent's loop has owned,
 * which no handler looks at there: the former action is still the same.
 */
static int claim(struct entry *e, struct sock__signals *s)
{
    struct sock__signals *owner = NULL;
    unsigned process = sock__os_process();

    if (!atomic_compare_exchange_strong(&e->owner, &owner, s)) {
        if (atomic_load(&e->process) == process)
            return EBUSY;
        atomic_store(&e->inside, 0);
        atomic_store(&e->owner, s);
    }
    atomic_store(&e->process, process);
    atomic_store(&e->arrived, 0);
    return 0;
}

int sock__signals_add(struct sock__signals *s, int signo,
                      struct sock__what what)
{
    struct entry *e = &entries[signo];
    bool owned = atomic_load(&e->owner) == s;
    int saved = errno, err = owned ? 0 : claim(e, s);

    if (err != 0)
        return err;
    e->what = what;
    if (!owned && !is_installed(signo) && install(signo, &e->former) < 0) {
        err = errno;
        atomic_store(&e->owner, NULL);
    } else if (!owned) {
        s->count++;
    }
    errno = saved;
    return err;
}

/* The action first, then the owner; and then no handler looks at it any more.
 */
bool sock__signals_remove(struct sock__signals *s, int signo)
{
    struct entry *e = &entries[signo];
    int saved = errno;

    if (atomic_load(&e->owner) != s)
        return false;
    if (is_installed(signo))
        sigaction(signo, &e->former, NULL);
    atomic_store(&e->owner, NULL);
    while (sock__waker_is_ours(s->waker) && atomic_load(&e->inside) > 0)
        sched_yield();
    s->count--;
    errno = saved;
    return true;
}

void sock__signals_remove_all(struct sock__signals *s)
{
    for (int signo = 1; signo < NSIG && s->count > 0; signo++)
        sock__signals_remove(s, signo);
}

bool sock__signals_take(struct sock__signals *s, struct sock__signal_cursor *c,
                        struct sock__what *what)
{
    if (c->signo == 0 && !atomic_exchange(&s->come, false))
        return false;
    while (c->signo < NSIG) {
        struct entry *e = &entries[c->signo];
        if (c->left > 0 && atomic_load(&e->owner) == s) {
            c->left--;
            *what = e->what;
            return true;
        }
        if (++c->signo < NSIG && atomic_load(&entries[c->signo].owner) == s)
            c->left = atomic_exchange(&entries[c->signo].arrived, 0);
        else
            c->left = 0;
    }
    return false;
}

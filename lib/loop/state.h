/* SPDX-License-Identifier: MIT */
/* What a loop is. */
#ifndef SOCK__STATE_H
#define SOCK__STATE_H

#include <stdatomic.h>
#include <stdint.h>

#include "calls.h"
#include "loop.h"
#include "signals.h"
#include "timers.h"
#include "waker.h"

struct sock_loop {
    struct sock__waker waker; /* and the selector */
    struct sock__timers timers;
    struct sock__calls calls;
    struct sock__signals signals;
    struct sock__member *members, **last_member;
    struct sock__doomed *doomed;
    void *buffer;
    size_t watchers;          /* reader.c's; those of sockets that went, too */
    unsigned made;            /* calls, in this run */
    _Atomic uintptr_t inside; /* the thread that runs it; 0: none */
    atomic_bool stopped;
    atomic_bool freed; /* by a function that it has called */
};

/* Refuses the loop as sock__loop_check(), or a missing function; -1. */
int sock__loop_check_fn(const sock_loop_t *loop, const char *op, bool has_fn);
/* A failure of a call inside becomes one of the function's own; -1. */
int sock__loop_fail_as(const char *op);

#endif

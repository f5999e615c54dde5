/* SPDX-License-Identifier: MIT */
/*
 * What a selector stands on: the system's poller, or an array for poll(2), with
 * an event that ends the wait.
 *
 * The caller's lock is held in every call but the wait.
 */
#ifndef SOCK__POLLER_H
#define SOCK__POLLER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "os.h"

/* Found where the wait was ended; no slot has this word. */
#define SOCK__WAKE_WORD UINT64_MAX

/* For poll(2): what is asked, as others may change it meanwhile, of whom. */
struct sock__poller_list {
    struct pollfd *fds;
    uint64_t *words;
    size_t n, fd_room, word_room;
};

struct sock__poller {
    int fd;                         /* of the system's poller; -1: poll(2) */
    int event;                      /* ends the wait */
    struct sock__poller_list now;   /* the event is its first */
    struct sock__poller_list asked; /* a copy, which the wait uses unlocked */
    size_t turn;                    /* where the next look at it begins */
    uint32_t *at;                   /* where a number stands, + 1 */
    size_t at_room;
};

/* 0; -1 with errno. */
int sock__poller_open(struct sock__poller *p, bool by_poll);
void sock__poller_close(struct sock__poller *p);
/* As sock__os_poller_set(). */
int sock__poller_set(struct sock__poller *p, enum sock__os_change change,
                     int fd, int events, uint64_t word);
/* What was one-shot, and is found, is asked no longer until it is modified. */
void sock__poller_spend(struct sock__poller *p, int fd);
/* Before a wait: -1 with ENOMEM. */
int sock__poller_prepare(struct sock__poller *p);
/* As sock__os_poller_wait(); without the lock. */
int sock__poller_wait(struct sock__poller *p, struct sock__os_found *found,
                      int64_t left);
/* Ends the wait, or the next one; async-signal-safe. */
void sock__poller_wake(const struct sock__poller *p);

#endif

/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "httpd_loan.h"

#include <time.h>

#include "private.h"

static const int64_t LOOK = 2000000;         /* ns between two looks */
static const int64_t PAUSE_LEAST = 20000000; /* ns without lending it again */
static const int64_t PAUSE_MOST = 10000000000;
static const int64_t LONG_LENT = 1000000000; /* ns: a loan that was worth it */

enum { QUIET_LOOKS = 4 }; /* after which the lender sleeps until it is called */

void sock__loan_begin(sock_httpd_t *server)
{
    pthread_condattr_t clock;

    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&server->loan.back, &clock);
    pthread_condattr_destroy(&clock);
}

void sock__loan_end(sock_httpd_t *server)
{
    pthread_cond_destroy(&server->loan.back);
}

/* The lender */

bool sock__loan_give(sock_httpd_t *server, int64_t now)
{
    struct sock__loan *l = &server->loan;

    if (l->lent || l->not_before > now || atomic_load(&server->stopping))
        return false;
    l->lent = true;
    l->taken = l->answering = l->asleep = false;
    l->since = now;
    return true;
}

/* It did no good: the less it did, the longer it is not tried again. */
static void take_back(struct sock__loan *l, int64_t now)
{
    if (now - l->since > LONG_LENT || l->pause == 0)
        l->pause = PAUSE_LEAST;
    else if (l->pause < PAUSE_MOST)
        l->pause *= 2;
    l->not_before = now + l->pause;
    l->lent = false;
}

/* Waits for a while, or where nothing is to be looked at until there is. */
static void wait_for_it(sock_httpd_t *server, int64_t now)
{
    struct sock__loan *l = &server->loan;
    int64_t then = now + LOOK;
    struct timespec until = {(time_t)(then / 1000000000),
                             (long)(then % 1000000000)};

    if (l->asleep)
        pthread_cond_wait(&l->back, &server->lock);
    else
        pthread_cond_timedwait(&l->back, &server->lock, &until);
}

void sock__loan_await(sock_httpd_t *server)
{
    struct sock__loan *l = &server->loan;
    int64_t now = sock__os_now(), looked = now;
    int quiet = 0;

    pthread_mutex_lock(&server->lock);
    unsigned seen = l->answers;
    while (l->lent) {
        wait_for_it(server, now);
        now = sock__os_now();
        if (!l->lent || now - looked < LOOK)
            continue;
        looked = now;
        bool moved = l->answers != seen;
        if (!moved && (l->answering || !l->taken))
            take_back(l, now);
        quiet = moved ? 0 : quiet + 1;
        l->asleep = quiet >= QUIET_LOOKS;
        seen = l->answers;
    }
    pthread_mutex_unlock(&server->lock);
}

/* The worker. The lock is held. */

static bool is_mine(const struct sock__loan *l)
{
    return l->lent && l->taken && pthread_equal(l->worker, pthread_self());
}

bool sock__loan_is_open(const sock_httpd_t *server)
{
    return server->loan.lent && !server->loan.taken;
}

bool sock__loan_drop(sock_httpd_t *server)
{
    struct sock__loan *l = &server->loan;

    if (!is_mine(l))
        return false;
    take_back(l, sock__os_now());
    return true;
}

bool sock__loan_take(sock_httpd_t *server)
{
    struct sock__loan *l = &server->loan;

    if (!sock__loan_is_open(server))
        return false;
    l->taken = true;
    l->worker = pthread_self();
    return true;
}

bool sock__loan_enter(sock_httpd_t *server)
{
    struct sock__loan *l = &server->loan;
    bool asleep = l->asleep;

    l->answering = l->lent;
    l->answers++;
    l->asleep = false;
    return asleep;
}

/* The lock is not held. */

void sock__loan_return(sock_httpd_t *server)
{
    struct sock__loan *l = &server->loan;

    pthread_mutex_lock(&server->lock);
    bool mine = is_mine(l);
    if (mine)
        l->lent = false;
    pthread_mutex_unlock(&server->lock);
    if (mine)
        pthread_cond_signal(&l->back);
}

bool sock__loan_leave(sock_httpd_t *server)
{
    struct sock__loan *l = &server->loan;

    pthread_mutex_lock(&server->lock);
    bool mine = is_mine(l);
    if (mine)
        l->answering = false;
    pthread_mutex_unlock(&server->lock);
    return mine;
}

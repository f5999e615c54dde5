/* SPDX-License-Identifier: MIT */
/*
 * load_loop WHAT AMOUNT: as load, for the event loop.
 *
 *   posts N       N calls posted by four threads: none lost, each thread's in
 *                 its order, at most one wake-up for a wait; and how long one
 *                 takes to a loop that waits
 *   timers N      N timers, one after the other, of up to 2 ms: none is early
 *   pending N     N timers at once, each moved a few times, some cancelled
 */
#define _GNU_SOURCE

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <pysockc/pysockc.h>

#include "load.h"

static int compare(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

/* Of times in seconds, which are sorted: microseconds. */
static double part_of(double *times, int n, double part)
{
    qsort(times, (size_t)n, sizeof *times, compare);
    return times[(int)(part * (n - 1))] * 1e6;
}

static double *new_times(int n)
{
    double *times = calloc((size_t)n, sizeof *times);
    NEED(times != NULL);
    return times;
}

static sock_loop_t *new_loop(void)
{
    sock_loop_t *loop = sock_loop_new();
    NEED(loop != NULL);
    return loop;
}

/* Posts */

enum { THREADS = 4, SINGLE = 2000 };

static struct poster {
    sock_loop_t *loop;
    pthread_t thread;
    long amount, next;
} posters[THREADS];

/* The number of the post in the bits above those of its thread. */
static void receive(sock_loop_t *loop, void *arg)
{
    uintptr_t word = (uintptr_t)arg;
    struct poster *p = &posters[word % THREADS];
    NEED(loop == p->loop && word / THREADS == (uintptr_t)p->next);
    p->next++;
}

static void *post_all(void *arg)
{
    const struct poster *p = arg;
    for (long i = 0; i < p->amount; i++)
        NEED(sock_loop_post(p->loop, receive,
                            (void *)((uintptr_t)i * THREADS +
                                     (uintptr_t)(p - posters))) == 0);
    return NULL;
}

/* How often this process has called write(2) and its like. */
static long writes(void)
{
    char line[64];
    long n = -1;
    FILE *f = fopen("/proc/self/io", "r");
    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        sscanf(line, "syscw: %ld", &n);
    if (f != NULL)
        fclose(f);
    return n;
}

/* How long a post takes to a loop that waits. */
static double *delays;
static int heard;

static void note_delay(sock_loop_t *loop, void *arg)
{
    (void)loop;
    delays[heard] = seconds() - *(const double *)arg;
    heard++;
}

static atomic_bool waits;

static void *post_single(void *arg)
{
    static double sent[SINGLE];
    for (int i = 0; i < SINGLE; i++) {
        while (!atomic_load(&waits))
            continue;
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
        atomic_store(&waits, false);
        sent[i] = seconds();
        NEED(sock_loop_post(arg, note_delay, &sent[i]) == 0);
    }
    return NULL;
}

static double median_delay(sock_loop_t *loop)
{
    pthread_t thread;
    delays = new_times(SINGLE);
    NEED(pthread_create(&thread, NULL, post_single, loop) == 0);
    while (heard < SINGLE) {
        atomic_store(&waits, true);
        NEED(sock_loop_run_once(loop, 10) == 1);
    }
    pthread_join(thread, NULL);
    double median = part_of(delays, SINGLE, 0.5);
    free(delays);
    return median;
}

static void posts(int amount)
{
    sock_loop_t *loop = new_loop();
    long called = 0, rounds = 0, written = writes();
    double begun = seconds();
    for (int i = 0; i < THREADS; i++) {
        posters[i] = (struct poster){.loop = loop, .amount = amount / THREADS};
        NEED(pthread_create(&posters[i].thread, NULL, post_all, &posters[i]) ==
             0);
    }
    for (; called < amount / THREADS * THREADS; rounds++) {
        int n = sock_loop_run_once(loop, 10);
        NEED(n > 0);
        called += n;
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(posters[i].thread, NULL);
        NEED(posters[i].next == posters[i].amount);
    }
    double took = seconds() - begun;
    written = writes() - written;
    NEED(written <= rounds);
    printf("%ld posts in %.3f s, %ld rounds, %ld wake-ups; to one that waits "
           "%.1f us\n",
           called, took, rounds, written, median_delay(loop));
    sock_loop_free(loop);
}

/* Timers */

static double due;

static void note_lateness(sock_loop_t *loop, void *arg)
{
    double *late = arg;
    *late = sock_loop_time(loop) - due;
    NEED(*late >= 0);
}

static void timers(int amount)
{
    sock_loop_t *loop = new_loop();
    double *late = new_times(amount);
    for (int i = 0; i < amount; i++) {
        due = sock_loop_time(loop) + rand() % 2000000 / 1e9;
        NEED(sock_loop_call_at(loop, due, note_lateness, &late[i]).generation);
        NEED(sock_loop_run_once(loop, 10) == 1);
    }
    double median = part_of(late, amount, 0.5);
    printf("%d timers, none early, late by %.1f us, 99 of 100 by less than "
           "%.1f us\n",
           amount, median, part_of(late, amount, 0.99));
    free(late);
    sock_loop_free(loop);
}

/* Many timers at once */

struct pending {
    sock_timer_t timer;
    double when; /* not before */
    int calls;
};

static void call_pending(sock_loop_t *loop, void *arg)
{
    struct pending *p = arg;
    NEED(sock_loop_time(loop) >= p->when);
    p->calls++;
}

static void move(sock_loop_t *loop, struct pending *p)
{
    double seconds_more = rand() % 1000000 / 1e6;
    p->when = sock_loop_time(loop) + seconds_more;
    NEED(sock_timer_again(loop, p->timer, seconds_more) == !p->calls);
}

static void pending(int amount)
{
    sock_loop_t *loop = new_loop();
    struct pending *all = calloc((size_t)amount, sizeof *all);
    int cancelled = 0;
    NEED(all != NULL);
    for (int i = 0; i < amount; i++)
        all[i].timer = sock_loop_call_later(loop, 1, call_pending, &all[i]);
    for (int i = 0; i < 3 * amount; i++) {
        struct pending *p = &all[rand() % amount];
        double when = p->when;
        move(loop, p);
        if (p->calls > 0)
            p->when = when;
        if (i % 1000 == 0)
            NEED(sock_loop_run_once(loop, 0) >= 0);
        if (i % 10 == 0 && sock_timer_cancel(loop, p->timer) == 1)
            cancelled += ++p->calls;
    }
    NEED(sock_loop_run(loop, 60) == 0);
    for (int i = 0; i < amount; i++)
        NEED(all[i].calls == 1);
    printf("%d timers, %d cancelled, each of the others called once, none "
           "early\n",
           amount, cancelled);
    free(all);
    sock_loop_free(loop);
}

int main(int argc, char **argv)
{
    const char *what = argc > 2 ? argv[1] : "";
    int amount = argc > 2 ? atoi(argv[2]) : 0;

    if (strcmp(what, "posts") == 0)
        posts(amount);
    else if (strcmp(what, "timers") == 0)
        timers(amount);
    else if (strcmp(what, "pending") == 0)
        pending(amount);
    else
        return 2;
    return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * What a timer costs while a million of them are pending: nanoseconds of the
 * processor's time. README.md has what has to be reached.
 *
 *   pysockc_bench_timers [ROUNDS]
 */
#define _GNU_SOURCE

#include <malloc.h>
#include <stdint.h>
#include <time.h>

#include <pysockc/pysockc.h>

#include "bench.h"
#include "timers.h"

enum { TIMERS = 1000000, ROUNDS = 5, MOST_ROUNDS = 99 };

static sock_timer_t timers[TIMERS];
static int64_t delays[TIMERS];
static long called;

static void count(sock_loop_t *loop, void *arg)
{
    (void)loop, (void)arg;
    called++;
}

static uint64_t next_random(void)
{
    static uint64_t x = 88172645463325252U;
    x ^= x << 13;
    x ^= x >> 7;
    return x ^= x << 17;
}

/* The order in which they are taken. */
static void shuffle(void)
{
    for (uint32_t i = TIMERS - 1; i > 0; i--) {
        uint32_t j = (uint32_t)(next_random() % (i + 1));
        sock_timer_t other = timers[j];
        timers[j] = timers[i];
        timers[i] = other;
    }
}

/* At random between two times in seconds. */
static void draw_delays(int from, int to)
{
    for (int i = 0; i < TIMERS; i++)
        delays[i] =
            from * INT64_C(1000000000) +
            (int64_t)(next_random() % ((uint64_t)(to - from) * 1000000000));
}

/* Steps: each does something with all of them, with times that are given, or
 * by the functions of loop.h, which read the clock. */

static struct sock__timers heap;
static sock_loop_t *loop;

static void insert(void)
{
    for (int i = 0; i < TIMERS; i++)
        BENCH_NEED(sock__timers_add(
            &heap, delays[i], (struct sock__what){count, NULL}, &timers[i]));
}

static void replace(void)
{
    for (int i = 0; i < TIMERS; i++) {
        sock_timer_t *t = &timers[i];
        BENCH_NEED(sock__timers_cancel(&heap, *t));
        BENCH_NEED(sock__timers_add(&heap, delays[i],
                                    (struct sock__what){count, NULL}, t));
    }
}

static void move(void)
{
    for (int i = 0; i < TIMERS; i++)
        BENCH_NEED(sock__timers_move(&heap, timers[i], delays[i]));
}

static void cancel(void)
{
    for (int i = 0; i < TIMERS; i++)
        BENCH_NEED(sock__timers_cancel(&heap, timers[i]));
}

static void fire(void)
{
    struct sock__what what;
    called = 0;
    while (sock__timers_take(&heap, SOCK__NEVER - 1, heap.order, &what))
        what.fn(loop, what.arg);
    BENCH_NEED(called == TIMERS);
}

static void read_clock(void)
{
    for (int i = 0; i < TIMERS; i++)
        BENCH_NEED(sock_loop_time(loop) > 0);
}

static void call_later(void)
{
    for (int i = 0; i < TIMERS; i++)
        timers[i] =
            sock_loop_call_later(loop, (double)delays[i] / 1e9, count, NULL);
}

static void again(void)
{
    for (int i = 0; i < TIMERS; i++)
        BENCH_NEED(sock_timer_again(loop, timers[i], (double)delays[i] / 1e9) ==
                   1);
}

/* Times */

static const struct step {
    const char *name;
    void (*run)(void);
    int from, to; /* when, in seconds; 0: nothing is drawn */
    double limit; /* 0: none */
} steps[] = {
    {"insert", insert, 1000, 2000, 250},
    {"cancel and insert", replace, 1000, 2000, 250},
    {"move to an earlier time", move, 500, 1000, 250},
    {"move to a later time", move, 2000, 3000, 60},
    {"cancel", cancel, 0, 0, 80},
    {"insert once more", insert, 1000, 2000, 0},
    {"fire", fire, 0, 0, 700},
    {"insert once more", insert, 1000, 2000, 0},
    {"move to a later time", move, 2000, 3000, 0},
    {"fire, each moved once to a later time", fire, 0, 0, 700},
    {"sock_loop_time()", read_clock, 0, 0, 0},
    {"sock_loop_call_later()", call_later, 1000, 2000, 0},
    {"sock_timer_again(), later", again, 2000, 3000, 0},
    {"sock_timer_again(), earlier", again, 500, 1000, 0},
};
enum { STEPS = sizeof steps / sizeof steps[0] };
static double results[STEPS][MOST_ROUNDS];

static double cpu_time(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double measure(const struct step *s)
{
    shuffle();
    if (s->to > 0)
        draw_delays(s->from, s->to);
    double begun = cpu_time();
    s->run();
    return (cpu_time() - begun) * 1e9 / TIMERS;
}

static double bytes_each(void)
{
    enum { FULL = 1 << 20 };
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    for (int i = 0; i < FULL; i++)
        BENCH_NEED(sock__timers_add(&heap, i, (struct sock__what){count, NULL},
                                    &timers[0]));
    size_t after = mallinfo2().uordblks + mallinfo2().hblkhd;
    sock__timers_free(&heap);
    return (double)(after - before) / FULL;
}

static int compare(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

static void show(int rounds)
{
    printf("| %d timers | ns each | of %d rounds | at most |\n"
           "|---|---|---|---|\n",
           TIMERS, rounds);
    for (int i = 0; i < STEPS; i++) {
        double *r = results[i];
        qsort(r, (size_t)rounds, sizeof *r, compare);
        printf("| %s | %.0f | %.0f to %.0f |", steps[i].name, r[rounds / 2],
               r[0], r[rounds - 1]);
        if (steps[i].limit > 0)
            printf(" %.0f |\n", steps[i].limit);
        else
            puts(" |");
    }
    printf("| bytes | %.1f | | 48 |\n", bytes_each());
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : ROUNDS;
    BENCH_NEED(rounds > 0 && rounds <= MOST_ROUNDS);
    for (int round = 0; round < rounds; round++) {
        loop = sock_loop_new();
        BENCH_NEED(loop != NULL);
        for (int i = 0; i < STEPS; i++)
            results[i][round] = measure(&steps[i]);
        sock__timers_free(&heap);
        sock_loop_free(loop);
    }
    show(rounds);
    return 0;
}

/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <limits.h>
#include <math.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop.h"
#include "private.h"
#include "state.h"
#include "timers.h"

enum { R = SOCK_EVENT_READ, W = SOCK_EVENT_WRITE };

/* What the system refuses, and how often it is asked */

static atomic_int no_memory; /* the allocation, of those to come, that fails */
static int ctl_errno, action_errno, query_errno;
static atomic_int wakes; /* writes of eight bytes: to an eventfd */
static atomic_bool resolver_waits;

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
int __real_posix_memalign(void **p, size_t align, size_t size);
int __wrap_posix_memalign(void **p, size_t align, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);
int __real_epoll_ctl(int ep, int op, int fd, struct epoll_event *e);
int __wrap_epoll_ctl(int ep, int op, int fd, struct epoll_event *e);
int __real_sigaction(int signo, const struct sigaction *action,
                     struct sigaction *former);
int __wrap_sigaction(int signo, const struct sigaction *action,
                     struct sigaction *former);
ssize_t __real_write(int fd, const void *buf, size_t size);
ssize_t __wrap_write(int fd, const void *buf, size_t size);
int __real_getaddrinfo(const char *host, const char *port,
                       const struct addrinfo *hints, struct addrinfo **list);
int __wrap_getaddrinfo(const char *host, const char *port,
                       const struct addrinfo *hints, struct addrinfo **list);

static bool refuses(void)
{
    int left = atomic_load(&no_memory);
    if (left == 0)
        return false;
    atomic_store(&no_memory, left - 1);
    if (left > 1)
        return false;
    errno = ENOMEM;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return refuses() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return refuses() ? NULL : __real_calloc(n, size);
}

int __wrap_posix_memalign(void **p, size_t align, size_t size)
{
    return refuses() ? ENOMEM : __real_posix_memalign(p, align, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    return refuses() ? NULL : __real_realloc(p, size);
}

int __wrap_epoll_ctl(int ep, int op, int fd, struct epoll_event *e)
{
    if (ctl_errno == 0 || op == EPOLL_CTL_DEL)
        return __real_epoll_ctl(ep, op, fd, e);
    errno = ctl_errno;
    return -1;
}

int __wrap_sigaction(int signo, const struct sigaction *action,
                     struct sigaction *former)
{
    int err = action != NULL ? action_errno : query_errno;
    if (err == 0)
        return __real_sigaction(signo, action, former);
    errno = err;
    return -1;
}

ssize_t __wrap_write(int fd, const void *buf, size_t size)
{
    if (size == 8)
        atomic_fetch_add(&wakes, 1);
    return __real_write(fd, buf, size);
}

/* Those that need the network wait as long as they are told. */
int __wrap_getaddrinfo(const char *host, const char *port,
                       const struct addrinfo *hints, struct addrinfo **list)
{
    bool numeric = (hints->ai_flags & AI_NUMERICHOST) != 0;
    while (!numeric && atomic_load(&resolver_waits))
        usleep(1000);
    return __real_getaddrinfo(host, port, hints, list);
}

/* Timers alone: the clock is a number */

static void nothing(sock_loop_t *loop, void *arg)
{
    (void)loop, (void)arg;
}

static sock_timer_t arm(struct sock__timers *t, int64_t deadline, intptr_t id)
{
    sock_timer_t timer;
    check(sock__timers_add(t, deadline,
                           (struct sock__what){nothing, (void *)id}, &timer));
    check(timer.generation != 0);
    return timer;
}

/* The next one that is due, of those armed so far; -1: none. */
static intptr_t due(struct sock__timers *t, int64_t now)
{
    struct sock__what what;
    if (!sock__timers_take(t, now, t->order, &what))
        return -1;
    return (intptr_t)what.arg;
}

TEST(timers, size)
{
    check_int(sizeof(struct sock__timer_node), 16);
    check_int(sizeof(struct sock__timer_slot), 8 + 2 * sizeof(void *));
    check_int(sizeof(struct sock__timer_ref), 8);
    check_int(sizeof(sock_timer_t), 8);
}

TEST(timers, timer_order)
{
    struct sock__timers t = {0};
    arm(&t, 30, 3);
    arm(&t, 10, 1);
    arm(&t, 20, 2);
    check_int(sock__timers_next(&t), 10);
    check_int(due(&t, 9), -1);
    check_int(due(&t, 20), 1);
    check_int(due(&t, 20), 2);
    check_int(due(&t, 20), -1);
    check_int(due(&t, 29), -1);
    check_int(due(&t, 30), 3);
    check_int(due(&t, INT64_MAX - 1), -1);
    check(sock__timers_next(&t) == SOCK__NEVER);
    sock__timers_free(&t);
}

/* Also where the count of those that were armed begins anew. */
TEST(timers, equal_deadlines_in_order)
{
    for (uint32_t first = 0; first < 3; first++) {
        struct sock__timers t = {.order = first == 0 ? 0 : UINT32_MAX - 50};
        for (int i = 0; i < 100; i++)
            arm(&t, 7, i);
        for (int i = 0; i < 100; i++)
            check_int(due(&t, 7), i);
        sock__timers_free(&t);
    }
}

TEST(timers, timer_start_twice)
{
    struct sock__timers t = {0};
    sock_timer_t a = arm(&t, 10, 1), b = arm(&t, 20, 2);
    check(sock__timers_move(&t, a, 30)); /* later: only written down */
    check_int(sock__timers_next(&t), 10);
    check(sock__timers_move(&t, b, 5)); /* earlier */
    check_int(sock__timers_next(&t), 5);
    check(sock__timers_move(&t, a, 25)); /* earlier, but not than its key */
    check_int(sock__timers_next(&t), 5);
    check_int(due(&t, 10), 2);
    check_int(due(&t, 10), -1); /* its key has come, it has not */
    check_int(sock__timers_next(&t), 25);
    check_int(due(&t, 24), -1);
    check_int(due(&t, 25), 1);
    check(!sock__timers_move(&t, a, 1));
    sock__timers_free(&t);
}

/* One that moved is called in the order of making, too. */
TEST(timers, moved_to_an_equal_deadline)
{
    struct sock__timers t = {0};
    sock_timer_t a = arm(&t, 10, 1), c;
    arm(&t, 20, 2);
    c = arm(&t, 90, 3);
    check(sock__timers_move(&t, a, 20));
    check(sock__timers_move(&t, c, 20));
    check_int(due(&t, 20), 1);
    check_int(due(&t, 20), 2);
    check_int(due(&t, 20), 3);
    sock__timers_free(&t);
}

TEST(timers, never)
{
    struct sock__timers t = {0};
    sock_timer_t a = arm(&t, SOCK__NEVER, 1);
    check_int(due(&t, INT64_MAX - 1), -1);
    check(sock__timers_move(&t, a, 3));
    check_int(due(&t, 3), 1);
    sock__timers_free(&t);
}

/* What is armed while a round goes on waits, and keeps none of the due. */
TEST(timers, timer_zero_timeout)
{
    struct sock__timers t = {0};
    struct sock__what what;
    arm(&t, 10, 1);
    arm(&t, 10, 2);
    uint32_t before = t.order;
    check(sock__timers_take(&t, 10, before, &what));
    arm(&t, 10, 3);
    check(sock__timers_take(&t, 10, before, &what));
    check_int((intptr_t)what.arg, 2);
    check(!sock__timers_take(&t, 10, before, &what));
    check_int(due(&t, 10), 3);
    sock__timers_free(&t);
}

TEST(timers, del_wait)
{
    struct sock__timers t = {0};
    sock_timer_t made[40];
    for (int i = 0; i < 40; i++)
        made[i] = arm(&t, 100 - i, i);
    for (int i = 0; i < 40; i += 2)
        check(sock__timers_cancel(&t, made[i]));
    for (int i = 0; i < 40; i += 2)
        check(!sock__timers_cancel(&t, made[i]));
    for (int i = 39; i > 0; i -= 2)
        check_int(due(&t, 100), i);
    check_int(due(&t, 100), -1);
    sock__timers_free(&t);
}

/* A value stands for one call, and no later one in its place. */
TEST(timers, stale_handles)
{
    struct sock__timers t = {0};
    sock_timer_t a = arm(&t, 1, 1), none = {0, 0};
    check(!sock__timers_cancel(&t, none));
    check(!sock__timers_cancel(&t, (sock_timer_t){5, 1}));
    check(!sock__timers_cancel(&t, (sock_timer_t){UINT32_MAX, 1}));
    check_int(due(&t, 1), 1);
    check(!sock__timers_cancel(&t, a));
    /* a free place, though the generation is the next one's */
    check(!sock__timers_cancel(&t, (sock_timer_t){a.slot, a.generation + 1}));
    sock_timer_t b = arm(&t, 2, 2);
    check_int(b.slot, a.slot);
    check(b.generation != a.generation);
    check(!sock__timers_cancel(&t, a));
    check(!sock__timers_move(&t, a, 9));
    check(sock__timers_cancel(&t, b));
    t.refs[a.slot].generation = UINT32_MAX;
    b = arm(&t, 2, 2);
    check(b.generation == UINT32_MAX);
    check(sock__timers_cancel(&t, b));
    b = arm(&t, 2, 2);
    check(b.generation == 1);
    sock__timers_free(&t);
}

TEST(timers, no_memory)
{
    struct sock__timers t = {0}, full = {.count = 1 << 26, .room = 1 << 26};
    sock_timer_t timer;
    const struct sock__what what = {nothing, NULL};
    for (int refused = 1; refused <= 3; refused++) {
        atomic_store(&no_memory, refused);
        check(!sock__timers_add(&t, 1, what, &timer));
        check_int(t.count, 0);
    }
    for (int i = 0; i < 16; i++)
        arm(&t, i, i);
    atomic_store(&no_memory, 3);
    check(!sock__timers_add(&t, 1, what, &timer));
    for (int i = 0; i < 16; i++)
        check_int(due(&t, 99), i);
    sock__timers_free(&t);
    check(!sock__timers_add(&full, 1, what, &timer));
}

/* Beside a list that is searched from end to end. */
struct model {
    int64_t deadline;
    intptr_t id;
    sock_timer_t timer;
    bool lives;
};
enum { MODEL = 300, STEPS = 30000 };

/* Made in the order of their numbers, so that of equal ones the first is due.
 */
static intptr_t model_due(struct model *m, int64_t now)
{
    struct model *first = NULL;
    for (struct model *x = m; x < m + MODEL; x++)
        if (x->lives && x->deadline <= now &&
            (first == NULL || x->deadline < first->deadline ||
             (x->deadline == first->deadline && x->id < first->id)))
            first = x;
    if (first == NULL)
        return -1;
    first->lives = false;
    return first->id;
}

TEST(timers, beside_a_list)
{
    static struct model m[MODEL];
    struct sock__timers t = {0};
    int64_t now = 1000;
    intptr_t id = 0, fired;
    srand(4);
    for (int step = 0; step < STEPS; step++) {
        struct model *x = &m[rand() % MODEL];
        int64_t when = now + rand() % 60;
        switch (rand() % 8) {
        case 0:
            now += rand() % 4;
            do {
                fired = model_due(m, now);
                check_int(due(&t, now), fired);
            } while (fired >= 0);
            break;
        case 1:
            check_int(sock__timers_cancel(&t, x->timer), x->lives);
            x->lives = false;
            break;
        case 2:
        case 3:
            if (x->lives)
                break;
            id++;
            *x = (struct model){when, id, arm(&t, when, id), true};
            break;
        default:
            check_int(sock__timers_move(&t, x->timer, when), x->lives);
            x->deadline = when;
        }
    }
    sock__timers_free(&t);
}

/* What the loop calls in these tests: it notes who it was. */

static char heard[256];

static void hear(char who)
{
    size_t n = strlen(heard);
    check(n + 1 < sizeof heard);
    heard[n] = who;
    heard[n + 1] = '\0';
}

static void note(sock_loop_t *loop, void *arg)
{
    (void)loop;
    hear(*(const char *)arg);
}

/* Who it is, as its argument. */
static char *as(char who)
{
    static char all[CHAR_MAX];
    all[(int)who] = who;
    return &all[(int)who];
}

/* One round, and who was called in it. */
#define check_round(loop, who)                                                 \
    do {                                                                       \
        heard[0] = '\0';                                                       \
        check_int(sock_loop_run_once(loop, 0), strlen(who));                   \
        check_str(heard, who);                                                 \
    } while (0)

static sock_loop_t *new_loop(void)
{
    return check_made(sock_loop_new());
}

static sock_timer_t later(sock_loop_t *loop, double seconds, sock_loop_fn fn,
                          void *arg)
{
    sock_timer_t t = sock_loop_call_later(loop, seconds, fn, arg);
    check_that(t.generation != 0, "call_later: %s", error_text());
    return t;
}

static void stop(sock_loop_t *loop, void *arg)
{
    (void)arg;
    check_ok(sock_loop_stop(loop));
}

/* Rounds */

TEST(loop, nothing_to_do)
{
    sock_loop_t *loop = new_loop();
    errno = 7777;
    check_int(sock_loop_run(loop, SOCK_NO_TIMEOUT), 0);
    check_int(sock_loop_run(loop, 0), 0);
    check_int(sock_loop_run_once(loop, 0), 0);
    check_int(sock_loop_run_once(loop, -1), 0);
    check_int(sock_loop_run_once(loop, -HUGE_VAL), 0);
    double begun = now();
    check_int(sock_loop_run_once(loop, 0.01), 0);
    check(now() - begun >= 0.01);
    sock_loop_free(loop);
    sock_loop_free(NULL);
    check_int(errno, 7777);
}

TEST(loop, loop_alive)
{
    struct pair p = unix_pair(SOCK_STREAM);
    sock_loop_t *loop = new_loop();
    sock_timer_t t = later(loop, 1000, note, as('a'));
    check_int(sock_loop_run(loop, 0), 1);
    check_int(sock_timer_cancel(loop, t), 1);
    check_int(sock_loop_run(loop, 0), 0);
    check_ok(sock_loop_add_reader(loop, p.a, note, as('a')));
    check_int(sock_loop_run(loop, 0.001), 1);
    check_int(sock_loop_remove_reader(loop, p.a), 1);
    check_int(sock_loop_run(loop, SOCK_NO_TIMEOUT), 0);
    check_ok(sock_loop_add_signal_handler(loop, SIGUSR1, note, as('a')));
    check_int(sock_loop_run(loop, 0), 1);
    check_int(sock_loop_remove_signal_handler(loop, SIGUSR1), 1);
    check_int(sock_loop_run(loop, SOCK_NO_TIMEOUT), 0);
    sock_loop_free(loop);
    free_pair(&p);
}

TEST(loop, order_of_a_round)
{
    struct pair p = unix_pair(SOCK_STREAM);
    sock_loop_t *loop = new_loop();
    check_ok(sock_send(p.b, "x", 1, 0));
    check_ok(sock_loop_add_reader(loop, p.a, note, as('r')));
    check_ok(sock_loop_add_signal_handler(loop, SIGUSR1, note, as('s')));
    check_ok(sock_loop_call_soon(loop, note, as('1')));
    check_ok(sock_loop_post(loop, note, as('2')));
    check_ok(sock_loop_call_soon(loop, note, as('3')));
    check_ok(sock_loop_post(loop, note, as('4')));
    raise(SIGUSR1);
    later(loop, 0, note, as('t'));
    check_round(loop, "t1234sr");
    check_round(loop, "r");
    sock_loop_free(loop);
    free_pair(&p);
}

static void soon_again(sock_loop_t *loop, void *arg)
{
    note(loop, arg);
    check_ok(sock_loop_call_soon(loop, soon_again, arg));
}

static void post_again(sock_loop_t *loop, void *arg)
{
    note(loop, arg);
    check_ok(sock_loop_post(loop, post_again, arg));
}

static void zero_again(sock_loop_t *loop, void *arg)
{
    note(loop, arg);
    later(loop, 0, zero_again, arg);
}

static void past_again(sock_loop_t *loop, void *arg)
{
    note(loop, arg);
    check(sock_loop_call_at(loop, -1, past_again, arg).generation != 0);
}

/* Each once a round, however soon it wants to be called again. */
TEST(loop, none_starves_another)
{
    sock_loop_t *loop = new_loop();
    later(loop, 0, past_again, as('p'));
    later(loop, 0, zero_again, as('z'));
    check_ok(sock_loop_call_soon(loop, soon_again, as('s')));
    check_ok(sock_loop_post(loop, post_again, as('q')));
    check_round(loop, "pzsq");
    check_round(loop, "pzsq");
    check_round(loop, "pzsq");
    sock_loop_free(loop);
}

static void three_times(sock_loop_t *loop, void *arg)
{
    note(loop, arg);
    if (strlen(heard) < 3)
        check_ok(sock_loop_call_soon(loop, three_times, arg));
}

TEST(loop, calls_are_left)
{
    sock_loop_t *loop = new_loop();
    heard[0] = '\0';
    check_ok(sock_loop_call_soon(loop, three_times, as('a')));
    check_int(sock_loop_run(loop, 1000), 0);
    check_str(heard, "aaa");
    sock_loop_free(loop);
}

/* Timers */

TEST(loop, timer)
{
    sock_loop_t *loop = new_loop();
    double begun = now();
    later(loop, 0.3, note, as('c'));
    later(loop, 0.1, note, as('a'));
    later(loop, 0.2, note, as('b'));
    heard[0] = '\0';
    check_int(sock_loop_run(loop, SOCK_NO_TIMEOUT), 0);
    check_str(heard, "abc");
    check(now() - begun >= 0.3);
    check(now() - begun < 5);
    sock_loop_free(loop);
}

TEST(loop, timer_run_once)
{
    sock_loop_t *loop = new_loop();
    later(loop, 0.001, note, as('a'));
    later(loop, 1000, note, as('b'));
    heard[0] = '\0';
    check_int(sock_loop_run_once(loop, SOCK_NO_TIMEOUT), 1);
    check_str(heard, "a");
    check_int(sock_loop_run_once(loop, 0.001), 0);
    sock_loop_free(loop);
}

struct appointment {
    double when;
    bool kept;
};

static void look_at_the_clock(sock_loop_t *loop, void *arg)
{
    struct appointment *a = arg;
    a->kept = true;
    check_that(sock_loop_time(loop) >= a->when, "%.17g < %.17g",
               sock_loop_time(loop), a->when);
}

/* Not by the least of what a double can tell. */
TEST(loop, timer_early_check)
{
    struct appointment a[200];
    sock_loop_t *loop = new_loop();
    srand(9);
    for (int i = 0; i < 200; i++) {
        double seconds = rand() % 10000 / 1e6 + rand() % 1000 / 1e10;
        a[i] = (struct appointment){sock_loop_time(loop) + seconds, false};
        if (i % 2 == 0)
            check(sock_loop_call_at(loop, a[i].when, look_at_the_clock, &a[i])
                      .generation != 0);
        else
            later(loop, seconds, look_at_the_clock, &a[i]);
    }
    check_int(sock_loop_run(loop, SOCK_NO_TIMEOUT), 0);
    for (int i = 0; i < 200; i++)
        check(a[i].kept);
    sock_loop_free(loop);
}

/* Far off, where a double has less than nanoseconds. */
TEST(loop, timer_huge_timeout)
{
    sock_loop_t *loop = new_loop();
    for (int i = 0; i < 1000; i++) {
        double when = 1e8 * (1 + rand() % 90) + rand() / 1e9;
        check(sock_loop_call_at(loop, when, note, as('a')).generation != 0);
        int64_t deadline = loop->timers.slots[i].deadline;
        /* As a double has it: there are processors that keep more. */
        volatile double then = (double)deadline / 1e9;
        volatile double before = (double)(deadline - 2000) / 1e9;
        check(then >= when);
        check(before < when);
    }
    check_round(loop, "");
    sock_loop_free(loop);
}

/* A function that takes long makes no timer early that it starts. */
static void sleep_and_start(sock_loop_t *loop, void *arg)
{
    struct appointment *a = arg;
    usleep(5000);
    a->when = sock_loop_time(loop) + 0.003;
    later(loop, 0.003, look_at_the_clock, a);
}

TEST(loop, loop_update_time)
{
    struct appointment a = {0, false};
    sock_loop_t *loop = new_loop();
    later(loop, 0, sleep_and_start, &a);
    check_int(sock_loop_run(loop, SOCK_NO_TIMEOUT), 0);
    check(a.kept);
    sock_loop_free(loop);
}

TEST(loop, timer_values)
{
    sock_loop_t *loop = new_loop();
    later(loop, -5, note, as('a'));
    later(loop, -HUGE_VAL, note, as('b'));
    sock_timer_t never = later(loop, SOCK_NO_TIMEOUT, note, as('c'));
    later(loop, 9.2e9, note, as('c'));
    later(loop, 9223372036.0, note, as('c'));
    check_round(loop, "ab");
    check(sock_loop_call_at(loop, SOCK_NO_TIMEOUT, note, as('c')).generation);
    check(sock_loop_call_at(loop, 0, note, as('a')).generation);
    check_round(loop, "a");
    check_int(sock_loop_run(loop, 0.001), 1);
    check_int(sock_timer_again(loop, never, 0), 1);
    check_round(loop, "c");
    check_fails(
        (int)sock_loop_call_later(loop, NAN, note, as('a')).generation - 1,
        SOCK_E_VALUE, 0, "call_later: Invalid value NaN (not a number)");
    check_fails((int)sock_loop_call_at(loop, NAN, note, as('a')).generation - 1,
                SOCK_E_VALUE, 0, "call_at: Invalid value NaN (not a number)");
    check_fails(
        (int)sock_loop_call_later(loop, 1e10, note, as('a')).generation - 1,
        SOCK_E_OVERFLOW, 0,
        "call_later: timestamp too large to convert to C "
        "PyTime_t");
    check_fails((int)sock_loop_call_at(loop, 1e10, note, as('a')).generation -
                    1,
                SOCK_E_OVERFLOW, 0,
                "call_at: timestamp too large to convert to C PyTime_t");
    check_fails(sock_timer_again(loop, never, NAN), SOCK_E_VALUE, 0,
                "again: Invalid value NaN (not a number)");
    check_fails(sock_loop_run(loop, NAN), SOCK_E_VALUE, 0,
                "run: Invalid value NaN (not a number)");
    check_fails(sock_loop_run_once(loop, 1e10), SOCK_E_OVERFLOW, 0,
                "run_once: timestamp too large to convert to C PyTime_t");
    sock_loop_free(loop);
}

static sock_timer_t made;

static void cancel_made(sock_loop_t *loop, void *arg)
{
    note(loop, arg);
    check_int(sock_timer_cancel(loop, made), 1);
    check_int(sock_timer_cancel(loop, made), 0);
}

/* One that is due in the same round, too. */
TEST(loop, cancel)
{
    sock_loop_t *loop = new_loop();
    later(loop, 0, cancel_made, as('a'));
    made = later(loop, 0, note, as('b'));
    check_round(loop, "a");
    made = later(loop, 0, note, as('b'));
    check_round(loop, "b");
    check_int(sock_timer_cancel(loop, made), 0);
    check_int(sock_timer_again(loop, made, 0), 0);
    check_round(loop, "");
    check_int(sock_timer_cancel(loop, (sock_timer_t){0, 0}), 0);
    check_int(sock_timer_cancel(loop, (sock_timer_t){1000, 1}), 0);
    sock_loop_free(loop);
}

/* Inside its own call a timer has been called. */
static void again_itself(sock_loop_t *loop, void *arg)
{
    note(loop, arg);
    check_int(sock_timer_again(loop, made, 0), 0);
    check_int(sock_timer_cancel(loop, made), 0);
}

TEST(loop, timer_again)
{
    sock_loop_t *loop = new_loop();
    made = later(loop, 1000, again_itself, as('a'));
    check_round(loop, "");
    check_int(sock_timer_again(loop, made, 0), 1);
    check_round(loop, "a");
    check_round(loop, "");
    made = later(loop, 0, note, as('b'));
    check_int(sock_timer_again(loop, made, 1000), 1);
    check_round(loop, "");
    check_int(sock_timer_again(loop, made, 500), 1);
    check_round(loop, "");
    check_int(sock_timer_again(loop, made, -1), 1);
    check_round(loop, "b");
    sock_loop_free(loop);
}

/* Stopping */

TEST(loop, loop_stop)
{
    sock_loop_t *loop = new_loop();
    later(loop, 0, stop, NULL);
    check_ok(sock_loop_call_soon(loop, note, as('b')));
    later(loop, 1000, note, as('c'));
    heard[0] = '\0';
    check_int(sock_loop_run(loop, SOCK_NO_TIMEOUT), 1);
    check_str(heard, "b"); /* the round goes on to its end */
    sock_loop_free(loop);
}

TEST(loop, loop_stop_before_run)
{
    sock_loop_t *loop = new_loop();
    later(loop, 1000, note, as('c'));
    check_ok(sock_loop_call_soon(loop, note, as('a')));
    check_ok(sock_loop_stop(loop));
    check_ok(sock_loop_stop(loop)); /* once more is the same */
    heard[0] = '\0';
    check_int(sock_loop_run(loop, SOCK_NO_TIMEOUT), 1);
    check_str(heard, "a");
    check_int(sock_loop_run(loop, 0.001), 1); /* none is left of it */
    check_ok(sock_loop_stop(loop));
    check_int(sock_loop_run_once(loop, SOCK_NO_TIMEOUT), 0);
    check_ok(sock_loop_stop(loop));
    check_ok(sock_loop_call_soon(loop, note, as('a')));
    check_int(sock_loop_run_once(loop, SOCK_NO_TIMEOUT), 1);
    check_int(sock_loop_run(loop, 0.001), 1);
    sock_loop_free(loop);
}

struct waiting {
    sock_loop_t *loop;
    long tid;
};

/* Calls a function of the test once the loop's thread waits in the kernel. */
static void *stop_the_waiting(void *arg)
{
    const struct waiting *w = arg;
    wait_until_blocked(w->tid);
    check_ok(sock_loop_stop(w->loop));
    return NULL;
}

static void *post_to_the_waiting(void *arg)
{
    const struct waiting *w = arg;
    wait_until_blocked(w->tid);
    check_ok(sock_loop_post(w->loop, note, as('a')));
    return NULL;
}

static void *signal_the_waiting(void *arg)
{
    const struct waiting *w = arg;
    wait_until_blocked(w->tid);
    check_int(kill(getpid(), SIGUSR1), 0);
    return NULL;
}

TEST(loop, stop_from_a_thread)
{
    sock_loop_t *loop = new_loop();
    struct waiting w = {loop, thread_id()};
    pthread_t thread;
    later(loop, 1000, note, as('c'));
    pthread_create(&thread, NULL, stop_the_waiting, &w);
    check_int(sock_loop_run(loop, SOCK_NO_TIMEOUT), 1);
    pthread_join(thread, NULL);
    sock_loop_free(loop);
}

static sock_loop_t *to_stop;

static void on_alarm(int signo)
{
    (void)signo;
    sock_loop_stop(to_stop);
}

TEST(loop, stop_from_a_signal_handler)
{
    struct sigaction action = {.sa_handler = on_alarm};
    sock_loop_t *loop = to_stop = new_loop();
    struct waiting w = {loop, thread_id()};
    pthread_t thread;
    sigaction(SIGUSR1, &action, NULL);
    later(loop, 1000, note, as('c'));
    pthread_create(&thread, NULL, signal_the_waiting, &w);
    check_int(sock_loop_run(loop, SOCK_NO_TIMEOUT), 1);
    pthread_join(thread, NULL);
    sock_loop_free(loop);
}

TEST(loop, ends_when_the_time_is_over)
{
    sock_loop_t *loop = new_loop();
    later(loop, 0, zero_again, as('a'));
    double begun = now();
    heard[0] = '\0';
    later(loop, 1000, note, as('c'));
    check_int(sock_loop_run(loop, 0), 1);
    check_str(heard, "a");
    sock_loop_free(loop);
    loop = new_loop();
    later(loop, 1000, note, as('c'));
    check_int(sock_loop_run(loop, 0.01), 1);
    check(now() - begun >= 0.01);
    check(now() - begun < 5);
    sock_loop_free(loop);
}

/* Posts */

TEST(loop, async)
{
    sock_loop_t *loop = new_loop();
    struct waiting w = {loop, thread_id()};
    pthread_t thread;
    later(loop, 1000, note, as('c'));
    pthread_create(&thread, NULL, post_to_the_waiting, &w);
    heard[0] = '\0';
    check_int(sock_loop_run_once(loop, SOCK_NO_TIMEOUT), 1);
    check_str(heard, "a");
    pthread_join(thread, NULL);
    sock_loop_free(loop);
}

enum { POSTERS = 4, POSTS = 20000 };

struct poster {
    sock_loop_t *loop;
    pthread_t thread;
    int sent, called;
};

struct parcel {
    struct poster *from;
    int number;
};

static void receive(sock_loop_t *loop, void *arg)
{
    struct parcel *p = arg;
    (void)loop;
    check_int(p->number, p->from->called);
    p->from->called++;
    free(p);
}

static void *post_many(void *arg)
{
    struct poster *from = arg;
    for (int i = 0; i < POSTS; i++) {
        struct parcel *p = malloc(sizeof *p);
        *p = (struct parcel){from, i};
        check_ok(sock_loop_post(from->loop, receive, p));
    }
    return NULL;
}

/* None is lost, each thread's come in its order, and a wait has one wake-up. */
TEST(loop, storm_of_posts)
{
    struct poster posters[POSTERS];
    sock_loop_t *loop = new_loop();
    int called = 0, waits = 0;
    atomic_store(&wakes, 0);
    for (int i = 0; i < POSTERS; i++) {
        posters[i] = (struct poster){.loop = loop};
        pthread_create(&posters[i].thread, NULL, post_many, &posters[i]);
    }
    for (; called < POSTERS * POSTS; waits++) {
        int n = sock_loop_run_once(loop, SOCK_NO_TIMEOUT);
        check(n >= 0);
        called += n;
    }
    for (int i = 0; i < POSTERS; i++) {
        pthread_join(posters[i].thread, NULL);
        check_int(posters[i].called, POSTS);
    }
    check_int(called, POSTERS * POSTS);
    check_that(atomic_load(&wakes) <= waits, "%d wake-ups in %d waits",
               atomic_load(&wakes), waits);
    sock_loop_free(loop);
}

/* Its own thread, and any while it does not wait, wakes no one. */
TEST(loop, no_wake_up_in_vain)
{
    sock_loop_t *loop = new_loop();
    atomic_store(&wakes, 0);
    for (int i = 0; i < 10; i++) {
        check_ok(sock_loop_post(loop, post_again, as('a')));
        check_ok(sock_loop_stop(loop));
    }
    check_round(loop, "aaaaaaaaaa");
    check_int(atomic_load(&wakes), 0);
    sock_loop_free(loop);
}

/* Free in a callback */

static void free_loop(sock_loop_t *loop, void *arg)
{
    (void)arg;
    hear('f');
    sock_loop_free(loop);
    check_fails(sock_loop_call_soon(loop, note, as('a')), SOCK_E_OS, EBADF,
                "call_soon: [Errno 9] Bad file descriptor");
    check_fails(sock_loop_post(loop, note, as('a')), SOCK_E_OS, EBADF,
                "post: [Errno 9] Bad file descriptor");
    check(sock_loop_call_later(loop, 0, note, as('a')).generation == 0);
    check_null(sock_loop_selector(loop), SOCK_E_OS, EBADF,
               "selector: [Errno 9] Bad file descriptor");
    check_fails(sock_loop_run(loop, 0), SOCK_E_OS, EBADF,
                "run: [Errno 9] Bad file descriptor");
}

/* What was to be called after it is not. */
TEST(loop, free_in_callback)
{
    enum { TIMER, SOON, POSTED, SIGNAL, READER, PLACES };
    for (int place = 0; place < PLACES; place++) {
        struct pair p = unix_pair(SOCK_STREAM), q = unix_pair(SOCK_STREAM);
        sock_loop_t *loop = new_loop();
        check_ok(sock_send(p.b, "x", 1, 0));
        check_ok(sock_send(q.b, "x", 1, 0));
        heard[0] = '\0';
        if (place == TIMER)
            later(loop, 0, free_loop, NULL);
        if (place == SOON)
            check_ok(sock_loop_call_soon(loop, free_loop, NULL));
        if (place == POSTED)
            check_ok(sock_loop_post(loop, free_loop, NULL));
        check_ok(sock_loop_add_signal_handler(
            loop, SIGUSR1, place == SIGNAL ? free_loop : note, as('s')));
        raise(SIGUSR1);
        raise(SIGUSR1);
        check_ok(sock_loop_add_reader(loop, p.a, free_loop, NULL));
        check_ok(sock_loop_add_reader(loop, q.a, free_loop, NULL));
        check_int(sock_loop_run(loop, SOCK_NO_TIMEOUT), 0);
        check_str(heard, place == READER ? "ssf" : "f");
        free_pair(&p);
        free_pair(&q);
    }
}

TEST(loop, free_in_callback_of_run_once)
{
    sock_loop_t *loop = new_loop();
    heard[0] = '\0';
    later(loop, 0, free_loop, NULL);
    later(loop, 0, note, as('a'));
    check_ok(sock_loop_call_soon(loop, note, as('b')));
    check_int(sock_loop_run_once(loop, SOCK_NO_TIMEOUT), 1);
    check_str(heard, "f");
}

/* Nothing of what is still there is called, nor left behind. */
TEST(loop, loop_close)
{
    struct pair p = unix_pair(SOCK_STREAM);
    sock_loop_t *loop = new_loop();
    for (int i = 0; i < 100; i++) {
        later(loop, 0, note, as('a'));
        check_ok(sock_loop_post(loop, note, as('a')));
        check_ok(sock_loop_call_soon(loop, note, as('a')));
    }
    check_ok(sock_loop_add_reader(loop, p.a, note, as('a')));
    check_ok(sock_loop_add_signal_handler(loop, SIGUSR1, note, as('a')));
    heard[0] = '\0';
    sock__fail("before", SOCK_E_OS, EPERM, 0);
    errno = 7777;
    sock_loop_free(loop);
    check_int(errno, 7777);
    check_str(error_text(), "before: [Errno 1] Operation not permitted");
    check_str(heard, "");
    free_pair(&p);
}

/* Who may call what */

static void run_inside(sock_loop_t *loop, void *arg)
{
    note(loop, arg);
    check_fails(sock_loop_run(loop, 0), SOCK_E_OS, EDEADLK,
                "run: [Errno 35] Resource deadlock avoided");
    check_fails(sock_loop_run_once(loop, 0), SOCK_E_OS, EDEADLK,
                "run_once: [Errno 35] Resource deadlock avoided");
}

/* Another loop may be run there. */
static void run_another(sock_loop_t *loop, void *arg)
{
    sock_loop_t *other = new_loop();
    (void)loop;
    later(other, 0, note, arg);
    check_int(sock_loop_run(other, SOCK_NO_TIMEOUT), 0);
    sock_loop_free(other);
}

TEST(loop, run_inside_run)
{
    sock_loop_t *loop = new_loop();
    later(loop, 0, run_inside, as('a'));
    later(loop, 0, run_another, as('b'));
    heard[0] = '\0';
    check_int(sock_loop_run(loop, SOCK_NO_TIMEOUT), 0);
    check_str(heard, "ab");
    sock_loop_free(loop);
}

static void *run_as_well(void *arg)
{
    const struct waiting *w = arg;
    wait_until_blocked(w->tid);
    check_fails(sock_loop_run(w->loop, 0), SOCK_E_OS, EBUSY,
                "run: [Errno 16] Device or resource busy");
    check_ok(sock_loop_stop(w->loop));
    return NULL;
}

TEST(loop, run_by_two_threads)
{
    sock_loop_t *loop = new_loop();
    struct waiting w = {loop, thread_id()};
    pthread_t thread;
    later(loop, 1000, note, as('c'));
    pthread_create(&thread, NULL, run_as_well, &w);
    check_int(sock_loop_run(loop, SOCK_NO_TIMEOUT), 1);
    pthread_join(thread, NULL);
    sock_loop_free(loop);
}

#define REFUSES_NULL(call, op)                                                 \
    check_fails(call, SOCK_E_TYPE, 0, op ": argument is NULL")

static void on_look_up(sock_loop_t *loop, sock_addrinfo_t *list,
                       const sock_error_t *error, void *arg);

TEST(loop, refusals)
{
    sock_loop_t *loop = new_loop();
    struct pair p = unix_pair(SOCK_STREAM);
    sock_timer_t none = {0, 0};
    REFUSES_NULL(sock_loop_run(NULL, 0), "run");
    REFUSES_NULL(sock_loop_run_once(NULL, 0), "run_once");
    REFUSES_NULL(sock_loop_stop(NULL), "stop");
    REFUSES_NULL((int)sock_loop_call_later(NULL, 0, note, 0).generation - 1,
                 "call_later");
    REFUSES_NULL((int)sock_loop_call_later(loop, 0, NULL, 0).generation - 1,
                 "call_later");
    REFUSES_NULL((int)sock_loop_call_at(NULL, 0, note, 0).generation - 1,
                 "call_at");
    REFUSES_NULL((int)sock_loop_call_at(loop, 0, NULL, 0).generation - 1,
                 "call_at");
    REFUSES_NULL((int)sock_loop_time(NULL), "time");
    REFUSES_NULL(sock_timer_cancel(NULL, none), "cancel");
    REFUSES_NULL(sock_timer_again(NULL, none, 0), "again");
    REFUSES_NULL(sock_loop_call_soon(NULL, note, NULL), "call_soon");
    REFUSES_NULL(sock_loop_call_soon(loop, NULL, NULL), "call_soon");
    REFUSES_NULL(sock_loop_post(NULL, note, NULL), "post");
    REFUSES_NULL(sock_loop_post(loop, NULL, NULL), "post");
    REFUSES_NULL(sock_loop_add_signal_handler(NULL, SIGUSR1, note, NULL),
                 "add_signal_handler");
    REFUSES_NULL(sock_loop_add_signal_handler(loop, SIGUSR1, NULL, NULL),
                 "add_signal_handler");
    REFUSES_NULL(sock_loop_remove_signal_handler(NULL, SIGUSR1),
                 "remove_signal_handler");
    REFUSES_NULL(sock_loop_add_reader(NULL, p.a, note, NULL), "add_reader");
    REFUSES_NULL(sock_loop_add_writer(NULL, p.a, NULL, NULL), "remove_writer");
    REFUSES_NULL(sock_loop_remove_reader(NULL, p.a), "remove_reader");
    REFUSES_NULL(sock_loop_remove_writer(NULL, p.a), "remove_writer");
    REFUSES_NULL(sock_loop_getaddrinfo(NULL, "", "", 0, 0, 1, on_look_up, NULL),
                 "getaddrinfo");
    REFUSES_NULL(sock_loop_getaddrinfo(loop, "", "", 0, 0, 1, NULL, NULL),
                 "getaddrinfo");
    check_null(sock_loop_selector(NULL), SOCK_E_TYPE, 0,
               "selector: argument is NULL");
    check_fails(sock_loop_add_reader(loop, NULL, note, NULL), SOCK_E_TYPE, 0,
                "add_reader: socket is NULL");
    check_fails(sock_loop_remove_writer(loop, NULL), SOCK_E_TYPE, 0,
                "remove_writer: socket is NULL");
    free_pair(&p);
    sock_loop_free(loop);
}

TEST(loop, no_memory)
{
    struct pair p = unix_pair(SOCK_STREAM);
    int refused = 0;
    for (int nth = 1; nth < 20; nth++) {
        atomic_store(&no_memory, nth);
        sock_loop_t *loop = sock_loop_new();
        if (loop == NULL)
            check_int(sock_last_error()->kind, SOCK_E_MEMORY);
        refused += loop == NULL;
        atomic_store(&no_memory, 0);
        sock_loop_free(loop);
    }
    check(refused >= 2); /* more where libc's own calls are counted, too */
    sock_loop_t *loop = new_loop();
    atomic_store(&no_memory, 1);
    check_fails((int)sock_loop_call_later(loop, 1, note, 0).generation - 1,
                SOCK_E_MEMORY, 0,
                "call_later: [Errno 12] Cannot allocate memory");
    atomic_store(&no_memory, 1);
    check_fails((int)sock_loop_call_at(loop, 1e9, note, 0).generation - 1,
                SOCK_E_MEMORY, 0, "call_at: [Errno 12] Cannot allocate memory");
    atomic_store(&no_memory, 1);
    check_fails(sock_loop_call_soon(loop, note, 0), SOCK_E_MEMORY, 0,
                "call_soon: [Errno 12] Cannot allocate memory");
    atomic_store(&no_memory, 1);
    check_fails(sock_loop_post(loop, note, 0), SOCK_E_MEMORY, 0,
                "post: [Errno 12] Cannot allocate memory");
    atomic_store(&no_memory, 1);
    check_fails(sock_loop_add_reader(loop, p.a, note, 0), SOCK_E_MEMORY, 0,
                "add_reader: [Errno 12] Cannot allocate memory");
    atomic_store(&no_memory, 1);
    check_null(sock__loop_buffer(loop, "recv"), SOCK_E_MEMORY, 0,
               "recv: [Errno 12] Cannot allocate memory");
    check(sock__loop_buffer(loop, "recv") != NULL);
    check(sock__loop_buffer(loop, "recv") == sock__loop_buffer(loop, "recv"));
    check_round(loop, "");
    sock_loop_free(loop);
    free_pair(&p);
}

/* Fork */

static int child_status(pid_t pid)
{
    int status;
    check_int(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool is_refused(int result)
{
    return result == -1 && sock_last_error()->kind == SOCK_E_OS &&
           sock_last_error()->code == EINVAL;
}

/* How many of its calls are refused in a child; its end is not. */
static int use_as_child(sock_loop_t *loop, sock_t *s)
{
    sock_timer_t none = {0, 0};
    int n = 0;
    n += is_refused(sock_loop_run(loop, 0));
    n += is_refused(sock_loop_run_once(loop, 0));
    n += is_refused(sock_loop_stop(loop));
    n += is_refused((int)sock_loop_call_later(loop, 0, note, 0).generation - 1);
    n += is_refused((int)sock_loop_call_at(loop, 0, note, 0).generation - 1);
    n += is_refused((int)sock_loop_time(loop));
    n += is_refused(sock_timer_cancel(loop, none));
    n += is_refused(sock_timer_again(loop, none, 0));
    n += is_refused(sock_loop_call_soon(loop, note, NULL));
    n += is_refused(sock_loop_post(loop, note, NULL));
    n += is_refused(sock_loop_add_signal_handler(loop, SIGUSR1, note, NULL));
    n += is_refused(sock_loop_remove_signal_handler(loop, SIGUSR1));
    n += is_refused(sock_loop_add_reader(loop, s, note, NULL));
    n += is_refused(sock_loop_remove_reader(loop, s));
    n += is_refused(sock_loop_add_writer(loop, s, note, NULL));
    n += is_refused(sock_loop_remove_writer(loop, s));
    n += is_refused(
        sock_loop_getaddrinfo(loop, "", "", 0, 0, 1, on_look_up, NULL));
    n += sock_loop_selector(loop) == NULL && is_refused(-1);
    sock_loop_free(loop);
    return n;
}

TEST(loop, fork)
{
    struct pair p = unix_pair(SOCK_STREAM);
    sock_loop_t *loop = new_loop();
    check_ok(sock_loop_add_reader(loop, p.a, note, as('b')));
    check_ok(sock_loop_add_signal_handler(loop, SIGUSR1, note, as('c')));
    later(loop, 0, note, as('a'));
    check_ok(sock_loop_post(loop, note, as('a')));
    pid_t pid = fork();
    if (pid == 0)
        end_child(use_as_child(loop, p.a));
    check_int(child_status(pid), 18);
    check_ok(sock_send(p.b, "x", 1, 0));
    raise(SIGUSR1);
    check_round(loop, "aacb");
    sock_loop_free(loop);
    free_pair(&p);
}

static pid_t forked;

static void fork_inside(sock_loop_t *loop, void *arg)
{
    note(loop, arg);
    forked = fork();
}

static void fork_and_free(sock_loop_t *loop, void *arg)
{
    fork_inside(loop, arg);
    if (forked == 0)
        sock_loop_free(loop);
}

/* A child that comes back to the loop finds it dead. */
TEST(loop, fork_in_callback)
{
    for (int frees = 0; frees < 2; frees++) {
        sock_loop_t *loop = new_loop();
        heard[0] = '\0';
        later(loop, 0, frees ? fork_and_free : fork_inside, as('a'));
        later(loop, 0, note, as('b'));
        check_ok(sock_loop_call_soon(loop, note, as('c')));
        int result = sock_loop_run(loop, SOCK_NO_TIMEOUT);
        if (forked == 0) {
            bool dead = frees ? result == 0 : is_refused(result);
            end_child(dead && strcmp(heard, "a") == 0 ? 3 : 4);
        }
        check_int(result, 0);
        check_str(heard, "abc");
        check_int(child_status(forked), 3);
        sock_loop_free(loop);
    }
}

static sock_t *ready;
static void take(sock_loop_t *loop, void *arg);

/* 0 if these are called, of a loop that whoever calls it makes. */
static int run_own_loop(sock_t *s, const char *who)
{
    sock_loop_t *own = sock_loop_new();
    if (own == NULL || sock_loop_post(own, note, as('p')) < 0 ||
        sock_loop_call_later(own, 0.001, stop, NULL).generation == 0 ||
        sock_loop_add_reader(own, s, take, as('r')) < 0)
        return 1;
    heard[0] = '\0';
    if (sock_loop_run(own, 5) != 1)
        return 2;
    sock_loop_free(own);
    return strcmp(heard, who) == 0 ? 0 : 3;
}

/* Of the parent's sockets, too: each loop has its own. */
TEST(loop, a_child_makes_a_loop)
{
    if (under_valgrind())
        skip("what its parent's loop holds is lost in a child");
    struct pair p = unix_pair(SOCK_STREAM), q = unix_pair(SOCK_STREAM);
    sock_loop_t *loop = new_loop();
    ready = p.a;
    check_ok(sock_loop_add_reader(loop, p.a, take, as('a')));
    check_ok(sock_loop_add_reader(loop, q.a, note, as('b')));
    check_round(loop, "");
    check_ok(sock_send(p.b, "x", 1, 0));
    pid_t pid = fork();
    if (pid == 0)
        end_child(run_own_loop(p.a, "pr"));
    check_int(child_status(pid), 0);
    check_round(loop, ""); /* it was the child's */
    check_ok(sock_send(p.b, "x", 1, 0));
    check_round(loop, "a");
    check_int(run_own_loop(p.a, "p"), 0);
    sock_loop_free(loop);
    free_pair(&p);
    free_pair(&q);
}

/* A signal in the child is not the parent's; a loop of its own may have it. */
static int signal_in_child(sock_loop_t *loop)
{
    raise(SIGUSR1);
    if (atomic_load(&loop->signals.come))
        return 1;
    sock_loop_t *own = sock_loop_new();
    if (own == NULL ||
        sock_loop_add_signal_handler(own, SIGUSR1, note, as('b')) != 0)
        return 2;
    raise(SIGUSR1);
    heard[0] = '\0';
    if (sock_loop_run_once(own, 0) != 1 || strcmp(heard, "b") != 0)
        return 3;
    sock_loop_free(loop); /* no longer has it */
    raise(SIGUSR1);
    if (sock_loop_run_once(own, 0) != 1)
        return 4;
    sock_loop_free(own);
    struct sigaction now;
    sigaction(SIGUSR1, NULL, &now);
    return now.sa_handler == SIG_IGN ? 0 : 5;
}

TEST(loop, signal_in_a_child)
{
    sock_loop_t *loop = new_loop();
    struct sigaction ignored = {.sa_handler = SIG_IGN};
    sigaction(SIGUSR1, &ignored, NULL);
    check_ok(sock_loop_add_signal_handler(loop, SIGUSR1, note, as('a')));
    atomic_store(&wakes, 0);
    pid_t pid = fork();
    if (pid == 0)
        end_child(signal_in_child(loop));
    check_int(child_status(pid), 0);
    check_round(loop, "");
    raise(SIGUSR1);
    check_round(loop, "a");
    sock_loop_free(loop);
}

/* Signals */

TEST(loop, we_get_signal)
{
    sock_loop_t *loop = new_loop();
    struct waiting w = {loop, thread_id()};
    pthread_t thread;
    check_ok(sock_loop_add_signal_handler(loop, SIGUSR1, note, as('a')));
    pthread_create(&thread, NULL, signal_the_waiting, &w);
    heard[0] = '\0';
    check_int(sock_loop_run_once(loop, SOCK_NO_TIMEOUT), 1);
    check_str(heard, "a");
    pthread_join(thread, NULL);
    sock_loop_free(loop);
}

static void raise_again(sock_loop_t *loop, void *arg)
{
    note(loop, arg);
    raise(SIGUSR1);
}

static void remove_signal(sock_loop_t *loop, void *arg)
{
    note(loop, arg);
    check_int(sock_loop_remove_signal_handler(loop, SIGUSR1), 1);
}

TEST(loop, we_get_signals)
{
    sock_loop_t *loop = new_loop();
    check_ok(sock_loop_add_signal_handler(loop, SIGUSR1, note, as('a')));
    check_ok(sock_loop_add_signal_handler(loop, SIGUSR2, note, as('b')));
    check_ok(sock_loop_add_signal_handler(loop, SIGHUP, note, as('c')));
    for (int i = 0; i < 3; i++)
        raise(SIGUSR1);
    raise(SIGUSR2);
    check_round(loop, "aaab"); /* in the order of their numbers */
    check_round(loop, "");
    raise(SIGHUP);
    check_round(loop, "c");
    /* while it is handled: in the next round */
    check_ok(sock_loop_add_signal_handler(loop, SIGUSR1, raise_again, as('a')));
    raise(SIGUSR1);
    check_round(loop, "a");
    check_round(loop, "a");
    /* removed with more to come */
    check_ok(
        sock_loop_add_signal_handler(loop, SIGUSR1, remove_signal, as('a')));
    raise(SIGUSR1);
    check_round(loop, "a");
    check_round(loop, "");
    check_int(sock_loop_remove_signal_handler(loop, SIGUSR1), 0);
    sock_loop_free(loop);
}

static void on_former(int signo)
{
    (void)signo;
    hear('f');
}

TEST(loop, signal_restore)
{
    struct sigaction former = {.sa_handler = on_former, .sa_flags = SA_NODEFER},
                     seen, other = {.sa_handler = SIG_IGN};
    sock_loop_t *loop = new_loop();
    sigaddset(&former.sa_mask, SIGUSR2);
    sigaction(SIGUSR1, &former, NULL);
    check_ok(sock_loop_add_signal_handler(loop, SIGUSR1, note, as('a')));
    sigaction(SIGUSR1, NULL, &seen);
    check((seen.sa_flags & SA_RESTART) != 0);
    check_int(sock_loop_remove_signal_handler(loop, SIGUSR1), 1);
    sigaction(SIGUSR1, NULL, &seen);
    check(seen.sa_handler == on_former);
    check((seen.sa_flags & SA_NODEFER) != 0);
    check_int(sigismember(&seen.sa_mask, SIGUSR2), 1);
    heard[0] = '\0';
    raise(SIGUSR1);
    check_str(heard, "f");
    /* by the end of the loop, too */
    check_ok(sock_loop_add_signal_handler(loop, SIGUSR1, note, as('a')));
    sock_loop_free(loop);
    raise(SIGUSR1);
    check_str(heard, "ff");
    /* but not what someone else has set since */
    loop = new_loop();
    check_ok(sock_loop_add_signal_handler(loop, SIGUSR1, note, as('a')));
    sigaction(SIGUSR1, &other, NULL);
    check_int(sock_loop_remove_signal_handler(loop, SIGUSR1), 1);
    sigaction(SIGUSR1, NULL, &seen);
    check(seen.sa_handler == SIG_IGN);
    sock_loop_free(loop);
}

TEST(loop, signal_multiple_loops)
{
    sock_loop_t *a = new_loop(), *b = new_loop();
    check_ok(sock_loop_add_signal_handler(a, SIGUSR1, note, as('a')));
    check_fails(sock_loop_add_signal_handler(b, SIGUSR1, note, as('b')),
                SOCK_E_OS, EBUSY,
                "add_signal_handler: [Errno 16] Device or resource busy");
    check_int(sock_loop_remove_signal_handler(b, SIGUSR1), 0);
    check_ok(sock_loop_add_signal_handler(b, SIGUSR2, note, as('b')));
    raise(SIGUSR1);
    raise(SIGUSR2);
    check_round(a, "a");
    check_round(b, "b");
    sock_loop_free(a);
    check_ok(sock_loop_add_signal_handler(b, SIGUSR1, note, as('c')));
    raise(SIGUSR1);
    check_round(b, "c");
    sock_loop_free(b);
}

TEST(loop, signals_that_are_refused)
{
    static const int none[] = {0, -1, INT_MIN, INT_MAX, 65, 1000};
    static const int faults[] = {SIGSEGV, SIGBUS,  SIGFPE,
                                 SIGILL,  SIGTRAP, SIGSYS};
    sock_loop_t *loop = new_loop();
    struct sigaction seen;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        check_fails(sock_loop_add_signal_handler(loop, none[i], note, NULL),
                    SOCK_E_VALUE, 0,
                    "add_signal_handler: invalid signal number");
        check_fails(sock_loop_remove_signal_handler(loop, none[i]),
                    SOCK_E_VALUE, 0,
                    "remove_signal_handler: invalid signal number");
    }
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        check_fails(sock_loop_add_signal_handler(loop, faults[i], note, NULL),
                    SOCK_E_VALUE, 0,
                    "add_signal_handler: no handler can return from this "
                    "signal");
        check_int(sock_loop_remove_signal_handler(loop, faults[i]), 0);
    }
    check_fails(sock_loop_add_signal_handler(loop, SIGKILL, note, NULL),
                SOCK_E_OS, EINVAL,
                "add_signal_handler: [Errno 22] Invalid argument");
    check_fails(sock_loop_add_signal_handler(loop, SIGSTOP, note, NULL),
                SOCK_E_OS, EINVAL,
                "add_signal_handler: [Errno 22] Invalid argument");
    action_errno = EINVAL;
    check_fails(sock_loop_add_signal_handler(loop, SIGUSR1, note, NULL),
                SOCK_E_OS, EINVAL,
                "add_signal_handler: [Errno 22] Invalid argument");
    action_errno = 0;
    sigaction(SIGUSR1, NULL, &seen);
    check(seen.sa_handler == SIG_DFL);
    check_int(sock_loop_run(loop, SOCK_NO_TIMEOUT), 0);
    query_errno = EFAULT;
    errno = 7777;
    /* The emulators keep the last ones. */
    int last = emulated() || under_valgrind() ? SIGRTMIN + 1 : SIGRTMAX;
    check_ok(sock_loop_add_signal_handler(loop, last, note, as('a')));
    check_int(errno, 7777);
    query_errno = 0;
    raise(last);
    check_round(loop, "a");
    sock_loop_free(loop);
}

/* A handler in another thread, while the loop that it would wake goes. */
static atomic_bool raising;

static void *raise_on_and_on(void *arg)
{
    while (atomic_load(&raising))
        pthread_kill(pthread_self(), SIGUSR1);
    return arg;
}

TEST(loop, signal_close_loop_alive)
{
    struct sigaction ignored = {.sa_handler = SIG_IGN};
    pthread_t threads[2];
    if (emulated())
        skip("the emulator reads an action twice as a signal comes");
    sigaction(SIGUSR1, &ignored, NULL);
    atomic_store(&raising, true);
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, raise_on_and_on, NULL);
    for (int i = 0; i < 200; i++) {
        sock_loop_t *loop = new_loop();
        check_ok(sock_loop_add_signal_handler(loop, SIGUSR1, nothing, NULL));
        check(sock_loop_run_once(loop, 0.001) >= 0);
        sock_loop_free(loop);
    }
    atomic_store(&raising, false);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
}

/* Readers and writers */

static void take(sock_loop_t *loop, void *arg)
{
    char byte;
    note(loop, arg);
    check_int(sock_recv(ready, &byte, 1, 0), 1);
}

TEST(loop, readers)
{
    struct pair p = unix_pair(SOCK_STREAM);
    sock_loop_t *loop = new_loop();
    ready = p.a;
    errno = 7777;
    check_int(sock_loop_remove_reader(loop, p.a), 0);
    check_int(errno, 7777);
    check_ok(sock_loop_add_reader(loop, p.a, take, as('a')));
    check_int(sock_loop_remove_writer(loop, p.a), 0);
    check_int(errno, 7777);
    check_round(loop, "");
    check_ok(sock_send(p.b, "xyz", 3, 0));
    check_round(loop, "a");
    check_ok(sock_loop_add_reader(loop, p.a, take, as('b'))); /* in its place */
    check_round(loop, "b");
    check_int(sock_loop_add_reader(loop, p.a, NULL, NULL), 1);
    check_int(sock_loop_add_reader(loop, p.a, NULL, NULL), 0);
    check_round(loop, "");
    check_ok(sock_loop_add_reader(loop, p.a, take, as('c')));
    check_round(loop, "c");
    sock_free(p.b); /* the end makes it readable */
    check_ok(sock_loop_add_reader(loop, p.a, note, as('a')));
    check_round(loop, "a");
    check_int(sock_loop_remove_reader(loop, p.a), 1);
    sock_free(p.a);
    sock_loop_free(loop);
}

TEST(loop, writers)
{
    struct pair p = unix_pair(SOCK_STREAM);
    sock_loop_t *loop = new_loop();
    check_ok(sock_loop_add_writer(loop, p.a, note, as('a')));
    check_round(loop, "a");
    check_int(sock_loop_remove_reader(loop, p.a), 0);
    check_int(sock_loop_remove_writer(loop, p.a), 1);
    check_int(sock_loop_remove_writer(loop, p.a), 0);
    check_round(loop, "");
    check_ok(sock_loop_add_writer(loop, p.a, note, as('b')));
    check_int(sock_loop_add_writer(loop, p.a, NULL, NULL), 1);
    check_round(loop, "");
    sock_loop_free(loop);
    free_pair(&p);
}

/* By turns, so that none waits for ever. */
TEST(loop, multiple_events_for_same_fd)
{
    struct pair p = unix_pair(SOCK_STREAM);
    sock_loop_t *loop = new_loop();
    check_ok(sock_send(p.b, "xyz", 3, 0));
    check_ok(sock_loop_add_writer(loop, p.a, note, as('b')));
    check_ok(sock_loop_add_reader(loop, p.a, note, as('a')));
    check_round(loop, "a");
    check_round(loop, "b");
    check_round(loop, "a");
    check_int(sock_loop_remove_reader(loop, p.a), 1);
    check_round(loop, "b");
    check_round(loop, "b");
    check_ok(sock_loop_add_reader(loop, p.a, note, as('c')));
    check_int(sock_loop_remove_writer(loop, p.a), 1);
    check_round(loop, "c");
    check_round(loop, "c");
    sock_loop_free(loop);
    free_pair(&p);
}

/* Each of two that are ready removes the other one. */
static struct pair pairs[2];

static void remove_other(sock_loop_t *loop, void *arg)
{
    int mine = *(const char *)arg - 'a';
    note(loop, arg);
    check_int(sock_loop_remove_reader(loop, pairs[1 - mine].a), 1);
}

static void free_both(sock_loop_t *loop, void *arg)
{
    note(loop, arg);
    free_pair(&pairs[0]);
    free_pair(&pairs[1]);
}

/* Not by its registration, but both of its functions. */
static void remove_others_reader(sock_loop_t *loop, void *arg)
{
    int mine = *(const char *)arg - 'a';
    note(loop, arg);
    sock_loop_add_reader(loop, pairs[1 - mine].a, NULL, NULL);
}

static void make_pairs(sock_loop_t *loop, sock_loop_fn fn)
{
    for (int i = 0; i < 2; i++) {
        pairs[i] = unix_pair(SOCK_STREAM);
        check_ok(sock_send(pairs[i].b, "x", 1, 0));
        check_ok(
            sock_loop_add_reader(loop, pairs[i].a, fn, as(i == 0 ? 'a' : 'b')));
    }
}

TEST(loop, removed_in_the_same_round)
{
    sock_loop_t *loop = new_loop();
    make_pairs(loop, remove_other);
    heard[0] = '\0';
    check_int(sock_loop_run_once(loop, SOCK_NO_TIMEOUT), 1);
    check_int(strlen(heard), 1);
    free_pair(&pairs[0]);
    free_pair(&pairs[1]);
    sock_loop_free(loop);
}

TEST(loop, freed_in_the_same_round)
{
    sock_loop_t *loop = new_loop();
    make_pairs(loop, free_both);
    heard[0] = '\0';
    check_int(sock_loop_run(loop, SOCK_NO_TIMEOUT), 0);
    check_int(strlen(heard), 1);
    sock_loop_free(loop);
}

/* The socket stays registered, for writing; what was found of its reading is
 * not told to its writer. */
TEST(loop, reader_removed_in_the_same_round)
{
    sock_loop_t *loop = new_loop();
    make_pairs(loop, remove_others_reader);
    for (int i = 0; i < 2; i++) {
        char block[4096] = {0};
        check_ok(sock_setblocking(pairs[i].a, 0));
        while (sock_send(pairs[i].a, block, sizeof block, 0) > 0)
            continue;
        check_ok(sock_loop_add_writer(loop, pairs[i].a, note, as('w')));
    }
    heard[0] = '\0';
    check_int(sock_loop_run_once(loop, 0), 1);
    check_int(strlen(heard), 1);
    sock_loop_free(loop);
    free_pair(&pairs[0]);
    free_pair(&pairs[1]);
}

/* A reader that frees the socket, whose writer's turn would be next. */
static void free_ready(sock_loop_t *loop, void *arg)
{
    note(loop, arg);
    sock_free(ready);
}

TEST(loop, freed_by_its_reader)
{
    struct pair p = unix_pair(SOCK_STREAM);
    sock_loop_t *loop = new_loop();
    ready = p.a;
    check_ok(sock_send(p.b, "x", 1, 0));
    check_ok(sock_loop_add_reader(loop, p.a, free_ready, as('a')));
    check_ok(sock_loop_add_writer(loop, p.a, note, as('b')));
    heard[0] = '\0';
    check_int(sock_loop_run(loop, SOCK_NO_TIMEOUT), 0);
    check_str(heard, "a");
    sock_free(p.b);
    sock_loop_free(loop);
}

static void add_one(sock_loop_t *loop, void *arg)
{
    note(loop, arg);
    check_ok(sock_loop_add_reader(loop, ready, note, as('b')));
}

TEST(loop, added_in_a_callback)
{
    struct pair p = unix_pair(SOCK_STREAM), q = unix_pair(SOCK_STREAM);
    sock_loop_t *loop = new_loop();
    ready = q.a;
    check_ok(sock_send(p.b, "x", 1, 0));
    check_ok(sock_send(q.b, "x", 1, 0));
    check_ok(sock_loop_add_reader(loop, p.a, add_one, as('a')));
    check_round(loop, "a");
    heard[0] = '\0';
    check_int(sock_loop_run_once(loop, 0), 2);
    check(strchr(heard, 'b') != NULL);
    free_pair(&p);
    free_pair(&q);
    sock_loop_free(loop);
}

/* Silent, but still there; and what is there can be removed. */
TEST(loop, closed_sockets)
{
    struct pair p = unix_pair(SOCK_STREAM);
    sock_loop_t *loop = new_loop();
    check_ok(sock_loop_add_reader(loop, p.a, note, as('a')));
    check_ok(sock_loop_add_writer(loop, p.a, note, as('b')));
    check_ok(sock_close(p.a));
    check_round(loop, "");
    check_int(sock_loop_run(loop, 0), 1);
    check_fails(sock_loop_add_reader(loop, p.a, note, as('c')), SOCK_E_OS,
                EBADF, "add_reader: [Errno 9] Bad file descriptor");
    check_int(sock_loop_remove_reader(loop, p.a), 1);
    check_int(sock_loop_remove_reader(loop, p.a), 0);
    check_int(sock_loop_remove_writer(loop, p.a), 1);
    check_int(sock_loop_run(loop, SOCK_NO_TIMEOUT), 0);
    check_fails(sock_loop_add_writer(loop, p.a, note, as('c')), SOCK_E_OS,
                EBADF, "add_writer: [Errno 9] Bad file descriptor");
    sock_loop_free(loop);
    free_pair(&p);
}

TEST(loop, what_the_system_refuses)
{
    struct pair p = unix_pair(SOCK_STREAM);
    sock_loop_t *loop = new_loop();
    ctl_errno = ENOSPC;
    check_fails(sock_loop_add_reader(loop, p.a, note, as('a')), SOCK_E_OS,
                ENOSPC, "add_reader: [Errno 28] No space left on device");
    ctl_errno = 0;
    check_ok(sock_loop_add_reader(loop, p.a, note, as('a')));
    check_ok(sock_send(p.b, "x", 1, 0));
    ctl_errno = ENOMEM;
    check_fails(sock_loop_add_writer(loop, p.a, note, as('b')), SOCK_E_MEMORY,
                0, "add_writer: [Errno 12] Cannot allocate memory");
    ctl_errno = 0;
    check_round(loop, "a");
    check_ok(sock_loop_add_writer(loop, p.a, note, as('b')));
    ctl_errno = ENOMEM;
    check_fails(sock_loop_remove_writer(loop, p.a), SOCK_E_MEMORY, 0,
                "remove_writer: [Errno 12] Cannot allocate memory");
    ctl_errno = 0;
    check_round(loop, "b");
    check_int(sock_loop_remove_writer(loop, p.a), 1);
    sock_loop_free(loop);
    free_pair(&p);
}

/* The selector */

static int watched_mask;

static void on_watch(sock_loop_t *loop, const sock_key_t *key, void *arg)
{
    char byte;
    note(loop, arg);
    watched_mask = key->mask;
    check_int(read(key->fd, &byte, 1), 1);
}

TEST(loop, selector)
{
    int fds[2];
    sock_watch_t w = {on_watch, as('a')};
    sock_loop_t *loop = new_loop();
    struct pair p = unix_pair(SOCK_STREAM);
    sock_selector_t *sel = check_made(sock_loop_selector(loop));
    check_int(pipe(fds), 0);
    check_ok(sock_selector_register_fd(sel, fds[0], R, &w));
    check_ok(sock_selector_register(sel, p.a, W, NULL)); /* is passed over */
    check_fails(sock_loop_add_reader(loop, p.a, note, as('b')), SOCK_E_KEY,
                EEXIST, "add_reader: already registered");
    check_int(sock_loop_remove_writer(loop, p.a), 0);
    check_ok(sock_selector_modify(sel, p.a, W, &w));
    check_int(sock_loop_remove_writer(loop, p.a), 0);
    check_ok(sock_selector_modify(sel, p.a, W, NULL));
    check_int(write(fds[1], "x", 1), 1);
    check_round(loop, "a");
    check_int(watched_mask, R);
    check_int(sock_loop_run(loop, 0), 1); /* it keeps the loop going */
    check_ok(sock_selector_unregister_fd(sel, fds[0]));
    check_ok(sock_selector_unregister(sel, p.a));
    check_int(sock_loop_run(loop, SOCK_NO_TIMEOUT), 0);
    close(fds[0]);
    close(fds[1]);
    sock_loop_free(loop);
    free_pair(&p);
}

static int stop_calls(void *arg)
{
    (void)arg;
    return 1;
}

static void on_quiet(int signo)
{
    (void)signo;
}

/* What ends the wait of the selector ends the run. */
TEST(loop, interrupted)
{
    struct sigaction action = {.sa_handler = on_quiet};
    sock_loop_t *loop = new_loop();
    struct waiting w = {loop, thread_id()};
    sigset_t blocked;
    pthread_t thread;
    sigaction(SIGUSR1, &action, NULL);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &blocked, NULL);
    pthread_create(&thread, NULL, signal_the_waiting, &w);
    pthread_sigmask(SIG_UNBLOCK, &blocked, NULL);
    sock_set_interrupt(NULL, stop_calls, NULL);
    later(loop, 1000, note, as('a'));
    check_fails(sock_loop_run(loop, SOCK_NO_TIMEOUT), SOCK_E_CANCELLED, 0,
                "select: cancelled");
    sock_set_interrupt(NULL, NULL, NULL);
    pthread_join(thread, NULL);
    sock_loop_free(loop);
}

/* What stands on a loop */

struct part {
    struct sock__doomed doomed;
    struct sock__member member;
    char name;
};

static void end_part(struct sock__member *m)
{
    struct part *p = (struct part *)((char *)m - offsetof(struct part, member));
    hear(p->name);
    free(p);
}

static struct part *join(sock_loop_t *loop, char name)
{
    struct part *p = calloc(1, sizeof *p);
    check(p != NULL);
    p->name = name;
    p->member.end = end_part;
    sock__loop_join(loop, &p->member);
    return p;
}

TEST(loop, members)
{
    sock_loop_t *loop = new_loop();
    join(loop, 'a');
    struct part *b = join(loop, 'b');
    join(loop, 'c');
    struct part *d = join(loop, 'd');
    sock__loop_part(loop, &b->member);
    check(b->member.link == NULL);
    sock__loop_part(loop, &d->member);
    join(loop, 'e');
    check(sock__loop_members(loop) != NULL);
    sock__loop_doom(loop, &b->doomed); /* at once: no round is under way */
    sock__loop_doom(loop, &d->doomed);
    heard[0] = '\0';
    sock_loop_free(loop);
    check_str(heard, "ace");
}

static void doom_part(sock_loop_t *loop, void *arg)
{
    struct part *p = arg;
    check(sock__loop_is_inside(loop));
    sock__loop_part(loop, &p->member);
    sock__loop_doom(loop, &p->doomed);
    hear(p->name); /* it is still there */
}

TEST(loop, doomed_at_the_end_of_the_round)
{
    sock_loop_t *loop = new_loop();
    check(!sock__loop_is_inside(loop));
    later(loop, 0, doom_part, join(loop, 'a'));
    check_ok(sock_loop_call_soon(loop, doom_part, join(loop, 'b')));
    check_round(loop, "ab");
    sock_loop_free(loop);
}

/* Those of sockets that were freed are not kept for ever. */
TEST(loop, readers_of_sockets_that_went)
{
    sock_loop_t *loop = new_loop();
    struct pair kept = unix_pair(SOCK_STREAM);
    check_ok(sock_loop_add_reader(loop, kept.a, note, as('a')));
    sock_watch_t other = {on_watch, as('w')};
    check_ok(
        sock_selector_register(sock_loop_selector(loop), kept.b, R, &other));
    join(loop, 'p');
    for (int i = 0; i < 1000; i++) {
        sock_t *s = check_made(sock_new(AF_INET, SOCK_DGRAM, 0));
        check_ok(sock_loop_add_reader(loop, s, note, as('b')));
        sock_free(s);
        check(loop->watchers <= 24);
    }
    check(sock__loop_members(loop) != NULL);
    check_ok(sock_send(kept.b, "x", 1, 0));
    check_round(loop, "a");
    free_pair(&kept);
    heard[0] = '\0';
    sock_loop_free(loop);
    check_str(heard, "p");
}

/* Look-ups */

static int looked_up, look_up_error;
static char look_up_text[SOCK_ERROR_TEXT_MAX];

static void on_look_up(sock_loop_t *loop, sock_addrinfo_t *list,
                       const sock_error_t *error, void *arg)
{
    note(loop, arg);
    looked_up = list != NULL ? (int)list->count : 0;
    look_up_error = error != NULL ? error->kind : 0;
    check((list == NULL) == (error != NULL));
    look_up_text[0] = '\0';
    if (error != NULL)
        sock_error_text(error, look_up_text, sizeof look_up_text);
    else
        check_int(list->entries[0].type, SOCK_STREAM);
    sock_addrinfo_free(list);
}

static void look_up(sock_loop_t *loop, const char *host, double timeout)
{
    check_ok(sock_loop_getaddrinfo(loop, host, "80", AF_INET, SOCK_STREAM,
                                   timeout, on_look_up, as('a')));
}

TEST(loop, getaddrinfo_of_numbers)
{
    sock_loop_t *loop = new_loop();
    errno = 7777;
    look_up(loop, "127.0.0.1", 0); /* no time is needed */
    check_int(errno, 7777);
    check_round(loop, "a");
    check_int(looked_up, 1);
    look_up(loop, "127.0.0.1", SOCK_NO_TIMEOUT);
    heard[0] = '\0';
    check_int(sock_loop_run(loop, SOCK_NO_TIMEOUT), 0);
    check_str(heard, "a");
    look_up(loop, NULL, 0); /* this machine */
    check_round(loop, "a");
    check_int(looked_up, 1);
    atomic_store(&no_memory, 2);
    check_fails(sock_loop_getaddrinfo(loop, "127.0.0.1", "80", AF_INET, 0, 1,
                                      on_look_up, NULL),
                SOCK_E_MEMORY, 0,
                "getaddrinfo: [Errno 12] Cannot allocate memory");
    look_up(loop, "127.0.0.1", 0); /* not told */
    sock_loop_free(loop);
}

TEST(loop, getaddrinfo_of_names)
{
    need_own_etc();
    sock_loop_t *loop = new_loop();
    look_up(loop, "localhost", SOCK_NO_TIMEOUT);
    check_int(sock_loop_run(loop, SOCK_NO_TIMEOUT), 0);
    check_int(looked_up, 1);
    look_up(loop, "localhost", 1000);
    check_int(sock_loop_run(loop, SOCK_NO_TIMEOUT), 0);
    check_int(looked_up, 1);
    look_up(loop, "no.such.host", 1000);
    check_int(sock_loop_run(loop, SOCK_NO_TIMEOUT), 0);
    check_int(look_up_error, SOCK_E_GAI);
    check(strstr(look_up_text, "getaddrinfo no.such.host: [Errno ") != NULL);
    sock_loop_free(loop);
}

TEST(loop, getaddrinfo_that_takes_too_long)
{
    int before = open_descriptors();
    sock_loop_t *loop = new_loop();
    atomic_store(&resolver_waits, true);
    look_up(loop, "localhost", 0.005);
    check_int(sock_loop_run(loop, SOCK_NO_TIMEOUT), 0);
    check_int(look_up_error, SOCK_E_TIMEOUT);
    check_str(look_up_text, "getaddrinfo localhost: timed out");
    look_up(loop, "localhost", 0);
    check_int(sock_loop_run(loop, SOCK_NO_TIMEOUT), 0);
    check_int(look_up_error, SOCK_E_TIMEOUT);
    /* and one that the loop does not live to see */
    look_up(loop, "localhost", 1000);
    check_int(sock_loop_run(loop, 0.001), 1);
    sock_loop_free(loop);
    atomic_store(&resolver_waits, false);
    while (open_descriptors() > before) /* its thread ends */
        usleep(1000);
    usleep(20000); /* and so does what it has left of its stack */
}

TEST(loop, getaddrinfo_refusals)
{
    sock_loop_t *loop = new_loop();
    char name[300];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    check_fails(sock_loop_getaddrinfo(loop, "localhost", "99999", AF_INET, 0, 1,
                                      on_look_up, NULL),
                SOCK_E_GAI, EAI_SERVICE,
                "getaddrinfo localhost: [Errno -8] Servname not supported for "
                "ai_socktype");
    check_int(sock_loop_getaddrinfo(loop, name, "80", AF_INET, 0, 1, on_look_up,
                                    NULL),
              -1);
    check_int(sock_last_error()->kind, SOCK_E_VALUE);
    check_fails(sock_loop_getaddrinfo(loop, "localhost", "80", AF_INET, 0, NAN,
                                      on_look_up, NULL),
                SOCK_E_VALUE, 0,
                "getaddrinfo: Invalid value NaN (not a number)");
    check_fails(sock_loop_getaddrinfo(loop, "localhost", "80", AF_INET, 0, -2,
                                      on_look_up, NULL),
                SOCK_E_VALUE, 0, "getaddrinfo: Timeout value out of range");
    for (int nth = 1, result = -1; result != 0; nth++) {
        atomic_store(&no_memory, nth);
        result = sock_loop_getaddrinfo(loop, "localhost", "80", AF_INET, 0, 1,
                                       on_look_up, NULL);
        atomic_store(&no_memory, 0);
        check(result == 0 || sock_last_error()->kind == SOCK_E_MEMORY);
        check(nth < 9);
    }
    struct rlimit limit, none = {0};
    getrlimit(RLIMIT_NOFILE, &limit);
    none.rlim_max = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &none);
    check_fails(sock_loop_getaddrinfo(loop, "localhost", "80", AF_INET, 0, 1,
                                      on_look_up, NULL),
                SOCK_E_OS, EMFILE,
                "getaddrinfo: [Errno 24] Too many open files");
    setrlimit(RLIMIT_NOFILE, &limit);
    ctl_errno = ENOSPC;
    check_fails(sock_loop_getaddrinfo(loop, "localhost", "80", AF_INET, 0, 1,
                                      on_look_up, NULL),
                SOCK_E_OS, ENOSPC,
                "getaddrinfo: [Errno 28] No space left on device");
    ctl_errno = 0;
    sock_loop_free(loop);
    usleep(20000);
}

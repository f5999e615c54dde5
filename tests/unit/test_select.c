/* SPDX-License-Identifier: MIT */
/* select and the selector; each test of the latter for both kinds. */
#include "support.h"

#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "object.h"
#include "private.h"
#include "slots.h"

enum { R = SOCK_EVENT_READ, W = SOCK_EVENT_WRITE };

/* What the system is asked, and what it refuses */

static atomic_int ctls, waits;
static int ctl_errno, event_errno, no_memory, no_pwait2;

int __real_epoll_ctl(int ep, int op, int fd, struct epoll_event *e);
int __wrap_epoll_ctl(int ep, int op, int fd, struct epoll_event *e);
int __real_eventfd(unsigned value, int flags);
int __wrap_eventfd(unsigned value, int flags);
void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);
int __real_posix_memalign(void **p, size_t align, size_t size);
int __wrap_posix_memalign(void **p, size_t align, size_t size);
long __wrap_syscall(long number, ...);
long __real_syscall(long number, ...);

int __wrap_epoll_ctl(int ep, int op, int fd, struct epoll_event *e)
{
    atomic_fetch_add(&ctls, 1);
    if (ctl_errno != 0 && op != EPOLL_CTL_DEL) {
        errno = ctl_errno;
        return -1;
    }
    return __real_epoll_ctl(ep, op, fd, e);
}

int __wrap_eventfd(unsigned value, int flags)
{
    if (event_errno == 0)
        return __real_eventfd(value, flags);
    errno = event_errno;
    return -1;
}

/* Whether this allocation, of those to come, is refused. */
static bool refuses(void)
{
    bool now = no_memory == 1;
    no_memory -= no_memory > 0;
    if (now)
        errno = ENOMEM;
    return now;
}

void *__wrap_realloc(void *p, size_t size)
{
    return refuses() ? NULL : __real_realloc(p, size);
}

int __wrap_posix_memalign(void **p, size_t align, size_t size)
{
    return refuses() ? ENOMEM : __real_posix_memalign(p, align, size);
}

long __wrap_syscall(long number, ...)
{
    va_list list;
    long a[6];

    atomic_fetch_add(&waits, 1);
    if (no_pwait2 > 0) {
        no_pwait2++;
        errno = ENOSYS;
        return -1;
    }
    va_start(list, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(list, long);
    va_end(list);
    return __real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* What the tests are made of */

static sock_selector_t *selector(int kind)
{
    return check_made(sock_selector_new(kind));
}

static void watch(sock_selector_t *sel, sock_t *s, int events, void *data)
{
    check_ok(sock_selector_register(sel, s, events, data));
}

/* What the next of the found has; its data must be this. */
static int found(sock_selector_t *sel, const void *data)
{
    sock_key_t key;
    check_int(sock_selector_next(sel, &key), 1);
    check(key.data == data);
    return key.mask;
}

static void no_more(sock_selector_t *sel)
{
    sock_key_t key;
    check_int(sock_selector_next(sel, &key), 0);
}

static void say(sock_t *s, const char *text)
{
    check_ok(sock_sendall(s, text, strlen(text), 0));
}

static void hear(sock_t *s, const char *text)
{
    char buf[64];
    check_int(sock_recv(s, buf, sizeof buf, 0), (long long)strlen(text));
    check_bytes(buf, text, strlen(text));
}

#define FOR_BOTH_KINDS(name)                                                   \
    static void name(int kind);                                                \
    TEST(select, name##_epoll)                                                 \
    {                                                                          \
        name(SOCK_SELECTOR_EPOLL);                                             \
    }                                                                          \
    TEST(select, name##_poll)                                                  \
    {                                                                          \
        name(SOCK_SELECTOR_POLL);                                              \
    }                                                                          \
    static void name(int kind)

/* sock_select() */

TEST(select, lists_are_cut_to_the_ready_ones)
{
    struct pair p = tcp_pair(), q = tcp_pair();
    sock_t *r[] = {p.a, q.a, p.b, NULL}, *w[] = {q.b, NULL}, *x[] = {p.a, NULL};

    say(p.a, "for b");
    say(q.b, "for a");
    check_int(sock_select(r, w, x, 5), 3);
    check(r[0] == q.a && r[1] == p.b && r[2] == NULL);
    check(w[0] == q.b && w[1] == NULL && x[0] == NULL);
    free_pair(&p);
    free_pair(&q);
}

TEST(select, listed_thrice_is_found_thrice)
{
    struct pair p = tcp_pair();
    sock_t *r[] = {p.a, p.b, p.a, p.a, NULL}, *w[] = {p.a, NULL};

    say(p.b, "x");
    check_int(sock_select(r, w, NULL, 5), 4);
    check(r[0] == p.a && r[1] == p.a && r[2] == p.a && r[3] == NULL);
    free_pair(&p);
}

TEST(select, hang_up_is_readable_and_an_error_both)
{
    sock_addr_t nobody;
    sock_t *port = unused_port(&nobody);
    sock_t *fresh = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    sock_t *refused = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    sock_t *r[] = {fresh, NULL}, *w[] = {fresh, NULL};
    sock_t *r2[] = {refused, NULL}, *w2[] = {refused, NULL},
           *x2[] = {refused, NULL};

    check_int(sock_select(r, w, NULL, 5), 2); /* as Python's says */
    check_ok(sock_setblocking(refused, 0));
    sock_connect_ex(refused, nobody);
    check_int(sock_select(r2, w2, x2, 5), 2);
    check(r2[0] == refused && w2[0] == refused && x2[0] == NULL);
    sock_free(fresh);
    sock_free(refused);
    sock_free(port);
}

TEST(select, urgent_data_is_exceptional)
{
    struct pair p = tcp_pair();
    sock_t *x[] = {p.a, p.b, NULL};
    check_int(sock_send(p.a, "!", 1, MSG_OOB), 1);
    check_int(sock_select(NULL, NULL, x, 5), 1);
    check(x[0] == p.b && x[1] == NULL);
    free_pair(&p);
}

TEST(select, nothing_to_watch_waits_out_the_time)
{
    sock_t *none[] = {NULL};
    double begin = now();
    check_int(sock_select(none, NULL, none, 0.01), 0);
    check(now() - begin >= 0.01);
    check_int(sock_select(NULL, NULL, NULL, 0), 0);
    check_int(sock_select(NULL, NULL, NULL, -0.0), 0);
}

TEST(select, time_over_empties_the_lists)
{
    struct pair p = tcp_pair();
    sock_t *r[] = {p.a, p.b, NULL};
    double begin = now();
    errno = 77;
    check_int(sock_select(r, NULL, NULL, 0.0151), 0);
    check(now() - begin >= 0.0151);
    check_int(errno, 77);
    check(r[0] == NULL);
    free_pair(&p);
}

TEST(select, refusals_leave_the_lists)
{
    sock_t *closed = closed_socket(SOCK_STREAM);
    struct pair p = tcp_pair();
    sock_t *r[] = {p.a, closed, NULL}, *w[] = {p.b, NULL};

    check_fails(sock_select(r, w, NULL, 1), SOCK_E_OS, EBADF,
                "select: [Errno 9] Bad file descriptor");
    check(r[0] == p.a && r[1] == closed && w[0] == p.b);
    check_fails(sock_select(r, w, NULL, -1), SOCK_E_VALUE, 0,
                "select: timeout must be non-negative");
    check_fails(sock_select(r, w, NULL, NAN), SOCK_E_VALUE, 0,
                "select: Invalid value NaN (not a number)");
    check_fails(sock_select(r, w, NULL, 1e10), SOCK_E_OVERFLOW, 0,
                "select: timestamp too large to convert to C PyTime_t");
    sock_free(closed);
    free_pair(&p);
}

/* More objects than the stack has room for, and numbers that select(2) has
 * not. */
TEST(select, over_a_thousand)
{
    enum { MANY = 1100 };
    struct rlimit limit;
    check_int(getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_cur < MANY + 100 && limit.rlim_max >= MANY + 100) {
        limit.rlim_cur = MANY + 100;
        check_int(setrlimit(RLIMIT_NOFILE, &limit), 0);
    }
    if (limit.rlim_cur < MANY + 100)
        skip("no %d descriptors", MANY + 100);
    static sock_t *all[MANY + 1], *w[MANY + 1];
    for (int i = 0; i < MANY; i++)
        w[i] = all[i] = check_made(sock_new(AF_INET, SOCK_DGRAM, 0));
    check(sock_fileno(all[MANY - 1]) > 1024);
    check_int(sock_select(NULL, w, NULL, 5), MANY);
    for (int i = 0; i < MANY; i++)
        sock_free(all[i]);
}

static void *close_it(void *arg)
{
    check_ok(sock_close(arg));
    return NULL;
}

struct selecting {
    sock_t *sock, *other;
    atomic_long tid;
};

static void *select_one(void *arg)
{
    struct selecting *x = arg;
    sock_t *r[] = {x->sock, x->other, NULL};
    atomic_store(&x->tid, thread_id());
    check_fails(sock_select(r, NULL, NULL, 10), SOCK_E_OS, EBADF,
                "select: [Errno 9] Bad file descriptor");
    check(r[0] == x->sock && r[1] == x->other);
    return NULL;
}

static long await_tid(atomic_long *tid)
{
    while (atomic_load(tid) == 0)
        poll(NULL, 0, 1);
    return atomic_load(tid);
}

TEST(select, close_ends_the_wait)
{
    struct pair p = tcp_pair();
    struct selecting x = {.sock = p.a, .other = p.b};
    pthread_t thread;

    check_int(pthread_create(&thread, NULL, select_one, &x), 0);
    check(wait_until_blocked(await_tid(&x.tid)));
    close_it(p.a);
    pthread_join(thread, NULL);
    free_pair(&p);
}

static atomic_int alarms;

static void on_alarm(int signo)
{
    (void)signo;
    atomic_fetch_add(&alarms, 1);
}

static void alarm_every_ms(bool on)
{
    struct sigaction act = {.sa_handler = on_alarm};
    struct itimerval t = {{0, on ? 1000 : 0}, {0, on ? 1000 : 0}};
    if (on)
        sigaction(SIGALRM, &act, NULL);
    setitimer(ITIMER_REAL, &t, NULL);
}

static int stop_after_three(void *arg)
{
    int *n = arg;
    return ++*n >= 3;
}

TEST(select, signals_do_not_end_the_wait)
{
    struct pair p = tcp_pair();
    sock_t *r[] = {p.a, NULL};
    sock_selector_t *sel = selector(SOCK_SELECTOR_DEFAULT);
    int n = 0;

    watch(sel, p.a, R, NULL);
    alarm_every_ms(true);
    double begin = now();
    check_int(sock_select(r, NULL, NULL, 0.05), 0);
    check(now() - begin >= 0.05);
    begin = now();
    check_int(sock_selector_select(sel, 0.05), 0);
    check(now() - begin >= 0.05);
    check(atomic_load(&alarms) > 0);
    sock_set_interrupt(NULL, stop_after_three, &n);
    r[0] = p.a;
    check_fails(sock_select(r, NULL, NULL, 10), SOCK_E_CANCELLED, 0,
                "select: cancelled");
    n = 0;
    check_fails(sock_selector_select(sel, 10), SOCK_E_CANCELLED, 0,
                "select: cancelled");
    sock_set_interrupt(NULL, NULL, NULL);
    alarm_every_ms(false);
    sock_selector_free(sel);
    free_pair(&p);
}

/* The selector */

FOR_BOTH_KINDS(ready_ones_are_found)
{
    struct pair p = tcp_pair(), q = tcp_pair();
    sock_selector_t *sel = selector(kind);

    watch(sel, p.a, R, &p);
    watch(sel, q.a, R, &q);
    check_int(sock_selector_len(sel), 2);
    check_int(sock_selector_select(sel, 0), 0);
    no_more(sel);
    say(q.b, "x");
    check_int(sock_selector_select(sel, 5), 1);
    check_int(found(sel, &q), R);
    no_more(sel);
    check_int(sock_selector_select(sel, SOCK_NO_TIMEOUT), 1); /* level */
    check_int(found(sel, &q), R);
    hear(q.a, "x");
    check_int(sock_selector_select(sel, -1), 0);
    sock_selector_free(sel);
    free_pair(&p);
    free_pair(&q);
}

/* One is told once, of all that holds of it. */
FOR_BOTH_KINDS(both_directions_at_once)
{
    struct pair p = tcp_pair();
    sock_selector_t *sel = selector(kind);

    say(p.b, "foo");
    check_int(sock_wait(p.a, R, 5), R);
    watch(sel, p.a, R | W, &p);
    check_int(sock_selector_select(sel, SOCK_NO_TIMEOUT), 1);
    check_int(found(sel, &p), R | W);
    no_more(sel);
    sock_selector_free(sel);
    free_pair(&p);
}

/* Each says something in its turn, and the one to whom it was said is found. */
FOR_BOTH_KINDS(pairs_talk)
{
    enum { PAIRS = 12 };
    struct pair p[PAIRS];
    sock_selector_t *sel = selector(kind);

    for (int i = 0; i < PAIRS; i++) {
        p[i] = unix_pair(SOCK_STREAM);
        watch(sel, p[i].a, R, &p[i]);
        watch(sel, p[i].b, W, NULL);
    }
    for (int left = PAIRS; left > 0; left--) {
        struct pair *talking = &p[left * 5 % PAIRS];
        sock_key_t key;
        check_int(sock_selector_select(sel, 5), left);
        while (sock_selector_next(sel, &key) == 1)
            check(key.data == NULL && key.mask == W);
        say(talking->b, "This is a test.");
        check_int(sock_selector_select(sel, 5), left + 1);
        while (sock_selector_next(sel, &key) == 1)
            check(key.mask == W || (key.data == talking && key.mask == R));
        hear(talking->a, "This is a test.");
        check_ok(sock_selector_unregister(sel, talking->b));
        check_ok(sock_selector_unregister(sel, talking->a));
    }
    check_int(sock_selector_len(sel), 0);
    sock_selector_free(sel);
    for (int i = 0; i < PAIRS; i++)
        free_pair(&p[i]);
}

FOR_BOTH_KINDS(keys)
{
    struct pair p = tcp_pair();
    sock_selector_t *sel = selector(kind);
    sock_key_t key;
    size_t cursor = 0;
    int fd = sock_fileno(p.a);

    watch(sel, p.a, R | W, &p);
    check_ok(sock_selector_get_key(sel, p.a, &key));
    check(key.sock == p.a && key.data == &p && key.fd == fd);
    check_int(key.events, R | W);
    check_int(key.mask, 0);
    check_ok(sock_selector_register_fd(sel, sock_fileno(p.b), W, &cursor));
    check_ok(sock_selector_get_key_fd(sel, sock_fileno(p.b), &key));
    check(key.sock == NULL && key.data == &cursor);
    check_int(key.fd, sock_fileno(p.b));
    check_int(sock_selector_each(sel, &cursor, &key), 1);
    check(key.sock == p.a);
    check_int(sock_selector_each(sel, &cursor, &key), 1);
    check(key.sock == NULL);
    check_int(sock_selector_each(sel, &cursor, &key), 0);
    check_int(sock_selector_each(sel, &cursor, &key), 0);
    check_ok(sock_selector_unregister_fd(sel, sock_fileno(p.b)));
    check_ok(sock_selector_unregister(sel, p.a));
    check_int(sock_selector_len(sel), 0);
    sock_selector_free(sel);
    free_pair(&p);
}

FOR_BOTH_KINDS(not_registered_or_already)
{
    struct pair p = tcp_pair();
    sock_selector_t *sel = selector(kind);
    sock_key_t key;
    int fd = sock_fileno(p.a);

    check_fails(sock_selector_unregister(sel, p.a), SOCK_E_KEY, ENOENT,
                "unregister: not registered");
    check_fails(sock_selector_modify(sel, p.a, R, NULL), SOCK_E_KEY, ENOENT,
                "modify: not registered");
    check_fails(sock_selector_get_key(sel, p.a, &key), SOCK_E_KEY, ENOENT,
                "get_key: not registered");
    check_fails(sock_selector_unregister_fd(sel, fd), SOCK_E_KEY, ENOENT,
                "unregister: not registered");
    check_fails(sock_selector_modify_fd(sel, -1, R, NULL), SOCK_E_KEY, ENOENT,
                "modify: not registered");
    check_fails(sock_selector_get_key_fd(sel, 100000, &key), SOCK_E_KEY, ENOENT,
                "get_key: not registered");
    watch(sel, p.a, R, &p);
    check_fails(sock_selector_register(sel, p.a, W, NULL), SOCK_E_KEY, EEXIST,
                "register: already registered");
    check_fails(sock_selector_register_fd(sel, fd, W, NULL), SOCK_E_KEY, EEXIST,
                "register: already registered");
    check_ok(sock_selector_get_key(sel, p.a, &key));
    check_int(key.events, R); /* as it was */
    check_ok(sock_selector_register_fd(sel, sock_fileno(p.b), R, NULL));
    check_fails(sock_selector_register_fd(sel, sock_fileno(p.b), R, NULL),
                SOCK_E_KEY, EEXIST, "register: already registered");
    check_int(sock_selector_len(sel), 2);
    sock_selector_free(sel);
    free_pair(&p);
}

FOR_BOTH_KINDS(refusals)
{
    const char *bad = "register: events are not those of a selector";
    struct pair p = tcp_pair();
    sock_t *closed = closed_socket(SOCK_STREAM);
    sock_selector_t *sel = selector(kind);
    sock_key_t key;
    size_t cursor = 0;

    check_fails(sock_selector_register(sel, p.a, 0, NULL), SOCK_E_VALUE, 0,
                bad);
    check_fails(sock_selector_register(sel, p.a, SOCK_EVENT_EDGE, NULL),
                SOCK_E_VALUE, 0, bad);
    check_fails(sock_selector_register(sel, p.a, R | SOCK_EVENT_HANGUP, NULL),
                SOCK_E_VALUE, 0, bad);
    check_fails(sock_selector_register(sel, p.a, 1 << 20 | R, NULL),
                SOCK_E_VALUE, 0, bad);
    check_fails(sock_selector_register(sel, closed, R, NULL), SOCK_E_OS, EBADF,
                "register: [Errno 9] Bad file descriptor");
    check_fails(sock_selector_register(sel, NULL, R, NULL), SOCK_E_TYPE, 0,
                "register: socket is NULL");
    check_fails(sock_selector_register(NULL, p.a, R, NULL), SOCK_E_TYPE, 0,
                "register: argument is NULL");
    check_fails(sock_selector_register_fd(sel, -1, R, NULL), SOCK_E_VALUE, 0,
                "register: negative file descriptor");
    check_fails(sock_selector_register_fd(sel, 1, 0, NULL), SOCK_E_VALUE, 0,
                bad);
    check_fails(sock_selector_unregister(sel, NULL), SOCK_E_TYPE, 0,
                "unregister: socket is NULL");
    check_fails(sock_selector_select(sel, NAN), SOCK_E_VALUE, 0,
                "select: Invalid value NaN (not a number)");
    check_fails(sock_selector_select(sel, 1e10), SOCK_E_OVERFLOW, 0,
                "select: timestamp too large to convert to C PyTime_t");
    check_fails(sock_selector_next(sel, NULL), SOCK_E_TYPE, 0,
                "next: argument is NULL");
    check_fails(sock_selector_each(sel, NULL, &key), SOCK_E_TYPE, 0,
                "each: argument is NULL");
    check_fails(sock_selector_each(sel, &cursor, NULL), SOCK_E_TYPE, 0,
                "each: argument is NULL");
    watch(sel, p.a, R, NULL);
    check_fails(sock_selector_get_key(sel, p.a, NULL), SOCK_E_TYPE, 0,
                "get_key: argument is NULL");
    check_fails(sock_selector_modify(sel, p.a, R | SOCK_EVENT_EXCLUSIVE, NULL),
                SOCK_E_VALUE, 0,
                "modify: exclusive events can't be set by a modify");
    check_ok(sock_selector_get_key(sel, p.a, &key));
    check_int(key.events, R); /* as it was */
    sock_selector_free(sel);
    sock_free(closed);
    free_pair(&p);
}

TEST(select, null_and_unknown_kinds)
{
    sock_key_t key;
    size_t cursor = 0;
    check_null(sock_selector_new(3), SOCK_E_VALUE, 0,
               "selector_new: invalid kind of selector");
    check_null(sock_selector_new(-1), SOCK_E_VALUE, 0,
               "selector_new: invalid kind of selector");
    check_fails(sock_selector_select(NULL, 0), SOCK_E_TYPE, 0,
                "select: argument is NULL");
    check_fails(sock_selector_next(NULL, &key), SOCK_E_TYPE, 0,
                "next: argument is NULL");
    check_fails(sock_selector_len(NULL), SOCK_E_TYPE, 0,
                "len: argument is NULL");
    check_fails(sock_selector_each(NULL, &cursor, &key), SOCK_E_TYPE, 0,
                "each: argument is NULL");
    check_fails(sock_selector_wakeup(NULL), SOCK_E_TYPE, 0,
                "wakeup: argument is NULL");
    check_fails(sock_selector_fileno(NULL), SOCK_E_TYPE, 0,
                "fileno: argument is NULL");
    check_fails(sock_selector_modify_fd(NULL, 1, R, NULL), SOCK_E_TYPE, 0,
                "modify: argument is NULL");
    check_fails(sock_selector_register_fd(NULL, 1, R, NULL), SOCK_E_TYPE, 0,
                "register: argument is NULL");
    sock_selector_free(NULL);
}

FOR_BOTH_KINDS(modify_changes_events_and_data)
{
    struct pair p = tcp_pair();
    sock_selector_t *sel = selector(kind);

    watch(sel, p.a, R, NULL);
    check_ok(sock_selector_modify(sel, p.a, W, &p));
    check_int(sock_selector_select(sel, 5), 1);
    check_int(found(sel, &p), W);
    int before = atomic_load(&ctls);
    check_ok(sock_selector_modify(sel, p.a, W, sel)); /* the data alone */
    check_int(atomic_load(&ctls), before);
    check_int(sock_selector_select(sel, 5), 1);
    check_int(found(sel, sel), W);
    sock_selector_free(sel);
    free_pair(&p);
}

/* What the system refuses leaves the registration; Python loses it. */
TEST(select, modify_that_fails_loses_nothing)
{
    struct pair p = tcp_pair();
    sock_selector_t *sel = selector(SOCK_SELECTOR_EPOLL);
    sock_key_t key;

    watch(sel, p.a, R, &p);
    ctl_errno = EPERM;
    check_fails(sock_selector_modify(sel, p.a, W, NULL), SOCK_E_OS, EPERM,
                "modify: [Errno 1] Operation not permitted");
    check_fails(sock_selector_modify(sel, p.a, 0, NULL), SOCK_E_VALUE, 0,
                "modify: events are not those of a selector");
    ctl_errno = ENOSPC;
    check_fails(sock_selector_register(sel, p.b, W, NULL), SOCK_E_OS, ENOSPC,
                "register: [Errno 28] No space left on device");
    ctl_errno = ENOMEM;
    check_fails(sock_selector_register(sel, p.b, W, NULL), SOCK_E_MEMORY, 0,
                "register: [Errno 12] Cannot allocate memory");
    check_fails(sock_selector_register_fd(sel, sock_fileno(p.b), W, NULL),
                SOCK_E_MEMORY, 0,
                "register: [Errno 12] Cannot allocate memory");
    ctl_errno = 0;
    check_ok(sock_selector_get_key(sel, p.a, &key));
    check_int(key.events, R);
    check(key.data == &p);
    check_int(sock_selector_len(sel), 1);
    sock_selector_free(sel);
    free_pair(&p);
}

/* An event that was found is not delivered as what it no longer is. */
FOR_BOTH_KINDS(found_events_follow_a_modify)
{
    struct pair p = tcp_pair();
    sock_selector_t *sel = selector(kind);

    say(p.b, "x");
    watch(sel, p.a, R | W, &p);
    check_int(sock_selector_select(sel, 5), 1);
    check_ok(sock_selector_modify(sel, p.a, W, &p));
    check_int(found(sel, &p), W);
    check_ok(sock_selector_modify(sel, p.a, R, &p));
    check_int(sock_selector_select(sel, 5), 1);
    check_ok(sock_selector_modify(sel, p.a, W, &p));
    no_more(sel);
    sock_selector_free(sel);
    free_pair(&p);
}

/* Mask and closing */

FOR_BOTH_KINDS(hang_up_and_error_tell_all_that_was_asked)
{
    struct pair p = tcp_pair();
    sock_t *fresh = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    sock_selector_t *sel = selector(kind);
    const struct linger now_ = {1, 0};

    watch(sel, fresh, R, fresh);
    check_int(sock_selector_select(sel, 5), 1);
    check_int(found(sel, fresh), R | SOCK_EVENT_HANGUP);
    check_ok(sock_selector_unregister(sel, fresh));
    watch(sel, p.a, R, &p);
    check_ok(sock_setsockopt(p.b, SOL_SOCKET, SO_LINGER, &now_, sizeof now_));
    check_ok(sock_close(p.b)); /* a reset */
    check_int(sock_selector_select(sel, 5), 1);
    check_int(found(sel, &p), R | SOCK_EVENT_HANGUP | SOCK_EVENT_ERROR);
    sock_selector_free(sel);
    sock_free(fresh);
    free_pair(&p);
}

FOR_BOTH_KINDS(half_a_close)
{
    struct pair p = tcp_pair();
    sock_selector_t *sel = selector(kind);

    watch(sel, p.a, R, &p);
    check_ok(sock_shutdown(p.b, SHUT_WR));
    check_int(sock_selector_select(sel, 5), 1);
    check_int(found(sel, &p), R);
    check_ok(sock_selector_modify(sel, p.a, SOCK_EVENT_RDHUP, &p));
    check_int(sock_selector_select(sel, 5), 1);
    check_int(found(sel, &p), SOCK_EVENT_RDHUP);
    sock_selector_free(sel);
    free_pair(&p);
}

/* Whoever waits for it to read, for it to write, or for just this, is told. */
FOR_BOTH_KINDS(a_close_by_the_peer)
{
    const int events[] = {R, W, SOCK_EVENT_RDHUP};
    char block[4096] = {0};
    for (int i = 0; i < 3; i++) {
        struct pair p = unix_pair(SOCK_STREAM);
        sock_selector_t *sel = selector(kind);
        check_ok(sock_setblocking(p.a, 0));
        while (events[i] == W && sock_send(p.a, block, sizeof block, 0) > 0)
            continue;
        watch(sel, p.a, events[i], &p);
        check_int(sock_selector_select(sel, 0), 0);
        sock_free(p.b);
        check_int(sock_selector_select(sel, 5), 1);
        check((found(sel, &p) & events[i]) != 0);
        sock_selector_free(sel);
        sock_free(p.a);
    }
}

FOR_BOTH_KINDS(urgent_data)
{
    struct pair p = tcp_pair();
    sock_selector_t *sel = selector(kind);

    watch(sel, p.a, SOCK_EVENT_PRIORITY, &p);
    check_int(sock_send(p.b, "!", 1, MSG_OOB), 1);
    check_int(sock_selector_select(sel, 5), 1);
    check_int(found(sel, &p), SOCK_EVENT_PRIORITY);
    sock_selector_free(sel);
    free_pair(&p);
}

/* A closed object stays in the map, silent, until it is taken out. */
FOR_BOTH_KINDS(closed_objects_are_silent)
{
    struct pair p = tcp_pair();
    sock_selector_t *sel = selector(kind);
    sock_key_t key;

    say(p.b, "x");
    watch(sel, p.a, R, &p);
    check_int(sock_selector_select(sel, 5), 1);
    check_ok(sock_close(p.a));
    no_more(sel); /* though it was found */
    check_int(sock_selector_select(sel, 0), 0);
    check_int(sock_selector_len(sel), 1);
    check_ok(sock_selector_get_key(sel, p.a, &key));
    check_int(key.fd, -1);
    check_fails(sock_selector_modify(sel, p.a, W, NULL), SOCK_E_OS, EBADF,
                "modify: [Errno 9] Bad file descriptor");
    check_ok(sock_close(p.a));
    check_ok(sock_selector_unregister(sel, p.a));
    check_fails(sock_selector_unregister(sel, p.a), SOCK_E_KEY, ENOENT,
                "unregister: not registered");
    sock_selector_free(sel);
    free_pair(&p);
}

FOR_BOTH_KINDS(freed_objects_are_gone)
{
    struct pair p = tcp_pair(), q = tcp_pair();
    sock_selector_t *sel = selector(kind), *second = selector(kind);

    watch(sel, p.a, R, &p);
    watch(second, p.a, R | W, &p);
    watch(second, p.b, W, &q);
    sock_free(p.a);
    check_int(sock_selector_len(sel), 0);
    check_int(sock_selector_len(second), 1);
    check_ok(sock_close(p.b));
    sock_free(p.b);
    check_int(sock_selector_len(second), 0);
    sock_selector_free(sel);
    sock_selector_free(second);
    free_pair(&q);
}

FOR_BOTH_KINDS(several_selectors_of_one_object)
{
    struct pair p = tcp_pair();
    sock_selector_t *sel[3];

    for (int i = 0; i < 3; i++) {
        sel[i] = selector(kind);
        watch(sel[i], p.a, W, &sel[i]);
    }
    check_ok(sock_selector_unregister(sel[1], p.a)); /* in the midst */
    check_int(sock_selector_select(sel[0], 5), 1);
    check_int(sock_selector_select(sel[1], 0), 0);
    check_int(sock_selector_select(sel[2], 5), 1);
    watch(sel[1], p.a, W, NULL);
    check_ok(sock_selector_unregister(sel[0], p.a)); /* the eldest */
    check_int(sock_selector_select(sel[1], 5), 1);
    sock_selector_free(sel[0]);
    check_ok(sock_close(p.a));
    check_int(sock_selector_select(sel[2], 0), 0);
    sock_selector_free(sel[1]);
    sock_selector_free(sel[2]);
    free_pair(&p);
}

/* Closed after a duplicate was made, the description lives on: epoll(7) would
 * report the old number for ever. */
FOR_BOTH_KINDS(a_duplicate_does_not_haunt)
{
    struct pair p = tcp_pair();
    sock_selector_t *sel = selector(kind);
    sock_t *copy = check_made(sock_dup(p.a));

    watch(sel, p.a, R, &p);
    say(p.b, "x");
    check_ok(sock_close(p.a));
    check_int(sock_selector_select(sel, 0), 0);
    watch(sel, copy, R, copy);
    check_int(sock_selector_select(sel, 5), 1);
    check_int(found(sel, copy), R);
    sock_selector_free(sel);
    sock_free(copy);
    free_pair(&p);
}

FOR_BOTH_KINDS(detach_deregisters_first)
{
    struct pair p = tcp_pair();
    sock_selector_t *sel = selector(kind);

    watch(sel, p.a, R, &p);
    say(p.b, "x");
    int fd = sock_detach(p.a);
    check(fd >= 0);
    check_int(sock_selector_select(sel, 0), 0);
    check_ok(sock_selector_register_fd(sel, fd, R, &fd)); /* another one's */
    check_int(sock_selector_select(sel, 5), 1);
    check_int(found(sel, &fd), R);
    check_ok(sock_selector_unregister_fd(sel, fd));
    close(fd);
    sock_selector_free(sel);
    free_pair(&p);
}

/* Events fetched for a number that is another object's by now. */
FOR_BOTH_KINDS(a_reused_number_gets_no_stale_event)
{
    struct pair p = tcp_pair();
    sock_selector_t *sel = selector(kind);

    say(p.b, "x");
    watch(sel, p.a, R, &p);
    for (int i = 0; i < 1000; i++) {
        check_int(sock_selector_select(sel, 5), 1);
        int fd = sock_fileno(p.a);
        sock_t *copy = check_made(sock_dup(p.a));
        sock_free(p.a);
        p.a =
            check_made(sock_fromfd(sock_fileno(copy), AF_INET, SOCK_STREAM, 0));
        check_int(sock_fileno(p.a), fd);
        sock_free(copy);
        watch(sel, p.a, R, &p);
        no_more(sel);
    }
    sock_selector_free(sel);
    free_pair(&p);
}

/* Manners */

FOR_BOTH_KINDS(one_shot)
{
    struct pair p = tcp_pair();
    sock_selector_t *sel = selector(kind);
    struct pair q = tcp_pair();

    watch(sel, q.a, R, &q);
    watch(sel, p.a, R | SOCK_EVENT_ONESHOT, &p);
    say(p.b, "x");
    check_int(sock_selector_select(sel, 5), 1);
    check_int(found(sel, &p), R);
    check_int(sock_selector_select(sel, 0), 0);
    check_ok(sock_selector_modify(sel, p.a, R | SOCK_EVENT_ONESHOT, &p));
    /* It may be spent already, of an event that a select is about to tell. */
    int before = atomic_load(&ctls);
    check_ok(sock_selector_modify(sel, p.a, R | SOCK_EVENT_ONESHOT, &p));
    check_int(atomic_load(&ctls) - before, kind == SOCK_SELECTOR_EPOLL);
    check_int(sock_selector_select(sel, 5), 1);
    check_int(found(sel, &p), R);
    /* What is spent keeps its place when another one is taken out. */
    check_ok(sock_selector_unregister(sel, q.a));
    check_int(sock_selector_select(sel, 0), 0);
    check_ok(sock_selector_modify(sel, p.a, R | SOCK_EVENT_ONESHOT, &p));
    check_int(sock_selector_select(sel, 5), 1);
    check_int(found(sel, &p), R);
    watch(sel, q.a, R, &q);
    check_ok(sock_selector_unregister(sel, p.a));
    check_ok(sock_selector_unregister(sel, q.a));
    watch(sel, p.a, R, &p);
    check_int(sock_selector_select(sel, 5), 1);
    sock_selector_free(sel);
    free_pair(&p);
    free_pair(&q);
}

TEST(select, edge)
{
    struct pair p = tcp_pair();
    sock_selector_t *sel = selector(SOCK_SELECTOR_DEFAULT);

    watch(sel, p.a, R | SOCK_EVENT_EDGE, &p);
    say(p.b, "x");
    check_int(sock_selector_select(sel, 5), 1);
    check_int(found(sel, &p), R);
    check_int(sock_selector_select(sel, 0), 0);
    say(p.b, "y");
    check_int(sock_selector_select(sel, 5), 1);
    sock_selector_free(sel);
    free_pair(&p);
}

/* Once, whether it closes or only ends what it sends. */
TEST(select, edge_of_a_close)
{
    for (int i = 0; i < 2; i++) {
        struct pair p = unix_pair(SOCK_STREAM);
        sock_selector_t *sel = selector(SOCK_SELECTOR_DEFAULT);
        watch(sel, p.a, SOCK_EVENT_RDHUP | SOCK_EVENT_EDGE, &p);
        check_ok(i == 0 ? sock_shutdown(p.b, SHUT_WR) : sock_close(p.b));
        check_int(sock_selector_select(sel, 5), 1);
        check((found(sel, &p) & SOCK_EVENT_RDHUP) != 0);
        check_int(sock_selector_select(sel, 0), 0);
        sock_selector_free(sel);
        free_pair(&p);
    }
}

/* With fewer events it is still told once. */
TEST(select, edge_outlives_a_modify)
{
    struct pair p = tcp_pair();
    sock_selector_t *sel = selector(SOCK_SELECTOR_DEFAULT);

    say(p.b, "x");
    check_int(sock_wait(p.a, R, 5), R);
    watch(sel, p.a, R | W | SOCK_EVENT_EDGE, &p);
    check_int(sock_selector_select(sel, 5), 1);
    check_int(found(sel, &p), R | W);
    check_int(sock_selector_select(sel, 0), 0);
    check_ok(sock_selector_modify(sel, p.a, W | SOCK_EVENT_EDGE, &p));
    check_int(sock_selector_select(sel, 5), 1); /* as if it were new */
    check_int(found(sel, &p), W);
    check_int(sock_selector_select(sel, 0), 0);
    sock_selector_free(sel);
    free_pair(&p);
}

TEST(select, exclusive)
{
    sock_addr_t address;
    sock_t *server = listener(&address);
    sock_selector_t *a = selector(SOCK_SELECTOR_DEFAULT);
    sock_selector_t *b = selector(SOCK_SELECTOR_DEFAULT);

    watch(a, server, R | SOCK_EVENT_EXCLUSIVE, a);
    watch(b, server, R | SOCK_EVENT_EXCLUSIVE, b);
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_connect(s, address));
    check(sock_selector_select(a, 5) + sock_selector_select(b, 0) >= 1);
    check_fails(sock_selector_modify(a, server, R, NULL), SOCK_E_OS, EINVAL,
                "modify: [Errno 22] Invalid argument");
    sock_selector_free(a);
    sock_selector_free(b);
    sock_free(s);
    sock_free(server);
}

TEST(select, poll_has_neither_edge_nor_exclusive)
{
    struct pair p = tcp_pair();
    sock_selector_t *sel = selector(SOCK_SELECTOR_POLL);
    const char *bad = "register: a selector of poll(2) has neither edge nor "
                      "exclusive events";

    check_fails(sock_selector_register(sel, p.a, R | SOCK_EVENT_EDGE, NULL),
                SOCK_E_VALUE, 0, bad);
    check_fails(
        sock_selector_register(sel, p.a, R | SOCK_EVENT_EXCLUSIVE, NULL),
        SOCK_E_VALUE, 0, bad);
    watch(sel, p.a, R, NULL);
    check_fails(sock_selector_modify(sel, p.a, R | SOCK_EVENT_EDGE, NULL),
                SOCK_E_VALUE, 0,
                "modify: a selector of poll(2) has neither edge nor exclusive "
                "events");
    check_fails(sock_selector_fileno(sel), SOCK_E_VALUE, 0,
                "fileno: a selector of poll(2) has no descriptor");
    sock_selector_free(sel);
    free_pair(&p);
}

/* Numbers */

/* The table of numbers is as long as the greatest. */
FOR_BOTH_KINDS(a_great_number)
{
    sock_selector_t *sel = selector(kind);
    int ends[2];

    check_int(pipe(ends), 0);
    int fd = fcntl(ends[0], F_DUPFD_CLOEXEC, 500);
    check(fd >= 500);
    check_ok(sock_selector_register_fd(sel, ends[0], R, ends));
    check_ok(sock_selector_register_fd(sel, fd, R, sel));
    check_fails(sock_selector_register_fd(sel, fd, R, sel), SOCK_E_KEY, EEXIST,
                "register: already registered");
    check_ok(sock_selector_unregister_fd(sel, ends[0]));
    check_ok(sock_selector_modify_fd(sel, fd, R, &fd));
    check_int(write(ends[1], "x", 1), 1);
    check_int(sock_selector_select(sel, 5), 1);
    check_int(found(sel, &fd), R);
    check_ok(sock_selector_unregister_fd(sel, fd));
    check_int(sock_selector_len(sel), 0);
    close(ends[0]);
    close(ends[1]);
    close(fd);
    sock_selector_free(sel);
}

FOR_BOTH_KINDS(pipes)
{
    sock_selector_t *sel = selector(kind);
    int ends[2];

    check_int(pipe(ends), 0);
    check_ok(sock_selector_register_fd(sel, ends[0], R, ends));
    check_int(sock_selector_select(sel, 0), 0);
    check_int(write(ends[1], "x", 1), 1);
    check_int(sock_selector_select(sel, 5), 1);
    check_int(found(sel, ends), R);
    check_ok(
        sock_selector_modify_fd(sel, ends[0], R | SOCK_EVENT_ONESHOT, sel));
    check_int(sock_selector_select(sel, 5), 1);
    check_int(found(sel, sel), R);
    check_int(sock_selector_select(sel, 0), 0);
    check_ok(sock_selector_register_fd(sel, ends[1], W, NULL));
    check_int(sock_selector_len(sel), 2);
    close(ends[0]); /* behind its back */
    check_ok(sock_selector_unregister_fd(sel, ends[0]));
    check_fails(sock_selector_unregister_fd(sel, ends[0]), SOCK_E_KEY, ENOENT,
                "unregister: not registered");
    check_int(sock_selector_select(sel, 5), 1);
    close(ends[1]);
    sock_selector_free(sel);
}

TEST(select, regular_files)
{
    sock_selector_t *sel = selector(SOCK_SELECTOR_EPOLL);
    sock_selector_t *by_poll = selector(SOCK_SELECTOR_POLL);
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

    check_fails(sock_selector_register_fd(sel, fd, R, NULL), SOCK_E_OS, EPERM,
                "register: [Errno 1] Operation not permitted");
    check_ok(sock_selector_register_fd(by_poll, fd, R, NULL));
    check_int(sock_selector_select(by_poll, 5), 1);
    check_int(found(by_poll, NULL), R);
    close(fd);
    /* A number that is no one's is an error, told with all that was asked. */
    check_int(sock_selector_select(by_poll, 5), 1);
    check_int(found(by_poll, NULL), R | SOCK_EVENT_ERROR);
    sock_selector_free(sel);
    sock_selector_free(by_poll);
}

/* Closed behind its back, and another's by now. */
FOR_BOTH_KINDS(numbers_closed_and_reused_come_out)
{
    struct pair p = unix_pair(SOCK_STREAM), q = unix_pair(SOCK_STREAM);
    sock_selector_t *sel = selector(kind);
    int r = dup(sock_fileno(p.a)), w = dup(sock_fileno(p.b));

    check_ok(sock_selector_register_fd(sel, r, R, NULL));
    check_ok(sock_selector_register_fd(sel, w, W, NULL));
    check_int(dup2(sock_fileno(q.a), r), r);
    check_int(dup2(sock_fileno(q.b), w), w);
    check_ok(sock_selector_unregister_fd(sel, r));
    check_ok(sock_selector_unregister_fd(sel, w));
    check_int(sock_selector_len(sel), 0);
    close(r);
    close(w);
    sock_selector_free(sel);
    free_pair(&p);
    free_pair(&q);
}

/* Nor does one make a table of its length. */
FOR_BOTH_KINDS(numbers_of_no_one)
{
    sock_selector_t *sel = selector(kind);
    check_fails(sock_selector_register_fd(sel, 100000, R, NULL), SOCK_E_OS,
                EBADF, "register: [Errno 9] Bad file descriptor");
    check_fails(sock_selector_register_fd(sel, INT_MAX, R, NULL), SOCK_E_OS,
                EBADF, "register: [Errno 9] Bad file descriptor");
    check_int(sock_selector_len(sel), 0);
    sock_selector_free(sel);
}

/* One in another. */
TEST(select, nested)
{
    struct pair p = tcp_pair();
    sock_selector_t *inner = selector(SOCK_SELECTOR_EPOLL);
    sock_selector_t *outer = selector(SOCK_SELECTOR_EPOLL);

    watch(inner, p.a, R, &p);
    check_int(fcntl(sock_selector_fileno(inner), F_GETFD), FD_CLOEXEC);
    check_ok(sock_selector_register_fd(outer, sock_selector_fileno(inner), R,
                                       inner));
    check_int(sock_selector_select(outer, 0), 0);
    say(p.b, "x");
    check_int(sock_selector_select(outer, 5), 1);
    check_int(found(outer, inner), R);
    check_int(sock_selector_select(inner, 0), 1);
    sock_selector_free(outer);
    sock_selector_free(inner);
    free_pair(&p);
}

/* Many */

FOR_BOTH_KINDS(many_are_found_each_once)
{
    enum { MANY = 900 };
    static sock_t *all[MANY];
    static int seen[MANY];
    struct rlimit limit;
    sock_selector_t *sel = selector(kind);
    sock_key_t key;
    int left = MANY;

    check_int(getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_cur < MANY + 64)
        skip("no %d descriptors", MANY + 64);
    for (int i = 0; i < MANY; i++) {
        all[i] = check_made(sock_new(AF_INET, SOCK_DGRAM, 0));
        watch(sel, all[i], W, &seen[i]);
    }
    check_int(sock_selector_len(sel), MANY);
    /* Each round has some of them; all have their turn. */
    for (int rounds = 0; left > 0 && rounds < 100; rounds++) {
        check(sock_selector_select(sel, 5) > 0);
        while (sock_selector_next(sel, &key) == 1)
            left -= (*(int *)key.data)++ == 0;
    }
    check_int(left, 0);
    for (int i = 0; i < MANY; i += 2)
        sock_free(all[i]);
    check_int(sock_selector_len(sel), MANY / 2);
    for (int i = 0; i < MANY; i += 2) { /* the places are used again */
        all[i] = check_made(sock_new(AF_INET, SOCK_DGRAM, 0));
        watch(sel, all[i], W, &seen[i]);
    }
    size_t cursor = 0;
    while (sock_selector_each(sel, &cursor, &key) == 1)
        left++;
    check_int(left, MANY);
    sock_selector_free(sel);
    for (int i = 0; i < MANY; i++)
        sock_free(all[i]);
}

/* Time */

FOR_BOTH_KINDS(never_early_nor_a_millisecond_late)
{
    sock_selector_t *sel = selector(kind);
    for (int i = 0; i < 20; i++) {
        double begin = now();
        check_int(sock_selector_select(sel, 0.0015), 0);
        check(now() - begin >= 0.0015);
    }
    errno = 77;
    check_int(sock_selector_select(sel, 0.0001), 0);
    check_int(errno, 77);
    sock_selector_free(sel);
}

/* Kernels before 5.11: in whole milliseconds, rounded up. */
TEST(select, without_epoll_pwait2)
{
    sock_selector_t *sel = selector(SOCK_SELECTOR_EPOLL);
    no_pwait2 = 1;
    for (int i = 0; i < 3; i++) {
        double begin = now();
        errno = 77;
        check_int(sock_selector_select(sel, 0.0015), 0);
        check(now() - begin >= 0.0015);
        check_int(errno, 77);
    }
    check_int(no_pwait2, 2);             /* asked once */
    check_ok(sock_selector_wakeup(sel)); /* and of more than an int has */
    check_int(sock_selector_select(sel, 3e6), 0);
    sock_selector_free(sel);
}

/* Threads */

struct waiter {
    sock_selector_t *sel;
    atomic_long tid;
    int found;
    double seconds;
};

static void *select_in_thread(void *arg)
{
    struct waiter *w = arg;
    atomic_store(&w->tid, thread_id());
    w->found = sock_selector_select(w->sel, w->seconds);
    return NULL;
}

static pthread_t start_waiter(struct waiter *w)
{
    pthread_t thread;
    check_int(pthread_create(&thread, NULL, select_in_thread, w), 0);
    check(wait_until_blocked(await_tid(&w->tid)));
    return thread;
}

FOR_BOTH_KINDS(wakeup_ends_the_wait)
{
    sock_selector_t *sel = selector(kind);
    struct waiter w = {.sel = sel, .seconds = 10};
    pthread_t thread = start_waiter(&w);

    check_fails(sock_selector_select(sel, 0), SOCK_E_OS, EBUSY,
                "select: [Errno 16] Device or resource busy");
    check_ok(sock_selector_wakeup(sel));
    pthread_join(thread, NULL);
    check_int(w.found, 0);
    /* Before a wait it ends the next one; any number of times counts once. */
    check_ok(sock_selector_wakeup(sel));
    check_ok(sock_selector_wakeup(sel));
    check_int(sock_selector_select(sel, 10), 0);
    check_int(sock_selector_select(sel, 0), 0);
    sock_selector_free(sel);
}

FOR_BOTH_KINDS(a_waiting_selector_takes_changes)
{
    struct pair p = tcp_pair(), q = tcp_pair();
    sock_selector_t *sel = selector(kind);
    struct waiter w = {.sel = sel, .seconds = 10};

    watch(sel, q.a, R, &q);
    pthread_t thread = start_waiter(&w);
    check_ok(sock_close(q.a));
    say(p.b, "x");
    watch(sel, p.a, R | SOCK_EVENT_ONESHOT, &p);
    pthread_join(thread, NULL);
    check_int(w.found, 1);
    check_int(found(sel, &p), R);
    w = (struct waiter){.sel = sel, .seconds = 10};
    thread = start_waiter(&w);
    check_ok(sock_selector_modify(sel, p.a, R, &p));
    pthread_join(thread, NULL);
    check_int(w.found, 1);
    sock_selector_free(sel);
    free_pair(&p);
    free_pair(&q);
}

static sock_selector_t *of_handler;

static void wake_in_handler(int signo)
{
    (void)signo;
    sock_selector_wakeup(of_handler);
}

/* A wake-up that has been told is not found again and again. */
TEST(select, a_wakeup_is_told_once)
{
    sock_selector_t *sel = selector(SOCK_SELECTOR_EPOLL);

    check_ok(sock_selector_wakeup(sel));
    check_int(sock_selector_select(sel, 5), 0);
    int before = atomic_load(&waits);
    check_int(sock_selector_select(sel, 0.05), 0);
    check(atomic_load(&waits) - before <= 3);
    sock_selector_free(sel);
}

TEST(select, wakeup_from_a_signal_handler)
{
    struct sigaction act = {.sa_handler = wake_in_handler};
    struct waiter w = {.seconds = 10};

    w.sel = of_handler = selector(SOCK_SELECTOR_DEFAULT);
    sigaction(SIGUSR1, &act, NULL);
    pthread_t thread = start_waiter(&w);
    pthread_kill(thread, SIGUSR1);
    pthread_join(thread, NULL);
    check_int(w.found, 0);
    sock_selector_free(w.sel);
}

/* Closing and freeing in one thread, at every moment of the other's select. */
struct storm {
    sock_selector_t *sel;
    atomic_bool done;
    int rounds;
};

static void *make_and_end(void *arg)
{
    struct storm *x = arg;
    for (int i = 0; i < x->rounds; i++) {
        struct pair p = unix_pair(SOCK_STREAM);
        watch(x->sel, p.a, R | (i % 3 == 0 ? SOCK_EVENT_ONESHOT : 0), p.a);
        watch(x->sel, p.b, R | W, p.b);
        say(p.a, "x");
        for (int k = 0; k < i % 50; k++)
            atomic_signal_fence(memory_order_seq_cst);
        if (i % 2 == 0)
            check_ok(sock_close(p.a));
        if (i % 5 == 0)
            check_ok(sock_selector_unregister(x->sel, p.b));
        sock_free(p.b);
        sock_free(p.a);
    }
    atomic_store(&x->done, true);
    sock_selector_wakeup(x->sel);
    return NULL;
}

FOR_BOTH_KINDS(storm_of_closes)
{
    struct storm x = {.sel = selector(kind),
                      .rounds = emulated() || under_valgrind() ? 200 : 4000};
    pthread_t thread;
    sock_key_t key;

    check_int(pthread_create(&thread, NULL, make_and_end, &x), 0);
    while (!atomic_load(&x.done)) {
        check_ok(sock_selector_select(x.sel, 10));
        while (check_ok(sock_selector_next(x.sel, &key)) == 1)
            check(key.data == key.sock && key.mask != 0);
    }
    pthread_join(thread, NULL);
    check_int(sock_selector_len(x.sel), 0);
    sock_selector_free(x.sel);
}

/* A close that comes while a register is inside, at each moment of it. */
struct race {
    sock_selector_t *sel;
    sock_t *sock;
    pthread_barrier_t gate;
    int delay;
};

static void *close_in_time(void *arg)
{
    struct race *x = arg;
    pthread_barrier_wait(&x->gate);
    for (int i = 0; i < x->delay; i++)
        atomic_signal_fence(memory_order_seq_cst);
    check_ok(sock_close(x->sock));
    return NULL;
}

FOR_BOTH_KINDS(a_close_during_register)
{
    struct race x = {.sel = selector(kind)};
    int rounds = emulated() || under_valgrind() ? 50 : 1000, late = 0;

    check_int(pthread_barrier_init(&x.gate, NULL, 2), 0);
    for (int i = 0; i < rounds; i++) {
        pthread_t thread;
        x.sock = check_made(sock_new(AF_INET, SOCK_DGRAM, 0));
        x.delay = i * 5;
        check_int(pthread_create(&thread, NULL, close_in_time, &x), 0);
        pthread_barrier_wait(&x.gate);
        int result = sock_selector_register(x.sel, x.sock, W, &x);
        if (result < 0)
            check_int(sock_last_error()->code, EBADF);
        pthread_join(thread, NULL);
        check_int(sock_selector_select(x.sel, 0), 0);
        check_int(sock_selector_len(x.sel), result == 0);
        late += result == 0;
        sock_free(x.sock);
        check_int(sock_selector_len(x.sel), 0);
    }
    check(late >= 0);
    pthread_barrier_destroy(&x.gate);
    sock_selector_free(x.sel);
}

/* Forks */

/* In a child: its status. */
static int in_child(int (*run)(sock_selector_t *, struct pair *),
                    sock_selector_t *sel, struct pair *p)
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        end_child(run(sel, p));
    check_int(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool is_refused(int result)
{
    return result == -1 && sock_last_error()->code == EINVAL;
}

/* Each call is refused, and an end of it leaves the parent's alone. */
static int use_as_child(sock_selector_t *sel, struct pair *p)
{
    sock_key_t key;
    size_t cursor = 0;
    int n = 0;

    n += is_refused(sock_selector_register(sel, p->b, R, NULL));
    n += is_refused(sock_selector_register_fd(sel, 0, R, NULL));
    n += is_refused(sock_selector_modify(sel, p->a, W, NULL));
    n += is_refused(sock_selector_unregister(sel, p->a));
    n += is_refused(sock_selector_unregister_fd(sel, 0));
    n += is_refused(sock_selector_select(sel, 0));
    n += is_refused(sock_selector_next(sel, &key));
    n += is_refused(sock_selector_len(sel));
    n += is_refused(sock_selector_each(sel, &cursor, &key));
    n += is_refused(sock_selector_wakeup(sel));
    n += is_refused(sock_selector_fileno(sel));
    sock_selector_t *own = sock_selector_new(SOCK_SELECTOR_DEFAULT);
    n += sock_selector_register(own, p->a, R, NULL) == 0;
    n += sock_close(p->a) == 0;
    n += sock_selector_len(own) == 1;
    sock_free(p->a);
    n += sock_selector_len(own) == 0;
    sock_free(p->b);
    sock_selector_free(sel);
    sock_selector_free(own);
    return n;
}

FOR_BOTH_KINDS(a_child_leaves_the_parents_alone)
{
    struct pair p = tcp_pair();
    sock_selector_t *sel = selector(kind);

    watch(sel, p.a, R, &p);
    check_int(in_child(use_as_child, sel, &p), 15);
    say(p.b, "x");
    check_int(sock_selector_select(sel, 5), 1);
    check_int(found(sel, &p), R);
    sock_selector_free(sel);
    free_pair(&p);
}

static int free_as_child(sock_selector_t *sel, struct pair *p)
{
    sock_selector_free(sel);
    sock_free(p->a);
    sock_free(p->b);
    return 7;
}

FOR_BOTH_KINDS(a_child_frees_the_selector_first)
{
    struct pair p = tcp_pair();
    sock_selector_t *sel = selector(kind);
    watch(sel, p.a, R, &p);
    check_int(in_child(free_as_child, sel, &p), 7);
    sock_selector_free(sel);
    free_pair(&p);
}

/* Memory and descriptors */

TEST(select, no_memory_leaves_all_as_it_was)
{
    const char *text = "register: [Errno 12] Cannot allocate memory";
    struct pair p = tcp_pair();

    for (int kind = SOCK_SELECTOR_EPOLL; kind <= SOCK_SELECTOR_POLL; kind++) {
        sock_selector_t *sel = selector(kind);
        int i = 1;
        no_memory = 1;
        check_fails(sock_selector_register_fd(sel, sock_fileno(p.b), R, NULL),
                    SOCK_E_MEMORY, 0, text);
        for (;; i++) {
            no_memory = i;
            int result = sock_selector_register(sel, p.a, R, NULL);
            if (no_memory > 0) {
                no_memory = 0;
                check_ok(result);
                break;
            }
            check_fails(result, SOCK_E_MEMORY, 0, text);
            check_int(sock_selector_len(sel), 0);
        }
        check(i > 2);
        no_memory = 1;
        check_fails(sock_selector_register_fd(sel, sock_fileno(p.b), R, NULL),
                    SOCK_E_MEMORY, 0, text);
        no_memory = 0;
        if (kind == SOCK_SELECTOR_POLL)
            for (no_memory = 1; no_memory < 3; no_memory++) {
                int now_ = no_memory;
                check_fails(sock_selector_select(sel, 0), SOCK_E_MEMORY, 0,
                            "select: [Errno 12] Cannot allocate memory");
                no_memory = now_;
            }
        no_memory = 0;
        check_int(sock_selector_select(sel, 0), 0);
        sock_selector_free(sel);
    }
    free_pair(&p);
}

TEST(select, no_descriptor_for_the_event)
{
    event_errno = EMFILE;
    for (int kind = SOCK_SELECTOR_EPOLL; kind <= SOCK_SELECTOR_POLL; kind++)
        check_null(sock_selector_new(kind), SOCK_E_OS, EMFILE,
                   "selector_new: [Errno 24] Too many open files");
    event_errno = 0;
    ctl_errno = ENOSPC;
    check_null(sock_selector_new(SOCK_SELECTOR_EPOLL), SOCK_E_OS, ENOSPC,
               "selector_new: [Errno 28] No space left on device");
    ctl_errno = 0;
}

TEST(select, bytes_of_a_registration)
{
    check(sizeof(struct sock__slot) <= 32);
    check(sizeof(sock_key_t) == (sizeof(void *) == 8 ? 40 : 32));
}

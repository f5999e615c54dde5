/* SPDX-License-Identifier: MIT */
/* What a loop calls, and when, against a model of its order. The clock is the
 * target's own, and a wait moves it on: no time is spent. */
#undef _GNU_SOURCE
#define _GNU_SOURCE /* POLLRDHUP */

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"
#include "state.h"

/* A unit of time is 1/512 s, which seconds and nanoseconds both have exactly.
 */
enum { UNIT = 1953125, TIMERS = 32, QUEUED = 64, SOCKETS = 3, STEPS = 200 };

int __real_clock_gettime(clockid_t clock, struct timespec *time);
int __wrap_clock_gettime(clockid_t clock, struct timespec *time);
int __real_epoll_wait(int ep, struct epoll_event *found, int n, int ms);
int __wrap_epoll_wait(int ep, struct epoll_event *found, int n, int ms);
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

static sock_loop_t *loop; /* NULL: the clock is the system's */
static int64_t now;
static struct input in;

/* The model */

static struct timer {
    sock_timer_t timer;
    bool armed;
    int64_t deadline;
    uint64_t order;
    double when; /* of call_at */
} timers[TIMERS];

/* What is to be called in the next round, and how much of it in this one. */
static struct queue {
    size_t first, last, of_round;
    uint8_t marks[QUEUED];
} queue;

static struct socket {
    sock_t *s;
    int fd, peer; /* -1: closed */
    bool reader, writer, writer_next;
    int found;
} sockets[SOCKETS];

enum phase { TIMERS_FIRST, THEN_QUEUED, THEN_EVENTS };

static struct round {
    enum phase phase;
    int64_t now;
    uint64_t before; /* this order of arming */
} this_round;

static uint64_t next_order;

/* A call of sock_loop_run() or sock_loop_run_once(). */
static struct run {
    bool once, interrupted;
    int64_t until;
    int made, rounds;
} run;

static bool stopped;

static bool is_due(const struct timer *t)
{
    return t->armed && t->deadline <= this_round.now &&
           t->order < this_round.before;
}

static bool is_before(const struct timer *a, const struct timer *b)
{
    return a->deadline != b->deadline ? a->deadline < b->deadline
                                      : a->order < b->order;
}

/* The timer that has to be called next in this round, or NULL. */
static const struct timer *first_due(void)
{
    const struct timer *first = NULL;
    for (const struct timer *t = timers; t < timers + TIMERS; t++)
        if (is_due(t) && (first == NULL || is_before(t, first)))
            first = t;
    return first;
}

static int64_t next_deadline(void)
{
    int64_t next = SOCK__NEVER;
    for (const struct timer *t = timers; t < timers + TIMERS; t++)
        if (t->armed && t->deadline < next)
            next = t->deadline;
    return next;
}

static bool is_watched(const struct socket *x)
{
    return x->reader || x->writer;
}

static int state_of(const struct socket *x)
{
    struct pollfd p = {x->fd, POLLIN | POLLOUT, 0};
    int asked =
        (x->reader ? SOCK_EVENT_READ : 0) | (x->writer ? SOCK_EVENT_WRITE : 0);
    claim(poll(&p, 1, 0) >= 0 && (p.revents & POLLNVAL) == 0);
    return (asked & ((p.revents & POLLIN) != 0 ? SOCK_EVENT_READ : 0)) |
           (asked & ((p.revents & POLLOUT) != 0 ? SOCK_EVENT_WRITE : 0)) |
           ((p.revents & (POLLHUP | POLLERR)) != 0 ? SOCK_EVENT_HANGUP : 0);
}

/* What of that, which was found, the loop has to tell, as things stand now. */
static int told_of(const struct socket *x)
{
    int asked =
        (x->reader ? SOCK_EVENT_READ : 0) | (x->writer ? SOCK_EVENT_WRITE : 0);
    if (x->s == NULL || x->fd < 0)
        return 0;
    return (x->found & SOCK_EVENT_HANGUP) != 0 ? asked : x->found & asked;
}

static void look_at_sockets(void)
{
    for (struct socket *x = sockets; x < sockets + SOCKETS; x++)
        x->found = is_watched(x) && x->fd >= 0 ? state_of(x) : 0;
}

static bool is_anything_left(void)
{
    bool left = queue.first != queue.last;
    for (const struct timer *t = timers; t < timers + TIMERS; t++)
        left = left || t->armed;
    for (const struct socket *x = sockets; x < sockets + SOCKETS; x++)
        left = left || is_watched(x);
    return left;
}

/* Rounds */

static void end_events(void)
{
    for (const struct socket *x = sockets; x < sockets + SOCKETS; x++)
        claim(told_of(x) == 0);
}

static void begin_round(void)
{
    claim(!stopped || run.rounds == 0);
    run.rounds++;
    this_round = (struct round){TIMERS_FIRST, now, next_order};
    queue.of_round = queue.last;
}

/* Something else than an event: it is a new round where events were last. A
 * timer that becomes due once the timers are over waits for the next one. */
static void go_on(enum phase phase)
{
    if (this_round.phase == THEN_EVENTS) {
        end_events();
        begin_round();
    }
    claim(this_round.phase <= phase);
    if (this_round.phase < phase)
        claim(first_due() == NULL);
    this_round.phase = phase;
}

/* The longest that the round may wait: -1 for ever. A time may be a little
 * longer, as a double has it. */
static void check_wait(int64_t left)
{
    bool hasty = queue.first != queue.last || stopped ||
                 (run.once ? run.made > 0 : !is_anything_left());
    int64_t until = next_deadline();
    if (until > run.until)
        until = run.until;
    claim(left >= 0 && (!hasty || left == 0));
    claim(left == 0 || left <= until - now + 1);
}

static void end_calls(void)
{
    go_on(THEN_QUEUED);
    claim(queue.first == queue.of_round);
    this_round.phase = THEN_EVENTS;
}

/* The wait: the clock goes on, and a signal may come first. */
static int wait_by_clock(int ep, struct epoll_event *found, int n, int64_t left)
{
    unsigned byte = next_byte(&in);
    if (!run.interrupted)
        end_calls();
    check_wait(left);
    run.interrupted = byte % 8 == 7 && left > 0;
    if (run.interrupted) {
        now += left * (int64_t)(byte / 8) / 32;
        errno = EINTR;
        return -1;
    }
    int ready = __real_epoll_wait(ep, found, n, 0);
    now +=
        ready > 0 || left == 0 ? UNIT / 2 : left + (int64_t)byte * (UNIT / 8);
    look_at_sockets();
    return ready;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
    if (loop == NULL || clock != CLOCK_MONOTONIC)
        return __real_clock_gettime(clock, time);
    time->tv_sec = (time_t)(now / 1000000000);
    time->tv_nsec = (long)(now % 1000000000);
    return 0;
}

int __wrap_epoll_wait(int ep, struct epoll_event *found, int n, int ms)
{
    int64_t left = ms < 0 ? -1 : (int64_t)ms * 1000000;
    return loop != NULL ? wait_by_clock(ep, found, n, left)
                        : __real_epoll_wait(ep, found, n, ms);
}

/* epoll_pwait2(2) */
long __wrap_syscall(long number, ...)
{
    long a[6];
    va_list args;
    va_start(args, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(args, long);
    va_end(args);
#ifdef SYS_epoll_pwait2
    if (loop != NULL && number == SYS_epoll_pwait2) {
        const int64_t *time = (const int64_t *)a[3];
        return wait_by_clock((int)a[0], (struct epoll_event *)a[1], (int)a[2],
                             time[0] * 1000000000 + time[1]);
    }
#endif
    return __real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* What is called */

static void act(void);

static void called(sock_loop_t *by)
{
    claim(by == loop);
    run.made++;
    act();
}

static void on_timer(sock_loop_t *by, void *arg)
{
    struct timer *t = arg;
    go_on(TIMERS_FIRST);
    claim(t == first_due() && now >= t->deadline);
    claim(sock_loop_time(by) >= t->when);
    t->armed = false;
    called(by);
}

static void on_queued(sock_loop_t *by, void *arg)
{
    go_on(THEN_QUEUED);
    claim(queue.first < queue.of_round);
    claim(arg == &queue.marks[queue.first % QUEUED]);
    queue.first++;
    called(by);
}

/* Where a socket is ready for both it is one of them, by turns. */
static void on_event(struct socket *x, bool write, sock_loop_t *by)
{
    int told = told_of(x);
    claim(this_round.phase == THEN_EVENTS && told != 0);
    if (told == (SOCK_EVENT_READ | SOCK_EVENT_WRITE))
        claim(write == x->writer_next);
    else
        claim(write == (told == SOCK_EVENT_WRITE));
    x->writer_next = !write;
    x->found = 0;
    called(by);
}

static void on_read(sock_loop_t *by, void *arg)
{
    on_event(arg, false, by);
}

static void on_write(sock_loop_t *by, void *arg)
{
    on_event(arg, true, by);
}

/* What an input does: timers */

/* What the loop has made of a time, of which call_at() may round up. */
static void arm(struct timer *t, int64_t deadline, int64_t slack)
{
    claim(t->timer.generation != 0);
    t->deadline = loop->timers.slots[t->timer.slot].deadline;
    claim(t->deadline >= deadline && t->deadline - deadline <= slack);
}

static struct timer *free_timer(void)
{
    struct timer *t = &timers[next_byte(&in) % TIMERS];
    if (t->armed)
        return NULL;
    *t = (struct timer){.armed = true, .order = next_order++};
    return t;
}

/* Units from now, some of them none or less. */
static int next_time(void)
{
    return (int)(next_byte(&in) % 32) - 4;
}

static int64_t later(int units)
{
    return units > 0 ? now + (int64_t)units * UNIT : now;
}

static void call_later(void)
{
    int units = next_time();
    struct timer *t = free_timer();
    if (t == NULL)
        return;
    t->timer = sock_loop_call_later(loop, units / 512.0, on_timer, t);
    arm(t, later(units), 0);
}

static void call_at(void)
{
    int units = next_time();
    struct timer *t = free_timer();
    if (t == NULL)
        return;
    t->when = (double)(now + (int64_t)units * UNIT) / 1e9;
    t->timer = sock_loop_call_at(loop, t->when, on_timer, t);
    arm(t, later(units), 1);
}

static void call_never(void)
{
    struct timer *t = free_timer();
    if (t == NULL)
        return;
    t->timer = sock_loop_call_later(loop, SOCK_NO_TIMEOUT, on_timer, t);
    arm(t, SOCK__NEVER, 0);
}

static void cancel(void)
{
    struct timer *t = &timers[next_byte(&in) % TIMERS];
    claim(sock_timer_cancel(loop, t->timer) == t->armed);
    t->armed = false;
}

static void again(void)
{
    struct timer *t = &timers[next_byte(&in) % TIMERS];
    int units = next_time();
    double seconds = units == 27 ? SOCK_NO_TIMEOUT : units / 512.0;
    claim(sock_timer_again(loop, t->timer, seconds) == t->armed);
    if (!t->armed)
        return;
    t->when = 0;
    arm(t, units == 27 ? SOCK__NEVER : later(units), 0);
}

/* Calls */

static void put_in_queue(int (*put)(sock_loop_t *, sock_loop_fn, void *))
{
    if (queue.last - queue.first == QUEUED)
        return;
    claim(put(loop, on_queued, &queue.marks[queue.last % QUEUED]) == 0);
    queue.last++;
}

static void stop(void)
{
    claim(sock_loop_stop(loop) == 0);
    stopped = true;
}

/* Sockets */

static void open_socket(struct socket *x)
{
    int ends[2];
    claim(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
                     ends) == 0);
    x->s = sock_adopt_as(ends[0], AF_UNIX, SOCK_STREAM, 0);
    claim(x->s != NULL);
    x->fd = ends[0];
    x->peer = ends[1];
}

static void free_socket(struct socket *x)
{
    sock_free(x->s);
    if (x->peer >= 0)
        close(x->peer);
    *x = (struct socket){.fd = -1, .peer = -1};
}

static void close_socket(struct socket *x)
{
    claim(x->s == NULL || sock_close(x->s) == 0);
    x->fd = -1;
}

static void close_peer(struct socket *x)
{
    if (x->peer >= 0)
        close(x->peer);
    x->peer = -1;
}

/* Bytes that come, or that are read. */
static void move_bytes(const struct socket *x, bool come)
{
    char bytes[64] = "";
    ssize_t n = 0;
    if (come && x->peer >= 0)
        n = send(x->peer, bytes, 8, MSG_NOSIGNAL);
    if (!come && x->fd >= 0)
        n = recv(x->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    (void)n; /* poll(2) says what came of it */
}

static void change_socket(struct socket *x, unsigned how)
{
    if (x->s == NULL)
        open_socket(x);
    else if (how == 0)
        free_socket(x);
    else if (how == 1)
        close_socket(x);
    else if (how == 2)
        close_peer(x);
    else
        move_bytes(x, how < 6);
}

static void set_watched(struct socket *x, bool write, bool on)
{
    bool before = is_watched(x);
    *(write ? &x->writer : &x->reader) = on;
    if (before == is_watched(x))
        return;
    x->found = 0; /* it is another registration */
    x->writer_next = false;
}

static void add(struct socket *x, bool write)
{
    if (x->s == NULL)
        return;
    int result = write ? sock_loop_add_writer(loop, x->s, on_write, x)
                       : sock_loop_add_reader(loop, x->s, on_read, x);
    claim(result == (x->fd >= 0 ? 0 : -1));
    if (result == 0)
        set_watched(x, write, true);
}

static void remove_from(struct socket *x, bool write)
{
    if (x->s == NULL)
        return;
    int result = write ? sock_loop_remove_writer(loop, x->s)
                       : sock_loop_remove_reader(loop, x->s);
    claim(result == (write ? x->writer : x->reader));
    if (result == 1)
        set_watched(x, write, false);
}

/* Steps */

static void act_on_time(unsigned what)
{
    switch (what) {
    case 0:
        call_at();
        break;
    case 1:
        cancel();
        break;
    case 2:
        again();
        break;
    case 3:
        call_never();
        break;
    case 4:
        now += (int64_t)next_byte(&in) * (UNIT / 16);
        break;
    default:
        call_later();
    }
}

static void act_on_socket(struct socket *x, unsigned what)
{
    switch (what) {
    case 0:
    case 1:
        add(x, what == 1);
        break;
    case 2:
    case 3:
        remove_from(x, what == 3);
        break;
    default:
        change_socket(x, next_byte(&in) % 8);
    }
}

/* What a function that is called does, and what is done between the runs. */
static void act(void)
{
    unsigned byte = in.left > 0 ? next_byte(&in) : 15;
    unsigned what = byte % 16;
    if (what < 7)
        act_on_time(what);
    else if (what < 12)
        act_on_socket(&sockets[byte / 16 % SOCKETS], what - 7);
    else if (what == 12)
        put_in_queue(sock_loop_post);
    else if (what == 13)
        put_in_queue(sock_loop_call_soon);
    else if (what == 14)
        stop();
}

static void check_result(int result)
{
    if (run.once)
        claim(result == run.made);
    else
        claim(result == is_anything_left());
    claim(stopped || now >= run.until ||
          (run.once ? run.made > 0 : !is_anything_left()));
    claim(run.rounds > 0);
}

static void run_loop(bool once, int units)
{
    run = (struct run){.once = once, .until = later(units)};
    begin_round();
    int result = once ? sock_loop_run_once(loop, units / 512.0)
                      : sock_loop_run(loop, units / 512.0);
    claim(this_round.phase == THEN_EVENTS);
    end_events();
    check_result(result);
    stopped = false;
}

static void begin(void)
{
    static const uint32_t orders[] = {0, 0x7ffffffa, 0xfffffffa, 0x12345678};
    sock_loop_t *made = sock_loop_new();
    claim(made != NULL);
    made->timers.order = orders[next_byte(&in) % 4]; /* as after many timers */
    memset(timers, 0, sizeof timers);
    queue = (struct queue){0};
    next_order = 0;
    stopped = false;
    for (struct socket *x = sockets; x < sockets + SOCKETS; x++)
        *x = (struct socket){.fd = -1, .peer = -1};
    now = INT64_C(5000000000000);
    loop = made;
}

/* In either order. */
static void end(bool loop_first)
{
    sock_loop_t *old = loop;
    loop = NULL;
    if (loop_first)
        sock_loop_free(old);
    for (struct socket *x = sockets; x < sockets + SOCKETS; x++)
        free_socket(x);
    if (!loop_first)
        sock_loop_free(old);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    in = (struct input){data, size};
    bool loop_first = (next_byte(&in) & 1) != 0;
    begin();
    for (int i = 0; i < STEPS && in.left > 0; i++) {
        unsigned byte = next_byte(&in);
        if (byte % 4 == 3)
            run_loop((byte & 4) != 0, (int)(byte / 8 % 16));
        else
            act();
    }
    run_loop(false, 16);
    end(loop_first);
    return 0;
}

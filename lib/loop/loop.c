/* SPDX-License-Identifier: MIT */
#include "loop.h"

#include <errno.h>
#include <stdlib.h>

#include "os.h"
#include "record.h"
#include "state.h"
#include "timeout.h"

/* What a call finds */

/* A word that no other thread has: an address of its own. */
static uintptr_t this_thread(void)
{
    static _Thread_local char here
        __attribute__((tls_model("initial-exec"))); /* without the loader */
    return (uintptr_t)&here;
}

bool sock__loop_is_inside(const sock_loop_t *loop)
{
    return atomic_load(&loop->inside) == this_thread();
}

int sock__loop_check(const sock_loop_t *loop, const char *op)
{
    if (loop == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (!sock__waker_is_ours(&loop->waker))
        return sock__fail(op, SOCK_E_OS, EINVAL, 0);
    if (atomic_load_explicit(&loop->freed, memory_order_relaxed))
        return sock__fail(op, SOCK_E_OS, EBADF, 0);
    return 0;
}

/* One of its functions has freed it, or made this child. */
bool sock__loop_is_dead(const sock_loop_t *loop)
{
    return atomic_load_explicit(&loop->freed, memory_order_relaxed) ||
           !sock__waker_is_ours(&loop->waker);
}

int sock__loop_check_fn(const sock_loop_t *loop, const char *op, bool has_fn)
{
    if (sock__loop_check(loop, op) < 0)
        return -1;
    return has_fn ? 0 : sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
}

int sock__loop_fail_as(const char *op)
{
    const sock_error_t *e = sock_last_error();
    return sock__fail(op, e->kind, e->code, e->detail);
}

/* Seconds from now as a time in ns: never later than SOCK__NEVER, and now for
 * less than none. */
static int parse_delay(const char *op, double seconds, int64_t *time)
{
    int64_t ns = 0, now = sock__os_now();
    if (!(seconds <= 0) && sock__seconds_arg(op, seconds, &ns) < 0)
        return -1;
    *time = ns >= 0 ? sock__later(now, ns) : SOCK__NEVER;
    return 0;
}

static double to_seconds(int64_t ns)
{
    return (double)ns / 1e9;
}

/* Life cycle */

sock_loop_t *sock_loop_new(void)
{
    sock_selector_t *selector = sock_selector_new(SOCK_SELECTOR_DEFAULT);
    if (selector == NULL)
        return NULL;
    sock_loop_t *loop = calloc(1, sizeof *loop);
    if (loop == NULL) {
        sock_selector_free(selector);
        sock__fail("loop_new", SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    sock__waker_init(&loop->waker, selector);
    sock__calls_init(&loop->calls);
    loop->signals.waker = &loop->waker;
    loop->last_member = &loop->members;
    return loop;
}

static void bury(sock_loop_t *loop)
{
    while (loop->doomed != NULL) {
        struct sock__doomed *d = loop->doomed;
        loop->doomed = d->next;
        sock__free(d);
    }
}

/* What belongs to it goes first, as it may still ask the selector. */
static void destroy(sock_loop_t *loop)
{
    struct sock__saved saved;

    sock__error_save(&saved);
    while (loop->members != NULL) {
        struct sock__member *m = loop->members;
        sock__loop_part(loop, m);
        m->end(m);
    }
    bury(loop);
    sock__signals_remove_all(&loop->signals);
    sock__timers_free(&loop->timers);
    sock__calls_free(&loop->calls);
    sock_selector_free(loop->waker.selector);
    free(loop->buffer);
    free(loop);
    sock__error_restore(&saved);
}

void sock_loop_free(sock_loop_t *loop)
{
    if (loop == NULL)
        return;
    if (sock__loop_is_inside(loop))
        atomic_store(&loop->freed, true);
    else
        destroy(loop);
}

/* What stands on it */

void sock__loop_join(sock_loop_t *loop, struct sock__member *m)
{
    m->next = NULL;
    m->link = loop->last_member;
    *m->link = m;
    loop->last_member = &m->next;
}

void sock__loop_part(sock_loop_t *loop, struct sock__member *m)
{
    *m->link = m->next;
    if (m->next != NULL)
        m->next->link = m->link;
    else
        loop->last_member = m->link;
    m->link = NULL;
}

struct sock__member *sock__loop_members(sock_loop_t *loop)
{
    return loop->members;
}

void sock__loop_doom(sock_loop_t *loop, struct sock__doomed *memory)
{
    if (!sock__loop_is_inside(loop)) {
        sock__free(memory);
        return;
    }
    memory->next = loop->doomed;
    loop->doomed = memory;
}

void *sock__loop_buffer(sock_loop_t *loop, const char *op)
{
    if (loop->buffer == NULL)
        loop->buffer = malloc(SOCK__LOOP_BUFFER_SIZE);
    if (loop->buffer == NULL)
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return loop->buffer;
}

sock_selector_t *sock_loop_selector(sock_loop_t *loop)
{
    return sock__loop_check(loop, "selector") < 0 ? NULL : loop->waker.selector;
}

/* A round */

/* What it is bound by: when the run ends; and whether it is to wait for a first
 * call, even if nothing is left that could bring one. */
struct run {
    const char *op;
    int64_t until;
    bool once;
};

static void call(sock_loop_t *loop, struct sock__what what)
{
    loop->made++;
    what.fn(loop, what.arg);
}

/* Whether there is something that will, or may, be called. */
static bool is_anything_left(const sock_loop_t *loop)
{
    return loop->timers.count > 0 || sock__calls_wait(&loop->calls) ||
           loop->signals.count > 0 ||
           sock_selector_len(loop->waker.selector) > 0;
}

static void call_timers(sock_loop_t *loop)
{
    struct sock__what what;
    if (loop->timers.count == 0)
        return;
    uint32_t before = loop->timers.order;
    int64_t now = sock__os_now();
    while (!sock__loop_is_dead(loop) &&
           sock__timers_take(&loop->timers, now, before, &what))
        call(loop, what);
}

static void call_queued(sock_loop_t *loop)
{
    struct sock__what what;
    while (!sock__loop_is_dead(loop) && sock__calls_take(&loop->calls, &what))
        call(loop, what);
}

static void call_signals(sock_loop_t *loop)
{
    struct sock__signal_cursor c = {0, 0};
    struct sock__what what;
    while (!sock__loop_is_dead(loop) &&
           sock__signals_take(&loop->signals, &c, &what))
        call(loop, what);
}

static void call_watchers(sock_loop_t *loop)
{
    sock_key_t key;
    while (!sock__loop_is_dead(loop) &&
           sock_selector_next(loop->waker.selector, &key) == 1) {
        const sock_watch_t *w = key.data;
        if (w == NULL)
            continue;
        loop->made++;
        w->fn(loop, &key, w->arg);
    }
}

/* How long the wait may last, in seconds. A time that is not exact in a double
 * is looked at again when it is over. */
static double wait_time(const sock_loop_t *loop, const struct run *r)
{
    int64_t next = sock__timers_next(&loop->timers);
    if (next > r->until)
        next = r->until;
    if (next == SOCK__NEVER)
        return SOCK_NO_TIMEOUT;
    int64_t now = sock__os_now();
    return next > now ? to_seconds(next - now) : 0;
}

/* Whether a round that has come to its wait shall not wait. */
static bool is_hasty(const sock_loop_t *loop, const struct run *r)
{
    return sock__calls_wait(&loop->calls) || atomic_load(&loop->stopped) ||
           atomic_load(&loop->signals.come) ||
           (r->once ? loop->made > 0 : !is_anything_left(loop));
}

static int wait_for_events(sock_loop_t *loop, const struct run *r)
{
    atomic_store(&loop->waker.waiting, true);
    double seconds = is_hasty(loop, r) ? 0 : wait_time(loop, r);
    int n = sock_selector_select(loop->waker.selector, seconds);
    atomic_store(&loop->waker.waiting, false);
    return n;
}

static int run_round(sock_loop_t *loop, const struct run *r)
{
    sock__calls_begin(&loop->calls);
    call_timers(loop);
    call_queued(loop);
    if (atomic_load(&loop->freed))
        return 0;
    if (sock__loop_check(loop, r->op) < 0 || wait_for_events(loop, r) < 0)
        return -1;
    call_signals(loop);
    call_watchers(loop);
    bury(loop);
    return 0;
}

/* Runs */

static int enter(sock_loop_t *loop, const char *op)
{
    uintptr_t former = 0, me = this_thread();
    if (sock__loop_check(loop, op) < 0)
        return -1;
    if (!atomic_compare_exchange_strong(&loop->inside, &former, me))
        return sock__fail(op, SOCK_E_OS, former == me ? EDEADLK : EBUSY, 0);
    loop->made = 0;
    return 0;
}

/* Whether the loop is still there. */
static bool leave(sock_loop_t *loop)
{
    bury(loop);
    atomic_store(&loop->inside, 0);
    if (!atomic_load(&loop->freed))
        return true;
    destroy(loop);
    return false;
}

static bool is_over(sock_loop_t *loop, const struct run *r)
{
    return atomic_exchange(&loop->stopped, false) ||
           (r->until != SOCK__NEVER && sock__os_now() >= r->until);
}

/* A stop of before counts: one round is run. */
static int run_rounds(sock_loop_t *loop, const struct run *r)
{
    do {
        if (run_round(loop, r) < 0)
            return -1;
        if (r->once ? loop->made > 0 : !is_anything_left(loop)) {
            atomic_store(&loop->stopped, false);
            return 0;
        }
    } while (!sock__loop_is_dead(loop) && !is_over(loop, r));
    return 1;
}

int sock_loop_run(sock_loop_t *loop, double seconds)
{
    struct run r = {.op = "run", .once = false};
    if (enter(loop, r.op) < 0)
        return -1;
    int result = parse_delay(r.op, seconds, &r.until);
    if (result == 0)
        result = run_rounds(loop, &r);
    return leave(loop) ? result : 0;
}

int sock_loop_run_once(sock_loop_t *loop, double timeout)
{
    struct run r = {.op = "run_once", .once = true};
    if (enter(loop, r.op) < 0)
        return -1;
    int result = parse_delay(r.op, timeout, &r.until);
    if (result == 0)
        result = run_rounds(loop, &r);
    int made = result < 0 ? -1 : (int)loop->made;
    leave(loop);
    return made;
}

int sock_loop_stop(sock_loop_t *loop)
{
    if (sock__loop_check(loop, "stop") < 0)
        return -1;
    atomic_store(&loop->stopped, true);
    sock__wake(&loop->waker);
    return 0;
}

/* Timers */

static sock_timer_t add_timer(sock_loop_t *loop, const char *op, int64_t when,
                              struct sock__what what)
{
    sock_timer_t timer = {0, 0};
    if (!sock__timers_add(&loop->timers, when, what, &timer))
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return timer;
}

sock_timer_t sock_loop_call_later(sock_loop_t *loop, double seconds,
                                  sock_loop_fn fn, void *arg)
{
    int64_t when;
    if (sock__loop_check_fn(loop, "call_later", fn != NULL) < 0 ||
        parse_delay("call_later", seconds, &when) < 0)
        return (sock_timer_t){0, 0};
    return add_timer(loop, "call_later", when, (struct sock__what){fn, arg});
}

/* The first moment at which sock_loop_time() is no longer before `when`, as a
 * double has it. A time that has passed is now: else one that is armed again
 * and again would be before all that are due. */
static int parse_time(const char *op, double when, int64_t *time)
{
    int64_t now = sock__os_now();
    *time = now;
    if (when <= to_seconds(now))
        return 0;
    if (sock__seconds_arg(op, when, time) < 0)
        return -1;
    if (*time < 0)
        *time = SOCK__NEVER;
    while (*time < SOCK__NEVER && to_seconds(*time) < when)
        ++*time;
    return 0;
}

sock_timer_t sock_loop_call_at(sock_loop_t *loop, double when, sock_loop_fn fn,
                               void *arg)
{
    int64_t time;
    if (sock__loop_check_fn(loop, "call_at", fn != NULL) < 0 ||
        parse_time("call_at", when, &time) < 0)
        return (sock_timer_t){0, 0};
    return add_timer(loop, "call_at", time, (struct sock__what){fn, arg});
}

double sock_loop_time(sock_loop_t *loop)
{
    if (sock__loop_check(loop, "time") < 0)
        return -1;
    return to_seconds(sock__os_now());
}

int sock_timer_cancel(sock_loop_t *loop, sock_timer_t timer)
{
    if (sock__loop_check(loop, "cancel") < 0)
        return -1;
    return sock__timers_cancel(&loop->timers, timer);
}

int sock_timer_again(sock_loop_t *loop, sock_timer_t timer, double seconds)
{
    int64_t when;
    if (sock__loop_check(loop, "again") < 0 ||
        parse_delay("again", seconds, &when) < 0)
        return -1;
    return sock__timers_move(&loop->timers, timer, when);
}

/* Calls */

int sock_loop_call_soon(sock_loop_t *loop, sock_loop_fn fn, void *arg)
{
    if (sock__loop_check_fn(loop, "call_soon", fn != NULL) < 0)
        return -1;
    if (!sock__calls_soon(&loop->calls, (struct sock__what){fn, arg}))
        return sock__fail("call_soon", SOCK_E_MEMORY, 0, 0);
    return 0;
}

int sock_loop_post(sock_loop_t *loop, sock_loop_fn fn, void *arg)
{
    if (sock__loop_check_fn(loop, "post", fn != NULL) < 0)
        return -1;
    if (!sock__calls_post(&loop->calls, (struct sock__what){fn, arg}))
        return sock__fail("post", SOCK_E_MEMORY, 0, 0);
    sock__wake(&loop->waker);
    return 0;
}

/* Signals */

static int check_signal(const sock_loop_t *loop, const char *op, int signo)
{
    if (sock__loop_check(loop, op) < 0)
        return -1;
    if (!sock__signal_exists(signo))
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__BAD_SIGNAL);
    return 0;
}

int sock_loop_add_signal_handler(sock_loop_t *loop, int signo, sock_loop_fn fn,
                                 void *arg)
{
    static const char op[] = "add_signal_handler";
    if (sock__loop_check_fn(loop, op, fn != NULL) < 0 ||
        check_signal(loop, op, signo) < 0)
        return -1;
    if (!sock__signal_can_wait(signo))
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__SIGNAL_OF_FAULT);
    int err =
        sock__signals_add(&loop->signals, signo, (struct sock__what){fn, arg});
    return err == 0 ? 0 : sock__fail(op, SOCK_E_OS, err, 0);
}

int sock_loop_remove_signal_handler(sock_loop_t *loop, int signo)
{
    if (check_signal(loop, "remove_signal_handler", signo) < 0)
        return -1;
    return sock__signals_remove(&loop->signals, signo);
}

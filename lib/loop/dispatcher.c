/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "dispatcher.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <pysockc/connect.h>
#include <pysockc/io.h>
#include <pysockc/options.h>

#include "object.h"
#include "record.h"
#include "timeout.h"
#include "wait.h"

/* How long none is accepted when descriptors have run out; and how many are in
 * a round, at most. */
static const double REST = 0.1;
enum { MOST_ACCEPTS = 64 };
/* Of a queue. */
enum { HIGH_WATER = 64 * 1024 };

static const struct sock__dispatcher_kind *kind_of(const sock_dispatcher_t *d)
{
    return d->u.watch.arg;
}

static bool is_connected_type(const sock_t *s)
{
    int type = sock_type(s);
    return type == SOCK_STREAM || type == SOCK_SEQPACKET;
}

bool sock__dispatcher_has_end(const sock_dispatcher_t *d)
{
    return (d->flags & SOCK__OF_FILE) != 0 || is_connected_type(d->of.sock);
}

/* Refusing */

int sock__dispatcher_check(const sock_dispatcher_t *d, const char *op)
{
    if (d == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if ((d->flags & (SOCK__FREED | SOCK__FREE_OWED)) != 0)
        return sock__fail(op, SOCK_E_OS, EBADF, 0);
    return 0;
}

int sock__dispatcher_check_loop(const sock_dispatcher_t *d, const char *op)
{
    if (sock__dispatcher_check(d, op) < 0)
        return -1;
    if (d->loop == NULL)
        return sock__fail(op, SOCK_E_OS, EBADF, 0);
    return sock__loop_check(d->loop, op);
}

int sock__dispatcher_check_open(const sock_dispatcher_t *d, const char *op)
{
    if (sock__dispatcher_check(d, op) < 0)
        return -1;
    if (d->state == SOCK_DISPATCHER_CLOSED)
        return sock__fail(op, SOCK_E_OS, EBADF, 0);
    return 0;
}

/* What is waited for */

static bool asked(sock_dispatcher_t *d, sock_dispatcher_fn fn, bool otherwise)
{
    return fn != NULL ? fn(d) > 0 : otherwise;
}

static bool wants_read(sock_dispatcher_t *d)
{
    const unsigned resting =
        SOCK__NOT_ACCEPTING | SOCK__NOT_READING | SOCK__ENDED | SOCK__END_OWED;
    return (d->flags & resting) == 0 && asked(d, d->c->readable, true);
}

static bool wants_write(sock_dispatcher_t *d)
{
    bool waiting = kind_of(d)->queued &&
                   !sock__queue_is_empty(&((struct sock__writer *)d)->queue);
    return waiting ||
           ((d->flags & SOCK__ENDED) == 0 && asked(d, d->c->writable, false));
}

static int wanted(sock_dispatcher_t *d)
{
    switch (d->state) {
    case SOCK_DISPATCHER_CONNECTING:
        return (d->flags & (SOCK__BY_HOST | SOCK__ENDED)) == 0
                   ? SOCK_EVENT_WRITE
                   : 0;
    case SOCK_DISPATCHER_ACCEPTING:
        return wants_read(d) ? SOCK_EVENT_READ : 0;
    case SOCK_DISPATCHER_CONNECTED:
        break;
    default:
        return 0;
    }
    int events = (wants_read(d) ? SOCK_EVENT_READ : 0) |
                 (wants_write(d) ? SOCK_EVENT_WRITE : 0);
    if (d->c->handle_expt != NULL && (d->flags & SOCK__ENDED) == 0)
        events |= SOCK_EVENT_PRIORITY;
    return events;
}

/* Takes it out of the selector, whatever becomes of that. */
static void unwatch(sock_dispatcher_t *d)
{
    struct sock__saved saved;
    if (d->events == 0)
        return;
    sock__error_save(&saved);
    if ((d->flags & SOCK__OF_FILE) != 0)
        sock_selector_unregister_fd(sock_loop_selector(d->loop), d->of.fd);
    else
        sock_selector_unregister(sock_loop_selector(d->loop), d->of.sock);
    sock__error_restore(&saved);
    d->events = 0;
}

static int tell_of_file(sock_dispatcher_t *d, sock_selector_t *sel, int events)
{
    return d->events == 0
               ? sock_selector_register_fd(sel, d->of.fd, events, &d->u.watch)
               : sock_selector_modify_fd(sel, d->of.fd, events, &d->u.watch);
}

static int tell_of_socket(sock_dispatcher_t *d, sock_selector_t *sel,
                          int events)
{
    return d->events == 0
               ? sock_selector_register(sel, d->of.sock, events, &d->u.watch)
               : sock_selector_modify(sel, d->of.sock, events, &d->u.watch);
}

int sock__dispatcher_watch(sock_dispatcher_t *d)
{
    int events = wanted(d);
    if (events == d->events)
        return 0;
    if (events == 0) { /* errors can't be left out otherwise */
        unwatch(d);
        return 0;
    }
    sock_selector_t *sel = sock_loop_selector(d->loop);
    if (((d->flags & SOCK__OF_FILE) != 0 ? tell_of_file(d, sel, events)
                                         : tell_of_socket(d, sel, events)) < 0)
        return -1;
    d->events = (uint16_t)events;
    return 0;
}

/* Time */

static void on_timer(sock_loop_t *loop, void *arg);

static void stop_timer(sock_dispatcher_t *d)
{
    if (d->timer.generation != 0)
        sock_timer_cancel(d->loop, d->timer);
    d->timer.generation = 0;
}

/* No timer, rather than one that never comes: the loop waits for that, too. */
int sock__dispatcher_set_timer(sock_dispatcher_t *d, double seconds)
{
    stop_timer(d);
    if (seconds == SOCK_NO_TIMEOUT)
        return 0;
    d->timer = sock_loop_call_later(d->loop, seconds, on_timer, d);
    return d->timer.generation != 0 ? 0 : -1;
}

void sock__dispatcher_moved(sock_dispatcher_t *d)
{
    d->flags |= SOCK__MOVED;
    if (d->timer.generation != 0)
        sock_timer_again(d->loop, d->timer, d->timeout);
}

/* Telling the class */

void sock__dispatcher_log(sock_dispatcher_t *d, const char *text)
{
    if (d->c->log != NULL)
        d->c->log(d, text);
}

static void tell(sock_dispatcher_t *d)
{
    sock_error_t error = *sock_last_error();
    if (d->c->handle_error != NULL)
        d->c->handle_error(d, &error);
}

void sock__dispatcher_fail_with(sock_dispatcher_t *d, const sock_error_t *error)
{
    d->flags |= SOCK__END_OWED | SOCK__STOPPED;
    if (d->c->handle_error != NULL)
        d->c->handle_error(d, error);
}

/* asyncore's _DISCONNECTED */
bool sock__dispatcher_is_gone(void)
{
    const sock_error_t *e = sock_last_error();
    if (e->kind != SOCK_E_OS)
        return false;
    switch (e->code) {
    case ECONNRESET:
    case ENOTCONN:
    case ESHUTDOWN:
    case ECONNABORTED:
    case EPIPE:
    case EBADF:
        return true;
    default:
        return false;
    }
}

void sock__dispatcher_end(sock_dispatcher_t *d)
{
    d->flags |= SOCK__END_OWED;
}

void sock__dispatcher_fail(sock_dispatcher_t *d)
{
    d->flags |= SOCK__END_OWED | SOCK__STOPPED;
    if (!sock__dispatcher_is_gone())
        tell(d);
}

/* What was pushed behind the end is refused; what waits before it still goes.
 */
static bool is_too_late(const sock_dispatcher_t *d, int code)
{
    return code == ESHUTDOWN && kind_of(d)->queued &&
           ((const struct sock__writer *)d)->queue.ended;
}

/* What is said of EAGAIN comes again. */
void sock__dispatcher_returned(sock_dispatcher_t *d, int result)
{
    const sock_error_t *e = sock_last_error();
    if (result >= 0 || (e->kind == SOCK_E_OS && (sock__would_block(e->code) ||
                                                 is_too_late(d, e->code))))
        return;
    if (d->c->handle_error != NULL && !sock__dispatcher_is_gone())
        tell(d);
    else
        d->flags |= SOCK__END_OWED | SOCK__STOPPED;
}

static void call(sock_dispatcher_t *d, sock_dispatcher_fn fn, const char *text)
{
    if (fn != NULL)
        sock__dispatcher_returned(d, fn(d));
    else
        sock__dispatcher_log(d, text);
}

bool sock__dispatcher_is_open(const sock_dispatcher_t *d)
{
    return d->state != SOCK_DISPATCHER_CLOSED &&
           (d->flags & (SOCK__STOPPED | SOCK__FREE_OWED)) == 0 &&
           d->loop != NULL && !sock__loop_is_dead(d->loop);
}

/* Ending */

static void drop_pending(sock_dispatcher_t *d)
{
    if ((d->flags & SOCK__BY_HOST) != 0 && d->of.pending != NULL)
        d->of.pending->drop(d->of.pending);
    if ((d->flags & SOCK__BY_HOST) != 0)
        d->of.pending = NULL;
}

static void drop_socket(sock_dispatcher_t *d)
{
    if ((d->flags & SOCK__BY_HOST) != 0)
        drop_pending(d);
    else if ((d->flags & SOCK__OF_FILE) != 0)
        sock__close_fd(d->of.fd);
    else
        sock_free(d->of.sock);
    d->of.sock = NULL;
    d->flags &= (uint16_t)~SOCK__BY_HOST;
}

/* The closed ones of a loop stand at the end, where no one looks for others. */
void sock__dispatcher_close(sock_dispatcher_t *d)
{
    if (d->state == SOCK_DISPATCHER_CLOSED)
        return;
    unwatch(d);
    stop_timer(d);
    d->state = SOCK_DISPATCHER_CLOSED;
    d->flags |= SOCK__WAS_CLOSED;
    drop_socket(d);
    if (d->loop != NULL) {
        sock__loop_part(d->loop, &d->member);
        sock__loop_join(d->loop, &d->member);
    }
    if (kind_of(d)->drop != NULL)
        kind_of(d)->drop(d);
}

/* Nothing can be done with it any more, but to look at it. */
static void destroy(sock_dispatcher_t *d)
{
    d->depth++;
    sock__dispatcher_close(d);
    if (d->c->handle_free != NULL)
        d->c->handle_free(d);
    if (kind_of(d)->end != NULL)
        kind_of(d)->end(d);
    d->flags |= SOCK__FREED;
    if (d->loop == NULL) {
        sock__free(d);
        return;
    }
    sock__loop_part(d->loop, &d->member);
    sock__loop_doom(d->loop, &d->u.doomed);
}

/* The second time that it ends, as by sending what was left, there is no one
 * to be told; nor when its function has freed the loop, which closes it. */
static void call_handle_close(sock_dispatcher_t *d)
{
    d->flags &= (uint16_t)~SOCK__END_OWED;
    if (d->state == SOCK_DISPATCHER_CLOSED)
        return;
    if (d->loop != NULL && sock__loop_is_dead(d->loop)) {
        sock__dispatcher_close(d);
        return;
    }
    if (d->c->handle_close == NULL || (d->flags & SOCK__ENDED) != 0) {
        sock__dispatcher_log(d, "unhandled close event");
        sock__dispatcher_close(d);
        return;
    }
    drop_pending(d);
    d->flags |= SOCK__ENDED;
    d->flags &= (uint16_t)~SOCK__STOPPED;
    sock__dispatcher_returned(d, d->c->handle_close(d));
}

static bool is_to_go(const sock_dispatcher_t *d)
{
    return (d->flags & SOCK__FREE_OWED) != 0 ||
           (d->state == SOCK_DISPATCHER_CLOSED && d->c->free_when_closed &&
            (d->flags & SOCK__WAS_CLOSED) != 0);
}

/* Whether it can't be waited for as it wants. A loop that is about to end, or
 * a parent's, waits for nothing. */
static bool is_deaf(sock_dispatcher_t *d)
{
    return d->loop != NULL && sock__loop_check(d->loop, "dispatcher") == 0 &&
           sock__dispatcher_watch(d) < 0;
}

/* Does what is owed: whatever it calls may make more of it. What fails is told
 * to the class, and no failure of the call that has come here. */
static void settle(sock_dispatcher_t *d)
{
    struct sock__saved saved;
    sock__error_save(&saved);
    d->depth++;
    while (!is_to_go(d)) {
        if ((d->flags & SOCK__END_OWED) != 0)
            call_handle_close(d);
        else if (is_deaf(d))
            sock__dispatcher_fail(d);
        else
            break;
    }
    d->depth--;
    if (is_to_go(d))
        destroy(d);
    sock__error_restore(&saved);
}

void sock__dispatcher_enter(sock_dispatcher_t *d)
{
    d->depth++;
}

void sock__dispatcher_leave(sock_dispatcher_t *d)
{
    if (--d->depth == 0)
        settle(d);
}

void sock__dispatcher_free(sock_dispatcher_t *d)
{
    sock__dispatcher_enter(d);
    d->flags |= SOCK__FREE_OWED;
    sock__dispatcher_leave(d);
}

static sock_dispatcher_t *of_member(struct sock__member *m)
{
    return (
        sock_dispatcher_t *)(void *)((char *)m -
                                     offsetof(struct sock_dispatcher, member));
}

/* Its loop ends, and has taken it out already. */
static void end_with_loop(struct sock__member *m)
{
    sock_dispatcher_t *d = of_member(m);
    sock__dispatcher_enter(d);
    unwatch(d);
    stop_timer(d);
    d->loop = NULL;
    sock__dispatcher_close(d);
    sock__dispatcher_leave(d);
}

/* The first of a loop that is open. */
static sock_dispatcher_t *first_open(sock_loop_t *loop)
{
    struct sock__member *m = sock__loop_members(loop);
    for (; m != NULL; m = m->next)
        if (m->end == end_with_loop &&
            of_member(m)->state != SOCK_DISPATCHER_CLOSED)
            return of_member(m);
    return NULL;
}

int sock_close_all(sock_loop_t *loop)
{
    sock_dispatcher_t *d;
    int n = 0;
    if (sock__loop_check(loop, "close_all") < 0)
        return -1;
    for (; (d = first_open(loop)) != NULL; n++) {
        sock__dispatcher_enter(d);
        sock__dispatcher_close(d);
        sock__dispatcher_leave(d);
    }
    return n;
}

/* Events */

int sock__dispatcher_connect_error(sock_t *s)
{
    int err = 0;
    if (sock_getsockopt_int(s, SOL_SOCKET, SO_ERROR, &err) < 0)
        return errno;
    return err;
}

void sock__dispatcher_connected(sock_dispatcher_t *d)
{
    d->state = SOCK_DISPATCHER_CONNECTED;
    if (sock__dispatcher_set_timer(d, d->timeout) < 0) {
        sock__dispatcher_fail(d);
        return;
    }
    call(d, d->c->handle_connect, "unhandled connect event");
}

static void connect_event(sock_dispatcher_t *d)
{
    int err = sock__dispatcher_connect_error(d->of.sock);
    if (err == 0) {
        sock__dispatcher_connected(d);
        return;
    }
    sock__fail("connect", SOCK_E_OS, err, 0);
    sock__peer(d->of.sock, -1, sock__fail_address());
    sock_error_t error = *sock_last_error();
    sock__dispatcher_fail_with(d, &error);
}

bool sock__dispatcher_rest(sock_dispatcher_t *d)
{
    const sock_error_t *e = sock_last_error();
    bool short_of =
        e->kind == SOCK_E_MEMORY ||
        (e->kind == SOCK_E_OS && (e->code == EMFILE || e->code == ENFILE ||
                                  e->code == ENOBUFS || e->code == ENOMEM));
    struct sock__saved saved;
    if (!short_of)
        return false;
    sock__error_save(&saved);
    if (sock__dispatcher_set_timer(d, REST) == 0)
        d->flags |= SOCK__NOT_ACCEPTING;
    sock__error_restore(&saved);
    return true;
}

static void accept_failed(sock_dispatcher_t *d)
{
    if (sock__would_block(sock_last_error()->code))
        return;
    if (sock__dispatcher_rest(d))
        tell(d);
    else
        sock__dispatcher_fail(d);
}

/* Whether one was there. */
static bool accept_one(sock_dispatcher_t *d)
{
    sock_addr_t peer;
    sock_t *s = sock_accept(d->of.sock, &peer);
    if (s == NULL) {
        accept_failed(d);
        return false;
    }
    if (d->c->handle_accepted != NULL) {
        sock__dispatcher_returned(d, d->c->handle_accepted(d, s, &peer));
    } else {
        sock__dispatcher_log(d, "unhandled accepted event");
        sock_free(s);
    }
    return true;
}

static void accept_event(sock_dispatcher_t *d)
{
    int most = d->c->max_accepts > 0 ? d->c->max_accepts : MOST_ACCEPTS;
    if (d->c->handle_accept != NULL) {
        sock__dispatcher_returned(d, d->c->handle_accept(d));
        return;
    }
    while (most-- > 0 && sock__dispatcher_is_open(d) && accept_one(d)) {
    }
}

static void read_event(sock_dispatcher_t *d)
{
    if (d->state == SOCK_DISPATCHER_ACCEPTING)
        accept_event(d);
    else if (d->c->handle_read != NULL)
        sock__dispatcher_returned(d, d->c->handle_read(d));
    else
        kind_of(d)->read(d);
}

static void write_event(sock_dispatcher_t *d)
{
    if (d->state == SOCK_DISPATCHER_CONNECTING)
        connect_event(d);
    if (d->state != SOCK_DISPATCHER_CONNECTED || !sock__dispatcher_is_open(d))
        return;
    if (kind_of(d)->write != NULL)
        kind_of(d)->write(d);
    if (d->c->handle_write != NULL && sock__dispatcher_is_open(d) &&
        (d->flags & SOCK__ENDED) == 0)
        sock__dispatcher_returned(d, d->c->handle_write(d));
}

/* Whether there is something left to be read. */
static bool has_more(sock_dispatcher_t *d)
{
    char byte;
    return (d->events & SOCK_EVENT_READ) != 0 &&
           (d->flags & SOCK__OF_FILE) == 0 &&
           sock_recv(d->of.sock, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/*
 * Both directions have ended, or an error is pending, and the class did not
 * come to the end of what was there: the selector would say so for ever.
 * Errors of datagrams concern one of them.
 */
static void hangup_event(sock_dispatcher_t *d)
{
    if ((d->flags & SOCK__MOVED) != 0)
        return;
    if (sock__dispatcher_has_end(d) && !has_more(d))
        sock__dispatcher_end(d);
}

/* In asyncore's order. */
static void on_ready(sock_loop_t *loop, const sock_key_t *key, void *arg)
{
    sock_dispatcher_t *d = key->data;
    struct sock__saved saved;
    (void)loop, (void)arg;

    sock__error_save(&saved);
    sock__dispatcher_enter(d);
    d->flags &= (uint16_t)~SOCK__MOVED;
    bool connected = d->state == SOCK_DISPATCHER_CONNECTED;
    if ((key->mask & SOCK_EVENT_READ) != 0)
        read_event(d);
    if ((key->mask & SOCK_EVENT_WRITE) != 0 && sock__dispatcher_is_open(d))
        write_event(d);
    if ((key->mask & SOCK_EVENT_PRIORITY) != 0 && sock__dispatcher_is_open(d))
        sock__dispatcher_returned(d, d->c->handle_expt(d));
    if ((key->mask & (SOCK_EVENT_HANGUP | SOCK_EVENT_ERROR)) != 0 &&
        connected && sock__dispatcher_is_open(d))
        hangup_event(d);
    sock__dispatcher_leave(d);
    sock__error_restore(&saved);
}

static void on_timer(sock_loop_t *loop, void *arg)
{
    sock_dispatcher_t *d = arg;
    struct sock__saved saved;
    (void)loop;

    sock__error_save(&saved);
    sock__dispatcher_enter(d);
    d->timer.generation = 0;
    if (d->state == SOCK_DISPATCHER_ACCEPTING) {
        d->flags &= (uint16_t)~SOCK__NOT_ACCEPTING;
    } else {
        bool connecting = d->state == SOCK_DISPATCHER_CONNECTING;
        sock__fail(connecting ? "connect" : "idle_timeout", SOCK_E_TIMEOUT, 0,
                   0);
        sock__dispatcher_fail(d);
    }
    sock__dispatcher_leave(d);
    sock__error_restore(&saved);
}

/* Making one */

static int check_seconds(const char *op, double seconds)
{
    int64_t ns;
    return sock__seconds_arg(op, seconds, &ns);
}

bool sock__dispatcher_is_unused(void *const *reserved)
{
    return reserved[0] == NULL && reserved[1] == NULL && reserved[2] == NULL &&
           reserved[3] == NULL;
}

size_t sock__dispatcher_high(const sock_dispatcher_class_t *c)
{
    return c->high_water != 0 ? c->high_water : HIGH_WATER;
}

size_t sock__dispatcher_low(const sock_dispatcher_class_t *c)
{
    return c->low_water != 0 ? c->low_water : sock__dispatcher_high(c) / 4;
}

static int check_class(const char *op, const sock_dispatcher_class_t *c,
                       const sock_loop_t *loop)
{
    if (c == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (sock__loop_check(loop, op) < 0)
        return -1;
    if (!sock__dispatcher_is_unused(c->reserved))
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__RESERVED);
    if (c->max_accepts < 0)
        return sock__fail_quoting(op, SOCK_E_VALUE, SOCK__MEMBER_RANGE,
                                  "max_accepts");
    if (sock__dispatcher_low(c) > sock__dispatcher_high(c))
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__WATER_MARKS);
    if (check_seconds(op, c->idle_timeout) < 0)
        return -1;
    return check_seconds(op, c->connect_timeout);
}

sock_dispatcher_t *sock__dispatcher(const struct sock__dispatcher_kind *kind,
                                    const sock_dispatcher_class_t *c,
                                    sock_loop_t *loop, void *arg)
{
    if (check_class("dispatcher", c, loop) < 0)
        return NULL;
    sock_dispatcher_t *d = calloc(1, kind->size);
    if (d == NULL) {
        sock__fail("dispatcher", SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    d->u.watch.fn = on_ready;
    d->u.watch.arg = (void *)(uintptr_t)kind;
    d->c = c;
    d->loop = loop;
    d->arg = arg;
    d->timeout = c->idle_timeout > 0 ? c->idle_timeout : SOCK_NO_TIMEOUT;
    d->member.end = end_with_loop;
    sock__loop_join(loop, &d->member);
    return d;
}

void sock__dispatcher_forget(sock_dispatcher_t *d)
{
    sock__loop_part(d->loop, &d->member);
    sock__free(d);
}

/* What a stream does already; -1 with the error recorded. */
static int state_of(sock_t *s)
{
    struct sock__saved saved;
    sock_addr_t peer;
    int listens = 0, state;

    sock__error_save(&saved);
    if (sock_getsockopt_int(s, SOL_SOCKET, SO_ACCEPTCONN, &listens) == 0 &&
        listens != 0)
        state = SOCK_DISPATCHER_ACCEPTING;
    else if (sock_getpeername(s, &peer) == 0)
        state = SOCK_DISPATCHER_CONNECTED;
    else if (errno == ENOTCONN || errno == EINVAL)
        state = SOCK_DISPATCHER_IDLE;
    else
        return -1;
    sock__error_restore(&saved);
    return state;
}

/* Begins to wait for what it has: -1 with the error recorded. */
static int begin(sock_dispatcher_t *d, int state)
{
    d->state = (uint8_t)state;
    if ((state != SOCK_DISPATCHER_CONNECTED ||
         sock__dispatcher_set_timer(d, d->timeout) == 0) &&
        sock__dispatcher_watch(d) == 0)
        return 0;
    stop_timer(d);
    d->state = SOCK_DISPATCHER_CLOSED;
    return -1;
}

int sock__dispatcher_attach(sock_dispatcher_t *d, sock_t *s)
{
    if (sock_setblocking(s, 0) < 0)
        return -1;
    int state = is_connected_type(s) ? state_of(s) : SOCK_DISPATCHER_CONNECTED;
    if (state < 0)
        return -1;
    sock__dispatcher_close(d);
    d->flags = 0;
    d->of.sock = s;
    if (begin(d, state) == 0)
        return 0;
    d->of.sock = NULL;
    return -1;
}

int sock__dispatcher_attach_file(sock_dispatcher_t *d, int fd)
{
    d->flags = SOCK__OF_FILE;
    d->of.fd = fd;
    return begin(d, SOCK_DISPATCHER_CONNECTED);
}

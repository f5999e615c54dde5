/* SPDX-License-Identifier: MIT */
/* Look-ups that a loop waits for: the resolver is asked by another thread. */
#define _DEFAULT_SOURCE

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "addrinfo.h"
#include "lookup.h"
#include "loop.h"
#include "record.h"
#include "state.h"
#include "timeout.h"

static const char op[] = "getaddrinfo";

struct look_up {
    struct sock__doomed doomed; /* first, as it is what is freed */
    struct sock__member member;
    sock_watch_t watch;            /* of the question's event */
    struct sock__lookup *question; /* NULL: it is answered */
    struct sock__answer answer;
    sock_timer_t timer; /* none where it may take any time */
    sock_loop_t *loop;
    sock_loop_addrinfo_fn fn;
    void *arg;
    const char *host; /* in the text; NULL: none was asked for */
    char text[];
};

static struct look_up *new_look_up(sock_loop_t *loop, const char *host,
                                   sock_loop_addrinfo_fn fn, void *arg)
{
    size_t size = host != NULL ? strlen(host) + 1 : 0;
    struct look_up *l = calloc(1, sizeof *l + size);
    if (l == NULL) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    l->loop = loop;
    l->fn = fn;
    l->arg = arg;
    if (host != NULL)
        l->host = memcpy(l->text, host, size);
    return l;
}

/* Takes the answer, if there is one: whether there is. */
static bool end_question(struct look_up *l)
{
    struct sock__lookup *q = l->question;
    l->question = NULL;
    sock_selector_unregister_fd(l->loop->waker.selector, sock__lookup_fd(q));
    sock__timers_cancel(&l->loop->timers, l->timer);
    return sock__lookup_end(q, &l->answer);
}

static void end_member(struct sock__member *m)
{
    struct look_up *l =
        (struct look_up *)(void *)((char *)m -
                                   offsetof(struct look_up, member));
    if (l->question != NULL)
        end_question(l);
    if (l->answer.list != NULL)
        freeaddrinfo(l->answer.list);
    sock__loop_doom(l->loop, &l->doomed);
}

/* Takes its list; NULL with the error recorded. */
static sock_addrinfo_t *take_list(struct look_up *l)
{
    struct addrinfo *list = l->answer.list;
    l->answer.list = NULL;
    if (l->answer.code == 0)
        return sock__addrinfo(op, list, 0);
    errno = l->answer.sys_errno;
    sock__look_up_failed(op, l->host, l->answer.code);
    return NULL;
}

/* Tells the result, which is the last of it. */
static void tell(struct look_up *l, sock_addrinfo_t *list)
{
    sock_error_t error = *sock_last_error();
    sock__loop_part(l->loop, &l->member);
    end_member(&l->member); /* the memory stays for this round */
    l->fn(l->loop, list, list == NULL ? &error : NULL, l->arg);
}

static void on_numbers(sock_loop_t *loop, void *arg)
{
    (void)loop;
    tell(arg, take_list(arg));
}

static void tell_late(struct look_up *l)
{
    sock_addr_t about = sock__addr_failed(SOCK_E_OS, 0, 0, l->host);
    sock__fail_status_to(op, SOCK__TIMED_OUT, &about);
    tell(l, NULL);
}

static void on_answer(sock_loop_t *loop, const sock_key_t *key, void *arg)
{
    struct look_up *l = arg;
    (void)loop, (void)key;
    if (end_question(l))
        tell(l, take_list(l));
    else
        tell_late(l);
}

/* An answer may be there all the same. */
static void on_timeout(sock_loop_t *loop, void *arg)
{
    on_answer(loop, NULL, arg);
}

/* The answer of numbers is told in the next round, too. */
static int wait_for_call(struct look_up *l)
{
    return sock__calls_soon(&l->loop->calls, (struct sock__what){on_numbers, l})
               ? 0
               : sock__fail(op, SOCK_E_MEMORY, 0, 0);
}

static int wait_for_answer(struct look_up *l, const char *port,
                           const struct addrinfo *hints, double timeout)
{
    l->question = sock__lookup_begin(l->host, port, hints);
    if (l->question == NULL)
        return errno == ENOMEM ? sock__fail(op, SOCK_E_MEMORY, 0, 0)
                               : sock__fail(op, SOCK_E_OS, errno, 0);
    l->watch = (sock_watch_t){on_answer, l};
    if (sock_selector_register_fd(l->loop->waker.selector,
                                  sock__lookup_fd(l->question), SOCK_EVENT_READ,
                                  &l->watch) < 0)
        return -1;
    if (timeout == SOCK_NO_TIMEOUT)
        return 0;
    l->timer = sock_loop_call_later(l->loop, timeout, on_timeout, l);
    return l->timer.generation != 0 ? 0 : -1;
}

static int begin(struct look_up *l, const char *port, int family, int type,
                 double timeout)
{
    struct addrinfo hints;
    int saved = errno;

    memset(&hints, 0, sizeof hints); /* padding, too, which MSan looks at */
    hints.ai_family = family;
    hints.ai_socktype = type;
    l->member.end = end_member;
    sock__loop_join(l->loop, &l->member);
    int result = sock__lookup_numbers(l->host, port, &hints, &l->answer)
                     ? wait_for_call(l)
                     : wait_for_answer(l, port, &hints, timeout);
    if (result == 0)
        errno = saved;
    return result;
}

/* What was begun in vain, with the failure as it is. */
static int undo(struct look_up *l)
{
    struct sock__saved saved;
    sock__error_save(&saved);
    sock__loop_part(l->loop, &l->member);
    end_member(&l->member);
    sock__error_restore(&saved);
    return sock__loop_fail_as(op);
}

int sock_loop_getaddrinfo(sock_loop_t *loop, const char *host, const char *port,
                          int family, int type, double timeout,
                          sock_loop_addrinfo_fn fn, void *arg)
{
    int64_t ns;
    if (sock__loop_check_fn(loop, op, fn != NULL) < 0 ||
        sock__seconds_arg(op, timeout, &ns) < 0 ||
        sock__look_up_check(op, host, &port) < 0)
        return -1;
    struct look_up *l = new_look_up(loop, host, fn, arg);
    if (l == NULL)
        return -1;
    return begin(l, port, family, type, timeout) == 0 ? 0 : undo(l);
}

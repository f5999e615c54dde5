/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE

#include "lookup.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "addrinfo.h"
#include "object.h"
#include "os.h"
#include "record.h"
#include "wait.h"

/*
 * Questions stand in a queue; a few threads take them, and end when it is
 * empty. A question belongs to its asker and to the thread that asks the
 * resolver: who is done last ends it. So an asker may go at any time, and the
 * thread finds nobody to give the answer to.
 */

/* No resolver gets more questions from one process at a time: the next wait for
 * a thread, and their askers no longer than they would for an answer. */
enum { MOST_THREADS = 16 };

struct sock__lookup {
    struct sock__lookup *next;
    enum { QUEUED, ASKED, ANSWERED, LEFT } state; /* under the lock */
    unsigned process;                             /* whose threads know of it */
    int event;                                    /* the asker's */
    struct addrinfo hints;
    struct sock__answer answer;
    const char *host, *port;
    char texts[]; /* what the last two point to */
};

static struct {
    pthread_mutex_t lock;
    int threads;
    struct sock__lookup *first, **end; /* where the next goes, but if empty */
} all = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* In a child the threads are gone, and whoever held the lock may be, too. */
static void begin_anew(void)
{
    const pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    all.lock = lock;
    all.threads = 0;
    all.first = NULL;
}

__attribute__((constructor)) static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, begin_anew);
}

/* The queue */

static void append(struct sock__lookup *q)
{
    if (all.first == NULL)
        all.end = &all.first;
    *all.end = q;
    all.end = &q->next;
}

static struct sock__lookup *take_first(void)
{
    struct sock__lookup *q = all.first;
    if (q != NULL) {
        all.first = q->next;
        q->state = ASKED;
    }
    return q;
}

static void take_out(const struct sock__lookup *q)
{
    struct sock__lookup **at = &all.first;
    while (*at != q)
        at = &(*at)->next;
    *at = q->next;
    if (q->next == NULL)
        all.end = at;
}

/* The threads */

static void free_lookup(struct sock__lookup *q)
{
    if (q->answer.list != NULL)
        freeaddrinfo(q->answer.list);
    free(q);
}

static void ask(struct sock__lookup *q)
{
    struct sock__answer *a = &q->answer;
    a->code = getaddrinfo(q->host, q->port, &q->hints, &a->list);
    a->sys_errno = errno;
    if (a->code != 0)
        a->list = NULL;
}

/* Under the lock, so that the asker does not close the event before it is set.
 */
static void hand_over(struct sock__lookup *q)
{
    if (q->state == LEFT) {
        free_lookup(q);
        return;
    }
    q->state = ANSWERED;
    sock__os_event_set(q->event);
}

static void *run(void *nothing)
{
    struct sock__lookup *q;

    pthread_mutex_lock(&all.lock);
    while ((q = take_first()) != NULL) {
        pthread_mutex_unlock(&all.lock);
        ask(q);
        pthread_mutex_lock(&all.lock);
        hand_over(q);
    }
    all.threads--;
    pthread_mutex_unlock(&all.lock);
    return nothing;
}

/* Sees to it that a thread will take what is queued; -1 with errno. */
static int have_thread(void)
{
    if (all.threads == MOST_THREADS)
        return 0;
    if (sock__os_thread(run, NULL, SOCK__OS_STACK, NULL) < 0)
        return all.threads > 0 ? 0 : -1;
    all.threads++;
    return 0;
}

/* The asker */

static size_t size_of(const char *text)
{
    return text != NULL ? strlen(text) + 1 : 0;
}

static const char *keep(char *where, const char *text)
{
    return text != NULL ? memcpy(where, text, strlen(text) + 1) : NULL;
}

/* A question that no thread knows of yet; NULL with errno. */
static struct sock__lookup *make(const char *host, const char *port,
                                 const struct addrinfo *hints)
{
    struct sock__lookup *q = malloc(sizeof *q + size_of(host) + size_of(port));

    if (q == NULL)
        return NULL;
    memset(q, 0, sizeof *q);
    q->host = keep(q->texts, host);
    q->port = keep(q->texts + size_of(host), port);
    q->hints.ai_flags = hints->ai_flags;
    q->hints.ai_family = hints->ai_family;
    q->hints.ai_socktype = hints->ai_socktype;
    q->hints.ai_protocol = hints->ai_protocol;
    q->event = sock__os_event_new();
    if (q->event < 0) {
        sock__free(q);
        return NULL;
    }
    return q;
}

struct sock__lookup *sock__lookup_begin(const char *host, const char *port,
                                        const struct addrinfo *hints)
{
    struct sock__lookup *q = make(host, port, hints);

    if (q == NULL)
        return NULL;
    pthread_mutex_lock(&all.lock);
    q->process = sock__os_process();
    append(q);
    int result = have_thread();
    if (result < 0)
        take_out(q);
    pthread_mutex_unlock(&all.lock);
    if (result == 0)
        return q;
    sock__close_fd(q->event);
    sock__free(q);
    return NULL;
}

int sock__lookup_fd(const struct sock__lookup *q)
{
    return q->event;
}

/* Leaves a question: whether it is the asker's alone now. */
static bool leave(struct sock__lookup *q)
{
    if (q->process != sock__os_process()) /* asked by the parent's thread */
        return true;
    if (q->state == QUEUED)
        take_out(q);
    else if (q->state == ASKED)
        q->state = LEFT;
    return q->state != LEFT;
}

bool sock__lookup_end(struct sock__lookup *q, struct sock__answer *answer)
{
    int saved = errno;

    pthread_mutex_lock(&all.lock);
    sock__close_fd(q->event);
    bool given = answer != NULL && q->state == ANSWERED, alone = leave(q);
    pthread_mutex_unlock(&all.lock);
    if (given) {
        *answer = q->answer;
        q->answer.list = NULL;
    }
    if (alone)
        free_lookup(q);
    errno = saved;
    return given;
}

/* All of it */

bool sock__lookup_numbers(const char *host, const char *port,
                          const struct addrinfo *hints, struct sock__answer *a)
{
    struct addrinfo numeric = *hints;
    numeric.ai_flags |= AI_NUMERICHOST | AI_NUMERICSERV;
    a->code = getaddrinfo(host, port, &numeric, &a->list);
    a->sys_errno = errno;
    return a->code != EAI_NONAME;
}

/* Asks another thread, and waits: 0 or a status. */
static int answer_within(const char *host, const char *port,
                         const struct addrinfo *hints, struct sock__answer *a,
                         struct sock__timer *timer, const sock_t *s)
{
    struct pollfd event = {.events = POLLIN};

    if (timer->timeout == 0)
        return SOCK__TIMED_OUT;
    struct sock__lookup *q = sock__lookup_begin(host, port, hints);
    if (q == NULL)
        return errno;
    event.fd = sock__lookup_fd(q);
    int status = sock__await_any(s, &event, 1, timer);
    bool in_time = status == 0 || status == SOCK__TIMED_OUT;
    if (sock__lookup_end(q, in_time ? a : NULL))
        return 0;
    /* A child's event is set by its parent's thread. */
    return status != 0 ? status : SOCK__TIMED_OUT;
}

static void fail_waiting(const char *op, const char *host, int status)
{
    sock_addr_t about = sock__addr_failed(SOCK_E_OS, 0, 0, host);
    if (status == ENOMEM)
        sock__fail_to(op, SOCK_E_MEMORY, 0, 0, &about);
    else
        sock__fail_status_to(op, status, &about);
}

struct addrinfo *sock__look_up_within(const char *op, const char *host,
                                      const char *port,
                                      const struct addrinfo *hints,
                                      struct sock__timer *timer,
                                      const sock_t *s)
{
    struct sock__answer a = {.list = NULL};
    int saved = errno;

    if (timer->timeout < 0)
        return sock__look_up(op, host, port, hints);
    if (sock__look_up_check(op, host, &port) < 0)
        return NULL;
    if (!sock__lookup_numbers(host, port, hints, &a)) {
        int status = answer_within(host, port, hints, &a, timer, s);
        if (status != 0) {
            fail_waiting(op, host, status);
            return NULL;
        }
    }
    errno = a.code == 0 ? saved : a.sys_errno;
    if (a.code == 0)
        return a.list;
    sock__look_up_failed(op, host, a.code);
    return NULL;
}

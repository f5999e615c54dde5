/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "server.h"

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>
#include <time.h>

#include "object.h"
#include "os.h"
#include "record.h"
#include "wait.h"

/* Lists */

void sock__link_init(struct sock__link *link)
{
    link->prev = link->next = link;
}

void sock__link_append(struct sock__link *list, struct sock__link *link)
{
    link->prev = list->prev;
    link->next = list;
    list->prev->next = link;
    list->prev = link;
}

void sock__link_remove(struct sock__link *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
    sock__link_init(link);
}

bool sock__link_alone(const struct sock__link *link)
{
    return link->next == link;
}

/* Where a thread is */

static _Thread_local struct sock__inside *innermost;

void sock__go_inside(struct sock__inside *here, const sock_server_t *server)
{
    here->server = server;
    here->outer = innermost;
    innermost = here;
}

void sock__go_outside(const struct sock__inside *here)
{
    innermost = here->outer;
}

bool sock__is_inside(const sock_server_t *server)
{
    const struct sock__inside *at = innermost;
    while (at != NULL && at->server != server)
        at = at->outer;
    return at != NULL;
}

/* Using one */

/* A signal handler may come along here. What a child has is a copy, whose loop
 * and threads are the parent's. */
int sock__server_check(const sock_server_t *server, const char *op)
{
    if (server == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (server->process != sock__os_process())
        return sock__fail(op, SOCK_E_OS, EINVAL, 0);
    return 0;
}

int sock__cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attr;
    int err = pthread_condattr_init(&attr);
    if (err == 0) {
        pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
        err = pthread_cond_init(cond, &attr);
        pthread_condattr_destroy(&attr);
    }
    return err;
}

bool sock__cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t until)
{
    const int64_t second = 1000000000;
    struct timespec at = {.tv_sec = (time_t)(until / second),
                          .tv_nsec = (long)(until % second)};
    if (until < 0)
        return pthread_cond_wait(cond, lock) == 0;
    return pthread_cond_timedwait(cond, lock, &at) != ETIMEDOUT;
}

int64_t sock__until(int64_t ns)
{
    if (ns < 0)
        return -1;
    return sock__later(sock__os_now(), ns);
}

void sock__server_wake(sock_server_t *server)
{
    sock__os_event_set(server->event);
}

void sock__server_count(sock_server_t *server, uint64_t *number)
{
    pthread_mutex_lock(&server->lock);
    ++*number;
    pthread_mutex_unlock(&server->lock);
}

/* The record is copied, as the function may well fail at something itself. */
void sock__server_error(sock_server_t *server, sock_request_t *request)
{
    sock_error_t error = *sock_last_error();
    sock__server_count(server, &server->stats.failed);
    if (server->c.handle_error != NULL)
        server->c.handle_error(server, request, &error);
}

static bool has_room(const sock_server_t *server)
{
    const sock_server_class_t *c = &server->c;
    if (c->max_connections > 0 &&
        server->stats.active >= (uint64_t)c->max_connections)
        return false;
    if (c->mode == SOCK_SERVER_FORKING)
        return server->child_count < (size_t)c->max_children;
    return c->mode != SOCK_SERVER_POOL || c->when_full != SOCK_SERVER_WAIT ||
           server->stats.queued < (uint64_t)c->queue;
}

bool sock__server_has_room(sock_server_t *server)
{
    pthread_mutex_lock(&server->lock);
    bool room = has_room(server);
    server->held = !room;
    pthread_mutex_unlock(&server->lock);
    return room;
}

/* Requests in its lists */

sock_request_t *sock__request_at(struct sock__link *place)
{
    return (sock_request_t *)(void *)((char *)place -
                                      offsetof(sock_request_t, place));
}

sock_request_t *sock__request_in_all(struct sock__link *all)
{
    return (sock_request_t *)(void *)((char *)all -
                                      offsetof(sock_request_t, all));
}

void sock__request_leave_thread(sock_request_t *r)
{
    sock_server_t *server = r->server;
    if (r->thread == NULL)
        return;
    r->thread->next = server->finished;
    server->finished = r->thread;
    r->thread = NULL;
}

/* The lock is held: one that ends takes its socket out under it. */
void sock__request_cut(sock_request_t *r)
{
    bool open = r->packet == NULL && r->sock != NULL;
    int fd = open ? sock__enter_quietly(r->sock) : -1;
    if (fd < 0)
        return;
    shutdown(fd, SHUT_RDWR);
    sock__leave(r->sock);
    r->server->stats.cut++;
}

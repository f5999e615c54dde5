/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stdlib.h>

#include "os.h"
#include "record.h"
#include "request.h"
#include "run.h"

/* A thread for each request. Those that have ended are joined by the loop, or
 * by whoever waits for the server, so that they are never more than the
 * requests of one round. */

static size_t stack_size(const sock_server_t *server)
{
    return server->c.stack_size > 0 ? server->c.stack_size : SOCK__OS_STACK;
}

static void *run_request(void *arg)
{
    sock_request_t *r = arg;
    if (r->thread != NULL)
        r->thread->id = pthread_self();
    sock__run(r);
    return NULL;
}

/* Whether nobody waits for the threads, which so end by themselves. */
static bool detached(const sock_server_t *server)
{
    return server->c.daemon_threads > 0 || server->c.block_on_close < 0;
}

int sock__run_thread(sock_request_t *r)
{
    pthread_t id;
    bool joined = !detached(r->server);
    if (joined && (r->thread = malloc(sizeof *r->thread)) == NULL)
        return sock__fail("thread", SOCK_E_MEMORY, 0, 0);
    if (sock__os_thread(run_request, r, stack_size(r->server),
                        joined ? &id : NULL) == 0)
        return 0;
    int err = errno;
    free(r->thread);
    r->thread = NULL;
    return sock__fail_status("thread", err);
}

void sock__join_finished(sock_server_t *server)
{
    pthread_mutex_lock(&server->lock);
    struct sock__thread *t = server->finished;
    server->finished = NULL;
    pthread_mutex_unlock(&server->lock);
    while (t != NULL) {
        struct sock__thread *next = t->next;
        pthread_join(t->id, NULL);
        free(t);
        t = next;
    }
}

/* The pool */

static sock_request_t *next_queued(sock_server_t *server)
{
    sock_request_t *r = NULL;
    pthread_mutex_lock(&server->lock);
    while (sock__link_alone(&server->queued) && !server->pool_ends)
        sock__cond_wait(&server->work, &server->lock, -1);
    if (!sock__link_alone(&server->queued)) {
        r = sock__request_at(server->queued.next);
        sock__link_remove(&r->place);
        server->stats.queued--;
        if (server->held)
            sock__server_wake(server);
    }
    pthread_mutex_unlock(&server->lock);
    return r;
}

static int take_number(sock_server_t *server)
{
    pthread_mutex_lock(&server->lock);
    int number = server->next_worker++;
    pthread_mutex_unlock(&server->lock);
    return number;
}

static void *run_worker(void *arg)
{
    sock_server_t *server = arg;
    sock_request_t *r;
    struct sock__inside here;
    int number = take_number(server);

    sock__go_inside(&here, server);
    if (server->c.worker_start != NULL)
        server->c.worker_start(server, number);
    while ((r = next_queued(server)) != NULL)
        sock__run(r);
    if (server->c.worker_end != NULL)
        server->c.worker_end(server, number);
    sock__go_outside(&here);
    return NULL;
}

/* With fewer threads than asked for it goes on. */
int sock__pool_start(sock_server_t *server)
{
    int n = server->worker_count;
    while (n < server->c.threads &&
           sock__os_thread(run_worker, server, stack_size(server),
                           &server->workers[n]) == 0)
        n++;
    server->worker_count = n;
    return n > 0 ? 0 : sock__fail_status("thread", errno);
}

void sock__pool_stop(sock_server_t *server)
{
    pthread_mutex_lock(&server->lock);
    server->pool_ends = true;
    pthread_cond_broadcast(&server->work);
    pthread_mutex_unlock(&server->lock);
    while (server->worker_count > 0)
        pthread_join(server->workers[--server->worker_count], NULL);
}

static bool is_full(const sock_server_t *server)
{
    return server->c.when_full != SOCK_SERVER_WAIT &&
           server->stats.queued >= (uint64_t)server->c.queue;
}

/* What there is no room for is refused, but for those who were parked. */
static bool enqueue(sock_request_t *r)
{
    sock_server_t *server = r->server;
    pthread_mutex_lock(&server->lock);
    bool full = !r->set_up && is_full(server);
    if (full) {
        server->stats.refused++;
    } else {
        sock__link_append(&server->queued, &r->place);
        server->stats.queued++;
        pthread_cond_signal(&server->work);
    }
    pthread_mutex_unlock(&server->lock);
    return !full;
}

int sock__run_pool(sock_request_t *r)
{
    sock_server_t *server = r->server;
    if (enqueue(r))
        return 0;
    if (server->c.when_full == SOCK_SERVER_CALL)
        server->c.queue_full(server, r);
    sock__request_end(r);
    return 0;
}

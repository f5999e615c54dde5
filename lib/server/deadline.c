/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "deadline.h"

#include <errno.h>

#include "os.h"
#include "record.h"

/*
 * All have the same time, so the one that began first is the first whose time
 * is over. Its socket is shut down, which ends whatever its handler waits for.
 */
static void watch(sock_server_t *server)
{
    while (!server->watch_ends) {
        struct sock__link *first = server->running.next;
        if (first == &server->running) {
            sock__cond_wait(&server->begun, &server->lock, -1);
            continue;
        }
        sock_request_t *r = sock__request_at(first);
        if (r->until > sock__os_now()) {
            sock__cond_wait(&server->begun, &server->lock, r->until);
        } else {
            sock__link_remove(first);
            sock__request_cut(r);
        }
    }
}

static void *run_watch(void *arg)
{
    sock_server_t *server = arg;
    pthread_mutex_lock(&server->lock);
    watch(server);
    pthread_mutex_unlock(&server->lock);
    return NULL;
}

/* The lock is held. */
static int start_watch(sock_server_t *server)
{
    if (server->watching)
        return 0;
    if (sock__os_thread(run_watch, server, SOCK__OS_STACK, &server->watcher) <
        0)
        return -1;
    server->watching = true;
    return 0;
}

/* A datagram's socket is everyone's, and is not shut down. */
int sock__deadline_begin(sock_request_t *r)
{
    sock_server_t *server = r->server;
    if (server->request_deadline < 0 || r->packet != NULL)
        return 0;
    r->until = sock__until(server->request_deadline);
    pthread_mutex_lock(&server->lock);
    int result = start_watch(server);
    int err = errno;
    if (result == 0) {
        sock__link_append(&server->running, &r->place);
        if (server->running.next == &r->place)
            pthread_cond_signal(&server->begun);
    }
    pthread_mutex_unlock(&server->lock);
    return result == 0 ? 0 : sock__fail_status("thread", err);
}

void sock__deadline_end(sock_request_t *r)
{
    sock_server_t *server = r->server;
    if (server->request_deadline < 0 || r->packet != NULL)
        return;
    pthread_mutex_lock(&server->lock);
    sock__link_remove(&r->place);
    pthread_mutex_unlock(&server->lock);
}

void sock__deadline_stop(sock_server_t *server)
{
    pthread_mutex_lock(&server->lock);
    bool watching = server->watching;
    server->watch_ends = true;
    server->watching = false;
    pthread_cond_signal(&server->begun);
    pthread_mutex_unlock(&server->lock);
    if (watching)
        pthread_join(server->watcher, NULL);
}

/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "park.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <pysockc/timeout.h>

#include "object.h"
#include "os.h"
#include "record.h"
#include "request.h"

bool sock__park_allowed(const sock_request_t *r)
{
    return r->packet == NULL && r->server->c.mode != SOCK_SERVER_FORKING;
}

/* Whether a protocol on top has bytes that the system knows nothing of; else
 * what has to be waited for. */
static bool has_bytes(const sock_request_t *r, int fd, int *events)
{
    sock_t *s = r->sock;
    short wanted = POLLIN;
    if (sock__asks_ready(s) &&
        s->ops->ready(s, fd, SOCK_EVENT_READ, &wanted) != 0)
        return true;
    *events = (wanted & POLLOUT) != 0 ? SOCK_EVENT_WRITE : SOCK_EVENT_READ;
    return false;
}

/* The lock is held, as with the others here that change the parked. */
static int need_poller(sock_server_t *server)
{
    if (server->poller >= 0)
        return 0;
    if (server->found == NULL)
        server->found = malloc(SOCK__OS_FOUND_MAX * sizeof *server->found);
    if (server->found != NULL)
        server->poller = sock__os_poller_new();
    sock__server_wake(server); /* which waits without it */
    return server->poller >= 0 ? 0 : -1;
}

/* Among the parked before its socket is watched, as it may go on at once. */
static int watch_socket(sock_request_t *r, int fd, int events)
{
    sock_server_t *server = r->server;
    enum sock__os_change change = r->watched ? SOCK__OS_MODIFY : SOCK__OS_ADD;
    if (need_poller(server) < 0)
        return -1;
    r->watched = true;
    if (sock__os_poller_set(server->poller, change, fd,
                            events | SOCK_EVENT_ONESHOT,
                            (uint64_t)(uintptr_t)r) < 0) {
        r->watched = change == SOCK__OS_MODIFY;
        return -1;
    }
    sock__link_append(&server->parked, &r->place);
    server->stats.parked++;
    if (r->until >= 0 && server->parked.next == &r->place)
        sock__server_wake(server);
    return 0;
}

/* 0, or an errno; ECANCELED where the server ends. */
static int wait_for(sock_request_t *r, int fd, int events)
{
    sock_server_t *server = r->server;
    int err = 0;
    r->until = sock__until(server->request_timeout);
    pthread_mutex_lock(&server->lock);
    if (server->ends)
        err = ECANCELED;
    else if (watch_socket(r, fd, events) < 0)
        err = errno;
    else
        sock__request_leave_thread(r);
    pthread_mutex_unlock(&server->lock);
    return err;
}

int sock__park(sock_request_t *r)
{
    int events, fd = sock_fileno(r->sock);
    if (fd >= 0 && has_bytes(r, fd, &events))
        return SOCK__HAS_BYTES;
    int err = fd >= 0 ? wait_for(r, fd, events) : EBADF;
    if (err == 0)
        return SOCK__PARKED;
    int result = sock__request_finish(r);
    return err == ECANCELED ? result : sock__fail_status("park", err);
}

static void unpark(sock_server_t *server, sock_request_t *r)
{
    sock__link_remove(&r->place);
    server->stats.parked--;
}

int sock__park_look(sock_server_t *server)
{
    int n = sock__os_poller_wait(server->poller, server->found, 0);
    return n > 0 ? n : 0;
}

/* Only the loop takes them out, so what the system found is still there. */
sock_request_t *sock__park_take(sock_server_t *server, int i)
{
    sock_request_t *r = (void *)(uintptr_t)server->found[i].word;
    pthread_mutex_lock(&server->lock);
    unpark(server, r);
    pthread_mutex_unlock(&server->lock);
    return r;
}

int64_t sock__park_until(sock_server_t *server)
{
    pthread_mutex_lock(&server->lock);
    int64_t until = -1;
    if (!sock__link_alone(&server->parked))
        until = sock__request_at(server->parked.next)->until;
    pthread_mutex_unlock(&server->lock);
    return until;
}

/* The first of the parked, taken out, if it is to be closed. */
static sock_request_t *next_to_close(sock_server_t *server, bool all)
{
    sock_request_t *r = NULL;
    pthread_mutex_lock(&server->lock);
    if (!sock__link_alone(&server->parked)) {
        r = sock__request_at(server->parked.next);
        if (all || (r->until >= 0 && r->until <= sock__os_now()))
            unpark(server, r);
        else
            r = NULL;
    }
    pthread_mutex_unlock(&server->lock);
    return r;
}

static void end_parked(sock_request_t *r)
{
    struct sock__inside here;
    sock__go_inside(&here, r->server);
    int result = sock__request_finish(r);
    sock__go_outside(&here);
    if (result < 0)
        sock__request_fail(r);
    else
        sock__request_end(r);
}

int sock__park_close(sock_server_t *server, bool all)
{
    sock_request_t *r;
    int closed = 0;
    for (; (r = next_to_close(server, all)) != NULL; closed++)
        end_parked(r);
    return closed;
}

int sock_request_park(sock_request_t *request)
{
    if (request == NULL)
        return sock__fail("park", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (!sock__park_allowed(request))
        return sock__fail("park", SOCK_E_VALUE, 0, SOCK__CANNOT_PARK);
    request->park = true;
    return 0;
}

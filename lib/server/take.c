/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "take.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <pysockc/connect.h>
#include <pysockc/message.h>

#include "address.h"
#include "object.h"
#include "os.h"
#include "park.h"
#include "record.h"
#include "request.h"
#include "run.h"
#include "wait.h"

/* How long nothing is accepted where that is of no use; after how many
 * failures in a row; how many connections one round gives up. */
static const int64_t REST = 100000000; /* ns */
enum { MANY_REFUSALS = 16, MOST_SHED = 1024 };

static void rest(sock_server_t *server)
{
    server->resting = sock__until(REST);
}

/* Processing */

static int hand_over(sock_request_t *r)
{
    switch (r->server->c.mode) {
    case SOCK_SERVER_THREADING:
        return sock__run_thread(r);
    case SOCK_SERVER_FORKING:
        return sock__run_child(r);
    case SOCK_SERVER_POOL:
        return sock__run_pool(r);
    default:
        sock__run(r);
        return 0;
    }
}

void sock__dispatch(sock_request_t *r)
{
    if (hand_over(r) < 0)
        sock__request_fail(r);
}

int sock_server_process_request(sock_server_t *server, sock_request_t *request)
{
    if (sock__server_check(server, "process_request") < 0)
        return -1;
    if (request == NULL)
        return sock__fail("process_request", SOCK_E_TYPE, 0,
                          SOCK__NULL_ARGUMENT);
    if (server->processing != request)
        return sock__fail("process_request", SOCK_E_OS, EALREADY, 0);
    server->processing = NULL;
    sock__dispatch(request);
    return 0;
}

/* The server's own process_request may have handed it over. */
static void process(sock_request_t *r)
{
    sock_server_t *server = r->server;
    if (server->c.process_request == NULL) {
        sock__dispatch(r);
        return;
    }
    server->processing = r;
    int result = server->c.process_request(server, r);
    bool mine = server->processing == r;
    server->processing = NULL;
    if (mine && result < 0)
        sock__request_fail(r);
    else if (mine)
        sock__request_end(r);
}

static bool same_host(const sock_addr_t *a, const sock_addr_t *b)
{
    int family = sock_addr_family(a);
    if (family != sock_addr_family(b) ||
        (family != AF_INET && family != AF_INET6))
        return false;
    return memcmp(sock__addr_ip(a), sock__addr_ip(b),
                  family == AF_INET ? 4 : 16) == 0;
}

/* Whether its host has as many requests already as it may. */
static bool host_is_full(const sock_request_t *r)
{
    sock_server_t *server = r->server;
    int n = 0, most = server->c.max_per_address;
    if (most <= 0)
        return false;
    pthread_mutex_lock(&server->lock);
    for (struct sock__link *at = server->all.next; at != &server->all;
         at = at->next)
        n += same_host(&sock__request_in_all(at)->address, &r->address);
    pthread_mutex_unlock(&server->lock);
    return n > most; /* it is one of them */
}

static void verify(sock_request_t *r)
{
    sock_server_t *server = r->server;
    int verified = 1;
    if (host_is_full(r))
        verified = 0;
    else if (server->c.verify_request != NULL)
        verified = server->c.verify_request(server, r);
    if (verified > 0) {
        process(r);
        return;
    }
    sock__server_count(server, &server->stats.refused);
    if (verified < 0)
        sock__request_fail(r);
    else
        sock__request_end(r);
}

/* Failing to take one */

/*
 * There is no descriptor for those who wait. The one that was kept for this is
 * given away, and what it lets in is closed at once, so that nobody waits and
 * the loop does not spin.
 */
static void shed(sock_server_t *server)
{
    int fd, n = 0;
    if (server->reserve >= 0)
        close(server->reserve);
    for (; n < MOST_SHED; n++) {
        if ((fd = sock__os_accept(server->fd, NULL, NULL, false)) < 0)
            break;
        close(fd);
    }
    if (n < MOST_SHED && !sock__would_block(errno))
        rest(server);
    server->reserve = sock__os_event_new();
    if (server->reserve < 0)
        rest(server);
    pthread_mutex_lock(&server->lock);
    server->stats.emfile++;
    server->stats.refused += (uint64_t)n;
    pthread_mutex_unlock(&server->lock);
    if (server->c.emfile != NULL)
        server->c.emfile(server);
}

/* Whether the error says that there can never be a request. */
static bool is_final(const sock_error_t *e)
{
    return e->kind == SOCK_E_CANCELLED || e->kind == SOCK_E_TYPE ||
           (e->kind == SOCK_E_OS &&
            (e->code == EBADF || e->code == EINVAL || e->code == ENOTSOCK ||
             e->code == EOPNOTSUPP));
}

static bool is_short(const sock_error_t *e)
{
    return e->kind == SOCK_E_MEMORY ||
           (e->kind == SOCK_E_OS && (e->code == ENOMEM || e->code == ENOBUFS));
}

/* As sock__take(), for what this thread has just failed at. */
static int not_taken(sock_server_t *server)
{
    const sock_error_t *e = sock_last_error();
    if (e->kind == SOCK_E_OS && sock__would_block(e->code))
        return 0; /* another process has it */
    if (is_final(e))
        return -1;
    if (e->kind == SOCK_E_OS && (e->code == EMFILE || e->code == ENFILE) &&
        !server->datagrams) {
        shed(server);
        return 0;
    }
    if (is_short(e) || ++server->refusals >= MANY_REFUSALS)
        rest(server);
    sock__server_error(server, NULL);
    return 0;
}

/* Taking one */

static int get_connection(sock_request_t *r)
{
    sock_server_t *server = r->server;
    r->sock = server->c.get_request != NULL
                  ? server->c.get_request(server, &r->address)
                  : sock_accept(server->sock, &r->address);
    return r->sock != NULL ? 0 : -1;
}

/* A datagram, and where it went to, if that has to be known. 1 if it was cut,
 * as it had more bytes than the server takes. */
static int get_datagram(sock_request_t *r)
{
    struct sock__packet *p = r->packet;
    int flags;
    struct iovec buf = {p->bytes, r->server->c.max_packet_size};
    sock_control_t control = {.buf = p->control.bytes,
                              .size = sizeof p->control};
    ssize_t n = sock_recvmsg(r->server->sock, &buf, 1, &control, 0, &flags,
                             &r->address);
    if (n < 0)
        return -1;
    r->sock = r->server->sock;
    p->size = (size_t)n;
    p->bytes[n] = '\0';
    p->control_size = sock__os_answer_from(p->control.bytes, control.used);
    return (flags & MSG_TRUNC) != 0;
}

int sock__take(sock_server_t *server)
{
    sock_request_t *r = sock__request_new(server);
    int got = -1;
    if (r != NULL)
        got = server->datagrams ? get_datagram(r) : get_connection(r);
    if (got < 0) {
        if (r != NULL)
            sock__request_free(r);
        return not_taken(server);
    }
    server->refusals = 0;
    sock__request_admit(r);
    if (got == 0) {
        verify(r);
    } else {
        sock__fail_to("recvfrom", SOCK_E_OS, EMSGSIZE, 0, &r->address);
        sock__request_fail(r);
    }
    return 1;
}

int sock__take_parked(sock_server_t *server)
{
    int n = sock__park_look(server);
    for (int i = 0; i < n; i++)
        sock__dispatch(sock__park_take(server, i));
    return n > 0;
}

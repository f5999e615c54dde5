/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* SO_REUSEPORT */

#include "server.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pysockc/connect.h>
#include <pysockc/options.h>

#include "address.h"
#include "class.h"
#include "deadline.h"
#include "object.h"
#include "os.h"
#include "park.h"
#include "record.h"
#include "request.h"
#include "run.h"
#include "take.h"
#include "timeout.h"
#include "wait.h"

/* How often one looks after children, which nothing else announces. */
static const int64_t NAP = 10000000; /* ns */

/* The class */

static int or_default(int value, int otherwise)
{
    return value != 0 ? value : otherwise;
}

static void fill_class(sock_server_class_t *c)
{
    c->request_queue_size = or_default(c->request_queue_size, 128);
    c->max_children = or_default(c->max_children, 40);
    c->threads = or_default(c->threads, 8);
    c->queue = or_default(c->queue, c->threads * 4);
    if (c->max_packet_size == 0)
        c->max_packet_size = 8192;
}

/* A time of the class: 0 is None. */
static int class_time(const char *op, double seconds, int64_t *ns)
{
    if (seconds == 0) {
        *ns = -1;
        return 0;
    }
    return sock__seconds_arg(op, seconds, ns);
}

/* The one that may be below 0, which is no time at all. */
static int wait_time(const char *op, double seconds, int64_t *ns)
{
    return seconds < 0 ? sock__seconds_arg(op, 0, ns)
                       : class_time(op, seconds, ns);
}

static int class_times(const char *op, sock_server_t *server)
{
    const sock_server_class_t *c = &server->c;
    if (wait_time(op, c->timeout, &server->timeout) < 0 ||
        class_time(op, c->request_timeout, &server->request_timeout) < 0)
        return -1;
    return class_time(op, c->request_deadline, &server->request_deadline);
}

/* Making */

static int make_locks(sock_server_t *server)
{
    int err = pthread_mutex_init(&server->lock, NULL);
    if (err == 0)
        err = sock__cond_init(&server->ended);
    if (err == 0)
        err = sock__cond_init(&server->begun);
    return err == 0 ? sock__cond_init(&server->work) : err;
}

static int make_room(const char *op, sock_server_t *server)
{
    const sock_server_class_t *c = &server->c;
    if (c->mode == SOCK_SERVER_FORKING)
        server->children =
            calloc((size_t)c->max_children, sizeof *server->children);
    if (c->mode == SOCK_SERVER_POOL)
        server->workers = calloc((size_t)c->threads, sizeof *server->workers);
    bool room = (c->mode != SOCK_SERVER_FORKING || server->children != NULL) &&
                (c->mode != SOCK_SERVER_POOL || server->workers != NULL);
    return room ? 0 : sock__fail(op, SOCK_E_MEMORY, 0, 0);
}

static int open_events(const char *op, sock_server_t *server)
{
    server->event = sock__os_event_new();
    if (server->event >= 0)
        server->reserve = sock__os_event_new();
    return server->reserve >= 0 ? 0 : sock__fail_status(op, errno);
}

static void begin_lists(sock_server_t *server)
{
    sock__link_init(&server->all);
    sock__link_init(&server->running);
    sock__link_init(&server->queued);
    sock__link_init(&server->parked);
}

/* A server without a socket, of a class that is good; NULL with the error
 * recorded. */
static sock_server_t *new_server(const char *op, const sock_server_class_t *c,
                                 void *arg)
{
    sock_server_t *server = calloc(1, sizeof *server);
    if (server == NULL || make_locks(server) != 0) {
        free(server);
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    server->c = *c;
    server->arg = arg;
    server->process = sock__os_process();
    server->event = server->reserve = -1;
    atomic_init(&server->poller, -1);
    fill_class(&server->c);
    begin_lists(server);
    if (class_times(op, server) == 0 && make_room(op, server) == 0 &&
        open_events(op, server) == 0)
        return server;
    sock__server_destroy(server);
    return NULL;
}

/* Where a datagram socket has several addresses, it has to be told which one a
 * datagram was sent to. */
static int tell_destination(sock_server_t *server)
{
    const sock_addr_t *a = &server->address;
    static const struct in6_addr any = IN6ADDR_ANY_INIT;
    bool several =
        (a->u.sa.sa_family == AF_INET && a->u.in.sin_addr.s_addr == 0) ||
        (a->u.sa.sa_family == AF_INET6 &&
         memcmp(&a->u.in6.sin6_addr, &any, sizeof any) == 0);
    if (!server->datagrams || !several)
        return 0;
    if (sock__os_tell_destination(sock_fileno(server->sock), a->u.sa.sa_family))
        return sock__fail_status("setsockopt", errno);
    return 0;
}

/* The server's from here on. Its own timeout is handle_request's; it never
 * waits itself, as another process may be faster. */
static int own_socket(sock_server_t *server, sock_t *s)
{
    server->datagrams = sock_type(s) == SOCK_DGRAM;
    server->accept_timeout = sock__timer(s).timeout;
    server->sock = s;
    if (sock_getsockname(s, &server->address) == 0 &&
        tell_destination(server) == 0 && sock_setblocking(s, 0) == 0)
        return 0;
    server->sock = NULL;
    return -1;
}

/* A server with this socket; NULL with the error recorded. */
static sock_server_t *server_of(const sock_server_class_t *c, sock_t *s,
                                void *arg)
{
    sock_server_t *server = new_server("server", c, arg);
    if (server == NULL || own_socket(server, s) == 0)
        return server;
    sock__server_destroy(server);
    return NULL;
}

/* What gives connections by itself need not listen. */
static int check_listens(const sock_server_class_t *c, sock_t *s)
{
    int listens = 1;
    if (sock_type(s) != SOCK_DGRAM && c->get_request == NULL &&
        sock_getsockopt_int(s, SOL_SOCKET, SO_ACCEPTCONN, &listens) < 0)
        return -1;
    return listens != 0
               ? 0
               : sock__fail("server", SOCK_E_VALUE, 0, SOCK__NOT_LISTENING);
}

sock_server_t *sock_server_adopt(const sock_server_class_t *c, sock_t *listener,
                                 void *arg)
{
    if (listener == NULL) {
        sock__fail("server", SOCK_E_TYPE, 0, SOCK__NULL_SOCKET);
        return NULL;
    }
    if (sock__class_check("server", c) < 0 || check_listens(c, listener) < 0)
        return NULL;
    return server_of(c, listener, arg);
}

static int set_options(sock_t *s, const sock_server_class_t *c, int family)
{
    bool ip = family == AF_INET || family == AF_INET6;
    bool streams = sock_type(s) != SOCK_DGRAM;
    if (ip &&
        (streams ? c->allow_reuse_address >= 0 : c->allow_reuse_address > 0) &&
        sock_setsockopt_int(s, SOL_SOCKET, SO_REUSEADDR, 1) < 0)
        return -1;
    if (c->allow_reuse_port > 0 &&
        sock_setsockopt_int(s, SOL_SOCKET, SO_REUSEPORT, 1) < 0)
        return -1;
    if (family == AF_INET6)
        return sock_setsockopt_int(s, IPPROTO_IPV6, IPV6_V6ONLY,
                                   c->dualstack_ipv6 <= 0);
    return 0;
}

static int check_dualstack(const sock_server_class_t *c,
                           const sock_addr_t *address)
{
    if (c->dualstack_ipv6 > 0 && sock_addr_family(address) != AF_INET6)
        return sock__fail("server", SOCK_E_VALUE, 0, SOCK__DUALSTACK_FAMILY);
    return 0;
}

/* server_bind and server_activate. */
static int bind_socket(sock_t *s, const sock_server_class_t *c,
                       const sock_addr_t *address)
{
    if (set_options(s, c, sock_addr_family(address)) < 0 ||
        sock_bind(s, *address) < 0)
        return -1;
    if (sock_type(s) == SOCK_DGRAM)
        return 0;
    return sock_listen(s,
                       c->request_queue_size > 0 ? c->request_queue_size : 128);
}

static const char *path_of(const sock_server_t *server)
{
    const sock_addr_t *a = &server->address;
    bool has_one =
        sock_addr_family(a) == AF_UNIX && a->u.un.sun_path[0] != '\0';
    return has_one ? a->u.un.sun_path : NULL;
}

static bool same_file(const sock_server_t *server, const struct stat *st)
{
    return st->st_dev == server->device && st->st_ino == server->inode;
}

static void note_path(sock_server_t *server)
{
    struct stat st;
    const char *path = path_of(server);
    int saved = errno;
    server->has_path = path != NULL && lstat(path, &st) == 0;
    if (server->has_path) {
        server->device = st.st_dev;
        server->inode = st.st_ino;
    }
    errno = saved;
}

/* Another server may have taken its place, whose path it is then. */
static void remove_path(const sock_server_t *server)
{
    struct stat st;
    if (server->has_path && lstat(path_of(server), &st) == 0 &&
        same_file(server, &st))
        unlink(path_of(server));
}

sock_server_t *sock_server_new(const sock_server_class_t *c,
                               sock_addr_t address, void *arg)
{
    if (sock__class_check("server", c) < 0 ||
        sock__addr_check("bind", &address) < 0 ||
        check_dualstack(c, &address) < 0)
        return NULL;
    sock_t *s = sock_new(sock_addr_family(&address),
                         or_default(c->type, SOCK_STREAM), 0);
    if (s == NULL)
        return NULL;
    sock_server_t *server = NULL;
    if (bind_socket(s, c, &address) == 0)
        server = server_of(c, s, arg);
    if (server == NULL)
        sock_free(s);
    else
        note_path(server);
    return server;
}

/* Serving */

/* One loop at a time. */
static int begin_loop(sock_server_t *server, const char *op)
{
    pthread_mutex_lock(&server->lock);
    bool other = server->serving;
    if (!other) {
        server->serving = true;
        server->ends = false;
    }
    pthread_mutex_unlock(&server->lock);
    if (other)
        return sock__fail(op, SOCK_E_OS, EBUSY, 0);
    int result = 0;
    server->fd = sock__enter(server->sock, op);
    if (server->fd < 0)
        result = -1;
    else if (server->c.mode == SOCK_SERVER_POOL &&
             sock__pool_start(server) < 0) {
        sock__leave(server->sock);
        result = -1;
    }
    if (result < 0) {
        pthread_mutex_lock(&server->lock);
        server->serving = false;
        pthread_mutex_unlock(&server->lock);
    }
    return result;
}

static void end_loop(sock_server_t *server)
{
    sock__leave(server->sock);
    pthread_mutex_lock(&server->lock);
    server->serving = false;
    pthread_cond_broadcast(&server->ended);
    pthread_mutex_unlock(&server->lock);
}

/* The nearer of two times that may be none. */
static int64_t nearer(int64_t a, int64_t b)
{
    if (a < 0 || b < 0)
        return a < 0 ? b : a;
    return a < b ? a : b;
}

/* What is left until then; negative: no limit. */
static int64_t left_until(int64_t until)
{
    if (until < 0)
        return -1;
    int64_t now = sock__os_now();
    return until > now ? until - now : 0;
}

/* Whether it may accept; until when it waits at most, if that is sooner. */
static bool may_take(sock_server_t *server, int64_t *until)
{
    bool room = sock__server_has_room(server);
    if (!room && server->child_count > 0) /* whose end no event tells */
        *until = nearer(*until, sock__until(NAP));
    if (server->resting > 0 && sock__os_now() < server->resting) {
        *until = nearer(*until, server->resting);
        return false;
    }
    server->resting = 0;
    return room && !atomic_load(&server->paused);
}

/* Waits until something is to be done; -1 with the error recorded. */
static int wait_any(sock_server_t *server, struct pollfd fds[3], int64_t until)
{
    bool takes = may_take(server, &until);
    until = nearer(until, sock__park_until(server));
    fds[0] = (struct pollfd){.fd = server->event, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = takes ? server->fd : -1,
                             .events = sock__os_with_end(POLLIN)};
    fds[2] = (struct pollfd){.fd = server->poller, .events = POLLIN};
    int n = sock__os_poll(fds, server->poller >= 0 ? 3 : 2, left_until(until));
    if (n >= 0)
        return 0;
    fds[0].revents = fds[1].revents = fds[2].revents = 0;
    if (errno != EINTR)
        return sock__fail_status("serve", errno);
    if (sock__interrupted(server->sock))
        return sock__fail_status("serve", SOCK__CANCELLED);
    return 0;
}

/* Whether another process passes connections on: it may do so and end. */
static bool is_passed(const sock_server_t *server)
{
    return !server->datagrams && server->c.get_request != NULL;
}

/* One round: 1 if a request was taken, 0 if not, -1 with the error recorded. */
static int serve_round(sock_server_t *server, int64_t until)
{
    struct pollfd fds[3];
    int took = 0, result = 0;
    if (wait_any(server, fds, until) < 0)
        return -1;
    if (fds[0].revents != 0)
        sock__os_event_clear(server->event);
    if (atomic_load(&server->stopping))
        return 0;
    if (fds[2].revents != 0)
        took = sock__take_parked(server);
    if (!is_passed(server) && sock__os_ended(fds[1].revents))
        result = sock__fail("serve", SOCK_E_OS, ESHUTDOWN, 0);
    else if (fds[1].revents != 0)
        result = sock__take(server);
    sock__park_close(server, false);
    sock__join_finished(server);
    if (server->child_count > 0)
        sock__reap(server);
    return result < 0 ? -1 : took | result;
}

/* When the next look is due at what no event tells; interval: ns. */
static int64_t next_look(sock_server_t *server, int64_t interval)
{
    if (server->c.service_actions == NULL && server->child_count == 0)
        return -1;
    if (server->actions_due == 0)
        server->actions_due = sock__until(interval);
    return server->actions_due;
}

static void look_after(sock_server_t *server, int took)
{
    int64_t due = server->actions_due;
    if (took == 0 && (due <= 0 || sock__os_now() < due))
        return;
    server->actions_due = 0;
    if (server->c.service_actions != NULL)
        server->c.service_actions(server);
}

static int serve(sock_server_t *server, int64_t interval)
{
    int took = 0;
    while (took >= 0 && !atomic_exchange(&server->stopping, false)) {
        took = serve_round(server, next_look(server, interval));
        if (took >= 0)
            look_after(server, took);
    }
    return took < 0 ? -1 : 0;
}

/* Whatever failed inside, success leaves no trace of it. */
int sock_server_serve_forever(sock_server_t *server, double poll_interval)
{
    const char *op = "serve_forever";
    struct sock__saved before;
    struct sock__inside here;
    int64_t interval;

    sock__error_save(&before);
    if (sock__server_check(server, op) < 0 ||
        sock__seconds_arg(op, poll_interval, &interval) < 0 ||
        begin_loop(server, op) < 0)
        return -1;
    sock__go_inside(&here, server);
    int result = serve(server, interval);
    sock__go_outside(&here);
    end_loop(server);
    if (result == 0)
        sock__error_restore(&before);
    return result;
}

/* 1 if one was handled, 0 if the time is over. */
static int serve_one(sock_server_t *server)
{
    int64_t until =
        sock__until(nearer(server->accept_timeout, server->timeout));
    int took = 0;
    while (took == 0) {
        if (atomic_exchange(&server->stopping, false))
            return sock__fail_status("handle_request", SOCK__CANCELLED);
        took = serve_round(server, until);
        if (took == 0 && until >= 0 && sock__os_now() >= until) {
            if (server->c.handle_timeout != NULL)
                server->c.handle_timeout(server);
            break;
        }
    }
    return took;
}

int sock_server_handle_request(sock_server_t *server)
{
    const char *op = "handle_request";
    struct sock__saved before;
    struct sock__inside here;

    sock__error_save(&before);
    if (sock__server_check(server, op) < 0 || begin_loop(server, op) < 0)
        return -1;
    sock__go_inside(&here, server);
    int result = serve_one(server);
    sock__go_outside(&here);
    end_loop(server);
    if (result >= 0)
        sock__error_restore(&before);
    return result;
}

/* Ending */

int sock_server_shutdown(sock_server_t *server)
{
    if (sock__server_check(server, "shutdown") < 0)
        return -1;
    atomic_store(&server->stopping, true);
    sock__server_wake(server);
    return 0;
}

int sock_server_pause(sock_server_t *server, int on)
{
    if (sock__server_check(server, "pause") < 0)
        return -1;
    atomic_store(&server->paused, on != 0);
    sock__server_wake(server);
    return 0;
}

/* Waits until the loop has ended, and nothing runs any more if all is asked:
 * whether it has, by that time. */
static bool wait_ended(sock_server_t *server, bool all, int64_t until)
{
    bool waits = true;
    pthread_mutex_lock(&server->lock);
    while (waits && (server->serving || (all && server->stats.active > 0)))
        waits = sock__cond_wait(&server->ended, &server->lock, until);
    bool ended = !server->serving && !(all && server->stats.active > 0);
    pthread_mutex_unlock(&server->lock);
    return ended;
}

static bool wait_children(sock_server_t *server, int64_t until)
{
    while (server->c.mode == SOCK_SERVER_FORKING && sock__reap(server) > 0) {
        int64_t left = left_until(until);
        if (left == 0)
            return false;
        sock__os_poll(NULL, 0, nearer(left, NAP));
    }
    return true;
}

static bool wait_all(sock_server_t *server, int64_t until)
{
    bool ended = wait_ended(server, true, until);
    sock__join_finished(server);
    return ended && wait_children(server, until);
}

static int check_join(sock_server_t *server, const char *op, double seconds,
                      int64_t *until)
{
    int64_t ns;
    if (sock__server_check(server, op) < 0 ||
        sock__seconds_arg(op, seconds, &ns) < 0)
        return -1;
    if (sock__is_inside(server))
        return sock__fail(op, SOCK_E_OS, EDEADLK, 0);
    *until = sock__until(ns);
    return 0;
}

int sock_server_join(sock_server_t *server, double timeout)
{
    int64_t until = 0;
    int saved = errno;
    if (check_join(server, "join", timeout, &until) < 0)
        return -1;
    if (!wait_all(server, until))
        return sock__fail_status("join", SOCK__TIMED_OUT);
    errno = saved;
    return 0;
}

/* Ends what runs: how many. */
static int cut_all(sock_server_t *server)
{
    int n = 0;
    pthread_mutex_lock(&server->lock);
    for (struct sock__link *at = server->all.next; at != &server->all;
         at = at->next, n++)
        sock__request_cut(sock__request_in_all(at));
    pthread_mutex_unlock(&server->lock);
    return n + sock__end_children(server);
}

/* The loop ends, and nothing is parked any more. */
static void begin_end(sock_server_t *server)
{
    pthread_mutex_lock(&server->lock);
    server->ends = true;
    pthread_mutex_unlock(&server->lock);
    sock_server_shutdown(server);
}

int sock_server_drain(sock_server_t *server, double seconds)
{
    int64_t until = 0;
    int cut = 0, saved = errno;
    if (check_join(server, "drain", seconds, &until) < 0)
        return -1;
    begin_end(server);
    if (wait_ended(server, false, until))
        sock__park_close(server, true);
    if (!wait_all(server, until)) {
        cut = cut_all(server);
        wait_ended(server, false, -1);
        sock__park_close(server, true);
        wait_all(server, -1);
    }
    errno = saved;
    return cut;
}

/* Whether nothing of it is waited for. */
static bool lets_run(const sock_server_t *server)
{
    return server->c.mode != SOCK_SERVER_POOL &&
           (server->c.block_on_close < 0 || server->c.daemon_threads > 0);
}

static void end_server(sock_server_t *server)
{
    begin_end(server);
    wait_ended(server, false, -1);
    if (!server->datagrams)
        sock_close(server->sock);
    remove_path(server);
    sock__park_close(server, true);
    if (!lets_run(server))
        wait_all(server, -1);
    sock__pool_stop(server);
    sock__join_finished(server);
}

/* Daemon threads may go on: the last of them ends what is left. */
static void leave_server(sock_server_t *server)
{
    pthread_mutex_lock(&server->lock);
    bool last = server->stats.active == 0;
    server->closed = true;
    pthread_mutex_unlock(&server->lock);
    if (last)
        sock__server_destroy(server);
}

void sock_server_free(sock_server_t *server)
{
    struct sock__saved before;
    if (server == NULL)
        return;
    sock__error_save(&before);
    if (server->process == sock__os_process()) {
        end_server(server);
        leave_server(server);
    } else {
        /* Its threads are the parent's, which may hold the lock here, or wait
         * for a condition, so that neither could be destroyed. */
        server->watching = false;
        make_locks(server);
        sock__server_destroy(server);
    }
    sock__error_restore(&before);
}

/* What it is */

sock_t *sock_server_sock(const sock_server_t *server)
{
    return server != NULL ? server->sock : NULL;
}

sock_addr_t sock_server_address(const sock_server_t *server)
{
    return server != NULL ? server->address : sock_addr_none();
}

sock_fd_t sock_server_fileno(const sock_server_t *server)
{
    if (server == NULL)
        return sock__fail("fileno", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    return sock_fileno(server->sock);
}

void *sock_server_arg(const sock_server_t *server)
{
    return server != NULL ? server->arg : NULL;
}

int sock_server_stats(sock_server_t *server, sock_server_stats_t *stats)
{
    if (sock__server_check(server, "stats") < 0)
        return -1;
    if (stats == NULL)
        return sock__fail("stats", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    pthread_mutex_lock(&server->lock);
    *stats = server->stats;
    stats->active += server->child_count;
    pthread_mutex_unlock(&server->lock);
    return 0;
}

void sock_server_print_error(sock_server_t *server, sock_request_t *request,
                             const sock_error_t *error)
{
    char who[SOCK_ADDR_REPR_MAX], what[SOCK_ERROR_TEXT_MAX];
    sock_addr_t address = sock_request_address(request);
    static const char line[] = "----------------------------------------";
    struct sock__saved before;
    (void)server;
    sock__error_save(&before);
    sock_addr_repr(&address, who, sizeof who);
    sock_error_text(error, what, sizeof what);
    fprintf(stderr,
            "%s\nException occurred during processing of request from %s\n"
            "%s\n%s\n",
            line, who, what, line);
    sock__error_restore(&before);
}

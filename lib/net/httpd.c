/* SPDX-License-Identifier: MIT */
/* Servers: what they are, and when they serve. */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/httpd.h>

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include <pysockc/connect.h>
#include <pysockc/create.h>
#include <pysockc/options.h>
#include <pysockc/timeout.h>

#include "httpd_alone.h"
#include "httpd_conn.h"
#include "httpd_io.h"
#include "httpd_limits.h"
#include "httpd_loan.h"
#include "httpd_loop.h"
#include "httpd_peers.h"
#include "httpd_places.h"
#include "httpd_pool.h"
#include "httpd_routes.h"
#include "record.h"

enum { BACKLOG = 511 };

/* Whether there is a server, of this process: 0; -1 with the error recorded. */
static int check(const char *op, const sock_httpd_t *server)
{
    if (server == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (server->process != sock__os_process())
        return sock__fail(op, SOCK_E_OS, EINVAL, 0);
    return 0;
}

/* Whether it can still be changed. */
static int check_unused(const char *op, const sock_httpd_t *server,
                        const void *argument)
{
    if (check(op, server) < 0)
        return -1;
    if (argument == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (atomic_load(&server->used))
        return sock__fail(op, SOCK_E_OS, EBUSY, 0);
    return 0;
}

/* Making */

/* What a host that says nothing stands for. */
static sock_t *listen_everywhere(int port)
{
    sock_t *s = NULL;

    if (sock_has_dualstack_ipv6())
        s = sock_create_server(sock_addr_inet6("", port), BACKLOG,
                               SOCK_SERVER_DUALSTACK_IPV6);
    if (s != NULL || (sock_last_error()->kind == SOCK_E_OS &&
                      sock_last_error()->code == EADDRINUSE))
        return s;
    return sock_create_server(sock_addr_inet("", port), BACKLOG, 0);
}

static sock_t *listen_on(const char *host, int port)
{
    if (host == NULL || *host == '\0')
        return listen_everywhere(port);
    bool v6 = strchr(host, ':') != NULL;
    sock_addr_t address =
        v6 ? sock_addr_inet6(host, port) : sock_addr_inet(host, port);
    return sock_create_server(address, BACKLOG, 0);
}

/* Accepted connections have what their listener has. */
static int set_up_listener(sock_httpd_t *server)
{
    if (sock_setsockopt_int(server->listener, IPPROTO_TCP, TCP_NODELAY, 1) < 0)
        return -1;
    return sock_setblocking(server->listener, 0);
}

/* They need memory, and a random number of the system's. */
static int no_peers(const char *op)
{
    if (errno == ENOMEM)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return sock__fail(op, SOCK_E_OS, errno, 0);
}

static int set_up_memory(sock_httpd_t *server)
{
    sock_httpd_limits_t usual = {.size = sizeof usual};

    sock__places_begin(server);
    sock__queue_begin(&server->queue);
    sock__queue_begin(&server->turns);
    sock__queue_begin(&server->ended);
    sock__httpd_limits(&server->limits, &usual);
    if (sock__peers_begin(&server->peers, server->limits.connections) < 0)
        return no_peers("HTTPServer");
    return 0;
}

static int set_up(sock_httpd_t *server, const char *host, int port)
{
    if (set_up_memory(server) < 0)
        return -1;
    server->listener = listen_on(host, port);
    if (server->listener == NULL || set_up_listener(server) < 0)
        return -1;
    server->selector = sock_selector_new(SOCK_SELECTOR_DEFAULT);
    if (server->selector == NULL)
        return -1;
    server->stopped = sock_cancel_new();
    return server->stopped != NULL ? 0 : -1;
}

static sock_httpd_t *make(void)
{
    sock_httpd_t *server = calloc(1, sizeof *server);

    if (server == NULL) {
        sock__fail("HTTPServer", SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    server->process = sock__os_process();
    pthread_mutex_init(&server->lock, NULL);
    pthread_mutex_init(&server->memory, NULL);
    pthread_mutex_init(&server->site.lock, NULL);
    pthread_cond_init(&server->workers.work, NULL);
    pthread_cond_init(&server->calm, NULL);
    sock__loan_begin(server);
    return server;
}

sock_httpd_t *sock_httpd_new(const char *host, int port)
{
    struct sock__saved saved;

    sock__error_save(&saved);
    sock_httpd_t *server = make();
    if (server == NULL)
        return NULL;
    if (set_up(server, host, port) < 0) {
        sock__fail_status(sock_last_error()->operation, SOCK__RECORDED);
        sock_httpd_free(server);
        return NULL;
    }
    sock__error_restore(&saved);
    return server;
}

/* Ending */

static void end_kept(struct sock__kept *kept)
{
    if (kept->end != NULL)
        kept->end(kept->state);
}

static void free_hosts(char **hosts)
{
    for (char **host = hosts; host != NULL && *host != NULL; host++)
        free(*host);
    free(hosts);
}

static void end_threads(sock_httpd_t *server)
{
    sock__loop_cut(server);
    sock__workers_end(server);
    sock__loop_cut(server); /* whom no worker has taken any more */
    sock__spares_end(server);
    pthread_cond_destroy(&server->workers.work);
    pthread_cond_destroy(&server->calm);
    sock__loan_end(server);
    pthread_mutex_destroy(&server->lock);
    pthread_mutex_destroy(&server->memory);
    pthread_mutex_destroy(&server->site.lock);
}

/* What is of a parent has no threads here, and its lock may be held. */
static void end_of_parent(sock_httpd_t *server)
{
    for (int i = 0; i < SOCK__PLACES; i++) {
        const struct sock__link *head = &server->places[i];
        struct sock__link *at = head->next;
        while (at != head && at != NULL) {
            struct sock__conn *c = (struct sock__conn *)(void *)at;
            at = at->next;
            sock_free(c->sock);
            free(c->in.buf);
            free(c);
        }
    }
    free(server->workers.threads);
    sock__spares_end(server);
}

void sock_httpd_free(sock_httpd_t *server)
{
    struct sock__saved saved;

    if (server == NULL)
        return;
    sock__error_save(&saved);
    sock_freep(&server->listener);
    if (server->process != sock__os_process())
        end_of_parent(server);
    else
        end_threads(server);
    sock_selector_free(server->selector);
    sock_cancel_free(server->stopped);
    sock_freep(&server->reserve);
    sock__peers_end(&server->peers);
    sock__routes_end(&server->methods);
    sock__routes_end(&server->mounts);
    free_hosts(server->hosts);
    if (server->tls != NULL)
        server->tls->ops->let_go(server->tls);
    end_kept(&server->site.nonces);
    end_kept(&server->site.files);
    free(server);
    sock__error_restore(&saved);
}

/* What it is */

int sock_httpd_do(sock_httpd_t *server, const char *method, sock_httpd_fn fn,
                  void *arg)
{
    const char *op = "do";

    if (check_unused(op, server, method) < 0)
        return -1;
    if (fn == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (!sock__is_token(method, strlen(method)))
        return sock__fail_saying(op, SOCK_E_VALUE, 0, "the method is no token");
    if (strcmp(method, "TRACE") == 0 || strcmp(method, "CONNECT") == 0)
        return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                 "the method is never served");
    return sock__route_add(op, &server->methods, method, fn, arg);
}

/* "/a/b", as paths begin; "/" is all of them. */
static bool is_prefix(const char *prefix)
{
    size_t n = strlen(prefix);

    return prefix[0] == '/' && strchr(prefix, '?') == NULL &&
           strstr(prefix, "//") == NULL && (n == 1 || prefix[n - 1] != '/');
}

int sock_httpd_mount(sock_httpd_t *server, const char *prefix, sock_httpd_fn fn,
                     void *arg)
{
    const char *op = "mount";

    if (check_unused(op, server, prefix) < 0)
        return -1;
    if (fn == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (!is_prefix(prefix))
        return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                 "the prefix is not as paths begin");
    return sock__route_add(op, &server->mounts, prefix, fn, arg);
}

/* The table is made for the number of connections. */
int sock_httpd_set_limits(sock_httpd_t *server,
                          const sock_httpd_limits_t *limits)
{
    const char *op = "set_limits";
    sock_httpd_limits_t taken;
    struct sock__peers peers;

    if (check_unused(op, server, limits) < 0 ||
        sock__httpd_limits(&taken, limits) < 0)
        return -1;
    if (sock__peers_begin(&peers, taken.connections) < 0)
        return no_peers(op);
    sock__peers_end(&server->peers);
    server->peers = peers;
    server->limits = taken;
    return 0;
}

int sock_httpd_set_log(sock_httpd_t *server, sock_httpd_log_fn fn, void *arg)
{
    if (check_unused("set_log", server, "") < 0)
        return -1;
    server->log = fn;
    server->log_arg = arg;
    return 0;
}

/* A copy of a list that ends with NULL; NULL for want of memory. */
static char **copy_hosts(const char *const *hosts)
{
    size_t n = 0;

    while (hosts[n] != NULL)
        n++;
    char **copy = calloc(n + 1, sizeof *copy);
    for (size_t i = 0; copy != NULL && i < n; i++) {
        copy[i] = strdup(hosts[i]);
        if (copy[i] == NULL) {
            free_hosts(copy);
            return NULL;
        }
    }
    return copy;
}

int sock_httpd_set_hosts(sock_httpd_t *server, const char *const *hosts)
{
    char **copy = NULL;

    if (check_unused("set_hosts", server, "") < 0)
        return -1;
    if (hosts != NULL && (copy = copy_hosts(hosts)) == NULL)
        return sock__fail("set_hosts", SOCK_E_MEMORY, 0, 0);
    free_hosts(server->hosts);
    server->hosts = copy;
    return 0;
}

int sock_httpd_set_context(sock_httpd_t *server, sock_tls_t *tls)
{
    if (check_unused("set_context", server, "") < 0)
        return -1;
    if (tls != NULL)
        tls->ops->hold(tls);
    if (server->tls != NULL)
        server->tls->ops->let_go(server->tls);
    server->tls = tls;
    return 0;
}

int sock_httpd_address(sock_httpd_t *server, sock_addr_t *address)
{
    const char *op = "server_address";

    if (check(op, server) < 0)
        return -1;
    if (address == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (sock_getsockname(server->listener, address) == 0)
        return 0;
    return sock__fail_status(op, SOCK__RECORDED);
}

/* When it serves */

/* For one thread: 0; -1 with the error recorded. */
static int enter(const char *op, sock_httpd_t *server)
{
    if (check(op, server) < 0)
        return -1;
    if (atomic_exchange(&server->serving, true))
        return sock__fail(op, SOCK_E_OS, EBUSY, 0);
    atomic_store(&server->used, true);
    return 0;
}

static int begin_loop(sock_httpd_t *server)
{
    if (server->reserve == NULL)
        server->reserve = sock_new(AF_INET, SOCK_STREAM, 0);
    if (server->reserve == NULL || sock__workers_begin(server) < 0)
        return -1;
    pthread_mutex_lock(&server->lock);
    server->looping = true;
    pthread_mutex_unlock(&server->lock);
    server->listening = false;
    server->rest = 0;
    return 0;
}

/* Those who serve alone have heard of the shutdown, or still will. */
static void end_loop(sock_httpd_t *server)
{
    sock__loop_cut(server);
    if (server->listening)
        sock_selector_unregister(server->selector, server->listener);
    atomic_store(&server->stopping, false);
}

int sock_httpd_serve_forever(sock_httpd_t *server)
{
    const char *op = "serve_forever";
    struct sock__saved saved, failure;

    if (enter(op, server) < 0)
        return -1;
    sock__error_save(&saved);
    int result = begin_loop(server);
    if (result == 0) {
        result = sock__loop_run(server);
        sock__error_save(&failure);
        end_loop(server);
        sock__error_restore(&failure);
    }
    atomic_store(&server->serving, false);
    if (result < 0)
        return sock__fail_status(op, SOCK__RECORDED);
    sock__error_restore(&saved);
    return 0;
}

/* Waits for a connection, or a shutdown. */
static sock_t *take_one(sock_httpd_t *server, sock_addr_t *client)
{
    unsigned stops = atomic_load(&server->stops);
    sock_t *s;

    do {
        if (sock__wait_or_stop(server, server->listener, stops,
                               SOCK_NO_TIMEOUT) < 0)
            return NULL;
        s = sock_accept(server->listener, client);
    } while (s == NULL && sock__httpd_would_block());
    return s;
}

int sock_httpd_handle_request(sock_httpd_t *server)
{
    const char *op = "handle_request";
    sock_addr_t client;

    if (enter(op, server) < 0)
        return -1;
    sock_t *s = take_one(server, &client);
    atomic_store(&server->serving, false);
    if (s == NULL)
        return sock__fail_status(op, SOCK__RECORDED);
    return sock__serve_alone(op, server, s, &client);
}

int sock_httpd_serve(sock_httpd_t *server, sock_t *conn)
{
    const char *op = "serve";
    sock_addr_t client;

    if (check(op, server) < 0)
        return -1;
    if (conn == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (sock_getpeername(conn, &client) < 0)
        return sock__fail_status(op, SOCK__RECORDED);
    atomic_store(&server->used, true);
    return sock__serve_alone(op, server, conn, &client);
}

/* Also called by signal handlers: no lock, and nothing that could wait. */
int sock_httpd_shutdown(sock_httpd_t *server, double grace)
{
    const char *op = "shutdown";
    const double longest = 1e9;

    if (check(op, server) < 0)
        return -1;
    if (!(grace >= 0))
        return sock__fail(op, SOCK_E_VALUE, 0,
                          grace < 0 ? SOCK__TIMEOUT_NEGATIVE
                                    : SOCK__TIMEOUT_NAN);
    double seconds = grace < longest ? grace : longest;
    int saved = errno;
    atomic_store(&server->cut, sock__os_now() + (int64_t)(seconds * 1e9));
    atomic_fetch_add(&server->stops, 1);
    atomic_store(&server->stopping, true);
    sock_cancel_fire(server->stopped);
    sock_selector_wakeup(server->selector);
    errno = saved;
    return 0;
}

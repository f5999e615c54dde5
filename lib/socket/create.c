#define _DEFAULT_SOURCE

#include <pysockc/create.h>
#include <pysockc/options.h>

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "address.h"
#include "addrinfo.h"
#include "connect.h"
#include "object.h"
#include "os.h"
#include "record.h"
#include "timeout.h"
#include "wait.h"

/* A connection by name */

struct plan {
    const char *op;
    struct sock__timer timer; /* of all attempts together */
    const sock_addr_t *source;
    sock_addr_t target; /* that is tried now */
};

/* Records what the object failed at, and ends it. */
static sock_t *give_up(const struct plan *p, int status, sock_t *s,
                       const sock_addr_t *about)
{
    sock__fail_status_to(p->op, status, about);
    sock_free(s);
    return NULL;
}

/* One attempt; NULL with the error recorded. */
static sock_t *try_one(struct plan *p, const struct addrinfo *ai)
{
    p->target = sock_addr_from(ai->ai_addr, ai->ai_addrlen);
    sock_t *s = sock_new(ai->ai_family, ai->ai_socktype, ai->ai_protocol);
    if (s == NULL)
        return NULL;
    if (p->timer.timeout != sock__timer(s).timeout) {
        atomic_store(&s->timeout, p->timer.timeout);
        if (sock__os_set_nonblocking(s->fd, p->timer.timeout >= 0) != 0)
            return give_up(p, errno, s, &p->target);
    }
    if (p->source->len > 0 &&
        bind(s->fd, &p->source->u.sa, p->source->len) != 0)
        return give_up(p, errno, s, p->source);

    struct sock__connecting x = {.address = &p->target};
    sock__call_begin(&x.call, s, p->op, POLLOUT); /* of a new object */
    x.call.timer = p->timer;
    int status = sock__connect_status(&x);
    p->timer = x.call.timer;
    sock__leave(s);
    return status == 0 ? s : give_up(p, status, s, &p->target);
}

static int check_plan(struct plan *p, const char *host, int port,
                      double timeout)
{
    if (sock__timeout_arg(p->op, timeout, &p->timer.timeout) < 0)
        return -1;
    if (p->source->len == 0 && p->source->kind != SOCK_E_NONE)
        return sock__addr_check(p->op, p->source);
    p->target = sock__addr_failed(SOCK_E_OVERFLOW, port, SOCK__BAD_PORT, host);
    if (port < 0 || port > 65535)
        return sock__addr_check(p->op, &p->target);
    return 0;
}

static struct addrinfo *look_up(const struct plan *p, const char *host,
                                int port)
{
    struct addrinfo hints = {.ai_family = sock_addr_family(p->source),
                             .ai_socktype = SOCK_STREAM};
    char service[8];
    snprintf(service, sizeof service, "%d", port);
    return sock__look_up(p->op, host, service, &hints);
}

/* What each attempt failed at. */
struct failures {
    sock_error_list_t list; /* first, as the caller frees it */
    sock_error_t errors[];
};

/* Room for the error of each address; NULL with the error recorded. */
static struct failures *room_for(const char *op, const struct addrinfo *ai)
{
    size_t count = 0;

    for (; ai != NULL; ai = ai->ai_next)
        count++;
    struct failures *f = malloc(sizeof *f + count * sizeof f->errors[0]);
    if (f == NULL) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    f->list = (sock_error_list_t){.errors = f->errors};
    return f;
}

/* One after the other; their errors go to f, unless it is NULL. */
static sock_t *try_each(struct plan *p, const struct addrinfo *ai,
                        struct failures *f)
{
    sock_t *s = NULL;

    for (; ai != NULL && s == NULL; ai = ai->ai_next) {
        s = try_one(p, ai);
        if (s == NULL && f != NULL)
            f->errors[f->list.count++] = *sock_last_error();
    }
    return s;
}

sock_t *sock_create_connection_errors(const char *host, int port,
                                      double timeout, sock_addr_t source,
                                      sock_error_list_t **errors)
{
    struct plan p = {.op = "create_connection", .source = &source};
    struct failures *f = NULL;
    struct sock__saved saved;
    sock_t *s = NULL;

    if (errors != NULL)
        *errors = NULL;
    sock__error_save(&saved);
    if (check_plan(&p, host, port, timeout) < 0)
        return NULL;
    struct addrinfo *list = look_up(&p, host, port);
    if (list == NULL)
        return NULL;
    if (errors == NULL || (f = room_for(p.op, list)) != NULL)
        s = try_each(&p, list, f);
    int err = errno;
    freeaddrinfo(list);
    errno = err;
    if (s != NULL) {
        free(f);
        sock__error_restore(&saved); /* whatever became of those before */
    } else if (f != NULL) {
        *errors = &f->list;
    }
    return s;
}

sock_t *sock_create_connection(const char *host, int port, double timeout,
                               sock_addr_t source)
{
    return sock_create_connection_errors(host, port, timeout, source, NULL);
}

/* A server */

static int check_server(const sock_addr_t *address, int flags)
{
    const int known = SOCK_SERVER_REUSE_PORT | SOCK_SERVER_DUALSTACK_IPV6;
    const char *op = "create_server";
    if (sock__addr_check(op, address) < 0)
        return -1;
    if (flags & ~known)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__BAD_SERVER_FLAGS);
    if (flags & SOCK_SERVER_DUALSTACK_IPV6 &&
        sock_addr_family(address) != AF_INET6)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__DUALSTACK_FAMILY);
    return 0;
}

static int set_up_server(sock_t *s, const sock_addr_t *address, int backlog,
                         int flags)
{
    bool only = (flags & SOCK_SERVER_DUALSTACK_IPV6) == 0;

    if (sock_setsockopt_int(s, SOL_SOCKET, SO_REUSEADDR, 1) < 0)
        return -1;
    if (flags & SOCK_SERVER_REUSE_PORT &&
        sock_setsockopt_int(s, SOL_SOCKET, SO_REUSEPORT, 1) < 0)
        return -1;
    if (s->family == AF_INET6 &&
        sock_setsockopt_int(s, IPPROTO_IPV6, IPV6_V6ONLY, only) < 0)
        return -1;
    return sock_bind(s, *address) < 0 ? -1 : sock_listen(s, backlog);
}

sock_t *sock_create_server(sock_addr_t address, int backlog, int flags)
{
    if (check_server(&address, flags) < 0)
        return NULL;
    sock_t *s = sock_new(sock_addr_family(&address), SOCK_STREAM, 0);
    if (s != NULL && set_up_server(s, &address, backlog, flags) < 0)
        sock_freep(&s);
    return s;
}

int sock_has_ipv6(void)
{
    return 1;
}

int sock_has_dualstack_ipv6(void)
{
    const int only = 0;
    int saved = errno, result = -1;
    int fd = sock__os_socket(AF_INET6, SOCK_STREAM, 0, false);

    if (fd >= 0) {
        result = setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
        close(fd);
    }
    errno = saved;
    return result == 0;
}

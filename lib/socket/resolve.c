/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE

#include <pysockc/resolve.h>

#include <errno.h>
#include <netdb.h>
#include <string.h>

#include "addrinfo.h"
#include "lookup.h"
#include "race.h"
#include "record.h"
#include "timeout.h"

sock_addrinfo_t *sock_getaddrinfo_within(const char *host, const char *port,
                                         int family, int type, int proto,
                                         int flags, double seconds)
{
    static const char op[] = "getaddrinfo_within";
    struct sock__timer timer = {.deadline = 0};
    struct addrinfo hints;

    if (sock__timeout_arg(op, seconds, &timer.timeout) < 0)
        return NULL;
    memset(&hints, 0, sizeof hints); /* padding, too, which MSan looks at */
    hints.ai_family = family;
    hints.ai_socktype = type;
    hints.ai_protocol = proto;
    hints.ai_flags = flags;
    struct addrinfo *list =
        sock__look_up_within(op, host, port, &hints, &timer, NULL);
    return list != NULL ? sock__addrinfo(op, list, flags) : NULL;
}

/* Connecting */

static const double SHORTEST_DELAY = 0.01, LONGEST_DELAY = 2; /* seconds */

/* Puts the options into the terms; -1 with the error recorded. */
static int put_options(struct sock__race_terms *t,
                       const sock_connect_options_t *o)
{
    if (o->size < sizeof *o)
        return sock__fail(t->op, SOCK_E_VALUE, 0, SOCK__STRUCT_SIZE);
    t->errors = o->errors;
    if (t->errors != NULL) /* as after any other failure */
        *t->errors = NULL;
    if (o->first_family != AF_UNSPEC && o->first_family != AF_INET &&
        o->first_family != AF_INET6)
        return sock__fail(t->op, SOCK_E_VALUE, 0, SOCK__BAD_FAMILY);
    if (o->delay != 0 &&
        !(o->delay >= SHORTEST_DELAY && o->delay <= LONGEST_DELAY))
        return sock__fail(t->op, SOCK_E_VALUE, 0, SOCK__BAD_DELAY);
    if (o->delay != 0)
        t->delay = (int64_t)(o->delay * 1e9);
    t->source = &o->source;
    t->first_family = o->first_family;
    t->nodelay = o->nodelay > 0;
    t->mptcp = o->mptcp > 0;
    return 0;
}

sock_t *sock_connect_to_host(const char *host, int port, double timeout,
                             const sock_connect_options_t *options)
{
    const sock_addr_t none = sock_addr_none();
    struct sock__race_terms terms = {.op = "connect_to_host",
                                     .host = host,
                                     .port = port,
                                     .timeout = timeout,
                                     .delay = SOCK__RACE_DELAY,
                                     .source = &none};

    if (options != NULL && put_options(&terms, options) < 0)
        return NULL;
    return sock__race(&terms);
}

sock_t *sock__connect_allowed(const char *op, const char *host, int port,
                              double timeout, sock__allow_fn *allow, void *arg)
{
    const sock_addr_t none = sock_addr_none();
    const struct sock__race_terms terms = {.op = op,
                                           .host = host,
                                           .port = port,
                                           .timeout = timeout,
                                           .delay = SOCK__RACE_DELAY,
                                           .source = &none,
                                           .nodelay = true,
                                           .allow = allow,
                                           .arg = arg};
    return sock__race(&terms);
}

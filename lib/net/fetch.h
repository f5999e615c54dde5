/* SPDX-License-Identifier: MIT */
/* A URL that is being opened, by as many requests as it takes. */
#ifndef SOCK__FETCH_H
#define SOCK__FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include <pysockc/version.h>

#include "opener.h"
#include "request.h"

#define SOCK__USER_AGENT "pysockc/" SOCK_VERSION

struct sock__fetch {
    const char *op;
    sock_opener_t *o;
    const sock_urlrequest_t *q;
    struct sock__terms terms;
    double timeout;   /* of each call */
    int64_t deadline; /* of all, monotonic ns; 0: none */

    /* What is asked for now. */
    const struct sock__locator *at;
    struct sock__locator *found; /* the same, if a redirect led there */
    struct sock__locator *proxy; /* NULL: none */
    const char *method;
    bool body;               /* the request's goes along */
    sock_headers_t *headers; /* the request's that go along; NULL: all */
    struct sock__login login, proxy_login;
    int redirects; /* so far */
    char *trusted; /* the proxy that a Proxy-Authorization of the caller's is
                      for: that of its own URL; NULL: none */

    bool read; /* the file has been, from this place; -1: from where no one
                  can say */
    int64_t start;
};

/* The seconds that are left; -1 with SOCK_E_TIMEOUT recorded. */
int sock__fetch_left(const struct sock__fetch *f, double *seconds);

/* Whether it is a proxy that is asked, and not only for a tunnel, through which
 * it passes on what it gets and sees none of it. */
bool sock__fetch_asks_proxy(const struct sock__fetch *f);
/* What the caller has to say to the proxy that there is, or NULL: not to
 * another one, to which a redirect led. */
const char *sock__fetch_word_to_proxy(const struct sock__fetch *f);

/* A connection to that host, with the times of what is opened, to an address
 * that the caller does not mind; NULL with the error recorded. */
sock_t *sock__fetch_connect(struct sock__fetch *f,
                            const struct sock__locator *to);
/* Whether such an address may be connected to; for arg a struct sock__terms
 * that has a filter. */
bool sock__fetch_allows(const sock_addr_t *address, void *arg);
/* What a URL of ftp: leads to: a file, or the list of a directory; NULL with
 * the error recorded. */
sock_http_response_t *sock__fetch_ftp(struct sock__fetch *f);

/* A connection that leads there, which no request has gone over; NULL with the
 * error recorded. */
sock_http_t *sock__reach(struct sock__fetch *f);

/* Whether the same request can be made once more. */
bool sock__ask_may_repeat(const struct sock__fetch *f);
/* Makes it; the response has its connection, and is told the URL. NULL with the
 * error recorded. */
sock_http_response_t *sock__ask(struct sock__fetch *f);

/* Opens a URL; NULL with the error recorded. */
sock_http_response_t *sock__fetch(sock_opener_t *o, const sock_urlrequest_t *q,
                                  double timeout);

#endif

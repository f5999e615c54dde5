/* SPDX-License-Identifier: MIT */
/* What an opener was told. */
#ifndef SOCK__OPENER_H
#define SOCK__OPENER_H

#include <pthread.h>
#include <stdbool.h>

#include <pysockc/request.h>

#include "locator.h"
#include "password.h"
#include "pool.h"
#include "private.h"

enum { SOCK__REDIRECTS = 10 };

/* Which proxy is asked for URLs of a scheme. */
struct sock__choice {
    struct sock__choice *next;
    char *url;     /* NULL: none */
    char scheme[]; /* "": any that has no choice of its own */
};

/* What changes while URLs are opened: under the lock. */
struct sock__terms {
    sock_cookiejar_t *jar;
    sock_tls_t *tls; /* NULL: the default */
    sock_opener_filter_fn filter;
    void *filter_arg;
    int redirects, flags;
    unsigned version; /* of filter and context: connections of another one are
                         not used again */
};

struct sock_opener {
    pthread_mutex_t lock;
    struct sock__terms terms;
    struct sock__choice *choices;
    struct sock__passwords passwords;
    struct sock__pool *pool; /* NULL: each connection ends with its response */
};

/* One for a single URL, that keeps nothing. */
void sock__opener_begin(sock_opener_t *o);
/* Gives back what it has. */
void sock__opener_end(sock_opener_t *o);

/* A copy of the terms, with its context held. */
struct sock__terms sock__opener_terms(sock_opener_t *o);
void sock__terms_end(struct sock__terms *t);
/* The proxy to ask for a URL, in *proxy; NULL: none. -1 with the error
 * recorded. */
int sock__opener_proxy(const char *op, sock_opener_t *o,
                       const struct sock__locator *url,
                       struct sock__locator **proxy);

#endif

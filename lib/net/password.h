/* SPDX-License-Identifier: MIT */
/* Whose passwords an opener has, and what servers have asked for so far. */
#ifndef SOCK__PASSWORD_H
#define SOCK__PASSWORD_H

#include <pthread.h>
#include <stdbool.h>

#include "auth.h"
#include "locator.h"

/* A password for the URLs that lie under one; of any realm if that is NULL.
 * What a server of these asked for is learned with it, so that the next request
 * brings its answer along. */
struct sock__password {
    struct sock__password *next;
    struct sock__locator *under;
    bool any_scheme; /* its URL was a host alone */
    char *realm, *user, *password;
    struct sock__auth *learned; /* NULL: nothing yet */
};

/* Those of an opener. They end with it alone, and only what is learned changes:
 * under the lock. */
struct sock__passwords {
    pthread_mutex_t lock;
    struct sock__password *first;
};

/* -1 with the error recorded. */
int sock__passwords_add(const char *op, struct sock__passwords *all,
                        const char *realm, const char *uri, const char *user,
                        const char *password);
void sock__passwords_end(struct sock__passwords *all);

/* What one side, the server or the proxy, is told of who asks it, for as long
 * as one URL is asked for. */
struct sock__login {
    struct sock__passwords *all;
    const struct sock__locator *url; /* whom the password is for */
    struct sock__password own;   /* of the URL itself, with user and password */
    struct sock__password *used; /* NULL: none yet */
    enum { SOCK__UNASKED, SOCK__AHEAD, SOCK__ANSWERED } state;
    int answers;
};

/* `user` has the user and password of the URL itself, or none. */
void sock__login_begin(struct sock__login *l, struct sock__passwords *all,
                       const struct sock__locator *url,
                       const struct sock__locator *user);
/* Lets that password go along before anyone has asked for it, by Basic; -1 with
 * the error recorded. */
int sock__login_ahead(const char *op, struct sock__login *l);
void sock__login_end(struct sock__login *l);

/* What the request is, as it is sent. */
struct sock__asked {
    const char *method, *uri;
    const void *body; /* of len bytes; NULL with a length: not in memory */
    size_t len;
};

/* The answer that goes along, in *answer, malloc(3)ed; NULL: none does. -1 with
 * the error recorded. */
int sock__login_answer(const char *op, struct sock__login *l,
                       const struct sock__asked *q, char **answer);
/* Looks at the challenges of a refusal: 1 if there is a new answer to them, 0
 * if not; -1 with the error recorded. */
int sock__login_challenged(const char *op, struct sock__login *l,
                           const sock_headers_t *headers, const char *field);
/* Takes what a response says for the next request. */
void sock__login_info(struct sock__login *l, const sock_headers_t *headers,
                      const char *field);

#endif

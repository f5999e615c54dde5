/* SPDX-License-Identifier: MIT */
/* Answers to challenges: Basic (RFC 7617) and Digest (RFC 7616, and 2617 and
 * 2069 before it). It knows no sockets. */
#ifndef SOCK__AUTH_H
#define SOCK__AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include <pysockc/headers.h>

#include "challenge.h"
#include "digest.h"

enum { SOCK__CNONCE_MAX = 65 }; /* with a NUL */

/* A challenge that was understood, and what has come of it. One allocation,
 * whose texts it holds, but for what a server gave later. */
struct sock__auth {
    int strength; /* the more, the better: one of enum sock__strength */
    enum sock__hash hash;
    bool says_hash; /* the challenge has an algorithm, so the answer has, too */
    bool session;   /* MD5-sess and SHA-256-sess */
    bool qop, whole; /* has a qop; it is auth-int, for want of auth */
    bool userhash, utf8, stale;
    const char *realm, *nonce, *opaque; /* NULL: none */
    uint32_t count;                     /* of answers with this nonce */
    char cnonce[SOCK__CNONCE_MAX];      /* of a session, once it has begun */
    char secret[SOCK__DIGEST_HEX];      /* the same */
    char *next;                         /* a nonce that came later; or NULL */
};

enum sock__strength {
    SOCK__NO_AUTH,
    SOCK__BASIC,
    SOCK__DIGEST_MD5,
    SOCK__DIGEST_SHA256
};

/* Whether there is a password for a realm. */
typedef bool sock__realm_fn(const char *realm, void *arg);

/*
 * The strongest challenge of all fields of this name that can be answered and
 * whose realm has a password; in *a, NULL if there is none. To be ended by
 * sock__auth_free(). -1 with SOCK_E_MEMORY recorded.
 */
int sock__auth_choose(const char *op, const sock_headers_t *headers,
                      const char *field, sock__realm_fn *has, void *arg,
                      struct sock__auth **a);
/* One of Basic, as if it had been asked for; NULL with the error recorded. */
struct sock__auth *sock__auth_basic(const char *op);
void sock__auth_free(struct sock__auth *a);

/* What an answer is for. */
struct sock__auth_for {
    const char *user, *password;
    const char *method, *uri; /* as they stand in the request */
    const char *body;         /* the digest of its body; NULL: not known */
    const char *cnonce;       /* NULL: a new one */
};

/* The answer, the value of Authorization, to be ended by sock__free(); NULL
 * with the error recorded. */
char *sock__auth_answer(const char *op, struct sock__auth *a,
                        const struct sock__auth_for *f);

/* Takes the nonce that Authentication-Info has for the next answer. */
void sock__auth_info(struct sock__auth *a, const char *value);

#endif

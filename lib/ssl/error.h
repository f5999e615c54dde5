/* SPDX-License-Identifier: MIT */
/* What OpenSSL says, in the error record. */
#ifndef SOCK__SSL_ERROR_H
#define SOCK__SSL_ERROR_H

#include "state.h"

/* OpenSSL asks it about each certificate: which one it refuses is in the text
 * of the failure that follows. */
int sock__ssl_note_refusal(int ok, X509_STORE_CTX *store);
/* Gives SOCK_E_TLS its texts; whoever makes a context calls it. */
void sock__ssl_error_init(void);
/* Records what OpenSSL's queue says, and empties it; -1. */
int sock__ssl_fail(const char *op);
/* Empties the queue, of what has gone well: whether memory was short. */
bool sock__ssl_lacked_memory(void);
/* Records a failure that has no entry there, by one of its reasons; -1. */
int sock__ssl_fail_because(const char *op, int code, int reason);
/* Makes what a call on the connection has just failed with its failure for
 * good, and records it: SOCK__RECORDED. */
ssize_t sock__ssl_broken(struct sock__ssl *c);
/* The same where OpenSSL was content, and the peer is not whom this side asked
 * for: by the reason that verification would have had. */
ssize_t sock__ssl_unverified(struct sock__ssl *c, int verify_code);
/* What it failed with before. */
ssize_t sock__ssl_still_broken(const struct sock__ssl *c);

#endif

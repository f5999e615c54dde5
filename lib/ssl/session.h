/* SPDX-License-Identifier: MIT */
/* What a connection can be resumed with. */
#ifndef SOCK__SSL_SESSION_H
#define SOCK__SSL_SESSION_H

#include <pysockc/ssl_session.h>

#include "state.h"

/* Gives it to a client's connection that has not begun: 0, whether it is of use
 * or not; -1 with the error recorded if it is not of this connection's kind.
 * NULL: none. */
int sock__ssl_resume(struct sock__ssl *c, const sock_ssl_session_t *session,
                     const char *op);

#endif

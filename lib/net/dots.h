/* SPDX-License-Identifier: MIT */
/* Bodies of lines, which a dot alone ends: those of SMTP, POP3 and NNTP. */
#ifndef SOCK__DOTS_H
#define SOCK__DOTS_H

#include "session.h"
#include "transfer.h"

/* Hands a body to a sink as it arrives, without the dots that stand before
 * dots. Nothing but CRLF ends a line, so that a message cannot end itself. 0;
 * -1 with the error recorded: one that refuses is passed over, and the session
 * goes on. */
int sock__dots_take(struct sock_session *c, const char *op,
                    const sock_sink_t *sink);
/* Reads it into memory, as lines. NULL with the error recorded. */
sock_lines_t *sock__dots_lines(struct sock_session *c, const char *op);
/* Whether what is made of that may have so many members, whose places take so
 * many bytes beside their texts: 0; -1 with the error recorded, and the session
 * is closed. */
int sock__dots_places(struct sock_session *c, const char *op, size_t count,
                      uint64_t bytes);

/* Sends a body: every CR, LF and CRLF of it becomes CRLF, a dot at the start of
 * a line two, and the dot alone follows. 0; -1 with the error recorded, and the
 * session is closed: what was sent could not be taken back. */
int sock__dots_send(struct sock_session *c, const char *op,
                    sock_source_t *source);

#endif

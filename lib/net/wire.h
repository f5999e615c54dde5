/* SPDX-License-Identifier: MIT */
/* Where the bytes of responses come from: a connection, or what stands for one,
 * and what it gave that no one has used yet. */
#ifndef SOCK__WIRE_H
#define SOCK__WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <pysockc/socket.h>

#include "response.h"

/* Zeroed, it is closed. The bytes lie from `at` to `end`. */
struct sock__wire {
    sock_t *sock; /* NULL: closed; or there is a source, which is what is read
                     from, socket or not */
    bool lent;    /* closing leaves the socket to whose it is */
    struct sock__source source;
    char *buf;
    size_t at, end, room;
    size_t first; /* what room there is to be at first; 0: 8 KiB */
};

/* Whether a receive gives bytes, of a socket that does not wait, or need not;
 * they stay there. Leaves errno and the record alone. */
bool sock__has_bytes(sock_t *s);
/* Whether what was recorded last says that the peer has closed the connection,
 * and reads no more of it. */
bool sock__was_reset(void);
/* The same, or that the stream has ended. */
bool sock__has_gone(void);

/* Receives more bytes behind those that lie there, which may move: how many; 0
 * at the end of the stream, -1 with the error recorded. */
ssize_t sock__wire_more(struct sock__wire *w, const char *op);
/* Up to n bytes: those that lie there, or what one call receives. */
ssize_t sock__wire_read(struct sock__wire *w, const char *op, void *buf,
                        size_t n);
/* Waits for bytes that cannot have come yet, as long as a receive would: 0; -1
 * with the error recorded. Where that waits anyhow it does. */
int sock__wire_await(struct sock__wire *w, const char *op);
/* Whether it is open, and nothing has come over it, not even its end. Records
 * nothing. */
bool sock__wire_is_quiet(struct sock__wire *w);
/* Whether bytes can be read at once; an end is none. Records nothing. */
bool sock__wire_has_bytes(struct sock__wire *w);
/* Closes it. Leaves errno and the record alone. */
void sock__wire_release(struct sock__wire *w);

#endif

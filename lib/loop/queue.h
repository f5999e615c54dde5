/* SPDX-License-Identifier: MIT */
/*
 * What waits to be sent through a stream socket: bytes, what a function or a
 * file has still to give, and a mark behind which the connection is to end.
 *
 * Bytes are copied, and only as long as they wait; small ones share a node.
 */
#ifndef SOCK__QUEUE_H
#define SOCK__QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <pysockc/socket.h>

/* Fills the buffer: the bytes in it, 0 at the end, -1 with an error recorded.
 * With no buffer it is told that it will not be asked again. */
typedef ssize_t sock__more_fn(void *arg, void *buf, size_t size);

struct sock__node;

struct sock__queue {
    struct sock__node *first, *last;
    size_t waiting; /* bytes that were copied */
    bool ended;     /* the mark was put in: nothing goes behind it */
};

/* Each but the first returns -1 with an error recorded, and nothing was taken.
 */
bool sock__queue_is_empty(const struct sock__queue *q);
int sock__queue_add(struct sock__queue *q, const void *buf, size_t size);
int sock__queue_add_producer(struct sock__queue *q, sock__more_fn *more,
                             void *arg);
/* Owns the descriptor then. A negative size is to the end of the file. */
int sock__queue_add_file(struct sock__queue *q, int fd, int64_t offset,
                         int64_t size);
int sock__queue_add_end(struct sock__queue *q);

/* Whether nothing is left but the mark. */
bool sock__queue_is_done(const struct sock__queue *q);

/*
 * Sends what the socket takes, up to what is fair to others: the number of
 * bytes, which is 0 where it takes none now; -1 with the error recorded, or
 * another number where a producer has failed, or a file, which may have ended
 * before the size that was asked for. That is dropped.
 */
enum { SOCK__QUEUE_PRODUCER_FAILED = -2, SOCK__QUEUE_FILE_FAILED = -3 };
ssize_t sock__queue_send(struct sock__queue *q, sock_t *s);

/* Forgets all of it, the mark too. */
void sock__queue_drop(struct sock__queue *q);

#endif

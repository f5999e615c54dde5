/* SPDX-License-Identifier: MIT */
/* A dispatcher that keeps what it can't send yet, on struct sock__writer. */
#ifndef SOCK__WRITER_H
#define SOCK__WRITER_H

#include "dispatcher.h"

/* Refuses what may not be put in: -1 with the error recorded. */
int sock__writer_check(const struct sock__writer *w, const char *op,
                       size_t size);
/* Sends what can be sent at once, and keeps the rest. */
int sock__writer_push(struct sock__writer *w, const void *buf, size_t size);
/* Sends what waits, as far as there is room. */
void sock__writer_flush(struct sock__writer *w);
/* Forgets what waits. */
void sock__writer_discard(struct sock__writer *w);
/* What a kind needs. */
void sock__writer_write(sock_dispatcher_t *d);
void sock__writer_drop(sock_dispatcher_t *d);

#endif

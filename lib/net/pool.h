/* SPDX-License-Identifier: MIT */
/* Connections that are kept to be used again. */
#ifndef SOCK__POOL_H
#define SOCK__POOL_H

#include <stdbool.h>
#include <stdint.h>

#include <pysockc/http.h>

enum { SOCK__POOL_SIZE = 8 };
#define SOCK__POOL_NS (INT64_C(60) * 1000000000)

/* For any thread. Held by its opener, and by each response whose connection
 * may come back. */
struct sock__pool;

/* NULL with errno. */
struct sock__pool *sock__pool_new(void);
void sock__pool_hold(struct sock__pool *p);
void sock__pool_drop(struct sock__pool *p);
/* Closes all that it has; and, if it is `over`, what comes back later. */
void sock__pool_clear(struct sock__pool *p, bool over);

/* The newest that leads there and nothing has come over since; NULL: none. */
sock_http_t *sock__pool_take(struct sock__pool *p, const char *key);
/* Gives one back, whose key, malloc(3)ed, it takes. In place of the oldest,
 * where there is no room. Leaves errno and the record alone. */
void sock__pool_give(struct sock__pool *p, char *key, sock_http_t *c);

#endif

/* SPDX-License-Identifier: MIT */
/* The cookies of a jar, as they lie in memory: for what reads and writes files
 * of them. */
#ifndef SOCK__COOKIEJAR_H
#define SOCK__COOKIEJAR_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pysockc/cookie.h>

#include "setcookie.h"
#include "suffix.h"

/* One allocation, which the texts follow. */
struct sock__cookie {
    int64_t expires; /* 0: with the session */
    int64_t created, accessed;
    uint64_t used; /* the number of its last use: the least goes first */
    size_t name_len, value_len, path_len;
    int same_site;
    bool host_only, secure, http_only, partitioned;
    const char *domain, *path, *name, *value; /* each ends with a NUL */
};

struct sock_cookiejar {
    pthread_mutex_t lock;
    struct sock__cookie **cookies; /* the oldest first */
    size_t count, room;
    uint64_t uses;
    sock_suffix_fn fn; /* at most one of the two says what suffixes are */
    void *arg;
    struct sock__suffixes *list;
};

/* One of these texts, and nothing else, its domain in lower case; NULL: no
 * memory. */
struct sock__cookie *sock__cookie_new(struct sock__piece domain,
                                      struct sock__piece path,
                                      struct sock__piece name,
                                      struct sock__piece value);
/* Seconds since 1970. */
int64_t sock__jar_now(void);
/* Whether a cookie may be for all hosts below its domain. Not to be asked by
 * who holds the lock: it may call the program. */
bool sock__jar_is_suffix(sock_cookiejar_t *j, const char *domain);
/* Whether the name's prefix promises what the cookie is not. */
bool sock__cookie_is_false(const struct sock__cookie *c);

/* With the lock held: */

/* Room for so many more; -1 for want of memory, not recorded. */
int sock__jar_reserve(sock_cookiejar_t *j, size_t more);
/* Takes away what has ended. */
void sock__jar_sweep(sock_cookiejar_t *j, int64_t now);
/* Puts a cookie, which is the jar's then, in the place of its like, into room
 * that is there; others may have to go, or itself. */
void sock__jar_put(sock_cookiejar_t *j, struct sock__cookie *c, int64_t now);

#endif

/* SPDX-License-Identifier: MIT */
/* Connections that are kept: how many, how long, and whose. Links with --wrap.
 */
#include "pool.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "private.h"

/* The clock and the process, as the pool sees them. */
static int64_t ahead;
static unsigned forked;

int64_t __real_sock__os_now(void);
int64_t __wrap_sock__os_now(void);
unsigned __real_sock__os_forks(void);
unsigned __wrap_sock__os_forks(void);

int64_t __wrap_sock__os_now(void)
{
    return __real_sock__os_now() + ahead;
}

unsigned __wrap_sock__os_forks(void)
{
    return __real_sock__os_forks() + forked;
}

enum { MOST = 12 };
static struct pair pairs[MOST];

/* A connection to peer i. */
static sock_http_t *connection(int i)
{
    pairs[i] = unix_pair(SOCK_STREAM);
    return check_made(sock_http_from(pairs[i].a));
}

static void give(struct sock__pool *p, const char *key, int i)
{
    sock__pool_give(p, strdup(key), connection(i));
}

/* Whether connection i has been closed. */
static bool is_closed(int i)
{
    char c;
    check_ok(sock_settimeout(pairs[i].b, 0));
    return sock_recv(pairs[i].b, &c, 1, 0) == 0;
}

static void free_peers(int n)
{
    for (int i = 0; i < n; i++)
        sock_free(pairs[i].b);
}

/* What is taken is connection i; -1: nothing is. */
static void takes(struct sock__pool *p, const char *key, int i)
{
    sock_http_t *c = sock__pool_take(p, key);
    if (i < 0) {
        check(c == NULL);
        return;
    }
    check(c != NULL && sock_http_sock(c) == pairs[i].a);
    sock_http_free(c);
}

TEST(pool, the_newest_of_a_key)
{
    struct sock__pool *p = check_made(sock__pool_new());

    give(p, "a", 0);
    give(p, "b", 1);
    give(p, "a", 2);
    errno = 1234;
    takes(p, "a", 2);
    check_int(errno, 1234);
    takes(p, "b", 1);
    takes(p, "b", -1);
    takes(p, "a", 0);
    takes(p, "a", -1);
    sock__pool_drop(p);
    free_peers(3);
}

TEST(pool, as_many_as_there_is_room_for)
{
    struct sock__pool *p = check_made(sock__pool_new());

    for (int i = 0; i < MOST; i++)
        give(p, "a", i);
    for (int i = 0; i < MOST; i++)
        check_int(is_closed(i), i < MOST - SOCK__POOL_SIZE);
    sock__pool_drop(p);
    for (int i = 0; i < MOST; i++)
        check(is_closed(i));
    free_peers(MOST);
}

TEST(pool, as_long_as_they_are_good)
{
    struct sock__pool *p = check_made(sock__pool_new());

    give(p, "a", 0);
    ahead = SOCK__POOL_NS / 2;
    give(p, "a", 1);
    ahead = SOCK__POOL_NS - 5000000000;
    takes(p, "b", -1);
    check(!is_closed(0));
    ahead = SOCK__POOL_NS + 1000000;
    takes(p, "b", -1);
    check(is_closed(0) && !is_closed(1));
    takes(p, "a", 1);
    ahead = 0;
    sock__pool_drop(p);
    free_peers(2);
}

TEST(pool, what_has_been_heard_of)
{
    struct sock__pool *p = check_made(sock__pool_new());

    give(p, "a", 0);
    give(p, "a", 1);
    give(p, "a", 2);
    check_ok(sock_sendall(pairs[2].b, "x", 1, 0));
    check_ok(sock_shutdown(pairs[1].b, SHUT_WR));
    takes(p, "a", 0);
    check_int(sock_last_error()->kind, SOCK_E_NONE);
    sock__pool_drop(p);
    free_peers(3);
}

/* A child and its parent would talk into each other's words. */
TEST(pool, those_of_a_parent)
{
    struct sock__pool *p = check_made(sock__pool_new());

    give(p, "a", 0);
    forked = 1;
    takes(p, "a", -1);
    give(p, "a", 1);
    takes(p, "a", 1);
    sock__pool_drop(p);
    free_peers(2);
}

TEST(pool, what_comes_back_late)
{
    struct sock__pool *p = check_made(sock__pool_new());

    give(p, "a", 0);
    sock__pool_clear(p, false);
    check(is_closed(0));
    give(p, "a", 1);
    check(!is_closed(1));
    sock__pool_hold(p);
    sock__pool_clear(p, true);
    sock__pool_drop(p);
    check(is_closed(1));
    give(p, "a", 2);
    check(is_closed(2));
    sock__pool_drop(p);
    free_peers(3);
}

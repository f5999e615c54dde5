/* SPDX-License-Identifier: MIT */
/* Nonces: no count of one is taken twice, whatever is forgotten. */
#include "nonce.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

enum { SECOND = 1000000000 };

TEST(nonce, that_is_used)
{
    struct sock__nonces *n = check_made(sock__nonces_new());
    char a[SOCK__NONCE_SIZE], b[SOCK__NONCE_SIZE];

    sock__nonce_make(n, 5, a);
    sock__nonce_make(n, 5, b);
    check_int(strlen(a), 48);
    check_int(strspn(a, "0123456789abcdef"), 48);
    check(strcmp(a, b) != 0); /* at the same time */
    check(sock__nonce_take(n, 6, a, 1));
    check(!sock__nonce_take(n, 6, a, 1));
    check(sock__nonce_take(n, 6, a, 2));
    check(!sock__nonce_take(n, 6, a, 1));
    check(sock__nonce_take(n, 6, b, 1));
    check(!sock__nonce_take(n, 6, b, 0));
    check_int(strlen(sock__nonces_opaque(n)), 16);
    sock__nonces_free(n);
    sock__nonces_free(NULL);
}

TEST(nonce, counts_out_of_order)
{
    struct sock__nonces *n = check_made(sock__nonces_new());
    char a[SOCK__NONCE_SIZE];

    sock__nonce_make(n, 5, a);
    check(sock__nonce_take(n, 6, a, 10));
    for (uint32_t i = 1; i < 10; i++)
        check(sock__nonce_take(n, 6, a, i));
    for (uint32_t i = 1; i <= 10; i++)
        check(!sock__nonce_take(n, 6, a, i));
    check(sock__nonce_take(n, 6, a, 74));
    check(!sock__nonce_take(n, 6, a, 10)); /* too far back */
    check(sock__nonce_take(n, 6, a, 11));
    check(!sock__nonce_take(n, 6, a, 11));
    check(sock__nonce_take(n, 6, a, 138)); /* all of the window, at once */
    check(sock__nonce_take(n, 6, a, 75));
    check(!sock__nonce_take(n, 6, a, 74));
    check(sock__nonce_take(n, 6, a, UINT32_MAX));
    check(!sock__nonce_take(n, 6, a, UINT32_MAX));
    check(sock__nonce_take(n, 6, a, UINT32_MAX - 63));
    check(!sock__nonce_take(n, 6, a, UINT32_MAX - 64));
    sock__nonces_free(n);
}

TEST(nonce, of_another_or_none)
{
    struct sock__nonces *n = check_made(sock__nonces_new());
    struct sock__nonces *other = check_made(sock__nonces_new());
    char a[SOCK__NONCE_SIZE];

    check(strcmp(sock__nonces_opaque(n), sock__nonces_opaque(other)) != 0);
    sock__nonce_make(other, 5, a);
    check(!sock__nonce_take(n, 6, a, 1));
    check(sock__nonce_take(other, 6, a, 1));
    for (size_t i = 0; i < strlen(a); i++) { /* each digit counts */
        sock__nonce_make(n, 5, a);
        a[i] = a[i] == '0' ? '1' : '0';
        check(!sock__nonce_take(n, 6, a, 1));
        a[i] = 'G';
        check(!sock__nonce_take(n, 6, a, 1));
    }
    check(!sock__nonce_take(n, 6, "", 1));
    check(!sock__nonce_take(n, 6, "0", 1));
    memset(a, '0', sizeof a - 1);
    check(!sock__nonce_take(n, 6, a, 1));
    sock__nonces_free(n);
    sock__nonces_free(other);
}

TEST(nonce, that_is_old)
{
    struct sock__nonces *n = check_made(sock__nonces_new());
    char a[SOCK__NONCE_SIZE];

    sock__nonce_make(n, SECOND, a);
    check(sock__nonce_take(n, SECOND, a, 1));
    check(sock__nonce_take(n, SECOND + SOCK__NONCE_NS, a, 2));
    check(!sock__nonce_take(n, SECOND + SOCK__NONCE_NS + 1, a, 3));
    sock__nonces_free(n);
}

/* More than there is room for: what is forgotten is never taken again, and the
 * newest always is. */
TEST(nonce, more_than_there_is_room_for)
{
    enum { MANY = 14000 };
    struct sock__nonces *n = check_made(sock__nonces_new());
    char(*all)[SOCK__NONCE_SIZE] = malloc(MANY * sizeof *all);
    int again = 0;

    check(all != NULL);
    for (int i = 0; i < MANY; i++) {
        sock__nonce_make(n, i + 1, all[i]);
        check(sock__nonce_take(n, MANY, all[i], 1));
    }
    for (int i = 0; i < MANY; i++) {
        if (i % 8 == 0)
            check(!sock__nonce_take(n, MANY, all[i], 1));
        again += sock__nonce_take(n, MANY, all[i], 2);
    }
    check_int(again, 512 * 4); /* those that are kept */
    free(all);
    sock__nonces_free(n);
}

/* An older one than those that are kept makes no room for itself. */
TEST(nonce, the_newest_first)
{
    enum { MANY = 14000 };
    struct sock__nonces *n = check_made(sock__nonces_new());
    char(*all)[SOCK__NONCE_SIZE] = check_made(malloc(MANY * sizeof *all));
    int taken = 0;

    for (int i = 0; i < MANY; i++)
        sock__nonce_make(n, i + 1, all[i]);
    for (int i = MANY; i > 0; i--)
        taken += sock__nonce_take(n, MANY, all[i - 1], 1);
    check_int(taken, 512 * 4);
    free(all);
    sock__nonces_free(n);
}

/* Those that are given out, and not used, take no room. */
TEST(nonce, that_no_one_uses)
{
    struct sock__nonces *n = check_made(sock__nonces_new());
    char first[SOCK__NONCE_SIZE], other[SOCK__NONCE_SIZE];

    sock__nonce_make(n, 1, first);
    check(sock__nonce_take(n, 2, first, 1));
    for (int i = 0; i < 20000; i++)
        sock__nonce_make(n, i, other);
    check(!sock__nonce_take(n, 2, first, 1));
    check(sock__nonce_take(n, 2, first, 2));
    sock__nonces_free(n);
}

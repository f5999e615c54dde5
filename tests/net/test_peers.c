/* SPDX-License-Identifier: MIT */
/* How many connections each address has. */
#include "httpd_peers.h"
#include "support.h"

#include <limits.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <pysockc/address.h>

static sock_addr_t v4(unsigned number)
{
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(0x7f000000 | number)};
    return sock_addr_from((const struct sockaddr *)&in, sizeof in);
}

static sock_addr_t v6(unsigned char last)
{
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    in6.sin6_addr.s6_addr[0] = 0x20;
    in6.sin6_addr.s6_addr[15] = last;
    return sock_addr_from((const struct sockaddr *)&in6, sizeof in6);
}

static sock_addr_t of_unix(const char *path)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    snprintf(un.sun_path, sizeof un.sun_path, "%s", path);
    return sock_addr_from((const struct sockaddr *)&un, sizeof un);
}

static struct sock__peer *enter(struct sock__peers *p, sock_addr_t a, int most)
{
    return sock__peers_enter(p, &a, most);
}

/* Each by itself; those that have none of IP are one. */
TEST(peers, whose_they_are)
{
    struct sock__peers p;

    check_ok(sock__peers_begin(&p, 1));
    struct sock__peer *one = check_made(enter(&p, v4(1), 2));
    check(enter(&p, v4(1), 2) == one);
    check(enter(&p, v4(1), 2) == NULL);
    struct sock__peer *two = check_made(enter(&p, v6(1), 1));
    check(enter(&p, v6(1), 1) == NULL);
    check(two != one && enter(&p, v6(2), 1) != NULL);
    struct sock__peer *local = check_made(enter(&p, of_unix("/a"), 2));
    check(enter(&p, of_unix("/b"), 2) == local);
    check(enter(&p, of_unix("/c"), 2) == NULL);
    sock__peers_leave(&p, one);
    check(enter(&p, v4(1), 2) == one);
    sock__peers_leave(&p, two);
    check(enter(&p, v6(1), 1) != NULL);
    sock__peers_end(&p); /* with those that are still there */
}

/* More of them than the table has places. */
TEST(peers, that_share_a_place)
{
    enum { MANY = 1000 };
    struct sock__peers p;
    static struct sock__peer *there[MANY];

    check_ok(sock__peers_begin(&p, 1));
    check(p.size < MANY);
    for (unsigned i = 0; i < MANY; i++)
        there[i] = check_made(enter(&p, v4(i), 1));
    for (unsigned i = 0; i < MANY; i++)
        check(enter(&p, v4(i), 1) == NULL);
    for (unsigned i = 0; i < MANY; i += 2)
        sock__peers_leave(&p, there[i]);
    for (unsigned i = 0; i < MANY; i++)
        check((enter(&p, v4(i), 1) != NULL) == (i % 2 == 0));
    sock__peers_end(&p);
}

TEST(peers, room)
{
    static const struct {
        int connections;
        unsigned size;
    } rows[] = {{1, 64},         {128, 64},       {130, 128},      {1024, 512},
                {131072, 65536}, {131073, 65536}, {INT_MAX, 65536}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sock__peers p;
        check_ok(sock__peers_begin(&p, rows[i].connections));
        check_int(p.size, rows[i].size);
        sock__peers_end(&p);
    }
}

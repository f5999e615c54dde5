/* SPDX-License-Identifier: MIT */
/* Random bytes, and the library they come from. */
#include "tls.h"

#include <math.h>
#include <string.h>

#include <openssl/err.h>

TEST(ssl_random, bytes)
{
    unsigned char a[64] = {0}, b[64] = {0}, zeros[64] = {0};
    check_int(sock_ssl_rand_bytes(a, sizeof a), 0);
    check_int(sock_ssl_rand_bytes(b, sizeof b), 0);
    check(memcmp(a, b, sizeof a) != 0);
    check(memcmp(a, zeros, sizeof a) != 0);
    check(memcmp(a + 32, zeros, 32) != 0); /* to the end */
}

TEST(ssl_random, as_many_as_asked_for)
{
    unsigned char bytes[8] = {0};
    check_int(sock_ssl_rand_bytes(bytes + 1, 0), 0);
    check_int(sock_ssl_rand_bytes(NULL, 0), 0);
    for (int i = 0; i < 64; i++) {
        check_int(sock_ssl_rand_bytes(bytes + 1, 6), 0);
        check_int(bytes[0], 0);
        check_int(bytes[7], 0);
    }
    check_part(sock_ssl_rand_bytes(NULL, 1), SOCK_E_TYPE, 0,
               "RAND_bytes: buffer is NULL");
}

TEST(ssl_random, status)
{
    check_int(sock_ssl_rand_status(), 1);
}

TEST(ssl_random, adding)
{
    check_int(sock_ssl_rand_add("some", 4, 0), 0);
    check_int(sock_ssl_rand_add("some", 4, 4.0), 0);
    check_int(sock_ssl_rand_add("some", 4, 1e300), 0);
    check_int(sock_ssl_rand_add(NULL, 0, 0), 0);
    check_part(sock_ssl_rand_add(NULL, 1, 0), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_rand_add("some", 4, -1), SOCK_E_VALUE, 0,
               "RAND_add: entropy must be non-negative");
    check_part(sock_ssl_rand_add("some", 4, (double)NAN), SOCK_E_VALUE, 0, "");
    check_int(sock_ssl_rand_status(), 1);
}

TEST(ssl_random, success_touches_nothing)
{
    unsigned char bytes[16];
    check_part(sock_ssl_rand_bytes(NULL, 1), SOCK_E_TYPE, 0, "");
    const sock_error_t before = *sock_last_error();
    errno = 4321;
    check_ok(sock_ssl_rand_bytes(bytes, sizeof bytes));
    check_ok(sock_ssl_rand_add(bytes, sizeof bytes, 1));
    check_ok(sock_ssl_rand_status());
    check_int(errno, 4321);
    check(memcmp(&before, sock_last_error(), sizeof before) == 0);
    check_int((int)ERR_peek_error(), 0);
}

TEST(ssl_random, openssl_version)
{
    check(strncmp(sock_ssl_openssl_version(), "OpenSSL 3.", 10) == 0);
    check_str(sock_ssl_openssl_version(), OpenSSL_version(OPENSSL_VERSION));
}

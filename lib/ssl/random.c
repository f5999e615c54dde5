/* SPDX-License-Identifier: MIT */
/* Random bytes, and the library they come from. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <limits.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#include <pysockc/error.h>
#include <pysockc/ssl.h>

#include "error.h"
#include "record.h"

/* OpenSSL counts in int. */
static int step_of(size_t n)
{
    return n < INT_MAX ? (int)n : INT_MAX;
}

int sock_ssl_rand_bytes(void *buf, size_t n)
{
    const char *op = "RAND_bytes";
    unsigned char *to = buf;
    int saved = errno;
    if (buf == NULL && n > 0)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_BUFFER);
    ERR_clear_error();
    while (n > 0) {
        int step = step_of(n);
        if (RAND_bytes(to, step) != 1) {
            sock__ssl_error_init();
            return sock__ssl_fail(op);
        }
        to += step;
        n -= (size_t)step;
    }
    errno = saved;
    return 0;
}

int sock_ssl_rand_status(void)
{
    int saved = errno;
    int seeded = RAND_status() == 1;
    errno = saved;
    return seeded;
}

int sock_ssl_rand_add(const void *buf, size_t n, double entropy)
{
    const char *op = "RAND_add";
    const unsigned char *from = buf;
    int saved = errno;
    if (buf == NULL && n > 0)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_BUFFER);
    if (!(entropy >= 0)) /* nor a NaN */
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__BAD_ENTROPY);
    ERR_set_mark();
    while (n > 0) {
        int step = step_of(n);
        RAND_add(from, step, entropy < step ? entropy : step);
        from += step;
        n -= (size_t)step;
    }
    ERR_pop_to_mark();
    errno = saved;
    return 0;
}

const char *sock_ssl_openssl_version(void)
{
    return OpenSSL_version(OPENSSL_VERSION);
}

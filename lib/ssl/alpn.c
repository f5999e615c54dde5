/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "alpn.h"

#include <stdint.h>
#include <string.h>

#include "bio.h"
#include "state.h"

enum { LONGEST_NAME = 255, LONGEST_LIST = 65535 };

size_t sock__ssl_protocols_size(const char *const *names, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        size_t n = strlen(names[i]);
        if (n == 0 || n > LONGEST_NAME)
            return SIZE_MAX;
        size += 1 + n;
    }
    return size <= LONGEST_LIST ? size : SIZE_MAX;
}

void sock__ssl_write_protocols(const char *const *names, size_t count,
                               unsigned char *wire)
{
    for (size_t i = 0; i < count; i++) {
        size_t n = strlen(names[i]);
        *wire++ = (unsigned char)n;
        memcpy(wire, names[i], n);
        wire += n;
    }
}

struct sock__ssl_setting *sock__ssl_protocols(const char *const *names,
                                              size_t count, size_t size)
{
    struct sock__ssl_setting *x = sock__ssl_setting_new(NULL, size);
    if (x != NULL)
        sock__ssl_write_protocols(names, count, sock__ssl_setting_value(x));
    return x;
}

/* The server's order wins; without one in common there is none. */
int sock__ssl_choose_protocol(SSL *ssl, const unsigned char **out,
                              unsigned char *size, const unsigned char *theirs,
                              unsigned theirs_size, void *arg)
{
    const struct sock__ssl *c = sock__ssl_connection(ssl);
    struct sock__ssl_setting *ours = c->settings.of[SOCK__SSL_ALPN];
    size_t n = sock__ssl_setting_size(ours);
    unsigned char *chosen;
    (void)arg;
    if (n == 0) /* which that would read beyond */
        return SSL_TLSEXT_ERR_NOACK;
    int found =
        SSL_select_next_proto(&chosen, size, sock__ssl_setting_value(ours),
                              (unsigned)n, theirs, theirs_size);
    *out = chosen;
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK
                                           : SSL_TLSEXT_ERR_NOACK;
}

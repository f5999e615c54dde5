/* SPDX-License-Identifier: MIT */
/*
 * What a server does of a client's first words, before it has chosen anything:
 * a context of another name that is taken here counts in full, its versions and
 * whom it asks for among it, and a ticket of the former one is none.
 */
#ifndef SOCK__SSL_HELLO_H
#define SOCK__SSL_HELLO_H

#include <openssl/ssl.h>

#include <pysockc/ssl.h>

/* What the context keeps of it. */
struct sock__ssl_sni {
    sock_ssl_sni_fn fn;
    void *arg;
};

/* For OpenSSL: asks that function. */
int sock__ssl_hello(SSL *ssl, int *alert, void *arg);
/* For OpenSSL: whether the name has been of use, which the client is told. */
int sock__ssl_name_used(SSL *ssl, int *alert, void *arg);

#endif

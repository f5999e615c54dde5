/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700

#include <pysockc/pysockc.h>
#include <pysockc/ssl.h>

#include <stdio.h>

static sock_ssl_context_t *new_context(void)
{
    sock_ssl_context_t *ctx =
        sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_SERVER);
    sock_ssl_load_cert_chain(ctx, "cert.pem", "key.pem", NULL);
    return ctx;
}

static void renew(sock_t *listener)
{
    //! [set_context]
    sock_ssl_context_t *ctx = new_context();
    if (sock_ssl_set_context(listener, ctx) == 0 &&
        sock_ssl_context(listener) == ctx)
        puts("who comes now is shown the new certificate");
    /* -> who comes now is shown the new certificate */
    sock_ssl_context_free(ctx); /* the listener keeps it */
    //! [set_context]
}

int main(void)
{
    setbuf(stdout, NULL);
    sock_ssl_context_t *ctx = new_context();
    sock_t *plain = sock_create_server(sock_addr_inet("127.0.0.1", 0), 1, 0);
    sock_t *listener =
        sock_ssl_wrap_socket(ctx, plain, SOCK_SSL_SERVER_SIDE, NULL);
    sock_ssl_context_free(ctx);
    sock_free(plain);
    renew(listener);
    sock_free(listener);
    return 0;
}

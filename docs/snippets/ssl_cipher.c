/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700

#include <pysockc/pysockc.h>
#include <pysockc/ssl.h>

#include <pthread.h>
#include <stdio.h>

static void of_a_context(sock_ssl_context_t *ctx)
{
    //! [get_ciphers]
    sock_ssl_ciphers_t *list = sock_ssl_get_ciphers(ctx);
    for (size_t i = 0; list != NULL && i < list->count; i++)
        if (list->ciphers[i].strength_bits >= 256)
            puts(list->ciphers[i].name);
    /* -> TLS_AES_256_GCM_SHA384
     * -> ... */
    sock_ssl_ciphers_free(list);
    //! [get_ciphers]
}

static void of_a_connection(sock_t *s)
{
    //! [cipher]
    sock_ssl_cipher_t cipher;
    if (sock_ssl_cipher(s, &cipher) == 0 && cipher.name != NULL)
        printf("%s, %d bits\n", cipher.name, cipher.bits);
    /* -> TLS_AES_256_GCM_SHA384, 256 bits */
    //! [cipher]
}

static void of_a_server(sock_t *s)
{
    //! [shared_ciphers]
    sock_ssl_ciphers_t *list = sock_ssl_shared_ciphers(s);
    if (list != NULL && list->count > 0)
        printf("the best of both is %s\n", list->ciphers[0].name);
    /* -> the best of both is TLS_AES_256_GCM_SHA384 */
    sock_ssl_ciphers_free(list);
    //! [shared_ciphers]
}

struct peer {
    sock_ssl_context_t *ctx;
    sock_t *plain;
};

/* The server's end, which shakes hands at the same time. */
static void *shake(void *arg)
{
    struct peer *p = arg;
    return sock_ssl_wrap_socket(p->ctx, p->plain, SOCK_SSL_SERVER_SIDE, NULL,
                                NULL);
}

static void talk(sock_ssl_context_t *client, sock_ssl_context_t *server)
{
    sock_t *pair[2];
    pthread_t thread;
    void *made = NULL;
    if (sock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
        return;
    struct peer p = {server, pair[1]};
    pthread_create(&thread, NULL, shake, &p);
    sock_t *s = sock_ssl_wrap_socket(client, pair[0], 0, "localhost", NULL);
    pthread_join(thread, &made);
    of_a_connection(s);
    of_a_server(made);
    sock_free(s);
    sock_free(made);
    sock_free(pair[0]);
    sock_free(pair[1]);
}

int main(void)
{
    setbuf(stdout, NULL);
    sock_ssl_context_t *server =
        sock_ssl_create_default_context(SOCK_SSL_CLIENT_AUTH, NULL, NULL, NULL);
    sock_ssl_context_t *client = sock_ssl_create_default_context(
        SOCK_SSL_SERVER_AUTH, "ca.pem", NULL, NULL);
    if (sock_ssl_load_cert_chain(server, "cert.pem", "key.pem", NULL) == -1)
        return 1;
    of_a_context(client);
    talk(client, server);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
    return 0;
}

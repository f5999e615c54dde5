/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700

#include <pysockc/pysockc.h>
#include <pysockc/ssl.h>

#include <pthread.h>
#include <stdio.h>

//! [getpeercert]
static void who_is_it(sock_t *s)
{
    sock_ssl_cert_t *cert = sock_ssl_getpeercert(s);
    if (cert == NULL)
        return;                        /* no certificate, or an error */
    printf("%s\n", cert->issuer_text); /* -> CN=... */
    for (size_t i = 0; i < cert->subject_alt_name_count; i++)
        printf("%s: %s\n", cert->subject_alt_name[i].kind,
               cert->subject_alt_name[i].value);
    /* -> DNS: localhost
     * -> IP Address: 127.0.0.1
     * -> IP Address: 0:0:0:0:0:0:0:1 */
    printf("until %s\n", cert->not_after); /* -> until ... GMT */
    sock_ssl_cert_free(cert);
}
//! [getpeercert]

static void as_bytes(sock_t *s)
{
    //! [getpeercert_der]
    unsigned char der[4096];
    int n = sock_ssl_getpeercert_der(s, der, sizeof der);
    if (n > 0 && n <= (int)sizeof der)
        printf("begins with %02x %02x\n", der[0], der[1]);
    /* -> begins with 30 82 */
    //! [getpeercert_der]
}

//! [chain]
static void up_to_the_root(sock_t *s)
{
    SOCK_SSL_CHAIN_AUTO sock_ssl_chain_t *chain =
        sock_ssl_get_verified_chain(s); /* or as the peer sent it */
    for (size_t i = 0; chain != NULL && i < chain->count; i++) {
        const sock_ssl_der_t *der = &chain->certs[i];
        SOCK_SSL_CERT_AUTO sock_ssl_cert_t *cert =
            sock_ssl_cert_decode(der->data, der->size);
        if (cert != NULL)
            printf("%zu: version %d\n", i, cert->version);
    }
    /* -> 0: version 3
     * -> 1: version 3 */
}
//! [chain]

static void trusted(sock_ssl_context_t *ctx)
{
    //! [ca_certs]
    sock_ssl_chain_t *authorities = sock_ssl_get_ca_certs(ctx);
    if (authorities != NULL)
        printf("authorities: %zu\n",
               authorities->count); /* -> authorities: 1 */
    sock_ssl_chain_free(authorities);
    //! [ca_certs]
}

/* Its certificate is cert.pem. */
static void *serve(void *arg)
{
    sock_t *listener = arg;
    sock_t *s = sock_accept(listener, NULL);
    sock_ssl_do_handshake(s);
    sock_free(s);
    return NULL;
}

static sock_t *tls_listener(void)
{
    sock_ssl_context_t *ctx =
        sock_ssl_create_default_context(SOCK_SSL_CLIENT_AUTH, NULL, NULL, NULL);
    sock_t *plain = sock_create_server(sock_addr_inet("127.0.0.1", 0), 1, 0);
    sock_ssl_load_cert_chain(ctx, "cert.pem", "key.pem", NULL);
    sock_t *s =
        sock_ssl_wrap_socket(ctx, plain, SOCK_SSL_SERVER_SIDE, NULL, NULL);
    sock_ssl_context_free(ctx);
    sock_free(plain);
    return s;
}

int main(void)
{
    setbuf(stdout, NULL);
    pthread_t thread;
    sock_addr_t address;
    sock_t *listener = tls_listener();
    sock_ssl_context_t *ctx = sock_ssl_create_default_context(
        SOCK_SSL_SERVER_AUTH, "ca.pem", NULL, NULL);
    if (sock_getsockname(listener, &address) == -1)
        return 1;
    pthread_create(&thread, NULL, serve, listener);
    sock_t *s = sock_ssl_create_connection(ctx, "localhost",
                                           sock_addr_port(&address), 10);
    if (s == NULL) {
        sock_perror(NULL);
        return 1;
    }
    who_is_it(s);
    as_bytes(s);
    up_to_the_root(s);
    trusted(ctx);
    sock_free(s);
    pthread_join(thread, NULL);
    sock_free(listener);
    sock_ssl_context_free(ctx);
    return 0;
}

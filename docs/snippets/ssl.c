/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700

#include <pysockc/pysockc.h>
#include <pysockc/ssl.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static void for_others(void)
{
    //! [init]
    sock_ssl_init(); /* NULL is the default context from now on */

    sock_ssl_context_t *ctx = sock_ssl_create_default_context(
        SOCK_SSL_SERVER_AUTH, "ca.pem", NULL, NULL);
    sock_tls_t *own = sock_ssl_tls(ctx);        /* or this is passed */
    puts(own != NULL ? "ready" : "no context"); /* -> ready */
    sock_ssl_context_free(ctx);
    //! [init]
}

static void of_a_server(int port)
{
    //! [get_server_certificate]
    char pem[8192];
    int n = sock_ssl_get_server_certificate("localhost", port, "ca.pem", 10,
                                            pem, sizeof pem);
    if (n > 0 && n < (int)sizeof pem)
        fputs(pem, stdout);
    /* -> -----BEGIN CERTIFICATE-----
     * -> ...
     * -> -----END CERTIFICATE----- */
    //! [get_server_certificate]
}

static void there_and_back(void)
{
    //! [pem]
    unsigned char der[4096];
    char pem[8192];
    int n = sock_ssl_pem_cert_to_der_cert("-----BEGIN CERTIFICATE-----\n"
                                          "MAMCAQE=\n"
                                          "-----END CERTIFICATE-----\n",
                                          der, sizeof der);
    printf("%d bytes\n", n); /* -> 5 bytes */
    if (sock_ssl_der_cert_to_pem_cert(der, (size_t)n, pem, sizeof pem) > 0)
        fputs(pem, stdout);
    /* -> -----BEGIN CERTIFICATE-----
     * -> MAMCAQE=
     * -> -----END CERTIFICATE----- */
    //! [pem]
}

static void times(void)
{
    //! [cert_time_to_seconds]
    int64_t seconds;
    if (sock_ssl_cert_time_to_seconds("Jan  5 09:34:43 2018 GMT", &seconds) ==
        0)
        printf("%lld\n", (long long)seconds); /* -> 1515144883 */
    //! [cert_time_to_seconds]
}

static void paths_of_the_system(void)
{
    //! [get_default_verify_paths]
    sock_ssl_paths_t paths;
    if (sock_ssl_get_default_verify_paths(&paths) == 0)
        printf("%s, and without %s %s\n",
               paths.cafile[0] != '\0' ? paths.cafile : "no file",
               paths.openssl_cafile_env, paths.openssl_cafile);
    /* -> ca.pem, and without SSL_CERT_FILE /... */
    //! [get_default_verify_paths]
}

static void random_bytes(void)
{
    //! [rand]
    unsigned char key[32];
    sock_ssl_rand_add("what the hour says", 18, 0); /* never needed */
    if (sock_ssl_rand_status() == 1 &&
        sock_ssl_rand_bytes(key, sizeof key) == 0)
        puts("32 bytes that no one can guess");
    /* -> 32 bytes that no one can guess */
    //! [rand]
}

static void the_library(void)
{
    //! [openssl_version]
    puts(sock_ssl_openssl_version()); /* -> OpenSSL ... */
    //! [openssl_version]
}

static void of_an_error(int port)
{
    //! [error]
    sock_ssl_error_t e;
    sock_ssl_context_t *ctx =
        sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_CLIENT); /* trusts no one */
    if (sock_ssl_create_connection(ctx, "localhost", port, 10) == NULL &&
        sock_ssl_error(NULL, &e) == 0)
        printf("%s %s %d: %s\n%d: %s\n", e.library, e.reason, e.verify_code,
               e.verify_message, e.depth, e.subject);
    /* -> SSL CERTIFICATE_VERIFY_FAILED 20: unable to get local issuer ...
     * -> 0: CN=... */
    sock_ssl_context_free(ctx);
    //! [error]
}

/* Its certificate is cert.pem. */
static void *serve(void *arg)
{
    sock_t *listener = arg;
    for (int i = 0; i < 2; i++) {
        sock_t *s = sock_accept(listener, NULL);
        sock_ssl_do_handshake(s);
        sock_free(s);
    }
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
    if (sock_getsockname(listener, &address) == -1)
        return 1;
    for_others();
    pthread_create(&thread, NULL, serve, listener);
    of_a_server(sock_addr_port(&address));
    there_and_back();
    times();
    setenv("SSL_CERT_FILE", "ca.pem", 1);
    paths_of_the_system();
    random_bytes();
    the_library();
    of_an_error(sock_addr_port(&address));
    pthread_join(thread, NULL);
    sock_free(listener);
    return 0;
}

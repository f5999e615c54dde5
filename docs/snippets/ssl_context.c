/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700

#include <pysockc/pysockc.h>
#include <pysockc/ssl.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A peer in a thread: what it is sent it sends back. */
struct peer {
    sock_t *listener;
    int port;
    pthread_t thread;
};

static void *echo(void *arg)
{
    char text[512];
    ssize_t n = 0;
    sock_t *s = sock_accept(arg, NULL);
    if (s == NULL)
        return NULL;
    while ((n = sock_recv(s, text, sizeof text, 0)) > 0)
        sock_sendall(s, text, (size_t)n, 0);
    sock_free(s);
    return NULL;
}

static struct peer peer_of(sock_ssl_context_t *ctx)
{
    struct peer p = {0};
    sock_addr_t address;
    sock_t *plain = sock_create_server(sock_addr_inet("127.0.0.1", 0), 1, 0);
    if (plain == NULL || sock_getsockname(plain, &address) == -1)
        exit(1);
    p.port = sock_addr_port(&address);
    p.listener =
        sock_ssl_wrap_socket(ctx, plain, SOCK_SSL_SERVER_SIDE, NULL, NULL);
    sock_free(plain);
    pthread_create(&p.thread, NULL, echo, p.listener);
    return p;
}

static void end_peer(struct peer *p)
{
    pthread_join(p->thread, NULL);
    sock_free(p->listener);
}

//! [server]
static sock_ssl_context_t *context_of_server(void)
{
    sock_ssl_context_t *ctx =
        sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_SERVER);
    if (ctx == NULL ||
        sock_ssl_load_cert_chain(ctx, "cert.pem", "key.pem", NULL) == -1) {
        sock_perror("server");
        exit(1);
    }
    return ctx;
}
//! [server]

static void client(int port)
{
    //! [client]
    char text[512];
    sock_ssl_context_t *ctx = sock_ssl_create_default_context(
        SOCK_SSL_SERVER_AUTH, "ca.pem", NULL, NULL);
    sock_t *s = sock_ssl_create_connection(ctx, "localhost", port, 10);
    if (s == NULL || sock_sendall(s, "hello", 5, 0) == -1)
        sock_perror("client");
    else
        printf("%.*s\n", (int)sock_recv(s, text, sizeof text, 0), text);
    /* -> hello */
    sock_free(s);
    sock_ssl_context_free(ctx);
    //! [client]
}

static void of_all(void)
{
    //! [default_context]
    if (sock_ssl_default_context() == sock_ssl_default_context())
        puts("it is shared"); /* -> it is shared */
#ifdef SOCK_SSL_CONTEXT_AUTO
    SOCK_SSL_CONTEXT_AUTO sock_ssl_context_t *own =
        sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_CLIENT);
    if (own != NULL)
        puts("and this one is freed at the end of the block");
        /* -> and this one is freed at the end of the block */
#endif
    //! [default_context]
}

static size_t read_file(const char *path, char *text, size_t size)
{
    FILE *f = fopen(path, "r");
    size_t n = f != NULL ? fread(text, 1, size, f) : 0;
    if (f != NULL)
        fclose(f);
    return n;
}

static void from_memory(sock_ssl_context_t *ctx)
{
    //! [load_data]
    char cert[8192], key[8192];
    size_t cert_size = read_file("cert.pem", cert, sizeof cert);
    size_t key_size = read_file("key.pem", key, sizeof key);
    if (sock_ssl_load_cert_chain_data(ctx, cert, cert_size, key, key_size,
                                      NULL) == 0)
        puts("loaded"); /* -> loaded */
    //! [load_data]
}

//! [password]
static int ask(char *buf, size_t size, void *arg)
{
    const char *password = getenv(arg); /* or a safe, or a dialog */
    size_t n = password != NULL ? strlen(password) : 0;
    if (n == 0 || n > size)
        return -1;
    memcpy(buf, password, n);
    return (int)n;
}

static void with_password(sock_ssl_context_t *ctx)
{
    static char variable[] = "KEY_PASSWORD";
    sock_ssl_set_password_callback(ctx, ask, variable);
    if (sock_ssl_load_cert_chain(ctx, "cert.pem", "key.pem", NULL) == -1)
        sock_perror("with_password");
}
//! [password]

static void whom_to_trust(sock_ssl_context_t *ctx)
{
    char pem[8192];
    size_t size = read_file("ca.pem", pem, sizeof pem);
    //! [trust]
    sock_ssl_load_default_certs(ctx, SOCK_SSL_SERVER_AUTH); /* the system's */
    sock_ssl_load_verify_locations(ctx, "ca.pem", NULL, NULL); /* and these */
    sock_ssl_load_verify_data(ctx, pem, size);
    if (sock_ssl_load_verify_locations(ctx, "none.pem", NULL, NULL) == -1)
        sock_perror(NULL);
    /* -> load_verify_locations: [Errno 2] No such file or directory */
    //! [trust]
}

static void what_is_there(sock_ssl_context_t *ctx)
{
    //! [cert_store_stats]
    sock_ssl_store_stats_t stats;
    if (sock_ssl_cert_store_stats(ctx, &stats) == 0)
        printf("%zu certificates, %zu of authorities, %zu lists\n", stats.x509,
               stats.x509_ca, stats.crl);
    /* -> 1 certificates, 1 of authorities, 0 lists */
    //! [cert_store_stats]
}

static void how_to_verify(sock_ssl_context_t *ctx)
{
    //! [verify]
    unsigned flags = 0;
    if (sock_ssl_get_verify_flags(ctx, &flags) == 0 &&
        sock_ssl_set_verify_flags(
            ctx, flags | SOCK_SSL_VERIFY_X509_PARTIAL_CHAIN) == 0)
        printf("%#x\n", flags | SOCK_SSL_VERIFY_X509_PARTIAL_CHAIN);
    /* -> 0x88000 */

    if (sock_ssl_set_verify_mode(ctx, SOCK_SSL_CERT_NONE) == -1)
        sock_perror(NULL);
    /* -> verify_mode: Cannot set verify_mode to CERT_NONE when ... */
    printf("%d %d\n", sock_ssl_get_check_hostname(ctx),
           sock_ssl_get_verify_mode(ctx) == SOCK_SSL_CERT_REQUIRED);
    /* -> 1 1 */
    sock_ssl_set_check_hostname(ctx, 0); /* any name that is trusted will do */
    //! [verify]
}

static void which_versions(sock_ssl_context_t *ctx)
{
    //! [versions]
    sock_ssl_set_minimum_version(ctx, SOCK_SSL_TLSV1_3);
    if (sock_ssl_set_maximum_version(ctx, SOCK_SSL_TLSV1_2) == -1)
        sock_perror(NULL);
    /* -> maximum_version: the minimum version is over the maximum */
    printf("%#x %d\n", (unsigned)sock_ssl_get_minimum_version(ctx),
           sock_ssl_get_maximum_version(ctx) == SOCK_SSL_MAXIMUM_SUPPORTED);
    /* -> 0x304 1 */
    //! [versions]
}

static void which_options(sock_ssl_context_t *ctx)
{
    //! [options]
    uint64_t options = 0;
    sock_ssl_get_options(ctx, &options);
    sock_ssl_set_options(ctx, options | SOCK_SSL_OP_NO_TICKET);
    sock_ssl_set_num_tickets(ctx, 0); /* it only receives */
    sock_ssl_set_post_handshake_auth(ctx, 1);
    printf("%d %d\n", sock_ssl_get_num_tickets(ctx),
           sock_ssl_get_post_handshake_auth(ctx)); /* -> 0 1 */
    printf("%d %d\n", sock_ssl_get_security_level(ctx),
           sock_ssl_get_protocol(ctx) == SOCK_SSL_PROTOCOL_TLS_SERVER);
    /* -> 2 1 */
    //! [options]
}

static void which_ciphers(sock_ssl_context_t *ctx)
{
    //! [ciphers]
    sock_ssl_set_ciphers(ctx, "ECDHE+AESGCM");                /* TLS 1.2 */
    sock_ssl_set_ciphersuites(ctx, "TLS_AES_256_GCM_SHA384"); /* TLS 1.3 */
    if (sock_ssl_set_ecdh_curve(ctx, "X25519:P-257") == -1)
        sock_perror(NULL);
    /* -> set_ecdh_curve: unknown elliptic curve name 'X25519:P-257' */
    //! [ciphers]
}

static void which_protocols(sock_ssl_context_t *ctx)
{
    //! [alpn]
    const char *const protocols[] = {"h2", "http/1.1"};
    sock_ssl_set_alpn_protocols(ctx, protocols, 2);
    //! [alpn]
}

static void write_keys(sock_ssl_context_t *ctx, int port)
{
    //! [keylog]
    char line[80] = "";
    if (sock_ssl_set_keylog_filename(ctx, "ssl_context.keys") == -1)
        sock_perror("keylog");
    sock_free(sock_ssl_create_connection(ctx, "localhost", port, 10));
    FILE *f = fopen("ssl_context.keys", "r");
    if (f != NULL && fgets(line, sizeof line, f) != NULL)
        fputs(line, stdout); /* -> # TLS secrets log file, ... */
    //! [keylog]
    if (f != NULL)
        fclose(f);
    unlink("ssl_context.keys");
    sock_ssl_set_keylog_filename(ctx, NULL);
}

static void pin_keys(sock_ssl_context_t *ctx, int port)
{
    //! [pins]
    static const char *const pins[] = {
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", /* in use */
        "4ruqqOXTrbVUGW+cTwwWFBJm9wYCpyh7Bte00QMgfq8="  /* a spare one */
    };
    sock_ssl_set_pins(ctx, pins, 2);
    if (sock_ssl_create_connection(ctx, "localhost", port, 10) == NULL)
        sock_perror(NULL);
    /* -> ... none of the keys in its chain is pinned (depth 0, ...) */
    //! [pins]
    sock_ssl_set_pins(ctx, NULL, 0);
}

//! [sni]
static int choose(sock_t *s, const char *name, void *arg)
{
    sock_ssl_context_t *of_localhost = arg;
    if (name == NULL || strcmp(name, "localhost") != 0)
        return SOCK_SSL_ALERT_UNRECOGNIZED_NAME;
    return sock_ssl_set_context(s, of_localhost) == 0
               ? 0
               : SOCK_SSL_ALERT_INTERNAL_ERROR;
}

static sock_ssl_context_t *context_of_names(sock_ssl_context_t *known)
{
    sock_ssl_context_t *ctx =
        sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_SERVER);
    sock_ssl_set_sni_callback(ctx, choose, known);
    return ctx;
}
//! [sni]

//! [psk]
static const char secret[] = "32 bytes that no one else can know";

static int clients_key(const char *hint, char *identity,
                       size_t identity_size, unsigned char *key,
                       size_t key_size, void *arg)
{
    (void)hint, (void)arg;
    if (key_size < sizeof secret)
        return 0;
    snprintf(identity, identity_size, "sensor-7");
    memcpy(key, secret, sizeof secret);
    return sizeof secret;
}

static int servers_key(const char *identity, unsigned char *key,
                       size_t key_size, void *arg)
{
    (void)arg;
    if (strcmp(identity, "sensor-7") != 0 || key_size < sizeof secret)
        return 0;
    memcpy(key, secret, sizeof secret);
    return sizeof secret;
}

static void set_keys(sock_ssl_context_t *a, sock_ssl_context_t *b)
{
    sock_ssl_set_psk_client_callback(a, clients_key, NULL);
    sock_ssl_set_psk_server_callback(b, servers_key, NULL, NULL);
}
//! [psk]

static void for_others(sock_ssl_context_t *ctx)
{
    //! [tls]
    sock_tls_t *tls = sock_ssl_tls(ctx); /* for calls that take one */
    puts(tls != NULL ? "has TLS" : "has none"); /* -> has TLS */
    //! [tls]
}

static void by_keys(void)
{
    sock_ssl_context_t *a = sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_CLIENT);
    sock_ssl_context_t *b = sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_SERVER);
    for_others(a);
    set_keys(a, b);
    struct peer p = peer_of(b);
    sock_t *s = sock_ssl_create_connection(a, "localhost", p.port, 10);
    puts(s != NULL ? sock_ssl_version(s) : "none"); /* -> TLSv1.3 */
    sock_free(s);
    end_peer(&p);
    sock_ssl_context_free(a);
    sock_ssl_context_free(b);
}

static void first(void)
{
    sock_ssl_context_t *server = context_of_server();
    sock_ssl_context_t *names = context_of_names(server);
    struct peer p = peer_of(names);
    client(p.port);
    end_peer(&p);
    sock_ssl_context_free(names);
    sock_ssl_context_free(server);
}

static void settings(void)
{
    sock_ssl_context_t *server = context_of_server();
    sock_ssl_context_t *ctx =
        sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_CLIENT);
    from_memory(server);
    with_password(server);
    whom_to_trust(ctx);
    what_is_there(ctx);
    how_to_verify(ctx);
    which_versions(ctx);
    which_options(server);
    which_ciphers(ctx);
    which_protocols(ctx);
    sock_ssl_context_free(ctx);
    sock_ssl_context_free(server);
}

static void connections(void)
{
    sock_ssl_context_t *server = context_of_server();
    sock_ssl_context_t *ctx = sock_ssl_create_default_context(
        SOCK_SSL_SERVER_AUTH, "ca.pem", NULL, NULL);
    struct peer p = peer_of(server);
    write_keys(ctx, p.port);
    end_peer(&p);
    p = peer_of(server);
    pin_keys(ctx, p.port);
    end_peer(&p);
    sock_ssl_context_free(ctx);
    sock_ssl_context_free(server);
}

int main(void)
{
    setbuf(stdout, NULL);
    setenv("SSL_CERT_FILE", "ca.pem", 1); /* the system may have none */
    first();
    of_all();
    settings();
    connections();
    by_keys();
    return 0;
}

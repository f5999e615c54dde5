/* SPDX-License-Identifier: MIT */
/* What an idle connection holds, beside OpenSSL alone. */
#include "tls.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/crypto.h>

/* Bytes of the heap, by who runs. OpenSSL's are counted by its own functions,
 * the library's as its calls go to these. */
enum side { NO_ONE, CLIENT, SERVER, SIDES };
static enum side side;
static long heap[SIDES];

void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t n);
void *__real_realloc(void *p, size_t n);
void __real_free(void *p);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t n);
void *__wrap_realloc(void *p, size_t n);
void __wrap_free(void *p);
char *__wrap_strdup(const char *text);

static void *count(void *p, int sign)
{
    heap[side] += sign * (long)malloc_usable_size(p);
    return p;
}

void *__wrap_malloc(size_t n)
{
    return count(__real_malloc(n), 1);
}

void *__wrap_calloc(size_t many, size_t n)
{
    return count(__real_calloc(many, n), 1);
}

void *__wrap_realloc(void *p, size_t n)
{
    count(p, -1);
    return count(__real_realloc(p, n), 1);
}

void __wrap_free(void *p)
{
    count(p, -1);
    __real_free(p);
}

char *__wrap_strdup(const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = __wrap_malloc(n);
    return copy != NULL ? memcpy(copy, text, n) : NULL;
}

static void *ssl_malloc(size_t n, const char *file, int line)
{
    (void)file, (void)line;
    return n > 0 ? __wrap_malloc(n) : NULL;
}

static void *ssl_realloc(void *p, size_t n, const char *file, int line)
{
    (void)file, (void)line;
    if (n > 0)
        return __wrap_realloc(p, n);
    __wrap_free(p);
    return NULL;
}

static void ssl_free(void *p, const char *file, int line)
{
    (void)file, (void)line;
    __wrap_free(p);
}

/* One pair of ends, in one thread: either all of OpenSSL's, or ours. */
enum { PAIRS = 8, LARGE = 16384 };
struct ends {
    sock_t *ours[SIDES];
    SSL *plain[SIDES];
    int fds[SIDES];
};

static int do_handshake(struct ends *e, enum side who)
{
    side = who;
    int done = e->ours[who] != NULL ? sock_ssl_do_handshake(e->ours[who]) == 0
                                    : SSL_do_handshake(e->plain[who]) == 1;
    side = NO_ONE;
    return done;
}

static void shake(struct ends *e)
{
    int client = 0, server = 0;
    while (!client || !server) {
        client = client || do_handshake(e, CLIENT);
        server = server || do_handshake(e, SERVER);
    }
}

static size_t transfer(struct ends *e, enum side who, bool sends, char *bytes,
                       size_t size)
{
    size_t n = 0;
    side = who;
    if (e->ours[who] != NULL) {
        ssize_t got = sends ? sock_send(e->ours[who], bytes, size, 0)
                            : sock_recv(e->ours[who], bytes, size, 0);
        n = got > 0 ? (size_t)got : 0;
    } else if (sends) {
        SSL_write_ex(e->plain[who], bytes, size, &n);
    } else {
        SSL_read_ex(e->plain[who], bytes, size, &n);
    }
    side = NO_ONE;
    return n;
}

/* Then both look once more, and find that there is nothing. */
static void talk(struct ends *e, enum side from, enum side to)
{
    static char bytes[LARGE];
    size_t got = 0, n = transfer(e, from, true, bytes, LARGE);
    check_int(n, LARGE);
    while (got < LARGE)
        got += transfer(e, to, false, bytes, LARGE);
    check_int(transfer(e, to, false, bytes, 1), 0);
}

static void free_ends(struct ends *e)
{
    for (enum side who = CLIENT; who <= SERVER; who++) {
        sock_free(e->ours[who]);
        SSL_free(e->plain[who]);
        if (e->fds[who] >= 0)
            close(e->fds[who]);
    }
}

/* Ours */

static struct ends our_ends(sock_ssl_context_t *const contexts[SIDES])
{
    struct ends e = {.fds = {-1, -1, -1}};
    struct pair p = tcp_pair();
    sock_t *plain[] = {NULL, p.a, p.b};
    for (enum side who = CLIENT; who <= SERVER; who++) {
        int flags = who == SERVER ? SOCK_SSL_SERVER_SIDE : 0;
        check_ok(sock_setblocking(plain[who], 0));
        side = who;
        sock_t *s = sock_ssl_wrap_socket(
            contexts[who], plain[who], flags | SOCK_SSL_NO_HANDSHAKE,
            who == CLIENT ? "localhost" : NULL, NULL);
        side = NO_ONE;
        e.ours[who] = check_made(s);
        sock_free(plain[who]);
    }
    return e;
}

/* OpenSSL's own, with all that makes one of them small */

static SSL_CTX *plain_context(enum side who)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    check(ctx != NULL);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    if (who == CLIENT) {
        check_int(SSL_CTX_load_verify_file(ctx, cert("root.pem")), 1);
        SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
        return ctx;
    }
    check_int(
        SSL_CTX_use_certificate_file(ctx, cert("good.pem"), SSL_FILETYPE_PEM),
        1);
    check_int(
        SSL_CTX_use_PrivateKey_file(ctx, cert("good.key"), SSL_FILETYPE_PEM),
        1);
    return ctx;
}

static SSL *plain_end(SSL_CTX *ctx, enum side who, int fd)
{
    SSL *ssl = SSL_new(ctx);
    check(ssl != NULL && SSL_set_fd(ssl, fd) == 1);
    if (who == SERVER) {
        SSL_set_accept_state(ssl);
        return ssl;
    }
    SSL_set_connect_state(ssl);
    SSL_set_tlsext_host_name(ssl, "localhost");
    SSL_set1_host(ssl, "localhost");
    return ssl;
}

static struct ends plain_ends(SSL_CTX *const contexts[SIDES])
{
    struct ends e = {.fds = {-1, -1, -1}};
    struct pair p = tcp_pair();
    e.fds[CLIENT] = sock_detach(p.a);
    e.fds[SERVER] = sock_detach(p.b);
    free_pair(&p);
    for (enum side who = CLIENT; who <= SERVER; who++) {
        check_int(fcntl(e.fds[who], F_SETFL, O_NONBLOCK), 0);
        side = who;
        e.plain[who] = plain_end(contexts[who], who, e.fds[who]);
        side = NO_ONE;
    }
    return e;
}

/* Which the library does by itself. */
static void free_buffers(struct ends *e)
{
    for (enum side who = CLIENT; who <= SERVER; who++) {
        side = who;
        SSL_free_buffers(e->plain[who]);
        side = NO_ONE;
    }
}

/* Comparing */

/* How it became idle: behind the handshake, whose tickets the client has read,
 * or behind what was sent both ways. */
static void idle(struct ends *e, bool talked)
{
    char c;
    shake(e);
    if (talked) {
        talk(e, SERVER, CLIENT);
        talk(e, CLIENT, SERVER);
    }
    check_int(transfer(e, CLIENT, false, &c, 1), 0);
    check_int(transfer(e, SERVER, false, &c, 1), 0);
}

/* The first one makes what all use. */
static void forget(struct ends *e)
{
    free_ends(e);
    memset(heap, 0, sizeof heap);
}

/* Bytes of the heap that one more end holds, for each side. */
static void measure(struct ends e[PAIRS], long each[SIDES])
{
    for (enum side who = CLIENT; who <= SERVER; who++)
        each[who] = heap[who] / PAIRS;
    for (int i = 0; i < PAIRS; i++)
        free_ends(&e[i]);
    memset(heap, 0, sizeof heap);
}

static void measure_plain(int version, bool talked, bool small,
                          long each[SIDES])
{
    struct ends e[PAIRS];
    SSL_CTX *contexts[SIDES] = {NULL, plain_context(CLIENT),
                                plain_context(SERVER)};
    SSL_CTX_set_max_proto_version(contexts[CLIENT], version);
    for (int i = -1; i < PAIRS; i++) {
        struct ends one = plain_ends(contexts);
        idle(&one, talked);
        if (small)
            free_buffers(&one);
        if (i < 0)
            forget(&one);
        else
            e[i] = one;
    }
    measure(e, each);
    SSL_CTX_free(contexts[CLIENT]);
    SSL_CTX_free(contexts[SERVER]);
}

static void measure_ours(int version, bool talked, long each[SIDES])
{
    struct ends e[PAIRS];
    sock_ssl_context_t *contexts[SIDES] = {NULL, client_context(),
                                           server_context("good")};
    check_ok(sock_ssl_set_maximum_version(contexts[CLIENT], version));
    for (int i = -1; i < PAIRS; i++) {
        struct ends one = our_ends(contexts);
        idle(&one, talked);
        if (i < 0)
            forget(&one);
        else
            e[i] = one;
    }
    measure(e, each);
    sock_ssl_context_free(contexts[CLIENT]);
    sock_ssl_context_free(contexts[SERVER]);
}

enum { MORE = 512 };

static void compare(int version, bool talked)
{
    long plain[SIDES], ours[SIDES];
    measure_plain(version, talked, true, plain);
    measure_ours(version, talked, ours);
    for (enum side who = CLIENT; who <= SERVER; who++)
        check_that(plain[who] > 4096 && ours[who] <= plain[who] + MORE,
                   "the %s holds %ld bytes, OpenSSL alone %ld",
                   who == CLIENT ? "client" : "server", ours[who], plain[who]);
}

/* OpenSSL takes none any more once it has allocated anything. */
static int counted;
__attribute__((constructor)) static void begin(void)
{
    counted = CRYPTO_set_mem_functions(ssl_malloc, ssl_realloc, ssl_free);
}

TEST(ssl_memory, of_an_idle_connection_1_3)
{
    check_int(counted, 1);
    compare(SOCK_SSL_TLSV1_3, false);
    compare(SOCK_SSL_TLSV1_3, true);
}

TEST(ssl_memory, of_an_idle_connection_1_2)
{
    check_int(counted, 1);
    compare(SOCK_SSL_TLSV1_2, false);
    compare(SOCK_SSL_TLSV1_2, true);
}

/* One buffer is all that the bound is about. */
TEST(ssl_memory, the_bound_sees_a_buffer)
{
    long small[SIDES], large[SIDES];
    check_int(counted, 1);
    measure_plain(SOCK_SSL_TLSV1_3, false, true, small);
    measure_plain(SOCK_SSL_TLSV1_3, false, false, large);
    check(large[CLIENT] > small[CLIENT] + MORE);
}

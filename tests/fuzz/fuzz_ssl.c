/* SPDX-License-Identifier: MIT */
/*
 * A connection of TLS whose kernel is this file: what send(2) and recv(2) take
 * and give is the input's to say, and so is what becomes of the bytes on their
 * way. Both ends are the library's, in one thread.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <pysockc/ssl.h>

#include "fuzz.h"

enum { MOST_CALLS = 300, MOST_KEPT = 1 << 17, MOST_SENT = 60000 };

ssize_t __real_send(int fd, const void *data, size_t n, int flags);
ssize_t __wrap_send(int fd, const void *data, size_t n, int flags);
ssize_t __real_recv(int fd, void *data, size_t n, int flags);
ssize_t __wrap_recv(int fd, void *data, size_t n, int flags);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout);
int __wrap_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *time,
                 const sigset_t *mask);

/* The wire */

/* What goes in one direction. */
struct pipe {
    uint8_t bytes[MOST_KEPT];
    size_t size, at; /* put in, taken out */
    bool ended;
};

static struct end {
    int fd;
    sock_t *s;
    struct pipe in;
    size_t sent, received; /* of what is said */
    bool goodbye, over, failed, reset;
    int kind, code; /* of the failure */
} ends[2];

static struct input script;
static bool disturbed, smooth;

static struct end *end_of(int fd)
{
    return fd == ends[0].fd ? &ends[0] : fd == ends[1].fd ? &ends[1] : NULL;
}

static struct end *peer_of(const struct end *e)
{
    return e == &ends[0] ? &ends[1] : &ends[0];
}

/* How much of n moves now: the whole, a part, or nothing for now. */
static size_t share(size_t n)
{
    unsigned b = smooth ? 255 : next_byte(&script);
    if (script.left == 0 || b >= 160)
        return n;
    if (b < 48)
        return 0;
    return b < 112 ? (n < b - 47 ? n : b - 47) : n * (b - 111) / 64;
}

static ssize_t fails_with(int code)
{
    errno = code;
    return -1;
}

/* Now and then a bit is another, or a byte is lost, or comes twice. */
static void disturb(struct pipe *p, size_t from)
{
    unsigned b = smooth ? 0 : next_byte(&script);
    if (b < 250 || p->size == from)
        return;
    size_t at = from + next_number(&script) % (p->size - from);
    disturbed = true;
    if (b < 254) {
        p->bytes[at] ^= (uint8_t)(1U << (b & 7));
    } else if (b == 254) {
        p->size--;
        for (size_t i = at; i < p->size; i++)
            p->bytes[i] = p->bytes[i + 1];
    } else if (p->size < MOST_KEPT) {
        for (size_t i = p->size++; i > at; i--)
            p->bytes[i] = p->bytes[i - 1];
    }
}

ssize_t __wrap_send(int fd, const void *data, size_t n, int flags)
{
    struct end *e = end_of(fd);
    if (e == NULL)
        return __real_send(fd, data, n, flags);
    struct pipe *p = &peer_of(e)->in;
    claim((flags & (MSG_NOSIGNAL | MSG_DONTWAIT)) ==
          (MSG_NOSIGNAL | MSG_DONTWAIT));
    if (e->reset)
        return fails_with(EPIPE);
    size_t take = share(n), from = p->size;
    if (take > MOST_KEPT - p->size)
        take = MOST_KEPT - p->size;
    if (take == 0)
        return fails_with(smooth || next_byte(&script) % 4 ? EAGAIN : EINTR);
    memcpy(p->bytes + p->size, data, take);
    p->size += take;
    disturb(p, from);
    return (ssize_t)take;
}

ssize_t __wrap_recv(int fd, void *data, size_t n, int flags)
{
    struct end *e = end_of(fd);
    if (e == NULL)
        return __real_recv(fd, data, n, flags);
    struct pipe *p = &e->in;
    claim((flags & MSG_DONTWAIT) != 0);
    if (e->reset)
        return fails_with(ECONNRESET);
    size_t there = p->size - p->at;
    if (there == 0)
        return p->ended ? 0 : fails_with(EAGAIN);
    size_t give = share(there < n ? there : n);
    if (give == 0)
        return fails_with(EAGAIN);
    memcpy(data, p->bytes + p->at, give);
    p->at += give;
    if (p->at == p->size)
        p->at = p->size = 0;
    return (ssize_t)give;
}

/* Nothing waits: what is asked is what there is. */
static int look(struct pollfd *fds, nfds_t n)
{
    int ready = 0;
    for (nfds_t i = 0; i < n; i++) {
        struct end *e = end_of(fds[i].fd);
        fds[i].revents = 0;
        if (e != NULL && (e->in.size > e->in.at || e->in.ended))
            fds[i].revents |= fds[i].events & POLLIN;
        if (e != NULL && peer_of(e)->in.size < MOST_KEPT)
            fds[i].revents |= fds[i].events & POLLOUT;
        ready += fds[i].revents != 0;
    }
    return ready;
}

/* The library's for TLS looks by the one, the core by the other. */
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout)
{
    (void)timeout;
    return look(fds, n);
}

int __wrap_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *time,
                 const sigset_t *mask)
{
    (void)time;
    (void)mask;
    return look(fds, n);
}

/* Who they are: a key and a certificate of its own, made once */

static char pem[2][4096];
static sock_ssl_context_t *contexts[2][2]; /* version, side */

static void write_pem(BIO *b, char *to)
{
    int n = BIO_read(b, to, sizeof pem[0] - 1);
    claim(n > 0);
    to[n] = '\0';
    BIO_free(b);
}

static void add(X509 *x, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    claim(extension != NULL && X509_add_ext(x, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

static void make_certificate(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = X509_new();
    BIO *b[2] = {BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem())};
    claim(key != NULL && x != NULL && b[0] != NULL && b[1] != NULL);
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 86400 * 30);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                               (const unsigned char *)"fuzz", -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(x));
    X509_set_pubkey(x, key);
    add(x, NID_subject_key_identifier, "hash");
    add(x, NID_basic_constraints, "critical,CA:true");
    add(x, NID_subject_alt_name, "DNS:localhost");
    claim(X509_sign(x, key, EVP_sha256()) > 0);
    claim(PEM_write_bio_X509(b[0], x) == 1);
    claim(PEM_write_bio_PrivateKey(b[1], key, NULL, NULL, 0, NULL, NULL) == 1);
    write_pem(b[0], pem[0]);
    write_pem(b[1], pem[1]);
    X509_free(x);
    EVP_PKEY_free(key);
}

static void make_contexts(int i, int version)
{
    sock_ssl_context_t *client =
        sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_CLIENT);
    sock_ssl_context_t *server =
        sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_SERVER);
    claim(client != NULL && server != NULL);
    claim(sock_ssl_load_verify_data(client, pem[0], strlen(pem[0])) == 0);
    claim(sock_ssl_load_cert_chain_data(server, pem[0], strlen(pem[0]), pem[1],
                                        strlen(pem[1]), NULL) == 0);
    claim(sock_ssl_set_maximum_version(client, version) == 0);
    contexts[i][0] = client;
    contexts[i][1] = server;
}

/* Calls */

static uint8_t byte_at(size_t i)
{
    return (uint8_t)((i * 31 + (i >> 8) * 7) % 251);
}

enum { OVER = 6 }; /* as Python's number of ssl.SSLZeroReturnError */

/* Whether it was for want of bytes or room, or said behind the own goodbye. */
static bool is_harmless(const struct end *e, const sock_error_t *error)
{
    if (error->kind == SOCK_E_OS)
        return error->code == EAGAIN;
    return error->kind == SOCK_E_TLS && error->code == OVER && e->goodbye;
}

/* What has failed otherwise goes on to fail, with the same. */
static void note(struct end *e, ssize_t result)
{
    const sock_error_t *error = sock_last_error();
    if (result >= 0 || is_harmless(e, error))
        return;
    claim(error->kind == SOCK_E_TLS || error->kind == SOCK_E_OS);
    claim(!e->failed || (e->kind == error->kind && e->code == error->code));
    claim(disturbed);
    e->kind = error->kind;
    e->code = error->code;
    e->failed = true;
}

static void say(struct end *e, size_t n)
{
    uint8_t bytes[20000];
    if (n > sizeof bytes)
        n = sizeof bytes;
    if (e->sent + n > MOST_SENT)
        return;
    for (size_t i = 0; i < n; i++)
        bytes[i] = byte_at(e->sent + i);
    ssize_t done = sock_send(e->s, bytes, n, 0);
    claim(done <= (ssize_t)n);
    claim(done < 0 || !e->failed);
    note(e, done);
    e->sent += done > 0 ? (size_t)done : 0;
}

/* Only what was said, in its order; and an end only behind all of it. */
static void hear(struct end *e, size_t n, int flags)
{
    uint8_t bytes[20000];
    struct end *peer = peer_of(e);
    ssize_t got = sock_recv(e->s, bytes, 1 + n % sizeof bytes, flags);
    claim(got <= 0 || e->received + (size_t)got <= peer->sent);
    for (ssize_t i = 0; i < got; i++)
        claim(bytes[i] == byte_at(e->received + (size_t)i));
    if (got == 0) {
        claim(peer->goodbye && e->received == peer->sent);
        e->over = true;
    }
    claim(got <= 0 || (!e->over && !e->failed));
    note(e, got);
    if (flags == 0 && got > 0)
        e->received += (size_t)got;
}

static void ask(struct end *e, unsigned events)
{
    int both = SOCK_EVENT_READ | SOCK_EVENT_WRITE;
    int want = (int)events & both ? (int)events & both : SOCK_EVENT_READ;
    int found = sock_wait(e->s, want, 0);
    claim(found >= 0 && (found & ~want) == 0);
    int wants = sock_ssl_wants(e->s, want);
    claim(wants >= 0 && (wants & ~(POLLIN | POLLOUT)) == 0);
    claim(sock_ssl_pending(e->s) >= 0);
}

/* A goodbye that is begun is one, whether the system takes it or not. */
static void part(struct end *e)
{
    ssize_t n = sock_shutdown(e->s, SHUT_WR);
    if (sock_ssl_version(e->s) != NULL && !e->failed)
        e->goodbye = true;
    if (n == 0)
        peer_of(e)->in.ended = true;
    note(e, n);
}

static void cut(struct end *e, unsigned how)
{
    disturbed = true;
    if (how & 1)
        e->in.ended = true;
    else
        e->reset = true;
}

static void call(struct end *e, unsigned what)
{
    switch (what % 16) {
    case 0:
    case 1:
    case 2:
        note(e, sock_ssl_do_handshake(e->s));
        break;
    case 3:
    case 4:
    case 5:
        say(e, next_number(&script));
        break;
    case 6:
    case 7:
    case 8:
    case 9:
        hear(e, next_number(&script), 0);
        break;
    case 10:
        hear(e, next_number(&script), MSG_PEEK);
        break;
    case 11:
    case 12:
        ask(e, next_byte(&script));
        break;
    case 13:
        part(e);
        break;
    case 14:
        if (next_byte(&script) >= 192)
            cut(e, next_byte(&script));
        break;
    default:
        say(e, 1);
    }
}

static bool is_done(const struct end *e)
{
    return e->over || e->failed;
}

/* Without disturbance all of it arrives, and its end, in so many turns. */
static void settle(void)
{
    smooth = true;
    for (int i = 0; i < 60 && !(is_done(&ends[0]) && is_done(&ends[1])); i++) {
        for (int j = 0; j < 2; j++) {
            note(&ends[j], sock_ssl_do_handshake(ends[j].s));
            part(&ends[j]);
            for (int k = 0; k < 8; k++)
                hear(&ends[j], 19999, 0);
        }
    }
    for (int j = 0; j < 2; j++)
        claim(disturbed || (ends[j].over && !ends[j].failed &&
                            ends[j].received == ends[1 - j].sent));
}

static void begin(unsigned version)
{
    sock_t *plain[2];
    claim(sock_socketpair(AF_UNIX, SOCK_STREAM, 0, plain) == 0);
    for (int i = 0; i < 2; i++) {
        struct end *e = &ends[i];
        e->fd = sock_fileno(plain[i]);
        e->in.size = e->in.at = 0;
        e->in.ended = false;
        e->sent = e->received = 0;
        e->goodbye = e->over = e->failed = e->reset = false;
        claim(sock_setblocking(plain[i], 0) == 0);
        e->s = sock_ssl_wrap_socket(contexts[version % 2][i], plain[i],
                                    SOCK_SSL_NO_HANDSHAKE |
                                        (i == 1 ? SOCK_SSL_SERVER_SIDE : 0),
                                    i == 0 ? "localhost" : NULL, NULL);
        claim(e->s != NULL);
        sock_free(plain[i]);
    }
}

/* The first calls make most of the handshake, so that little of an input is
 * spent on it. */
static void head_start(void)
{
    smooth = true;
    for (int i = 0; i < 3; i++) {
        note(&ends[0], sock_ssl_do_handshake(ends[0].s));
        note(&ends[1], sock_ssl_do_handshake(ends[1].s));
    }
    smooth = false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    script = (struct input){data, size};
    if (contexts[0][0] == NULL) {
        make_certificate();
        make_contexts(0, SOCK_SSL_TLSV1_3);
        make_contexts(1, SOCK_SSL_TLSV1_2);
    }
    disturbed = smooth = false;
    unsigned first = next_byte(&script);
    begin(first);
    if ((first & 2) == 0)
        head_start();
    for (int i = 0; i < MOST_CALLS && script.left > 0; i++) {
        unsigned b = next_byte(&script);
        call(&ends[b & 1], b >> 1);
    }
    settle();
    for (int i = 0; i < 2; i++) {
        int fd = ends[i].fd;
        sock_free(ends[i].s);
        claim(fd >= 0);
        ends[i].fd = -1;
    }
    ERR_clear_error();
    return 0;
}

/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "bio.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/bio.h>

#include "wait.h"

/* The first is what has failed: what follows comes of it, such as an alert that
 * no one takes. */
static void note_failure(struct sock__ssl *c)
{
    if (c->transport == 0)
        c->transport = errno;
}

/* Sends what it can: the number of bytes, or -1 if the transport has failed. */
static ssize_t send_some(struct sock__ssl *c, const void *data, size_t n)
{
    ssize_t sent;
    do
        sent = send(c->fd, data, n, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent >= 0) {
        c->moved = true;
        return sent;
    }
    if (sock__would_block(errno))
        return 0;
    note_failure(c);
    return -1;
}

/* What has failed once may have lost a part of a record: nothing follows it. */
int sock__ssl_flush(struct sock__ssl *c)
{
    if (c->transport != 0) {
        errno = c->transport; /* at which OpenSSL looks for its tickets */
        return -1;
    }
    if (c->kept == NULL)
        return 0;
    while (sock__ssl_kept(c) > 0) {
        ssize_t n = send_some(c, c->kept + c->at, sock__ssl_kept(c));
        if (n < 0)
            return -1;
        if (n == 0)
            return 0;
        c->at += (size_t)n;
    }
    free(c->kept); /* an idle connection needs none */
    c->kept = NULL;
    c->at = c->end = c->room = 0;
    return 0;
}

/* Keeps bytes behind those that are kept already. */
static int keep(struct sock__ssl *c, const void *data, size_t n)
{
    size_t kept = sock__ssl_kept(c);
    if (c->at > 0)
        memmove(c->kept, c->kept + c->at, kept);
    c->at = 0;
    c->end = kept;
    if (c->kept == NULL || kept + n > c->room) {
        unsigned char *more = realloc(c->kept, kept + n);
        if (more == NULL) {
            c->transport = ENOMEM;
            return -1;
        }
        c->kept = more;
        c->room = kept + n;
    }
    memcpy(c->kept + kept, data, n);
    c->end = kept + n;
    return 0;
}

/* 0, or -1 if the transport has failed, or memory. */
static int send_or_keep(struct sock__ssl *c, const char *data, size_t n)
{
    ssize_t sent = 0;
    if (sock__ssl_flush(c) < 0)
        return -1;
    if (sock__ssl_kept(c) == 0 && (sent = send_some(c, data, n)) < 0)
        return -1;
    if ((size_t)sent == n)
        return 0;
    return keep(c, data + sent, n - (size_t)sent);
}

/* Takes all of it, always. An answer that a receive makes to a peer that is
 * gone is no reason not to hear what that has said before. */
static int bio_write(BIO *b, const char *data, size_t n, size_t *written)
{
    struct sock__ssl *c = BIO_get_data(b);
    BIO_clear_retry_flags(b);
    if (send_or_keep(c, data, n) < 0 && !c->receiving)
        return 0;
    *written = n;
    return 1;
}

/* An end without close_notify that is to be taken as one: this side has made
 * it, whatever the system says of it, or was told to. OpenSSL is not told, as
 * it would neither receive nor send any more. */
static bool is_taken_as_end(struct sock__ssl *c, ssize_t n)
{
    c->shut = sock__was_shut(c->sock, SHUT_RD) ||
              (n == 0 && c->ragged && c->established);
    return c->shut;
}

static int bio_read(BIO *b, char *data, size_t size, size_t *got)
{
    struct sock__ssl *c = BIO_get_data(b);
    ssize_t n;
    BIO_clear_retry_flags(b);
    if (sock__ssl_kept(c) > SOCK__SSL_MOST_KEPT) {
        BIO_set_retry_read(b);
        return 0;
    }
    do
        n = recv(c->fd, data, size, MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n > 0) {
        c->moved = true;
        *got = (size_t)n;
        return 1;
    }
    if ((n < 0 && sock__would_block(errno)) || is_taken_as_end(c, n))
        BIO_set_retry_read(b);
    else if (n < 0)
        note_failure(c);
    else
        c->ended = true;
    return 0;
}

static long bio_ctrl(BIO *b, int command, long number, void *pointer)
{
    const struct sock__ssl *c = BIO_get_data(b);
    (void)number, (void)pointer;
    switch (command) {
    case BIO_CTRL_EOF:
        return c->ended;
    case BIO_CTRL_FLUSH: /* whatever the system does not take is kept */
        return 1;
    default:
        return 0;
    }
}

static BIO_METHOD *make_method(void)
{
    BIO_METHOD *m = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "sock_t");
    if (m == NULL)
        return NULL;
    BIO_meth_set_write_ex(m, bio_write);
    BIO_meth_set_read_ex(m, bio_read);
    BIO_meth_set_ctrl(m, bio_ctrl);
    return m;
}

/* The one of all connections; NULL for want of memory, which there may be the
 * next time. */
static const BIO_METHOD *get_method(void)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static BIO_METHOD *made;
    pthread_mutex_lock(&lock);
    if (made == NULL)
        made = make_method();
    const BIO_METHOD *method = made;
    pthread_mutex_unlock(&lock);
    return method;
}

int sock__ssl_bio(struct sock__ssl *c)
{
    const BIO_METHOD *method = get_method();
    BIO *b = method != NULL ? BIO_new(method) : NULL;
    if (b == NULL)
        return -1;
    BIO_set_data(b, c);
    BIO_set_init(b, 1);
    SSL_set_bio(c->ssl, b, b);
    return 0;
}

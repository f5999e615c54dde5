/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "try.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "bio.h"
#include "error.h"

/* Forks, which both processes count: who goes on with the conversation is who
 * uses it next. */

static atomic_uint forks;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void count_fork(void)
{
    atomic_fetch_add(&forks, 1);
}

static void watch_forks(void)
{
    pthread_atfork(NULL, count_fork, count_fork);
}

unsigned sock__ssl_forks(void)
{
    pthread_once(&once, watch_forks);
    return atomic_load(&forks);
}

/* Trying */

ssize_t sock__ssl_begin(struct sock__ssl *c, const sock_t *s, int fd)
{
    int saved = errno;
    pthread_mutex_lock(&c->lock);
    c->saved = saved;
    c->sock = s;
    c->fd = fd;
    c->moved = c->shut = false;
    c->forks = sock__ssl_forks();
    ERR_clear_error();
    return c->failed ? sock__ssl_still_broken(c) : 0;
}

ssize_t sock__ssl_end(struct sock__ssl *c, ssize_t result)
{
    if (ERR_peek_error() != 0) /* of something that went well all the same */
        ERR_clear_error();
    if (result >= 0)
        errno = c->saved;
    pthread_mutex_unlock(&c->lock);
    return result;
}

ssize_t sock__ssl_again(const struct sock__ssl *c, short *events)
{
    size_t kept = sock__ssl_kept(c);
    short needs = kept <= SOCK__SSL_MOST_KEPT ? POLLIN : 0;
    *events = (short)(needs | (kept > 0 ? POLLOUT : 0) |
                      (c->moved ? SOCK__PROGRESS : 0));
    errno = EAGAIN;
    return -1;
}

ssize_t sock__ssl_result(struct sock__ssl *c, int returned, short *events)
{
    switch (SSL_get_error(c->ssl, returned)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        ERR_clear_error();
        return sock__ssl_again(c, events);
    case SSL_ERROR_ZERO_RETURN:
        ERR_clear_error();
        return 0;
    default:
        return sock__ssl_broken(c);
    }
}

ssize_t sock__ssl_flush_all(struct sock__ssl *c, short *events)
{
    if (sock__ssl_flush(c) < 0)
        return sock__ssl_broken(c);
    if (sock__ssl_kept(c) == 0)
        return 0;
    sock__ssl_again(c, events);
    *events &= (short)~POLLIN; /* which does not make room */
    return -1;
}

/* The handshake */

/* Whether the peer has proved to be whom this side asked for. OpenSSL was told
 * to; but a name that it was not told, for whatever reason, goes by unseen. */
static bool is_who_was_asked_for(const struct sock__ssl *c)
{
    if (!c->checked)
        return true;
    if (SSL_get_verify_result(c->ssl) != X509_V_OK)
        return false;
    return c->host_is_ip || SSL_get0_peername(c->ssl) != NULL;
}

bool sock__ssl_is_connected(int fd)
{
    struct sockaddr_storage peer;
    socklen_t len = sizeof peer;
    int saved = errno;
    bool connected = getpeername(fd, (struct sockaddr *)&peer, &len) == 0;
    errno = saved;
    return connected;
}

/* What is kept is sent first: the peer may wait for the rest of a flight, and
 * so will not say what OpenSSL waits for. */
static ssize_t shake(struct sock__ssl *c, short *events)
{
    if (sock__ssl_flush(c) < 0)
        return sock__ssl_broken(c);
    int returned = SSL_do_handshake(c->ssl);
    if (returned <= 0) {
        ssize_t n = sock__ssl_result(c, returned, events);
        return n == 0 ? sock__ssl_broken(c) : n;
    }
    if (!is_who_was_asked_for(c))
        return sock__ssl_broken(c);
    c->established = true;
    return 0;
}

/* Before there is a peer nothing has failed for good. */
ssize_t sock__ssl_shake(struct sock__ssl *c, short *events)
{
    if (c->established)
        return 0;
    if (!c->begun && !sock__ssl_is_connected(c->fd)) {
        errno = ENOTCONN;
        return -1;
    }
    c->begun = true;
    return shake(c, events);
}

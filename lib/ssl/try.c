/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "try.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <pysockc/error.h>

#include "bio.h"
#include "error.h"
#include "psk.h"
#include "record.h"

/* Trying */

int sock__ssl_lock(struct sock__ssl *c, const char *op)
{
    int status = pthread_mutex_lock(&c->lock);
    return status == 0 ? 0 : sock__fail(op, SOCK_E_OS, status, 0);
}

void sock__ssl_unlock(struct sock__ssl *c)
{
    pthread_mutex_unlock(&c->lock);
}

/* A try within a callback of the same connection, which has not begun. */
enum { WITHIN = -100 };

ssize_t sock__ssl_begin(struct sock__ssl *c, sock_t *s, int fd)
{
    int saved = errno;
    if (sock__ssl_lock(c, "") < 0)
        return WITHIN;
    c->saved = saved;
    c->sock = s;
    c->fd = fd;
    c->moved = c->shut = false;
    c->forks = sock__os_forks();
    ERR_clear_error();
    return c->failed ? sock__ssl_still_broken(c) : 0;
}

/* Where what comes is over, no one waits for more of it. */
static ssize_t end_of_what_comes(void)
{
    sock__ssl_fail_because("", SOCK_SSL_ERROR_EOF,
                           SSL_R_UNEXPECTED_EOF_WHILE_READING);
    return SOCK__RECORDED;
}

ssize_t sock__ssl_end(struct sock__ssl *c, ssize_t result)
{
    if (result == WITHIN)
        return SOCK__RECORDED;
    if (ERR_peek_error() != 0) /* of something that went well all the same */
        ERR_clear_error();
    if (result == -1 && errno == EAGAIN && c->shut)
        result = end_of_what_comes();
    if (result >= 0)
        errno = c->saved;
    sock__ssl_unlock(c);
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

/* Whether it takes no buffer that is in use (CVE-2024-4741). */
static bool may_free_buffers(void)
{
    static const unsigned since[] = {14, 6, 2, 1}; /* 3.0, 3.1, ... */
    unsigned minor = OPENSSL_version_minor();
    return minor >= sizeof since / sizeof since[0] ||
           OPENSSL_version_patch() >= since[minor];
}

/* Before a wait: what came was TLS's own, such as tickets, and the buffer that
 * it came in would stay, which is not so with what is received. */
static void free_buffers(const struct sock__ssl *c)
{
    if (c->established && c->moved && may_free_buffers())
        SSL_free_buffers(c->ssl);
}

ssize_t sock__ssl_result(struct sock__ssl *c, int returned, short *events)
{
    switch (SSL_get_error(c->ssl, returned)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        ERR_clear_error();
        free_buffers(c);
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

bool sock__ssl_verifies(const struct sock__ssl *c)
{
    return (SSL_get_verify_mode(c->ssl) & SSL_VERIFY_PEER) != 0;
}

/* Whether the certificate is for the name that was asked for. OpenSSL was told
 * to see to it; but a name that it was not told, for whatever reason, goes by
 * unseen. */
static bool is_named(const struct sock__ssl *c)
{
    if (SSL_get_verify_result(c->ssl) != X509_V_OK)
        return false;
    return c->host_is_ip || SSL_get0_peername(c->ssl) != NULL;
}

/* A client's; a key of its callback is no session. */
static bool is_resumed(const struct sock__ssl *c)
{
    return !c->server && SSL_session_reused(c->ssl) != 0 &&
           !sock__ssl_is_by_psk(c);
}

/* Whether there are pins, and the peer must show a certificate by now. A key
 * that both have is none, nor is a ticket that it has led to. */
static bool needs_pin(const struct sock__ssl *c)
{
    const int must = SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    int mode = SSL_get_verify_mode(c->ssl);
    return c->settings.of[SOCK__SSL_PINS] != NULL &&
           (!c->server || (mode & (must | SSL_VERIFY_POST_HANDSHAKE)) == must);
}

/* Why the peer is not whom this side asked for; X509_V_OK: it is. A certificate
 * may be missing where the ciphers need none. */
static int why_not(const struct sock__ssl *c)
{
    bool pinned = needs_pin(c), resumed = is_resumed(c);
    if (resumed && (!c->vouched || !pinned)) /* nothing was verified now */
        return c->vouched ? X509_V_OK : X509_V_ERR_UNSPECIFIED;
    if (!c->checked && !pinned)
        return X509_V_OK;
    if (!pinned && sock__ssl_is_by_psk(c))
        return X509_V_OK;
    if (SSL_get0_peer_certificate(c->ssl) == NULL)
        return X509_V_ERR_UNSPECIFIED;
    if (!c->checked || resumed || is_named(c))
        return X509_V_OK;
    return c->host_is_ip ? X509_V_ERR_IP_ADDRESS_MISMATCH
                         : X509_V_ERR_HOSTNAME_MISMATCH;
}

bool sock__ssl_is_connected(const sock_t *s, int fd)
{
    if (sock__has_met(s))
        return true;
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
    if (c->fault != 0)
        return sock__ssl_broken(c);
    int why = why_not(c);
    if (why != X509_V_OK)
        return sock__ssl_unverified(c, why);
    c->established = true;
    return 0;
}

/* Before there is a peer nothing has failed for good. */
ssize_t sock__ssl_shake(struct sock__ssl *c, short *events)
{
    if (c->established)
        return 0;
    if (!c->begun && !sock__ssl_is_connected(c->sock, c->fd)) {
        errno = ENOTCONN;
        return -1;
    }
    c->begun = true;
    return shake(c, events);
}

/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <openssl/err.h>

#include <pysockc/error.h>

#include "context.h"
#include "error.h"
#include "ops.h"
#include "record.h"
#include "try.h"

/* As OpenSSL changes what it uses, everyone has a copy. */
struct sock_ssl_session_s {
    SSL_SESSION *session;
    sock_ssl_context_t *context;
    char *host;           /* that was asked for; NULL: none */
    uintptr_t generation; /* of the settings that it was verified by */
    int64_t end;          /* of the peer's certificate, as time(2) */
    bool checked;         /* and that the certificate was asked for */
    bool verified;        /* there had to be a certificate to trust */
};

/* Taking */

/* Until when the peer's certificate is valid; without one there is no end. What
 * can't be read has ended. */
static int64_t end_of(SSL_SESSION *session)
{
    const X509 *peer = SSL_SESSION_get0_peer(session);
    int days = 0, seconds = 0;
    if (peer == NULL)
        return INT64_MAX;
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    bool known = epoch != NULL && ASN1_TIME_diff(&days, &seconds, epoch,
                                                 X509_get0_notAfter(peer)) == 1;
    ASN1_TIME_free(epoch);
    return known ? (int64_t)days * 86400 + seconds : 0;
}

/* Fills it in, but for the session; the connection is locked. */
static bool describe(sock_ssl_session_t *x, const struct sock__ssl *c)
{
    if (c->host != NULL && (x->host = strdup(c->host)) == NULL)
        return false;
    x->context = sock__ssl_context_hold(c->context);
    x->generation = c->generation;
    x->checked = c->checked;
    x->verified = sock__ssl_verifies(c);
    x->end = end_of(x->session);
    return true;
}

static sock_ssl_session_t *take(const struct sock__ssl *c, const char *op)
{
    const SSL_SESSION *session = SSL_get0_session(c->ssl);
    if (!c->established || session == NULL)
        return NULL;
    sock_ssl_session_t *x = calloc(1, sizeof *x);
    if (x != NULL) {
        x->session = SSL_SESSION_dup(session);
        if (x->session != NULL && describe(x, c))
            return x;
    }
    sock_ssl_session_free(x);
    sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return NULL;
}

sock_ssl_session_t *sock_ssl_session(sock_t *s)
{
    struct sock__ssl *c = sock__ssl_enter(s, "session");
    if (c == NULL)
        return NULL;
    int saved = errno;
    ERR_set_mark();
    sock_ssl_session_t *x = take(c, "session");
    ERR_pop_to_mark();
    if (x != NULL)
        errno = saved;
    sock__ssl_unlock(c);
    return x;
}

int sock_ssl_session_reused(sock_t *s)
{
    struct sock__ssl *c = sock__ssl_enter(s, "session_reused");
    if (c == NULL)
        return -1;
    int reused = c->established && SSL_session_reused(c->ssl) != 0;
    sock__ssl_unlock(c);
    return reused;
}

void sock_ssl_session_free(sock_ssl_session_t *session)
{
    int saved = errno;
    if (session == NULL)
        return;
    SSL_SESSION_free(session->session);
    if (session->context != NULL)
        sock__ssl_context_drop(session->context);
    free(session->host);
    free(session);
    errno = saved;
}

void sock_ssl_session_freep(sock_ssl_session_t **session)
{
    if (session == NULL)
        return;
    sock_ssl_session_free(*session);
    *session = NULL;
}

/* Using */

static bool same_host(const char *a, const char *b)
{
    return a != NULL && b != NULL ? strcasecmp(a, b) == 0 : a == b;
}

/* Whether it is younger than both sides let it become. The clock may have been
 * set back. */
static bool is_young(const SSL_SESSION *session)
{
    int64_t age = (int64_t)time(NULL) - SSL_SESSION_get_time(session);
    unsigned long hint = SSL_SESSION_get_ticket_lifetime_hint(session);
    return age >= 0 && age < SSL_SESSION_get_timeout(session) &&
           (hint == 0 || (uint64_t)age < hint);
}

static bool is_of_use(const sock_ssl_session_t *x, const struct sock__ssl *c)
{
    return x->generation == c->generation &&
           SSL_SESSION_is_resumable(x->session) && is_young(x->session) &&
           (!sock__ssl_verifies(c) || x->end > (int64_t)time(NULL));
}

/* Whether what this connection asks of its peer was not asked then. */
static bool is_lax(const sock_ssl_session_t *x, const struct sock__ssl *c)
{
    return (c->checked && !x->checked) ||
           (sock__ssl_verifies(c) && !x->verified);
}

static int check(const struct sock__ssl *c, const sock_ssl_session_t *x,
                 const char *op)
{
    int detail = 0;
    if (x->context != c->context)
        detail = SOCK__OTHER_CONTEXT;
    else if (!same_host(x->host, c->host))
        detail = SOCK__OTHER_HOST;
    else if (is_lax(x, c))
        detail = SOCK__LAX_SESSION;
    return detail == 0 ? 0 : sock__fail(op, SOCK_E_VALUE, 0, detail);
}

int sock__ssl_resume(struct sock__ssl *c, const sock_ssl_session_t *session,
                     const char *op)
{
    if (session == NULL)
        return 0;
    if (check(c, session, op) < 0)
        return -1;
    if (!is_of_use(session, c))
        return 0;
    SSL_SESSION *copy = SSL_SESSION_dup(session->session);
    bool done = copy != NULL && SSL_set_session(c->ssl, copy) == 1;
    SSL_SESSION_free(copy);
    c->vouched = done;
    return done ? 0 : sock__ssl_fail(op);
}

/* Telling */

int sock_ssl_session_info(const sock_ssl_session_t *session,
                          sock_ssl_session_info_t *info)
{
    unsigned n = 0;
    if (session == NULL || info == NULL)
        return sock__fail("session_info", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    const SSL_SESSION *x = session->session;
    memset(info, 0, sizeof *info);
    const unsigned char *id = SSL_SESSION_get_id(x, &n);
    info->id_size = n < sizeof info->id ? n : sizeof info->id;
    memcpy(info->id, id, info->id_size);
    info->time = SSL_SESSION_get_time(x);
    info->timeout = SSL_SESSION_get_timeout(x);
    info->has_ticket = SSL_SESSION_has_ticket(x);
    info->ticket_lifetime_hint =
        (int64_t)SSL_SESSION_get_ticket_lifetime_hint(x);
    info->host = session->host;
    return 0;
}

/* SPDX-License-Identifier: MIT */
/* What a connection tells. */
#define _POSIX_C_SOURCE 200809L

#include <poll.h>
#include <string.h>

#include <openssl/err.h>

#include <pysockc/error.h>
#include <pysockc/timeout.h>

#include "error.h"
#include "ops.h"
#include "record.h"
#include "try.h"

/* Whether it would wait */

int sock_ssl_pending(sock_t *s)
{
    struct sock__ssl *c = sock__ssl_enter(s, "pending");
    if (c == NULL)
        return -1;
    int pending = SSL_pending(c->ssl) > 0;
    sock__ssl_unlock(c);
    return pending;
}

int sock_ssl_wants(sock_t *s, int events)
{
    const char *op = "wants";
    short needs = 0;
    if (sock__ssl_of(s, op) == NULL)
        return -1;
    if (events == 0 || (events & ~(SOCK_EVENT_READ | SOCK_EVENT_WRITE)) != 0)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__BAD_EVENTS);
    int fd = sock__enter(s, op);
    if (fd < 0)
        return -1;
    bool ready = sock__ssl_ready(s, fd, events & SOCK_EVENT_READ, &needs) != 0;
    sock__leave(s);
    if ((events & SOCK_EVENT_WRITE) != 0) /* of which poll(2) knows */
        needs |= POLLOUT;
    return ready ? 0 : needs;
}

/* What it is */

const char *sock_ssl_version(sock_t *s)
{
    const char *text = NULL;
    struct sock__ssl *c = sock__ssl_enter(s, "version");
    if (c == NULL)
        return NULL;
    if (c->established)
        text = SSL_get_version(c->ssl);
    sock__ssl_unlock(c);
    return text;
}

/* Writes a text of so many bytes, all of it or none. */
static int give(const char *op, const void *text, size_t n, char *buf,
                size_t size)
{
    if (buf == NULL && size > 0)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_BUFFER);
    if (size == 0)
        return (int)n;
    if (n < size)
        memcpy(buf, text, n);
    buf[n < size ? n : 0] = '\0';
    return (int)n;
}

int sock_ssl_selected_alpn_protocol(sock_t *s, char *buf, size_t size)
{
    const char *op = "selected_alpn_protocol";
    const unsigned char *name = NULL;
    unsigned n = 0;
    struct sock__ssl *c = sock__ssl_enter(s, op);
    if (c == NULL)
        return -1;
    SSL_get0_alpn_selected(c->ssl, &name, &n);
    int result = give(op, n > 0 ? (const char *)name : "", n, buf, size);
    sock__ssl_unlock(c);
    return result;
}

int sock_ssl_server_hostname(sock_t *s, char *buf, size_t size)
{
    const char *op = "server_hostname";
    struct sock__ssl *c = sock__ssl_of(s, op);
    if (c == NULL)
        return -1;
    const char *host = c->host != NULL ? c->host : "";
    return give(op, host, strlen(host), buf, size);
}

int sock_ssl_server_side(sock_t *s)
{
    const struct sock__ssl *c = sock__ssl_of(s, "server_side");
    return c == NULL ? -1 : c->server;
}

/* Channel bindings */

/* Without it, as below TLS 1.3 can be, one in the middle can give two
 * connections the same binding, of either kind (RFC 7627, RFC 9266). */
static bool has_extended_secret(struct sock__ssl *c)
{
    return SSL_version(c->ssl) >= TLS1_3_VERSION ||
           SSL_get_extms_support(c->ssl) == 1;
}

enum { MOST_BOUND = 64 };

/* RFC 9266: its length, 0 if OpenSSL fails. */
static size_t bind_exporter(struct sock__ssl *c, unsigned char *bytes)
{
    static const char label[] = "EXPORTER-Channel-Binding";
    enum { SIZE = 32 };
    return SSL_export_keying_material(c->ssl, bytes, SIZE, label,
                                      sizeof label - 1,
                                      (const unsigned char *)"", 0, 1) == 1
               ? SIZE
               : 0;
}

/* RFC 5929: what the first Finished of the handshake held. */
static size_t bind_unique(struct sock__ssl *c, unsigned char *bytes)
{
    bool is_mine = (SSL_session_reused(c->ssl) != 0) == c->server;
    return is_mine ? SSL_get_finished(c->ssl, bytes, MOST_BOUND)
                   : SSL_get_peer_finished(c->ssl, bytes, MOST_BOUND);
}

/* Of a connection that has shaken hands: the length, -1 with the error
 * recorded. */
static int make_binding(struct sock__ssl *c, const char *op, bool unique,
                        unsigned char *bytes)
{
    if (unique && SSL_version(c->ssl) >= TLS1_3_VERSION)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__UNIQUE_OF_OLD);
    if (!has_extended_secret(c))
        return sock__fail(op, SOCK_E_UNSUPPORTED, 0, SOCK__NO_EXTENDED_SECRET);
    ERR_clear_error();
    size_t n = unique ? bind_unique(c, bytes) : bind_exporter(c, bytes);
    return n > 0 ? (int)n : sock__ssl_fail(op);
}

int sock_ssl_get_channel_binding(sock_t *s, const char *type, void *buf,
                                 size_t size)
{
    const char *op = "get_channel_binding";
    unsigned char bytes[MOST_BOUND];
    int n = 0;
    if (sock__ssl_of(s, op) == NULL)
        return -1;
    if (type == NULL || (buf == NULL && size > 0))
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    bool unique = strcmp(type, "tls-unique") == 0;
    if (!unique && strcmp(type, "tls-exporter") != 0)
        return sock__fail_quoting(op, SOCK_E_VALUE, SOCK__NO_SUCH_BINDING,
                                  type);
    struct sock__ssl *c = sock__ssl_enter(s, op);
    if (c == NULL)
        return -1;
    if (c->established)
        n = make_binding(c, op, unique, bytes);
    sock__ssl_unlock(c);
    if (n > 0 && (size_t)n <= size)
        memcpy(buf, bytes, (size_t)n);
    return n;
}

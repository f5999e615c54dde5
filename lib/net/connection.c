/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "connection.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pysockc/address.h>
#include <pysockc/connect.h>
#include <pysockc/timeout.h>

#include "chars.h"
#include "record.h"
#include "valid.h"

enum { HEAD_MAX = 256 * 1024, FIELDS_MAX = 1000, PORT_MAX = 65535 };

/* Where to */

/* A host of n bytes, without brackets, and a port. */
struct place {
    const char *host;
    size_t n;
    int port;
};

static int bad_port(const char *op, const char *port)
{
    char words[SOCK_ERROR_WORDS_MAX];
    snprintf(words, sizeof words, "nonnumeric port: '%s'", port);
    return sock__fail_saying(op, SOCK_E_VALUE, 0, words);
}

static int port_out_of_range(const char *op)
{
    return sock__fail_saying(op, SOCK_E_VALUE, 0, "Port out of range 0-65535");
}

/* What stands behind the host's colon; nothing is the default. */
static int parse_port(struct place *p, const char *op, const char *text)
{
    int64_t port = sock__decimal(text, strlen(text));
    if (port == -1 && *text != '\0')
        return bad_port(op, text);
    if (port == -2 || port > PORT_MAX)
        return port_out_of_range(op);
    if (port >= 0)
        p->port = (int)port;
    return 0;
}

/* The colon in front of the port, if there is one: an address of IPv6 without
 * brackets has none, however it ends. */
static const char *colon_of(const char *host)
{
    const char *colon = strrchr(host, ':'), *bracket = strrchr(host, ']');
    if (colon == NULL || bracket > colon)
        return NULL;
    if (bracket == NULL && strchr(host, ':') != colon)
        return NULL;
    return colon;
}

/* 0; -1 with the error recorded. */
static int parse_place(struct place *p, const char *op, const char *host,
                       int port, int otherwise)
{
    const char *colon = port == 0 ? colon_of(host) : NULL;

    if (port < 0 || port > PORT_MAX)
        return port_out_of_range(op);
    if (strchr(host, '@') != NULL) /* no text shows what may be a password */
        return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                 "a host must not have a user");
    p->host = host;
    p->n = colon != NULL ? (size_t)(colon - host) : strlen(host);
    p->port = port != 0 ? port : otherwise;
    if (colon != NULL && parse_port(p, op, colon + 1) < 0)
        return -1;
    if (p->n > 1 && host[0] == '[' && host[p->n - 1] == ']') {
        p->host++;
        p->n -= 2;
    }
    return sock__valid_host(op, p->host, p->n);
}

/* The text of a place, as an authority has it: brackets around IPv6, without
 * the scope that means something here alone; no port that is the default
 * (-1: none is). NULL for want of memory. */
static char *authority_of(const struct place *p, int otherwise)
{
    size_t room = p->n + sizeof "[]:65535", n = p->n;
    char *text = malloc(room);
    bool v6 = memchr(p->host, ':', n) != NULL;
    const char *scope = v6 ? memchr(p->host, '%', n) : NULL;

    if (text == NULL)
        return NULL;
    if (scope != NULL)
        n = (size_t)(scope - p->host);
    int used = snprintf(text, room, v6 ? "[%.*s]" : "%.*s", (int)n, p->host);
    if (p->port != otherwise)
        snprintf(text + used, room - (size_t)used, ":%d", p->port);
    return text;
}

/* The host of a place as a text; NULL for want of memory. */
static char *copy_of(const char *host, size_t n)
{
    char *text = malloc(n + 1);
    if (text != NULL) {
        memcpy(text, host, n);
        text[n] = '\0';
    }
    return text;
}

/* Life cycle */

/* Gives back what it has; free(3)s it. */
static void destroy(sock_http_t *c)
{
    if (c->tls != NULL)
        c->tls->ops->let_go(c->tls);
    sock__headers_release(&c->fields);
    sock__free(c->tunnel.request);
    sock__free(c->tunnel.host);
    sock__free(c->authority);
    sock__free(c->host);
    sock__free(c->out.text);
    sock__free(c);
}

static sock_http_t *no_memory(const char *op, sock_http_t *c)
{
    if (c != NULL)
        destroy(c);
    sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return NULL;
}

static sock_http_t *create(const char *op, const struct place *p, int otherwise)
{
    sock_http_t *c = calloc(1, sizeof *c);
    if (c == NULL)
        return no_memory(op, c);
    c->port = p->port;
    c->default_port = otherwise;
    c->limits.bytes = HEAD_MAX;
    c->limits.fields = FIELDS_MAX;
    c->authority = authority_of(p, otherwise);
    return c->authority != NULL ? c : no_memory(op, c);
}

/* One that connects to a host. */
static sock_http_t *create_to(const char *op, const char *host, int port,
                              double timeout, int otherwise)
{
    struct place p;
    int64_t ns;

    if (host == NULL)
        sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (host == NULL || parse_place(&p, op, host, port, otherwise) < 0 ||
        sock__timeout_arg(op, timeout, &ns) < 0)
        return NULL;
    sock_http_t *c = create(op, &p, otherwise);
    if (c == NULL)
        return NULL;
    c->timeout = timeout;
    c->host = copy_of(p.host, p.n);
    return c->host != NULL ? c : no_memory(op, c);
}

sock_http_t *sock_http_connection(const char *host, int port, double timeout)
{
    return create_to("HTTPConnection", host, port, timeout, 80);
}

sock_http_t *sock_https_connection(const char *host, int port, double timeout,
                                   sock_tls_t *tls)
{
    const char *op = "HTTPSConnection";
    if (tls == NULL && (tls = sock__default_tls(op)) == NULL)
        return NULL;
    sock_http_t *c = create_to(op, host, port, timeout, 443);
    if (c != NULL) {
        tls->ops->hold(tls);
        c->tls = tls;
    }
    return c;
}

/* What Host says where no one has named the peer: its address, if that can
 * stand there. */
static void name_peer(sock_t *s, char *host, size_t size, struct place *p)
{
    sock_addr_t peer;
    struct sock__saved saved;

    sock__error_save(&saved);
    *p = (struct place){"localhost", strlen("localhost"), 80};
    if (sock_getpeername(s, &peer) == 0 &&
        (sock_addr_family(&peer) == AF_INET ||
         sock_addr_family(&peer) == AF_INET6) &&
        sock_addr_host(&peer, host, size) > 0)
        *p = (struct place){host, strlen(host), sock_addr_port(&peer)};
    sock__error_restore(&saved);
}

sock_http_t *sock_http_from(sock_t *s)
{
    const char *op = "HTTPConnection";
    char host[128];
    struct place p;

    if (sock__enter(s, op) < 0)
        return NULL;
    sock__leave(s);
    name_peer(s, host, sizeof host, &p);
    sock_http_t *c = create(op, &p, 80);
    if (c != NULL) {
        c->wire.sock = s;
        c->timeout = SOCK_DEFAULT_TIMEOUT;
    }
    return c;
}

void sock_http_free(sock_http_t *c)
{
    int saved = errno;
    if (c == NULL)
        return;
    if (c->reader != NULL)
        sock__reader_inherit(c->reader);
    sock__connection_close(c);
    destroy(c);
    errno = saved;
}

/* Terms */

static int need(const void *argument, const char *op)
{
    return argument != NULL
               ? 0
               : sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
}

int sock_http_set_limits(sock_http_t *c, const sock_http_limits_t *limits)
{
    const char *op = "set_limits";
    if (need(c, op) < 0 || need(limits, op) < 0)
        return -1;
    if (limits->size != sizeof *limits)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__STRUCT_SIZE);
    for (size_t i = 0; i < sizeof limits->reserved / sizeof(size_t); i++)
        if (limits->reserved[i] != 0)
            return sock__fail_quoting(op, SOCK_E_VALUE, SOCK__MEMBER_RANGE,
                                      "reserved");
    c->limits.bytes = limits->head != 0 ? limits->head : HEAD_MAX;
    c->limits.fields = limits->fields != 0 ? limits->fields : FIELDS_MAX;
    return 0;
}

/* The seconds until a time. */
static double seconds_until(int64_t deadline)
{
    int64_t left = deadline - sock__os_now();
    return left > 0 ? (double)left / 1e9 : 0;
}

int sock_http_deadline(sock_http_t *c, double seconds)
{
    const char *op = "deadline";
    int64_t ns, now = sock__os_now();

    if (need(c, op) < 0 || sock__seconds_arg(op, seconds, &ns) < 0)
        return -1;
    if (c->wire.sock != NULL && sock_set_deadline(c->wire.sock, seconds) < 0)
        return sock__fail_status(op, SOCK__RECORDED);
    if (ns < 0)
        c->deadline = 0;
    else
        c->deadline = ns < INT64_MAX - now ? now + ns : INT64_MAX;
    return 0;
}

/* The tunnel */

static void add_tunnel_fields(struct sock__output *o,
                              const sock_headers_t *headers)
{
    const char *name, *value;
    for (size_t i = 0;
         headers != NULL && sock_headers_at(headers, i, &name, &value) > 0;
         i++) {
        sock__output_text(o, name);
        sock__output_text(o, ": ");
        sock__output_text(o, value);
        sock__output_text(o, "\r\n");
    }
    sock__output_add(o, "\r\n", sizeof "\r\n");
}

/* The text of the request, with its NUL. */
static char *tunnel_request(const char *authority,
                            const sock_headers_t *headers)
{
    struct sock__output o = {0};
    sock__output_text(&o, "CONNECT ");
    sock__output_text(&o, authority);
    sock__output_text(&o, " HTTP/1.1\r\n");
    if (headers == NULL || sock_headers_get(headers, "Host", NULL) == NULL) {
        sock__output_text(&o, "Host: ");
        sock__output_text(&o, authority);
        sock__output_text(&o, "\r\n");
    }
    add_tunnel_fields(&o, headers);
    if (!o.lost)
        return o.text;
    sock__free(o.text);
    return NULL;
}

static int check_fields(const char *op, const sock_headers_t *headers)
{
    const char *name, *value;
    for (size_t i = 0;
         headers != NULL && sock_headers_at(headers, i, &name, &value) > 0; i++)
        if (sock__valid_field(op, name, value) < 0)
            return -1;
    return 0;
}

/* Takes the place of what there was before; -1 for want of memory. */
static int install_tunnel(sock_http_t *c, const struct place *p,
                          const sock_headers_t *headers)
{
    char *to = authority_of(p, -1);
    char *authority = authority_of(p, c->default_port);
    char *host = copy_of(p->host, p->n);
    char *request = to != NULL ? tunnel_request(to, headers) : NULL;

    sock__free(to);
    if (authority == NULL || host == NULL || request == NULL) {
        sock__free(authority);
        sock__free(host);
        sock__free(request);
        return -1;
    }
    sock__free(c->authority);
    sock__free(c->tunnel.host);
    sock__free(c->tunnel.request);
    c->authority = authority;
    c->tunnel = (struct sock__tunnel){.request = request, .host = host};
    return 0;
}

int sock_http_set_tunnel(sock_http_t *c, const char *host, int port,
                         const sock_headers_t *headers)
{
    const char *op = "set_tunnel";
    struct place p;

    if (need(c, op) < 0 || need(host, op) < 0)
        return -1;
    if (c->wire.sock != NULL || c->host == NULL)
        return sock__fail_saying(
            op, SOCK_E_VALUE, 0,
            "Can't set up tunnel for established connection");
    if (parse_place(&p, op, host, port, c->default_port) < 0 ||
        check_fields(op, headers) < 0)
        return -1;
    return install_tunnel(c, &p, headers) == 0
               ? 0
               : sock__fail(op, SOCK_E_MEMORY, 0, 0);
}

/* Connecting */

/* The time of each call, and of all together. */
static int set_times(sock_http_t *c, const char *op)
{
    sock_t *s = c->wire.sock;
    double timeout = c->timeout >= 0 ? c->timeout : sock_getdefaulttimeout();
    if (sock_gettimeout(s) != timeout && sock_settimeout(s, timeout) < 0)
        return sock__fail_status(op, SOCK__RECORDED);
    if (c->deadline != 0 &&
        sock_set_deadline(s, seconds_until(c->deadline)) < 0)
        return sock__fail_status(op, SOCK__RECORDED);
    return 0;
}

static sock_t *reach(const sock_http_t *c, const char *op)
{
    double timeout = c->timeout, left = SOCK_NO_TIMEOUT;

    if (c->deadline != 0)
        left = seconds_until(c->deadline);
    if (left <= 0) {
        sock__fail(op, SOCK_E_TIMEOUT, 0, 0);
        return NULL;
    }
    if (timeout < 0)
        timeout = sock_getdefaulttimeout();
    if (timeout > left)
        timeout = left;
    return sock__connect_allowed(op, c->host, c->port, timeout, NULL, NULL);
}

static int put_tls_under(sock_http_t *c, const char *op)
{
    const struct sock__tls_terms terms = {
        .op = op,
        .host = c->tunnel.host != NULL ? c->tunnel.host : c->host,
        .alpn = "http/1.1"};
    sock_t *s = c->wire.sock;
    c->wire.sock = c->tls->ops->wrap(c->tls, s, &terms);
    sock_free(s);
    return c->wire.sock != NULL ? 0 : -1;
}

static int open_wire(sock_http_t *c, const char *op)
{
    c->wire.sock = reach(c, op);
    if (c->wire.sock == NULL || set_times(c, op) < 0)
        return -1;
    if (c->tunnel.request != NULL && sock__tunnel_open(c, op) < 0)
        return -1;
    return c->tls != NULL ? put_tls_under(c, op) : 0;
}

int sock__connection_open(sock_http_t *c, const char *op)
{
    if (c->host == NULL)
        return sock__fail_saying(op, SOCK_E_VALUE, 0, "NotConnected");
    if (open_wire(c, op) == 0)
        return 0;
    sock__connection_close(c);
    return -1;
}

int sock_http_connect(sock_http_t *c)
{
    const char *op = "connect";
    if (need(c, op) < 0)
        return -1;
    if (c->wire.sock != NULL)
        return 0;
    return sock__connection_open(c, op);
}

void sock__connection_close(sock_http_t *c)
{
    if (c->reader != NULL)
        sock__reader_cut_off(c->reader);
    sock__wire_release(&c->wire);
    c->asking = (struct sock__asking){0};
    c->used = c->switched = false;
    c->out.used = 0;
    c->out.lost = false;
}

int sock_http_close(sock_http_t *c)
{
    const char *op = "close";
    int result = 0;

    if (need(c, op) < 0)
        return -1;
    if (c->wire.sock != NULL)
        result = sock_close(c->wire.sock);
    sock__connection_close(c);
    return result;
}

bool sock__connection_is_reusable(const sock_http_t *c)
{
    return c->wire.sock != NULL && !c->switched;
}

sock_t *sock_http_sock(sock_http_t *c)
{
    return need(c, "sock") == 0 ? c->wire.sock : NULL;
}

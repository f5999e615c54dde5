/* SPDX-License-Identifier: MIT */
/* The text forms of addresses: Python's, the user's, and that of errors. */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/address.h>

#include <net/if.h>
#include <string.h>

#include "address.h"
#include "address_text.h"
#include "family.h"
#include "record.h"
#include "text.h"

static const sock_addr_t none;

/* Hosts and paths */

static void add_host(struct sock__text *t, const sock_addr_t *a)
{
    char host[SOCK_INET_TEXT_MAX];
    size_t n = sock__ip_text(a->u.sa.sa_family, sock__addr_ip(a), host);
    sock__text_bytes(t, host, n);
}

static bool is_inet(const sock_addr_t *a)
{
    int family = sock_addr_family(a);
    return family == AF_INET || family == AF_INET6;
}

/* Refuses what is no address at all, or not one that the call is about. */
static int check(const char *op, const sock_addr_t *a, bool fits, int detail)
{
    if (a == NULL || a->len == 0)
        return sock__addr_check(op, a != NULL ? a : &none);
    return fits ? 0 : sock__fail(op, SOCK_E_TYPE, 0, detail);
}

int sock_addr_host(const sock_addr_t *a, char *buf, size_t size)
{
    sock__text_clear(buf, size);
    if (check("addr_host", a, is_inet(a), SOCK__NOT_INET) < 0)
        return -1;
    return sock__text_ip("addr_host", a->u.sa.sa_family, sock__addr_ip(a), buf,
                         size);
}

int sock_addr_path(const sock_addr_t *a, char *buf, size_t size)
{
    bool fits = sock_addr_family(a) == AF_UNIX;
    sock__text_clear(buf, size);
    if (check("addr_path", a, fits, SOCK__NOT_UNIX) < 0)
        return -1;
    return sock__text_copy("addr_path", a->u.un.sun_path,
                           sock__addr_path_len(a), buf, size);
}

/* Python's repr() */

static void repr_inet(struct sock__text *t, const sock_addr_t *a)
{
    sock__text_add(t, "('");
    add_host(t, a);
    sock__text_add(t, "', ");
    sock__text_number(t, (uint32_t)sock_addr_port(a));
    if (a->u.sa.sa_family == AF_INET6)
        sock__text_addf(t, ", %u, %u", (unsigned)sock_addr_flowinfo(a),
                        (unsigned)sock_addr_scope_id(a));
    sock__text_char(t, ')');
}

static void repr_unix(struct sock__text *t, const sock_addr_t *a)
{
    size_t n = sock__addr_path_len(a);
    if (n > 0 && a->u.un.sun_path[0] == '\0')
        sock__text_bytes_repr(t, a->u.un.sun_path, n);
    else
        sock__text_str_repr(t, a->u.un.sun_path, n);
}

static void repr_other(struct sock__text *t, const sock_addr_t *a)
{
    size_t head = offsetof(struct sockaddr, sa_data);
    size_t len = a->len < sizeof a->u ? a->len : sizeof a->u;
    size_t n = len > head ? len - head : 0;
    sock__text_addf(t, "(%d, ", a->u.sa.sa_family);
    sock__text_bytes_repr(t, (const char *)&a->u + head, n);
    sock__text_char(t, ')');
}

/* The host that could not be looked up. */
static void repr_failed(struct sock__text *t, const sock_addr_t *a)
{
    const char *host = (const char *)&a->u;
    sock__text_str_repr(t, host, strnlen(host, sizeof a->u));
}

void sock__addr_repr(struct sock__text *t, const sock_addr_t *a)
{
    switch (sock_addr_family(a)) {
    case AF_INET:
    case AF_INET6:
        repr_inet(t, a);
        break;
    case AF_UNIX:
        repr_unix(t, a);
        break;
    default:
        if (sock__family_repr(t, a))
            break;
        if (a->len > 0)
            repr_other(t, a);
        else if (a->kind != SOCK_E_NONE)
            repr_failed(t, a);
        else
            sock__text_add(t, "None");
    }
}

int sock_addr_repr(const sock_addr_t *a, char *buf, size_t size)
{
    struct sock__text t;
    if (sock__text_begin(&t, "addr_repr", buf, size) < 0)
        return -1;
    sock__addr_repr(&t, a != NULL ? a : &none);
    return sock__text_end(&t);
}

/* Whether text can be shown as it is: no control may reach a terminal. */
static bool is_plain(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] <= ' ' || (unsigned char)text[i] >= 0x7f)
            return false;
    return n > 0;
}

/* Whether there was a host, be it the empty one, that the error is about. */
static bool has_host(const sock_addr_t *a)
{
    const char *host = (const char *)&a->u;
    return host[0] != '\0' || a->kind == SOCK_E_GAI || a->kind == SOCK_E_HOST;
}

void sock__addr_add_host(struct sock__text *t, const char *host, size_t most)
{
    size_t n = strnlen(host, most);
    if (is_plain(host, n))
        sock__text_bytes(t, host, n);
    else
        sock__text_str_repr(t, host, n);
}

void sock__addr_describe(struct sock__text *t, const sock_addr_t *a)
{
    const char *host = (const char *)&a->u;

    if (a->len > 0) {
        sock__text_char(t, ' ');
        sock__addr_repr(t, a);
    } else if (a->detail == SOCK__BAD_PORT && a->code != 0) {
        sock__text_add(t, " (");
        repr_failed(t, a);
        sock__text_addf(t, ", %d)", a->code);
    } else if (a->kind != SOCK_E_NONE && has_host(a)) {
        sock__text_char(t, ' ');
        sock__addr_add_host(t, host, sizeof a->u);
    }
}

/* The user's form */

/* Whether the resolver reads a name back: other scopes are numbers to it. */
static bool has_named_scope(const sock_addr_t *a)
{
    const struct in6_addr *ip = &a->u.in6.sin6_addr;
    return IN6_IS_ADDR_LINKLOCAL(ip) || IN6_IS_ADDR_MC_LINKLOCAL(ip);
}

static void format_inet(struct sock__text *t, const sock_addr_t *a)
{
    char name[IF_NAMESIZE];
    unsigned scope = sock_addr_scope_id(a);
    bool v6 = a->u.sa.sa_family == AF_INET6;

    sock__text_add(t, v6 ? "[" : "");
    add_host(t, a);
    if (scope != 0 && has_named_scope(a) && if_indextoname(scope, name) != NULL)
        sock__text_addf(t, "%%%s", name);
    else if (scope != 0)
        sock__text_addf(t, "%%%u", scope);
    sock__text_add(t, v6 ? "]:" : ":");
    sock__text_number(t, (uint32_t)sock_addr_port(a));
}

static void format_unix(struct sock__text *t, const sock_addr_t *a)
{
    const char *path = a->u.un.sun_path;
    size_t n = sock__addr_path_len(a);
    bool abstract = n > 0 && path[0] == '\0';

    for (size_t i = 0; i < n; i++) {
        char c = path[i];
        bool hidden = (unsigned char)c < ' ' || (unsigned char)c >= 0x7f;
        if (abstract && hidden)
            c = '@';
        sock__text_char(t, c);
    }
}

int sock_addr_format(const sock_addr_t *a, char *buf, size_t size)
{
    struct sock__text t;
    bool local = sock_addr_family(a) == AF_UNIX;
    struct sock__saved saved;

    sock__text_clear(buf, size);
    if (check("addr_format", a, local || is_inet(a), SOCK__BAD_FAMILY) < 0 ||
        sock__text_begin(&t, "addr_format", buf, size) < 0)
        return -1;
    sock__error_save(&saved); /* an interface without a name is no failure */
    if (local)
        format_unix(&t, a);
    else
        format_inet(&t, a);
    sock__error_restore(&saved);
    return sock__text_end(&t);
}

/* Parsing */

/* The parts of host:port, without copying. */
struct parts {
    const char *host;
    size_t host_len;
    const char *port; /* NULL: none */
};

static int split_brackets(const char *text, struct parts *p)
{
    const char *end = strchr(text, ']');
    if (end == NULL || end == text + 1 || (end[1] != '\0' && end[1] != ':'))
        return -1;
    p->host = text + 1;
    p->host_len = (size_t)(end - text - 1);
    p->port = end[1] == ':' ? end + 2 : NULL;
    if (memchr(p->host, '[', p->host_len) != NULL)
        return -1;
    return memchr(p->host, ':', p->host_len) != NULL ? 0 : -1;
}

static int split(const char *text, struct parts *p)
{
    if (text[0] == '[')
        return split_brackets(text, p);
    const char *first = strchr(text, ':'), *last = strrchr(text, ':');
    bool v6 = first != last; /* two colons are no host:port */
    p->host = text;
    p->host_len = v6 || first == NULL ? strlen(text) : (size_t)(first - text);
    p->port = v6 || first == NULL ? NULL : first + 1;
    return text[0] == '\0' || strpbrk(text, "[]") != NULL ? -1 : 0;
}

/* Digits only, unlike atoi(3); -1 for other text, 65536 for anything more. */
static int parse_port(const char *text)
{
    int port = 0;
    if (text[0] == '\0')
        return -1;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return -1;
        port = port * 10 + (*text - '0');
        if (port > 65535)
            port = 65536;
    }
    return port;
}

/* 0 and the parts; or the kind of error. */
static int parse(const char *text, struct parts *p, int *port)
{
    if (text == NULL)
        return SOCK_E_TYPE;
    if (split(text, p) < 0)
        return SOCK_E_VALUE;
    *port = -1;
    if (p->port == NULL)
        return 0;
    *port = parse_port(p->port);
    if (*port < 0)
        return SOCK_E_VALUE;
    return *port > 65535 ? SOCK_E_OVERFLOW : 0;
}

static int parse_detail(int kind)
{
    if (kind == SOCK_E_TYPE)
        return SOCK__NULL_ARGUMENT;
    return kind == SOCK_E_VALUE ? SOCK__ADDRESS_SYNTAX : SOCK__BAD_PORT;
}

static int split_failed(int kind, const char *text)
{
    sock_addr_t a = sock__addr_failed(kind, 0, parse_detail(kind), text);
    return sock__addr_check("addr_split", &a);
}

int sock_addr_split(const char *text, char *host, size_t size, int *port)
{
    struct parts p;
    int found, kind = parse(text, &p, &found);
    sock__text_clear(host, size);
    if (kind != 0)
        return split_failed(kind, text);
    int n = sock__text_copy("addr_split", p.host, p.host_len, host, size);
    if (n >= 0 && port != NULL)
        *port = found;
    return n;
}

sock_addr_t sock_addr_parse(const char *text, int default_port)
{
    char host[SOCK_HOST_NAME_MAX];
    struct parts p;
    int port, kind = parse(text, &p, &port);

    if (kind != 0)
        return sock__addr_failed(kind, 0, parse_detail(kind), text);
    if (p.host_len >= sizeof host)
        return sock__addr_failed(SOCK_E_VALUE, 0, SOCK__HOST_TOO_LONG, text);
    if (p.port == NULL && default_port == -1)
        return sock__addr_failed(SOCK_E_VALUE, 0, SOCK__ADDRESS_SYNTAX, text);
    memcpy(host, p.host, p.host_len);
    host[p.host_len] = '\0';
    if (p.port == NULL)
        port = default_port;
    if (strchr(host, ':') != NULL)
        return sock_addr_inet6(host, port);
    return sock_addr_inet(host, port);
}

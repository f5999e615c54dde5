/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/address.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <string.h>

#include "address.h"
#include "object.h"
#include "os.h"
#include "record.h"
#include "text.h"

static const sock_addr_t none;

/* Addresses that could not be made */

sock_addr_t sock_addr_none(void)
{
    return none;
}

sock_addr_t sock__addr_failed(int kind, int code, int detail, const char *host)
{
    sock_addr_t a = {.kind = (int16_t)kind,
                     .detail = (int16_t)detail,
                     .code = code,
                     .sys_errno = sock__errno_of(kind, code)};
    if (host != NULL)
        memcpy(&a.u, host, strnlen(host, sizeof a.u - 1));
    return a;
}

sock_addr_t sock__addr_gai(int code, const char *host)
{
    if (code == EAI_SYSTEM)
        return sock__addr_failed(SOCK_E_OS, errno, 0, host);
    return sock__addr_failed(SOCK_E_GAI, code, 0, host);
}

int sock__addr_refused(const char *op, const sock_addr_t *a)
{
    if (a->len > 0)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__ADDRESS_TOO_LONG);
    if (a->kind == SOCK_E_NONE)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NO_ADDRESS);
    return sock__fail_to(op, a->kind, a->code, a->detail, a);
}

int sock_addr_ok(const sock_addr_t *a)
{
    return sock__addr_check("address", a != NULL ? a : &none) == 0;
}

/* Hosts */

static void set_inet(sock_addr_t *a, const struct in_addr *ip)
{
    *a = none;
    a->len = sizeof a->u.in;
    a->u.in.sin_family = AF_INET;
    if (ip != NULL)
        a->u.in.sin_addr = *ip;
}

static void set_inet6(sock_addr_t *a, const struct in6_addr *ip)
{
    *a = none;
    a->len = sizeof a->u.in6;
    a->u.in6.sin6_family = AF_INET6;
    if (ip != NULL)
        a->u.in6.sin6_addr = *ip;
}

static void set_wildcard(sock_addr_t *a, int family)
{
    if (family == AF_INET)
        set_inet(a, NULL);
    else if (family == AF_INET6)
        set_inet6(a, NULL);
    else
        *a = sock__addr_failed(SOCK_E_OS, 0, SOCK__MANY_WILDCARDS, "");
}

static void set_broadcast(sock_addr_t *a, int family, const char *host)
{
    struct in_addr ip = {.s_addr = INADDR_BROADCAST};
    if (family == AF_INET6)
        *a = sock__addr_failed(SOCK_E_OS, 0, SOCK__FAMILY_MISMATCH, host);
    else
        set_inet(a, &ip);
}

int sock__host_check(const char *host, sock_addr_t *why)
{
    size_t n = 0;

    while (n < SOCK_HOST_NAME_MAX && (signed char)host[n] > 0) /* ASCII */
        n++;
    if (n < SOCK_HOST_NAME_MAX && host[n] == '\0')
        return 0;
    if (strnlen(host, SOCK_HOST_NAME_MAX) == SOCK_HOST_NAME_MAX)
        *why = sock__addr_failed(SOCK_E_VALUE, 0, SOCK__HOST_TOO_LONG, host);
    else
        *why = sock__addr_failed(SOCK_E_TYPE, SOCK_TYPE_UNICODE,
                                 SOCK__HOST_NOT_ASCII, host);
    return -1;
}

static void set_found(sock_addr_t *a, const struct addrinfo *found)
{
    *a = none;
    a->len = found->ai_addrlen;
    if (found->ai_family == AF_INET)
        memcpy(&a->u, found->ai_addr, sizeof a->u.in);
    else
        memcpy(&a->u, found->ai_addr, sizeof a->u.in6);
}

/* getaddrinfo(3) knows numeric text of every form without a look-up. */
static void look_up(sock_addr_t *a, int family, const char *host, int flags)
{
    struct addrinfo hints = {
        .ai_flags = flags, .ai_family = family, .ai_socktype = SOCK_DGRAM};
    struct addrinfo *list = NULL;
    int saved = errno;

    if (sock__host_check(host, a) < 0)
        return;
    int code = getaddrinfo(host, NULL, &hints, &list);
    if (code == 0) {
        set_found(a, list);
        freeaddrinfo(list);
    } else {
        *a = sock__addr_gai(code, host);
    }
    errno = saved;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Strictly dotted text, as inet_pton(3) takes it but faster. */
static bool parse_inet(const char *text, struct in_addr *ip)
{
    unsigned char bytes[4];

    for (int i = 0; i < 4; i++) {
        const char *first = text;
        unsigned n = 0;
        for (; is_digit(*text) && n <= 255; text++)
            n = n * 10 + (unsigned)(*text - '0');
        if (n > 255 || text == first || (*first == '0' && text > first + 1) ||
            *text++ != (i < 3 ? '.' : '\0'))
            return false;
        bytes[i] = (unsigned char)n;
    }
    memcpy(ip, bytes, sizeof *ip);
    return true;
}

static bool is_broadcast(const char *host)
{
    return (host[0] == '<' && strcmp(host, "<broadcast>") == 0) ||
           (host[0] == '2' && strcmp(host, "255.255.255.255") == 0);
}

/* The usual numeric text first: it is read once. */
static void find_host(sock_addr_t *a, int family, const char *host, int flags)
{
    union {
        struct in_addr v4;
        struct in6_addr v6;
    } ip;

    if (host == NULL || host[0] == '\0')
        set_wildcard(a, family);
    else if (family != AF_INET6 && parse_inet(host, &ip.v4))
        set_inet(a, &ip.v4);
    else if (is_broadcast(host))
        set_broadcast(a, family, host);
    else if (family != AF_INET && inet_pton(AF_INET6, host, &ip.v6) == 1)
        set_inet6(a, &ip.v6);
    else
        look_up(a, family, host, flags);
}

void sock__addr_host(sock_addr_t *a, int family, const char *host)
{
    find_host(a, family, host, 0);
}

void sock__addr_numeric(sock_addr_t *a, int family, const char *host)
{
    find_host(a, family, host, AI_NUMERICHOST);
}

/* Constructors */

/* Puts a port into an address; -1 if it is none. */
static int put_port(sock_addr_t *a, int port)
{
    if (port < 0 || port > 65535)
        return -1;
    if (a->u.sa.sa_family == AF_INET)
        a->u.in.sin_port = htons((uint16_t)port);
    else
        a->u.in6.sin6_port = htons((uint16_t)port);
    return 0;
}

static sock_addr_t bad_port(const char *host, int port)
{
    return sock__addr_failed(SOCK_E_OVERFLOW, port, SOCK__BAD_PORT, host);
}

int sock__port_check(const char *op, const char *host, int port)
{
    if (port >= 0 && port <= 65535)
        return 0;
    sock_addr_t bad = bad_port(host, port);
    return sock__addr_check(op, &bad);
}

/* put_port() that lets the address remember it; one that failed before stays
 * as it is. */
static void set_port(sock_addr_t *a, const char *host, int port)
{
    if (a->len > 0 && put_port(a, port) < 0)
        *a = bad_port(host, port);
}

sock_addr_t sock_addr_inet(const char *host, int port)
{
    sock_addr_t a;
    sock__addr_host(&a, AF_INET, host);
    set_port(&a, host, port);
    return a;
}

sock_addr_t sock_addr_inet6(const char *host, int port)
{
    sock_addr_t a;
    sock__addr_host(&a, AF_INET6, host);
    set_port(&a, host, port);
    return a;
}

sock_addr_t sock_addr_numeric(int family, const char *host, int port)
{
    sock_addr_t a;
    if (family != AF_INET && family != AF_INET6 && family != AF_UNSPEC)
        return sock__addr_failed(SOCK_E_OS, 0, SOCK__BAD_FAMILY, host);
    sock__addr_numeric(&a, family, host);
    set_port(&a, host, port);
    return a;
}

sock_addr_t sock_addr_inet6_scoped(const char *host, int port,
                                   uint32_t flowinfo, uint32_t scope_id)
{
    sock_addr_t a = sock_addr_inet6(host, port);
    if (a.len == 0)
        return a;
    if (flowinfo > 0xfffff)
        return sock__addr_failed(SOCK_E_OVERFLOW, 0, SOCK__BAD_FLOWINFO, host);
    a.u.in6.sin6_flowinfo = htonl(flowinfo);
    if (scope_id != 0)
        a.u.in6.sin6_scope_id = scope_id;
    return a;
}

/* Bytes in front of a path. */
enum { UNIX_HEAD = offsetof(struct sockaddr_un, sun_path) };

/* An AF_UNIX address of n bytes behind `lead` that the caller fills in. */
static sock_addr_t unix_of(size_t lead, const void *bytes, size_t n)
{
    sock_addr_t a = none;
    if (n > sizeof a.u.un.sun_path - 1) {
        a = sock__addr_failed(SOCK_E_OS, 0, SOCK__UNIX_PATH_TOO_LONG, NULL);
        if (lead == 0) /* as much of a path as is shown */
            memcpy(&a.u, bytes, n < sizeof a.u ? n : sizeof a.u - 1);
        return a;
    }
    a.len = (uint32_t)(UNIX_HEAD + lead + n);
    a.u.un.sun_family = AF_UNIX;
    if (n > 0)
        memcpy(a.u.un.sun_path + lead, bytes, n);
    return a;
}

static sock_addr_t unix_path(const char *path, size_t n)
{
    sock_addr_t a = unix_of(0, path, n);
    if (a.len > UNIX_HEAD)
        a.len++; /* the NUL; without a path Linux would take it for a name */
    return a;
}

sock_addr_t sock_addr_unix(const char *path)
{
    if (path == NULL)
        return sock__addr_failed(SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT, NULL);
    return unix_path(path, strlen(path));
}

sock_addr_t sock_addr_unix_abstract(const void *name, size_t size)
{
    if (name == NULL && size > 0)
        return sock__addr_failed(SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT, NULL);
    return unix_of(1, name, size);
}

sock_addr_t sock_addr_unix_bytes(const void *bytes, size_t size)
{
    const char *path = size > 0 ? bytes : "";

    if (path == NULL)
        return sock__addr_failed(SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT, NULL);
    if (size > 0 && path[0] == '\0')
        return unix_of(1, path + 1, size - 1);
    if (memchr(path, '\0', size) != NULL)
        return sock__addr_failed(SOCK_E_VALUE, 0, SOCK__NUL_IN_PATH, path);
    return unix_path(path, size);
}

bool sock__addr_is_ip(const sock_addr_t *a)
{
    int family = sock_addr_family(a);
    return (family == AF_INET && a->len == sizeof a->u.in) ||
           (family == AF_INET6 && a->len == sizeof a->u.in6);
}

const void *sock__addr_ip(const sock_addr_t *a)
{
    if (a->u.sa.sa_family == AF_INET)
        return &a->u.in.sin_addr;
    return &a->u.in6.sin6_addr;
}

sock_addr_t sock_addr_with_port(sock_addr_t a, int port)
{
    char host[SOCK_ADDR_HOST_MAX];
    int family = sock_addr_family(&a);
    if (a.len == 0 && a.kind != SOCK_E_NONE)
        return a;
    if (a.len == 0)
        return sock__addr_failed(SOCK_E_TYPE, 0, SOCK__NO_ADDRESS, NULL);
    if (family != AF_INET && family != AF_INET6)
        return sock__addr_failed(SOCK_E_TYPE, 0, SOCK__NOT_INET, NULL);
    if (put_port(&a, port) == 0)
        return a;
    sock__text_ip("addr_with_port", family, sock__addr_ip(&a), host,
                  sizeof host);
    return bad_port(host, port);
}

sock_addr_t sock_addr_for(const sock_t *s, const char *host, int port)
{
    if (s == NULL)
        return sock__addr_failed(SOCK_E_TYPE, 0, SOCK__NULL_SOCKET, NULL);
    switch (sock__os_address_family(s->family)) {
    case AF_INET:
        return sock_addr_inet(host, port);
    case AF_INET6:
        return sock_addr_inet6(host, port);
    case AF_UNIX:
        return sock_addr_unix(host);
    default:
        return sock__addr_failed(SOCK_E_OS, 0, SOCK__BAD_FAMILY, host);
    }
}

void sock__addr_finish_other(sock_addr_t *a, int protocol)
{
    uint32_t most = sizeof a->u;
    if (a->len > sizeof a->u.un && a->u.sa.sa_family == AF_UNIX)
        most = sizeof a->u.un; /* as sock_addr_from() */
    if (a->len > most)
        a->len = most;
    memset((char *)&a->u + a->len, 0, sizeof a->u - a->len);
    a->detail = (int16_t)sock__os_form_of(a->u.sa.sa_family, protocol);
}

/* The least length of an address that its family's fields can be read from. */
static socklen_t least_len(int family)
{
    switch (family) {
    case AF_INET:
        return sizeof(struct sockaddr_in);
    case AF_INET6:
        return sizeof(struct sockaddr_in6);
    default:
        return sock__os_least_len(family);
    }
}

sock_addr_t sock_addr_from(const struct sockaddr *sa, socklen_t len)
{
    const char *bytes = (const char *)sa; /* of any alignment */
    sock_addr_t a = none;
    sa_family_t family = AF_UNSPEC;

    if (len == 0)
        return none;
    if (sa == NULL)
        return sock__addr_failed(SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT, NULL);
    if (len >= sizeof family)
        memcpy(&family, bytes + offsetof(struct sockaddr, sa_family),
               sizeof family);
    if (len < sizeof family || len < least_len(family))
        return sock__addr_failed(SOCK_E_VALUE, 0, SOCK__ADDRESS_TOO_SHORT,
                                 NULL);
    /* Linux counts a NUL behind a full sun_path, which is not there. */
    if (family == AF_UNIX && len == sizeof a.u.un + 1)
        len = sizeof a.u.un;
    if (len > sizeof a.u)
        return sock__addr_failed(SOCK_E_VALUE, 0, SOCK__ADDRESS_TOO_LONG, NULL);
    memcpy(&a.u, bytes, len);
    sock__addr_finish(&a, len, 0);
    return a;
}

/* Parts */

int sock_addr_family(const sock_addr_t *a)
{
    return a != NULL && a->len > 0 ? a->u.sa.sa_family : AF_UNSPEC;
}

int sock_addr_port(const sock_addr_t *a)
{
    if (a == NULL || a->len == 0)
        return sock__addr_check("addr_port", a != NULL ? a : &none);
    switch (sock_addr_family(a)) {
    case AF_INET:
        return ntohs(a->u.in.sin_port);
    case AF_INET6:
        return ntohs(a->u.in6.sin6_port);
    default:
        return sock__fail("addr_port", SOCK_E_TYPE, 0, SOCK__NOT_INET);
    }
}

uint32_t sock_addr_flowinfo(const sock_addr_t *a)
{
    if (sock_addr_family(a) != AF_INET6)
        return 0;
    return ntohl(a->u.in6.sin6_flowinfo);
}

uint32_t sock_addr_scope_id(const sock_addr_t *a)
{
    return sock_addr_family(a) == AF_INET6 ? a->u.in6.sin6_scope_id : 0;
}

size_t sock__addr_path_len(const sock_addr_t *a)
{
    size_t n = a->len > UNIX_HEAD ? a->len - UNIX_HEAD : 0;
    if (n > sizeof a->u.un.sun_path)
        n = sizeof a->u.un.sun_path;
    if (n > 0 && a->u.un.sun_path[0] != '\0')
        n = strnlen(a->u.un.sun_path, n);
    return n;
}

static bool equal_inet6(const struct sockaddr_in6 *a,
                        const struct sockaddr_in6 *b)
{
    return a->sin6_port == b->sin6_port &&
           a->sin6_flowinfo == b->sin6_flowinfo &&
           a->sin6_scope_id == b->sin6_scope_id &&
           memcmp(&a->sin6_addr, &b->sin6_addr, sizeof a->sin6_addr) == 0;
}

static bool equal_unix(const sock_addr_t *a, const sock_addr_t *b)
{
    size_t n = sock__addr_path_len(a);
    return n == sock__addr_path_len(b) &&
           memcmp(a->u.un.sun_path, b->u.un.sun_path, n) == 0;
}

int sock_addr_equal(const sock_addr_t *a, const sock_addr_t *b)
{
    a = a != NULL ? a : &none;
    b = b != NULL ? b : &none;
    if (a->len == 0 || b->len == 0)
        return a->len == b->len && a->kind == 0 && b->kind == 0;
    if (a->u.sa.sa_family != b->u.sa.sa_family)
        return 0;
    switch (a->u.sa.sa_family) {
    case AF_INET:
        return a->u.in.sin_port == b->u.in.sin_port &&
               a->u.in.sin_addr.s_addr == b->u.in.sin_addr.s_addr;
    case AF_INET6:
        return equal_inet6(&a->u.in6, &b->u.in6);
    case AF_UNIX:
        return equal_unix(a, b);
    default:
        return a->len == b->len && a->len <= sizeof a->u &&
               memcmp(&a->u, &b->u, a->len) == 0;
    }
}

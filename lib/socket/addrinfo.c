/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE

#include <pysockc/addrinfo.h>

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "addrinfo.h"
#include "record.h"
#include "text.h"

/* Asking */

static bool is_digits(const char *text)
{
    return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* Whether the C library would read a number where there is more than digits. */
static bool is_odd_number(const char *text)
{
    size_t lead = strspn(text, " \t\n\v\f\r");
    size_t sign = text[lead] == '+' || text[lead] == '-';
    return lead + sign > 0 && is_digits(text + lead + sign);
}

/* Of other numbers the C library would take some bits. */
static bool is_port(const char *digits)
{
    int saved = errno;
    unsigned long n = strtoul(digits, NULL, 10); /* ULONG_MAX if too large */
    errno = saved;
    return n <= 65535;
}

/* Whether the resolver may be given this port: a number, a name or none. */
static bool is_service(const char *port)
{
    if (port == NULL)
        return true;
    return is_digits(port) ? is_port(port) : !is_odd_number(port);
}

void sock__look_up_failed(const char *op, const char *host, int code)
{
    sock_addr_t why = sock__addr_gai(code, host);
    sock__addr_check(op, &why);
}

int sock__look_up_check(const char *op, const char *host, const char **port)
{
    sock_addr_t why;

    if (host != NULL && sock__host_check(host, &why) < 0)
        return sock__addr_check(op, &why);
    if (!is_service(*port)) {
        sock__look_up_failed(op, host, EAI_SERVICE);
        return -1;
    }
    if (*port != NULL && (*port)[0] == '\0')
        *port = "0"; /* which not every C library takes it for */
    return 0;
}

struct addrinfo *sock__look_up(const char *op, const char *host,
                               const char *port, const struct addrinfo *hints)
{
    struct addrinfo *list = NULL;
    int saved = errno;

    if (sock__look_up_check(op, host, &port) < 0)
        return NULL;
    int code = getaddrinfo(host, port, hints, &list);
    if (code != 0) {
        sock__look_up_failed(op, host, code);
        return NULL;
    }
    errno = saved;
    return list;
}

/* Lists in one allocation */

struct found {
    sock_addrinfo_t list; /* first, as the caller frees it */
    sock_addrinfo_entry_t entries[];
};

/* The name is the first one's. */
static void fill(struct found *out, const struct addrinfo *ai,
                 const char *canonname, char *text)
{
    sock_addrinfo_entry_t *e = out->entries;

    for (; ai != NULL; ai = ai->ai_next, e++, canonname = "") {
        size_t n = strlen(canonname) + 1;
        e->family = ai->ai_family;
        e->type = ai->ai_socktype;
        e->proto = ai->ai_protocol;
        e->canonname = memcpy(text, canonname, n);
        e->address = sock_addr_from(ai->ai_addr, ai->ai_addrlen);
        text += n;
    }
    out->list.entries = out->entries;
    out->list.count = (size_t)(e - out->entries);
}

/* There are C libraries that give the name unasked, and in each entry. */
static const char *canonical_name(const struct addrinfo *ai, int flags)
{
    bool named = (flags & AI_CANONNAME) != 0 && ai->ai_canonname != NULL;
    return named ? ai->ai_canonname : "";
}

static sock_addrinfo_t *list_object(const char *op, const struct addrinfo *ai,
                                    const char *canonname)
{
    size_t count = 0, bytes = strlen(canonname);

    for (const struct addrinfo *a = ai; a != NULL; a = a->ai_next) {
        count++;
        bytes++;
    }
    size_t head = sizeof(struct found) + count * sizeof(sock_addrinfo_entry_t);
    struct found *out = malloc(head + bytes);
    if (out == NULL) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    fill(out, ai, canonname, (char *)out + head);
    return &out->list;
}

sock_addrinfo_t *sock__addrinfo(const char *op, struct addrinfo *list,
                                int flags)
{
    sock_addrinfo_t *out = list_object(op, list, canonical_name(list, flags));
    int saved = errno;
    freeaddrinfo(list);
    errno = saved;
    return out;
}

sock_addrinfo_t *sock_getaddrinfo(const char *host, const char *port,
                                  int family, int type, int proto, int flags)
{
    static const char op[] = "getaddrinfo";
    struct addrinfo hints;
    memset(&hints, 0, sizeof hints); /* padding, too, which MSan looks at */
    hints.ai_family = family;
    hints.ai_socktype = type;
    hints.ai_protocol = proto;
    hints.ai_flags = flags;
    struct addrinfo *list = sock__look_up(op, host, port, &hints);
    return list != NULL ? sock__addrinfo(op, list, flags) : NULL;
}

void sock_addrinfo_free(sock_addrinfo_t *list)
{
    sock__free(list);
}

/* The way back */

struct names {
    const char *op;
    const sock_addr_t *address;
    char host[SOCK_NAMEINFO_HOST_MAX], port[SOCK_NAMEINFO_PORT_MAX];
};

/* Looks up what is wanted; -1 with the error recorded. */
static int ask_names(struct names *n, int flags, bool host, bool port)
{
    const sock_addr_t *a = n->address;
    int family = sock_addr_family(a);

    if (sock__addr_check(n->op, a) < 0)
        return -1;
    if (family != AF_INET && family != AF_INET6)
        return sock__fail_to(n->op, SOCK_E_TYPE, 0, SOCK__NOT_INET, a);
    int code = getnameinfo(&a->u.sa, a->len, n->host, host ? sizeof n->host : 0,
                           n->port, port ? sizeof n->port : 0, flags);
    if (code == EAI_SYSTEM)
        return sock__fail_status_to(n->op, errno, a);
    if (code != 0)
        return sock__fail_to(n->op, SOCK_E_GAI, code, 0, a);
    return 0;
}

/* Whether a text fits, or is not asked for. */
static bool fits(const char *text, size_t size)
{
    return size == 0 || strlen(text) < size;
}

int sock_getnameinfo(sock_addr_t address, int flags, char *host,
                     size_t host_size, char *port, size_t port_size)
{
    struct names n = {.op = "getnameinfo", .address = &address};
    int saved = errno;

    sock__text_clear(host, host_size);
    sock__text_clear(port, port_size);
    if ((host == NULL && host_size > 0) || (port == NULL && port_size > 0))
        return sock__fail(n.op, SOCK_E_TYPE, 0, SOCK__NULL_BUFFER);
    if (ask_names(&n, flags, host_size > 0, port_size > 0) < 0)
        return -1;
    if (!fits(n.host, host_size) || !fits(n.port, port_size))
        return sock__fail_to(n.op, SOCK_E_VALUE, 0, SOCK__BUFFER_TOO_SMALL,
                             &address);
    sock__text_copy(n.op, n.host, strlen(n.host), host, host_size);
    sock__text_copy(n.op, n.port, strlen(n.port), port, port_size);
    errno = saved;
    return 0;
}

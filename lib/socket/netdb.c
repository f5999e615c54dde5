/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/netdb.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "os.h"
#include "record.h"
#include "text.h"

/* Hosts in one allocation */

/* The lists of an object that is measured first and filled then. */
struct builder {
    size_t pointers, bytes; /* used so far */
    const char **list;      /* NULL while measuring */
    char *text;
};

static const char *put_text(struct builder *b, const char *text)
{
    size_t n = strlen(text) + 1;
    char *at = b->text != NULL ? b->text + b->bytes : NULL;
    if (at != NULL)
        memcpy(at, text, n);
    b->bytes += n;
    return at;
}

static void put_pointer(struct builder *b, const char *text)
{
    if (b->list != NULL)
        b->list[b->pointers] = text;
    b->pointers++;
}

/* Puts a host's texts; the same pass measures and fills. */
static void put_host(struct builder *b, const struct hostent *h,
                     sock_hostent_t *out)
{
    char ip[SOCK_INET_TEXT_MAX];
    out->name = put_text(b, h->h_name);
    out->aliases = b->list;
    for (char **a = h->h_aliases; a != NULL && *a != NULL; a++)
        put_pointer(b, put_text(b, *a));
    out->alias_count = b->pointers;
    put_pointer(b, NULL);
    out->addresses = b->list != NULL ? b->list + b->pointers : NULL;
    for (char **a = h->h_addr_list; a != NULL && *a != NULL; a++) {
        sock__ip_text(h->h_addrtype, *a, ip);
        put_pointer(b, put_text(b, ip));
    }
    out->address_count = b->pointers - out->alias_count - 1;
    put_pointer(b, NULL);
}

static sock_hostent_t *host_object(const char *op, const struct hostent *h)
{
    struct builder need = {0}, fill = {0};
    sock_hostent_t scratch;

    put_host(&need, h, &scratch);
    size_t lists = sizeof scratch + need.pointers * sizeof(char *);
    sock_hostent_t *out = malloc(lists + need.bytes);
    if (out == NULL) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    fill.list = (const char **)(out + 1);
    fill.text = (char *)out + lists;
    put_host(&fill, h, out);
    return out;
}

void sock_hostent_free(sock_hostent_t *host)
{
    sock__free(host);
}

/* Hosts */

int sock_gethostname(char *buf, size_t size)
{
    char name[1024] = "";
    sock__text_clear(buf, size);
    if (gethostname(name, sizeof name - 1) != 0)
        return sock__fail_status("gethostname", errno);
    return sock__text_copy("gethostname", name, strlen(name), buf, size);
}

int sock_sethostname(const char *name)
{
    static const char op[] = "sethostname";
    int saved = errno;

    if (name == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (sock__os_sethostname(name, strlen(name)) != 0) {
        sock_addr_t why = sock__addr_failed(SOCK_E_OS, errno, 0, name);
        return sock__addr_check(op, &why);
    }
    errno = saved;
    return 0;
}

int sock_gethostbyname(const char *host, char *buf, size_t size)
{
    sock_addr_t a;

    sock__text_clear(buf, size);
    if (host == NULL)
        return sock__fail("gethostbyname", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    sock__addr_host(&a, AF_INET, host);
    if (sock__addr_check("gethostbyname", &a) < 0)
        return -1;
    return sock__text_ip("gethostbyname", AF_INET, &a.u.in.sin_addr, buf, size);
}

static void *null_host(const char *op)
{
    sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    return NULL;
}

/* Records why a host was not found, and what was looked for. */
static void *host_failed(const char *op, int kind, int code, const char *host)
{
    sock_addr_t a = sock__addr_failed(kind, code, 0, host);
    sock__addr_check(op, &a);
    return NULL;
}

/* The object of an answer, or its error recorded; ends the answer. */
static sock_hostent_t *host_answer(const char *op, int result,
                                   struct sock__os_answer *a, const char *host)
{
    sock_hostent_t *out = NULL;
    int err = errno;

    if (result == 0)
        out = host_object(op, &a->u.host);
    else if (result > 0)
        host_failed(op, SOCK_E_HOST, result, host);
    else if (err == ENOMEM)
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
    else
        sock__fail_status(op, err);
    free(a->buffer);
    return out;
}

/* What the resolver would say of numeric text, without asking it. */
static sock_hostent_t *numeric_host(const char *op, const char *host,
                                    sock_addr_t *a)
{
    char *addresses[] = {(char *)&a->u.in.sin_addr, NULL};
    struct hostent h = {.h_name = (char *)(uintptr_t)host, /* only read */
                        .h_addrtype = AF_INET,
                        .h_addr_list = addresses};
    return host_object(op, &h);
}

/* Whether it may be a name after it was no numeric text. One with a colon would
 * have been that, but for a scope that is not there. */
static bool may_be_name(const char *host, const sock_addr_t *a)
{
    return a->kind == SOCK_E_GAI && a->code == EAI_NONAME &&
           strchr(host, ':') == NULL;
}

/*
 * Python asks getaddrinfo(3) first, so a name that is not found is a gaierror.
 * One question is enough to know that.
 */
sock_hostent_t *sock_gethostbyname_ex(const char *host)
{
    static const char op[] = "gethostbyname_ex";
    struct sock__os_answer answer;
    sock_addr_t a;

    if (host == NULL)
        return null_host(op);
    bool special = host[0] == '\0' || strcmp(host, "<broadcast>") == 0;
    if (!special) {
        sock__addr_numeric(&a, AF_INET, host);
        if (a.len > 0)
            return numeric_host(op, host, &a);
        if (!may_be_name(host, &a)) {
            sock__addr_check(op, &a);
            return NULL;
        }
    }
    int result = sock__os_gethostbyname(host, &answer);
    if (result > 0 && !special) {
        free(answer.buffer);
        return host_failed(op, SOCK_E_GAI, sock__os_gai_code(result), host);
    }
    return host_answer(op, result, &answer, host);
}

sock_hostent_t *sock_gethostbyaddr(const char *host)
{
    static const char op[] = "gethostbyaddr";
    struct sock__os_answer answer;
    sock_addr_t a;
    int result;

    if (host == NULL)
        return null_host(op);
    sock__addr_host(&a, AF_UNSPEC, host);
    if (sock__addr_check(op, &a) < 0)
        return NULL;
    if (sock_addr_family(&a) == AF_INET6)
        result = sock__os_gethostbyaddr(
            &a.u.in6.sin6_addr, sizeof a.u.in6.sin6_addr, AF_INET6, &answer);
    else
        result = sock__os_gethostbyaddr(
            &a.u.in.sin_addr, sizeof a.u.in.sin_addr, AF_INET, &answer);
    return host_answer(op, result, &answer, host);
}

/* Fully qualified names */

/* What Python's str.strip() takes for blank in ASCII. */
static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
}

static bool is_this_machine(const char *name)
{
    return name[0] == '\0' || strcmp(name, "0.0.0.0") == 0 ||
           strcmp(name, "::") == 0;
}

/* The first name with a dot, else the official one. */
static const char *qualified(const sock_hostent_t *h)
{
    if (strchr(h->name, '.') != NULL)
        return h->name;
    for (size_t i = 0; i < h->alias_count; i++)
        if (strchr(h->aliases[i], '.') != NULL)
            return h->aliases[i];
    return h->name;
}

static int fqdn_of(const char *name, char *buf, size_t size)
{
    struct sock__saved saved;
    sock__error_save(&saved); /* not finding it is no failure */
    sock_hostent_t *h = sock_gethostbyaddr(name);
    sock__error_restore(&saved);
    if (h != NULL)
        name = qualified(h);
    int n = sock__text_copy("getfqdn", name, strlen(name), buf, size);
    sock_hostent_free(h);
    return n;
}

int sock_getfqdn(const char *name, char *buf, size_t size)
{
    char here[1024] = "";

    sock__text_clear(buf, size);
    name = name != NULL ? name : "";
    while (is_blank(*name))
        name++;
    size_t n = strlen(name);
    while (n > 0 && is_blank(name[n - 1]))
        n--;
    char *trimmed = strndup(name, n);
    if (trimmed == NULL)
        return sock__fail("getfqdn", SOCK_E_MEMORY, 0, 0);
    int saved = errno;
    if (is_this_machine(trimmed))
        gethostname(here, sizeof here - 1);
    errno = saved; /* not knowing it is no failure */
    int result = fqdn_of(here[0] != '\0' ? here : trimmed, buf, size);
    free(trimmed);
    return result;
}

/* Services and protocols */

/* Records that there is no such entry; ends the answer. */
static int entry_failed(const char *op, int detail, const char *what,
                        struct sock__os_answer *a)
{
    int err = errno;
    free(a->buffer);
    if (err == ENOMEM)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    sock_addr_t why = sock__addr_failed(SOCK_E_OS, 0, detail, what);
    return sock__addr_check(op, &why);
}

int sock_getservbyname(const char *name, const char *proto)
{
    struct sock__os_answer a;
    if (name == NULL)
        return sock__fail("getservbyname", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (sock__os_getservbyname(name, proto, &a) != 0)
        return entry_failed("getservbyname", SOCK__NO_SERVICE, name, &a);
    int port = ntohs((uint16_t)a.u.service.s_port);
    free(a.buffer);
    return port;
}

int sock_getservbyport(int port, const char *proto, char *buf, size_t size)
{
    struct sock__os_answer a;
    char number[16];
    sock__text_clear(buf, size);
    if (port < 0 || port > 65535)
        return sock__fail("getservbyport", SOCK_E_OVERFLOW, port,
                          SOCK__BAD_PORT);
    if (sock__os_getservbyport((uint16_t)port, proto, &a) != 0) {
        snprintf(number, sizeof number, "%d", port);
        return entry_failed("getservbyport", SOCK__NO_PORT_SERVICE, number, &a);
    }
    const char *name = a.u.service.s_name;
    int n = sock__text_copy("getservbyport", name, strlen(name), buf, size);
    free(a.buffer);
    return n;
}

int sock_getprotobyname(const char *name)
{
    struct sock__os_answer a;
    if (name == NULL)
        return sock__fail("getprotobyname", SOCK_E_TYPE, 0,
                          SOCK__NULL_ARGUMENT);
    if (sock__os_getprotobyname(name, &a) != 0)
        return entry_failed("getprotobyname", SOCK__NO_PROTOCOL, name, &a);
    int number = a.u.protocol.p_proto;
    free(a.buffer);
    return number;
}

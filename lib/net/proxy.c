/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "proxy.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <pysockc/error.h>
#include <pysockc/request.h>

#include "chars.h"
#include "framing.h"
#include "headers.h"
#include "record.h"
#include "text.h"

static struct sock__piece piece_of(const char *at, size_t n)
{
    return (struct sock__piece){at, n};
}

/* Addresses */

/* One of either family, IPv4 as IPv6 has it. */
struct ip {
    unsigned char bytes[16];
    bool is_v4;
};

static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

/* Of a numeric text, with a scope or without; whether it is one. */
static bool ip_of(struct sock__piece text, struct ip *ip)
{
    char buf[INET6_ADDRSTRLEN];
    const char *scope = memchr(text.at, '%', text.n);
    size_t n = scope != NULL ? (size_t)(scope - text.at) : text.n;

    if (n == 0 || n >= sizeof buf)
        return false;
    memcpy(buf, text.at, n);
    buf[n] = '\0';
    if (inet_pton(AF_INET6, buf, ip->bytes) == 1) {
        ip->is_v4 = memcmp(ip->bytes, mapped, sizeof mapped) == 0;
        return true;
    }
    memcpy(ip->bytes, mapped, sizeof mapped);
    ip->is_v4 = true;
    return scope == NULL && inet_pton(AF_INET, buf, ip->bytes + 12) == 1;
}

/* Whether the first bits of both are the same. */
static bool same_bits(const struct ip *a, const struct ip *b, size_t bits)
{
    size_t whole = bits / 8, rest = bits % 8;

    if (a->is_v4 != b->is_v4 || memcmp(a->bytes, b->bytes, whole) != 0)
        return false;
    return rest == 0 || (a->bytes[whole] ^ b->bytes[whole]) >> (8 - rest) == 0;
}

/* Whether an address lies in a block such as 10.0.0.0/8. */
static bool in_block(const struct ip *ip, struct sock__piece block,
                     struct sock__piece bits)
{
    struct ip base;
    int64_t n = bits.n > 0 ? sock__decimal(bits.at, bits.n) : -1;

    if (n < 0 || !ip_of(block, &base) || n > (base.is_v4 ? 32 : 128))
        return false;
    return same_bits(ip, &base, (size_t)n + (base.is_v4 ? 96 : 0));
}

/* Names */

/* Without the brackets of an IPv6 address, and the dot of the root. */
static struct sock__piece bare(struct sock__piece s)
{
    if (s.n >= 2 && s.at[0] == '[' && s.at[s.n - 1] == ']')
        return piece_of(s.at + 1, s.n - 2);
    if (s.n > 0 && s.at[s.n - 1] == '.')
        s.n--;
    return s;
}

/* A name covers itself and what ends in a dot and itself. */
static bool covers_name(struct sock__piece name, struct sock__piece host)
{
    if (name.n > 1 && name.at[0] == '*' && name.at[1] == '.')
        name = piece_of(name.at + 1, name.n - 1);
    while (name.n > 0 && name.at[0] == '.')
        name = piece_of(name.at + 1, name.n - 1);
    if (name.n == 0 || name.n > host.n)
        return false;
    size_t before = host.n - name.n;
    return strncasecmp(host.at + before, name.at, name.n) == 0 &&
           (before == 0 || host.at[before - 1] == '.');
}

/* Lists */

/* Takes the port off "host:port" and "[v6]:port": -1 if there is none, -2 if it
 * is none. */
static int64_t take_port(struct sock__piece *entry)
{
    const char *first = memchr(entry->at, ':', entry->n);
    const char *at = first;

    if (entry->at[0] == '[') {
        at = memchr(entry->at, ']', entry->n);
        at = at != NULL && at + 1 < entry->at + entry->n ? at + 1 : NULL;
    } else if (first != NULL) {
        size_t rest = entry->n - (size_t)(first + 1 - entry->at);
        at = memchr(first + 1, ':', rest) == NULL ? first : NULL;
    }
    if (at == NULL)
        return -1;
    const char *end = entry->at + entry->n;
    entry->n = (size_t)(at - entry->at);
    if (*at != ':' || at + 1 == end)
        return -2;
    int64_t port = sock__decimal(at + 1, (size_t)(end - at) - 1);
    return port < 0 ? -2 : port;
}

/* Whom it is asked about. */
struct asked {
    struct sock__piece host;
    struct ip ip;
    bool is_ip;
    int port;
};

static bool covers_entry(struct sock__piece entry, const struct asked *who)
{
    const char *slash = memchr(entry.at, '/', entry.n);
    struct ip ip;

    if (entry.n == 1 && entry.at[0] == '*')
        return true;
    if (slash != NULL) {
        size_t n = (size_t)(slash - entry.at);
        return who->is_ip && in_block(&who->ip, bare(piece_of(entry.at, n)),
                                      piece_of(slash + 1, entry.n - n - 1));
    }
    int64_t port = take_port(&entry);
    if (port != -1 && port != who->port)
        return false;
    entry = bare(entry);
    if (who->is_ip)
        return ip_of(entry, &ip) && same_bits(&who->ip, &ip, 128);
    return covers_name(entry, who->host);
}

bool sock__proxy_covers(const char *list, const char *host, int port)
{
    struct asked who = {.host = bare(piece_of(host, strlen(host))),
                        .port = port};

    who.is_ip = ip_of(who.host, &who.ip);
    for (;;) {
        size_t n = strcspn(list, ",");
        struct sock__piece entry = sock__trim(list, n);
        if (entry.n > 0 && covers_entry(entry, &who))
            return true;
        if (list[n] == '\0')
            return false;
        list += n + 1;
    }
}

/* The environment */

enum { LONGEST_SCHEME = 32 };

/* CGI makes HTTP_PROXY of a client's header field Proxy. */
static bool is_a_clients(const char *scheme)
{
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    return strcmp(scheme, "http") == 0 && getenv("REQUEST_METHOD") != NULL;
}

const char *sock__proxy_variable(const char *scheme)
{
    char name[LONGEST_SCHEME + sizeof "_proxy"];
    int n = snprintf(name, sizeof name, "%s_proxy", scheme);

    if (n < 0 || (size_t)n >= sizeof name)
        return NULL;
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    const char *value = getenv(name);
    if (value != NULL) /* an empty one hides that in upper case */
        return value[0] != '\0' ? value : NULL;
    for (char *c = name; *c != '\0'; c++)
        *c = sock__upper(*c);
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    value = is_a_clients(scheme) ? NULL : getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

int sock_getproxies(const char *scheme, char *buf, size_t size)
{
    static const char op[] = "getproxies";
    char lower[LONGEST_SCHEME + 1];

    if (scheme == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    size_t n = strlen(scheme);
    if (n > LONGEST_SCHEME || !sock__is_token(scheme, n))
        return sock__fail_saying(op, SOCK_E_VALUE, 0, "not a URL's scheme");
    for (size_t i = 0; i <= n; i++)
        lower[i] = sock__lower(scheme[i]);
    const char *value = sock__proxy_variable(lower);
    return sock__text_copy(op, value != NULL ? value : "",
                           value != NULL ? strlen(value) : 0, buf, size);
}

int sock_proxy_bypass(const char *host, int port)
{
    if (host == NULL)
        return sock__fail("proxy_bypass", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    const char *list = sock__proxy_variable("no");
    return list != NULL && sock__proxy_covers(list, host, port);
}

/* Proxies */

static struct sock__locator *refuse(const char *op, int kind, const char *why)
{
    char words[SOCK_ERROR_WORDS_MAX];
    snprintf(words, sizeof words, "bad proxy: %.120s", why);
    sock__fail_saying(op, kind, 0, words);
    return NULL;
}

/* In Python, too, "host:port" is one. */
static char *with_scheme(const char *op, const char *text)
{
    bool slashes = strncmp(text, "//", 2) == 0;
    const char *before = strstr(text, "://") != NULL ? ""
                         : slashes                   ? "http:"
                                                     : "http://";
    size_t size = strlen(before) + strlen(text) + 1;
    char *url = malloc(size);
    if (url == NULL)
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
    else
        snprintf(url, size, "%s%s", before, text);
    return url;
}

struct sock__locator *sock__proxy_new(const char *op, const char *text)
{
    char why[SOCK_ERROR_TEXT_MAX], *url = with_scheme(op, text);
    struct sock__locator *t = url != NULL ? sock__locator_new(op, url) : NULL;

    sock__free(url);
    if (t != NULL && t->kind == SOCK__OPENS_HTTP)
        return t;
    if (t != NULL) {
        sock__locator_free(t);
        return refuse(op, SOCK_E_UNSUPPORTED, "only http:// is offered");
    }
    if (sock_last_error()->kind == SOCK_E_MEMORY)
        return NULL;
    sock_error_reason(NULL, why, sizeof why);
    return refuse(op, SOCK_E_VALUE, why);
}

/* SPDX-License-Identifier: MIT */
/* As Python, whose texts these are; but the port is checked at once, and
 * brackets have no place but around the whole host. */
#define _POSIX_C_SOURCE 200809L

#include "netloc.h"

#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <pysockc/inet.h>

#include "chars.h"
#include "private.h"

static const char bad_brackets[] = "Invalid IPv6 URL";

static int fail(const char *op, const char *words)
{
    return sock__fail_saying(op, SOCK_E_VALUE, 0, words);
}

/* With a text at the %s, of which the record keeps as much as it has room. */
static int fail_quoting(const char *op, const char *format, const char *text)
{
    char words[2 * SOCK_ERROR_WORDS_MAX];
    const char *at = strchr(format, '%');

    (void)snprintf(words, sizeof words, "%.*s%.*s%s", (int)(at - format),
                   format, SOCK_ERROR_WORDS_MAX, text, at + 2);
    return fail(op, words);
}

/* Characters whose NFKC has one of /?#@: in it, in UTF-8, as U+2100 is "a/c":
 * whoever normalises the host would come to another one. */
static const char delimiters[][4] = {
    "\u2047", "\u2048", "\u2049", "\u2100", "\u2101", "\u2105", "\u2106",
    "\u2a74", "\ufe13", "\ufe16", "\ufe55", "\ufe56", "\ufe5f", "\ufe6b",
    "\uff03", "\uff0f", "\uff1a", "\uff1f", "\uff20"};

static bool is_delimiter(const char *text)
{
    if ((unsigned char)*text < 0xe2)
        return false;
    for (size_t i = 0; i < sizeof delimiters / sizeof delimiters[0]; i++)
        if (strncmp(text, delimiters[i], 3) == 0)
            return true;
    return false;
}

static bool has_delimiter(const char *netloc)
{
    for (; *netloc != '\0'; netloc++)
        if (is_delimiter(netloc))
            return true;
    return false;
}

const char *sock__behind_user(const char *text)
{
    const char *behind = text;

    for (; *text != '\0'; text++) {
        if (*text == '@')
            behind = text + 1;
        else if (sock__is(*text, SOCK__HIGH) &&
                 (strncmp(text, "\ufe6b", 3) == 0 ||
                  strncmp(text, "\uff20", 3) == 0))
            behind = text + 3;
    }
    return behind;
}

/* User and password end at the last '@'; the host follows. */
static char *cut_user(sock_url_t *url, char *netloc)
{
    char *at = strrchr(netloc, '@');

    *at = '\0';
    char *colon = strchr(netloc, ':');
    if (colon != NULL) {
        *colon = '\0';
        url->password = colon + 1;
    }
    url->username = netloc;
    return at + 1;
}

/* "v1.x" */
static bool is_future(const char *host)
{
    size_t n = 1;

    while (sock__is(host[n], SOCK__HEX))
        n++;
    return n > 1 && host[n] == '.' && host[n + 1] != '\0';
}

static bool is_ip(int family, const char *text)
{
    unsigned char packed[SOCK_INET6_SIZE];
    return sock_inet_pton(family, text, packed, sizeof packed) != -1;
}

/* An address with or without a zone. */
static bool is_ipv6(const char *host)
{
    char ip[INET6_ADDRSTRLEN];
    size_t n = strcspn(host, "%");

    if (n >= sizeof ip)
        return false;
    memcpy(ip, host, n);
    ip[n] = '\0';
    if (host[n] == '%' &&
        (host[n + 1] == '\0' || strchr(host + n + 1, '%') != NULL))
        return false;
    return is_ip(AF_INET6, ip);
}

static int check_literal(const char *host, const char *op)
{
    if (strchr(host, '[') != NULL)
        return fail(op, bad_brackets);
    if ((host[0] | 0x20) == 'v')
        return is_future(host) ? 0 : fail(op, "IPvFuture address is invalid");
    if (is_ipv6(host))
        return 0;
    if (is_ip(AF_INET, host))
        return fail(op, "An IPv4 address cannot be in brackets");
    return fail_quoting(
        op, "'%s' does not appear to be an IPv4 or IPv6 address", host);
}

/* The port of digits alone, however many; -1: one is no digit, -2: it is over
 * 65535. */
static int port_of(const char *digits)
{
    int port = 0;

    for (; *digits != '\0'; digits++) {
        if (!sock__is_digit(*digits))
            return -1;
        port = port <= 65535 ? port * 10 + (*digits - '0') : port;
    }
    return port <= 65535 ? port : -2;
}

/* Whether there is an '@' behind the host: what looks as a port may then be a
 * password that has a '/', '?' or '#' in it. */
static bool has_later_at(const sock_url_t *url)
{
    const char *const parts[] = {url->path, url->query, url->fragment};

    for (int i = 0; i < 3; i++)
        if (parts[i] != NULL && sock__behind_user(parts[i]) != parts[i])
            return true;
    return false;
}

static int set_port(sock_url_t *url, const char *text, const char *op)
{
    url->port = port_of(text);
    if (url->port == -1 && has_later_at(url))
        return fail(op, "Port could not be cast to integer value");
    if (url->port == -1)
        return fail_quoting(
            op, "Port could not be cast to integer value as '%s'", text);
    if (url->port == -2)
        return fail(op, "Port out of range 0-65535");
    if (text[0] == '\0')
        url->port = -1;
    return 0;
}

/* The end of an address in brackets, which are cut off; NULL. */
static char *cut_literal(char **host, const char *op)
{
    char *end = strchr(*host, ']');

    if (end == NULL || (end[1] != '\0' && end[1] != ':')) {
        fail(op, bad_brackets);
        return NULL;
    }
    *end = '\0';
    *host += 1;
    return check_literal(*host, op) < 0 ? NULL : end + 1;
}

/* In lower case up to the zone; returns where a name ends. */
static char *lower(char *host)
{
    for (; *host != '\0' && *host != ':' && *host != '%'; host++)
        *host = sock__lower(*host);
    return host;
}

static int split_host(sock_url_t *url, char *host, const char *op)
{
    char *end;

    if (host[0] == '[') {
        end = cut_literal(&host, op);
        if (end == NULL)
            return -1;
        for (char *at = lower(host); *at == ':'; at = lower(at + 1))
            ;
    } else {
        end = lower(host);
        while (*end != '\0' && *end != ':')
            end++;
    }
    if (*end == ':') {
        *end = '\0';
        if (set_port(url, end + 1, op) < 0)
            return -1;
    }
    url->hostname = host[0] != '\0' ? host : NULL;
    return 0;
}

static bool has_bracket(const char *text)
{
    return text != NULL && strpbrk(text, "[]") != NULL;
}

int sock__netloc_split(sock_url_t *url, char *netloc, unsigned classes,
                       const char *op)
{
    char *host = netloc;

    if ((classes & SOCK__HIGH) != 0 && has_delimiter(netloc))
        return fail_quoting(op,
                            "netloc '%s' contains invalid characters under "
                            "NFKC normalization",
                            sock__behind_user(netloc));
    if ((classes & SOCK__URL_AT) != 0)
        host = cut_user(url, netloc);
    if ((classes & SOCK__URL_BRACKET) != 0 &&
        (host[0] != '[' || has_bracket(url->username) ||
         has_bracket(url->password)))
        return fail(op, bad_brackets);
    return split_host(url, host, op);
}

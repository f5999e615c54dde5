/* SPDX-License-Identifier: MIT */
/* The grammar of RFC 3986, appendix A, with a word about what is not of it. */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/url.h>

#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <pysockc/inet.h>

#include "chars.h"
#include "record.h"
#include "url_parts.h"

static const char op[] = "url_check";

enum {
    USER = SOCK__UNRESERVED | SOCK__SUB | SOCK__URL_COLON,
    NAME = SOCK__UNRESERVED | SOCK__SUB,
    PATH = USER | SOCK__URL_AT | SOCK__URL_SLASH,
    QUERY = PATH | SOCK__URL_QUESTION
};

/* A part of the text, and what it is called. */
struct part {
    const char *text;
    size_t at, end;
    const char *name;
};

static int fail_at(const struct part *p, size_t at, const char *words)
{
    char text[SOCK_ERROR_WORDS_MAX];

    (void)snprintf(text, sizeof text, "%s in the %s, position %zu", words,
                   p->name, at);
    return sock__fail_saying(op, SOCK_E_VALUE, 0, text);
}

static int bad_character(const struct part *p, size_t at)
{
    unsigned char c = (unsigned char)p->text[at];
    char words[32];

    (void)snprintf(words, sizeof words,
                   c > ' ' && c < 127 ? "invalid '%c'" : "invalid '\\x%02x'",
                   c);
    return fail_at(p, at, words);
}

/* Whether a part has these characters alone, and quoted ones. */
static int check_part(const struct part *p, unsigned classes)
{
    for (size_t i = p->at; i < p->end; i++) {
        if (sock__is(p->text[i], classes))
            continue;
        if (p->text[i] != '%')
            return bad_character(p, i);
        if (sock__hex_pair(p->text + i + 1) < 0)
            return fail_at(p, i, "'%' without two hex digits");
        i += 2;
    }
    return 0;
}

/* "v1.x" */
static int check_future(const struct part *p)
{
    size_t i = p->at + 1;

    while (i < p->end && sock__is(p->text[i], SOCK__HEX))
        i++;
    if (i == p->at + 1 || i == p->end || p->text[i] != '.' || i + 1 == p->end)
        return fail_at(p, i, "no version and address");
    for (i++; i < p->end; i++)
        if (!sock__is(p->text[i], USER))
            return bad_character(p, i);
    return 0;
}

static int check_literal(const struct part *p)
{
    char ip[INET6_ADDRSTRLEN] = "";
    unsigned char packed[SOCK_INET6_SIZE];
    size_t n = p->end - p->at;

    if (n > 0 && (p->text[p->at] | 0x20) == 'v')
        return check_future(p);
    if (n < sizeof ip)
        memcpy(ip, p->text + p->at, n);
    if (sock_inet_pton(AF_INET6, ip, packed, sizeof packed) == -1)
        return fail_at(p, p->at, "no IPv6 address");
    return 0;
}

static int check_port(const struct part *p)
{
    int port = 0;

    for (size_t i = p->at; i < p->end; i++) {
        if (!sock__is_digit(p->text[i]))
            return bad_character(p, i);
        if (port <= 65535)
            port = port * 10 + (p->text[i] - '0');
    }
    return port <= 65535 ? 0 : fail_at(p, p->at, "more than 65535");
}

static size_t find(const struct part *p, char c)
{
    size_t i = p->at;
    while (i < p->end && p->text[i] != c)
        i++;
    return i;
}

static int check_host(const char *text, size_t at, size_t end)
{
    struct part host = {text, at, end, "host"}, port = {text, at, end, "port"};
    bool literal = at < end && text[at] == '[';

    if (literal) {
        host.at = at + 1;
        host.end = find(&host, ']');
        if (host.end == end)
            return fail_at(&host, at, "'[' without ']'");
        if (check_literal(&host) < 0)
            return -1;
        port.at = host.end + 1;
    } else {
        host.end = port.at = find(&host, ':');
        if (check_part(&host, NAME) < 0)
            return -1;
    }
    if (port.at == end)
        return 0;
    if (text[port.at] != ':')
        return bad_character(&host, port.at);
    port.at++;
    return check_port(&port);
}

static int check_netloc(const char *text, size_t at, size_t end)
{
    struct part user = {text, at, end, "user"};

    user.end = find(&user, '@');
    if (user.end == end)
        return check_host(text, at, end);
    if (check_part(&user, USER) < 0)
        return -1;
    return check_host(text, user.end + 1, end);
}

/* Without a scheme nothing before the first '/' may look like one. */
static int check_path(const char *text, const struct sock__url_parts *u)
{
    struct part path = {text, u->path, u->path + u->path_len, "path"};
    size_t colon = find(&path, ':');

    if (check_part(&path, PATH) < 0)
        return -1;
    if (u->scheme_len > 0 || u->netloc > 0 || colon == path.end ||
        find(&path, '/') < colon)
        return 0;
    path.name = "scheme";
    return fail_at(&path, colon, "':' behind what cannot be one");
}

/* A TAB, CR or LF has ended the last part: it is made one of its bytes. */
static void include_end(struct sock__url_parts *u)
{
    if (u->fragment > 0)
        u->fragment_len++;
    else if (u->query > 0)
        u->query_len++;
    else if (u->netloc > 0 && u->path_len == 0)
        u->netloc_len++;
    else
        u->path_len++;
}

int sock_url_check(const char *url)
{
    struct sock__url_parts u;

    if (url == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (!sock__url_scan(&u, url))
        include_end(&u);
    struct part query = {url, u.query, u.query + u.query_len, "query"};
    struct part fragment = {url, u.fragment, u.fragment + u.fragment_len,
                            "fragment"};
    if ((u.netloc > 0 &&
         check_netloc(url, u.netloc, u.netloc + u.netloc_len) < 0) ||
        check_path(url, &u) < 0 || check_part(&query, QUERY) < 0 ||
        check_part(&fragment, QUERY) < 0)
        return -1;
    return 0;
}

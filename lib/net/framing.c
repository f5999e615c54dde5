/* SPDX-License-Identifier: MIT */
/*
 * Where a message's body ends, and whether its connection goes on.
 *
 * All that goes wrong in a chain of servers goes wrong here: what two of them
 * read in two ways. So a request is refused where it says anything twice, or
 * in a way that another might read.
 */
#define _POSIX_C_SOURCE 200809L

#include "framing.h"

#include <arpa/inet.h>
#include <string.h>

#include <pysockc/error.h>

#include "chars.h"
#include "list.h"

/* What the fields of a head say of its framing. */
struct facts {
    const struct sock__field *host, *length, *coding, *expect;
    size_t hosts, lengths, codings, expects;
    bool close, keep_alive; /* said by Connection */
};

int64_t sock__decimal(const char *text, size_t n)
{
    int64_t value = 0;

    if (n == 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (!sock__is_digit(text[i]))
            return -1;
        int digit = text[i] - '0';
        if (value != -2)
            value = value > (INT64_MAX - digit) / 10 ? -2 : value * 10 + digit;
    }
    return value;
}

/* Fields */

static void read_connection(struct facts *facts, const char *value, size_t len)
{
    const char *at = value, *end = value + len;
    size_t n;

    for (; sock__list_next(&at, end, &n); at += n) {
        facts->close |= sock__same_text(at, n, "close", 5);
        facts->keep_alive |= sock__same_text(at, n, "keep-alive", 10);
    }
}

static void note(const struct sock__field **first, size_t *count,
                 const struct sock__field *f)
{
    if ((*count)++ == 0)
        *first = f;
}

/* Few fields have a name of such a length, so few are compared. */
static void note_field(struct facts *facts, const sock_headers_t *h,
                       const struct sock__field *f)
{
    const char *name = h->text + f->name;

    switch (f->name_len) {
    case 4:
        if (sock__same_text(name, 4, "Host", 4))
            note(&facts->host, &facts->hosts, f);
        break;
    case 6:
        if (sock__same_text(name, 6, "Expect", 6))
            note(&facts->expect, &facts->expects, f);
        break;
    case 10:
        if (sock__same_text(name, 10, "Connection", 10))
            read_connection(facts, h->text + f->value, f->value_len);
        break;
    case 14:
        if (sock__same_text(name, 14, "Content-Length", 14))
            note(&facts->length, &facts->lengths, f);
        break;
    case 17:
        if (sock__same_text(name, 17, "Transfer-Encoding", 17))
            note(&facts->coding, &facts->codings, f);
    }
}

static struct facts facts_of(const sock_headers_t *h)
{
    struct facts facts = {0};
    for (size_t i = 0; i < h->count; i++)
        note_field(&facts, h, &h->fields[i]);
    return facts;
}

static bool is_value(const sock_headers_t *h, const struct sock__field *f,
                     const char *value)
{
    return sock__same_text(h->text + f->value, f->value_len, value,
                           strlen(value));
}

/* Whether the body is in chunks, and in nothing else. */
static bool is_chunked(const sock_headers_t *h, const struct facts *facts)
{
    return facts->codings == 1 && is_value(h, facts->coding, "chunked");
}

static int refuse(struct sock__framing *f, int fault, const char *why)
{
    f->why = why;
    return fault;
}

/* Hosts */

/* Whether what stands in brackets is an IPv6 address. */
static bool is_bracketed(const char *text, size_t n)
{
    char address[INET6_ADDRSTRLEN];
    struct in6_addr packed;

    if (n - 2 >= sizeof address)
        return false;
    memcpy(address, text + 1, n - 2);
    address[n - 2] = '\0';
    return inet_pton(AF_INET6, address, &packed) == 1;
}

/* A name or an IPv4 address (RFC 3986 3.2.2). */
static bool is_registered(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (sock__is(text[i], SOCK__UNRESERVED | SOCK__SUB))
            continue;
        if (text[i] != '%' || n - i < 3 || sock__hex_pair(text + i + 1) < 0)
            return false;
        i += 2;
    }
    return n > 0;
}

/* Whether text is a host, with or without a port, which may be needed. */
static bool is_host(const char *text, size_t n, bool needs_port)
{
    const char *end = text + n;
    const char *host_end = n > 0 && *text == '[' ? memchr(text, ']', n) : NULL;
    const char *colon = host_end == NULL ? memchr(text, ':', n) : host_end + 1;

    if (colon == NULL)
        colon = end;
    size_t host = (size_t)(colon - text), rest = (size_t)(end - colon);
    if (rest > 0 && *colon != ':')
        return false;
    if (rest > 1 ? sock__decimal(colon + 1, rest - 1) < 0 ||
                       sock__decimal(colon + 1, rest - 1) > 65535
                 : needs_port)
        return false;
    return host_end != NULL ? is_bracketed(text, host)
                            : is_registered(text, host);
}

/* The authority of an absolute target; false: the target has none. */
static bool authority_of(const struct sock__start *s, const char **at,
                         size_t *n)
{
    const char *p = s->target, *end = p + s->target_len;

    if (*p == '/' || *p == '*')
        return false;
    if (strcmp(s->method, "CONNECT") != 0)
        p = strstr(p, "://") + 3;
    *at = p;
    while (p < end && *p != '/' && *p != '?')
        p++;
    *n = (size_t)(p - *at);
    return true;
}

/* Host is there once, and whom the request is for is a host: the target's
 * authority if it has one. */
static int find_host(struct sock__framing *f, const struct sock__start *s,
                     const sock_headers_t *h, const struct facts *facts)
{
    if (facts->hosts > 1)
        return refuse(f, 400, "Host is there twice");
    if (facts->hosts == 0 && s->minor > 0)
        return refuse(f, 400, "Host is missing");
    if (facts->hosts == 1) {
        f->host = h->text + facts->host->value;
        f->host_len = facts->host->value_len;
        if (!is_host(f->host, f->host_len, false))
            return refuse(f, 400, "Host is not a host");
    }
    f->host_is_targets = authority_of(s, &f->host, &f->host_len);
    if (f->host_is_targets &&
        !is_host(f->host, f->host_len, strcmp(s->method, "CONNECT") == 0))
        return refuse(f, 400, "the target's host is not a host");
    return 0;
}

/* Requests */

static int request_chunked(struct sock__framing *f, const struct sock__start *s,
                           const sock_headers_t *h, const struct facts *facts)
{
    if (facts->lengths > 0)
        return refuse(f, 400, "Content-Length beside Transfer-Encoding");
    if (s->minor == 0)
        return refuse(f, 400, "Transfer-Encoding in HTTP/1.0");
    if (!is_chunked(h, facts))
        return refuse(f, 501, "a Transfer-Encoding other than chunked");
    f->body = SOCK__BODY_CHUNKED;
    return 0;
}

static int request_length(struct sock__framing *f, const sock_headers_t *h,
                          const struct facts *facts)
{
    if (facts->lengths == 0)
        return 0;
    const struct sock__field *length = facts->length;
    int64_t n = sock__decimal(h->text + length->value, length->value_len);
    if (facts->lengths > 1)
        return refuse(f, 400, "Content-Length is there twice");
    if (n == -1)
        return refuse(f, 400, "Content-Length is not a number");
    if (n == -2)
        return refuse(f, 413, "Content-Length is over the limit");
    f->length = n;
    return 0;
}

/* Who waits for no body need not be told to go on, nor one who speaks
 * HTTP/1.0. */
static int request_expects(struct sock__framing *f, const struct sock__start *s,
                           const sock_headers_t *h, const struct facts *facts)
{
    if (facts->expects == 0)
        return 0;
    if (facts->expects > 1 || !is_value(h, facts->expect, "100-continue"))
        return refuse(f, 417, "an expectation other than 100-continue");
    f->expects =
        s->minor > 0 && (f->body != SOCK__BODY_LENGTH || f->length > 0);
    return 0;
}

int sock__framing_request(struct sock__framing *f, const struct sock__start *s,
                          const sock_headers_t *headers)
{
    struct facts facts = facts_of(headers);

    *f = (struct sock__framing){.body = SOCK__BODY_LENGTH};
    int status = find_host(f, s, headers, &facts);
    if (status == 0 && s->by_hand && facts.lengths + facts.codings > 0)
        status = refuse(f, 400, "lines do not end in CR LF");
    if (status == 0)
        status = facts.codings > 0 ? request_chunked(f, s, headers, &facts)
                                   : request_length(f, headers, &facts);
    if (status == 0)
        status = request_expects(f, s, headers, &facts);
    f->keep_alive = status == 0 && !s->by_hand && !facts.close &&
                    (s->minor > 0 || facts.keep_alive);
    return status;
}

/* Responses */

/* Whether a response to that method has no body, whatever it says. */
static bool is_bare(int status, const char *method)
{
    if (status < 200 || status == 204 || status == 304)
        return true;
    if (method == NULL)
        return false;
    return strcmp(method, "HEAD") == 0 ||
           (strcmp(method, "CONNECT") == 0 && status < 300);
}

/* Takes what a field says of the length, as members of a list; false: it is not
 * what was said before (-1: nothing was), or no number. */
static bool same_length(int64_t *length, const char *value, size_t len)
{
    const char *at = value;
    size_t n;

    for (; sock__list_next(&at, value + len, &n); at += n) {
        int64_t said = sock__decimal(at, n);
        if (said == -1 || (*length != -1 && said != *length))
            return false;
        *length = said;
    }
    return at > value;
}

/* The one length that all fields of that name say; -1: there is none, -2: it is
 * over the limit. */
static int64_t one_length(const sock_headers_t *h)
{
    int64_t length = -1;

    for (size_t i = 0; i < h->count; i++) {
        const struct sock__field *f = &h->fields[i];
        if (sock__same_text(h->text + f->name, f->name_len, "Content-Length",
                            14) &&
            !same_length(&length, h->text + f->value, f->value_len))
            return -1;
    }
    return length;
}

static int response_length(struct sock__framing *f, const sock_headers_t *h)
{
    int64_t length = one_length(h);

    if (length == -2)
        return refuse(f, SOCK_P_TOO_LARGE, "Content-Length is over the limit");
    if (length == -1)
        return refuse(f, SOCK_P_FRAMING, "Content-Length is not one number");
    f->body = SOCK__BODY_LENGTH;
    f->length = length;
    return 0;
}

int sock__framing_response(struct sock__framing *f, const struct sock__start *s,
                           const sock_headers_t *headers, const char *method)
{
    struct facts facts = facts_of(headers);

    *f = (struct sock__framing){
        .body = SOCK__BODY_LENGTH,
        .keep_alive = !facts.close && (s->minor > 0 || facts.keep_alive)};
    if (is_bare(s->status, method))
        return 0;
    if (facts.codings > 0) {
        if (!is_chunked(headers, &facts))
            return refuse(f, SOCK_P_UNSUPPORTED,
                          "a Transfer-Encoding other than chunked");
        f->body = SOCK__BODY_CHUNKED;
        f->keep_alive &= facts.lengths == 0 && s->minor > 0;
        return 0;
    }
    if (facts.lengths > 0)
        return response_length(f, headers);
    f->body = SOCK__BODY_TO_CLOSE;
    f->keep_alive = false;
    return 0;
}

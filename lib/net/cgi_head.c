/* SPDX-License-Identifier: MIT */
/* What a script says before its document. */
#define _POSIX_C_SOURCE 200809L

#include "cgi_head.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "chars.h"
#include "framing.h"
#include "head.h"

static int faulty(struct sock__cgi_head *h, const char *why)
{
    h->why = why;
    return -1;
}

/* The only field of that name; NULL: there is none, or there are two, which is
 * said to be wrong. */
static const char *find(struct sock__cgi_head *h, const char *name)
{
    size_t n;
    const char *value = sock__headers_find(&h->fields, name, 0, &n);
    if (value != NULL && sock__headers_find(&h->fields, name, 1, &n) != NULL)
        faulty(h, "a field that may be there once is there twice");
    return value;
}

/* "404 Not Found", or the number alone. */
static int read_status(struct sock__cgi_head *h, const char *text)
{
    int status = 0;

    for (int i = 0; i < 3; i++) {
        if (!sock__is_digit(text[i]))
            return faulty(h, "Status is none");
        status = status * 10 + (text[i] - '0');
    }
    if (status < 200 || status > 599 || (text[3] != '\0' && text[3] != ' '))
        return faulty(h, "Status is none");
    h->status = status;
    if (text[3] == ' ')
        h->reason = text + 4;
    return 0;
}

/* A path is another request of the same server, unless the script says itself
 * that it is for the client; but "//" would be another host. */
static int read_location(struct sock__cgi_head *h, const char *text,
                         bool has_status)
{
    size_t n = strlen(text);

    if (n == 0 || strpbrk(text, " \t") != NULL)
        return faulty(h, "Location is none");
    if (text[0] == '/' && text[1] != '/' && !has_status) {
        if (sock__span(text, text + n, SOCK__TARGET) != n)
            return faulty(h, "Location is no path");
        h->instead = text;
    } else if (!has_status) {
        h->status = 302;
    }
    return 0;
}

static int read_length(struct sock__cgi_head *h, const char *text)
{
    h->length = sock__decimal(text, strlen(text));
    return h->length >= 0 ? 0 : faulty(h, "Content-Length is none");
}

static int check_values(struct sock__cgi_head *h)
{
    const char *name, *value;

    for (size_t i = 0; sock_headers_at(&h->fields, i, &name, &value) == 1; i++)
        if (!sock__is_token(name, strlen(name)) ||
            !sock__is_value(value, strlen(value)))
            return faulty(h, "a field has a control character");
    return 0;
}

static int read_fields(struct sock__cgi_head *h)
{
    const char *status = find(h, "Status"), *location = find(h, "Location");
    const char *type = find(h, "Content-Type");
    const char *length = find(h, "Content-Length");

    h->status = 200;
    h->length = -1;
    if (h->why != NULL || check_values(h) < 0)
        return -1;
    if (status == NULL && location == NULL && type == NULL)
        return faulty(h, "neither Content-Type nor Location nor Status");
    if (status != NULL && read_status(h, status) < 0)
        return -1;
    if (location != NULL && read_location(h, location, status != NULL) < 0)
        return -1;
    return length != NULL ? read_length(h, length) : 0;
}

ssize_t sock__cgi_head_read(struct sock__cgi_head *h, char *buf, size_t len,
                            size_t *scanned)
{
    static const struct sock__head_limits limits = {SOCK__CGI_HEAD_MAX, 0,
                                                    SOCK__CGI_FIELDS_MAX};
    struct sock__start start = {.why = NULL};
    ssize_t n = sock__head_fields(&start, &h->fields, buf, len, scanned,
                                  &limits, SOCK__FIELDS_MAIL);
    h->no_memory = n < 0 && start.fault == ENOMEM;
    if (n < 0)
        return faulty(h, start.why);
    if (n > 0 && read_fields(h) < 0)
        return -1;
    return n;
}

void sock__cgi_head_release(struct sock__cgi_head *h)
{
    sock__headers_release(&h->fields);
}

bool sock__cgi_head_sends(const char *name)
{
    static const char *const own[] = {
        "Status",     "Content-Length",    "Transfer-Encoding", "Connection",
        "Keep-Alive", "Proxy-Connection",  "Trailer",           "Upgrade",
        "TE",         "Proxy-Authenticate"};

    if (strncasecmp(name, "X-CGI-", 6) == 0)
        return false;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (strcasecmp(name, own[i]) == 0)
            return false;
    return true;
}

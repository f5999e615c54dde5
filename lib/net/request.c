/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "request.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "record.h"
#include "response.h"
#include "url.h"
#include "valid.h"

static const char op[] = "Request";

static int no_argument(void)
{
    return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
}

/* Life cycle */

int sock__urlrequest_begin(const char *what, sock_urlrequest_t *q,
                           const char *url)
{
    q->url = sock__locator_new(what, url);
    if (q->url == NULL)
        return sock__fail_about_url(what, url);
    q->headers = sock_headers_new();
    return q->headers != NULL ? 0 : sock__fail_about(what, q->url->whom);
}

void sock__urlrequest_end(sock_urlrequest_t *q)
{
    sock__locator_free(q->url);
    sock_headers_free(q->headers);
    sock__free(q->method);
    sock__free(q->copy);
}

sock_urlrequest_t *sock_urlrequest_new(const char *url)
{
    if (url == NULL) {
        no_argument();
        return NULL;
    }
    sock_urlrequest_t *q = calloc(1, sizeof *q);
    if (q == NULL) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
    } else if (sock__urlrequest_begin(op, q, url) < 0) {
        sock_urlrequest_free(q);
        q = NULL;
    }
    return q;
}

void sock_urlrequest_free(sock_urlrequest_t *q)
{
    if (q != NULL)
        sock__urlrequest_end(q);
    sock__free(q);
}

/* What it brings */

int sock_urlrequest_data(sock_urlrequest_t *q, const void *data, size_t len)
{
    void *copy = NULL;

    if (q == NULL)
        return no_argument();
    if (sock__bytes_check(op, data, len) < 0)
        return -1;
    if (data != NULL) {
        copy = malloc(len > 0 ? len : 1);
        if (copy == NULL)
            return sock__fail(op, SOCK_E_MEMORY, 0, 0);
        memcpy(copy, data, len);
    }
    sock__free(q->copy);
    q->data = q->copy = copy;
    q->len = len;
    q->file = NULL;
    return 0;
}

int sock_urlrequest_file(sock_urlrequest_t *q, FILE *body, int64_t length)
{
    if (q == NULL || body == NULL)
        return no_argument();
    if (length < -1)
        return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                 "length must be -1 or more");
    sock__free(q->copy);
    q->data = q->copy = NULL;
    q->len = 0;
    q->file = body;
    q->length = length;
    return 0;
}

int sock_urlrequest_method(sock_urlrequest_t *q, const char *method)
{
    if (q == NULL || method == NULL)
        return no_argument();
    if (sock__valid_method(op, method) < 0)
        return -1;
    if (strcmp(method, "CONNECT") == 0)
        return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                 "CONNECT is for proxies, and made by itself");
    char *copy = strdup(method);
    if (copy == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    sock__free(q->method);
    q->method = copy;
    return 0;
}

int sock_urlrequest_add_header(sock_urlrequest_t *q, const char *name,
                               const char *value)
{
    if (q == NULL || name == NULL || value == NULL)
        return no_argument();
    if (sock__valid_field(op, name, value) < 0)
        return -1;
    if (sock_headers_set(q->headers, name, value) < 0)
        return sock__fail_status(op, SOCK__RECORDED);
    return 0;
}

/* What it is */

bool sock__urlrequest_has_body(const sock_urlrequest_t *q)
{
    return q->data != NULL || q->file != NULL;
}

const char *sock__urlrequest_method(const sock_urlrequest_t *q)
{
    if (q->method != NULL)
        return q->method;
    return sock__urlrequest_has_body(q) ? "POST" : "GET";
}

/* Responses */

const char *sock_http_geturl(const sock_http_response_t *r)
{
    if (r == NULL) {
        sock__fail("geturl", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
        return NULL;
    }
    const char *url = sock__response_url(r);
    return url != NULL ? url : "";
}

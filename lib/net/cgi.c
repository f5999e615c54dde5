/* SPDX-License-Identifier: MIT */
/* The side of CGI (RFC 3875) that is the script's. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <pysockc/error.h>

#include "form.h"
#include "framing.h"
#include "private.h"

static const char op[] = "FieldStorage";

/* What a program's own use of stdin has left. */
static ssize_t read_stdin(void *arg, void *buf, size_t size)
{
    (void)arg;
    size_t n = fread(buf, 1, size, stdin);
    if (n == 0 && ferror(stdin))
        return sock__fail(op, SOCK_E_OS, errno, 0);
    return (ssize_t)n;
}

static int64_t content_length(void)
{
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    const char *text = getenv("CONTENT_LENGTH");
    if (text == NULL || *text == '\0')
        return SOCK__TO_END;
    int64_t n = sock__decimal(text, strlen(text));
    if (n >= 0)
        return n;
    return n == -1 ? SOCK__NO_LENGTH : INT64_MAX;
}

sock_form_t *sock_cgi_form(const sock_form_limits_t *limits)
{
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    const char *method = getenv("REQUEST_METHOD");
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    const char *type = getenv("CONTENT_TYPE");
    struct sock__form_source source = {
        .op = op,
        .method = method != NULL ? method : "GET",
        // NOLINTNEXTLINE(concurrency-mt-unsafe)
        .query = getenv("QUERY_STRING"),
        .type = type != NULL && *type != '\0' ? type : NULL,
        .length = content_length(),
        .read = read_stdin,
    };
    return sock__form_read(&source, limits);
}

/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "headers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <pysockc/error.h>

#include "head.h"
#include "private.h"
#include "record.h"

/* Parses what is in its own memory: 0, or -1 with the error recorded. */
static int parse(sock_headers_t *h, char *text, size_t len, int flags)
{
    static const struct sock__head_limits none = {SIZE_MAX, SIZE_MAX, SIZE_MAX};
    struct sock__start start;
    size_t scanned = 0;
    ssize_t n = sock__head_fields(
        &start, h, text, len, &scanned, &none,
        flags == SOCK_HEADERS_MAIL ? SOCK__FIELDS_MAIL : SOCK__FIELDS_STRICT);

    if (n > 0)
        return 0;
    if (n == 0)
        return sock__fail_saying("parse_headers", SOCK_E_PROTOCOL,
                                 SOCK_P_SYNTAX, "the last line has no end");
    if (start.fault == 500 || start.fault == ENOMEM)
        return sock__fail("parse_headers", SOCK_E_MEMORY, 0, 0);
    return sock__fail_saying("parse_headers", SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
                             start.why);
}

/* What ends a head whose end is that of the data: a blank line, and in mail
 * what the last line may lack. */
static const char *missing_end(int flags)
{
    return flags == SOCK_HEADERS_MAIL ? "\r\n\r\n" : "\r\n";
}

/* The data, and that behind it. */
static sock_headers_t *copy(const char *data, size_t len, int flags)
{
    sock_headers_t *h = calloc(1, sizeof *h);
    const char *end = missing_end(flags);
    size_t more = strlen(end), room = len + more;
    char *text = h != NULL ? malloc(room) : NULL;

    if (text == NULL) {
        sock__free(h);
        sock__fail("parse_headers", SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    if (len > 0)
        memcpy(text, data, len);
    // NOLINTNEXTLINE(bugprone-not-null-terminated-result)
    memcpy(text + len, end, more);
    int result = parse(h, text, room, flags);
    h->text = text;
    h->room = room;
    h->owns = true;
    if (result == 0)
        return h;
    sock_headers_free(h);
    return NULL;
}

sock_headers_t *sock_headers_parse(const char *data, size_t len, int flags)
{
    const char *op = "parse_headers";

    if (data == NULL && len > 0)
        sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_BUFFER);
    else if (flags != SOCK_HEADERS_HTTP && flags != SOCK_HEADERS_MAIL)
        sock__fail_saying(op, SOCK_E_VALUE, 0, "unknown flags");
    else if (len > UINT32_MAX / 8)
        sock__fail_saying(op, SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
                          "over the limit");
    else
        return copy(data, len, flags);
    return NULL;
}

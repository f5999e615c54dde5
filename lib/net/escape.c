/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "escape.h"

#include <string.h>

#include <pysockc/url.h>

#include "record.h"
#include "text.h"

const char *sock__entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#x27;";
    default:
        return NULL;
    }
}

int sock_html_escape(const char *text, char *buf, size_t size)
{
    const char *op = "html_escape";
    struct sock__text t;

    sock__text_clear(buf, size);
    if (text == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (sock__text_begin(&t, op, buf, size) < 0)
        return -1;
    while (*text != '\0') {
        size_t n = strcspn(text, "&<>\"'");
        sock__text_bytes(&t, text, n);
        text += n;
        if (*text != '\0')
            sock__text_add(&t, sock__entity(*text++));
    }
    return sock__text_finish(&t, op);
}

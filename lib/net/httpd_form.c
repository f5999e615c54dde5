/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <string.h>

#include <pysockc/error.h>
#include <pysockc/httpd.h>

#include "form.h"
#include "private.h"
#include "record.h"

static ssize_t read_request(void *arg, void *buf, size_t size)
{
    return sock_httpd_read(arg, buf, size);
}

sock_form_t *sock_httpd_form(sock_httpd_request_t *self,
                             const sock_form_limits_t *limits)
{
    const char *op = "FieldStorage";
    if (self == NULL) {
        sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
        return NULL;
    }
    const char *query = strchr(sock_httpd_path(self), '?');
    struct sock__form_source source = {
        .op = op,
        .method = sock_httpd_command(self),
        .query = query != NULL ? query + 1 : NULL,
        .type =
            sock_headers_get(sock_httpd_headers(self), "Content-Type", NULL),
        .length = sock_httpd_length(self),
        .read = read_request,
        .arg = self,
    };
    return sock__form_read(&source, limits);
}

/* SPDX-License-Identifier: MIT */
/* What a request says. */
#define _POSIX_C_SOURCE 200809L

#include "httpd_request.h"

#include <stdlib.h>
#include <string.h>

#include "record.h"

static const char no_text[] = "";

int sock__httpd_check(const char *op, const sock_httpd_request_t *self,
                      const void *argument)
{
    if (self != NULL && argument != NULL)
        return 0;
    return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
}

static bool is_there(const char *op, const sock_httpd_request_t *self)
{
    return sock__httpd_check(op, self, no_text) == 0;
}

/* A request that could not be read has no method. */
const char *sock_httpd_command(const sock_httpd_request_t *self)
{
    if (!is_there("command", self))
        return NULL;
    return self->start.method != NULL ? self->start.method : no_text;
}

const char *sock_httpd_path(const sock_httpd_request_t *self)
{
    if (!is_there("path", self))
        return NULL;
    return self->path != NULL ? self->path : no_text;
}

const char *sock_httpd_request_version(const sock_httpd_request_t *self)
{
    static const char *const texts[] = {
        "HTTP/1.0", "HTTP/1.1", "HTTP/1.2", "HTTP/1.3", "HTTP/1.4",
        "HTTP/1.5", "HTTP/1.6", "HTTP/1.7", "HTTP/1.8", "HTTP/1.9"};
    if (!is_there("request_version", self))
        return NULL;
    return self->start.method != NULL ? texts[self->start.minor] : no_text;
}

/* The parts of the line lie apart since it was read. */
static char *make_line(const struct sock__start *s, const char *version)
{
    size_t size = s->method_len + s->target_len + strlen(version) + 3;
    char *line = malloc(size);
    if (line != NULL)
        snprintf(line, size, "%s %s %s", s->method, s->target, version);
    return line;
}

const char *sock_httpd_requestline(sock_httpd_request_t *self)
{
    if (!is_there("requestline", self))
        return NULL;
    if (self->line != NULL)
        return self->line;
    if (self->start.method == NULL)
        return no_text;
    self->line = make_line(&self->start, sock_httpd_request_version(self));
    if (self->line == NULL)
        sock__fail("requestline", SOCK_E_MEMORY, 0, 0);
    return self->line;
}

const sock_headers_t *sock_httpd_headers(const sock_httpd_request_t *self)
{
    return is_there("headers", self) ? &self->headers : NULL;
}

sock_addr_t sock_httpd_client_address(const sock_httpd_request_t *self)
{
    return is_there("client_address", self) ? self->client : sock_addr_none();
}

int64_t sock_httpd_length(const sock_httpd_request_t *self)
{
    if (!is_there("length", self))
        return -1;
    if (self->upload.hidden)
        return 0;
    return self->framing.body == SOCK__BODY_CHUNKED ? -1 : self->framing.length;
}

const sock_headers_t *sock_httpd_trailers(const sock_httpd_request_t *self)
{
    return is_there("trailers", self) ? &self->upload.trailers : NULL;
}

const char *sock_httpd_user(const sock_httpd_request_t *self)
{
    return is_there("user", self) ? self->user : NULL;
}

/* SPDX-License-Identifier: MIT */
/*
 * host - - [24/Nov/2026 13:59:04] "GET / HTTP/1.0" 200 -
 *
 * What a client has sent is not trusted to be one line, nor to be visible.
 */
#define _POSIX_C_SOURCE 200809L

#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "httpd_server.h"
#include "record.h"
#include "text.h"

/* Lines up to this need no memory. */
enum { USUAL = 1024 };

/* Of a text: control characters, and with `all` what else may not be there,
 * stand as \xHH. */
static void add_escaped(struct sock__text *t, const char *text, bool all)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        bool plain = c >= 0x20 && c != 0x7f && c != '\\';
        if (all)
            plain = plain && c < 0x7f && c != '"';
        if (plain)
            sock__text_char(t, *text);
        else
            sock__text_addf(t, "\\x%02x", c);
    }
}

static void add_host(struct sock__text *t, const sock_httpd_request_t *self)
{
    char host[SOCK_INET_TEXT_MAX];
    int family = sock_addr_family(&self->client);

    if (family == AF_INET || family == AF_INET6) {
        sock_addr_host(&self->client, host, sizeof host);
        sock__text_add(t, host);
    } else {
        sock__text_char(t, '-');
    }
}

static void add_date(struct sock__text *t)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t now = time(NULL);
    struct tm tm;

    if (localtime_r(&now, &tm) == NULL)
        return;
    sock__text_addf(t, " - - [%02d/%.3s/%d %02d:%02d:%02d] ", tm.tm_mday,
                    months + (ptrdiff_t)3 * tm.tm_mon, tm.tm_year + 1900,
                    tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* What a line says. */
struct entry {
    int code;            /* of an answer; 0: a message */
    const char *message; /* NULL: the request and the code */
};

static void add_request(struct sock__text *t, const sock_httpd_request_t *self)
{
    const struct sock__start *s = &self->start;

    if (s->method != NULL) {
        add_escaped(t, s->method, true);
        sock__text_char(t, ' ');
        add_escaped(t, s->target, true);
        sock__text_char(t, ' ');
        sock__text_add(t, sock_httpd_request_version(self));
    } else if (self->line != NULL) {
        add_escaped(t, self->line, true);
    }
}

static void add_line(struct sock__text *t, const sock_httpd_request_t *self,
                     const struct entry *e)
{
    add_host(t, self);
    add_date(t);
    if (e->message == NULL) {
        sock__text_char(t, '"');
        add_request(t, self);
        sock__text_addf(t, "\" %d -", e->code);
        return;
    }
    if (e->code != 0)
        sock__text_addf(t, "code %d, message ", e->code);
    add_escaped(t, e->message, false);
}

/* A line that has no room in the usual buffer. */
static void tell_long(sock_httpd_request_t *self, const struct entry *e,
                      size_t size)
{
    char *line = malloc(size);
    struct sock__text t;

    if (line == NULL)
        return;
    sock__text_begin(&t, "log", line, size);
    add_line(&t, self, e);
    sock__text_end(&t);
    self->server->log(self, line, self->server->log_arg);
    free(line);
}

static void tell(sock_httpd_request_t *self, const struct entry *e)
{
    char line[USUAL];
    struct sock__text t;
    int saved = errno;

    sock__text_begin(&t, "log", line, sizeof line);
    add_line(&t, self, e);
    size_t n = (size_t)sock__text_end(&t);
    if (n < sizeof line)
        self->server->log(self, line, self->server->log_arg);
    else
        tell_long(self, e, n + 2); /* a second later it may be longer */
    errno = saved;
}

void sock__log_request(sock_httpd_request_t *self, int code)
{
    const struct entry e = {.code = code};
    if (self->server->log != NULL)
        tell(self, &e);
}

void sock__log_error(sock_httpd_request_t *self, int code, const char *message)
{
    const struct entry e = {.code = code, .message = message};
    if (self->server->log != NULL)
        tell(self, &e);
}

/* Formats are short, what they are given need not be. */
__attribute__((format(printf, 2, 0))) static int tell_formatted(
    sock_httpd_request_t *self, const char *format, va_list args, int n)
{
    char *message = malloc((size_t)n + 1);

    if (message == NULL)
        return sock__fail("log", SOCK_E_MEMORY, 0, 0);
    (void)vsnprintf(message, (size_t)n + 1, format, args);
    sock__log_error(self, 0, message);
    sock__free(message);
    return 0;
}

int sock_httpd_log(sock_httpd_request_t *self, const char *format, ...)
{
    va_list args, again;
    char none[1];

    if (sock__httpd_check("log", self, format) < 0)
        return -1;
    if (self->server->log == NULL)
        return 0;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(none, sizeof none, format, args);
    int result = n < 0 ? sock__fail("log", SOCK_E_OS, errno, 0)
                       : tell_formatted(self, format, again, n);
    va_end(again);
    va_end(args);
    return result;
}

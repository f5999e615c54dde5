/* SPDX-License-Identifier: MIT */
/* What a handler says: Python's send_response() and what follows it. */
#define _POSIX_C_SOURCE 200809L

#include "reply.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <pysockc/http.h>
#include <pysockc/version.h>

#include "answer.h"
#include "bytes.h"
#include "escape.h"
#include "log.h"
#include "os_beneath.h"
#include "record.h"

bool sock__httpd_can_answer(const sock_httpd_request_t *self)
{
    return self->answer.state == SOCK__REPLY_NONE;
}

static int out_of_order(const char *op, const char *why)
{
    return sock__fail_saying(op, SOCK_E_VALUE, 0, why);
}

/* The one place that looks at what goes into a head: no text has a control
 * character, so none can be two lines. */
static int check_text(const char *op, const char *text, const char *why)
{
    return sock__is_value(text, strlen(text)) ? 0 : out_of_order(op, why);
}

/* Heads */

static int put(sock_httpd_request_t *self, const char *op, const char *text)
{
    return sock__answer_head(self, op, text, strlen(text));
}

static int put_status(sock_httpd_request_t *self, const char *op, int code,
                      const char *message)
{
    char line[] = "HTTP/1.1 000 ";

    line[9] = (char)('0' + code / 100);
    line[10] = (char)('0' + code / 10 % 10);
    line[11] = (char)('0' + code % 10);
    if (put(self, op, line) < 0 || put(self, op, message) < 0)
        return -1;
    return put(self, op, "\r\n");
}

static int check_response(const char *op, const sock_httpd_request_t *self,
                          int code, const char *message)
{
    if (sock__httpd_check(op, self, message) < 0)
        return -1;
    if (code < 100 || code > 999 || code == 101)
        return out_of_order(op, "the status is none that can be sent");
    if (!sock__httpd_can_answer(self))
        return out_of_order(op, "the response has begun");
    return check_text(op, message, "a control character in the message");
}

/* A handler that has answered has no use for what it did not read. */
static void set_status(sock_httpd_request_t *self, int code)
{
    struct sock__answer *a = &self->answer;
    const char *method = self->start.method;

    a->state = SOCK__REPLY_HEAD;
    a->status = code;
    a->interim = code < 200;
    a->bodiless = code == 204 || code == 205 || code == 304 ||
                  (method != NULL && strcmp(method, "HEAD") == 0);
}

int sock_httpd_send_response(sock_httpd_request_t *self, int code,
                             const char *message)
{
    const char *op = "send_response";

    if (message == NULL)
        message = sock_http_responses(code);
    if (message == NULL)
        message = "";
    if (check_response(op, self, code, message) < 0)
        return -1;
    if (put_status(self, op, code, message) < 0) {
        self->answer.head = 0;
        return -1;
    }
    set_status(self, code);
    return 0;
}

static bool is_named(const char *name, const char *other)
{
    return sock__same_text(name, strlen(name), other, strlen(other));
}

/* What a field says to the server itself: 1 if it is not sent, 0; -1 with the
 * error recorded. */
static int heed_length(sock_httpd_request_t *self, const char *op,
                       const char *value)
{
    struct sock__answer *a = &self->answer;
    int64_t length = sock__decimal(value, strlen(value));

    if (length < 0)
        return out_of_order(op, "Content-Length is no number");
    if (a->length >= 0)
        return out_of_order(op, "Content-Length was sent already");
    if (a->interim || a->status == 204 || a->status == 205)
        return 1;
    a->length = length;
    return 0;
}

static int heed(sock_httpd_request_t *self, const char *op, const char *name,
                const char *value)
{
    struct sock__answer *a = &self->answer;

    if (is_named(name, "Content-Length"))
        return heed_length(self, op, value);
    if (is_named(name, "Transfer-Encoding"))
        return out_of_order(op, "Transfer-Encoding is the server's to send");
    if (is_named(name, "Date"))
        a->said_date = true;
    if (is_named(name, "Server"))
        a->said_server = true;
    if (is_named(name, "Connection") && is_named(value, "close"))
        self->closing = a->said_close = true;
    return 0;
}

static int check_field(const char *op, const char *name, const char *value)
{
    if (!sock__is_token(name, strlen(name)))
        return out_of_order(op, "the name of a field is no token");
    return check_text(op, value, "a control character in a field");
}

int sock_httpd_send_header(sock_httpd_request_t *self, const char *name,
                           const char *value)
{
    const char *op = "send_header";

    if (sock__httpd_check(op, self, name) < 0 ||
        sock__httpd_check(op, self, value) < 0 ||
        check_field(op, name, value) < 0)
        return -1;
    if (self->answer.state != SOCK__REPLY_HEAD)
        return out_of_order(op, "send_response() comes first");
    size_t before = self->answer.head;
    if (put(self, op, name) < 0 || put(self, op, ": ") < 0 ||
        put(self, op, value) < 0 || put(self, op, "\r\n") < 0) {
        self->answer.head = before;
        return -1;
    }
    int heeded = heed(self, op, name, value);
    if (heeded != 0)
        self->answer.head = before;
    return heeded < 0 ? -1 : 0;
}

/* It is made once a second, and kept with the request's memory. */
static const char *date_line(sock_httpd_request_t *self)
{
    static const char name[] = "Date: ";
    int64_t now = time(NULL);

    if (self->second != now) {
        char *at = self->date + sizeof name - 1;
        size_t room = sizeof self->date - sizeof name - 2;
        memcpy(self->date, name, sizeof name);
        sock_http_date(now, at, room);
        strcat(at, "\r\n");
        self->second = now;
    }
    return self->date;
}

static int put_own(sock_httpd_request_t *self, const char *op)
{
    const struct sock__answer *a = &self->answer;

    if (!a->said_server &&
        put(self, op, "Server: pysockc/" SOCK_VERSION "\r\n") < 0)
        return -1;
    return a->said_date ? 0 : put(self, op, date_line(self));
}

int sock_httpd_end_headers(sock_httpd_request_t *self)
{
    const char *op = "end_headers";

    if (sock__httpd_check(op, self, op) < 0)
        return -1;
    if (self->answer.state != SOCK__REPLY_HEAD)
        return out_of_order(op, "send_response() comes first");
    if (self->answer.interim) {
        if (put(self, op, "\r\n") < 0)
            return -1;
        return sock__answer_interim(self, op);
    }
    size_t before = self->answer.head;
    if (put_own(self, op) < 0) {
        self->answer.head = before;
        return -1;
    }
    sock__answer_body(self);
    sock__log_request(self, self->answer.status);
    return 0;
}

int sock__httpd_set_status(sock_httpd_request_t *self, int code)
{
    const char *op = "send_response";
    struct sock__answer *a = &self->answer;
    char *fields = (char *)memchr(a->buf, '\n', a->head) + 1;
    size_t rest = a->head - (size_t)(fields - a->buf);
    char line[64];
    size_t n = (size_t)snprintf(line, sizeof line, "HTTP/1.1 %d %s\r\n", code,
                                sock_http_responses(code));
    if (sock__answer_head(self, op, line, n) < 0) /* which makes room */
        return -1;
    fields = a->buf + a->head - n - rest;
    memmove(a->buf + n, fields, rest);
    memcpy(a->buf, line, n);
    a->head = n + rest;
    set_status(self, code);
    return 0;
}

/* Bodies */

static int check_body(const char *op, const sock_httpd_request_t *self)
{
    enum sock__reply state = self->answer.state;

    if (state == SOCK__REPLY_LOST)
        return sock__fail(op, SOCK_E_OS, EPIPE, 0);
    if (state == SOCK__REPLY_BODY || state == SOCK__REPLY_SENT)
        return self->answer.fd < 0
                   ? 0
                   : out_of_order(op, "a file is the rest of the response");
    return out_of_order(op, "end_headers() comes first");
}

/* What was written to the stream before this comes before it. */
static int sync_stream(sock_httpd_request_t *self)
{
    if (self->wfile == NULL || self->flushing)
        return 0;
    return fflush(self->wfile) == 0 ? 0 : -1;
}

int sock_httpd_write(sock_httpd_request_t *self, const void *data, size_t len)
{
    const char *op = "write";

    if (sock__httpd_check(op, self, op) < 0 ||
        sock__bytes_check(op, data, len) < 0)
        return -1;
    if (check_body(op, self) < 0 || sync_stream(self) < 0)
        return -1;
    return sock__answer_write(self, op, data, len);
}

int sock_httpd_flush(sock_httpd_request_t *self)
{
    const char *op = "flush";

    if (sock__httpd_check(op, self, op) < 0 || check_body(op, self) < 0 ||
        sync_stream(self) < 0)
        return -1;
    return sock__answer_flush(self, op);
}

/* A text of n bytes that has no room on the stack. */
__attribute__((format(printf, 2, 0))) static int print_long(
    sock_httpd_request_t *self, const char *format, va_list args, size_t n)
{
    char *text = malloc(n + 1);

    if (text == NULL)
        return sock__fail("printf", SOCK_E_MEMORY, 0, 0);
    (void)vsnprintf(text, n + 1, format, args);
    int result = sock_httpd_write(self, text, n);
    sock__free(text);
    return result;
}

__attribute__((format(printf, 2, 0))) static int print(
    sock_httpd_request_t *self, const char *format, va_list args)
{
    char text[1024];
    va_list again;

    va_copy(again, args);
    int n = vsnprintf(text, sizeof text, format, args), result;
    if (n < 0)
        result = sock__fail("printf", SOCK_E_OS, errno, 0);
    else if ((size_t)n < sizeof text)
        result = sock_httpd_write(self, text, (size_t)n);
    else
        result = print_long(self, format, again, (size_t)n);
    va_end(again);
    return result;
}

int sock_httpd_printf(sock_httpd_request_t *self, const char *format, ...)
{
    va_list args;

    if (sock__httpd_check("printf", self, format) < 0)
        return -1;
    va_start(args, format);
    int result = print(self, format, args);
    va_end(args);
    return result;
}

static ssize_t write_stream(void *cookie, const char *buf, size_t size)
{
    sock_httpd_request_t *self = cookie;

    if (self->discarding)
        return (ssize_t)size;
    self->flushing = true;
    int result = sock_httpd_write(self, buf, size);
    self->flushing = false;
    return result == 0 ? (ssize_t)size : sock__os_write_failed(0);
}

FILE *sock_httpd_wfile(sock_httpd_request_t *self)
{
    if (sock__httpd_check("wfile", self, "") < 0)
        return NULL;
    if (self->wfile == NULL)
        self->wfile = sock__os_write_stream(self, write_stream, NULL);
    if (self->wfile == NULL)
        sock__fail("wfile", SOCK_E_MEMORY, 0, 0);
    return self->wfile;
}

/* What the stream still holds is of no answer any more. */
static void discard_stream(sock_httpd_request_t *self)
{
    if (self->wfile == NULL)
        return;
    self->discarding = true;
    (void)fflush(self->wfile);
    self->discarding = false;
}

void sock__reply_close_streams(sock_httpd_request_t *self)
{
    FILE *r = self->rfile, *w = self->wfile;

    self->rfile = self->wfile = NULL;
    if (r != NULL)
        (void)fclose(r);
    if (w != NULL && fclose(w) != 0)
        self->closing = true;
}

/* Files */

static ssize_t read_at(int fd, char *buf, size_t size, int64_t offset)
{
    ssize_t n;
    do
        n = pread(fd, buf, size, (off_t)offset);
    while (n < 0 && errno == EINTR);
    return n;
}

/* Holds back what there is room for. */
static int hold_file(sock_httpd_request_t *self, const char *op, int fd,
                     int64_t offset, size_t length)
{
    struct sock__answer *a = &self->answer;
    char *at = a->buf + a->begin + a->held;

    for (size_t done = 0; done < length;) {
        ssize_t n =
            read_at(fd, at + done, length - done, offset + (int64_t)done);
        if (n < 0)
            return sock__fail(op, SOCK_E_OS, errno, 0);
        if (n == 0)
            return sock__fail(op, SOCK_E_EOF, 0, 0);
        done += (size_t)n;
    }
    a->held += length;
    a->written += (int64_t)length;
    return 0;
}

static int put_file(sock_httpd_request_t *self, const char *op, int fd,
                    int64_t offset, int64_t length)
{
    struct sock__answer *a = &self->answer;

    if (sync_stream(self) < 0)
        return -1;
    if (a->bodiless || length == 0) {
        a->written += length;
        close(fd);
        return 0;
    }
    size_t room = self->limits->held - a->held;
    if ((uint64_t)length < room)
        room = (size_t)length;
    if (hold_file(self, op, fd, offset, room) < 0)
        return -1;
    a->offset = offset + (int64_t)room;
    a->left = length - (int64_t)room;
    if (a->left > 0)
        a->fd = fd;
    else
        close(fd);
    return 0;
}

int sock__httpd_file(sock_httpd_request_t *self, int fd, int64_t offset,
                     int64_t length)
{
    const char *op = "send_file";

    if (put_file(self, op, fd, offset, length) == 0)
        return 0;
    sock__os_close(fd);
    return -1;
}

/* Errors */

static int write_text(sock_httpd_request_t *self, const char *text)
{
    return sock__answer_write(self, "send_error", text, strlen(text));
}

static int write_escaped(sock_httpd_request_t *self, const char *text)
{
    while (*text != '\0') {
        size_t n = strcspn(text, "&<>");
        if (sock__answer_write(self, "send_error", text, n) < 0)
            return -1;
        text += n;
        if (*text != '\0' && write_text(self, sock__entity(*text++)) < 0)
            return -1;
    }
    return 0;
}

/* Python's page, which looks right on a phone and in the dark, too. */
static int write_page(sock_httpd_request_t *self, int code, const char *message)
{
    const char *explain = sock__httpd_explain(code);
    char number[12];

    snprintf(number, sizeof number, "%d", code);
    if (write_text(self,
                   "<!DOCTYPE html>\n"
                   "<html lang=\"en\">\n"
                   "<head>\n"
                   "<meta charset=\"utf-8\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width\">\n"
                   "<style>:root { color-scheme: light dark; "
                   "font: 1rem/1.5 system-ui, sans-serif; "
                   "overflow-wrap: anywhere }\n"
                   "body { max-width: 40rem; margin: 0 auto; "
                   "padding: 1rem }\n"
                   "h1 { font-size: 1.25rem }</style>\n"
                   "<title>Error response</title>\n"
                   "</head>\n"
                   "<body>\n"
                   "<h1>Error response</h1>\n"
                   "<p>Error code: ") < 0 ||
        write_text(self, number) < 0 ||
        write_text(self, "</p>\n<p>Message: ") < 0 ||
        write_escaped(self, message) < 0 ||
        write_text(self, ".</p>\n<p>Error code explanation: ") < 0 ||
        write_text(self, number) < 0 ||
        write_text(self, *explain != '\0' ? " - " : "") < 0 ||
        write_escaped(self, explain) < 0)
        return -1;
    return write_text(self, ".</p>\n</body>\n</html>\n");
}

static int send_fields(sock_httpd_request_t *self, const char *const *fields)
{
    for (; fields != NULL && fields[0] != NULL; fields += 2)
        if (sock_httpd_send_header(self, fields[0], fields[1]) < 0)
            return -1;
    return 0;
}

static bool has_page(int code)
{
    return code != 204 && code != 205 && code != 304;
}

int sock__httpd_error(sock_httpd_request_t *self, int code, const char *message,
                      const char *const *fields)
{
    static const char *const html[] = {"Content-Type",
                                       "text/html;charset=utf-8", NULL};
    enum sock__reply state = self->answer.state;

    if (state == SOCK__REPLY_SENT || state == SOCK__REPLY_LOST) {
        self->closing = true;
        return out_of_order("send_error", "the response has begun");
    }
    if (message == NULL)
        message = sock_http_responses(code);
    if (message == NULL)
        message = "???";
    discard_stream(self);
    sock__answer_begin(self);
    sock__log_error(self, code, message);
    if (sock_httpd_send_response(self, code, message) < 0 ||
        send_fields(self, fields) < 0 ||
        send_fields(self, has_page(code) ? html : NULL) < 0 ||
        sock_httpd_end_headers(self) < 0)
        return sock__fail_status("send_error", SOCK__RECORDED);
    return has_page(code) ? write_page(self, code, message) : 0;
}

int sock_httpd_send_error(sock_httpd_request_t *self, int code,
                          const char *message)
{
    const char *op = "send_error";

    if (sock__httpd_check(op, self, op) < 0)
        return -1;
    if (code < 200 || code > 999)
        return out_of_order(op, "the status is none that can be sent");
    if (message != NULL &&
        check_text(op, message, "a control character in the message") < 0)
        return -1;
    return sock__httpd_error(self, code, message, NULL);
}

int sock_httpd_redirect(sock_httpd_request_t *self, int code, const char *url)
{
    const char *op = "redirect";

    if (sock__httpd_check(op, self, url) < 0)
        return -1;
    if (code < 300 || code > 399 || code == 304)
        return out_of_order(op, "the status is none of a redirect");
    if (*url == '\0' || strchr(url, ' ') != NULL || check_text(op, url, "") < 0)
        return out_of_order(op, "the URL has a blank or a control character");
    if (sock_httpd_send_response(self, code, NULL) < 0 ||
        sock_httpd_send_header(self, "Location", url) < 0 ||
        sock_httpd_send_header(self, "Content-Length", "0") < 0 ||
        sock_httpd_end_headers(self) < 0)
        return sock__fail_status(op, SOCK__RECORDED);
    return 0;
}

int sock_httpd_close_connection(sock_httpd_request_t *self)
{
    if (sock__httpd_check("close_connection", self, "") < 0)
        return -1;
    self->closing = true;
    return 0;
}

/* Ends */

/* In place of an answer that never came to be. */
static void excuse(sock_httpd_request_t *self, int code)
{
    self->closing |= code != 500;
    if (sock__httpd_error(self, code, NULL, NULL) < 0)
        self->answer.state = SOCK__REPLY_LOST;
    else
        (void)sock__answer_finish(self);
}

static void lose(sock_httpd_request_t *self)
{
    struct sock__answer *a = &self->answer;

    sock__answer_begin(self);
    a->state = SOCK__REPLY_LOST;
    self->closing = true;
}

void sock__reply_finish(sock_httpd_request_t *self)
{
    struct sock__answer *a = &self->answer;
    int fault = self->upload.fault;

    sock__reply_close_streams(self);
    if (a->state == SOCK__REPLY_LOST) {
        lose(self);
    } else if (a->state == SOCK__REPLY_NONE || a->state == SOCK__REPLY_HEAD) {
        excuse(self, fault != 0 ? fault : 500);
    } else if (!sock__answer_finish(self)) {
        sock_httpd_log(self, "the handler wrote less than its Content-Length");
        if (a->state == SOCK__REPLY_BODY)
            excuse(self, 500);
        else
            lose(self);
    }
}

void sock__reply_refuse(sock_httpd_request_t *self, int code, const char *why)
{
    self->closing = true;
    if (sock__httpd_error(self, code, why, NULL) < 0)
        lose(self);
    else
        (void)sock__answer_finish(self);
}

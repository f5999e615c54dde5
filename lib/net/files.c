/* SPDX-License-Identifier: MIT */
/* Answering with a file that is open: all of it, a part, or that it is the one
 * that the client has already. */
#define _POSIX_C_SOURCE 200809L

#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "date.h"
#include "httpd_request.h"
#include "os_beneath.h"
#include "range.h"
#include "record.h"
#include "types.h"

enum sock__kind sock__file_look(struct sock__file *f, int fd)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return SOCK__KIND_NONE;
    *f = (struct sock__file){fd, st.st_size, st.st_mtim, NULL};
    if (S_ISREG(st.st_mode))
        return SOCK__KIND_FILE;
    return S_ISDIR(st.st_mode) ? SOCK__KIND_FOLDER : SOCK__KIND_OTHER;
}

/* Closes it; the result of what came before. */
static int close_after(int fd, int result)
{
    sock__os_close(fd);
    return result;
}

/* The head */

#define FIRST_YEAR INT64_C(-62135596800) /* seconds: 1, and the end of 9999 */
#define LAST_YEAR INT64_C(253402300799)

static int send_number(sock_httpd_request_t *self, const char *name, int64_t n)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, n);
    return sock_httpd_send_header(self, name, text);
}

/* But for a year that HTTP can't say. */
static int send_modified(sock_httpd_request_t *self, int64_t modified)
{
    char text[SOCK__DATE_SIZE];

    if (modified < FIRST_YEAR || modified > LAST_YEAR)
        return 0;
    sock__http_date(modified, text);
    return sock_httpd_send_header(self, "Last-Modified", text);
}

static int send_part(sock_httpd_request_t *self, const struct sock__range *r,
                     int64_t size)
{
    char text[72];
    snprintf(text, sizeof text, "bytes %" PRId64 "-%" PRId64 "/%" PRId64,
             r->first, r->first + r->length - 1, size);
    return sock_httpd_send_header(self, "Content-Range", text);
}

/* Begins the answer, or gives the one that the handler has begun its status. */
static int begin(sock_httpd_request_t *self, int status)
{
    if (self->answer.state == SOCK__REPLY_HEAD && self->answer.status == 200)
        return status != 200 ? sock__httpd_set_status(self, status) : 0;
    return sock_httpd_send_response(self, status, NULL);
}

/* The answers */

static int send_not_modified(sock_httpd_request_t *self,
                             const struct sock__validators *v)
{
    if (begin(self, 304) < 0 ||
        sock_httpd_send_header(self, "ETag", v->etag) < 0)
        return -1;
    return sock_httpd_end_headers(self);
}

static int send_no_part(sock_httpd_request_t *self, int64_t size)
{
    char text[40];
    snprintf(text, sizeof text, "bytes */%" PRId64, size);
    return sock__httpd_error(
        self, 416, NULL, (const char *const[]){"Content-Range", text, NULL});
}

static int send_head(sock_httpd_request_t *self, const struct sock__file *f,
                     const struct sock__validators *v,
                     const struct sock__range *r, int status)
{
    if (begin(self, status) < 0 ||
        (f->type != NULL &&
         sock_httpd_send_header(self, "Content-type", f->type) < 0) ||
        send_number(self, "Content-Length", r->length) < 0 ||
        (status == 206 && send_part(self, r, f->size) < 0) ||
        send_modified(self, v->modified) < 0 ||
        sock_httpd_send_header(self, "ETag", v->etag) < 0 ||
        sock_httpd_send_header(self, "Accept-Ranges", "bytes") < 0)
        return -1;
    return sock_httpd_end_headers(self);
}

int sock__file_send(sock_httpd_request_t *self, const struct sock__file *f)
{
    struct sock__validators v;
    struct sock__range r;
    struct timespec now;
    const char *method = self->start.method;

    clock_gettime(CLOCK_REALTIME, &now);
    sock__validators_of(&v, f->size, &f->modified, &now);
    int status = sock__conditions(&v, method, &self->headers);
    if (status == 304)
        return close_after(f->fd, send_not_modified(self, &v));
    if (status != 0)
        return close_after(f->fd, sock_httpd_send_error(self, status, NULL));
    status = sock__range_of(&r, f->size, &v, method, &self->headers);
    if (status == 416)
        return close_after(f->fd, send_no_part(self, f->size));
    if (send_head(self, f, &v, &r, status) < 0)
        return close_after(f->fd, -1);
    return sock__httpd_file(self, f->fd, r.first, r.length);
}

/* For handlers */

int sock_httpd_send_file(sock_httpd_request_t *self, int fd, const char *name,
                         int flags)
{
    const char *op = "send_file";
    struct sock__file f;

    if (sock__httpd_check(op, self, "") < 0)
        return -1;
    if (flags != 0)
        return sock__fail_saying(op, SOCK_E_VALUE, 0, "unknown flags");
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0); /* the answer's own */
    if (copy == -1)
        return sock__fail(op, SOCK_E_OS, errno, 0);
    enum sock__kind kind = sock__file_look(&f, copy);
    if (kind == SOCK__KIND_NONE)
        return close_after(copy, sock__fail(op, SOCK_E_OS, errno, 0));
    if (kind != SOCK__KIND_FILE) {
        sock__fail_saying(op, SOCK_E_VALUE, 0, "not a regular file");
        return close_after(copy, -1);
    }
    f.type = name != NULL ? sock__type_of(name, NULL) : NULL;
    return sock__file_send(self, &f);
}

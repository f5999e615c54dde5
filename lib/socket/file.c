/* SPDX-License-Identifier: MIT */
#define _FILE_OFFSET_BITS 64
#define _POSIX_C_SOURCE 200809L

#include <pysockc/file.h>
#include <pysockc/io.h>

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "call.h"
#include "limit.h"
#include "object.h"
#include "os.h"
#include "record.h"
#include "socket.h"
#include "wait.h"

/* A socket as a stream of stdio */

struct stream {
    sock_t *sock;
    bool timed_out; /* a read has */
    bool cancelled; /* a read was, with this error */
    bool failed;    /* a write has, with this error */
    struct sock__saved error;
};

/* What stdio has of a line it drops when a read fails. Where reading could go
 * on, the rest would pass for a line, so it may not. */
static void note_read_failure(struct stream *x)
{
    int kind = sock_last_error()->kind;
    x->timed_out = kind == SOCK_E_TIMEOUT;
    x->cancelled = kind == SOCK_E_CANCELLED;
    sock__error_save(&x->error);
}

static ssize_t stream_read(void *cookie, char *buf, size_t size)
{
    struct stream *x = cookie;
    if (x->timed_out)
        return sock__fail("recv", SOCK_E_OS, 0, SOCK__TIMED_OUT_OBJECT);
    if (x->cancelled) {
        sock__error_restore(&x->error);
        return -1;
    }
    ssize_t n = sock_recv(x->sock, buf, size, 0);
    if (n < 0)
        note_read_failure(x);
    return n;
}

/* What is not sent stdio drops, so nothing may be sent behind it. */
static ssize_t stream_write(void *cookie, const char *buf, size_t size)
{
    struct stream *x = cookie;
    if (x->failed) {
        sock__error_restore(&x->error);
        return sock__os_write_failed(0);
    }
    if (sock_sendall(x->sock, buf, size, 0) == 0)
        return (ssize_t)size;
    x->failed = true;
    sock__error_save(&x->error);
    return sock__os_write_failed(x->error.record.done);
}

static int stream_close(void *cookie)
{
    struct stream *x = cookie;
    int result = x->failed ? -1 : 0;
    sock_free(x->sock);
    if (x->failed)
        sock__error_restore(&x->error);
    sock__free(x);
    return result;
}

/* Whether a mode is for writing; -1 with the error recorded. */
static int parse_mode(const char *mode)
{
    const char *op = "makefile";
    if (mode == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (mode[strspn(mode, "rwb")] != '\0')
        return sock__fail_quoting(op, SOCK_E_VALUE, SOCK__BAD_MODE, mode);
    bool writing = strchr(mode, 'w') != NULL;
    if (writing && strchr(mode, 'r') != NULL)
        return sock__fail_quoting(op, SOCK_E_VALUE, SOCK__BOTH_MODES, mode);
    return writing;
}

/* A duplicate that behaves as the object does now. */
static sock_t *same_socket(sock_t *s)
{
    sock_t *copy = sock__dup(s, "makefile", true);
    if (copy == NULL)
        return NULL;
    copy->check = atomic_load(&s->check);
    copy->check_arg = atomic_load(&s->check_arg);
    if (sock__limits_copy(copy, s, "makefile") < 0)
        sock_freep(&copy);
    return copy;
}

static FILE *open_stream(sock_t *s, bool writing)
{
    struct stream *x = malloc(sizeof *x);
    FILE *f = NULL;
    if (x != NULL) {
        x->sock = s;
        x->timed_out = x->cancelled = x->failed = false;
        f = writing ? sock__os_write_stream(x, stream_write, stream_close)
                    : sock__os_read_stream(x, stream_read, stream_close);
    }
    if (f == NULL) {
        free(x);
        sock__fail("makefile", SOCK_E_MEMORY, 0, 0);
    }
    return f;
}

FILE *sock_makefile(sock_t *s, const char *mode)
{
    int writing;
    if (sock__enter(s, "makefile") < 0)
        return NULL;
    sock_t *copy = NULL;
    if ((writing = parse_mode(mode)) >= 0)
        copy = same_socket(s);
    sock__leave(s);
    FILE *f = copy != NULL ? open_stream(copy, writing != 0) : NULL;
    if (f == NULL)
        sock_free(copy);
    return f;
}

/* Sending a file */

/* A block is one full record of TLS. */
enum { BLOCK = 16384, LARGEST_BLOCK = 1 << 30 };

struct sending {
    struct sock__call call; /* first, as call.h asks */
    int file;
    bool piped;      /* the file has no offsets */
    bool given_up;   /* the system may not send any more of it */
    int flags;       /* of send(2) */
    int64_t offset;  /* in the file, of what is to be sent next */
    int64_t left;    /* negative: to the end of the file */
    int64_t done;    /* bytes sent */
    const char *out; /* what was read and is to be sent */
    size_t size;
};

static int check_sendfile(const struct sending *x)
{
    const char *op = x->call.op;
    char number[24];
    if (x->call.sock->type != SOCK_STREAM)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__STREAM_ONLY);
    if (x->left <= 0 && x->left != SOCK_SENDFILE_TO_END) {
        snprintf(number, sizeof number, "%" PRId64, x->left);
        return sock__fail_quoting(op, SOCK_E_VALUE, SOCK__BAD_COUNT, number);
    }
    if (x->call.timer.timeout == 0)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__NON_BLOCKING);
    return 0;
}

static size_t next_block(const struct sending *x, int64_t largest)
{
    return (size_t)(x->left < 0 || x->left > largest ? largest : x->left);
}

/* Counts what was sent: 0, or the status if the call shall end. */
static int sent(struct sending *x, ssize_t n)
{
    x->offset += n;
    x->done += n;
    if (x->left > 0)
        x->left -= n;
    return x->left != 0 ? sock__halted(x->call.sock) : 0;
}

/* With a timeout it must not wait in the kernel. O_NONBLOCK alone prevents
 * that, so where it may be gone, reading and sending goes on from here. */
static ssize_t try_sendfile(struct sock__call *c)
{
    struct sending *x = (struct sending *)c;
    x->given_up = c->timer.timeout >= 0 && sock__shared(c->sock);
    if (x->given_up) {
        errno = EOPNOTSUPP;
        return -1;
    }
    return sock__os_sendfile(c->fd, x->file, x->offset,
                             next_block(x, LARGEST_BLOCK));
}

/* Lets the system send: 0 or a status. */
static int send_directly(struct sending *x)
{
    ssize_t n = 1;
    int status = 0;
    while (status == 0 && n > 0 && x->left != 0) {
        status = sock__call_try(&x->call, try_sendfile, &n);
        if (status == 0 && n > 0)
            status = sent(x, n);
    }
    return status;
}

/* sendfile(2) raises SIGPIPE and has no flag against it. */
static int send_quietly(struct sending *x)
{
    int held = sock__os_hold_sigpipe();
    int status = send_directly(x);
    sock__os_release_sigpipe(held);
    return status;
}

/* The same with a timeout, which others may take away meanwhile. */
static int send_hastily(struct sending *x)
{
    sock_t *s = x->call.sock;
    int status = EOPNOTSUPP;

    atomic_fetch_add(&s->hasty, 1);
    if (sock__apply_timeout(s, x->call.fd) == 0) /* whoever changed it before */
        status = send_quietly(x);
    else
        x->given_up = true;
    atomic_fetch_sub(&s->hasty, 1);
    if (atomic_load(&s->timeout) < 0)
        sock__apply_timeout(s, x->call.fd);
    return status;
}

static ssize_t try_send_block(struct sock__call *c)
{
    struct sending *x = (struct sending *)c;
    return sock__call_send(c, x->out, x->size, x->flags);
}

/* Sends what was read: 0 or a status. */
static int send_block(struct sending *x)
{
    int status = 0;
    while (status == 0 && x->size > 0) {
        ssize_t n;
        status = sock__call_try(&x->call, try_send_block, &n);
        if (status == 0) {
            x->out += n;
            x->size -= (size_t)n;
            status = sent(x, n);
        }
    }
    return status;
}

static ssize_t read_once(struct sending *x, char *block, size_t size)
{
    if (!x->piped) {
        ssize_t n = pread(x->file, block, size, (off_t)x->offset);
        if (n >= 0 || errno != ESPIPE || x->offset != 0)
            return n;
        x->piped = true;
    }
    return read(x->file, block, size);
}

/* Reads the next block of the file: its size, or -1 with errno. */
static ssize_t read_block(struct sending *x, char *block)
{
    ssize_t n;
    do
        n = read_once(x, block, next_block(x, BLOCK));
    while (n < 0 && errno == EINTR && !sock__interrupted(x->call.sock));
    return n;
}

/* Reads and sends: 0 or a status. */
static int send_copies(struct sending *x, char *block)
{
    int status = 0;
    while (status == 0 && x->left != 0) {
        ssize_t n = read_block(x, block);
        if (n < 0) /* EINTR only where the call shall end */
            return errno == EINTR ? SOCK__CANCELLED : errno;
        if (n == 0)
            break;
        x->out = block;
        x->size = (size_t)n;
        status = send_block(x);
    }
    return status == 0 && x->call.sock->ops != NULL ? sock__call_flush(&x->call)
                                                    : status;
}

static int send_by_copy(struct sending *x)
{
    char *block = malloc(BLOCK);
    if (block == NULL)
        return sock__fail(x->call.op, SOCK_E_MEMORY, 0, 0);
    int status = send_copies(x, block);
    free(block);
    return status == 0 ? 0 : sock__fail_status(x->call.op, status);
}

/* 0; -1 with the error recorded. */
static int send_file(struct sending *x)
{
    if (x->call.sock->ops != NULL)
        return send_by_copy(x);
    int status = x->call.timer.timeout >= 0 ? send_hastily(x) : send_quietly(x);
    if (status == 0)
        return 0;
    if (x->given_up || (sock__os_cannot_sendfile(status) && x->done == 0))
        return send_by_copy(x);
    return sock__fail_status(x->call.op, status);
}

int64_t sock_sendfile(sock_t *s, int fd, int64_t offset, int64_t count)
{
    struct sending x = {.file = fd, .offset = offset, .left = count};
    if (sock__call_begin(&x.call, s, "sendfile", POLLOUT) < 0)
        return -1;
    if (check_sendfile(&x) < 0)
        return sock__call_end(&x.call, -1);
    x.flags = x.call.timer.timeout >= 0 ? MSG_DONTWAIT : 0;

    int result = send_file(&x);
    int err = result < 0 ? errno : x.call.saved;
    if (x.done > 0)
        lseek(fd, (off_t)x.offset, SEEK_SET);
    errno = err;
    if (sock__call_end(&x.call, result) == 0)
        return x.done;
    sock__fail_done((size_t)x.done);
    return -1;
}

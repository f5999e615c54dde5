/* SPDX-License-Identifier: MIT */
/*
 * A client whose kernel is this file: responses come whole, and then once more
 * in pieces, and are read in other ways. What was made of them must be the same
 * each time, down to what is wrong with them.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/socket.h>

#include <pysockc/http.h>

#include "fuzz.h"

enum { MOST_RESPONSES = 3, MOST_TOLD = 1 << 20 };

ssize_t __real_send(int fd, const void *data, size_t n, int flags);
ssize_t __wrap_send(int fd, const void *data, size_t n, int flags);
ssize_t __real_recv(int fd, void *data, size_t n, int flags);
ssize_t __wrap_recv(int fd, void *data, size_t n, int flags);
int __wrap_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *time,
                 const sigset_t *mask);

/* The wire */

static int wire = -1;
static struct input coming; /* of the response that was asked for */
static bool in_pieces, ended;
static unsigned state; /* of what decides on the pieces */

static size_t piece(size_t n)
{
    if (!in_pieces)
        return n;
    state = state * 1103515245U + 12345;
    unsigned most = 1U << ((state >> 16) % 9);
    return n < most ? n : most;
}

ssize_t __wrap_send(int fd, const void *data, size_t n, int flags)
{
    if (fd != wire)
        return __real_send(fd, data, n, flags);
    claim((flags & MSG_NOSIGNAL) != 0);
    n = piece(n);
    if (in_pieces && n % 5 == 4) {
        errno = EAGAIN;
        return -1;
    }
    return (ssize_t)n;
}

ssize_t __wrap_recv(int fd, void *data, size_t n, int flags)
{
    if (fd != wire)
        return __real_recv(fd, data, n, flags);
    claim(n > 0);
    if (coming.left == 0) {
        ended = true;
        return 0;
    }
    n = piece(n < coming.left ? n : coming.left);
    if (in_pieces && n % 5 == 4) {
        errno = EAGAIN;
        return -1;
    }
    memcpy(data, coming.at, n);
    if ((flags & MSG_PEEK) == 0) {
        coming.at += n;
        coming.left -= n;
    }
    return (ssize_t)n;
}

/* Nothing waits: an end comes when nothing else does. A look finds no end that
 * has not been seen. */
int __wrap_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *time,
                 const sigset_t *mask)
{
    bool waits = time == NULL || time->tv_sec > 0 || time->tv_nsec > 0;
    short found =
        coming.left > 0 || ended || waits ? POLLIN | POLLOUT : POLLOUT;
    (void)mask;
    if (n == 0)
        return 0;
    claim(n == 1 && fds[0].fd == wire);
    fds[0].revents = (short)(fds[0].events & found);
    return fds[0].revents != 0;
}

/* What is made of it */

struct told {
    char text[MOST_TOLD];
    size_t n;
};

static void tell(struct told *t, const void *bytes, size_t n)
{
    claim(t->n + n <= MOST_TOLD);
    if (n > 0)
        memcpy(t->text + t->n, bytes, n);
    t->n += n;
}

static void tell_failure(struct told *t)
{
    char text[SOCK_ERROR_TEXT_MAX];
    const sock_error_t *e = sock_last_error();
    claim(e->kind == SOCK_E_PROTOCOL || e->kind == SOCK_E_EOF);
    claim(sock_error_text(NULL, text, sizeof text) > 0);
    tell(t, text, strlen(text));
    tell(t, &e->done, sizeof e->done);
}

static int text_of_headers(const void *arg, char *buf, size_t size)
{
    return sock_headers_text(arg, buf, size);
}

static int text_of_field(const void *arg, char *buf, size_t size)
{
    return sock_http_getheader(arg, "a", buf, size);
}

static void tell_head(struct told *t, const sock_http_response_t *r)
{
    int numbers[] = {sock_http_status(r), sock_http_version(r)};
    int64_t length = sock_http_length(r);
    char *all = text_of(text_of_headers, sock_http_headers(r), 10);
    char *one = text_of(text_of_field, r, 3);

    claim(numbers[0] >= 100 && numbers[0] <= 999);
    claim(numbers[0] == 101 || numbers[0] >= 200);
    claim(numbers[1] == 10 || numbers[1] == 11);
    claim(length >= -1);
    tell(t, numbers, sizeof numbers);
    tell(t, &length, sizeof length);
    tell(t, sock_http_reason(r), strlen(sock_http_reason(r)));
    tell(t, all, strlen(all));
    if (one != NULL)
        tell(t, one, strlen(one));
    free(all);
    free(one);
}

/* Reads by pieces of a size; 0: all at once, 1: as a stream. */
static bool tell_body(struct told *t, sock_http_response_t *r, size_t size)
{
    char buf[5000], *data;
    ssize_t n;

    if (size == 0) {
        n = sock_http_readall(r, &data, 0); /* a limit would leave it unread */
        if (n < 0)
            return false;
        claim(data[n] == '\0');
        tell(t, data, (size_t)n);
        sock_http_data_free(data);
        return true;
    }
    if (size == 1) {
        FILE *f = sock_http_file(r);
        claim(f != NULL);
        while ((n = (ssize_t)fread(buf, 1, sizeof buf, f)) > 0)
            tell(t, buf, (size_t)n);
        bool good = !ferror(f);
        fclose(f);
        return good;
    }
    while ((n = sock_http_read(r, buf, size)) > 0)
        tell(t, buf, (size_t)n);
    return n == 0;
}

/* Of a response in full; whether the connection is still open. */
static bool tell_response(struct told *t, sock_http_t *c, size_t size,
                          bool connects)
{
    char byte;
    size_t before;
    sock_http_response_t *r = sock_http_getresponse(c);
    if (r == NULL) {
        claim(sock_http_sock(c) == NULL);
        tell_failure(t);
        return false;
    }
    if (connects && sock_http_status(r) < 300) { /* the body is what has come
                                                    with the head */
        claim(sock_http_sock(c) != NULL && sock_http_length(r) >= 0);
        sock_http_response_free(r);
        return false;
    }
    tell_head(t, r);
    before = t->n;
    bool good = tell_body(t, r, size);
    if (!good) {
        t->n = before; /* how it was read decides what was seen before */
        claim(sock_http_read(r, &byte, 1) == -1);
        tell_failure(t);
    } else {
        claim(sock_http_read(r, &byte, 1) == 0 && sock_http_length(r) == 0);
        char *all = text_of(text_of_headers, sock_http_trailers(r), 10);
        tell(t, all, strlen(all));
        free(all);
    }
    sock_http_response_free(r);
    return good && sock_http_sock(c) != NULL;
}

static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "CONNECT"};

/* All of an input, in one way. */
static void converse(struct told *t, struct input in, unsigned options,
                     size_t size)
{
    sock_t *ends[2];
    sock_http_limits_t limits = {.size = sizeof limits};

    claim(sock_socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    claim(sock_settimeout(ends[0], 60) == 0);
    wire = sock_fileno(ends[0]);
    ended = false;
    sock_http_t *c = sock_http_from(ends[0]);
    claim(c != NULL);
    limits.head = options & 8 ? 300 : 0;
    limits.fields = options & 16 ? 3 : 0;
    claim(sock_http_set_limits(c, &limits) == 0);
    for (int i = 0; i < MOST_RESPONSES && in.left > 0; i++) {
        size_t n = next_number(&in);
        const char *method = methods[(options & 7) % 5];
        coming.left = 0;
        if (sock_http_request(c, method, "/", i ? "x" : NULL, i ? 1 : 0, NULL))
            break;
        coming.at = in.at;
        coming.left = n < in.left ? n : in.left;
        in.at += coming.left;
        in.left -= coming.left;
        if (!tell_response(t, c, size, strcmp(method, "CONNECT") == 0))
            break;
        if (coming.left > 0) /* more than was asked for: whole, it is seen at
                                once, and in pieces before the next request */
            break;
    }
    sock_http_free(c);
    sock_free(ends[1]);
    wire = -1;
}

/* What is given up unread must not be missed, either. */
static void give_up(struct input in, unsigned options)
{
    sock_t *ends[2];
    char buf[20];

    claim(sock_socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    wire = sock_fileno(ends[0]);
    sock_http_t *c = sock_http_from(ends[0]);
    claim(c != NULL);
    coming.left = 0;
    claim(sock_http_request(c, "GET", "/", NULL, 0, NULL) == 0);
    next_number(&in);
    coming = in;
    sock_http_response_t *r = sock_http_getresponse(c);
    if (r != NULL && options & 32)
        (void)sock_http_read(r, buf, sizeof buf);
    if (options & 64)
        sock_http_response_free(r);
    sock_http_free(c);
    if (r != NULL && !(options & 64)) {
        (void)sock_http_read(r, buf, sizeof buf);
        sock_http_response_free(r);
    }
    sock_free(ends[1]);
    wire = -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t sizes[] = {4096, 0, 1, 2, 7, 1000};
    struct input in = {data, size};
    static struct told first, other;
    unsigned options = next_byte(&in), seed = next_byte(&in);

    first.n = other.n = 0;
    in_pieces = false;
    converse(&first, in, options, sizes[0]);
    in_pieces = true;
    state = seed;
    converse(&other, in, options, sizes[seed % 6]);
    claim(first.n == other.n);
    claim(memcmp(first.text, other.text, first.n) == 0);
    state = seed;
    give_up(in, options);
    return 0;
}

/* SPDX-License-Identifier: MIT */
/* For clients of mail and news: a kernel that gives what the input says, whole
 * or in pieces. Links with --wrap. */
#ifndef KERNEL_H
#define KERNEL_H

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "fuzz.h"
#include "session.h"

enum { MOST_TOLD = 1 << 22 };

ssize_t __real_send(int fd, const void *data, size_t n, int flags);
ssize_t __wrap_send(int fd, const void *data, size_t n, int flags);
ssize_t __real_recv(int fd, void *data, size_t n, int flags);
ssize_t __wrap_recv(int fd, void *data, size_t n, int flags);
int __wrap_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *time,
                 const sigset_t *mask);

/* What is made of it, and what was sent. */
struct told {
    char text[MOST_TOLD];
    size_t n;
};

static struct told *teller;

static inline void tell(const void *bytes, size_t n)
{
    if (n > MOST_TOLD - teller->n)
        n = MOST_TOLD - teller->n;
    if (n > 0)
        memcpy(teller->text + teller->n, bytes, n);
    teller->n += n;
}

static inline void tell_text(const char *text)
{
    tell(text, strlen(text) + 1);
}

static inline void tell_number(uint64_t n)
{
    tell(&n, sizeof n);
}

/* The wire */

static int wire = -1;
static struct input coming;
static bool in_pieces;
static unsigned state; /* of what decides on the pieces */

/* 0: not now. */
static inline size_t piece(size_t n)
{
    if (!in_pieces)
        return n;
    state = state * 1103515245U + 12345;
    unsigned most = 1U << ((state >> 16) % 9);
    n = n < most ? n : most;
    return n % 5 == 4 ? 0 : n;
}

static inline ssize_t later(void)
{
    errno = EAGAIN;
    return -1;
}

ssize_t __wrap_send(int fd, const void *data, size_t n, int flags)
{
    if (fd != wire)
        return __real_send(fd, data, n, flags);
    claim((flags & MSG_NOSIGNAL) != 0);
    n = piece(n);
    if (n == 0)
        return later();
    tell(data, n);
    return (ssize_t)n;
}

ssize_t __wrap_recv(int fd, void *data, size_t n, int flags)
{
    if (fd != wire)
        return __real_recv(fd, data, n, flags);
    claim(n > 0 && (flags & MSG_PEEK) == 0);
    if (coming.left == 0)
        return 0;
    n = piece(n < coming.left ? n : coming.left);
    if (n == 0)
        return later();
    memcpy(data, coming.at, n);
    coming.at += n;
    coming.left -= n;
    return (ssize_t)n;
}

/* Nothing waits: an end comes when nothing else does. */
int __wrap_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *time,
                 const sigset_t *mask)
{
    (void)time, (void)mask;
    if (n == 0)
        return 0;
    claim(n == 1 && fds[0].fd == wire);
    fds[0].revents = fds[0].events;
    return 1;
}

/* Conversations */

static inline void tell_lines(sock_lines_t *lines)
{
    if (lines == NULL)
        return;
    tell_number(lines->count);
    for (size_t i = 0; i < lines->count; i++) {
        const sock_line_t *line = &lines->lines[i];
        claim(line->text[line->length] == '\0');
        tell(line->text, line->length);
        tell("\n", 1);
    }
    sock_lines_free(lines);
}

/* What a call said, and the server. */
static inline void tell_result(struct sock_session *c, bool good)
{
    char text[SOCK_ERROR_TEXT_MAX] = "";
    const char *words = sock_session_text(c);

    for (size_t i = 0; words[i] != '\0'; i++)
        claim((unsigned char)words[i] >= ' ' || words[i] == '\n' ||
              words[i] == '\t');
    if (!good)
        claim(sock_error_text(NULL, text, sizeof text) > 0);
    if (!good && sock_last_error()->kind == SOCK_E_PROTOCOL)
        claim(sock_session_socket(c) == NULL);
    tell_number(good);
    tell_text(words);
    tell_text(text);
}

/* A session over this kernel, and its other end. */
static inline sock_t *connect_to_kernel(struct sock_session *c,
                                        const struct sock__protocol *protocol,
                                        struct input in)
{
    sock_t *ends[2];
    claim(sock_socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    claim(sock__session_begin(c, "x", protocol, NULL) == 0);
    c->insecure_auth = true;
    claim(sock__session_adopt(c, "x", ends[0]) == 0);
    wire = sock_fileno(ends[0]);
    coming = in;
    return ends[1];
}

/* Holds the same conversation twice: whole, and in pieces. What came of both
 * is the same. */
static inline void twice(void (*converse)(struct input), struct input in)
{
    static struct told whole, pieces;

    whole.n = pieces.n = 0;
    in_pieces = false;
    teller = &whole;
    converse(in);
    in_pieces = true;
    state = (unsigned)in.left;
    teller = &pieces;
    converse(in);
    claim(whole.n == pieces.n);
    claim(memcmp(whole.text, pieces.text, whole.n) == 0);
}

#endif

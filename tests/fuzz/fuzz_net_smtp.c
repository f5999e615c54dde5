/* SPDX-License-Identifier: MIT */
/*
 * A client of SMTP or LMTP whose kernel is this file: what its server says
 * comes whole, and then once more in pieces. What was said to it, and what
 * became of that, must be the same. Addresses and messages, beside what must
 * hold of them.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/socket.h>

#include <pysockc/smtp.h>

#include "fuzz.h"
#include "session.h"

enum { MOST_TOLD = 1 << 16 };

ssize_t __real_send(int fd, const void *data, size_t n, int flags);
ssize_t __wrap_send(int fd, const void *data, size_t n, int flags);
ssize_t __real_recv(int fd, void *data, size_t n, int flags);
ssize_t __wrap_recv(int fd, void *data, size_t n, int flags);
int __wrap_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *time,
                 const sigset_t *mask);

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

/* The wire */

static int wire = -1;
static struct input coming;
static struct told *sent;
static bool in_pieces;
static unsigned state; /* of what decides on the pieces */

/* 0: not now. */
static size_t piece(size_t n)
{
    if (!in_pieces)
        return n;
    state = state * 1103515245U + 12345;
    unsigned most = 1U << ((state >> 16) % 9);
    n = n < most ? n : most;
    return n % 5 == 4 ? 0 : n;
}

static ssize_t later(void)
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
    tell(sent, data, n);
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

static void tell_result(struct told *t, sock_smtp_t *s, int result)
{
    char text[SOCK_ERROR_TEXT_MAX] = "";
    sock_session_t *c = sock_smtp_session(s);
    const char *words = sock_session_text(c);

    claim(words != NULL);
    for (size_t i = 0; words[i] != '\0'; i++)
        claim((unsigned char)words[i] >= ' ' || words[i] == '\n' ||
              words[i] == '\t');
    if (result < 0)
        claim(sock_error_text(NULL, text, sizeof text) > 0);
    tell(t, &result, sizeof result);
    tell(t, words, strlen(words));
    tell(t, text, strlen(text));
    for (size_t i = 0; sock_smtp_refused(s, i) != NULL; i++) {
        const sock_smtp_refusal_t *r = sock_smtp_refused(s, i);
        claim(r->code >= 100 && r->code <= 999 && strlen(r->text) <= 511);
        tell(t, r->address, strlen(r->address));
        tell(t, r->text, strlen(r->text));
    }
}

static void send_one(struct told *t, sock_smtp_t *s, unsigned options)
{
    static const char *const to[] = {"a@x", "b@x", "c@x", "d@x"};
    static const char text[] = ".\r\n.\nend";
    size_t n = 1 + (options >> 1) % 4;
    int result;

    if (options & 8)
        result = sock_smtp_send_from(
            s, "f@x", to, n, sock_source_memory(text, 8), -1, "RET=HDRS", NULL);
    else
        result = sock_smtp_sendmail(s, "f@x", to, n, text, 8, NULL, NULL);
    claim(result <= (int)n);
    if (result >= 0)
        claim(sock_smtp_refused(s, (size_t)result) == NULL);
    tell_result(t, s, result);
}

static void converse(struct told *t, struct told *out, struct input in,
                     unsigned options)
{
    const sock_session_opts_t o = {.size = sizeof o,
                                   .timeout = 60,
                                   .local_hostname = "h",
                                   .insecure_auth = 1};
    sock_t *ends[2];
    sock_smtp_t *s =
        options & 1 ? sock_lmtp_new(NULL, 0, &o) : sock_smtp_new(NULL, 0, &o);

    claim(s != NULL && sock_socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    claim(sock__session_adopt(sock_smtp_session(s), "x", ends[0]) == 0);
    wire = sock_fileno(ends[0]);
    coming = in;
    sent = out;
    tell_result(t, s, sock_smtp_getreply(s));
    if (options & 16)
        tell_result(t, s, sock_smtp_login(s, "user", "secret"));
    send_one(t, s, options);
    tell_result(t, s, sock_smtp_noop(s));
    send_one(t, s, options >> 1);
    tell_result(t, s, sock_smtp_quit(s));
    sock_smtp_free(s);
    sock_free(ends[1]);
    wire = -1;
}

/* Addresses and messages */

static int quoted_address(const void *arg, char *buf, size_t size)
{
    return sock_smtp_quoteaddr(buf, size, arg);
}

/* Nothing in it ends the argument, or the line. */
static void check_address(const struct input *in)
{
    char *text = rest_as_text(in);
    char *path = text_of(quoted_address, text, 20);
    size_t n = path != NULL ? strlen(path) : 0;
    bool quoted = false;

    if (path != NULL)
        claim(n >= 2 && path[0] == '<' && path[n - 1] == '>');
    for (size_t i = 1; i + 1 < n; i++) {
        claim((unsigned char)path[i] >= ' ');
        if (path[i] == '"')
            quoted = !quoted;
        else if (quoted && path[i] == '\\')
            i++;
        else if (!quoted)
            claim(strchr(" <>,;()", path[i]) == NULL);
    }
    claim(!quoted);
    free(path);
    free(text);
}

static int quoted_data(const void *arg, char *buf, size_t size)
{
    const struct input *in = arg;
    return sock_smtp_quotedata(buf, size, in->at, in->left);
}

/* No CR and no LF alone, and no line that is a dot. */
static void check_message(struct input in)
{
    char *text = text_of(quoted_data, &in, 30);
    size_t n = (size_t)quoted_data(&in, NULL, 0);

    for (size_t i = 0; i < n; i++) {
        if (text[i] == '\r')
            claim(text[i + 1] == '\n');
        if (text[i] == '\n')
            claim(i > 0 && text[i - 1] == '\r');
        if (text[i] == '.' && (i == 0 || text[i - 1] == '\n'))
            claim(text[++i] == '.');
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct told first, other, said, said_other;
    struct input in = {data, size};
    unsigned options = next_byte(&in);

    first.n = other.n = said.n = said_other.n = 0;
    in_pieces = false;
    converse(&first, &said, in, options);
    in_pieces = true;
    state = options;
    converse(&other, &said_other, in, options);
    claim(first.n == other.n && said.n == said_other.n);
    claim(memcmp(first.text, other.text, first.n) == 0);
    claim(memcmp(said.text, said_other.text, said.n) == 0);
    check_address(&in);
    check_message(in);
    return 0;
}

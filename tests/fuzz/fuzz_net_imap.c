/* SPDX-License-Identifier: MIT */
/*
 * A client of IMAP whose kernel is this file: what a server says comes whole,
 * and then once more in pieces. What was made of it must be the same each time,
 * down to what is wrong with it. Tags are ABCD0 and so on.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/socket.h>

#include <pysockc/imap.h>

#include "fuzz.h"
#include "imap.h"

enum { MOST_TOLD = 1 << 22, MOST_COMMANDS = 6 };

ssize_t __real_send(int fd, const void *data, size_t n, int flags);
ssize_t __wrap_send(int fd, const void *data, size_t n, int flags);
ssize_t __real_recv(int fd, void *data, size_t n, int flags);
ssize_t __wrap_recv(int fd, void *data, size_t n, int flags);
int __wrap_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *time,
                 const sigset_t *mask);

/* The wire */

static int wire = -1;
static struct input coming;
static bool in_pieces;
static unsigned state; /* of what decides on the pieces */

ssize_t __wrap_send(int fd, const void *data, size_t n, int flags)
{
    return fd == wire ? (ssize_t)n : __real_send(fd, data, n, flags);
}

ssize_t __wrap_recv(int fd, void *data, size_t n, int flags)
{
    if (fd != wire)
        return __real_recv(fd, data, n, flags);
    n = n < coming.left ? n : coming.left;
    if (in_pieces && n > 0) {
        state = state * 1103515245U + 12345;
        size_t most = 1U << ((state >> 16) % 9);
        n = n < most ? n : most;
    }
    if (n > 0)
        memcpy(data, coming.at, n);
    coming.at += n;
    coming.left -= n;
    return (ssize_t)n;
}

/* Nothing waits; an end can be read, too. */
int __wrap_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *time,
                 const sigset_t *mask)
{
    (void)time, (void)mask;
    if (n == 0)
        return 0;
    claim(n == 1 && fds[0].fd == wire);
    fds[0].revents = (short)(fds[0].events & (POLLIN | POLLOUT));
    return fds[0].revents != 0;
}

/* What is made of it */

struct told {
    char text[MOST_TOLD];
    size_t n;
};

static struct told *teller;

static void tell(const void *bytes, size_t n)
{
    if (n > MOST_TOLD - teller->n)
        n = MOST_TOLD - teller->n;
    if (n > 0)
        memcpy(teller->text + teller->n, bytes, n);
    teller->n += n;
}

static void tell_text(const char *text)
{
    tell(text, strlen(text) + 1);
}

static void tell_result(int result)
{
    char text[SOCK_ERROR_TEXT_MAX];
    const sock_error_t *e = sock_last_error();

    tell(&result, sizeof result);
    if (result >= 0)
        return;
    claim(e->kind == SOCK_E_PROTOCOL || e->kind == SOCK_E_EOF ||
          e->kind == SOCK_E_REPLY || e->kind == SOCK_E_UNSUPPORTED ||
          e->kind == SOCK_E_VALUE);
    claim(sock_error_text(NULL, text, sizeof text) > 0);
    tell_text(text);
}

static int tell_bytes(void *arg, const void *data, size_t n)
{
    (void)arg;
    tell(data, n);
    return 0;
}

static void tell_lines(sock_lines_t *l)
{
    claim(l != NULL);
    for (size_t i = 0; i < l->count; i++) {
        claim(l->lines[i].text[l->lines[i].length] == '\0');
        tell(l->lines[i].text, l->lines[i].length);
    }
    sock_lines_free(l);
}

static void tell_boxes(sock_imap_list_t *l)
{
    tell_result(l != NULL ? 0 : -1);
    for (size_t i = 0; l != NULL && i < l->count; i++) {
        tell_text(l->boxes[i].name);
        tell_text(l->boxes[i].flags);
        tell_text(l->boxes[i].delimiter);
    }
    sock_imap_list_free(l);
}

static void tell_numbers(sock_imap_numbers_t *l)
{
    tell_result(l != NULL ? 0 : -1);
    if (l != NULL)
        tell(l->numbers, l->count * sizeof *l->numbers);
    sock_imap_numbers_free(l);
}

static void tell_items(sock_imap_t *m, bool by_sink, unsigned most)
{
    const sock_sink_t sink = {tell_bytes, NULL};
    sock_imap_item_t i;
    int more = 1;

    while (most-- > 0 && more > 0) {
        more = by_sink ? sock_imap_next_to(m, &i, sink) : sock_imap_next(m, &i);
        tell_result(more);
        if (more <= 0)
            break;
        tell(&i.message, sizeof i.message);
        tell_text(i.name);
        claim(i.value != NULL || by_sink);
        if (i.value == NULL)
            continue;
        claim(i.value[i.length] == '\0');
        tell(i.value, (size_t)i.length);
    }
}

static void tell_events(sock_imap_t *m)
{
    sock_imap_event_t e;
    int more = sock_imap_idle(m);

    tell_result(more);
    for (more = more == 0; more > 0;) {
        const struct sock__wire *w = &m->session.wire;
        bool is_there = coming.left > 0 || w->at < w->end;
        more = is_there ? sock_imap_idle_next(m, &e, 0) : 0;
        if (more <= 0)
            break;
        claim(e.data[e.length] == '\0');
        tell_text(e.type);
        tell(e.data, e.length);
    }
    if (more < 0)
        tell_result(more);
    tell_result(sock_imap_idle_done(m));
}

/* Commands */

static void give(sock_imap_t *m, unsigned what)
{
    sock_imap_status_t s;
    const char *const args[] = {"a b", "\xc3\xa9"};

    switch (what % 10) {
    case 0:
        tell_result(sock_imap_noop(m));
        break;
    case 1:
        tell_boxes(sock_imap_list(m, "", "*"));
        break;
    case 2:
        tell_result(sock_imap_select(m, "a", what & 16, NULL));
        break;
    case 3:
        tell_numbers(sock_imap_search(m, NULL, "ALL"));
        break;
    case 4:
    case 5:
        tell_result(sock_imap_fetch(m, "1:*", "ALL"));
        tell_items(m, what & 1, what & 16 ? 2 : 10000);
        break;
    case 6:
        tell_result(sock_imap_status(m, "a", "MESSAGES", &s));
        tell(&s.messages, 0);
        break;
    case 7:
        tell_result(sock_imap_append(m, "a", NULL, NULL,
                                     sock_source_memory("x\ny", 3), 0));
        break;
    case 8:
        tell_result(sock_imap_command(m, "X", args, 2));
        break;
    default:
        tell_result(sock_imap_logout(m));
        break;
    }
}

static const char hello[] = "* PREAUTH [CAPABILITY IMAP4rev1 IDLE] x\r\n";

static void converse(struct told *t, struct input in, unsigned options)
{
    sock_t *ends[2];
    sock_session_limits_t limits = {
        .size = sizeof limits, .line = options & 64 ? 100 : 0, .list = 100000};

    teller = t;
    t->n = 0;
    claim(sock_socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    wire = sock_fileno(ends[0]);
    coming = (struct input){(const uint8_t *)hello, sizeof hello - 1};
    sock_imap_t *m = sock_imap_adopt(ends[0], NULL);
    claim(m != NULL);
    memcpy(m->prefix, "ABCD", 4);
    claim(sock_session_set_limits(&m->session, &limits) == 0);
    m->state = SOCK_IMAP_SELECTED;
    for (int i = 0; i < MOST_COMMANDS && in.left > 0; i++) {
        unsigned what = next_byte(&in);
        size_t n = next_number(&in);
        n = n < in.left ? n : in.left;
        /* What was left behind is not read before what comes now, as whole it
           lies in the client, and in pieces it may not. */
        if (m->session.wire.at < m->session.wire.end || coming.left > 0)
            break;
        coming = (struct input){in.at, n};
        in.at += n;
        in.left -= n;
        if (what % 10 == 9 && what & 16)
            tell_events(m);
        else
            give(m, what);
        if (m->session.wire.sock == NULL)
            break;
    }
    static const char *const kinds[] = {"EXISTS", "FETCH", "X", "OK", "LIST"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        tell_lines(sock_imap_response(m, kinds[i]));
    sock_imap_free(m);
    sock_free(ends[1]);
    wire = -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    static struct told first, other;
    unsigned options = next_byte(&in), seed = next_byte(&in);

    in_pieces = false;
    converse(&first, in, options);
    in_pieces = true;
    state = seed;
    converse(&other, in, options);
    claim(first.n == other.n);
    claim(memcmp(first.text, other.text, first.n) == 0);
    return 0;
}

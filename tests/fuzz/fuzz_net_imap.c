/* SPDX-License-Identifier: MIT */
/*
 * A client of IMAP whose kernel is this file: what a server says comes whole,
 * and then once more in pieces. What was made of it must be the same each time,
 * down to what is wrong with it.
 */
#include <pysockc/imap.h>

#include "imap.h"
#include "kernel.h"

enum { MOST_COMMANDS = 6 };

static unsigned options;

static void tell_done(sock_imap_t *m, int result)
{
    int kind = sock_last_error()->kind;

    tell_number((uint64_t)result);
    tell_result(&m->session, result >= 0);
    if (result < 0)
        claim(kind == SOCK_E_PROTOCOL || kind == SOCK_E_EOF ||
              kind == SOCK_E_REPLY || kind == SOCK_E_UNSUPPORTED ||
              kind == SOCK_E_VALUE);
}

static int tell_bytes(void *arg, const void *data, size_t n)
{
    (void)arg;
    tell(data, n);
    return 0;
}

static void tell_boxes(sock_imap_t *m, sock_imap_list_t *l)
{
    tell_done(m, l != NULL ? 0 : -1);
    for (size_t i = 0; l != NULL && i < l->count; i++) {
        tell_text(l->boxes[i].name);
        tell_text(l->boxes[i].flags);
        tell_text(l->boxes[i].delimiter);
    }
    sock_imap_list_free(l);
}

static void tell_numbers(sock_imap_t *m, sock_imap_numbers_t *l)
{
    tell_done(m, l != NULL ? 0 : -1);
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
        tell_done(m, more);
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

    tell_done(m, more);
    for (more = more == 0; more > 0;) {
        const struct sock__wire *w = &m->session.wire;
        bool is_there = coming.left > 0 || w->at < w->end;
        more = is_there ? sock_imap_idle_next(m, &e, -1) : 0;
        if (more <= 0)
            break;
        claim(e.data[e.length] == '\0');
        tell_text(e.type);
        tell(e.data, e.length);
    }
    if (more < 0)
        tell_done(m, more);
    tell_done(m, sock_imap_idle_done(m));
}

/* Commands */

static void give(sock_imap_t *m, unsigned what)
{
    sock_imap_status_t s;
    const char *const args[] = {"a b", "\xc3\xa9"};

    switch (what % 10) {
    case 0:
        tell_done(m, sock_imap_noop(m));
        break;
    case 1:
        tell_boxes(m, sock_imap_list(m, "", "*"));
        break;
    case 2:
        tell_done(m, sock_imap_select(m, "a", what & 16, NULL));
        break;
    case 3:
        tell_numbers(m, sock_imap_search(m, NULL, "ALL"));
        break;
    case 4:
    case 5:
        tell_done(m, sock_imap_fetch(m, "1:*", "ALL"));
        tell_items(m, what & 1, what & 16 ? 2 : 10000);
        break;
    case 6:
        tell_done(m, sock_imap_status(m, "a", "MESSAGES", &s));
        tell(&s.messages, 0);
        break;
    case 7:
        tell_done(m, sock_imap_append(m, "a", NULL, NULL,
                                      sock_source_memory("x\ny", 3), 0));
        break;
    case 8:
        tell_done(m, sock_imap_command(m, "X", args, 2));
        break;
    default:
        tell_done(m, sock_imap_logout(m));
        break;
    }
}

static const char hello[] = "* PREAUTH [CAPABILITY IMAP4rev1 IDLE] x\r\n";

/* Its tags are ABCD0 and so on. */
static sock_imap_t *begin(sock_t *s)
{
    sock_session_limits_t limits = {
        .size = sizeof limits, .line = options & 64 ? 100 : 0, .list = 100000};

    wire = sock_fileno(s);
    coming = (struct input){(const uint8_t *)hello, sizeof hello - 1};
    sock_imap_t *m = sock_imap_adopt(s, NULL);
    claim(m != NULL);
    memcpy(m->prefix, "ABCD", 4);
    claim(sock_session_set_limits(&m->session, &limits) == 0);
    m->state = SOCK_IMAP_SELECTED;
    return m;
}

static void tell_kept(sock_imap_t *m)
{
    static const char *const kinds[] = {"EXISTS", "FETCH", "X", "OK", "LIST"};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        tell_lines(sock_imap_response(m, kinds[i]));
}

/* What was left behind is not read before what comes now, as whole it lies in
 * the client, and in pieces it may not. */
static bool is_read(const struct sock__wire *w)
{
    return w->sock != NULL && w->at == w->end && coming.left == 0;
}

static void converse(struct input in)
{
    sock_t *ends[2];

    claim(sock_socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    sock_imap_t *m = begin(ends[0]);
    for (int i = 0; i < MOST_COMMANDS && in.left > 0; i++) {
        unsigned what = next_byte(&in);
        size_t n = next_number(&in);
        if (!is_read(&m->session.wire))
            break;
        n = n < in.left ? n : in.left;
        coming = (struct input){in.at, n};
        in.at += n;
        in.left -= n;
        if (what % 10 == 9 && what & 16)
            tell_events(m);
        else
            give(m, what);
    }
    tell_kept(m);
    sock_imap_free(m);
    sock_free(ends[1]);
    wire = -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};

    options = next_byte(&in);
    twice(converse, in);
    return 0;
}

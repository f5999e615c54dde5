/* SPDX-License-Identifier: MIT */
/* Bodies that a dot ends: every text of a few bytes, at every split, beside a
 * plain account of what it must become. */
#include "dots.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sessions.h"

static const char bytes[] = ".\r\na";

/* The next text of up to that many bytes; false: that was the last. */
static bool next_text(char *text, size_t most)
{
    for (size_t i = 0; i < most; i++) {
        if (text[i] == '\0') {
            text[i] = bytes[0];
            return true;
        }
        const char *now = strchr(bytes, text[i]);
        if (now[1] != '\0') {
            text[i] = now[1];
            return true;
        }
        text[i] = bytes[0];
    }
    return false;
}

/* Sending */

struct parts {
    const char *text;
    size_t at, split, size;
};

/* Up to the split, and then the rest. */
static ssize_t give(void *arg, void *data, size_t size)
{
    struct parts *p = arg;
    size_t end = p->at < p->split ? p->split : p->size, n = end - p->at;

    check(n <= size);
    memcpy(data, p->text + p->at, n);
    p->at = end;
    return (ssize_t)n;
}

/* What it must become. */
static void stuff(const char *text, char *out)
{
    bool start = true;

    for (; *text != '\0'; text++) {
        if (*text == '\r' || *text == '\n') {
            out += sprintf(out, "\r\n");
            text += text[0] == '\r' && text[1] == '\n';
            start = true;
        } else {
            if (start && *text == '.')
                *out++ = '.';
            *out++ = *text;
            start = false;
        }
    }
    sprintf(out, "%s.\r\n", start ? "" : "\r\n");
}

static void check_sent(struct sock_session *c, struct pair *p, const char *text,
                       sock_source_t *source, const char *expected)
{
    check_ok(sock__dots_send(c, "test", source));
    const char *sent = heard(p);
    check_that(strcmp(sent, expected) == 0, "of %zu bytes: \"%s\"",
               strlen(text), sent);
}

TEST(dots, sent)
{
    struct sock_session c;
    struct pair p;
    char text[8] = "", expected[64];

    session_over(&c, &p, &each_line);
    do {
        size_t n = strlen(text);
        stuff(text, expected);
        sock_source_t whole = sock_source_memory(text, n);
        check_sent(&c, &p, text, &whole, expected);
        for (size_t split = 1; split < n; split++) {
            struct parts parts = {text, 0, split, n};
            sock_source_t source = {.read = give, .arg = &parts};
            check_sent(&c, &p, text, &source, expected);
        }
    } while (next_text(text, 5));
    end_session(&c, &p);
}

static ssize_t give_and_fail(void *arg, void *data, size_t size)
{
    int *calls = arg;
    memset(data, 'a', size);
    return (*calls)++ < 1 ? (ssize_t)size : -1;
}

/* Half a message must not look like a whole one. */
TEST(dots, source_fails)
{
    struct sock_session c;
    struct pair p;
    int calls = 0;
    sock_source_t source = {.read = give_and_fail, .arg = &calls};

    session_over(&c, &p, &each_line);
    check_fails(sock__dots_send(&c, "test", &source), SOCK_E_CANCELLED, 0,
                error_text());
    check(is_closed(&c));
    check(strstr(heard(&p), ".\r\n") == NULL);
    end_session(&c, &p);
}

/* What is sent does not wait for the end, nor for memory. */
TEST(dots, sent_in_blocks)
{
    static char text[60000];
    struct sock_session c;
    struct pair p;
    sock_source_t source = sock_source_memory(text, sizeof text);

    session_over(&c, &p, &each_line);
    check_ok(sock_setsockopt_int(c.wire.sock, SOL_SOCKET, SO_SNDBUF, 1 << 18));
    check_ok(sock__dots_send(&c, "test", &source));
    check_that(c.out.room < sizeof text, "%zu bytes", c.out.room);
    end_session(&c, &p);
}

static void send_to_nobody(sock_source_t source)
{
    struct sock_session c;
    struct pair p;

    session_over(&c, &p, &each_line);
    sock_free(p.b);
    p.b = NULL;
    check_int(sock__dots_send(&c, "test", &source), -1);
    check_int(sock_last_error()->kind, SOCK_E_OS);
    check(is_closed(&c));
    end_session(&c, &p);
}

TEST(dots, peer_goes)
{
    char *big = calloc(1, 1 << 20);

    send_to_nobody(sock_source_memory(big, 1 << 20));
    free(big);
}

/* Once it is gone, a source without an end is not read on. */
static ssize_t give_forever(void *arg, void *data, size_t size)
{
    (void)arg;
    memset(data, 'a', size);
    return (ssize_t)size;
}

TEST(dots, peer_goes_for_good)
{
    send_to_nobody((sock_source_t){.read = give_forever});
}

/* The memory is gone when the source has ended. */
static ssize_t end_and_lose(void *arg, void *data, size_t size)
{
    struct sock_session *c = arg;
    (void)data, (void)size;
    c->out.lost = true;
    return 0;
}

TEST(dots, no_memory_for_the_end)
{
    struct sock_session c;
    struct pair p;
    sock_source_t source = {.read = end_and_lose, .arg = &c};

    session_over(&c, &p, &each_line);
    check_fails(sock__dots_send(&c, "test", &source), SOCK_E_MEMORY, 0,
                error_text());
    check(is_closed(&c));
    end_session(&c, &p);
}

/* Reading */

/* What the bytes up to the end are a body of; where that is. NULL: nowhere. */
static const char *unstuff(const char *text, char *out)
{
    while (*text != '\0') {
        const char *end = strstr(text, "\r\n");
        if (end == text + 1 && *text == '.') {
            *out = '\0';
            return end + 2;
        }
        if (end == NULL)
            break;
        text += *text == '.';
        memcpy(out, text, (size_t)(end + 2 - text));
        out += end + 2 - text;
        text = end + 2;
    }
    return NULL;
}

struct taken {
    char text[128];
    size_t used;
    size_t calls, most; /* it refuses the call of that number; 0: none */
};

static int take(void *arg, const void *data, size_t n)
{
    struct taken *t = arg;

    if (++t->calls == t->most)
        return 1;
    memcpy(t->text + t->used, data, n);
    t->used += n;
    t->text[t->used] = '\0';
    return 0;
}

/* The first part has been received when the second comes. */
static void say_split(struct sock_session *c, struct pair *p, const char *text,
                      size_t split)
{
    size_t n = strlen(text);

    check_ok(sock_sendall(p->b, text, split, 0));
    while (c->wire.end - c->wire.at < split)
        check_ok(sock__session_more(c, "test", false));
    check_ok(sock_sendall(p->b, text + split, n - split, 0));
}

static void check_next(struct sock_session *c)
{
    struct sock__piece line;
    check_ok(sock__session_line(c, "test", &line));
    check_that(line.n == 4 && memcmp(line.at, "next", 4) == 0, "\"%.*s\"",
               (int)line.n, line.at);
}

static void check_taken(struct sock_session *c, struct pair *p,
                        const char *said, size_t split, const char *expected)
{
    struct taken t = {.text = ""};
    const sock_sink_t sink = {take, &t};

    say_split(c, p, said, split);
    check_ok(sock__dots_take(c, "test", &sink));
    check_that(strcmp(t.text, expected) == 0, "\"%s\" is \"%s\"", said, t.text);
    check_next(c);
}

/* Reads a body that begins with a text, and what stands behind its end. */
static void check_body(struct sock_session *c, struct pair *p, const char *text)
{
    char said[64], expected[64];

    snprintf(said, sizeof said, "%s\r\n.\r\n", text);
    const char *end = unstuff(said, expected);
    check(end != NULL);
    /* no more than that is a part of it */
    strcpy(said + (end - said), "next\r\n");
    for (size_t split = 0; split <= strlen(said) - 6; split++)
        check_taken(c, p, said, split, expected);
}

TEST(dots, taken)
{
    struct sock_session c;
    struct pair p;
    char text[8] = "";

    session_over(&c, &p, &each_line);
    do
        check_body(&c, &p, text);
    while (next_text(text, 5));
    end_session(&c, &p);
}

/* A body in single bytes: what lies there is never more. */
TEST(dots, taken_in_bytes)
{
    static const char said[] = "..a\r\n.b\r\n\r\n.\rc\r\n\n.\n\r\n..\r\n.\r\n";
    struct sock_session c;
    struct pair p;
    struct taken t = {.text = ""};
    const sock_sink_t sink = {take, &t};
    char small[2];

    session_over(&c, &p, &each_line);
    c.wire.buf = malloc(1);
    c.wire.room = 1;
    says(&p, said);
    check_ok(sock__dots_take(&c, "test", &sink));
    check_str(t.text, ".a\r\nb\r\n\r\n\rc\r\n\n.\n\r\n.\r\n");
    check_int(sock_recv(p.b, small, 1, MSG_DONTWAIT), -1);
    end_session(&c, &p);
}

/* One that refuses is not asked again, and the session is in step. */
TEST(dots, sink_refuses)
{
    struct sock_session c;
    struct pair p;

    for (size_t most = 1; most < 4; most++) {
        struct taken t = {.text = "", .most = most};
        const sock_sink_t sink = {take, &t};
        session_over(&c, &p, &each_line);
        say_split(&c, &p, "a\r\n..b\r\n..c\r\n.\r\nnext\r\n", 4);
        check_fails(sock__dots_take(&c, "test", &sink), SOCK_E_CANCELLED, 0,
                    error_text());
        check_int(t.calls, most);
        check_next(&c);
        end_session(&c, &p);
    }
}

/* The refusal is what is said of it, even if the rest never comes. */
TEST(dots, sink_refuses_what_breaks_off)
{
    struct sock_session c;
    struct pair p;
    struct taken t = {.text = "", .most = 1};
    const sock_sink_t sink = {take, &t};

    session_over(&c, &p, &each_line);
    says(&p, "a\r\n");
    check_ok(sock__session_more(&c, "test", false));
    says(&p, "b\r\n");
    check_ok(sock_shutdown(p.b, SHUT_WR));
    check_fails(sock__dots_take(&c, "test", &sink), SOCK_E_CANCELLED, 0,
                error_text());
    check(is_closed(&c));
    end_session(&c, &p);
}

TEST(dots, socket_that_is_closed_below)
{
    struct sock_session c;
    struct pair p;
    struct taken t = {.text = ""};
    const sock_sink_t sink = {take, &t};

    session_over(&c, &p, &each_line);
    check_ok(sock_close(c.wire.sock));
    check_fails(sock__dots_take(&c, "test", &sink), SOCK_E_OS, EBADF,
                error_text());
    check(is_closed(&c));
    end_session(&c, &p);
}

/* What is passed over has a limit, too. */
TEST(dots, sink_refuses_much)
{
    struct sock_session c;
    struct pair p;
    struct taken t = {.text = "", .most = 1};
    const sock_sink_t sink = {take, &t};
    const sock_session_limits_t limits = {.size = sizeof limits, .list = 2000};

    session_over(&c, &p, &each_line);
    check_ok(sock_session_set_limits(&c, &limits));
    says(&p, "a\r\n");
    check_ok(sock__session_more(&c, "test", false));
    for (int i = 0; i < 100; i++)
        says(&p, "0123456789012345678901234567890123456789012345678\r\n");
    check_int(sock__dots_take(&c, "test", &sink), -1);
    check_int(sock_last_error()->kind, SOCK_E_CANCELLED);
    check(is_closed(&c));
    end_session(&c, &p);
}

TEST(dots, end_of_stream)
{
    static const char *const said[] = {"",  "a",   "a\r\n",
                                       ".", ".\r", "a\r\n.\r"};

    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
        struct sock_session c;
        struct pair p;
        struct taken t = {.text = ""};
        const sock_sink_t sink = {take, &t};
        session_over(&c, &p, &each_line);
        says(&p, said[i]);
        sock_free(p.b);
        p.b = NULL;
        check_fails(sock__dots_take(&c, "test", &sink), SOCK_E_EOF, 0,
                    error_text());
        check(is_closed(&c));
        end_session(&c, &p);
    }
}

/* Into memory */

TEST(dots, lines)
{
    struct sock_session c;
    struct pair p;

    session_over(&c, &p, &each_line);
    says(&p, "one\r\n..two\r\n\r\n.three\r\n.\r\n.\r\nnext\r\n");
    sock_lines_t *l = check_made(sock__dots_lines(&c, "test"));
    check_int(l->count, 4);
    check_str(l->lines[1].text, ".two");
    check_str(l->lines[3].text, "three");
    sock_lines_free(l);
    l = check_made(sock__dots_lines(&c, "test"));
    check_int(l->count, 0);
    sock_lines_free(l);
    check_next(&c);
    end_session(&c, &p);
}

/* Each takes room beside its bytes. */
TEST(dots, too_many_empty_lines)
{
    enum { LINES = 2000 };
    static char text[2 * LINES + 4];
    struct sock_session c;
    struct pair p;
    sock_session_limits_t limits = {.size = sizeof limits, .list = 40000};

    for (size_t i = 0; i < LINES; i++)
        memcpy(text + 2 * i, "\r\n", 2);
    memcpy(text + 2 * LINES, ".\r\n", 4);
    session_over(&c, &p, &each_line);
    check_ok(sock_session_set_limits(&c, &limits));
    says(&p, text);
    sock_lines_t *l = check_made(sock__dots_lines(&c, "test"));
    check_int(l->count, LINES);
    sock_lines_free(l);
    limits.list = 20000;
    check_ok(sock_session_set_limits(&c, &limits));
    says(&p, text);
    check_null(sock__dots_lines(&c, "test"), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
               "test the server: the list is too long");
    check(is_closed(&c));
    end_session(&c, &p);
}

TEST(dots, too_many_lines)
{
    struct sock_session c;
    struct pair p;
    const sock_session_limits_t limits = {.size = sizeof limits, .list = 12};

    session_over(&c, &p, &each_line);
    check_ok(sock_session_set_limits(&c, &limits));
    says(&p, "0123456789\r\n.\r\n0123456789\r\na\r\n.\r\n");
    sock_lines_free(check_made(sock__dots_lines(&c, "test")));
    check_null(sock__dots_lines(&c, "test"), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
               "test the server: the list is too long");
    check(is_closed(&c));
    end_session(&c, &p);
}

/* SPDX-License-Identifier: MIT */
/* Sessions: lines, replies, limits, time, what is shown and what is not. Links
 * with --wrap: the address of a peer is what a test wants. */
#include <pysockc/session.h>

#include <math.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "far_away.h"
#include "held.h"
#include "sessions.h"

/* Lines */

static const char text_of_lines[] = "a\r\n\nbb\r\r\n\r\nc\rd\n e \r\n";
static const char *const lines_of_text[] = {"a", "", "bb\r", "", "c\rd", " e "};

/* Reads the lines that have come; n is the next one. */
static void check_lines(struct sock_session *c, size_t *n, size_t end)
{
    struct sock__piece line;

    for (; *n < end; (*n)++) {
        check_ok(sock__session_line(c, "test", &line));
        check_int(line.n, strlen(lines_of_text[*n]));
        check_bytes(line.at, lines_of_text[*n], line.n);
    }
}

static size_t ends_in(const char *text, size_t n)
{
    size_t ends = 0;
    for (size_t i = 0; i < n; i++)
        ends += text[i] == '\n';
    return ends;
}

TEST(session, lines_split_anywhere)
{
    size_t size = strlen(text_of_lines);

    for (size_t split = 0; split <= size; split++) {
        struct sock_session c;
        struct pair p;
        size_t n = 0;
        session_over(&c, &p, &each_line);
        check_ok(sock_sendall(p.b, text_of_lines, split, 0));
        check_lines(&c, &n, ends_in(text_of_lines, split));
        check_ok(sock_sendall(p.b, text_of_lines + split, size - split, 0));
        check_lines(&c, &n, 6);
        end_session(&c, &p);
    }
}

static void *say_bytes(void *arg)
{
    struct pair *p = arg;
    for (size_t i = 0; i < sizeof text_of_lines - 1; i++) {
        sock_sendall(p->b, text_of_lines + i, 1, 0);
        usleep(200);
    }
    return NULL;
}

TEST(session, lines_byte_by_byte)
{
    struct sock_session c;
    struct pair p;
    pthread_t thread;
    size_t n = 0;

    session_over(&c, &p, &each_line);
    check_int(pthread_create(&thread, NULL, say_bytes, &p), 0);
    check_lines(&c, &n, 6);
    pthread_join(thread, NULL);
    end_session(&c, &p);
}

/* A line of n bytes. */
static int read_long_line(size_t n, const char *end)
{
    struct sock_session c;
    struct pair p;
    struct sock__piece line;
    char text[200];

    session_over(&c, &p, &each_line);
    memset(text, 'x', n);
    strcpy(text + n, end);
    says(&p, text);
    int result = sock__session_line(&c, "test", &line);
    check_int(is_closed(&c), result < 0);
    end_session(&c, &p);
    return result;
}

TEST(session, long_lines)
{
    check_ok(read_long_line(100, "\n"));
    check_ok(read_long_line(99, "\r\n"));
    check_fails(read_long_line(101, "\n"), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
                "test the server: line too long");
    check_fails(read_long_line(101, ""), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
                "test the server: line too long");
}

/* Replies */

struct row {
    const struct sock__protocol *protocol;
    const char *says;
    int code; /* -1: it is no reply */
    const char *text;
};

#define EIGHTY                                                                 \
    "1234567890123456789012345678901234567890"                                 \
    "1234567890123456789012345678901234567890"

static const struct row replies[] = {
    {&each_line, "250 ok\r\n", 250, "ok"},
    {&each_line, "250\n", 250, ""},
    {&each_line, "250 \r\n", 250, ""},
    {&each_line, "250-a\r\n250 b\r\n", 250, "a\nb"},
    {&each_line, "250-\r\n250-\r\n250\r\n", 250, "\n\n"},
    {&each_line, "250-250 a\r\n250 b\r\n", 250, "250 a\nb"},
    {&each_line, "250 a\tb\x01\x7f\x1b[\xc3\xb6\r\n", 250, "a\tb???[\xc3\xb6"},
    {&each_line, "999 x\r\n", 999, "x"},
    {&each_line, "100 x\r\n", 100, "x"},
    {&each_line, "250-a\r\n251 b\r\n", -1, "not a reply: '251 b'"},
    {&each_line, "250-a\r\nb\r\n", -1, "not a reply: 'b'"},
    {&each_line, "250-a\r\n250b\r\n", -1, "not a reply: '250b'"},
    {&each_line, "099 x\r\n", -1, "not a reply: '099 x'"},
    {&each_line, ":50 x\r\n", -1, "not a reply: ':50 x'"},
    {&each_line, "2:0 x\r\n", -1, "not a reply: '2:0 x'"},
    {&each_line, "25 x\r\n", -1, "not a reply: '25 x'"},
    {&each_line, "2500\r\n", -1, "not a reply: '2500'"},
    {&each_line, "25\r\n", -1, "not a reply: '25'"},
    {&each_line, "\r\n", -1, "not a reply: ''"},
    {&each_line, "250x\x1b\r\n", -1, "not a reply: '250x?'"},
    {&each_line, "250_x\r\n", -1, "not a reply: '250_x'"},
    {&each_line, "x" EIGHTY "\r\n", -1,
     "not a reply: 'x1234567890123456789012345678901234567890"
     "123456789012345678901234567890123456789'"},
    {&outer_lines, "211-a\r\n b\r\nc\r\n212 d\r\n211-e\r\n211 f\r\n", 211,
     "a\n b\nc\n212 d\ne\nf"},
    {&outer_lines, "211 f\r\n", 211, "f"},
    {&outer_lines, "211-a\r\n211\r\n", 211, "a\n"},
    {&one_line, "211-a\r\n", 211, "a"},
    {&one_line, "211 a\r\n", 211, "a"},
};

TEST(session, replies)
{
    for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
        const struct row *r = &replies[i];
        struct sock_session c;
        struct pair p;
        char text[160];
        session_over(&c, &p, r->protocol);
        check_int(sock_session_code(&c), 0);
        check_str(sock_session_text(&c), "");
        says(&p, r->says);
        check_int(sock__session_reply(&c, "test"), r->code);
        snprintf(text, sizeof text, "test the server: %s", r->text);
        if (r->code < 0) {
            check_int(sock_last_error()->kind, SOCK_E_PROTOCOL);
            check_int(sock_last_error()->code, SOCK_P_SYNTAX);
            check_str(error_text(), text);
            check(is_closed(&c));
        } else {
            check_int(sock_session_code(&c), r->code);
            check_str(sock_session_text(&c), r->text);
            check(c.wire.at == c.wire.end);
        }
        end_session(&c, &p);
    }
}

/* A reply of that many lines of that many bytes each, without their numbers. */
static int read_long_reply(size_t lines, size_t bytes)
{
    struct sock_session c;
    struct pair p;
    char line[200] = "250-";
    const sock_session_limits_t limits = {.size = sizeof limits, .reply = 400};

    session_over(&c, &p, &each_line);
    check_ok(sock_session_set_limits(&c, &limits));
    check_ok(sock_setsockopt_int(p.b, SOL_SOCKET, SO_SNDBUF, 1 << 20));
    memset(line + 4, 'x', bytes);
    strcpy(line + 4 + bytes, "\r\n");
    for (size_t i = 0; i < lines; i++) {
        line[3] = i + 1 < lines ? '-' : ' ';
        says(&p, line);
    }
    int result = sock__session_reply(&c, "test");
    check_int(is_closed(&c), result < 0);
    end_session(&c, &p);
    return result;
}

TEST(session, long_replies)
{
    check_int(read_long_reply(4, 90), 250);
    check_int(read_long_reply(200, 1), 250);
    check_fails(read_long_reply(5, 90), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
                "test the server: the reply is too long");
    check_fails(read_long_reply(402, 0), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
                "test the server: the reply is too long");
}

TEST(session, many_lines)
{
    struct sock_session c;
    struct pair p;
    const sock_session_limits_t limits = {.size = sizeof limits, .lines = 3};

    session_over(&c, &p, &each_line);
    check_ok(sock_session_set_limits(&c, &limits));
    says(&p, "250-\r\n250-\r\n250 \r\n250-\r\n250-\r\n250-\r\n250 \r\n");
    check_int(sock__session_reply(&c, "test"), 250);
    check_fails(sock__session_reply(&c, "test"), SOCK_E_PROTOCOL,
                SOCK_P_TOO_LARGE,
                "test the server: the reply has too many lines");
    end_session(&c, &p);
}

TEST(session, expected)
{
    struct sock_session c;
    struct pair p;
    const char *const parts[] = {"DO", " ", "it", NULL};

    session_over(&c, &p, &each_line);
    c.host = strdup("mail.example.org");
    says(&p, "250 ok\r\n550-no\r\n550 way\r\n451 x\r\n");
    check_ok(sock__session_ask(&c, "test", parts, NULL));
    check_str(heard(&p), "DO it\r\n");
    check_int(sock__session_expect(&c, "test", 2), 250);
    check_fails(sock__session_expect(&c, "test", 2), SOCK_E_REPLY, 550,
                "test mail.example.org: DO it: 550 no way");
    check_int(errno, EIO);
    check(!is_closed(&c));
    check_int(sock__session_do(&c, "test", parts, NULL), 451);
    sock__session_doing(&c, "SAY so", 6);
    check_fails(sock__session_refused(&c, "test"), SOCK_E_REPLY, 451,
                "test mail.example.org: SAY so: 451 x");
    check_fails(sock__session_lacks(&c, "test", "no such thing"),
                SOCK_E_UNSUPPORTED, 0, "test mail.example.org: no such thing");
    check(!is_closed(&c));
    end_session(&c, &p);
}

TEST(session, end_of_stream)
{
    static const char *const before[] = {"", "2", "250", "250 ok\r",
                                         "250-a\r\n"};

    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        struct sock_session c;
        struct pair p;
        session_over(&c, &p, &each_line);
        says(&p, before[i]);
        sock_free(p.b);
        p.b = NULL;
        check_fails(sock__session_expect(&c, "test", 2), SOCK_E_EOF, 0,
                    "test the server: Connection unexpectedly closed");
        check(is_closed(&c));
        check_fails(sock__session_need(&c, "test"), SOCK_E_EOF, 0,
                    "test: not connected");
        end_session(&c, &p);
    }
}

/* A server that goes away has said why before, at times, while it was being
 * sent something. */
TEST(session, last_words)
{
    static const struct {
        const char *says;
        int code; /* 0: no no is there */
        const char *text;
    } rows[] = {{"552-too\r\n552 much\r\n", 552, "too\nmuch"},
                {"250 ok\r\n550 no\r\n250 ok\r\n421 bye\r\n450 la", 421, "bye"},
                {"450 later\r\n250 ok\r\n", 450, "later"},
                {"450 later\r\n-ERR\r\n421 bye\r\n", 450, "later"},
                {"", 0, ""},
                {"250 ok\r\n354 go\r\n", 0, ""},
                {"552 too much", 0, ""},
                {"* BYE\r\n", 0, ""}};
    const char *const parts[] = {"MORE", NULL};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sock_session c;
        struct pair p;
        char text[100] = "test the server: MORE: [Errno 32] Broken pipe";
        session_over(&c, &p, &each_line);
        says(&p, rows[i].says);
        sock_free(p.b);
        p.b = NULL;
        int code = rows[i].code;
        if (code != 0)
            snprintf(text, sizeof text, "test the server: MORE: %d %s", code,
                     i > 0 ? rows[i].text : "too much");
        check_fails(sock__session_ask(&c, "test", parts, NULL),
                    code != 0 ? SOCK_E_REPLY : SOCK_E_OS,
                    code != 0 ? code : EPIPE, text);
        check(is_closed(&c));
        check_int(sock_session_code(&c), code);
        check_str(sock_session_text(&c), rows[i].text);
        end_session(&c, &p);
    }
}

/* Nor are there more of them than lines of a reply. */
TEST(session, many_last_words)
{
    struct sock_session c;
    struct pair p;
    const char *const parts[] = {"MORE", NULL};
    const sock_session_limits_t limits = {.size = sizeof limits, .lines = 2};

    session_over(&c, &p, &each_line);
    check_ok(sock_session_set_limits(&c, &limits));
    says(&p, "450 a\r\n451 b\r\n452 c\r\n");
    sock_free(p.b);
    p.b = NULL;
    check_fails(sock__session_ask(&c, "test", parts, NULL), SOCK_E_REPLY, 451,
                "test the server: MORE: 451 b");
    check(is_closed(&c));
    end_session(&c, &p);
}

/* Nor is it waited for. */
TEST(session, last_words_do_not_come)
{
    struct sock_session c;
    struct pair p;
    const char *const parts[] = {"MORE", NULL};

    session_over(&c, &p, &each_line);
    check_ok(sock_session_settimeout(&c, SOCK_NO_TIMEOUT));
    says(&p, "552-too\r\n");
    check_ok(sock_shutdown(c.wire.sock, SHUT_WR));
    check_fails(sock__session_ask(&c, "test", parts, NULL), SOCK_E_OS, EPIPE,
                "test the server: MORE: [Errno 32] Broken pipe");
    check(is_closed(&c));
    end_session(&c, &p);
}

/* Nor taken for the reason where it has not ended the connection. */
TEST(session, words_of_one_that_does_not_listen)
{
    static char much[1 << 20];
    struct sock_session c;
    struct pair p;

    session_over(&c, &p, &each_line);
    check_ok(sock_session_settimeout(&c, 0.05));
    says(&p, "250 hi\r\n450 later\r\n");
    check_int(sock__session_reply(&c, "test"), 250);
    check_ok(sock__session_add(&c, "test", much, sizeof much));
    check_fails(sock__session_flush(&c, "test"), SOCK_E_TIMEOUT, 0,
                "test the server: timed out");
    check(is_closed(&c));
    check_str(sock_session_text(&c), "hi");
    end_session(&c, &p);
}

/* Commands */

TEST(session, commands)
{
    struct sock_session c;
    struct pair p;
    char big[70];
    const char *const good[] = {"A", " b", " c", NULL};
    const char *const cr[] = {"A", "b\r", NULL};
    const char *const lf[] = {"\nA", "b", NULL};
    const char *const most[] = {big, NULL}, *const over[] = {big, "x", NULL};
    const char *words =
        "test: command and arguments contain prohibited newline characters";

    session_over(&c, &p, &each_line);
    memset(big, 'x', sizeof big);
    big[60] = '\0';
    check_ok(sock__session_say(&c, "test", good, NULL));
    check_fails(sock__session_say(&c, "test", cr, NULL), SOCK_E_VALUE, 0,
                words);
    check_fails(sock__session_ask(&c, "test", lf, NULL), SOCK_E_VALUE, 0,
                words);
    check_fails(sock__session_ask(&c, "test", over, NULL), SOCK_E_VALUE, 0,
                "test: the command is too long");
    check_ok(sock__session_say_most(&c, "test", over, NULL, 61));
    check_str(heard(&p), "");
    check_ok(sock__session_say(&c, "test", most, NULL));
    check_ok(sock__session_add(&c, "test", "\r\n\0", 3));
    check_ok(sock__session_flush(&c, "test"));
    check_int(strlen(heard(&p)), 7 + 63 + 62 + 2);
    check(!is_closed(&c));
    end_session(&c, &p);
}

struct shown {
    char text[500];
};

static void show(void *arg, char direction, const char *line, size_t n)
{
    struct shown *s = arg;
    size_t used = strlen(s->text);
    snprintf(s->text + used, sizeof s->text - used, "%c%.*s|", direction,
             (int)n, line);
}

/* Whether a text lies in what commands are sent from, beyond its end, too. */
static bool lies_there(const struct sock_session *c, const char *text)
{
    return memmem(c->out.text, c->out.room, text, strlen(text)) != NULL;
}

TEST(session, secrets)
{
    struct sock_session c;
    struct pair p;
    struct shown shown = {""};
    const char *const user[] = {"USER ", "eve", NULL};
    const char *const pass[] = {"PASS ", "hunter2", NULL};

    session_over(&c, &p, &each_line);
    check_ok(sock_session_set_trace(&c, show, &shown));
    check_ok(sock__session_say(&c, "test", user, NULL));
    check_ok(sock__session_say(&c, "test", pass, "PASS ****"));
    memset(c.out.text + c.out.used, 0, c.out.room - c.out.used);
    check(lies_there(&c, "hunter2"));
    check_ok(sock__session_flush(&c, "test"));
    check(!lies_there(&c, "hunter2"));
    check_str(heard(&p), "USER eve\r\nPASS hunter2\r\n");
    says(&p, "331 go on\r\n530 no\r\n");
    check_int(sock__session_reply(&c, "test"), 331);
    check_fails(sock__session_expect(&c, "test", 2), SOCK_E_REPLY, 530,
                "test the server: PASS ****: 530 no");
    check_str(shown.text, ">USER eve|>PASS ****|<331 go on|<530 no|");
    check_ok(sock_session_set_trace(&c, NULL, NULL));
    check_ok(sock__session_ask(&c, "test", user, NULL));
    check_str(shown.text, ">USER eve|>PASS ****|<331 go on|<530 no|");
    end_session(&c, &p);
}

/* Not sent, and the session ends: it is wiped all the same. */
TEST(session, secrets_that_were_not_sent)
{
    struct sock_session c;
    struct pair p;
    const char *const pass[] = {"PASS ", "hunter2", NULL};

    session_over(&c, &p, &each_line);
    check_ok(sock_shutdown(c.wire.sock, SHUT_WR));
    memset(c.out.text = calloc(1, 1024), 0, c.out.room = 1024);
    check_int(sock__session_ask(&c, "test", pass, "PASS ****"), -1);
    check_int(sock_last_error()->kind, SOCK_E_OS);
    check(is_closed(&c));
    check(!lies_there(&c, "hunter2"));
    check_ok(sock__session_say(&c, "test", pass, "PASS ****"));
    check(lies_there(&c, "hunter2"));
    sock__session_close(&c);
    check(!lies_there(&c, "hunter2"));
    end_session(&c, &p);
}

/* Time */

static void *say_slowly(void *arg)
{
    struct pair *p = arg;
    for (int i = 0; i < 4000; i++) {
        if (sock_send(p->b, "2", 1, MSG_NOSIGNAL) < 0)
            break;
        usleep(5000);
    }
    return NULL;
}

/* Bytes that come now and then do not make a reply take longer. */
static void check_slow(double timeout, double deadline)
{
    struct sock_session c;
    struct pair p;
    pthread_t thread;
    const char *const noop[] = {"NOOP", NULL};

    session_over(&c, &p, &each_line);
    check_ok(sock_session_settimeout(&c, timeout));
    double began = now(); /* a deadline does so here */
    check_ok(sock_session_set_deadline(&c, deadline));
    check_int(pthread_create(&thread, NULL, say_slowly, &p), 0);
    check_fails(sock__session_do(&c, "test", noop, NULL), SOCK_E_TIMEOUT, 0,
                "test the server: NOOP: timed out");
    double took = now() - began;
    check_that(took > 0.04 && took < 5, "%g s", took);
    check(is_closed(&c));
    pthread_join(thread, NULL);
    end_session(&c, &p);
}

TEST(session, time)
{
    check_slow(0.05, SOCK_NO_TIMEOUT);
    check_slow(SOCK_NO_TIMEOUT, 0.05);
    check_slow(10, 0.05);
    check_slow(0.05, 10);
}

/* Each command has all of its time. */
TEST(session, time_begins_anew)
{
    struct sock_session c;
    struct pair p;
    const char *const noop[] = {"NOOP", NULL};

    session_over(&c, &p, &each_line);
    check_ok(sock_session_settimeout(&c, 0.1));
    for (int i = 0; i < 3; i++) {
        usleep(60000);
        says(&p, "250 ok\r\n");
        check_int(sock__session_do(&c, "test", noop, NULL), 250);
    }
    check_ok(sock_session_set_deadline(&c, 0));
    says(&p, "250 ok\r\n");
    check_int(sock__session_do(&c, "test", noop, NULL), -1);
    check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
    end_session(&c, &p);
}

TEST(session, times_that_are_none)
{
    struct sock_session c;
    struct pair p;

    session_over(&c, &p, &each_line);
    check_fails(sock_session_settimeout(&c, 0), SOCK_E_VALUE, 0,
                "settimeout: Non-blocking socket (timeout=0) is not "
                "supported");
    check_fails(sock_session_settimeout(&c, -2), SOCK_E_VALUE, 0, error_text());
    check_fails(sock_session_settimeout(&c, (double)NAN), SOCK_E_VALUE, 0,
                error_text());
    check_fails(sock_session_settimeout(&c, 1e300), SOCK_E_OVERFLOW, 0,
                error_text());
    check_fails(sock_session_set_deadline(&c, -2), SOCK_E_VALUE, 0,
                error_text());
    check_ok(sock_session_settimeout(&c, SOCK_DEFAULT_TIMEOUT));
    check_ok(sock_session_settimeout(&c, SOCK_NO_TIMEOUT));
    check_ok(sock_session_set_deadline(&c, 9223372036.0));
    check(c.deadline == INT64_MAX);
    check_ok(sock_session_set_deadline(&c, SOCK_NO_TIMEOUT));
    says(&p, "250 ok\r\n");
    check_int(sock__session_reply(&c, "test"), 250);
    sock__session_close(&c);
    check_ok(sock_session_settimeout(&c, 5)); /* for the next connection */
    check_ok(sock_session_set_deadline(&c, 5));
    end_session(&c, &p);
}

/* A socket that its owner has closed behind the session's back. */
static void close_below(struct sock_session *c)
{
    check_ok(sock_close(c->wire.sock));
}

static int close_in(void *arg, const void *data, size_t n)
{
    (void)data, (void)n;
    close_below(arg);
    return 0;
}

TEST(session, sockets_that_are_closed_below)
{
    struct sock_session c;
    struct pair p;
    const sock_sink_t sink = {close_in, &c};
    const char *const noop[] = {"NOOP", NULL};

    session_over(&c, &p, &each_line);
    close_below(&c);
    check_fails(sock_session_settimeout(&c, 5), SOCK_E_OS, EBADF, error_text());
    check_fails(sock__session_ask(&c, "test", noop, NULL), SOCK_E_OS, EBADF,
                "test the server: NOOP: [Errno 9] Bad file descriptor");
    check(is_closed(&c));
    end_session(&c, &p);
    session_over(&c, &p, &each_line);
    says(&p, "0123");
    check_fails(sock__session_take(&c, "test", 10, &sink), SOCK_E_OS, EBADF,
                error_text());
    check(is_closed(&c));
    end_session(&c, &p);
}

/* Settings */

TEST(session, arguments)
{
    struct sock_session c;
    struct pair p;
    sock_session_limits_t limits = {.size = 1};

    check_int(sock_session_code(NULL), -1);
    check_null(sock_session_text(NULL), SOCK_E_TYPE, 0, error_text());
    check_null(sock_session_socket(NULL), SOCK_E_TYPE, 0, error_text());
    check_int(sock_session_settimeout(NULL, 1), -1);
    check_int(sock_session_set_deadline(NULL, 1), -1);
    check_int(sock_session_set_limits(NULL, &limits), -1);
    check_int(sock_session_set_trace(NULL, show, NULL), -1);
    check_int(sock_session_secure(NULL), -1);
    check_int(sock_last_error()->kind, SOCK_E_TYPE);
    session_over(&c, &p, &each_line);
    check_fails(sock_session_set_limits(&c, NULL), SOCK_E_TYPE, 0,
                error_text());
    check_fails(sock_session_set_limits(&c, &limits), SOCK_E_VALUE, 0,
                "set_limits: size of the struct is wrong");
    limits.size = sizeof limits;
    limits.reserved[4] = 1;
    check_fails(sock_session_set_limits(&c, &limits), SOCK_E_VALUE, 0,
                error_text());
    check(sock_session_socket(&c) == c.wire.sock);
    check_int(sock_session_secure(&c), 0);
    sock__session_close(&c);
    errno = 1234;
    check(sock_session_socket(&c) == NULL);
    check_int(errno, 1234);
    check_int(sock_session_secure(&c), 0);
    end_session(&c, &p);
}

TEST(session, limits_of_a_protocol)
{
    struct sock_session c;
    struct pair p;
    sock_session_limits_t limits = {.size = sizeof limits, .line = 5};

    session_over(&c, &p, &each_line);
    check_int(c.limits.line, 100);
    check_int(c.limits.reply, 65536);
    check_int(c.limits.lines, 1000);
    check_ok(sock_session_set_limits(&c, &limits));
    check_int(c.limits.line, 5);
    limits.line = 0;
    check_ok(sock_session_set_limits(&c, &limits));
    check_int(c.limits.line, 100);
    end_session(&c, &p);
}

static int begin_with(sock_session_opts_t o)
{
    struct sock_session c = {0};
    int result = sock__session_begin(&c, "test", &each_line, &o);
    sock__session_end(&c);
    return result;
}

TEST(session, options)
{
    sock_session_opts_t o = {.size = sizeof o};

    check_ok(begin_with(o));
    o.timeout = SOCK_NO_TIMEOUT;
    check_ok(begin_with(o));
    o.timeout = -1.5;
    check_fails(begin_with(o), SOCK_E_VALUE, 0, error_text());
    o.timeout = 0;
    o.reserved[13] = 1;
    check_fails(begin_with(o), SOCK_E_VALUE, 0, error_text());
    o.size = 0;
    check_fails(begin_with(o), SOCK_E_VALUE, 0,
                "test: size of the struct is wrong");
    o.size = sizeof o;
    o.reserved[13] = 0;
    check_ok(sock_setdefaulttimeout(0));
    check_fails(begin_with(o), SOCK_E_VALUE, 0,
                "test: Non-blocking socket (timeout=0) is not supported");
    check_ok(sock_setdefaulttimeout(SOCK_NO_TIMEOUT));
}

/* Connecting */

TEST(session, connects)
{
    struct sock_session c = {0};
    sock_addr_t address;
    sock_t *server = listener(&address);
    int port = sock_addr_port(&address);
    char text[100];

    check_ok(sock__session_begin(&c, "test", &each_line, NULL));
    check_ok(sock__session_connect(&c, "test", "127.0.0.1", port));
    sock_t *s = check_made(sock_accept(server, NULL));
    check_ok(sock_sendall(s, "250 ok\r\n", 8, 0));
    check_int(sock__session_reply(&c, "test"), 250);
    check_str(c.host, "127.0.0.1");
    sock_free(s);
    sock_free(server);
    snprintf(text, sizeof text, "test <peer>: [Errno 111] Connection refused");
    check_fails(sock__session_connect(&c, "test", "127.0.0.1", port), SOCK_E_OS,
                ECONNREFUSED, text);
    check(is_closed(&c));
    check_str(sock_session_text(&c), "");
    check_fails(sock__session_connect(&c, "test", NULL, port), SOCK_E_TYPE, 0,
                error_text());
    check_fails(sock__session_connect(&c, "test", "127.0.0.1", 0), SOCK_E_OS,
                ECONNREFUSED,
                "test ('127.0.0.1', 7): [Errno 111] Connection refused");
    check_fails(sock__session_connect(&c, "test", "h", 65536), SOCK_E_VALUE, 0,
                "test: Port out of range 0-65535");
    check_ok(sock_session_set_deadline(&c, 0));
    check_fails(sock__session_connect(&c, "test", "127.0.0.1", 1),
                SOCK_E_TIMEOUT, 0, "test: timed out");
    sock__session_end(&c);
}

TEST(session, connects_from_an_address)
{
    struct sock_session c = {0};
    sock_addr_t address, from;
    sock_t *server = listener(&address);
    sock_session_opts_t o = {.size = sizeof o,
                             .source = sock_addr_inet("127.0.0.2", 0)};
    int nodelay = 0;

    check_ok(sock__session_begin(&c, "test", &each_line, &o));
    check_ok(sock__session_connect(&c, "test", "127.0.0.1",
                                   sock_addr_port(&address)));
    sock_t *s = check_made(sock_accept(server, &from));
    check_int(strncmp(repr(&from), "('127.0.0.2'", 12), 0);
    check_ok(sock_getsockopt_int(sock_session_socket(&c), IPPROTO_TCP,
                                 TCP_NODELAY, &nodelay));
    check_int(nodelay, 1);
    sock_free(s);
    c.source = sock_addr_inet("no.address", 0);
    check_fails(sock__session_connect(&c, "test", "127.0.0.1",
                                      sock_addr_port(&address)),
                c.source.kind, c.source.code, error_text());
    sock_free(server);
    c.source = sock_addr_inet("127.0.0.2", 0);
    check_int(sock__session_connect(&c, "test", "127.0.0.1",
                                    sock_addr_port(&address)),
              -1);
    check_int(sock_last_error()->code, ECONNREFUSED);
    check_int(strncmp(error_text(), "test ", 5), 0);
    sock__session_end(&c);
}

TEST(session, connects_to_a_path)
{
    struct sock_session c = {0};
    char path[100];
    sock_t *server = check_made(sock_new(AF_UNIX, SOCK_STREAM, 0));

    snprintf(path, sizeof path, "/tmp/session.%d", (int)getpid());
    check_ok(sock_bind(server, sock_addr_unix(path)));
    check_ok(sock_listen(server, 1));
    check_ok(sock__session_begin(&c, "test", &each_line, NULL));
    check_ok(sock__session_connect(&c, "test", path, 0));
    check_ok(sock__session_trusts(&c, "test"));
    unlink(path);
    check_int(sock__session_connect(&c, "test", path, 0), -1);
    check_int(sock_last_error()->code, ENOENT);
    check(is_closed(&c));
    sock__session_end(&c);
    sock_free(server);
}

TEST(session, adopts)
{
    struct sock_session c = {0};
    sock_t *s = closed_socket(SOCK_STREAM);

    check_ok(sock__session_begin(&c, "test", &each_line, NULL));
    check_fails(sock__session_adopt(&c, "test", NULL), SOCK_E_TYPE, 0,
                error_text());
    check_int(sock__session_adopt(&c, "test", s), -1);
    check(is_closed(&c));
    sock_free(s); /* is still the caller's */
    sock__session_end(&c);
}

/* TLS, by a context that does nothing. */

static sock_t *wrap(sock_tls_t *tls, sock_t *s,
                    const struct sock__tls_terms *terms)
{
    (void)tls;
    return sock__move(s, terms->op);
}

static sock_t *wrap_not(sock_tls_t *tls, sock_t *s,
                        const struct sock__tls_terms *terms)
{
    (void)tls, (void)s;
    sock__fail(terms->op, SOCK_E_MEMORY, 0, 0);
    return NULL;
}

static sock_t *unwrap(sock_t *s)
{
    return sock__move(s, "unwrap");
}

static bool is_in_clear;

static bool is_secure(const sock_t *s)
{
    (void)s;
    return !is_in_clear;
}

static const struct sock__tls_ops ops = {.wrap = wrap,
                                         .unwrap = unwrap,
                                         .is_secure = is_secure,
                                         .hold = hold,
                                         .let_go = let_go};
static const struct sock__tls_ops bad_ops = {
    .wrap = wrap_not, .hold = hold, .let_go = let_go};
static sock_tls_t tls = {&ops}, bad_tls = {&bad_ops};

TEST(session, tls)
{
    struct sock_session c;
    struct pair p;

    session_over(&c, &p, &each_line);
    check_ok(sock__session_secure(&c, "test", &tls));
    check_int(tls_holds, 1);
    check_int(sock_session_secure(&c), 1);
    is_in_clear = true;
    check_int(sock_session_secure(&c), 0);
    is_in_clear = false;
    says(&p, "250 ok\r\n");
    check_int(sock__session_reply(&c, "test"), 250);
    check_ok(sock__session_unwrap(&c, "test"));
    check_int(tls_holds, 0);
    check_int(sock_session_secure(&c), 0);
    says(&p, "250 ok\r\n");
    check_int(sock__session_reply(&c, "test"), 250);
    check_ok(sock__session_secure(&c, "test", &tls));
    end_session(&c, &p);
    check_int(tls_holds, 0);
}

TEST(session, tls_over_what_is_closed_below)
{
    for (int unwraps = 0; unwraps < 2; unwraps++) {
        struct sock_session c;
        struct pair p;
        session_over(&c, &p, &each_line);
        if (unwraps)
            check_ok(sock__session_secure(&c, "test", &tls));
        close_below(&c);
        check_fails(unwraps ? sock__session_unwrap(&c, "test")
                            : sock__session_secure(&c, "test", &tls),
                    SOCK_E_OS, EBADF, error_text());
        check(is_closed(&c));
        check_int(tls_holds, 0);
        end_session(&c, &p);
    }
}

TEST(session, tls_fails)
{
    struct sock_session c;
    struct pair p;

    session_over(&c, &p, &each_line);
    check_fails(sock__session_secure(&c, "test", &bad_tls), SOCK_E_MEMORY, 0,
                error_text());
    check(is_closed(&c));
    check_int(tls_holds, 0);
    end_session(&c, &p);
}

/* What is sent behind the go-ahead would be taken for what came under TLS. */
TEST(session, tls_injection)
{
    struct sock_session c;
    struct pair p;

    for (int unwraps = 0; unwraps < 2; unwraps++) {
        session_over(&c, &p, &each_line);
        if (unwraps)
            check_ok(sock__session_secure(&c, "test", &tls));
        says(&p, "220 go\r\n250 evil\r\n");
        check_int(sock__session_reply(&c, "test"), 220);
        int result = unwraps ? sock__session_unwrap(&c, "test")
                             : sock__session_secure(&c, "test", &tls);
        check_fails(result, SOCK_E_PROTOCOL, SOCK_P_ORDER, error_text());
        check(strstr(error_text(), "more than its go-ahead") != NULL);
        check(is_closed(&c));
        check_int(tls_holds, 0);
        end_session(&c, &p);
    }
}

TEST(session, no_context)
{
    struct sock_session c;
    struct pair p;
    sock_tls_t *context = NULL;

    session_over(&c, &p, &each_line);
    c.host = strdup("h");
    check_int(sock__session_context("test", &context), -1);
    check_int(sock_last_error()->kind, SOCK_E_UNSUPPORTED);
    check(!is_closed(&c));
    context = &tls;
    check_ok(sock__session_context("test", &context));
    check(context == &tls);
    end_session(&c, &p);
}

TEST(session, trust)
{
    static const struct {
        const char *host;
        bool far;
    } rows[] = {{"127.0.0.1", false},
                {"127.255.1.2", false},
                {"126.0.0.1", true},
                {"192.0.2.1", true},
                {"::1", false},
                {"::2", true},
                {"1::1", true},
                {"0:0:1::1", true},
                {"1::ffff:127.0.0.1", true},
                {"0:0:1::ffff:127.0.0.1", true},
                {"::1:0:0:1", true},
                {"::127.0.0.1", true},
                {"::ffff:127.0.0.1", false},
                {"::ffff:192.0.2.1", true}};
    struct sock_session c;
    struct pair p;

    session_over(&c, &p, &each_line);
    check_ok(sock__session_trusts(&c, "test"));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool v6 = strchr(rows[i].host, ':') != NULL;
        sock_addr_t a = v6 ? sock_addr_inet6(rows[i].host, 1)
                           : sock_addr_inet(rows[i].host, 1);
        far_away = &a;
        check_that(sock__session_trusts(&c, "test") == (rows[i].far ? -1 : 0),
                   "%s", rows[i].host);
        far_away = NULL;
    }
    sock_addr_t other = sock_addr_inet("127.0.0.1", 1);
    other.u.sa.sa_family = AF_UNSPEC;
    far_away = &other;
    check_int(sock__session_trusts(&c, "test"), -1);
    const sock_addr_t far = sock_addr_inet("192.0.2.1", 1);
    far_away = &far;
    check_fails(sock__session_trusts(&c, "test"), SOCK_E_VALUE, 0,
                "test: the password would be sent without TLS (see "
                "insecure_auth)");
    check(!is_closed(&c));
    c.insecure_auth = true;
    check_ok(sock__session_trusts(&c, "test"));
    c.insecure_auth = false;
    check_ok(sock__session_secure(&c, "test", &tls));
    check_ok(sock__session_trusts(&c, "test"));
    far_away = NULL;
    end_session(&c, &p);
}

/* Literals */

struct taken {
    char text[64];
    size_t most; /* how many bytes it takes */
    int calls;
};

static int take(void *arg, const void *data, size_t n)
{
    struct taken *t = arg;
    size_t used = strlen(t->text);

    t->calls++;
    if (used + n > t->most)
        return 1;
    memcpy(t->text + used, data, n);
    t->text[used + n] = '\0';
    return 0;
}

TEST(session, bytes_split_anywhere)
{
    const char *text = "0123456789ok\r\n";

    for (size_t split = 0; split <= strlen(text); split++) {
        struct sock_session c;
        struct pair p;
        struct taken t = {.most = 63};
        const sock_sink_t sink = {take, &t};
        struct sock__piece line;
        session_over(&c, &p, &each_line);
        check_ok(sock_sendall(p.b, text, split, 0));
        if (split > 0)
            check_ok(sock__session_more(&c, "test", false));
        check_ok(sock_sendall(p.b, text + split, strlen(text) - split, 0));
        check_ok(sock__session_take(&c, "test", 0, &sink));
        check_int(t.calls, 0);
        check_ok(sock__session_take(&c, "test", 10, &sink));
        check_str(t.text, "0123456789");
        check_ok(sock__session_line(&c, "test", &line));
        check_bytes(line.at, "ok", 2);
        end_session(&c, &p);
    }
}

/* A CR that belongs to the bytes before it is none of the line. */
TEST(session, a_line_without_bytes)
{
    struct sock_session c;
    struct pair p;
    struct taken t = {.most = 63};
    const sock_sink_t sink = {take, &t};
    struct sock__piece line;

    session_over(&c, &p, &each_line);
    says(&p, "ab\r\nok\r\n");
    check_ok(sock__session_take(&c, "test", 3, &sink));
    check_str(t.text, "ab\r");
    check_ok(sock__session_line(&c, "test", &line));
    check_int(line.n, 0);
    check_ok(sock__session_line(&c, "test", &line));
    check_int(line.n, 2);
    end_session(&c, &p);
}

TEST(session, sink_refuses_bytes)
{
    struct sock_session c;
    struct pair p;
    struct taken t = {.most = 0};
    const sock_sink_t sink = {take, &t};
    struct sock__piece line;

    session_over(&c, &p, &each_line);
    says(&p, "01234");
    check_ok(sock__session_more(&c, "test", false));
    says(&p, "56789ok\r\n");
    check_int(sock__session_take(&c, "test", 10, &sink), 1);
    check_int(sock_last_error()->kind, SOCK_E_CANCELLED);
    check_int(t.calls, 1);
    check_ok(sock__session_line(&c, "test", &line));
    check_bytes(line.at, "ok", 2);
    says(&p, "012");
    sock_free(p.b);
    p.b = NULL;
    check_int(sock__session_take(&c, "test", 20, &sink), -1);
    check_int(sock_last_error()->kind, SOCK_E_EOF);
    end_session(&c, &p);
}

/* Nor is more passed over than may be held. */
TEST(session, sink_refuses_what_has_no_end)
{
    const sock_session_limits_t limits = {.size = sizeof limits, .list = 10};
    struct sock_session c;
    struct pair p;
    struct taken t = {.most = 0};
    const sock_sink_t sink = {take, &t};

    session_over(&c, &p, &each_line);
    check_ok(sock_session_set_limits(&c, &limits));
    says(&p, "012");
    check_int(sock__session_take(&c, "test", UINT64_MAX, &sink), -1);
    check_int(sock_last_error()->kind, SOCK_E_CANCELLED);
    check(is_closed(&c));
    end_session(&c, &p);
}

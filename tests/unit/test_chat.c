/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * What a chat collects is written down, each piece in brackets, and a stroke
 * for each terminator. The other end is a plain socket.
 */
struct room {
    sock_loop_t *loop;
    sock_chat_t *chat;
    sock_t *peer;
    char text[4096];
    size_t collected;
    int errors, closes, frees, full, low;
    sock_error_t error;
    const char *then; /* the terminator that is set when one is found */
    size_t count;
    const char *line; /* what sock_chat_get_data() gave, and is not freed */
    void (*act)(sock_chat_t *chat, struct room *r);
    int result;
};

static struct room *room_of(const sock_chat_t *chat)
{
    return sock_chat_arg(chat);
}

static void note(struct room *r, const char *before, const void *data,
                 size_t size, const char *behind)
{
    size_t used = strlen(r->text);
    check(used + size + 8 < sizeof r->text);
    snprintf(r->text + used, sizeof r->text - used, "%s%.*s%s", before,
             (int)size, (const char *)data, behind);
}

static int collect(sock_chat_t *chat, const void *data, size_t size)
{
    struct room *r = room_of(chat);
    check(size > 0);
    r->collected += size;
    if (size < 1000)
        note(r, "[", data, size, "]");
    return 0;
}

static int found(sock_chat_t *chat)
{
    struct room *r = room_of(chat);
    note(r, "|", "", 0, "");
    if (r->then != NULL)
        check_ok(sock_chat_set_terminator(chat, r->then, strlen(r->then)));
    if (r->count > 0)
        check_ok(sock_chat_set_terminator_count(chat, r->count));
    if (r->act != NULL)
        r->act(chat, r);
    return r->result;
}

static int found_data(sock_chat_t *chat)
{
    struct room *r = room_of(chat);
    size_t size = 0;
    const char *data = sock_chat_get_data(chat, &size);
    note(r, "<", data, size, ">");
    if (r->act != NULL)
        r->act(chat, r);
    return 0;
}

static int on_close(sock_dispatcher_t *d)
{
    struct room *r = sock_dispatcher_arg(d);
    check(sock_chat_arg(sock_dispatcher_chat(d)) == r);
    r->closes++;
    return 0;
}

static void on_error(sock_dispatcher_t *d, const sock_error_t *e)
{
    struct room *r = sock_dispatcher_arg(d);
    r->errors++;
    r->error = *e;
}

static void on_free(sock_dispatcher_t *d)
{
    struct room *r = sock_dispatcher_arg(d);
    r->frees++;
}

static void on_full(sock_dispatcher_t *d)
{
    struct room *r = sock_dispatcher_arg(d);
    r->full++;
}

static void on_low(sock_dispatcher_t *d)
{
    struct room *r = sock_dispatcher_arg(d);
    r->low++;
}

#define DISPATCHER                                                             \
    .dispatcher = {                                                            \
        .handle_close = on_close,                                              \
        .handle_error = on_error,                                              \
        .handle_free = on_free,                                                \
        .pause_writing = on_full,                                              \
        .resume_writing = on_low,                                              \
    }

static const sock_chat_class_t noting = {
    .size = sizeof noting,
    DISPATCHER,
    .collect_incoming_data = collect,
    .found_terminator = found,
};
static const sock_chat_class_t keeping = {
    .size = sizeof keeping,
    DISPATCHER,
    .found_terminator = found_data,
};

static void open_room(struct room *r, const sock_chat_class_t *c,
                      const char *terminator)
{
    struct pair p = unix_pair(SOCK_STREAM);
    memset(r, 0, sizeof *r);
    r->loop = check_made(sock_loop_new());
    r->chat = check_made(sock_chat_new(c, r->loop, p.a, r));
    r->peer = p.b;
    if (terminator != NULL)
        check_ok(
            sock_chat_set_terminator(r->chat, terminator, strlen(terminator)));
}

static void close_room(struct room *r)
{
    sock_chat_free(r->chat);
    sock_free(r->peer);
    sock_loop_free(r->loop);
}

/* One piece, and what comes of it. */
static void hear(struct room *r, const char *data)
{
    check_ok(sock_sendall(r->peer, data, strlen(data), 0));
    check(sock_loop_run_once(r->loop, 5) > 0);
}

static void hang_up(struct room *r)
{
    sock_free(r->peer);
    r->peer = NULL;
}

static void run_until_closed(struct room *r)
{
    while (r->closes == 0)
        check(sock_loop_run_once(r->loop, 5) > 0);
}

static void drain(struct room *r, char *data, size_t size)
{
    size_t got = 0;
    check_ok(sock_setblocking(r->peer, 0));
    while (got < size) {
        check_ok(sock_loop_run_once(r->loop, 0));
        ssize_t n = sock_recv(r->peer, data + got, size - got, 0);
        check(n > 0 || (n < 0 && errno == EAGAIN));
        got += n > 0 ? (size_t)n : 0;
    }
    check_ok(sock_setblocking(r->peer, 1));
}

static char *pattern(size_t size)
{
    char *data = malloc(size);
    check(data != NULL);
    for (size_t i = 0; i < size; i++)
        data[i] = (char)(i * 7 + i / 251);
    return data;
}

/* TestAsynchat.test_line_terminator1, 2, 3 and test_empty_line */
TEST(chat, line_terminators)
{
    static const struct {
        const char *terminator, *pieces[4], *heard;
    } rows[] = {
        {"\n",
         {"hello ", "world", "\n", "I'm not dead yet!\n"},
         "[hello ][world]|[I'm not dead yet!]|"},
        {"\r\n",
         {"hello world\r", "\nI'm not ", "dead yet!\r\n", "\r\n"},
         "[hello world]|[I'm not ][dead yet!]||"},
        {"qqq",
         {"hello worldq", "qqI'm not deadqq", "q", "\n\nqqq"},
         "[hello world]|[I'm not dead]|[\n\n]|"},
        {"aab", {"xaa", "aab", NULL, NULL}, "[x][aa]|"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct room r;
        open_room(&r, &noting, rows[i].terminator);
        for (int k = 0; k < 4 && rows[i].pieces[k] != NULL; k++)
            hear(&r, rows[i].pieces[k]);
        check_str(r.text, rows[i].heard);
        close_room(&r);
    }
}

/* TestAsynchat.test_numeric_terminator1, 2 */
TEST(chat, numeric_terminator)
{
    struct room r;
    size_t left;
    open_room(&r, &noting, NULL);
    check_ok(sock_chat_set_terminator_count(r.chat, 6));
    hear(&r, "hell");
    check(sock_chat_terminator(r.chat, &left) == NULL);
    check_int(left, 2);
    hear(&r, "o world, I'm not dead yet!\n");
    check_str(r.text, "[hell][o ]|[world, I'm not dead yet!\n]");
    check(sock_chat_terminator(r.chat, &left) == NULL);
    check_int(left, 0);
    close_room(&r);
}

/* TestAsynchat.test_none_terminator; and one that was never set */
TEST(chat, none_terminator)
{
    struct room r;
    open_room(&r, &noting, NULL);
    hear(&r, "hello\nworld\n");
    check_str(r.text, "[hello\nworld\n]");
    check_ok(sock_chat_set_terminator(r.chat, "\n", 1));
    hear(&r, "a\n");
    check_ok(sock_chat_set_terminator_none(r.chat));
    hear(&r, "b\n");
    check_ok(sock_chat_set_terminator(r.chat, "", 0));
    hear(&r, "c\n");
    check_str(r.text, "[hello\nworld\n][a]|[b\n][c\n]");
    close_room(&r);
}

TEST(chat, terminator)
{
    struct room r;
    size_t size = 7;
    open_room(&r, &noting, NULL);
    check(sock_chat_terminator(r.chat, &size) == NULL);
    check_int(size, 0);
    check_ok(sock_chat_set_terminator(r.chat, "\r\n", 2));
    check_bytes(sock_chat_terminator(r.chat, &size), "\r\n", 2);
    check_int(size, 2);
    check(sock_chat_terminator(r.chat, NULL) != NULL);
    check(sock_chat_terminator(NULL, &size) == NULL);
    check_int(size, 0);
    check_fails(sock_chat_set_terminator(r.chat, NULL, 1), SOCK_E_TYPE, 0,
                "set_terminator: buffer is NULL");
    check_fails(sock_chat_set_terminator(r.chat, "x", SOCK_TERMINATOR_MAX + 1),
                SOCK_E_VALUE, 0, "set_terminator: size is too large");
    check_fails(sock_chat_set_terminator_none(NULL), SOCK_E_TYPE, 0,
                "set_terminator: argument is NULL");
    check_bytes(sock_chat_terminator(r.chat, &size), "\r\n", 2);
    check_ok(sock_chat_set_terminator(r.chat, NULL, 0));
    check(sock_chat_terminator(r.chat, &size) == NULL);
    close_room(&r);
}

/* As long as may be, in pieces. */
TEST(chat, longest_terminator)
{
    struct room r;
    char *terminator = malloc(SOCK_TERMINATOR_MAX);
    check(terminator != NULL);
    memset(terminator, 'a', SOCK_TERMINATOR_MAX);
    terminator[SOCK_TERMINATOR_MAX - 1] = 'b';
    open_room(&r, &noting, NULL);
    check_ok(sock_chat_set_terminator(r.chat, terminator, SOCK_TERMINATOR_MAX));
    hear(&r, "xaaa");
    for (int i = 0; i < SOCK_TERMINATOR_MAX; i += 4096) {
        check_ok(sock_sendall(r.peer, terminator + i, 4096, 0));
        check(sock_loop_run_once(r.loop, 5) > 0);
    }
    while (strchr(r.text, '|') == NULL)
        check(sock_loop_run_once(r.loop, 5) > 0);
    check_str(r.text, "[x][aaa]|");
    free(terminator);
    close_room(&r);
}

/* A terminator that is set when one is found holds for the same buffer. */
TEST(chat, terminator_changed_when_found)
{
    struct room r;
    open_room(&r, &noting, "\n");
    r.then = ";";
    hear(&r, "a\nb;c\nd;e");
    check_str(r.text, "[a]|[b]|[c\nd]|[e]");
    close_room(&r);
    open_room(&r, &noting, "\n");
    r.count = 4;
    hear(&r, "4\nbodybo");
    hear(&r, "dy");
    check_str(r.text, "[4]|[body]|[bo][dy]|");
    close_room(&r);
}

/* What may have begun a terminator is collected when the stream ends. */
TEST(chat, held_back_at_the_end)
{
    struct room r;
    open_room(&r, &noting, "\r\n");
    hear(&r, "last\r");
    check_str(r.text, "[last]");
    hang_up(&r);
    run_until_closed(&r);
    check_str(r.text, "[last][\r]");
    check_int(r.closes, 1);
    check_int(sock_loop_run(r.loop, 5), 0);
    close_room(&r);
}

/* Once, where Python's says it twice. */
TEST(chat, closed_once)
{
    struct room r;
    open_room(&r, &noting, "\n");
    check_ok(sock_sendall(r.peer, "a\nb", 3, 0));
    hang_up(&r);
    run_until_closed(&r);
    for (int i = 0; i < 10; i++)
        check_ok(sock_loop_run_once(r.loop, 0));
    check_str(r.text, "[a]|[b]");
    check_int(r.closes, 1);
    check_int(r.errors, 0);
    close_room(&r);
}

/* TestAsynchatMocked.test_blockingioerror: another one has read it. */
TEST(chat, nothing_there_after_all)
{
    struct room r;
    open_room(&r, &noting, "\n");
    sock_t *same = check_made(
        sock_dup(sock_dispatcher_sock(sock_chat_dispatcher(r.chat))));
    sock_chat_t *other = check_made(sock_chat_new(&noting, r.loop, same, &r));
    check_ok(sock_chat_set_terminator(other, "\n", 1));
    hear(&r, "a\n");
    check_str(r.text, "[a]|");
    hear(&r, "b\n");
    check_str(r.text, "[a]|[b]|");
    check_int(r.errors, 0);
    check_int(r.closes, 0);
    sock_chat_free(other);
    close_room(&r);
}

static int fails(sock_chat_t *chat)
{
    note(room_of(chat), "!", "", 0, "");
    return sock_bind(NULL, sock_addr_none());
}

static int collect_fails(sock_chat_t *chat, const void *data, size_t size)
{
    collect(chat, data, size);
    return sock_bind(NULL, sock_addr_none());
}

/* handle_error hears of it, and the rest of the buffer is gone through. */
TEST(chat, functions_that_fail)
{
    static const sock_chat_class_t c = {.size = sizeof c,
                                        DISPATCHER,
                                        .collect_incoming_data = collect_fails,
                                        .found_terminator = fails};
    static const sock_chat_class_t quiet = {.size = sizeof c,
                                            .dispatcher.handle_close = on_close,
                                            .collect_incoming_data = collect,
                                            .found_terminator = fails};
    struct room r;
    open_room(&r, &c, "\n");
    hear(&r, "a\nb\n");
    check_str(r.text, "[a]![b]!");
    check_int(r.errors, 4);
    check_int(r.error.kind, SOCK_E_TYPE);
    close_room(&r);
    open_room(&r, &quiet, "\n"); /* without one, it ends */
    hear(&r, "a\nb\n");
    check_str(r.text, "[a]!");
    check_int(r.closes, 1);
    close_room(&r);
}

/* Data */

TEST(chat, get_data)
{
    struct room r;
    size_t size = 7;
    open_room(&r, &keeping, "\r\n");
    hear(&r, "one\r\n\r\nth");
    hear(&r, "ree\r");
    hear(&r, "\nfour\r\n");
    check_str(r.text, "<one><><three><four>");
    check(sock_chat_get_data(NULL, &size) == NULL);
    check_int(size, 0);
    hear(&r, "part");
    check_bytes(sock_chat_get_data(r.chat, &size), "part", 4);
    check_int(size, 4);
    check(sock_chat_get_data(r.chat, NULL) != NULL);
    sock_chat_get_data(r.chat, &size);
    check_int(size, 0); /* it was given */
    hear(&r, "rest\r\n");
    check_str(r.text, "<one><><three><four><rest>");
    close_room(&r);
}

static void close_it(sock_chat_t *chat, struct room *r)
{
    (void)r;
    check_ok(sock_dispatcher_close(sock_chat_dispatcher(chat)));
}

static int looks_after_close(sock_chat_t *chat)
{
    struct room *r = room_of(chat);
    size_t size;
    const char *data = sock_chat_get_data(chat, &size);
    r->act(chat, r);
    note(r, "<", data, size, ">");
    return 0;
}

static void free_it(sock_chat_t *chat, struct room *r)
{
    sock_chat_free(chat);
    r->chat = NULL;
    check_fails(sock_chat_push(chat, "x", 1), SOCK_E_OS, EBADF,
                "push: [Errno 9] Bad file descriptor");
    check_fails(sock_chat_set_terminator(chat, "x", 1), SOCK_E_OS, EBADF,
                "set_terminator: [Errno 9] Bad file descriptor");
}

/* What a function was given stays until it returns. */
TEST(chat, data_after_close)
{
    static const sock_chat_class_t c = {
        .size = sizeof c, DISPATCHER, .found_terminator = looks_after_close};
    struct room r;
    open_room(&r, &c, "\n");
    r.act = close_it;
    hear(&r, "line\nmore\n");
    check_str(r.text, "<line>");
    close_room(&r);
    open_room(&r, &c, "\n");
    r.act = free_it;
    hear(&r, "line\nmore\n");
    check_str(r.text, "<line>");
    check_int(r.frees, 1);
    close_room(&r);
}

/* Lines */

static const sock_chat_class_t short_lines = {
    .size = sizeof short_lines,
    DISPATCHER,
    .collect_incoming_data = collect,
    .found_terminator = found,
    .max_line = 10,
};
static const sock_chat_class_t short_data = {
    .size = sizeof short_data,
    DISPATCHER,
    .found_terminator = found_data,
    .max_line = 10,
};

static void too_long(const sock_chat_class_t *c, const char *terminator,
                     const char *first, const char *second, const char *heard)
{
    struct room r;
    open_room(&r, c, terminator);
    hear(&r, first);
    check_int(r.errors, 0);
    hear(&r, second);
    check_int(r.errors, 1);
    check_int(r.error.kind, SOCK_E_OS);
    check_int(r.error.code, EMSGSIZE);
    check_int(r.closes, 1);
    check_str(r.text, heard);
    close_room(&r);
}

TEST(chat, max_line)
{
    too_long(&short_lines, "\n", "0123456789\n0123456789", "0\n",
             "[0123456789]|[0123456789]");
    too_long(&short_lines, "\n", "012345\n", "01234567890\n", "[012345]|");
    too_long(&short_data, "\n", "0123456789\n01234", "567890\n",
             "<0123456789>");
    /* Data that no one takes. */
    too_long(&short_data, NULL, "0123456789", "0", "");
}

/* Data that grew as bytes of a count, and is a line now. */
TEST(chat, max_line_after_a_count)
{
    struct room r;
    open_room(&r, &short_data, NULL);
    check_ok(sock_chat_set_terminator_count(r.chat, 1000));
    hear(&r, "0123456789012345");
    check_int(r.errors, 0);
    check_ok(sock_chat_set_terminator(r.chat, "\n", 1));
    hear(&r, "6");
    check_int(r.errors, 1);
    check_int(r.error.code, EMSGSIZE);
    close_room(&r);
}

/* It grows as long as it may. */
TEST(chat, data_in_pieces)
{
    struct room r;
    char text[512];
    size_t size, n = 0;
    open_room(&r, &keeping, NULL);
    for (int i = 0; i < 100; i++) {
        snprintf(text, sizeof text, "piece %d ", i);
        hear(&r, text);
        n += strlen(text);
    }
    check_bytes(sock_chat_get_data(r.chat, &size), "piece 0 piece 1 ", 16);
    check_int(size, n);
    close_room(&r);
}

/* It is a limit of lines alone. */
TEST(chat, max_line_is_for_lines)
{
    struct room r;
    open_room(&r, &short_lines, NULL);
    hear(&r, "0123456789012");
    check_ok(sock_chat_set_terminator_count(r.chat, 15));
    hear(&r, "012345678901234");
    check_str(r.text, "[0123456789012][012345678901234]|");
    check_int(r.errors, 0);
    close_room(&r);
}

TEST(chat, max_line_is_64_kib)
{
    struct room r;
    char *data = malloc(70000);
    memset(data, 'x', 70000);
    for (size_t size = 65536; size <= 65537; size++) {
        open_room(&r, &keeping, "\r\n");
        size_t sent = 0;
        check_ok(sock_setblocking(r.peer, 0));
        while (sent < size) {
            ssize_t n = sock_send(r.peer, data, size - sent, 0);
            sent += n > 0 ? (size_t)n : 0;
            check_ok(sock_loop_run_once(r.loop, 0));
        }
        while (sock_loop_run_once(r.loop, 0) > 0) {
        }
        check_int(r.errors, size > 65536);
        close_room(&r);
    }
    free(data);
}

TEST(chat, no_limit)
{
    static const sock_chat_class_t c = {.size = sizeof c,
                                        DISPATCHER,
                                        .collect_incoming_data = collect,
                                        .found_terminator = found,
                                        .max_line = SOCK_NO_LIMIT};
    enum { SIZE = 300000 };
    struct room r;
    char *data = malloc(SIZE);
    memset(data, 'x', SIZE);
    data[SIZE - 1] = '\n';
    open_room(&r, &c, "\n");
    check_ok(sock_setblocking(r.peer, 0));
    for (size_t sent = 0; sent < SIZE;) {
        ssize_t n = sock_send(r.peer, data + sent, SIZE - sent, 0);
        sent += n > 0 ? (size_t)n : 0;
        check_ok(sock_loop_run_once(r.loop, 0));
    }
    while (strchr(r.text, '|') == NULL)
        check(sock_loop_run_once(r.loop, 5) > 0);
    check_int(r.collected, SIZE - 1);
    free(data);
    close_room(&r);
}

/* Time */

/* A byte now and then is no request. */
TEST(chat, request_deadline)
{
    static const sock_chat_class_t c = {.size = sizeof c,
                                        DISPATCHER,
                                        .collect_incoming_data = collect,
                                        .found_terminator = found,
                                        .request_deadline = 0.06};
    struct room r;
    open_room(&r, &c, "\n");
    check_int(sock_loop_run(r.loop, 0.09), 1); /* it has not begun */
    check_int(r.errors, 0);
    hear(&r, "a\nb\n"); /* these were in time */
    check_int(sock_loop_run(r.loop, 0.09), 1);
    check_int(r.errors, 0);
    double begun = now();
    while (r.closes == 0) {
        if (sock_send(r.peer, "x", 1, 0) < 0)
            break;
        check_ok(sock_loop_run(r.loop, 0.01));
    }
    check(now() - begun >= 0.06);
    check_int(r.error.kind, SOCK_E_TIMEOUT);
    check_str(r.error.operation, "request_deadline");
    close_room(&r);
}

/* Sending */

/* TestAsynchat.test_push */
TEST(chat, push)
{
    struct room r;
    char data[8];
    open_room(&r, &noting, "\n");
    errno = 4711;
    check_ok(sock_chat_push(r.chat, "bytes\n", 6));
    check_ok(sock_chat_push(r.chat, "", 0));
    check_ok(sock_chat_push(r.chat, NULL, 0));
    check_int(errno, 4711);
    check_int(sock_recv(r.peer, data, sizeof data, 0), 6); /* at once */
    check_fails(sock_chat_push(r.chat, NULL, 1), SOCK_E_TYPE, 0,
                "push: buffer is NULL");
    check_fails(sock_chat_push(NULL, "x", 1), SOCK_E_TYPE, 0,
                "push: argument is NULL");
    close_room(&r);
}

/* All of it comes, and the water marks are crossed once each. */
TEST(chat, push_much)
{
    enum { SIZE = 1 << 20 };
    struct room r;
    char *data = pattern(SIZE), *came = malloc(SIZE);
    open_room(&r, &noting, "\n");
    sock_dispatcher_t *d = sock_chat_dispatcher(r.chat);
    check_ok(sock_setsockopt_int(sock_dispatcher_sock(d), SOL_SOCKET, SO_SNDBUF,
                                 8192));
    for (int i = 0; i < SIZE; i += 4096)
        check_ok(sock_chat_push(r.chat, data + i, 4096));
    check(sock_dispatcher_bytes_waiting(d) > 65536);
    check_int(r.full, 1);
    check_int(r.low, 0);
    drain(&r, came, SIZE);
    check_bytes(came, data, SIZE);
    check_int(sock_dispatcher_bytes_waiting(d), 0);
    check_int(r.full, 1);
    check_int(r.low, 1);
    check_int(r.errors, 0);
    free(data);
    free(came);
    close_room(&r);
}

static const sock_chat_class_t marked = {
    .size = sizeof marked,
    .dispatcher = {.max_queue = 100000,
                   .high_water = 1000,
                   .low_water = 1,
                   .handle_close = on_close,
                   .pause_writing = on_full,
                   .resume_writing = on_low},
};

TEST(chat, max_queue)
{
    struct room r;
    char *data = pattern(1 << 20);
    open_room(&r, &marked, NULL);
    sock_dispatcher_t *d = sock_chat_dispatcher(r.chat);
    check_fails(sock_chat_push(r.chat, data, 100001), SOCK_E_OS, ENOBUFS,
                "push: [Errno 105] No buffer space available");
    check_int(sock_dispatcher_bytes_waiting(d), 0);
    while (sock_chat_push(r.chat, data, 50000) == 0) {
    }
    check_int(errno, ENOBUFS);
    check(sock_dispatcher_bytes_waiting(d) <= 100000);
    check_int(r.full, 1);
    check_ok(sock_chat_discard_buffers(r.chat));
    check_int(sock_dispatcher_bytes_waiting(d), 0);
    check_int(r.low, 1);
    check_fails(sock_chat_push(r.chat, data, SIZE_MAX), SOCK_E_VALUE, 0,
                "push: size is too large");
    free(data);
    close_room(&r);
}

struct producer {
    const char *data;
    size_t left;
    int ended;
    bool fails;
    sock_chat_t *chat;
};

static ssize_t more(void *arg, void *buf, size_t size)
{
    struct producer *p = arg;
    if (buf == NULL) {
        p->ended++;
        return 0;
    }
    if (p->chat != NULL)
        sock_chat_free(p->chat);
    p->chat = NULL;
    if (p->fails && p->left == 0)
        return sock_bind(NULL, sock_addr_none());
    size_t n = p->left < 512 ? p->left : 512;
    check(size >= 512);
    memcpy(buf, p->data, n);
    p->data += n;
    p->left -= n;
    return (ssize_t)n;
}

/* A producer fills it with more than that, and then no one else may. */
TEST(chat, max_queue_and_a_producer)
{
    static const sock_chat_class_t c = {.size = sizeof c,
                                        .dispatcher.max_queue = 10};
    struct room r;
    char *data = pattern(1 << 22);
    struct producer p = {data, 1 << 22, 0, false, NULL};
    open_room(&r, &c, NULL);
    check_ok(sock_chat_push_with_producer(r.chat, more, &p));
    check(sock_dispatcher_bytes_waiting(sock_chat_dispatcher(r.chat)) > 10);
    check_fails(sock_chat_push(r.chat, "x", 1), SOCK_E_OS, ENOBUFS,
                "push: [Errno 105] No buffer space available");
    close_room(&r);
    free(data);
}

static int never_written(sock_dispatcher_t *d)
{
    struct room *r = sock_dispatcher_arg(d);
    r->low += 100;
    return 0;
}

/* The last bytes are gone, and so is the chat: nothing more is called. */
TEST(chat, no_handle_write_after_the_last_byte)
{
    static const sock_chat_class_t c = {
        .size = sizeof c,
        .dispatcher = {.handle_write = never_written,
                       .handle_close = on_close}};
    struct room r;
    char data[4096] = "", *came = malloc(1 << 20);
    size_t sent = 0;
    ssize_t n;
    open_room(&r, &c, NULL);
    sock_t *s = sock_dispatcher_sock(sock_chat_dispatcher(r.chat));
    while ((n = sock_send(s, data, sizeof data, MSG_DONTWAIT)) > 0)
        sent += (size_t)n;
    check_ok(sock_chat_push(r.chat, "x", 1));
    check_ok(sock_chat_close_when_done(r.chat));
    drain(&r, came, sent + 1);
    run_until_closed(&r);
    check_int(r.low, 0);
    free(came);
    close_room(&r);
}

/* Before there is a connection. */
TEST(chat, push_before_connected)
{
    struct room r = {.loop = check_made(sock_loop_new())};
    sock_addr_t address;
    sock_t *l = listener(&address);
    char data[12];
    r.chat = check_made(sock_chat_new(&noting, r.loop, NULL, &r));
    sock_dispatcher_t *d = sock_chat_dispatcher(r.chat);
    check_fails(sock_chat_push(r.chat, "x", 1), SOCK_E_OS, EBADF,
                "push: [Errno 9] Bad file descriptor");
    check_ok(sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM));
    check_ok(sock_dispatcher_connect(d, address));
    check_ok(sock_chat_push(r.chat, "hello ", 6));
    check_ok(sock_chat_push(r.chat, "world", 5));
    check_ok(sock_chat_close_when_done(r.chat));
    check_int(r.closes, 0);
    run_until_closed(&r);
    r.peer = check_made(sock_accept(l, NULL));
    check_ok(sock_dispatcher_close(d));
    check_int(sock_recv_all(r.peer, data, 11), 11);
    check_bytes(data, "hello world", 11);
    check_int(sock_recv(r.peer, data, 1, 0), 0);
    sock_free(l);
    close_room(&r);
}

/* What waited for a connection that is refused is gone. */
TEST(chat, push_before_refused)
{
    struct room r = {.loop = check_made(sock_loop_new())};
    struct producer p = {"abc", 3, 0, false, NULL};
    sock_addr_t nobody;
    sock_t *port = unused_port(&nobody);
    r.chat = check_made(sock_chat_new(&noting, r.loop, NULL, &r));
    sock_dispatcher_t *d = sock_chat_dispatcher(r.chat);
    check_ok(sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM));
    check_ok(sock_chat_push(r.chat, "hello", 5));
    check_ok(sock_chat_push_with_producer(r.chat, more, &p));
    check_ok(sock_dispatcher_connect(d, nobody));
    run_until_closed(&r);
    check_int(r.errors, 1);
    check_int(r.error.code, ECONNREFUSED);
    check_ok(sock_dispatcher_close(d));
    check_int(p.left, 3);
    check_int(p.ended, 1); /* it was told */
    check_int(sock_dispatcher_bytes_waiting(d), 0);
    check_int(sock_loop_run(r.loop, 5), 0);
    sock_free(port);
    close_room(&r);
}

/* The connection that has ended is no error of the push. */
TEST(chat, push_to_no_one)
{
    struct room r;
    open_room(&r, &noting, "\n");
    hang_up(&r);
    errno = 4711;
    check_ok(sock_chat_push(r.chat, "x", 1));
    check_int(errno, 4711);
    check_int(r.closes, 1);
    check_int(r.errors, 0);
    check_int(sock_loop_run(r.loop, 5), 0);
    close_room(&r);
}

/* TestAsynchat.test_simple_producer, test_string_producer */
TEST(chat, push_with_producer)
{
    enum { SIZE = 100000 };
    struct room r;
    char *data = pattern(SIZE), came[SIZE + 8];
    struct producer p = {data, SIZE, 0, false, NULL};
    open_room(&r, &noting, "\n");
    check_ok(
        sock_setsockopt_int(sock_dispatcher_sock(sock_chat_dispatcher(r.chat)),
                            SOL_SOCKET, SO_SNDBUF, 4096));
    check_ok(sock_chat_push(r.chat, "head", 4));
    check_ok(sock_chat_push_with_producer(r.chat, more, &p));
    check_ok(sock_chat_push(r.chat, "tail", 4));
    check_fails(sock_chat_push_with_producer(r.chat, NULL, &p), SOCK_E_TYPE, 0,
                "push_with_producer: argument is NULL");
    drain(&r, came, SIZE + 8);
    check_bytes(came, "head", 4);
    check_bytes(came + 4, data, SIZE);
    check_bytes(came + SIZE + 4, "tail", 4);
    check_int(p.ended, 1);
    free(data);
    close_room(&r);
}

TEST(chat, producer_that_fails)
{
    struct room r;
    char came[4];
    struct producer p = {"abc", 3, 0, true, NULL};
    open_room(&r, &noting, "\n");
    check_ok(sock_chat_push_with_producer(r.chat, more, &p));
    check_int(r.errors, 1);
    check_int(p.ended, 1);
    check_ok(sock_chat_push(r.chat, "!", 1));
    check_int(sock_recv_all(r.peer, came, 4), 4);
    check_bytes(came, "abc!", 4);
    close_room(&r);
}

/* As snprintf() of a text that did not fit. */
static ssize_t says_too_much(void *arg, void *buf, size_t size)
{
    int *ended = arg;
    *ended += buf == NULL;
    return (ssize_t)size + 1;
}

TEST(chat, producer_that_says_too_much)
{
    struct room r;
    char came[1];
    int ended = 0;
    open_room(&r, &noting, "\n");
    check_ok(sock_chat_push_with_producer(r.chat, says_too_much, &ended));
    check_int(r.errors, 1);
    check_int(r.error.kind, SOCK_E_VALUE);
    check_str(r.error.operation, "push_with_producer");
    check_int(ended, 1);
    check_ok(sock_chat_push(r.chat, "!", 1));
    check_int(sock_recv(r.peer, came, 1, 0), 1);
    check_bytes(came, "!", 1);
    close_room(&r);
}

static ssize_t closes(void *arg, void *buf, size_t size)
{
    (void)size;
    if (buf != NULL)
        check_ok(sock_dispatcher_close(sock_chat_dispatcher(arg)));
    return 0;
}

TEST(chat, producer_that_closes)
{
    struct room r;
    open_room(&r, &noting, "\n");
    check_ok(sock_chat_push_with_producer(r.chat, closes, r.chat));
    check_int(sock_dispatcher_state(sock_chat_dispatcher(r.chat)),
              SOCK_DISPATCHER_CLOSED);
    check_int(r.closes, 0);
    close_room(&r);
}

/* One that was there before the connection is asked when it is. */
TEST(chat, producer_before_connected)
{
    struct room r = {.loop = check_made(sock_loop_new())};
    struct producer p = {"abc", 3, 0, false, NULL};
    sock_addr_t address;
    sock_t *l = listener(&address);
    char data[3];
    r.chat = check_made(sock_chat_new(&noting, r.loop, NULL, &r));
    sock_dispatcher_t *d = sock_chat_dispatcher(r.chat);
    check_ok(sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM));
    check_ok(sock_chat_push_with_producer(r.chat, more, &p));
    check_int(p.left, 3);
    check_ok(sock_dispatcher_connect(d, address));
    r.peer = check_made(sock_accept(l, NULL));
    while (p.ended == 0)
        check(sock_loop_run_once(r.loop, 5) > 0);
    check_int(sock_recv_all(r.peer, data, 3), 3);
    sock_free(l);
    close_room(&r);
}

/* It may end the chat that asks it; and one that is dropped is told. */
TEST(chat, producer_that_frees_the_chat)
{
    struct room r;
    open_room(&r, &noting, "\n");
    struct producer p = {"abc", 3, 0, false, r.chat};
    check_ok(sock_chat_push_with_producer(r.chat, more, &p));
    check_int(p.ended, 1);
    check_int(r.frees, 1);
    r.chat = NULL;
    close_room(&r);
    open_room(&r, &noting, "\n");
    struct producer q = {NULL, 1 << 20, 0, false, NULL};
    char *data = pattern(1 << 20);
    q.data = data;
    check_ok(sock_chat_push_with_producer(r.chat, more, &q));
    check_int(q.ended, 0);
    close_room(&r);
    check_int(q.ended, 1);
    free(data);
}

TEST(chat, push_file)
{
    enum { SIZE = 200000 };
    struct room r;
    char *data = pattern(SIZE), *came = malloc(SIZE);
    char name[] = "/tmp/pysockc-XXXXXX";
    int fd = mkostemp(name, O_CLOEXEC);
    check(fd >= 0);
    unlink(name);
    check_int(write(fd, data, SIZE), SIZE);
    open_room(&r, &noting, "\n");
    check_fails(sock_chat_push_file(r.chat, -1, 0, 1), SOCK_E_VALUE, 0,
                "push_file: negative file descriptor");
    check_fails(sock_chat_push_file(r.chat, fd, -1, 1), SOCK_E_VALUE, 0,
                "push_file: number is out of range");
    check_fails(sock_chat_push_file(r.chat, fd, 0, 0), SOCK_E_VALUE, 0,
                "push_file: number is out of range");
    check_fails(sock_chat_push_file(r.chat, 100000, 0, 1), SOCK_E_OS, EBADF,
                "push_file: [Errno 9] Bad file descriptor");
    check_ok(sock_chat_push_file(r.chat, fd, 0, SOCK_SENDFILE_TO_END));
    close(fd); /* it has a duplicate */
    check_ok(sock_chat_close_when_done(r.chat));
    drain(&r, came, SIZE);
    check_bytes(came, data, SIZE);
    run_until_closed(&r);
    free(data);
    free(came);
    close_room(&r);
}

TEST(chat, push_file_takes_regular_files_alone)
{
    struct room r;
    int ends[2];
    char name[] = "/tmp/pysockc-XXXXXX";
    close(mkostemp(name, O_CLOEXEC));
    open_room(&r, &noting, "\n");
    const struct {
        int fd, code;
        const char *text;
    } rows[] = {
        {open("/tmp", O_RDONLY | O_CLOEXEC), EISDIR,
         "push_file: [Errno 21] Is a directory"},
        {pipe2(ends, O_CLOEXEC) == 0 ? ends[0] : -1, ESPIPE,
         "push_file: [Errno 29] Illegal seek"},
        {sock_fileno(r.peer), ESPIPE, "push_file: [Errno 29] Illegal seek"},
        {open("/dev/zero", O_RDONLY | O_CLOEXEC), ESPIPE,
         "push_file: [Errno 29] Illegal seek"},
        {open(name, O_WRONLY | O_CLOEXEC), EBADF,
         "push_file: [Errno 9] Bad file descriptor"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_fails(sock_chat_push_file(r.chat, rows[i].fd, 0, 1), SOCK_E_OS,
                    rows[i].code, rows[i].text);
    check_ok(sock_chat_push(r.chat, "!", 1)); /* it goes on */
    char came;
    drain(&r, &came, 1);
    check_int(came, '!');
    check_int(r.errors + r.closes, 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (i != 2)
            close(rows[i].fd);
    close(ends[1]);
    unlink(name);
    close_room(&r);
}

/* Nothing goes behind what is missing: the connection ends, whether the file is
 * too short from the beginning or becomes so. */
TEST(chat, push_file_that_is_shorter)
{
    enum { SIZE = 1 << 20 };
    for (int i = 0; i < 2; i++) {
        struct room r;
        char *data = pattern(SIZE), *came = malloc(SIZE);
        char name[] = "/tmp/pysockc-XXXXXX";
        int fd = mkostemp(name, O_CLOEXEC);
        check(fd >= 0);
        unlink(name);
        check_int(write(fd, data, SIZE), SIZE);
        open_room(&r, &noting, "\n");
        check_ok(sock_chat_push_file(r.chat, fd, i == 0 ? SIZE - 9 : 0,
                                     i == 0 ? 10 : SIZE));
        if (i == 1) {
            check_int(r.errors, 0);
            check_ok(sock_chat_push(r.chat, "behind", 6));
            check_int(ftruncate(fd, SIZE - 1), 0);
            drain(&r, came, SIZE - 1);
            check_bytes(came, data, SIZE - 1);
        }
        run_until_closed(&r);
        check_int(r.errors, 1);
        check_int(r.error.kind, SOCK_E_EOF);
        check_int(r.error.done, i == 0 ? 9 : SIZE - 1);
        check_int(r.closes, 1);
        check_int(sock_dispatcher_bytes_waiting(sock_chat_dispatcher(r.chat)),
                  0);
        close(fd);
        free(data);
        free(came);
        close_room(&r);
    }
}

/* TestAsynchat.test_close_when_done */
TEST(chat, close_when_done)
{
    struct room r;
    char *data = pattern(1 << 20), *came = malloc(1 << 20);
    open_room(&r, &noting, "\n");
    check_ok(sock_chat_push(r.chat, data, 1 << 20));
    check_ok(sock_chat_close_when_done(r.chat));
    check_ok(sock_chat_close_when_done(r.chat)); /* is nothing more */
    check_int(r.closes, 0);
    check_fails(sock_chat_push(r.chat, "x", 1), SOCK_E_OS, ESHUTDOWN,
                "push: [Errno 108] Cannot send after transport endpoint "
                "shutdown");
    check_fails(sock_chat_push_with_producer(r.chat, more, NULL), SOCK_E_OS,
                ESHUTDOWN,
                "push_with_producer: [Errno 108] Cannot send after transport "
                "endpoint shutdown");
    check_fails(sock_chat_push_file(r.chat, 0, 0, 1), SOCK_E_OS, ESHUTDOWN,
                "push_file: [Errno 108] Cannot send after transport endpoint "
                "shutdown");
    drain(&r, came, 1 << 20);
    check_bytes(came, data, 1 << 20);
    run_until_closed(&r);
    free(data);
    free(came);
    close_room(&r);
}

/* As `return sock_chat_push()`, where the line before had ended it. */
static void push_behind_the_end(sock_chat_t *chat, struct room *r)
{
    r->result = sock_chat_push(chat, r->line, 1 << 20);
    check_int(r->result, strcmp(r->text, "[a]|") == 0 ? 0 : -1);
    check_ok(sock_chat_close_when_done(chat));
}

/* What waits is sent all the same. */
TEST(chat, push_behind_close_when_done_in_its_function)
{
    struct room r;
    char *data = pattern(1 << 20), *came = malloc(1 << 20);
    open_room(&r, &noting, "\n");
    r.line = data;
    r.act = push_behind_the_end;
    hear(&r, "a\nb\n");
    check_str(r.text, "[a]|[b]|");
    check_int(r.closes, 0);
    drain(&r, came, 1 << 20);
    check_bytes(came, data, 1 << 20);
    run_until_closed(&r);
    check_int(r.errors, 0);
    free(data);
    free(came);
    close_room(&r);
}

/* At once where nothing waits; but never inside a function of the chat. */
TEST(chat, close_when_done_at_once)
{
    struct room r;
    open_room(&r, &noting, "\n");
    check_ok(sock_chat_close_when_done(r.chat));
    check_int(r.closes, 1);
    close_room(&r);
}

static void close_when_done(sock_chat_t *chat, struct room *r)
{
    check_ok(sock_chat_push(chat, "bye", 3));
    check_ok(sock_chat_close_when_done(chat));
    check_int(r->closes, 0);
}

TEST(chat, close_when_done_when_found)
{
    struct room r;
    char data[3];
    open_room(&r, &noting, "\n");
    r.act = close_when_done;
    hear(&r, "quit\nand more\n");
    check_str(r.text, "[quit]|"); /* it hears no more */
    check_int(r.closes, 1);
    check_int(sock_recv_all(r.peer, data, 3), 3);
    close_room(&r);
}

static int close_later(sock_dispatcher_t *d)
{
    struct room *r = sock_dispatcher_arg(d);
    r->closes++;
    return sock_chat_close_when_done(sock_dispatcher_chat(d));
}

/* A peer that sends no more still gets its answers. */
TEST(chat, half_closed)
{
    static const sock_chat_class_t c = {.size = sizeof c,
                                        .dispatcher =
                                            {
                                                .handle_close = close_later,
                                                .handle_free = on_free,
                                                .free_when_closed = 1,
                                            },
                                        .collect_incoming_data = collect,
                                        .found_terminator = found};
    struct room r;
    char *data = pattern(1 << 20), *came = malloc(1 << 20), byte;
    open_room(&r, &c, "\n");
    check_ok(sock_chat_push(r.chat, data, 1 << 20));
    check_ok(sock_shutdown(r.peer, SHUT_WR));
    run_until_closed(&r);
    check_int(r.frees, 0);
    drain(&r, came, 1 << 20);
    check_bytes(came, data, 1 << 20);
    while (r.frees == 0)
        check(sock_loop_run_once(r.loop, 5) > 0);
    check_int(r.closes, 1);
    check_int(sock_recv(r.peer, &byte, 1, 0), 0);
    r.chat = NULL;
    free(data);
    free(came);
    close_room(&r);
}

static void discard(sock_chat_t *chat, struct room *r)
{
    (void)r;
    check_ok(sock_chat_discard_buffers(chat));
}

TEST(chat, discard_buffers)
{
    struct room r;
    char *data = pattern(1 << 20);
    open_room(&r, &noting, "\r\n");
    r.act = discard;
    hear(&r, "a\r\nb\r\n");
    check_str(r.text, "[a]|");
    hear(&r, "c\r");
    check_ok(sock_chat_discard_buffers(r.chat));
    hear(&r, "\nd");
    check_str(r.text, "[a]|[c][\nd]");
    check_ok(sock_chat_push(r.chat, data, 1 << 20));
    check_ok(sock_chat_close_when_done(r.chat));
    check_ok(sock_chat_discard_buffers(r.chat));
    check_int(sock_dispatcher_bytes_waiting(sock_chat_dispatcher(r.chat)), 0);
    check_int(r.closes, 0);
    check_int(r.low, 1);
    check_ok(sock_chat_push(r.chat, "x", 1)); /* the mark is gone, too */
    free(data);
    close_room(&r);
}

/* A datagram of nothing is no end. */
TEST(chat, datagrams)
{
    struct room r = {.loop = check_made(sock_loop_new())};
    struct pair p = unix_pair(SOCK_DGRAM);
    r.chat = check_made(sock_chat_new(&noting, r.loop, p.a, &r));
    r.peer = p.b;
    check_ok(sock_chat_set_terminator(r.chat, "\n", 1));
    check_int(sock_send(r.peer, "a", 1, 0), 1);
    check_int(sock_send(r.peer, "", 0, 0), 0);
    check_int(sock_send(r.peer, "b\n", 2, 0), 2);
    while (strcmp(r.text, "[a][b]|") != 0)
        check(sock_loop_run_once(r.loop, 5) > 0);
    check_int(r.closes, 0);
    close_room(&r);
}

/* Pausing */

static void pause_it(sock_chat_t *chat, struct room *r)
{
    (void)r;
    check_ok(sock_chat_pause_reading(chat));
}

TEST(chat, pause_reading)
{
    struct room r;
    open_room(&r, &noting, "\n");
    r.act = pause_it;
    hear(&r, "a\nb\nc");
    check_str(r.text, "[a]|");
    check_ok(sock_sendall(r.peer, "\nd\n", 3, 0));
    check_int(sock_loop_run(r.loop, 5), 0); /* no one waits for anything */
    check_str(r.text, "[a]|");
    check_ok(sock_chat_resume_reading(r.chat));
    check_str(r.text, "[a]|"); /* not inside the call */
    check(sock_loop_run_once(r.loop, 5) > 0);
    check_str(r.text, "[a]|[b]|");
    r.act = NULL;
    check_ok(sock_chat_resume_reading(r.chat));
    check_ok(sock_chat_resume_reading(r.chat)); /* is nothing more */
    while (strcmp(r.text, "[a]|[b]|[c]|[d]|") != 0)
        check(sock_loop_run_once(r.loop, 5) > 0);
    hear(&r, "e\n");
    check_str(r.text, "[a]|[b]|[c]|[d]|[e]|");
    close_room(&r);
}

/* Paused, it was closed by the peer: what had come is not lost. */
TEST(chat, pause_and_the_end)
{
    struct room r;
    open_room(&r, &noting, "\n");
    r.act = pause_it;
    check_ok(sock_sendall(r.peer, "a\nb\nc", 5, 0));
    hang_up(&r);
    for (int i = 0; i < 2; i++) {
        check_ok(sock_loop_run(r.loop, 1));
        check_int(r.closes, 0);
        check_ok(sock_chat_resume_reading(r.chat));
    }
    run_until_closed(&r);
    check_str(r.text, "[a]|[b]|[c]");
    close_room(&r);
}

TEST(chat, pause_and_resume_at_once)
{
    struct room r;
    open_room(&r, &noting, "\r\n");
    hear(&r, "a\r");
    check_ok(sock_chat_pause_reading(r.chat));
    check_ok(sock_chat_resume_reading(r.chat));
    check_ok(sock_chat_pause_reading(r.chat));
    check_ok(sock_chat_resume_reading(r.chat));
    hear(&r, "\nb\r\n");
    while (strcmp(r.text, "[a]|[b]|") != 0)
        check(sock_loop_run_once(r.loop, 5) > 0);
    check_ok(sock_chat_pause_reading(r.chat));
    check_ok(sock_chat_resume_reading(r.chat));
    close_room(&r);
}

TEST(chat, refused_when_closed)
{
    struct room r = {.loop = check_made(sock_loop_new())};
    r.chat = check_made(sock_chat_new(&noting, r.loop, NULL, &r));
    check_fails(sock_chat_close_when_done(r.chat), SOCK_E_OS, EBADF,
                "close_when_done: [Errno 9] Bad file descriptor");
    check_fails(sock_chat_pause_reading(r.chat), SOCK_E_OS, EBADF,
                "pause_reading: [Errno 9] Bad file descriptor");
    check_fails(sock_chat_resume_reading(r.chat), SOCK_E_OS, EBADF,
                "resume_reading: [Errno 9] Bad file descriptor");
    check_fails(sock_chat_push_file(r.chat, 0, 0, 1), SOCK_E_OS, EBADF,
                "push_file: [Errno 9] Bad file descriptor");
    check_fails(sock_chat_push_with_producer(r.chat, more, NULL), SOCK_E_OS,
                EBADF, "push_with_producer: [Errno 9] Bad file descriptor");
    check_ok(sock_chat_discard_buffers(r.chat));
    check_fails(sock_chat_discard_buffers(NULL), SOCK_E_TYPE, 0,
                "discard_buffers: argument is NULL");
    close_room(&r);
    sock_t *s = closed_socket(SOCK_STREAM);
    sock_loop_t *loop = check_made(sock_loop_new());
    check_null(sock_chat_new(&noting, loop, s, NULL), SOCK_E_OS, EBADF,
               "setblocking: [Errno 9] Bad file descriptor");
    check_null(sock_chat_new(&noting, NULL, NULL, NULL), SOCK_E_TYPE, 0,
               "dispatcher: argument is NULL");
    sock_free(s);
    sock_loop_free(loop);
}

/* Freed in each of its functions */

static int free_in_collect(sock_chat_t *chat, const void *data, size_t size)
{
    collect(chat, data, size);
    sock_chat_free(chat);
    return 0;
}

TEST(chat, free_in_its_own_functions)
{
    static const sock_chat_class_t c = {
        .size = sizeof c,
        DISPATCHER,
        .collect_incoming_data = free_in_collect,
        .found_terminator = found,
    };
    struct room r;
    open_room(&r, &c, "\n");
    hear(&r, "a\nb\n");
    check_str(r.text, "[a]");
    check_int(r.frees, 1);
    r.chat = NULL;
    close_room(&r);
    open_room(&r, &noting, "\n");
    r.act = free_it;
    hear(&r, "a\nb\n");
    check_str(r.text, "[a]|");
    check_int(r.frees, 1);
    close_room(&r);
}

static void free_its_loop(sock_chat_t *chat, struct room *r)
{
    sock_loop_free(sock_dispatcher_loop(sock_chat_dispatcher(chat)));
    r->loop = NULL;
}

/* What was received with the line is not told any more. */
TEST(chat, loop_freed_in_found_terminator)
{
    struct room r;
    open_room(&r, &noting, "\n");
    r.act = free_its_loop;
    check_ok(sock_sendall(r.peer, "a\nb\n", 4, 0));
    check_int(sock_loop_run(r.loop, 5), 0);
    check_str(r.text, "[a]|");
    check_int(r.closes, 0);
    check_int(r.errors, 0);
    close_room(&r);
    check_int(r.frees, 1);
}

/* Protocols on top */

/* One that adds one to each byte, and never reads what it was not asked for. */
static ssize_t op_recv(sock_t *s, int fd, void *buf, size_t size, int flags,
                       short *events);
static ssize_t op_send(sock_t *s, int fd, const void *buf, size_t size,
                       int flags, short *events);

#include "object.h"
#include <poll.h>
#include <sys/socket.h>

static int sends, receives;

static ssize_t op_recv(sock_t *s, int fd, void *buf, size_t size, int flags,
                       short *events)
{
    ssize_t n = recv(fd, buf, size, flags | MSG_DONTWAIT);
    (void)s;
    receives++;
    *events = POLLIN;
    for (ssize_t i = 0; i < n; i++)
        ((char *)buf)[i]--;
    return n;
}

static ssize_t op_send(sock_t *s, int fd, const void *buf, size_t size,
                       int flags, short *events)
{
    char shifted[4096];
    (void)s;
    sends++;
    *events = POLLOUT;
    if (size > sizeof shifted)
        size = sizeof shifted;
    for (size_t i = 0; i < size; i++)
        shifted[i] = (char)(((const char *)buf)[i] + 1);
    return send(fd, shifted, size, flags | MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Bytes, producers and files all go through it. */
TEST(chat, over_a_protocol)
{
    static const struct sock__ops ops = {.recv = op_recv, .send = op_send};
    enum { SIZE = 100000 };
    struct room r;
    char *data = pattern(SIZE), *came = malloc(SIZE + 3);
    char name[] = "/tmp/pysockc-XXXXXX";
    int fd = mkostemp(name, O_CLOEXEC);
    check(fd >= 0);
    unlink(name);
    check_int(write(fd, data, SIZE), SIZE);
    open_room(&r, &noting, "\n");
    sock__set_ops(sock_dispatcher_sock(sock_chat_dispatcher(r.chat)), &ops,
                  NULL);
    hear(&r, "bc\x0b"); /* "ab\n" and one more each */
    check_str(r.text, "[ab]|");
    check_ok(sock_chat_push(r.chat, "abc", 3));
    check_ok(sock_chat_push_file(r.chat, fd, 0, SOCK_SENDFILE_TO_END));
    drain(&r, came, SIZE + 3);
    check_bytes(came, "bcd", 3);
    for (int i = 0; i < SIZE; i++)
        check((char)(data[i] + 1) == came[i + 3]);
    check(sends > 0 && receives > 0);
    close(fd);
    free(data);
    free(came);
    close_room(&r);
}

/* Storms */

struct storm {
    sock_loop_t *loop;
    int open, lines, sent;
    size_t bytes;
};

static int echo(sock_chat_t *chat)
{
    struct storm *s = sock_chat_arg(chat);
    size_t size;
    const char *line = sock_chat_get_data(chat, &size);
    s->lines++;
    s->bytes += size;
    if (sock_chat_push(chat, line, size) < 0 ||
        sock_chat_push(chat, "\n", 1) < 0)
        return -1;
    if (size % 7 == 3) /* now and then in the midst of it */
        return sock_chat_pause_reading(chat) < 0
                   ? -1
                   : sock_chat_resume_reading(chat);
    return 0;
}

static void gone(sock_dispatcher_t *d)
{
    struct storm *s = sock_dispatcher_arg(d);
    s->open--;
}

static const sock_chat_class_t echoing = {
    .size = sizeof echoing,
    .dispatcher = {.handle_free = gone, .free_when_closed = 1},
    .found_terminator = echo,
};

static int admit(sock_dispatcher_t *d, sock_t *s, const sock_addr_t *address)
{
    struct storm *x = sock_dispatcher_arg(d);
    (void)address;
    x->open++;
    sock_chat_t *chat =
        check_made(sock_chat_new(&echoing, sock_dispatcher_loop(d), s, x));
    return sock_chat_set_terminator(chat, "\n", 1);
}

enum { CLIENTS = 16, LINES = 200 };

static void *client(void *arg)
{
    static char connecting[] = "connect", sending[] = "send",
                receiving[] = "recv";
    const sock_addr_t *address = arg;
    char out[512], in[512];
    sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);
    sock_settimeout(s, 10);
    if (sock_connect(s, *address) < 0)
        return connecting;
    memset(out, 'x', sizeof out);
    for (size_t i = 0; i < LINES; i++) {
        size_t n = i * 37 % 500;
        out[n] = '\n';
        if (sock_sendall(s, out, n + 1, 0) < 0)
            return sending;
        if (sock_recv_until(s, in, sizeof in, '\n') != (ssize_t)n + 1)
            return receiving;
        out[n] = 'x';
    }
    sock_free(s);
    return NULL;
}

TEST(chat, storm_of_clients)
{
    static const sock_dispatcher_class_t server = {.size = sizeof server,
                                                   .handle_accepted = admit};
    struct storm x = {.loop = check_made(sock_loop_new())};
    sock_addr_t address;
    pthread_t threads[CLIENTS];
    sock_dispatcher_t *d = check_made(
        sock_dispatcher_new(&server, x.loop, listener(&address), &x));
    for (int i = 0; i < CLIENTS; i++)
        check_int(pthread_create(&threads[i], NULL, client, &address), 0);
    while (x.lines < CLIENTS * LINES || x.open > 0)
        check(sock_loop_run_once(x.loop, 10) > 0);
    for (int i = 0; i < CLIENTS; i++) {
        void *why = NULL;
        check_int(pthread_join(threads[i], &why), 0);
        check_that(why == NULL, "client %d: %s", i, (char *)why);
    }
    sock_dispatcher_free(d);
    sock_loop_free(x.loop);
}

/* Connections that end in each way at any moment: nothing is left. */
TEST(chat, storm_of_ends)
{
    struct storm x = {.loop = check_made(sock_loop_new())};
    unsigned seed = 4711;
    for (int i = 0; i < 2000; i++) {
        struct pair p = i % 2 == 0 ? unix_pair(SOCK_STREAM) : tcp_pair();
        x.open++;
        sock_chat_t *chat =
            check_made(sock_chat_new(&echoing, x.loop, p.a, &x));
        check_ok(sock_chat_set_terminator(chat, "\n", 1));
        for (int k = (int)(seed % 4); k > 0; k--) {
            seed = seed * 1103515245u + 12345u;
            sock_send(p.b, "line\nline\npart", seed % 15, MSG_NOSIGNAL);
            if (seed % 3 == 0)
                check_ok(sock_loop_run_once(x.loop, 0));
        }
        seed = seed * 1103515245u + 12345u;
        if (seed % 5 == 0)
            check_ok(sock_shutdown(p.b, SHUT_WR));
        if (seed % 5 == 1) {
            struct linger l = {1, 0};
            check_ok(sock_setsockopt(p.b, SOL_SOCKET, SO_LINGER, &l, sizeof l));
        }
        sock_free(p.b);
        check_ok(sock_loop_run_once(x.loop, 0));
    }
    while (x.open > 0)
        check(sock_loop_run_once(x.loop, 10) > 0);
    check_int(sock_loop_run(x.loop, 1), 0);
    sock_loop_free(x.loop);
}

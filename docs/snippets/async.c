/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/pysockc.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

//! [chat]
static int on_line(sock_chat_t *chat)
{
    size_t size;
    const char *line = sock_chat_get_data(chat, &size);
    printf("the server heard %.*s\n", (int)size, line);
    return sock_chat_push(chat, "Welcome!\r\n", 10);
}

static const sock_chat_class_t speaking = {
    .size = sizeof speaking,
    .dispatcher = {.free_when_closed = 1},
    .found_terminator = on_line,
};

static int on_accepted(sock_dispatcher_t *server, sock_t *s,
                       const sock_addr_t *address)
{
    (void)address;
    sock_loop_t *loop = sock_dispatcher_loop(server);
    sock_chat_t *chat = sock_chat_new(&speaking, loop, s, NULL);
    if (chat == NULL) {
        sock_free(s);
        return -1;
    }
    return sock_chat_set_terminator(chat, "\r\n", 2);
}

static const sock_dispatcher_class_t serving = {
    .size = sizeof serving,
    .handle_accepted = on_accepted,
};

static int on_answer(sock_chat_t *chat)
{
    size_t size;
    const char *line = sock_chat_get_data(chat, &size);
    printf("the client heard %.*s\n", (int)size, line);
    sock_chat_free(chat); /* allowed in its own functions */
    return 0;
}

static int on_connect(sock_dispatcher_t *d)
{
    return sock_chat_push(sock_dispatcher_chat(d), "Hello?\r\n", 8);
}

static const sock_chat_class_t asking = {
    .size = sizeof asking,
    .dispatcher = {.handle_connect = on_connect},
    .found_terminator = on_answer,
};

static void converse(sock_t *listener, sock_addr_t address)
{
    sock_loop_t *loop = sock_loop_new();
    sock_dispatcher_t *d;
    sock_chat_t *client = sock_chat_new(&asking, loop, NULL, NULL);

    d = sock_dispatcher_new(&serving, loop, listener, NULL);
    sock_chat_set_terminator(client, "\r\n", 2);
    sock_dispatcher_create_socket(sock_chat_dispatcher(client), AF_INET,
                                  SOCK_STREAM);
    sock_dispatcher_connect(sock_chat_dispatcher(client), address);
    sock_loop_run(loop, 0.5); /* -> the server heard Hello?
                               * -> the client heard Welcome! */
    sock_dispatcher_free(d);
    sock_loop_free(loop);
}
//! [chat]

//! [dispatcher]
struct count {
    int bytes;
};

static int on_read(sock_dispatcher_t *d)
{
    struct count *count = sock_dispatcher_arg(d);
    char buf[1024];
    ssize_t n = sock_dispatcher_recv(d, buf, sizeof buf);
    if (n > 0) /* at the end handle_close is called */
        count->bytes += (int)n;
    return n > 0 && sock_dispatcher_send(d, "thanks", 6) == -1 ? -1 : 0;
}

static int on_close(sock_dispatcher_t *d)
{
    sock_dispatcher_close(d);
    return sock_loop_stop(sock_dispatcher_loop(d));
}

static const sock_dispatcher_class_t counting = {
    .size = sizeof counting,
    .handle_read = on_read,
    .handle_close = on_close,
};

static int count_bytes(sock_loop_t *loop, sock_t *s)
{
    struct count count = {0};
    sock_dispatcher_t *d = sock_dispatcher_new(&counting, loop, s, &count);
    sock_loop_run(loop, SOCK_NO_TIMEOUT);
    sock_dispatcher_free(d);
    return count.bytes;
}
//! [dispatcher]

static void on_error(sock_dispatcher_t *d, const sock_error_t *error)
{
    (void)d;
    (void)error;
}

static int nothing(sock_dispatcher_t *d)
{
    (void)d;
    return 0;
}

static const sock_dispatcher_class_t quiet = {
    .size = sizeof quiet, .handle_connect = nothing, .handle_error = on_error};

static int with_send(sock_loop_t *loop, sock_t *s, const char *data,
                     size_t size)
{
    //! [with_send]
    sock_dispatcher_t *d;
    d = sock_dispatcher_with_send_new(&quiet, loop, s, NULL);
    ssize_t taken = sock_dispatcher_send(d, data, size); /* all of it */
    while (sock_dispatcher_bytes_waiting(d) > 0)
        sock_loop_run_once(loop, 5);
    //! [with_send]
    sock_dispatcher_free(d);
    return taken == (ssize_t)size ? 0 : -1;
}

//! [file]
static int on_typed(sock_dispatcher_t *d)
{
    char line[256];
    ssize_t n = sock_dispatcher_recv(d, line, sizeof line);
    if (n > 0)
        printf("typed: %.*s", (int)n, line);
    return 0;
}

static const sock_dispatcher_class_t typing = {
    .size = sizeof typing,
    .handle_read = on_typed,
    .free_when_closed = 1,
};

static void read_a_pipe(sock_loop_t *loop, int fd)
{
    if (sock_file_dispatcher_new(&typing, loop, fd, NULL) == NULL)
        sock_perror("typing");
    sock_loop_run(loop, 5); /* -> typed: hello */
}
//! [file]

static int serve(sock_loop_t *loop, sock_addr_t *address)
{
    //! [listen]
    sock_dispatcher_t *d = sock_dispatcher_new(&serving, loop, NULL, NULL);
    if (sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM) == -1 ||
        sock_dispatcher_set_reuse_addr(d) == -1 ||
        sock_dispatcher_bind(d, sock_addr_inet("127.0.0.1", 0)) == -1 ||
        sock_dispatcher_listen(d, 128) == -1)
        return -1;
    sock_getsockname(sock_dispatcher_sock(d), address);
    //! [listen]
    sock_dispatcher_free(d);
    return 0;
}

//! [accept]
static int on_accept(sock_dispatcher_t *d)
{
    sock_addr_t peer;
    sock_t *s = sock_dispatcher_accept(d, &peer);
    if (s == NULL)
        return -1; /* EAGAIN is no error here */
    puts(sock_addr_family(&peer) == AF_INET ? "IPv4" : "another family");
    sock_free(s);
    return sock_loop_stop(sock_dispatcher_loop(d));
}
//! [accept]

static const sock_dispatcher_class_t accepting = {.size = sizeof accepting,
                                                  .handle_accept = on_accept};

/* Two sides of a connection, the first of which connects. */
static int connect_it(sock_loop_t *loop, sock_t *listener, sock_addr_t address)
{
    sock_dispatcher_t *server =
        sock_dispatcher_new(&accepting, loop, listener, NULL);
    //! [connect]
    sock_dispatcher_t *d = sock_dispatcher_new(&quiet, loop, NULL, NULL);
    sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM);
    if (sock_dispatcher_connect(d, address) == -1)
        sock_perror("client");
    while (sock_dispatcher_state(d) == SOCK_DISPATCHER_CONNECTING)
        sock_loop_run_once(loop, 5);
    //! [connect]
    sock_loop_run(loop, 5); /* -> IPv4 */
    sock_dispatcher_free(d);
    sock_dispatcher_free(server);
    return 0;
}

static int by_name(sock_loop_t *loop, sock_t *listener, int port)
{
    sock_dispatcher_t *server =
        sock_dispatcher_new(&accepting, loop, listener, NULL);
    //! [connect_to_host]
    sock_dispatcher_t *d = sock_dispatcher_new(&quiet, loop, NULL, NULL);
    if (sock_dispatcher_connect_to_host(d, "127.0.0.1", port) == -1)
        sock_perror("client");
    sock_loop_run(loop, 5); /* -> IPv4 */
    //! [connect_to_host]
    sock_dispatcher_free(d);
    sock_dispatcher_free(server);
    return 0;
}

//! [reconnect]
static int again(sock_dispatcher_t *d)
{
    sock_addr_t *address = sock_dispatcher_arg(d);
    sock_dispatcher_close(d);
    if (sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM) == -1)
        return -1;
    return sock_dispatcher_connect(d, *address);
}

static const sock_dispatcher_class_t steady = {
    .size = sizeof steady,
    .handle_connect = nothing,
    .handle_close = again,
};
//! [reconnect]

static int reconnect(sock_loop_t *loop, sock_t *listener, sock_addr_t address)
{
    sock_dispatcher_t *d = sock_dispatcher_new(&steady, loop, NULL, &address);
    sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM);
    sock_dispatcher_connect(d, address);
    sock_free(sock_accept(listener, NULL));
    sock_loop_run(loop, 0.1);
    sock_t *second = sock_accept(listener, NULL);
    sock_free(second);
    sock_dispatcher_free(d);
    return second != NULL ? 0 : -1;
}

static int with_a_socket(sock_loop_t *loop, sock_t *s)
{
    //! [set_socket]
    sock_dispatcher_t *d = sock_dispatcher_new(&quiet, loop, NULL, NULL);
    if (sock_dispatcher_set_socket(d, s) == -1) /* still the caller's then */
        sock_free(s);
    //! [set_socket]
    //! [set_timeout]
    /* Who is silent for a minute is sent away. */
    sock_dispatcher_set_timeout(d, 60);
    //! [set_timeout]
    //! [close_all]
    printf("%d closed\n", sock_close_all(loop)); /* -> 1 closed */
    //! [close_all]
    sock_dispatcher_free(d);
    return 0;
}

//! [update]
struct tap {
    sock_dispatcher_t *d;
    int open;
};

static int is_open(sock_dispatcher_t *d)
{
    struct tap *tap = sock_dispatcher_arg(d);
    return tap->open;
}

static int turn(struct tap *tap, int open)
{
    tap->open = open;
    return sock_dispatcher_update(tap->d); /* which calls is_open() */
}
//! [update]

static const sock_dispatcher_class_t tapped = {
    .size = sizeof tapped, .readable = is_open, .handle_read = on_typed};

static int turn_it(sock_loop_t *loop, sock_t *s, sock_t *peer)
{
    struct tap tap = {NULL, 0};
    tap.d = sock_dispatcher_new(&tapped, loop, s, &tap);
    sock_sendall(peer, "water\n", 6, 0);
    sock_loop_run(loop, 0.01);
    int result = turn(&tap, 1);
    sock_loop_run(loop, 0.01); /* -> typed: water */
    sock_dispatcher_free(tap.d);
    return result;
}

//! [count]
/* A line says how many bytes follow. */
static int on_header_or_body(sock_chat_t *chat)
{
    int *bodies = sock_chat_arg(chat);
    size_t size, left;
    const char *data = sock_chat_get_data(chat, &size);
    if (sock_chat_terminator(chat, &left) != NULL) {
        char line[32];
        snprintf(line, sizeof line, "%.*s", (int)size, data);
        size_t n = strtoul(line, NULL, 10);
        return sock_chat_set_terminator_count(chat, n);
    }
    printf("body %d: %.*s\n", ++*bodies, (int)size, data);
    return sock_chat_set_terminator(chat, "\n", 1);
}
//! [count]

static const sock_chat_class_t counted = {
    .size = sizeof counted, .found_terminator = on_header_or_body};

static int by_count(sock_loop_t *loop, sock_t *s, sock_t *peer)
{
    int bodies = 0;
    sock_chat_t *chat = sock_chat_new(&counted, loop, s, &bodies);
    sock_chat_set_terminator(chat, "\n", 1);
    sock_sendall(peer, "5\nhello3\nall", 12, 0);
    sock_loop_run(loop, 0.01); /* -> body 1: hello
                                * -> body 2: all */
    sock_chat_free(chat);
    return 0;
}

//! [none]
static int on_data(sock_chat_t *chat, const void *data, size_t size)
{
    (void)chat;
    printf("%.*s\n", (int)size, (const char *)data);
    return 0;
}

/* After the first line, all that comes is passed on. */
static int on_greeting(sock_chat_t *chat)
{
    return sock_chat_set_terminator_none(chat);
}

static const sock_chat_class_t greeted = {
    .size = sizeof greeted,
    .collect_incoming_data = on_data,
    .found_terminator = on_greeting,
};
//! [none]

static int without_end(sock_loop_t *loop, sock_t *s, sock_t *peer)
{
    sock_chat_t *chat = sock_chat_new(&greeted, loop, s, NULL);
    sock_chat_set_terminator(chat, "\n", 1);
    sock_sendall(peer, "hello\nthe rest", 14, 0);
    sock_loop_run(loop, 0.01); /* -> hello
                                * -> the rest */
    sock_chat_free(chat);
    return 0;
}

//! [producer]
static ssize_t more(void *arg, void *buf, size_t size)
{
    int *number = arg;
    if (buf == NULL) /* it will not be asked again */
        return 0;
    if (*number == 3)
        return 0;
    return snprintf(buf, size, "number %d\n", (*number)++);
}

static int send_numbers(sock_chat_t *chat, int *number)
{
    if (sock_chat_push_with_producer(chat, more, number) == -1)
        return -1;
    return sock_chat_close_when_done(chat);
}
//! [producer]

static int produce(sock_loop_t *loop, sock_t *s, sock_t *peer)
{
    char text[64];
    int number = 0;
    sock_chat_t *chat = sock_chat_new(&greeted, loop, s, NULL);
    int result = send_numbers(chat, &number);
    sock_loop_run(loop, 0.01);
    ssize_t n = sock_recv_all(peer, text, 27);
    printf("%.*s", (int)n, text); /* -> number 0
                                   * -> number 1
                                   * -> number 2 */
    sock_chat_free(chat);
    return result;
}

static int send_a_file(sock_loop_t *loop, sock_t *s, sock_t *peer, FILE *file)
{
    char text[6];
    sock_chat_t *chat = sock_chat_new(&greeted, loop, s, NULL);
    //! [push_file]
    int fd = fileno(file);
    if (sock_chat_push_file(chat, fd, 0, SOCK_SENDFILE_TO_END) == -1)
        sock_perror("push_file");
    //! [push_file]
    sock_loop_run(loop, 0.01);
    ssize_t n = sock_recv_all(peer, text, 6);
    sock_chat_free(chat);
    return n == 6 ? 0 : -1;
}

static int forget(sock_loop_t *loop, sock_t *s)
{
    sock_chat_t *chat = sock_chat_new(&greeted, loop, s, NULL);
    //! [pause]
    sock_chat_pause_reading(chat); /* until there is time for it */
    sock_chat_resume_reading(chat);
    //! [pause]
    //! [discard]
    int result = sock_chat_discard_buffers(chat);
    //! [discard]
    sock_chat_free(chat);
    return result;
}

static sock_t *listener(sock_addr_t *address)
{
    sock_t *s = sock_create_server(sock_addr_inet("127.0.0.1", 0), 8, 0);
    sock_getsockname(s, address);
    return s;
}

int main(void)
{
    sock_addr_t address;
    sock_t *pair[2], *s;
    int failed = 0, ends[2];
    char text[16];
    setbuf(stdout, NULL);
    sock_loop_t *loop = sock_loop_new();
    s = listener(&address);
    converse(s, address);
    sock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    sock_sendall(pair[1], "hello", 5, 0);
    sock_shutdown(pair[1], SHUT_WR);
    failed |= count_bytes(loop, pair[0]) != 5;
    failed |= sock_recv_all(pair[1], text, 6) != 6;
    sock_free(pair[1]);
    sock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    failed |= with_send(loop, pair[0], "hello", 5);
    sock_free(pair[1]);
    if (pipe(ends) != 0 || write(ends[1], "hello\n", 6) != 6)
        return 1;
    close(ends[1]);
    read_a_pipe(loop, ends[0]);
    close(ends[0]);
    failed |= serve(loop, &address);
    s = listener(&address);
    failed |= connect_it(loop, s, address);
    s = listener(&address);
    failed |= by_name(loop, s, sock_addr_port(&address));
    s = listener(&address);
    failed |= reconnect(loop, s, address);
    sock_free(s);
    sock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    failed |= with_a_socket(loop, pair[0]);
    sock_free(pair[1]);
    sock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    failed |= turn_it(loop, pair[0], pair[1]);
    sock_free(pair[1]);
    sock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    failed |= by_count(loop, pair[0], pair[1]);
    sock_free(pair[1]);
    sock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    failed |= without_end(loop, pair[0], pair[1]);
    sock_free(pair[1]);
    sock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    failed |= produce(loop, pair[0], pair[1]);
    sock_free(pair[1]);
    FILE *file = tmpfile();
    if (file == NULL || fputs("a file", file) < 0 || fflush(file) != 0)
        return 1;
    sock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    failed |= send_a_file(loop, pair[0], pair[1], file);
    sock_free(pair[1]);
    fclose(file);
    sock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    failed |= forget(loop, pair[0]);
    sock_free(pair[1]);
    sock_loop_free(loop);
    return failed;
}

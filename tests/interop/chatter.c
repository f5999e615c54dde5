/* SPDX-License-Identifier: MIT */
/*
 * chatter ROLE ADDRESS: a dispatcher or a chat of the library, for asyncore and
 * asynchat of Python to be the other side. Who listens says on stderr where.
 *   lines    listens, and sends back each line, which ends with \r\n; behind a
 *            line "quit" it ends the connection
 *   counts   listens, and sends back what comes as "N\n" and N bytes
 *   bytes    listens, and sends back all bytes, by a dispatcher with send
 *   ask      connects, sends the lines of stdin, prints those that come back,
 *            and ends when there are as many
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pysockc/pysockc.h>

enum { MOST = 1 << 22 };

static const sock_chat_class_t *class_of_chats;
static const sock_dispatcher_class_t *class_of_dispatchers;
static char input[MOST];
static int asked, answered;

_Noreturn static void fail(void)
{
    sock_perror("chatter");
    exit(1);
}

static void on_error(sock_dispatcher_t *d, const sock_error_t *error)
{
    char text[SOCK_ERROR_TEXT_MAX];
    (void)d;
    sock_error_text(error, text, sizeof text);
    fprintf(stderr, "chatter: %s\n", text);
}

/* lines */

static int send_back(sock_chat_t *chat)
{
    size_t size;
    const char *line = sock_chat_get_data(chat, &size);
    if (sock_chat_push(chat, line, size) < 0 ||
        sock_chat_push(chat, "\r\n", 2) < 0)
        return -1;
    if (size == 4 && memcmp(line, "quit", 4) == 0)
        return sock_chat_close_when_done(chat);
    return 0;
}

static const sock_chat_class_t lines = {
    .size = sizeof lines,
    .dispatcher = {.handle_error = on_error, .free_when_closed = 1},
    .found_terminator = send_back,
};

/* counts */

static int send_back_count(sock_chat_t *chat)
{
    size_t size, left;
    const char *data = sock_chat_get_data(chat, &size);
    if (sock_chat_push(chat, data, size) < 0)
        return -1;
    if (sock_chat_terminator(chat, &left) == NULL) /* it was the body */
        return sock_chat_set_terminator(chat, "\n", 1);
    if (sock_chat_push(chat, "\n", 1) < 0)
        return -1;
    size_t n = strtoul(data, NULL, 10);
    return n > 0 ? sock_chat_set_terminator_count(chat, n) : 0;
}

static const sock_chat_class_t counts = {
    .size = sizeof counts,
    .dispatcher = {.handle_error = on_error, .free_when_closed = 1},
    .found_terminator = send_back_count,
};

/* bytes */

static int send_back_bytes(sock_dispatcher_t *d)
{
    char data[4096];
    ssize_t n = sock_dispatcher_recv(d, data, sizeof data);
    return n > 0 && sock_dispatcher_send(d, data, (size_t)n) < 0 ? -1 : 0;
}

static const sock_dispatcher_class_t bytes = {
    .size = sizeof bytes,
    .handle_read = send_back_bytes,
    .handle_error = on_error,
    .free_when_closed = 1,
};

/* ask */

static int print_answer(sock_chat_t *chat)
{
    size_t size;
    const char *line = sock_chat_get_data(chat, &size);
    printf("%.*s\n", (int)size, line);
    return ++answered == asked ? sock_chat_close_when_done(chat) : 0;
}

static const sock_chat_class_t asking = {
    .size = sizeof asking,
    .dispatcher = {.handle_error = on_error, .free_when_closed = 1},
    .found_terminator = print_answer,
};

static void ask(sock_loop_t *loop, sock_addr_t address)
{
    sock_chat_t *chat = sock_chat_new(&asking, loop, NULL, NULL);
    sock_dispatcher_t *d = sock_chat_dispatcher(chat);
    size_t size = fread(input, 1, MOST, stdin);
    if (sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM) < 0 ||
        sock_chat_set_terminator(chat, "\r\n", 2) < 0 ||
        sock_dispatcher_connect(d, address) < 0)
        fail();
    for (char *line = input; line < input + size; asked++) {
        char *end = memchr(line, '\n', (size_t)(input + size - line));
        if (sock_chat_push(chat, line, (size_t)(end - line)) < 0 ||
            sock_chat_push(chat, "\r\n", 2) < 0)
            fail();
        line = end + 1;
    }
}

/* Listening */

static int on_accepted(sock_dispatcher_t *server, sock_t *s,
                       const sock_addr_t *address)
{
    sock_loop_t *loop = sock_dispatcher_loop(server);
    (void)address;
    if (class_of_dispatchers != NULL)
        return sock_dispatcher_with_send_new(class_of_dispatchers, loop, s,
                                             NULL) != NULL
                   ? 0
                   : -1;
    sock_chat_t *chat = sock_chat_new(class_of_chats, loop, s, NULL);
    bool of_lines = class_of_chats == &lines;
    return sock_chat_set_terminator(chat, of_lines ? "\r\n" : "\n",
                                    of_lines ? 2 : 1);
}

static const sock_dispatcher_class_t listening = {
    .size = sizeof listening,
    .handle_accepted = on_accepted,
    .handle_error = on_error,
};

static void serve(sock_loop_t *loop, sock_addr_t address)
{
    char text[SOCK_ADDR_TEXT_MAX];
    sock_dispatcher_t *d = sock_dispatcher_new(&listening, loop, NULL, NULL);
    if (sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM) < 0 ||
        sock_dispatcher_bind(d, address) < 0 ||
        sock_dispatcher_listen(d, 128) < 0 ||
        sock_getsockname(sock_dispatcher_sock(d), &address) < 0)
        fail();
    sock_addr_format(&address, text, sizeof text);
    fprintf(stderr, "listening on %s\n", text);
}

int main(int argc, char **argv)
{
    sock_loop_t *loop = sock_loop_new();
    if (argc != 3 || loop == NULL)
        return 2;
    sock_addr_t address = sock_addr_parse(argv[2], 0);
    const char *role = argv[1];
    if (strcmp(role, "lines") == 0)
        class_of_chats = &lines;
    if (strcmp(role, "counts") == 0)
        class_of_chats = &counts;
    if (strcmp(role, "bytes") == 0)
        class_of_dispatchers = &bytes;
    if (strcmp(role, "ask") == 0)
        ask(loop, address);
    else
        serve(loop, address);
    if (sock_loop_run(loop, SOCK_NO_TIMEOUT) < 0)
        fail();
    sock_loop_free(loop);
    return asked == answered ? 0 : 1;
}

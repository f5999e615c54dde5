/* SPDX-License-Identifier: MIT */
/* Passes each line on to all others who are connected. */
#include "example.h"

enum { MOST = 1000 };

static sock_chat_t *everyone[MOST];
static int count;

/* Who does not read what waits for him is sent away. */
static void say(sock_chat_t *to, const char *line, size_t size)
{
    if (sock_chat_push(to, line, size) == -1 ||
        sock_chat_push(to, "\n", 1) == -1)
        sock_dispatcher_close(sock_chat_dispatcher(to));
}

/* Backwards, as who is sent away leaves his place to the last. */
static int found_terminator(sock_chat_t *from)
{
    size_t size;
    const char *line = sock_chat_get_data(from, &size);

    for (int i = count; i-- > 0;)
        if (everyone[i] != from)
            say(everyone[i], line, size);
    return 0;
}

static void handle_free(sock_dispatcher_t *d)
{
    for (int i = 0; i < count; i++)
        if (everyone[i] == sock_dispatcher_chat(d))
            everyone[i] = everyone[--count];
}

static const sock_chat_class_t client = {
    .size = sizeof client,
    .dispatcher = {.handle_free = handle_free, .free_when_closed = 1},
    .found_terminator = found_terminator,
};

static int handle_accepted(sock_dispatcher_t *server, sock_t *s,
                           const sock_addr_t *address)
{
    sock_loop_t *loop = sock_dispatcher_loop(server);
    sock_chat_t *chat =
        count < MOST ? sock_chat_new(&client, loop, s, NULL) : NULL;

    if (!chat) {
        sock_free(s);
        return 0;
    }
    everyone[count++] = chat;
    printf("%s joined\n", repr(address));
    sock_chat_set_terminator(chat, "\n", 1);
    return sock_chat_push(chat, "welcome\n", 8);
}

static int handle_close(sock_dispatcher_t *server)
{
    return sock_loop_stop(sock_dispatcher_loop(server));
}

static const sock_dispatcher_class_t server = {
    .size = sizeof server,
    .handle_accepted = handle_accepted,
    .handle_close = handle_close,
    .free_when_closed = 1,
};

int main(int argc, char **argv)
{
    const char *host = "127.0.0.1";
    int port = 5556;
    int status;

    host_and_port(argc, argv,
                  "Passes each line on to all others who are connected.", &host,
                  &port);

    sock_t *s = sock_create_server(sock_addr_inet(host, port), 128, 0);
    sock_loop_t *loop = s ? sock_loop_new() : NULL;
    if (!loop || !sock_dispatcher_new(&server, loop, s, NULL))
        return failed();
    listening(s);
    sock_loop_run(loop, SOCK_NO_TIMEOUT);
    status = ended();
    sock_loop_free(loop);
    return status;
}

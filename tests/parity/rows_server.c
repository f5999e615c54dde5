/* SPDX-License-Identifier: MIT */
#include "parity.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* What served() of compare.py has, too: a server that tells what it does, and
 * fails where it is told to. */

static char told[256];
static const char *failing;

static int tell(const char *word)
{
    size_t n = strlen(told);
    snprintf(told + n, sizeof told - n, "%s'%s'", n > 1 ? ", " : "", word);
    return strcmp(word, failing) == 0 ? sock_close_fd(-1) : 0;
}

static int setup(sock_request_t *request)
{
    (void)request;
    return tell("setup");
}

static int handle(sock_request_t *request)
{
    (void)request;
    return tell("handle");
}

static int finish(sock_request_t *request)
{
    (void)request;
    return tell("finish");
}

static int verify_request(sock_server_t *server, sock_request_t *request)
{
    (void)server;
    (void)request;
    return tell("verify_request") == 0 && strcmp(failing, "verify") != 0;
}

static int process_request(sock_server_t *server, sock_request_t *request)
{
    if (tell("process_request") < 0)
        return -1;
    return sock_server_process_request(server, request);
}

static void handle_error(sock_server_t *server, sock_request_t *request,
                         const sock_error_t *error)
{
    (void)server;
    (void)request;
    (void)error;
    tell("handle_error");
}

static void handle_timeout(sock_server_t *server)
{
    (void)server;
    tell("handle_timeout");
}

static void service_actions(sock_server_t *server)
{
    tell("service_actions");
    sock_server_shutdown(server);
}

static const sock_server_class_t telling = {.size = sizeof telling,
                                            .handle = handle,
                                            .setup = setup,
                                            .finish = finish,
                                            .verify_request = verify_request,
                                            .process_request = process_request,
                                            .handle_error = handle_error,
                                            .handle_timeout = handle_timeout};

static void end_told(const sock_server_t *server)
{
    sock_addr_t a = sock_server_address(server);
    bool known =
        sock_server_fileno(server) == sock_fileno(sock_server_sock(server)) &&
        sock_addr_port(&a) > 0;
    strcat(told, known ? "]" : "?");
    show(told);
}

static void show_served(const char *where, double timeout, bool asked)
{
    sock_server_class_t c = telling;
    failing = where;
    strcpy(told, "[");
    c.timeout = timeout;
    sock_server_t *server =
        sock_server_new(&c, sock_addr_inet("127.0.0.1", 0), NULL);
    sock_t *s = own(sock_new(AF_INET, SOCK_STREAM, 0));
    char rest;
    if (asked && sock_connect(s, sock_server_address(server)) < 0)
        show(error());
    sock_server_handle_request(server);
    if (asked && sock_recv(s, &rest, 1, 0) != 0) /* it was closed */
        tell("open");
    end_told(server);
    sock_server_free(server);
}

static void order(void)
{
    static const char *const words[] = {"",       "setup",  "handle",
                                        "finish", "verify", "process_request"};
    for (EACH(i, words)) {
        row("served(%s%s%s)", words[i][0] ? "'" : "", words[i],
            words[i][0] ? "'" : "");
        show_served(words[i], 5, true);
    }
    row("served(timeout=0.01, asked=False)");
    show_served("", 0.01, false);
    row("served(timeout=-1, asked=False)");
    show_served("", -1, false);
}

/* The loop: one round, then service_actions has it end. */
static void loop(void)
{
    sock_server_class_t c = telling;
    row("looped()");
    failing = "";
    strcpy(told, "[");
    c.service_actions = service_actions;
    sock_server_t *server =
        sock_server_new(&c, sock_addr_inet("127.0.0.1", 0), NULL);
    sock_t *s = own(sock_new(AF_INET, SOCK_STREAM, 0));
    sock_connect(s, sock_server_address(server));
    if (sock_server_serve_forever(server, 0.5) < 0)
        show(error());
    end_told(server);
    sock_server_free(server);
}

/* Streams: talked() of compare.py */

static int echo_line(sock_request_t *request)
{
    char line[64];
    FILE *in = sock_request_rfile(request), *out = sock_request_wfile(request);
    if (in == NULL || out == NULL)
        return -1;
    if (fgets(line, sizeof line, in) != NULL)
        fputs(line, out);
    return 0;
}

static void streams(void)
{
    static const char *const names[] = {"TCPServer", "ThreadingTCPServer",
                                        "ForkingTCPServer"};
    for (EACH(i, names)) {
        sock_server_class_t c = {
            .size = sizeof c, .mode = (int)i, .handle = echo_line};
        char answer[64];
        row("talked('%s', b'one\\ntwo\\n')", names[i]);
        sock_server_t *server =
            sock_server_new(&c, sock_addr_inet("127.0.0.1", 0), NULL);
        sock_t *s = own(sock_new(AF_INET, SOCK_STREAM, 0));
        sock_connect(s, sock_server_address(server));
        sock_sendall(s, "one\ntwo\n", 8, 0);
        sock_server_handle_request(server);
        show(bytes(sock_recv(s, answer, sizeof answer, 0), answer));
        sock_server_free(server);
    }
}

/* Datagrams: exchanged() of compare.py */

static int echo_packet(sock_request_t *request)
{
    size_t size;
    const char *packet = sock_request_packet(request, &size);
    FILE *out = sock_request_wfile(request);
    if (packet == NULL || out == NULL)
        return -1;
    if (size != 5 || memcmp(packet, "quiet", 5) != 0)
        fwrite(packet, 1, size, out);
    return 0;
}

static int reply_packet(sock_request_t *request)
{
    size_t size;
    const void *packet = sock_request_packet(request, &size);
    return sock_request_reply(request, packet, size);
}

static void exchange(const char *packet, size_t max,
                     int (*handler)(sock_request_t *))
{
    char answer[64];
    ssize_t n;
    sock_server_class_t c = {.size = sizeof c,
                             .type = SOCK_DGRAM,
                             .max_packet_size = max,
                             .handle = handler};
    sock_server_t *server =
        sock_server_new(&c, sock_addr_inet("127.0.0.1", 0), NULL);
    sock_t *s = own(sock_new(AF_INET, SOCK_DGRAM, 0));
    sock_sendto(s, packet, strlen(packet), 0, sock_server_address(server));
    sock_sendto(s, "end", 3, 0, sock_server_address(server));
    sock_server_handle_request(server);
    sock_server_handle_request(server);
    do {
        n = sock_recv(s, answer, sizeof answer, 0);
        show(bytes(n, answer));
    } while (n >= 0 && (n != 3 || memcmp(answer, "end", 3) != 0));
    sock_server_free(server);
}

static void datagrams(void)
{
    row("exchanged(b'hello')");
    exchange("hello", 0, echo_packet);
    row("exchanged(b'hello')");
    exchange("hello", 0, reply_packet);
    row("exchanged(b'1234', 4)");
    exchange("1234", 4, echo_packet);
    row("exchanged(b'quiet')");
    deviates("a datagram's `wfile`, nothing written");
    exchange("quiet", 0, echo_packet);
    row("exchanged(b'12345', 4)");
    deviates("a datagram that is longer than `max_packet_size`");
    exchange("12345", 4, echo_packet);
}

void rows_server(void)
{
    order();
    loop();
    streams();
    datagrams();
}

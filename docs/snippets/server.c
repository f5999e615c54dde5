/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700

#include <pysockc/pysockc.h>

#include <ctype.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

//! [files]
/* A line there, the same line back. */
static int echo_line(sock_request_t *request)
{
    char line[512];
    FILE *rfile = sock_request_rfile(request);
    FILE *wfile = sock_request_wfile(request);
    if (!rfile || !wfile)
        return -1; /* handle_error hears why */
    if (fgets(line, sizeof line, rfile))
        fputs(line, wfile);
    return 0;
}
//! [files]

//! [handle]
/* Whatever comes goes back in capitals. */
static int shout(sock_request_t *request)
{
    sock_t *s = sock_request_sock(request);
    char text[512];
    ssize_t n = sock_recv(s, text, sizeof text, 0);
    for (ssize_t i = 0; i < n; i++)
        text[i] = (char)toupper((unsigned char)text[i]);
    return n == -1 ? -1 : sock_sendall(s, text, (size_t)n, 0);
}
//! [handle]

/* A client, whose request is there before the server looks. */
static sock_t *asking(sock_server_t *server, const char *text)
{
    sock_addr_t to = sock_server_address(server);
    sock_t *s = sock_new(AF_INET, sock_type(sock_server_sock(server)), 0);
    sock_settimeout(s, 5);
    if (sock_connect(s, to) == -1 || sock_sendall(s, text, strlen(text), 0))
        sock_perror("client");
    return s;
}

static void answered(sock_t *s)
{
    char text[512];
    ssize_t n = sock_recv(s, text, sizeof text, 0);
    printf("%.*s\n", (int)(n > 0 ? n : 0), text);
    sock_free(s);
}

static void *client_that_stops(void *arg)
{
    sock_server_t *server = arg;
    sock_t *s = asking(server, "hello");
    answered(s);
    sock_server_shutdown(server);
    return NULL;
}

static pthread_t client_thread;

static void ask_it(sock_server_t *server)
{
    pthread_create(&client_thread, NULL, client_that_stops, server);
}

//! [new]
static const sock_server_class_t loud = {
    .size = sizeof loud, .mode = SOCK_SERVER_THREADING, .handle = shout};

static int serve(const char *host, int port)
{
    sock_server_t *server =
        sock_server_new(&loud, sock_addr_inet(host, port), NULL);
    if (!server) {
        sock_perror("server");
        return 1;
    }
    ask_it(server);                         /* clients may come now */
    sock_server_serve_forever(server, 0.5); /* until it is shut down */
    pthread_join(client_thread, NULL);      /* and who did is out of it */
    sock_server_free(server);               /* -> HELLO */
    return 0;
}
//! [new]

static int one_request(void)
{
    static const sock_server_class_t echo = {
        .size = sizeof echo, .timeout = 0.01, .handle = echo_line};
    sock_server_t *server =
        sock_server_new(&echo, sock_addr_inet("127.0.0.1", 0), NULL);
    sock_t *s = asking(server, "one");
    sock_shutdown(s, SHUT_WR);
    //! [one]
    while (sock_server_handle_request(server) == 1)
        puts("one request"); /* -> one request */
    puts("nobody else");     /* -> nobody else */
    //! [one]
    answered(s); /* -> one */
    sock_server_free(server);
    return 0;
}

static int of_a_listener(const sock_server_class_t *c)
{
    //! [adopt]
    sock_t *s = sock_create_server(sock_addr_inet("127.0.0.1", 0), 128, 0);
    sock_server_t *server = sock_server_adopt(c, s, NULL);
    if (!server)
        sock_free(s); /* it is the caller's still */
    //! [adopt]
    sock_t *asker = asking(server, "adopted");
    sock_server_handle_request(server);
    answered(asker); /* -> ADOPTED */
    sock_server_free(server);
    return 0;
}

//! [shutdown]
static sock_server_t *the_server; /* for a signal's handler */

static void on_signal(int signo)
{
    (void)signo;
    sock_server_shutdown(the_server);
}

static int stop_it(sock_request_t *request)
{
    return sock_server_shutdown(sock_request_server(request));
}

static int until_stopped(sock_server_t *server)
{
    the_server = server;
    signal(SIGTERM, on_signal);
    sock_server_serve_forever(server, 0.5);
    return sock_server_join(server, 5); /* its threads have ended, too */
}
//! [shutdown]

static int stopped(void)
{
    static const sock_server_class_t c = {.size = sizeof c, .handle = stop_it};
    sock_server_t *server =
        sock_server_new(&c, sock_addr_inet("127.0.0.1", 0), NULL);
    sock_t *s = asking(server, "stop");
    int failed = until_stopped(server);
    raise(SIGTERM);
    failed |= until_stopped(server);
    sock_free(s);
    sock_server_free(server);
    return failed;
}

//! [park]
/* Answers what has come, and waits for more without a thread. */
static int answer_and_wait(sock_request_t *request)
{
    char text[512];
    sock_t *s = sock_request_sock(request);
    ssize_t n = sock_recv(s, text, sizeof text, 0);
    if (n <= 0)
        return (int)n; /* 0: the peer is done */
    if (sock_sendall(s, text, (size_t)n, 0) == -1)
        return -1;
    return sock_request_park(request);
}
//! [park]

static int parked_and_drained(void)
{
    static const sock_server_class_t c = {.size = sizeof c,
                                          .handle = answer_and_wait};
    sock_server_t *server =
        sock_server_new(&c, sock_addr_inet("127.0.0.1", 0), NULL);
    sock_t *s = asking(server, "parked");
    sock_server_handle_request(server);
    //! [stats]
    sock_server_stats_t stats;
    sock_server_stats(server, &stats);
    printf("accepted %d, parked %d\n", (int)stats.accepted,
           (int)stats.parked); /* -> accepted 1, parked 1 */
    //! [stats]
    //! [pause]
    sock_server_pause(server, 1); /* those who come now wait */
    /* ... */
    sock_server_pause(server, 0);
    //! [pause]
    //! [drain]
    int cut = sock_server_drain(server, 10); /* at most so long */
    if (cut > 0)
        fprintf(stderr, "%d requests were cut off\n", cut);
    sock_server_free(server);
    //! [drain]
    answered(s); /* -> parked */
    return 0;
}

//! [process]
/* Python's super().process_request() */
static int say_and_process(sock_server_t *server, sock_request_t *request)
{
    puts("a request");
    return sock_server_process_request(server, request);
}
//! [process]

//! [verify]
static int is_local(sock_server_t *server, sock_request_t *request)
{
    char host[64];
    sock_addr_t peer = sock_request_address(request);
    (void)server;
    sock_addr_host(&peer, host, sizeof host);
    return strcmp(host, "127.0.0.1") == 0;
}
//! [verify]

//! [arg]
static int greet(sock_request_t *request)
{
    const char *text = sock_request_arg(request);
    return sock_sendall(sock_request_sock(request), text, strlen(text), 0);
}
//! [arg]

static int with_callbacks(void)
{
    static const sock_server_class_t c = {.size = sizeof c,
                                          .verify_request = is_local,
                                          .process_request = say_and_process,
                                          .handle = greet};
    static char welcome[] = "welcome";
    //! [what]
    sock_server_t *server =
        sock_server_new(&c, sock_addr_inet("127.0.0.1", 0), welcome);
    sock_addr_t address = sock_server_address(server);
    puts(sock_addr_port(&address) > 0 ? "a port" : "none"); /* -> a port */
    printf("%s, %d\n", (char *)sock_server_arg(server),
           sock_server_fileno(server) ==
               sock_fileno(sock_server_sock(server))); /* -> welcome, 1 */
    //! [what]
    sock_t *s = asking(server, "?");
    sock_server_handle_request(server);
    answered(s); /* -> a request
                    -> welcome */
    sock_server_free(server);
    return 0;
}

//! [data]
static int begin(sock_request_t *request)
{
    sock_request_set_data(request, calloc(1, 512));
    return sock_request_data(request) ? 0 : -1;
}

static int keep(sock_request_t *request)
{
    char *text = sock_request_data(request);
    sock_t *s = sock_request_sock(request);
    return sock_recv(s, text, 511, 0) < 0 ? -1 : 0;
}

static int report(sock_request_t *request)
{
    char *text = sock_request_data(request);
    printf("kept: %s\n", text); /* -> kept: it */
    free(text);
    return 0;
}
//! [data]

static int with_data(void)
{
    static const sock_server_class_t c = {
        .size = sizeof c, .setup = begin, .handle = keep, .finish = report};
    sock_server_t *server =
        sock_server_new(&c, sock_addr_inet("127.0.0.1", 0), NULL);
    sock_t *s = asking(server, "it");
    sock_server_handle_request(server);
    sock_free(s);
    sock_server_free(server);
    return 0;
}

static int hear_nothing(sock_request_t *request)
{
    char byte;
    sock_settimeout(sock_request_sock(request), 0.01);
    return sock_recv(sock_request_sock(request), &byte, 1, 0) < 0 ? -1 : 0;
}

static int printed(void)
{
    //! [print]
    static const sock_server_class_t c = {
        .size = sizeof c,
        .handle = hear_nothing,
        .handle_error = sock_server_print_error,
    };
    //! [print]
    sock_server_t *server =
        sock_server_new(&c, sock_addr_inet("127.0.0.1", 0), NULL);
    sock_t *s = asking(server, "");
    /* -> ----------------------------------------
       -> Exception occurred ... request from ('127.0.0.1', ...)
       -> recv ('127.0.0.1', ...): timed out
       -> ---------------------------------------- */
    sock_server_handle_request(server);
    sock_free(s);
    sock_server_free(server);
    return 0;
}

//! [datagram]
static int answer(sock_request_t *request)
{
    size_t size;
    const void *packet = sock_request_packet(request, &size);
    return sock_request_reply(request, packet, size);
}

static const sock_server_class_t datagrams = {
    .size = sizeof datagrams, .type = SOCK_DGRAM, .handle = answer};
//! [datagram]

static int of_datagrams(void)
{
    sock_server_t *server =
        sock_server_new(&datagrams, sock_addr_inet("127.0.0.1", 0), NULL);
    sock_t *s = asking(server, "a datagram");
    sock_server_handle_request(server);
    answered(s); /* -> a datagram */
    sock_server_free(server);
    return 0;
}

int main(void)
{
    static const sock_server_class_t c = {.size = sizeof c, .handle = shout};
    setbuf(stdout, NULL);
    return serve("127.0.0.1", 0) || one_request() || of_a_listener(&c) ||
           stopped() || parked_and_drained() || with_callbacks() ||
           with_data() || printed() || of_datagrams();
}

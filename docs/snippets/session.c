/* SPDX-License-Identifier: MIT */
#include <pysockc/pysockc.h>
#include <pysockc/smtp.h>

#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* The other side: a server that knows its clients, and tells it. */

static void *serve(void *server)
{
    sock_t *s = sock_accept(server, NULL);
    FILE *in = sock_makefile(s, "r");
    const char *help = "214-See RFC 5321,\r\n214 or ask.\r\n";
    const char *hello = "220 mx.example.org\r\n", *other = "250 ok\r\n";
    char line[512];

    sock_sendall(s, hello, strlen(hello), 0);
    while (fgets(line, sizeof line, in) != NULL) {
        const char *answer = strncmp(line, "HELP", 4) == 0 ? help : other;
        sock_sendall(s, answer, strlen(answer), 0);
    }
    fclose(in);
    sock_free(s);
    return NULL;
}

static void words(sock_smtp_t *s)
{
    //! [text]
    sock_session_t *c = sock_smtp_session(s);
    sock_smtp_docmd(s, "HELP", NULL);
    printf("%d\n", sock_session_code(c)); /* -> 214 */
    puts(sock_session_text(c));
    /* -> See RFC 5321,
       -> or ask. */
    //! [text]
}

static void settings(sock_session_t *c)
{
    //! [socket]
    sock_t *sock = sock_session_socket(c);
    if (sock_setsockopt_int(sock, SOL_SOCKET, SO_KEEPALIVE, 1) == -1)
        sock_perror(NULL);
    //! [socket]
    //! [time]
    sock_session_settimeout(c, 30);    /* for each command */
    sock_session_set_deadline(c, 300); /* for all of them */
    //! [time]
    //! [limits]
    sock_session_limits_t limits = {.size = sizeof limits, .lines = 100};
    if (sock_session_set_limits(c, &limits) == -1)
        sock_perror(NULL);
    //! [limits]
    //! [secure]
    if (sock_session_secure(c) == 0)
        puts("anyone may read this"); /* -> anyone may read this */
    //! [secure]
}

//! [trace]
static void show(void *file, char direction, const char *line, size_t n)
{
    fprintf(file, "%c %.*s\n", direction, (int)n, line);
}

static void ask(sock_smtp_t *s)
{
    sock_session_set_trace(sock_smtp_session(s), show, stdout);
    sock_smtp_noop(s);
    /* -> > NOOP
       -> < 250 ok */
}
//! [trace]

int main(void)
{
    sock_addr_t address;
    sock_addr_t any = sock_addr_inet("127.0.0.1", 0);
    sock_t *server = sock_create_server(any, 9, 0);
    pthread_t thread;

    setvbuf(stdout, NULL, _IONBF, 0);
    if (server == NULL)
        return 1;
    sock_getsockname(server, &address);
    pthread_create(&thread, NULL, serve, server);
    int port = sock_addr_port(&address);
    sock_smtp_t *s = sock_smtp_new("127.0.0.1", port, NULL);
    words(s);
    settings(sock_smtp_session(s));
    ask(s);
    sock_smtp_free(s);
    pthread_join(thread, NULL);
    sock_free(server);
    return 0;
}

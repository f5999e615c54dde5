/* SPDX-License-Identifier: MIT */
#include <pysockc/pysockc.h>
#include <pysockc/smtp.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* The other side: a server that takes any password, and no token. */

static const char *answer_to(const char *line)
{
    if (strncmp(line, "EHLO", 4) == 0)
        return "250-mx.example.org\r\n250 AUTH PLAIN XOAUTH2\r\n";
    if (strncmp(line, "AUTH PLAIN", 10) == 0)
        return "235 2.7.0 welcome\r\n";
    if (strncmp(line, "AUTH XOAUTH2", 12) == 0)
        return "334 eyJzdGF0dXMiOiI0MDEifQ==\r\n";
    return "535 5.7.8 it has expired\r\n";
}

static void *serve(void *server)
{
    sock_t *s = sock_accept(server, NULL);
    FILE *in = sock_makefile(s, "r");
    char line[512];

    sock_sendall(s, "220 mx.example.org\r\n", 20, 0);
    while (fgets(line, sizeof line, in) != NULL) {
        const char *answer = answer_to(line);
        sock_sendall(s, answer, strlen(answer), 0);
    }
    fclose(in);
    sock_free(s);
    return NULL;
}

static void log_in(sock_smtp_t *s)
{
    //! [password]
    sock_sasl_login_t who = {.user = "eve", .password = "secret"};
    if (sock_smtp_auth(s, "PLAIN", sock_sasl_password, &who) == -1)
        sock_perror(NULL);
    //! [password]
}

static void log_in_by_token(sock_smtp_t *s)
{
    //! [token]
    sock_sasl_bearer_t bearer = {.user = "eve@example.org",
                                 .token = "ya29.a0ARW5m7"};
    if (sock_smtp_auth(s, "XOAUTH2", sock_sasl_token, &bearer) == -1)
        sock_perror(NULL);
    /* -> auth 127.0.0.1: AUTH XOAUTH2 ****: 535 5.7.8 it has expired */
    //! [token]
}

int main(void)
{
    sock_addr_t address;
    sock_addr_t any = sock_addr_inet("127.0.0.1", 0);
    sock_t *server = sock_create_server(any, 9, 0);
    pthread_t thread;

    if (server == NULL)
        return 1;
    sock_getsockname(server, &address);
    pthread_create(&thread, NULL, serve, server);
    int port = sock_addr_port(&address);
    sock_smtp_t *s = sock_smtp_new("127.0.0.1", port, NULL);
    log_in(s);
    log_in_by_token(s);
    sock_smtp_free(s);
    pthread_join(thread, NULL);
    sock_free(server);
    return 0;
}

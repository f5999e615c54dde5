/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/pop3.h>
#include <pysockc/pysockc.h>
#include <pysockc/smtp.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The other side: servers of POP3 and of SMTP, for a client each. */

struct server {
    sock_t *listener;
    const char *hello;
    int port;
    pthread_t thread;
};

static const char *const answers[][2] = {
    {"RETR", "+OK\r\nSubject: one\r\n\r\nHello\r\n.\r\n"},
    {"USER", "+OK\r\n"},
    {"EHLO", "250 mx.example.org\r\n"},
    {"DATA", "354 go on\r\n"},
    {"MAIL", "250 ok\r\n"},
    {"RCPT", "250 ok\r\n"},
    {".\r\n", "250 taken\r\n"}};

static void *serve(void *arg)
{
    struct server *v = arg;
    sock_t *s = sock_accept(v->listener, NULL);
    FILE *in = sock_makefile(s, "r");
    char line[512];

    sock_sendall(s, v->hello, strlen(v->hello), 0);
    while (fgets(line, sizeof line, in) != NULL)
        for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
            if (strncmp(line, answers[i][0], strlen(answers[i][0])) == 0)
                sock_sendall(s, answers[i][1], strlen(answers[i][1]), 0);
    fclose(in);
    sock_free(s);
    return NULL;
}

static void start(struct server *v, const char *hello)
{
    sock_addr_t address;

    v->hello = hello;
    v->listener = sock_create_server(sock_addr_inet("127.0.0.1", 0), 9, 0);
    sock_getsockname(v->listener, &address);
    v->port = sock_addr_port(&address);
    pthread_create(&v->thread, NULL, serve, v);
}

static void stop(struct server *v)
{
    pthread_join(v->thread, NULL);
    sock_free(v->listener);
}

/* What a client does. */

static void keep(sock_pop3_t *p, const char *path)
{
    //! [sink]
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (sock_pop3_retr_to(p, 1, sock_sink_fd(fd)) == -1)
        sock_perror(NULL);
    close(fd);
    //! [sink]
}

static void list(sock_pop3_t *p)
{
    //! [lines]
    sock_lines_t *list = sock_pop3_retr(p, 1);
    for (size_t i = 0; list != NULL && i < list->count; i++)
        printf("%zu: %s\n", i, list->lines[i].text);
    /* -> 0: Subject: one
       -> 1:...
       -> 2: Hello */
    sock_lines_free(list);
    //! [lines]
}

static void pass_on(sock_pop3_t *p, sock_smtp_t *s)
{
    const char *to[] = {"bob@example.org"};
    //! [file]
    FILE *f = tmpfile();
    if (sock_pop3_retr_to(p, 1, sock_sink_file(f)) == -1)
        sock_perror(NULL);
    rewind(f);
    if (sock_smtp_send_from(s, "eve@example.org", to, 1, sock_source_file(f),
                            -1, NULL, NULL) < 0)
        sock_perror(NULL);
    fclose(f);
    //! [file]
}

static void send_file(sock_smtp_t *s, const char *path)
{
    const char *to[] = {"bob@example.org"};
    //! [source]
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    sock_source_t source = sock_source_fd(fd);
    if (sock_smtp_send_from(s, "eve@example.org", to, 1, source, -1, NULL,
                            NULL) < 0)
        sock_perror(NULL);
    close(fd);
    //! [source]
}

static void send_text(sock_smtp_t *s)
{
    //! [memory]
    const char *msg = "Subject: two\n\nHello!\n";
    if (sock_smtp_mail(s, "eve@example.org", NULL) == 250 &&
        sock_smtp_rcpt(s, "bob@example.org", NULL) == 250 &&
        sock_smtp_data(s, sock_source_memory(msg, strlen(msg))) == 250)
        puts("sent"); /* -> sent */
    //! [memory]
}

int main(void)
{
    char path[] = "/tmp/snippet.XXXXXX";
    struct server pop3, smtp;

    setvbuf(stdout, NULL, _IONBF, 0);
    close(mkstemp(path));
    start(&pop3, "+OK ready\r\n");
    start(&smtp, "220 mx.example.org\r\n");
    sock_pop3_t *p = sock_pop3_new("127.0.0.1", pop3.port, NULL);
    sock_smtp_t *s = sock_smtp_new("127.0.0.1", smtp.port, NULL);

    keep(p, path);
    list(p);
    pass_on(p, s);
    send_file(s, path);
    send_text(s);
    sock_pop3_free(p);
    sock_smtp_free(s);
    stop(&pop3);
    stop(&smtp);
    unlink(path);
    return 0;
}

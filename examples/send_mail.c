/* SPDX-License-Identifier: MIT */
/* Sends a mail, whose text it reads. */
#define _POSIX_C_SOURCE 200809L

#include <string.h>
#include <time.h>
#include <unistd.h>

#include <pysockc/mail.h>
#include <pysockc/smtp.h>

#include "example.h"

enum { MOST_RECIPIENTS = 100, ADDRESS_SIZE = 512 };

/* The arguments, in their order. */
enum { HOST = 1, PORT, FROM, SUBJECT, TO };

/* A name for the mail, in the domain of its sender. */
static void write_id(FILE *mail, const char *from)
{
    char address[ADDRESS_SIZE], id[ADDRESS_SIZE];
    const char *domain = "localhost", *at = NULL;

    if (sock_smtp_quoteaddr(address, sizeof address, from) != -1)
        at = strrchr(address, '@');
    if (at != NULL) {
        address[strlen(address) - 1] = '\0'; /* '>' */
        domain = at + 1;
    }
    if (sock_message_id(id, sizeof id, domain) != -1)
        fprintf(mail, "Message-ID: %s\n", id);
}

static void write_head(FILE *mail, char **argv)
{
    char date[SOCK_MESSAGE_DATE_MAX];

    sock_message_date(date, sizeof date, time(NULL));
    fprintf(mail, "From: %s\nTo: %s", argv[FROM], argv[TO]);
    for (int i = TO + 1; argv[i] != NULL; i++)
        fprintf(mail, ",\n %s", argv[i]);
    fprintf(mail, "\nSubject: %s\nDate: %s\n", argv[SUBJECT], date);
    write_id(mail, argv[FROM]);
    fputc('\n', mail);
}

static void write_text(FILE *mail)
{
    const char *prompt = isatty(STDIN_FILENO) ? "msg to send: " : "";
    char *line = NULL;
    size_t size = 0;

    while (raw_input(prompt, &line, &size) != -1)
        fprintf(mail, "%s\n", line);
    free(line);
}

/* Whoever is refused does not keep the others from their mail. */
static int send_to(sock_smtp_t *s, char **argv, int n, const char *mail,
                   size_t size)
{
    const char *const *to = (const char *const *)argv + TO;
    int refused = sock_smtp_sendmail(s, argv[FROM], to, (size_t)n, mail, size,
                                     NULL, NULL);
    if (refused == -1)
        return failed();
    for (int i = 0; i < refused; i++) {
        const sock_smtp_refusal_t *r = sock_smtp_refused(s, (size_t)i);
        complain("%s: %d %s", r->address, r->code, r->text);
    }
    printf("sent to %d of %d\n", n - refused, n);
    return refused == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    int n = begin(argc, argv, " HOST PORT FROM SUBJECT TO...",
                  TO - 1 + MOST_RECIPIENTS,
                  "Sends a mail, whose text is its input, by the server at "
                  "HOST and PORT.\n\n"
                  "The status is 0 if no one was refused.");
    if (n < TO)
        bad_arguments("there is no one to send it to", "");
    int port = number(argv[PORT], 0, 65535);
    for (int i = FROM; i <= n; i++)
        if (strpbrk(argv[i], "\r\n") != NULL)
            bad_arguments("more than a line", argv[i]);

    char *mail;
    size_t size;
    FILE *f = open_memstream(&mail, &size);
    write_head(f, argv);
    write_text(f);
    fclose(f);

    const sock_session_opts_t opts = {.size = sizeof opts,
                                      .timeout = MESSAGE_SECONDS};
    sock_smtp_t *s = sock_smtp_new(argv[HOST], port, &opts);
    int status = s ? send_to(s, argv, n - TO + 1, mail, size) : failed();
    if (s != NULL)
        sock_smtp_quit(s);
    sock_smtp_free(s);
    free(mail);
    return status;
}

/* SPDX-License-Identifier: MIT */
/* The yardstick: what the protocols need at least, by send(2) and recv(2), and
 * no more checked than that it has worked. */
#define _GNU_SOURCE

#include "net_mail.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int dial(int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                            .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;

    BENCH_NEED(fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) == 0);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return fd;
}

static void say(int fd, const char *text, size_t n)
{
    while (n > 0) {
        ssize_t done = send(fd, text, n, MSG_NOSIGNAL);
        BENCH_NEED(done > 0);
        text += done;
        n -= (size_t)done;
    }
}

/* Until so many replies have come, of one or more lines each; the last of them
 * begins with that digit. What has come stays there. */
static char heard[MAIL_ROOM + 1];

static void hear(int fd, int replies, char digit)
{
    size_t used = 0, line = 0;

    while (replies > 0) {
        ssize_t n = recv(fd, heard + used, MAIL_ROOM - used, 0);
        BENCH_NEED(n > 0);
        used += (size_t)n;
        heard[used] = '\0';
        for (char *lf; (lf = strchr(heard + line, '\n')) != NULL;) {
            if (heard[line + 3] != '-' && --replies == 0)
                BENCH_NEED(heard[line] == digit);
            line = (size_t)(lf + 1 - heard);
        }
    }
}

static void ask(int fd, const char *command, char digit)
{
    say(fd, command, strlen(command));
    hear(fd, 1, digit);
}

/* FTP */

static int log_in(int port)
{
    int fd = dial(port);
    hear(fd, 1, '2');
    ask(fd, "USER anonymous\r\n", '2');
    ask(fd, "TYPE I\r\n", '2');
    return fd;
}

static int passive(int fd)
{
    ask(fd, "EPSV\r\n", '2');
    const char *at = strstr(heard, "|||");
    BENCH_NEED(at != NULL);
    return dial((int)strtol(at + 3, NULL, 10));
}

static char block[MAIL_BLOCK];

void mail_plain_retr(const struct mail_job *job)
{
    int fd = log_in(job->port), data = passive(fd);
    char command[256];
    long got = 0;
    ssize_t n;

    snprintf(command, sizeof command, "RETR %s\r\n", job->path);
    ask(fd, command, '1');
    while ((n = recv(data, block, sizeof block, 0)) > 0)
        got += n;
    BENCH_NEED(n == 0 && got == job->count);
    close(data);
    hear(fd, 1, '2');
    ask(fd, "QUIT\r\n", '2');
    close(fd);
}

void mail_plain_stor(const struct mail_job *job)
{
    int fd = log_in(job->port), data = passive(fd);
    int file = open(job->path, O_RDONLY | O_CLOEXEC);
    ssize_t n;

    BENCH_NEED(file >= 0);
    ask(fd, "STOR incoming/file\r\n", '1');
    while ((n = read(file, block, sizeof block)) > 0)
        say(data, block, (size_t)n);
    close(file);
    close(data);
    hear(fd, 1, '2');
    ask(fd, "QUIT\r\n", '2');
    close(fd);
}

/* POP3 */

struct mails {
    int fd;
    size_t at, end;
    char buf[MAIL_ROOM];
};

/* The next line, as it came. */
static const char *next_line(struct mails *m, size_t *n)
{
    for (;;) {
        const char *from = m->buf + m->at;
        const char *lf = memchr(from, '\n', m->end - m->at);
        if (lf != NULL) {
            *n = (size_t)(lf + 1 - from);
            m->at += *n;
            return from;
        }
        memmove(m->buf, from, m->end - m->at);
        m->end -= m->at;
        m->at = 0;
        ssize_t got = recv(m->fd, m->buf + m->end, sizeof m->buf - m->end, 0);
        BENCH_NEED(got > 0);
        m->end += (size_t)got;
    }
}

static void next_mail(struct mails *m)
{
    size_t n;
    const char *line = next_line(m, &n);

    BENCH_NEED(*line == '+');
    do
        line = next_line(m, &n);
    while (n != 3 || memcmp(line, ".\r\n", 3) != 0);
}

/* As many as there is room for, once half of it is free. */
static long ask_ahead(int fd, long next, long done, const struct mail_job *job)
{
    char *text = block;

    if (next - done > job->ahead / 2)
        return next;
    while (next < job->count && next - done < job->ahead)
        text += sprintf(text, "RETR %ld\r\n", ++next);
    if (text > block)
        say(fd, block, (size_t)(text - block));
    return next;
}

void mail_plain_pop3(const struct mail_job *job)
{
    static struct mails m;
    long next = 0;

    m.fd = dial(job->port);
    hear(m.fd, 1, '+');
    ask(m.fd, "USER user\r\n", '+');
    ask(m.fd, "PASS secret\r\n", '+');
    for (long done = 0; done < job->count; done++) {
        next = ask_ahead(m.fd, next, done, job);
        next_mail(&m);
    }
    ask(m.fd, "QUIT\r\n", '+');
    close(m.fd);
}

/* IMAP */

/* Passes over that many bytes. */
static void skip(struct mails *m, size_t n)
{
    while (n > m->end - m->at) {
        n -= m->end - m->at;
        ssize_t got = recv(m->fd, m->buf, sizeof m->buf, 0);
        BENCH_NEED(got > 0);
        m->at = 0;
        m->end = (size_t)got;
    }
    m->at += n;
}

/* To the reply to the command, with the literals on the way. */
static void hear_all(struct mails *m)
{
    size_t n;

    for (const char *line; *(line = next_line(m, &n)) == '*';) {
        const char *brace = memchr(line, '{', n);
        if (brace != NULL)
            skip(m, strtoul(brace + 1, NULL, 10));
        while (brace != NULL && *(line = next_line(m, &n)) != ')')
            ;
    }
}

static struct mails *open_imap(int port)
{
    static struct mails m;
    size_t n;

    m.fd = dial(port);
    next_line(&m, &n);
    static const char login[] = "a LOGIN user secret\r\n";
    static const char examine[] = "a EXAMINE INBOX\r\n";
    say(m.fd, login, sizeof login - 1);
    hear_all(&m);
    say(m.fd, examine, sizeof examine - 1);
    hear_all(&m);
    return &m;
}

void mail_plain_imap(const struct mail_job *job)
{
    struct mails *m = open_imap(job->port);
    char command[64];

    for (long i = 1; i <= job->count; i++) {
        say(m->fd, command,
            (size_t)sprintf(command, "a FETCH %ld (BODY.PEEK[])\r\n", i));
        hear_all(m);
    }
    close(m->fd);
}

void mail_plain_imap_all(const struct mail_job *job)
{
    struct mails *m = open_imap(job->port);
    char command[64];

    say(m->fd, command,
        (size_t)sprintf(command, "a FETCH 1:%ld (BODY.PEEK[])\r\n",
                        job->count));
    hear_all(m);
    close(m->fd);
}

/* SMTP */

static const char sender[] = "MAIL FROM:<a@example.org>\r\n";
static const char recipient[] = "RCPT TO:<b@example.org>\r\n";
static const char data[] = "DATA\r\n";

static void begin_mail(int fd, bool at_once)
{
    static const char all[] = "MAIL FROM:<a@example.org>\r\n"
                              "RCPT TO:<b@example.org>\r\nDATA\r\n";

    if (at_once) {
        say(fd, all, sizeof all - 1);
        hear(fd, 3, '3');
        return;
    }
    ask(fd, sender, '2');
    ask(fd, recipient, '2');
    ask(fd, data, '3');
}

void mail_plain_smtp(const struct mail_job *job)
{
    static char mail[4096];
    size_t n;
    const char *text = mail_text(&n);
    int fd = dial(job->port);

    memcpy(mail, text, n);
    memcpy(mail + n, ".\r\n", 3);
    hear(fd, 1, '2');
    ask(fd, "EHLO localhost\r\n", '2');
    for (long i = 0; i < job->count; i++) {
        begin_mail(fd, job->ahead > 1);
        say(fd, mail, n + 3);
        hear(fd, 1, '2');
    }
    ask(fd, "QUIT\r\n", '2');
    close(fd);
}

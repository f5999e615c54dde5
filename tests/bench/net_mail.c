/* SPDX-License-Identifier: MIT */
/*
 * One client at work, for net_mail.py: pysockc_net_bench_mail WHAT PORT COUNT
 * AHEAD PATH TIMEOUT prints the seconds that it took, those on the processor,
 * and the allocations between the first mail and the last.
 */
#define _GNU_SOURCE

#include "net_mail.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <pysockc/net.h>
#include <pysockc/pysockc.h>

static const char HOST[] = "127.0.0.1";

/* Allocations of the library's own code, by the linker's --wrap */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);

static long allocations, first, last, mails;

void *__wrap_malloc(size_t size)
{
    allocations++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    allocations++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    allocations++;
    return __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
    allocations++;
    return __real_strdup(text);
}

void mail_done(const struct mail_job *job)
{
    if (++mails == 1)
        first = allocations;
    if (mails == job->count)
        last = allocations;
}

const char *mail_text(size_t *n)
{
    static char text[2048 + 64];
    static const char head[] = "From: a@example.org\r\nTo: b@example.org\r\n"
                               "Subject: a mail\r\n\r\n";

    if (*text == '\0') {
        char *at = stpcpy(text, head);
        for (; at < text + 2048 - 64; at += 64)
            memcpy(at,
                   "a line of sixty-two bytes, as there are many in what "
                   "one gets.\r\n",
                   64);
    }
    *n = strlen(text);
    return text;
}

/* The library */

static const sock_session_opts_t *options(const struct mail_job *job)
{
    static sock_session_opts_t opts = {.size = sizeof opts};
    opts.timeout = job->timeout;
    opts.local_hostname = "localhost";
    return &opts;
}

/* A sink that counts. */
static int take(void *arg, const void *data, size_t n)
{
    (void)data;
    *(size_t *)arg += n;
    return 0;
}

static sock_ftp_t *ftp(const struct mail_job *job)
{
    sock_ftp_t *f = sock_ftp_new(NULL, options(job));
    BENCH_NEED(f != NULL && sock_ftp_connect(f, HOST, job->port) >= 0 &&
               sock_ftp_login(f, NULL, NULL, NULL) >= 0);
    return f;
}

static void retr(const struct mail_job *job)
{
    sock_ftp_t *f = ftp(job);
    char command[256];
    size_t got = 0;

    snprintf(command, sizeof command, "RETR %s", job->path);
    BENCH_NEED(sock_ftp_retrbinary(f, command, (sock_sink_t){take, &got}, 0) >=
                   0 &&
               got == (size_t)job->count);
    BENCH_NEED(sock_ftp_quit(f) >= 0);
    sock_ftp_free(f);
}

static void stor(const struct mail_job *job)
{
    sock_ftp_t *f = ftp(job);
    int fd = open(job->path, O_RDONLY | O_CLOEXEC);

    BENCH_NEED(fd >= 0 && sock_ftp_storbinary(f, "STOR incoming/file",
                                              sock_source_fd(fd), 0) >= 0);
    close(fd);
    BENCH_NEED(sock_ftp_quit(f) >= 0);
    sock_ftp_free(f);
}

static sock_pop3_t *pop3(const struct mail_job *job)
{
    sock_pop3_t *p = sock_pop3_new(HOST, job->port, options(job));
    BENCH_NEED(p != NULL && sock_pop3_user(p, "user") == 0 &&
               sock_pop3_pass(p, "secret") == 0);
    return p;
}

static void end_pop3(sock_pop3_t *p)
{
    BENCH_NEED(sock_pop3_quit(p) == 0);
    sock_pop3_free(p);
}

static void retr_lines(const struct mail_job *job)
{
    sock_pop3_t *p = pop3(job);
    for (long i = 1; i <= job->count; i++) {
        sock_lines_t *lines = sock_pop3_retr(p, (uint64_t)i);
        BENCH_NEED(lines != NULL && lines->count > 0);
        sock_lines_free(lines);
        mail_done(job);
    }
    end_pop3(p);
}

static void retr_to(const struct mail_job *job)
{
    sock_pop3_t *p = pop3(job);
    size_t got = 0;
    for (long i = 1; i <= job->count; i++) {
        BENCH_NEED(
            sock_pop3_retr_to(p, (uint64_t)i, (sock_sink_t){take, &got}) == 0);
        mail_done(job);
    }
    end_pop3(p);
}

static int take_part(void *arg, uint64_t number, const void *data, size_t n)
{
    (void)number, (void)n;
    if (data == NULL)
        mail_done(arg);
    return 0;
}

static void fetch(const struct mail_job *job)
{
    sock_pop3_t *p = pop3(job);
    BENCH_NEED(sock_pop3_fetch(p, 1, (uint64_t)job->count, take_part,
                               (void *)(uintptr_t)job) == 0);
    end_pop3(p);
}

static sock_imap_t *imap(const struct mail_job *job)
{
    uint32_t exists;
    sock_imap_t *m = sock_imap_new(HOST, job->port, options(job));
    BENCH_NEED(m != NULL && sock_imap_login(m, "user", "secret") == 0 &&
               sock_imap_select(m, "INBOX", 1, &exists) == 0 &&
               exists >= job->count);
    return m;
}

static void end_imap(sock_imap_t *m)
{
    BENCH_NEED(sock_imap_logout(m) == 0);
    sock_imap_free(m);
}

/* One by one, into memory. */
static void imap_each(const struct mail_job *job)
{
    sock_imap_t *m = imap(job);
    sock_imap_item_t item;
    char number[24];

    for (long i = 1; i <= job->count; i++) {
        snprintf(number, sizeof number, "%ld", i);
        BENCH_NEED(sock_imap_fetch(m, number, "(BODY.PEEK[])") == 0 &&
                   sock_imap_next(m, &item) == 1 && item.length > 0 &&
                   sock_imap_next(m, &item) == 0);
        mail_done(job);
    }
    end_imap(m);
}

/* All that were asked for. */
static void imap_all(const struct mail_job *job)
{
    sock_imap_t *m = imap(job);
    sock_imap_item_t item;
    size_t got = 0;
    const sock_sink_t sink = {take, &got};
    char set[24];

    snprintf(set, sizeof set, "1:%ld", job->count);
    BENCH_NEED(sock_imap_fetch(m, set, "(BODY.PEEK[])") == 0);
    for (long i = 1; i <= job->count; i++) {
        BENCH_NEED(sock_imap_next_to(m, &item, sink) == 1 &&
                   item.message == (uint32_t)i);
        mail_done(job);
    }
    BENCH_NEED(sock_imap_next_to(m, &item, sink) == 0);
    end_imap(m);
}

static void smtp(const struct mail_job *job)
{
    static const char *const to[] = {"b@example.org"};
    size_t n;
    const char *text = mail_text(&n);
    sock_smtp_t *s = sock_smtp_new(HOST, job->port, options(job));

    BENCH_NEED(s != NULL);
    for (long i = 0; i < job->count; i++) {
        BENCH_NEED(sock_smtp_sendmail(s, "a@example.org", to, 1, text, n, NULL,
                                      NULL) == 0);
        mail_done(job);
    }
    BENCH_NEED(sock_smtp_quit(s) >= 0);
    sock_smtp_free(s);
}

/* Which, and how long it takes */

static const struct {
    const char *name;
    void (*run)(const struct mail_job *);
} jobs[] = {
    {"retr", retr},
    {"stor", stor},
    {"pop3", retr_lines},
    {"pop3-to", retr_to},
    {"fetch", fetch},
    {"imap", imap_each},
    {"imap-all", imap_all},
    {"smtp", smtp},
    {"plain-retr", mail_plain_retr},
    {"plain-stor", mail_plain_stor},
    {"plain-pop3", mail_plain_pop3},
    {"plain-imap", mail_plain_imap},
    {"plain-imap-all", mail_plain_imap_all},
    {"plain-smtp", mail_plain_smtp},
};

static double now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void run(void (*what)(const struct mail_job *),
                const struct mail_job *job)
{
    double cpu = now(CLOCK_PROCESS_CPUTIME_ID), wall = now(CLOCK_MONOTONIC);
    what(job);
    printf("%.6f %.6f %ld\n", now(CLOCK_MONOTONIC) - wall,
           now(CLOCK_PROCESS_CPUTIME_ID) - cpu, last - first);
}

int main(int argc, char **argv)
{
    if (argc != 7)
        return 2;
    const struct mail_job job = {
        .port = (int)strtol(argv[2], NULL, 10),
        .count = strtol(argv[3], NULL, 10),
        .ahead = strtol(argv[4], NULL, 10),
        .path = argv[5],
        .timeout = strtod(argv[6], NULL),
    };
    for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++)
        if (strcmp(argv[1], jobs[i].name) == 0) {
            run(jobs[i].run, &job);
            return 0;
        }
    return 2;
}

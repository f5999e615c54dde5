/* SPDX-License-Identifier: MIT */
/* Sinks and sources, and lines in memory. */
#include <pysockc/transfer.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support.h"
#include "transfer.h"

static int put(sock_sink_t sink, const char *text)
{
    return sock__sink_put(&sink, "test", text, strlen(text));
}

/* What a source gives, in pieces of that size. Static. */
static const char *all_of(sock_source_t source, size_t size)
{
    static char text[256];
    char buf[64];
    const char *at;
    size_t used = 0;
    ssize_t n;

    while ((n = sock__source_get(&source, "test", buf, size, &at)) > 0) {
        check((size_t)n <= size);
        memcpy(text + used, at, (size_t)n);
        used += (size_t)n;
    }
    check_int(n, 0);
    text[used] = '\0';
    return text;
}

TEST(transfer, descriptors)
{
    int ends[2];
    char buf[16];

    check_int(pipe(ends), 0);
    check_ok(put(sock_sink_fd(ends[1]), "hello"));
    check_ok(put(sock_sink_fd(ends[1]), ""));
    check_int(read(ends[0], buf, sizeof buf), 5);
    check_bytes(buf, "hello", 5);
    check_int(write(ends[1], "one two", 7), 7);
    close(ends[1]);
    check_str(all_of(sock_source_fd(ends[0]), 3), "one two");
    close(ends[0]);
}

/* A pipe that no one reads raises no signal. */
TEST(transfer, descriptors_that_fail)
{
    int ends[2];
    char buf[4];
    const char *at;

    check_int(pipe(ends), 0);
    close(ends[0]);
    check_fails(put(sock_sink_fd(ends[1]), "x"), SOCK_E_OS, EPIPE,
                "test: [Errno 32] Broken pipe");
    close(ends[1]);
    check_fails(put(sock_sink_fd(-1), "x"), SOCK_E_OS, EBADF, error_text());
    sock_source_t source = sock_source_fd(-1);
    check_fails(sock__source_get(&source, "test", buf, 4, &at), SOCK_E_OS,
                EBADF, error_text());
}

struct late {
    int fd;
    size_t size;
};

static void *read_late(void *arg)
{
    struct late *l = arg;
    char buf[4096];
    ssize_t n;

    usleep(20000);
    while ((n = read(l->fd, buf, sizeof buf)) > 0)
        l->size += (size_t)n;
    return NULL;
}

static void *write_late(void *arg)
{
    struct late *l = arg;
    usleep(20000);
    check_int(write(l->fd, "late", 4), 4);
    close(l->fd);
    return NULL;
}

TEST(transfer, descriptors_that_are_not_ready)
{
    int ends[2];
    pthread_t thread;
    char *big = calloc(1, 1 << 20);

    check_int(pipe(ends), 0);
    check_int(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    struct late l = {.fd = ends[0]};
    check_int(pthread_create(&thread, NULL, read_late, &l), 0);
    const sock_sink_t sink = sock_sink_fd(ends[1]);
    errno = 1234;
    check_ok(sock__sink_put(&sink, "test", big, 1 << 20));
    check_int(errno, 1234);
    close(ends[1]);
    pthread_join(thread, NULL);
    check_int(l.size, 1 << 20);
    close(ends[0]);
    free(big);

    check_int(pipe(ends), 0);
    check_int(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    l.fd = ends[1];
    check_int(pthread_create(&thread, NULL, write_late, &l), 0);
    errno = 1234;
    check_str(all_of(sock_source_fd(ends[0]), 10), "late");
    check_int(errno, 1234);
    pthread_join(thread, NULL);
    close(ends[0]);
}

/* By whoever calls it without the rest. */
TEST(transfer, a_function_that_waits)
{
    int ends[2];
    pthread_t thread;
    char buf[4];

    check_int(pipe(ends), 0);
    check_int(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    struct late l = {.fd = ends[1]};
    check_int(pthread_create(&thread, NULL, write_late, &l), 0);
    const sock_source_t source = sock_source_fd(ends[0]);
    errno = 1234;
    check_int(source.read(source.arg, buf, sizeof buf), 4);
    check_int(errno, 1234);
    pthread_join(thread, NULL);
    close(ends[0]);
}

TEST(transfer, streams)
{
    FILE *f = check_made(tmpfile());
    char buf[8];
    const char *at;

    const sock_sink_t sink = sock_sink_file(f);
    check_ok(sock__sink_need(&sink, "test"));
    check_ok(put(sink, "one "));
    check_ok(put(sock_sink_file(f), "two"));
    rewind(f);
    check_str(all_of(sock_source_file(f), 2), "one two");
    check_str(all_of(sock_source_file(f), 2), "");
    fclose(f);
    f = check_made(fopen("/dev/full", "r+"));
    setvbuf(f, NULL, _IONBF, 0);
    check_fails(put(sock_sink_file(f), "x"), SOCK_E_OS, ENOSPC, error_text());
    fclose(f);
    f = check_made(fopen("/", "r"));
    sock_source_t source = sock_source_file(f);
    check_fails(sock__source_get(&source, "test", buf, 8, &at), SOCK_E_OS,
                EISDIR, error_text());
    fclose(f);
}

/* What has failed before what is read now, and is known of no more than that,
 * is said behind it. */
TEST(transfer, a_stream_that_has_failed)
{
    FILE *f = check_made(fopen("/proc/self/status", "r"));
    char buf[8];
    const char *at;
    ssize_t n;

    check_int(fputc('x', f), EOF);
    sock_source_t source = sock_source_file(f);
    errno = 1234;
    check_int(sock__source_get(&source, "test", buf, sizeof buf, &at), 8);
    check_int(errno, 1234);
    while ((n = sock__source_get(&source, "test", buf, sizeof buf, &at)) > 0)
        ;
    check_fails(n, SOCK_E_OS, EIO, "test: [Errno 5] Input/output error");
    fclose(f);
}

TEST(transfer, memory)
{
    check_str(all_of(sock_source_memory("one two", 7), 3), "one two");
    check_str(all_of(sock_source_memory("one", 3), 64), "one");
    check_str(all_of(sock_source_memory(NULL, 0), 64), "");
}

TEST(transfer, there_is_none)
{
    const sock_sink_t no_sinks[] = {{NULL, NULL}, sock_sink_file(NULL)};
    const sock_source_t no_sources[] = {
        sock_source_file(NULL), sock_source_memory(NULL, 1), {.size = 0}};
    const sock_source_t empty = sock_source_memory(NULL, 0);
    for (size_t i = 0; i < 2; i++)
        check_fails(sock__sink_need(&no_sinks[i], "test"), SOCK_E_TYPE, 0,
                    error_text());
    for (size_t i = 0; i < 3; i++)
        check_fails(sock__source_need(&no_sources[i], "test"), SOCK_E_TYPE, 0,
                    error_text());
    check_ok(sock__source_need(&empty, "test"));
}

/* Those of a caller. */

static int refuse(void *arg, const void *data, size_t n)
{
    (void)arg, (void)data, (void)n;
    errno = EPERM;
    return 7;
}

static ssize_t give(void *arg, void *data, size_t size)
{
    (void)data, (void)size;
    return *(ssize_t *)arg;
}

TEST(transfer, functions)
{
    const char *at;
    char buf[8];

    check_fails(put((sock_sink_t){refuse, NULL}, "x"), SOCK_E_CANCELLED, 0,
                error_text());
    check_ok(put((sock_sink_t){refuse, NULL}, ""));
    for (ssize_t n = -2; n < 12; n++) {
        sock_source_t source = {.read = give, .arg = &n};
        ssize_t got = sock__source_get(&source, "test", buf, 8, &at);
        if (n < 0 || n > 8)
            check_fails(got, SOCK_E_CANCELLED, 0, error_text());
        else
            check_int(got, n);
    }
}

/* Lines */

static sock_lines_t *lines_of(const char *text, size_t n)
{
    struct sock__hoard h = {.most = 1000};
    const sock_sink_t sink = sock__hoard_sink(&h);

    for (size_t i = 0; i < n; i++)
        check_ok(sock__sink_put(&sink, "test", text + i, 1));
    return check_made(sock__hoard_lines(&h, "test"));
}

TEST(transfer, lines)
{
    static const char text[] = "one\r\n\r\ntwo\nthree\rfour\r\n\0\r\nfive";
    static const char *const expected[] = {"one", "", "two\nthree\rfour", "",
                                           "five"};
    sock_lines_t *l = lines_of(text, sizeof text - 1);

    check_int(l->count, 5);
    for (size_t i = 0; i < l->count; i++) {
        check_str(l->lines[i].text, expected[i]);
        check_int(l->lines[i].length, i == 3 ? 1 : strlen(expected[i]));
    }
    sock_lines_free(l);
    l = lines_of("", 0);
    check_int(l->count, 0);
    errno = 1234;
    sock_lines_free(l);
    sock_lines_free(NULL);
    check_int(errno, 1234);
    l = lines_of("a\r\n", 3);
    check_int(l->count, 1);
    sock_lines_free(l);
    l = lines_of("a\n", 2);
    check_int(l->count, 1);
    check_str(l->lines[0].text, "a\n");
    sock_lines_free(l);
}

TEST(transfer, hoard_is_full)
{
    struct sock__hoard h = {.most = 10};
    const sock_sink_t sink = sock__hoard_sink(&h);

    check_ok(sock__sink_put(&sink, "test", "0123456789", 10));
    check_int(h.full, 0);
    check_int(sock__sink_put(&sink, "test", "x", 1), -1);
    check_int(h.full, 1);
    check_int(h.used, 10);
    free(h.bytes);
}

/* What no one wants has a limit, however often it is offered. */
TEST(transfer, dropped)
{
    struct sock__dropped d = {.left = 5};
    const sock_sink_t sink = sock__dropped_sink(&d);

    check_ok(put(sink, "abc"));
    for (int i = 0; i < 2; i++) {
        check_int(put(sink, "def"), -1);
        check(d.over);
    }
    check_int(d.left, 2);
}

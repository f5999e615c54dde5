/* SPDX-License-Identifier: MIT */
/* What moves bytes: each call, how much at once, waiting, threads. */
#include "tls.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MUCH (4 << 20)

/* A byte of a stream that has no period that a buffer has. */
static char byte_at(size_t i, int seed)
{
    return (char)((i * 31 + (i >> 8) * 7 + (i >> 16) + (size_t)seed) % 251);
}

static char *pattern(size_t size, int seed)
{
    char *bytes = malloc(size);
    check(bytes != NULL);
    for (size_t i = 0; i < size; i++)
        bytes[i] = byte_at(i, seed);
    return bytes;
}

static void small_buffers(sock_t *s)
{
    check_ok(sock_setsockopt_int(s, SOL_SOCKET, SO_SNDBUF, 4096));
}

TEST(ssl_transfer, each_call)
{
    struct pair p = tls_pair();
    sock_addr_t from = sock_addr_inet("1.2.3.4", 5);
    char buf[32];
    check_int(sock_send(p.a, "abc", 3, 0), 3);
    check_ok(sock_sendall(p.a, "def", 3, MSG_NOSIGNAL));
    check_int(sock_sendto(p.a, "g", 1, 0, sock_addr_none()), 1);
    check_int(sock_recv_all(p.b, buf, 7), 7);
    check_bytes(buf, "abcdefg", 7);
    check_ok(sock_sendall(p.b, "one\ntwo\nrest", 12, 0));
    check_int(sock_recv(p.a, buf, 1, 0), 1);
    check_int(sock_recv_until(p.a, buf + 1, sizeof buf - 1, '\n'), 3);
    check_bytes(buf, "one\n", 4);
    check_int(sock_recvfrom(p.a, buf, 4, 0, &from), 4);
    check_bytes(buf, "two\n", 4);
    check_str(repr(&from), "None");
    check_int(sock_recv(p.a, buf, sizeof buf, MSG_PEEK), 4);
    check_int(sock_recv(p.a, buf, sizeof buf, 0), 4);
    check_bytes(buf, "rest", 4);
    free_pair(&p);
}

TEST(ssl_transfer, success_touches_nothing)
{
    struct pair p = tls_pair();
    char buf[8];
    check_part(sock_listen(p.a, -1), SOCK_E_OS, EINVAL, "");
    errno = 1234;
    check_int(sock_send(p.a, "abc", 3, 0), 3);
    check_int(sock_recv(p.b, buf, 8, 0), 3);
    check_int(sock_ssl_pending(p.b), 0);
    check_int(sock_ssl_do_handshake(p.b), 0);
    check_int(errno, 1234);
    check_str(sock_last_error()->operation, "listen");
    free_pair(&p);
}

TEST(ssl_transfer, nothing)
{
    struct pair p = tls_pair();
    char c;
    check_int(sock_send(p.a, "", 0, 0), 0);
    check_ok(sock_sendall(p.a, "", 0, 0));
    check_int(sock_recv(p.b, &c, 0, 0), 0); /* at once */
    check_int(sock_recv_all(p.b, &c, 0), 0);
    check_ok(sock_setblocking(p.b, 0));
    check_part(sock_recv(p.b, &c, 1, 0), SOCK_E_OS, EAGAIN, "");
    free_pair(&p);
}

TEST(ssl_transfer, a_record_at_once)
{
    struct pair p = tls_pair();
    char *data = pattern(40000, 1), *got = calloc(1, 40000);
    check_ok(sock_sendall(p.a, data, 40000, 0));
    ssize_t n = sock_recv(p.b, got, 40000, 0);
    check(n > 0 && n <= 16384);
    check_int(sock_recv_all(p.b, got + n, 40000 - (size_t)n), 40000 - n);
    check_bytes(got, data, 40000);
    free(data);
    free(got);
    free_pair(&p);
}

TEST(ssl_transfer, flags)
{
    struct pair p = tls_pair();
    char buf[8];
    check_ok(sock_sendall(p.a, "abcd", 4, MSG_MORE));
    check_ok(sock_sendall(p.a, "efgh", 4, 0));
    check_int(sock_recv(p.b, buf, 4, MSG_PEEK), 4);
    check_bytes(buf, "abcd", 4);
    check_int(sock_recv(p.b, buf, 8, MSG_WAITALL), 8);
    check_bytes(buf, "abcdefgh", 8);
    check_ok(sock_settimeout(p.b, 0.02));
    check_part(sock_recv(p.b, buf, 8, MSG_DONTWAIT), SOCK_E_TIMEOUT, 0,
               "timed out"); /* as any object with a timeout */
    check_ok(sock_settimeout(p.b, SOCK_NO_TIMEOUT));
    check_part(sock_recv(p.b, buf, 8, MSG_DONTWAIT), SOCK_E_OS, EAGAIN, "");
    check_part(sock_recv(p.b, buf, 8, MSG_OOB), SOCK_E_VALUE, 0,
               "flags not allowed in calls to recv()");
    check_part(sock_send(p.b, buf, 8, MSG_OOB), SOCK_E_VALUE, 0,
               "flags not allowed in calls to send()");
    free_pair(&p);
}

/* What would go past TLS. */
TEST(ssl_transfer, calls_that_are_refused)
{
    struct pair p = tls_pair();
    char buf[8];
    struct iovec iov = {.iov_base = buf, .iov_len = 8};
    check_part(sock_sendto(p.a, MARKER, 4, 0, sock_addr_inet("127.0.0.1", 9)),
               SOCK_E_VALUE, 0, "");
    check_null_part(sock_dup(p.a), SOCK_E_VALUE, 0, "");
    check_part(sock_sendmsg(p.a, &iov, 1, NULL, 0, sock_addr_none()),
               SOCK_E_VALUE, 0, "");
    check_ok(sock_setblocking(p.b, 0));
    check_part(sock_recv(p.b, buf, 1, 0), SOCK_E_OS, EAGAIN, "");
    free_pair(&p);
}

TEST(ssl_transfer, lines_of_every_length)
{
    struct pair p = tls_pair();
    char line[600], got[600];
    memset(line, 'x', sizeof line);
    for (size_t n = 0; n < 600; n += 37) {
        line[n] = '\n';
        check_ok(sock_sendall(p.a, line, n + 1, 0));
        check_int(sock_recv_until(p.b, got, sizeof got, '\n'), n + 1);
        check_bytes(got, line, n + 1);
        line[n] = 'x';
    }
    free_pair(&p);
}

/* A line in as many records as it has bytes, and what follows it in one. */
TEST(ssl_transfer, a_line_of_many_records)
{
    struct pair p = tls_pair();
    char got[64];
    for (int i = 0; i < 20; i++)
        check_int(sock_send(p.a, "x", 1, 0), 1);
    check_ok(sock_sendall(p.a, "y\nbehind", 8, 0));
    check_int(sock_recv_until(p.b, got, sizeof got, '\n'), 22);
    check_bytes(got, "xxxxxxxxxxxxxxxxxxxxy\n", 22);
    check_int(sock_ssl_pending(p.b), 1);
    check_int(sock_recv_all(p.b, got, 6), 6);
    check_bytes(got, "behind", 6);
    free_pair(&p);
}

TEST(ssl_transfer, files_both_ways)
{
    struct pair p = tls_pair();
    char line[32];
    FILE *a_out = check_made(sock_makefile(p.a, "w"));
    FILE *a_in = check_made(sock_makefile(p.a, "r"));
    FILE *b_in = check_made(sock_makefile(p.b, "r"));
    FILE *b_out = check_made(sock_makefile(p.b, "w"));
    check(fputs("question\n", a_out) >= 0);
    check_int(fflush(a_out), 0);
    check_str(fgets(line, sizeof line, b_in), "question\n");
    check(fputs("answer\n", b_out) >= 0);
    check_int(fflush(b_out), 0);
    check_str(fgets(line, sizeof line, a_in), "answer\n");
    check_int(fclose(a_out), 0);
    check_int(fclose(a_in), 0);
    check_int(fclose(b_in), 0);
    check_int(fclose(b_out), 0);
    free_pair(&p);
}

/* The connection ends with the last of its objects. */
TEST(ssl_transfer, a_file_outlives_its_object)
{
    struct pair p = tls_pair();
    char line[32];
    FILE *in = check_made(sock_makefile(p.a, "r"));
    FILE *out = check_made(sock_makefile(p.a, "w"));
    sock_freep(&p.a);
    check_ok(sock_setblocking(p.b, 0));
    check_part(sock_recv(p.b, line, 1, 0), SOCK_E_OS, EAGAIN, ""); /* no end */
    check_ok(sock_settimeout(p.b, 10));
    check(fputs("still\n", out) >= 0);
    check_int(fclose(out), 0);
    check_int(sock_recv_all(p.b, line, 6), 6);
    check_ok(sock_sendall(p.b, "here\n", 5, 0));
    check_str(fgets(line, sizeof line, in), "here\n");
    check_int(fclose(in), 0);
    check_int(sock_recv(p.b, line, 1, 0), 0); /* close_notify */
    free_pair(&p);
}

static int temporary_file(const char *data, size_t size)
{
    char path[] = "/tmp/pysockc-ssl-XXXXXX";
    int fd = mkstemp(path);
    check(fd >= 0);
    unlink(path);
    check_int(write(fd, data, size), size);
    return fd;
}

struct reading {
    sock_t *s;
    char *got;
    size_t size;
    ssize_t n;
    pthread_t thread;
};

static void *run_reading(void *arg)
{
    struct reading *r = arg;
    r->n = sock_recv_all(r->s, r->got, r->size);
    return NULL;
}

static void reading_begin(struct reading *r, sock_t *s, size_t size)
{
    *r = (struct reading){.s = s, .got = calloc(1, size), .size = size};
    check(r->got != NULL);
    check_int(pthread_create(&r->thread, NULL, run_reading, r), 0);
}

static void reading_finish(struct reading *r, const char *expected)
{
    check_int(pthread_join(r->thread, NULL), 0);
    check_int(r->n, r->size);
    check_bytes(r->got, expected, r->size);
    free(r->got);
}

TEST(ssl_transfer, sendfile)
{
    struct pair p = tls_pair();
    char *data = pattern(1 << 20, 3);
    int fd = temporary_file(data, 1 << 20);
    struct reading r;
    reading_begin(&r, p.b, 1 << 20);
    check_int(sock_sendfile(p.a, fd, 0, SOCK_SENDFILE_TO_END), 1 << 20);
    reading_finish(&r, data);
    reading_begin(&r, p.b, 1000);
    check_int(sock_sendfile(p.a, fd, 77, 1000), 1000);
    reading_finish(&r, data + 77);
    close(fd);
    free(data);
    free_pair(&p);
}

/* Much, both ways at once, in pipes that are soon full */

struct sending {
    sock_t *s;
    const char *data;
    int result;
    char text[256];
    pthread_t thread;
};

static void *run_sending(void *arg)
{
    struct sending *s = arg;
    s->result = sock_sendall(s->s, s->data, MUCH, 0);
    if (s->result < 0)
        sock_error_text(NULL, s->text, sizeof s->text);
    return NULL;
}

static void both_ways(struct pair p)
{
    char *data[2] = {pattern(MUCH, 5), pattern(MUCH, 6)};
    sock_t *ends[2] = {p.a, p.b};
    struct sending sending[2];
    struct reading reading[2];
    for (int i = 0; i < 2; i++) {
        sending[i] = (struct sending){.s = ends[i], .data = data[i]};
        check_int(
            pthread_create(&sending[i].thread, NULL, run_sending, &sending[i]),
            0);
        reading_begin(&reading[i], ends[1 - i], MUCH);
    }
    for (int i = 0; i < 2; i++) {
        check_int(pthread_join(sending[i].thread, NULL), 0);
        check_that(sending[i].result == 0, "%s", sending[i].text);
        reading_finish(&reading[i], data[i]);
        free(data[i]);
    }
}

/* A reader and a writer on each object. */
TEST(ssl_transfer, much_both_ways)
{
    struct pair p = tls_pair();
    small_buffers(p.a);
    small_buffers(p.b);
    both_ways(p);
    free_pair(&p);
}

TEST(ssl_transfer, much_both_ways_by_tls_1_2)
{
    sock_ssl_context_t *client = client_context();
    check_ok(sock_ssl_set_maximum_version(client, SOCK_SSL_TLSV1_2));
    struct pair p = tls_pair_over(unix_pair(SOCK_STREAM), client, NULL);
    small_buffers(p.a);
    both_ways(p);
    free_pair(&p);
    sock_ssl_context_free(client);
}

/* One thread, one direction of each object at a time, and none waits. */
struct direction {
    sock_t *from, *to;
    char *data;
    size_t sent, received;
};

static bool push(struct direction *d)
{
    if (d->sent == MUCH)
        return false;
    ssize_t n = sock_send(d->from, d->data + d->sent, MUCH - d->sent, 0);
    check_that(n > 0 || errno == EAGAIN, "%s", error_text());
    d->sent += n > 0 ? (size_t)n : 0;
    return n > 0;
}

static bool pull(struct direction *d)
{
    char got[20000];
    ssize_t n = sock_recv(d->to, got, sizeof got, 0);
    check_that(n > 0 || (n < 0 && errno == EAGAIN), "%s", error_text());
    if (n < 0)
        return false;
    check_bytes(got, d->data + d->received, (size_t)n);
    d->received += (size_t)n;
    return true;
}

static bool arrived(const struct direction d[2])
{
    return d[0].received == MUCH && d[1].received == MUCH;
}

/* What a send that would block has taken is with the object; a send of other
 * bytes later neither loses nor repeats any. */
TEST(ssl_transfer, without_waiting)
{
    struct pair p = tls_pair();
    struct direction d[2] = {{p.a, p.b, pattern(MUCH, 8), 0, 0},
                             {p.b, p.a, pattern(MUCH, 9), 0, 0}};
    small_buffers(p.a);
    small_buffers(p.b);
    check_ok(sock_setblocking(p.a, 0));
    check_ok(sock_setblocking(p.b, 0));
    double limit = now() + 15;
    while (!arrived(d) && now() < limit) {
        bool moved = false;
        for (int i = 0; i < 2; i++) {
            moved |= push(&d[i]);
            moved |= pull(&d[i]);
        }
        if (!moved)
            poll(NULL, 0, 1);
    }
    check(arrived(d));
    free(d[0].data);
    free(d[1].data);
    free_pair(&p);
}

/* The same by a selector, which must never sleep while bytes lie inside. */
static int interest(const struct direction d[2], int end)
{
    return (d[end].sent < MUCH ? SOCK_EVENT_WRITE : 0) | SOCK_EVENT_READ;
}

TEST(ssl_transfer, by_a_selector)
{
    struct pair p = tls_pair();
    sock_t *ends[2] = {p.a, p.b};
    struct direction d[2] = {{p.a, p.b, pattern(MUCH, 10), 0, 0},
                             {p.b, p.a, pattern(MUCH, 11), 0, 0}};
    sock_selector_t *sel = check_made(sock_selector_new(SOCK_SELECTOR_DEFAULT));
    for (int i = 0; i < 2; i++) {
        small_buffers(ends[i]);
        check_ok(sock_setblocking(ends[i], 0));
        check_ok(sock_selector_register(sel, ends[i], interest(d, i), NULL));
    }
    while (!arrived(d)) {
        sock_key_t key;
        check_that(sock_selector_select(sel, 5) > 0, "%zu and %zu of %d",
                   d[0].received, d[1].received, MUCH);
        while (sock_selector_next(sel, &key) == 1) {
            int end = key.sock == p.a ? 0 : 1;
            if ((key.mask & SOCK_EVENT_WRITE) != 0)
                push(&d[end]);
            if ((key.mask & SOCK_EVENT_READ) != 0)
                pull(&d[1 - end]);
            check_ok(
                sock_selector_modify(sel, key.sock, interest(d, end), NULL));
        }
    }
    sock_selector_free(sel);
    free(d[0].data);
    free(d[1].data);
    free_pair(&p);
}

/* And by poll(2) with what sock_ssl_wants() says. */
static void poll_for(struct pair *p, const struct direction d[2])
{
    struct pollfd fds[2];
    sock_t *ends[2] = {p->a, p->b};
    int timeout = 5000;
    for (int i = 0; i < 2; i++) {
        int wants = (int)check_ok(sock_ssl_wants(ends[i], interest(d, i)));
        fds[i] =
            (struct pollfd){.fd = sock_fileno(ends[i]), .events = (short)wants};
        if (wants == 0)
            timeout = 0;
    }
    int n = poll(fds, 2, timeout);
    check_that(n > 0 || timeout == 0, "%zu and %zu of %d", d[0].received,
               d[1].received, MUCH);
}

TEST(ssl_transfer, by_poll)
{
    struct pair p = tls_pair();
    struct direction d[2] = {{p.a, p.b, pattern(MUCH, 12), 0, 0},
                             {p.b, p.a, pattern(MUCH, 13), 0, 0}};
    small_buffers(p.a);
    small_buffers(p.b);
    check_ok(sock_setblocking(p.a, 0));
    check_ok(sock_setblocking(p.b, 0));
    while (!arrived(d)) {
        poll_for(&p, d);
        for (int i = 0; i < 2; i++) {
            push(&d[i]);
            pull(&d[i]);
        }
    }
    free(d[0].data);
    free(d[1].data);
    free_pair(&p);
}

/* Readiness */

/* Whether who waits as sock_ssl_wants() says does not wait. */
static bool at_once(sock_t *s, int events)
{
    struct pollfd p = {.fd = sock_fileno(s),
                       .events = (short)sock_ssl_wants(s, events)};
    return p.events == 0 || poll(&p, 1, 0) == 1;
}

TEST(ssl_transfer, pending_and_wants)
{
    struct pair p = tls_pair();
    char c, buf[8];
    check_ok(sock_setblocking(p.b, 0));
    check_part(sock_recv(p.b, &c, 1, 0), SOCK_E_OS, EAGAIN, "");
    check_int(sock_ssl_pending(p.b), 0);
    check_int(sock_ssl_wants(p.b, SOCK_EVENT_READ), POLLIN);
    check(at_once(p.b, SOCK_EVENT_WRITE)); /* there is room */
    check(at_once(p.b, SOCK_EVENT_READ | SOCK_EVENT_WRITE));
    check(!at_once(p.b, SOCK_EVENT_READ));
    check_ok(sock_sendall(p.a, "abc", 3, 0));
    check_ok(sock_sendall(p.a, "def", 3, 0)); /* two records */
    check_int(sock_wait(p.b, SOCK_EVENT_READ, 10), SOCK_EVENT_READ);
    check_int(sock_recv(p.b, &c, 1, 0), 1);
    check_int(sock_ssl_pending(p.b), 1);
    check_int(sock_ssl_wants(p.b, SOCK_EVENT_READ), 0);
    check_int(sock_recv_all(p.b, buf, 2), 2);
    check_int(sock_wait(p.b, SOCK_EVENT_READ, 10), SOCK_EVENT_READ);
    check_int(sock_recv(p.b, buf, 8, 0), 3);
    check_int(sock_ssl_pending(p.b), 0);
    check_int(sock_wait(p.b, SOCK_EVENT_READ, 0), 0);
    free_pair(&p);
}

/* A client's tickets lie in the kernel, and are no reason to wake anyone. */
TEST(ssl_transfer, tickets_are_nothing_to_read)
{
    struct pair p = tls_pair();
    double begin = now();
    check_int(sock_wait(p.a, SOCK_EVENT_READ, 0.1), 0);
    check(now() - begin >= 0.1);
    check_ok(sock_setblocking(p.a, 0));
    char c;
    check_part(sock_recv(p.a, &c, 1, 0), SOCK_E_OS, EAGAIN, "");
    free_pair(&p);
}

TEST(ssl_transfer, selectors_see_what_lies_inside)
{
    struct pair p = tls_pair();
    sock_key_t key;
    char c;
    sock_selector_t *sel = check_made(sock_selector_new(SOCK_SELECTOR_DEFAULT));
    check_ok(sock_setblocking(p.b, 0));
    check_ok(sock_sendall(p.a, "abc", 3, 0));
    check_ok(sock_selector_register(sel, p.b, SOCK_EVENT_READ, NULL));
    for (int i = 0; i < 3; i++) {
        check_int(sock_selector_select(sel, 5), 1);
        check_int(sock_selector_next(sel, &key), 1);
        check_int(sock_recv(p.b, &c, 1, 0), 1);
        check_int(c, "abc"[i]);
    }
    check_int(sock_selector_select(sel, 0), 0);
    sock_selector_free(sel);
    free_pair(&p);
}

/* Time */

TEST(ssl_transfer, a_recv_has_its_time)
{
    struct pair p = tls_pair();
    char c;
    check_ok(sock_settimeout(p.a, 0.05));
    for (int i = 0; i < 2; i++) {
        double begin = now();
        check_part(sock_recv(p.a, &c, 1, 0), SOCK_E_TIMEOUT, 0, "timed out");
        check(now() - begin >= 0.05 && now() - begin < 2);
    }
    check_ok(sock_sendall(p.b, "x", 1, 0)); /* it is as usable as before */
    check_ok(sock_settimeout(p.a, 10));
    check_int(sock_recv(p.a, &c, 1, 0), 1);
    free_pair(&p);
}

/* A record of which a part is there is no byte of it. */
TEST(ssl_transfer, half_a_record_has_its_time)
{
    struct pair p = tls_pair();
    struct pair q = unix_pair(SOCK_STREAM);
    free_pair(&q);
    char c;
    check_ok(sock_settimeout(p.a, 0.05));
    check_int(
        send(sock_fileno(p.b), "\x17\x03\x03\x01\x00half", 9, MSG_NOSIGNAL), 9);
    check_part(sock_recv(p.a, &c, 1, 0), SOCK_E_TIMEOUT, 0, "timed out");
    check_int(sock_wait(p.a, SOCK_EVENT_READ, 0.02), 0);
    free_pair(&p);
}

/* What a send that ran out of time said it took arrives once, and nothing of
 * what it did not. */
TEST(ssl_transfer, sends_that_run_out_of_time)
{
    enum { ROUNDS = 40, SIZE = 50000 };
    struct pair p = tls_pair();
    char *sent = malloc(ROUNDS * (size_t)SIZE + 3), piece[SIZE];
    size_t size = 0, heard = 0;
    int timeouts = 0;
    unsigned seed = 7;
    check(sent != NULL);
    small_buffers(p.a);
    small_buffers(p.b);
    for (int i = 0; i < ROUNDS; i++) {
        char got[30000];
        memset(piece, 'A' + i % 26, sizeof piece);
        seed = seed * 1103515245 + 12345;
        check_ok(sock_settimeout(p.a, 0.0001 * (1 + (seed >> 16) % 40)));
        size_t done = SIZE;
        if (sock_sendall(p.a, piece, SIZE, 0) < 0) {
            check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
            done = sock_last_error()->done;
            timeouts++;
        }
        memcpy(sent + size, piece, done);
        size += done;
        check_ok(sock_setblocking(p.b, 0));
        while (sock_recv(p.b, got, sizeof got, MSG_PEEK) > 0 && heard < size) {
            ssize_t n = sock_recv(p.b, got, sizeof got, 0);
            check(n > 0 && (size_t)n <= size - heard);
            check_bytes(got, sent + heard, (size_t)n);
            heard += (size_t)n;
        }
    }
    check(timeouts > 0);
    struct reading r;
    check_ok(sock_settimeout(p.b, 10));
    reading_begin(&r, p.b, size - heard + 3);
    memcpy(sent + size, "end", 3);
    check_ok(sock_settimeout(p.a, 10));
    check_ok(sock_sendall(p.a, "end", 3, 0));
    reading_finish(&r, sent + heard);
    free(sent);
    free_pair(&p);
}

/* Without a descriptor that polls readable, a full pipe is a full pipe. */
TEST(ssl_transfer, a_full_pipe)
{
    struct pair p = tls_pair();
    char *data = pattern(1 << 20, 2);
    size_t sent = 0;
    ssize_t n;
    small_buffers(p.a);
    check_ok(sock_setblocking(p.a, 0));
    while ((n = sock_send(p.a, data + sent, (1 << 20) - sent, 0)) > 0)
        sent += (size_t)n;
    check_int(sock_last_error()->kind, SOCK_E_OS);
    check_int(errno, EAGAIN);
    check(sent > 0 && sent < 1 << 20);
    check_int(sock_wait(p.a, SOCK_EVENT_WRITE, 0), 0);
    check((sock_ssl_wants(p.a, SOCK_EVENT_READ) & POLLOUT) != 0);
    struct reading r;
    reading_begin(&r, p.b, sent);
    check_int(sock_wait(p.a, SOCK_EVENT_WRITE, 10), SOCK_EVENT_WRITE);
    reading_finish(&r, data);
    free(data);
    free_pair(&p);
}

/* Who waits to receive pushes out what is kept: two full pipes end. */
TEST(ssl_transfer, receiving_sends_what_is_kept)
{
    struct pair p = tls_pair();
    char *data = pattern(1 << 20, 4);
    size_t sent = 0;
    ssize_t n;
    struct reading r;
    char c;
    small_buffers(p.a);
    check_ok(sock_setblocking(p.a, 0));
    while ((n = sock_send(p.a, data + sent, (1 << 20) - sent, 0)) > 0)
        sent += (size_t)n;
    reading_begin(&r, p.b, sent);
    check_ok(sock_settimeout(p.a, 0.5));
    check_part(sock_recv(p.a, &c, 1, 0), SOCK_E_TIMEOUT, 0, "timed out");
    reading_finish(&r, data);
    free(data);
    free_pair(&p);
}

/* And so does who waits for something to receive, by whatever means: the peer
 * has to hear all of it before it answers. */

static void *run_answering(void *arg)
{
    struct reading *r = arg;
    r->n = sock_recv_all(r->s, r->got, r->size);
    if (r->n == (ssize_t)r->size)
        sock_send(r->s, "x", 1, 0);
    return NULL;
}

static int by_wait(sock_t *s)
{
    return sock_wait(s, SOCK_EVENT_READ, 10);
}

static int by_select(sock_t *s)
{
    sock_selector_t *sel = check_made(sock_selector_new(SOCK_SELECTOR_DEFAULT));
    check_ok(sock_selector_register(sel, s, SOCK_EVENT_READ, NULL));
    int n = sock_selector_select(sel, 10);
    sock_selector_free(sel);
    return n;
}

static int by_wants(sock_t *s)
{
    for (double limit = now() + 10; now() < limit;) {
        int wants = (int)check_ok(sock_ssl_wants(s, SOCK_EVENT_READ));
        struct pollfd p = {.fd = sock_fileno(s), .events = (short)wants};
        if (wants == 0)
            return 1;
        poll(&p, 1, 10000);
    }
    return 0;
}

TEST(ssl_transfer, waiting_sends_what_is_kept)
{
    int (*const waits[])(sock_t *) = {by_wait, by_select, by_wants};
    for (int i = 0; i < 3; i++) {
        struct pair p = tls_pair_over(unix_pair(SOCK_STREAM), NULL, NULL);
        static char data[1 << 20], got[1 << 20];
        struct reading r = {.s = p.b, .got = got};
        ssize_t n;
        small_buffers(p.a);
        check_ok(sock_setblocking(p.a, 0));
        while ((n = sock_send(p.a, data, sizeof data, 0)) > 0)
            r.size += (size_t)n;
        check_int(pthread_create(&r.thread, NULL, run_answering, &r), 0);
        double begin = now();
        check_int(waits[i](p.a), 1);
        check(now() - begin < 5);
        check_int(pthread_join(r.thread, NULL), 0);
        check_int(r.n, r.size);
        check_int(sock_recv(p.a, got, 1, 0), 1);
        free_pair(&p);
    }
}

/* What a peer that is gone has said is heard, although what is kept for it can
 * no longer be sent; and then its end, or what has failed. */
static void gone(bool says_goodbye)
{
    struct pair p = tls_pair_over(unix_pair(SOCK_STREAM), NULL, NULL);
    static char data[1 << 20];
    char got[16];
    check_ok(sock_setblocking(p.a, 0));
    while (sock_send(p.a, data, sizeof data, 0) > 0)
        ;
    check_ok(sock_sendall(p.b, "answer", 6, 0));
    if (says_goodbye)
        check_ok(sock_shutdown(p.b, SHUT_WR));
    check_ok(shutdown(sock_fileno(p.b), SHUT_RDWR));
    check_int(sock_wait(p.a, SOCK_EVENT_READ, 10), SOCK_EVENT_READ);
    check_int(sock_ssl_wants(p.a, SOCK_EVENT_READ), 0);
    check_ok(sock_settimeout(p.a, 10));
    check_int(sock_recv(p.a, got, 3, 0), 3);
    check_int(sock_recv(p.a, got, 3, 0), 3);
    for (int i = 0; i < 2; i++) {
        if (says_goodbye)
            check_int(sock_recv(p.a, got, 3, 0), 0);
        else
            check_part(sock_recv(p.a, got, 3, 0), SOCK_E_TLS, TLS_CUT, "");
    }
    check_part(sock_send(p.a, "x", 1, 0), says_goodbye ? SOCK_E_OS : SOCK_E_TLS,
               says_goodbye ? EPIPE : TLS_CUT, "");
    free_pair(&p);
}

TEST(ssl_transfer, what_a_peer_said_that_is_gone)
{
    gone(true);
    gone(false);
}

/* Threads */

struct user {
    sock_t *s;
    atomic_long tid;
    struct failure failure;
    ssize_t n;
    pthread_t thread;
};

static void *run_reader(void *arg)
{
    struct user *u = arg;
    char buf[64];
    atomic_store(&u->tid, thread_id());
    u->n = sock_recv(u->s, buf, sizeof buf, 0);
    if (u->n < 0)
        u->failure = last_failure();
    return NULL;
}

static void *run_writer(void *arg)
{
    struct user *u = arg;
    char buf[4096] = "";
    atomic_store(&u->tid, thread_id());
    do
        u->n = sock_send(u->s, buf, sizeof buf, 0);
    while (u->n >= 0);
    u->failure = last_failure();
    return NULL;
}

static void user_begin(struct user *u, sock_t *s, void *(*run)(void *))
{
    u->s = s;
    atomic_store(&u->tid, 0);
    check_int(pthread_create(&u->thread, NULL, run, u), 0);
    while (atomic_load(&u->tid) == 0)
        poll(NULL, 0, 1);
    check(wait_until_blocked(atomic_load(&u->tid)));
}

TEST(ssl_transfer, a_reader_does_not_keep_a_writer)
{
    struct pair p = tls_pair();
    struct user reader = {0};
    char buf[8];
    check_ok(sock_settimeout(p.a, SOCK_NO_TIMEOUT));
    user_begin(&reader, p.a, run_reader);
    check_ok(sock_sendall(p.a, "hello", 5, 0));
    check_int(sock_recv_all(p.b, buf, 5), 5);
    check_ok(sock_sendall(p.b, "x", 1, 0));
    check_int(pthread_join(reader.thread, NULL), 0);
    check_int(reader.n, 1);
    free_pair(&p);
}

TEST(ssl_transfer, close_wakes_a_reader_and_a_writer)
{
    struct pair p = tls_pair();
    struct user reader = {0}, writer = {0};
    check_ok(sock_settimeout(p.a, SOCK_NO_TIMEOUT));
    small_buffers(p.a);
    user_begin(&reader, p.a, run_reader);
    user_begin(&writer, p.a, run_writer);
    check_ok(sock_close(p.a));
    check_int(pthread_join(reader.thread, NULL), 0);
    check_int(pthread_join(writer.thread, NULL), 0);
    check(reader.n <= 0);
    if (reader.n < 0)
        check_failure(&reader.failure, SOCK_E_OS, EBADF,
                      "[Errno 9] Bad file descriptor");
    check_failure(&writer.failure, SOCK_E_OS, EBADF,
                  "[Errno 9] Bad file descriptor");
    free_pair(&p);
}

TEST(ssl_transfer, shutdown_wakes_a_reader)
{
    struct pair p = tls_pair();
    struct user reader = {0};
    check_ok(sock_settimeout(p.a, SOCK_NO_TIMEOUT));
    user_begin(&reader, p.a, run_reader);
    check_ok(sock_shutdown(p.a, SHUT_RDWR));
    check_int(pthread_join(reader.thread, NULL), 0);
    check_that(reader.n == 0, "%s", reader.failure.text); /* its own end */
    free_pair(&p);
}

static void *run_closing(void *arg)
{
    sock_close(arg);
    return NULL;
}

/* A reader, a writer and a closer at once, at each moment. */
TEST(ssl_transfer, a_reader_a_writer_and_a_closer)
{
    for (int i = 0; i < 15; i++) {
        struct pair p = tls_pair();
        struct user reader = {.s = p.a}, writer = {.s = p.a};
        pthread_t closer;
        check_int(pthread_create(&reader.thread, NULL, run_reader, &reader), 0);
        check_int(pthread_create(&writer.thread, NULL, run_writer, &writer), 0);
        check_ok(sock_sendall(p.b, "hello", 5, 0));
        check_int(pthread_create(&closer, NULL, run_closing, p.a), 0);
        check_int(pthread_join(closer, NULL), 0);
        check_int(pthread_join(reader.thread, NULL), 0);
        check_int(pthread_join(writer.thread, NULL), 0);
        check_failure(&writer.failure, SOCK_E_OS, EBADF, "");
        free_pair(&p);
    }
}

TEST(ssl_transfer, tokens_and_deadlines)
{
    struct pair p = tls_pair();
    char c;
    sock_cancel_t *token = check_made(sock_cancel_new());
    check_ok(sock_set_deadline(p.a, 0.02));
    check_part(sock_recv(p.a, &c, 1, 0), SOCK_E_TIMEOUT, 0, "timed out");
    check_part(sock_send(p.a, "x", 1, 0), SOCK_E_TIMEOUT, 0, "timed out");
    check_ok(sock_set_deadline(p.a, SOCK_NO_TIMEOUT));
    check_ok(sock_set_cancel(p.a, token));
    check_ok(sock_cancel_fire(token));
    check_part(sock_recv(p.a, &c, 1, 0), SOCK_E_CANCELLED, 0, "cancelled");
    check_ok(sock_cancel_reset(token));
    check_ok(sock_sendall(p.a, "x", 1, 0));
    check_int(sock_recv(p.b, &c, 1, 0), 1);
    free_pair(&p);
    sock_cancel_free(token);
}

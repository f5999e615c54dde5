/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "os.h"
#include "queue.h"

/* A stream that takes few bytes at a time, and what came through it. */
struct narrow {
    struct pair p;
    char *came;
    size_t size;
};

static struct narrow narrow_pair(void)
{
    struct narrow x = {.p = unix_pair(SOCK_STREAM), .came = NULL};
    check_ok(sock_setsockopt_int(x.p.a, SOL_SOCKET, SO_SNDBUF, 4096));
    check_ok(sock_setblocking(x.p.a, 0));
    check_ok(sock_setblocking(x.p.b, 0));
    x.came = malloc(4 << 20);
    check(x.came != NULL);
    return x;
}

static void drain(struct narrow *x)
{
    ssize_t n;
    while ((n = sock_recv(x->p.b, x->came + x->size, 65536, 0)) > 0)
        x->size += (size_t)n;
}

/* Sends all of it; how often that took. */
static int send_all(struct narrow *x, struct sock__queue *q)
{
    int rounds = 0;
    while (!sock__queue_is_empty(q) && !sock__queue_is_done(q)) {
        check_ok(sock__queue_send(q, x->p.a));
        drain(x);
        rounds++;
    }
    return rounds;
}

static void end(struct narrow *x)
{
    free_pair(&x->p);
    free(x->came);
}

static char *pattern(size_t size)
{
    char *data = malloc(size);
    check(data != NULL);
    for (size_t i = 0; i < size; i++)
        data[i] = (char)(i * 7 + i / 251);
    return data;
}

TEST(queue, bytes_in_their_order)
{
    struct narrow x = narrow_pair();
    struct sock__queue q = {.waiting = 0};
    check(sock__queue_is_empty(&q));
    check_ok(sock__queue_add(&q, "hello ", 6));
    check_ok(sock__queue_add(&q, "", 0));
    check_ok(sock__queue_add(&q, "world", 5));
    check_int(q.waiting, 11);
    check(!sock__queue_is_empty(&q));
    check_int(sock__queue_send(&q, x.p.a), 11);
    check_int(q.waiting, 0);
    check(sock__queue_is_empty(&q));
    check_int(sock__queue_send(&q, x.p.a), 0);
    drain(&x);
    check_int(x.size, 11);
    check_bytes(x.came, "hello world", 11);
    end(&x);
}

/* In pieces of all sizes, against a peer that takes them slowly. */
TEST(queue, many_pieces)
{
    enum { TOTAL = 1 << 20 };
    struct narrow x = narrow_pair();
    struct sock__queue q = {.waiting = 0};
    char *data = pattern(TOTAL);
    size_t at = 0;
    for (size_t n = 1; at < TOTAL; n = n * 3 % 20011 + 1) {
        size_t size = n < TOTAL - at ? n : TOTAL - at;
        check_ok(sock__queue_add(&q, data + at, size));
        at += size;
        if (n % 5 == 0) {
            check_ok(sock__queue_send(&q, x.p.a));
            drain(&x);
        }
    }
    send_all(&x, &q);
    check_int(x.size, TOTAL);
    check_bytes(x.came, data, TOTAL);
    check_int(q.waiting, 0);
    free(data);
    end(&x);
}

/* A full socket is no failure: neither errno nor the record says so. */
TEST(queue, no_room_is_no_failure)
{
    struct narrow x = narrow_pair();
    struct sock__queue q = {.waiting = 0};
    char *data = pattern(1 << 20);
    check_ok(sock__queue_add(&q, data, 1 << 20));
    sock_close(NULL);
    sock_error_t before = *sock_last_error();
    errno = 4711;
    while (sock__queue_send(&q, x.p.a) > 0) {
    }
    check_int(sock__queue_send(&q, x.p.a), 0);
    check_int(errno, 4711);
    check(memcmp(&before, sock_last_error(), sizeof before) == 0);
    check(q.waiting > 0 && q.waiting < 1 << 20);
    sock__queue_drop(&q);
    check_int(q.waiting, 0);
    check(sock__queue_is_empty(&q));
    free(data);
    end(&x);
}

/* One round is fair to others. */
TEST(queue, a_round_has_an_end)
{
    struct pair p = unix_pair(SOCK_STREAM);
    struct sock__queue q = {.waiting = 0};
    char *data = pattern(1 << 20), *room = malloc(1 << 20);
    check_ok(sock_setsockopt_int(p.a, SOL_SOCKET, SO_SNDBUF, 4 << 20));
    for (int i = 0; i < 64; i++)
        check_ok(sock__queue_add(&q, data + i * 16384, 16384));
    ssize_t n = sock__queue_send(&q, p.a);
    check(n > 0 && n <= 256 * 1024 + 16384);
    check_int(q.waiting, (1 << 20) - n);
    sock__queue_drop(&q);
    free(data);
    free(room);
    free_pair(&p);
}

TEST(queue, a_peer_that_has_gone)
{
    struct narrow x = narrow_pair();
    struct sock__queue q = {.waiting = 0};
    check_ok(sock__queue_add(&q, "x", 1));
    check_ok(sock_close(x.p.b));
    check_fails(sock__queue_send(&q, x.p.a), SOCK_E_OS, EPIPE,
                "send: [Errno 32] Broken pipe");
    sock__queue_drop(&q);
    end(&x);
}

/* Producers */

struct producer {
    const char *data;
    size_t left, step;
    int asked, ended;
    bool fails;
    struct sock__queue *dropped;
};

static ssize_t more(void *arg, void *buf, size_t size)
{
    struct producer *p = arg;
    if (buf == NULL) {
        p->ended++;
        return 0;
    }
    p->asked++;
    if (p->dropped != NULL)
        sock__queue_drop(p->dropped);
    if (p->fails && p->left == 0)
        return sock_setsockopt_int(NULL, 0, 0, 0);
    size_t n = p->left < p->step ? p->left : p->step;
    check(n <= size);
    memcpy(buf, p->data, n);
    p->data += n;
    p->left -= n;
    return (ssize_t)n;
}

TEST(queue, producer)
{
    struct narrow x = narrow_pair();
    struct sock__queue q = {.waiting = 0};
    char *data = pattern(200000);
    struct producer p = {data, 200000, 5000, 0, 0, false, NULL};
    check_ok(sock__queue_add(&q, "begin ", 6));
    check_ok(sock__queue_add_producer(&q, more, &p));
    check_ok(sock__queue_add(&q, " end", 4));
    check_int(p.asked, 0);
    check_int(q.waiting, 10);
    send_all(&x, &q);
    check_int(p.asked, 41);
    check_int(p.ended, 1);
    check_int(x.size, 200010);
    check_bytes(x.came, "begin ", 6);
    check_bytes(x.came + 6, data, 200000);
    check_bytes(x.came + 200006, " end", 4);
    free(data);
    end(&x);
}

/* What it gave before is sent; what stands behind it, too. */
TEST(queue, producer_that_fails)
{
    struct narrow x = narrow_pair();
    struct sock__queue q = {.waiting = 0};
    struct producer p = {"abc", 3, 3, 0, 0, true, NULL};
    check_ok(sock__queue_add_producer(&q, more, &p));
    check_ok(sock__queue_add(&q, "!", 1));
    check_int(sock__queue_send(&q, x.p.a), SOCK__QUEUE_PRODUCER_FAILED);
    check_str(error_text(), "setsockopt level 0 option 0: socket is NULL");
    check_int(p.ended, 1);
    check_int(sock__queue_send(&q, x.p.a), 1);
    drain(&x);
    check_bytes(x.came, "abc!", 4);
    end(&x);
}

/* It may drop the queue that asks it, and put something in. */
TEST(queue, producer_that_drops_the_queue)
{
    struct narrow x = narrow_pair();
    struct sock__queue q = {.waiting = 0};
    struct producer p = {"abc", 3, 3, 0, 0, false, &q};
    check_ok(sock__queue_add_producer(&q, more, &p));
    check_ok(sock__queue_add(&q, "gone", 4));
    check_ok(sock__queue_add_end(&q));
    check(q.ended);
    check_int(sock__queue_send(&q, x.p.a), 0);
    check(sock__queue_is_empty(&q));
    check(!q.ended);
    check_int(p.asked, 1);
    check_int(p.ended, 1);
    check_int(q.waiting, 0);
    drain(&x);
    check_int(x.size, 0);
    end(&x);
}

TEST(queue, dropped_producers_are_told)
{
    struct sock__queue q = {.waiting = 0};
    struct producer p = {"abc", 3, 3, 0, 0, false, NULL};
    check_ok(sock__queue_add_producer(&q, more, &p));
    check_ok(sock__queue_add_producer(&q, more, &p));
    sock__queue_drop(&q);
    check_int(p.asked, 0);
    check_int(p.ended, 2);
}

/* Files */

static int file_of(const char *data, size_t size)
{
    char name[] = "/tmp/pysockc-XXXXXX";
    int fd = mkostemp(name, O_CLOEXEC);
    check(fd >= 0);
    unlink(name);
    check_int(write(fd, data, size), (long)size);
    return fd;
}

TEST(queue, file)
{
    enum { SIZE = 300000 };
    struct narrow x = narrow_pair();
    struct sock__queue q = {.waiting = 0};
    char *data = pattern(SIZE);
    int fd = file_of(data, SIZE);
    check_ok(sock__queue_add_file(&q, sock__os_dup(fd), 10, 100000));
    check_ok(sock__queue_add(&q, "|", 1));
    check_ok(sock__queue_add_file(&q, sock__os_dup(fd), 200000, -1));
    check_int(q.waiting, 1);
    send_all(&x, &q);
    check_int(x.size, 200001);
    check_bytes(x.came, data + 10, 100000);
    check_bytes(x.came + 100000, "|", 1);
    check_bytes(x.came + 100001, data + 200000, 100000);
    check_int(lseek(fd, 0, SEEK_CUR), SIZE); /* is where it was */
    close(fd);
    free(data);
    end(&x);
}

/* Where others may change the mode, sendfile(2) might wait: it is read. */
TEST(queue, file_of_a_shared_socket)
{
    enum { SIZE = 100000 };
    struct narrow x = narrow_pair();
    struct sock__queue q = {.waiting = 0};
    char *data = pattern(SIZE);
    int fd = file_of(data, SIZE);
    sock_t *other = check_made(sock_dup(x.p.a));
    check_ok(sock__queue_add_file(&q, sock__os_dup(fd), 0, 70000));
    check_ok(sock__queue_add_file(&q, sock__os_dup(fd), 90000, -1));
    send_all(&x, &q);
    check_int(x.size, 80000);
    check_bytes(x.came, data, 70000);
    check_bytes(x.came + 70000, data + 90000, 10000);
    sock_free(other);
    close(fd);
    free(data);
    end(&x);
}

/* What the system can't send by itself, and what can't be read at all. */
TEST(queue, file_of_another_kind)
{
    struct narrow x = narrow_pair();
    struct sock__queue q = {.waiting = 0};
    int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    check(zero >= 0);
    check_ok(sock__queue_add_file(&q, zero, 0, 20000));
    send_all(&x, &q);
    check_int(x.size, 20000);
    check_int(x.came[19999], 0);

    check_ok(sock__queue_add_file(&q, sock__os_dup(sock_fileno(x.p.b)), 0, 5));
    check_int(sock__queue_send(&q, x.p.a), SOCK__QUEUE_FILE_FAILED);
    check(sock__queue_is_empty(&q));
    end(&x);
}

/* By sendfile(2), and by reading: so much was asked for that is not there. */
TEST(queue, file_that_is_shorter)
{
    for (int reads = 0; reads < 2; reads++) {
        struct narrow x = narrow_pair();
        struct sock__queue q = {.waiting = 0};
        int fd = file_of("abcdef", 6);
        sock_t *other = reads ? check_made(sock_dup(x.p.a)) : NULL;
        check_ok(sock__queue_add_file(&q, sock__os_dup(fd), 2, 4));
        check_ok(sock__queue_add_file(&q, sock__os_dup(fd), 9, -1));
        check_ok(sock__queue_add_file(&q, fd, 4, 3));
        check_int(sock__queue_send(&q, x.p.a), SOCK__QUEUE_FILE_FAILED);
        check_int(sock_last_error()->kind, SOCK_E_EOF);
        check_int(sock_last_error()->done, 2);
        check_str(error_text(), "sendfile: end of stream after 2 bytes");
        check(sock__queue_is_empty(&q));
        drain(&x);
        check_int(x.size, 6);
        check_bytes(x.came, "cdefef", 6);
        sock_free(other);
        end(&x);
    }
}

/* A socket that was closed meanwhile. */
TEST(queue, file_of_a_closed_socket)
{
    struct narrow x = narrow_pair();
    struct sock__queue q = {.waiting = 0};
    int fd = file_of("abc", 3);
    check_ok(sock__queue_add_file(&q, fd, 0, -1));
    check_ok(sock_close(x.p.a));
    check_fails(sock__queue_send(&q, x.p.a), SOCK_E_OS, EBADF,
                "sendfile: [Errno 9] Bad file descriptor");
    sock__queue_drop(&q);
    end(&x);
}

TEST(queue, end)
{
    struct narrow x = narrow_pair();
    struct sock__queue q = {.waiting = 0};
    check(!sock__queue_is_done(&q));
    check_ok(sock__queue_add(&q, "last", 4));
    check_ok(sock__queue_add_end(&q));
    check(q.ended && !sock__queue_is_done(&q));
    check_int(sock__queue_send(&q, x.p.a), 4);
    check(sock__queue_is_done(&q) && !sock__queue_is_empty(&q));
    check_int(sock__queue_send(&q, x.p.a), 0);
    sock__queue_drop(&q);
    check(!q.ended && sock__queue_is_empty(&q));
    end(&x);
}

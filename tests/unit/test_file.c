/* SPDX-License-Identifier: MIT */
/* Links with --wrap. */
#include "support.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static FILE *made(sock_t *s, const char *mode)
{
    return check_made(sock_makefile(s, mode));
}

static void check_closes(FILE *f)
{
    check_int(fclose(f), 0);
}

static void reset(sock_t **s)
{
    struct linger now_ = {.l_onoff = 1, .l_linger = 0};
    check_ok(sock_setsockopt(*s, SOL_SOCKET, SO_LINGER, &now_, sizeof now_));
    sock_freep(s);
}

/* makefile */

TEST(file, lines)
{
    struct pair p = tcp_pair();
    FILE *out = made(p.a, "w"), *in = made(p.b, "r");
    char line[32], *grown = NULL;
    size_t size = 0;

    check(fprintf(out, "one %d\n%s;\nrest", 1, "two") == 15);
    check_int(fflush(out), 0);
    check_str(fgets(line, sizeof line, in), "one 1\n");
    check_int(getdelim(&grown, &size, ';', in), 4);
    check_str(grown, "two;");
    check_int(getc(in), '\n');
    check_int(ungetc('#', in), '#');
    check_int(getc(in), '#');
    check_closes(out);
    check_ok(sock_shutdown(p.a, SHUT_WR));
    check_int(getline(&grown, &size, in), 4);
    check_str(grown, "rest");
    check_int(getline(&grown, &size, in), -1);
    check(feof(in) && !ferror(in));
    check_closes(in);
    free(grown);
    free_pair(&p);
}

TEST(file, bytes)
{
    struct pair p = unix_pair(SOCK_STREAM);
    FILE *out = made(p.a, "wb"), *in = made(p.b, "rb");
    char bytes[] = "a\0\xff\r\n", got[6];
    check_int(fwrite(bytes, 1, 6, out), 6);
    check_int(fflush(out), 0);
    check_int(fread(got, 1, 6, in), 6);
    check_bytes(got, bytes, 6);
    check_closes(out);
    check_closes(in);
    free_pair(&p);
}

TEST(file, writing_is_buffered)
{
    struct pair p = unix_pair(SOCK_STREAM);
    FILE *out = made(p.a, "w");
    char c;
    check(fputs("x\n", out) >= 0);
    check_fails(sock_recv(p.b, &c, 1, MSG_DONTWAIT), SOCK_E_OS, EAGAIN,
                "recv: [Errno 11] Resource temporarily unavailable");
    check_int(fflush(out), 0);
    check_int(sock_recv(p.b, &c, 1, 0), 1);
    check_closes(out);
    out = made(p.a, "w");
    check_int(setvbuf(out, NULL, _IONBF, 0), 0);
    check_int(putc('y', out), 'y');
    check_int(sock_recv_until(p.b, &c, 1, 'y'), 1); /* the \n */
    check_int(sock_recv(p.b, &c, 1, 0), 1);
    check_int(c, 'y');
    check_closes(out);
    free_pair(&p);
}

TEST(file, success_touches_nothing)
{
    struct pair p = unix_pair(SOCK_STREAM);
    errno = 1234;
    FILE *out = sock_makefile(p.a, "w"), *in = sock_makefile(p.b, "r");
    check_int(errno, 1234);
    char line[8];
    check(fputs("abc\n", out) >= 0);
    check_closes(out);
    check(fgets(line, sizeof line, in) != NULL);
    check_closes(in);
    check_int(sock_last_error()->kind, SOCK_E_NONE);
    free_pair(&p);
    if (under_tsan())
        skip("ThreadSanitizer's own fclose(3) sets errno");
    check_int(errno, 1234);
}

TEST(file, bad_modes)
{
    struct pair p = unix_pair(SOCK_STREAM);
    /* the texts are python3's */
    check_null(sock_makefile(p.a, "x"), SOCK_E_VALUE, 0,
               "makefile: invalid mode 'x' (only r, w, b allowed)");
    check_null(sock_makefile(p.a, "r+"), SOCK_E_VALUE, 0,
               "makefile: invalid mode 'r+' (only r, w, b allowed)");
    check_null(sock_makefile(p.a, "a"), SOCK_E_VALUE, 0,
               "makefile: invalid mode 'a' (only r, w, b allowed)");
    check_null(sock_makefile(p.a, "it's\n"), SOCK_E_VALUE, 0,
               "makefile: invalid mode \"it's\\n\" (only r, w, b allowed)");
    check_null(sock_makefile(p.a, "rw"), SOCK_E_VALUE, 0,
               "makefile: invalid mode 'rw' (one direction only)");
    check_null(sock_makefile(p.a, NULL), SOCK_E_TYPE, 0,
               "makefile: argument is NULL");
    check_null(sock_makefile(NULL, "r"), SOCK_E_TYPE, 0,
               "makefile: socket is NULL");
    check_closes(made(p.a, ""));
    check_closes(made(p.a, "br"));
    char mode[2 * sizeof(sock_addr_t)];
    memset(mode, 'x', sizeof mode);
    mode[sizeof mode - 1] = '\0';
    check(sock_makefile(p.a, mode) == NULL);
    check(strlen(error_text()) < sizeof mode); /* its start */
    free_pair(&p);
    sock_t *s = closed_socket(SOCK_STREAM);
    check_null(sock_makefile(s, "x"), SOCK_E_OS, EBADF,
               "makefile: [Errno 9] Bad file descriptor");
    sock_free(s);
}

TEST(file, is_close_on_exec)
{
    struct pair p = unix_pair(SOCK_STREAM);
    int next = dup(0);
    close(next);
    FILE *f = made(p.a, "r");
    check_int(fcntl(next, F_GETFD), FD_CLOEXEC);
    check_closes(f);
    free_pair(&p);
}

TEST(file, outlives_the_socket)
{
    struct pair p = tcp_pair();
    FILE *out = made(p.a, "w"), *in = made(p.a, "r");
    char line[8];
    sock_freep(&p.a);
    check(fputs("abc\n", out) >= 0);
    check_closes(out);
    check_int(sock_recv_until(p.b, line, sizeof line, '\n'), 4);
    check_ok(sock_sendall(p.b, "def\n", 4, 0));
    check_str(fgets(line, sizeof line, in), "def\n");
    check_closes(in);
    check_int(sock_recv(p.b, line, sizeof line, 0), 0); /* now it ended */
    free_pair(&p);
}

TEST(file, read_times_out_for_ever)
{
    struct pair p = tcp_pair();
    char line[16];
    check_ok(sock_settimeout(p.b, 0.05));
    FILE *in = made(p.b, "r");
    check_ok(sock_settimeout(p.b, SOCK_NO_TIMEOUT)); /* of the socket alone */
    check_ok(sock_sendall(p.a, "half", 4, 0));
    double start = now();
    check_fails(fgets(line, sizeof line, in) == NULL ? -1 : 0, SOCK_E_TIMEOUT,
                0, "recv <peer>: timed out");
    check(now() - start >= 0.05 && now() - start < 5);
    check(ferror(in));
    check_ok(sock_sendall(p.a, " a line\n", 8, 0));
    clearerr(in);
    check_fails(fgets(line, sizeof line, in) == NULL ? -1 : 0, SOCK_E_OS, 0,
                "recv: cannot read from timed out object"); /* python3's */
    check_int(sock_recv(p.b, line, sizeof line, 0), 8);     /* still there */
    check_closes(in);
    free_pair(&p);
}

TEST(file, fread_keeps_what_came)
{
    struct pair p = tcp_pair();
    char got[8];
    check_ok(sock_settimeout(p.b, 0.02));
    FILE *in = made(p.b, "r");
    check_ok(sock_sendall(p.a, "abc", 3, 0));
    check_int(fread(got, 1, 8, in), 3);
    check_int(errno, ETIMEDOUT);
    check(ferror(in) && !feof(in));
    check_bytes(got, "abc", 3);
    check_closes(in);
    free_pair(&p);
}

TEST(file, non_blocking)
{
    struct pair p = unix_pair(SOCK_STREAM);
    check_ok(sock_setblocking(p.b, 0));
    FILE *in = made(p.b, "r");
    check_fails(getc(in), SOCK_E_OS, EAGAIN,
                "recv: [Errno 11] Resource temporarily unavailable");
    check_ok(sock_sendall(p.a, "x", 1, 0));
    check_int(getc(in), 'x');
    check_closes(in);
    free_pair(&p);
}

TEST(file, failed_flush_is_for_ever)
{
    struct pair p = unix_pair(SOCK_STREAM);
    static char data[4 << 20];
    check_ok(sock_settimeout(p.a, 0.05));
    FILE *out = made(p.a, "w");
    check(fwrite(data, 1, sizeof data, out) < sizeof data);
    check_int(errno, ETIMEDOUT);
    check_str(error_text(), "sendall: timed out");
    size_t done = sock_last_error()->done, came = 0;
    check(done > 0 && done < sizeof data && ferror(out));
    check_ok(sock_setblocking(p.b, 0));
    for (ssize_t n; (n = sock_recv(p.b, data, sizeof data, 0)) > 0;)
        came += (size_t)n;
    check_int(came, done);
    check(fputs("more", out) >= 0); /* buffered */
    check_fails(fflush(out), SOCK_E_TIMEOUT, 0, "sendall: timed out");
    sock_recv(NULL, NULL, 0, 0); /* another error */
    check_fails(fclose(out), SOCK_E_TIMEOUT, 0, "sendall: timed out");
    check_int(sock_last_error()->done, done);
    check_int(sock_recv(p.b, data, sizeof data, 0), -1); /* nothing came */
    free_pair(&p);
}

/* SIGPIPE has its default disposition in these tests: it would end them. */
TEST(file, peer_is_gone)
{
    struct pair p = tcp_pair();
    FILE *out = made(p.a, "w");
    signal(SIGPIPE, SIG_DFL);
    reset(&p.b);
    check(fputs("x", out) >= 0);
    check_fails(fflush(out), SOCK_E_OS, ECONNRESET,
                "sendall <peer>: [Errno 104] Connection reset by peer");
    check_fails(fclose(out), SOCK_E_OS, ECONNRESET,
                "sendall <peer>: [Errno 104] Connection reset by peer");
    out = made(p.a, "w");
    check(fputs("x", out) >= 0);
    check_fails(fclose(out), SOCK_E_OS, EPIPE,
                "sendall <peer>: [Errno 32] Broken pipe");
    free_pair(&p);
}

static int always(void *arg)
{
    ++*(int *)arg;
    return 1;
}

static void ignore(int signo)
{
    (void)signo;
}

TEST(file, has_the_interrupt_function)
{
    struct pair p = unix_pair(SOCK_STREAM);
    struct sigaction action = {.sa_handler = ignore};
    int asked = 0;
    sock_set_interrupt(p.a, always, &asked);
    FILE *in = made(p.a, "r");
    sigaction(SIGALRM, &action, NULL);
    ualarm(20000, 0);
    check_fails(getc(in), SOCK_E_CANCELLED, 0, "recv: cancelled");
    check_int(asked, 1);
    check_closes(in);
    free_pair(&p);
}

/* A signal came when stdio had half a line, which it drops; the other half must
 * not pass for one. */
TEST(file, interrupted_read_is_for_ever)
{
    struct pair p = unix_pair(SOCK_STREAM);
    struct sigaction action = {.sa_handler = ignore};
    int asked = 0;
    char line[16];

    sock_set_interrupt(p.a, always, &asked);
    FILE *in = made(p.a, "r");
    check_ok(sock_sendall(p.b, "half", 4, 0));
    sigaction(SIGALRM, &action, NULL);
    ualarm(50000, 0);
    check(fgets(line, sizeof line, in) == NULL);
    check_ok(sock_sendall(p.b, " line\nwhole\n", 12, 0));
    for (int i = 0; i < 3; i++) {
        clearerr(in);
        errno = 0;
        check(fgets(line, sizeof line, in) == NULL);
        check(ferror(in) && !feof(in));
        check_int(errno, ECANCELED);
        check_int(sock_last_error()->kind, SOCK_E_CANCELLED);
    }
    check_int(asked, 1);
    check_closes(in);
    free_pair(&p);
}

static void *shut_down_late(void *arg)
{
    sock_t *s = arg;
    sock_wait(s, SOCK_EVENT_READ, 0.05);
    sock_shutdown(s, SHUT_RDWR);
    return NULL;
}

TEST(file, shutdown_ends_a_read)
{
    struct pair p = tcp_pair();
    pthread_t thread;
    FILE *in = made(p.a, "r");
    check_int(pthread_create(&thread, NULL, shut_down_late, p.a), 0);
    check_int(getc(in), EOF);
    check(feof(in));
    pthread_join(thread, NULL);
    check_closes(in);
    free_pair(&p);
}

/* Big transfers, both ways at once */

enum { BIG = 8 << 20 };

static char pattern(size_t i)
{
    return (char)(i * 2654435761u >> 24);
}

static void *write_big(void *arg)
{
    FILE *out = sock_makefile(arg, "w");
    bool ok = out != NULL;
    for (size_t i = 0; ok && i < BIG; i++)
        ok = putc_unlocked(pattern(i), out) != EOF;
    if (out != NULL && fclose(out) != 0)
        ok = false;
    return ok ? arg : NULL;
}

static void *read_big(void *arg)
{
    FILE *in = sock_makefile(arg, "r");
    bool ok = in != NULL;
    for (size_t i = 0; ok && i < BIG; i++)
        ok = (char)getc_unlocked(in) == pattern(i) && !feof(in);
    if (in != NULL && fclose(in) != 0)
        ok = false;
    return ok ? arg : NULL;
}

TEST(file, both_ways_at_once)
{
    struct pair p = tcp_pair();
    pthread_t threads[4];
    check_ok(sock_settimeout(p.a, 15));
    check_int(pthread_create(&threads[0], NULL, write_big, p.a), 0);
    check_int(pthread_create(&threads[1], NULL, read_big, p.a), 0);
    check_int(pthread_create(&threads[2], NULL, write_big, p.b), 0);
    check_int(pthread_create(&threads[3], NULL, read_big, p.b), 0);
    for (int i = 0; i < 4; i++) {
        void *result;
        pthread_join(threads[i], &result);
        check(result != NULL);
    }
    free_pair(&p);
}

/* sendfile */

/* A file of digits, with its position at 5. */
static int digits(size_t size)
{
    char path[] = "/tmp/pysockc-XXXXXX", block[10000];
    int fd = mkstemp(path);
    check(fd >= 0);
    unlink(path);
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = (char)('0' + i % 10);
    for (size_t at = 0; at < size; at += sizeof block)
        check_int(write(fd, block, sizeof block), sizeof block);
    check_int(ftruncate(fd, (off_t)size), 0);
    check_int(lseek(fd, 5, SEEK_SET), 5);
    return fd;
}

static off_t position(int fd)
{
    return lseek(fd, 0, SEEK_CUR);
}

/* Rows: what python3 does with the same file. */
TEST(file, sendfile_sends_parts)
{
    static const struct {
        int64_t offset, count, sent, position;
        const char *came;
    } rows[] = {
        {0, SOCK_SENDFILE_TO_END, 10, 10, "0123456789"},
        {3, SOCK_SENDFILE_TO_END, 7, 10, "3456789"},
        {3, 4, 4, 7, "3456"},
        {3, 40, 7, 10, "3456789"},
        {0, 1, 1, 1, "0"},
        {10, SOCK_SENDFILE_TO_END, 0, 5, ""},
        {30, SOCK_SENDFILE_TO_END, 0, 5, ""},
    };
    static const double timeouts[] = {SOCK_NO_TIMEOUT, 5};
    for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
        struct pair p = tcp_pair();
        char buf[16] = "";
        int fd = digits(10);
        size_t row = i / 2;
        check_ok(sock_settimeout(p.a, timeouts[i % 2]));
        check_int(sock_sendfile(p.a, fd, rows[row].offset, rows[row].count),
                  rows[row].sent);
        check_int(position(fd), rows[row].position);
        sock_freep(&p.a);
        check_int(sock_recv(p.b, buf, 15, MSG_WAITALL), rows[row].sent);
        check_str(buf, rows[row].came);
        close(fd);
        free_pair(&p);
    }
}

TEST(file, sendfile_of_an_empty_file)
{
    struct pair p = tcp_pair();
    int fd = digits(0);
    errno = 1234;
    check_int(sock_sendfile(p.a, fd, 0, SOCK_SENDFILE_TO_END), 0);
    check_int(sock_sendfile(p.a, fd, 0, 5), 0);
    check_int(errno, 1234);
    check_int(position(fd), 5);
    close(fd);
    free_pair(&p);
}

TEST(file, sendfile_refuses)
{
    struct pair p = tcp_pair();
    sock_t *u = check_made(sock_new(AF_INET, SOCK_DGRAM, 0));
    sock_t *closed = closed_socket(SOCK_STREAM);
    int fd = digits(10);

    check_fails(sock_sendfile(NULL, fd, 0, -1), SOCK_E_TYPE, 0,
                "sendfile: socket is NULL");
    check_fails(sock_sendfile(closed, fd, 0, 0), SOCK_E_OS, EBADF,
                "sendfile: [Errno 9] Bad file descriptor");
    /* the texts and their order are python3's */
    check_fails(sock_sendfile(u, fd, 0, 0), SOCK_E_VALUE, 0,
                "sendfile: only SOCK_STREAM type sockets are supported");
    check_ok(sock_setblocking(p.a, 0));
    check_fails(sock_sendfile(p.a, fd, 0, 0), SOCK_E_VALUE, 0,
                "sendfile: count must be a positive integer (got 0)");
    check_fails(sock_sendfile(p.a, fd, 0, -2), SOCK_E_VALUE, 0,
                "sendfile: count must be a positive integer (got -2)");
    check_fails(sock_sendfile(p.a, fd, 0, INT64_MIN), SOCK_E_VALUE, 0,
                "sendfile: count must be a positive integer "
                "(got -9223372036854775808)");
    check_fails(sock_sendfile(p.a, fd, 0, -1), SOCK_E_VALUE, 0,
                "sendfile: non-blocking sockets are not supported");
    check_ok(sock_setblocking(p.a, 1));
    check_fails(sock_sendfile(p.a, fd, -1, -1), SOCK_E_OS, EINVAL,
                "sendfile <peer>: [Errno 22] Invalid argument");
    check_fails(sock_sendfile(p.a, fd, INT64_MAX, -1), SOCK_E_OS, EINVAL,
                "sendfile <peer>: [Errno 22] Invalid argument");
    check_fails(sock_sendfile(p.a, -1, 0, -1), SOCK_E_OS, EBADF,
                "sendfile <peer>: [Errno 9] Bad file descriptor");
    check_int(position(fd), 5);
    close(fd);
    fd = open("/", O_RDONLY);
    check_fails(sock_sendfile(p.a, fd, 0, -1), SOCK_E_OS, EISDIR,
                "sendfile <peer>: [Errno 21] Is a directory");
    close(fd);
    sock_free(u);
    sock_free(closed);
    free_pair(&p);
}

TEST(file, sendfile_of_a_pipe)
{
    struct pair p = tcp_pair();
    static char data[20000], got[20000];
    int fds[2];
    memset(data, 'p', sizeof data);
    check_int(pipe(fds), 0);
    check_int(write(fds[1], data, sizeof data), sizeof data);
    errno = 1234;
    check_int(sock_sendfile(p.a, fds[0], 0, 9000), 9000);
    check_int(errno, 1234);
    check_fails(sock_sendfile(p.a, fds[0], 1, 1), SOCK_E_OS, ESPIPE,
                "sendfile <peer>: [Errno 29] Illegal seek");
    close(fds[1]);
    check_int(sock_sendfile(p.a, fds[0], 0, SOCK_SENDFILE_TO_END), 11000);
    check_int(sock_recv_all(p.b, got, sizeof got), sizeof got);
    check_bytes(got, data, sizeof got);
    close(fds[0]);
    free_pair(&p);
}

struct reader {
    sock_t *s;
    size_t came;
    bool same, slow;
};

static void *read_digits(void *arg)
{
    struct reader *r = arg;
    char buf[65536];
    r->same = true;
    for (ssize_t n; (n = sock_recv(r->s, buf, sizeof buf, 0)) > 0;) {
        for (ssize_t i = 0; i < n; i++)
            r->same &= buf[i] == (char)('0' + (r->came + (size_t)i) % 10);
        r->came += (size_t)n;
        if (r->slow)
            usleep(1000); /* the pace of the peer, not a wait for it */
    }
    return NULL;
}

/* A file that is larger than what fits between the two ends. */
static void check_big(double timeout, bool shared)
{
    struct pair p = tcp_pair();
    struct reader r = {.s = p.b, .slow = true};
    pthread_t thread;
    int fd = digits(BIG);
    sock_t *other = shared ? check_made(sock_dup(p.a)) : NULL;
    check_ok(sock_settimeout(p.a, timeout));
    if (shared) /* another holder changes the mode */
        set_nonblocking(sock_fileno(p.a), timeout == SOCK_NO_TIMEOUT);
    check_int(pthread_create(&thread, NULL, read_digits, &r), 0);
    check_int(sock_sendfile(p.a, fd, 0, SOCK_SENDFILE_TO_END), BIG);
    check_int(position(fd), BIG);
    sock_free(other);
    sock_freep(&p.a);
    pthread_join(thread, NULL);
    check_int(r.came, BIG);
    check(r.same);
    close(fd);
    free_pair(&p);
}

TEST(file, sendfile_to_a_slow_reader)
{
    check_big(SOCK_NO_TIMEOUT, false);
    check_big(15, false);
}

TEST(file, sendfile_of_a_shared_socket)
{
    check_big(SOCK_NO_TIMEOUT, true);
    check_big(15, true);
}

static size_t drain(sock_t *s)
{
    static char buf[65536];
    size_t came = 0;
    check_ok(sock_settimeout(s, 0.1));
    for (ssize_t n; (n = sock_recv(s, buf, sizeof buf, 0)) > 0;)
        came += (size_t)n;
    return came;
}

/* One deadline; done, the position and what came agree, as in python3. */
static void check_times_out(bool shared, bool blocking)
{
    struct pair p = unix_pair(SOCK_STREAM);
    int fd = digits(BIG);
    sock_t *other = shared ? check_made(sock_dup(p.a)) : NULL;
    check_ok(sock_settimeout(p.a, 0.05));
    if (blocking)
        set_nonblocking(sock_fileno(p.a), false);
    double start = now();
    check_fails(sock_sendfile(p.a, fd, 100, -1), SOCK_E_TIMEOUT, 0,
                "sendfile: timed out");
    check(now() - start >= 0.05 && now() - start < 5);
    size_t done = sock_last_error()->done;
    check(done > 0 && done < BIG);
    check_int(position(fd), 100 + done);
    check_int(drain(p.b), done);
    sock_free(other);
    close(fd);
    free_pair(&p);
}

TEST(file, sendfile_times_out)
{
    check_times_out(false, false);
    check_times_out(false, true);
    check_times_out(true, false);
    check_times_out(true, true);
}

static void *drip(void *arg)
{
    sock_t *s = arg;
    static char buf[65536];
    while (sock_recv(s, buf, sizeof buf, 0) > 0)
        usleep(10000); /* the pace of the peer, not a wait for it */
    return NULL;
}

TEST(file, sendfile_has_one_deadline)
{
    struct pair p = unix_pair(SOCK_STREAM);
    pthread_t thread;
    int fd = digits(8 * BIG);
    check_ok(sock_settimeout(p.a, 0.2));
    check_int(pthread_create(&thread, NULL, drip, p.b), 0);
    double start = now();
    check_fails(sock_sendfile(p.a, fd, 0, -1), SOCK_E_TIMEOUT, 0,
                "sendfile: timed out");
    check(now() - start >= 0.2 && now() - start < 5);
    sock_freep(&p.a);
    pthread_join(thread, NULL);
    close(fd);
    free_pair(&p);
}

/* Takes some, and then is gone. */
static void *read_and_reset(void *arg)
{
    sock_t **s = arg;
    static char buf[1 << 20];
    sock_recv_all(*s, buf, sizeof buf);
    struct linger now_ = {.l_onoff = 1, .l_linger = 0};
    sock_setsockopt(*s, SOL_SOCKET, SO_LINGER, &now_, sizeof now_);
    sock_freep(s);
    return NULL;
}

/* What it was the system may lose, as in python3, when it sent something. */
static void check_peer_leaves(struct pair p)
{
    pthread_t thread;
    int fd = digits(4 * BIG);
    signal(SIGPIPE, SIG_DFL);
    check_int(pthread_create(&thread, NULL, read_and_reset, &p.b), 0);
    check_int(sock_sendfile(p.a, fd, 0, -1), -1);
    check_int(sock_last_error()->kind, SOCK_E_OS);
    check(errno == EPIPE || errno == ECONNRESET);
    check(sock_last_error()->done >= 1 << 20);
    check_int(position(fd), sock_last_error()->done);
    pthread_join(thread, NULL);
    check_fails(sock_sendfile(p.a, fd, 0, -1), SOCK_E_OS, EPIPE,
                "sendfile <peer>: [Errno 32] Broken pipe");
    check_int(sock_last_error()->done, 0);
    close(fd);
    free_pair(&p);
}

TEST(file, sendfile_to_a_peer_that_leaves)
{
    for (int i = 0; i < 5; i++) {
        check_peer_leaves(tcp_pair());
        check_peer_leaves(unix_pair(SOCK_STREAM));
    }
}

static bool sigpipe_in(int (*ask)(sigset_t *))
{
    sigset_t set;
    check_int(ask(&set), 0);
    return sigismember(&set, SIGPIPE) == 1;
}

static int mask(sigset_t *set)
{
    return pthread_sigmask(SIG_BLOCK, NULL, set);
}

static void send_to_no_one(int fd)
{
    struct pair p = unix_pair(SOCK_STREAM);
    sock_freep(&p.b);
    check_fails(sock_sendfile(p.a, fd, 0, -1), SOCK_E_OS, EPIPE,
                "sendfile: [Errno 32] Broken pipe");
    free_pair(&p);
}

/* The mask, and a signal that was pending before, are as they were. */
TEST(file, sendfile_leaves_signals_alone)
{
    int fd = digits(10);
    sigset_t pipe_;
    struct sigaction action;
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    signal(SIGPIPE, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &pipe_, NULL);

    send_to_no_one(fd);
    check(!sigpipe_in(mask) && !sigpipe_in(sigpending));
    pthread_sigmask(SIG_BLOCK, &pipe_, NULL);
    send_to_no_one(fd);
    check(sigpipe_in(mask) && !sigpipe_in(sigpending));
    raise(SIGPIPE);
    send_to_no_one(fd);
    check(sigpipe_in(mask) && sigpipe_in(sigpending));
    check_int(sigaction(SIGPIPE, NULL, &action), 0);
    check(action.sa_handler == SIG_DFL);
    close(fd);
}

struct closing {
    sock_t *s;
    long sender; /* the thread that sends */
};

static void *close_when_blocked(void *arg)
{
    struct closing *c = arg;
    wait_until_blocked(c->sender);
    sock_close(c->s);
    return NULL;
}

TEST(file, close_ends_sendfile)
{
    static const double timeouts[] = {SOCK_NO_TIMEOUT, 15};
    for (int i = 0; i < 2; i++) {
        struct pair p = tcp_pair();
        pthread_t thread;
        int fd = digits(4 * BIG);
        check_ok(sock_settimeout(p.a, timeouts[i]));
        struct closing c = {p.a, thread_id()};
        check_int(pthread_create(&thread, NULL, close_when_blocked, &c), 0);
        check_fails(sock_sendfile(p.a, fd, 0, -1), SOCK_E_OS, EBADF,
                    "sendfile: [Errno 9] Bad file descriptor");
        size_t done = sock_last_error()->done;
        check_int(position(fd), done);
        check(done > 0);
        pthread_join(thread, NULL);
        close(fd);
        free_pair(&p);
    }
}

TEST(file, sendfile_is_interrupted)
{
    struct pair p = unix_pair(SOCK_STREAM);
    struct sigaction action = {.sa_handler = ignore};
    int asked = 0, fd = digits(BIG);
    sigaction(SIGALRM, &action, NULL);
    sock_set_interrupt(p.a, always, &asked);
    ualarm(50000, 0);
    check_fails(sock_sendfile(p.a, fd, 0, -1), SOCK_E_CANCELLED, 0,
                "sendfile: cancelled");
    check(asked > 0);
    check_int(position(fd), sock_last_error()->done);
    close(fd);
    free_pair(&p);
}

/* What sendfile(2) is made to do, under either of its names. */

#ifndef SYS_sendfile64
#define SYS_sendfile64 SYS_sendfile
#endif

static struct {
    size_t raises_after; /* part is sent, and the signal raised */
    sock_t *loosened;    /* loses its timeout as it begins */
} sending;

ssize_t __wrap_sendfile(int out, int in, int64_t *at, size_t size);
ssize_t __wrap_sendfile64(int out, int in, int64_t *at, size_t size);

ssize_t __wrap_sendfile64(int out, int in, int64_t *at, size_t size)
{
    if (sending.loosened != NULL)
        sock_settimeout(sending.loosened, SOCK_NO_TIMEOUT);
    if (sending.raises_after == 0)
        return syscall(SYS_sendfile64, out, in, at, size);
    ssize_t n = syscall(SYS_sendfile64, out, in, at, sending.raises_after);
    raise(SIGPIPE); /* as where the peer leaves while it sends */
    return n;
}

ssize_t __wrap_sendfile(int out, int in, int64_t *at, size_t size)
{
    return __wrap_sendfile64(out, in, at, size);
}

static bool is_pending(int number)
{
    sigset_t pending;
    sigpending(&pending);
    return sigismember(&pending, number) == 1;
}

TEST(file, sendfile_ends_well_though_a_signal_was_raised)
{
    struct pair p = unix_pair(SOCK_STREAM);
    sigset_t pipe;
    int fd = digits(100);

    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    signal(SIGPIPE, SIG_DFL);
    sending.raises_after = 30;
    check_int(sock_sendfile(p.a, fd, 0, 30), 30);
    check(!is_pending(SIGPIPE));
    check_int(sock_sendfile(p.a, fd, 0, SOCK_SENDFILE_TO_END), 100);
    check(!is_pending(SIGPIPE));
    pthread_sigmask(SIG_BLOCK, &pipe, NULL);
    check_int(sock_sendfile(p.a, fd, 0, 30), 30);
    check(!is_pending(SIGPIPE));
    raise(SIGPIPE); /* the program's own, which stays */
    check_int(sock_sendfile(p.a, fd, 0, 30), 30);
    check(is_pending(SIGPIPE));
    signal(SIGPIPE, SIG_IGN); /* so that it is gone */
    close(fd);
    free_pair(&p);
}

/* Another thread may take the timeout away at any moment; the call keeps it,
 * and the descriptor is then what the object says. */
TEST(file, sendfile_keeps_the_timeout_that_is_taken_away)
{
    struct pair p = unix_pair(SOCK_STREAM);
    int fd = digits(BIG);

    check_ok(sock_settimeout(p.a, 0.1));
    sending.loosened = p.a;
    double start = now();
    check_fails(sock_sendfile(p.a, fd, 0, -1), SOCK_E_TIMEOUT, 0,
                "sendfile: timed out");
    check(now() - start < 5);
    check(sock_gettimeout(p.a) == SOCK_NO_TIMEOUT);
    check(!is_nonblocking(sock_fileno(p.a)));
    sending.loosened = NULL;
    close(fd);
    free_pair(&p);
}

/* SPDX-License-Identifier: MIT */
/* What the library is asked to do while a call of it fails. */
#include "fault.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <pysockc/pysockc.h>

#include "object.h"
#include "private.h"
#include "record.h"

#define want(condition)                                                        \
    do {                                                                       \
        if (!(condition))                                                      \
            fault_complain("line %d: %s", __LINE__, #condition);               \
    } while (0)

enum { UNTOUCHED = 77 }; /* of errno, that success leaves alone */

struct result fault_result;

/* Ends what is interrupted for ever. */
static int interrupt(void *arg)
{
    (void)arg;
    return fault.injected >= 30 && strcmp(fault.now.call, "sigtimedwait") != 0;
}

static void arm(void)
{
    errno = UNTOUCHED;
    fault.armed = true;
}

/* The library's call is over. */
static bool settle(bool ok)
{
    int err = errno;
    const sock_error_t *e = sock_last_error();
    fault.armed = false;
    fault_result = (struct result){true, ok, err, e->kind, e->code, e->done};
    return ok;
}

/* For calls whose result is the errno. */
static bool settle_code(int code)
{
    int err = errno;
    settle(code == 0);
    if (code == -1) /* a failure like any other */
        return false;
    want(err == UNTOUCHED);
    fault_result.kind = code == 0 ? SOCK_E_NONE : SOCK_E_OS;
    fault_result.code = code;
    fault_result.err = code == 0 ? UNTOUCHED : code;
    return code == 0;
}

struct two {
    sock_t *a, *b;
};

static struct two unix_pair(int type)
{
    sock_t *pair[2] = {NULL, NULL};
    want(sock_socketpair(AF_UNIX, type, 0, pair) == 0);
    return (struct two){pair[0], pair[1]};
}

static sock_t *listener(sock_addr_t *address)
{
    sock_t *s = sock_create_server(sock_addr_inet("127.0.0.1", 0), 8, 0);
    want(s != NULL && sock_getsockname(s, address) == 0);
    return s;
}

/* Ends objects, which must still work. */
static void end(sock_t *s)
{
    if (s != NULL)
        want(sock_close(s) == 0);
    sock_free(s);
}

static void end_pair(struct two p)
{
    end(p.a);
    end(p.b);
}

static void hook(sock_t *s)
{
    sock_set_interrupt(s, interrupt, NULL);
}

/* Life cycle */

static void made(sock_t *s)
{
    settle(s != NULL);
    end(s);
}

static void new_(void)
{
    arm();
    made(sock_new(AF_INET, SOCK_STREAM, 0));
}

static void socketpair_(void)
{
    sock_t *pair[2] = {NULL, NULL};
    arm();
    int rc = sock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    if (!settle(rc == 0))
        want(pair[0] == NULL && pair[1] == NULL);
    end(pair[0]);
    end(pair[1]);
}

/* Of a descriptor that stays the caller's if it fails. */
static void descriptor(sock_t *(*take)(int fd), bool takes)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sock_setdefaulttimeout(1);
    arm();
    sock_t *s = take(fd);
    bool ok = settle(s != NULL);
    want(fcntl(fd, F_GETFD) >= 0);
    end(s);
    if (!ok || !takes)
        close(fd);
}

static sock_t *take_fromfd(int fd)
{
    return sock_fromfd(fd, AF_INET, SOCK_STREAM, 0);
}

static void fromfd(void)
{
    descriptor(take_fromfd, false);
}

static void adopt(void)
{
    descriptor(sock_adopt, true);
}

static sock_t *take_adopt_as(int fd)
{
    return sock_adopt_as(fd, AF_INET, SOCK_STREAM, 0);
}

static void adopt_as(void)
{
    descriptor(take_adopt_as, true);
}

static void dup_(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    sock_settimeout(p.a, 1);
    arm();
    made(sock_dup(p.a));
    end_pair(p);
}

static void dup_fd(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    arm();
    int fd = sock_dup_fd(sock_fileno(p.a));
    if (settle(fd >= 0))
        close(fd);
    end_pair(p);
}

static void close_(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    arm();
    settle(sock_close(p.a) == 0);
    want(sock_fileno(p.a) == -1);
    end_pair(p);
}

static void close_fd(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    arm();
    settle(sock_close_fd(fd) == 0);
}

static void free_(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    arm();
    sock_free(p.a);
    settle(true);
    end(p.b);
}

static void freep(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    arm();
    sock_freep(&p.a);
    settle(true);
    end(p.b);
}

static void get_inheritable(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    arm();
    int on = sock_get_inheritable(p.a);
    if (settle(on >= 0))
        want(on == 0);
    end_pair(p);
}

static void set_inheritable(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    arm();
    settle(sock_set_inheritable(p.a, 1) == 0);
    end_pair(p);
}

static void repr(void)
{
    sock_addr_t address;
    sock_t *s = listener(&address);
    char text[SOCK_REPR_MAX];
    arm();
    settle(sock_repr(s, text, sizeof text) > 0);
    want(strncmp(text, "<socket.socket fd=", 18) == 0);
    end(s);
}

/* Connecting */

static void bind_(void)
{
    sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);
    sock_addr_t address = sock_addr_inet("127.0.0.1", 0);
    arm();
    settle(sock_bind(s, address) == 0);
    end(s);
}

static void listen_(void)
{
    sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);
    arm();
    settle(sock_listen(s, 1) == 0);
    end(s);
}

static void accept_with(double timeout, int lent)
{
    sock_addr_t address, peer;
    sock_t *s = listener(&address), *c = sock_new(AF_INET, SOCK_STREAM, 0);
    want(sock_connect(c, address) == 0);
    sock_settimeout(s, timeout);
    hook(s);
    fault.lent = lent;
    arm();
    made(sock_accept(s, &peer));
    end(c);
    end(s);
}

static void accept_(void)
{
    accept_with(SOCK_NO_TIMEOUT, 0);
}

static void accept__waits(void)
{
    accept_with(SOCK_NO_TIMEOUT, 2);
}

static void accept__timeout(void)
{
    accept_with(0.03, 0);
}

static void accept__timeout_waits(void)
{
    accept_with(0.5, 2);
}

static void accept__non_blocking(void)
{
    accept_with(0, 0);
}

static void connect_with(double timeout)
{
    sock_addr_t address;
    sock_t *s = listener(&address), *c = sock_new(AF_INET, SOCK_STREAM, 0);
    sock_settimeout(c, timeout);
    hook(c);
    arm();
    settle(sock_connect(c, address) == 0);
    end(c);
    end(s);
}

static void connect_(void)
{
    connect_with(SOCK_NO_TIMEOUT);
}

static void connect_timeout(void)
{
    connect_with(0.5);
}

static void connect_non_blocking(void)
{
    sock_addr_t address;
    sock_t *s = listener(&address), *c = sock_new(AF_INET, SOCK_STREAM, 0);
    sock_settimeout(c, 0);
    arm();
    int code = sock_connect_ex(c, address);
    settle_code(code == EINPROGRESS && fault.injected == 0 ? 0 : code);
    end(c);
    end(s);
}

static void connect_ex(void)
{
    sock_addr_t address;
    sock_t *s = listener(&address), *c = sock_new(AF_INET, SOCK_STREAM, 0);
    sock_settimeout(c, 0.5);
    hook(c);
    arm();
    settle_code(sock_connect_ex(c, address));
    end(c);
    end(s);
}

static void connect_unix(void)
{
    sock_t *s = sock_new(AF_UNIX, SOCK_STREAM, 0);
    sock_t *c = sock_new(AF_UNIX, SOCK_STREAM, 0);
    sock_addr_t address;
    want(sock_bind(s, sock_addr_unix("")) == 0 && sock_listen(s, 1) == 0);
    want(sock_getsockname(s, &address) == 0);
    hook(c);
    arm();
    settle(sock_connect(c, address) == 0);
    end(c);
    end(s);
}

static void connect_shared(void)
{
    sock_addr_t address;
    sock_t *s = listener(&address), *c = sock_new(AF_INET, SOCK_STREAM, 0);
    sock_t *copy = sock_dup(c);
    arm();
    settle(sock_connect(c, address) == 0);
    end(copy);
    end(c);
    end(s);
}

static void shutdown_(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    arm();
    settle(sock_shutdown(p.a, SHUT_WR) == 0);
    end_pair(p);
}

static void getsockname_(void)
{
    sock_addr_t address;
    sock_t *s = listener(&address);
    arm();
    settle(sock_getsockname(s, &address) == 0);
    end(s);
}

static void getpeername_(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    sock_addr_t address;
    arm();
    settle(sock_getpeername(p.a, &address) == 0);
    end_pair(p);
}

/* Waits until the library's threads have ended, and so what they hold. */
static void await_threads(void)
{
    const struct timespec ms = {0, 1000000};
    int threads = 2;
    while (threads > 1) {
        DIR *d = opendir("/proc/self/task");
        threads = 0;
        while (d != NULL && readdir(d) != NULL)
            threads++;
        threads -= 2; /* . and .. */
        closedir(d);
        nanosleep(&ms, NULL);
    }
}

static void create_connection_with(const char *host, double timeout, bool all)
{
    sock_addr_t address, source = sock_addr_inet("127.0.0.1", 0);
    sock_error_list_t *errors = NULL;
    sock_t *s = listener(&address);
    int port = sock_addr_port(&address);
    sock_set_interrupt(NULL, interrupt, NULL);
    arm();
    sock_t *c = all ? sock_create_connection_errors(host, port, timeout, source,
                                                    &errors)
                    : sock_create_connection(host, port, timeout, source);
    made(c);
    want(c == NULL || errors == NULL);
    sock_error_list_free(errors);
    await_threads();
    end(s);
}

static void create_connection(void)
{
    create_connection_with("name.test", SOCK_NO_TIMEOUT, false);
}

static void create_connection_two(void)
{
    create_connection_with("two.test", SOCK_NO_TIMEOUT, false);
}

static void create_connection_timeout(void)
{
    create_connection_with("name.test", 0.5, false);
}

static void create_connection_errors(void)
{
    create_connection_with("name.test", 0.5, true);
}

static void connect_to_host(void)
{
    sock_addr_t address;
    sock_error_list_t *errors = NULL;
    sock_t *s = listener(&address);
    sock_connect_options_t o = {.size = sizeof o,
                                .nodelay = 1,
                                .source = sock_addr_inet("127.0.0.1", 0),
                                .errors = &errors};
    sock_set_interrupt(NULL, interrupt, NULL);
    arm();
    sock_t *c =
        sock_connect_to_host("name.test", sock_addr_port(&address), 0.5, &o);
    made(c);
    sock_error_list_free(errors);
    await_threads();
    end(s);
}

static void getaddrinfo_within(void)
{
    sock_set_interrupt(NULL, interrupt, NULL);
    arm();
    sock_addrinfo_t *list = sock_getaddrinfo_within("name.test", "80", AF_INET,
                                                    SOCK_STREAM, 0, 0, 0.5);
    settle(list != NULL);
    sock_addrinfo_free(list);
    await_threads();
}

/* What an attempt failed at, its function has said, and so the call says. */
static int connected(void *arg, size_t i, sock_t *s, const sock_error_t *error)
{
    (void)arg, (void)i;
    want((s == NULL) == (error != NULL));
    sock_free(s);
    return s != NULL ? 0 : -1;
}

static void connect_each_of(sock_addr_t to, sock_t *s, double timeout)
{
    sock_set_interrupt(NULL, interrupt, NULL);
    arm();
    settle(sock_connect_each(&to, 1, 0, timeout, connected, NULL) == 0);
    end(s);
}

static void connect_each(void)
{
    sock_addr_t address;
    sock_t *s = listener(&address);
    connect_each_of(address, s, 0.5);
}

/* IPv4 by AF_INET6 is not asked again, but waited for. */
static void connect_each_waits(void)
{
    sock_addr_t address;
    sock_t *s = listener(&address);
    connect_each_of(
        sock_addr_inet6("::ffff:127.0.0.1", sock_addr_port(&address)), s,
        SOCK_NO_TIMEOUT);
}

static void create_server(void)
{
    sock_addr_t address = sock_addr_inet6("::1", 0);
    arm();
    made(sock_create_server(address, 1, SOCK_SERVER_REUSE_PORT));
}

static void has_dualstack(void)
{
    arm();
    int has = sock_has_dualstack_ipv6();
    settle(true);
    bool asked = fault.injected == 0 || strcmp(fault.now.call, "close") == 0;
    want(has == asked);
}

/* Timeouts */

static void settimeout(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    arm();
    settle(sock_settimeout(p.a, 1) == 0);
    end_pair(p);
}

static void setblocking(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    arm();
    settle(sock_setblocking(p.a, 0) == 0);
    end_pair(p);
}

static void set_deadline(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    arm();
    settle(sock_set_deadline(p.a, 1) == 0);
    end_pair(p);
}

/* Tokens */

static void cancel_new(void)
{
    arm();
    sock_cancel_t *token = sock_cancel_new();
    settle(token != NULL);
    sock_cancel_free(token);
}

static void cancel_free(void)
{
    sock_cancel_t *token = sock_cancel_new();
    arm();
    sock_cancel_free(token);
    settle(true);
}

static void cancel_fire(void)
{
    sock_cancel_t *token = sock_cancel_new();
    arm();
    settle(sock_cancel_fire(token) == 0);
    want(sock_cancel_fired(token) == 1);
    sock_cancel_free(token);
}

static void cancel_reset(void)
{
    sock_cancel_t *token = sock_cancel_new();
    want(sock_cancel_fire(token) == 0);
    arm();
    settle(sock_cancel_reset(token) == 0);
    want(sock_cancel_fired(token) == 0);
    sock_cancel_free(token);
}

static void set_cancel(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    sock_cancel_t *token = sock_cancel_new();
    arm();
    settle(sock_set_cancel(p.a, token) == 0);
    sock_cancel_free(token);
    end_pair(p);
}

/* A call that waits for the token, too. */
static void set_cancel_waits(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    sock_cancel_t *token = sock_cancel_new();
    char c;
    want(sock_set_cancel(p.a, token) == 0 && sock_send(p.b, "x", 1, 0) == 1);
    hook(p.a);
    fault.lent = 2;
    arm();
    settle(sock_recv(p.a, &c, 1, 0) == 1);
    sock_cancel_free(token);
    end_pair(p);
}

static void makefile_cancel(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    sock_cancel_t *token = sock_cancel_new();
    want(sock_set_cancel(p.a, token) == 0);
    arm();
    FILE *f = sock_makefile(p.a, "r");
    if (settle(f != NULL))
        want(fclose(f) == 0);
    sock_cancel_free(token);
    end_pair(p);
}

static void wait_(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    hook(p.a);
    arm();
    int events = sock_wait(p.a, SOCK_EVENT_WRITE, 0.5);
    if (settle(events >= 0))
        want(events == SOCK_EVENT_WRITE);
    end_pair(p);
}

/* Transfer */

enum what { RECV, RECVFROM, RECV_ALL, RECV_UNTIL, SEND, SENDALL };

static ssize_t move(enum what what, sock_t *s, char *buf)
{
    sock_addr_t from;
    switch (what) {
    case RECV:
        return sock_recv(s, buf, 6, 0);
    case RECVFROM:
        return sock_recvfrom(s, buf, 6, 0, &from);
    case RECV_ALL:
        return sock_recv_all(s, buf, 6);
    case RECV_UNTIL:
        return sock_recv_until(s, buf, 16, '.');
    case SEND:
        return sock_send(s, "abcde.", 6, 0);
    default:
        return sock_sendall(s, "abcde.", 6, 0) == 0 ? 6 : -1;
    }
}

/* What has arrived, in however many parts; -1 if nothing. */
static ssize_t arrived(sock_t *s, char *buf, size_t size)
{
    size_t done = 0;
    ssize_t n = 1;
    while (n > 0 && done < size) {
        n = recv(sock_fileno(s), buf + done, size - done, MSG_DONTWAIT);
        done += n > 0 ? (size_t)n : 0;
    }
    return done > 0 ? (ssize_t)done : -1;
}

static void transfer(enum what what, double timeout, int lent)
{
    struct two p = unix_pair(SOCK_STREAM);
    bool sends = what == SEND || what == SENDALL;
    bool whole = what != RECV && what != RECVFROM && what != SEND;
    char buf[16] = "";

    if (!sends)
        want(sock_send(p.b, "abcde.", 6, 0) == 6);
    sock_settimeout(p.a, timeout);
    hook(p.a);
    fault.lent = lent;
    arm();
    ssize_t n = move(what, p.a, buf);
    bool ok = settle(n >= 0);
    size_t done = ok ? (size_t)n : whole ? fault_result.done : 0;
    if (ok) {
        want(n > 0 && n <= 6);
        want(n == 6 || (!whole && fault.now.mode == FAULT_SHORT));
    }
    if (sends)
        want(arrived(p.b, buf, sizeof buf) == (done > 0 ? (ssize_t)done : -1));
    want(memcmp(buf, "abcde.", done) == 0);
    if (!sends && done < 6) /* and the rest is still there */
        want(arrived(p.a, buf + done, sizeof buf - done) ==
             (ssize_t)(6 - done));
    end_pair(p);
}

#define TRANSFER(name, what, timeout, lent)                                    \
    static void name(void)                                                     \
    {                                                                          \
        transfer(what, timeout, lent);                                         \
    }

#define TRANSFERS(name, what)                                                  \
    TRANSFER(name, what, SOCK_NO_TIMEOUT, 0)                                   \
    TRANSFER(name##_waits, what, SOCK_NO_TIMEOUT, 2)                           \
    TRANSFER(name##_timeout, what, 0.03, 0)                                    \
    TRANSFER(name##_timeout_waits, what, 0.5, 2)                               \
    TRANSFER(name##_non_blocking, what, 0, 0)

TRANSFERS(recv_, RECV)
TRANSFERS(recvfrom_, RECVFROM)
TRANSFERS(recv_all, RECV_ALL)
TRANSFERS(recv_until, RECV_UNTIL)
TRANSFERS(send_, SEND)
TRANSFERS(sendall, SENDALL)

static void sendto_(void)
{
    sock_t *s = sock_new(AF_INET, SOCK_DGRAM, 0);
    sock_t *r = sock_new(AF_INET, SOCK_DGRAM, 0);
    sock_addr_t to;
    want(sock_bind(r, sock_addr_inet("127.0.0.1", 0)) == 0);
    want(sock_getsockname(r, &to) == 0);
    hook(s);
    arm();
    ssize_t n = sock_sendto(s, "abcdef", 6, 0, to);
    if (settle(n >= 0))
        want(n == 6 || fault.now.mode == FAULT_SHORT);
    end(s);
    end(r);
}

/* Messages */

static void sendmsg_with(double timeout)
{
    struct two p = unix_pair(SOCK_STREAM);
    char text[] = "abcdef";
    struct iovec buf = {text, 6};
    sock_settimeout(p.a, timeout);
    hook(p.a);
    arm();
    ssize_t n = sock_sendmsg(p.a, &buf, 1, NULL, 0, sock_addr_none());
    bool ok = settle(n >= 0);
    want(arrived(p.b, text, sizeof text) == (ok ? n : -1));
    end_pair(p);
}

static void sendmsg_(void)
{
    sendmsg_with(SOCK_NO_TIMEOUT);
}

static void sendmsg_timeout(void)
{
    sendmsg_with(0.03);
}

static void recvmsg_with(double timeout)
{
    struct two p = unix_pair(SOCK_STREAM);
    char text[8] = "";
    struct iovec buf = {text, sizeof text};
    sock_addr_t from;
    int flags;
    want(sock_send(p.b, "abcdef", 6, 0) == 6);
    sock_settimeout(p.a, timeout);
    hook(p.a);
    arm();
    ssize_t n = sock_recvmsg(p.a, &buf, 1, NULL, 0, &flags, &from);
    if (settle(n >= 0))
        want(n > 0 && memcmp(text, "abcdef", (size_t)n) == 0);
    end_pair(p);
}

static void recvmsg_(void)
{
    recvmsg_with(SOCK_NO_TIMEOUT);
}

static void recvmsg_timeout(void)
{
    recvmsg_with(0.03);
}

static void send_fds(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    int fds[] = {sock_fileno(p.a)}, got[2];
    char byte = 'x';
    struct iovec buf = {&byte, 1};
    size_t n = 0;
    hook(p.a);
    arm();
    ssize_t sent = sock_send_fds(p.a, &buf, 1, fds, 1, 0, sock_addr_none());
    if (settle(sent >= 0)) {
        want(sock_recv_fds(p.b, &byte, 1, got, 2, &n, 0, NULL, NULL) == 1);
        want(n == 1);
        close(got[0]);
    }
    end_pair(p);
}

/* Two come where there is room for `room`. */
static void recv_fds_with(size_t room)
{
    struct two p = unix_pair(SOCK_STREAM);
    int fds[] = {sock_fileno(p.a), sock_fileno(p.b)}, got[2];
    char byte = 'x';
    struct iovec buf = {&byte, 1};
    size_t n = 7;
    want(sock_send_fds(p.b, &buf, 1, fds, 2, 0, sock_addr_none()) == 1);
    hook(p.a);
    arm();
    ssize_t came = sock_recv_fds(p.a, &byte, 1, got, room, &n, 0, NULL, NULL);
    if (settle(came >= 0))
        want(n == room);
    else
        want(n == 0);
    for (size_t i = 0; i < n; i++)
        close(got[i]);
    end_pair(p);
}

static void recv_fds(void)
{
    recv_fds_with(2);
}

static void recv_fds_cut(void)
{
    recv_fds_with(1);
}

static void peercred(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    sock_cred_t cred;
    arm();
    settle(sock_peercred(p.a, &cred) == 0);
    end_pair(p);
}

/* Files */

static void makefile(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    sock_settimeout(p.a, 0.5);
    arm();
    FILE *f = sock_makefile(p.a, "r");
    if (settle(f != NULL))
        want(fclose(f) == 0);
    end_pair(p);
}

static void read_file(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    char buf[8] = "";
    hook(p.a);
    FILE *f = sock_makefile(p.a, "r");
    want(f != NULL && sock_send(p.b, "abcdef", 6, 0) == 6);
    arm();
    size_t n = fread(buf, 1, 6, f);
    settle(n == 6);
    want(memcmp(buf, "abcdef", n) == 0);
    want(fclose(f) == 0);
    end_pair(p);
}

static void write_file(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    char buf[8] = "";
    hook(p.a);
    FILE *f = sock_makefile(p.a, "w");
    want(f != NULL && fwrite("abcdef", 1, 6, f) == 6);
    arm();
    bool ok = settle(fclose(f) == 0);
    if (ok)
        want(arrived(p.b, buf, sizeof buf) == 6);
    end_pair(p);
}

enum { FILE_SIZE = 20000 };

static int file_of(bool piped)
{
    char bytes[FILE_SIZE];
    char name[] = "/tmp/fault-XXXXXX";
    int fds[2];
    memset(bytes, 'f', sizeof bytes);
    if (!piped) {
        fds[0] = mkstemp(name);
        want(write(fds[0], bytes, sizeof bytes) == sizeof bytes);
        unlink(name);
        lseek(fds[0], 0, SEEK_SET);
        return fds[0];
    }
    want(pipe(fds) == 0);
    want(write(fds[1], bytes, sizeof bytes) == sizeof bytes);
    close(fds[1]);
    return fds[0];
}

static void sendfile_with(bool piped, bool shared, double timeout)
{
    struct two p = unix_pair(SOCK_STREAM);
    char got[FILE_SIZE + 1];
    int fd = file_of(piped);
    sock_settimeout(p.a, timeout);
    sock_t *copy = shared ? sock_dup(p.a) : NULL;
    hook(p.a);
    arm();
    int64_t n = sock_sendfile(p.a, fd, 0, SOCK_SENDFILE_TO_END);
    bool ok = settle(n >= 0);
    int64_t done = ok ? n : (int64_t)fault_result.done;
    int64_t came = 0;
    for (ssize_t k; (k = arrived(p.b, got, sizeof got)) > 0;)
        came += k;
    want(came == done);
    want(!ok || n == FILE_SIZE);
    close(fd);
    end(copy);
    end_pair(p);
}

static void sendfile_(void)
{
    sendfile_with(false, false, SOCK_NO_TIMEOUT);
}

static void sendfile_timeout(void)
{
    sendfile_with(false, false, 0.03);
}

static void sendfile_copies(void)
{
    sendfile_with(false, true, 0.03);
}

static void sendfile_pipe(void)
{
    sendfile_with(true, false, SOCK_NO_TIMEOUT);
}

/* Options */

static void getsockopt_(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    int value;
    arm();
    settle(sock_getsockopt_int(p.a, SOL_SOCKET, SO_TYPE, &value) == 0);
    end_pair(p);
}

static void setsockopt_(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    arm();
    settle(sock_setsockopt_int(p.a, SOL_SOCKET, SO_KEEPALIVE, 1) == 0);
    end_pair(p);
}

static void getsockopt_bytes(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    struct linger value;
    arm();
    settle(sock_getsockopt(p.a, SOL_SOCKET, SO_LINGER, &value, sizeof value) ==
           sizeof value);
    end_pair(p);
}

static void setsockopt_bytes(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    struct linger value = {0, 0};
    arm();
    settle(sock_setsockopt(p.a, SOL_SOCKET, SO_LINGER, &value, sizeof value) ==
           0);
    end_pair(p);
}

/* Look-ups */

static void addr_parse(void)
{
    arm();
    sock_addr_t a = sock_addr_parse("name.test:80", 1);
    settle(sock_addr_ok(&a));
}

static void addr_for(void)
{
    sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);
    arm();
    sock_addr_t a = sock_addr_for(s, "name.test", 80);
    settle(sock_addr_ok(&a));
    end(s);
}

static void addr_can_isotp(void)
{
    arm();
    sock_addr_t a = sock_addr_can_isotp("lo", 1, 2);
    settle(sock_addr_ok(&a));
}

static void addr_can_j1939(void)
{
    arm();
    sock_addr_t a = sock_addr_can_j1939("lo", 1, 2, 3);
    settle(sock_addr_ok(&a));
}

/* An interface whose name can't be found has none. */
static void addr_repr(void)
{
    sock_addr_t a = sock_addr_packet("lo", 3, 0, 0, NULL, 0);
    char text[SOCK_ADDR_TEXT_MAX];
    arm();
    settle(sock_addr_repr(&a, text, sizeof text) > 0);
}

static void addr_get_packet(void)
{
    sock_addr_t a = sock_addr_packet("lo", 3, 0, 0, NULL, 0);
    sock_packet_t parts;
    arm();
    settle(sock_addr_get_packet(&a, &parts) == 0);
}

static void addr_get_can(void)
{
    sock_addr_t a = sock_addr_can("lo");
    sock_can_t parts;
    arm();
    settle(sock_addr_get_can(&a, &parts) == 0);
}

static void addr_format(void)
{
    sock_addr_t a = sock_addr_inet6_scoped("fe80::1", 1, 0, 1);
    char text[SOCK_ADDR_TEXT_MAX];
    arm();
    settle(sock_addr_format(&a, text, sizeof text) > 0);
}

/* On a socket of a family that passes over what is the kernel's cryptography's.
 */
static void control_close_fds(void)
{
    char room[64];
    sock_control_t control = sock_control_in(room, sizeof room);
    int fds[2] = {socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0),
                  socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    want(sock_control_add(&control, SOL_SOCKET, SCM_RIGHTS, fds, sizeof fds) ==
         0);
    arm();
    sock_control_close_fds(&control);
    settle(true);
}

/* On a family that passes over items for the kernel's cryptography. */
static void sendmsg_afalg(void)
{
    sock_addr_t a;
    sock_t *server = listener(&a), *s = sock_new(AF_INET, SOCK_STREAM, 0);
    char byte = 'x';
    struct iovec buf = {&byte, 1};
    want(s != NULL && sock_connect(s, a) == 0);
    s->family = AF_ALG;
    sock_set_interrupt(s, interrupt, NULL);
    arm();
    settle(sock_sendmsg_afalg(s, &buf, 1, 0, "iv", 2, -1, 0) == 1);
    end(s);
    end(server);
}

static void addr_inet(void)
{
    arm();
    sock_addr_t a = sock_addr_inet("name.test", 80);
    settle(sock_addr_ok(&a));
}

static void addr_numeric(void)
{
    arm();
    sock_addr_t a = sock_addr_numeric(AF_INET, "127.1", 80);
    settle(sock_addr_ok(&a));
}

static void addr_packet(void)
{
    arm();
    sock_addr_t a = sock_addr_packet("lo", 3, 0, 0, NULL, 0);
    settle(sock_addr_ok(&a));
}

static void addr_can(void)
{
    arm();
    sock_addr_t a = sock_addr_can("lo");
    settle(sock_addr_ok(&a));
}

static void setsockopt_null(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    arm(); /* which the system refuses by itself, where it is asked */
    bool ok = sock_setsockopt_null(p.a, SOL_SOCKET, SO_KEEPALIVE, 0) == 0;
    settle(ok || (fault.injected == 0 && errno == EINVAL));
    if (fault.injected == 0) {
        fault_result.err = UNTOUCHED;
        fault_result.kind = SOCK_E_NONE;
    }
    end_pair(p);
}

static void addr_host_scope(void)
{
    sock_addr_t a = sock_addr_inet6_scoped("fe80::1", 1, 0, 1);
    char text[SOCK_ADDR_HOST_MAX];
    arm();
    settle(sock_addr_host(&a, text, sizeof text) > 0);
}

static void gethostname_(void)
{
    char name[256];
    arm();
    settle(sock_gethostname(name, sizeof name) >= 0);
}

static void sethostname_(void)
{
    arm();
    settle(sock_sethostname("name") == 0);
}

static void gethostbyname_(void)
{
    char text[64];
    arm();
    settle(sock_gethostbyname("name.test", text, sizeof text) > 0);
}

static void gethostbyname_ex(void)
{
    arm();
    sock_hostent_t *h = sock_gethostbyname_ex("name.test");
    settle(h != NULL);
    sock_hostent_free(h);
}

static void gethostbyaddr_(void)
{
    arm();
    sock_hostent_t *h = sock_gethostbyaddr("127.0.0.1");
    settle(h != NULL);
    sock_hostent_free(h);
}

static void getfqdn(void)
{
    char text[256];
    arm();
    settle(sock_getfqdn("", text, sizeof text) >= 0);
}

static void getservbyname_(void)
{
    arm();
    settle(sock_getservbyname("http", "tcp") >= 0);
}

static void getservbyport_(void)
{
    char text[32];
    arm();
    settle(sock_getservbyport(80, "tcp", text, sizeof text) >= 0);
}

static void getprotobyname_(void)
{
    arm();
    settle(sock_getprotobyname("tcp") >= 0);
}

static void getaddrinfo_(void)
{
    arm();
    sock_addrinfo_t *list = sock_getaddrinfo("two.test", "80", 0, 0, 0, 0);
    settle(list != NULL);
    sock_addrinfo_free(list);
}

static void getnameinfo_(void)
{
    sock_addr_t a = sock_addr_inet("127.0.0.1", 80);
    char host[64], port[32];
    arm();
    settle(sock_getnameinfo(a, 0, host, sizeof host, port, sizeof port) == 0);
}

static void if_nameindex_(void)
{
    arm();
    sock_if_list_t *list = sock_if_nameindex();
    settle(list != NULL);
    sock_if_list_free(list);
}

static void if_nametoindex_(void)
{
    arm();
    settle(sock_if_nametoindex("lo") > 0);
}

static void if_indextoname_(void)
{
    char name[SOCK_IF_NAME_MAX];
    arm();
    settle(sock_if_indextoname(1, name, sizeof name) > 0);
}

/* Many at once */

/* With `n` objects, of which the first is ready and the rest is not. */
static void select_with(size_t n, double timeout, bool ready)
{
    static sock_t *list[101];
    struct two p = unix_pair(SOCK_STREAM);
    for (size_t i = 0; i < n; i++)
        list[i] = i == 0 && ready ? p.a : p.b;
    list[n] = NULL;
    want(sock_send(p.b, "x", 1, 0) == 1);
    sock_set_interrupt(NULL, interrupt, NULL);
    arm();
    int found = sock_select(list, NULL, NULL, timeout);
    if (settle(found >= 0))
        want(found == ready && list[ready] == NULL);
    else
        want(list[n - 1] == p.b && list[n] == NULL);
    end_pair(p);
}

static void select_few(void)
{
    select_with(2, SOCK_NO_TIMEOUT, true);
}

static void select_many(void)
{
    select_with(100, 5, true);
}

static void select_timeout(void)
{
    select_with(2, 0.001, false);
}

static sock_selector_t *selector(int kind)
{
    sock_selector_t *sel = sock_selector_new(kind);
    want(sel != NULL);
    sock_set_interrupt(NULL, interrupt, NULL);
    return sel;
}

enum { READ = SOCK_EVENT_READ, WRITE = SOCK_EVENT_WRITE };

/* No whole milliseconds, which another call would wait for. */
static const double long_enough = 5.0000005;

/* What a scenario of a selector begins with, and how it ends: both objects, the
 * first registered, and the selector still work. */
struct selecting {
    sock_selector_t *sel;
    struct two p;
};

static int registered; /* which data points at */

static struct selecting selecting(int kind)
{
    struct selecting x = {selector(kind), unix_pair(SOCK_STREAM)};
    want(sock_selector_register(x.sel, x.p.a, READ, &registered) == 0);
    return x;
}

static void found_is(sock_selector_t *sel, const sock_t *s, int mask)
{
    sock_key_t key;
    want(sock_selector_next(sel, &key) == 1);
    want(key.sock == s && key.mask == mask);
    want(sock_selector_next(sel, &key) == 0);
}

static void end_selecting(const struct selecting *x, bool has)
{
    if (has) {
        want(sock_send(x->p.b, "x", 1, 0) == 1);
        want(sock_selector_select(x->sel, 5) == 1);
        found_is(x->sel, x->p.a, READ);
    }
    want(sock_selector_len(x->sel) == has);
    want(sock_selector_select(x->sel, 0) == has);
    end_pair(x->p);
    want(sock_selector_len(x->sel) == 0);
    sock_selector_free(x->sel);
}

#define FOR_BOTH_KINDS(name)                                                   \
    static void name(int kind);                                                \
    static void name##_epoll(void)                                             \
    {                                                                          \
        name(SOCK_SELECTOR_EPOLL);                                             \
    }                                                                          \
    static void name##_poll(void)                                              \
    {                                                                          \
        name(SOCK_SELECTOR_POLL);                                              \
    }                                                                          \
    static void name(int kind)

FOR_BOTH_KINDS(selector_new)
{
    arm();
    sock_selector_t *sel = sock_selector_new(kind);
    settle(sel != NULL);
    sock_selector_free(sel);
}

FOR_BOTH_KINDS(selector_free)
{
    struct two p = unix_pair(SOCK_STREAM);
    sock_selector_t *sel = selector(kind);
    want(sock_selector_register(sel, p.a, READ, NULL) == 0);
    arm();
    sock_selector_free(sel);
    settle(true);
    end_pair(p);
}

FOR_BOTH_KINDS(selector_register)
{
    struct two p = unix_pair(SOCK_STREAM);
    struct selecting x = {selector(kind), p};
    arm();
    int rc = sock_selector_register(x.sel, p.a, READ, NULL);
    if (!settle(rc == 0)) {
        want(sock_selector_len(x.sel) == 0);
        want(sock_selector_register(x.sel, p.a, READ, NULL) == 0);
    }
    end_selecting(&x, true);
}

FOR_BOTH_KINDS(selector_register_fd)
{
    struct two p = unix_pair(SOCK_STREAM);
    struct selecting x = {selector(kind), p};
    int fd = sock_fileno(p.b);
    arm();
    int rc = sock_selector_register_fd(x.sel, fd, READ, NULL);
    if (!settle(rc == 0)) {
        want(sock_selector_len(x.sel) == 0);
        want(sock_selector_register_fd(x.sel, fd, READ, NULL) == 0);
    }
    want(sock_selector_unregister_fd(x.sel, fd) == 0);
    want(sock_selector_register(x.sel, p.a, READ, NULL) == 0);
    end_selecting(&x, true);
}

/* A protocol on top that always has bytes inside. */
static int has_bytes(sock_t *s, int fd, int asked, short *events)
{
    (void)s, (void)fd, (void)events;
    return asked;
}

static const struct sock__ops on_top = {.ready = has_bytes};

static void select_inside(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    sock_t *list[] = {p.a, NULL};
    sock__set_ops(p.a, &on_top, NULL);
    sock_set_interrupt(NULL, interrupt, NULL);
    arm();
    settle(sock_select(list, NULL, NULL, 5) == 1);
    want(list[0] == p.a);
    end_pair(p);
}

FOR_BOTH_KINDS(selector_register_inside)
{
    struct selecting x = {selector(kind), unix_pair(SOCK_STREAM)};
    sock__set_ops(x.p.a, &on_top, NULL);
    arm();
    int rc = sock_selector_register(x.sel, x.p.a, READ, NULL);
    if (!settle(rc == 0))
        want(sock_selector_register(x.sel, x.p.a, READ, NULL) == 0);
    end_selecting(&x, true);
}

FOR_BOTH_KINDS(selector_select_inside)
{
    struct selecting x = {selector(kind), unix_pair(SOCK_STREAM)};
    sock__set_ops(x.p.a, &on_top, NULL);
    want(sock_selector_register(x.sel, x.p.a, READ, NULL) == 0);
    arm();
    int n = sock_selector_select(x.sel, long_enough);
    if (settle(n >= 0))
        found_is(x.sel, x.p.a, READ);
    end_selecting(&x, true);
}

/* What fails leaves the registration as it was. */
FOR_BOTH_KINDS(selector_modify)
{
    struct selecting x = selecting(kind);
    sock_key_t key;
    arm();
    int rc = sock_selector_modify(x.sel, x.p.a, READ | WRITE, &x);
    bool ok = settle(rc == 0);
    want(sock_selector_get_key(x.sel, x.p.a, &key) == 0);
    want(key.events == (ok ? READ | WRITE : READ));
    want(key.data == (ok ? (void *)&x : (void *)&registered));
    want(sock_selector_select(x.sel, 0) == ok);
    want(sock_selector_modify(x.sel, x.p.a, READ, NULL) == 0);
    end_selecting(&x, true);
}

FOR_BOTH_KINDS(selector_modify_fd)
{
    struct selecting x = selecting(kind);
    int fd = sock_fileno(x.p.b);
    want(sock_selector_register_fd(x.sel, fd, READ, NULL) == 0);
    arm();
    int rc = sock_selector_modify_fd(x.sel, fd, WRITE, NULL);
    bool ok = settle(rc == 0);
    want(sock_selector_select(x.sel, 0) == ok);
    want(sock_selector_unregister_fd(x.sel, fd) == 0);
    end_selecting(&x, true);
}

FOR_BOTH_KINDS(selector_unregister)
{
    struct selecting x = selecting(kind);
    arm();
    settle(sock_selector_unregister(x.sel, x.p.a) == 0);
    end_selecting(&x, false);
}

FOR_BOTH_KINDS(selector_unregister_fd)
{
    struct selecting x = selecting(kind);
    int fd = sock_fileno(x.p.b);
    want(sock_selector_register_fd(x.sel, fd, WRITE, NULL) == 0);
    arm();
    settle(sock_selector_unregister_fd(x.sel, fd) == 0);
    end_selecting(&x, true);
}

FOR_BOTH_KINDS(selector_close_registered)
{
    struct selecting x = selecting(kind);
    arm();
    settle(sock_close(x.p.a) == 0);
    want(sock_selector_select(x.sel, 0) == 0);
    want(sock_selector_unregister(x.sel, x.p.a) == 0);
    end_selecting(&x, false);
}

FOR_BOTH_KINDS(selector_free_registered)
{
    struct selecting x = selecting(kind);
    arm();
    sock_free(x.p.a);
    settle(true);
    x.p.a = NULL;
    end_selecting(&x, false);
}

FOR_BOTH_KINDS(selector_detach_registered)
{
    struct selecting x = selecting(kind);
    arm();
    int fd = sock_detach(x.p.a);
    settle(fd >= 0);
    close(fd);
    end(x.p.a);
    x.p.a = NULL;
    end_selecting(&x, false);
}

static void selector_select_with(int kind, double timeout, bool ready)
{
    struct selecting x = selecting(kind);
    if (ready)
        want(sock_send(x.p.b, "x", 1, 0) == 1);
    arm();
    int n = sock_selector_select(x.sel, timeout);
    if (settle(n >= 0))
        want(n == ready);
    if (n == 1)
        found_is(x.sel, x.p.a, READ);
    end_selecting(&x, true);
}

FOR_BOTH_KINDS(selector_select)
{
    selector_select_with(kind, long_enough, true);
}

FOR_BOTH_KINDS(selector_select_for_ever)
{
    selector_select_with(kind, SOCK_NO_TIMEOUT, true);
}

FOR_BOTH_KINDS(selector_select_now)
{
    selector_select_with(kind, 0, false);
}

FOR_BOTH_KINDS(selector_wakeup)
{
    struct selecting x = selecting(kind);
    arm();
    settle(sock_selector_wakeup(x.sel) == 0);
    want(sock_selector_select(x.sel, 0.001) == 0);
    end_selecting(&x, true);
}

FOR_BOTH_KINDS(selector_woken)
{
    struct selecting x = selecting(kind);
    want(sock_selector_wakeup(x.sel) == 0);
    arm();
    settle(sock_selector_select(x.sel, long_enough) == 0);
    end_selecting(&x, true);
}

#define ROWS(name, text)                                                       \
    {text, name, 0}, {text "_waits", name##_waits, 0},                         \
        {text "_timeout", name##_timeout, WITH_TIMEOUT},                       \
        {text "_timeout_waits", name##_timeout_waits, WITH_TIMEOUT},           \
    {                                                                          \
        text "_non_blocking", name##_non_blocking, NON_BLOCKING                \
    }

#define BOTH(name)                                                             \
    {#name "_epoll", name##_epoll, 0},                                         \
    {                                                                          \
#name "_poll", name##_poll, 0                                          \
    }

/* The loop */

static int loop_calls;

static void count_call(sock_loop_t *loop, void *arg)
{
    (void)loop, (void)arg;
    loop_calls++;
}

static sock_loop_t *new_loop(void)
{
    sock_loop_t *loop = sock_loop_new();
    want(loop != NULL);
    loop_calls = 0;
    sock_set_interrupt(NULL, interrupt, NULL);
    return loop;
}

/* It still calls so many, and one more. */
static void end_loop(sock_loop_t *loop, int calls)
{
    want(sock_loop_call_soon(loop, count_call, NULL) == 0);
    want(sock_loop_run_once(loop, 0) == calls + 1);
    sock_loop_free(loop);
}

static void loop_new(void)
{
    arm();
    sock_loop_t *loop = sock_loop_new();
    if (settle(loop != NULL))
        end_loop(loop, 0);
}

static void loop_free(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    sock_loop_t *loop = new_loop();
    want(sock_loop_call_later(loop, 1000, count_call, NULL).generation != 0);
    want(sock_loop_post(loop, count_call, NULL) == 0);
    want(sock_loop_add_reader(loop, p.a, count_call, NULL) == 0);
    want(sock_loop_add_signal_handler(loop, SIGUSR1, count_call, NULL) == 0);
    arm();
    sock_loop_free(loop);
    settle(true);
    end_pair(p);
}

static void loop_call_later(void)
{
    sock_loop_t *loop = new_loop();
    arm();
    bool ok =
        settle(sock_loop_call_later(loop, 0, count_call, NULL).generation != 0);
    end_loop(loop, ok);
}

static void loop_call_at(void)
{
    sock_loop_t *loop = new_loop();
    arm();
    bool ok =
        settle(sock_loop_call_at(loop, 0, count_call, NULL).generation != 0);
    end_loop(loop, ok);
}

static void loop_call_soon(void)
{
    sock_loop_t *loop = new_loop();
    arm();
    bool ok = settle(sock_loop_call_soon(loop, count_call, NULL) == 0);
    end_loop(loop, ok);
}

static void loop_post(void)
{
    sock_loop_t *loop = new_loop();
    arm();
    bool ok = settle(sock_loop_post(loop, count_call, NULL) == 0);
    end_loop(loop, ok);
}

static void loop_run(void)
{
    sock_loop_t *loop = new_loop();
    /* late enough to be waited for, however busy the machine is */
    want(sock_loop_call_later(loop, 0.05, count_call, NULL).generation != 0);
    arm();
    if (settle(sock_loop_run(loop, 5) == 0))
        want(loop_calls == 1);
    want(sock_loop_run(loop, 5) == 0);
    want(loop_calls == 1);
    end_loop(loop, 0);
}

/* What has been called is told by a later call. */
static void loop_run_once(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    sock_loop_t *loop = new_loop();
    want(sock_send(p.b, "x", 1, 0) == 1);
    want(sock_loop_add_reader(loop, p.a, count_call, NULL) == 0);
    arm();
    settle(sock_loop_run_once(loop, 5) == 1);
    end_loop(loop, 1);
    end_pair(p);
}

static void stop_loop(sock_loop_t *loop, void *arg)
{
    (void)arg;
    loop_calls++;
    want(sock_loop_stop(loop) == 0);
}

static void loop_stop(void)
{
    sock_loop_t *loop = new_loop();
    want(sock_loop_call_soon(loop, stop_loop, NULL) == 0);
    want(sock_loop_call_later(loop, 1000, count_call, NULL).generation != 0);
    arm();
    settle(sock_loop_run(loop, SOCK_NO_TIMEOUT) == 1);
    want(loop_calls == 1);
    end_loop(loop, 0);
}

static void loop_add_signal_handler(void)
{
    sock_loop_t *loop = new_loop();
    signal(SIGUSR1, SIG_IGN);
    arm();
    bool ok = settle(
        sock_loop_add_signal_handler(loop, SIGUSR1, count_call, NULL) == 0);
    raise(SIGUSR1);
    end_loop(loop, ok);
    want(signal(SIGUSR1, SIG_DFL) == SIG_IGN);
}

static void loop_remove_signal_handler(void)
{
    sock_loop_t *loop = new_loop();
    signal(SIGUSR1, SIG_IGN);
    want(sock_loop_add_signal_handler(loop, SIGUSR1, count_call, NULL) == 0);
    arm();
    settle(sock_loop_remove_signal_handler(loop, SIGUSR1) == 1);
    raise(SIGUSR1);
    end_loop(loop, 0);
}

static void loop_add_reader(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    sock_loop_t *loop = new_loop();
    want(sock_send(p.b, "x", 1, 0) == 1);
    arm();
    bool ok = settle(sock_loop_add_reader(loop, p.a, count_call, NULL) == 0);
    want(sock_selector_len(sock_loop_selector(loop)) == ok);
    end_loop(loop, ok);
    end_pair(p);
}

static void loop_remove_reader(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    sock_loop_t *loop = new_loop();
    want(sock_send(p.b, "x", 1, 0) == 1);
    want(sock_loop_add_reader(loop, p.a, count_call, NULL) == 0);
    arm();
    settle(sock_loop_remove_reader(loop, p.a) == 1);
    end_loop(loop, 0);
    end_pair(p);
}

/* Beside a reader, which is left as it was. */
static void loop_add_writer(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    sock_loop_t *loop = new_loop();
    want(sock_loop_add_reader(loop, p.a, count_call, NULL) == 0);
    arm();
    bool ok = settle(sock_loop_add_writer(loop, p.a, count_call, NULL) == 0);
    want(sock_loop_remove_reader(loop, p.a) == 1);
    end_loop(loop, ok);
    end_pair(p);
}

static void loop_remove_writer(void)
{
    struct two p = unix_pair(SOCK_STREAM);
    sock_loop_t *loop = new_loop();
    want(sock_loop_add_reader(loop, p.a, count_call, NULL) == 0);
    want(sock_loop_add_writer(loop, p.a, count_call, NULL) == 0);
    arm();
    bool ok = settle(sock_loop_remove_writer(loop, p.a) == 1);
    end_loop(loop, !ok);
    end_pair(p);
}

static void count_answer(sock_loop_t *loop, sock_addrinfo_t *list,
                         const sock_error_t *error, void *arg)
{
    (void)loop, (void)arg;
    want((list == NULL) == (error != NULL));
    sock_addrinfo_free(list);
    loop_calls++;
}

/* Of a number, which is one to the resolver unless it says otherwise. */
static void loop_getaddrinfo(void)
{
    sock_loop_t *loop = new_loop();
    arm();
    bool ok =
        settle(sock_loop_getaddrinfo(loop, "127.0.0.1", "80", AF_INET,
                                     SOCK_STREAM, 5, count_answer, NULL) == 0);
    want(sock_loop_run(loop, 10) == 0);
    want(loop_calls == ok);
    end_loop(loop, 0);
}

/* Servers */

static int handle_nothing(sock_request_t *request)
{
    (void)request;
    return 0;
}

/* Uses what a handler has; whether that fails is the handler's affair. */
static int handle_files(sock_request_t *request)
{
    char line[16];
    FILE *in = sock_request_rfile(request), *out = sock_request_wfile(request);
    if (in == NULL || out == NULL || fgets(line, sizeof line, in) == NULL)
        return -1;
    return fputs(line, out) < 0 ? -1 : 0;
}

static int handle_packet(sock_request_t *request)
{
    size_t size;
    const void *packet = sock_request_packet(request, &size);
    return packet == NULL ? -1 : sock_request_reply(request, packet, size);
}

static int handle_and_park(sock_request_t *request)
{
    char byte;
    if (sock_recv(sock_request_sock(request), &byte, 1, 0) < 0)
        return -1;
    return sock_request_park(request);
}

static void stop_server(sock_server_t *server)
{
    sock_server_shutdown(server);
}

static sock_server_class_t server_class(int type,
                                        int (*handle)(sock_request_t *))
{
    return (sock_server_class_t){.size = sizeof(sock_server_class_t),
                                 .type = type,
                                 .timeout = 0.3,
                                 .handle = handle};
}

static void make_server(int type, int mode, sock_addr_t address)
{
    sock_server_class_t c = server_class(type, handle_nothing);
    c.mode = mode;
    arm();
    sock_server_t *server = sock_server_new(&c, address, NULL);
    settle(server != NULL);
    sock_server_free(server);
}

static void server_new(void)
{
    make_server(SOCK_STREAM, SOCK_SERVER_FORKING,
                sock_addr_inet("127.0.0.1", 0));
}

static void server_new_udp(void)
{
    make_server(SOCK_DGRAM, SOCK_SERVER_POOL, sock_addr_inet("", 0));
}

static const char *server_path(void)
{
    static char path[40];
    snprintf(path, sizeof path, "/tmp/pysockc_fault_%d", (int)getpid());
    return path;
}

/* Without the path's number it stays. */
static void server_new_unix(void)
{
    make_server(SOCK_STREAM, SOCK_SERVER_SERIAL, sock_addr_unix(server_path()));
    unlink(server_path());
}

static void server_adopt(void)
{
    sock_addr_t address;
    sock_server_class_t c = server_class(0, handle_nothing);
    sock_t *s = listener(&address);
    arm();
    sock_server_t *server = sock_server_adopt(&c, s, NULL);
    if (!settle(server != NULL))
        sock_free(s);
    sock_server_free(server);
}

static void server_free(void)
{
    sock_server_class_t c = server_class(0, handle_nothing);
    sock_server_t *server =
        sock_server_new(&c, sock_addr_unix(server_path()), NULL);
    want(server != NULL);
    arm();
    sock_server_free(server);
    settle(true);
    unlink(server_path());
}

/* A server with a request before it. */
struct serving {
    sock_server_t *server;
    sock_t *client;
};

static struct serving serving(const sock_server_class_t *c)
{
    struct serving x;
    sock_set_interrupt(NULL, interrupt, NULL);
    x.server = sock_server_new(c, sock_addr_inet("127.0.0.1", 0), NULL);
    want(x.server != NULL);
    x.client = sock_new(AF_INET, c->type, 0);
    want(sock_connect(x.client, sock_server_address(x.server)) == 0);
    want(sock_sendall(x.client, "line\n", 5, 0) == 0);
    return x;
}

static void end_serving(struct serving *x)
{
    sock_server_free(x->server);
    sock_free(x->client);
}

static void serve_one(const sock_server_class_t *c)
{
    struct serving x = serving(c);
    arm();
    settle(sock_server_handle_request(x.server) >= 0);
    end_serving(&x);
}

static void server_request(void)
{
    sock_server_class_t c = server_class(SOCK_STREAM, handle_files);
    c.request_deadline = 10;
    serve_one(&c);
}

static void server_request_fork(void)
{
    sock_server_class_t c = server_class(SOCK_STREAM, handle_nothing);
    c.mode = SOCK_SERVER_FORKING;
    serve_one(&c);
}

static void server_request_udp(void)
{
    sock_server_class_t c = server_class(SOCK_DGRAM, handle_packet);
    serve_one(&c);
}

static void server_request_udp_files(void)
{
    sock_server_class_t c = server_class(SOCK_DGRAM, handle_files);
    serve_one(&c);
}

static void server_request_park(void)
{
    sock_server_class_t c = server_class(SOCK_STREAM, handle_and_park);
    serve_one(&c);
}

/* One that is parked already. */
static void server_request_parked(void)
{
    sock_server_class_t c = server_class(SOCK_STREAM, handle_and_park);
    struct serving x = serving(&c);
    want(sock_server_handle_request(x.server) == 1);
    arm();
    settle(sock_server_handle_request(x.server) >= 0);
    end_serving(&x);
}

static void server_serve_forever(void)
{
    sock_server_class_t c = server_class(SOCK_STREAM, handle_nothing);
    c.service_actions = stop_server;
    struct serving x = serving(&c);
    arm();
    settle(sock_server_serve_forever(x.server, 0.05) == 0);
    end_serving(&x);
}

/* What is called while no loop runs. */
static void server_call(int (*call)(sock_server_t *server))
{
    sock_server_class_t c = server_class(SOCK_STREAM, handle_nothing);
    struct serving x = serving(&c);
    arm();
    settle(call(x.server) == 0);
    end_serving(&x);
}

static void server_shutdown(void)
{
    server_call(sock_server_shutdown);
}

static int pause_server(sock_server_t *server)
{
    return sock_server_pause(server, 1);
}

static void server_pause(void)
{
    server_call(pause_server);
}

static int join_server(sock_server_t *server)
{
    return sock_server_join(server, 1);
}

static void server_join(void)
{
    server_call(join_server);
}

static int drain_server(sock_server_t *server)
{
    return sock_server_drain(server, 1);
}

static void server_drain(void)
{
    server_call(drain_server);
}

/* Servers with threads. Those run while all calls count: the scenario waits
 * until they have done, and the loop makes no call of its own meanwhile, so
 * each call has the same number every time. */

static sock_server_class_t threads_class(int mode, int type,
                                         int (*handle)(sock_request_t *))
{
    sock_server_class_t c = server_class(type, handle);
    c.mode = mode;
    c.threads = 2;
    c.timeout = 0.1;
    return c;
}

/* Nothing is left that a thread works on. */
static bool is_idle(sock_server_t *server)
{
    sock_server_stats_t now;
    return sock_server_stats(server, &now) == 0 && now.active == now.parked;
}

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
}

static void wait_idle(sock_server_t *server)
{
    int saved = errno;
    while (!is_idle(server))
        nap();
    errno = saved;
}

static int serve_and_wait(sock_server_t *server)
{
    int result = sock_server_handle_request(server);
    wait_idle(server);
    return result;
}

/* What a client has got by the end of its connection: its line, or nothing
 * where it was refused. */
static bool was_answered(sock_t *client, const char *line)
{
    char buf[16] = "";
    want(sock_settimeout(client, 5) == 0);
    ssize_t n = sock_recv(client, buf, sizeof buf, 0);
    want(n >= 0 || errno == ECONNRESET);
    want(n <= 0 || strcmp(buf, line) == 0);
    want(n <= 0 || sock_recv(client, buf, sizeof buf, 0) <= 0);
    return n > 0;
}

/* Whatever has failed, the next client is served, and the first was not
 * forgotten. */
static void go_on_serving(struct serving *x)
{
    sock_t *next = sock_new(AF_INET, SOCK_STREAM, 0);
    want(sock_connect(next, sock_server_address(x->server)) == 0);
    want(sock_sendall(next, "next\n", 5, 0) == 0);
    for (int i = 0; i < 20 && sock_wait(next, SOCK_EVENT_READ, 0) == 0; i++)
        serve_and_wait(x->server);
    want(was_answered(next, "next\n"));
    bool answered = was_answered(x->client, "line\n");
    want(answered || fault.now.call != NULL);
    sock_free(next);
}

static void serve_by_threads(const sock_server_class_t *c)
{
    struct serving x = serving(c);
    arm();
    settle(serve_and_wait(x.server) >= 0);
    go_on_serving(&x);
    end_serving(&x);
}

static void server_request_threading(void)
{
    sock_server_class_t c =
        threads_class(SOCK_SERVER_THREADING, SOCK_STREAM, handle_files);
    c.request_timeout = 5;
    c.disable_nagle_algorithm = 1;
    serve_by_threads(&c);
}

/* With a thread that sees to deadlines. */
static void server_request_threading_deadline(void)
{
    sock_server_class_t c =
        threads_class(SOCK_SERVER_THREADING, SOCK_STREAM, handle_files);
    c.request_deadline = 10;
    serve_by_threads(&c);
}

/* Threads that no one waits for: the last bytes of a request go after it. */
static void server_request_daemons(void)
{
    sock_server_class_t c =
        threads_class(SOCK_SERVER_THREADING, SOCK_STREAM, handle_files);
    c.daemon_threads = 1;
    serve_by_threads(&c);
    for (int i = 0; i < 5000 && fault.balance != 0; i++)
        nap();
}

static void server_request_pool(void)
{
    sock_server_class_t c =
        threads_class(SOCK_SERVER_POOL, SOCK_STREAM, handle_files);
    c.request_deadline = 10;
    serve_by_threads(&c);
}

static void serve_datagrams(int mode)
{
    sock_server_class_t c = threads_class(mode, SOCK_DGRAM, handle_packet);
    struct serving x = serving(&c);
    char buf[16] = "";
    arm();
    settle(serve_and_wait(x.server) >= 0);
    want(sock_sendall(x.client, "next\n", 5, 0) == 0);
    want(sock_settimeout(x.client, 5) == 0);
    for (int i = 0; i < 20 && strcmp(buf, "next\n") != 0; i++) {
        serve_and_wait(x.server);
        while (sock_wait(x.client, SOCK_EVENT_READ, 0) > 0)
            want(sock_recv(x.client, buf, sizeof buf, 0) > 0);
    }
    want(strcmp(buf, "next\n") == 0);
    end_serving(&x);
}

static void server_request_udp_threading(void)
{
    serve_datagrams(SOCK_SERVER_THREADING);
}

static void server_request_udp_pool(void)
{
    serve_datagrams(SOCK_SERVER_POOL);
}

/* Of what waits without a thread each byte needs one anew. In the end its
 * connection is closed. */
static void serve_parked(int mode)
{
    sock_server_class_t c = threads_class(mode, SOCK_STREAM, handle_and_park);
    struct serving x = serving(&c);
    arm();
    settle(serve_and_wait(x.server) >= 0 && serve_and_wait(x.server) >= 0);
    sock_server_free(x.server);
    x.server = NULL;
    want(!was_answered(x.client, ""));
    end_serving(&x);
}

static void server_request_park_threading(void)
{
    serve_parked(SOCK_SERVER_THREADING);
}

static void server_request_park_pool(void)
{
    serve_parked(SOCK_SERVER_POOL);
}

static int serve_forever_and_wait(sock_server_t *server)
{
    int result = sock_server_serve_forever(server, 0.05);
    wait_idle(server);
    return result;
}

static void serve_forever_by_threads(int mode)
{
    sock_server_class_t c = threads_class(mode, SOCK_STREAM, handle_files);
    c.service_actions = stop_server;
    struct serving x = serving(&c);
    arm();
    settle(serve_forever_and_wait(x.server) == 0);
    go_on_serving(&x);
    end_serving(&x);
}

static void server_serve_forever_threading(void)
{
    serve_forever_by_threads(SOCK_SERVER_THREADING);
}

static void server_serve_forever_pool(void)
{
    serve_forever_by_threads(SOCK_SERVER_POOL);
}

/* Dispatchers and chats: what fails when no function was called is told to
 * their class. */

struct async {
    sock_loop_t *loop;
    struct two p;
    sock_dispatcher_t *d;
    sock_chat_t *chat;
};

static void async_error(sock_dispatcher_t *d, const sock_error_t *e)
{
    (void)d;
    want(e->kind != SOCK_E_NONE);
}

static int async_accepted(sock_dispatcher_t *d, sock_t *s,
                          const sock_addr_t *address)
{
    (void)d, (void)address;
    sock_free(s);
    return 0;
}

static const sock_dispatcher_class_t async_class = {
    .size = sizeof async_class,
    .handle_accepted = async_accepted,
    .handle_error = async_error,
    .idle_timeout = 1000,
    .connect_timeout = 1000,
};
static const sock_chat_class_t async_chats = {
    .size = sizeof async_chats,
    .dispatcher = {.handle_error = async_error},
    .request_deadline = 1000,
};

static struct async async_pair(void)
{
    struct async x = {.loop = new_loop(), .p = unix_pair(SOCK_STREAM)};
    return x;
}

static struct async async_dispatcher(void)
{
    struct async x = async_pair();
    x.d = sock_dispatcher_new(&async_class, x.loop, x.p.a, NULL);
    want(x.d != NULL);
    return x;
}

static struct async async_chat(void)
{
    struct async x = async_pair();
    x.chat = sock_chat_new(&async_chats, x.loop, x.p.a, NULL);
    want(x.chat != NULL);
    want(sock_chat_set_terminator(x.chat, "\n", 1) == 0);
    x.d = sock_chat_dispatcher(x.chat);
    return x;
}

static struct async async_stream(void)
{
    struct async x = {.loop = new_loop()};
    x.d = sock_dispatcher_new(&async_class, x.loop, NULL, NULL);
    want(x.d != NULL);
    want(sock_dispatcher_create_socket(x.d, AF_INET, SOCK_STREAM) == 0);
    return x;
}

static void end_async(struct async *x)
{
    sock_dispatcher_free(x->d);
    end(x->p.b);
    end_loop(x->loop, 0);
}

static void dispatcher_new_(void)
{
    struct async x = async_pair();
    arm();
    x.d = sock_dispatcher_new(&async_class, x.loop, x.p.a, NULL);
    if (!settle(x.d != NULL))
        end(x.p.a);
    end_async(&x);
}

static void dispatcher_with_send_new(void)
{
    struct async x = async_pair();
    arm();
    x.d = sock_dispatcher_with_send_new(&async_class, x.loop, x.p.a, NULL);
    if (!settle(x.d != NULL))
        end(x.p.a);
    end_async(&x);
}

static void dispatcher_of_a_file(void)
{
    struct async x = {.loop = new_loop()};
    int ends[2];
    want(pipe2(ends, O_CLOEXEC) == 0);
    arm();
    x.d = sock_file_dispatcher_new(&async_class, x.loop, ends[0], NULL);
    settle(x.d != NULL);
    close(ends[0]);
    close(ends[1]);
    end_async(&x);
}

static void dispatcher_read_file(void)
{
    struct async x = {.loop = new_loop()};
    int ends[2];
    char byte;
    want(pipe2(ends, O_CLOEXEC) == 0);
    x.d = sock_file_dispatcher_new(&async_class, x.loop, ends[0], NULL);
    want(write(ends[1], "x", 1) == 1);
    arm();
    settle(sock_dispatcher_recv(x.d, &byte, 1) >= 0);
    close(ends[0]);
    close(ends[1]);
    end_async(&x);
}

static void dispatcher_write_file(void)
{
    struct async x = {.loop = new_loop()};
    int ends[2];
    want(pipe2(ends, O_CLOEXEC) == 0);
    x.d = sock_file_dispatcher_new(&async_class, x.loop, ends[1], NULL);
    arm();
    settle(sock_dispatcher_send(x.d, "x", 1) >= 0);
    close(ends[0]);
    close(ends[1]);
    end_async(&x);
}

static void dispatcher_free(void)
{
    struct async x = async_dispatcher();
    arm();
    sock_dispatcher_free(x.d);
    settle(true);
    x.d = NULL;
    end_async(&x);
}

static void dispatcher_close(void)
{
    struct async x = async_dispatcher();
    arm();
    settle(sock_dispatcher_close(x.d) == 0);
    end_async(&x);
}

static void dispatcher_close_all(void)
{
    struct async x = async_dispatcher();
    arm();
    settle(sock_close_all(x.loop) == 1);
    end_async(&x);
}

static void dispatcher_create_socket(void)
{
    struct async x = {.loop = new_loop()};
    x.d = sock_dispatcher_new(&async_class, x.loop, NULL, NULL);
    arm();
    settle(sock_dispatcher_create_socket(x.d, AF_INET, SOCK_STREAM) == 0);
    end_async(&x);
}

static void dispatcher_set_socket(void)
{
    struct async x = async_pair();
    x.d = sock_dispatcher_new(&async_class, x.loop, NULL, NULL);
    arm();
    if (!settle(sock_dispatcher_set_socket(x.d, x.p.a) == 0))
        end(x.p.a);
    end_async(&x);
}

static void dispatcher_set_reuse_addr(void)
{
    struct async x = async_stream();
    arm();
    settle(sock_dispatcher_set_reuse_addr(x.d) == 0);
    end_async(&x);
}

static void dispatcher_bind(void)
{
    struct async x = async_stream();
    arm();
    settle(sock_dispatcher_bind(x.d, sock_addr_inet("127.0.0.1", 0)) == 0);
    end_async(&x);
}

static void dispatcher_listen(void)
{
    struct async x = async_stream();
    arm();
    settle(sock_dispatcher_listen(x.d, 5) == 0);
    end_async(&x);
}

/* A listener, and one who has connected. */
static struct async async_listener(void)
{
    struct async x = {.loop = new_loop()};
    sock_addr_t address;
    x.d = sock_dispatcher_new(&async_class, x.loop, listener(&address), NULL);
    x.p.b = sock_new(AF_INET, SOCK_STREAM, 0);
    want(x.d != NULL && sock_connect(x.p.b, address) == 0);
    return x;
}

static void dispatcher_accept(void)
{
    struct async x = async_listener();
    arm();
    sock_t *s = sock_dispatcher_accept(x.d, NULL);
    settle(s != NULL);
    end(s);
    end_async(&x);
}

static void dispatcher_accepts(void)
{
    struct async x = async_listener();
    arm();
    settle(sock_loop_run_once(x.loop, 5) == 1);
    end_async(&x);
}

static void dispatcher_connect(void)
{
    struct async x = async_stream();
    sock_addr_t address;
    sock_t *l = listener(&address);
    arm();
    settle(sock_dispatcher_connect(x.d, address) == 0);
    end(l);
    end_async(&x);
}

static void dispatcher_connect_at_once(void)
{
    struct async x = {.loop = new_loop()};
    sock_addr_t address = sock_addr_unix_abstract("pysockc fault", 13);
    sock_t *l = sock_new(AF_UNIX, SOCK_STREAM, 0);
    want(sock_bind(l, address) == 0 && sock_listen(l, 5) == 0);
    x.d = sock_dispatcher_new(&async_class, x.loop, NULL, NULL);
    want(sock_dispatcher_create_socket(x.d, AF_UNIX, SOCK_STREAM) == 0);
    arm();
    settle(sock_dispatcher_connect(x.d, address) == 0);
    end(l);
    end_async(&x);
}

/* What comes of it is told to the class, one way or the other. */
static void dispatcher_connects(void)
{
    struct async x = async_stream();
    sock_addr_t address;
    sock_t *l = listener(&address);
    want(sock_dispatcher_connect(x.d, address) == 0);
    arm();
    settle(sock_loop_run_once(x.loop, 5) == 1);
    end(l);
    end_async(&x);
}

static void dispatcher_connect_to_host(void)
{
    struct async x = {.loop = new_loop()};
    x.d = sock_dispatcher_new(&async_class, x.loop, NULL, NULL);
    arm();
    settle(sock_dispatcher_connect_to_host(x.d, "127.0.0.1", 1) == 0);
    sock_dispatcher_free(x.d);
    x.d = NULL;
    want(sock_loop_run(x.loop, 10) == 0); /* the answer finds no one */
    end_async(&x);
}

static void dispatcher_connects_to_host(void)
{
    struct async x = {.loop = new_loop()};
    sock_addr_t address;
    sock_t *l = listener(&address);
    x.d = sock_dispatcher_new(&async_class, x.loop, NULL, NULL);
    want(sock_dispatcher_connect_to_host(x.d, "127.0.0.1",
                                         sock_addr_port(&address)) == 0);
    arm();
    settle(sock_loop_run_once(x.loop, 5) >= 1);
    sock_dispatcher_free(x.d);
    x.d = NULL;
    want(sock_loop_run(x.loop, 10) == 0);
    end(l);
    end_async(&x);
}

static void dispatcher_send(void)
{
    struct async x = async_dispatcher();
    arm();
    settle(sock_dispatcher_send(x.d, "x", 1) >= 0);
    end_async(&x);
}

static void dispatcher_recv(void)
{
    struct async x = async_dispatcher();
    char byte;
    want(sock_send(x.p.b, "x", 1, 0) == 1);
    arm();
    settle(sock_dispatcher_recv(x.d, &byte, 1) >= 0);
    end_async(&x);
}

static void dispatcher_reads(void)
{
    struct async x = async_dispatcher();
    want(sock_send(x.p.b, "x", 1, 0) == 1);
    arm();
    settle(sock_loop_run_once(x.loop, 5) == 1);
    end_async(&x);
}

static int async_wants(sock_dispatcher_t *d)
{
    return sock_dispatcher_arg(d) == NULL || fault.armed;
}

static void dispatcher_update(void)
{
    static const sock_dispatcher_class_t c = {
        .size = sizeof c, .writable = async_wants, .handle_error = async_error};
    struct async x = async_pair();
    x.d = sock_dispatcher_new(&c, x.loop, x.p.a, &x);
    arm();
    settle(sock_dispatcher_update(x.d) == 0);
    end_async(&x);
}

static void dispatcher_set_timeout(void)
{
    struct async x = async_chat();
    arm();
    settle(sock_dispatcher_set_timeout(x.d, 5) == 0);
    end_async(&x);
}

static void chat_new(void)
{
    struct async x = async_pair();
    arm();
    x.chat = sock_chat_new(&async_chats, x.loop, x.p.a, NULL);
    if (!settle(x.chat != NULL))
        end(x.p.a);
    x.d = sock_chat_dispatcher(x.chat);
    end_async(&x);
}

static void chat_set_terminator(void)
{
    struct async x = async_chat();
    arm();
    settle(sock_chat_set_terminator(x.chat, "\r\n", 2) == 0);
    end_async(&x);
}

static void chat_push(void)
{
    struct async x = async_chat();
    arm();
    settle(sock_chat_push(x.chat, "x", 1) == 0);
    end_async(&x);
}

/* There is no room, so that it has to be kept. */
static void chat_push_waits(void)
{
    struct async x = async_chat();
    char data[4096] = "";
    while (sock_send(x.p.a, data, sizeof data, MSG_DONTWAIT) > 0) {
    }
    sock__fail("none", SOCK_E_NONE, 0, 0);
    arm();
    settle(sock_chat_push(x.chat, "x", 1) == 0);
    end_async(&x);
}

/* A part goes at once. */
static void chat_push_much(void)
{
    static char data[1 << 22];
    struct async x = async_chat();
    arm();
    settle(sock_chat_push(x.chat, data, sizeof data) == 0);
    end_async(&x);
}

static void dispatcher_send_waits(void)
{
    struct async x = async_pair();
    char data[4096] = "";
    x.d = sock_dispatcher_with_send_new(&async_class, x.loop, x.p.a, NULL);
    while (sock_send(x.p.a, data, sizeof data, MSG_DONTWAIT) > 0) {
    }
    sock__fail("none", SOCK_E_NONE, 0, 0);
    arm();
    settle(sock_dispatcher_send(x.d, "x", 1) == 1);
    end_async(&x);
}

static void chat_writes(void)
{
    struct async x = async_chat();
    char data[4096] = "";
    while (sock_send(x.p.a, data, sizeof data, MSG_DONTWAIT) > 0) {
    }
    want(sock_chat_push(x.chat, "x", 1) == 0);
    while (sock_recv(x.p.b, data, sizeof data, MSG_DONTWAIT) > 0) {
    }
    sock__fail("none", SOCK_E_NONE, 0, 0);
    arm();
    settle(sock_loop_run_once(x.loop, 5) == 1);
    end_async(&x);
}

static ssize_t async_more(void *arg, void *buf, size_t size)
{
    int *left = arg;
    if (buf == NULL || size == 0 || *left == 0)
        return 0;
    *(char *)buf = 'x';
    return (*left)--;
}

static void chat_push_with_producer(void)
{
    struct async x = async_chat();
    int left = 1;
    arm();
    settle(sock_chat_push_with_producer(x.chat, async_more, &left) == 0);
    end_async(&x);
}

static void chat_push_file(void)
{
    struct async x = async_chat();
    int fd = memfd_create("fault", MFD_CLOEXEC);
    want(write(fd, "file", 4) == 4);
    arm();
    settle(sock_chat_push_file(x.chat, fd, 0, SOCK_SENDFILE_TO_END) == 0);
    close(fd);
    end_async(&x);
}

/* Others have the socket, too, so that it is read. */
static void chat_push_file_copies(void)
{
    struct async x = async_chat();
    int fd = memfd_create("fault", MFD_CLOEXEC);
    sock_t *other = sock_dup(x.p.a);
    want(write(fd, "file", 4) == 4);
    arm();
    settle(sock_chat_push_file(x.chat, fd, 0, SOCK_SENDFILE_TO_END) == 0);
    close(fd);
    end(other);
    end_async(&x);
}

static void chat_close_when_done(void)
{
    struct async x = async_chat();
    arm();
    settle(sock_chat_close_when_done(x.chat) == 0);
    end_async(&x);
}

static void chat_reads(void)
{
    struct async x = async_chat();
    want(sock_chat_set_terminator(x.chat, "\r\n", 2) == 0);
    want(sock_send(x.p.b, "line\r\npart\r", 11, 0) == 11);
    arm();
    settle(sock_loop_run_once(x.loop, 5) == 1);
    end_async(&x);
}

static void chat_pause_reading(void)
{
    struct async x = async_chat();
    arm();
    settle(sock_chat_pause_reading(x.chat) == 0);
    end_async(&x);
}

static void chat_resume_reading(void)
{
    static const sock_chat_class_t c = {.size = sizeof c};
    struct async x = async_pair();
    x.chat = sock_chat_new(&c, x.loop, x.p.a, NULL);
    x.d = sock_chat_dispatcher(x.chat);
    want(sock_chat_set_terminator(x.chat, "\r\n", 2) == 0);
    want(sock_send(x.p.b, "a\r", 2, 0) == 2);
    want(sock_loop_run_once(x.loop, 5) == 1);
    want(sock_chat_pause_reading(x.chat) == 0);
    arm();
    settle(sock_chat_resume_reading(x.chat) == 0);
    end_async(&x);
}

/* clang-format off */
const struct scenario scenarios[] = {
    {"new", new_, 0},
    {"socketpair", socketpair_, 0},
    {"fromfd", fromfd, 0},
    {"adopt", adopt, 0},
    {"adopt_as", adopt_as, 0},
    {"dup", dup_, 0},
    {"dup_fd", dup_fd, 0},
    {"close", close_, 0},
    {"close_fd", close_fd, 0},
    {"free", free_, 0},
    {"freep", freep, 0},
    {"get_inheritable", get_inheritable, 0},
    {"set_inheritable", set_inheritable, 0},
    {"repr", repr, 0},
    {"bind", bind_, 0},
    {"listen", listen_, 0},
    ROWS(accept_, "accept"),
    {"connect", connect_, 0},
    {"connect_timeout", connect_timeout, WITH_TIMEOUT},
    {"connect_non_blocking", connect_non_blocking, NON_BLOCKING},
    {"connect_ex", connect_ex, WITH_TIMEOUT},
    {"connect_unix", connect_unix, 0},
    {"connect_shared", connect_shared, 0},
    {"shutdown", shutdown_, 0},
    {"getsockname", getsockname_, 0},
    {"getpeername", getpeername_, 0},
    {"create_connection", create_connection, 0},
    {"create_connection_two", create_connection_two, 0},
    {"create_connection_timeout", create_connection_timeout,
     WITH_TIMEOUT | LOOKS_UP},
    {"create_connection_errors", create_connection_errors,
     WITH_TIMEOUT | LOOKS_UP},
    {"connect_to_host", connect_to_host, WITH_TIMEOUT | LOOKS_UP},
    {"getaddrinfo_within", getaddrinfo_within, WITH_TIMEOUT | LOOKS_UP},
    {"connect_each", connect_each, WITH_TIMEOUT},
    {"connect_each_waits", connect_each_waits, 0},
    {"create_server", create_server, 0},
    {"has_dualstack_ipv6", has_dualstack, 0},
    {"settimeout", settimeout, 0},
    {"setblocking", setblocking, 0},
    {"set_deadline", set_deadline, 0},
    {"wait", wait_, 0},
    {"cancel_new", cancel_new, 0},
    {"cancel_free", cancel_free, 0},
    {"cancel_fire", cancel_fire, 0},
    {"cancel_reset", cancel_reset, 0},
    {"set_cancel", set_cancel, 0},
    {"set_cancel_waits", set_cancel_waits, 0},
    ROWS(recv_, "recv"),
    ROWS(recvfrom_, "recvfrom"),
    ROWS(recv_all, "recv_all"),
    ROWS(recv_until, "recv_until"),
    ROWS(send_, "send"),
    ROWS(sendall, "sendall"),
    {"sendto", sendto_, 0},
    {"sendmsg", sendmsg_, 0},
    {"sendmsg_timeout", sendmsg_timeout, WITH_TIMEOUT},
    {"recvmsg", recvmsg_, 0},
    {"recvmsg_timeout", recvmsg_timeout, WITH_TIMEOUT},
    {"control_close_fds", control_close_fds, 0},
    {"sendmsg_afalg", sendmsg_afalg, 0},
    {"send_fds", send_fds, 0},
    {"recv_fds", recv_fds, 0},
    {"recv_fds_cut", recv_fds_cut, 0},
    {"peercred", peercred, 0},
    {"makefile", makefile, 0},
    {"makefile_cancel", makefile_cancel, 0},
    {"read_file", read_file, KEEPS_NOTHING},
    {"write_file", write_file, KEEPS_NOTHING},
    {"sendfile", sendfile_, 0},
    {"sendfile_timeout", sendfile_timeout, WITH_TIMEOUT},
    {"sendfile_copies", sendfile_copies, WITH_TIMEOUT},
    {"sendfile_pipe", sendfile_pipe, 0},
    {"getsockopt", getsockopt_, 0},
    {"setsockopt", setsockopt_, 0},
    {"getsockopt_bytes", getsockopt_bytes, 0},
    {"setsockopt_bytes", setsockopt_bytes, 0},
    {"addr_inet", addr_inet, 0},
    {"addr_numeric", addr_numeric, 0},
    {"addr_packet", addr_packet, 0},
    {"addr_can", addr_can, 0},
    {"addr_can_isotp", addr_can_isotp, 0},
    {"addr_can_j1939", addr_can_j1939, 0},
    {"addr_parse", addr_parse, 0},
    {"addr_for", addr_for, 0},
    {"addr_repr", addr_repr, 0},
    {"addr_get_packet", addr_get_packet, 0},
    {"addr_get_can", addr_get_can, 0},
    {"addr_format", addr_format, 0},
    {"setsockopt_null", setsockopt_null, 0},
    {"addr_host_scope", addr_host_scope, 0},
    {"gethostname", gethostname_, 0},
    {"sethostname", sethostname_, 0},
    {"gethostbyname", gethostbyname_, 0},
    {"gethostbyname_ex", gethostbyname_ex, 0},
    {"gethostbyaddr", gethostbyaddr_, 0},
    {"getfqdn", getfqdn, 0},
    {"getservbyname", getservbyname_, 0},
    {"getservbyport", getservbyport_, 0},
    {"getprotobyname", getprotobyname_, 0},
    {"getaddrinfo", getaddrinfo_, 0},
    {"getnameinfo", getnameinfo_, 0},
    {"if_nameindex", if_nameindex_, 0},
    {"if_nametoindex", if_nametoindex_, 0},
    {"if_indextoname", if_indextoname_, 0},
    {"select", select_few, 0},
    {"select_many", select_many, 0},
    {"select_timeout", select_timeout, 0},
    {"select_inside", select_inside, 0},
    BOTH(selector_new),
    BOTH(selector_free),
    BOTH(selector_register),
    BOTH(selector_register_fd),
    BOTH(selector_register_inside),
    BOTH(selector_modify),
    BOTH(selector_modify_fd),
    BOTH(selector_unregister),
    BOTH(selector_unregister_fd),
    BOTH(selector_close_registered),
    BOTH(selector_free_registered),
    BOTH(selector_detach_registered),
    BOTH(selector_select),
    BOTH(selector_select_for_ever),
    BOTH(selector_select_now),
    BOTH(selector_select_inside),
    BOTH(selector_wakeup),
    BOTH(selector_woken),
    {"loop_new", loop_new, 0},
    {"loop_free", loop_free, 0},
    {"loop_call_later", loop_call_later, 0},
    {"loop_call_at", loop_call_at, 0},
    {"loop_call_soon", loop_call_soon, 0},
    {"loop_post", loop_post, 0},
    {"loop_run", loop_run, 0},
    {"loop_run_once", loop_run_once, 0},
    {"loop_stop", loop_stop, 0},
    {"loop_add_signal_handler", loop_add_signal_handler, 0},
    {"loop_remove_signal_handler", loop_remove_signal_handler, 0},
    {"loop_add_reader", loop_add_reader, 0},
    {"loop_remove_reader", loop_remove_reader, 0},
    {"loop_add_writer", loop_add_writer, 0},
    {"loop_remove_writer", loop_remove_writer, 0},
    {"loop_getaddrinfo", loop_getaddrinfo, 0},
    {"server_new", server_new, 0},
    {"server_new_udp", server_new_udp, 0},
    {"server_new_unix", server_new_unix, 0},
    {"server_adopt", server_adopt, 0},
    {"server_free", server_free, 0},
    {"server_request", server_request, 0},
    {"server_request_fork", server_request_fork, 0},
    {"server_request_udp", server_request_udp, 0},
    {"server_request_udp_files", server_request_udp_files, 0},
    {"server_request_park", server_request_park, 0},
    {"server_request_parked", server_request_parked, 0},
    {"server_request_threading", server_request_threading, 0},
    {"server_request_threading_deadline", server_request_threading_deadline, 0},
    {"server_request_daemons", server_request_daemons, 0},
    {"server_request_pool", server_request_pool, 0},
    {"server_request_udp_threading", server_request_udp_threading, 0},
    {"server_request_udp_pool", server_request_udp_pool, 0},
    {"server_request_park_threading", server_request_park_threading, 0},
    {"server_request_park_pool", server_request_park_pool, 0},
    {"server_serve_forever", server_serve_forever, 0},
    {"server_serve_forever_threading", server_serve_forever_threading, 0},
    {"server_serve_forever_pool", server_serve_forever_pool, 0},
    {"server_shutdown", server_shutdown, 0},
    {"server_pause", server_pause, 0},
    {"server_join", server_join, 0},
    {"server_drain", server_drain, 0},
    {"dispatcher_new", dispatcher_new_, 0},
    {"dispatcher_with_send_new", dispatcher_with_send_new, 0},
    {"dispatcher_of_a_file", dispatcher_of_a_file, 0},
    {"dispatcher_read_file", dispatcher_read_file, NON_BLOCKING},
    {"dispatcher_write_file", dispatcher_write_file, 0},
    {"dispatcher_free", dispatcher_free, 0},
    {"dispatcher_close", dispatcher_close, 0},
    {"dispatcher_close_all", dispatcher_close_all, 0},
    {"dispatcher_create_socket", dispatcher_create_socket, 0},
    {"dispatcher_set_socket", dispatcher_set_socket, 0},
    {"dispatcher_set_reuse_addr", dispatcher_set_reuse_addr, 0},
    {"dispatcher_bind", dispatcher_bind, 0},
    {"dispatcher_listen", dispatcher_listen, 0},
    {"dispatcher_accept", dispatcher_accept, NON_BLOCKING},
    {"dispatcher_accepts", dispatcher_accepts, 0},
    {"dispatcher_connect", dispatcher_connect, 0},
    {"dispatcher_connect_at_once", dispatcher_connect_at_once, 0},
    {"dispatcher_connects", dispatcher_connects, 0},
    {"dispatcher_connect_to_host", dispatcher_connect_to_host, 0},
    {"dispatcher_connects_to_host", dispatcher_connects_to_host, KEEPS_NOTHING},
    {"dispatcher_send", dispatcher_send, 0},
    {"dispatcher_recv", dispatcher_recv, NON_BLOCKING},
    {"dispatcher_reads", dispatcher_reads, 0},
    {"dispatcher_update", dispatcher_update, 0},
    {"dispatcher_set_timeout", dispatcher_set_timeout, 0},
    {"chat_new", chat_new, 0},
    {"chat_set_terminator", chat_set_terminator, 0},
    {"chat_push", chat_push, 0},
    {"chat_push_waits", chat_push_waits, 0},
    {"chat_push_much", chat_push_much, 0},
    {"dispatcher_send_waits", dispatcher_send_waits, 0},
    {"chat_writes", chat_writes, 0},
    {"chat_push_with_producer", chat_push_with_producer, 0},
    {"chat_push_file", chat_push_file, 0},
    {"chat_push_file_copies", chat_push_file_copies, 0},
    {"chat_close_when_done", chat_close_when_done, 0},
    {"chat_reads", chat_reads, 0},
    {"chat_pause_reading", chat_pause_reading, 0},
    {"chat_resume_reading", chat_resume_reading, 0},
};
/* clang-format on */
const size_t scenario_count = sizeof scenarios / sizeof scenarios[0];

/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "object.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_cloexec(int fd)
{
    return (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
}

TEST(socket, new)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_DGRAM, 0));
    check(sock_fileno(s) >= 0);
    check_int(sock_family(s), AF_INET);
    check_int(sock_type(s), SOCK_DGRAM);
    check_int(sock_proto(s), 0);
    check(is_cloexec(sock_fileno(s)));
    check(!is_nonblocking(sock_fileno(s)));
    check(sock_gettimeout(s) == SOCK_NO_TIMEOUT);
    sock_free(s);
    s = check_made(sock_new(AF_INET, SOCK_STREAM, IPPROTO_TCP));
    check_int(sock_proto(s), IPPROTO_TCP);
    sock_free(s);
}

TEST(socket, flags_are_stripped_from_the_type)
{
    sock_t *s = check_made(
        sock_new(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    check_int(sock_type(s), SOCK_STREAM);
    check(sock_gettimeout(s) == 0);
    check(is_nonblocking(sock_fileno(s)));
    sock_free(s);
}

TEST(socket, new_errors)
{
    check_null(sock_new(AF_INET, SOCK_STREAM, -5), SOCK_E_OS, EINVAL,
               "socket: [Errno 22] Invalid argument");
    check_null(sock_new(AF_INET, SOCK_STREAM, IPPROTO_UDP), SOCK_E_OS,
               EPROTONOSUPPORT, "socket: [Errno 93] Protocol not supported");
}

TEST(socket, fromfd_duplicates)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    sock_t *t =
        check_made(sock_fromfd(sock_fileno(s), AF_INET6, SOCK_DGRAM, 7));
    check(sock_fileno(s) != sock_fileno(t));
    check_int(sock_family(t), AF_INET6); /* believed, not detected */
    check_int(sock_type(t), SOCK_DGRAM);
    check_int(sock_proto(t), 7);
    check(is_cloexec(sock_fileno(t)));
    sock_free(t);
    t = check_made(
        sock_fromfd(sock_fileno(s), AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    check(sock_gettimeout(t) == 0);
    check(is_nonblocking(sock_fileno(s))); /* one description */
    sock_free(t);
    check(fcntl(sock_fileno(s), F_GETFD) >= 0);
    sock_free(s);
    check_null(sock_fromfd(-1, AF_INET, SOCK_STREAM, 0), SOCK_E_OS, EBADF,
               "fromfd: [Errno 9] Bad file descriptor");
}

TEST(socket, adopt_detects)
{
    int fd = socket(AF_INET6, SOCK_DGRAM, 0);
    sock_t *s = check_made(sock_adopt(fd));
    check_int(sock_fileno(s), fd);
    check_int(sock_family(s), AF_INET6);
    check_int(sock_type(s), SOCK_DGRAM);
    check_int(sock_proto(s), IPPROTO_UDP);
    check_int(sock_get_inheritable(s), 1); /* left alone */
    sock_free(s);
    check_int(fcntl(fd, F_GETFD), -1);
}

TEST(socket, adopt_as_believes_what_is_given)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    sock_t *s = check_made(
        sock_adopt_as(fd, AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, IPPROTO_UDP));
    check_int(sock_family(s), AF_INET6);
    check_int(sock_type(s), SOCK_DGRAM);
    check_int(sock_proto(s), IPPROTO_UDP);
    check(sock_gettimeout(s) == 0);
    sock_t *t = check_made(sock_adopt_as(sock_detach(s), -1, SOCK_RAW, -1));
    check_int(sock_family(t), AF_INET);
    check_int(sock_type(t), SOCK_RAW);
    check_int(sock_proto(t), IPPROTO_TCP);
    sock_free(t);
    sock_free(s);
    check_null(sock_adopt_as(fd, AF_INET, SOCK_STREAM, 0), SOCK_E_OS, EBADF,
               "adopt: [Errno 9] Bad file descriptor");
}

TEST(socket, descriptors_without_an_object)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_set_inheritable(s, 1));
    int fd = sock_detach(s);
    sock_free(s);
    int copy = (int)check_ok(sock_dup_fd(fd));
    check_int(fcntl(copy, F_GETFD), FD_CLOEXEC);
    check_ok(sock_close_fd(fd));
    check_ok(sock_close_fd(copy));
    check_fails(sock_close_fd(copy), SOCK_E_OS, EBADF,
                "close: [Errno 9] Bad file descriptor");
    check_fails(sock_dup_fd(copy), SOCK_E_OS, EBADF,
                "dup: [Errno 9] Bad file descriptor");
    check_fails(sock_close_fd(-1), SOCK_E_OS, EBADF,
                "close: [Errno 9] Bad file descriptor");
}

/* Without a timeout the mode of the descriptor is not the library's to set. */
TEST(socket, adopt_and_fromfd_leave_the_mode_alone)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    sock_t *copy = check_made(sock_fromfd(fd, AF_INET, SOCK_STREAM, 0));
    check(!is_nonblocking(fd));
    sock_t *s = check_made(sock_adopt(fd));
    check(!is_nonblocking(fd));
    sock_free(copy);
    sock_free(s);
}

TEST(socket, adopt_takes_the_default_timeout)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    check_ok(sock_setdefaulttimeout(2.5));
    sock_t *s = check_made(sock_adopt(fd));
    check(sock_gettimeout(s) == 2.5);
    check(is_nonblocking(fd));
    sock_free(s);
    check_ok(sock_setdefaulttimeout(SOCK_NO_TIMEOUT));
}

TEST(socket, adopt_fails_and_leaves_the_descriptor)
{
    int fds[2];
    check_int(pipe(fds), 0);
    check_null(sock_adopt(fds[0]), SOCK_E_OS, ENOTSOCK,
               "adopt: [Errno 88] Socket operation on non-socket");
    check(fcntl(fds[0], F_GETFD) >= 0);
    close(fds[0]);
    close(fds[1]);
    check_null(sock_adopt(fds[0]), SOCK_E_OS, EBADF,
               "adopt: [Errno 9] Bad file descriptor");
    check_null(sock_adopt(-1), SOCK_E_VALUE, 0,
               "adopt: negative file descriptor");
}

TEST(socket, socketpair)
{
    struct pair p = unix_pair(SOCK_STREAM);
    char c;
    check_ok(sock_sendall(p.a, "x", 1, 0));
    check_int(sock_recv(p.b, &c, 1, 0), 1);
    check_int(c, 'x');
    check(is_cloexec(sock_fileno(p.a)) && is_cloexec(sock_fileno(p.b)));
    check_int(sock_family(p.a), AF_UNIX);
    free_pair(&p);

    sock_t *both[2];
    check_ok(sock_setdefaulttimeout(5));
    check_ok(sock_socketpair(AF_UNIX, SOCK_DGRAM, 0, both));
    check(sock_gettimeout(both[0]) == 5 && sock_gettimeout(both[1]) == 5);
    check(is_nonblocking(sock_fileno(both[0])));
    check(is_nonblocking(sock_fileno(both[1])));
    sock_free(both[0]);
    sock_free(both[1]);
    check_ok(sock_setdefaulttimeout(SOCK_NO_TIMEOUT));
    check_fails(sock_socketpair(AF_INET, SOCK_STREAM, 0, both), SOCK_E_OS,
                EOPNOTSUPP, "socketpair: [Errno 95] Operation not supported");
    check(both[0] == NULL && both[1] == NULL);
    check_fails(sock_socketpair(AF_UNIX, SOCK_STREAM, 0, NULL), SOCK_E_TYPE, 0,
                "socketpair: argument is NULL");
}

TEST(socket, dup)
{
    struct pair p = unix_pair(SOCK_STREAM);
    char c;
    check_ok(sock_settimeout(p.a, 3));
    sock_t *copy = check_made(sock_dup(p.a));
    check(sock_fileno(copy) != sock_fileno(p.a));
    check(sock_gettimeout(copy) == 3);
    check(is_cloexec(sock_fileno(copy)));
    check_int(sock_family(copy), AF_UNIX);
    check_int(sock_type(copy), SOCK_STREAM);
    check_ok(sock_close(p.a));
    check_ok(sock_sendall(copy, "y", 1, 0));
    check_int(sock_recv(p.b, &c, 1, 0), 1);
    check_null(sock_dup(p.a), SOCK_E_OS, EBADF,
               "dup: [Errno 9] Bad file descriptor");
    check_null(sock_dup(NULL), SOCK_E_TYPE, 0, "dup: socket is NULL");
    sock_free(copy);
    free_pair(&p);
}

TEST(socket, detach)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    int fd = sock_fileno(s);
    check_int(sock_detach(s), fd);
    check(fcntl(fd, F_GETFD) >= 0);
    check_int(sock_fileno(s), -1);
    check_str(object_repr(s),
              "<socket.socket [closed] fd=-1, family=2, type=1, proto=0>");
    check_fails(sock_listen(s, 1), SOCK_E_OS, EBADF,
                "listen: [Errno 9] Bad file descriptor");
    check_fails(sock_detach(s), SOCK_E_OS, EBADF,
                "detach: [Errno 9] Bad file descriptor");
    check_ok(sock_close(s));
    sock_free(s);
    check(fcntl(fd, F_GETFD) >= 0);
    close(fd);
    check_fails(sock_detach(NULL), SOCK_E_TYPE, 0, "detach: socket is NULL");
}

TEST(socket, close_is_final_and_may_be_repeated)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    int fd = sock_fileno(s);
    check_ok(sock_close(s));
    check_int(fcntl(fd, F_GETFD), -1);
    check_int(sock_fileno(s), -1);
    int other = open("/dev/null", O_RDONLY); /* gets the number */
    check_int(other, fd);
    check_ok(sock_close(s));
    sock_free(s);
    check(fcntl(other, F_GETFD) >= 0);
    close(other);
    check_fails(sock_close(NULL), SOCK_E_TYPE, 0, "close: socket is NULL");
}

TEST(socket, close_reports_the_systems_error)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    close(sock_fileno(s));
    check_fails(sock_close(s), SOCK_E_OS, EBADF,
                "close: [Errno 9] Bad file descriptor");
    check_ok(sock_close(s));
    sock_free(s);
}

/* Every call on a closed object says EBADF, whatever else is wrong. */
TEST(socket, closed_is_refused_first)
{
    sock_t *s = closed_socket(SOCK_STREAM);
    sock_addr_t a = sock_addr_none();
    char buf[4];

#define check_closed(call, op)                                                 \
    check_fails(call, SOCK_E_OS, EBADF, op ": [Errno 9] Bad file descriptor")

    check_closed(sock_bind(s, a), "bind");
    check_closed(sock_listen(s, 1), "listen");
    check_closed(sock_connect(s, a), "connect");
    check_int(sock_connect_ex(s, a), EBADF);
    check_closed(sock_shutdown(s, SHUT_RD), "shutdown");
    check_closed(sock_getsockname(s, NULL), "getsockname");
    check_closed(sock_getpeername(s, NULL), "getpeername");
    check_closed(sock_recv(s, buf, 0, 0), "recv");
    check_closed(sock_recv(s, NULL, 4, 0), "recv");
    check_closed(sock_recvfrom(s, buf, 4, 0, NULL), "recvfrom");
    check_closed(sock_send(s, buf, 0, 0), "send");
    check_closed(sock_send(s, NULL, SIZE_MAX, 0), "send");
    check_closed(sock_sendall(s, buf, 0, 0), "sendall");
    check_closed(sock_sendto(s, buf, 0, 0, a), "sendto");
    check_closed(sock_recv_all(s, buf, 0), "recv_all");
    check_closed(sock_recv_until(s, buf, 0, '.'), "recv_until");
    check_closed(sock_settimeout(s, 1), "settimeout");
    check_closed(sock_setblocking(s, 1), "setblocking");
    check_closed(sock_wait(s, 99, -1), "wait");
    check_closed(sock_get_inheritable(s), "get_inheritable");
    check_closed(sock_set_inheritable(s, 1), "set_inheritable");
    check_closed(sock_accept(s, NULL) == NULL ? -1 : 0, "accept");
    check_closed(sock_dup(s) == NULL ? -1 : 0, "dup");
    check_int(sock_family(s), AF_INET);
    check_int(sock_type(s), SOCK_STREAM);
    sock_free(s);
}

TEST(socket, null_is_refused)
{
    sock_addr_t a = sock_addr_inet("127.0.0.1", 1);
    char buf[4];

#define check_nobody(call, op)                                                 \
    check_fails(call, SOCK_E_TYPE, 0, op ": socket is NULL")

    check_nobody(sock_bind(NULL, a), "bind");
    check_nobody(sock_listen(NULL, 1), "listen");
    check_nobody(sock_connect(NULL, a), "connect");
    check_nobody(sock_connect_ex(NULL, a), "connect_ex");
    check_nobody(sock_shutdown(NULL, SHUT_RD), "shutdown");
    check_nobody(sock_getsockname(NULL, &a), "getsockname");
    check_nobody(sock_getpeername(NULL, &a), "getpeername");
    check_nobody(sock_recv(NULL, buf, 4, 0), "recv");
    check_nobody(sock_recvfrom(NULL, buf, 4, 0, &a), "recvfrom");
    check_nobody(sock_send(NULL, buf, 4, 0), "send");
    check_nobody(sock_sendall(NULL, buf, 4, 0), "sendall");
    check_nobody(sock_sendto(NULL, buf, 4, 0, a), "sendto");
    check_nobody(sock_recv_all(NULL, buf, 4), "recv_all");
    check_nobody(sock_recv_until(NULL, buf, 4, '.'), "recv_until");
    check_nobody(sock_settimeout(NULL, 1), "settimeout");
    check_nobody((int)sock_gettimeout(NULL), "gettimeout");
    check_nobody(sock_setblocking(NULL, 1), "setblocking");
    check_nobody(sock_getblocking(NULL), "getblocking");
    check_nobody(sock_wait(NULL, SOCK_EVENT_READ, 0), "wait");
    check_nobody(sock_get_inheritable(NULL), "get_inheritable");
    check_nobody(sock_set_inheritable(NULL, 1), "set_inheritable");
    check_nobody(sock_fileno(NULL), "fileno");
    check_nobody(sock_family(NULL), "family");
    check_nobody(sock_type(NULL), "type");
    check_nobody(sock_proto(NULL), "proto");
    check_nobody(sock_accept(NULL, &a) == NULL ? -1 : 0, "accept");
}

TEST(socket, inheritable)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_int(sock_get_inheritable(s), 0);
    check_ok(sock_set_inheritable(s, 1));
    check_int(sock_get_inheritable(s), 1);
    check(!is_cloexec(sock_fileno(s)));
    check_ok(sock_set_inheritable(s, 0));
    check_int(sock_get_inheritable(s), 0);
    sock_free(s);
}

/* Executes ls on its own descriptors; how many sockets there are. */
static int sockets_after_exec(void)
{
    FILE *f = popen("ls -l /proc/self/fd | grep -c 'socket:'", "r");
    int n = -1;
    check(f != NULL);
    check_int(fscanf(f, "%d", &n), 1);
    pclose(f);
    return n;
}

/* Only what a child could inherit may have another holder. */
TEST(socket, inheritable_is_shared)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_set_inheritable(s, 0));
    check(!sock__shared(s));
    check_ok(sock_set_inheritable(s, 1));
    check(sock__shared(s));
    sock_free(s);
}

TEST(socket, no_descriptor_survives_exec)
{
    int before = sockets_after_exec();
    struct pair t = tcp_pair(), u = unix_pair(SOCK_STREAM);
    sock_t *copy = check_made(sock_dup(t.a));
    sock_t *from =
        check_made(sock_fromfd(sock_fileno(t.b), AF_INET, SOCK_STREAM, 0));

    check_int(sockets_after_exec(), before);
    check_ok(sock_set_inheritable(copy, 1));
    check_int(sockets_after_exec(), before + 1);
    sock_free(copy);
    sock_free(from);
    free_pair(&t);
    free_pair(&u);
}

/* The form of CPython 3.12 and later. */
TEST(socket, repr)
{
    char expected[200];
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    snprintf(expected, sizeof expected,
             "<socket.socket fd=%d, family=2, type=1, proto=0, "
             "laddr=('0.0.0.0', 0)>",
             sock_fileno(s));
    check_str(object_repr(s), expected);
    char small[8] = "x";
    check_int(sock_repr(s, small, sizeof small), strlen(expected));
    check_str(small, "");
    check_fails(sock_repr(s, NULL, 1), SOCK_E_TYPE, 0, "repr: buffer is NULL");
    sock_free(s);
    check_str(object_repr(NULL), "None");

    struct pair p = tcp_pair();
    sock_addr_t here, there;
    check_ok(sock_getsockname(p.a, &here));
    check_ok(sock_getpeername(p.a, &there));
    snprintf(expected, sizeof expected,
             "<socket.socket fd=%d, family=2, type=1, proto=0, "
             "laddr=('127.0.0.1', %d), raddr=('127.0.0.1', %d)>",
             sock_fileno(p.a), sock_addr_port(&here), sock_addr_port(&there));
    check_str(object_repr(p.a), expected);
    free_pair(&p);

    p = unix_pair(SOCK_STREAM); /* unnamed, so Python leaves both out */
    snprintf(expected, sizeof expected,
             "<socket.socket fd=%d, family=1, type=1, proto=0>",
             sock_fileno(p.a));
    check_str(object_repr(p.a), expected);
    free_pair(&p);
}

TEST(socket, repr_of_names)
{
    char expected[200], name[64];
    sock_t *s = check_made(sock_new(AF_UNIX, SOCK_STREAM, 0));
    snprintf(name, sizeof name, "pysockc-%ld", (long)getpid());
    check_ok(sock_bind(s, sock_addr_unix_abstract(name, strlen(name))));
    snprintf(expected, sizeof expected,
             "<socket.socket fd=%d, family=1, type=1, proto=0, "
             "laddr=b'\\x00%s'>",
             sock_fileno(s), name);
    check_str(object_repr(s), expected);
    sock_free(s);

    char path[] = "/tmp/pysockc-XXXXXX", full[64];
    check(mkdtemp(path) != NULL);
    snprintf(full, sizeof full, "%s/s", path);
    s = check_made(sock_new(AF_UNIX, SOCK_STREAM, 0));
    check_ok(sock_bind(s, sock_addr_unix(full)));
    snprintf(expected, sizeof expected,
             "<socket.socket fd=%d, family=1, type=1, proto=0, laddr=%s>",
             sock_fileno(s), full);
    check_str(object_repr(s), expected);
    unlink(full);
    rmdir(path);
    sock_free(s);
}

#ifdef SOCK_AUTO
static void use_and_leave(int *fd)
{
    SOCK_AUTO sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);
    *fd = sock_fileno(s);
    SOCK_AUTO sock_t *nothing = NULL;
    (void)nothing;
}

/* Of bytes that take four each, at both ends. */
TEST(socket, the_longest_repr_fits)
{
    char name[107], text[SOCK_REPR_MAX];
    sock_t *ends[2];

    memset(name, 1, sizeof name);
    for (int i = 0; i < 2; i++) {
        name[0] = (char)('1' + i);
        snprintf(name + 1, 16, "%d", (int)getpid()); /* no one else's */
        ends[i] = check_made(sock_new(AF_UNIX, SOCK_DGRAM, 0));
        check_ok(sock_bind(ends[i], sock_addr_unix_abstract(name, 107)));
    }
    check_ok(sock_connect(ends[0], sock_addr_unix_abstract(name, 107)));
    check(sock_repr(ends[0], text, sizeof text) > 2 * 4 * 80);
    check(text[0] == '<');
    sock_free(ends[0]);
    sock_free(ends[1]);
}

TEST(socket, auto_frees_at_the_end_of_the_block)
{
    int fd;
    use_and_leave(&fd);
    check_int(fcntl(fd, F_GETFD), -1);
}
#endif

TEST(socket, works_after_a_fork)
{
    struct pair p = unix_pair(SOCK_STREAM);
    char buf[5];
    int status;
    pid_t child = fork();
    if (child == 0) { /* no check: it would be the runner's */
        sock_free(p.a);
        _exit(sock_sendall(p.b, "child", 5, 0) == 0 ? 0 : 1);
    }
    check_int(sock_recv_all(p.a, buf, 5), 5);
    check_bytes(buf, "child", 5);
    check_int(waitpid(child, &status, 0), child);
    check_int(status, 0);
    free_pair(&p);
}

/* SPDX-License-Identifier: MIT */
/* No memory: said so, nothing lost, nothing leaked. Links with --wrap. */
#include "support.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

static int fail_at; /* the n-th allocation from now fails; 0: none */
static int allocations;

static bool refused(void)
{
    allocations++;
    if (fail_at == 0 || --fail_at > 0)
        return false;
    errno = ENOMEM;
    return true;
}

void *__real_calloc(size_t n, size_t size);
void *__real_malloc(size_t size);
void *__real_realloc(void *p, size_t size);
char *__real_strndup(const char *s, size_t n);
FILE *__real_fopencookie(void *cookie, const char *mode,
                         cookie_io_functions_t io);
FILE *__wrap_fopencookie(void *cookie, const char *mode,
                         cookie_io_functions_t io);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *p, size_t size);
char *__wrap_strndup(const char *s, size_t n);

void *__wrap_calloc(size_t n, size_t size)
{
    return refused() ? NULL : __real_calloc(n, size);
}

void *__wrap_malloc(size_t size)
{
    return refused() ? NULL : __real_malloc(size);
}

void *__wrap_realloc(void *p, size_t size)
{
    return refused() ? NULL : __real_realloc(p, size);
}

char *__wrap_strndup(const char *s, size_t n)
{
    return refused() ? NULL : __real_strndup(s, n);
}

FILE *__wrap_fopencookie(void *cookie, const char *mode,
                         cookie_io_functions_t io)
{
    return refused() ? NULL : __real_fopencookie(cookie, mode, io);
}

#define check_no_memory(n, call, op)                                           \
    do {                                                                       \
        fail_at = n;                                                           \
        check_fails((call) ? 0 : -1, SOCK_E_MEMORY, 0,                         \
                    op ": [Errno 12] Cannot allocate memory");                 \
        fail_at = 0;                                                           \
    } while (0)

/* A program without shared libraries has libc's own allocations wrapped, too,
 * and so those are what fails. */
static void skip_where_libc_is_wrapped(void)
{
    if (getauxval(AT_BASE) == 0)
        skip("libc's own allocations can't be told from the library's");
}

TEST(memory, objects)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0)), *pair[2];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    check_no_memory(1, sock_new(AF_INET, SOCK_STREAM, 0), "socket");
    check_no_memory(1, sock_fromfd(fd, AF_INET, SOCK_STREAM, 0), "fromfd");
    check_no_memory(1, sock_adopt(fd), "adopt");
    check(fcntl(fd, F_GETFD) >= 0);
    check_no_memory(1, sock_dup(s), "dup");
    for (int n = 1; n <= 2; n++) {
        check_no_memory(n, sock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0,
                        "socketpair");
        check(pair[0] == NULL && pair[1] == NULL);
    }
    close(fd);
    sock_free(s);
}

TEST(memory, no_connection_is_lost)
{
    sock_addr_t address;
    sock_t *server = listener(&address);
    sock_t *c = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_connect(c, address));
    check_no_memory(1, sock_accept(server, NULL), "accept");
    sock_t *sc = check_made(sock_accept(server, NULL)); /* still there */
    sock_free(sc);
    sock_free(c);
    check_no_memory(1, sock_create_server(sock_addr_inet("127.0.0.1", 0), 1, 0),
                    "socket");
    skip_where_libc_is_wrapped();
    check_no_memory(1,
                    sock_create_connection("127.0.0.1",
                                           sock_addr_port(&address), 1,
                                           sock_addr_none()),
                    "create_connection");
    sock_error_list_t *errors;
    check_no_memory(1,
                    sock_create_connection_errors("127.0.0.1",
                                                  sock_addr_port(&address), 1,
                                                  sock_addr_none(), &errors),
                    "create_connection");
    check(errors == NULL);
    check_no_memory(2,
                    sock_create_connection_errors("127.0.0.1",
                                                  sock_addr_port(&address), 1,
                                                  sock_addr_none(), &errors),
                    "create_connection");
    check(errors == NULL);
    sock_free(server);
}

TEST(memory, deadlines_and_tokens)
{
    struct pair p = tcp_pair();
    sock_cancel_t *token = check_made(sock_cancel_new());

    check_no_memory(1, sock_cancel_new(), "cancel_new");
    check_no_memory(1, sock_set_deadline(p.a, 5) == 0, "set_deadline");
    check(sock_get_deadline(p.a) == SOCK_NO_TIMEOUT);
    check(!is_nonblocking(sock_fileno(p.a)));
    for (int n = 1; n <= 2; n++)
        check_no_memory(n, sock_set_cancel(p.b, token) == 0, "set_cancel");
    check(!is_nonblocking(sock_fileno(p.b)));
    allocations = 0;
    check_ok(sock_set_deadline(p.b, 5));
    check_int(allocations, 0); /* made before */
    check_ok(sock_set_cancel(p.a, token));
    for (int n = 1; n <= 5; n++)
        check_no_memory(n, sock_makefile(p.a, "r"), "makefile");
    allocations = 0;
    check_int(sock_wait(p.a, SOCK_EVENT_READ, 0), 0);
    check_ok(sock_cancel_fire(token));
    check_ok(sock_cancel_reset(token));
    check_int(allocations, 0);
    sock_cancel_free(token);
    free_pair(&p);
}

TEST(memory, files)
{
    struct pair p = tcp_pair();
    int fds[2];

    for (int n = 1; n <= 3; n++) {
        check_no_memory(n, sock_makefile(p.a, "r"), "makefile");
        check_no_memory(n, sock_makefile(p.a, "w"), "makefile");
    }
    check_int(pipe(fds), 0);
    check_int(write(fds[1], "abc", 3), 3);
    close(fds[1]);
    check_no_memory(1, sock_sendfile(p.a, fds[0], 0, 3) >= 0, "sendfile");
    allocations = 0;
    check_int(sock_sendfile(p.a, fds[0], 0, 3), 3); /* nothing was lost */
    check_int(allocations, 1);
    close(fds[0]);
    free_pair(&p);
}

TEST(memory, look_ups)
{
    skip_where_libc_is_wrapped();
    need_own_etc();
    char name[64];
    check_no_memory(1, sock_gethostbyname_ex("127.0.0.1"), "gethostbyname_ex");
    check_no_memory(1, sock_gethostbyname_ex("localhost"), "gethostbyname_ex");
    check_no_memory(2, sock_gethostbyname_ex("localhost"), "gethostbyname_ex");
    check_no_memory(1, sock_gethostbyaddr("127.0.0.1"), "gethostbyaddr");
    check_no_memory(2, sock_gethostbyaddr("127.0.0.1"), "gethostbyaddr");
    check_no_memory(1, sock_getservbyname("http", NULL) >= 0, "getservbyname");
    check_no_memory(1, sock_getservbyport(80, NULL, name, 64) >= 0,
                    "getservbyport");
    check_no_memory(1, sock_getprotobyname("tcp") >= 0, "getprotobyname");
    check_no_memory(1, sock_getfqdn("127.0.0.1", name, 64) >= 0, "getfqdn");
    check_no_memory(1, sock_getaddrinfo("::1", "80", 0, 0, 0, 0),
                    "getaddrinfo");
    check_no_memory(1, sock_if_nameindex(), "if_nameindex");
    fail_at = 2; /* a look-up that fails is none */
    check_int(sock_getfqdn("127.0.0.1", name, sizeof name), 9);
    check_str(name, "127.0.0.1");
    fail_at = 0;
}

static void transfer_messages(const struct pair *u)
{
    char room[SOCK_CONTROL_MAX], byte = 'x';
    struct iovec buf = {.iov_base = &byte, .iov_len = 1};
    sock_control_t c = sock_control_in(room, sizeof room);
    int fds[] = {0}, got[1], flags;
    sock_addr_t from;
    size_t n;

    check_ok(sock_control_add(&c, SOL_SOCKET, SCM_RIGHTS, fds, sizeof fds));
    check_ok(sock_sendmsg(u->a, &buf, 1, &c, 0, sock_addr_none()));
    check_ok(sock_recvmsg(u->b, &buf, 1, &c, 0, &flags, &from));
    sock_control_close_fds(&c);
    check_ok(sock_send_fds(u->a, &buf, 1, fds, 1, 0, sock_addr_none()));
    check_ok(sock_recv_fds(u->b, &byte, 1, got, 1, &n, 0, &flags, &from));
    close(got[0]);
}

TEST(memory, transfers_allocate_nothing)
{
    struct pair p = udp_pair(), t = tcp_pair(), u = unix_pair(SOCK_DGRAM);
    sock_addr_t from;
    char buf[16];

    check_ok(sock_settimeout(p.a, 5));
    allocations = 0;
    check_ok(sock_send(p.b, "ping", 4, 0));
    check_ok(sock_recvfrom(p.a, buf, sizeof buf, 0, &from));
    check_ok(sock_sendto(p.a, buf, 4, 0, from));
    check_ok(sock_recv(p.b, buf, sizeof buf, 0));
    check_ok(sock_sendall(t.a, "a.b.", 4, 0));
    check_ok(sock_recv_until(t.b, buf, sizeof buf, '.'));
    check_ok(sock_recv_all(t.b, buf, 2));
    check_int(sock_recv(t.b, buf, sizeof buf, MSG_DONTWAIT), -1);
    transfer_messages(&u);
    check_int(allocations, 0);
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_int(allocations, 1); /* one for a new object */
    sock_free(s);
    free_pair(&p);
    free_pair(&t);
    free_pair(&u);
}

/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/pysockc.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int bad_address(void)
{
    //! [bad address]
    sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);
    if (s == NULL || sock_connect(s, sock_addr_inet("no such host", 80)) == -1)
        sock_perror(NULL);
    /* -> connect 'no such host': [Errno -2] Name ... */
    sock_free(s);
    //! [bad address]
    return 0;
}

static int none(int port)
{
    //! [none]
    sock_t *s = sock_create_connection("127.0.0.1", port, 5.0,
                                       sock_addr_none()); /* from anywhere */
    //! [none]
    sock_free(s);
    return s == NULL;
}

static int inet(void)
{
    sock_t *s = sock_new(AF_INET, SOCK_DGRAM, 0);
    //! [inet]
    if (sock_bind(s, sock_addr_inet("", 0)) == -1 || /* 0.0.0.0 */
        sock_connect(s, sock_addr_inet("localhost", 5555)) == -1)
        sock_perror("client");
    //! [inet]
    sock_addr_t peer;
    int failed = sock_getpeername(s, &peer) || sock_addr_port(&peer) != 5555;
    sock_free(s);
    return failed;
}

static int inet6(void)
{
    //! [inet6]
    sock_addr_t a = sock_addr_inet6("fe80::1%lo", 80);
    char text[SOCK_ADDR_TEXT_MAX];
    if (sock_addr_format(&a, text, sizeof text) == -1) {
        sock_perror("fe80::1%lo");
        return -1;
    }
    puts(text); /* -> [fe80::1%lo]:80 */
    //! [inet6]
    return 0;
}

static int numeric(const char *host)
{
    //! [numeric]
    sock_addr_t a = sock_addr_numeric(AF_UNSPEC, host, 80);
    if (!sock_addr_ok(&a)) {
        printf("%s is no IP address\n", host);
        return -1;
    }
    sock_t *s = sock_new(sock_addr_family(&a), SOCK_STREAM, 0);
    //! [numeric]
    sock_free(s);
    return 0;
}

static int scoped(void)
{
    //! [scoped]
    int lo = sock_if_nametoindex("lo");
    if (lo == -1)
        return -1;
    sock_addr_t a = sock_addr_inet6_scoped("fe80::1", 80, 5, (uint32_t)lo);
    printf("flow %u, scope %u\n", (unsigned)sock_addr_flowinfo(&a),
           (unsigned)sock_addr_scope_id(&a)); /* -> flow 5, scope 1 */
    //! [scoped]
    return 0;
}

static int by_path(const char *path)
{
    sock_t *s = sock_new(AF_UNIX, SOCK_STREAM, 0);
    //! [unix]
    unlink(path); /* what an earlier run may have left */
    if (sock_bind(s, sock_addr_unix(path)) == -1) {
        sock_perror("server");
        return -1;
    }
    //! [unix]

    //! [path]
    sock_addr_t own;
    char text[SOCK_ADDR_PATH_MAX];
    if (sock_getsockname(s, &own) == -1 ||
        sock_addr_path(&own, text, sizeof text) == -1)
        return -1;
    puts(text); /* -> talk */
    //! [path]
    sock_free(s);
    return unlink(path);
}

static int by_name(void)
{
    sock_t *s = sock_new(AF_UNIX, SOCK_STREAM, 0);
    //! [abstract]
    char name[32]; /* the system forgets it when s is closed */
    int size = snprintf(name, sizeof name, "talk-%d", (int)getpid());
    if (sock_bind(s, sock_addr_unix_abstract(name, (size_t)size)) == -1) {
        sock_perror("server");
        return -1;
    }
    //! [abstract]
    sock_free(s);
    return 0;
}

static int bytes(void)
{
    //! [bytes]
    sock_addr_t a = sock_addr_unix_bytes("\0talk", 5);
    char text[SOCK_ADDR_TEXT_MAX];
    if (sock_addr_format(&a, text, sizeof text) == -1)
        return -1;
    puts(text); /* -> @talk */
    //! [bytes]
    return 0;
}

static int either(void)
{
    sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);
    //! [for]
    /* whether s is of IPv4 or of IPv6 */
    if (sock_bind(s, sock_addr_for(s, "", 0)) == -1) {
        sock_perror("server");
        return -1;
    }
    //! [for]
    sock_free(s);
    return 0;
}

static int scan(int first, int last)
{
    //! [with_port]
    sock_addr_t host = sock_addr_inet("localhost", 0); /* looked up once */
    for (int port = first; port <= last; port++) {
        sock_addr_t a = sock_addr_with_port(host, port);
        sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);
        if (s != NULL && sock_connect_ex(s, a) == 0)
            printf("%d is open\n", port); /* -> ... is open */
        sock_free(s);
    }
    //! [with_port]
    return 0;
}

static int from(int fd)
{
    //! [from]
    struct sockaddr_storage storage;
    socklen_t len = sizeof storage;
    if (getsockname(fd, (struct sockaddr *)&storage, &len) == -1)
        return -1;
    sock_addr_t a = sock_addr_from((struct sockaddr *)&storage, len);
    printf("port %d\n", sock_addr_port(&a)); /* -> port ... */
    //! [from]
    return 0;
}

static int parse(const char *argument)
{
    //! [parse]
    sock_addr_t a = sock_addr_parse(argument, 80);
    if (!sock_addr_ok(&a)) {
        sock_perror(argument);
        return -1;
    }
    char text[SOCK_ADDR_REPR_MAX];
    sock_addr_repr(&a, text, sizeof text);
    puts(text); /* -> ('::1', 8080, 0, 0) */
    //! [parse]
    return 0;
}

static int split(const char *argument)
{
    //! [split]
    char host[SOCK_HOST_NAME_MAX];
    int port;
    if (sock_addr_split(argument, host, sizeof host, &port) == -1) {
        sock_perror(argument);
        return -1;
    }
    printf("%s, port %d\n", host, port); /* -> ::1, port 8080 */
    //! [split]
    return 0;
}

static int refuse(void)
{
    //! [ok]
    sock_addr_t a = sock_addr_inet("127.0.0.1", 70000);
    if (!sock_addr_ok(&a))
        sock_perror(NULL);
    /* -> address ('127.0.0.1', 70000): port must be 0-65535. */
    //! [ok]
    return 0;
}

static int strangers(sock_t *s, sock_addr_t server)
{
    //! [equal]
    char answer[512];
    sock_addr_t from;
    ssize_t n = sock_recvfrom(s, answer, sizeof answer, 0, &from);
    if (n >= 0 && !sock_addr_equal(&from, &server))
        puts("from a stranger"); /* -> from a stranger */
    //! [equal]
    return n == 1 ? 0 : -1;
}

static int host_and_port(sock_t *s)
{
    //! [host]
    sock_addr_t own;
    char host[SOCK_ADDR_HOST_MAX];
    if (sock_getsockname(s, &own) == -1 ||
        sock_addr_host(&own, host, sizeof host) == -1)
        return -1;
    printf("%s, port %d\n", host, sock_addr_port(&own));
    /* -> 127.0.0.1, port ... */
    //! [host]
    return 0;
}

static int texts(void)
{
    //! [repr]
    sock_addr_t a = sock_addr_inet("127.0.0.1", 5555);
    char text[SOCK_ADDR_REPR_MAX];
    sock_addr_repr(&a, text, sizeof text);
    puts(text); /* -> ('127.0.0.1', 5555) */
    if (sock_addr_format(&a, text, sizeof text) == -1)
        return -1;
    puts(text); /* -> 127.0.0.1:5555 */
    //! [repr]
    return 0;
}

static int in_the_file_system(void)
{
    char place[] = "/tmp/pysockc-XXXXXX";
    if (mkdtemp(place) == NULL || chdir(place) == -1)
        return -1;
    int failed = by_path("talk");
    return rmdir(place) || failed;
}

static int first_half(int port)
{
    return bad_address() || none(port) || inet() || inet6() ||
           numeric("127.0.0.1") || scoped() || in_the_file_system() ||
           by_name() || bytes() || either() || scan(port, port);
}

static int second_half(sock_t *s, sock_addr_t address)
{
    return from(sock_fileno(s)) || parse("[::1]:8080") || split("[::1]:8080") ||
           refuse() || sock_sendto(s, "x", 1, 0, address) != 1 ||
           strangers(s, sock_addr_with_port(address, 1)) || host_and_port(s) ||
           texts();
}

int main(void)
{
    setbuf(stdout, NULL);
    sock_t *server = sock_create_server(sock_addr_inet("127.0.0.1", 0), 5, 0);
    sock_t *s = sock_new(AF_INET, SOCK_DGRAM, 0);
    sock_addr_t address, own;
    int failed = sock_getsockname(server, &address) ||
                 sock_bind(s, sock_addr_inet("127.0.0.1", 0)) ||
                 sock_getsockname(s, &own) ||
                 first_half(sock_addr_port(&address)) || second_half(s, own);
    sock_free(server);
    sock_free(s);
    return failed;
}

/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

TEST(options, int_forms)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    int value = -1;

    check_ok(sock_getsockopt_int(s, SOL_SOCKET, SO_REUSEADDR, &value));
    check_int(value, 0);
    check_ok(sock_setsockopt_int(s, SOL_SOCKET, SO_REUSEADDR, 1));
    check_ok(sock_getsockopt_int(s, SOL_SOCKET, SO_REUSEADDR, &value));
    check_int(value, 1);
    check_ok(sock_setsockopt_int(s, IPPROTO_TCP, TCP_NODELAY, 1));
    check_ok(sock_getsockopt_int(s, IPPROTO_TCP, TCP_NODELAY, &value));
    check_int(value, 1);
    check_ok(sock_setsockopt_int(s, SOL_SOCKET, SO_KEEPALIVE, 1));
    check_ok(sock_setsockopt_int(s, IPPROTO_TCP, TCP_KEEPIDLE, 60));
    check_fails(sock_setsockopt_int(s, IPPROTO_TCP, TCP_KEEPIDLE, 0), SOCK_E_OS,
                EINVAL, "setsockopt TCP_KEEPIDLE: [Errno 22] Invalid argument");
    check_ok(sock_getsockopt_int(s, IPPROTO_TCP, TCP_KEEPIDLE, &value));
    check_int(value, 60);
    sock_free(s);
}

/* Set to a value that is right, and not to one that is not. */
static void check_option(sock_t *s, int level, int name, int right, int wrong)
{
    int value = -1;
    check_ok(sock_setsockopt_int(s, level, name, right));
    check_int(sock_setsockopt_int(s, level, name, wrong), -1);
    check_int(errno, EINVAL);
    check_ok(sock_getsockopt_int(s, level, name, &value));
    check_int(value, right);
}

TEST(options, of_datagrams)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_DGRAM, 0));
    check_ok(sock_setsockopt_int(s, SOL_SOCKET, SO_BROADCAST, 1));
    check_option(s, IPPROTO_IP, IP_TTL, 7, 0);
    check_option(s, IPPROTO_IP, IP_TTL, 255, 256);
    check_option(s, IPPROTO_IP, IP_MULTICAST_TTL, 7, 256);
    check_ok(sock_setsockopt_int(s, IPPROTO_IP, IP_MULTICAST_LOOP, 0));
    sock_free(s);
    if (!sock_has_dualstack_ipv6())
        skip("there is no IPv6 here");
    s = check_made(sock_new(AF_INET6, SOCK_DGRAM, 0));
    check_option(s, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 7, 256);
    check_option(s, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 7, 256);
    check_option(s, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0, 2);
    sock_free(s);
}

TEST(options, byte_forms)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    struct linger on = {.l_onoff = 1, .l_linger = 3}, got = {0};
    unsigned char two[2] = {9, 9};

    check_ok(sock_setsockopt(s, SOL_SOCKET, SO_LINGER, &on, sizeof on));
    check_int(sock_getsockopt(s, SOL_SOCKET, SO_LINGER, &got, sizeof got),
              sizeof got);
    check_int(got.l_linger, 3);
    check_int(sock_getsockopt(s, SOL_SOCKET, SO_TYPE, two, sizeof two), 2);
    char large[2048]; /* more than Python takes */
    check_int(sock_getsockopt(s, SOL_SOCKET, SO_LINGER, large, sizeof large),
              sizeof got);
    sock_free(s);
}

TEST(options, null_form)
{
    if (emulated())
        skip("the emulator knows no option without a value");
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    /* python3: s.setsockopt(SOL_SOCKET, SO_BINDTODEVICE, None, 0) is fine */
    check_ok(sock_setsockopt_null(s, SOL_SOCKET, SO_BINDTODEVICE, 0));
    check_fails(sock_setsockopt_null(s, SOL_SOCKET, SO_REUSEADDR, 4), SOCK_E_OS,
                EFAULT, "setsockopt SO_REUSEADDR: [Errno 14] Bad address");
    sock_free(s);
}

TEST(options, errors)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    sock_t *closed = closed_socket(SOCK_STREAM);
    int value = 7;
    char buf[4];

    check_fails(
        sock_getsockopt_int(s, SOL_SOCKET, 9999, &value), SOCK_E_OS,
        ENOPROTOOPT,
        "getsockopt level 1 option 9999: [Errno 92] Protocol not available");
    check_fails(
        sock_setsockopt_int(s, SOL_SOCKET, 9999, 1), SOCK_E_OS, ENOPROTOOPT,
        "setsockopt level 1 option 9999: [Errno 92] Protocol not available");
    check_int(value, 7);
    check_fails(sock_getsockopt(s, SOL_SOCKET, SO_TYPE, buf, 0), SOCK_E_OS, 0,
                "getsockopt SO_TYPE: getsockopt buflen out of range");
    check_fails(sock_getsockopt(s, SOL_SOCKET, SO_TYPE, NULL, 4), SOCK_E_TYPE,
                0, "getsockopt SO_TYPE: buffer is NULL");
    check_fails(sock_getsockopt_int(s, SOL_SOCKET, SO_TYPE, NULL), SOCK_E_TYPE,
                0, "getsockopt SO_TYPE: buffer is NULL");
    check_fails(sock_setsockopt(s, SOL_SOCKET, SO_REUSEADDR, NULL, 4),
                SOCK_E_TYPE, 0, "setsockopt SO_REUSEADDR: buffer is NULL");
    check_fails(
        sock_setsockopt(s, SOL_SOCKET, SO_REUSEADDR, buf, (size_t)INT_MAX + 1),
        SOCK_E_VALUE, 0, "setsockopt SO_REUSEADDR: size is too large");
    check_fails(
        sock_getsockopt(s, SOL_SOCKET, SO_TYPE, buf, (size_t)INT_MAX + 1),
        SOCK_E_OS, 0, "getsockopt SO_TYPE: getsockopt buflen out of range");
    check_fails(sock_setsockopt_null(s, 1, 2, SIZE_MAX), SOCK_E_OS, EINVAL,
                "setsockopt SO_REUSEADDR: [Errno 22] Invalid argument");
    if (sizeof(size_t) > 4) /* of which a socklen_t has only the lower bits */
        check_fails(sock_setsockopt_null(s, SOL_SOCKET, SO_BINDTODEVICE,
                                         (size_t)UINT_MAX + 1),
                    SOCK_E_OS, EINVAL,
                    "setsockopt SO_BINDTODEVICE: [Errno 22] Invalid argument");
    check_fails(sock_setsockopt_null(s, 1, 2, (size_t)INT_MAX + 1), SOCK_E_OS,
                EINVAL, "setsockopt SO_REUSEADDR: [Errno 22] Invalid argument");
    check_fails(sock_setsockopt_int(closed, SOL_SOCKET, SO_REUSEADDR, 1),
                SOCK_E_OS, EBADF,
                "setsockopt SO_REUSEADDR: [Errno 9] Bad file descriptor");
    check_fails(sock_getsockopt(closed, SOL_SOCKET, SO_TYPE, buf, 0), SOCK_E_OS,
                EBADF, "getsockopt SO_TYPE: [Errno 9] Bad file descriptor");
    check_fails(sock_setsockopt_null(closed, 1, 2, 0), SOCK_E_OS, EBADF,
                "setsockopt SO_REUSEADDR: [Errno 9] Bad file descriptor");
    check_fails(sock_setsockopt(NULL, 1, 2, buf, 4), SOCK_E_TYPE, 0,
                "setsockopt SO_REUSEADDR: socket is NULL");
    check_fails(sock_setsockopt_null(NULL, 1, 2, 0), SOCK_E_TYPE, 0,
                "setsockopt SO_REUSEADDR: socket is NULL");
    check_fails(sock_getsockopt_int(NULL, 1, 2, &value), SOCK_E_TYPE, 0,
                "getsockopt SO_REUSEADDR: socket is NULL");
    sock_free(s);
    sock_free(closed);
}

TEST(options, no_bytes_and_no_place)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_fails(sock_setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, NULL, 0),
                SOCK_E_OS, EINVAL,
                "setsockopt SO_KEEPALIVE: [Errno 22] Invalid argument");
    check_fails(sock_setsockopt_int(NULL, SOL_SOCKET, SO_KEEPALIVE, 1),
                SOCK_E_TYPE, 0, "setsockopt SO_KEEPALIVE: socket is NULL");
    sock_free(s);
}

/* The option is named by its level's names; a number is enough for the rest. */
TEST(options, errors_name_the_option)
{
    static const struct {
        int level, option;
        const char *text;
    } rows[] = {
        {SOL_SOCKET, SO_KEEPALIVE, "SO_KEEPALIVE"},
        {SOL_SOCKET, SO_RCVBUF, "SO_RCVBUF"},
        {SOL_SOCKET, 0, "level 1 option 0"},
        {IPPROTO_IP, IP_TTL, "IP_TTL"},
        {IPPROTO_IP, IP_ADD_MEMBERSHIP, "IP_ADD_MEMBERSHIP"},
        {IPPROTO_IPV6, IPV6_V6ONLY, "IPV6_V6ONLY"},
        {IPPROTO_TCP, TCP_NODELAY, "TCP_NODELAY"},
        {IPPROTO_UDP, 103, "UDP_SEGMENT"},
        {136, 10, "UDPLITE_SEND_CSCOV"},
        {101, 3, "CAN_RAW_LOOPBACK"},
        {107, 3, "SO_J1939_SEND_PRIO"},
        {279, 1, "ALG_SET_KEY"},
        {AF_VSOCK, 0, "SO_VM_SOCKETS_BUFFER_SIZE"},
        {IPPROTO_TCP, -1, "level 6 option -1"},
        {999, 1, "level 999 option 1"},
        {0, 0, "level 0 option 0"},
    };
    sock_t *closed = closed_socket(SOCK_STREAM);
    int value;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[128];
        snprintf(text, sizeof text,
                 "getsockopt %s: [Errno 9] Bad file "
                 "descriptor",
                 rows[i].text);
        check_fails(
            sock_getsockopt_int(closed, rows[i].level, rows[i].option, &value),
            SOCK_E_OS, EBADF, text);
        check_int(sock_last_error()->level, rows[i].level);
        check_int(sock_last_error()->option, rows[i].option);
        text[0] = 's';
        check_fails(
            sock_setsockopt_int(closed, rows[i].level, rows[i].option, 1),
            SOCK_E_OS, EBADF, text);
    }
    check_fails(sock_listen(closed, 1), SOCK_E_OS, EBADF,
                "listen: [Errno 9] Bad file descriptor");
    check_int(sock_last_error()->level, 0);
    check_int(sock_last_error()->option, 0);
    sock_free(closed);
}

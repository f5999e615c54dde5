/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE

#include <pysockc/pysockc.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>

static int join(sock_t *s)
{
    //! [setsockopt]
    struct ip_mreq group; /* a multicast group, and on which interface */
    sock_inet_aton("239.0.0.1", &group.imr_multiaddr, SOCK_INET_SIZE);
    group.imr_interface.s_addr = sock_htonl(INADDR_LOOPBACK);
    if (sock_setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group,
                        sizeof group) == -1)
        return -1;
    //! [setsockopt]
    return 0;
}

static int flags(sock_t *s)
{
    //! [setsockopt_int]
    if (sock_setsockopt_int(s, SOL_SOCKET, SO_REUSEADDR, 1) == -1 ||
        sock_setsockopt_int(s, SOL_SOCKET, SO_KEEPALIVE, 1) == -1 ||
        sock_setsockopt_int(s, IPPROTO_TCP, TCP_NODELAY, 1) == -1)
        return -1;
    //! [setsockopt_int]
    return 0;
}

static int any_interface(sock_t *s)
{
    //! [setsockopt_null]
    /* No longer bound to one interface. */
    if (sock_setsockopt_null(s, SOL_SOCKET, SO_BINDTODEVICE, 0) == -1)
        return -1;
    //! [setsockopt_null]
    return 0;
}

static int congestion(sock_t *s)
{
    //! [getsockopt]
    char text[16];
    ssize_t n =
        sock_getsockopt(s, IPPROTO_TCP, TCP_CONGESTION, text, sizeof text);
    if (n == -1)
        return -1;
    printf("congestion control: %.*s\n", (int)n, text);
    /* -> congestion control: ... */
    //! [getsockopt]
    return 0;
}

static int pending_error(sock_t *s)
{
    //! [getsockopt_int]
    int error; /* which waits for the next call, as behind a connect */
    if (sock_getsockopt_int(s, SOL_SOCKET, SO_ERROR, &error) == -1)
        return -1;
    if (error != 0)
        puts(strerror(error)); /* -> Connection refused */
    //! [getsockopt_int]
    return 0;
}

/* A datagram to a port where no one is, which the system reports. */
static int send_to_no_one(sock_t *s)
{
    sock_addr_t address;
    sock_t *gone = sock_new(AF_INET, SOCK_DGRAM, 0);
    int failed = sock_bind(gone, sock_addr_inet("127.0.0.1", 0)) ||
                 sock_getsockname(gone, &address) || sock_connect(s, address);
    sock_free(gone);
    if (failed || sock_send(s, "?", 1, 0) == -1)
        return -1;
    struct pollfd told = {.fd = sock_fileno(s)};
    return poll(&told, 1, 5000) == 1 ? 0 : -1;
}

int main(void)
{
    setbuf(stdout, NULL);
    sock_t *tcp = sock_new(AF_INET, SOCK_STREAM, 0);
    sock_t *udp = sock_new(AF_INET, SOCK_DGRAM, 0);
    int failed = join(udp) || flags(tcp) || congestion(tcp) ||
                 send_to_no_one(udp) || pending_error(udp);
    if (!failed && any_interface(udp) == -1) {
        failed = errno == EFAULT ? 77 : 1;
        puts("skipped: the emulator knows no option without a value");
    }
    sock_free(tcp);
    sock_free(udp);
    return failed;
}

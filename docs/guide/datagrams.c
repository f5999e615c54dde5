/* SPDX-License-Identifier: MIT */
/* datagrams listen HOST:PORT NAME: answers each datagram with NAME.
 * datagrams ask HOST:PORT TEXT: sends TEXT to one, to a group or to all, and
 * prints who answers until nobody has for a second. */
#define _DEFAULT_SOURCE /* struct ip_mreq */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pysockc/pysockc.h>

static void print(const sock_addr_t *from, const char *text, ssize_t n)
{
    char name[SOCK_ADDR_REPR_MAX];

    sock_addr_repr(from, name, sizeof name);
    printf("%s: %.*s\n", name, (int)n, text);
}

static struct in_addr ip(const sock_addr_t *address)
{
    return ((const struct sockaddr_in *)&address->u)->sin_addr;
}

/* A group may have several members on one machine, and so on one port. */
static int join(sock_t *s, const sock_addr_t *group)
{
    struct ip_mreq wanted;

    wanted.imr_multiaddr = ip(group);
    wanted.imr_interface.s_addr = INADDR_ANY; /* where the route leads */
    if (sock_setsockopt_int(s, SOL_SOCKET, SO_REUSEADDR, 1) == -1)
        return -1;
    return sock_setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, &wanted,
                           sizeof wanted);
}

static int answer(sock_t *s, sock_addr_t address, const char *name)
{
    char text[1500];
    ssize_t n;

    if (IN_MULTICAST(ntohl(ip(&address).s_addr)) && join(s, &address) == -1)
        return -1;
    if (sock_bind(s, address) == -1 || sock_getsockname(s, &address) == -1)
        return -1;
    print(&address, "listening", 9);
    while ((n = sock_recvfrom(s, text, sizeof text, 0, &address)) != -1) {
        print(&address, text, n);
        if (sock_sendto(s, name, strlen(name), 0, address) == -1)
            sock_perror("datagrams"); /* and on to the next one */
    }
    return -1;
}

static int ask(sock_t *s, sock_addr_t address, const char *question)
{
    char text[1500];
    ssize_t n;
    int answers = 0;

    if (sock_setsockopt_int(s, SOL_SOCKET, SO_BROADCAST, 1) == -1 ||
        sock_sendto(s, question, strlen(question), 0, address) == -1 ||
        sock_settimeout(s, 1.0) == -1)
        return -1;
    while ((n = sock_recvfrom(s, text, sizeof text, 0, &address)) != -1) {
        print(&address, text, n);
        answers++;
    }
    /* The second without an answer is no error once there was one. */
    return answers > 0 && sock_last_error()->kind == SOCK_E_TIMEOUT ? 0 : -1;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: datagrams listen|ask HOST:PORT TEXT\n");
        return 2;
    }
    int listens = strcmp(argv[1], "listen") == 0;
    sock_addr_t address = sock_addr_parse(argv[2], -1);
    SOCK_AUTO sock_t *s = sock_new(AF_INET, SOCK_DGRAM, 0);
    if (s == NULL || !sock_addr_ok(&address) ||
        (listens ? answer : ask)(s, address, argv[3]) == -1) {
        sock_perror("datagrams");
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

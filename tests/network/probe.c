/* SPDX-License-Identifier: MIT */
/*
 * probe WHAT HOST PORT [NUMBER]: one call against a network that misbehaves.
 *
 * Prints one line: what came of it, with the kind and the code of the error,
 * the bytes done, and the seconds it took.
 *
 *   connect, connect_ex   with a timeout of NUMBER seconds
 *   create                by name, with a timeout of NUMBER seconds
 *   flood                 sends NUMBER bytes
 *   keepalive             waits for a peer that may vanish, probing it
 *   user_timeout          sends to a peer that may vanish, patient for NUMBER
 * ms
 */
#define _DEFAULT_SOURCE

#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <pysockc/pysockc.h>

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The parts of the line are read by test_network.py. */
static void report(long long result, double begin)
{
    const sock_error_t *e = sock_last_error();
    char text[SOCK_ERROR_TEXT_MAX] = "";
    if (result == -1)
        sock_error_text(e, text, sizeof text);
    printf("%lld|%s|%d|%zu|%.3f|%s\n", result,
           result == -1 ? sock_error_name(e->kind) : "",
           result == -1 ? e->code : 0, result == -1 ? e->done : 0,
           seconds() - begin, text);
}

static void be_ready(sock_t *s, sock_addr_t where)
{
    if (s == NULL || sock_connect(s, where) < 0) {
        sock_perror("probe");
        exit(1);
    }
    puts("connected");
    fflush(stdout);
}

static void flood(sock_t *s, size_t size)
{
    char *bytes = calloc(1, size);
    sock_setsockopt_int(s, SOL_SOCKET, SO_SNDBUF, 1 << 16);
    double begin = seconds();
    report(bytes != NULL ? sock_sendall(s, bytes, size, 0) : -2, begin);
    free(bytes);
}

static void keepalive(sock_t *s)
{
    char byte;
    sock_setsockopt_int(s, SOL_SOCKET, SO_KEEPALIVE, 1);
    sock_setsockopt_int(s, IPPROTO_TCP, TCP_KEEPIDLE, 1);
    sock_setsockopt_int(s, IPPROTO_TCP, TCP_KEEPINTVL, 1);
    sock_setsockopt_int(s, IPPROTO_TCP, TCP_KEEPCNT, 2);
    double begin = seconds();
    report(sock_recv(s, &byte, 1, 0), begin);
}

/* The first line of stdin says that the peer is gone. */
static void user_timeout(sock_t *s, int ms)
{
    char byte = 0;
    sock_setsockopt_int(s, IPPROTO_TCP, TCP_USER_TIMEOUT, ms);
    getchar();
    double begin = seconds();
    sock_send(s, &byte, 1, 0);
    report(sock_recv(s, &byte, 1, 0), begin);
}

static void create(const char *host, int port, double timeout)
{
    double begin = seconds();
    SOCK_AUTO sock_t *s =
        sock_create_connection(host, port, timeout, sock_addr_none());
    report(s != NULL ? 0 : -1, begin);
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    const char *what = argv[1];
    double amount = argc > 4 ? atof(argv[4]) : 0;
    if (strcmp(what, "create") == 0) {
        create(argv[2], atoi(argv[3]), amount);
        return 0;
    }
    SOCK_AUTO sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);
    sock_addr_t where = sock_addr_inet(argv[2], atoi(argv[3]));
    double begin = seconds();

    if (strcmp(what, "connect") == 0) {
        sock_settimeout(s, amount);
        report(sock_connect(s, where), begin);
        return 0;
    }
    if (strcmp(what, "connect_ex") == 0) {
        sock_settimeout(s, amount);
        report(sock_connect_ex(s, where), begin);
        return 0;
    }
    be_ready(s, where);
    if (strcmp(what, "flood") == 0)
        flood(s, (size_t)amount);
    else if (strcmp(what, "keepalive") == 0)
        keepalive(s);
    else if (strcmp(what, "user_timeout") == 0)
        user_timeout(s, (int)amount);
    else
        return 2;
    return 0;
}

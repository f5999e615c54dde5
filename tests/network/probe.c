/* SPDX-License-Identifier: MIT */
/*
 * probe WHAT HOST PORT [NUMBER]: one call against a network that misbehaves.
 *
 * Prints one line: what came of it, with the kind and the code of the error,
 * the bytes done, and the seconds it took.
 *
 *   connect, connect_ex   with a timeout of NUMBER seconds
 *   create, to_host       by name, with a timeout of NUMBER seconds
 *   look_up               the name, within NUMBER seconds
 *   look_ups              the same by a hundred threads at once
 *   scan                  the ports from PORT to NUMBER with a timeout of 10
 * ms, and a line for each that is not silent flood                 sends NUMBER
 * bytes keepalive             waits for a peer that may vanish, probing it
 *   user_timeout          sends to a peer that may vanish, patient for NUMBER
 * ms
 */
#define _DEFAULT_SOURCE

#include <dirent.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
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

static void to_host(const char *host, int port, double timeout)
{
    double begin = seconds();
    SOCK_AUTO sock_t *s = sock_connect_to_host(host, port, timeout, NULL);
    report(s != NULL ? 0 : -1, begin);
}

/* Look-ups */

struct look_up {
    pthread_t thread;
    const char *host, *port;
    double timeout, took;
    int kind; /* of the error */
};

static void *look_up(void *arg)
{
    struct look_up *l = arg;
    double begin = seconds();
    sock_addrinfo_t *list = sock_getaddrinfo_within(
        l->host, l->port, AF_UNSPEC, SOCK_STREAM, 0, 0, l->timeout);
    l->took = seconds() - begin;
    l->kind = list != NULL ? SOCK_E_NONE : sock_last_error()->kind;
    sock_addrinfo_free(list);
    return NULL;
}

static int threads(void)
{
    DIR *d = opendir("/proc/self/task");
    int n = -2; /* . and .. */
    while (d != NULL && readdir(d) != NULL)
        n++;
    closedir(d);
    return n;
}

/* How many threads the library had, the times, and when the threads were gone;
 * test_dns.py reads it. */
static void look_ups(const char *host, const char *port, double timeout)
{
    const struct timespec ms = {0, 1000000};
    static struct look_up all[100];
    double begin = seconds(), least = 1e9, most = 0;
    int timed_out = 0;

    for (int i = 0; i < 100; i++) {
        all[i] =
            (struct look_up){.host = host, .port = port, .timeout = timeout};
        pthread_create(&all[i].thread, NULL, look_up, &all[i]);
    }
    for (int i = 0; i < 100; i++) {
        pthread_join(all[i].thread, NULL);
        timed_out += all[i].kind == SOCK_E_TIMEOUT;
        least = all[i].took < least ? all[i].took : least;
        most = all[i].took > most ? all[i].took : most;
    }
    int left = threads() - 1;
    while (threads() > 1)
        nanosleep(&ms, NULL);
    printf("%d %.4f %.4f %d %.3f\n", timed_out, least, most, left,
           seconds() - begin);
}

/* A scan */

static int tell(void *arg, size_t i, sock_t *s, const sock_error_t *error)
{
    if (error == NULL || error->kind != SOCK_E_TIMEOUT)
        printf("%d %d\n", sock_addr_port((sock_addr_t *)arg + i),
               error != NULL ? error->code : 0);
    sock_free(s);
    return 0;
}

static void scan(const char *host, int first, int last)
{
    static sock_addr_t to[65536];
    size_t n = (size_t)(last - first) + 1;

    for (size_t i = 0; i < n; i++)
        to[i] = sock_addr_inet(host, first + (int)i);
    double begin = seconds();
    report(sock_connect_each(to, n, 0, 0.01, tell, to), begin);
}

/* What needs no socket of its own: whether that was asked for. */
static bool is_done(char **argv, double amount)
{
    if (strcmp(argv[1], "create") == 0) {
        create(argv[2], atoi(argv[3]), amount);
    } else if (strcmp(argv[1], "to_host") == 0) {
        to_host(argv[2], atoi(argv[3]), amount);
    } else if (strcmp(argv[1], "look_up") == 0) {
        double begin = seconds();
        sock_addrinfo_t *list = sock_getaddrinfo_within(
            argv[2], argv[3], AF_UNSPEC, SOCK_STREAM, 0, 0, amount);
        report(list != NULL ? 0 : -1, begin);
        sock_addrinfo_free(list);
    } else if (strcmp(argv[1], "look_ups") == 0) {
        look_ups(argv[2], argv[3], amount);
    } else if (strcmp(argv[1], "scan") == 0) {
        scan(argv[2], atoi(argv[3]), (int)amount);
    } else {
        return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    const char *what = argv[1];
    double amount = argc > 4 ? atof(argv[4]) : 0;
    if (is_done(argv, amount))
        return 0;
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

/* SPDX-License-Identifier: MIT */
/*
 * What it costs a client to fetch 1 KB: its processor time beside libcurl's
 * easy interface and beside send(2) and recv(2) alone, in turns within one run:
 * pysockc_net_bench_client [ROUNDS]. At most 0.45 of libcurl's is to be
 * reached, over one connection and over one each.
 */
#define _GNU_SOURCE

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <curl/curl.h>

#include <pysockc/http.h>
#include <pysockc/pysockc.h>

#include "bench.h"

enum { ROUNDS = 15, TIMES = 300, BODY = 1024, SIDES = 3 };

static int port;
static char answer[2048], url[64];
static size_t answer_size;

/* The other side, in a process of its own */

static void converse(int fd)
{
    char buf[4096];
    while (recv(fd, buf, sizeof buf, 0) > 0)
        if (send(fd, answer, answer_size, MSG_NOSIGNAL) < 0)
            break;
    close(fd);
}

static pid_t serve(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;

    BENCH_NEED(bind(fd, (struct sockaddr *)&a, sizeof a) == 0 &&
               listen(fd, 64) == 0 &&
               getsockname(fd, (struct sockaddr *)&a, &n) == 0);
    port = ntohs(a.sin_port);
    pid_t child = fork();
    if (child != 0) {
        close(fd);
        return child;
    }
    for (;;) {
        int conn = accept(fd, NULL, NULL);
        setsockopt(conn, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        converse(conn);
    }
}

/* Three clients */

static sock_http_t *connection;

static void fetch(sock_http_t *c)
{
    char body[BODY];
    size_t got = 0;
    BENCH_NEED(sock_http_request(c, "GET", "/", NULL, 0, NULL) == 0);
    sock_http_response_t *r = sock_http_getresponse(c);
    BENCH_NEED(r != NULL && sock_http_status(r) == 200);
    while (got < BODY) {
        ssize_t n = sock_http_read(r, body + got, sizeof body - got);
        BENCH_NEED(n > 0);
        got += (size_t)n;
    }
    sock_http_response_free(r);
}

static void ours(long n)
{
    if (connection == NULL)
        connection = sock_http_connection("127.0.0.1", port, 10);
    while (n-- > 0)
        fetch(connection);
}

static void ours_anew(long n)
{
    while (n-- > 0) {
        sock_http_t *c = sock_http_connection("127.0.0.1", port, 10);
        fetch(c);
        sock_http_free(c);
    }
}

static size_t take(char *data, size_t size, size_t n, void *got)
{
    (void)data;
    *(size_t *)got += size * n;
    return size * n;
}

static CURL *easy_handle(size_t *got)
{
    CURL *c = curl_easy_init();
    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, got);
    curl_easy_setopt(c, CURLOPT_TIMEOUT, 10L);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    return c;
}

static CURL *handle;
static size_t received;

static void curls(long n)
{
    if (handle == NULL)
        handle = easy_handle(&received);
    while (n-- > 0) {
        received = 0;
        BENCH_NEED(curl_easy_perform(handle) == CURLE_OK && received == BODY);
    }
}

static void curls_anew(long n)
{
    while (n-- > 0) {
        size_t got = 0;
        CURL *c = easy_handle(&got);
        BENCH_NEED(curl_easy_perform(c) == CURLE_OK && got == BODY);
        curl_easy_cleanup(c);
    }
}

static int plain = -1;

static int plain_connection(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                            .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    BENCH_NEED(connect(fd, (struct sockaddr *)&a, sizeof a) == 0);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return fd;
}

static void fetch_plainly(int fd)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    char buf[4096];
    size_t got = 0;
    BENCH_NEED(send(fd, request, sizeof request - 1, MSG_NOSIGNAL) > 0);
    while (got < answer_size) {
        ssize_t n = recv(fd, buf, sizeof buf, 0);
        BENCH_NEED(n > 0);
        got += (size_t)n;
    }
}

static void plainly(long n)
{
    if (plain < 0)
        plain = plain_connection();
    while (n-- > 0)
        fetch_plainly(plain);
}

static void plainly_anew(long n)
{
    while (n-- > 0) {
        int fd = plain_connection();
        fetch_plainly(fd);
        close(fd);
    }
}

/* The table */

static double us_of(bench_loop *loop)
{
    struct timespec from, to;
    loop(1);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    loop(TIMES);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    return ((double)(to.tv_sec - from.tv_sec) * 1e6 +
            (double)(to.tv_nsec - from.tv_nsec) / 1e3) /
           TIMES;
}

/* What one side needed is no longer connected, for the next one's sake: the
 * server hears one at a time. */
static void hang_up(void)
{
    sock_http_free(connection);
    connection = NULL;
    if (handle != NULL)
        curl_easy_cleanup(handle);
    handle = NULL;
    if (plain >= 0)
        close(plain);
    plain = -1;
}

static void compare(const char *name, bench_loop *const loops[SIDES],
                    size_t rounds)
{
    double *us[SIDES], *ratio = malloc(rounds * sizeof *ratio);
    for (int i = 0; i < SIDES; i++)
        us[i] = malloc(rounds * sizeof *us[i]);
    for (size_t r = 0; r < rounds; r++) {
        for (int i = 0; i < SIDES; i++) {
            us[i][r] = us_of(loops[i]);
            hang_up();
        }
        ratio[r] = us[0][r] / us[1][r];
    }
    printf("%-22s %8.1f %8.1f %8.1f   %.2f\n", name,
           bench_median(us[0], rounds), bench_median(us[1], rounds),
           bench_median(us[2], rounds), bench_median(ratio, rounds));
    for (int i = 0; i < SIDES; i++)
        free(us[i]);
    free(ratio);
}

int main(int argc, char **argv)
{
    static bench_loop *const again[SIDES] = {ours, curls, plainly};
    static bench_loop *const anew[SIDES] = {ours_anew, curls_anew,
                                            plainly_anew};
    size_t rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : ROUNDS;
    int head = snprintf(answer, sizeof answer,
                        "HTTP/1.1 200 OK\r\nServer: bench\r\n"
                        "Date: Mon, 30 Nov 2026 10:00:00 GMT\r\n"
                        "Content-Type: text/plain\r\nContent-Length: %d\r\n"
                        "Last-Modified: Mon, 30 Nov 2026 09:00:00 GMT\r\n"
                        "ETag: \"400-abcdef\"\r\nAccept-Ranges: bytes\r\n\r\n",
                        BODY);

    memset(answer + head, 'x', BODY);
    answer_size = (size_t)head + BODY;
    pid_t child = serve();
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", port);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    printf("%-22s %8s %8s %8s   %s\n", "us of the client's CPU", "library",
           "libcurl", "plain C", "library / libcurl");
    compare("one connection", again, rounds);
    compare("a connection each", anew, rounds);
    curl_global_cleanup();
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    return 0;
}

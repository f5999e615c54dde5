/* SPDX-License-Identifier: MIT */
/*
 * What a head costs: the least of several runs, in processor time, of a small
 * one and of a browser's, beside http-parser where its header is.
 */
#define _GNU_SOURCE

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "framing.h"

#ifdef BENCH_HTTP_PARSER
#include <http_parser.h>
#endif

enum { RUNS = 9, TURNS = 200000 };

static const char small[] = "GET /1k.txt HTTP/1.1\r\nHost: 127.0.0.1:27281\r\n"
                            "User-Agent: wrk/4.1\r\nAccept: */*\r\n\r\n";
static const char browser[] =
    "GET /a/path/to/some/document.html?with=query&and=more HTTP/1.1\r\n"
    "Host: www.example.com\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, "
    "like Gecko) Chrome/120.0.0.0 Safari/537.36\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,"
    "image/webp,*/*;q=0.8\r\n"
    "Accept-Language: en-GB,en;q=0.9,de-DE;q=0.8,de;q=0.7\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n"
    "Connection: keep-alive\r\n"
    "Referer: https://www.example.com/a/path/to/another/document.html\r\n"
    "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; lang=en; "
    "seen=2026-11-30T10:38:09Z;"
    " consent=abcdefghijklmnopqrstuvwxyz0123456789\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "Sec-Fetch-Dest: document\r\n"
    "Cache-Control: max-age=0\r\n\r\n";

static const struct sock__head_limits limits = {32768, 8192, 100};

static int64_t used_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* What each does with a head: 0 if it took it. Its buffer is a fresh copy, as
 * one of them writes there; copying is measured apart. */
typedef int read_fn(char *buf, size_t n);

static int only_copy(char *buf, size_t n)
{
    (void)buf, (void)n;
    return 0;
}

static sock_headers_t headers;

static int read_ours(char *buf, size_t n)
{
    struct sock__start start;
    size_t scanned = 0;
    return sock__head_request(&start, &headers, buf, n, &scanned, &limits) ==
                   (ssize_t)n
               ? 0
               : -1;
}

/* Host, the body and the connection besides. */
static int read_and_frame(char *buf, size_t n)
{
    struct sock__start start;
    struct sock__framing framing;
    size_t scanned = 0;
    if (sock__head_request(&start, &headers, buf, n, &scanned, &limits) !=
        (ssize_t)n)
        return -1;
    return sock__framing_request(&framing, &start, &headers);
}

#ifdef BENCH_HTTP_PARSER
static int on_data(http_parser *p, const char *at, size_t n)
{
    (void)p, (void)at, (void)n;
    return 0;
}

static int read_theirs(char *buf, size_t n)
{
    static const http_parser_settings settings = {.on_url = on_data,
                                                  .on_header_field = on_data,
                                                  .on_header_value = on_data};
    http_parser p;
    http_parser_init(&p, HTTP_REQUEST);
    return http_parser_execute(&p, &settings, buf, n) == n ? 0 : -1;
}
#endif

static double least_ns(read_fn *fn, const char *head, size_t n)
{
    double least = 1e9;
    char buf[2048];

    for (int run = 0; run < RUNS; run++) {
        int64_t before = used_ns();
        for (int turn = 0; turn < TURNS; turn++) {
            memcpy(buf, head, n);
            __asm__ volatile("" : : "r"(buf) : "memory");
            if (fn(buf, n) != 0)
                abort();
        }
        double ns = (double)(used_ns() - before) / TURNS;
        least = ns < least ? ns : least;
    }
    return least;
}

static void measure(const char *what, read_fn *fn)
{
    double few = least_ns(fn, small, sizeof small - 1) -
                 least_ns(only_copy, small, sizeof small - 1);
    double many = least_ns(fn, browser, sizeof browser - 1) -
                  least_ns(only_copy, browser, sizeof browser - 1);
    printf("| %s | %.0f | %.0f |\n", what, few, many);
}

int main(void)
{
    printf("| ns | %zu bytes | %zu bytes |\n|---|---|---|\n", sizeof small - 1,
           sizeof browser - 1);
    measure("the head", read_ours);
    measure("and its framing", read_and_frame);
#ifdef BENCH_HTTP_PARSER
    measure("http-parser", read_theirs);
#endif
    free(headers.fields);
    return 0;
}

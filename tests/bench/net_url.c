/* SPDX-License-Identifier: MIT */
/*
 * What it costs to take URLs apart, beside libcurl's URL interface, in pairs
 * within one run: pysockc_net_bench_url [ROUNDS]. At most 0.30 of libcurl's
 * time is to be reached.
 */
#define _GNU_SOURCE

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <curl/curl.h>

#include <pysockc/url.h>

#include "bench.h"

enum { ROUNDS = 2000, TIMES = 40 };

/* As they stand in pages. */
static const char *const urls[] = {
    "https://www.example.com/",
    "http://example.org/index.html",
    "https://docs.example.com/3/library/urllib.html#url",
    "https://user:secret@git.example.net:8443/a/b.git",
    "http://192.0.2.7:8080/cgi-bin/search?q=socket&n=10",
    "https://[2001:db8::1]/files/archive-1.2.tar.gz",
    "https://shop.example.co.uk/item/4711?colour=red",
    "https://static.example.com/js/app.min.js?v=20261130&x=1"};

enum { URLS = sizeof urls / sizeof urls[0] };

static void split_all(long n)
{
    while (n-- > 0)
        for (int i = 0; i < URLS; i++) {
            sock_url_t *u = sock_urlsplit(urls[i]);
            BENCH_NEED(u != NULL);
            sock_url_free(u);
        }
}

static void set_all(long n)
{
    while (n-- > 0)
        for (int i = 0; i < URLS; i++) {
            CURLU *u = curl_url();
            BENCH_NEED(curl_url_set(u, CURLUPART_URL, urls[i], 0) == CURLUE_OK);
            curl_url_cleanup(u);
        }
}

static double ns_of(bench_loop *loop)
{
    struct timespec from, to;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    loop(TIMES);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    return ((double)(to.tv_sec - from.tv_sec) * 1e9 +
            (double)(to.tv_nsec - from.tv_nsec)) /
           (TIMES * URLS);
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : ROUNDS;
    BENCH_NEED(rounds > 0);
    size_t n = (size_t)rounds, bytes = 0;
    double *ours = calloc(3 * n, sizeof *ours), *curls = ours + n,
           *ratios = curls + n;

    BENCH_NEED(ours != NULL);
    for (int i = 0; i < URLS; i++)
        bytes += strlen(urls[i]);
    for (size_t i = 0; i < n; i++) {
        ours[i] = ns_of(split_all);
        curls[i] = ns_of(set_all);
        ratios[i] = ours[i] / curls[i];
    }
    printf("%d URLs of %.1f bytes, %zu rounds, %s\n"
           "| library ns | libcurl ns | library/libcurl |\n|---|---|---|\n"
           "| %.0f | %.0f | %.3f |\n",
           URLS, (double)bytes / URLS, n, curl_version(), bench_median(ours, n),
           bench_median(curls, n), bench_median(ratios, n));
    free(ours);
    return 0;
}

/* SPDX-License-Identifier: MIT */
/* slow_peer ROOT SECONDS [THREADS]: serves a folder, and reads bodies, with so
 * little patience; says at which port, and ends with its standard input. */
#include <pysockc/httpd.h>

#include <stdio.h>
#include <stdlib.h>

#include "serving.h"

static sock_httpd_t *server;

static void serve_files(sock_httpd_request_t *self, void *arg)
{
    sock_httpd_simple(self, arg);
}

static void count_body(sock_httpd_request_t *self, void *arg)
{
    char block[4096];
    size_t len = 0;
    ssize_t n;

    (void)arg;
    while ((n = sock_httpd_read(self, block, sizeof block)) > 0)
        len += (size_t)n;
    if (n < 0)
        return;
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_end_headers(self);
    sock_httpd_printf(self, "%zu", len);
}

/* As much as fits nowhere, written by the handler itself. */
static void say_much(sock_httpd_request_t *self, void *arg)
{
    static const char block[65536];

    (void)arg;
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_end_headers(self);
    for (int i = 0; i < 1024; i++)
        if (sock_httpd_write(self, block, sizeof block) < 0)
            return;
}

static int set_limits(double seconds, int threads)
{
    sock_httpd_limits_t limits = {.size = sizeof limits,
                                  .head_timeout = seconds,
                                  .idle_timeout = seconds,
                                  .write_timeout = seconds,
                                  .body_grace = seconds,
                                  .threads = threads,
                                  .connections = 20000,
                                  .per_address = 20000};
    return sock_httpd_set_limits(server, &limits);
}

int main(int argc, char **argv)
{
    sock_httpd_dir_t files = {.size = sizeof files};

    if (argc < 3)
        return 2;
    files.root = argv[1];
    server = sock_httpd_new("127.0.0.1", 0);
    if (server == NULL ||
        set_limits(atof(argv[2]), argc > 3 ? atoi(argv[3]) : 0) < 0 ||
        sock_httpd_do(server, "GET", serve_files, &files) < 0 ||
        sock_httpd_do(server, "POST", count_body, NULL) < 0 ||
        sock_httpd_mount(server, "/much", say_much, NULL) < 0) {
        sock_perror("slow_peer");
        return 1;
    }
    return serve_to_end(server);
}

/* SPDX-License-Identifier: MIT */
/*
 * Whole connections of an HTTP server. Whatever comes: each answer is one, a
 * request is answered by its handler or refused, nothing is served behind one
 * that was refused, and the server's own fault is none of them.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include <pysockc/httpd.h>
#include <pysockc/pysockc.h>

enum { LONGEST = 16384 };

static sock_httpd_t *server;
static int handled; /* and answered with 200 */

static void say(sock_httpd_request_t *self, size_t n)
{
    claim(sock_httpd_send_response(self, 200, NULL) == 0);
    claim(sock_httpd_end_headers(self) == 0);
    claim(sock_httpd_printf(self, "%zu", n) == 0);
    handled++;
}

/* By its path it reads all, some, or nothing. */
static void handle(sock_httpd_request_t *self, void *arg)
{
    const char *path = sock_httpd_path(self);
    char block[100];
    size_t total = 0;
    ssize_t n = 1;

    (void)arg;
    claim(strchr("/*", path[0]) != NULL && path[0] != '\0');
    claim(strncmp(path, "//", 2) != 0);
    claim(strlen(sock_httpd_requestline(self)) >= strlen(path));
    if (path[1] != 'n')
        while ((n = sock_httpd_read(self, block, sizeof block)) > 0) {
            total += (size_t)n;
            if (path[1] == 's')
                break;
        }
    if (n < 0)
        return;
    if (path[1] != 's' && path[1] != 'n' && sock_httpd_length(self) >= 0)
        claim(total == (size_t)sock_httpd_length(self));
    say(self, total);
}

static void make_server(void)
{
    sock_httpd_limits_t limits = {.size = sizeof limits, .threads = -1};

    server = sock_httpd_new("127.0.0.1", 0);
    claim(server != NULL);
    claim(sock_httpd_set_limits(server, &limits) == 0);
    claim(sock_httpd_do(server, "GET", handle, NULL) == 0);
    claim(sock_httpd_do(server, "POST", handle, NULL) == 0);
}

/* Goes over the answers: how many said 200. */
static int check_answers(const char *text)
{
    int fine = 0, refused = 0;

    while (*text != '\0') {
        if (strncmp(text, "HTTP/1.1 100 Continue\r\n\r\n", 25) == 0) {
            text += 25;
            continue;
        }
        claim(strncmp(text, "HTTP/1.1 ", 9) == 0);
        claim(refused == 0);
        int status = atoi(text + 9);
        claim(status == 200 || (status >= 400 && status != 500));
        fine += status == 200;
        const char *end = strstr(text, "\r\n\r\n");
        const char *length = strstr(text, "\r\nContent-Length: ");
        const char *close = strstr(text, "\r\nConnection: close\r\n");
        claim(end != NULL);
        refused = close != NULL && close < end;
        text = end + 4;
        if (length != NULL && length < end) {
            size_t n = (size_t)atoi(length + 18);
            /* Of HEAD there is none of it. */
            if (strnlen(text, n) == n && strncmp(text, "HTTP/1.1 ", 9) != 0)
                text += n;
        }
    }
    return fine;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char answers[1 << 20];
    sock_t *ends[2];
    size_t len = 0;
    ssize_t n;

    if (size > LONGEST)
        return 0;
    if (server == NULL)
        make_server();
    claim(sock_socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    claim(sock_sendall(ends[0], data, size, 0) == 0);
    claim(sock_shutdown(ends[0], SHUT_WR) == 0);
    handled = 0;
    claim(sock_httpd_serve(server, ends[1]) == 0);
    while ((n = sock_recv(ends[0], answers + len, sizeof answers - 1 - len,
                          0)) > 0)
        len += (size_t)n;
    answers[len] = '\0';
    claim(check_answers(answers) >= handled); /* OPTIONS * has no handler */
    sock_free(ends[0]);
    return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * A server for the programs of others: httpd_peer THREADS. It says its port,
 * and a line for each request that a handler was given: the method, the path,
 * and the body; SIGTERM ends it.
 */
#include <pysockc/httpd.h>
#include <pysockc/pysockc.h>

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static sock_httpd_t *server;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void stop(int number)
{
    (void)number;
    sock_httpd_shutdown(server, 5);
}

/* Visible, and without blanks. */
static void say(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text[i] > ' ' && text[i] < 127 && text[i] != '%')
            putchar(text[i]);
        else
            printf("%%%02x", (unsigned char)text[i]);
}

static void note(sock_httpd_request_t *self, const char *body, size_t n)
{
    const char *path = sock_httpd_path(self);

    pthread_mutex_lock(&lock);
    printf("%s ", sock_httpd_command(self));
    say(path, strlen(path));
    putchar(' ');
    say(body, n);
    putchar('\n');
    fflush(stdout);
    pthread_mutex_unlock(&lock);
}

static void echo(sock_httpd_request_t *self, void *arg)
{
    static const size_t most = 1 << 20;
    char *body = malloc(most);
    size_t len = 0;
    ssize_t n;

    (void)arg;
    while (len < most && (n = sock_httpd_read(self, body + len, most - len)))
        if (n < 0) {
            free(body);
            return;
        } else {
            len += (size_t)n;
        }
    note(self, body, len < 200 ? len : 200);
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_send_header(self, "Content-Type", "application/octet-stream");
    sock_httpd_end_headers(self);
    sock_httpd_write(self, body, len);
    free(body);
}

/* So many bytes as the path says, with or without their length. */
static void much(sock_httpd_request_t *self, void *arg)
{
    const char *number = sock_httpd_path(self) + strlen("/much/");
    long long left = atoll(number);
    char block[10000], length[32];

    (void)arg;
    memset(block, 'x', sizeof block);
    note(self, "", 0);
    sock_httpd_send_response(self, 200, NULL);
    snprintf(length, sizeof length, "%lld", left);
    if (strchr(number, '?') != NULL)
        sock_httpd_send_header(self, "Content-Length", length);
    sock_httpd_end_headers(self);
    for (; left > 0; left -= (long long)sizeof block)
        if (sock_httpd_write(self, block,
                             left < (long long)sizeof block ? (size_t)left
                                                            : sizeof block) < 0)
            return;
}

static void one_kilobyte(sock_httpd_request_t *self, void *arg)
{
    static const char kilobyte[1024];

    (void)arg;
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_send_header(self, "Content-Type", "application/octet-stream");
    sock_httpd_end_headers(self);
    sock_httpd_write(self, kilobyte, sizeof kilobyte);
}

int main(int argc, char **argv)
{
    static const char *const methods[] = {"GET", "POST", "PUT"};
    sock_httpd_limits_t limits = {.size = sizeof limits,
                                  .threads = argc > 1 ? atoi(argv[1]) : 0,
                                  .requests = 100000000};
    sock_addr_t address;

    server = sock_httpd_new("127.0.0.1", 0);
    if (server == NULL || sock_httpd_set_limits(server, &limits) < 0 ||
        sock_httpd_address(server, &address) < 0) {
        sock_perror("httpd_peer");
        return 1;
    }
    for (int i = 0; i < 3; i++)
        sock_httpd_do(server, methods[i], echo, NULL);
    sock_httpd_mount(server, "/much", much, NULL);
    sock_httpd_mount(server, "/1k", one_kilobyte, NULL);
    signal(SIGTERM, stop);
    printf("%d\n", sock_addr_port(&address));
    fflush(stdout);
    int result = sock_httpd_serve_forever(server);
    sock_httpd_free(server);
    return result == 0 ? 0 : 1;
}

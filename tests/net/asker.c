/* SPDX-License-Identifier: MIT */
/*
 * asker HOST PORT: makes the requests that its input says, a line each, over
 * one connection, and says what came of each.
 *
 * METHOD TAB TARGET TAB BODY N [TAB NAME: VALUE]... gives
 * STATUS TAB VERSION TAB BYTES TAB ADLER32 TAB CONNECTION, the number of the
 * connection that it came over; then each field, with a tab in front. A BODY is
 * `none`, `bytes`, `file`, `stream` or `pieces` of N bytes.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pysockc/http.h>
#include <pysockc/pysockc.h>

static char pattern(size_t i)
{
    return "abcdefghijklmnopqrstuvwxyz0123456789"[i % 36];
}

/* A stream of n bytes that has no descriptor to ask for them. */
struct bytes {
    size_t at, n;
};

static ssize_t give(void *cookie, char *buf, size_t size)
{
    struct bytes *b = cookie;
    size_t i = 0;
    for (; i < size && b->at < b->n; i++)
        buf[i] = pattern(b->at++);
    return (ssize_t)i;
}

static FILE *stream_of(struct bytes *b)
{
    cookie_io_functions_t io = {.read = give};
    return fopencookie(b, "r", io);
}

static FILE *file_of(size_t n)
{
    FILE *f = tmpfile();
    for (size_t i = 0; f != NULL && i < n; i++)
        putc(pattern(i), f);
    if (f != NULL)
        rewind(f);
    return f;
}

static int ask_bytes(sock_http_t *c, const char *method, const char *url,
                     size_t n, const sock_headers_t *h)
{
    char *body = malloc(n + 1);
    for (size_t i = 0; i < n; i++)
        body[i] = pattern(i);
    int result = sock_http_request(c, method, url, body, n, h);
    free(body);
    return result;
}

static int ask_pieces(sock_http_t *c, const char *method, const char *url,
                      size_t n, const sock_headers_t *h)
{
    const char *name, *value;
    int result = sock_http_putrequest(c, method, url, 0);
    for (size_t i = 0; sock_headers_at(h, i, &name, &value) > 0; i++)
        result |= sock_http_putheader(c, name, value);
    result |= sock_http_endheaders(c, NULL, 0);
    for (size_t i = 0, size = 1; result == 0 && i < n; size = size * 2 + 1) {
        char piece[4096];
        size = size < sizeof piece ? size : 1;
        size = size < n - i ? size : n - i;
        for (size_t k = 0; k < size; k++)
            piece[k] = pattern(i + k);
        result = sock_http_send(c, piece, size);
        i += size;
    }
    return result;
}

static int ask(sock_http_t *c, const char *method, const char *url,
               const char *body, size_t n, const sock_headers_t *h)
{
    struct bytes bytes = {0, n};
    if (strcmp(body, "none") == 0)
        return sock_http_request(c, method, url, NULL, 0, h);
    if (strcmp(body, "bytes") == 0)
        return ask_bytes(c, method, url, n, h);
    if (strcmp(body, "pieces") == 0)
        return ask_pieces(c, method, url, n, h);
    FILE *f = body[0] == 'f' ? file_of(n) : stream_of(&bytes);
    int result = sock_http_request_file(c, method, url, f, -1, h);
    fclose(f);
    return result;
}

static unsigned adler, adler_high;

static void sum(const char *data, ssize_t n)
{
    for (ssize_t i = 0; i < n; i++) {
        adler = (adler + (unsigned char)data[i]) % 65521;
        adler_high = (adler_high + adler) % 65521;
    }
}

static void hear(sock_http_t *c, int connection)
{
    static char buf[65536];
    char line[1024];
    long long all = 0;
    ssize_t n = -1;
    sock_http_response_t *r = sock_http_getresponse(c);

    adler = 1;
    adler_high = 0;
    while (r != NULL && (n = sock_http_read(r, buf, sizeof buf)) > 0) {
        sum(buf, n);
        all += n;
    }
    if (r == NULL || n < 0) {
        sock_error_text(NULL, line, sizeof line);
        printf("error\t%s", line);
    } else {
        printf("%d\t%d\t%lld\t%u\t%d", sock_http_status(r),
               sock_http_version(r), all, adler_high << 16 | adler, connection);
        for (size_t i = 0;
             sock_headers_line(sock_http_headers(r), i, line, sizeof line) > 0;
             i++)
            printf("\t%s", line);
    }
    putchar('\n');
    fflush(stdout);
    sock_http_response_free(r);
}

int main(int argc, char **argv)
{
    static char line[65536];
    int connections = 0;
    sock_addr_t own, before = sock_addr_none();
    if (argc != 3)
        return 2;
    sock_http_t *c = sock_http_connection(argv[1], atoi(argv[2]), 30);
    while (c != NULL && fgets(line, sizeof line, stdin) != NULL) {
        char *at = line, *words[4] = {NULL};
        sock_headers_t *h = sock_headers_new();
        line[strcspn(line, "\n")] = '\0';
        for (int i = 0; i < 3; i++)
            words[i] = strsep(&at, "\t");
        char *n = words[2];
        char *body = strsep(&n, " ");
        for (char *field; (field = strsep(&at, "\t")) != NULL;) {
            char *name = strsep(&field, ":");
            sock_headers_add(h, name, field + 1);
        }
        int sent = ask(c, words[0], words[1], body,
                       n != NULL ? strtoul(n, NULL, 10) : 0, h);
        if (sent == 0 && sock_getsockname(sock_http_sock(c), &own) == 0 &&
            !sock_addr_equal(&own, &before))
            connections++;
        before = own;
        if (sent == 0) {
            hear(c, connections);
        } else {
            char text[SOCK_ERROR_TEXT_MAX];
            sock_error_text(NULL, text, sizeof text);
            printf("error\t%s\n", text);
            fflush(stdout);
        }
        sock_headers_free(h);
    }
    sock_http_free(c);
    return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Opens URLs by one opener, for request_peers.py.
 *
 *   request_peer [-X METHOD] [-d DATA] [-f FILE] [-H 'NAME: VALUE']...
 *                [-u URI USER PASSWORD]... [-p PROXY] [-s] [-r MAX] URL...
 *
 * -s: any status is shown. Of each it prints "STATUS URL", the length of the
 * body and the body, or the text of the error.
 */
#include <pysockc/pysockc.h>
#include <pysockc/request.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    const char *method, *data, *file, *fields[16];
    int count, max, flags;
} terms = {.max = 10};

static void show(sock_http_response_t *r)
{
    char *data = NULL;
    char text[SOCK_ERROR_TEXT_MAX];
    ssize_t n = r != NULL ? sock_http_readall(r, &data, 1 << 26) : -1;

    if (n < 0) {
        sock_error_text(NULL, text, sizeof text);
        printf("%s\n0\n", text);
    } else {
        printf("%d %s\n%zd\n", sock_http_status(r), sock_http_geturl(r), n);
        fwrite(data, 1, (size_t)n, stdout);
    }
    sock_http_data_free(data);
    sock_http_response_free(r);
}

/* Fills the request; not 0 if it cannot be. */
static int fill(sock_urlrequest_t *q, FILE *file)
{
    int failed = 0;

    if (terms.data != NULL)
        failed |= sock_urlrequest_data(q, terms.data, strlen(terms.data));
    if (file != NULL)
        failed |= sock_urlrequest_file(q, file, -1);
    if (terms.method != NULL)
        failed |= sock_urlrequest_method(q, terms.method);
    for (int i = 0; i < terms.count; i++) {
        char name[256];
        const char *colon = strchr(terms.fields[i], ':');
        snprintf(name, sizeof name, "%.*s", (int)(colon - terms.fields[i]),
                 terms.fields[i]);
        failed |= sock_urlrequest_add_header(q, name, colon + 2);
    }
    return failed;
}

static void open_it(sock_opener_t *o, const char *url)
{
    FILE *file = terms.file != NULL ? fopen(terms.file, "rb") : NULL;
    sock_urlrequest_t *q = sock_urlrequest_new(url);

    show(q != NULL && fill(q, file) == 0 ? sock_opener_open(o, q, 20) : NULL);
    sock_urlrequest_free(q);
    if (file != NULL)
        fclose(file);
}

/* One option: how many arguments it has taken. */
static int take(sock_opener_t *o, char **argv)
{
    switch (argv[0][1]) {
    case 'X':
        terms.method = argv[1];
        return 2;
    case 'd':
        terms.data = argv[1];
        return 2;
    case 'f':
        terms.file = argv[1];
        return 2;
    case 'H':
        terms.fields[terms.count++] = argv[1];
        return 2;
    case 'u':
        sock_opener_add_password(o, NULL, argv[1], argv[2], argv[3]);
        return 4;
    case 'p':
        sock_opener_set_proxy(o, NULL, argv[1]);
        return 2;
    case 'r':
        terms.max = atoi(argv[1]);
        return 2;
    default:
        terms.flags = SOCK_OPENER_ANY_STATUS;
        return 1;
    }
}

int main(int argc, char **argv)
{
    sock_opener_t *o = sock_opener_new();
    int i = 1;

    while (i < argc && argv[i][0] == '-')
        i += take(o, argv + i);
    sock_opener_set_redirects(o, terms.max, terms.flags);
    for (; i < argc; i++)
        open_it(o, argv[i]);
    sock_opener_free(o);
    return 0;
}

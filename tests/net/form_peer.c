/* SPDX-License-Identifier: MIT */
/* A CGI script for the tests, which says what form it was sent: a line for each
 * field, whose texts are in hexadecimal, or the kind and code of the error and
 * its text. Its arguments are limits, such as fields=10. With the argument
 * "serve" it is a server that answers so, on a port that it says. */
#include <pysockc/cgi.h>
#include <pysockc/error.h>
#include <pysockc/httpd.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void show_bytes(FILE *to, const char *name, const void *bytes, size_t n)
{
    fprintf(to, " %s=", name);
    for (size_t i = 0; i < n; i++)
        fprintf(to, "%02x", ((const unsigned char *)bytes)[i]);
}

static void show(FILE *to, const char *name, const char *text)
{
    if (text != NULL)
        show_bytes(to, name, text, strlen(text));
}

static void show_value(FILE *to, sock_form_t *form, size_t i,
                       const sock_form_item_t *item)
{
    size_t size = (size_t)item->length;
    char *read = malloc(size + 1);
    FILE *file = sock_form_file(form, i);
    size_t n = file != NULL ? fread(read, 1, size + 1, file) : 0;

    if (n != size)
        fprintf(to, " and it has %zu bytes", n);
    if (item->value != NULL && memcmp(item->value, read, n) != 0)
        fprintf(to, " and the file has others");
    show_bytes(to, "value", read, n);
    free(read);
}

static void show_form(FILE *to, sock_form_t *form)
{
    char text[SOCK_ERROR_TEXT_MAX];
    const sock_error_t *e = sock_last_error();
    sock_form_item_t item;

    if (form == NULL) {
        sock_error_text(e, text, sizeof text);
        fprintf(to, "error %d %d %s\n", e->kind, e->code, text);
    }
    for (size_t i = 0; form != NULL && sock_form_at(form, i, &item) == 1; i++) {
        fprintf(to, "%d", item.parent);
        show(to, "name", item.name);
        show(to, "filename", item.filename);
        show(to, "type", item.type);
        show(to, "disposition", item.disposition);
        if (item.parts)
            fprintf(to, " parts");
        else
            show_value(to, form, i, &item);
        putc('\n', to);
    }
    sock_form_free(form);
}

static void answer(sock_httpd_request_t *self, void *limits)
{
    sock_form_t *form = sock_httpd_form(self, limits);
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_send_header(self, "Content-Type", "text/plain");
    sock_httpd_end_headers(self);
    show_form(sock_httpd_wfile(self), form);
}

static int serve(sock_form_limits_t *limits)
{
    sock_httpd_t *server = sock_httpd_new("127.0.0.1", 0);
    sock_addr_t address;

    if (server == NULL || sock_httpd_address(server, &address) == -1 ||
        sock_httpd_do(server, "GET", answer, limits) == -1 ||
        sock_httpd_do(server, "POST", answer, limits) == -1 ||
        sock_httpd_do(server, "PUT", answer, limits) == -1) {
        sock_perror("form_peer");
        return 1;
    }
    printf("%d\n", sock_addr_port(&address));
    fflush(stdout);
    return sock_httpd_serve_forever(server) == -1;
}

static void take(sock_form_limits_t *l, const char *name, long value)
{
    if (strcmp(name, "flags") == 0)
        l->flags = (int)value;
    if (strcmp(name, "fields") == 0)
        l->fields = (int)value;
    if (strcmp(name, "total") == 0)
        l->total = value;
}

int main(int argc, char **argv)
{
    sock_form_limits_t limits = {.size = sizeof limits};

    if (argc > 1 && strcmp(argv[1], "serve") == 0)
        return serve(&limits);
    for (int i = 1; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (value == NULL)
            return 2;
        *value = '\0';
        take(&limits, argv[i], atol(value + 1));
    }
    show_form(stdout, sock_cgi_form(&limits));
    return 0;
}

/* SPDX-License-Identifier: MIT */
/* What the tests ask of a form: a line for each field, whose texts are in
 * hexadecimal, or the kind and code of the error and its text.
 *
 * "form_peer scripts" is many CGI scripts, each a child of its own. What one
 * gets it reads: a line of three numbers, of variables, limits, and bytes of
 * the body; then these, a NUL behind each of the first two. A line with a dot
 * ends each answer. "form_peer serve" is a server that answers so, on a port
 * that it says.
 */
#define _GNU_SOURCE

#include <pysockc/cgi.h>
#include <pysockc/error.h>
#include <pysockc/httpd.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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
}

/* What a script gets. */
struct script {
    int variables, limits;
    size_t texts, body; /* bytes of each */
    char *bytes;        /* the texts, such as A=1, with their NULs; the body */
};

/* False: there is none any more. */
static bool read_script(struct script *s)
{
    if (scanf("%d %d %zu %zu", &s->variables, &s->limits, &s->texts,
              &s->body) != 4 ||
        getchar() != '\n')
        return false;
    s->bytes = malloc(s->texts + s->body + 1);
    return fread(s->bytes, 1, s->texts + s->body, stdin) == s->texts + s->body;
}

/* Splits a text; the next one. */
static char *split(char *text, char **value)
{
    char *next = text + strlen(text) + 1;
    *value = strchr(text, '=');
    *(*value)++ = '\0';
    return next;
}

/* Bytes as a file, which is the input. */
static void take_input(const char *bytes, size_t n)
{
    FILE *body = tmpfile();

    if (fwrite(bytes, 1, n, body) != n || fflush(body) != 0 ||
        lseek(fileno(body), 0, SEEK_SET) != 0 || dup2(fileno(body), 0) == -1)
        exit(1);
    fclose(body);
    stdin = fdopen(0, "r"); /* without what was read of the other one */
}

static void run_script(struct script *s)
{
    sock_form_limits_t limits = {.size = sizeof limits};
    char *at = s->bytes, *next, *value;

    clearenv();
    for (; s->variables > 0; s->variables--, at = next) {
        next = split(at, &value);
        setenv(at, value, 1);
    }
    for (; s->limits > 0; s->limits--, at = next) {
        next = split(at, &value);
        take(&limits, at, atol(value));
    }
    take_input(s->bytes + s->texts, s->body);
    show_form(stdout, sock_cgi_form(&limits));
}

/* Each in a child, whose variables and input are its own. */
static int run_scripts(void)
{
    struct script s;
    int status;

    while (read_script(&s)) {
        pid_t pid = fork();
        if (pid == 0) {
            run_script(&s);
            fflush(stdout);
            _exit(0); /* a check for leaks takes longer than all else */
        }
        free(s.bytes);
        if (pid == -1 || waitpid(pid, &status, 0) == -1 || status != 0)
            return 1;
        puts(".");
        fflush(stdout);
    }
    return 0;
}

int main(int argc, char **argv)
{
    sock_form_limits_t limits = {.size = sizeof limits};

    if (argc == 2 && strcmp(argv[1], "serve") == 0)
        return serve(&limits);
    if (argc == 2 && strcmp(argv[1], "scripts") == 0)
        return run_scripts();
    return 2;
}

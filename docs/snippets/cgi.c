/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700

#include <pysockc/net.h>
#include <pysockc/pysockc.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int of_a_script(void)
{
    //! [cgi_form]
    sock_form_t *form = sock_cgi_form(NULL);
    if (form == NULL) {
        puts("Status: 400 Bad Request\n"); /* too long, or cut short */
        return -1;
    }
    puts("Content-Type: text/plain");
    /* -> Content-Type: text/plain */
    puts("");
    /* -> */
    puts(sock_form_getfirst(form, "city", "nowhere"));
    /* -> Banda Aceh */
    puts(sock_form_getfirst(form, "country", "nowhere"));
    /* -> nowhere */
    sock_form_free(form);
    //! [cgi_form]
    return 0;
}

static int of_several(void)
{
    sock_form_t *form = sock_cgi_form(NULL);
    //! [getlist]
    const char *name;
    for (size_t i = 0; (name = sock_form_getlist(form, "name", i)); i++)
        puts(name);
    /* -> Ali
     * -> Budi */
    //! [getlist]
    sock_form_free(form);
    return form != NULL ? 0 : -1;
}

//! [httpd_form]
static void do_POST(sock_httpd_request_t *self, void *arg)
{
    sock_form_limits_t limits = {.size = sizeof limits, .total = 100000};
    sock_form_t *form = sock_httpd_form(self, &limits);
    if (form == NULL) {
        int code = sock_last_error()->code;
        sock_httpd_send_error(self, code == SOCK_P_TOO_LARGE ? 413 : 400,
                              NULL);
        return;
    }
    puts(sock_form_getfirst(form, "name", "no one")); /* -> Ali */
    sock_httpd_redirect(self, 303, "/thanks");
    sock_form_free(form);
    (void)arg;
}
//! [httpd_form]

static void of_each(sock_form_t *form)
{
    //! [at]
    sock_form_item_t item;
    for (size_t i = 0; sock_form_at(form, i, &item) == 1; i++) {
        printf("%s: ", item.name != NULL ? item.name : "nameless");
        if (item.filename != NULL)
            printf("the file %s, %s\n", item.filename, item.type);
        else
            puts(item.value != NULL ? item.value : "parts of its own");
    }
    /* -> name: Ali
     * -> photo: the file ..\ali.svg, image/svg+xml */
    //! [at]
}

static void of_files(sock_form_t *form, size_t i)
{
    //! [file]
    FILE *upload = sock_form_file(form, i);
    char line[80];
    while (upload != NULL && fgets(line, sizeof line, upload) != NULL)
        fputs(line, stdout);
    /* -> <svg>
     * -> </svg> */
    //! [file]
}

static void do_PUT(sock_httpd_request_t *self, void *arg)
{
    sock_form_t *form = sock_httpd_form(self, arg);
    if (form == NULL)
        return;
    of_each(form);
    of_files(form, 1);
    sock_form_free(form);
}

static const char body[] =
    "--B\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nAli\r\n"
    "--B\r\nContent-Disposition: form-data; name=\"photo\"; "
    "filename=\"..\\ali.svg\"\r\nContent-Type: image/svg+xml\r\n\r\n"
    "<svg>\n</svg>\n\r\n--B--\r\n";

static int send_form(sock_httpd_t *server, const char *method)
{
    char text[1024];
    sock_t *ends[2];
    if (sock_socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1)
        return -1;
    snprintf(text, sizeof text,
             "%s / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
             "Content-Type: multipart/form-data; boundary=B\r\n"
             "Content-Length: %zu\r\n\r\n%s",
             method, strlen(body), body);
    sock_sendall(ends[0], text, strlen(text), 0);
    int served = sock_httpd_serve(server, ends[1]);
    sock_free(ends[0]);
    return served;
}

static int of_handlers(void)
{
    sock_httpd_t *server = sock_httpd_new("127.0.0.1", 0);
    if (server == NULL)
        return -1;
    sock_httpd_do(server, "POST", do_POST, NULL);
    sock_httpd_do(server, "PUT", do_PUT, NULL);
    int failed = send_form(server, "POST") || send_form(server, "PUT");
    sock_httpd_free(server);
    return failed;
}

int main(void)
{
    setbuf(stdout, NULL);
    setenv("REQUEST_METHOD", "GET", 1);
    setenv("QUERY_STRING", "name=Ali&name=Budi&city=Banda+Aceh", 1);
    return of_a_script() || of_several() || of_handlers();
}

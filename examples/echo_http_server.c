/* SPDX-License-Identifier: MIT */
/* Says which path was asked for, and with which fields, as a page. */
#include <signal.h>

#include <pysockc/httpd.h>
#include <pysockc/url.h>

#include "example.h"

static sock_httpd_t *server;

static void on_signal(int signo)
{
    (void)signo;
    sock_httpd_shutdown(server, 5);
}

/* The Python listing lets HTML through; here it shows as it is. */
static void do_GET(sock_httpd_request_t *self, void *arg)
{
    static const char page[] = "<!DOCTYPE html>\n<html lang=\"en\">\n"
                               "<meta name=\"color-scheme\" "
                               "content=\"light dark\">\n"
                               "<title>Echo</title>\n<p>Path: %s</p>\n"
                               "<p>Fields:</p>\n<pre>%s</pre>\n</html>\n";
    char path[65536], headers[65536], text[400000];

    (void)arg;
    sock_html_escape(sock_httpd_path(self), path, sizeof path);
    sock_headers_text(sock_httpd_headers(self), headers, sizeof headers);
    sock_html_escape(headers, text, sizeof text);
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_send_header(self, "Content-type", "text/html");
    sock_httpd_end_headers(self);
    sock_httpd_printf(self, page, path, text);
}

static void log_message(sock_httpd_request_t *self, const char *line, void *arg)
{
    (void)self, (void)arg;
    puts(line);
}

int main(int argc, char **argv)
{
    const char *host = "127.0.0.1";
    int port = 27281;
    sock_addr_t address;

    host_and_port(argc, argv,
                  "Says which path a browser asked for, and with which fields.",
                  &host, &port);
    server = sock_httpd_new(host, port);
    if (!server || sock_httpd_do(server, "GET", do_GET, NULL) == -1 ||
        sock_httpd_set_log(server, log_message, NULL) == -1 ||
        sock_httpd_address(server, &address) == -1)
        return failed();
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    printf("serving %s\n", repr(&address));
    int status = sock_httpd_serve_forever(server) == -1 ? failed() : 0;
    sock_httpd_free(server);
    return status;
}

/* SPDX-License-Identifier: MIT */
/* Says which path was asked for, and with which fields, as a page. */
#include <pysockc/httpd.h>
#include <pysockc/url.h>

#include "example.h"

static sock_httpd_t *server;

static void on_signal(int signo)
{
    (void)signo;
    sock_httpd_shutdown(server, 5);
}

static const char page[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<style>:root { color-scheme: light dark; font: 1rem/1.5 sans-serif }\n"
    "body { max-width: 60rem; margin: 0 auto; padding: 1rem }\n"
    "pre { font-size: 1rem; white-space: pre-wrap }\n"
    "code, pre { overflow-wrap: anywhere }</style>\n"
    "<title>Echo</title>\n";

/* The Python listing lets HTML through; here it shows as it is. The handler's
 * thread may have a small stack. */
static void write_escaped(sock_httpd_request_t *self, const char *text)
{
    size_t size = sock_html_escape(text, NULL, 0) + 1;
    char *escaped = malloc(size);

    if (escaped && sock_html_escape(text, escaped, size) >= 0)
        sock_httpd_printf(self, "%s", escaped);
    free(escaped);
}

static void do_GET(sock_httpd_request_t *self, void *arg)
{
    char headers[65536];

    (void)arg;
    sock_headers_text(sock_httpd_headers(self), headers, sizeof headers);
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_send_header(self, "Content-type", "text/html; charset=utf-8");
    sock_httpd_end_headers(self);
    sock_httpd_printf(self, "%s<p>You requested the following: <code>", page);
    write_escaped(self, sock_httpd_path(self));
    sock_httpd_printf(self, "</code></p>\n"
                            "<p>The request headers were:</p>\n<pre>");
    write_escaped(self, headers);
    sock_httpd_printf(self, "</pre>\n</html>\n");
}

static void log_message(sock_httpd_request_t *self, const char *line, void *arg)
{
    (void)self, (void)arg;
    puts(line);
}

static int serve(void)
{
    sock_httpd_t *ending = server;
    int status = sock_httpd_serve_forever(server) == -1 ? failed() : 0;

    server = NULL; /* a late signal must not find it */
    sock_httpd_free(ending);
    return status;
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
    when_stopped(on_signal);
    listening_on(&address);
    return serve();
}

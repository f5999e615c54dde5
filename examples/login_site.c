/* SPDX-License-Identifier: MIT */
/* A site that asks its visitors for a user name and a password before it shows
 * anything: a wrong one shows an error page, a right one the site. */
#include <pysockc/httpd.h>
#include <pysockc/url.h>

#include "example.h"

static const struct user {
    const char *name, *password;
} users[] = {{"ada", "countess"}, {"grace", "compiler"}};

static sock_httpd_t *server;

static void on_signal(int signo)
{
    (void)signo;
    sock_httpd_shutdown(server, 5);
}

/* All are compared, so that the time it takes does not say who there is. */
static int check(const char *name, const char *password, void *arg)
{
    int right = 0;

    (void)arg;
    for (size_t i = 0; i < sizeof users / sizeof users[0]; i++)
        right |= sock_compare_digest(name, users[i].name) &
                 sock_compare_digest(password, users[i].password);
    return right;
}

static const char page[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<style>:root { color-scheme: light dark; font: 1rem/1.5 sans-serif }\n"
    "body { max-width: 60rem; margin: 0 auto; padding: 1rem }\n"
    "code { overflow-wrap: anywhere }</style>\n"
    "<title>My site</title>\n"
    "<h1>Welcome, %s</h1>\n<p>This is <code>%s</code>.</p>\n</html>\n";

static void do_GET(sock_httpd_request_t *self, void *arg)
{
    char name[256], path[65536];

    (void)arg;
    if (!sock_httpd_require_basic(self, "my site", check, NULL))
        return; /* the error page is out */
    sock_html_escape(sock_httpd_user(self), name, sizeof name);
    sock_html_escape(sock_httpd_path(self), path, sizeof path);
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_send_header(self, "Content-Type", "text/html; charset=utf-8");
    sock_httpd_end_headers(self);
    sock_httpd_printf(self, page, name, path);
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
    int port = 8000;
    sock_addr_t address;

    host_and_port(argc, argv,
                  "Asks for a user name and a password before it shows "
                  "anything: ada and countess.",
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

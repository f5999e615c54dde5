/* SPDX-License-Identifier: MIT */
/* Serves the files of a folder, as `python3 -m http.server` does. */
#include <getopt.h>
#include <signal.h>
#include <string.h>

#include <pysockc/httpd.h>

#include "example.h"

static sock_httpd_t *server;
static sock_httpd_dir_t files = {
    .size = sizeof files, .root = ".", .flags = SOCK_HTTPD_LIST};
static sock_httpd_dir_t scripts = {.size = sizeof scripts};
static const char *secret; /* NAME:PASSWORD */

static void on_signal(int signo)
{
    (void)signo;
    sock_httpd_shutdown(server, 5); /* what is on its way arrives */
}

static void log_line(sock_httpd_request_t *self, const char *line, void *arg)
{
    (void)self, (void)arg;
    fprintf(stderr, "%s\n", line);
}

static int check(const char *user, const char *password, void *arg)
{
    char text[1200];

    (void)arg;
    snprintf(text, sizeof text, "%s:%s", user, password);
    return sock_compare_digest(text, secret);
}

static void answer(sock_httpd_request_t *self, void *dir)
{
    if (secret && !sock_httpd_require_basic(self, "files", check, NULL))
        return;
    if (dir == &files)
        sock_httpd_simple(self, dir);
    else
        sock_httpd_cgi(self, dir);
}

int main(int argc, char **argv)
{
    static const struct option longs[] = {
        {"bind", 1, 0, 'b'}, {"directory", 1, 0, 'd'}, {"protocol", 1, 0, 'p'},
        {"cgi", 0, 0, 'c'},  {"user", 1, 0, 'u'},      {"help", 0, 0, 'h'},
        {0, 0, 0, 0}};
    sock_httpd_limits_t limits = {.size = sizeof limits};
    const char *host = "";
    static char folder[4096];
    int c, port = 8000;

    while ((c = getopt_long(argc, argv, "b:d:p:h", longs, NULL)) != -1)
        if (c == 'b')
            host = optarg;
        else if (c == 'd')
            files.root = optarg;
        else if (c == 'p') /* with the older one no connection is kept */
            limits.requests = strcmp(optarg, "HTTP/1.0") == 0;
        else if (c == 'c')
            scripts.root = folder;
        else if (c == 'u')
            secret = optarg;
        else
            return printf("usage: %s [-b ADDRESS] [-d DIRECTORY] [-p PROTOCOL] "
                          "[--cgi]\n\t[--user NAME:PASSWORD] [PORT]\n\n"
                          "Serves the files of a folder; with --cgi, the "
                          "scripts of its cgi-bin.\n",
                          argv[0]) < 0 ||
                           c != 'h'
                       ? 2
                       : 0;
    if (optind < argc)
        port = number(argv[optind], 0, 65535);
    snprintf(folder, sizeof folder, "%s/cgi-bin", files.root);

    sock_addr_t address;
    server = sock_httpd_new(host, port);
    if (!server || sock_httpd_set_limits(server, &limits) == -1 ||
        sock_httpd_set_log(server, log_line, NULL) == -1 ||
        sock_httpd_mount(server, "/", answer, &files) == -1 ||
        (scripts.root &&
         sock_httpd_mount(server, "/cgi-bin", answer, &scripts) == -1) ||
        sock_httpd_address(server, &address) == -1)
        return failed();
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    printf("listening on %s\n", repr(&address));
    fflush(stdout);
    int status = sock_httpd_serve_forever(server) == -1 ? failed() : 0;
    sock_httpd_free(server);
    return status;
}

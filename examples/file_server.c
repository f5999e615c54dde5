/* SPDX-License-Identifier: MIT */
/* Serves the files of a folder, as `python3 -m http.server` does. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include <pysockc/httpd.h>

#include "example.h"

static sock_httpd_t *server;
static sock_httpd_dir_t files = {
    .size = sizeof files, .root = ".", .flags = SOCK_HTTPD_LIST};
static sock_httpd_dir_t scripts = {.size = sizeof scripts, .root = "cgi-bin"};

/* What was asked for on the command line */
static sock_httpd_limits_t limits = {.size = sizeof limits};
static const char *host = "", *folder = ".", *secret; /* NAME:PASSWORD */
static bool with_scripts;
static int port = 8000;

static void on_signal(int signo)
{
    (void)signo;
    sock_httpd_shutdown(server, 5); /* what is on its way arrives */
}

static void log_message(sock_httpd_request_t *self, const char *line, void *arg)
{
    (void)self, (void)arg;
    puts(line);
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
        return; /* the error page is out */
    if (dir == &files)
        sock_httpd_simple(self, dir);
    else
        sock_httpd_cgi(self, dir);
}

static void take_option(int c, char *word)
{
    if (c == 'b')
        host = optarg;
    else if (c == 'd')
        folder = optarg;
    else if (c == 'p' && strcmp(optarg, "HTTP/1.0") == 0)
        limits.requests = 1; /* no connection is kept */
    else if (c == 'p' && strcmp(optarg, "HTTP/1.1") != 0)
        bad_arguments("no such protocol", optarg);
    else if (c == 'c')
        with_scripts = true;
    else if (c == 'u' && !strchr(optarg, ':'))
        bad_arguments("not NAME:PASSWORD", optarg);
    else if (c == 'u')
        secret = optarg;
    else if (c == ':')
        bad_arguments("nothing behind the option", word);
    else if (c != 'p')
        option(c == 'h' ? "--help" : word,
               "Serves the files of a folder; with --cgi, the scripts of its "
               "cgi-bin, too.\n\n"
               "ADDRESS is any of this machine's, DIRECTORY where this was "
               "started and PORT\n8000 unless given. PROTOCOL is HTTP/1.1, "
               "or HTTP/1.0, which keeps no connection.");
}

static void take_arguments(int argc, char **argv)
{
    static const struct option longs[] = {
        {"bind", 1, 0, 'b'}, {"directory", 1, 0, 'd'}, {"protocol", 1, 0, 'p'},
        {"cgi", 0, 0, 'c'},  {"user", 1, 0, 'u'},      {"help", 0, 0, 'h'},
        {0, 0, 0, 0}};
    int c;

    begin_with_options(argc, argv,
                       " [-b ADDRESS] [-d DIRECTORY] [-p PROTOCOL] [--cgi]\n"
                       "                   [--user NAME:PASSWORD] [PORT]");
    opterr = 0;
    while ((c = getopt_long(argc, argv, ":b:d:p:h", longs, NULL)) != -1)
        take_option(c, argv[optind - 1]);
    if (optind < argc)
        port = number(argv[optind++], 0, 65535);
    if (optind < argc)
        bad_arguments("too many arguments", argv[optind]);
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
    sock_addr_t address;

    take_arguments(argc, argv);
    if (chdir(folder) == -1)
        return complain("%s: %s", folder, strerror(errno));
    server = sock_httpd_new(host, port);
    if (!server || sock_httpd_set_limits(server, &limits) == -1 ||
        sock_httpd_set_log(server, log_message, NULL) == -1 ||
        sock_httpd_mount(server, "/", answer, &files) == -1 ||
        (with_scripts &&
         sock_httpd_mount(server, "/cgi-bin", answer, &scripts) == -1) ||
        sock_httpd_address(server, &address) == -1)
        return failed();
    when_stopped(on_signal);
    listening_on(&address);
    return serve();
}

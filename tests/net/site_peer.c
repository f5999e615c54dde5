/* SPDX-License-Identifier: MIT */
/* site_peer ROOT [THREADS]: serves a folder in each way there is, says at which
 * port, and ends with its standard input. */
#include <pysockc/httpd.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "serving.h"

static sock_httpd_t *server;
static sock_httpd_dir_t files = {.size = sizeof files,
                                 .flags = SOCK_HTTPD_LIST};
static sock_httpd_dir_t links = {.size = sizeof links,
                                 .flags = SOCK_HTTPD_FOLLOW_LINKS};
static sock_httpd_dir_t scripts = {.size = sizeof scripts, .deadline = 5};

static void serve_files(sock_httpd_request_t *self, void *arg)
{
    sock_httpd_simple(self, arg);
}

static void run_scripts(sock_httpd_request_t *self, void *arg)
{
    sock_httpd_cgi(self, arg);
}

static const char *const users[][2] = {{"ada", "p:\xc3\xa4 ss"},
                                       {"grace", "open sesame"}};

static int check(const char *user, const char *password, void *arg)
{
    int right = 0;
    (void)arg;
    for (int i = 0; i < 2; i++)
        right |= sock_compare_digest(user, users[i][0]) &
                 sock_compare_digest(password, users[i][1]);
    return right;
}

static void greet(sock_httpd_request_t *self)
{
    char body[64];
    while (sock_httpd_read(self, body, sizeof body) > 0)
        ;
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_end_headers(self);
    sock_httpd_printf(self, "hello %s\n", sock_httpd_user(self));
}

static void basic(sock_httpd_request_t *self, void *arg)
{
    if (sock_httpd_require_basic(self, "the site", check, arg))
        greet(self);
}

static int secret(const char *user, const char *realm, char *buf, size_t size,
                  void *arg)
{
    (void)realm, (void)arg;
    for (int i = 0; i < 2; i++)
        if (strcmp(user, users[i][0]) == 0) {
            snprintf(buf, size, "%s", users[i][1]);
            return SOCK_HTTPD_PASSWORD;
        }
    return SOCK_HTTPD_NO_USER;
}

static int flags_of_digests[] = {0, SOCK_HTTPD_MD5, SOCK_HTTPD_MD5_ONLY};

static void digest(sock_httpd_request_t *self, void *arg)
{
    if (sock_httpd_require_digest(self, "the site", *(int *)arg, secret, NULL))
        greet(self);
}

/* /error/NUMBER, or what a handler leaves to the server: 500. */
static void fail(sock_httpd_request_t *self, void *arg)
{
    const char *number = strrchr(sock_httpd_path(self), '/') + 1;

    (void)arg;
    if (strcmp(number, "none") != 0)
        sock_httpd_send_error(self, atoi(number), NULL);
}

static void mount(const char *prefix, sock_httpd_fn fn, void *arg)
{
    if (sock_httpd_mount(server, prefix, fn, arg) == 0)
        return;
    sock_perror(prefix);
    exit(1);
}

int main(int argc, char **argv)
{
    sock_httpd_limits_t limits = {.size = sizeof limits};

    if (argc < 2)
        return 2;
    limits.threads = argc > 2 ? atoi(argv[2]) : 0;
    files.root = links.root = scripts.root = argv[1];
    server = sock_httpd_new("127.0.0.1", 0);
    if (server == NULL || sock_httpd_set_limits(server, &limits) < 0)
        return 1;
    mount("/files", serve_files, &files);
    mount("/links", serve_files, &links);
    mount("/cgi-bin", run_scripts, &scripts);
    mount("/error", fail, NULL);
    mount("/basic", basic, NULL);
    mount("/sha", digest, &flags_of_digests[0]);
    mount("/both", digest, &flags_of_digests[1]);
    mount("/md5", digest, &flags_of_digests[2]);
    return serve_to_end(server);
}

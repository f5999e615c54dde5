/* SPDX-License-Identifier: MIT */
/* A server of a folder, for net_server.py: net_server THREADS FOLDER. It says
 * its port; SIGTERM ends it. */
#include <pysockc/httpd.h>
#include <pysockc/pysockc.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static sock_httpd_t *server;

static void stop(int number)
{
    (void)number;
    sock_httpd_shutdown(server, 1);
}

static void serve_folder(sock_httpd_request_t *self, void *dir)
{
    sock_httpd_simple(self, dir);
}

int main(int argc, char **argv)
{
    sock_httpd_limits_t limits = {.size = sizeof limits,
                                  .requests = 1 << 30,
                                  .connections = 20000,
                                  .per_address = 20000};
    sock_httpd_dir_t dir = {.size = sizeof dir};
    sock_addr_t address;

    if (argc != 3)
        return 2;
    limits.threads = atoi(argv[1]);
    dir.root = argv[2];
    server = sock_httpd_new("127.0.0.1", 0);
    if (server == NULL || sock_httpd_set_limits(server, &limits) < 0 ||
        sock_httpd_mount(server, "/", serve_folder, &dir) < 0 ||
        sock_httpd_address(server, &address) < 0) {
        sock_perror("net_server");
        return 1;
    }
    signal(SIGTERM, stop);
    printf("%d\n", sock_addr_port(&address));
    fflush(stdout);
    int result = sock_httpd_serve_forever(server);
    sock_httpd_free(server);
    return result == 0 ? 0 : 1;
}

/* SPDX-License-Identifier: MIT */
/* How the servers that tests run as programs are served. */
#ifndef SERVING_H
#define SERVING_H

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include <pysockc/httpd.h>

static inline void *wait_for_end(void *server)
{
    char c;
    while (read(0, &c, 1) > 0)
        ;
    sock_httpd_shutdown(server, 2);
    return NULL;
}

/* Says its port, and goes on to the end of standard input; the status of the
 * program. The server is freed. */
static inline int serve_to_end(sock_httpd_t *server)
{
    sock_addr_t address;
    pthread_t thread;

    if (sock_httpd_address(server, &address) < 0 ||
        pthread_create(&thread, NULL, wait_for_end, server) != 0)
        return 1;
    printf("%d\n", sock_addr_port(&address));
    fflush(stdout);
    int result = sock_httpd_serve_forever(server);
    pthread_join(thread, NULL);
    sock_httpd_free(server);
    return result == 0 ? 0 : 1;
}

#endif

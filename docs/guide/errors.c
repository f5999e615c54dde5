/* SPDX-License-Identifier: MIT */
/* errors HOST:PORT TEXT: sends TEXT, wants a record of 8 bytes back within two
 * seconds, and says what to do where it has none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pysockc/pysockc.h>

static int fetch(const char *where, const char *text, char record[8])
{
    char host[SOCK_HOST_NAME_MAX];
    int port;

    if (sock_addr_split(where, host, sizeof host, &port) == -1)
        return -1;
    SOCK_AUTO sock_t *s =
        sock_create_connection(host, port, 2.0, sock_addr_none());
    if (s == NULL || sock_sendall(s, text, strlen(text), 0) == -1 ||
        sock_shutdown(s, SHUT_WR) == -1)
        return -1;
    return sock_recv_all(s, record, 8) == -1 ? -1 : 0;
} /* sock_free() leaves the error as it is */

static const char *advice(const sock_error_t *e)
{
    switch (e->kind) {
    case SOCK_E_TIMEOUT:
        return "try again later";
    case SOCK_E_EOF:
        return "it knows another protocol";
    case SOCK_E_GAI:
        return "look at the name";
    case SOCK_E_VALUE:
    case SOCK_E_OVERFLOW:
        return "look at what was typed";
    case SOCK_E_OS:
        return e->code == ECONNREFUSED ? "start the server" : "ask the system";
    default:
        return "look into the program";
    }
}

int main(int argc, char **argv)
{
    char record[8];

    if (argc != 3) {
        fprintf(stderr, "usage: errors HOST:PORT TEXT\n");
        return 2;
    }
    if (fetch(argv[1], argv[2], record) == -1) {
        const sock_error_t *e = sock_last_error();
        sock_perror("errors");
        fprintf(stderr, "%s after %lu bytes: %s\n", sock_error_class(e),
                (unsigned long)e->done, advice(e));
        return EXIT_FAILURE;
    }
    printf("%.8s\n", record);
    return EXIT_SUCCESS;
}

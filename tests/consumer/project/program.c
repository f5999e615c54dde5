/* SPDX-License-Identifier: MIT */
/*
 * What a project around the library does with it, in C and in C++: a message
 * through a pair of sockets. Prints the version of the library it runs with.
 */
#include <pysockc/pysockc.h>

#include <stdio.h>
#include <string.h>

int main(void)
{
    sock_t *pair[2];
    char message[16], text[64] = "";
    ssize_t n = -1;

    if (sock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1 ||
        sock_sendall(pair[0], "Isi pesan.", 10, 0) == -1 ||
        (n = sock_recv_until(pair[1], message, sizeof message, '.')) == -1)
        sock_perror("consumer");
    sock_free(pair[0]);
    sock_free(pair[1]);
    if (n != 10 || memcmp(message, "Isi pesan.", 10) != 0)
        return 1;
    if (sock_new(999, SOCK_STREAM, 0) == NULL)
        sock_error_reason(NULL, text, sizeof text);
    if (strcmp(text, "[Errno 97] Address family not supported by protocol") !=
        0)
        return 2;
    puts(sock_version());
    return 0;
}

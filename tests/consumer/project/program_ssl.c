/* SPDX-License-Identifier: MIT */
/*
 * What a project around the TLS library does with it, in C and in C++: a
 * connection is put under TLS, and a peer that speaks none is refused. Prints
 * the version of the core that it runs with.
 */
#include <pysockc/pysockc.h>
#include <pysockc/ssl.h>

#include <stdio.h>
#include <string.h>

int main(void)
{
    sock_t *pair[2];
    char text[SOCK_ERROR_TEXT_MAX] = "";
    sock_ssl_context_t *ctx = sock_ssl_create_default_context(
        SOCK_SSL_CLIENT_AUTH, NULL, NULL, NULL);

    if (ctx == NULL || sock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1 ||
        sock_sendall(pair[0], "GET / HTTP/1.1\r\n\r\n", 18, 0) == -1) {
        sock_perror("consumer");
        return 1;
    }
    sock_t *s =
        sock_ssl_wrap_socket(ctx, pair[1], SOCK_SSL_SERVER_SIDE, NULL, NULL);
    if (s != NULL || sock_last_error()->kind != SOCK_E_TLS)
        return 2;
    sock_error_reason(NULL, text, sizeof text);
    if (strstr(text, "HTTP_REQUEST") == NULL)
        return 3;
    sock_free(pair[0]);
    sock_free(pair[1]);
    sock_ssl_context_free(ctx);
    puts(sock_version());
    return 0;
}

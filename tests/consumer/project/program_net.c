/* SPDX-License-Identifier: MIT */
/*
 * What a project around the network library does with it, in C and in C++: a URL
 * is taken apart, and https without a library for TLS is refused by a text that
 * says what is missing. Prints the version of the core that it runs with.
 */
#include <pysockc/net.h>
#include <pysockc/pysockc.h>

#include <stdio.h>
#include <string.h>

int main(void)
{
    char text[SOCK_ERROR_TEXT_MAX] = "";
    sock_url_t *url = sock_urlsplit("http://[::1]:8080/a?b#c");

    if (url == NULL) {
        sock_perror("consumer");
        return 1;
    }
    if (strcmp(url->hostname, "::1") != 0 || url->port != 8080)
        return 2;
    sock_url_free(url);
    if (sock_urlopen("https://127.0.0.1:1/", NULL, 0, 1.0) != NULL ||
        sock_last_error()->kind != SOCK_E_UNSUPPORTED)
        return 3;
    sock_error_text(NULL, text, sizeof text);
    if (strstr(text, "sock_ssl_init()") == NULL)
        return 4;
    puts(sock_version());
    return 0;
}

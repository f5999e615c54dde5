/* SPDX-License-Identifier: MIT */
/* Prints the header fields of what a URL names. */
#include <pysockc/request.h>

#include "example.h"

int main(int argc, char **argv)
{
    const char *url = "http://localhost";
    char line[8192];

    if (begin(argc, argv, " [URL]", 1,
              "Prints the header fields of what URL names.\n\n"
              "URL is 'http://localhost' unless given.") > 0)
        url = argv[1];
    sock_http_response_t *data = sock_urlopen(url, NULL, 0, MESSAGE_SECONDS);
    if (!data)
        return failed();
    for (int i = 0;
         sock_headers_line(sock_http_headers(data), i, line, sizeof line) > 0;
         i++)
        puts(line);
    sock_http_response_free(data);
    return EXIT_SUCCESS;
}

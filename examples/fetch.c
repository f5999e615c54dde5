/* SPDX-License-Identifier: MIT */
/* Fetches what a URL names into a file, and shows how far it is. */
#define _POSIX_C_SOURCE 200809L

#include <string.h>
#include <unistd.h>

#include <pysockc/request.h>

#include "example.h"

/* The end of the URL's path. */
static const char *name_in(const char *url)
{
    const char *slash = strrchr(url, '/');
    const char *name = slash ? slash + 1 : "";
    return *name != '\0' && !strpbrk(name, "?#%") ? name : "index.html";
}

int main(int argc, char **argv)
{
    int n = begin(argc, argv, " URL [FILE]", 2,
                  "Fetches what URL names into FILE, and shows how far it is "
                  "on a terminal.\n\n"
                  "FILE is called as the end of the URL is unless given.");
    if (n < 1)
        bad_arguments("there is no URL", "");

    const char *path = n > 1 ? argv[2] : name_in(argv[1]);
    bool terminal = isatty(STDERR_FILENO);
    int result =
        sock_urlretrieve(argv[1], path, terminal ? show_progress : NULL, stderr,
                         MESSAGE_SECONDS);
    if (terminal)
        fputs("\n", stderr);
    return result == 0 ? EXIT_SUCCESS : failed();
}

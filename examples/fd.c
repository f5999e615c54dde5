/* SPDX-License-Identifier: MIT */
/* A file descriptor is a small number; the socket of the next program too. */
#define _POSIX_C_SOURCE 200809L

#include "example.h"

int main(int argc, char **argv)
{
    begin(argc, argv, "", 0, "Shows the three descriptors of every program.");

    fprintf(stdout, "%s", "write to stdout\n");
    fprintf(stderr, "%s", "write to stderr\n");
    printf("%d %d %d\n", fileno(stdin), fileno(stdout), fileno(stderr));
    return 0;
}

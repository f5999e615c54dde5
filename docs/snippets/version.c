/* SPDX-License-Identifier: MIT */
#include <pysockc/pysockc.h>

#include <stdio.h>

static int versions(void)
{
    //! [version]
    printf("made for %s, runs with %s\n", SOCK_VERSION, sock_version());
    /* -> made for ..., runs with ... */
    //! [version]
    return 0;
}

int main(void)
{
    return versions();
}

/* SPDX-License-Identifier: MIT */
//! [names]
#include <pysockc/names.h>

#include <stdio.h>

static int names(void)
{
    char ip[SOCK_ADDR_HOST_MAX];
    int port = getservbyname("http", "tcp"); /* not the C library's */
    if (port == -1 || gethostbyname("localhost", ip, sizeof ip) == -1)
        return -1;
    printf("%s, port %d\n", ip, port); /* -> 127.0.0.1, port 80 */
    return 0;
}
//! [names]

#include <stdlib.h>

int main(void)
{
    setbuf(stdout, NULL);
    if (getenv("PYSOCKC_OWN_ETC") == NULL) {
        puts("skipped: the host's own names; see tests/tools/own_etc.py");
        return 77;
    }
    return names();
}

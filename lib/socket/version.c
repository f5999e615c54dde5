/* SPDX-License-Identifier: MIT */
#include <pysockc/version.h>

const char *sock_version(void)
{
    return SOCK_VERSION;
}

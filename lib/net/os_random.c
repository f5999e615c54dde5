/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE

#include "os_random.h"

#include <errno.h>
#include <sys/random.h>
#include <sys/types.h>

/* So few come whole, but a signal may end the wait of a machine that has just
 * begun. */
int sock__os_random(void *bytes, size_t n)
{
    int saved = errno;

    for (;;) {
        ssize_t got = getrandom(bytes, n, 0);
        if (got == (ssize_t)n) {
            errno = saved;
            return 0;
        }
        if (got < 0 && errno != EINTR)
            return -1;
    }
}

/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "run.h"

#include "deadline.h"
#include "park.h"
#include "request.h"

int sock__run_here(sock_request_t *r)
{
    struct sock__inside here;
    if (sock__deadline_begin(r) < 0)
        return -1;
    sock__go_inside(&here, r->server);
    int result = sock__request_handle(r);
    sock__go_outside(&here);
    sock__deadline_end(r);
    return result;
}

void sock__run(sock_request_t *r)
{
    int result;
    do {
        result = sock__run_here(r);
        if (result > 0)
            result = sock__park(r);
    } while (result == SOCK__HAS_BYTES);
    if (result < 0)
        sock__request_fail(r);
    else if (result != SOCK__PARKED)
        sock__request_end(r);
}

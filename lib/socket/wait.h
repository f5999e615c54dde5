/* The one function that waits, for the whole library. */
#ifndef SOCK__WAIT_H
#define SOCK__WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "private.h"

/* sock__wait(), which also gives what sock__os_poll() found. */
int sock__await(sock_t *s, int fd, short events, struct sock__timer *timer,
                int *ready);
/* Lets time pass, but not beyond the timer: 0 or an errno. */
int sock__pause(sock_t *s, int64_t ns, struct sock__timer *timer);
/* Asks the interrupt function whether the call shall end. */
bool sock__interrupted(const sock_t *s);

#endif

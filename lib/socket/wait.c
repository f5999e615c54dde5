#include "wait.h"

#include <errno.h>

#include "object.h"
#include "os.h"

bool sock__interrupted(const sock_t *s)
{
    sock_interrupt_fn check = atomic_load(&s->check);
    return check != NULL && check(atomic_load(&s->check_arg)) != 0;
}

struct sock__timer sock__timer(const sock_t *s)
{
    return (struct sock__timer){
        .timeout = atomic_load_explicit(&s->timeout, memory_order_relaxed)};
}

/* What is left of the time; the clock starts with the first question. */
static int64_t time_left(struct sock__timer *t)
{
    if (t->timeout <= 0)
        return t->timeout;
    int64_t now = sock__os_now();
    if (t->deadline == 0)
        t->deadline =
            t->timeout < INT64_MAX - now ? now + t->timeout : INT64_MAX;
    return t->deadline > now ? t->deadline - now : 0;
}

int sock__await(sock_t *s, int fd, short events, struct sock__timer *t,
                int *ready)
{
    bool begun = t->deadline != 0;
    for (;;) {
        int64_t left = time_left(t);
        if (begun && left == 0) /* though it may be ready, in vain */
            return SOCK__TIMED_OUT;
        *ready = sock__os_poll(fd, events, left);
        if (*ready > 0)
            return 0;
        if (*ready == 0 && left >= 0 && left <= SOCK__OS_LONGEST_WAIT)
            return SOCK__TIMED_OUT;
        if (*ready < 0 && errno != EINTR)
            return errno;
        if (*ready < 0 && sock__interrupted(s))
            return EINTR;
    }
}

int sock__wait(sock_t *s, int fd, short events, struct sock__timer *t)
{
    int ready;
    return sock__await(s, fd, events, t, &ready);
}

int sock__pause(sock_t *s, int64_t ns, struct sock__timer *t)
{
    int64_t left = time_left(t);
    struct sock__timer nap = {.timeout = left < 0 || left > ns ? ns : left};
    int ready, status = sock__await(s, -1, 0, &nap, &ready);
    return status == SOCK__TIMED_OUT ? 0 : status;
}

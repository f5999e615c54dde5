/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "watch.h"

#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const struct sock__watcher *_Atomic watcher;

void sock__watch_lock(void)
{
    pthread_mutex_lock(&lock);
}

void sock__watch_unlock(void)
{
    pthread_mutex_unlock(&lock);
}

__attribute__((constructor)) static void keep_over_forks(void)
{
    pthread_atfork(sock__watch_lock, sock__watch_unlock, sock__watch_unlock);
}

void sock__watch_by(const struct sock__watcher *by)
{
    atomic_store(&watcher, by);
}

/* Hanging on and taking off */

void sock__watch_add(sock_t *s, struct sock__watch *w)
{
    w->next = atomic_load(&s->watches);
    atomic_store(&s->watches, w);
}

void sock__watch_remove(sock_t *s, const struct sock__watch *w)
{
    struct sock__watch *at = atomic_load(&s->watches);
    if (at == w) {
        atomic_store(&s->watches, w->next);
        return;
    }
    while (at->next != w)
        at = at->next;
    at->next = w->next;
}

/* Telling */

void sock__watch_tell_closing(const sock_t *s, int fd)
{
    const struct sock__watcher *by = atomic_load(&watcher);
    sock__watch_lock();
    for (struct sock__watch *w = atomic_load(&s->watches); w != NULL;
         w = w->next)
        by->closing(w, fd);
    sock__watch_unlock();
}

void sock__watch_tell_gone(sock_t *s)
{
    const struct sock__watcher *by = atomic_load(&watcher);
    int fd = atomic_load_explicit(&s->fd, memory_order_relaxed);
    struct sock__watch *w;

    sock__watch_lock();
    while ((w = atomic_load(&s->watches)) != NULL) {
        atomic_store(&s->watches, w->next);
        by->gone(w, fd);
    }
    sock__watch_unlock();
}

void sock__watch_tell_heard(const sock_t *s)
{
    const struct sock__watcher *by = atomic_load(&watcher);
    sock__watch_lock();
    for (struct sock__watch *w = atomic_load(&s->watches); w != NULL;
         w = w->next)
        by->heard(w);
    sock__watch_unlock();
}

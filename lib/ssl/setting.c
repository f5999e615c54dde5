/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "setting.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct sock__ssl_setting {
    atomic_uint holds;
    size_t size;
    void (*end)(void *value);
    _Alignas(max_align_t) unsigned char value[];
};

struct sock__ssl_setting *sock__ssl_setting_new(const void *value, size_t size)
{
    struct sock__ssl_setting *x = calloc(1, sizeof *x + size);
    if (x == NULL)
        return NULL;
    atomic_init(&x->holds, 1);
    x->size = size;
    if (value != NULL)
        memcpy(x->value, value, size);
    return x;
}

void sock__ssl_setting_ends_by(struct sock__ssl_setting *x,
                               void (*end)(void *value))
{
    x->end = end;
}

void *sock__ssl_setting_value(struct sock__ssl_setting *x)
{
    return x != NULL ? x->value : NULL;
}

size_t sock__ssl_setting_size(const struct sock__ssl_setting *x)
{
    return x != NULL ? x->size : 0;
}

struct sock__ssl_setting *sock__ssl_setting_hold(struct sock__ssl_setting *x)
{
    if (x != NULL)
        atomic_fetch_add(&x->holds, 1);
    return x;
}

void sock__ssl_setting_drop(struct sock__ssl_setting *x)
{
    if (x == NULL || atomic_fetch_sub(&x->holds, 1) != 1)
        return;
    if (x->end != NULL)
        x->end(x->value);
    free(x);
}

struct sock__ssl_settings sock__ssl_settings_hold(
    const struct sock__ssl_settings *all)
{
    struct sock__ssl_settings held = *all;
    for (int i = 0; i < SOCK__SSL_SETTINGS; i++)
        sock__ssl_setting_hold(held.of[i]);
    return held;
}

void sock__ssl_settings_drop(const struct sock__ssl_settings *all)
{
    for (int i = 0; i < SOCK__SSL_SETTINGS; i++)
        sock__ssl_setting_drop(all->of[i]);
}

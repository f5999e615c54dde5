/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "httpd_limits.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "record.h"

enum {
    MOST_THREADS = 4096,
    MOST_HEAD = 1 << 24, /* bytes */
    MOST_HELD = 1 << 24
};

/* Where a member stands, what it may be, and what it is if it is 0. */
#define MEMBER(name) offsetof(sock_httpd_limits_t, name), #name

static const struct {
    size_t at;
    const char *name;
    size_t most, otherwise;
} sizes[] = {
    {MEMBER(head), MOST_HEAD, 32 << 10},
    {MEMBER(target), MOST_HEAD, 8 << 10},
    {MEMBER(fields), MOST_HEAD, 100},
    {MEMBER(held), MOST_HELD, 16 << 10},
};

static const struct {
    size_t at;
    const char *name;
    double otherwise;
} times[] = {
    {MEMBER(head_timeout), 20},  {MEMBER(idle_timeout), 60},
    {MEMBER(write_timeout), 60}, {MEMBER(body_grace), 20},
    {MEMBER(body_rate), 500},
};

static const struct {
    size_t at;
    const char *name;
    int least, most, otherwise;
} numbers[] = {
    {MEMBER(threads), -1, MOST_THREADS, 8},
    {MEMBER(requests), 0, INT_MAX, 1000},
    {MEMBER(connections), 0, INT_MAX, 10000},
    {MEMBER(per_address), 0, INT_MAX, 256},
};

static int out_of_range(const char *name)
{
    return sock__fail_quoting("set_limits", SOCK_E_VALUE, SOCK__MEMBER_RANGE,
                              name);
}

static int take_sizes(sock_httpd_limits_t *to)
{
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char *at = (char *)to + sizes[i].at;
        size_t value;
        memcpy(&value, at, sizeof value);
        if (value > sizes[i].most)
            return out_of_range(sizes[i].name);
        if (value == 0)
            memcpy(at, &sizes[i].otherwise, sizeof value);
    }
    return 0;
}

/* A time is never so long that it is not one in nanoseconds. */
static int take_times(sock_httpd_limits_t *to)
{
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        char *at = (char *)to + times[i].at;
        double value;
        memcpy(&value, at, sizeof value);
        if (!(value >= 0 && value <= 1e9))
            return out_of_range(times[i].name);
        if (value == 0)
            memcpy(at, &times[i].otherwise, sizeof value);
    }
    return 0;
}

static int take_numbers(sock_httpd_limits_t *to)
{
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        char *at = (char *)to + numbers[i].at;
        int value;
        memcpy(&value, at, sizeof value);
        if (value < numbers[i].least || value > numbers[i].most)
            return out_of_range(numbers[i].name);
        if (value == 0)
            memcpy(at, &numbers[i].otherwise, sizeof value);
    }
    return 0;
}

static bool is_reserved_zero(const sock_httpd_limits_t *limits)
{
    for (size_t i = 0; i < sizeof limits->reserved / sizeof(int); i++)
        if (limits->reserved[i] != 0)
            return false;
    return true;
}

int sock__httpd_limits(sock_httpd_limits_t *to, const sock_httpd_limits_t *from)
{
    const char *op = "set_limits";
    sock_httpd_limits_t taken;

    if (from->size != sizeof *from)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__STRUCT_SIZE);
    taken = *from;
    if (take_sizes(&taken) < 0 || take_times(&taken) < 0 ||
        take_numbers(&taken) < 0)
        return -1;
    if (taken.body < 0)
        return out_of_range("body");
    if (taken.body == 0)
        taken.body = INT64_C(1) << 30;
    if (!is_reserved_zero(from))
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__RESERVED);
    *to = taken;
    return 0;
}

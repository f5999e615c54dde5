/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <string.h>

#include "constant.h"
#include "os.h"
#include "record.h"

/* The place of a name, or where it would stand. */
static size_t place(const char *name)
{
    size_t low = 0, high = sock__os_constant_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(sock__os_constants[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* NULL if there is none of this name. */
static const struct sock__constant *find(const char *name)
{
    size_t i = place(name);
    if (i == sock__os_constant_count ||
        strcmp(sock__os_constants[i].name, name) != 0)
        return NULL;
    return &sock__os_constants[i];
}

int sock_constant(const char *name, int64_t *value)
{
    if (name == NULL || value == NULL)
        return sock__fail("constant", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    const struct sock__constant *found = find(name);
    if (found == NULL)
        return sock__fail_quoting("constant", SOCK_E_VALUE, SOCK__NO_CONSTANT,
                                  name);
    *value = found->value;
    return 0;
}

int sock_constant_is_python(const char *name)
{
    const struct sock__constant *found = name != NULL ? find(name) : NULL;
    return found != NULL && found->python;
}

/* Whether a name is one to show with a prefix of n bytes. */
static bool is_shown(const struct sock__constant *c, size_t n)
{
    return !c->also || n > strcspn(c->name, "_") + 1;
}

/* The names with a prefix stand together. */
const char *sock__constant_name(const char *prefix, int64_t value)
{
    const struct sock__constant *end =
        sock__os_constants + sock__os_constant_count;
    size_t n = strlen(prefix);

    for (const struct sock__constant *c = sock__os_constants + place(prefix);
         c < end && strncmp(c->name, prefix, n) == 0; c++)
        if (c->value == value && is_shown(c, n))
            return c->name;
    return NULL;
}

const char *sock_constant_name(const char *prefix, int64_t value)
{
    if (prefix == NULL) {
        sock__fail("constant_name", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
        return NULL;
    }
    const char *name = sock__constant_name(prefix, value);
    if (name == NULL)
        sock__fail("constant_name", SOCK_E_VALUE, 0, SOCK__NO_SUCH_VALUE);
    return name;
}

const char *sock_constant_at(size_t index, int64_t *value)
{
    if (index >= sock__os_constant_count)
        return NULL;
    if (value != NULL)
        *value = sock__os_constants[index].value;
    return sock__os_constants[index].name;
}

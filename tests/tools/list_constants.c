/* SPDX-License-Identifier: MIT */
/*
 * Prints the table of constants, for check_constants.py: name, value, the name
 * that the value is shown as with the same first word, and whether it is
 * Python's.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <pysockc/pysockc.h>

static const char *shown(const char *name, int64_t value)
{
    char prefix[32];
    snprintf(prefix, sizeof prefix, "%.*s_", (int)strcspn(name, "_"), name);
    const char *found = sock_constant_name(prefix, value);
    return found != NULL ? found : "-";
}

int main(void)
{
    const char *name;
    int64_t value;

    for (size_t i = 0; (name = sock_constant_at(i, &value)) != NULL; i++)
        printf("%s %" PRId64 " %s %d\n", name, value, shown(name, value),
               sock_constant_is_python(name));
    return 0;
}

/* Prints the table of constants, for check_constants.py. */
#include <inttypes.h>
#include <stdio.h>

#include <pysockc/pysockc.h>

int main(void)
{
    const char *name;
    int64_t value;

    for (size_t i = 0; (name = sock_constant_at(i, &value)) != NULL; i++)
        printf("%s %" PRId64 "\n", name, value);
    return 0;
}

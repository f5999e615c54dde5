/* Tests that leak on purpose: the run must fail, or no leak is ever seen. */
#include "support.h"

#include <stdlib.h>
#include <unistd.h>

TEST(canary, descriptor)
{
    check(dup(0) >= 0);
}

TEST(canary, memory)
{
    void *volatile lost = malloc(77);
    lost = NULL;
    (void)lost;
}

/* SPDX-License-Identifier: MIT */
#include "starve.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "support.h"

_Thread_local int fail_at;
static _Thread_local bool hit;

static bool refused(void)
{
    if (fail_at == 0 || --fail_at > 0)
        return false;
    hit = true;
    errno = ENOMEM;
    return true;
}

int refuse_from(int n)
{
    hit = false;
    fail_at = n;
    return 1;
}

int was_refused(void)
{
    fail_at = 0;
    return hit;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
char *__wrap_strdup(const char *text);

void *__wrap_malloc(size_t size)
{
    return refused() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return refused() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    return refused() ? NULL : __real_realloc(p, size);
}

char *__wrap_strdup(const char *text)
{
    return refused() ? NULL : __real_strdup(text);
}

void need_own_memory(void)
{
    if (getauxval(AT_BASE) == 0)
        skip("libc's own allocations can't be told from the library's");
}

void check_no_memory(const char *op)
{
    check_int(sock_last_error()->kind, SOCK_E_MEMORY);
    check_int(errno, ENOMEM);
    check_that(strncmp(error_text(), op, strlen(op)) == 0, "%s", error_text());
}

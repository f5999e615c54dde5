/* SPDX-License-Identifier: MIT */
#include "starve.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/auxv.h>

#include <openssl/crypto.h>

#include "support.h"

_Thread_local int fail_at;

static bool refused(void)
{
    if (fail_at == 0 || --fail_at > 0)
        return false;
    errno = ENOMEM;
    return true;
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

static void *openssl_malloc(size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return refused() ? NULL : __real_malloc(size);
}

static void *openssl_realloc(void *p, size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return refused() ? NULL : __real_realloc(p, size);
}

static void openssl_free(void *p, const char *file, int line)
{
    (void)file, (void)line;
    free(p);
}

/* Before anyone uses OpenSSL. */
static bool hooked;
__attribute__((constructor)) static void hook(void)
{
    hooked = CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc,
                                      openssl_free) == 1;
    /* Its end frees some of its tables twice whose making was refused. */
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
}

void need_own_memory(void)
{
    if (getauxval(AT_BASE) == 0)
        skip("libc's own allocations can't be told from the library's");
}

void need_hooks(void)
{
    need_own_memory();
    if (!hooked)
        skip("OpenSSL has its memory already");
}

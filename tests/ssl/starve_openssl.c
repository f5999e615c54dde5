/* SPDX-License-Identifier: MIT */
#include "starve_openssl.h"

#include <stdbool.h>
#include <stdlib.h>

#include <openssl/crypto.h>

#include "support.h"

/* Here these are starve.c's, which may refuse. */

static void *openssl_malloc(size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return malloc(size);
}

static void *openssl_realloc(void *p, size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return realloc(p, size);
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

void need_hooks(void)
{
    need_own_memory();
    if (!hooked)
        skip("OpenSSL has its memory already");
}

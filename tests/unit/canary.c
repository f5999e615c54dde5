/* SPDX-License-Identifier: MIT */
/*
 * Tests that fail on purpose: the run must fail, too, and say why, or no
 * failure is ever seen. Some show only where a sanitizer or valgrind looks.
 */
#include "support.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

TEST(canary, check)
{
    check_int(1, 2);
}

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

TEST(canary, exit)
{
    exit(0);
}

TEST(canary, crash)
{
    abort();
}

TEST(canary, hang)
{
    for (;;)
        pause();
}

TEST(canary, uninitialised)
{
    char *volatile made = malloc(8);
    if (made[3] == 'x')
        puts("an accident");
    free(made);
}

static int shared;

static void *add(void *arg)
{
    (void)arg;
    for (int i = 0; i < 1000; i++)
        shared++;
    return NULL;
}

TEST(canary, race)
{
    pthread_t other;
    check_int(pthread_create(&other, NULL, add, NULL), 0);
    add(NULL);
    pthread_join(other, NULL);
}

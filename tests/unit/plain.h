/* SPDX-License-Identifier: MIT */
/*
 * A test runner of two files, for where Criterion does not go: under
 * ThreadSanitizer, MemorySanitizer and valgrind, on other processors and other
 * C libraries. Each test is a process; it has passed when it came to its end
 * and the process then ended with status 0, so a sanitizer's status counts.
 *
 *   PROGRAM [--filter PATTERN] [--repeat N] [--jobs N] [--timeout SECONDS]
 *           [--xml=FILE] [--list]
 *
 * A pattern is one of the shell's, for GROUP/NAME. The exit status is 0 if no
 * test failed and at least one was run.
 */
#ifndef PLAIN_H
#define PLAIN_H

struct plain_test {
    const char *group, *name;
    void (*body)(void);
    struct plain_test *next;
    int outcome; /* the worst of its runs */
    char why[512];
};

void plain_add(struct plain_test *test);

/* They end the test, from any of its threads. */
_Noreturn void plain_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
_Noreturn void plain_skip(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* The head of a test's body, which adds itself before main() begins. */
#define PLAIN_TEST(group_, name_)                                              \
    static void group_##_##name_##_body(void);                                 \
    __attribute__((constructor)) static void group_##_##name_##_add(void)      \
    {                                                                          \
        static struct plain_test test = {                                      \
            .group = #group_,                                                  \
            .name = #name_,                                                    \
            .body = group_##_##name_##_body,                                   \
        };                                                                     \
        plain_add(&test);                                                      \
    }                                                                          \
    static void group_##_##name_##_body(void)

#endif

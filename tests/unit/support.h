/* SPDX-License-Identifier: MIT */
/*
 * What every test uses. The one file that knows the test runner, so that the
 * tests themselves can be built on another.
 */
#ifndef SUPPORT_H
#define SUPPORT_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include <pysockc/pysockc.h>

#ifdef PYSOCKC_PLAIN_RUNNER
#include "plain.h"
#define RUNNERS_TEST(group, name) PLAIN_TEST(group, name)
#define skip(...) plain_skip(__VA_ARGS__)
#define check_that(condition, ...)                                             \
    ((condition) ? (void)0 : plain_fail(__FILE__, __LINE__, __VA_ARGS__))
#else
#include <criterion/criterion.h>
#define RUNNERS_TEST(group, name) Test(group, name, .timeout = 120)
#define skip(...) (say_skipped(__VA_ARGS__), cr_skip_test(__VA_ARGS__))
#define check_that(condition, ...) cr_assert(condition, __VA_ARGS__)
#endif

/*
 * What stands above: skip() ends the test, and says why in the run's report;
 * check_that() fails it with a text of its own.
 */

/* A test; it fails, too, if it leaves a descriptor open or memory behind. */
#define TEST(group, name)                                                      \
    static void group##_##name(void);                                          \
    RUNNERS_TEST(group, name)                                                  \
    {                                                                          \
        run_test(group##_##name);                                              \
    }                                                                          \
    static void group##_##name(void)

void run_test(void (*body)(void));

/* Criterion's report has no reasons. */
void say_skipped(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define check(condition) check_that(condition, "%s", #condition)

#define check_int(actual, expected)                                            \
    check_int_at(__FILE__, __LINE__, #actual, (long long)(actual),             \
                 (long long)(expected))
#define check_str(actual, expected)                                            \
    check_str_at(__FILE__, __LINE__, #actual, (actual), (expected))
#define check_bytes(actual, expected, size)                                    \
    check_bytes_at(__FILE__, __LINE__, #actual, (actual), (expected), (size))

/* The call does not return -1 or NULL. */
#define check_ok(call) check_ok_at(__FILE__, __LINE__, #call, (long long)(call))
#define check_made(call) check_made_at(__FILE__, __LINE__, #call, (call))

/* The call returns -1 (or NULL), with this error, its errno and its text, in
 * which <peer> stands for the address that the record has. */
#define check_fails(call, kind, code, text)                                    \
    check_fails_at(__FILE__, __LINE__, #call, (long long)(call), kind, code,   \
                   text)
#define check_null(call, kind, code, text)                                     \
    check_fails_at(__FILE__, __LINE__, #call, (call) == NULL ? -1 : 0, kind,   \
                   code, text)

void check_int_at(const char *file, int line, const char *what,
                  long long actual, long long expected);
void check_str_at(const char *file, int line, const char *what,
                  const char *actual, const char *expected);
void check_bytes_at(const char *file, int line, const char *what,
                    const void *actual, const void *expected, size_t size);
long long check_ok_at(const char *file, int line, const char *what,
                      long long result);
void *check_made_at(const char *file, int line, const char *what, void *made);
void check_fails_at(const char *file, int line, const char *what,
                    long long result, int kind, int code, const char *text);

/* The text of an address, an object, and the last error. Static. */
const char *repr(const sock_addr_t *a);
const char *object_repr(sock_t *s);
const char *error_text(void);
/* What an error says that names an address. Static. */
const char *about(const char *op, const sock_addr_t *a, const char *what);

/* Two connected sockets. */
struct pair {
    sock_t *a, *b;
};
struct pair tcp_pair(void);
struct pair udp_pair(void); /* each connected to the other, on 127.0.0.1 */
struct pair unix_pair(int type);
void free_pair(struct pair *p);

/* A listener on a free port of 127.0.0.1, and its address. */
sock_t *listener(sock_addr_t *address);

/* A port of 127.0.0.1 that no one listens on, held by the socket. */
sock_t *unused_port(sock_addr_t *address);

/* A listener whose queue is full: who connects to it hears nothing. */
struct silent {
    sock_t *server, *fillers[4];
    sock_addr_t address;
};
struct silent silent_peer(void);
void free_silent(struct silent *peer);

/* A socket that is closed, but still an object. */
sock_t *closed_socket(int type);

/* Ends a child of a test, where _exit(2) would lose what gcov has counted. */
_Noreturn void end_child(int status);

/* Whether the descriptor is in non-blocking mode. */
bool is_nonblocking(int fd);
/* Changes that behind the library's back. */
void set_nonblocking(int fd, bool on);

/* Whether libc is glibc, as the tests take it to be. On another one the checks
 * translate the texts of errors. */
bool on_glibc(void);

/* Whether the test runs in an emulator of another processor, whose own view of
 * a few system calls is not the kernel's. */
bool emulated(void);
/* Whether it runs under valgrind, which does some of the kernel's work. */
bool under_valgrind(void);
/* Whether it runs under ThreadSanitizer. */
bool under_tsan(void);

/* For a test of what hosts and services are called: it knows what stands in
 * tests/etc, and is skipped where the machine's own tables are in use. */
void need_own_etc(void);

/* Monotonic seconds. */
double now(void);
/* Seconds that processors have worked for this process: what a computation
 * takes, whatever else the machine has to do. */
double worked(void);

/* Descriptors that this process has open. */
int open_descriptors(void);

/* Reads what the test process has on this thread's stack of waits: true once
 * the thread sleeps in the kernel. */
bool wait_until_blocked(long tid);
long thread_id(void);

#endif

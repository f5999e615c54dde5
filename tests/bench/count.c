/* SPDX-License-Identifier: MIT */
/*
 * What an operation costs apart from time. A child does it, and this process,
 * as its tracer, counts the stops: one at each end of a system call, or one
 * after each instruction. That is exact, the same on every machine with the
 * same C library, and needs no performance counters.
 */
#define _GNU_SOURCE

#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

enum {
    WARM_UP = 3, /* Lazy binding, first allocations, files read once. */
    OPERATIONS = 4,
    STEPPED = 1, /* Operations step by step, as each step takes long. */
    TRIES = 3,
    REFUSED = 100
};

/* --- Allocations -------------------------------------------------------- */

/* The linker's --wrap sends the calls of the static library's own code here;
 * unlike a malloc of our own that leaves the sanitizers theirs. */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);

int __real_posix_memalign(void **room, size_t align, size_t size);
int __wrap_posix_memalign(void **room, size_t align, size_t size);

static long allocations;

void *__wrap_malloc(size_t size)
{
    allocations++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    allocations++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    allocations++;
    return __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
    allocations++;
    return __real_strdup(text);
}

int __wrap_posix_memalign(void **room, size_t align, size_t size)
{
    allocations++;
    return __real_posix_memalign(room, align, size);
}

static double count_allocations(bench_loop *loop)
{
    loop(WARM_UP);
    long before = allocations;
    loop(OPERATIONS);
    return (double)(allocations - before) / OPERATIONS;
}

/* --- The traced child --------------------------------------------------- */

static void stop(void)
{
    kill(getpid(), SIGSTOP);
}

/* Twice from stop to stop: without the operation, and with it. */
static _Noreturn void be_traced(bench_loop *loop, long n)
{
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == -1)
        _exit(REFUSED);
    bench_begin_child();
    loop(WARM_UP);
    for (int full = 0; full < 2; full++) {
        stop();
        loop(full ? n : 0);
        stop();
    }
    _exit(0);
}

/* Whether the child is elsewhere than at its last stop. A repeated string
 * instruction of x86 stops once for each round, and shall count as one. */
static bool moved(pid_t child, uintptr_t *where)
{
#ifdef __x86_64__
    uintptr_t now = (uintptr_t)ptrace(PTRACE_PEEKUSER, child,
                                      offsetof(struct user, regs.rip), NULL);
    bool other = now != *where;
    *where = now;
    return other;
#else
    (void)child;
    (void)where;
    return true;
#endif
}

/* Lets the child run until it stops itself; how often it stopped before, or
 * -1 if it ended instead. */
static long run_to_stop(pid_t child, unsigned request)
{
    uintptr_t where = 0;
    for (long stops = 0;;) {
        int status;
        if (ptrace(request, child, NULL, NULL) == -1 ||
            waitpid(child, &status, 0) == -1 || !WIFSTOPPED(status))
            return -1;
        if (WSTOPSIG(status) == SIGSTOP)
            return stops;
        if (WSTOPSIG(status) != SIGTRAP)
            return -1;
        if (request != PTRACE_SINGLESTEP || moved(child, &where))
            stops++;
    }
}

/* Stops per operation; -1 if tracing is refused. */
static double count_stops(bench_loop *loop, long n, unsigned request)
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    BENCH_NEED(child != -1);
    if (child == 0)
        be_traced(loop, n);
    BENCH_NEED(waitpid(child, &status, 0) == child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == REFUSED)
        return -1;
    BENCH_NEED(WIFSTOPPED(status));
    long empty = run_to_stop(child, request);
    BENCH_NEED(empty >= 0 && run_to_stop(child, PTRACE_CONT) == 0);
    long full = run_to_stop(child, request);
    BENCH_NEED(full >= empty);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return (double)(full - empty) / (double)n;
}

/* Of several tries the least: a segment that comes in two pieces, a signal, or
 * a string at the end of a page can only add to what is needed. */
static double least_stops(bench_loop *loop, long n, unsigned request, int tries)
{
    double least = count_stops(loop, n, request);
    for (int i = 1; i < tries && least > 0; i++) {
        double again = count_stops(loop, n, request);
        if (again < least)
            least = again;
    }
    return least;
}

/* --- For the table ------------------------------------------------------ */

static void nothing(long n)
{
    (void)n;
}

int bench_can_trace(void)
{
    return count_stops(nothing, 1, PTRACE_SYSCALL) >= 0;
}

struct bench_counts bench_count(bench_loop *loop, int instruction_tries)
{
    struct bench_counts c = {-1, -1, count_allocations(loop)};
    if (!bench_can_trace())
        return c;
    c.system_calls = least_stops(loop, OPERATIONS, PTRACE_SYSCALL, TRIES) / 2;
    if (instruction_tries > 0)
        c.instructions =
            least_stops(loop, STEPPED, PTRACE_SINGLESTEP, instruction_tries);
    return c;
}

/* --- The processor ------------------------------------------------------- */

void bench_stay_on_one_processor(void)
{
    cpu_set_t one;
    int cpu = sched_getcpu();
    if (cpu < 0)
        return;
    CPU_ZERO(&one);
    CPU_SET((size_t)cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
}

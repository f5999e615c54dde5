/* SPDX-License-Identifier: MIT */
/* Functions of libc that stand before their own, by the linker's --wrap. A file
 * that includes this has a hit(), which gives the errno that a call shall fail
 * with, or 0. */
#ifndef FAULT_WRAP_H
#define FAULT_WRAP_H

#include <errno.h>
#include <stdarg.h>

#define WRAP(type, name, parameters)                                           \
    type __real_##name parameters;                                             \
    type __wrap_##name parameters;                                             \
    type __wrap_##name parameters

/* One that fails by errno and -1. */
#define FAILING(type, name, parameters, arguments)                             \
    WRAP(type, name, parameters)                                               \
    {                                                                          \
        int code = hit(#name);                                                 \
        if (code == 0)                                                         \
            return __real_##name arguments;                                    \
        errno = code;                                                          \
        return -1;                                                             \
    }

/* A call that each C library may have no function for: what syscall() is named
 * says `call`, of its `number`. */
#define FAILING_SYSCALL(call)                                                  \
    WRAP(long, syscall, (long number, ...))                                    \
    {                                                                          \
        va_list args;                                                          \
        long a[6];                                                             \
        va_start(args, number);                                                \
        for (int i = 0; i < 6; i++)                                            \
            a[i] = va_arg(args, long);                                         \
        va_end(args);                                                          \
        int code = hit(call);                                                  \
        if (code == 0)                                                         \
            return __real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]); \
        errno = code;                                                          \
        return -1;                                                             \
    }

#endif

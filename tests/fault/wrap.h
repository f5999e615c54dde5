/* SPDX-License-Identifier: MIT */
/* Functions of libc that stand before their own, by the linker's --wrap. A file
 * that includes this has a hit(), which gives the errno that a call shall fail
 * with, or 0. */
#ifndef FAULT_WRAP_H
#define FAULT_WRAP_H

#include <errno.h>

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

#endif

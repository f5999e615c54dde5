/* SPDX-License-Identifier: MIT */
/*
 * What MemorySanitizer can't see: libc is not built with it, and these
 * functions it does not know. Each calls libc's own and says what that has
 * written; nothing of the library's is passed over.
 */
#include <dlfcn.h>
#include <net/if.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <sanitizer/msan_interface.h>

/* Fills in a pointer to libc's own function. */
static void find_libcs(void *pointer, const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    memcpy(pointer, &found, sizeof found);
}

static void seen_text(const char *text)
{
    if (text != NULL)
        __msan_unpoison_string(text);
}

static void seen_service(struct servent *const *result)
{
    __msan_unpoison(result, sizeof *result);
    if (*result == NULL)
        return;
    __msan_unpoison(*result, sizeof **result);
    seen_text((*result)->s_name);
    seen_text((*result)->s_proto);
}

int getservbyname_r(const char *name, const char *proto, struct servent *entry,
                    char *buf, size_t size, struct servent **result)
{
    int (*real)(const char *, const char *, struct servent *, char *, size_t,
                struct servent **);
    find_libcs(&real, "getservbyname_r");
    int code = real(name, proto, entry, buf, size, result);
    seen_service(result);
    return code;
}

int getservbyport_r(int port, const char *proto, struct servent *entry,
                    char *buf, size_t size, struct servent **result)
{
    int (*real)(int, const char *, struct servent *, char *, size_t,
                struct servent **);
    find_libcs(&real, "getservbyport_r");
    int code = real(port, proto, entry, buf, size, result);
    seen_service(result);
    return code;
}

struct if_nameindex *if_nameindex(void)
{
    struct if_nameindex *(*real)(void);
    find_libcs(&real, "if_nameindex");
    struct if_nameindex *list = real(), *i = list;

    for (; i != NULL; i++) {
        __msan_unpoison(i, sizeof *i);
        if (i->if_name == NULL)
            break;
        seen_text(i->if_name);
    }
    return list;
}

/* Of files with sizes of 64 bits, as clang up to 14 does not know them of glibc
 * since 2.33. */
static int seen_file(int result, struct stat64 *st)
{
    if (result == 0)
        __msan_unpoison(st, sizeof *st);
    return result;
}

int stat64(const char *path, struct stat64 *st)
{
    int (*real)(const char *, struct stat64 *);
    find_libcs(&real, "stat64");
    return seen_file(real(path, st), st);
}

int lstat64(const char *path, struct stat64 *st)
{
    int (*real)(const char *, struct stat64 *);
    find_libcs(&real, "lstat64");
    return seen_file(real(path, st), st);
}

int fstat64(int fd, struct stat64 *st)
{
    int (*real)(int, struct stat64 *);
    find_libcs(&real, "fstat64");
    return seen_file(real(fd, st), st);
}

int fstatat64(int fd, const char *path, struct stat64 *st, int flags)
{
    int (*real)(int, const char *, struct stat64 *, int);
    find_libcs(&real, "fstatat64");
    return seen_file(real(fd, path, st, flags), st);
}

/* epoll_pwait2(2), which C libraries lack. */
long syscall(long number, ...)
{
    long (*real)(long, ...), a[6];
    va_list list;

    find_libcs(&real, "syscall");
    va_start(list, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(list, long);
    va_end(list);
    __msan_unpoison(a, sizeof a);
    long n = real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (number == SYS_epoll_pwait2 && n > 0)
        __msan_unpoison((void *)a[1], (size_t)n * sizeof(struct epoll_event));
    return n;
}

/* MemorySanitizer's own, without that <stdio.h> looks into the stream. */
FILE *__interceptor_fopencookie(void *cookie, const char *mode,
                                cookie_io_functions_t io);

FILE *fopencookie(void *cookie, const char *mode, cookie_io_functions_t io)
{
    FILE *f = __interceptor_fopencookie(cookie, mode, io);
    if (f != NULL)
        __msan_unpoison(f, sizeof *f);
    return f;
}

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

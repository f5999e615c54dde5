/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>

/* Whether if_nameindex(3) fails next. */
static bool fail_next;

struct if_nameindex *__real_if_nameindex(void);
struct if_nameindex *__wrap_if_nameindex(void);

struct if_nameindex *__wrap_if_nameindex(void)
{
    if (!fail_next)
        return __real_if_nameindex();
    errno = ENOBUFS;
    return NULL;
}

/* What python3 prints of socket.if_nameindex(). */
static void python_list(char *text, size_t size)
{
    FILE *python = popen("/usr/bin/python3 -c \"import socket as s; "
                         "print(s.if_nameindex(), end='')\"",
                         "re");
    check(python != NULL);
    text[fread(text, 1, size - 1, python)] = '\0';
    check_int(pclose(python), 0);
}

TEST(interface, if_nameindex_is_pythons)
{
    char expected[4096], text[4096] = "[", *at = text + 1;
    char *end = text + sizeof text;
    sock_if_list_t *list = check_made(sock_if_nameindex());

    for (size_t i = 0; i < list->count; i++)
        at +=
            snprintf(at, (size_t)(end - at), "%s(%u, '%s')", i > 0 ? ", " : "",
                     list->entries[i].index, list->entries[i].name);
    snprintf(at, (size_t)(end - at), "]");
    python_list(expected, sizeof expected);
    check_str(text, expected);
    sock_if_list_free(list);
}

TEST(interface, there_and_back)
{
    char name[SOCK_IF_NAME_MAX];
    sock_if_list_t *list = check_made(sock_if_nameindex());

    check(list->count > 0);
    for (size_t i = 0; i < list->count; i++) {
        const sock_if_entry_t *e = &list->entries[i];
        check_int(sock_if_nametoindex(e->name), e->index);
        check_int(sock_if_indextoname(e->index, name, sizeof name),
                  strlen(e->name));
        check_str(name, e->name);
    }
    sock_if_list_free(list);
    sock_if_list_free(NULL);
}

TEST(interface, success_touches_nothing)
{
    char name[SOCK_IF_NAME_MAX];

    errno = 1234;
    sock_if_list_t *list = check_made(sock_if_nameindex());
    check_ok(sock_if_nametoindex("lo"));
    check_ok(sock_if_indextoname(list->entries[0].index, name, sizeof name));
    sock_if_list_free(list);
    check_int(errno, 1234);
    check_int(sock_last_error()->kind, SOCK_E_NONE);
}

TEST(interface, if_nameindex_errors)
{
    fail_next = true;
    check_null(sock_if_nameindex(), SOCK_E_OS, ENOBUFS,
               "if_nameindex: [Errno 105] No buffer space available");
}

TEST(interface, if_nametoindex_errors)
{
    check_fails(sock_if_nametoindex("nosuch"), SOCK_E_OS, 0,
                "if_nametoindex nosuch: no interface with this name");
    check_fails(sock_if_nametoindex(""), SOCK_E_OS, 0,
                "if_nametoindex: no interface with this name");
    check_fails(sock_if_nametoindex("lo23456789012345"), SOCK_E_OS, 0,
                "if_nametoindex lo23456789012345: no interface with this name");
    check_fails(sock_if_nametoindex(NULL), SOCK_E_TYPE, 0,
                "if_nametoindex: argument is NULL");
}

TEST(interface, if_indextoname)
{
    uint32_t lo = (uint32_t)check_ok(sock_if_nametoindex("lo"));
    char name[SOCK_IF_NAME_MAX] = "x";

    check_int(sock_if_indextoname(lo, NULL, 0), 2);
    check_int(sock_if_indextoname(lo, name, 2), 2);
    check_str(name, "");
    check_int(sock_if_indextoname(lo, name, 3), 2);
    check_str(name, "lo");
    check_fails(sock_if_indextoname(0, name, sizeof name), SOCK_E_OS, ENXIO,
                "if_indextoname: [Errno 6] No such device or address");
    check_str(name, "");
    check_fails(sock_if_indextoname(4294967295, name, sizeof name), SOCK_E_OS,
                ENXIO, "if_indextoname: [Errno 6] No such device or address");
    check_fails(sock_if_indextoname(lo, NULL, 1), SOCK_E_TYPE, 0,
                "if_indextoname: buffer is NULL");
}

/* A name has no more than the system's headers say. */
TEST(interface, the_longest_name_fits)
{
    check_int(SOCK_IF_NAME_MAX, IF_NAMESIZE);
}

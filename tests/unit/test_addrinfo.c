/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>

/* What getaddrinfo(3) and getnameinfo(3) do next; 0: what they do. */
static int next_code, next_errno;
/* Whether the names that are found are as long as the system's can be. */
static bool long_names;

int __real_getaddrinfo(const char *host, const char *port,
                       const struct addrinfo *hints, struct addrinfo **list);
int __wrap_getaddrinfo(const char *host, const char *port,
                       const struct addrinfo *hints, struct addrinfo **list);
int __real_getnameinfo(const struct sockaddr *sa, socklen_t len, char *host,
                       socklen_t host_size, char *port, socklen_t port_size,
                       int flags);
int __wrap_getnameinfo(const struct sockaddr *sa, socklen_t len, char *host,
                       socklen_t host_size, char *port, socklen_t port_size,
                       int flags);

int __wrap_getaddrinfo(const char *host, const char *port,
                       const struct addrinfo *hints, struct addrinfo **list)
{
    int code = next_code;
    if (code == 0)
        code = __real_getaddrinfo(host, port, hints, list);
    errno = next_errno;
    return code;
}

int __wrap_getnameinfo(const struct sockaddr *sa, socklen_t len, char *host,
                       socklen_t host_size, char *port, socklen_t port_size,
                       int flags)
{
    int code = next_code;
    if (code == 0)
        code = __real_getnameinfo(sa, len, host, host_size, port, port_size,
                                  flags);
    if (long_names) {
        snprintf(host, host_size, "%01024d", 0);
        snprintf(port, port_size, "%031d", 0);
    }
    errno = next_errno;
    return code;
}

/* Python's list, in one line. */
static const char *list_repr(const sock_addrinfo_t *list)
{
    static char text[2048];
    char *at = text, *end = text + sizeof text;

    for (size_t i = 0; i < list->count; i++) {
        const sock_addrinfo_entry_t *e = &list->entries[i];
        at += snprintf(at, (size_t)(end - at), "%s(%d, %d, %d, '%s', %s)",
                       i > 0 ? ", " : "", e->family, e->type, e->proto,
                       e->canonname, repr(&e->address));
    }
    return text;
}

/* Arguments, and what python3 gives for them. */
static const struct {
    const char *host, *port;
    int family, type, proto, flags;
    const char *list;
} found[] = {
    {"127.0.0.1", "80", 0, 0, 0, 0,
     "(2, 1, 6, '', ('127.0.0.1', 80)), (2, 2, 17, '', ('127.0.0.1', 80)), "
     "(2, 3, 0, '', ('127.0.0.1', 80))"},
    {"127.0.0.1", "80", 0, 1, 0, 0, "(2, 1, 6, '', ('127.0.0.1', 80))"},
    {"127.0.0.1", "80", 0, 0, 17, 0, "(2, 2, 17, '', ('127.0.0.1', 80))"},
    {"127.0.0.1", "http", 0, 1, 0, 0, "(2, 1, 6, '', ('127.0.0.1', 80))"},
    {"127.0.0.1", "domain", 0, 2, 0, 0, "(2, 2, 17, '', ('127.0.0.1', 53))"},
    {"127.0.0.1", "080", 0, 1, 0, 0, "(2, 1, 6, '', ('127.0.0.1', 80))"},
    {"127.0.0.1", "0", 0, 1, 0, 0, "(2, 1, 6, '', ('127.0.0.1', 0))"},
    {"127.0.0.1", "65535", 0, 1, 0, 0, "(2, 1, 6, '', ('127.0.0.1', 65535))"},
    {"127.0.0.1", "", 0, 1, 0, 0, "(2, 1, 6, '', ('127.0.0.1', 0))"},
    {"127.0.0.1", NULL, 0, 1, 0, 0, "(2, 1, 6, '', ('127.0.0.1', 0))"},
    {"127.1", "80", 0, 1, 0, 0, "(2, 1, 6, '', ('127.0.0.1', 80))"},
    {"localhost", "80", 2, 1, 0, AI_CANONNAME,
     "(2, 1, 6, 'localhost', ('127.0.0.1', 80))"},
    {"::1", "80", 0, 1, 0, 0, "(10, 1, 6, '', ('::1', 80, 0, 0))"},
    {"127.0.0.1", "80", 10, 1, 0, AI_V4MAPPED,
     "(10, 1, 6, '', ('::ffff:127.0.0.1', 80, 0, 0))"},
    {NULL, "80", 0, 1, 0, 0,
     "(10, 1, 6, '', ('::1', 80, 0, 0)), (2, 1, 6, '', ('127.0.0.1', 80))"},
    {NULL, "80", 2, 1, 0, AI_PASSIVE, "(2, 1, 6, '', ('0.0.0.0', 80))"},
    {NULL, "", 2, 1, 0, 0, "(2, 1, 6, '', ('127.0.0.1', 0))"},
};

/* musl offers no raw sockets for what is asked for without a type. */
static const char *expected_list(size_t i)
{
    if (i == 0 && !on_glibc())
        return "(2, 1, 6, '', ('127.0.0.1', 80)), "
               "(2, 2, 17, '', ('127.0.0.1', 80))";
    return found[i].list;
}

TEST(addrinfo, getaddrinfo)
{
    need_own_etc();
    for (size_t i = 0; i < sizeof found / sizeof found[0]; i++) {
        sock_addrinfo_t *list = check_made(
            sock_getaddrinfo(found[i].host, found[i].port, found[i].family,
                             found[i].type, found[i].proto, found[i].flags));
        check_str(list_repr(list), expected_list(i));
        sock_addrinfo_free(list);
    }
}

/* A text as Python's literal. */
static const char *literal(const char *text, char buf[64])
{
    if (text == NULL)
        return "None";
    snprintf(buf, 64, "'%s'", text);
    return buf;
}

static const char program[] =
    "/usr/bin/python3 -c \"import socket as s; "
    "print(', '.join('(%%d, %%d, %%d, %%r, %%r)' %% e for e in "
    "s.getaddrinfo(%s, %s, %d, %d, %d, %d)), end='')\"";

/* The table says what the python3 of this machine says. */
TEST(addrinfo, getaddrinfo_is_pythons)
{
    need_own_etc();
    for (size_t i = 0; i < sizeof found / sizeof found[0]; i++) {
        char host[64], port[64], command[512], output[1024] = "";
        snprintf(command, sizeof command, program, literal(found[i].host, host),
                 literal(found[i].port, port), found[i].family, found[i].type,
                 found[i].proto, found[i].flags);
        FILE *python = popen(command, "re");
        check(python != NULL);
        output[fread(output, 1, sizeof output - 1, python)] = '\0';
        check_int(pclose(python), 0);
        check_str(output, found[i].list);
    }
}

TEST(addrinfo, getaddrinfo_keeps_the_scope)
{
    sock_addrinfo_t *list =
        check_made(sock_getaddrinfo("fe80::1%lo", "80", 0, SOCK_STREAM, 0, 0));
    check_int(list->count, 1);
    check_int(sock_addr_scope_id(&list->entries[0].address),
              sock_if_nametoindex("lo"));
    sock_addrinfo_free(list);
}

TEST(addrinfo, getaddrinfo_is_enough_to_connect)
{
    sock_addr_t address;
    char port[8];
    sock_t *server = listener(&address);
    snprintf(port, sizeof port, "%d", sock_addr_port(&address));
    sock_addrinfo_t *list = check_made(
        sock_getaddrinfo("localhost", port, AF_INET, SOCK_STREAM, 0, 0));
    const sock_addrinfo_entry_t *e = &list->entries[0];
    sock_t *s = check_made(sock_new(e->family, e->type, e->proto));
    check_ok(sock_connect(s, e->address));
    sock_free(s);
    sock_addrinfo_free(list);
    sock_free(server);
}

static sock_addrinfo_t *look_up(const char *host, const char *port)
{
    return sock_getaddrinfo(host, port, 0, SOCK_STREAM, 0, 0);
}

TEST(addrinfo, getaddrinfo_errors)
{
    check_null(look_up(NULL, NULL), SOCK_E_GAI, -2,
               "getaddrinfo '': [Errno -2] Name or service not known");
    check_null(look_up("", "80"), SOCK_E_GAI, -2,
               "getaddrinfo '': [Errno -2] Name or service not known");
    check_null(look_up("a b", "80"), SOCK_E_GAI, -2,
               "getaddrinfo 'a b': [Errno -2] Name or service not known");
    check_null(sock_getaddrinfo("localhost", "80", 0, 1, 0, AI_NUMERICHOST),
               SOCK_E_GAI, -2,
               "getaddrinfo localhost: [Errno -2] Name or service not known");
    check_null(sock_getaddrinfo("::1", "http", 0, 1, 0, AI_NUMERICSERV),
               SOCK_E_GAI, -2,
               "getaddrinfo ::1: [Errno -2] Name or service not known");
    check_null(sock_getaddrinfo("::1", "80", 99, 1, 0, 0), SOCK_E_GAI, -6,
               "getaddrinfo ::1: [Errno -6] ai_family not supported");
    check_null(sock_getaddrinfo("::1", "80", 0, 99, 0, 0), SOCK_E_GAI, -7,
               "getaddrinfo ::1: [Errno -7] ai_socktype not supported");
    check_null(sock_getaddrinfo("::1", "80", 0, 1, 17, 0), SOCK_E_GAI, -7,
               "getaddrinfo ::1: [Errno -7] ai_socktype not supported");
    check_null(sock_getaddrinfo("::1", "80", 0, 1, 0, 1 << 20), SOCK_E_GAI, -1,
               "getaddrinfo ::1: [Errno -1] Bad value for ai_flags");
}

TEST(addrinfo, getaddrinfo_refuses_hosts)
{
    char host[300];

    check_null(look_up("\xc3\xbc", "80"), SOCK_E_TYPE, SOCK_TYPE_UNICODE,
               "getaddrinfo '\xc3\xbc': host name is not ASCII; encode it by "
               "IDNA");
    memset(host, 'a', sizeof host);
    for (int n = 254; n <= 256; n++) {
        host[n] = '\0';
        check(look_up(host, "80") == NULL);
        check_int(sock_last_error()->kind, SOCK_E_VALUE);
        host[n] = 'a';
    }
    host[253] = '\0';
    check(look_up(host, "80") == NULL);
    check_int(sock_last_error()->kind, SOCK_E_GAI);
}

/* Python wraps the numbers, and takes the next three for 80. */
TEST(addrinfo, getaddrinfo_refuses_ports)
{
    static const char *const names[] = {
        "65536",      "99999",
        "4294967376", "18446744073709551696",
        " 80",        "+80",
        "\t80",       "80x",
        "80 ",        "-1",
        "0x50",       " no such",
        "-",          "-18446744073709551536",
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        check_null(look_up("::1", names[i]), SOCK_E_GAI, -8,
                   "getaddrinfo ::1: [Errno -8] Servname not supported for "
                   "ai_socktype");
    check_null(look_up(NULL, "70000"), SOCK_E_GAI, -8,
               "getaddrinfo '': [Errno -8] Servname not supported for "
               "ai_socktype");
}

TEST(addrinfo, system_errors)
{
    char host[64];

    next_code = EAI_SYSTEM;
    next_errno = EMFILE;
    check_null(look_up("localhost", "80"), SOCK_E_OS, EMFILE,
               "getaddrinfo localhost: [Errno 24] Too many open files");
    check_null(sock_create_connection("localhost", 80, 5, sock_addr_none()),
               SOCK_E_OS, EMFILE,
               "create_connection localhost: [Errno 24] Too many open files");
    check_fails(sock_getnameinfo(sock_addr_inet("127.0.0.1", 80), 0, host,
                                 sizeof host, NULL, 0),
                SOCK_E_OS, EMFILE,
                "getnameinfo ('127.0.0.1', 80): [Errno 24] Too many open "
                "files");
    next_code = EAI_AGAIN;
    check_null(look_up("localhost", "80"), SOCK_E_GAI, -3,
               "getaddrinfo localhost: [Errno -3] Temporary failure in name "
               "resolution");
}

TEST(addrinfo, the_longest_names_fit)
{
    char host[SOCK_NAMEINFO_HOST_MAX], port[SOCK_NAMEINFO_PORT_MAX];

    long_names = true;
    check_ok(sock_getnameinfo(sock_addr_inet("127.0.0.1", 80),
                              NI_NUMERICHOST | NI_NUMERICSERV, host,
                              sizeof host, port, sizeof port));
    check_int(strlen(host), 1024);
    check_int(strlen(port), 31);
}

TEST(addrinfo, success_touches_nothing)
{
    char host[64];

    next_errno = EMFILE; /* what the C library leaves behind */
    errno = 1234;
    sock_addrinfo_t *list = check_made(look_up("127.0.0.1", "65535"));
    check_int(errno, 1234);
    sock_addrinfo_free(list);
    sock_addrinfo_free(NULL);
    check_ok(sock_getnameinfo(sock_addr_inet("127.0.0.1", 80), 0, host,
                              sizeof host, NULL, 0));
    check_int(errno, 1234);
    check_int(sock_last_error()->kind, SOCK_E_NONE);
}

TEST(addrinfo, getnameinfo)
{
    need_own_etc();
    static const struct {
        const char *host;
        int port, flags;
        const char *name, *service;
    } rows[] = {
        {"127.0.0.1", 80, 0, "localhost", "http"},
        {"127.0.0.1", 80, NI_NUMERICHOST, "127.0.0.1", "http"},
        {"127.0.0.1", 80, NI_NUMERICSERV, "localhost", "80"},
        {"127.0.0.1", 80, NI_NUMERICHOST | NI_NUMERICSERV, "127.0.0.1", "80"},
        {"127.0.0.1", 514, NI_DGRAM, "localhost", "syslog"},
        {"127.0.0.1", 514, 0, "localhost", "shell"},
        {"127.0.0.1", 64444, NI_NAMEREQD, "localhost", "64444"},
        {"::1", 65535, NI_NUMERICHOST, "::1", "65535"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char host[SOCK_NAMEINFO_HOST_MAX], port[SOCK_NAMEINFO_PORT_MAX];
        sock_addr_t a = strchr(rows[i].host, ':') != NULL
                            ? sock_addr_inet6(rows[i].host, rows[i].port)
                            : sock_addr_inet(rows[i].host, rows[i].port);
        check_int(sock_getnameinfo(a, rows[i].flags, host, sizeof host, port,
                                   sizeof port),
                  0);
        check_str(host, rows[i].name);
        check_str(port, rows[i].service);
    }
}

TEST(addrinfo, getnameinfo_keeps_the_scope)
{
    char host[64];
    sock_addr_t a = sock_addr_inet6("fe80::1%lo", 80);
    check_ok(sock_getnameinfo(a, NI_NUMERICHOST, host, sizeof host, NULL, 0));
    check_str(host, "fe80::1%lo");
}

TEST(addrinfo, getnameinfo_of_one_text)
{
    need_own_etc();
    sock_addr_t a = sock_addr_inet("127.0.0.1", 80);
    char host[10] = "x", port[5] = "x";

    check_ok(sock_getnameinfo(a, 0, host, sizeof host, NULL, 0));
    check_str(host, "localhost");
    check_ok(sock_getnameinfo(a, 0, NULL, 0, port, sizeof port));
    check_str(port, "http");
    check_ok(sock_getnameinfo(a, 0, NULL, 0, NULL, 0));
}

/* What is not asked for is not looked up, so it cannot fail either. */
TEST(addrinfo, getnameinfo_asks_for_what_is_wanted)
{
    sock_addr_t a = sock_addr_inet("192.0.2.1", 80);
    char port[5];
    check_ok(sock_getnameinfo(a, NI_NAMEREQD, NULL, 0, port, sizeof port));
    check_str(port, "http");
}

TEST(addrinfo, getnameinfo_of_small_buffers)
{
    static const char text[] =
        "getnameinfo ('127.0.0.1', 80): buffer is too small";
    sock_addr_t a = sock_addr_inet("127.0.0.1", 80);
    char host[10] = "x", port[5] = "x";

    check_fails(sock_getnameinfo(a, 0, host, 9, port, 5), SOCK_E_VALUE, 0,
                text);
    check_str(host, "");
    check_str(port, "");
    strcpy(host, "x");
    strcpy(port, "x");
    check_fails(sock_getnameinfo(a, 0, host, 10, port, 4), SOCK_E_VALUE, 0,
                text);
    check_str(host, "");
    check_str(port, "");
}

TEST(addrinfo, getnameinfo_errors)
{
    sock_addr_t a = sock_addr_inet("127.0.0.1", 80);
    char host[64] = "x", port[32] = "x";

    check_fails(sock_getnameinfo(sock_addr_inet("192.0.2.1", 80), NI_NAMEREQD,
                                 host, 64, port, 32),
                SOCK_E_GAI, -2,
                "getnameinfo ('192.0.2.1', 80): [Errno -2] Name or service not "
                "known");
    check_str(host, "");
    check_str(port, "");
    if (on_glibc()) /* musl passes over such flags */
        check_fails(sock_getnameinfo(a, 1 << 20, host, 64, port, 32),
                    SOCK_E_GAI, -1,
                    "getnameinfo ('127.0.0.1', 80): [Errno -1] Bad value for "
                    "ai_flags");
    check_fails(sock_getnameinfo(sock_addr_inet("127.0.0.1", 70000), 0, host,
                                 64, port, 32),
                SOCK_E_OVERFLOW, 70000,
                "getnameinfo ('127.0.0.1', 70000): port must be 0-65535.");
    check_fails(
        sock_getnameinfo(sock_addr_inet("a b", 1), 0, host, 64, port, 32),
        SOCK_E_GAI, -2,
        "getnameinfo 'a b': [Errno -2] Name or service not known");
    check_fails(sock_getnameinfo(sock_addr_none(), 0, host, 64, port, 32),
                SOCK_E_TYPE, 0, "getnameinfo: no address");
    check_fails(sock_getnameinfo(sock_addr_unix("/x"), 0, host, 64, port, 32),
                SOCK_E_TYPE, 0,
                "getnameinfo '/x': address is neither AF_INET nor AF_INET6");
    check_fails(sock_getnameinfo(a, 0, NULL, 1, port, 32), SOCK_E_TYPE, 0,
                "getnameinfo: buffer is NULL");
    check_fails(sock_getnameinfo(a, 0, host, 64, NULL, 1), SOCK_E_TYPE, 0,
                "getnameinfo: buffer is NULL");
}

/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <netdb.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* How often the resolver was asked for a name. */
static int questions;

int __real_gethostbyname2_r(const char *name, int family, struct hostent *host,
                            char *buf, size_t size, struct hostent **result,
                            int *h_error);
int __wrap_gethostbyname2_r(const char *name, int family, struct hostent *host,
                            char *buf, size_t size, struct hostent **result,
                            int *h_error);
int __real_getaddrinfo(const char *host, const char *port,
                       const struct addrinfo *hints, struct addrinfo **list);
int __wrap_getaddrinfo(const char *host, const char *port,
                       const struct addrinfo *hints, struct addrinfo **list);
void __real_freeaddrinfo(struct addrinfo *list);
void __wrap_freeaddrinfo(struct addrinfo *list);

int __wrap_gethostbyname2_r(const char *name, int family, struct hostent *host,
                            char *buf, size_t size, struct hostent **result,
                            int *h_error)
{
    questions++;
    return __real_gethostbyname2_r(name, family, host, buf, size, result,
                                   h_error);
}

/* The service that is found next; "": what there is. */
static char next_service[32];

int __real_getservbyport_r(int port, const char *proto, struct servent *entry,
                           char *buf, size_t size, struct servent **result);
int __wrap_getservbyport_r(int port, const char *proto, struct servent *entry,
                           char *buf, size_t size, struct servent **result);

int __wrap_getservbyport_r(int port, const char *proto, struct servent *entry,
                           char *buf, size_t size, struct servent **result)
{
    if (next_service[0] == '\0')
        return __real_getservbyport_r(port, proto, entry, buf, size, result);
    *entry = (struct servent){.s_name = next_service};
    *result = entry;
    return 0;
}

/* Both may leave anything in errno, whatever they return. */
int __wrap_getaddrinfo(const char *host, const char *port,
                       const struct addrinfo *hints, struct addrinfo **list)
{
    int code = __real_getaddrinfo(host, port, hints, list);
    errno = 4321;
    return code;
}

void __wrap_freeaddrinfo(struct addrinfo *list)
{
    __real_freeaddrinfo(list);
    errno = 4322;
}

TEST(netdb, gethostname)
{
    char expected[256] = "", name[256];
    gethostname(expected, sizeof expected - 1);
    check_int(sock_gethostname(name, sizeof name), strlen(expected));
    check_str(name, expected);
    check_int(sock_gethostname(NULL, 0), strlen(expected));
    check_int(sock_gethostname(name, 1), strlen(expected));
    check_str(name, "");
    check_fails(sock_gethostname(NULL, 1), SOCK_E_TYPE, 0,
                "gethostname: buffer is NULL");
}

/* How a child process ended that ran the function. */
static int in_child(int (*run)(void))
{
    int status = -1;
    pid_t child = fork();
    check(child >= 0);
    if (child == 0)
        _exit(run());
    check_int(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

enum { RIGHT, WRONG, NO_NAMESPACE };

/* The longest that Linux takes. */
static int rename_machine_at_length(void)
{
    char longest[65], name[SOCK_HOST_NAME_MAX];

    if (unshare(CLONE_NEWUTS) != 0)
        return NO_NAMESPACE;
    memset(longest, 'x', 64);
    longest[64] = '\0';
    if (sock_sethostname(longest) != 0 ||
        sock_gethostname(name, sizeof name) != 64)
        return WRONG;
    return strcmp(name, longest) == 0 ? RIGHT : WRONG;
}

static int rename_machine(void)
{
    char name[256];

    if (unshare(CLONE_NEWUTS) != 0)
        return NO_NAMESPACE;
    errno = 1234;
    if (sock_sethostname("renamed.example") != 0 || errno != 1234)
        return WRONG;
    if (sock_gethostname(name, sizeof name) != 15)
        return WRONG;
    return strcmp(name, "renamed.example") == 0 ? RIGHT : WRONG;
}

/* As nobody, so without the privilege. */
static int rename_as_nobody(void)
{
    if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
        return NO_NAMESPACE;
    if (sock_sethostname("renamed") != -1 || errno != EPERM)
        return WRONG;
    return strcmp(error_text(), "sethostname renamed: [Errno 1] Operation not "
                                "permitted") == 0
               ? RIGHT
               : WRONG;
}

TEST(netdb, sethostname)
{
    int result = in_child(rename_machine);
    if (result == NO_NAMESPACE)
        skip("no namespace for a name of its own here");
    check_int(result, RIGHT);
    check_int(in_child(rename_machine_at_length), RIGHT);
}

TEST(netdb, sethostname_errors)
{
    check_int(in_child(rename_as_nobody), RIGHT);
    check_fails(sock_sethostname(NULL), SOCK_E_TYPE, 0,
                "sethostname: argument is NULL");
}

TEST(netdb, gethostbyname)
{
    static const struct {
        const char *host, *ip;
    } rows[] = {
        {"localhost", "127.0.0.1"}, {"127.0.0.1", "127.0.0.1"},
        {"127.1", "127.0.0.1"},     {"", "0.0.0.0"},
        {"0x7f.1", "127.0.0.1"},    {"<broadcast>", "255.255.255.255"},
    };
    char ip[16];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_int(sock_gethostbyname(rows[i].host, ip, sizeof ip),
                  strlen(rows[i].ip));
        check_str(ip, rows[i].ip);
    }
    check_fails(sock_gethostbyname("::1", ip, sizeof ip), SOCK_E_GAI, -9,
                "gethostbyname ::1: [Errno -9] Address family for hostname not "
                "supported");
    check_fails(sock_gethostbyname("a b", ip, sizeof ip), SOCK_E_GAI, -2,
                "gethostbyname 'a b': [Errno -2] Name or service not known");
    check_fails(sock_gethostbyname(NULL, ip, sizeof ip), SOCK_E_TYPE, 0,
                "gethostbyname: argument is NULL");
    check_fails(sock_gethostbyname("127.1", NULL, 1), SOCK_E_TYPE, 0,
                "gethostbyname: buffer is NULL");
}

static void check_host(sock_hostent_t *h, const char *name, const char *ip)
{
    /* musl repeats a name that it found. */
    const size_t aliases = !on_glibc() && strcmp(name, "localhost") == 0;

    check(h != NULL);
    check_str(h->name, name);
    check_int(h->alias_count, aliases);
    if (aliases == 1)
        check_str(h->aliases[0], name);
    check(h->aliases[aliases] == NULL);
    check_int(h->address_count, 1);
    check_str(h->addresses[0], ip);
    check(h->addresses[1] == NULL);
    sock_hostent_free(h);
}

TEST(netdb, gethostbyname_ex)
{
    need_own_etc();
    check_host(sock_gethostbyname_ex("localhost"), "localhost", "127.0.0.1");
    check_host(sock_gethostbyname_ex("127.0.0.1"), "127.0.0.1", "127.0.0.1");
    check_host(sock_gethostbyname_ex("127.1"), "127.1", "127.0.0.1");
}

TEST(netdb, gethostbyname_ex_leaves_errno_alone)
{
    errno = 1234;
    check_host(sock_gethostbyname_ex("127.0.0.1"), "127.0.0.1", "127.0.0.1");
    check_host(sock_gethostbyname_ex("127.1"), "127.1", "127.0.0.1");
    sock_hostent_free(check_made(sock_gethostbyname_ex("localhost")));
    check_int(errno, 1234);
}

/* A scope that is not there makes no name of an address. */
TEST(netdb, numeric_text_never_reaches_the_resolver)
{
    static const char *const hosts[] = {"::1%lo", "fe80::1%nope", "fe80::1%lo",
                                        "::1%", "::1"};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        char text[128];
        snprintf(text, sizeof text,
                 "gethostbyname_ex %s: [Errno -9] Address family for hostname "
                 "not supported",
                 hosts[i]);
        check_null(sock_gethostbyname_ex(hosts[i]), SOCK_E_GAI, -9, text);
    }
    check_null(sock_gethostbyname_ex("1:2"), SOCK_E_GAI, -2,
               "gethostbyname_ex 1:2: [Errno -2] Name or service not known");
    check_int(questions, 0);
    sock_hostent_free(check_made(sock_gethostbyname_ex("localhost")));
    check_int(questions, 1);
}

TEST(netdb, gethostbyname_ex_errors)
{
    char host[300];

    check_null(sock_gethostbyname_ex("::1"), SOCK_E_GAI, -9,
               "gethostbyname_ex ::1: [Errno -9] Address family for hostname "
               "not supported");
    check_null(sock_gethostbyname_ex("a b"), SOCK_E_GAI, -2,
               "gethostbyname_ex 'a b': [Errno -2] Name or service not known");
    check_null(sock_gethostbyname_ex(NULL), SOCK_E_TYPE, 0,
               "gethostbyname_ex: argument is NULL");
    check_null(sock_gethostbyname_ex("\xc3\xbc"), SOCK_E_TYPE,
               SOCK_TYPE_UNICODE,
               "gethostbyname_ex '\xc3\xbc': host name is not ASCII; encode it "
               "by IDNA");
    memset(host, 'a', sizeof host);
    host[299] = '\0';
    check(sock_gethostbyname_ex(host) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_VALUE);
    /* Python: a herror, whose code is the resolver's */
    check(sock_gethostbyname_ex("") == NULL);
    check_int(sock_last_error()->kind, SOCK_E_HOST);
    check(sock_gethostbyname_ex("<broadcast>") == NULL);
    check_int(sock_last_error()->kind, SOCK_E_HOST);
}

TEST(netdb, gethostbyaddr)
{
    need_own_etc();
    check_host(sock_gethostbyaddr("127.0.0.1"), "localhost", "127.0.0.1");
    check_host(sock_gethostbyaddr("127.1"), "localhost", "127.0.0.1");
    check_null(sock_gethostbyaddr(""), SOCK_E_OS, 0,
               "gethostbyaddr: wildcard resolved to multiple address");
    check_null(sock_gethostbyaddr("a b"), SOCK_E_GAI, -2,
               "gethostbyaddr 'a b': [Errno -2] Name or service not known");
    check_null(sock_gethostbyaddr(NULL), SOCK_E_TYPE, 0,
               "gethostbyaddr: argument is NULL");
}

TEST(netdb, getfqdn)
{
    need_own_etc();
    char name[256], host[256];

    check_int(sock_getfqdn("127.0.0.1", name, sizeof name), 9);
    check_str(name, "localhost");
    check_int(sock_getfqdn(" \t127.0.0.1\x1f\r\n", name, sizeof name), 9);
    check_str(name, "localhost");
    check_int(sock_getfqdn("a b", name, sizeof name), 3);
    check_str(name, "a b");
    check_int(sock_getfqdn("127.0.0.1", name, 9), 9);
    check_str(name, "");
    check_int(sock_getfqdn("", host, sizeof host),
              sock_getfqdn(NULL, name, sizeof name));
    check_str(name, host);
    sock_getfqdn("0.0.0.0", name, sizeof name);
    check_str(name, host);
    sock_getfqdn("::", name, sizeof name);
    check_str(name, host);
    check_fails(sock_getfqdn("a b", NULL, 1), SOCK_E_TYPE, 0,
                "getfqdn: buffer is NULL");
}

TEST(netdb, services)
{
    need_own_etc();
    char name[64];

    check_int(sock_getservbyname("http", "tcp"), 80);
    check_int(sock_getservbyname("http", NULL), 80);
    check_int(sock_getservbyname("domain", "udp"), 53);
    check_fails(sock_getservbyname("nope", NULL), SOCK_E_OS, 0,
                "getservbyname nope: service/proto not found");
    check_fails(sock_getservbyname("http", "xx"), SOCK_E_OS, 0,
                "getservbyname http: service/proto not found");
    check_fails(sock_getservbyname(NULL, NULL), SOCK_E_TYPE, 0,
                "getservbyname: argument is NULL");
    check_int(sock_getservbyport(80, NULL, name, sizeof name), 4);
    check_str(name, "http");
    check_int(sock_getservbyport(53, "udp", name, sizeof name), 6);
    check_str(name, "domain");
    check_int(sock_getservbyport(80, NULL, name, 4), 4);
    check_str(name, "");
    check_fails(sock_getservbyport(80, "xx", name, sizeof name), SOCK_E_OS, 0,
                "getservbyport 80: port/proto not found");
    check_fails(sock_getservbyport(70000, NULL, name, sizeof name),
                SOCK_E_OVERFLOW, 70000, "getservbyport: port must be 0-65535.");
    check_fails(sock_getservbyport(-1, NULL, name, sizeof name),
                SOCK_E_OVERFLOW, -1, "getservbyport: port must be 0-65535.");
    check_fails(sock_getservbyport(80, NULL, NULL, 1), SOCK_E_TYPE, 0,
                "getservbyport: buffer is NULL");
}

/* A service of the longest name that the system hands on. */
TEST(netdb, the_longest_names_fit)
{
    char service[SOCK_SERVICE_NAME_MAX], host[SOCK_ADDR_HOST_MAX];
    char name[SOCK_HOST_NAME_MAX], long_name[254];

    strcpy(next_service, "a-service-of-thirty-one-letters");
    check_int(sock_getservbyport(80, NULL, service, sizeof service), 31);
    check_str(service, "a-service-of-thirty-one-letters");
    next_service[0] = '\0';
    check_int(sock_gethostbyname("255.255.255.255", host, sizeof host), 15);
    check_str(host, "255.255.255.255");
    memset(long_name, 'a', 253); /* which is no name, as a label has 63 */
    long_name[253] = '\0';
    check_int(sock_getfqdn(long_name, name, sizeof name), 253);
    check_str(name, long_name);
}

TEST(netdb, protocols)
{
    need_own_etc();
    check_int(sock_getprotobyname("icmp"), 1);
    check_int(sock_getprotobyname("tcp"), 6);
    check_fails(sock_getprotobyname("nope"), SOCK_E_OS, 0,
                "getprotobyname nope: protocol not found");
    check_fails(sock_getprotobyname(NULL), SOCK_E_TYPE, 0,
                "getprotobyname: argument is NULL");
}

/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <string.h>

#include "os.h"

static int64_t value_of(const char *name)
{
    int64_t value = -77;
    check_ok(sock_constant(name, &value));
    return value;
}

TEST(constant, values)
{
    check_int(value_of("AF_INET"), AF_INET);
    check_int(value_of("AF_ALG"), 38);
    check_int(value_of("SO_J1939_SEND_PRIO"), 3);
    check_int(value_of("INADDR_NONE"), 4294967295);
    check_int(value_of("CAN_EFF_FLAG"), 2147483648);
    check_int(value_of("VMADDR_CID_ANY"), 4294967295);
    check_int(value_of("EAI_NONAME"), -2);
    check_int(value_of("SO_PEERPIDFD"), SO_PEERPIDFD);
    check_int(value_of("IP_LOCAL_PORT_RANGE"), IP_LOCAL_PORT_RANGE);
}

TEST(constant, unknown_names)
{
    int64_t value = 5;
    check_fails(sock_constant("AF_INE", &value), SOCK_E_VALUE, 0,
                "constant: no constant is named 'AF_INE'");
    check_fails(sock_constant("AF_INET66", &value), SOCK_E_VALUE, 0,
                "constant: no constant is named 'AF_INET66'");
    check_fails(sock_constant("", &value), SOCK_E_VALUE, 0,
                "constant: no constant is named ''");
    check_fails(sock_constant("zzz", &value), SOCK_E_VALUE, 0,
                "constant: no constant is named 'zzz'");
    check_fails(sock_constant(NULL, &value), SOCK_E_TYPE, 0,
                "constant: argument is NULL");
    check_fails(sock_constant("AF_INET", NULL), SOCK_E_TYPE, 0,
                "constant: argument is NULL");
    check_int(value, 5);
}

TEST(constant, names)
{
    check_str(sock_constant_name("AF_", AF_INET), "AF_INET");
    check_str(sock_constant_name("AF_", AF_UNIX), "AF_UNIX");
    check_str(sock_constant_name("AF_", AF_NETLINK), "AF_NETLINK");
    check_str(sock_constant_name("SOCK_", SOCK_SEQPACKET), "SOCK_SEQPACKET");
    check_str(sock_constant_name("SO_", SO_REUSEADDR), "SO_REUSEADDR");
    check_str(sock_constant_name("SOL_", SOL_SOCKET), "SOL_SOCKET");
    check_str(sock_constant_name("SOL_", IPPROTO_TCP), "SOL_TCP");
    check_str(sock_constant_name("IPPROTO_", 0), "IPPROTO_IP");
    check_str(sock_constant_name("SCM_", 1), "SCM_RIGHTS");
    check_str(sock_constant_name("IP_", 1), "IP_TOS");
    check_str(sock_constant_name("EAI_", -2), "EAI_NONAME");
    check_str(sock_constant_name("SO_J1939_", 1), "SO_J1939_FILTER");
    check_str(sock_constant_name("SO_VM_SOCKETS_", 0),
              "SO_VM_SOCKETS_BUFFER_SIZE");
    check_null(sock_constant_name("SO_", 0), SOCK_E_VALUE, 0,
               "constant_name: no constant has this value");
    check_null(sock_constant_name("AF_", 12345), SOCK_E_VALUE, 0,
               "constant_name: no constant has this value");
    check_null(sock_constant_name("ZZ_", 1), SOCK_E_VALUE, 0,
               "constant_name: no constant has this value");
    check_null(sock_constant_name(NULL, 1), SOCK_E_TYPE, 0,
               "constant_name: argument is NULL");
}

TEST(constant, pythons_names)
{
    static const char *const python[] = {"AF_UNIX", "AF_INET", "IPPROTO_MPTCP",
                                         "SO_VM_SOCKETS_BUFFER_SIZE",
                                         "VM_SOCKETS_INVALID_VERSION"};
    static const char *const others[] = {"AF_FILE",     "AF_LOCAL", "PF_LOCAL",
                                         "SO_PEEK_OFF", "AF_IN",    ""};
    for (size_t i = 0; i < sizeof python / sizeof *python; i++)
        check_that(sock_constant_is_python(python[i]) == 1, "%s", python[i]);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        check_that(sock_constant_is_python(others[i]) == 0, "%s", others[i]);
    check_int(sock_constant_is_python(NULL), 0);
    check_int(sock_last_error()->kind, SOCK_E_NONE);
}

/* Sorted, each findable, and past the end nothing. */
TEST(constant, table)
{
    int64_t value, found;
    const char *name, *last = "";
    size_t n = 0;

    for (; (name = sock_constant_at(n, &value)) != NULL; n++) {
        check(strcmp(last, name) < 0);
        check_ok(sock_constant(name, &found));
        check_int(found, value);
        check(sock_constant_at(n, NULL) == name);
        last = name;
    }
    check(n > 600);
    check(sock_constant_at(n + 1, &value) == NULL);
    check(sock_constant_at((size_t)-1, NULL) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_NONE);
}

/* With these prefixes a value has one name to show, and every name a shown
 * name of its value. */
TEST(constant, one_name_for_a_value)
{
    static const char *const prefixes[] = {
        "AF_",  "PF_",      "SOCK_",    "SO_",      "SOL_",
        "MSG_", "IPPROTO_", "IP_",      "TCP_",     "AI_",
        "NI_",  "EAI_",     "SHUT_",    "IPV6_",    "SCM_",
        "UDP_", "ALG_SET_", "NETLINK_", "BTPROTO_", "PACKET_"};

    for (size_t p = 0; p < sizeof prefixes / sizeof *prefixes; p++) {
        size_t n = strlen(prefixes[p]);
        for (size_t i = 0; i < sock__os_constant_count; i++) {
            const struct sock__constant *c = &sock__os_constants[i];
            if (strncmp(c->name, prefixes[p], n) != 0 || c->also)
                continue;
            check_str(sock_constant_name(prefixes[p], c->value), c->name);
        }
    }
}

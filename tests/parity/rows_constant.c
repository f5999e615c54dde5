/* SPDX-License-Identifier: MIT */
#include "parity.h"

#include <stdio.h>

/* A number, which may be -1 in earnest. */
static const char *value_text(int status, int64_t value)
{
    static char t[32];
    if (status == -1)
        return error();
    snprintf(t, sizeof t, "%lld", (long long)value);
    return t;
}

/* What Python does not have is ours by itself. */
static void values(void)
{
    int64_t value;
    const char *known;
    for (size_t i = 0; (known = sock_constant_at(i, NULL)) != NULL; i++) {
        int status = sock_constant(known, &value);
        row("int(getattr(socket, '%s', %s))", known, value_text(status, value));
        show(value_text(status, value));
    }
    static const char *const some[] = {
        "AF_UNIX", "AF_FILE", "AF_LOCAL", "SO_REUSEADDR", "SO_PEEK_OFF", "AF_"};
    for (EACH(i, some)) {
        row("hasattr(socket, %s)", py(some[i]));
        show(flag(sock_constant_is_python(some[i])));
    }
    row("socket.AF_NOTHING");
    deviates("sock_constant() of an unknown name");
    show(num(sock_constant("AF_NOTHING", &value)));
}

static void names(void)
{
    static const int families[] = {AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6,
                                   AF_NETLINK};
    static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW,
                                SOCK_SEQPACKET};
    for (EACH(i, families)) {
        row("AddressFamily(%d).name", families[i]);
        show(py(sock_constant_name("AF_", families[i])));
    }
    for (EACH(i, types)) {
        row("SocketKind(%d).name", types[i]);
        show(py(sock_constant_name("SOCK_", types[i])));
    }
}

void rows_constant(void)
{
    values();
    names();
}

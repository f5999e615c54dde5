/* SPDX-License-Identifier: MIT */
#include "parity.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

static void services(void)
{
    static const char *const names[] = {"http",    "ftp", "domain", "HTTP", "",
                                        "nothing", "80",  "http ",  "www"};
    static const char *const protos[] = {NULL, "tcp", "udp", "sctp", "xyz", ""};
    for (EACH(i, names))
        for (EACH(p, protos)) {
            if (protos[p] == NULL)
                row("getservbyname(%s)", py(names[i]));
            else
                row("getservbyname(%s, %s)", py(names[i]), py(protos[p]));
            show(num(sock_getservbyname(names[i], protos[p])));
        }
    static const int ports[] = {-1, 0,     7,     22,    53,
                                80, 65535, 65536, 70000, 2147483647};
    for (EACH(i, ports))
        for (int p = 0; p < 3; p++) {
            char t[64];
            if (protos[p] == NULL)
                row("getservbyport(%d)", ports[i]);
            else
                row("getservbyport(%d, %s)", ports[i], py(protos[p]));
            show(text(sock_getservbyport(ports[i], protos[p], t, sizeof t), t));
        }
    static const char *const known[] = {"tcp",  "udp", "icmp", "ip",
                                        "ipv6", "TCP", "tcP",  "",
                                        "xyz",  "6",   " tcp"};
    for (EACH(i, known)) {
        row("getprotobyname(%s)", py(known[i]));
        show(num(sock_getprotobyname(known[i])));
    }
}

static const char *host(sock_hostent_t *h)
{
    static char t[1024];
    if (h == NULL)
        return error();
    int n = snprintf(t, sizeof t, "(%s, [", py(h->name));
    for (size_t i = 0; i < h->alias_count; i++)
        n += snprintf(t + n, sizeof t - (size_t)n, "%s%s", i ? ", " : "",
                      py(h->aliases[i]));
    n += snprintf(t + n, sizeof t - (size_t)n, "], [");
    for (size_t i = 0; i < h->address_count; i++)
        n += snprintf(t + n, sizeof t - (size_t)n, "%s%s", i ? ", " : "",
                      py(h->addresses[i]));
    snprintf(t + n, sizeof t - (size_t)n, "])");
    sock_hostent_free(h);
    return t;
}

/* Nothing here asks a name server. */
static void hosts(void)
{
    char t[1100];
    static const char *const texts[] = {
        "localhost",       "127.0.0.1", "127.1", "",         "<broadcast>",
        "255.255.255.255", "::1",       "0",     "256.1.1.1"};
    for (EACH(i, texts)) {
        row("gethostbyname(%s)", py(texts[i]));
        show(text(sock_gethostbyname(texts[i], t, sizeof t), t));
    }
    static const char *const more[] = {"localhost",   "127.0.0.1", "",
                                       "10.1.2.3",    "::1",       "::1%lo",
                                       "fe80::1%nope"};
    for (EACH(i, more)) {
        row("gethostbyname_ex(%s)", py(more[i]));
        show(host(sock_gethostbyname_ex(more[i])));
    }
    static const char *const back[] = {"127.0.0.1", "localhost", ""};
    for (EACH(i, back)) {
        row("gethostbyaddr(%s)", py(back[i]));
        show(host(sock_gethostbyaddr(back[i])));
    }
    static const char *const full[] = {"localhost", "127.0.0.1", " localhost ",
                                       "127.1"};
    for (EACH(i, full)) {
        row("getfqdn(%s)", py(full[i]));
        show(text(sock_getfqdn(full[i], t, sizeof t), t));
    }
    row("gethostname()");
    show(text(sock_gethostname(t, sizeof t), t));
    row("sethostname('a' * 65)");
    memset(t, 'a', 65);
    t[65] = '\0';
    show(none(sock_sethostname(t)));
}

static void entries(sock_addrinfo_t *list)
{
    if (list == NULL) {
        show(error());
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        char t[1200];
        const sock_addrinfo_entry_t *e = &list->entries[i];
        snprintf(t, sizeof t, "(%d, %d, %d, %s, %s)", e->family, e->type,
                 e->proto, py(e->canonname), address(0, &e->address));
        show(t);
    }
    sock_addrinfo_free(list);
}

static const char *literal(const char *s)
{
    return s != NULL ? py(s) : "None";
}

static void look(const char *name, const char *port, int family, int type,
                 int proto, int flags)
{
    row("r = [(int(f), int(t), *x) for f, t, *x in getaddrinfo(%s, %s, %d, %d, "
        "%d, %d)]; "
        "tuple(r) if len(r) > 1 else r[0]",
        literal(name), literal(port), family, type, proto, flags);
}

/* As long as it takes, and within a time. */
static void looking(const char *name, const char *port, int family, int type,
                    int proto, int flags)
{
    look(name, port, family, type, proto, flags);
    entries(sock_getaddrinfo(name, port, family, type, proto, flags));
    look(name, port, family, type, proto, flags);
    entries(sock_getaddrinfo_within(name, port, family, type, proto, flags, 9));
}

static void addresses(void)
{
    static const char *const names[] = {NULL, "127.0.0.1", "::1", "127.1", ""};
    static const char *const ports[] = {NULL, "80",  "0",  "65535", "http",
                                        "",   "80x", "-1", "none"};
    for (EACH(n, names))
        for (EACH(i, ports))
            looking(names[n], ports[i], 0, SOCK_STREAM, 0, 0);
    static const char *const odd[] = {" 80", "+80"};
    for (EACH(i, odd)) {
        row("[(int(f), int(t), *x) for f, t, *x in getaddrinfo('::1', %s)]",
            py(odd[i]));
        deviates("sock_getaddrinfo() of port `\" 80\"` or `\"+80\"`");
        entries(sock_getaddrinfo("::1", odd[i], 0, 0, 0, 0));
    }
    row("getaddrinfo('a..b', 80, 0, 0, 0, AI_NUMERICHOST)");
    deviates("sock_getaddrinfo() of a host with an empty label, or one over 63 "
             "bytes");
    entries(sock_getaddrinfo("a..b", "80", 0, 0, 0, AI_NUMERICHOST));
    row("getaddrinfo(b'\\xff', 80, 0, 0, 0, AI_NUMERICHOST)");
    deviates("host names of bytes over 127");
    entries(sock_getaddrinfo("\xff", "80", 0, 0, 0, AI_NUMERICHOST));
    row("getaddrinfo('::1', 99999, 0, 1)[0][4]");
    deviates("ports");
    entries(sock_getaddrinfo("::1", "99999", 0, 1, 0, 0));
    static const int families[] = {AF_UNSPEC, AF_INET, AF_INET6, AF_UNIX, 9999};
    static const int types[] = {0, SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, 99};
    for (EACH(f, families))
        for (EACH(t, types))
            looking("127.0.0.1", "80", families[f], types[t], 0, 0);
    static const int protos[] = {0, IPPROTO_TCP, IPPROTO_UDP, 999};
    for (EACH(i, protos))
        looking("127.0.0.1", "80", 0, 0, protos[i], 0);
    static const int flags[] = {AI_PASSIVE,
                                AI_CANONNAME,
                                AI_NUMERICHOST,
                                AI_NUMERICSERV,
                                AI_PASSIVE | AI_NUMERICHOST,
                                AI_V4MAPPED,
                                0x40000};
    static const char *const few[] = {NULL, "127.0.0.1", "localhost"};
    for (EACH(i, flags))
        for (EACH(n, few))
            looking(few[n], "http", AF_INET, SOCK_STREAM, 0, flags[i]);
}

static void names(void)
{
    static const int flags[] = {0,
                                NI_NUMERICHOST,
                                NI_NUMERICHOST | NI_NUMERICSERV,
                                NI_NUMERICHOST | NI_DGRAM,
                                NI_NAMEREQD,
                                9999};
    static const int ports[] = {0, 80, 53, 65535, 512};
    char h[SOCK_NAMEINFO_HOST_MAX], p[SOCK_NAMEINFO_PORT_MAX];
    for (EACH(f, flags))
        for (EACH(i, ports)) {
            row("getnameinfo(('127.0.0.1', %d), %d)", ports[i], flags[f]);
            if (sock_getnameinfo(sock_addr_inet("127.0.0.1", ports[i]),
                                 flags[f], h, sizeof h, p, sizeof p) == -1) {
                show(error());
                continue;
            }
            show(py(h));
            show(py(p));
        }
    row("getnameinfo(('::1', 80, 0, 0), NI_NUMERICHOST)");
    sock_getnameinfo(sock_addr_inet6("::1", 80), NI_NUMERICHOST, h, sizeof h, p,
                     sizeof p);
    show(py(h));
    show(py(p));
}

static void interfaces(void)
{
    char t[SOCK_IF_NAME_MAX];
    sock_if_list_t *list = sock_if_nameindex();
    row("len(if_nameindex())");
    show(num(list != NULL ? (long long)list->count : -1));
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        row("i = if_nameindex()[%zu]; *i, if_nametoindex(i[1]), "
            "if_indextoname(i[0])",
            i);
        const sock_if_entry_t *e = &list->entries[i];
        show(num(e->index));
        show(py(e->name));
        show(num(sock_if_nametoindex(e->name)));
        show(text(sock_if_indextoname(e->index, t, sizeof t), t));
    }
    sock_if_list_free(list);
    static const char *const unknown[] = {"", "nothing",
                                          "a-name-that-is-too-long", "lo "};
    for (EACH(i, unknown)) {
        row("if_nametoindex(%s)", py(unknown[i]));
        show(num(sock_if_nametoindex(unknown[i])));
    }
    static const unsigned numbers[] = {0, 9999, 2147483647};
    for (EACH(i, numbers)) {
        row("if_indextoname(%u)", numbers[i]);
        show(text(sock_if_indextoname(numbers[i], t, sizeof t), t));
    }
}

void rows_netdb(void)
{
    services();
    hosts();
    addresses();
    names();
    interfaces();
}

/* SPDX-License-Identifier: MIT */
#include "parity.h"

static void getting(void)
{
    static const int sizes[] = {1, 2, 3, 4, 5, 8, 1024, 1025};
    char value[2048];
    for (EACH(i, sizes)) {
        size_t n = (size_t)sizes[i];
        row("inet().getsockopt(SOL_SOCKET, SO_TYPE, %zu)", n);
        if (n > 1024)
            deviates("sock_getsockopt()");
        show(bytes(
            sock_getsockopt(inet(SOCK_STREAM), SOL_SOCKET, SO_TYPE, value, n),
            value));
    }
    static const int names[] = {
        SO_TYPE,      SO_ERROR,    SO_ACCEPTCONN, SO_BROADCAST, SO_KEEPALIVE,
        SO_REUSEADDR, SO_DOMAIN,   SO_PROTOCOL,   SO_LINGER,    SO_OOBINLINE,
        SO_DONTROUTE, SO_RCVLOWAT, SO_PRIORITY,   9999,         -1};
    for (EACH(i, names)) {
        int n = 0;
        row("inet().getsockopt(SOL_SOCKET, %d)", names[i]);
        int status =
            sock_getsockopt_int(inet(SOCK_STREAM), SOL_SOCKET, names[i], &n);
        show(status == 0 ? num(n) : error());
    }
    row("inet().getsockopt(9999, 1)");
    show(none(sock_getsockopt_int(inet(SOCK_STREAM), 9999, 1, (int *)value)));
    row("inet(SOCK_DGRAM).getsockopt(IPPROTO_TCP, TCP_NODELAY)");
    show(none(sock_getsockopt_int(inet(SOCK_DGRAM), IPPROTO_TCP, TCP_NODELAY,
                                  (int *)value)));
}

static void setting(void)
{
    static const int names[] = {SO_KEEPALIVE, SO_REUSEADDR, SO_BROADCAST,
                                SO_OOBINLINE, SO_PRIORITY,  SO_TYPE,
                                9999};
    static const int values[] = {0, 1, 6};
    for (EACH(i, names))
        for (EACH(v, values)) {
            int n = -1;
            row("s = inet(); s.setsockopt(SOL_SOCKET, %d, %d), "
                "s.getsockopt(SOL_SOCKET, %d)",
                names[i], values[v], names[i]);
            sock_t *s = inet(SOCK_STREAM);
            if (sock_setsockopt_int(s, SOL_SOCKET, names[i], values[v]) == -1) {
                show(error());
                continue;
            }
            show("None");
            sock_getsockopt_int(s, SOL_SOCKET, names[i], &n);
            show(num(n));
        }
    static const int sizes[] = {0, 1, 3, 4, 8, 100};
    static const char one[100] = {1};
    for (EACH(i, sizes)) {
        size_t n = (size_t)sizes[i];
        row("inet().setsockopt(SOL_SOCKET, SO_KEEPALIVE, %s)",
            py_bytes(sizes[i], one));
        show(none(sock_setsockopt(inet(SOCK_STREAM), SOL_SOCKET, SO_KEEPALIVE,
                                  one, n)));
        row("inet().setsockopt(SOL_SOCKET, SO_KEEPALIVE, None, %zu)", n);
        show(none(sock_setsockopt_null(inet(SOCK_STREAM), SOL_SOCKET,
                                       SO_KEEPALIVE, n)));
        row("inet().setsockopt(SOL_SOCKET, SO_LINGER, %s)",
            py_bytes(sizes[i], one));
        show(none(
            sock_setsockopt(inet(SOCK_STREAM), SOL_SOCKET, SO_LINGER, one, n)));
    }
    static const size_t lengths[] = {0x7fffffff, 0x80000000, 0xffffffff};
    for (EACH(i, lengths)) {
        row("inet().setsockopt(SOL_SOCKET, SO_KEEPALIVE, None, %zu)",
            lengths[i]);
        show(none(sock_setsockopt_null(inet(SOCK_STREAM), SOL_SOCKET,
                                       SO_KEEPALIVE, lengths[i])));
    }
    row("s = inet(); s.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack('ii', 1, "
        "7)); "
        "s.getsockopt(SOL_SOCKET, SO_LINGER, 8), s.getsockopt(SOL_SOCKET, "
        "SO_LINGER, 100)");
    struct linger l = {1, 7};
    char value[100];
    sock_t *s = inet(SOCK_STREAM);
    sock_setsockopt(s, SOL_SOCKET, SO_LINGER, &l, sizeof l);
    show(bytes(sock_getsockopt(s, SOL_SOCKET, SO_LINGER, value, 8), value));
    show(bytes(sock_getsockopt(s, SOL_SOCKET, SO_LINGER, value, 100), value));
}

void rows_options(void)
{
    getting();
    setting();
}

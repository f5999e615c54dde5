/* SPDX-License-Identifier: MIT */
#include "parity.h"

#include <math.h>
#include <stdio.h>

#define TOO_LARGE                                                              \
    "<OverflowError None 'timestamp too large to convert to C _PyTime_t'>"

static void setting(void)
{
    static const char *const texts[] = {"0",
                                        "0.0",
                                        "-0.0",
                                        "1e-12",
                                        "1e-09",
                                        "1.5e-09",
                                        "0.1",
                                        "0.3",
                                        "1",
                                        "2.5",
                                        "1e-3",
                                        "123.456",
                                        "1e6",
                                        "-1",
                                        "-1e-9",
                                        "-1e-12",
                                        "1000000000000000000",
                                        "10000000000",
                                        "9e9",
                                        "9300000000"};
    for (EACH(i, texts)) {
        double value = 0;
        sscanf(texts[i], "%lf", &value);
        row("s = inet(); fails(s.settimeout, %s), s.gettimeout(), "
            "s.getblocking()",
            texts[i]);
        sock_t *s = inet(SOCK_STREAM);
        if (value > 9.2e9)
            older("(" TOO_LARGE ", None, True)");
        show(none(sock_settimeout(s, value)));
        show(seconds(sock_gettimeout(s)));
        show(flag(sock_getblocking(s)));
        row("fails(setdefaulttimeout, %s), getdefaulttimeout()", texts[i]);
        if (value > 9.2e9)
            older("(" TOO_LARGE ", None)");
        show(none(sock_setdefaulttimeout(value)));
        show(seconds(sock_getdefaulttimeout()));
    }
    row("inet().settimeout(float('nan'))");
    show(none(sock_settimeout(inet(SOCK_STREAM), NAN)));
    row("inet().settimeout(float('inf'))");
    deviates("timeout of +infinity");
    show(none(sock_settimeout(inet(SOCK_STREAM), INFINITY)));
    row("inet().settimeout(float('-inf'))");
    deviates("timeout of -infinity");
    show(none(sock_settimeout(inet(SOCK_STREAM), -INFINITY)));
    row("setdefaulttimeout(float('inf'))");
    deviates("timeout of +infinity");
    show(none(sock_setdefaulttimeout(INFINITY)));
    for (int on = 0; on < 2; on++) {
        row("s = inet(); s.settimeout(2); s.setblocking(%s); s.gettimeout(), "
            "s.getblocking()",
            flag(on));
        sock_t *s = inet(SOCK_STREAM);
        sock_settimeout(s, 2);
        sock_setblocking(s, on);
        show(seconds(sock_gettimeout(s)));
        show(flag(sock_getblocking(s)));
    }
    row("s = socket.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK); "
        "s.gettimeout(), s.type == SOCK_STREAM");
    sock_t *s = inet(SOCK_STREAM | SOCK_NONBLOCK);
    show(seconds(sock_gettimeout(s)));
    show(flag(sock_type(s) == SOCK_STREAM));
}

static void inheriting(void)
{
    row("setdefaulttimeout(5); inet().gettimeout(), pair()[0].gettimeout()");
    sock_setdefaulttimeout(5);
    show(seconds(sock_gettimeout(inet(SOCK_STREAM))));
    show(seconds(sock_gettimeout(pair(SOCK_STREAM).a)));
    row("setdefaulttimeout(5); a, b = tcp(); c = fromfd(a.fileno(), 2, 1); "
        "b.gettimeout(), c.gettimeout()");
    sock_setdefaulttimeout(5);
    struct both p = tcp();
    show(seconds(sock_gettimeout(p.b)));
    show(seconds(sock_gettimeout(own(sock_fromfd(sock_fileno(p.a), 2, 1, 0)))));
    row("l = listening(); l.settimeout(3); c = inet(); "
        "c.connect(l.getsockname()); a = l.accept()[0]; a.gettimeout()");
    sock_t *l = listening();
    sock_settimeout(l, 3);
    sock_connect(inet(SOCK_STREAM), name(l));
    show(seconds(sock_gettimeout(own(sock_accept(l, NULL)))));
    row("s = inet(); s.settimeout(3); d = s.dup(); d.gettimeout()");
    sock_t *s = inet(SOCK_STREAM);
    sock_settimeout(s, 3);
    show(seconds(sock_gettimeout(own(sock_dup(s)))));
    row("setdefaulttimeout(5); s = socket.socket(AF_INET, SOCK_STREAM | "
        "SOCK_NONBLOCK); s.gettimeout()");
    sock_setdefaulttimeout(5);
    show(seconds(sock_gettimeout(inet(SOCK_STREAM | SOCK_NONBLOCK))));
    row("s = closed(); fails(s.settimeout, 2), s.gettimeout()");
    s = closed();
    show(none(sock_settimeout(s, 2)));
    show(seconds(sock_gettimeout(s)));
}

static void waiting(void)
{
    row("a, b = pair(); a.send(b'x'); bool(select.select([b], [], [], 1)[0]), "
        "bool(select.select([a], [], [], 0)[0])");
    struct both p = pair(SOCK_STREAM);
    sock_send(p.a, "x", 1, 0);
    show(flag(sock_wait(p.b, SOCK_EVENT_READ, 1)));
    show(flag(sock_wait(p.a, SOCK_EVENT_READ, 0)));
    static const double timeouts[] = {0, 0.01};
    for (EACH(i, timeouts)) {
        char c;
        row("a, b = pair(); a.settimeout(%s); a.recv(1)", seconds(timeouts[i]));
        p = pair(SOCK_STREAM);
        sock_settimeout(p.a, timeouts[i]);
        show(bytes(sock_recv(p.a, &c, 1, 0), &c));
        row("a, b = pair(SOCK_DGRAM); a.settimeout(%s); a.recvfrom(1)",
            seconds(timeouts[i]));
        p = pair(SOCK_DGRAM);
        sock_settimeout(p.a, timeouts[i]);
        show(bytes(sock_recvfrom(p.a, &c, 1, 0, NULL), &c));
        row("a, b = pair(); a.settimeout(%s); a.sendall(bytes(10000000))",
            seconds(timeouts[i]));
        static char much[10000000];
        p = pair(SOCK_STREAM);
        sock_settimeout(p.a, timeouts[i]);
        show(none(sock_sendall(p.a, much, sizeof much, 0)));
    }
}

void rows_timeout(void)
{
    setting();
    inheriting();
    waiting();
}

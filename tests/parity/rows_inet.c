/* SPDX-License-Identifier: MIT */
#include "parity.h"

#include <arpa/inet.h>

static void byte_order(void)
{
    static const uint32_t numbers[] = {0, 1, 80, 255, 256, 11111, 0xffff};
    for (EACH(i, numbers)) {
        uint32_t n = numbers[i];
        row("htons(%u), ntohs(%u), htonl(%u), ntohl(%u)", n, n, n, n);
        show(num(sock_htons((uint16_t)n)));
        show(num(sock_ntohs((uint16_t)n)));
        show(num(sock_htonl(n)));
        show(num(sock_ntohl(n)));
    }
    row("htonl(0xffffffff), ntohl(0x80000000)");
    show(num(sock_htonl(0xffffffff)));
    show(num(sock_ntohl(0x80000000)));
}

static void aton(void)
{
    static const char *const texts[] = {"127.0.0.1",
                                        "127.1",
                                        "1.2.3",
                                        "1",
                                        "16909060",
                                        "0x7f.1",
                                        "0177.1",
                                        "0x7f000001",
                                        "0",
                                        "0.0.0.0",
                                        "4294967295",
                                        "4294967296",
                                        "255.255.255.255",
                                        "256.1.1.1",
                                        "1.2.3.256",
                                        "1.2.65535",
                                        "1.2.65536",
                                        "1.16777215",
                                        "1.16777216",
                                        "",
                                        " ",
                                        " 1.2.3.4",
                                        "1..2",
                                        "1.2.3.4.5",
                                        ".1",
                                        "1.",
                                        "-1",
                                        "+1",
                                        "0x",
                                        "08.1.1.1",
                                        "0XFF.1",
                                        "a",
                                        "localhost",
                                        "1.2.3.4x",
                                        "::1"};
    for (EACH(i, texts)) {
        unsigned char p[4];
        row("inet_aton(%s)", py(texts[i]));
        show(bytes(sock_inet_aton(texts[i], p, sizeof p), p));
    }
    static const char *const junk[] = {"127.0.0.1 junk", "1.2.3.4\n", "1 2"};
    for (EACH(i, junk)) {
        unsigned char p[4];
        row("inet_aton(%s)", py(junk[i]));
        deviates("sock_inet_aton()");
        show(bytes(sock_inet_aton(junk[i], p, sizeof p), p));
    }
}

static void pton(void)
{
    static const char *const texts[] = {"127.0.0.1",
                                        "127.1",
                                        "",
                                        "0x7f.0.0.1",
                                        "01.2.3.4",
                                        "1.2.3.256",
                                        "::",
                                        "::1",
                                        "1::2::3",
                                        "fe80::1%lo",
                                        ":::",
                                        "1:2:3:4:5:6:7:8",
                                        "1:2:3:4:5:6:7:8:9",
                                        "::ffff:1.2.3.4",
                                        "12345::",
                                        "::1.2.3",
                                        "g::",
                                        "[::1]",
                                        "ABCD::EF",
                                        " ::1",
                                        "::1 "};
    static const int families[] = {AF_INET, AF_INET6};
    for (EACH(f, families))
        for (EACH(i, texts)) {
            unsigned char p[16];
            row("inet_pton(%d, %s)", families[f], py(texts[i]));
            show(bytes(sock_inet_pton(families[f], texts[i], p, sizeof p), p));
        }
    static const int others[] = {AF_UNSPEC, AF_UNIX, 77, -1};
    for (EACH(i, others)) {
        unsigned char p[16];
        row("inet_pton(%d, '::1')", others[i]);
        show(bytes(sock_inet_pton(others[i], "::1", p, sizeof p), p));
    }
}

static void ntop(void)
{
    static const unsigned char zero[17];
    static const int families[] = {AF_INET, AF_INET6, AF_UNIX, 77, -1};
    static const int sizes[] = {0, 3, 4, 5, 15, 16, 17};
    char t[SOCK_INET_TEXT_MAX];
    for (EACH(f, families))
        for (EACH(i, sizes)) {
            size_t n = (size_t)sizes[i];
            row("inet_ntop(%d, bytes(%zu))", families[f], n);
            show(text(sock_inet_ntop(families[f], zero, n, t, sizeof t), t));
        }
    for (EACH(i, sizes)) {
        size_t n = (size_t)sizes[i];
        row("inet_ntoa(bytes(%zu))", n);
        show(text(sock_inet_ntoa(zero, n, t, sizeof t), t));
    }
    static const char *const six[] = {
        "\0\0\0\0\0\0\0\0\0\0\xff\xff\1\2\3\4",
        "\0\0\0\0\0\0\0\0\0\0\0\0\1\2\3\4",
        "\xfe\x80\0\0\0\0\0\0\0\1\0\0\0\0\0\1",
        "\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0",
        "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"};
    for (EACH(i, six)) {
        row("inet_ntop(AF_INET6, %s)", py_bytes(16, six[i]));
        show(text(sock_inet_ntop(AF_INET6, six[i], 16, t, sizeof t), t));
    }
    row("inet_ntoa(b'\\xff\\x00\\x7f\\x01')");
    show(text(sock_inet_ntoa("\xff\0\x7f\1", 4, t, sizeof t), t));
}

void rows_inet(void)
{
    byte_order();
    aton();
    pton();
    ntop();
}

/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <string.h>

TEST(inet, byte_order)
{
    unsigned char two[2] = {0x2b, 0x67}, four[4] = {0, 0, 0x2b, 0x67};
    uint16_t x16 = sock_htons(11111);
    uint32_t x32 = sock_htonl(11111);

    check_bytes(&x16, two, 2);
    check_bytes(&x32, four, 4);
    check_int(sock_ntohs(x16), 11111);
    check_int(sock_ntohl(x32), 11111);
    check_int(sock_ntohl(sock_htonl(0xdeadbeef)), 0xdeadbeef);
}

static void check_aton(const char *text, unsigned char a, unsigned char b,
                       unsigned char c, unsigned char d)
{
    unsigned char got[4], expected[4] = {a, b, c, d};
    check_int(sock_inet_aton(text, got, sizeof got), 4);
    check_bytes(got, expected, 4);
}

TEST(inet, aton_takes_every_form)
{
    check_aton("127.0.0.1", 127, 0, 0, 1);
    check_aton("127.1", 127, 0, 0, 1);
    check_aton("1.2.3", 1, 2, 0, 3);
    check_aton("0x7f.1", 127, 0, 0, 1);
    check_aton("0177.1", 127, 0, 0, 1);
    check_aton("16909060", 1, 2, 3, 4);
    check_aton("4294967295", 255, 255, 255, 255);
    check_aton("0xFFFFFFFF", 255, 255, 255, 255);
    check_aton("1.65535", 1, 0, 255, 255);
    check_aton("0", 0, 0, 0, 0);
}

TEST(inet, aton_refuses_the_rest)
{
    static const char *const bad[] = {
        "",           "256.1.1.1", "1.2.3.4.5", "1..2",
        "4294967296", "08",        "1.2.3.256", "1.16777216",
        "a",          "-1",        "1.2.3.",    "127.0.0.1 junk",
        "1.2.3.4\n",  " 1.2.3.4",  "1.2.3.4 ",  "1.2.3.4\t",
        "::1",        "1.2.3.4x",  "+1",        "1.2.3.4\v",
    };
    unsigned char packed[4] = {9, 9, 9, 9}, nines[4] = {9, 9, 9, 9};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        check_fails(sock_inet_aton(bad[i], packed, sizeof packed), SOCK_E_OS, 0,
                    "inet_aton: illegal IP address string passed to inet_aton");
    check_bytes(packed, nines, 4);
}

TEST(inet, aton_arguments)
{
    unsigned char packed[4];
    check_fails(sock_inet_aton("1.2.3.4", packed, 3), SOCK_E_VALUE, 0,
                "inet_aton: buffer is too small");
    check_fails(sock_inet_aton(NULL, packed, 4), SOCK_E_TYPE, 0,
                "inet_aton: argument is NULL");
    check_fails(sock_inet_aton("1.2.3.4", NULL, 4), SOCK_E_TYPE, 0,
                "inet_aton: argument is NULL");
}

TEST(inet, ntoa)
{
    char text[16] = "x";
    check_int(sock_inet_ntoa("\x7f\0\0\1", 4, text, sizeof text), 9);
    check_str(text, "127.0.0.1");
    check_int(sock_inet_ntoa("\xff\xff\xff\xff", 4, text, sizeof text), 15);
    check_str(text, "255.255.255.255");
    check_fails(sock_inet_ntoa("123", 3, text, sizeof text), SOCK_E_OS, 0,
                "inet_ntoa: packed IP wrong length for inet_ntoa");
    check_fails(sock_inet_ntoa(NULL, 4, text, sizeof text), SOCK_E_TYPE, 0,
                "inet_ntoa: argument is NULL");
    check_fails(sock_inet_ntoa("1234", 4, NULL, 5), SOCK_E_TYPE, 0,
                "inet_ntoa: buffer is NULL");
}

TEST(inet, text_is_whole_or_empty)
{
    char text[9] = "x";
    check_int(sock_inet_ntoa("\x7f\0\0\1", 4, text, sizeof text), 9);
    check_str(text, "");
    check_int(sock_inet_ntoa("\x7f\0\0\1", 4, NULL, 0), 9);
}

TEST(inet, pton)
{
    unsigned char got[16], six[16] = {0x20, 0x01, 0x0d, 0xb8};
    six[15] = 7;
    check_int(sock_inet_pton(AF_INET, "1.2.3.4", got, sizeof got), 4);
    check_bytes(got, "\1\2\3\4", 4);
    check_int(sock_inet_pton(AF_INET6, "2001:db8::7", got, sizeof got), 16);
    check_bytes(got, six, 16);
}

TEST(inet, pton_is_strict)
{
    static const char *const bad4[] = {"1.2.3", "127.1",    "0x7f.0.0.1",
                                       "",      "1.2.3.4 ", "01.2.3.256"};
    static const char *const bad6[] = {
        "::1%lo", "fe80::1%1", ":::", "1.2.3.4", "[::1]", "::1 "};
    unsigned char packed[16];

    for (size_t i = 0; i < sizeof bad4 / sizeof bad4[0]; i++)
        check_fails(sock_inet_pton(AF_INET, bad4[i], packed, 4), SOCK_E_OS, 0,
                    "inet_pton: illegal IP address string passed to inet_pton");
    for (size_t i = 0; i < sizeof bad6 / sizeof bad6[0]; i++)
        check_fails(sock_inet_pton(AF_INET6, bad6[i], packed, 16), SOCK_E_OS, 0,
                    "inet_pton: illegal IP address string passed to inet_pton");
    check_fails(
        sock_inet_pton(99, "x", packed, 16), SOCK_E_OS, EAFNOSUPPORT,
        "inet_pton: [Errno 97] Address family not supported by protocol");
    check_fails(sock_inet_pton(AF_INET6, "::1", packed, 15), SOCK_E_VALUE, 0,
                "inet_pton: buffer is too small");
    check_fails(sock_inet_pton(AF_INET, NULL, packed, 4), SOCK_E_TYPE, 0,
                "inet_pton: argument is NULL");
    check_fails(sock_inet_pton(AF_INET, "1.2.3.4", NULL, 4), SOCK_E_TYPE, 0,
                "inet_pton: argument is NULL");
}

TEST(inet, ntop)
{
    char text[SOCK_INET_TEXT_MAX];
    check_int(sock_inet_ntop(AF_INET, "\1\2\3\4", 4, text, sizeof text), 7);
    check_str(text, "1.2.3.4");
    check_int(
        sock_inet_ntop(AF_INET6, "1111111111111111", 16, text, sizeof text),
        39);
    check_str(text, "3131:3131:3131:3131:3131:3131:3131:3131");
    check_fails(sock_inet_ntop(AF_INET, "123", 3, text, sizeof text),
                SOCK_E_VALUE, 0,
                "inet_ntop: invalid length of packed IP address string");
    check_fails(sock_inet_ntop(99, "1234", 4, text, sizeof text), SOCK_E_VALUE,
                99, "inet_ntop: unknown address family 99");
    check_fails(sock_inet_ntop(AF_INET, NULL, 4, text, sizeof text),
                SOCK_E_TYPE, 0, "inet_ntop: argument is NULL");
    for (size_t size = 1; size < 64; size += 62)
        check_fails(sock_inet_ntop(AF_INET, "1234", 4, NULL, size), SOCK_E_TYPE,
                    0, "inet_ntop: buffer is NULL");
    memset(text, 'x', sizeof text); /* longer than IPv4's could be */
    check_int(sock_inet_ntop(AF_INET6, "1111111111111111", 16, text, 20), 39);
    check_str(text, "");
    check_int(text[20], 'x');
}

TEST(inet, the_longest_text_fits)
{
    char text[SOCK_INET_TEXT_MAX];
    unsigned char packed[16];

    memset(packed, 0xff, sizeof packed);
    check_int(sock_inet_ntop(AF_INET6, packed, 16, text, sizeof text), 39);
    check_str(text, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    check_int(sock_inet_ntop(AF_INET, packed, 4, text, sizeof text), 15);
    check_int(sock_inet_ntoa(packed, 4, text, sizeof text), 15);
    check_str(text, "255.255.255.255");
}

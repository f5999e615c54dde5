/* SPDX-License-Identifier: MIT */
/* What replies of FTP say: ports, paths, sizes, moments. */
#include "support.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "ftp_parse.h"

TEST(ftp_parse, pasv)
{
    static const struct {
        const char *text;
        int port; /* 0: none */
    } rows[] = {
        {"Entering Passive Mode (127,0,0,1,4,1).", 1025},
        {"Entering Passive Mode 10,0,0,1,0,21", 21},
        {"=1,2,3,4,255,255", 65535},
        {"(1,2,3,4,5,6,7)", 1286},
        {"a 1 b 1,2,3,4,0,1", 1},
        {"a 1,2,3 1,2,3,4,0,1", 1},
        {"1,2,3,4,0,0", 0},
        {"1,2,3,4,256,0", 0},
        {"1,2,3,4,999,999", 0},
        {"256,2,3,4,5,6", 0},
        {"1,2,3,4,5", 0},
        {"1,2,3,4,5,", 0},
        {"1,2,3,4,-5,6", 0},
        {"1, 2, 3, 4, 5, 6", 0},
        {"1,2,3,4,5,99999999999999999999999999", 0},
        {"1,2,3,4,5,2562000000000", 0}, /* of whatever width */
        {"(|||1025|)", 0},
        {"", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unsigned char ip[4] = {0};
        int port = 0;
        bool has = sock__ftp_pasv(rows[i].text, ip, &port);
        check_that(has == (rows[i].port > 0), "%s", rows[i].text);
        if (has)
            check_int(port, rows[i].port);
    }
    unsigned char ip[4];
    int port;
    check(sock__ftp_pasv("(10,20,30,40,1,2)", ip, &port));
    check_bytes(ip, "\x0a\x14\x1e\x28", 4);
}

TEST(ftp_parse, epsv)
{
    static const struct {
        const char *text;
        int port;
    } rows[] = {
        {"Entering Extended Passive Mode (|||1025|)", 1025},
        {"(!!!65535!)", 65535},
        {"(|||1|) and more", 1},
        {"(|||0|)", 0},
        {"(|||65536|)", 0},
        {"(|||99999|)", 0},
        {"(|||-1|)", 0},
        {"(|||+1|)", 0},
        {"(||| 1|)", 0},
        {"(|||1)", 0},
        {"(|||1|", 0},
        {"(|||1", 0},
        {"(|||1!)", 0},
        {"(||1|)", 0},
        {"(|!|1|)", 0},
        {"(||!1|)", 0},
        {"(\x7f\x7f\x7f"
         "1\x7f)",
         0},
        {"(11111)", 0},
        {"(||||)", 0},
        {"|||1|", 0},
        {"(", 0},
        {"((((1()", 1},
        {"(|", 0},
        {"", 0},
        {"(   1 )", 0},
        {"(|||99999999999999999999999999999|)", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_that(sock__ftp_epsv(rows[i].text) == rows[i].port, "%s",
                   rows[i].text);
}

TEST(ftp_parse, paths)
{
    static const struct {
        const char *text, *path;
    } rows[] = {
        {"\"/\" is the current directory", "/"},
        {"\"/a b\"", "/a b"},
        {"\"/a\"\"b\"\"\" c \"d\"", "/a\"b\""},
        {"\"\"", ""},
        {"\"\"\"\"", "\""},
        {"\"/open", "/open"},
        {"\"", ""},
        {"/no quotes", ""},
        {" \"/blank\"", ""},
        {"", ""},
    };
    char path[64];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_int(sock__ftp_path(rows[i].text, path), strlen(rows[i].path));
        check_str(path, rows[i].path);
    }
}

TEST(ftp_parse, sizes)
{
    static const struct {
        const char *text;
        int64_t size;
    } rows[] = {
        {"Opening BINARY mode data connection for a (5 bytes).", 5},
        {"for a (1 bytes) (22 bytes)", 22},
        {"for a (5 bytes) ( bytes)", 5},
        {"for a (0 BYTES)", 0},
        {"(9223372036854775807 bytes)", -1},
        {" (9223372036854775807 bytes)", INT64_MAX},
        {" (9223372036854775808 bytes)", -1},
        {" (99999999999999999999999999 bytes)", -1},
        {" (5  bytes)", -1},
        {" (-5 bytes)", -1},
        {" ( bytes)", -1},
        {" (5 bytes", -1},
        {" (5 octets)", -1},
        {"a(5 bytes)", -1},
        {"first\n (5 bytes)", -1},
        {" (5 bytes)\n (6 bytes)", 5},
        {"", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_that(sock__ftp_announced(rows[i].text) == rows[i].size, "%s",
                   rows[i].text);
}

TEST(ftp_parse, numbers)
{
    check_int(sock__ftp_number("5"), 5);
    check_int(sock__ftp_number(" 5 "), 5);
    check_int(sock__ftp_number("\t5\t"), 5);
    check_int(sock__ftp_number("0"), 0);
    check_int(sock__ftp_number("9223372036854775807"), INT64_MAX);
    check_int(sock__ftp_number("9223372036854775808"), -1);
    check_int(sock__ftp_number("-1"), -1);
    check_int(sock__ftp_number("1_0"), -1);
    check_int(sock__ftp_number("1 2"), -1);
    check_int(sock__ftp_number("x"), -1);
    check_int(sock__ftp_number(""), -1);
}

TEST(ftp_parse, moments)
{
    static const struct {
        const char *text;
        int64_t when; /* INT64_MIN: none */
    } rows[] = {
        {"19700101000000", 0},           {"19700101000001.999", 1},
        {"20040229123456", 1078058096},  {"20161231235960", 1483228800},
        {"19691231235959", -1},          {"20030229000000", INT64_MIN},
        {"20041301000000", INT64_MIN},   {"20040001000000", INT64_MIN},
        {"20040100000000", INT64_MIN},   {"20040101240000", INT64_MIN},
        {"20040101006000", INT64_MIN},   {"20040101000061", INT64_MIN},
        {"20040101000000.", INT64_MIN},  {"20040101000000.x", INT64_MIN},
        {"20040101000000Z", INT64_MIN},  {"2004010100000", INT64_MIN},
        {"200401010000000", INT64_MIN},  {"", INT64_MIN},
        {"20040101000000Z5", INT64_MIN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t when = 7;
        bool is = sock__ftp_time(rows[i].text, strlen(rows[i].text), &when);
        check_that(is == (rows[i].when != INT64_MIN), "%s", rows[i].text);
        check_int(when, is ? rows[i].when : 7);
    }
}

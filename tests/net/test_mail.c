/* SPDX-License-Identifier: MIT */
/* The fields of a message that are made here. */
#include <pysockc/mail.h>

#include <stdio.h>
#include <string.h>

#include "support.h"

TEST(mail, dates)
{
    static const struct {
        int64_t when;
        const char *text;
    } rows[] = {
        {784111777, "Sun, 06 Nov 1994 08:49:37 -0000"},
        {0, "Thu, 01 Jan 1970 00:00:00 -0000"},
        {-1, "Wed, 31 Dec 1969 23:59:59 -0000"},
        {951827696, "Tue, 29 Feb 2000 12:34:56 -0000"},
        {253402300799, "Fri, 31 Dec 9999 23:59:59 -0000"},
        {-62135596800, "Mon, 01 Jan 0001 00:00:00 -0000"},
    };
    char text[SOCK_MESSAGE_DATE_MAX];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_int(sock_message_date(text, sizeof text, rows[i].when), 31);
        check_str(text, rows[i].text);
    }
    check_int(sock_message_date(NULL, 0, 0), 31);
    check_int(sock_message_date(text, 31, 0), 31);
    check_str(text, "");
    check_fails(sock_message_date(text, sizeof text, 253402300800),
                SOCK_E_VALUE, 0, error_text());
    check_fails(sock_message_date(text, sizeof text, INT64_MIN), SOCK_E_VALUE,
                0, error_text());
    check_fails(sock_message_date(text, sizeof text, INT64_MAX), SOCK_E_VALUE,
                0, error_text());
    check_fails(sock_message_date(NULL, 1, 0), SOCK_E_TYPE, 0, error_text());
}

TEST(mail, ids)
{
    char a[64], b[64];

    check_int(sock_message_id(a, sizeof a, "example.org"), 46);
    check_int(sock_message_id(b, sizeof b, "example.org"), 46);
    check(strcmp(a, b) != 0);
    check_int(a[0], '<');
    check_int(strspn(a + 1, "0123456789abcdef"), 32);
    check_str(a + 33, "@example.org>");
    check_int(sock_message_id(NULL, 0, "example.org"), 46);
    check_int(sock_message_id(a, 46, "example.org"), 46);
    check_str(a, "");
}

TEST(mail, domains)
{
    static const char *const good[] = {"a",          "a.b",
                                       "a-b.c_d",    "[127.0.0.1]",
                                       "[IPv6:::1]", "b\xc3\xbc.example"};
    static const char *const bad[] = {
        "",    ".a",  "a.",    "a..b",       "a b", "a\r\nB:", "a>",
        "a@b", "a<b", "[1 2]", "[1>]",       "[",   "[]]",     "a\"b",
        "a(b", "a,b", "a\x7f", "[127.0.0.1", "[1>"};
    char text[300], big[256];

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        check_int(sock_message_id(text, sizeof text, good[i]),
                  strlen(good[i]) + 35);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        strcpy(text, "x");
        check_fails(sock_message_id(text, sizeof text, bad[i]), SOCK_E_VALUE, 0,
                    "make_msgid: an invalid domain");
        check_str(text, "");
    }
    memset(big, 'a', sizeof big);
    big[254] = '\0';
    check_int(sock_message_id(text, sizeof text, big), -1);
    big[253] = '\0';
    check_int(sock_message_id(text, sizeof text, big), 253 + 35);
    check_fails(sock_message_id(text, sizeof text, NULL), SOCK_E_TYPE, 0,
                error_text());
    check_fails(sock_message_id(NULL, 1, "a"), SOCK_E_TYPE, 0, error_text());
}

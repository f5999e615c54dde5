/* SPDX-License-Identifier: MIT */
/* The texts of IMAP: words, names of mailboxes, dates, flags. */
#include <pysockc/imap.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "imap_name.h"
#include "imap_token.h"
#include "support.h"

/* Words */

static const struct {
    const char *line;
    long at; /* -1: nothing is announced */
    uint64_t size;
} lines[] = {
    {"", -1, 0},
    {"{5}", 0, 5},
    {"x {5}", 2, 5},
    {"x {5+}", 2, 5},
    {"x ~{5}", 2, 5},
    {"x ({007}", 3, 7},
    {"x {5} ", -1, 0},
    {"x{5}", -1, 0},
    {"x [{5}", -1, 0},
    {"x~{5}", -1, 0},
    {"x {}", -1, 0},
    {"x {+}", -1, 0},
    {"x {-5}", -1, 0},
    {"x {5-}", -1, 0},
    {"x 5}", -1, 0},
    {"x (5}", -1, 0},
    {"x {5x", -1, 0},
    {"5}", -1, 0},
    {"}", -1, 0},
    {"+}", -1, 0},
    {"x {5a}", -1, 0},
    {"\"x {5}", -1, 0},
    {"\"x\" {5}", 4, 5},
    {"\"x\\\" {5}", -1, 0},
    {"\"x\\\\\" {5}", 6, 5},
    {"\"x {5}\"", -1, 0},
    {"{18446744073709551615}", 0, UINT64_MAX},
    {"{18446744073709551616}", 0, UINT64_MAX},
    {"{99999999999999999999999999}", 0, UINT64_MAX},
};

TEST(imap_text, announcements)
{
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        size_t at = 99;
        uint64_t size = 99;
        bool is = sock__imap_announces(lines[i].line, strlen(lines[i].line),
                                       &at, &size);
        check_that(is == (lines[i].at >= 0), "%s", lines[i].line);
        if (is)
            check_that(at == (size_t)lines[i].at && size == lines[i].size,
                       "%s: %zu", lines[i].line, at);
    }
}

/* Each word as a letter and its text. */
static const char *const words[][2] = {
    {"", ""},
    {"   ", ""},
    {"a (b \"c\\\"\" NIL)", "a:a;(;a:b;q:c\";a:NIL;);"},
    {"a(b)", "a:a;(;a:b;);"},
    {"\"\"", "q:;"},
    {"\"a\\b\\", "!"},
    {"\"a", "!"},
    {"{3}\r\nab)c", "l:ab);a:c;"},
    {"~{1+}\r\n\" x", "l:\";a:x;"},
    {"{0}\r\n", "l:;"},
    {"{4}\r\nabc", "!"},
    {"{3}", "!"},
    {"{3}\r", "!"},
    {"{3}x\r\nabc", "!"},
    {"{x}\r\nabc", "!"},
    {"{x {3}\r\nabc", "!"},
    {"~ ~x", "a:~;a:~x;"},
    {"\\Seen BODY[]<0>", "a:\\Seen;a:BODY[]<0>;"},
    {"a\r\nb", "a:a;!"},
    {"a\nb", "a:a;!"},
    {"x ~", "a:x;a:~;"},
    {"{18446744073709551615}\r\nabc", "!"},
};

TEST(imap_text, words)
{
    static const char kinds[] = "!-()aql";
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        /* A block of its own, so that a byte beyond it is noticed. */
        size_t n = strlen(words[i][0]);
        char *block = malloc(n + 1), said[256] = "";
        memcpy(block, words[i][0], n);
        struct sock__piece text = {block, n};
        struct sock__imap_token t;
        enum sock__imap_word kind;
        while ((kind = sock__imap_next_token(&text, &t)) > SOCK__IMAP_END) {
            char word[64];
            word[sock__imap_say_token(&t, word)] = '\0';
            sprintf(said + strlen(said),
                    kind >= SOCK__IMAP_BARE ? "%c:%s;" : "%c%s;", kinds[kind],
                    kind >= SOCK__IMAP_BARE ? word : "");
        }
        strcat(said, kind == SOCK__IMAP_BAD ? "!" : "");
        check_str(said, words[i][1]);
        free(block);
    }
}

/* What announces nothing is no literal, be there one before it. */
TEST(imap_text, no_literal)
{
    static const char list[] = "({3}\r\nabc {x}\r\nabc)";
    struct sock__piece text = {list, sizeof list - 1};
    struct sock__imap_token value;
    check(!sock__imap_take_value(&text, &value));
}

/* Names */

static const char *const names[][2] = {
    {"", ""},
    {"INBOX", "INBOX"},
    {"a & b", "a &- b"},
    {"&", "&-"},
    {"&&", "&-&-"},
    {"~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/"
     "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
     "~peter/mail/&U,BTFw-/&ZeVnLIqe-"},
    {"\xc3\xa9", "&AOk-"},
    {"\xc3\xa9&\xc3\xa9", "&AOk-&-&AOk-"},
    {"\xc3\xa9\xc3\xa9\xc3\xa9", "&AOkA6QDp-"},
    {"\xf0\x9f\x98\x80", "&2D3eAA-"},
    {"\xf4\x8f\xbf\xbf", "&2,,f,w-"},
    {"\x01\x7f", "&AAEAfw-"},
    {"\r\n", "&AA0ACg-"},
    {"\xef\xbf\xbf-", "&,,8--"},
    {"a\xc3\xa4-b", "a&AOQ--b"},
};

TEST(imap_text, names)
{
    char buf[128];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        int n = (int)strlen(names[i][1]);
        check_int(sock_imap_name_encode(buf, sizeof buf, names[i][0]), n);
        check_str(buf, names[i][1]);
        check_int(sock_imap_name_encode(NULL, 0, names[i][0]), n);
        check_int(sock_imap_name_encode(buf, (size_t)n, names[i][0]), n);
        check_str(n > 0 ? buf : "", "");
        n = (int)strlen(names[i][0]);
        check_int(sock_imap_name_decode(buf, sizeof buf, names[i][1]), n);
        check_str(buf, names[i][0]);
    }
}

TEST(imap_text, names_that_are_none)
{
    static const char *const not_utf8[] = {"\xff", "\xc3", "a\xed\xa0\x80",
                                           "\xc0\x80"};
    static const char *const not_utf7[] = {
        "&",          "a&",    "&AOk",    "&AOk=-",     "&A-",      "&AO-",
        "&AOl-",      "&AGE-", "&AAA-",   "&2D0-",      "&3gDYPQ-", "&2D3YPQ-",
        "\xc3\xa9",   "\x01",  "\x7f",    "&AOk-&AOk-", "&A/k-",    "&AOkA-",
        "&2D3eAAAA-", "&3gA-", "&2D0A6Q-"};
    char buf[64];
    for (size_t i = 0; i < sizeof not_utf8 / sizeof not_utf8[0]; i++) {
        check_fails(sock_imap_name_encode(buf, sizeof buf, not_utf8[i]),
                    SOCK_E_VALUE, 0, "name_encode: the name is not UTF-8");
        check_str(buf, "");
    }
    for (size_t i = 0; i < sizeof not_utf7 / sizeof not_utf7[0]; i++) {
        check_that(sock_imap_name_decode(buf, sizeof buf, not_utf7[i]) < 0,
                   "%s", not_utf7[i]);
        check_str(error_text(), "name_decode: the name is not modified UTF-7");
        check_str(buf, "");
    }
    struct sock__text t;
    check_ok(sock__text_begin(&t, "test", buf, sizeof buf));
    check_int(sock__imap_decode(&t, "&AO\0-", 5), -1);
    check_fails(sock_imap_name_encode(buf, 1, NULL), SOCK_E_TYPE, 0,
                "name_encode: argument is NULL");
    check_fails(sock_imap_name_decode(NULL, 1, "x"), SOCK_E_TYPE, 0,
                "name_decode: buffer is NULL");
}

/* Every character, alone and behind itself, comes back. */
TEST(imap_text, all_characters)
{
    for (unsigned code = 1; code < 0x110000; code += code < 0x900 ? 1 : 37) {
        char name[16] = "", coded[64], back[32];
        if (code >= 0xd800 && code < 0xe000)
            continue;
        for (int i = 0; i < 2; i++) {
            char *to = name + strlen(name);
            if (code < 0x80) {
                to[0] = (char)code;
            } else if (code < 0x800) {
                to[0] = (char)(0xc0 | code >> 6);
                to[1] = (char)(0x80 | (code & 63));
            } else if (code < 0x10000) {
                to[0] = (char)(0xe0 | code >> 12);
                to[1] = (char)(0x80 | (code >> 6 & 63));
                to[2] = (char)(0x80 | (code & 63));
            } else {
                to[0] = (char)(0xf0 | code >> 18);
                to[1] = (char)(0x80 | (code >> 12 & 63));
                to[2] = (char)(0x80 | (code >> 6 & 63));
                to[3] = (char)(0x80 | (code & 63));
            }
            check_that(sock_imap_name_encode(coded, sizeof coded, name) > 0 &&
                           sock_imap_name_decode(back, sizeof back, coded) > 0,
                       "%x: %s", code, coded);
            check_str(back, name);
        }
    }
}

/* Dates */

static const struct {
    const char *text;
    int64_t when;
} dates[] = {
    {"17-Jul-1996 02:44:25 -0700", 837596665},
    {"\"17-Jul-1996 02:44:25 -0700\"", 837596665},
    {"1 (UID 4 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" X 1)", 837596665},
    {"INTERNALDATE \"x\" INTERNALDATE \" 1-jan-1970 00:00:00 +0000\"", 0},
    {"\"01-Jan-2000 00:00:00 +0000\"", 946684800},
    {"25 (INTERNALDATE \"01-Jan-2000 11:30:00 +1130\")", 946684800},
    {"25 (INTERNALDATE \"31-Dec-1999 12:30:00 -1130\")", 946684800},
    {"25 (INTERNALDATE \"02-Apr-2000 02:30:00 +0000\")", 954642600},
    {"25 (INTERNALDATE \"02-Apr-2000 03:30:00 +0000\")", 954646200},
    {"\"18-May-2033 05:33:20 +0200\"", 2000000000},
    {"01-Jan-1970 05:30:00 +0530", 0},
    {"29-Feb-2024 23:59:60 +0000", 1709251200},
    {"31-Dec-9999 23:59:59 +0000", 253402300799},
    {"01-Jan-0001 00:00:00 +0000", -62135596800},
};

static const char *const no_dates[] = {
    "",
    "x",
    "17-Jul-1996 02:44:25",
    "17-Jul-1996 02:44:25 -070",
    "17-Jul-1996 02:44:25 -07000",
    "17-Jul-1996 02:44:25 -0700 ",
    "17-Jul-1996 02:44:25 0700x",
    "17-Jul-1996 02:44:25 x0700",
    "17-Jul-1996x02:44:25 -0700",
    "17-Jul-1996 02x44:25 -0700",
    "17-Jul-1996 02:44x25 -0700",
    "\"17-Jul-1996 02:44:25 -0700",
    "\"17-Jul-1996 02:44:25 -0700\"x",
    "INTERNALDATE \"17-Jul-1996 02:44:25 -0700",
    "INTERNALDATE 17-Jul-1996 02:44:25 -0700",
    "17-Xxx-1996 02:44:25 -0700",
    "37-Jul-1996 02:44:25 -0700",
    "31-Jun-1996 02:44:25 -0700",
    "29-Feb-2023 02:44:25 -0700",
    "00-Jul-1996 02:44:25 -0700",
    " 0-Jul-1996 02:44:25 -0700",
    "7-Jul-1996 02:44:25 -0700",
    "17-Jul-0000 02:44:25 -0700",
    "17-Jul-1996 24:44:25 -0700",
    "17-Jul-1996 02:60:25 -0700",
    "17-Jul-1996 02:44:61 -0700",
    "17-Jul-1996 02:44:0x -0700",
    "17-Jul-1996 02:0x:25 -0700",
    "17-Jul-1996 02:44:25 -2400",
    "17-Jul-1996 02:44:25 -0760",
    "17-Jul-1996 02:44:25 +0a00",
    "17-Jul-1996 02:44:25 +000a",
    "17-Jul-1996 -2:44:25 +0000",
    "17-Jul-199x 02:44:25 +0000",
    "17 Jul 1996 02:44:25 +0000",
};

TEST(imap_text, dates)
{
    int64_t when = 99;
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
        check_that(sock_imap_internaldate(dates[i].text, &when) == 0 &&
                       when == dates[i].when,
                   "%s: %lld", dates[i].text, (long long)when);
    }
    for (size_t i = 0; i < sizeof no_dates / sizeof no_dates[0]; i++) {
        char *block = strdup(no_dates[i]);
        check_that(sock_imap_internaldate(block, &when) == -1, "%s", block);
        check_str(error_text(), "Internaldate2tuple: not a date of IMAP");
        free(block);
    }
    check_fails(sock_imap_internaldate(NULL, &when), SOCK_E_TYPE, 0,
                "Internaldate2tuple: argument is NULL");
    check_fails(sock_imap_internaldate("", NULL), SOCK_E_TYPE, 0,
                "Internaldate2tuple: argument is NULL");
}

TEST(imap_text, moments)
{
    char buf[SOCK_IMAP_TIME_MAX];
    int64_t when;
    check_int(sock_imap_time(buf, sizeof buf, 837596665), 28);
    check_str(buf, "\"17-Jul-1996 09:44:25 +0000\"");
    check_int(sock_imap_internaldate(buf, &when), 0);
    check_int(when, 837596665);
    check_int(sock_imap_time(buf, sizeof buf, 2000000000), 28);
    check_str(buf, "\"18-May-2033 03:33:20 +0000\"");
    check_int(sock_imap_time(NULL, 0, 0), 28);
    check_int(sock_imap_time(buf, 28, 0), 28);
    check_str(buf, "");
    check_int(sock_imap_time(buf, sizeof buf, 253402300799), 28);
    check_str(buf, "\"31-Dec-9999 23:59:59 +0000\"");
    check_int(sock_imap_time(buf, sizeof buf, -62135596800), 28);
    check_str(buf, "\"01-Jan-0001 00:00:00 +0000\"");
    check_fails(sock_imap_time(buf, sizeof buf, 253402300800), SOCK_E_VALUE, 0,
                "Time2Internaldate: year is out of range");
    check_fails(sock_imap_time(buf, sizeof buf, -62135596801), SOCK_E_VALUE, 0,
                "Time2Internaldate: year is out of range");
    check_fails(sock_imap_time(NULL, 9, 0), SOCK_E_TYPE, 0,
                "Time2Internaldate: buffer is NULL");
}

/* Flags */

static const char *const flags[][2] = {
    {"", ""},
    {"()", ""},
    {"(\\Seen)", "\\Seen;"},
    {"(\\Seen  \\Deleted $X a]b )", "\\Seen;\\Deleted;$X;a]b;"},
    {"1 (FLAGS (\\Seen \\Deleted) UID 4)", "\\Seen;\\Deleted;"},
    {"1 (FLAGS (a)) 2 (FLAGS (b))", "b;"},
    {"* OK [PERMANENTFLAGS (\\Deleted \\*)] x", "\\Deleted;\\*;"},
    {"1 (UID 4)", ""},
    {"FLAGS x", ""},
    {"1 (FLAGS (a b", ""},
    {"(a b", ""},
};

TEST(imap_text, flags)
{
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        char text[128] = "";
        sock_lines_t *l = check_made(sock_imap_parse_flags(flags[i][0]));
        for (size_t k = 0; k < l->count; k++) {
            check_int(strlen(l->lines[k].text), l->lines[k].length);
            strcat(strcat(text, l->lines[k].text), ";");
        }
        check_str(text, flags[i][1]);
        sock_lines_free(l);
    }
    check_null(sock_imap_parse_flags(NULL), SOCK_E_TYPE, 0,
               "ParseFlags: argument is NULL");
}

/* Sets */

static const struct {
    uint32_t numbers[6];
    const char *text;
} sets[] = {
    {{0}, ""},
    {{7}, "7"},
    {{1, 2}, "1:2"},
    {{1, 3, 4, 5}, "1,3:5"},
    {{1, 3, 5, 7}, "1,3,5,7"},
    {{1, 2, 4, 8, 9}, "1:2,4,8:9"},
    {{3, 2, 1}, "3,2,1"},
    {{2, 2, 3}, "2,2:3"},
    {{UINT32_MAX - 1, UINT32_MAX}, "4294967294:4294967295"},
    {{UINT32_MAX, 1}, "4294967295,1"},
};

TEST(imap_text, sets)
{
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        char buf[32];
        sock_imap_numbers_t list = {sets[i].numbers, 0};
        while (list.numbers[list.count] != 0)
            list.count++;
        int n = (int)strlen(sets[i].text);
        check_int(sock_imap_set(buf, sizeof buf, &list), n);
        check_str(buf, sets[i].text);
        check_int(sock_imap_set(buf, (size_t)n + 1, &list), n);
        check_str(buf, sets[i].text);
        check_int(sock_imap_set(NULL, 0, &list), n);
        if (n > 0) {
            check_int(sock_imap_set(buf, (size_t)n, &list), n);
            check_str(buf, "");
        }
    }
}

/* A list has as many numbers as it says. */
TEST(imap_text, the_front_of_a_set)
{
    static const uint32_t numbers[] = {7, 8, 9};
    const sock_imap_numbers_t list = {numbers, 2};
    char buf[32];
    check_int(sock_imap_set(buf, sizeof buf, &list), 3);
    check_str(buf, "7:8");
}

TEST(imap_text, sets_that_are_none)
{
    static const uint32_t numbers[][2] = {{0, 1}, {1, 0}, {UINT32_MAX, 0}};
    char buf[32];
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        const sock_imap_numbers_t list = {numbers[i], 2};
        strcpy(buf, "old");
        check_fails(sock_imap_set(buf, sizeof buf, &list), SOCK_E_VALUE, 0,
                    "set: 0 is the number of no message");
        check_str(buf, "");
    }
    const sock_imap_numbers_t none = {NULL, 0}, lost = {NULL, 1};
    check_int(sock_imap_set(buf, sizeof buf, &none), 0);
    check_fails(sock_imap_set(buf, sizeof buf, NULL), SOCK_E_TYPE, 0,
                "set: argument is NULL");
    check_fails(sock_imap_set(buf, sizeof buf, &lost), SOCK_E_TYPE, 0,
                "set: argument is NULL");
    check_fails(sock_imap_set(NULL, 9, &none), SOCK_E_TYPE, 0,
                "set: buffer is NULL");
}

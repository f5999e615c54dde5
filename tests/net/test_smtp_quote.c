/* SPDX-License-Identifier: MIT */
/* Addresses of an envelope, messages with dots, and what a server offers. */
#include <pysockc/smtp.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "smtp_extensions.h"
#include "support.h"

/* Those of CPython 3.13's smtplib.quoteaddr(), too. */
static const char *const addresses[][2] = {
    {"", "<>"},
    {"<>", "<>"},
    {"  ", NULL},
    {"a@b", "<a@b>"},
    {"<a@b>", "<a@b>"},
    {" <a@b> ", "<a@b>"},
    {" a@b ", "<a@b>"},
    {"Eve <eve@example.org>", "<eve@example.org>"},
    {"\"Eve, E. <x>\" <eve@example.org>", "<eve@example.org>"},
    {"Eve (a < b) <eve@example.org> (eve)", "<eve@example.org>"},
    {"eve@example.org (Eve (the first))", "<eve@example.org>"},
    {"(Eve) eve@example.org", "<eve@example.org>"},
    {"(Eve \\) or \\\\) eve@example.org", "<eve@example.org>"},
    {"postmaster", "<postmaster>"},
    {"\"a b\"@c", "<\"a b\"@c>"},
    {"\"a\\\"b>\"@c", "<\"a\\\"b>\"@c>"},
    {"a+b=c!d%e'f@h-i.j", "<a+b=c!d%e'f@h-i.j>"},
    {"a@[127.0.0.1]", "<a@[127.0.0.1]>"},
    {"a@[IPv6:::1]", "<a@[IPv6:::1]>"},
    {"j\xc3\xb6@b\xc3\xbc.example", "<j\xc3\xb6@b\xc3\xbc.example>"},
    {"a..b@c", "<a..b@c>"},
    {"a@b_c.example", "<a@b_c.example>"},
    /* Python sends these as they are, or what they may mean. */
    {"a@b> SIZE=1", NULL},
    {"<a@b> SIZE=1", NULL},
    {"<a@b>x", NULL},
    {"<a@b,", NULL},
    {"<a@b", NULL},
    {"a@b>", NULL},
    {"a b@c", NULL},
    {"a @b", NULL},
    {"a@b c", NULL},
    {"a@", NULL},
    {"@b", NULL},
    {"<@a:b@c>", NULL},
    {"a@b@c", NULL},
    {"a@b, c@d", NULL},
    {"a;b@c", NULL},
    {"group: a@b;", NULL},
    {"a(b@c", NULL},
    {"\"a@b", NULL},
    {"\"a\\", NULL},
    {"\"", NULL},
    {"(", NULL},
    {"<", NULL},
    {"a@[b", NULL},
    {"a@[b c]", NULL},
    {"a@b\r", NULL},
    {"a@b\r\nRCPT TO:<c@d>", NULL},
    {"\"a\r\nb\"@c", NULL},
    {"a\tb@c", NULL},
    {"a\x7f@b", NULL},
    {"a\xff@b", NULL},
    {"a@b\xc3", NULL},
    {"a@<b>", NULL},
    {"a@b/c", NULL},
    {"a@b:c", NULL},
};

TEST(smtp_quote, addresses)
{
    char buf[64];

    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        const char *from = addresses[i][0], *to = addresses[i][1];
        int n = sock_smtp_quoteaddr(buf, sizeof buf, from);
        if (to == NULL) {
            check_that(n == -1, "\"%s\" is \"%s\"", from, buf);
            check_str(buf, "");
            check_int(sock_last_error()->kind, SOCK_E_VALUE);
        } else {
            check_that(n == (int)strlen(to), "\"%s\" is \"%s\"", from, buf);
            check_str(buf, to);
            check_int(sock_smtp_quoteaddr(NULL, 0, from), n);
            check_int(sock_smtp_quoteaddr(buf, (size_t)n, from), n);
            check_str(buf, "");
        }
    }
    check_fails(sock_smtp_quoteaddr(buf, sizeof buf, "a\nb"), SOCK_E_VALUE, 0,
                "quoteaddr a?b: not an address");
    check_int(sock_smtp_quoteaddr(buf, sizeof buf, NULL), -1);
    check_int(sock_last_error()->kind, SOCK_E_TYPE);
    check_int(sock_smtp_quoteaddr(NULL, 1, "a@b"), -1);
}

TEST(smtp_quote, long_addresses)
{
    char text[1000], buf[1000];

    memset(text, 'a', sizeof text);
    text[509] = '\0';
    check_int(sock_smtp_quoteaddr(buf, sizeof buf, text), 511);
    text[509] = 'a';
    text[510] = '\0';
    check_int(sock_smtp_quoteaddr(buf, sizeof buf, text), -1);
    text[510] = 'a';
    text[999] = '\0';
    check_int(sock_smtp_quoteaddr(buf, sizeof buf, text), -1);
}

/* Each text of up to six of these bytes is read to its end, and whatever is
 * said of it has brackets around and neither blank nor bracket within. */
TEST(smtp_quote, short_addresses)
{
    static const char bytes[] = "a@.<>\"\\( )[]";
    char text[7] = "", buf[16];

    for (int n = 0; n < 12 * 12 * 12 * 12 * 12; n++) {
        int left = n;
        for (int i = 0; i < 5; i++, left /= 12)
            text[i] = bytes[left % 12];
        int size = sock_smtp_quoteaddr(buf, sizeof buf, text);
        if (size < 0)
            continue;
        check_that(buf[0] == '<' && buf[size - 1] == '>', "%s: %s", text, buf);
        if (buf[1] != '"')
            check_that(strcspn(buf + 1, "<> \"\\(") == (size_t)size - 2,
                       "%s: %s", text, buf);
    }
}

static const char *const messages[][2] = {
    {"", ""},
    {"a", "a"},
    {"a\n", "a\r\n"},
    {"a\rb\r\nc\nd", "a\r\nb\r\nc\r\nd"},
    {"\r\r\n\n", "\r\n\r\n\r\n"},
    {"\n\r", "\r\n\r\n"},
    {"a\n\nb", "a\r\n\r\nb"},
    {".", ".."},
    {"..", "..."},
    {".\n.\r.\r\n.", "..\r\n..\r\n..\r\n.."},
    {"a.\nb", "a.\r\nb"},
    {"a\r.\r\nb", "a\r\n..\r\nb"},
    /* CPython's tests have these. */
    {"abc\n.jkl\rfoo\r\n..blue", "abc\r\n..jkl\r\nfoo\r\n...blue"},
    {".A test\n.mes.sage.", "..A test\r\n..mes.sage."},
};

TEST(smtp_quote, messages)
{
    char buf[64];

    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        const char *from = messages[i][0], *to = messages[i][1];
        size_t size = strlen(from);
        char *copy = malloc(size + (size == 0));
        memcpy(copy, from, size);
        int n = sock_smtp_quotedata(buf, sizeof buf, copy, size);
        check_int(n, strlen(to));
        check_str(buf, to);
        check_int(sock_smtp_quotedata(NULL, 0, copy, size), n);
        check_int(sock_smtp_quotedata(buf, (size_t)n, copy, size), n);
        check_str(buf, n > 0 ? "" : to);
        free(copy);
    }
    check_int(sock_smtp_quotedata(buf, sizeof buf, NULL, 0), 0);
    check_int(sock_smtp_quotedata(buf, sizeof buf, NULL, 1), -1);
    check_int(sock_last_error()->kind, SOCK_E_TYPE);
    check_int(sock_smtp_quotedata(NULL, 1, "a", 1), -1);
    check_int(sock_smtp_quotedata(buf, sizeof buf, "\0.\n\0", 4), 5);
    check_bytes(buf, "\0.\r\n\0", 6);
}

TEST(smtp_quote, words)
{
    check(sock__smtp_has_word("a B c", "b"));
    check(sock__smtp_has_word(" \tb", "B"));
    check(sock__smtp_has_word("x BODY=8BITMIME", "body"));
    check(sock__smtp_has_word("b", "b"));
    check(!sock__smtp_has_word("ab bc", "b"));
    check(!sock__smtp_has_word("a=b", "b"));
    check(!sock__smtp_has_word("", "b"));
    check(!sock__smtp_has_word("  ", "b"));
    check(!sock__smtp_has_word(NULL, "b"));
}

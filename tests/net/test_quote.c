/* SPDX-License-Identifier: MIT */
/* Quoting and undoing it; and texts for HTML. */
#include <pysockc/url.h>

#include "support.h"

#include <string.h>

typedef int text_fn(const char *text, char *buf, size_t size);

/* In buffers of every size: all of it or the empty string, and nothing else is
 * touched. */
static void writes(text_fn *fn, const char *text, const char *expected)
{
    size_t n = strlen(expected);
    char buf[128];

    errno = 1234;
    check_int(fn(text, NULL, 0), n);
    for (size_t size = 1; size <= n + 2; size++) {
        memset(buf, '?', sizeof buf);
        check_int(fn(text, buf, size), n);
        check_str(buf, size > n ? expected : "");
        check_int(buf[size], '?');
    }
    check_int(errno, 1234);
}

static int quote(const char *text, char *buf, size_t size)
{
    return sock_quote(text, NULL, buf, size);
}

static int quote_plus(const char *text, char *buf, size_t size)
{
    return sock_quote_plus(text, NULL, buf, size);
}

TEST(quote, for_a_path)
{
    writes(quote, "", "");
    writes(quote, "a b/c", "a%20b/c");
    writes(quote, "AZaz09_.-~", "AZaz09_.-~");
    writes(quote, "\xc3\xa9\xff\x01\x7f", "%C3%A9%FF%01%7F");
    writes(quote, "%&=+?#:@", "%25%26%3D%2B%3F%23%3A%40");
    writes(quote, "!$'()*,;<>[]", "%21%24%27%28%29%2A%2C%3B%3C%3E%5B%5D");
}

TEST(quote, for_a_query)
{
    writes(quote_plus, "", "");
    writes(quote_plus, "a b/c+d", "a+b%2Fc%2Bd");
    writes(quote_plus, "\n&\xe2\x82\xac", "%0A%26%E2%82%AC");
}

TEST(quote, what_is_safe)
{
    char buf[64];

    check_int(sock_quote("/a:b", "", buf, sizeof buf), 8);
    check_str(buf, "%2Fa%3Ab");
    check_int(sock_quote("/a:b \xc3\xa9", ": \xc3\xa9", buf, sizeof buf), 13);
    check_str(buf, "%2Fa:b %C3%A9");
    check_int(sock_quote_plus("a b+c", "+ ", buf, sizeof buf), 5);
    check_str(buf, "a+b+c");
    check_int(sock_quote("~a", "~", buf, sizeof buf), 2);
    check_str(buf, "~a");
}

TEST(quote, bytes)
{
    char buf[8];

    check_int(sock_quote_from_bytes("a\0/", 3, NULL, buf, sizeof buf), 5);
    check_str(buf, "a%00/");
    check_int(sock_quote_from_bytes("a\0/", 3, "", buf, sizeof buf), 7);
    check_str(buf, "a%00%2F");
    check_int(sock_quote_from_bytes(NULL, 0, NULL, buf, sizeof buf), 0);
    check_str(buf, "");
}

TEST(quote, undone)
{
    writes(sock_unquote, "", "");
    writes(sock_unquote, "a%20b+c", "a b+c");
    writes(sock_unquote, "%41%7a%7A", "Azz");
    writes(sock_unquote, "%C3%A9%e2%82%ac%F0%9F%92%A9",
           "\xc3\xa9\xe2\x82\xac\xf0\x9f\x92\xa9");
    writes(sock_unquote, "%", "%");
    writes(sock_unquote, "%4", "%4");
    writes(sock_unquote, "%zz%4g%g4%%41", "%zz%4g%g4%A");
    writes(sock_unquote, "%2541", "%41");
    writes(sock_unquote_plus, "a+b%2Bc+%20", "a b+c  ");
}

#define MARK "\xef\xbf\xbd"

/* As b"...".decode("utf-8", "replace") of Python. */
TEST(quote, undone_of_what_is_no_utf_8)
{
    writes(sock_unquote, "%ff", MARK);
    writes(sock_unquote, "%80%bf", MARK MARK);
    writes(sock_unquote, "%c3", MARK);
    writes(sock_unquote, "%c3a", MARK "a");
    writes(sock_unquote, "%c3%41", MARK "A");
    writes(sock_unquote, "%c0%80", MARK MARK);
    writes(sock_unquote, "%e2%82", MARK);
    writes(sock_unquote, "%e2%82%e2%82%ac", MARK "\xe2\x82\xac");
    writes(sock_unquote, "%e0%80%80", MARK MARK MARK);
    writes(sock_unquote, "%ed%a0%80", MARK MARK MARK);
    writes(sock_unquote, "%f0%90%80", MARK);
    writes(sock_unquote, "%f0%80%80%80", MARK MARK MARK MARK);
    writes(sock_unquote, "%f4%90%80%80", MARK MARK MARK MARK);
    writes(sock_unquote, "%f5%80", MARK MARK);
    writes(sock_unquote, "%ee%80%80%ed%9f%bf%f4%8f%bf%bf",
           "\xee\x80\x80\xed\x9f\xbf\xf4\x8f\xbf\xbf");
}

/* What is not quoted stays, and belongs to no sequence. */
TEST(quote, undone_between_other_bytes)
{
    writes(sock_unquote, "\xff\xc3\xa9", "\xff\xc3\xa9");
    writes(sock_unquote, "%c3\xa9", MARK "\xa9");
    writes(sock_unquote, "\xc3%a9", "\xc3" MARK);
    writes(sock_unquote_plus, "%c3+%a9", MARK " " MARK);
}

TEST(quote, no_nul)
{
    char buf[8] = "old";

    check_fails(sock_unquote("a%00b", buf, sizeof buf), SOCK_E_VALUE, 0,
                "unquote: embedded null byte");
    check_str(buf, "");
    check_fails(sock_unquote_plus("%00", NULL, 0), SOCK_E_VALUE, 0,
                "unquote_plus: embedded null byte");
    writes(sock_unquote, "%2500%0", "%00%0");
}

TEST(quote, undone_to_bytes)
{
    unsigned char buf[8];

    memset(buf, '?', sizeof buf);
    check_int(sock_unquote_to_bytes("a%00%fF+%", NULL, 0), 5);
    check_int(sock_unquote_to_bytes("a%00%fF+%", buf, 5), 5);
    check_bytes(buf, "a\0\xff+%?", 6);
    memset(buf, '?', sizeof buf);
    check_int(sock_unquote_to_bytes("a%00%fF+%", buf, 4), 5);
    check_bytes(buf, "??????", 6);
    check_int(sock_unquote_to_bytes("", buf, 1), 0);
    check_int(buf[0], '?');
}

TEST(quote, for_html)
{
    writes(sock_html_escape, "", "");
    writes(sock_html_escape, "<a href=\"x\">'&amp;'</a>",
           "&lt;a href=&quot;x&quot;&gt;&#x27;&amp;amp;&#x27;&lt;/a&gt;");
    writes(sock_html_escape, "\xc3\xa9/\x01", "\xc3\xa9/\x01");
}

TEST(quote, no_argument)
{
    char buf[4] = "old";

    check_fails(sock_quote(NULL, NULL, buf, sizeof buf), SOCK_E_TYPE, 0,
                "quote: argument is NULL");
    check_str(buf, "");
    check_fails(sock_quote_plus(NULL, NULL, buf, sizeof buf), SOCK_E_TYPE, 0,
                "quote_plus: argument is NULL");
    check_fails(sock_quote_from_bytes(NULL, 1, NULL, buf, sizeof buf),
                SOCK_E_TYPE, 0, "quote_from_bytes: buffer is NULL");
    check_fails(sock_unquote(NULL, buf, sizeof buf), SOCK_E_TYPE, 0,
                "unquote: argument is NULL");
    check_fails(sock_unquote_plus(NULL, buf, sizeof buf), SOCK_E_TYPE, 0,
                "unquote_plus: argument is NULL");
    check_fails(sock_unquote_to_bytes(NULL, buf, sizeof buf), SOCK_E_TYPE, 0,
                "unquote_to_bytes: argument is NULL");
    check_fails(sock_html_escape(NULL, buf, sizeof buf), SOCK_E_TYPE, 0,
                "html_escape: argument is NULL");
}

TEST(quote, no_buffer)
{
    check_fails(sock_quote("a", NULL, NULL, 1), SOCK_E_TYPE, 0,
                "quote: buffer is NULL");
    check_fails(sock_quote_plus("a", NULL, NULL, 1), SOCK_E_TYPE, 0,
                "quote_plus: buffer is NULL");
    check_fails(sock_quote_from_bytes("a", 1, NULL, NULL, 1), SOCK_E_TYPE, 0,
                "quote_from_bytes: buffer is NULL");
    check_fails(sock_unquote("a", NULL, 1), SOCK_E_TYPE, 0,
                "unquote: buffer is NULL");
    check_fails(sock_unquote_plus("a", NULL, 1), SOCK_E_TYPE, 0,
                "unquote_plus: buffer is NULL");
    check_fails(sock_unquote_to_bytes("a", NULL, 1), SOCK_E_TYPE, 0,
                "unquote_to_bytes: buffer is NULL");
    check_fails(sock_html_escape("a", NULL, 1), SOCK_E_TYPE, 0,
                "html_escape: buffer is NULL");
}

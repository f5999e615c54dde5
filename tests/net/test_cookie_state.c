/* SPDX-License-Identifier: MIT */
/* Cookies that browsers were asked about: the facts of the http-state group's
 * cases, <https://github.com/abarth/http-state>, in a table of our own. Links
 * with --wrap. */
#include "support.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <pysockc/net.h>

/* As the cases were written. */
time_t __wrap_time(time_t *t);
time_t __wrap_time(time_t *t)
{
    const time_t now = 1300000000; /* 13 March 2011 */
    if (t != NULL)
        *t = now;
    return now;
}

/* What http://home.example.org/parser sets, a field a line; where the next
 * request goes, "": to /result there; and what it has in its Cookie field. */
struct row {
    const char *fields, *next, *cookie;
};

static sock_headers_t *fields_of(const char *lines)
{
    sock_headers_t *h = check_made(sock_headers_new());
    char *copy = strdup(lines);
    for (char *at = copy, *end; at != NULL; at = end) {
        end = strchr(at, '\n');
        if (end != NULL)
            *end++ = '\0';
        check_ok(sock_headers_add(h, "Set-Cookie", at));
    }
    free(copy);
    return h;
}

static void check_row(const struct row *row)
{
    char url[128], cookie[2048];
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    sock_headers_t *h = fields_of(row->fields);
    const char *next = row->next[0] != '\0' ? row->next : "/result";
    snprintf(url, sizeof url, "%s%s",
             next[0] == '/' ? "http://home.example.org" : "", next);
    check_ok(
        sock_cookiejar_extract(jar, "http://home.example.org:8888/parser", h));
    check_ok(sock_cookiejar_header(jar, url, cookie, sizeof cookie));
    check_that(strcmp(cookie, row->cookie) == 0, "%s: '%s' and not '%s'",
               row->fields, cookie, row->cookie);
    sock_headers_free(h);
    sock_cookiejar_free(jar);
}

static const struct row same[] = {
    {"foo=bar", "", "foo=bar"},
    {"foo=bar; Expires=Fri, 07 Aug 2019 08:04:19 GMT", "", "foo=bar"},
    {"foo=bar; Expires=Fri, 07 Aug 2007 08:04:19 GMT\nfoo2=bar2; Expires=Fri, "
     "07 Aug 2027 08:04:19 GMT",
     "", "foo2=bar2"},
    {"foo=bar; max-age=10000;", "", "foo=bar"},
    {"foo=bar; max-age=0;", "", ""},
    {"foo=bar; version=1;", "", "foo=bar"},
    {"foo=bar; version=1000;", "", "foo=bar"},
    {"foo=bar; customvalue=1000;", "", "foo=bar"},
    {"foo=bar; secure;", "", ""},
    {"foo=bar; customvalue=\"1000 or more\";", "", "foo=bar"},
    {"foo=bar; customvalue=\"no trailing semicolon\"", "", "foo=bar"},
    {"foo=bar\nfoo=qux", "", "foo=qux"},
    {"foo1=bar\nfoo2=qux", "", "foo1=bar; foo2=qux"},
    {"a=b\nz=y", "", "a=b; z=y"},
    {"z=y\na=b", "", "z=y; a=b"},
    {"foo=b;max-age=3600, c=d;path=/", "", "foo=b"},
    {"a=b\n=\nc=d", "", "a=b; c=d"},
    {"a=b\nx=\nc=d", "", "a=b; x=; c=d"},
    {"foo=bar; Secure", "", ""},
    {"foo=bar; seCURe", "", ""},
    {"foo=bar; \"Secure\"", "", "foo=bar"},
    {"foo=bar; Secure=", "", ""},
    {"foo=bar; Secure=aaaa", "", ""},
    {"foo=bar; Secure qux", "", "foo=bar"},
    {"foo=bar; Secure =aaaaa", "", ""},
    {"foo=bar; Secure= aaaaa", "", ""},
    {"foo=bar; Secure; qux", "", ""},
    {"foo=bar; Secure;qux", "", ""},
    {"foo=bar; Secure    ; qux", "", ""},
    {"foo=bar;                Secure", "", ""},
    {"foo=bar;       Secure     ;", "", ""},
    {"foo=bar; Path", "", "foo=bar"},
    {"foo=bar; Path=", "", "foo=bar"},
    {"foo=bar; Path=/", "", "foo=bar"},
    {"foo=bar; Path=/qux", "", ""},
    {"foo=bar; Path    =/qux", "", ""},
    {"foo=bar; Path=    /qux", "", ""},
    {"foo=bar; Path=/qux      ; taz", "", ""},
    {"foo=bar; Path=/qux; Path=/", "", "foo=bar"},
    {"foo=bar; Path=/; Path=/qux", "", ""},
    {"foo=bar; Path=/qux; Path=/result", "", "foo=bar"},
    {"foo=bar; Path=/result; Path=/qux", "", ""},
    {"foo=bar; qux; Secure", "", ""},
    {"foo=bar; qux=\"aaa;bbb\"; Secure", "", ""},
    {"foo=春节回家路·春运完全手册", "", "foo=春节回家路·春运完全手册"},
    {"春节回=家路·春运完全手册", "", "春节回=家路·春运完全手册"},
    {"春节回=家路·春运; 完全手册", "", "春节回=家路·春运"},
    {"foo=\"春节回家路·春运完全手册\"", "", "foo=\"春节回家路·春运完全手册\""},
    {"a=b", "", "a=b"},
    {"aBc=\"zzz \"   ;", "", "aBc=\"zzz \""},
    {"aBc=\"zzz \" ;", "", "aBc=\"zzz \""},
    {"aBc=\"zz;pp\" ; ;", "", "aBc=\"zz"},
    {"aBc=\"zz ;", "", "aBc=\"zz"},
    {"aBc=\"zzz \"   \"ppp\"  ;", "", "aBc=\"zzz \"   \"ppp\""},
    {"aBc=\"zzz \"   \"ppp\" ;", "", "aBc=\"zzz \"   \"ppp\""},
    {"aBc=A\"B ;", "", "aBc=A\"B"},
    {"a=\"B", "", "a=\"B"},
    {"ABC=;  path = /", "", "ABC="},
    {"A  = BC  ;foo;;;   bar", "", "A=BC"},
    {"A=== BC  ;foo;;;   bar", "", "A=== BC"},
    {"foo=\"zohNumRKgI0oxyhSsV3Z7D\"  ; expires=Sun, 18-Apr-2027 21:06:29 GMT "
     "; path=/  ;",
     "", "foo=\"zohNumRKgI0oxyhSsV3Z7D\""},
    {"foo=zohNumRKgI0oxyhSsV3Z7D  ; expires=Sun, 18-Apr-2027 21:06:29 GMT ; "
     "path=/  ;",
     "", "foo=zohNumRKgI0oxyhSsV3Z7D"},
    {"", "", ""},
    {"", "", ""},
    {"foo=bar, baz=qux", "", "foo=bar, baz=qux"},
    {"foo=\"bar, baz=qux\"", "", "foo=\"bar, baz=qux\""},
    {"foo=bar; b,az=qux", "", "foo=bar"},
    {"foo=bar; baz=q,ux", "", "foo=bar"},
    {"foo=bar; Max-Age=50,399", "", "foo=bar"},
    {"foo=bar; Expires=Fri, 07 Aug 2019 08:04:19 GMT", "", "foo=bar"},
    {"foo=bar; Expires=Fri 07 Aug 2019 08:04:19 GMT, baz=qux", "", "foo=bar"},
    {"foo=bar; domain=home.example.org", "http://home.example.org/result",
     "foo=bar"},
    {"foo=bar; domain=home.example.org", "http://sibling.example.org/result",
     ""},
    {"foo=bar; domain=.home.example.org", "http://home.example.org/result",
     "foo=bar"},
    {"foo=bar; domain=home.example.org",
     "http://subdomain.home.example.org/result", "foo=bar"},
    {"foo=bar; domain=.home.example.org",
     "http://subdomain.home.example.org/result", "foo=bar"},
    {"foo=bar; domain=.home.example.org", "http://sibling.example.org/result",
     ""},
    {"foo=bar; domain=sibling.example.org", "http://sibling.example.org/result",
     ""},
    {"foo=bar; domain=.example.org", "http://home.example.org/result",
     "foo=bar"},
    {"foo=bar; domain=example.org", "http://home.example.org/result",
     "foo=bar"},
    {"foo=bar; domain=..home.example.org", "http://home.example.org/result",
     ""},
    {"foo=bar; domain=home..example.org", "http://home.example.org/result", ""},
    {"foo=bar; domain=  .home.example.org", "http://home.example.org/result",
     "foo=bar"},
    {"foo=bar; domain=  .  home.example.org", "http://home.example.org/result",
     ""},
    {"foo=bar; domain=home.example.org.", "http://home.example.org/result", ""},
    {"foo=bar; domain=home.example.org..", "http://home.example.org/result",
     ""},
    {"foo=bar; domain=home.example.org .", "http://home.example.org/result",
     ""},
    {"foo=bar; domain=.org", "http://home.example.org/result", ""},
    {"foo=bar; domain=.org.", "http://home.example.org/result", ""},
    {"foo=bar; domain=home.example.org\nfoo2=bar2; domain=.home.example.org",
     "http://home.example.org/result", "foo=bar; foo2=bar2"},
    {"foo2=bar2; domain=.home.example.org\nfoo=bar; domain=home.example.org",
     "http://home.example.org/result", "foo2=bar2; foo=bar"},
    {"foo=bar; domain=\"home.example.org\"", "http://home.example.org/result",
     ""},
    {"foo=bar; domain=home.example.org\nfoo2=bar2; domain=.example.org",
     "http://home.example.org/result", "foo=bar; foo2=bar2"},
    {"foo2=bar2; domain=.example.org\nfoo=bar; domain=home.example.org",
     "http://home.example.org/result", "foo2=bar2; foo=bar"},
    {"foo=bar; domain=.example.org; domain=home.example.org",
     "http://sibling.example.org/result", ""},
    {"foo=bar; domain=home.example.org; domain=.example.org",
     "http://sibling.example.org/result", "foo=bar"},
    {"foo=bar; domain=home.eXaMpLe.org", "http://home.example.org/result",
     "foo=bar"},
    {"foo=bar; domain=home.example.org:8888", "http://home.example.org/result",
     ""},
    {"foo=bar; domain=subdomain.home.example.org",
     "http://subdomain.home.example.org/result", ""},
    {"foo=bar", "http://subdomain.home.example.org/result", ""},
    {"foo=bar; domain=home.example.org; domain=.example.org",
     "http://sibling.example.org/result", "foo=bar"},
    {"foo=bar; domain=home.example.org", "http://hoMe.eXaMplE.org/result",
     "foo=bar"},
    {"foo=bar; domain=home.example.org; domain=home.example.com",
     "http://home.example.org/result", ""},
    {"foo=bar; domain=home.example.com; domain=home.example.org",
     "http://home.example.org/result", "foo=bar"},
    {"foo=bar; domain=home.example.org; domain=home.example.com; "
     "domain=home.example.org",
     "http://home.example.org/result", "foo=bar"},
    {"foo=bar; domain=home.example.com; domain=home.example.org; "
     "domain=home.example.com",
     "http://home.example.org/result", ""},
    {"foo=bar; domain=home.example.org; domain=home.example.org",
     "http://home.example.org/result", "foo=bar"},
    {"foo=bar; domain=home.example.org; domain=example.org",
     "http://home.example.org/result", "foo=bar"},
    {"foo=bar; domain=example.org; domain=home.example.org",
     "http://home.example.org/result", "foo=bar"},
    {"foo=bar; domain=.sibling.example.org",
     "http://sibling.example.org/result", ""},
    {"foo=bar; domain=.sibling.home.example.org",
     "http://sibling.home.example.org/result", ""},
    {"foo=bar; max-age=-1", "", ""},
    {"foo=bar; max-age=0", "", ""},
    {"foo=bar; expires=Thu, 10 Apr 1980 16:33:12 GMT", "", ""},
    {"foo=bar; max-age=60", "", "foo=bar"},
    {"foo=bar; max-age=-20", "", ""},
    {"foo=bar; max-age=60", "", "foo=bar"},
    {"foo=bar; expires=Thu, 10 Apr 1980 16:33:12 GMT", "", ""},
    {"foo=bar; max-age=60\nfoo1=bar; max-age=60", "", "foo=bar; foo1=bar"},
    {"foo=bar; max-age=60\nfoo1=bar; max-age=60\nfoo=differentvalue; max-age=0",
     "", "foo1=bar"},
    {"foo=bar; max-age=60\nfoo1=bar; max-age=60\nfoo=differentvalue; "
     "max-age=0\nfoo2=evendifferentvalue; max-age=0",
     "", "foo1=bar"},
    {"test=parser; domain=.parser.test; ;; ;=; ,,, ===,abc,=; abracadabra! "
     "max-age=20;=;;",
     "", ""},
    {"test=kill; max-age=0\nfive; max-age=0", "", ""},
    {"a=bar", "", "a=bar"},
    {"1=bar", "", "1=bar"},
    {"$=bar", "", "$=bar"},
    {"!a=bar", "", "!a=bar"},
    {"@a=bar", "", "@a=bar"},
    {"#a=bar", "", "#a=bar"},
    {"$a=bar", "", "$a=bar"},
    {"%a=bar", "", "%a=bar"},
    {"^a=bar", "", "^a=bar"},
    {"&a=bar", "", "&a=bar"},
    {"*a=bar", "", "*a=bar"},
    {"(a=bar", "", "(a=bar"},
    {")a=bar", "", ")a=bar"},
    {"-a=bar", "", "-a=bar"},
    {"_a=bar", "", "_a=bar"},
    {"+=bar", "", "+=bar"},
    {"a =bar", "", "a=bar"},
    {"\"a=bar", "", "\"a=bar"},
    {"\"a=b\"=bar", "", "\"a=b\"=bar"},
    {"\"a=b\"=bar\n\"a=qux", "", "\"a=qux"},
    {"foo=bar", "", "foo=bar"},
    {"$Version=1; foo=bar", "", "$Version=1"},
    {"foo=bar", "", "foo=bar"},
    {"foo=bar    ;", "", "foo=bar"},
    {"=", "", ""},
    {"foo bar=baz", "", "foo bar=baz"},
    {"foo=bar; domain=", "http://home.example.org/result", "foo=bar"},
    {"foo=bar; domain=example.org; domain=", "http://home.example.org/result",
     "foo=bar"},
    {"key=val0;\nkey=val1; path=/result\nkey=val2; path=/\nkey=val3; "
     "path=/bar\nkey=val4; domain=.example.org\nkey=val5; domain=.example.org; "
     "path=/result/foo",
     "/result/foo/baz", "key=val5; key=val1; key=val2; key=val4"},
    {"a=b; path=/\nx=y; path=/result", "", "x=y; a=b"},
    {"a=b; path=/result\nx=y; path=/", "", "a=b; x=y"},
    {"x=y; path=/\na=b; path=/result", "", "a=b; x=y"},
    {"x=y; path=/result\na=b; path=/", "", "x=y; a=b"},
    {"foo=bar; path=/result/foo", "", ""},
    {"foo=bar\nfoo=qux; path=/result/foo", "", "foo=bar"},
    {"foo=bar; path=/result/foo", "/result/foo", "foo=bar"},
    {"foo=bar; path=/result/foo", "/result/bar", ""},
    {"foo=bar; path=/result/foo/qux", "/result/foo", ""},
    {"foo=bar; path=/result/foo/qux", "/result/foo/qux", "foo=bar"},
    {"foo=bar; path=/result/foo/qux", "/result/bar/qux", ""},
    {"foo=bar; path=/result/foo/qux", "/result/foo/baz", ""},
    {"foo=bar; path=/result/foo/qux/", "/result/foo/baz", ""},
    {"foo=bar; path=/result/foo/qux/", "/result/foo/qux", ""},
    {"foo=bar; path=/result/foo/qux/", "/result/foo/qux/", "foo=bar"},
    {"foo=bar; path=/result/foo/", "/result/foo/qux", "foo=bar"},
    {"foo=bar; path=/result/foo/", "/result/foo//qux", "foo=bar"},
    {"foo=bar; path=/result/foo/", "/result/fooqux", ""},
    {"foo=bar; path", "", "foo=bar"},
    {"foo=bar; path=", "", "foo=bar"},
    {"foo=bar; path=/", "", "foo=bar"},
    {"foo=bar; path= /", "", "foo=bar"},
    {"foo=bar; Path=/RESULT", "", ""},
    {"foo=bar; path=/result/foo/qux?", "/result/foo/qux", ""},
    {"foo=bar; path=/result/foo/qux#", "/result/foo/qux", ""},
    {"foo=bar; path=/result/foo/qux;", "/result/foo/qux", "foo=bar"},
    {"foo=bar; path=\"/result/foo/qux;\"", "/result/foo/qux", "foo=bar"},
    {"foo=bar; path=/result/f%6Fo/bar", "/result/foo/bar", ""},
    {"a=b; \tpath\t=\t/result\t\nx=y; \tpath\t=\t/book\t", "", "a=b"},
    {"foo=bar; path=/dog; path=", "", "foo=bar"},
    {"foo=bar; path=; path=/dog", "", ""},
    {"foo=bar; path=/result\nfoo=qux; path=/result/", "/result/dog",
     "foo=qux; foo=bar"},
    {"foo=  bar", "", "foo=bar"},
    {"foo=\"bar\"", "", "foo=\"bar\""},
    {"foo=\"  bar \"", "", "foo=\"  bar \""},
    {"foo=\"bar;baz\"", "", "foo=\"bar"},
    {"foo=\"bar=baz\"", "", "foo=\"bar=baz\""},
    {"\tfoo\t=\tbar\t \t;\tttt", "", "foo=bar"},
};

TEST(cookie_state, as_browsers_do)
{
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        check_row(&same[i]);
}

/* Those that had no name were dropped then; RFC 6265bis keeps them, and sends
 * the value alone. */
static const struct row nameless[] = {
    {"foo", "", "foo"},
    {"a=b\n=x\nc=d", "", "a=b; x; c=d"},
    {"foo\n", "", "foo"},
    {"foo\n=", "", "foo"},
    {"foo\n; bar", "", "foo"},
    {"foo\n", "", "foo"},
    {"foo\nbar", "", "bar"},
    {"BLAHHH; path=/;", "", "BLAHHH"},
    {"\"BLA\\\"HHH\"; path=/;", "", "\"BLA\\\"HHH\""},
    {"=ABC", "", "ABC"},
    {"test=\"fubar! = foo;bar\\\";\" parser; max-age=6\nfive; max-age=2.63,",
     "", "test=\"fubar! = foo; five"},
    {"six", "", "six"},
    {"six\nseven", "", "seven"},
    {"six\nseven\n=eight", "", "eight"},
    {"six\nseven\n=eight\ntest=six", "", "eight; test=six"},
    {"=a=bar", "", "a=bar"},
    {"foo;bar=baz", "", "foo"},
    {"===a=bar", "", "==a=bar"},
    {"=a", "", "a"},
    {"\"foo;bar\"=baz", "", "\"foo"},
    {"\"foo\\\"bar;baz\"=qux", "", "\"foo\\\"bar"},
    {"=foo=bar\naaa", "", "aaa"},
};

TEST(cookie_state, without_a_name)
{
    for (size_t i = 0; i < sizeof nameless / sizeof nameless[0]; i++)
        check_row(&nameless[i]);
}

/* A domain that is empty takes the place of one before it, be that one of
 * others or not: so the last one counts here, too. */
static const struct row empty_domain[] = {
    {"foo=bar; domain=foo.example.org; domain=",
     "http://home.example.org/result", "foo=bar"},
    {"foo=bar; domain=foo.example.org; domain=",
     "http://subdomain.home.example.org/result", ""},
};

TEST(cookie_state, with_an_empty_domain)
{
    for (size_t i = 0; i < sizeof empty_domain / sizeof empty_domain[0]; i++)
        check_row(&empty_domain[i]);
}

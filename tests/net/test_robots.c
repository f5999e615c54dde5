/* SPDX-License-Identifier: MIT */
/* The rules of a robots.txt: RFC 9309, the facts of Google's robots_test.cc,
 * <https://github.com/google/robotstxt>, and what they leave open; Python's are
 * in parity_robots.py. Links with --wrap. */
#include "starve.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

#include <pysockc/net.h>

static sock_robots_t *parsed(const char *text)
{
    size_t n = strlen(text);
    char *copy = malloc(n > 0 ? n : 1); /* of just that size */
    memcpy(copy, text, n);
    errno = 1234;
    sock_robots_t *r = check_made(sock_robots_parse(copy, n));
    check_int(errno, 1234);
    free(copy);
    return r;
}

/* A file; what follows are URLs that "FooBot" may fetch, or not, as the first
 * character says, or another robot: "+BarBot /x". */
struct row {
    const char *text;
    const char *asks[24];
};

static void check_ask(const sock_robots_t *r, const char *text, const char *ask)
{
    char agent[64] = "FooBot";
    const char *url = ask + 1, *blank = strchr(url, ' ');
    if (blank != NULL) {
        snprintf(agent, sizeof agent, "%.*s", (int)(blank - url), url);
        url = blank + 1;
    }
    errno = 1234;
    int can = sock_robots_can_fetch(r, agent, url);
    check_int(errno, 1234);
    check_that(can == (ask[0] == '+'), "%s of\n%s", ask, text);
}

static void check_rows(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        sock_robots_t *r = parsed(rows[i].text);
        for (size_t k = 0; rows[i].asks[k] != NULL; k++)
            check_ask(r, rows[i].text, rows[i].asks[k]);
        sock_robots_free(r);
    }
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof rows / sizeof rows[0])

/* What Google's own tests say, by their names. */

static const struct row google[] = {
    /* GoogleOnly_SystemTest */
    {"", {"+", "+ "}},
    {"user-agent: FooBot\ndisallow: /\n", {"+ ", "-"}},
    /* ID_LineSyntax_Line */
    {"user-agent: FooBot\ndisallow: /\n", {"-http://foo.bar/x/y"}},
    {"foo: FooBot\nbar: /\n", {"+http://foo.bar/x/y"}},
    /* ID_LineSyntax_Groups */
    {"allow: /foo/bar/\n\nuser-agent: FooBot\ndisallow: /\nallow: /x/\n"
     "user-agent: BarBot\ndisallow: /\nallow: /y/\n\n\nallow: /w/\n"
     "user-agent: BazBot\n\nuser-agent: FooBot\nallow: /z/\ndisallow: /\n",
     {"+http://foo.bar/x/b", "+http://foo.bar/z/d", "-http://foo.bar/y/c",
      "+BarBot http://foo.bar/y/c", "+BarBot http://foo.bar/w/a",
      "-BarBot http://foo.bar/z/d", "+BazBot http://foo.bar/z/d",
      "-http://foo.bar/foo/bar/", "-BarBot http://foo.bar/foo/bar/",
      "-BazBot http://foo.bar/foo/bar/"}},
    /* ID_LineSyntax_Groups_OtherRules */
    {"User-agent: BarBot\nSitemap: https://foo.bar/sitemap\nUser-agent: *\n"
     "Disallow: /\n",
     {"-http://foo.bar/", "-BarBot http://foo.bar/"}},
    {"User-agent: FooBot\nInvalid-Unknown-Line: unknown\nUser-agent: *\n"
     "Disallow: /\n",
     {"-http://foo.bar/", "-BarBot http://foo.bar/"}},
    /* ID_REPLineNamesCaseInsensitive */
    {"USER-AGENT: FooBot\nALLOW: /x/\nDISALLOW: /\n",
     {"+http://foo.bar/x/y", "-http://foo.bar/a/b"}},
    {"user-agent: FooBot\nallow: /x/\ndisallow: /\n",
     {"+http://foo.bar/x/y", "-http://foo.bar/a/b"}},
    {"uSeR-aGeNt: FooBot\nAlLoW: /x/\ndIsAlLoW: /\n",
     {"+http://foo.bar/x/y", "-http://foo.bar/a/b"}},
    /* ID_UserAgentValueCaseInsensitive */
    {"User-Agent: FOO BAR\nAllow: /x/\nDisallow: /\n",
     {"+Foo http://foo.bar/x/y", "-Foo http://foo.bar/a/b",
      "+foo http://foo.bar/x/y", "-foo http://foo.bar/a/b"}},
    {"User-Agent: foo bar\nAllow: /x/\nDisallow: /\n",
     {"+Foo http://foo.bar/x/y", "-Foo http://foo.bar/a/b",
      "+foo http://foo.bar/x/y", "-foo http://foo.bar/a/b"}},
    {"User-Agent: FoO bAr\nAllow: /x/\nDisallow: /\n",
     {"+Foo http://foo.bar/x/y", "-Foo http://foo.bar/a/b",
      "+foo http://foo.bar/x/y", "-foo http://foo.bar/a/b"}},
    /* GoogleOnly_AcceptUserAgentUpToFirstSpace */
    {"User-Agent: *\nDisallow: /\nUser-Agent: Foo Bar\nAllow: /x/\n"
     "Disallow: /\n",
     {"+Foo http://foo.bar/x/y"}},
    /* ID_GlobalGroups_Secondary */
    {"user-agent: *\nallow: /\nuser-agent: FooBot\ndisallow: /\n",
     {"-http://foo.bar/x/y", "+BarBot http://foo.bar/x/y"}},
    {"user-agent: FooBot\nallow: /\nuser-agent: BarBot\ndisallow: /\n"
     "user-agent: BazBot\ndisallow: /\n",
     {"+QuxBot http://foo.bar/x/y"}},
    /* ID_AllowDisallow_Value_CaseSensitive */
    {"user-agent: FooBot\ndisallow: /x/\n", {"-http://foo.bar/x/y"}},
    {"user-agent: FooBot\ndisallow: /X/\n", {"+http://foo.bar/x/y"}},
    /* ID_LongestMatch */
    {"user-agent: FooBot\ndisallow: /x/page.html\nallow: /x/\n",
     {"-http://foo.bar/x/page.html"}},
    {"user-agent: FooBot\nallow: /x/page.html\ndisallow: /x/\n",
     {"+http://foo.bar/x/page.html", "-http://foo.bar/x/"}},
    {"user-agent: FooBot\ndisallow: \nallow: \n",
     {"+http://foo.bar/x/page.html"}},
    {"user-agent: FooBot\ndisallow: /\nallow: /\n",
     {"+http://foo.bar/x/page.html"}},
    {"user-agent: FooBot\ndisallow: /x\nallow: /x/\n",
     {"-http://foo.bar/x", "+http://foo.bar/x/"}},
    {"user-agent: FooBot\ndisallow: /x/page.html\nallow: /x/page.html\n",
     {"+http://foo.bar/x/page.html"}},
    {"user-agent: FooBot\nallow: /page\ndisallow: /*.html\n",
     {"-http://foo.bar/page.html", "+http://foo.bar/page"}},
    {"user-agent: FooBot\nallow: /x/page.\ndisallow: /*.html\n",
     {"+http://foo.bar/x/page.html", "-http://foo.bar/x/y.html"}},
    {"User-agent: *\nDisallow: /x/\nUser-agent: FooBot\nDisallow: /y/\n",
     {"+http://foo.bar/x/page", "-http://foo.bar/y/page"}},
    /* ID_Encoding */
    {"User-agent: FooBot\nDisallow: /\n"
     "Allow: /foo/bar?qux=taz&baz=http://foo.bar?tar&par\n",
     {"+http://foo.bar/foo/bar?qux=taz&baz=http://foo.bar?tar&par"}},
    {"User-agent: FooBot\nDisallow: /\nAllow: /foo/bar/\xe3\x83\x84\n",
     {"+http://foo.bar/foo/bar/%E3%83%84"}},
    {"User-agent: FooBot\nDisallow: /\nAllow: /foo/bar/%E3%83%84\n",
     {"+http://foo.bar/foo/bar/%E3%83%84"}},
    {"User-agent: FooBot\nDisallow: /\nAllow: /foo/bar/%62%61%7A\n",
     {"+http://foo.bar/foo/bar/%62%61%7A"}},
    /* ID_SpecialCharacters */
    {"User-agent: FooBot\nDisallow: /foo/bar/quz\nAllow: /foo/*/qux\n",
     {"-http://foo.bar/foo/bar/quz", "+http://foo.bar/foo/quz",
      "+http://foo.bar/foo//quz", "+http://foo.bar/foo/bax/quz"}},
    {"User-agent: FooBot\nDisallow: /foo/bar$\nAllow: /foo/bar/qux\n",
     {"-http://foo.bar/foo/bar", "+http://foo.bar/foo/bar/qux",
      "+http://foo.bar/foo/bar/", "+http://foo.bar/foo/bar/baz"}},
    {"User-agent: FooBot\n# Disallow: /\nDisallow: /foo/quz#qux\nAllow: /\n",
     {"+http://foo.bar/foo/bar", "-http://foo.bar/foo/quz"}},
    /* GoogleOnly_IndexHTMLisDirectory, but for what is Google's only */
    {"User-Agent: *\nAllow: /allowed-slash/index.html\nDisallow: /\n",
     {"-foobot http://foo.com/allowed-slash/index.htm",
      "+foobot http://foo.com/allowed-slash/index.html",
      "-foobot http://foo.com/anyother-url"}},
    /* GoogleOnly_DocumentationChecks */
    {"user-agent: FooBot\ndisallow: /\nallow: /fish\n",
     {"-http://foo.bar/bar", "+http://foo.bar/fish",
      "+http://foo.bar/fish.html", "+http://foo.bar/fish/salmon.html",
      "+http://foo.bar/fishheads", "+http://foo.bar/fishheads/yummy.html",
      "+http://foo.bar/fish.html?id=anything", "-http://foo.bar/Fish.asp",
      "-http://foo.bar/catfish", "-http://foo.bar/?id=fish"}},
    {"user-agent: FooBot\ndisallow: /\nallow: /fish*\n",
     {"-http://foo.bar/bar", "+http://foo.bar/fish",
      "+http://foo.bar/fish.html", "+http://foo.bar/fish/salmon.html",
      "+http://foo.bar/fishheads", "+http://foo.bar/fishheads/yummy.html",
      "+http://foo.bar/fish.html?id=anything", "-http://foo.bar/Fish.bar",
      "-http://foo.bar/catfish", "-http://foo.bar/?id=fish"}},
    {"user-agent: FooBot\ndisallow: /\nallow: /fish/\n",
     {"-http://foo.bar/bar", "+http://foo.bar/fish/",
      "+http://foo.bar/fish/salmon", "+http://foo.bar/fish/?salmon",
      "+http://foo.bar/fish/salmon.html", "+http://foo.bar/fish/?id=anything",
      "-http://foo.bar/fish", "-http://foo.bar/fish.html",
      "-http://foo.bar/Fish/Salmon.html"}},
    {"user-agent: FooBot\ndisallow: /\nallow: /*.php\n",
     {"-http://foo.bar/bar", "+http://foo.bar/filename.php",
      "+http://foo.bar/folder/filename.php",
      "+http://foo.bar/folder/filename.php?parameters",
      "+http://foo.bar//folder/any.php.file.html",
      "+http://foo.bar/filename.php/", "+http://foo.bar/index?f=filename.php/",
      "-http://foo.bar/php/", "-http://foo.bar/index?php",
      "-http://foo.bar/windows.PHP"}},
    {"user-agent: FooBot\ndisallow: /\nallow: /*.php$\n",
     {"-http://foo.bar/bar", "+http://foo.bar/filename.php",
      "+http://foo.bar/folder/filename.php",
      "-http://foo.bar/filename.php?parameters",
      "-http://foo.bar/filename.php/", "-http://foo.bar/filename.php5",
      "-http://foo.bar/php/", "-http://foo.bar/filename?php",
      "-http://foo.bar/aaaphpaaa", "-http://foo.bar//windows.PHP"}},
    {"user-agent: FooBot\ndisallow: /\nallow: /fish*.php\n",
     {"-http://foo.bar/bar", "+http://foo.bar/fish.php",
      "+http://foo.bar/fishheads/catfish.php?parameters",
      "-http://foo.bar/Fish.PHP"}},
    {"user-agent: FooBot\nallow: /p\ndisallow: /\n",
     {"+http://example.com/page"}},
    {"user-agent: FooBot\nallow: /folder\ndisallow: /folder\n",
     {"+http://example.com/folder/page"}},
    {"user-agent: FooBot\nallow: /page\ndisallow: /*.htm\n",
     {"-http://example.com/page.htm"}},
    {"user-agent: FooBot\nallow: /$\ndisallow: /\n",
     {"+http://example.com/", "-http://example.com/page.html"}},
    /* ID_LinesNumbersAreCountedCorrectly: each kind of line's end */
    {"User-Agent: foo\nAllow: /some/path\nUser-Agent: bar\n\n\nDisallow: /\n",
     {"-bar /", "+foo /"}},
    {"User-Agent: foo\r\nAllow: /some/path\r\nUser-Agent: bar\r\n\r\n\r\n"
     "Disallow: /\r\n",
     {"-bar /", "+foo /"}},
    {"User-Agent: foo\rAllow: /some/path\rUser-Agent: bar\r\r\rDisallow: /\r",
     {"-bar /", "+foo /"}},
    {"User-Agent: foo\nAllow: /some/path\r\nUser-Agent: bar\n\r\n\n"
     "Disallow: /",
     {"-bar /", "+foo /"}},
    /* ID_UTF8ByteOrderMarkIsSkipped */
    {"\xef\xbb\xbfUser-Agent: foo\nDisallow: /x\n", {"-foo /x"}},
    {"\xef\x11\xbfUser-Agent: foo\nDisallow: /x\n", {"+foo /x"}},
    {"User-Agent: foo\n\xef\xbb\xbf"
     "Disallow: /x\n",
     {"+foo /x"}},
    /* TestGetPathParamsQuery, by a pattern that is just that path */
    {"User-agent: *\nDisallow: /\nAllow: /$\n",
     {"+", "+http://www.example.com", "+http://www.example.com/",
      "+example.com", "+example.com/", "+a", "+a/", "-/a", "-a/b"}},
    {"User-agent: *\nDisallow: /\nAllow: /a$\n",
     {"+http://www.example.com/a", "+example.com/a", "+/a",
      "-http://www.example.com/a/", "-a/", "-//a/b/c"}},
    {"User-agent: *\nDisallow: /\nAllow: /a/$\n",
     {"+http://www.example.com/a/", "+example.com/a/"}},
    {"User-agent: *\nDisallow: /\nAllow: /a/b?c=http://d.e/$\n",
     {"+http://www.example.com/a/b?c=http://d.e/"}},
    {"User-agent: *\nDisallow: /\nAllow: /a/b?c=d&e=f$\n",
     {"+http://www.example.com/a/b?c=d&e=f#fragment",
      "+example.com/a/b?c=d&e=f#fragment"}},
    {"User-agent: *\nDisallow: /\nAllow: /?a$\n", {"+example.com?a"}},
    {"User-agent: *\nDisallow: /\nAllow: /a;b$\n", {"+example.com/a;b#c"}},
    {"User-agent: *\nDisallow: /\nAllow: /b/c$\n", {"+//a/b/c"}},
    {"User-agent: *\nDisallow: /\nAllow: /b$\n", {"+a/b"}},
    /* TestMaybeEscapePattern */
    {"User-agent: *\nDisallow: /\nAllow: /\xc3\xa1$\n", {"+/%C3%A1"}},
    {"User-agent: *\nDisallow: /\nAllow: /%aa$\n", {"+/%AA", "+/\xaa"}},
};

TEST(robots, as_google)
{
    CHECK_ROWS(google);
}

/* Where RFC 9309 says otherwise, or what Google does is its own. */
static const struct row not_google[] = {
    /* A colon is needed, and no word is guessed. */
    {"user-agent FooBot\ndisallow /\n", {"+http://foo.bar/x/y"}},
    {"user-agent: FooBot\ndissallow: /\n", {"+http://foo.bar/x/y"}},
    /* A name may have more behind its token. */
    {"User-Agent: *\nDisallow: /\nUser-Agent: Foo\nAllow: /x/\n",
     {"+Foo/1.0 http://foo.bar/x/y"}},
    /* Both sides are brought into one form. */
    {"User-agent: FooBot\nDisallow: /\nAllow: /foo/bar/\xe3\x83\x84\n",
     {"+http://foo.bar/foo/bar/\xe3\x83\x84",
      "+http://foo.bar/foo/bar/%e3%83%84"}},
    {"User-agent: FooBot\nDisallow: /\nAllow: /foo/bar/%E3%83%84\n",
     {"+http://foo.bar/foo/bar/\xe3\x83\x84"}},
    {"User-agent: FooBot\nDisallow: /\nAllow: /foo/bar/%62%61%7A\n",
     {"+http://foo.bar/foo/bar/baz"}},
    /* index.html is a file. */
    {"User-Agent: *\nAllow: /allowed-slash/index.html\nDisallow: /\n",
     {"-http://foo.com/allowed-slash/"}},
    /* A part of a byte order mark is none. */
    {"\xef\xbbUser-Agent: foo\nDisallow: /x\n", {"+foo /x"}},
};

TEST(robots, not_as_google)
{
    CHECK_ROWS(not_google);
}

static const struct row of_the_rfc[] = {
    /* 2.2.1 */
    {"User-Agent: ExampleBot\nDisallow: /foo\nDisallow: /bar\n\n"
     "User-Agent: ExampleBot\nDisallow: /baz\n",
     {"-ExampleBot /foo", "-ExampleBot /bar", "-examplebot /baz",
      "+ExampleBot /qux"}},
    {"User-Agent: *\nDisallow: /foo\nUser-Agent: A\nDisallow: /x\n"
     "User-Agent: *\nDisallow: /bar\n",
     {"-/foo", "-/bar", "+/x", "+A /foo", "-A /x"}},
    /* 2.2.2 */
    {"User-agent: *\nDisallow: /foo/bar?baz=quz\n", {"-/foo/bar?baz=quz"}},
    {"User-agent: *\nDisallow: /foo/bar?baz=https://foo.bar\n",
     {"-/foo/bar?baz=https://foo.bar", "-/foo/bar?baz=https%3A%2F%2Ffoo.bar",
      "-/foo/bar?baz=https%3a%2f%2ffoo.bar"}},
    {"User-agent: *\nDisallow: /foo/bar?baz=https%3A%2F%2Ffoo.bar\n",
     {"-/foo/bar?baz=https://foo.bar"}},
    {"User-agent: *\nDisallow: /foo/bar/\xe3\x83\x84\n",
     {"-/foo/bar/%E3%83%84", "-/foo/bar/\xe3\x83\x84"}},
    {"User-agent: *\nDisallow: /foo/bar/%62%61%7A\n",
     {"-/foo/bar/baz", "-/foo/bar/%62%61%7a"}},
    /* 2.2.3 */
    {"User-agent: *\nAllow: /this/path/exactly$\nDisallow: /this\n",
     {"+/this/path/exactly", "-/this/path/exactly/", "-/this"}},
    {"User-agent: *\nDisallow: /path/file-with-a-%2A.html\n",
     {"-/path/file-with-a-*.html", "-/path/file-with-a-%2A.html",
      "+/path/file-with-a-x.html"}},
    {"User-agent: *\nDisallow: /path/foo-%24\n",
     {"-/path/foo-$", "-/path/foo-%24", "-/path/foo-$x", "+/path/foo-"}},
    /* 5.1 */
    {"User-Agent: *\nDisallow: *.gif$\nDisallow: /example/\n"
     "Allow: /publications/\n\nUser-Agent: foobot\nDisallow:/\n"
     "Allow:/example/page.html\nAllow:/example/allowed.gif\n\n"
     "User-Agent: barbot\nUser-Agent: bazbot\n"
     "Disallow: /example/page.html\n\nUser-Agent: quxbot\n",
     {"-other /x.gif", "+other /x.gif?", "-other /example/x",
      "+other /publications/x", "-foobot /", "+foobot /example/page.html",
      "+foobot /example/allowed.gif", "-foobot /publications/",
      "-barbot /example/page.html", "-bazbot /example/page.html",
      "+bazbot /x.gif", "+quxbot /x.gif", "+quxbot /example/page.html"}},
    /* 5.2 */
    {"User-Agent: foobot\nAllow: /example/page/\n"
     "Disallow: /example/page/disallowed.gif\n",
     {"+foobot /example/page/x.gif", "-foobot /example/page/disallowed.gif"}},
    /* 2.3: its own file is always allowed */
    {"User-agent: *\nDisallow: /\n",
     {"+/robots.txt", "+http://h/robots.txt", "+http://h/robots.txt#x",
      "-/robots.txt?x", "-/x/robots.txt", "+/%72obots.txt"}},
};

TEST(robots, of_the_rfc)
{
    CHECK_ROWS(of_the_rfc);
}

static const struct row stars[] = {
    {"User-agent: *\nDisallow: *\n", {"-/", "-/x", "-"}},
    {"User-agent: *\nDisallow: ***\n", {"-/", "-/x"}},
    {"User-agent: *\nDisallow: *$\n", {"-/", "-/x"}},
    {"User-agent: *\nDisallow: $\n", {"+/", "+"}},
    {"User-agent: *\nDisallow: /*x*y$\n",
     {"-/xy", "-/axbycy", "+/axbyc", "+/yx", "+/x", "+/xY"}},
    {"User-agent: *\nDisallow: /a*a$\n", {"-/aa", "+/a", "-/aba", "+/ab"}},
    {"User-agent: *\nDisallow: /ab*ba$\n", {"+/aba", "-/abba", "-/abxba"}},
    {"User-agent: *\nDisallow: /a*longer$\n", {"+/a", "-/alonger"}},
    {"User-agent: *\nDisallow: /x$y\n", {"-/x$y", "-/x$yz", "+/x", "+/xy"}},
    {"User-agent: *\nDisallow: /x$*\n", {"-/x$", "-/x$y", "+/x", "+/xy"}},
    {"User-agent: *\nDisallow: /x$$\n", {"-/x$", "+/x$y", "+/x"}},
    {"User-agent: *\nDisallow: */x/\n", {"-/x/", "-/y/x/z", "+/x", "+x/"}},
    {"User-agent: *\nDisallow: x\n", {"+/x", "+x"}},
    /* Not from one part of a quoted character to the other. */
    {"User-agent: *\nDisallow: /*2F\n", {"-/%2F", "+/%2E", "+/%2e"}},
    /* How long a rule is counts its stars, and its end. */
    {"User-agent: *\nDisallow: /abc\nAllow: /a*c\n",
     {"+/abc", "+/abcd", "+/adc"}},
    {"User-agent: *\nDisallow: /abc\nAllow: /a*\n", {"-/abc", "+/abd"}},
    {"User-agent: *\nDisallow: /abc\nAllow: /abc$\n", {"+/abc", "-/abcd"}},
    /* Of several stars in a row one counts. */
    {"User-agent: *\nDisallow: /abc\nAllow: /a******\n", {"-/abc"}},
    /* And quoted characters as they are compared. */
    {"User-agent: *\nDisallow: /%61%62%63\nAllow: /abc\n", {"+/abc"}},
    {"User-agent: *\nDisallow: /abcd\nAllow: /%61%62%63\n", {"-/abcd"}},
};

TEST(robots, stars)
{
    CHECK_ROWS(stars);
}

static const struct row lines[] = {
    {"User-agent:FooBot\nDisallow:/x", {"-/x", "+/y"}},
    {"  User-agent\t:  FooBot  \n\tDisallow :  /x  # why\n", {"-/x", "+/y"}},
    {"\vUser-agent\f:\vFooBot\f\n\fDisallow\v:\f/x\v\n", {"-/x", "+/y"}},
    {"User-agent: FooBot # it\nDisallow: /x#y\n", {"-/x"}},
    {"#User-agent: FooBot\nDisallow: /x\n", {"+/x"}},
    {"Disallow: /x\n", {"+/x"}},
    {"User-agent: FooBot\n\n\nDisallow: /x\n", {"-/x"}},
    {"User-agent: FooBot\nUser-agent: BarBot\nDisallow: /x\n",
     {"-/x", "-BarBot /x", "+BazBot /x"}},
    {"User-agent: FooBot\nDisallow: /x y\n",
     {"-FooBot /x y", "-/x%20y", "+/x"}},
    {"User-agent: FooBot\nDisallow: /\x01\x7f\n", {"-/\x01\x7f", "-/%01%7F"}},
    {"User-agent: FooBot\nDisallow: /%\nDisallow: /y%4\nDisallow: /z%zz\n",
     {"-/%", "-/y%4", "+/y%", "-/z%zz", "-/%25"}},
    {"User-agent: FooBot\nDisallow: /%zz\n", {"-/%zz", "+/3"}},
    {"User-agent: FooBot\nDisallow: /a%2fb\n", {"-/a%2Fb", "+/a/b"}},
    {"User-agent: FooBot\nDisallow: /a/b\n", {"+/a%2Fb", "-/a/b"}},
    {"User-agent: FooBot\nDisallow: /?a%3Db\n", {"+/?a=b", "-/?a%3db"}},
    {"User-agent: FooBot\nDisallow: /?a+b\n", {"+/?a%2Bb", "-/?a+b"}},
    {"User-agent: FooBot\nDisallow: /?%00\n", {"-/?%00", "+/?", "+/?%01"}},
    {"User-agent: FooBot\nDisallow: /*/private\n", {"-/x?u=/private"}},
    {"User-agent: FooBot\nDisallow: /x?\n", {"-/x?", "-/x?y", "+/x"}},
    {": FooBot\n: /\nUser-agent:\nDisallow: /\n", {"+/", "+ /"}},
    {"User-agent: @Foo\nDisallow: /\n", {"+/", "+@Foo /", "+ /"}},
    {"User-agent: * FooBot\nDisallow: /\n", {"-/", "-BarBot /"}},
    {"User-agent: *x\nDisallow: /\n", {"+/"}},
    {"User-agent: MJ12bot/v1\nDisallow: /\n", {"-MJ12bot /", "+MJ13bot /"}},
    {"User-agent: a-b_c.d\nDisallow: /\n", {"-a-b_c /", "-A-B_C.x /", "+a /"}},
    {"User-agent: FooBot\nDisallow: /x\nUser-agent: *\nDisallow: /y\n",
     {"+* /x", "-* /y"}},
    {"User-agent: FooBot\nCrawl-delay: 1\nUser-agent: *\nDisallow: /\n",
     {"+/", "-BarBot /"}},
};

TEST(robots, lines)
{
    CHECK_ROWS(lines);
}

TEST(robots, a_nul_is_quoted)
{
    static const char text[] = "User-agent: *\nDisallow: /x\0y\nAllow: /z\0";
    sock_robots_t *r = check_made(sock_robots_parse(text, sizeof text - 1));
    check_int(sock_robots_can_fetch(r, "x", "/x"), 1);
    check_int(sock_robots_can_fetch(r, "x", "/x%00y"), 0);
    sock_robots_free(r);
}

/* Sizes */

TEST(robots, of_500_kib)
{
    enum { MOST = 500 * 1024 };
    static const char rule[] = "\nDisallow: /private";
    char *text = malloc(MOST + 100);
    memset(text, '#', MOST + 100);
    memcpy(text, "User-agent: *", 13);
    text[13] = '\n';
    /* Just within it; a rule that it cuts would be another one. */
    memcpy(text + MOST - sizeof rule, rule, sizeof rule - 1);
    text[MOST - 1] = '\n';
    sock_robots_t *r = check_made(sock_robots_parse(text, MOST + 100));
    check_int(sock_robots_can_fetch(r, "x", "/private"), 0);
    sock_robots_free(r);
    memset(text + MOST - sizeof rule, '#', sizeof rule);
    memcpy(text + MOST - 12, rule, sizeof rule - 1); /* up to "/" */
    r = check_made(sock_robots_parse(text, MOST + 100));
    check_int(sock_robots_can_fetch(r, "x", "/private"), 1);
    check_int(sock_robots_can_fetch(r, "x", "/"), 1);
    sock_robots_free(r);
    r = check_made(sock_robots_parse(text, MOST)); /* which is the end */
    check_int(sock_robots_can_fetch(r, "x", "/"), 0);
    sock_robots_free(r);
    /* Lines that CR ends; and one line, of which there is nothing whole. */
    memset(text, '#', MOST + 100);
    memcpy(text, "User-agent: *\rDisallow: /x\r", 28);
    r = check_made(sock_robots_parse(text, MOST + 100));
    check_int(sock_robots_can_fetch(r, "x", "/x"), 0);
    sock_robots_free(r);
    memset(text, ' ', MOST + 100);
    memcpy(text, "Sitemap: /", 10);
    r = check_made(sock_robots_parse(text, MOST + 100));
    check(sock_robots_sitemap(r, 0) == NULL);
    sock_robots_free(r);
    free(text);
}

/* Patterns that a matcher which tries each place of each star never ends. */
TEST(robots, hostile_patterns)
{
    enum { STARS = 100000, PATH = 8000 };
    char *text = malloc(500 * 1024), *at = text, path[PATH + 3];
    double before = worked();
    at += sprintf(at, "User-agent: *\nDisallow: /");
    for (int i = 0; i < STARS; i++)
        at += sprintf(at, "*a");
    at += sprintf(at, "*b\n");
    while (at < text + 490 * 1024) /* as many patterns as there can be */
        at += sprintf(at, "Disallow: /*a*a*a*a*a*a*a*a*a*a*a*a*aab\n");
    sock_robots_t *r = check_made(sock_robots_parse(text, (size_t)(at - text)));
    memset(path, 'a', sizeof path);
    path[0] = '/';
    path[PATH] = '\0';
    check_int(sock_robots_can_fetch(r, "x", path), 1);
    check_that(worked() - before < 10, "%g s", worked() - before);
    sock_robots_free(r);
    free(text);
}

/* Numbers, and site maps */

static const struct {
    const char *text, *agent;
    double delay;          /* -1: none */
    int requests, seconds; /* 0: none */
} numbers[] = {
    {"", "x", -1, 0, 0},
    {"Crawl-delay: 3\n", "x", -1, 0, 0},
    {"User-agent: *\nCrawl-delay: 3\nRequest-rate: 9/30\n", "x", 3, 9, 30},
    {"User-agent: *\ncrawl-DELAY:3\nREQUEST-rate:9/30\n", "*", 3, 9, 30},
    {"User-agent: y\nCrawl-delay: 3\nRequest-rate: 9/30\n", "x", -1, 0, 0},
    {"User-agent: *\nCrawl-delay: 3\nUser-agent: x\nDisallow:\n", "x", -1, 0,
     0},
    {"User-agent: x\nCrawl-delay: 3\nUser-agent: x\nRequest-rate: 1/2", "X/1",
     3, 1, 2},
    {"User-agent: *\nCrawl-delay: 0\n", "x", 0, 0, 0},
    {"User-agent: *\nCrawl-delay: 0.5\n", "x", 0.5, 0, 0},
    {"User-agent: *\nCrawl-delay: 2.25\n", "x", 2.25, 0, 0},
    {"User-agent: *\nCrawl-delay: pears\nCrawl-delay: 4\n", "x", 4, 0, 0},
    {"User-agent: *\nCrawl-delay: -1\n", "x", -1, 0, 0},
    {"User-agent: *\nCrawl-delay: +1\n", "x", -1, 0, 0},
    {"User-agent: *\nCrawl-delay: 1.\n", "x", -1, 0, 0},
    {"User-agent: *\nCrawl-delay: .5\n", "x", -1, 0, 0},
    {"User-agent: *\nCrawl-delay: 1e3\n", "x", -1, 0, 0},
    {"User-agent: *\nCrawl-delay: 1 s\n", "x", -1, 0, 0},
    {"User-agent: *\nCrawl-delay:\n", "x", -1, 0, 0},
    {"User-agent: *\nCrawl-delay: 99999999999999999999\n", "x", -1, 0, 0},
    {"User-agent: *\nRequest-rate: 2147483647/1\n", "x", -1, 2147483647, 1},
    {"User-agent: *\nRequest-rate: 2147483648/1\n", "x", -1, 0, 0},
    {"User-agent: *\nRequest-rate: 9/banana\n", "x", -1, 0, 0},
    {"User-agent: *\nRequest-rate: whale/banana\n", "x", -1, 0, 0},
    {"User-agent: *\nRequest-rate: 9\n", "x", -1, 0, 0},
    {"User-agent: *\nRequest-rate: 9/\n", "x", -1, 0, 0},
    {"User-agent: *\nRequest-rate: /9\n", "x", -1, 0, 0},
    {"User-agent: *\nRequest-rate: 9/0\n", "x", -1, 0, 0},
    {"User-agent: *\nRequest-rate: 9/3s\n", "x", -1, 0, 0},
    {"User-agent: *\nRequest-rate: 0/3\n", "x", -1, 0, 3},
};

TEST(robots, numbers)
{
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        double delay = 99;
        int requests = 99, seconds = 99;
        sock_robots_t *r = parsed(numbers[i].text);
        errno = 1234;
        int has = sock_robots_crawl_delay(r, numbers[i].agent, &delay);
        check_that(has == (numbers[i].delay >= 0) &&
                       delay == (has ? numbers[i].delay : 0),
                   "%s: %g", numbers[i].text, delay);
        has =
            sock_robots_request_rate(r, numbers[i].agent, &requests, &seconds);
        check_that(has == (numbers[i].seconds > 0) &&
                       requests == numbers[i].requests &&
                       seconds == numbers[i].seconds,
                   "%s: %d/%d", numbers[i].text, requests, seconds);
        check_int(errno, 1234);
        sock_robots_free(r);
    }
}

TEST(robots, sitemaps)
{
    sock_robots_t *r = parsed("Sitemap: http://h/1 # one\nUser-agent: *\n"
                              "SITEMAP:  http://h/%7e2?a b \nsitemap:\n"
                              "Disallow: /\nSitemap : x\xc3\xa9\n");
    errno = 1234;
    check_str(sock_robots_sitemap(r, 0), "http://h/1");
    check_str(sock_robots_sitemap(r, 1), "http://h/%7e2?a b");
    check_str(sock_robots_sitemap(r, 2), "");
    check_str(sock_robots_sitemap(r, 3), "x\xc3\xa9");
    check(sock_robots_sitemap(r, 4) == NULL);
    check_int(sock_robots_status(r), 0);
    check_int(errno, 1234);
    sock_robots_free(r);
}

/* Arguments and memory */

TEST(robots, no_arguments)
{
    double delay;
    int a, b;
    sock_robots_t *r = check_made(sock_robots_parse(NULL, 0));
    check_int(sock_robots_can_fetch(r, "x", "/"), 1);
    check_null(sock_robots_parse(NULL, 1), SOCK_E_TYPE, 0,
               "parse: buffer is NULL");
    check_int(sock_robots_can_fetch(NULL, "x", "/"), 0);
    check_str(error_text(), "can_fetch: argument is NULL");
    check_int(sock_robots_can_fetch(r, NULL, "/"), 0);
    check_int(sock_robots_can_fetch(r, "x", NULL), 0);
    check_fails(sock_robots_crawl_delay(NULL, "x", &delay), SOCK_E_TYPE, 0,
                "crawl_delay: argument is NULL");
    check_fails(sock_robots_crawl_delay(r, NULL, &delay), SOCK_E_TYPE, 0,
                "crawl_delay: argument is NULL");
    check_fails(sock_robots_crawl_delay(r, "x", NULL), SOCK_E_TYPE, 0,
                "crawl_delay: argument is NULL");
    check_fails(sock_robots_request_rate(NULL, "x", &a, &b), SOCK_E_TYPE, 0,
                "request_rate: argument is NULL");
    check_fails(sock_robots_request_rate(r, NULL, &a, &b), SOCK_E_TYPE, 0,
                "request_rate: argument is NULL");
    check_fails(sock_robots_request_rate(r, "x", NULL, &b), SOCK_E_TYPE, 0,
                "request_rate: argument is NULL");
    check_fails(sock_robots_request_rate(r, "x", &a, NULL), SOCK_E_TYPE, 0,
                "request_rate: argument is NULL");
    check_null(sock_robots_sitemap(NULL, 0), SOCK_E_TYPE, 0,
               "site_maps: argument is NULL");
    check_fails(sock_robots_status(NULL), SOCK_E_TYPE, 0,
                "status: argument is NULL");
    errno = 1234;
    sock_robots_free(NULL);
    sock_robots_free(r);
    check_int(errno, 1234);
}

TEST(robots, memory_is_refused)
{
    need_own_memory();
    char text[1024] = "Sitemap: x\nUser-agent: *\n";
    for (int i = 0; i < 40; i++)
        sprintf(text + strlen(text), "Disallow: /x%d\n", i);
    FOR_EACH_REFUSAL(refused)
    {
        sock_robots_t *r = sock_robots_parse(text, strlen(text));
        if (r == NULL) {
            check_int(sock_last_error()->kind, SOCK_E_MEMORY);
            check_str(error_text(), "parse: [Errno 12] Cannot allocate memory");
            continue;
        }
        if (sock_robots_can_fetch(r, "x", "/y") == 0)
            check_str(error_text(),
                      "can_fetch: [Errno 12] Cannot allocate memory");
        fail_at = 0;
        sock_robots_free(r);
    }
}

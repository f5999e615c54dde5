/* SPDX-License-Identifier: MIT */
/* Set-Cookie fields, and the dates in them: the facts of the http-state group's
 * dates, <https://github.com/abarth/http-state>, and the rules of RFC 6265bis.
 */
#include "setcookie.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

#include <pysockc/net.h>

enum { NONE = -1, NOW = 1300000000, DAY = 24 * 60 * 60 };

/* Dates */

static const struct {
    const char *text;
    int64_t seconds; /* since 1970 */
} dates[] = {
    {"Mon, 10-Dec-2007 17:02:24 GMT", 1197306144},
    {"Wed, 09 Dec 2009 16:27:23 GMT", 1260376043},
    {"Thursday, 01-Jan-1970 00:00:00 GMT", 0},
    {"Mon Dec 10 16:32:30 2007 GMT", 1197304350},
    {"Wednesday, 01-Jan-10 00:00:00 GMT", 1262304000},
    {"Mon, 10-Dec-07 20:35:03 GMT", 1197318903},
    {"Wed, 1 Jan 2020 00:00:00 GMT", 1577836800},
    {"Saturday, 8-Dec-2012 21:24:09 GMT", 1355001849},
    {"Thu, 31 Dec 23:55:55 2037 GMT", 2145916555},
    {"Sun,  9 Dec 2012 13:42:05 GMT", 1355060525},
    {"Wed Dec 12 2007 08:44:07 GMT-0500 (EST)", 1197449047},
    {"Mon, 01-Jan-2011 00: 00:00 GMT", NONE},
    {"Sun, 1-Jan-1995 00:00:00 GMT", 788918400},
    {"Wednesday, 01-Jan-10 0:0:00 GMT", 1262304000},
    {"Thu, 10 Dec 2009 13:57:2 GMT", 1260453422},
    {"Sat, 15-Apr-17 21:01:22 GMT", 1492290082},
    {"Thu, 19-Apr-2007 16:00:00 GMT", 1176998400},
    {"Wed, 25 Apr 2007 21:02:13 GMT", 1177534933},
    {"Thu, 19/Apr\\2007 16:00:00 GMT", 1176998400},
    {"Fri, 1 Jan 2010 01:01:50 GMT", 1262307710},
    {"Wednesday, 1-Jan-2003 00:00:00 GMT", 1041379200},
    {", 1-Jan-2003 00:00:00 GMT", 1041379200},
    {" 1-Jan-2003 00:00:00 GMT", 1041379200},
    {"1-Jan-2003 00:00:00 GMT", 1041379200},
    {"Wed,18-Apr-07 22:50:12 GMT", 1176936612},
    {"WillyWonka  , 18-Apr-07 22:50:12 GMT", 1176936612},
    {"WillyWonka  , 18-Apr-07 22:50:12", 1176936612},
    {"WillyWonka  ,  18-apr-07   22:50:12", 1176936612},
    {"Mon, 18-Apr-1977 22:50:13 GMT", 230251813},
    {"Mon, 18-Apr-77 22:50:13 GMT", 230251813},
    {"\"Sat, 15-Apr-17\\\"21:01:22\\\"GMT\"", 1492290082},
    {"Partyday, 18- April-07 22:50:12", 1176936612},
    {"Partyday, 18 - Apri-07 22:50:12", 1176936612},
    {"Wednes, 1-Januar-2003 00:00:00 GMT", 1041379200},
    {"Sat, 15-Apr-17 21:01:22", 1492290082},
    {"Sat, 15-Apr-17 21:01:22 GMT-2", 1492290082},
    {"Sat, 15-Apr-17 21:01:22 GMT BLAH", 1492290082},
    {"Sat, 15-Apr-17 21:01:22 GMT-0400", 1492290082},
    {"Sat, 15-Apr-17 21:01:22 GMT-0400 (EDT)", 1492290082},
    {"Sat, 15-Apr-17 21:01:22 DST", 1492290082},
    {"Sat, 15-Apr-17 21:01:22 -0400", 1492290082},
    {"Sat, 15-Apr-17 21:01:22 (hello there)", 1492290082},
    {"Sat, 15-Apr-17 21:01:22 11:22:33", 1492290082},
    {"Sat, 15-Apr-17 ::00 21:01:22", 1492290082},
    {"Sat, 15-Apr-17 boink:z 21:01:22", 1492290082},
    {"Sat, 15-Apr-17 91:22:33 21:01:22", NONE},
    {"Thu Apr 18 22:50:12 2007 GMT", 1176936612},
    {"22:50:12 Thu Apr 18 2007 GMT", 1176936612},
    {"Thu 22:50:12 Apr 18 2007 GMT", 1176936612},
    {"Thu Apr 22:50:12 18 2007 GMT", 1176936612},
    {"Thu Apr 18 2007 22:50:12 GMT", 1176936612},
    {"Thu Apr 18 2007 GMT 22:50:12", 1176936612},
    {"15-Sat, Apr-17 21:01:22 GMT", 1492290082},
    {"15-Sat, Apr 21:01:22 GMT 17", 1492290082},
    {"15-Sat, Apr 21:01:22 GMT 2017", 1492290082},
    {"15 Apr 21:01:22 2017", 1492290082},
    {"15 17 Apr 21:01:22", 1492290082},
    {"Apr 15 17 21:01:22", 1492290082},
    {"Apr 15 21:01:22 17", 1492290082},
    {"2017 April 15 21:01:22", 1492290082},
    {"15 April 2017 21:01:22", 1492290082},
    {"98 April 17 21:01:22", NONE},
    {"Thu, 012-Aug-2008 20:49:07 GMT", NONE},
    {"Thu, 12-Aug-31841 20:49:07 GMT", NONE},
    {"Thu, 12-Aug-9999999999 20:49:07 GMT", NONE},
    {"Thu, 999999999999-Aug-2007 20:49:07 GMT", NONE},
    {"Thu, 12-Aug-2007 20:61:99999999999 GMT", NONE},
    {"IAintNoDateFool", NONE},
    {"", NONE},
    {"12 Aug 1600 00:00:00", NONE},
    {"1 Jan 1601 00:00:00", -11644473600},
    {"31 Dec 9999 23:59:59", 253402300799},
    {"29 Feb 2012 00:00:00", 1330473600},
    {"29 Feb 2011 00:00:00", NONE},
    {"30 Feb 2012 00:00:00", NONE},
    {"31 Apr 2012 00:00:00", NONE},
    {"0 Apr 2012 00:00:00", NONE},
    {"32 Apr 2012 00:00:00", NONE},
    {"1 Apr 2012 24:00:00", NONE},
    {"1 Apr 2012 00:60:00", NONE},
    {"1 Apr 2012 00:00:60", NONE},
    /* What lies between, and what only looks like it. */
    {"1{Apr~2012;00:00:00", 1333238400},
    {"1[Apr`2012@00:00:00", 1333238400},
    {"1!Apr/2012\t00:00:00", 1333238400},
    {"1\x7f"
     "Apr 2012 00:00:00",
     NONE},
    {"1 Apr 2012 000:00:00", NONE},
    {"1 Apr 2012 00:00:00x", 1333238400},
    {"1 Apr 2012 00:00:000", NONE},
    {"1 Apr 2012 00:00", NONE},
    {"1 Apr 2012", NONE},
    {"1 2012 00:00:00", NONE},
    {"Apr 2012 00:00:00", NONE},
    {"1 Apr 00:00:00", NONE},
    {"1 Apr 69 00:00:00", 3132000000},
    {"1 Apr 70 00:00:00", 7776000},
    {"1 Apr 099 00:00:00", 922924800},
    {"1 Apr 20121 00:00:00", NONE},
    {"1\xc3\xa9 aPRil 2012x 0:0:0", 1333238400},
};

TEST(setcookie, dates)
{
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
        int64_t seconds = NONE;
        const char *text = dates[i].text;
        bool is = sock__cookie_date(text, strlen(text), &seconds);
        check_that(is == (dates[i].seconds != NONE) &&
                       seconds == dates[i].seconds,
                   "%s: %lld", text, (long long)seconds);
    }
}

/* Fields */

static struct sock__set_cookie read_field(const char *field)
{
    struct sock__set_cookie c;
    char *copy = strdup(field); /* of just that size */
    bool is = sock__set_cookie(&c, copy, strlen(field), NOW);
    check_that(is, "%s sets nothing", field);
    /* What is looked at behind is in the field itself. */
    c.name.at = field + (c.name.at - copy);
    c.value.at = field + (c.value.at - copy);
    c.domain.at = field + (c.domain.at - copy);
    c.path.at = field + (c.path.at - copy);
    free(copy);
    return c;
}

static void is_text(struct sock__piece p, const char *text)
{
    check_that(p.n == strlen(text) && memcmp(p.at, text, p.n) == 0,
               "'%.*s' and not '%s'", (int)p.n, p.at, text);
}

TEST(setcookie, all_of_a_field)
{
    struct sock__set_cookie c = read_field(
        " a b = c=d ;PATH= /p ;domain=.Example.ORG; MAX-age=60;secure=x; "
        "HTTPONLY;SameSite= lAX ;Partitioned; other; =; ;");
    is_text(c.name, "a b");
    is_text(c.value, "c=d");
    is_text(c.path, "/p");
    is_text(c.domain, "Example.ORG");
    check_int(c.expires, NOW + 60);
    check_int(c.same_site, SOCK_SAME_SITE_LAX);
    check(c.secure && c.http_only && c.partitioned);
}

TEST(setcookie, nothing_of_a_field)
{
    struct sock__set_cookie c = read_field("a=");
    is_text(c.name, "a");
    is_text(c.value, "");
    is_text(c.path, "");
    is_text(c.domain, "");
    check_int(c.expires, 0);
    check_int(c.same_site, SOCK_SAME_SITE_DEFAULT);
    check(!c.secure && !c.http_only && !c.partitioned);
}

static const struct {
    const char *field;
    int64_t expires;
} ends[] = {
    {"a=b", 0},
    {"a=b; max-age=1", NOW + 1},
    {"a=b; max-age=0", 1},
    {"a=b; max-age=-0", 1},
    {"a=b; max-age=-9999999999999999999999", 1},
    {"a=b; max-age=34560000", NOW + 400 * DAY},
    {"a=b; max-age=34560001", NOW + 400 * DAY},
    {"a=b; max-age=9999999999999999999999999999", NOW + 400 * DAY},
    {"a=b; max-age=", 0},
    {"a=b; max-age=-", 0},
    {"a=b; max-age=+1", 0},
    {"a=b; max-age=1.5", 0},
    {"a=b; max-age=1 0", 0},
    {"a=b; max-age=\"60\"", 0},
    {"a=b; max-age=60; max-age=x", NOW + 60},
    {"a=b; max-age=60; max-age=61", NOW + 61},
    {"a=b; expires=Thu, 10 Apr 1980 16:33:12 GMT", 324232392},
    {"a=b; expires=1 Jan 1601 00:00:00", 1},
    {"a=b; expires=1 Jan 1970 00:00:00", 1},
    {"a=b; expires=1 Apr 2011 00:00:00", 1301616000},
    {"a=b; expires=1 Apr 2099 00:00:00", NOW + 400 * DAY},
    {"a=b; expires=never", 0},
    {"a=b; expires=1 Apr 2011 00:00:00; expires=never", 1301616000},
    {"a=b; expires=1 Apr 2011 00:00:00; max-age=0", 1},
    {"a=b; max-age=60; expires=1 Apr 2011 00:00:00", NOW + 60},
    {"a=b; max-age=x; expires=1 Apr 2011 00:00:00", 1301616000},
};

TEST(setcookie, when_it_ends)
{
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct sock__set_cookie c = read_field(ends[i].field);
        check_that(c.expires == ends[i].expires, "%s: %lld", ends[i].field,
                   (long long)c.expires);
    }
}

TEST(setcookie, from_which_sites)
{
    check_int(read_field("a=b; samesite=None").same_site, SOCK_SAME_SITE_NONE);
    check_int(read_field("a=b; samesite=STRICT").same_site,
              SOCK_SAME_SITE_STRICT);
    check_int(read_field("a=b; samesite=").same_site, SOCK_SAME_SITE_DEFAULT);
    check_int(read_field("a=b; samesite=strict; samesite=odd").same_site,
              SOCK_SAME_SITE_DEFAULT);
    check_int(read_field("a=b; samesite=odd; samesite=lax").same_site,
              SOCK_SAME_SITE_LAX);
}

TEST(setcookie, the_last_one_counts)
{
    is_text(read_field("a=b; path=/x; path=/y").path, "/y");
    is_text(read_field("a=b; path=/x; path=y").path, "");
    is_text(read_field("a=b; path=/x; path").path, "");
    is_text(read_field("a=b; domain=x; domain=.y").domain, "y");
    is_text(read_field("a=b; domain=x; domain=").domain, "");
    is_text(read_field("a=b; domain=x; domain=.").domain, "");
    is_text(read_field("a=b; domain=..x").domain, ".x");
}

TEST(setcookie, sets_nothing)
{
    static const char *const fields[] = {
        "",         "   ",      ";",      "=",        " = ",
        ";a=b",     "=;a=b",    "a=\x01", "a=\x08",   "a=\x0b",
        "a=\x1f",   "a=\x7f",   "\x7f=a", "a=b;\x01", "a=b; path=/\x7f",
        "a=b\nc=d", "a=b; x=\r"};
    struct sock__set_cookie c;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        check_that(!sock__set_cookie(&c, fields[i], strlen(fields[i]), NOW),
                   "%s sets something", fields[i]);
    check(!sock__set_cookie(&c, "a=b\0c", 5, NOW));
}

TEST(setcookie, tabs_are_blanks)
{
    struct sock__set_cookie c = read_field("\ta\t=\tb\tc\t;\tpath\t=\t/\t");
    is_text(c.name, "a");
    is_text(c.value, "b\tc");
    is_text(c.path, "/");
}

/* A name of so many bytes and a value of others. */
static bool sets(size_t name, size_t value)
{
    struct sock__set_cookie c;
    char *field = malloc(name + value + 2);
    memset(field, 'x', name + value + 1);
    field[name] = '=';
    bool is = sock__set_cookie(&c, field, name + value + 1, NOW);
    free(field);
    return is;
}

TEST(setcookie, of_limited_size)
{
    check(sets(1, 4095) && !sets(1, 4096));
    check(sets(4096, 0) && !sets(4097, 0));
    check(sets(0, 4096) && !sets(0, 4097));
    check(sets(2048, 2048) && !sets(2048, 2049));
}

TEST(setcookie, of_limited_attributes)
{
    char field[1200] = "a=b; path=/y; path=/";
    size_t n = strlen(field);
    memset(field + n, 'x', 1023);
    check_int(read_field(field).path.n, 1024);
    field[n + 1023] = 'x'; /* too long, so it is as if it were not there */
    is_text(read_field(field).path, "/y");
}

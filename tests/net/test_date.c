/* SPDX-License-Identifier: MIT */
/* Dates: the calendar, and the three forms that HTTP has (RFC 9110 5.6.7). */
#include <pysockc/headers.h>

#include "date.h"
#include "support.h"

#include <string.h>
#include <time.h>

/* 2026-11-30 10:30:00, the day on which years of two digits are read here. */
static const int64_t today = 1796034600;

TEST(date, written)
{
    static const struct {
        int64_t time;
        const char *text;
    } rows[] = {
        {784111777, "Sun, 06 Nov 1994 08:49:37 GMT"},
        {0, "Thu, 01 Jan 1970 00:00:00 GMT"},
        {-1, "Wed, 31 Dec 1969 23:59:59 GMT"},
        {951827696, "Tue, 29 Feb 2000 12:34:56 GMT"},
        {951868799, "Tue, 29 Feb 2000 23:59:59 GMT"},
        {951868800, "Wed, 01 Mar 2000 00:00:00 GMT"},
        {4107542399, "Sun, 28 Feb 2100 23:59:59 GMT"},
        {4107542400, "Mon, 01 Mar 2100 00:00:00 GMT"},
        {2147483647, "Tue, 19 Jan 2038 03:14:07 GMT"},
        {2147483648, "Tue, 19 Jan 2038 03:14:08 GMT"},
        {-2208988800, "Mon, 01 Jan 1900 00:00:00 GMT"},
        {-62135596800, "Mon, 01 Jan 0001 00:00:00 GMT"},
        {253402300799, "Fri, 31 Dec 9999 23:59:59 GMT"},
        {1796034600, "Mon, 30 Nov 2026 10:30:00 GMT"},
    };
    char text[32];
    int64_t back;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_int(sock_http_date(rows[i].time, text, sizeof text), 29);
        check_str(text, rows[i].text);
        check_ok(sock_http_time(text, &back));
        check_int(back, rows[i].time);
    }
}

/* As gmtime_r(3) has it, on days spread over all years. */
TEST(date, as_libc)
{
    char text[32], theirs[32];
    struct tm tm;

    for (int64_t at = -62135596800; at <= 253402300799;
         at += 86400 * 37 + 12347) {
        time_t time = (time_t)at;
        if (time != at || gmtime_r(&time, &tm) == NULL)
            continue; /* of 32 bits it ends in 2038 */
        struct sock__moment m = sock__moment_of(at);
        check(m.year == tm.tm_year + 1900 && m.month == tm.tm_mon + 1 &&
              m.day == tm.tm_mday && m.hour == tm.tm_hour &&
              m.minute == tm.tm_min && m.second == tm.tm_sec &&
              m.weekday == tm.tm_wday);
        check_int(sock__time_of(&m), at);
        if (tm.tm_year < -900)
            continue; /* %Y has no zeros before it */
        strftime(theirs, sizeof theirs, "%a, %d %b %Y %H:%M:%S GMT", &tm);
        check_int(sock_http_date(at, text, sizeof text), 29);
        check_str(text, theirs);
    }
}

TEST(date, out_of_range)
{
    static const int64_t times[] = {-62135596801, 253402300800, INT64_MIN,
                                    INT64_MAX};
    char text[32];

    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        strcpy(text, "?");
        check_fails(sock_http_date(times[i], text, sizeof text), SOCK_E_VALUE,
                    0, "date_time_string: year is out of range");
        check_str(text, "");
        check_int(sock_http_date(times[i], NULL, 0), -1);
    }
}

TEST(date, buffers)
{
    char text[30] = "?";

    check_int(sock_http_date(0, NULL, 0), 29);
    check_int(sock_http_date(0, text, 29), 29);
    check_str(text, "");
    check_int(sock_http_date(0, text, 30), 29);
    check_str(text, "Thu, 01 Jan 1970 00:00:00 GMT");
    check_fails(sock_http_date(0, NULL, 30), SOCK_E_TYPE, 0,
                "date_time_string: buffer is NULL");
}

TEST(date, read)
{
    static const struct {
        const char *text;
        int64_t time;
    } rows[] = {
        {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
        {"Sunday, 06-Nov-94 08:49:37 GMT", 784111777},
        {"Sun Nov  6 08:49:37 1994", 784111777},
        {"Sun Nov 06 08:49:37 1994", 784111777},
        {"Wed Nov 16 08:49:37 1994", 784975777},
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
        {"Tue, 29 Feb 2000 12:34:56 GMT", 951827696},
        {"Tue Feb 29 12:34:56 2000", 951827696},
        {"Tuesday, 29-Feb-00 12:34:56 GMT", 951827696},
        /* Another day of the week is no other day. */
        {"Mon, 06 Nov 1994 08:49:37 GMT", 784111777},
        /* The 61st second is the next minute's first. */
        {"Sun, 06 Nov 1994 08:49:60 GMT", 784111800},
        {"Mon, 01 Jan 0001 00:00:00 GMT", -62135596800},
        {"Mon Jan  1 00:00:00 0001", -62135596800},
        {"Fri, 31 Dec 9999 23:59:59 GMT", 253402300799},
        {"Wednesday, 09-Nov-94 00:00:00 GMT", 784339200},
        {"Thursday, 10-Nov-94 00:00:00 GMT", 784425600},
        {"Friday, 11-Nov-94 00:00:00 GMT", 784512000},
        {"Saturday, 12-Nov-94 00:00:00 GMT", 784598400},
        {"Monday, 07-Nov-94 00:00:00 GMT", 784166400},
        {"Tuesday, 08-Nov-94 00:00:00 GMT", 784252800},
        {"Sun, 06 Jan 2008 00:00:00 GMT", 1199577600},
        {"Sun, 06 Apr 2008 00:00:00 GMT", 1207440000},
        {"Sun, 06 May 2008 00:00:00 GMT", 1210032000},
        {"Sun, 06 Jun 2008 00:00:00 GMT", 1212710400},
        {"Sun, 06 Jul 2008 00:00:00 GMT", 1215302400},
        {"Sun, 06 Aug 2008 00:00:00 GMT", 1217980800},
        {"Sun, 06 Sep 2008 00:00:00 GMT", 1220659200},
        {"Sun, 06 Oct 2008 00:00:00 GMT", 1223251200},
        {"Sun, 06 Dec 2008 00:00:00 GMT", 1228521600},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t time = 7;
        check_ok(sock_http_time(rows[i].text, &time));
        check_that(time == rows[i].time, "%s: %lld", rows[i].text,
                   (long long)time);
    }
}

TEST(date, not_read)
{
    static const char *const texts[] = {
        "",
        "Sun",
        "Sun,",
        "Sunday",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 ",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 gmt",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, 06 Nov 1994 08:49:37 GMT+2",
        "Sun, 06 Nov 1994 08:49:37 +0000",
        " Sun, 06 Nov 1994 08:49:37 GMT",
        "sun, 06 Nov 1994 08:49:37 GMT",
        "SUN, 06 NOV 1994 08:49:37 GMT",
        "Son, 06 Nov 1994 08:49:37 GMT",
        "Sun 06 Nov 1994 08:49:37 GMT",
        "Sun,  6 Nov 1994 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 November 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 Nox 1994 08:49:37 GMT",
        "Sun, 06-Nov-1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 06 Nov 01994 08:49:37 GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sun, 06 Nov 1994 08.49.37 GMT",
        "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:00 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06 Nov 1994 -8:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 32 Dec 1994 08:49:37 GMT",
        "Sun, 29 Feb 1900 08:49:37 GMT",
        "Sun, 29 Feb 1994 08:49:37 GMT",
        "Sun, 30 Feb 2000 08:49:37 GMT",
        "Sun, 31 Apr 2000 08:49:37 GMT",
        "Sun, 31 Jun 2000 08:49:37 GMT",
        "Sun, 31 Sep 2000 08:49:37 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        ("Sun, \xd9\xa0"
         "6 Nov 1994 08:49:37 GMT"),
        "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sunday, 06 Nov 94 08:49:37 GMT",
        "Sun, 06-Nov-94 08:49:37 GMT",
        "Monday, 06-Nov-94 08:49:37",
        "Sunday, 06-Nov-94 08:49:37 GMT ",
        "Tueday, 06-Nov-94 08:49:37 GMT",
        "Sunday 06-Nov-94 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994",
        "Sun Nov  6 08:49:37 94",
        "Sun Nov  6 08:49:37 1994 GMT",
        "Sun Nov   6 08:49:37 1994",
        "Sun Nov  0 08:49:37 1994",
        "Sun Nov 31 08:49:37 1994",
        "Sun  Nov 6 08:49:37 1994",
        "Sun Nov  608:49:37 1994",
        "1994-11-06T08:49:37Z",
        "784111777",
        "0",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        int64_t time = 7;
        check_that(sock_http_time(texts[i], &time) == -1, "%s is read",
                   texts[i]);
        check_int(time, 7);
        check_str(error_text(), "http2time: not a date of HTTP");
    }
}

/* Cut off anywhere, and each byte of it changed. */
TEST(date, damaged)
{
    static const char *const texts[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
                                        "Sunday, 06-Nov-94 08:49:37 GMT",
                                        "Sun Nov  6 08:49:37 1994"};

    for (size_t i = 0; i < 3; i++) {
        size_t n = strlen(texts[i]);
        char text[40];
        int64_t time;
        for (size_t cut = 0; cut < n; cut++) {
            strcpy(text, texts[i]);
            text[cut] = '\0';
            check_int(sock__http_time(text, today, &time), -1);
            text[cut] = '~';
            memcpy(text + cut + 1, texts[i] + cut + 1, n - cut);
            check_int(sock__http_time(text, today, &time), -1);
        }
    }
}

/* More than 50 years ahead is behind. */
TEST(date, two_digits)
{
    static const struct {
        const char *now, *date, *year;
    } rows[] = {
        {"Mon, 30 Nov 2026 10:30:00 GMT", "26", "2026"},
        {"Mon, 30 Nov 2026 10:30:00 GMT", "27", "2027"},
        {"Mon, 30 Nov 2026 10:30:00 GMT", "75", "2075"},
        {"Mon, 30 Nov 2026 10:30:00 GMT", "76", "2076"},
        {"Mon, 30 Nov 2026 10:29:59 GMT", "76", "1976"},
        {"Mon, 30 Nov 2026 10:30:00 GMT", "77", "1977"},
        {"Mon, 30 Nov 2026 10:30:00 GMT", "99", "1999"},
        {"Mon, 30 Nov 2026 10:30:00 GMT", "00", "2000"},
        {"Mon, 01 Jan 2050 00:00:00 GMT", "99", "2099"},
        {"Mon, 01 Jan 2050 00:00:00 GMT", "00", "2000"},
        {"Mon, 31 Dec 2050 00:00:00 GMT", "00", "2100"},
        {"Mon, 31 Dec 2099 00:00:00 GMT", "05", "2105"},
        {"Thu, 29 Feb 2024 00:00:00 GMT", "74", "1974"},
        {"Mon, 01 Jan 1990 00:00:00 GMT", "39", "2039"},
        {"Mon, 01 Jan 1990 00:00:00 GMT", "40", "1940"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[40], wanted[40];
        int64_t now, time, full;
        check_ok(sock_http_time(rows[i].now, &now));
        snprintf(text, sizeof text, "Sunday, 30-Nov-%s 10:30:00 GMT",
                 rows[i].date);
        snprintf(wanted, sizeof wanted, "Sun, 30 Nov %s 10:30:00 GMT",
                 rows[i].year);
        check_int(sock__http_time(text, now, &time), 0);
        check_ok(sock_http_time(wanted, &full));
        check_that(time == full, "%s at %s", text, rows[i].now);
    }
}

TEST(date, arguments)
{
    int64_t time;

    check_fails(sock_http_time(NULL, &time), SOCK_E_TYPE, 0,
                "http2time: argument is NULL");
    check_fails(sock_http_time("", NULL), SOCK_E_TYPE, 0,
                "http2time: argument is NULL");
}

TEST(date, months)
{
    check_int(sock__month_of("Jan"), 1);
    check_int(sock__month_of("December"), 12);
    check_int(sock__month_of("dec"), 0);
    check_int(sock__month_of_any("dEC"), 12);
    check_int(sock__month_of_any("DECember"), 12);
    check_int(sock__month_of_any("d@c"), 0);
    check_int(sock__month_of_any("\x0a"
                                 "an"),
              0);
    check_int(sock__days_of_month(2000, 2), 29);
    check_int(sock__days_of_month(2100, 2), 28);
    check_int(sock__days_of_month(2026, 11), 30);
}

/* Numbers beyond a month count on. */
TEST(date, beyond)
{
    struct sock__moment m = {.year = 2026, .month = 2, .day = 29};
    char text[SOCK__DATE_SIZE];

    sock__http_date(sock__time_of(&m), text);
    check_str(text, "Sun, 01 Mar 2026 00:00:00 GMT");
    m.hour = 25;
    sock__http_date(sock__time_of(&m), text);
    check_str(text, "Mon, 02 Mar 2026 01:00:00 GMT");
    m = (struct sock__moment){.year = -400, .month = 1, .day = 1};
    check_int(sock__time_of(&m), -74790000000);
    check_int(sock__moment_of(-74790000000).year, -400);
}

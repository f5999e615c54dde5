/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "date.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include <pysockc/error.h>
#include <pysockc/headers.h>

#include "chars.h"
#include "private.h"
#include "record.h"
#include "text.h"

const char sock__months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
const char sock__weekdays[7][4] = {"Sun", "Mon", "Tue", "Wed",
                                   "Thu", "Fri", "Sat"};

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

/* The calendar repeats itself after 400 years. They are taken to begin in
 * March, so that the day that comes every four years is their last. */
enum { DAYS_OF_ERA = 146097, DAYS_TO_1970 = 719468 };

static int64_t divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int64_t sock__time_of(const struct sock__moment *m)
{
    int64_t year = m->month > 2 ? m->year : m->year - 1;
    int64_t era = divide(year, 400), of_era = year - era * 400;
    int month = m->month > 2 ? m->month - 3 : m->month + 9;
    int64_t day = (153 * month + 2) / 5 + m->day - 1;
    int64_t days = era * DAYS_OF_ERA + of_era * 365 + of_era / 4 -
                   of_era / 100 + day - DAYS_TO_1970;
    return days * DAY + (int64_t)m->hour * HOUR + (int64_t)m->minute * MINUTE +
           m->second;
}

struct sock__moment sock__moment_of(int64_t time)
{
    int64_t days = divide(time, DAY),
            era = divide(days + DAYS_TO_1970, DAYS_OF_ERA);
    int rest = (int)(time - days * DAY);
    int of_era = (int)(days + DAYS_TO_1970 - era * DAYS_OF_ERA);
    int year =
        (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int of_year = of_era - (365 * year + year / 4 - year / 100);
    int month = (5 * of_year + 2) / 153;

    return (struct sock__moment){.year = era * 400 + year + (month > 9),
                                 .month = month < 10 ? month + 3 : month - 9,
                                 .day = of_year - (153 * month + 2) / 5 + 1,
                                 .hour = rest / HOUR,
                                 .minute = rest / MINUTE % 60,
                                 .second = rest % 60,
                                 .weekday =
                                     (int)(days + 4 - divide(days + 4, 7) * 7)};
}

int sock__days_of_month(int64_t year, int month)
{
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (month == 2)
        return leap ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

bool sock__is_moment(const struct sock__moment *m)
{
    return m->year >= 1 && m->month >= 1 && m->month <= 12 && m->day >= 1 &&
           m->day <= sock__days_of_month(m->year, m->month) && m->hour >= 0 &&
           m->hour < 24 && m->minute >= 0 && m->minute < 60 && m->second >= 0 &&
           m->second <= 60;
}

/* A number of so many digits. */
static int number_at(const char *at, int n)
{
    int value = 0;
    while (n-- > 0)
        value = value * 10 + (*at++ - '0');
    return value;
}

bool sock__time_of_digits(const char *digits, int64_t *time)
{
    const struct sock__moment m = {.year = number_at(digits, 4),
                                   .month = number_at(digits + 4, 2),
                                   .day = number_at(digits + 6, 2),
                                   .hour = number_at(digits + 8, 2),
                                   .minute = number_at(digits + 10, 2),
                                   .second = number_at(digits + 12, 2)};

    if (!sock__is_moment(&m))
        return false;
    *time = sock__time_of(&m);
    return true;
}

int sock__month_of(const char *name)
{
    for (int i = 0; i < 12; i++)
        if (memcmp(name, sock__months[i], 3) == 0)
            return i + 1;
    return 0;
}

int sock__month_of_any(const char *name)
{
    char proper[3] = {sock__upper(name[0]), sock__lower(name[1]),
                      sock__lower(name[2])};
    return sock__month_of(proper);
}

/* Writing */

static void put_digits(char *at, int n, int digits)
{
    for (; digits > 0; n /= 10)
        at[--digits] = (char)('0' + n % 10);
}

void sock__http_date(int64_t time, char text[SOCK__DATE_SIZE])
{
    struct sock__moment m = sock__moment_of(time);

    memcpy(text, "Sun, 06 Nov 1994 08:49:37 GMT", SOCK__DATE_SIZE);
    memcpy(text, sock__weekdays[m.weekday], 3);
    put_digits(text + 5, m.day, 2);
    memcpy(text + 8, sock__months[m.month - 1], 3);
    put_digits(text + 12, (int)m.year, 4);
    put_digits(text + 17, m.hour, 2);
    put_digits(text + 20, m.minute, 2);
    put_digits(text + 23, m.second, 2);
}

int sock__date_check(const char *op, int64_t time, char *buf, size_t size)
{
    const int64_t first = -62135596800, last = 253402300799;

    if (time >= first && time <= last)
        return 0;
    if (buf != NULL && size > 0)
        buf[0] = '\0';
    return sock__fail_saying(op, SOCK_E_VALUE, 0, "year is out of range");
}

int sock_http_date(int64_t time, char *buf, size_t size)
{
    const char *op = "date_time_string";
    char text[SOCK__DATE_SIZE];

    if (sock__date_check(op, time, buf, size) < 0)
        return -1;
    sock__http_date(time, text);
    return sock__text_copy(op, text, sizeof text - 1, buf, size);
}

/* Reading */

/* Takes so many digits; -1. */
static int digits(const char **p, int n)
{
    int value = 0;
    for (; n > 0; n--, (*p)++) {
        if (!sock__is_digit(**p))
            return -1;
        value = value * 10 + (**p - '0');
    }
    return value;
}

/* Takes a text that has to be there. */
static bool take(const char **p, const char *text)
{
    size_t n = strlen(text);
    if (strncmp(*p, text, n) != 0)
        return false;
    *p += n;
    return true;
}

static bool take_number(const char **p, int n, int *value)
{
    return (*value = digits(p, n)) >= 0;
}

static bool take_month(const char **p, int *month)
{
    if (strnlen(*p, 3) < 3 || (*month = sock__month_of(*p)) == 0)
        return false;
    *p += 3;
    return true;
}

static bool take_time(const char **p, struct sock__moment *m)
{
    return take_number(p, 2, &m->hour) && take(p, ":") &&
           take_number(p, 2, &m->minute) && take(p, ":") &&
           take_number(p, 2, &m->second);
}

static bool take_year(const char **p, int n, struct sock__moment *m)
{
    int year;
    if (!take_number(p, n, &year))
        return false;
    m->year = year;
    return true;
}

/* Sun, 06 Nov 1994 08:49:37 GMT */
static bool is_imf(const char *p, struct sock__moment *m)
{
    return take(&p, ", ") && take_number(&p, 2, &m->day) && take(&p, " ") &&
           take_month(&p, &m->month) && take(&p, " ") && take_year(&p, 4, m) &&
           take(&p, " ") && take_time(&p, m) && take(&p, " GMT") && *p == '\0';
}

/* Sunday, 06-Nov-94 08:49:37 GMT */
static bool is_rfc850(const char *p, int weekday, struct sock__moment *m)
{
    static const char rest[7][7] = {"day",   "day", "sday", "nesday",
                                    "rsday", "day", "urday"};
    return take(&p, rest[weekday]) && take(&p, ", ") &&
           take_number(&p, 2, &m->day) && take(&p, "-") &&
           take_month(&p, &m->month) && take(&p, "-") && take_year(&p, 2, m) &&
           take(&p, " ") && take_time(&p, m) && take(&p, " GMT") && *p == '\0';
}

/* Sun Nov  6 08:49:37 1994 */
static bool is_asctime(const char *p, struct sock__moment *m)
{
    if (!take(&p, " ") || !take_month(&p, &m->month) || !take(&p, " "))
        return false;
    int width = *p == ' ' ? 1 : 2;
    p += 2 - width;
    return take_number(&p, width, &m->day) && take(&p, " ") &&
           take_time(&p, m) && take(&p, " ") && take_year(&p, 4, m) &&
           *p == '\0';
}

/* The last year of these two digits that does not lie more than 50 years
 * ahead. */
static void find_century(struct sock__moment *m, int64_t now)
{
    struct sock__moment limit = sock__moment_of(now);

    limit.year += 50;
    m->year += limit.year - limit.year % 100;
    if (sock__time_of(m) > sock__time_of(&limit))
        m->year -= 100;
}

int sock__http_time(const char *text, int64_t now, int64_t *time)
{
    struct sock__moment m = {0};
    int weekday = 0;

    while (weekday < 7 && strncmp(text, sock__weekdays[weekday], 3) != 0)
        weekday++;
    if (weekday == 7)
        return -1;
    if (is_rfc850(text + 3, weekday, &m))
        find_century(&m, now);
    else if (!is_imf(text + 3, &m) && !is_asctime(text + 3, &m))
        return -1;
    if (!sock__is_moment(&m))
        return -1;
    *time = sock__time_of(&m);
    return 0;
}

int sock_http_time(const char *text, int64_t *time)
{
    const char *op = "http2time";
    struct timespec now;

    if (text == NULL || time == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    clock_gettime(CLOCK_REALTIME, &now);
    if (sock__http_time(text, now.tv_sec, time) < 0)
        return sock__fail_saying(op, SOCK_E_VALUE, 0, "not a date of HTTP");
    return 0;
}

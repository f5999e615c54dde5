/* SPDX-License-Identifier: MIT */
/* Dates, beside strptime(3), gmtime_r(3) and timegm(3); texts of any form. */
#include "date.h"
#include "fuzz.h"

#include <stdbool.h>

#include <pysockc/headers.h>

#include <time.h>

static int write_date(const void *time, char *buf, size_t size)
{
    int64_t value;
    memcpy(&value, time, sizeof value);
    return sock_http_date(value, buf, size);
}

/* A time of any year, written and read. */
static void check_time(int64_t time, size_t size)
{
    char *text = text_of(write_date, &time, size);
    int64_t back;
    struct tm tm;
    time_t at = (time_t)time;

    if (text == NULL) {
        claim(time < -62135596800 || time > 253402300799);
        return;
    }
    claim(sock_http_time(text, &back) == 0 && back == time);
    free(text);
    if (at != time) /* 32 bits of libc's */
        return;
    claim(gmtime_r(&at, &tm) != NULL);
    struct sock__moment m = sock__moment_of(time);
    claim(m.year == tm.tm_year + 1900 && m.month == tm.tm_mon + 1 &&
          m.day == tm.tm_mday && m.weekday == tm.tm_wday &&
          m.hour == tm.tm_hour && m.minute == tm.tm_min &&
          m.second == tm.tm_sec);
}

/* What libc makes of it, by that form: true if it is of it. */
static bool read_by(const char *text, const char *form, struct tm *tm)
{
    memset(tm, 0, sizeof *tm);
    const char *end = strptime(text, form, tm);
    return end != NULL && *end == '\0';
}

/* A text that is a date is the one that libc says. */
static void check_text(const char *text)
{
    int64_t time = 7, again;
    struct tm tm;

    if (sock__http_time(text, 1796034600, &time) < 0) {
        claim(time == 7);
        return;
    }
    char written[SOCK__DATE_SIZE];
    sock__http_date(time, written);
    claim(sock_http_time(written, &again) == 0 && again == time);
    if (read_by(text, "%a, %d %b %Y %H:%M:%S GMT", &tm) ||
        read_by(text, "%a %b %e %H:%M:%S %Y", &tm)) {
        claim(timegm(&tm) == time);
        return;
    }
    claim(read_by(text, "%A, %d-%b-%y %H:%M:%S GMT", &tm));
    int64_t differs = timegm(&tm) - time;
    tm.tm_year += differs > 0 ? -100 : differs < 0 ? 100 : 0;
    claim(timegm(&tm) == time);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    uint64_t time = 0;
    size_t room = next_byte(&in) % 40;

    for (int i = 0; i < 8; i++)
        time = time << 8 | next_byte(&in);
    check_time((int64_t)time, room);
    check_time((int64_t)time >> 24, room);
    char *text = rest_as_text(&in);
    check_text(text);
    free(text);
    return 0;
}

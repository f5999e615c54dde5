/* SPDX-License-Identifier: MIT */
/* The calendar, by arithmetic: without a locale, a time zone, or a lock. */
#ifndef SOCK__DATE_H
#define SOCK__DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A moment in UTC. */
struct sock__moment {
    int64_t year;
    int month, day; /* from 1 on */
    int hour, minute, second;
    int weekday; /* 0: Sunday; not needed for sock__time_of() */
};

/* Its seconds since 1970. Numbers beyond a month, a day or an hour count on
 * into the next ones. */
int64_t sock__time_of(const struct sock__moment *m);
struct sock__moment sock__moment_of(int64_t time);
/* Whether there is such a moment, from the year 1 on. A second may be the 61st
 * of its minute. */
bool sock__is_moment(const struct sock__moment *m);
/* Of 14 digits, "20261130233000": false if there is no such moment. */
bool sock__time_of_digits(const char *digits, int64_t *time);
/* Of a month, from 1 on. */
int sock__days_of_month(int64_t year, int month);
/* "Jan" is 1; 0: it is none. The three letters as they are, or in any case. */
int sock__month_of(const char *name);
int sock__month_of_any(const char *name);
/* "Jan" to "Dec", "Sun" to "Sat". */
extern const char sock__months[12][4];
extern const char sock__weekdays[7][4];

enum { SOCK__DATE_SIZE = 30 };
/* As HTTP writes it, "Sun, 06 Nov 1994 08:49:37 GMT", with a NUL. The year has
 * four digits. */
void sock__http_date(int64_t time, char text[SOCK__DATE_SIZE]);
/* Whether it has such a year: 0; -1 with SOCK_E_VALUE recorded, and the empty
 * string in the buffer that was to have its text. */
int sock__date_check(const char *op, int64_t time, char *buf, size_t size);
/* sock_http_time() at a time that is now; -1: it is no date, not recorded. */
int sock__http_time(const char *text, int64_t now, int64_t *time);

#endif

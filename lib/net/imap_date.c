/* SPDX-License-Identifier: MIT */
/* When messages were received, and their flags: what imaplib has functions of
 * its own for. */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pysockc/imap.h>

#include "bytes.h"
#include "date.h"
#include "imap_token.h"
#include "private.h"
#include "record.h"
#include "text.h"

/* Moments */

/* Two digits, or so many; -1. */
static int digits(const char *at, int n)
{
    int value = 0;

    for (; n > 0; n--, at++) {
        if (!sock__is_digit(*at))
            return -1;
        value = value * 10 + (*at - '0');
    }
    return value;
}

/* The day may have a blank in place of its first digit. */
static int day_at(const char *at)
{
    return at[0] == ' ' ? digits(at + 1, 1) : digits(at, 2);
}

/* Whether the places that no number is in are as in this form. */
static bool has_form(const char *at)
{
    static const char form[] = "00-Jan-0000 00:00:00 +0000";

    for (size_t i = 0; form[i] != '\0'; i++) {
        bool fixed = form[i] == '-' || form[i] == ' ' || form[i] == ':';
        if (at[i] == '\0' || (fixed && at[i] != form[i]))
            return false;
    }
    return at[21] == '+' || at[21] == '-';
}

/* 17-Jul-1996 02:44:25 -0700 */
static bool read_moment(const char *at, int64_t *when)
{
    if (!has_form(at))
        return false;
    const struct sock__moment m = {.year = digits(at + 7, 4),
                                   .month = sock__month_of_any(at + 3),
                                   .day = day_at(at),
                                   .hour = digits(at + 12, 2),
                                   .minute = digits(at + 15, 2),
                                   .second = digits(at + 18, 2)};
    int hours = digits(at + 22, 2), minutes = digits(at + 24, 2);
    if (!sock__is_moment(&m) || hours < 0 || hours > 23 || minutes < 0 ||
        minutes > 59)
        return false;
    int64_t zone = ((int64_t)hours * 60 + minutes) * 60;
    *when = sock__time_of(&m) - (at[21] == '-' ? -zone : zone);
    return true;
}

int sock_imap_internaldate(const char *text, int64_t *when)
{
    const char *op = "Internaldate2tuple", *at = text, *next;
    enum { LENGTH = 26 };

    if (text == NULL || when == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    while ((next = strstr(at, "INTERNALDATE \"")) != NULL)
        at = next + strlen("INTERNALDATE ");
    bool quoted = *at == '"', named = at != text;
    at += quoted;
    if (!read_moment(at, when) || (quoted && at[LENGTH] != '"') ||
        (!named && at[LENGTH + quoted] != '\0'))
        return sock__fail_saying(op, SOCK_E_VALUE, 0, "not a date of IMAP");
    return 0;
}

int sock_imap_time(char *buf, size_t size, int64_t when)
{
    const char *op = "Time2Internaldate";
    const int64_t first = -62135596800, last = 253402300799;
    char text[SOCK_IMAP_TIME_MAX];

    if (when < first || when > last) {
        sock__text_clear(buf, size);
        return sock__fail_saying(op, SOCK_E_VALUE, 0, "year is out of range");
    }
    struct sock__moment m = sock__moment_of(when);
    int n = snprintf(text, sizeof text, "\"%02d-%s-%04d %02d:%02d:%02d +0000\"",
                     m.day, sock__months[m.month - 1], (int)m.year, m.hour,
                     m.minute, m.second);
    return sock__text_copy(op, text, (size_t)n, buf, size);
}

/* Flags */

/* Where the list of flags is that counts; NULL. */
static const char *find_flags(const char *text)
{
    const char *found = text[0] == '(' ? text : NULL;
    for (const char *at = text; (at = strstr(at, "FLAGS (")) != NULL; at++)
        found = at + strlen("FLAGS ");
    return found;
}

/* The next flag at or behind *at, of *n bytes; false at the end. */
static bool next_flag(const char **at, size_t *n)
{
    *at += strspn(*at, " ");
    *n = strcspn(*at, " )");
    return *n > 0;
}

/* Copies the flags to where there is room for them. */
static void copy_flags(sock_lines_t *list, sock_line_t *lines, char *text,
                       const char *at)
{
    size_t n, i = 0;

    for (; next_flag(&at, &n); at += n) {
        memcpy(text, at, n);
        text[n] = '\0';
        lines[i++] = (sock_line_t){text, n};
        text += n + 1;
    }
    *list = (sock_lines_t){lines, i};
}

sock_lines_t *sock_imap_parse_flags(const char *text)
{
    const char *op = "ParseFlags", *from = NULL;
    size_t count = 0, bytes = 0, n;

    if (text == NULL) {
        sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
        return NULL;
    }
    from = find_flags(text);
    from = from != NULL ? from + 1 : "";
    if (strchr(from, ')') == NULL)
        from = "";
    for (const char *at = from; next_flag(&at, &n); at += n) {
        count++;
        bytes += n + 1;
    }
    sock_lines_t *list =
        malloc(sizeof *list + count * sizeof(sock_line_t) + bytes);
    if (list == NULL) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    sock_line_t *lines = (sock_line_t *)(list + 1);
    copy_flags(list, lines, (char *)(lines + count), from);
    return list;
}

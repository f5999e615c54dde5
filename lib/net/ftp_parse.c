/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "ftp_parse.h"

#include <string.h>
#include <strings.h>

#include "chars.h"
#include "date.h"

enum { PORT_MAX = 65535, BYTE_MAX = 255 };

/* Numbers */

/* The number that stands here, and what is behind it; -1: none, or one over
 * `most`, behind all of whose digits *at is. */
static int64_t number(const char **at, int64_t most)
{
    const char *from = *at;
    int64_t n = 0;

    for (; sock__is_digit(**at); ++*at)
        if (n >= 0)
            n = n <= (most - (**at - '0')) / 10 ? n * 10 + (**at - '0') : -1;
    return *at > from ? n : -1;
}

int64_t sock__ftp_number(const char *text)
{
    text += sock__blanks(text, text + strlen(text));
    int64_t n = number(&text, INT64_MAX);
    return text[strspn(text, " \t\r")] == '\0' ? n : -1;
}

/* Ports */

/* Six numbers from here on, with commas between them; *at is behind what was
 * looked at. */
static bool six(const char **at, int n[6])
{
    bool fit = true;

    for (int i = 0; i < 6; i++) {
        if (i > 0 && **at != ',')
            return false;
        *at += i > 0;
        if (!sock__is_digit(**at))
            return false;
        n[i] = (int)number(at, BYTE_MAX);
        fit = fit && n[i] >= 0;
    }
    return fit;
}

bool sock__ftp_pasv(const char *text, unsigned char ip[4], int *port)
{
    int n[6];

    while (*text != '\0') {
        if (!sock__is_digit(*text)) {
            text++;
        } else if (six(&text, n)) {
            for (int i = 0; i < 4; i++)
                ip[i] = (unsigned char)n[i];
            *port = n[4] * 256 + n[5];
            return *port > 0;
        }
    }
    return false;
}

int sock__ftp_epsv(const char *text)
{
    const char *at = strchr(text, '(');

    if (at == NULL || sock__is_digit(at[1]) || at[1] < '!' || at[1] > '~' ||
        at[2] != at[1] || at[3] != at[1])
        return 0;
    char bar = at[1];
    at += 4;
    int64_t port = number(&at, PORT_MAX);
    return port > 0 && at[0] == bar && at[1] == ')' ? (int)port : 0;
}

/* Texts */

size_t sock__ftp_path(const char *text, char *path)
{
    size_t n = 0;

    if (*text == '"')
        for (const char *at = text + 1; *at != '\0'; at++) {
            if (*at == '"' && *++at != '"')
                break;
            path[n++] = *at;
        }
    path[n] = '\0';
    return n;
}

int64_t sock__ftp_announced(const char *text)
{
    static const char behind[] = " bytes)";
    const char *end = strchr(text, '\n'), *at = text;
    int64_t size = -1;

    while ((at = strchr(at, '(')) != NULL && (end == NULL || at < end)) {
        bool apart = at > text && at[-1] == ' ' && sock__is_digit(at[1]);
        at++;
        int64_t n = number(&at, INT64_MAX);
        if (apart && strncasecmp(at, behind, strlen(behind)) == 0)
            size = n;
    }
    return size;
}

/* Moments */

bool sock__ftp_time(const char *text, size_t n, int64_t *when)
{
    enum { WHOLE = 14 };
    const char *end = text + n;
    size_t whole = sock__span(text, end, SOCK__DIGIT);
    size_t fraction = 0;

    if (whole == WHOLE && n > WHOLE && text[WHOLE] == '.')
        fraction = 1 + sock__span(text + WHOLE + 1, end, SOCK__DIGIT);
    if (whole != WHOLE || whole + fraction != n || fraction == 1)
        return false;
    return sock__time_of_digits(text, when);
}

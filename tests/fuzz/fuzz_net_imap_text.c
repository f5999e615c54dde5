/* SPDX-License-Identifier: MIT */
/* The texts of IMAP: words of any bytes, names of mailboxes there and back,
 * dates beside strptime(3), flags. */
#include <stdbool.h>
#include <time.h>

#include <pysockc/imap.h>

#include "fuzz.h"
#include "imap_token.h"

/* Each word lies behind the one before, and what it says is not longer. */
static void check_words(const struct input *in)
{
    char *text = copy_of(in->at, in->left), *said = malloc(in->left + 1);
    struct sock__piece rest = {text, in->left};
    struct sock__imap_token t;

    claim(said != NULL);
    while (sock__imap_next_token(&rest, &t) > SOCK__IMAP_END) {
        claim(rest.at > t.text.at || t.kind >= SOCK__IMAP_BARE);
        claim(rest.at > text && rest.at + rest.n == text + in->left);
        claim(t.text.at >= text && t.text.at + t.text.n <= rest.at);
        claim(sock__imap_say_token(&t, said) <= t.text.n);
        claim(!sock__imap_is_nil(&t) || t.text.n == 3);
    }
    claim((t.kind == SOCK__IMAP_END) == (rest.n == 0));
    free(said);
    free(text);
}

/* Where a look ends does not depend on how much of the text it is shown. */
static size_t scanned(bool (*scan)(struct sock__imap_scan *, const char *,
                                   size_t),
                      const char *text, size_t n, size_t step)
{
    struct sock__imap_scan s = {0};
    for (size_t end = step < n ? step : n;;
         end = n - end > step ? end + step : n) {
        if (scan(&s, text, end))
            return s.at;
        claim(s.at == end);
        if (end == n)
            return n + 1;
    }
}

static void check_scans(const struct input *in)
{
    char *text = copy_of(in->at, in->left);
    size_t at, n = in->left;
    uint64_t size;

    scanned(sock__imap_scan_name, text, n, n);
    if (n > 0 && text[0] == '(')
        scanned(sock__imap_scan_list, text, n, n);
    if (memchr(text, '"', n) == NULL) {
        claim(scanned(sock__imap_scan_name, text, n, n) ==
              scanned(sock__imap_scan_name, text, n, 1));
        if (n > 0 && text[0] == '(')
            claim(scanned(sock__imap_scan_list, text, n, n) ==
                  scanned(sock__imap_scan_list, text, n, 1));
    }
    if (sock__imap_announces(text, n, &at, &size))
        claim(at < n && (text[at] == '{' || text[at] == '~'));
    free(text);
}

static int encode(const void *name, char *buf, size_t size)
{
    return sock_imap_name_encode(buf, size, name);
}

static int decode(const void *name, char *buf, size_t size)
{
    return sock_imap_name_decode(buf, size, name);
}

/* A name has one form, and a form is that of one name. */
static void check_names(const char *text, size_t room)
{
    char *coded = text_of(encode, text, room);
    if (coded != NULL) {
        char *back = text_of(decode, coded, room);
        claim(back != NULL && strcmp(back, text) == 0);
        free(back);
    }
    free(coded);
    char *name = text_of(decode, text, room);
    if (name != NULL) {
        char *again = text_of(encode, name, room);
        claim(again != NULL && strcmp(again, text) == 0);
        free(again);
    }
    free(name);
}

static int write_time(const void *when, char *buf, size_t size)
{
    int64_t value;
    memcpy(&value, when, sizeof value);
    return sock_imap_time(buf, size, value);
}

static void check_dates(const char *text, int64_t when, size_t room)
{
    int64_t back = 7;
    struct tm tm = {0};
    char *written = text_of(write_time, &when, room);

    if (written != NULL)
        claim(sock_imap_internaldate(written, &back) == 0 && back == when);
    free(written);
    if (sock_imap_internaldate(text, &back) < 0 || strchr(text, '"') != NULL)
        return;
    claim(strptime(text, "%d-%b-%Y %H:%M:%S", &tm) != NULL);
    const char *zone = text + 21;
    int minutes = atoi(zone + 1);
    int64_t shift = (minutes / 100 * 60 + minutes % 100) * 60;
    if (tm.tm_year + 1900 > 1)
        claim(timegm(&tm) - (*zone == '-' ? -shift : shift) == back);
}

static void check_flags(const char *text)
{
    sock_lines_t *l = sock_imap_parse_flags(text);

    claim(l != NULL);
    for (size_t i = 0; i < l->count; i++)
        claim(l->lines[i].length > 0 &&
              strlen(l->lines[i].text) == l->lines[i].length &&
              strpbrk(l->lines[i].text, " )") == NULL);
    sock_lines_free(l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    size_t room = next_byte(&in) % 64;
    uint64_t when = 0;

    check_words(&in);
    check_scans(&in);
    char *text = rest_as_text(&in);
    check_names(text, room);
    for (int i = 0; i < 5; i++)
        when = when << 8 | next_byte(&in);
    check_dates(text, (int64_t)when - ((int64_t)1 << 38), room);
    check_flags(text);
    free(text);
    return 0;
}

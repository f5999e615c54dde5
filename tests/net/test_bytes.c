/* SPDX-License-Identifier: MIT */
/* Lists that grow, secrets that do not stay, and characters. */
#include "bytes.h"
#include "support.h"
#include "text.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

TEST(bytes, a_list_grows)
{
    size_t room = 0;
    int *list = NULL;

    for (size_t n = 0; n < 1000; n++) {
        size_t before = room;
        int *more = sock__grow(list, n, &room, 1, sizeof *list);
        check(more != NULL && room > n);
        check(room == before || room >= 2 * before);
        list = more;
        list[n] = (int)n;
    }
    for (int n = 0; n < 1000; n++)
        check_int(list[n], n);
    free(list);
}

TEST(bytes, a_list_grows_by_what_is_asked_for)
{
    size_t room = 0;
    char *list = sock__grow(NULL, 0, &room, 1000, 1);

    check(list != NULL && room >= 1000);
    memset(list, 'x', room);
    room = 1000;
    check(sock__grow(list, 990, &room, 10, 1) == list);
    check_int(room, 1000);
    free(list);
}

/* Where it can't, it stays what it was. */
TEST(bytes, no_list_is_larger_than_memory)
{
    static const size_t sizes[] = {1, 2, 3, 8, 4096, PTRDIFF_MAX};
    size_t room = 0;
    char *list = sock__grow(NULL, 0, &room, 4, 1);

    check(list != NULL);
    list[3] = 'x';
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        size_t before = room, most = PTRDIFF_MAX / sizes[i];
        errno = 0;
        check(sock__grow(list, 0, &room, most + 1, sizes[i]) == NULL ||
              before >= most + 1);
        check(sock__grow(list, 4, &room, SIZE_MAX, sizes[i]) == NULL);
        check_int(errno, ENOMEM);
        check_int(room, before);
    }
    check_int(list[3], 'x');
    free(list);
}

TEST(bytes, a_secret_is_wiped)
{
    char text[] = "xsecretx";

    sock__wipe(text + 1, 6);
    check_bytes(text, "x\0\0\0\0\0\0x", 8);
    sock__wipe(text, 0);
    check_int(text[0], 'x');
}

/* RFC 3629 4, at its edges. */
TEST(bytes, characters_of_utf8)
{
    static const struct {
        const char *bytes;
        int n;
        uint32_t code;
    } rows[] = {
        {"A", 1, 'A'},
        {"\x7f\x80", 1, 0x7f},
        {"\x80", -1, 0},
        {"\xbf\xbf", -1, 0},
        {"\xc1\xbf", -1, 0}, /* longer than it has to be */
        {"\xc2\x80", 2, 0x80},
        {"\xdf\xbf\x80", 2, 0x7ff},
        {"\xc2", -1, 0},
        {"\xc2"
         "A",
         -1, 0},
        {"\xe0\x9f\xbf", -1, 0},
        {"\xe0\xa0\x80", 3, 0x800},
        {"\xe2\x82\xac", 3, 0x20ac},
        {"\xe2\x82", -2, 0},
        {"\xe2\x82\xe2", -2, 0},
        {"\xed\x9f\xbf", 3, 0xd7ff},
        {"\xed\xa0\x80", -1, 0}, /* surrogates */
        {"\xed\xbf\xbf", -1, 0},
        {"\xee\x80\x80", 3, 0xe000},
        {"\xef\xbf\xbf", 3, 0xffff},
        {"\xf0\x8f\xbf\xbf", -1, 0},
        {"\xf0\x90\x80\x80", 4, 0x10000},
        {"\xf0\x90\x80", -3, 0},
        {"\xf0\x90\x80\xc0", -3, 0},
        {"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
        {"\xf4\x90\x80\x80", -1, 0},
        {"\xf5\x80\x80\x80", -1, 0},
        {"\xff", -1, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t code = 0;
        int n = sock__utf8(rows[i].bytes, strlen(rows[i].bytes), &code);
        check_that(n == rows[i].n, "%zu: %d", i, n);
        check(n < 0 || code == rows[i].code);
    }
}

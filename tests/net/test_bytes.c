/* SPDX-License-Identifier: MIT */
/* Lists that grow, and secrets that do not stay. */
#include "bytes.h"
#include "support.h"

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

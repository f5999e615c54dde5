/* SPDX-License-Identifier: MIT */
/* The decoder of chunks by itself, and numbers of digits; whole bodies are in
 * test_requests.c. */
#include "chunk.h"
#include "framing.h"
#include "support.h"

#include <string.h>

TEST(chunk, events)
{
    static const char raw[] = "3;x\r\nabc\r\n0\r\n";
    struct sock__chunks c;
    size_t taken = 9;

    sock__chunks_begin(&c);
    check_int(sock__chunks_next(&c, raw, 0, &taken), SOCK__CHUNK_MORE);
    check_int(taken, 0);
    check_int(sock__chunks_next(&c, raw, 2, &taken), SOCK__CHUNK_MORE);
    check_int(taken, 2);
    check_int(sock__chunks_next(&c, raw + 2, 11, &taken), SOCK__CHUNK_DATA);
    check_int(taken, 3);
    check_int(c.left, 3);
    /* As long as any of it is left. */
    check_int(sock__chunks_next(&c, raw + 5, 8, &taken), SOCK__CHUNK_DATA);
    check_int(taken, 0);
    sock__chunks_take(&c, 2);
    check_int(sock__chunks_next(&c, raw + 7, 6, &taken), SOCK__CHUNK_DATA);
    check_int(c.left, 1);
    sock__chunks_take(&c, 0);
    check_int(c.left, 1);
    sock__chunks_take(&c, 1);
    check_int(sock__chunks_next(&c, raw + 8, 1, &taken), SOCK__CHUNK_MORE);
    check_int(sock__chunks_next(&c, raw + 9, 4, &taken), SOCK__CHUNK_TRAILERS);
    check_int(taken, 4);
    check_int(sock__chunks_next(&c, "\r\n", 2, &taken), SOCK__CHUNK_TRAILERS);
    check_int(taken, 0);
    check_int(c.extensions, 2);
}

TEST(chunk, stays_faulty)
{
    struct sock__chunks c;
    size_t taken;

    sock__chunks_begin(&c);
    check_int(sock__chunks_next(&c, "1x\r\n", 4, &taken), SOCK__CHUNK_FAULT);
    check_int(taken, 2);
    check_str(c.why, "an invalid size of a chunk");
    check_int(sock__chunks_next(&c, "1\r\n", 3, &taken), SOCK__CHUNK_FAULT);
    check_int(taken, 0);
}

TEST(chunk, words)
{
    static const char *const rows[][2] = {
        {"", NULL},
        {"x", "an invalid size of a chunk"},
        {"00000000000000000", "an invalid size of a chunk"},
        {"8000000000000000", "a chunk over the limit"},
        {"1;\n", "an invalid extension of a chunk"},
        {"1\rx", "a chunk without its CR LF"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sock__chunks c;
        size_t taken;
        sock__chunks_begin(&c);
        sock__chunks_next(&c, rows[i][0], strlen(rows[i][0]), &taken);
        check((c.why == NULL) == (rows[i][1] == NULL));
        if (c.why != NULL)
            check_str(c.why, rows[i][1]);
    }
}

TEST(chunk, sizes)
{
    static const struct {
        const char *text;
        uint64_t size;
    } rows[] = {{"1\r\n", 1},
                {"f\r\n", 15},
                {"F\r\n", 15},
                {"10\r\n", 16},
                {"0000000000000010\r\n", 16},
                {"123456789abcdef\r\n", 0x123456789abcdef},
                {"7fffffffffffffff\r\n", INT64_MAX}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sock__chunks c;
        size_t taken;
        sock__chunks_begin(&c);
        check_int(
            sock__chunks_next(&c, rows[i].text, strlen(rows[i].text), &taken),
            SOCK__CHUNK_DATA);
        check(c.left == rows[i].size);
    }
}

TEST(chunk, numbers)
{
    static const struct {
        const char *text;
        int64_t value;
    } rows[] = {{"", -1},
                {"0", 0},
                {"007", 7},
                {"9223372036854775807", INT64_MAX},
                {"9223372036854775808", -2},
                {"18446744073709551617", -2},
                {"99999999999999999999999999x", -1},
                {"00000000000000000000000000001", 1},
                {"+1", -1},
                {"-1", -1},
                {" 1", -1},
                {"1 ", -1},
                {"1_0", -1},
                {"0x1", -1},
                {"a", -1},
                {"/", -1},
                {":", -1}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_that(sock__decimal(rows[i].text, strlen(rows[i].text)) ==
                       rows[i].value,
                   "%s", rows[i].text);
    check_int(sock__decimal("12", 1), 1);
}

/* SPDX-License-Identifier: MIT */
/* Multipart: where parts begin and end, and what is none, in any pieces. */
#include "multipart.h"
#include "support.h"

#include <stdio.h>
#include <string.h>

enum { HEAD_MAX = 64, LINES_MAX = 3 };

/* What a body is taken for: heads in parentheses, data as it is, `;` for the
 * end of a part, `.` for that of a multipart, `!` and the words of a fault, `~`
 * where more was due. The data are one text however they come. */
struct trace {
    char text[1024];
    size_t used;
};

static void put(struct trace *t, const char *text, size_t n)
{
    check(n < sizeof t->text - t->used);
    memcpy(t->text + t->used, text, n);
    t->used += n;
    t->text[t->used] = '\0';
}

static void put_text(struct trace *t, const char *text)
{
    put(t, text, strlen(text));
}

/* The parts' own boundary follows "nest=" in their heads. */
static bool nest(struct sock__multipart *m, const char *head, size_t n)
{
    const char *at = memmem(head, n, "nest=", 5);
    if (at == NULL)
        return true;
    at += 5;
    return sock__multipart_enter(m, at, strcspn(at, "\r")) == 0;
}

/* False: there is no more to be heard. */
static bool hear(struct trace *t, struct sock__multipart *m,
                 enum sock__multipart_event event, const char *data, size_t n)
{
    switch (event) {
    case SOCK__MULTIPART_HEAD:
        put_text(t, "(");
        put(t, data, n);
        put_text(t, ")");
        if (nest(m, data, n))
            return true;
        put_text(t, "!");
        put_text(t, m->why);
        return false;
    case SOCK__MULTIPART_DATA:
        check(n > 0);
        put(t, data, n);
        return true;
    case SOCK__MULTIPART_END:
        put_text(t, ";");
        return true;
    case SOCK__MULTIPART_CLOSE:
        put_text(t, ".");
        return m->depth > 0;
    case SOCK__MULTIPART_MORE:
        return true;
    default:
        put_text(t, "!");
        put_text(t, m->why);
        return false;
    }
}

/* Takes all that it can of the bytes between, which grow; false as above. */
static bool take(struct trace *t, struct sock__multipart *m, const char *body,
                 size_t *from, size_t to, bool last)
{
    for (;;) {
        size_t taken = 99;
        enum sock__multipart_event event =
            sock__multipart_next(m, body + *from, to - *from, last, &taken);
        check(taken <= to - *from);
        if (!hear(t, m, event, body + *from, taken))
            return false;
        *from += taken;
        if (event == SOCK__MULTIPART_MORE && taken == 0)
            return true;
    }
}

/* In pieces: the first of so many bytes, each of the others of so many. The
 * bytes behind each piece are not there yet. */
static void trace(struct trace *t, const char *body, size_t n, size_t first,
                  size_t others)
{
    struct sock__multipart m;
    size_t from = 0;
    char there[1024];

    *t = (struct trace){.used = 0};
    check(n <= sizeof there);
    sock__multipart_begin(&m, "B", 1, HEAD_MAX, LINES_MAX);
    for (size_t to = first; from <= n; to += others) {
        to = to < n ? to : n;
        memset(there, '-', sizeof there);
        memcpy(there, body, to);
        if (!take(t, &m, there, &from, to, to == n))
            return;
        if (to == n)
            break;
    }
    put_text(t, "~");
}

static void is_taken_for(const char *body, size_t n, const char *expected)
{
    struct trace t;

    for (size_t first = 0; first <= n; first++) {
        trace(&t, body, n, first, n);
        check_str(t.text, expected);
    }
    for (size_t size = 1; size <= 3; size++) {
        trace(&t, body, n, size, size);
        check_str(t.text, expected);
    }
}

/* A body, and what it is taken for. */
struct row {
    const char *body, *trace;
};

static void are_taken_for(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        is_taken_for(rows[i].body, strlen(rows[i].body), rows[i].trace);
}

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])
#define E "\r\n"
#define BAD_LINE "!a line of multipart does not end in CR LF"

TEST(multipart, parts)
{
    static const struct row rows[] = {
        {"--B" E E "v" E "--B--" E, "(\r\n)v;."},
        {"--B" E E "v" E "--B--", "(\r\n)v;."},
        {"--B" E E "v" E "--B-- \t", "(\r\n)v;."},
        {"--B" E "A: b" E "C: d" E E "v" E "--B--" E,
         "(A: b\r\nC: d\r\n\r\n)v;."},
        {"--B" E E "v" E "--B" E E "w" E "--B--" E, "(\r\n)v;(\r\n)w;."},
        {"--B" E E E "--B--" E, "(\r\n);."},
        {"--B" E E "--B--" E, "(\r\n);."},
        {"--B" E E "v" E E "--B--" E, "(\r\n)v\r\n;."},
        {"--B" E E "a" E "b\nc\rd" E "--B--" E, "(\r\n)a\r\nb\nc\rd;."},
        {"--B \t" E E "v" E "--B-- " E, "(\r\n)v;."},
        {"--B--" E, "."},
        {"--B--", "."},
        {E "--B--" E, "."},
        {E "--B" E E "v" E "--B--" E, "(\r\n)v;."},
        {"pre" E "--Bx" E "--B" E E "v" E "--B--" E "epi", "(\r\n)v;."},
    };
    are_taken_for(rows, COUNT(rows));
}

TEST(multipart, what_is_no_boundary)
{
    static const struct row rows[] = {
        {"--B" E E "--Bx" E "--B-" E "--B--x" E "--B -" E "-" E "--" E
         "--B--" E,
         "(\r\n)--Bx\r\n--B-\r\n--B--x\r\n--B -\r\n-\r\n--;."},
        {"--B" E E "x--B" E "--B--" E, "(\r\n)x--B;."},
        {"--B" E E " --B" E "--B--" E, "(\r\n) --B;."},
        {"--B" E E "\r--B" E "--B--" E, "(\r\n)\r--B;."},
        {"--B" E E "--b" E "--B--" E, "(\r\n)--b;."},
        {"--B" E E "\r\r" E "--B--" E, "(\r\n)\r\r;."},
        {"--B" E E "--B---" E "--B--" E, "(\r\n)--B---;."},
        {"--B" E E "\n\r\n\n" E "--B--" E, "(\r\n)\n\r\n\n;."},
    };
    are_taken_for(rows, COUNT(rows));
}

TEST(multipart, that_ends_early)
{
    static const struct row rows[] = {
        {"", "~"},
        {"-", "~"},
        {"--B", "~"},
        {"--B" E, "~"},
        {"--B\r", "~"},
        {"--B" E "A", "~"},
        {"--B" E "A: b" E, "~"},
        {"--B" E E, "(\r\n)~"},
        {"--B" E E "v", "(\r\n)v~"},
        {"--B" E E "v" E, "(\r\n)v~"},
        {"--B" E E "v" E "--B", "(\r\n)v~"},
        {"--B" E E "v" E "--B-", "(\r\n)v~"},
        {"--B" E E "v" E "--B ", "(\r\n)v~"},
        {"--B" E E "v" E "--B" E, "(\r\n)v;~"},
        {"--B" E E "v" E "--B--\r", "(\r\n)v~"},
        {"pre", "~"},
        {"pre" E, "~"},
    };
    are_taken_for(rows, COUNT(rows));
}

TEST(multipart, lines_that_others_read_otherwise)
{
    static const struct row rows[] = {
        {"--B\n\nv\n--B--\n", BAD_LINE},
        {"--B" E "\nv" E "--B--" E, BAD_LINE},
        {"--B" E "A: b\n" E "v", BAD_LINE},
        {"--B" E E "v\n--B--" E, "(\r\n)v" BAD_LINE},
        {"--B" E E "v" E "--B--\n", "(\r\n)v" BAD_LINE},
        {"--B" E E "v" E "--B\n", "(\r\n)v" BAD_LINE},
        {"--B" E E "v" E "--B \n", "(\r\n)v" BAD_LINE},
        {"--B" E E "v" E "--B\r\r\n", "(\r\n)v" BAD_LINE},
        {"--B" E E "v" E "--B\f" E, "(\r\n)v" BAD_LINE},
        {"--B" E E "v" E "--B\v" E, "(\r\n)v" BAD_LINE},
        {"--B" E E "v" E "--B\rx", "(\r\n)v" BAD_LINE},
        {"\n--B" E E "v" E "--B--" E, BAD_LINE},
        {"\n--B--" E, BAD_LINE},
    };
    are_taken_for(rows, COUNT(rows));
}

TEST(multipart, blank_lines_in_a_head)
{
    static const struct row rows[] = {
        {"--B" E " " E E "v", "!a part's head has a line of blanks"},
        {"--B" E "A: b" E "\t" E "v", "!a part's head has a line of blanks"},
        {"--B" E "A: b" E "\r" E "v", "!a part's head has a line of blanks"},
        {"--B" E "A: b" E " \f\v" E "v", "!a part's head has a line of blanks"},
    };
    are_taken_for(rows, COUNT(rows));
}

TEST(multipart, without_parts)
{
    static const struct row rows[] = {
        {"pre" E "--B--" E, "!multipart has no parts"},
        {"\r\r\n--B--" E, "!multipart has no parts"},
        {E E "--B--" E, "!multipart has no parts"},
        {" --B" E E "v" E "--B--" E, "!multipart has no parts"},
    };
    are_taken_for(rows, COUNT(rows));
}

TEST(multipart, in_multipart)
{
    static const struct row rows[] = {
        {"--B" E "nest=C" E E "--C" E E "v" E "--C" E E "w" E "--C--" E
         "--B" E E "x" E "--B--" E,
         "(nest=C\r\n\r\n)(\r\n)v;(\r\n)w;.(\r\n)x;."},
        {"--B" E "nest=C" E E "pre" E "--C" E E "v" E "--C--" E "epi" E "--Bx" E
         "--B--" E,
         "(nest=C\r\n\r\n)(\r\n)v;.."},
        {"--B" E "nest=C" E E "--C" E E "v" E "--C--" E "epi" E "--B--" E,
         "(nest=C\r\n\r\n)(\r\n)v;.."},
        /* the outer one's boundary is nothing inside */
        {"--B" E "nest=C" E E "--C" E E "--B" E "--C--" E "--B--" E,
         "(nest=C\r\n\r\n)(\r\n)--B;.."},
        {"--B" E "nest=BB" E E "--BB" E E "--BBB" E "--B" E "--BB--" E
         "--B--" E,
         "(nest=BB\r\n\r\n)(\r\n)--BBB\r\n--B;.."},
        {"--B" E "nest=C" E E "--C--" E "--B--" E, "(nest=C\r\n\r\n).."},
        {"--B" E "nest=C" E E "--C--", "(nest=C\r\n\r\n).~"},
        {"--B" E "nest=C" E E "--C" E E "v" E "--B--" E,
         "(nest=C\r\n\r\n)(\r\n)v\r\n--B--~"},
        {"--B" E "nest=C" E E "--C" E "nest=D" E E "--D" E E "v" E "--D--" E
         "--C--" E "--B--" E,
         "(nest=C\r\n\r\n)(nest=D\r\n\r\n)(\r\n)v;..."},
        {"--B" E "nest=C" E E "--C" E "nest=D" E E "--D" E "nest=E" E E,
         "(nest=C\r\n\r\n)(nest=D\r\n\r\n)(nest=E\r\n\r\n)"
         "!too many multiparts in each other"},
        {"--B" E "nest=B" E E,
         "(nest=B\r\n\r\n)"
         "!two multiparts in each other have the same boundary"},
        {"--B" E "nest=C" E E "--C" E "nest=B" E E,
         "(nest=C\r\n\r\n)(nest=B\r\n\r\n)"
         "!two multiparts in each other have the same boundary"},
        {"--B" E "nest=C" E E "pre" E "--C--" E,
         "(nest=C\r\n\r\n)!multipart has no parts"},
    };
    are_taken_for(rows, COUNT(rows));
}

/* 64 bytes with the empty line, and 3 lines. */
TEST(multipart, long_heads)
{
#define L20 "01234567890123456789"
#define L60 L20 L20 L20
    static const struct row rows[] = {
        {"--B" E L60 E E "--B--", "(" L60 "\r\n\r\n);."},
        {"--B" E L60 "x" E E "--B--", "!a part's head is too long"},
        {"--B" E L60 L60 L60, "!a part's head is too long"},
        {"--B" E "1" E "2" E "3" E E "--B--", "(1\r\n2\r\n3\r\n\r\n);."},
        {"--B" E "1" E "2" E "3" E "4" E E "--B--",
         "!a part's head has too many lines"},
    };
    are_taken_for(rows, COUNT(rows));
}

TEST(multipart, blanks_behind_a_boundary)
{
    struct row row = {0};
    char body[256], blanks[128];

    memset(blanks, ' ', sizeof blanks);
    snprintf(body, sizeof body, "--B%.64s\r\n\r\nv\r\n--B--\r\n", blanks);
    row = (struct row){body, "(\r\n)v;."};
    are_taken_for(&row, 1);
    snprintf(body, sizeof body, "--B%.65s\r\n\r\nv\r\n--B--\r\n", blanks);
    row.trace = "!too many blanks behind a boundary";
    are_taken_for(&row, 1);
}

TEST(multipart, boundaries)
{
    char text[256];

    memset(text, 'x', sizeof text);
    check(sock__is_boundary("B", 1));
    check(sock__is_boundary(" ~", 2));
    check(sock__is_boundary("a b", 3));
    check(sock__is_boundary(text, 201));
    check(!sock__is_boundary(text, 202));
    check(!sock__is_boundary("", 0));
    check(!sock__is_boundary("a ", 2));
    check(!sock__is_boundary("\t", 1));
    check(!sock__is_boundary("\x7f", 1));
    check(!sock__is_boundary("\xc3\xa9", 2));
    check(!sock__is_boundary("a\0b", 3));
}

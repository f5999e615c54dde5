/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "terminator.h"

/*
 * What is passed on, as text: each piece in brackets, a stroke where the
 * terminator was found, and at the end what is held back. A "+" in the input is
 * where one read ends and the next begins.
 */
struct script {
    struct sock__terminator t;
    char text[512];
    /* What found_terminator sets, if anything. */
    const char *then;
    size_t count;
};

static void say(struct script *x, const char *before, struct sock__bytes piece,
                const char *behind)
{
    size_t used = strlen(x->text);
    snprintf(x->text + used, sizeof x->text - used, "%s%.*s%s", before,
             (int)piece.size, (const char *)piece.data, behind);
}

static void set(struct sock__terminator *t, const char *bytes)
{
    check_int(sock__terminator_set(t, bytes, strlen(bytes)), 0);
}

static void look(struct script *x, const unsigned char *data, size_t size)
{
    struct sock__bytes rest = {data, size}, piece;
    while (rest.size > 0) {
        bool found = sock__terminator_next(&x->t, &rest, &piece);
        if (!found && piece.size == 0)
            break;
        if (piece.size > 0) /* no empty collect */
            say(x, "[", piece, "]");
        if (!found)
            continue;
        strcat(x->text, "|");
        if (x->then != NULL)
            set(&x->t, x->then);
        else if (x->count > 0)
            sock__terminator_count(&x->t, x->count);
    }
    check_int(sock__terminator_keep(&x->t, rest), 0);
}

static const char *read_all(struct script *x, const char *input)
{
    unsigned char buffer[256];
    x->text[0] = '\0';
    for (const char *p = input; *p != '\0';) {
        size_t kept = sock__terminator_take(&x->t, buffer);
        size_t n = strcspn(p, "+");
        memcpy(buffer + kept, p, n);
        look(x, buffer, kept + n);
        p += n + (p[n] == '+');
    }
    struct sock__bytes kept = {x->t.kept.data, x->t.kept.size};
    if (kept.size > 0)
        say(x, "...", kept, "");
    return x->text;
}

/* As asynchat does, but for what it has no row for: what is held back. */
TEST(terminator, of_bytes)
{
    static const struct {
        const char *terminator, *input, *passed;
    } rows[] = {
        {"\n", "hello\nworld\n", "[hello]|[world]|"},
        {"\n", "hello", "[hello]"},
        {"\n", "\n\n", "||"},
        {"\r\n", "hello\r\nworld", "[hello]|[world]"},
        {"\r\n", "hello\r+\nworld\r", "[hello]|[world]...\r"},
        {"\r\n", "a\rb\r+\r\nc", "[a\rb][\r]|[c]"},
        {"\r\n", "a\r+b", "[a][\rb]"},
        {"qqq", "hello world, I'm not dead yet!qqq",
         "[hello world, I'm not dead yet!]|"},
        {"qqq", "hiqq+q", "[hi]|"},
        {"aab", "xaa+aab", "[x][aa]|"},
        {"aab", "xaa+b", "[x]|"},
        {"aab", "a+a+a+a+b", "[a][a]|"},
        {"abab", "aba+aba+b", "[aba]|"},
        {"abab", "ababab", "|...ab"},
        {"END", "E+N+D", "|"},
        {"END", "E+N+E+N+D", "[EN]|"},
        {"END", "xEN+x", "[x][ENx]"},
        {"x", "", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct script x = {.then = NULL};
        set(&x.t, rows[i].terminator);
        check_str(read_all(&x, rows[i].input), rows[i].passed);
        sock__terminator_end(&x.t);
    }
}

/* However it is cut, the lines are the same. */
TEST(terminator, any_cut)
{
    static const char data[] = "one\r\ntwo\r\r\n\r\nthree\n\r\nfour\r";
    static const char *const lines[] = {"one", "two\r", "", "three\n"};
    for (size_t width = 1; width < sizeof data; width++) {
        struct sock__terminator t = {.size = 0};
        unsigned char buffer[64];
        char line[64] = "";
        size_t n = 0;
        set(&t, "\r\n");
        for (size_t at = 0; at < sizeof data - 1; at += width) {
            size_t size =
                sizeof data - 1 - at < width ? sizeof data - 1 - at : width;
            size_t kept = sock__terminator_take(&t, buffer);
            memcpy(buffer + kept, data + at, size);
            struct sock__bytes rest = {buffer, kept + size}, piece;
            while (rest.size > 0) {
                bool found = sock__terminator_next(&t, &rest, &piece);
                if (!found && piece.size == 0)
                    break;
                strncat(line, (const char *)piece.data, piece.size);
                if (found) {
                    check_str(line, lines[n++]);
                    line[0] = '\0';
                }
            }
            check_int(sock__terminator_keep(&t, rest), 0);
        }
        check_int(n, 4);
        check_str(line, "four");
        check_int(t.kept.size, 1);
        check_int(t.kept.data[0], '\r');
        sock__terminator_end(&t);
    }
}

/* Behind the last of them there is none. */
TEST(terminator, of_a_count)
{
    struct script x = {.then = NULL};
    sock__terminator_count(&x.t, 5);
    check_str(read_all(&x, "abc+def+gh"), "[abc][de]|[f][gh]");
    check_int(x.t.kind, SOCK__TERMINATOR_NONE);
    sock__terminator_count(&x.t, 3);
    check_str(read_all(&x, "ab"), "[ab]");
    check_int(x.t.size, 1);
    sock__terminator_end(&x.t);
}

TEST(terminator, a_count_again_and_again)
{
    struct script x = {.count = 2};
    sock__terminator_count(&x.t, 2);
    check_str(read_all(&x, "abcde+f"), "[ab]|[cd]|[e][f]|");
    sock__terminator_end(&x.t);
}

TEST(terminator, none)
{
    struct script x = {.then = NULL};
    check_str(read_all(&x, "abc+def"), "[abc][def]");
    sock__terminator_count(&x.t, 0);
    check_str(read_all(&x, "abc"), "[abc]");
    check_int(sock__terminator_set(&x.t, "", 0), 0);
    check_str(read_all(&x, "abc"), "[abc]");
    sock__terminator_end(&x.t);
}

/* It holds for the rest of the same read. */
TEST(terminator, changed_when_found)
{
    struct script x = {.then = ";"};
    set(&x.t, "\n");
    check_str(read_all(&x, "a\nb;c\n;d"), "[a]|[b]|[c\n]|[d]");
    sock__terminator_end(&x.t);
    x = (struct script){.count = 3};
    set(&x.t, "\n");
    check_str(read_all(&x, "3\nabc"), "[3]|[abc]|");
    sock__terminator_end(&x.t);
}

/* What was held back is looked at with the new one. */
TEST(terminator, changed_between_reads)
{
    struct script x = {.then = NULL};
    set(&x.t, "\r\n");
    check_str(read_all(&x, "a\r"), "[a]...\r");
    set(&x.t, "\r;");
    check_str(read_all(&x, ";b"), "|[b]");
    set(&x.t, "xyz");
    check_str(read_all(&x, "xy"), "...xy");
    sock__terminator_count(&x.t, 3);
    check_str(read_all(&x, "z!"), "[xyz]|[!]");
    sock__terminator_end(&x.t);
}

TEST(terminator, drops_what_it_kept)
{
    struct sock__terminator t = {.size = 0};
    unsigned char place[8];
    struct sock__bytes rest = {(const unsigned char *)"ab", 2};
    check_int(sock__terminator_keep(&t, rest), 0);
    check_int(sock__terminator_take(&t, place), 2);
    check_bytes(place, "ab", 2);
    check_int(sock__terminator_take(&t, place), 0);
    check_int(sock__terminator_keep(&t, rest), 0);
    sock__terminator_drop(&t);
    check_int(sock__terminator_take(&t, place), 0);
    sock__terminator_end(&t);
}

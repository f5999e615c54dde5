/* SPDX-License-Identifier: MIT */
#include "url_class.h"

#define OF(c, classes) [c] = (classes)
#define LETTER(c)                                                              \
    OF(c, SOCK__URL_ALPHA | SOCK__URL_SCHEME | SOCK__URL_UNRESERVED)
#define HEX_LETTER(c)                                                          \
    OF(c, SOCK__URL_ALPHA | SOCK__URL_HEX | SOCK__URL_SCHEME |                 \
              SOCK__URL_UNRESERVED)
#define DIGIT(c)                                                               \
    OF(c, SOCK__URL_DIGIT | SOCK__URL_HEX | SOCK__URL_SCHEME |                 \
              SOCK__URL_UNRESERVED)
#define SUB(c) OF(c, SOCK__URL_SUB)

/* clang-format off */
const uint16_t sock__url_classes[256] = {
    HEX_LETTER('A'), HEX_LETTER('B'), HEX_LETTER('C'), HEX_LETTER('D'),
    HEX_LETTER('E'), HEX_LETTER('F'), HEX_LETTER('a'), HEX_LETTER('b'),
    HEX_LETTER('c'), HEX_LETTER('d'), HEX_LETTER('e'), HEX_LETTER('f'),
    LETTER('G'), LETTER('H'), LETTER('I'), LETTER('J'), LETTER('K'),
    LETTER('L'), LETTER('M'), LETTER('N'), LETTER('O'), LETTER('P'),
    LETTER('Q'), LETTER('R'), LETTER('S'), LETTER('T'), LETTER('U'),
    LETTER('V'), LETTER('W'), LETTER('X'), LETTER('Y'), LETTER('Z'),
    LETTER('g'), LETTER('h'), LETTER('i'), LETTER('j'), LETTER('k'),
    LETTER('l'), LETTER('m'), LETTER('n'), LETTER('o'), LETTER('p'),
    LETTER('q'), LETTER('r'), LETTER('s'), LETTER('t'), LETTER('u'),
    LETTER('v'), LETTER('w'), LETTER('x'), LETTER('y'), LETTER('z'),
    DIGIT('0'), DIGIT('1'), DIGIT('2'), DIGIT('3'), DIGIT('4'),
    DIGIT('5'), DIGIT('6'), DIGIT('7'), DIGIT('8'), DIGIT('9'),
    OF('-', SOCK__URL_SCHEME | SOCK__URL_UNRESERVED),
    OF('.', SOCK__URL_SCHEME | SOCK__URL_UNRESERVED),
    OF('_', SOCK__URL_UNRESERVED), OF('~', SOCK__URL_UNRESERVED),
    SUB('!'), SUB('$'), SUB('&'), SUB('\''), SUB('('), SUB(')'), SUB('*'),
    OF('+', SOCK__URL_SCHEME | SOCK__URL_SUB), SUB(','), SUB(';'), SUB('='),
    OF(':', SOCK__URL_COLON), OF('@', SOCK__URL_AT),
    OF('/', SOCK__URL_SLASH), OF('?', SOCK__URL_QUESTION),
    OF('#', SOCK__URL_HASH),
    OF('\0', SOCK__URL_STOP), OF('\t', SOCK__URL_STOP),
    OF('\r', SOCK__URL_STOP), OF('\n', SOCK__URL_STOP),
};
/* clang-format on */

size_t sock__url_scheme(const char *text)
{
    size_t n = 0;

    if (!sock__url_is(text[0], SOCK__URL_ALPHA))
        return 0;
    while (sock__url_is(text[n], SOCK__URL_SCHEME))
        n++;
    return text[n] == ':' ? n : 0;
}

/* How far it is to one of these. */
static inline size_t until(const char *text, unsigned classes)
{
    size_t n = 0;
    while (!sock__url_is(text[n], classes | SOCK__URL_STOP))
        n++;
    return n;
}

bool sock__url_scan(struct sock__url_parts *parts, const char *text)
{
    struct sock__url_parts p = {.scheme_len = sock__url_scheme(text)};
    size_t i = p.scheme_len > 0 ? p.scheme_len + 1 : 0;

    if (text[i] == '/' && text[i + 1] == '/') {
        p.netloc = i + 2;
        p.netloc_len =
            until(text + p.netloc,
                  SOCK__URL_SLASH | SOCK__URL_QUESTION | SOCK__URL_HASH);
        i = p.netloc + p.netloc_len;
    }
    p.path = i;
    p.path_len = until(text + i, SOCK__URL_QUESTION | SOCK__URL_HASH);
    i += p.path_len;
    if (text[i] == '?') {
        p.query = i + 1;
        p.query_len = until(text + p.query, SOCK__URL_HASH);
        i = p.query + p.query_len;
    }
    if (text[i] == '#') {
        p.fragment = i + 1;
        p.fragment_len = until(text + p.fragment, 0);
        i = p.fragment + p.fragment_len;
    }
    p.end = i;
    *parts = p;
    return text[i] == '\0';
}

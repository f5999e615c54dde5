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
#define HIGH(c) OF(c, SOCK__URL_HIGH)
#define HIGH4(c) HIGH(c), HIGH((c) + 1), HIGH((c) + 2), HIGH((c) + 3)
#define HIGH8(c) HIGH4(c), HIGH4((c) + 4)

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
    OF('[', SOCK__URL_BRACKET), OF(']', SOCK__URL_BRACKET),
    HIGH8(0x80), HIGH8(0x88), HIGH8(0x90), HIGH8(0x98), HIGH8(0xa0),
    HIGH8(0xa8), HIGH8(0xb0), HIGH8(0xb8), HIGH8(0xc0), HIGH8(0xc8),
    HIGH8(0xd0), HIGH8(0xd8), HIGH8(0xe0), HIGH8(0xe8), HIGH8(0xf0),
    HIGH8(0xf8),
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

static size_t scan_netloc(struct sock__url_parts *p, const char *text)
{
    const unsigned ends =
        SOCK__URL_SLASH | SOCK__URL_QUESTION | SOCK__URL_HASH | SOCK__URL_STOP;
    unsigned c, all = 0;
    size_t i = p->netloc;

    while (((c = sock__url_classes[(unsigned char)text[i]]) & ends) == 0) {
        all |= c;
        i++;
    }
    p->netloc_classes = all;
    p->netloc_len = i - p->netloc;
    return i;
}

bool sock__url_scan(struct sock__url_parts *parts, const char *text)
{
    struct sock__url_parts p = {.scheme_len = sock__url_scheme(text)};
    size_t i = p.scheme_len > 0 ? p.scheme_len + 1 : 0;

    if (text[i] == '/' && text[i + 1] == '/') {
        p.netloc = i + 2;
        i = scan_netloc(&p, text);
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

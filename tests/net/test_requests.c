/* SPDX-License-Identifier: MIT */
/*
 * Requests as they lie on the wire, and what becomes of them: what eleven
 * servers were tried with, bugs that http-garden has found in servers and
 * proxies, and cases of other parsers' suites. Each is read whole, byte by
 * byte, and cut off at every byte.
 */
#include "messages.h"

struct row {
    const char *name, *raw;
    size_t size;
    int result;       /* ACCEPTED, or the status that refuses it */
    const char *rest; /* behind an accepted one: what follows it */
    const char *body; /* of an accepted one */
};

#define TURNED_DOWN(status, name, raw)                                         \
    {                                                                          \
        name, raw, sizeof(raw) - 1, status, "", ""                             \
    }
#define TAKEN(name, raw, body, rest)                                           \
    {                                                                          \
        name, raw rest, sizeof(raw rest) - 1, ACCEPTED, rest, body             \
    }

#define GET "GET / HTTP/1.1\r\n"
#define POST "POST /a HTTP/1.1\r\n"
#define HOST "Host: a\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"
#define NEXT GET HOST "\r\n"

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct row *row = &rows[i];
        struct outcome o = read_all_ways(row->name, NULL, row->raw, row->size);
        check_that(o.result == row->result, "%s: %d, not %d", row->name,
                   o.result, row->result);
        if (o.result != ACCEPTED)
            continue;
        check_that(o.taken + strlen(row->rest) == row->size,
                   "%s: ends at %zu of %zu", row->name, o.taken, row->size);
        check_that(strcmp(o.body, row->body) == 0, "%s: body %s", row->name,
                   o.body);
    }
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof(rows)[0])

/* --- What eleven servers were tried with -------------------------------- */

static const struct row lengths[] = {
    TURNED_DOWN(400, "both framings",
                POST HOST "Content-Length: 5\r\n" CHUNKED "\r\n0\r\n\r\n" NEXT),
    TURNED_DOWN(400, "both framings, the other order",
                POST HOST CHUNKED "Content-Length: 5\r\n\r\n0\r\n\r\n" NEXT),
    TURNED_DOWN(400, "lengths differ",
                POST HOST "Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc"),
    TURNED_DOWN(400, "the same length twice",
                POST HOST "Content-Length: 2\r\nContent-Length: 2\r\n\r\nab"),
    TURNED_DOWN(400, "+2", POST HOST "Content-Length: +2\r\n\r\nab" NEXT),
    TURNED_DOWN(400, "-1", POST HOST "Content-Length: -1\r\n\r\n" NEXT),
    TURNED_DOWN(400, "2_0", POST HOST "Content-Length: 2_0\r\n\r\nab" NEXT),
    TURNED_DOWN(400, "0x2", POST HOST "Content-Length: 0x2\r\n\r\nab" NEXT),
    TURNED_DOWN(400, "2, 2", POST HOST "Content-Length: 2, 2\r\n\r\nab" NEXT),
    TURNED_DOWN(400, "2,3", POST HOST "Content-Length: 2,3\r\n\r\nab" NEXT),
    TURNED_DOWN(400, "no number", POST HOST "Content-Length: \r\n\r\n" NEXT),
    TURNED_DOWN(400, "2;", POST HOST "Content-Length: 2;\r\n\r\nab"),
    TURNED_DOWN(400, "2.0", POST HOST "Content-Length: 2.0\r\n\r\nab"),
    TURNED_DOWN(400, "1 2", POST HOST "Content-Length: 1 2\r\n\r\nab"),
    TURNED_DOWN(400, "another script's digit",
                POST HOST "Content-Length: \xd9\xa2\r\n\r\nab"),
    TURNED_DOWN(400, "a length with VT before it",
                POST HOST "Content-Length: \v2\r\n\r\nab"),
    TURNED_DOWN(413, "2^63",
                POST HOST "Content-Length: 9223372036854775808\r\n\r\n"),
    TURNED_DOWN(413, "2^64 + 2",
                POST HOST "Content-Length: 18446744073709551618\r\n\r\nab"),
    TURNED_DOWN(413, "10^23",
                POST HOST "Content-Length: 100000000000000000000000\r\n\r\n"),
    TAKEN("a length", POST HOST "Content-Length: 2\r\n\r\nab", "ab", NEXT),
    TAKEN("a length with zeros before it",
          POST HOST "Content-Length: 0002\r\n\r\nab", "ab", NEXT),
    TAKEN("a length between blanks",
          POST HOST "cOntent-lengtH: \t 2 \t\r\n\r\nab", "ab", NEXT),
    TAKEN("no length", POST HOST "\r\n", "", NEXT),
    TAKEN("a length of nothing", POST HOST "Content-Length: 0\r\n\r\n", "",
          NEXT),
    TAKEN("GET with a body", GET HOST "Content-Length: 2\r\n\r\nab", "ab",
          NEXT),
};

TEST(requests, lengths)
{
    CHECK_ROWS(lengths);
}

static const struct row codings[] = {
    TURNED_DOWN(501, "xchunked",
                POST HOST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    /* A control character is no part of any value, so 400 comes before 501. */
    TURNED_DOWN(400, "VT before chunked",
                POST HOST "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n"),
    TURNED_DOWN(501, "chunked, chunked",
                POST HOST "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n"),
    TURNED_DOWN(501, "chunked in two fields",
                POST HOST CHUNKED CHUNKED "\r\n0\r\n\r\n" NEXT),
    TURNED_DOWN(501, "gzip, chunked",
                POST HOST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    TURNED_DOWN(501, "chunked, gzip",
                POST HOST "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"),
    TURNED_DOWN(501, "identity",
                POST HOST "Transfer-Encoding: identity\r\n\r\n"),
    TURNED_DOWN(501, "no coding", POST HOST "Transfer-Encoding: \r\n\r\n"),
    TURNED_DOWN(501, "a comma before chunked",
                POST HOST "Transfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n"),
    TURNED_DOWN(501, "a comma behind chunked",
                POST HOST "Transfer-Encoding: chunked,\r\n\r\n0\r\n\r\n"),
    TURNED_DOWN(501, "chunked with a parameter",
                POST HOST "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n"),
    TURNED_DOWN(501, "chunked in quotes",
                POST HOST "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"),
    TURNED_DOWN(501, "0xA0 around chunked",
                POST HOST "Transfer-Encoding: \xa0"
                          "chunked\xa0\r\n\r\n0\r\n\r\n"),
    TURNED_DOWN(501, "0x85 behind chunked",
                POST HOST "Transfer-Encoding: chunked\x85\r\n\r\n0\r\n\r\n"),
    TURNED_DOWN(501, "0xFF around chunked",
                POST HOST "Transfer-Encoding: \xff"
                          "chunked\xff\r\n\r\n1\r\nZ\r\n0\r\n\r\n"),
    TURNED_DOWN(400, "in HTTP/1.0",
                "POST / HTTP/1.0\r\n" CHUNKED "\r\n0\r\n\r\n" NEXT),
    TURNED_DOWN(400, "xchunked in HTTP/1.0",
                "POST / HTTP/1.0\r\nTransfer-Encoding: xchunked\r\n\r\n"),
    TURNED_DOWN(400, "a blank before its colon",
                POST HOST "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
    TURNED_DOWN(400, "a tab before its colon",
                POST HOST "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n"),
    TURNED_DOWN(400, "a blank before its name",
                POST HOST " Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    TURNED_DOWN(400, "folded",
                POST HOST "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"),
    TAKEN("another name", POST HOST "Transfer_Encoding: chunked\r\n\r\n", "",
          "0\r\n\r\n"),
    TAKEN("CHUNKED", POST HOST "TRANSFER-ENCODING:CHUNKED\r\n\r\n0\r\n\r\n", "",
          NEXT),
    TAKEN("chunked", POST HOST CHUNKED "\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
          "abcde", NEXT),
};

TEST(requests, codings)
{
    CHECK_ROWS(codings);
}

#define BODY POST HOST CHUNKED "\r\n"

static const struct row chunks[] = {
    TURNED_DOWN(400, "0x2", BODY "0x2\r\nab\r\n0\r\n\r\n" NEXT),
    TURNED_DOWN(400, "+2", BODY "+2\r\nab\r\n0\r\n\r\n" NEXT),
    TURNED_DOWN(400, "-2", BODY "-2\r\nab\r\n0\r\n\r\n" NEXT),
    TURNED_DOWN(400, " 2", BODY " 2\r\nab\r\n0\r\n\r\n" NEXT),
    TURNED_DOWN(400, "2 ", BODY "2 \r\nab\r\n0\r\n\r\n" NEXT),
    TURNED_DOWN(400, "0_2", BODY "0_2\r\nab\r\n0\r\n\r\n" NEXT),
    TURNED_DOWN(400, "2^64 + 2",
                BODY "10000000000000002\r\nab\r\n0\r\n\r\n" NEXT),
    TURNED_DOWN(400, "2^63", BODY "8000000000000000\r\nab\r\n0\r\n\r\n"),
    TURNED_DOWN(400, "a zero too many",
                BODY "00000000000000002\r\nab\r\n0\r\n\r\n"),
    TURNED_DOWN(400, "LF ends the size", BODY "2\nab\r\n0\r\n\r\n" NEXT),
    TURNED_DOWN(400, "LF ends the data", BODY "2\r\nab\n0\r\n\r\n" NEXT),
    TURNED_DOWN(400, "LF ends the last size", BODY "2\r\nab\r\n0\n\r\n" NEXT),
    TURNED_DOWN(400, "LF ends the body", BODY "2\r\nab\r\n0\r\n\n" NEXT),
    TURNED_DOWN(400, "CR ends the size", BODY "2\rab\r\n0\r\n\r\n" NEXT),
    TURNED_DOWN(400, "LF in an extension", BODY "2;a\nab\r\n0\r\n\r\n" NEXT),
    TURNED_DOWN(400, "CR in an extension",
                BODY "2;a\rb\r\nab\r\n0\r\n\r\n" NEXT),
    TURNED_DOWN(400, "two CR behind an extension",
                BODY "2;a=b\r\r\nab\r\n0\r\n\r\n" NEXT),
    TURNED_DOWN(400, "NUL in an extension",
                BODY "2;a\0b\r\nab\r\n0\r\n\r\n" NEXT),
    TURNED_DOWN(400, "DEL in an extension",
                BODY "2;a\x7f\r\nab\r\n0\r\n\r\n" NEXT),
    TURNED_DOWN(400, "CR before a semicolon",
                BODY "2\r\r;a\r\n02\r\n41\r\n0\r\n\r\n" NEXT),
    TURNED_DOWN(400, "data without CR LF", BODY "2\r\nab0\r\n\r\n" NEXT),
    TURNED_DOWN(400, "data longer than its size",
                BODY "2\r\nabcd\r\n0\r\n\r\n" NEXT),
    TURNED_DOWN(400, "no size", BODY "\r\n\r\n" NEXT),
    TURNED_DOWN(400, "an extension without a size", BODY ";a\r\n\r\n" NEXT),
    TURNED_DOWN(400, "no size but letters", BODY "Z\r\nZZ\r\nZZZ\r\n\r\n"),
    TURNED_DOWN(400, "a word behind the size", BODY "1these\r\nZ\r\n0\r\n\r\n"),
    TURNED_DOWN(400, "a word behind a blank",
                BODY "2 erf\r\naa\r\n0 rrr\r\n\r\n"),
    TURNED_DOWN(400, "a blank in the size", BODY "1 0\r\nab\r\n0\r\n\r\n"),
    TURNED_DOWN(400, "blanks before the last", BODY "       0\r\n\r\n" NEXT),
    TURNED_DOWN(400, "-0x0", BODY "-0x0\r\n\r\n" NEXT),
    TURNED_DOWN(400, "an empty line between chunks",
                BODY "2\r\nab\r\n\r\n0\r\n\r\n" NEXT),
    TURNED_DOWN(400, "CR and another byte", BODY "1\r0\n" NEXT),
    TURNED_DOWN(400, "other bytes end the body", BODY "0\r\nXX" NEXT),
    TURNED_DOWN(400, "no chunk at all", BODY "INVALID!!!\r\n" NEXT),
    TURNED_DOWN(400, "a trailer without a colon", BODY "0\r\nabc\r\n\r\n" NEXT),
    TURNED_DOWN(400, "a folded trailer", BODY "0\r\nA: b\r\n c\r\n\r\n" NEXT),
    TURNED_DOWN(400, "a trailer that ends in LF",
                BODY "0\r\nA: b\nC: d\r\n\r\n" NEXT),
    TURNED_DOWN(400, "NUL in a trailer", BODY "0\r\nA: \0\r\n\r\n" NEXT),
    TURNED_DOWN(400, "a size that goes on", BODY "2\r\nab\r\n0\r\r\n\r\n" NEXT),
    TAKEN("three zeros", BODY "5\r\nhello\r\n000\r\n\r\n", "hello", NEXT),
    TAKEN("small digits", BODY "a\r\n0123456789\r\n0\r\n\r\n", "0123456789",
          NEXT),
    TAKEN("large digits", BODY "A\r\n0123456789\r\n0\r\n\r\n", "0123456789",
          NEXT),
    TAKEN("sixteen digits", BODY "0000000000000001\r\na\r\n0\r\n\r\n", "a",
          NEXT),
    TAKEN("extensions", BODY "2;a=b;c=\"d e\";f\r\nab\r\n0;g\r\n\r\n", "ab",
          NEXT),
    TAKEN("an extension behind a blank", BODY "2 ;a\r\nab\r\n0\t;\r\n\r\n",
          "ab", NEXT),
    TAKEN("an extension that is empty", BODY "2;\r\nab\r\n0;\r\n\r\n", "ab",
          NEXT),
    TAKEN("quotes that no one closes", BODY "2;a=\"b; c\r\nab\r\n0\r\n\r\n",
          "ab", NEXT),
    TAKEN("a trailer like a request", BODY "0\r\nX:POST / HTTP/1.1\r\n\r\n", "",
          NEXT),
    TAKEN("trailers", BODY "2\r\nab\r\n0\r\nVary: *\r\nA:\r\n\r\n", "ab", NEXT),
    TAKEN("data like a request",
          BODY "17\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n"
               "\r\n0\r\n\r\n",
          "0\r\n\r\nGET / HTTP/1.1\r\n\r\n", NEXT),
};

TEST(requests, chunks)
{
    CHECK_ROWS(chunks);
}

static const struct row fields[] = {
    TURNED_DOWN(400, "CR in a value", GET HOST "A: b\rc\r\n\r\n" NEXT),
    TURNED_DOWN(400, "CR between fields", GET "A: b\rHost: a\r\n\r\n" NEXT),
    TURNED_DOWN(400, "two CR", GET HOST "A: b\r\r\n\r\n" NEXT),
    TURNED_DOWN(400, "CR and another byte for a line",
                GET HOST "\rZGET /evil: HTTP/1.1\r\nHost: a\r\n\r\n"),
    TURNED_DOWN(400, "NUL in a value", GET HOST "A: b\0c\r\n\r\n" NEXT),
    TURNED_DOWN(400, "NUL ends a value", GET HOST "A: b\0\r\n\r\n" NEXT),
    TURNED_DOWN(400, "NUL in a host",
                GET "Host: google.test\0.example\r\n\r\n" NEXT),
    TURNED_DOWN(400, "NUL and CR", GET HOST "A: v\0\ralue\r\n\r\n" NEXT),
    TURNED_DOWN(400, "VT in a value", GET HOST "A: b\vc\r\n\r\n" NEXT),
    TURNED_DOWN(400, "ESC in a value", GET HOST "A: \x1b[0m\r\n\r\n" NEXT),
    TURNED_DOWN(400, "DEL in a value", GET HOST "A: b\x7f\r\n\r\n" NEXT),
    TURNED_DOWN(400, "LF for one line", GET HOST "A: b\nC: d\r\n\r\n" NEXT),
    TURNED_DOWN(400, "LF hides a length",
                GET HOST "A: x\nContent-Length: 23\r\n\r\n" NEXT),
    TURNED_DOWN(400, "LF hides a coding",
                POST HOST "x:x\n" CHUNKED "\r\n1\r\nA\r\n0\r\n\r\n"),
    TURNED_DOWN(400, "LF in a name", GET HOST "Te\nst: t\r\n\r\n" NEXT),
    TURNED_DOWN(400, "LF behind an empty value",
                POST HOST "x:\n" CHUNKED "\r\n1\r\nA\r\n0\r\n\r\n"),
    TURNED_DOWN(400, "two LF for a value",
                GET HOST "Useless:\n\nGET / HTTP/1.1\r\n\r\n"),
    TURNED_DOWN(400, "LF for the blank line", GET HOST "\n" NEXT),
    TURNED_DOWN(400, "LF for the first line",
                "GET / HTTP/1.1\nHost: a\r\n\r\n" NEXT),
    TURNED_DOWN(400, "a folded value", GET HOST "A: b\r\n c\r\n\r\n" NEXT),
    TURNED_DOWN(400, "folded by a tab", GET HOST "A: b\r\n\tc\r\n\r\n" NEXT),
    TURNED_DOWN(400, "folded into nothing", GET HOST "A: b\r\n \r\n\r\n" NEXT),
    TURNED_DOWN(400, "a length behind a fold",
                POST HOST "Foo: bar\r\n Content-Length: 38\r\n\r\n" NEXT),
    TURNED_DOWN(400, "a blank begins the first field",
                GET " Host: a\r\n\r\n" NEXT),
    TURNED_DOWN(400, "a tab begins the first field",
                GET "\tContent-Length: 1\r\n\r\nX" NEXT),
    TURNED_DOWN(400, "a name of two lines",
                POST HOST "Transfer-\r\nEncoding: chunked\r\n\r\n"),
    TURNED_DOWN(400, "a colon on its own line",
                GET HOST "name\r\n : value\r\n\r\n" NEXT),
    TURNED_DOWN(400, "a blank before the colon", GET "Host : a\r\n\r\n" NEXT),
    TURNED_DOWN(400, "a blank before a length's colon",
                POST HOST "Content-Length : 2\r\n\r\nab" NEXT),
    TURNED_DOWN(400, "a blank in a name", GET HOST "A b: c\r\n\r\n" NEXT),
    TURNED_DOWN(400, "no colon", GET HOST "abc\r\n\r\n" NEXT),
    TURNED_DOWN(400, "no colon, but a blank",
                GET HOST "Content-Length 10\r\n\r\n0123456789"),
    TURNED_DOWN(400, "an empty name", GET HOST ": b\r\n\r\n" NEXT),
    TURNED_DOWN(400, "neither name nor value",
                GET ":\r\nI: am chopped off\r\nHost: a\r\n\r\n" NEXT),
    TURNED_DOWN(400, "0x85 ends a name",
                GET HOST "Content-Length\x85: 10\r\n\r\n0123456789"),
    TURNED_DOWN(400, "0xEF begins a name",
                GET HOST "\xef"
                         "oo: b\r\n\r\n" NEXT),
    TURNED_DOWN(400, "a name with @", GET HOST "Fo@: b\r\n\r\n" NEXT),
    TURNED_DOWN(400, "a name with a control",
                GET HOST "Foo\x01: b\r\n\r\n" NEXT),
    TURNED_DOWN(400, "NUL for a colon", GET "a:b\r\nc\0\r\n\r\n" NEXT),
    TURNED_DOWN(400, "a name with NUL", GET HOST "a\0b: c\r\n\r\n" NEXT),
    TURNED_DOWN(400, "a name in quotes", GET HOST "\"a\": c\r\n\r\n" NEXT),
    TURNED_DOWN(400, "a name with brackets", GET HOST "a(b): c\r\n\r\n" NEXT),
    TURNED_DOWN(400, "a start line among the fields",
                GET HOST "GET /b HTTP/1.1\r\n\r\n" NEXT),
    TAKEN("an empty value", GET HOST "A:\r\nB: \t \r\n\r\n", "", NEXT),
    TAKEN("a colon in a value", GET HOST "A::b:\r\n\r\n", "", NEXT),
    TAKEN("all that names can be", GET HOST "!#$%&'*+-.^_`|~09azAZ: b\r\n\r\n",
          "", NEXT),
    TAKEN("bytes over 127 in a value",
          GET HOST "A: D\xfcsseldorf\xff\x80\r\n\r\n", "", NEXT),
    TAKEN("tabs in a value", GET HOST "A: b\t\tc\r\n\r\n", "", NEXT),
    TAKEN("a field twice", GET HOST "A: b\r\na: c\r\n\r\n", "", NEXT),
};

TEST(requests, fields)
{
    CHECK_ROWS(fields);
}

static const struct row hosts[] = {
    TURNED_DOWN(400, "missing", GET "\r\n" NEXT),
    TURNED_DOWN(400, "missing, but others are there",
                GET "X-Host: a\r\nHosts: b\r\n\r\n" NEXT),
    TURNED_DOWN(400, "twice", GET HOST "Host: b\r\n\r\n" NEXT),
    TURNED_DOWN(400, "the same twice", GET HOST HOST "\r\n" NEXT),
    TURNED_DOWN(400, "twice in HTTP/1.0",
                "GET / HTTP/1.0\r\n" HOST "Host: b\r\n\r\n"),
    TURNED_DOWN(400, "empty", GET "Host:\r\n\r\n" NEXT),
    TURNED_DOWN(400, "empty in HTTP/1.0", "GET / HTTP/1.0\r\nHost: \r\n\r\n"),
    TURNED_DOWN(400, "a b", GET "Host: a b\r\n\r\n" NEXT),
    TURNED_DOWN(400, "u@h", GET "Host: u@h\r\n\r\n" NEXT),
    TURNED_DOWN(400, "a/b", GET "Host: a/b\r\n\r\n" NEXT),
    TURNED_DOWN(400, "a?b", GET "Host: a?b\r\n\r\n" NEXT),
    TURNED_DOWN(400, "a#b", GET "Host: a#b\r\n\r\n" NEXT),
    TURNED_DOWN(400, "a\\b", GET "Host: a\\b\r\n\r\n" NEXT),
    TURNED_DOWN(400, "http://a", GET "Host: http://a\r\n\r\n" NEXT),
    TURNED_DOWN(400, "a:b", GET "Host: a:b\r\n\r\n" NEXT),
    TURNED_DOWN(400, "a:-1", GET "Host: a:-1\r\n\r\n" NEXT),
    TURNED_DOWN(400, "a:80:80", GET "Host: a:80:80\r\n\r\n" NEXT),
    TURNED_DOWN(400, "a:65536", GET "Host: a:65536\r\n\r\n" NEXT),
    TURNED_DOWN(400, "a:2^64", GET "Host: a:18446744073709551696\r\n\r\n"),
    TURNED_DOWN(400, ":80", GET "Host: :80\r\n\r\n" NEXT),
    TURNED_DOWN(400, "::1", GET "Host: ::1\r\n\r\n" NEXT),
    TURNED_DOWN(400, "[::1", GET "Host: [::1\r\n\r\n" NEXT),
    TURNED_DOWN(400, "[::1]x", GET "Host: [::1]x\r\n\r\n" NEXT),
    TURNED_DOWN(400, "[a]", GET "Host: [a]\r\n\r\n" NEXT),
    TURNED_DOWN(400, "[]", GET "Host: []\r\n\r\n" NEXT),
    TURNED_DOWN(400, "[1.2.3.4]", GET "Host: [1.2.3.4]\r\n\r\n" NEXT),
    TURNED_DOWN(400, "[fe80::1%25eth0]",
                GET "Host: [fe80::1%25eth0]\r\n\r\n" NEXT),
    TURNED_DOWN(400, "an address longer than any",
                GET "Host: [0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"
                    "]\r\n\r\n" NEXT),
    TURNED_DOWN(400, "a%", GET "Host: a%\r\n\r\n" NEXT),
    TURNED_DOWN(400, "a%4", GET "Host: a%4\r\n\r\n" NEXT),
    TURNED_DOWN(400, "a%4g", GET "Host: a%4g\r\n\r\n" NEXT),
    TURNED_DOWN(400, "bytes over 127",
                GET "Host: \xff"
                    "a\xff\r\n\r\n" NEXT),
    TAKEN("missing in HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", "", NEXT),
    TAKEN("a name and a port", GET "Host: a.example:8080\r\n\r\n", "", NEXT),
    TAKEN("a colon without a port", GET "Host: a:\r\n\r\n", "", NEXT),
    TAKEN("port 0", GET "Host: a:0\r\n\r\n", "", NEXT),
    TAKEN("port 65535", GET "Host: a:065535\r\n\r\n", "", NEXT),
    TAKEN("an IPv4 address", GET "Host: 127.0.0.1:80\r\n\r\n", "", NEXT),
    TAKEN("an IPv6 address", GET "Host: [::1]:80\r\n\r\n", "", NEXT),
    TAKEN("an IPv6 address without a port", GET "Host: [fe80::1]\r\n\r\n", "",
          NEXT),
    TAKEN("what a name can have", GET "Host: a_-~!$&'()*+,;=%41\r\n\r\n", "",
          NEXT),
};

TEST(requests, hosts)
{
    CHECK_ROWS(hosts);
}

static const struct row lines[] = {
    TURNED_DOWN(400, "two blanks", "GET  / HTTP/1.1\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "two blanks behind", "GET /  HTTP/1.1\r\n" HOST "\r\n"),
    TURNED_DOWN(400, "tabs", "GET\t/\tHTTP/1.1\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "a blank before", " GET / HTTP/1.1\r\n" HOST "\r\n"),
    TURNED_DOWN(400, "a blank at its end",
                "GET / HTTP/1.1 \r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "CR behind the version",
                "GET / HTTP/1.1\r" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "two CR", "GET / HTTP/1.1\r\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(505, "HTTP/2.0", "GET / HTTP/2.0\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(505, "HTTP/0.9", "GET / HTTP/0.9\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(505, "HTTP/5.6", "GET / HTTP/5.6\r\n\r\n"),
    TURNED_DOWN(400, "the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n"),
    TURNED_DOWN(400, "HTTP/1.10", "GET / HTTP/1.10\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "HTTP/1.32", "GET /test HTTP/1.32\r\n\r\n"),
    TURNED_DOWN(400, "HTTP/01.1", "GET / HTTP/01.1\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "HTTP/11.1", "GET / HTTP/11.1\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "HTTP/1.", "GET / HTTP/1.\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "HTTP/1", "GET / HTTP/1\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "HTTP/", "GET / HTTP/\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "HTTP/ and CR", "GET / HTTP/\r\r1.1\r\n\r\n"),
    TURNED_DOWN(400, "HTTP/-1.1", "GET / HTTP/-1.1\r\n" HOST "\r\n"),
    TURNED_DOWN(400, "HTTP/1,1", "GET / HTTP/1,1\r\n" HOST "\r\n"),
    TURNED_DOWN(400, "HTTP/4294967295.255",
                "GET / HTTP/4294967295.255\r\n\r\n"),
    TURNED_DOWN(400, "a version of dots",
                "\0 / HTTP/............0596.7407.\r\n\r\n"),
    TURNED_DOWN(400, "http/1.1", "GET / http/1.1\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "RTSP/1.0", "PUT /music RTSP/1.0\r\n" HOST "\r\n"),
    TURNED_DOWN(400, "IHTTP/1.0", "GET /music IHTTP/1.0\r\n" HOST "\r\n"),
    TURNED_DOWN(400, "no version", "GET /\r\n" NEXT),
    TURNED_DOWN(400, "no version, by hand", "GET /\n"),
    TURNED_DOWN(400, "no version, but a blank", "GET / \r\n" NEXT),
    TURNED_DOWN(400, "no target", "GET HTTP/1.1\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "a method alone", "GET\r\n\r\n"),
    TURNED_DOWN(400, "LF for a blank", "GET /\nHTTP/1.1\r\n\r\n"),
    TURNED_DOWN(400, "a method of other characters",
                "G=\":<>(e),[T];?\" /get HTTP/1.1\r\n\r\n"),
    TURNED_DOWN(400, "a method with NUL", "G\0T / HTTP/1.1\r\n" HOST "\r\n"),
    TURNED_DOWN(400, "a method over 127", "G\xc9T / HTTP/1.1\r\n" HOST "\r\n"),
    TURNED_DOWN(400, "two empty lines before", "\r\n\r\n" NEXT),
    TURNED_DOWN(400, "LF before", "\n" NEXT),
    TURNED_DOWN(400, "CR before", "\r" NEXT),
    TURNED_DOWN(400, "a handshake of TLS", "\x16\x03\x01\x02\x00\x01\x00"),
    TURNED_DOWN(400, "a response", "HTTP/1.1 200 OK\r\n\r\n"),
    TAKEN("an empty line before", "\r\n" NEXT, "", NEXT),
    TAKEN("another method", "M-SEARCH / HTTP/1.1\r\n" HOST "\r\n", "", NEXT),
    TAKEN("a small method", "get / HTTP/1.1\r\n" HOST "\r\n", "", NEXT),
    TAKEN("HTTP/1.9", "GET / HTTP/1.9\r\n" HOST "\r\n", "", NEXT),
};

TEST(requests, lines)
{
    CHECK_ROWS(lines);
}

static const struct row targets[] = {
    TURNED_DOWN(400, "a blank", "GET /a b HTTP/1.1\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "a tab", "GET /a\tb HTTP/1.1\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "NUL", "GET /a\0b HTTP/1.1\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "DEL", "GET /\x7f HTTP/1.1\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "CR", "GET /\rb HTTP/1.1\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "ESC", "GET /\x1b HTTP/1.1\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "0x80", "GET /\x80 HTTP/1.1\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "UTF-8", "GET /\xc3\xa4 HTTP/1.1\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "a fragment", "GET /a#b HTTP/1.1\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "a backslash", "GET /a\\b HTTP/1.1\r\n" HOST "\r\n"),
    TURNED_DOWN(400, "no slash", "GET a HTTP/1.1\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "!", "GET ! HTTP/1.1\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "?", "GET ?a HTTP/1.1\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "GET *", "GET * HTTP/1.1\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "OPTIONS *a", "OPTIONS *a HTTP/1.1\r\n" HOST "\r\n"),
    TURNED_DOWN(400, "options *", "options * HTTP/1.1\r\n" HOST "\r\n"),
    TURNED_DOWN(400, "another scheme",
                "GET ftp://a/ HTTP/1.1\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "file:", "GET file:///etc HTTP/1.1\r\n" HOST "\r\n"),
    TURNED_DOWN(400, "one slash", "GET http:/a HTTP/1.1\r\n" HOST "\r\n"),
    TURNED_DOWN(400, "a scheme alone", "GET http: HTTP/1.1\r\n" HOST "\r\n"),
    TURNED_DOWN(400, "no host", "GET http:// HTTP/1.1\r\n" HOST "\r\n"),
    TURNED_DOWN(400, "no host but a path",
                "GET http:///a HTTP/1.1\r\n" HOST "\r\n"),
    TURNED_DOWN(400, "no host but a query",
                "GET http://?a HTTP/1.1\r\n" HOST "\r\n"),
    TURNED_DOWN(400, "a user", "GET http://u:p@a/ HTTP/1.1\r\n" HOST "\r\n"),
    TURNED_DOWN(400, "a bad port", "GET http://a:b/ HTTP/1.1\r\n" HOST "\r\n"),
    TURNED_DOWN(400, "absolute without Host",
                "GET http://a/ HTTP/1.1\r\n\r\n" NEXT),
    TURNED_DOWN(400, "absolute with a bad Host",
                "GET http://a/ HTTP/1.1\r\nHost: b c\r\n\r\n" NEXT),
    TURNED_DOWN(400, "CONNECT to a path",
                "CONNECT / HTTP/1.1\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "CONNECT to a URL",
                "CONNECT http://a/ HTTP/1.1\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "CONNECT to *", "CONNECT * HTTP/1.1\r\n" HOST "\r\n"),
    TURNED_DOWN(400, "CONNECT without a port",
                "CONNECT a HTTP/1.1\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "CONNECT with an empty port",
                "CONNECT a: HTTP/1.1\r\n" HOST "\r\n" NEXT),
    TURNED_DOWN(400, "GET of an authority",
                "GET a:80 HTTP/1.1\r\n" HOST "\r\n" NEXT),
    TAKEN("OPTIONS *", "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", "", NEXT),
    TAKEN("CONNECT", "CONNECT a:443 HTTP/1.1\r\n" HOST "\r\n", "", NEXT),
    TAKEN("CONNECT to IPv6", "CONNECT [::1]:443 HTTP/1.1\r\n" HOST "\r\n", "",
          NEXT),
    TAKEN("quotes", "GET /with_\"lovely\"_quotes HTTP/1.1\r\n" HOST "\r\n", "",
          NEXT),
    TAKEN("what RFC 3986 has not", "GET /<>^`{|}[] HTTP/1.1\r\n" HOST "\r\n",
          "", NEXT),
    TAKEN("two question marks",
          "GET /test.cgi?foo=bar?baz HTTP/1.1\r\n" HOST "\r\n", "", NEXT),
    TAKEN("two slashes", "GET //a HTTP/1.1\r\n" HOST "\r\n", "", NEXT),
    TAKEN("percent", "GET /%00%zz% HTTP/1.1\r\n" HOST "\r\n", "", NEXT),
    TAKEN("absolute", "GET http://b:80/c?d HTTP/1.1\r\n" HOST "\r\n", "", NEXT),
    TAKEN("absolute without a path", "GET HTTPS://b HTTP/1.1\r\n" HOST "\r\n",
          "", NEXT),
    TAKEN("absolute with a query alone",
          "GET http://b?hail=all HTTP/1.1\r\n" HOST "\r\n", "", NEXT),
};

TEST(requests, targets)
{
    CHECK_ROWS(targets);
}

static const struct row others[] = {
    TURNED_DOWN(417, "another expectation",
                POST HOST "Expect: 200-ok\r\nContent-Length: 0\r\n\r\n" NEXT),
    TURNED_DOWN(417, "no expectation", GET HOST "Expect:\r\n\r\n" NEXT),
    TURNED_DOWN(417, "two expectations",
                POST HOST "Expect: 100-continue, other\r\n\r\n" NEXT),
    TURNED_DOWN(417, "an expectation twice",
                GET HOST
                "Expect: 100-continue\r\nExpect: 100-continue\r\n\r\n"),
    TURNED_DOWN(417, "another expectation in HTTP/1.0",
                "GET / HTTP/1.0\r\nExpect: x\r\n\r\n"),
    TURNED_DOWN(400, "LF and a length",
                "POST / HTTP/1.1\nHost: a\nContent-Length: 2\n\nab"),
    TURNED_DOWN(400, "LF and chunks",
                "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n"
                "1\nA\n0\n\n"),
    TURNED_DOWN(400, "LF and then CR LF", "GET / HTTP/1.1\nHost: a\n\r\n"),
    TURNED_DOWN(400, "LF, two hosts", "GET / HTTP/1.1\nHost: a\nHost: b\n\n"),
    TURNED_DOWN(400, "what no one knows", "\x80\x01\x02\r\n\r\n"),
    TAKEN("an expectation", POST HOST "Expect: 100-Continue\r\n\r\n", "", NEXT),
    TAKEN("an offer of HTTP/2",
          GET HOST "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                   "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
          "", NEXT),
    TAKEN("another follows",
          POST "Content-Length: 0\r\nConnection:keep-alive\r\n" HOST "\r\n", "",
          POST HOST "Content-Length: 34\r\n\r\n"),
};

TEST(requests, others)
{
    CHECK_ROWS(others);
}

/* Every control character, and every byte over 127, in every place. */
TEST(requests, each_byte_in_each_place)
{
    static const struct {
        const char *before, *after;
        const char *others; /* that are taken there, but letters */
        bool high;          /* those over 127, too */
    } places[] = {
        {"G", "T / HTTP/1.1\r\nHost: a\r\n\r\n", "!#$%&'*+-.^_`|~", false},
        {"GET /", "b HTTP/1.1\r\nHost: a\r\n\r\n",
         "!\"$%&'()*+,-./:;<=>?@[]^_`{|}~", false},
        {"GET / HTTP/1.1\r\nHost: a\r\nA", "b: c\r\n\r\n",
         "!#$%&'*+-.^_`|~:", false},
        {"GET / HTTP/1.1\r\nHost: a\r\nA: 012345678", "012345678\r\n\r\n",
         " \t!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", true},
    };
    char raw[80];

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        for (int c = 0; c < 256; c++) {
            size_t n = strlen(places[i].before), m = strlen(places[i].after);
            memcpy(raw, places[i].before, n);
            raw[n] = (char)c;
            memcpy(raw + n + 1, places[i].after, m);
            struct outcome o = read_message(NULL, raw, n + 1 + m, sizeof raw);
            bool taken = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                         (c >= 'A' && c <= 'Z') ||
                         (c != 0 && strchr(places[i].others, c) != NULL) ||
                         (c >= 128 && places[i].high);
            check_that(o.result == (taken ? ACCEPTED : 400),
                       "place %zu, byte %d: %d", i, c, o.result);
        }
}

TEST(requests, by_hand)
{
    const char *raw = "GET / HTTP/1.1\nHost: a\n\n";
    struct outcome o = read_all_ways("by hand", NULL, raw, strlen(raw));

    check_int(o.result, ACCEPTED);
    check(o.by_hand && !o.keep_alive);
    check_int(o.minor, 0);
    check_int(o.fields, 1);
    o = read_all_ways("no fields", NULL, "GET / HTTP/1.1\n\n", 16);
    check(o.result == ACCEPTED && o.by_hand);
    o = read_all_ways("CR LF before", NULL, "\r\nGET / HTTP/1.1\n\n", 18);
    check(o.result == ACCEPTED && o.by_hand && o.taken == 18);
    o = read_message(NULL, NEXT, sizeof NEXT - 1, 100);
    check(!o.by_hand);
}

/* Whether the connection goes on. */
TEST(requests, connection)
{
    static const struct {
        const char *version, *fields;
        bool on;
    } rows[] = {
        {"1.1", "", true},
        {"1.1", "Connection: keep-alive\r\n", true},
        {"1.1", "Connection: close\r\n", false},
        {"1.1", "connection: CLOSE\r\n", false},
        {"1.1", "Connection: close\t\r\n", false},
        {"1.1", "Connection: a, close\r\n", false},
        {"1.1", "Connection: close, token, keep-alive\r\n", false},
        {"1.1", "Connection: keep-alive\r\nConnection: close\r\n", false},
        {"1.1", "Connection: closed\r\n", true},
        {"1.1", "Connection: \"a, close\"\r\n", true},
        {"1.1", "Connection: , ,close ,\r\n", false},
        {"1.1", "Proxy-Connection: close\r\n", true},
        {"1.9", "", true},
        {"1.0", "", false},
        {"1.0", "Connection: Keep-Alive\r\n", true},
        {"1.0", "Connection: keep-alive, Upgrade\r\n", true},
        {"1.0", "Connection: keep-alive, close\r\n", false},
        {"1.0", "Keep-Alive: 300\r\n", false},
    };
    char raw[200];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int n = snprintf(raw, sizeof raw, "GET / HTTP/%s\r\nHost: a\r\n%s\r\n",
                         rows[i].version, rows[i].fields);
        struct outcome o = read_message(NULL, raw, (size_t)n, sizeof raw);
        check_int(o.result, ACCEPTED);
        check_that(o.keep_alive == rows[i].on, "%s %s", rows[i].version,
                   rows[i].fields);
    }
}

/* Who is to be told to go on: a client of HTTP/1.1 that has a body. */
TEST(requests, expectation)
{
    static const struct {
        const char *raw;
        bool expects;
    } rows[] = {
        {"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
         "Content-Length: 2\r\n\r\nab",
         true},
        {"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-CONTINUE\r\n"
         "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         true},
        {"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
         "Content-Length: 0\r\n\r\n",
         false},
        {"GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n", false},
        {"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
         "ab",
         false},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab", false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct outcome o =
            read_message(NULL, rows[i].raw, strlen(rows[i].raw), 1000);
        check_int(o.result, ACCEPTED);
        check_that(o.expects == rows[i].expects, "%s", rows[i].raw);
    }
}

/* Whom it is for. */
TEST(requests, authority)
{
    static const char *const rows[][2] = {
        {"GET / HTTP/1.1\r\nHost: a:80\r\n\r\n", "a:80"},
        {"GET http://b/c HTTP/1.1\r\nHost: a:80\r\n\r\n", "b"},
        {"GET http://b:81?c HTTP/1.1\r\nHost: a:80\r\n\r\n", "b:81"},
        {"GET https://[::1] HTTP/1.0\r\n\r\n", "[::1]"},
        {"CONNECT c:443 HTTP/1.1\r\nHost: a\r\n\r\n", "c:443"},
        {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "a"},
        {"GET / HTTP/1.0\r\n\r\n", ""},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct outcome o =
            read_message(NULL, rows[i][0], strlen(rows[i][0]), 1000);
        check_int(o.result, ACCEPTED);
        check_str(o.host, rows[i][1]);
    }
}

/* --- Limits -------------------------------------------------------------- */

/* A request whose target, or value of a field, has so many bytes. */
static char *with_target(size_t n, size_t *size)
{
    char *raw = malloc(n + 100);
    memset(raw + 4, 'a', n);
    memcpy(raw, "GET /", 5);
    strcpy(raw + 4 + n, " HTTP/1.1\r\nHost: a\r\n\r\n");
    *size = 4 + n + strlen(raw + 4 + n);
    return raw;
}

static char *with_head(size_t size)
{
    static const char begin[] = GET HOST "A: ";
    char *raw = malloc(size);
    memset(raw, 'a', size);
    memcpy(raw, begin, sizeof begin - 1);
    memcpy(raw + size - 4, "\r\n\r\n", 4);
    return raw;
}

static int result_of(char *raw, size_t size, size_t step)
{
    int result = read_message(NULL, raw, size, step).result;
    free(raw);
    return result;
}

TEST(requests, long_targets)
{
    size_t size;
    char *raw = with_target(8192, &size);

    check_int(result_of(raw, size, size), ACCEPTED);
    raw = with_target(8192, &size);
    check_int(result_of(raw, size, 64), ACCEPTED);
    for (size_t n = 8193; n < 80000; n += n) {
        raw = with_target(n, &size);
        check_int(result_of(raw, size, size), 414);
        raw = with_target(n, &size);
        check_int(result_of(raw, size, 64), 414);
        /* Before its end has come. */
        raw = with_target(n, &size);
        check_int(result_of(raw, 4 + n, 64), 414);
    }
}

TEST(requests, long_heads)
{
    check_int(result_of(with_head(32768), 32768, 32768), ACCEPTED);
    check_int(result_of(with_head(32768), 32768, 100), ACCEPTED);
    check_int(result_of(with_head(32769), 32769, 32769), 431);
    check_int(result_of(with_head(32769), 32769, 100), 431);
    check_int(result_of(with_head(40000), 40000, 40000), 431);
    check_int(result_of(with_head(40000), 40000, 1000), 431);
    check_int(result_of(with_head(40000), 32768, 32768), 431);
    check_int(result_of(with_head(40000), 32767, 32767), INCOMPLETE);
}

static char *with_fields(int count, size_t *size)
{
    char *raw = malloc((size_t)count * 8 + 100), *at = raw;
    at = stpcpy(at, GET HOST);
    for (int i = 1; i < count; i++)
        at += sprintf(at, "A%d:b\r\n", i % 100);
    at = stpcpy(at, "\r\n");
    *size = (size_t)(at - raw);
    return raw;
}

TEST(requests, many_fields)
{
    static const int counts[] = {101, 102, 1001};
    size_t size;
    char *raw = with_fields(100, &size);

    check_int(result_of(raw, size, size), ACCEPTED);
    raw = with_fields(100, &size);
    check_int(result_of(raw, size, 1), ACCEPTED);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        raw = with_fields(counts[i], &size);
        check_int(result_of(raw, size, size), 431);
        raw = with_fields(counts[i], &size);
        check_int(result_of(raw, size, 1), 431);
    }
}

/* Extensions of all chunks together. */
TEST(requests, long_extensions)
{
    static const struct {
        size_t length, count;
        int result;
    } rows[] = {{16383, 1, ACCEPTED}, {16384, 1, 400}, {20000, 1, 400},
                {1023, 16, ACCEPTED}, {1023, 17, 400}, {0, 16384, ACCEPTED},
                {0, 16385, 400},      {100000, 1, 400}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t n = rows[i].length;
        char *raw = malloc((n + 10) * rows[i].count + 200);
        char *at = stpcpy(raw, BODY);
        for (size_t k = 0; k < rows[i].count; k++) {
            at = stpcpy(at, "1;");
            memset(at, 'x', n);
            at = stpcpy(at + n, "\r\na\r\n");
        }
        at = stpcpy(at, "0\r\n\r\n");
        check_int(result_of(raw, (size_t)(at - raw), 1000), rows[i].result);
    }
}

TEST(requests, long_methods)
{
    char raw[200];

    for (int n = 63; n < 80; n++) {
        int size = snprintf(raw, sizeof raw, "%.*s / HTTP/1.0\r\n\r\n", n,
                            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        struct outcome o = read_all_ways("method", NULL, raw, (size_t)size);
        check_int(o.result, n <= 64 ? ACCEPTED : 400);
        check_int(read_message(NULL, raw, (size_t)n, 1).result,
                  n <= 64 ? INCOMPLETE : 400);
    }
}

/* SPDX-License-Identifier: MIT */
/*
 * Responses as they lie on the wire, and what becomes of them: what five
 * clients were tried with, and cases of other parsers' suites. Each is read
 * whole, byte by byte, and cut off at every byte.
 */
#include "messages.h"

#define TURNED_DOWN(fault, name, raw) REFUSED(SOCK_P_##fault, name, raw)
#define CUT_OFF(name, raw) REFUSED(INCOMPLETE, name, raw)

#define OK "HTTP/1.1 200 OK\r\n"
#define EMPTY "Content-Length: 0\r\n\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"
#define NEXT OK EMPTY

#define CHECK_ROWS(method, rows)                                               \
    check_messages(method, rows, sizeof(rows) / sizeof(rows)[0])

static const struct row lengths[] = {
    CUT_OFF("a short body", OK "Content-Length: 5\r\n\r\nab"),
    CUT_OFF("no body", OK "Content-Length: 5\r\n\r\n"),
    TURNED_DOWN(FRAMING, "-1", OK "Content-Length: -1\r\n\r\n"),
    TURNED_DOWN(FRAMING, "+2", OK "Content-Length: +2\r\n\r\nab"),
    TURNED_DOWN(FRAMING, "1_0", OK "Content-Length: 1_0\r\n\r\n0123456789"),
    TURNED_DOWN(FRAMING, "0x2", OK "Content-Length: 0x2\r\n\r\nab"),
    TURNED_DOWN(FRAMING, "2 and 3",
                OK "Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc"),
    TURNED_DOWN(FRAMING, "2, 3", OK "Content-Length: 2, 3\r\n\r\nabc"),
    TURNED_DOWN(FRAMING, "2 and 2, 3",
                OK "Content-Length: 2\r\nContent-Length: 2, 3\r\n\r\nabc"),
    TURNED_DOWN(FRAMING, "no number", OK "Content-Length:\r\n\r\n"),
    TURNED_DOWN(FRAMING, "commas", OK "Content-Length: , ,\r\n\r\n"),
    TURNED_DOWN(FRAMING, "2 and none",
                OK "Content-Length: 2\r\nContent-Length:\r\n\r\nab"),
    TURNED_DOWN(FRAMING, "a word", OK "Content-Length: two\r\n\r\n"),
    TURNED_DOWN(FRAMING, "1 2", OK "Content-Length: 1 2\r\n\r\n"),
    TURNED_DOWN(FRAMING, "2.0", OK "Content-Length: 2.0\r\n\r\nab"),
    TURNED_DOWN(TOO_LARGE, "10^23",
                OK "Content-Length: 100000000000000000000000\r\n\r\n"),
    TURNED_DOWN(TOO_LARGE, "2^63",
                OK "Content-Length: 9223372036854775808\r\n\r\n"),
    CUT_OFF("2^63 - 1", OK "Content-Length: 9223372036854775807\r\n\r\na"),
    TAKEN("2, 2", OK "Content-Length: 2, 2\r\n\r\nab", "ab", NEXT),
    TAKEN("2 and 2", OK "Content-Length: 2\r\nContent-Length: 2\r\n\r\nab",
          "ab", NEXT),
    TAKEN("2 and 02", OK "Content-Length: 2\r\nContent-Length: 02\r\n\r\nab",
          "ab", NEXT),
    TAKEN("a length between tabs", OK "Content-Length:\t2\t\r\n\r\nab", "ab",
          NEXT),
    TAKEN("to the end", OK "\r\nab", "ab", ""),
    TAKEN("to the end, nothing", OK "\r\n", "", ""),
    TAKEN("another name", OK "Content-Length-X: 0\r\n\r\nab", "ab", ""),
    TAKEN("a longer body", OK "Content-Length: 2\r\n\r\nab", "ab", "cd"),
};

TEST(responses, lengths)
{
    CHECK_ROWS("GET", lengths);
}

static const struct row codings[] = {
    TURNED_DOWN(UNSUPPORTED, "gzip, chunked",
                OK "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    TURNED_DOWN(UNSUPPORTED, "xchunked",
                OK "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    TURNED_DOWN(UNSUPPORTED, "chunked, deflate",
                OK "Transfer-Encoding: chunked, deflate\r\n\r\nWorld"),
    TURNED_DOWN(UNSUPPORTED, "chunked twice",
                OK CHUNKED CHUNKED "\r\n0\r\n\r\n"),
    TURNED_DOWN(UNSUPPORTED, "chunked and identity",
                OK CHUNKED "Transfer-Encoding: identity\r\n\r\nWorld"),
    TURNED_DOWN(UNSUPPORTED, "chunkedchunked",
                OK "Transfer-Encoding: chunkedchunked\r\n\r\n0\r\n\r\n"),
    TURNED_DOWN(UNSUPPORTED, "no coding", OK "Transfer-Encoding:\r\n\r\n"),
    TURNED_DOWN(UNSUPPORTED, "chunked, and a fold",
                OK "Transfer-Encoding: chunked\r\n  abc\r\n\r\n0\r\n\r\n"),
    TURNED_DOWN(UNSUPPORTED, "VT before chunked",
                OK "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n"),
    TAKEN("chunked wins over a length",
          OK "Content-Length: 5\r\n" CHUNKED "\r\n2\r\nab\r\n0\r\n\r\n", "ab",
          NEXT),
    TAKEN("chunked wins over a bad length",
          OK "Content-Length: x\r\n" CHUNKED "\r\n2\r\nab\r\n0\r\n\r\n", "ab",
          NEXT),
    TAKEN("chunked in HTTP/1.0",
          "HTTP/1.0 200 OK\r\n" CHUNKED "\r\n2\r\nab\r\n0\r\n\r\n", "ab", NEXT),
    TAKEN("chunked behind a fold",
          OK "Transfer-Encoding:\r\n\tCHUNKED\r\n\r\n2\r\nab\r\n0\r\n\r\n",
          "ab", NEXT),
    TAKEN("chunked and a blank",
          OK "Transfer-Encoding : chunked\r\n\r\n"
             "2\r\nab\r\n0\r\n\r\n",
          "ab", NEXT),
    TAKEN("a coding of the content",
          OK "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b",
          "\x1f\x8b", NEXT),
};

TEST(responses, codings)
{
    CHECK_ROWS("GET", codings);
}

#define BODY OK CHUNKED "\r\n"

static const struct row chunks[] = {
    TURNED_DOWN(FRAMING, "0x2", BODY "0x2\r\nab\r\n0\r\n\r\n"),
    TURNED_DOWN(FRAMING, " 2 ", BODY " 2 \r\nab\r\n0\r\n\r\n"),
    TURNED_DOWN(FRAMING, "25  ", BODY "2  \r\nab\r\n0  \r\n\r\n"),
    TURNED_DOWN(FRAMING, "0_2", BODY "0_2\r\nab\r\n0\r\n\r\n"),
    TURNED_DOWN(FRAMING, "+2", BODY "+2\r\nab\r\n0\r\n\r\n"),
    TURNED_DOWN(FRAMING, "-2", BODY "-2\r\nab\r\n0\r\n\r\n"),
    TURNED_DOWN(FRAMING, "2^64 + 2",
                BODY "10000000000000002\r\nab\r\n0\r\n\r\n"),
    TURNED_DOWN(FRAMING, "2^63", BODY "8000000000000000\r\nab\r\n0\r\n\r\n"),
    TURNED_DOWN(FRAMING, "bad", BODY "zz\r\nab\r\n0\r\n\r\n"),
    TURNED_DOWN(FRAMING, "none", BODY "\r\nab\r\n0\r\n\r\n"),
    TURNED_DOWN(FRAMING, "an extension without a semicolon",
                BODY "2 erf\r\nab\r\n0\r\n\r\n"),
    TURNED_DOWN(FRAMING, "the CR LF of the data is missing",
                BODY "2\r\nab0\r\n\r\n"),
    TURNED_DOWN(FRAMING, "LF behind the data", BODY "2\r\nab\n0\r\n\r\n"),
    TURNED_DOWN(FRAMING, "LF behind the size", BODY "2\nab\r\n0\r\n\r\n"),
    TURNED_DOWN(SYNTAX, "LF behind the trailers", BODY "0\r\n\n"),
    TURNED_DOWN(SYNTAX, "a trailer without a colon", BODY "0\r\nab\r\n\r\n"),
    TURNED_DOWN(SYNTAX, "a folded trailer", BODY "0\r\nA: b\r\n c\r\n\r\n"),
    CUT_OFF("no last chunk", BODY "2\r\nab\r\n"),
    CUT_OFF("no end", BODY "2\r\nab\r\n0\r\n"),
    CUT_OFF("half a chunk", BODY "5\r\nab"),
    CUT_OFF("half a size", BODY "5"),
    CUT_OFF("no chunk", BODY),
    TAKEN("chunks", BODY "2\r\nab\r\n003\r\ncde\r\n0\r\n\r\n", "abcde", NEXT),
    TAKEN("extensions",
          BODY "2;a;b=c\r\nab\r\n1;d=\"e; f\"\r\nc\r\n0;g\r\n\r\n", "abc",
          NEXT),
    TAKEN("a semicolon alone", BODY "2;\r\nab\r\n0\r\n\r\n", "ab", NEXT),
    TAKEN("trailers", BODY "0\r\nContent-Length: 3\r\nA: b\r\n\r\n", "", NEXT),
};

TEST(responses, chunks)
{
    CHECK_ROWS("GET", chunks);
}

static const struct row lines[] = {
    TURNED_DOWN(SYNTAX, "+200", "HTTP/1.1 +200 OK\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "99", "HTTP/1.1 99 OK\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "099", "HTTP/1.1 099 OK\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "1000", "HTTP/1.1 1000 OK\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "2", "HTTP/1.1 2 OK\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "-200", "HTTP/1.1 -20 OK\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "2x0", "HTTP/1.1 2x0 OK\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "no status", "HTTP/1.1\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "no status but a blank", "HTTP/1.1 \r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "two blanks", "HTTP/1.1  200 OK\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "a tab", "HTTP/1.1\t200 OK\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "a tab behind the status",
                "HTTP/1.1 200\tOK\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "200OK", "HTTP/1.1 200OK\r\n" EMPTY),
    TURNED_DOWN(VERSION, "HTTP/2.0", "HTTP/2.0 200 OK\r\n" EMPTY),
    TURNED_DOWN(VERSION, "HTTP/0.9", "HTTP/0.9 200 OK\r\n" EMPTY),
    TURNED_DOWN(VERSION, "HTTP/5.6", "HTTP/5.6 200 OK\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "HTTP/01.1", "HTTP/01.1 200 OK\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "HTTP/11.1", "HTTP/11.1 200 OK\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "HTTP/1.01", "HTTP/1.01 200 OK\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "HTTP/2", "HTTP/2 200 OK\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "http/1.1", "http/1.1 200 OK\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "ICY", "ICY 200 OK\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "RTSP/1.1", "RTSP/1.1 200 OK\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "HTP/1.1", "HTP/1.1 200 OK\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "HTTPER/1.1", "HTTPER/1.1 200 OK\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "a page alone", "<html>hello</html>\r\n\r\n"),
    TURNED_DOWN(SYNTAX, "an empty line before", "\r\n" OK EMPTY),
    TURNED_DOWN(SYNTAX, "CR before", "\r" OK EMPTY),
    TURNED_DOWN(SYNTAX, "a blank before", " " OK EMPTY),
    TURNED_DOWN(SYNTAX, "CR behind the line", "HTTP/1.1 200 OK\r" EMPTY),
    TURNED_DOWN(SYNTAX, "two CR", "HTTP/1.1 200 OK\r\rA: 4\r\n\r\n"),
    TURNED_DOWN(SYNTAX, "NUL in the reason", "HTTP/1.1 200 O\0K\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "a greeting of SSH", "SSH-2.0-OpenSSH_9.2\r\n"),
    TAKEN("HTTP/1.9", "HTTP/1.9 200 OK\r\n" EMPTY, "", NEXT),
    TAKEN("999", "HTTP/1.1 999 Odd\r\n" EMPTY, "", NEXT),
    TAKEN("no reason", "HTTP/1.1 200\r\n" EMPTY, "", NEXT),
    TAKEN("an empty reason", "HTTP/1.1 200 \r\n" EMPTY, "", NEXT),
    TAKEN("a blank in the reason", "HTTP/1.1 200  OK\r\n" EMPTY, "", NEXT),
    TAKEN("a reason over 127", "HTTP/1.1 500 Ori\xc3\xabn\xff\r\n" EMPTY, "",
          NEXT),
    TAKEN("a tab in the reason", "HTTP/1.1 200 O\tK\r\n" EMPTY, "", NEXT),
};

TEST(responses, lines)
{
    CHECK_ROWS("GET", lines);
}

static const struct row fields[] = {
    TURNED_DOWN(SYNTAX, "no colon", OK "abc\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "no colon at the end",
                OK "Content-Length: 0\r\nabc\r\n\r\n"),
    TURNED_DOWN(SYNTAX, "a blank in a name", OK "en-US A: b\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "an empty name", OK ": b\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "NUL in a value", OK "A: b\0c\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "NUL in a name", OK "A\0: b\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "CR in a value", OK "A: b\rc\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "CR between fields", OK "A: 1\rB: 2\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "a fold of the first line", OK " A: b\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "a control in a name", OK "A\x01: b\r\n" EMPTY),
    TURNED_DOWN(SYNTAX, "a name over 127", OK "\xc4: b\r\n" EMPTY),
    CUT_OFF("the head is cut off", OK "Content-Length: 0\r\n"),
    CUT_OFF("in a field", OK "Content-Le"),
    CUT_OFF("in the line", "HTTP/1.1 20"),
    CUT_OFF("between CR and LF", OK "Content-Length: 0\r\n\r"),
    CUT_OFF("nothing", ""),
    TAKEN("folded", OK "A: b\r\n c\r\n" EMPTY, "", NEXT),
    TAKEN("a blank before the colon", OK "A \t: b\r\n" EMPTY, "", NEXT),
    TAKEN("LF alone", "HTTP/1.1 200 OK\nContent-Length: 2\n\nab", "ab", NEXT),
    TAKEN("LF here and there", OK "A: b\nContent-Length: 2\r\n\nab", "ab",
          NEXT),
    TAKEN("LF, folded", OK "A: b\n c\n" EMPTY, "", NEXT),
    TAKEN("a control in a value", OK "A: b\x01\x7f\r\n" EMPTY, "", NEXT),
    TAKEN("a name with an underscore", OK "DCLK_imp: v7;x\r\n" EMPTY, "", NEXT),
    TAKEN("a name with a dollar", OK "X-$Version: 1\r\n" EMPTY, "", NEXT),
};

TEST(responses, fields)
{
    CHECK_ROWS("GET", fields);
}

/* What says that it has a body, and has none. */
static const struct row bare[] = {
    TAKEN("100", "HTTP/1.1 100 Continue\r\n\r\n", "", NEXT),
    TAKEN("103", "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n", "", NEXT),
    TAKEN("101", "HTTP/1.1 101 Switching\r\nContent-Length: 4\r\n\r\n", "",
          "body"),
    TAKEN("204", "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n", "",
          NEXT),
    TAKEN("204, chunked", "HTTP/1.1 204 No Content\r\n" CHUNKED "\r\n", "",
          NEXT),
    TAKEN("304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n", "",
          NEXT),
    TAKEN("304, chunked", "HTTP/1.1 304 Not Modified\r\n" CHUNKED "\r\n", "",
          NEXT),
    TAKEN("304, no length", "HTTP/1.1 304 Not Modified\r\n\r\n", "", NEXT),
};

TEST(responses, bare)
{
    CHECK_ROWS("GET", bare);
    CHECK_ROWS("HEAD", bare);
    CHECK_ROWS("CONNECT", bare);
}

static const struct row to_head[] = {
    TAKEN("a length", OK "Content-Length: 2\r\n\r\n", "", NEXT),
    TAKEN("chunked", OK CHUNKED "\r\n", "", NEXT),
    TAKEN("nothing", OK "\r\n", "", NEXT),
    TAKEN("404", "HTTP/1.1 404 No\r\nContent-Length: 9\r\n\r\n", "", NEXT),
};

/* It is not known what they answer. */
TEST(responses, of_no_method)
{
    struct sock__start s = {.status = 200, .minor = 1};
    struct sock__framing f;
    sock_headers_t *h = check_made(sock_headers_parse(EMPTY, 21, 0));

    check_int(sock__framing_response(&f, &s, h, NULL), 0);
    check(f.body == SOCK__BODY_LENGTH && f.length == 0 && f.keep_alive);
    sock_headers_free(h);
}

TEST(responses, to_head)
{
    CHECK_ROWS("HEAD", to_head);
}

static const struct row to_connect[] = {
    TAKEN("200", OK "\r\n", "", "\x16\x03\x01"),
    TAKEN("200 with a length", OK "Content-Length: 2\r\n\r\n", "", "ab"),
    TAKEN("299, chunked", "HTTP/1.1 299 OK\r\n" CHUNKED "\r\n", "", "ab"),
    TAKEN("300", "HTTP/1.1 300 No\r\nContent-Length: 2\r\n\r\nab", "ab", NEXT),
    TAKEN("407", "HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nab", "ab", NEXT),
};

TEST(responses, to_connect)
{
    CHECK_ROWS("CONNECT", to_connect);
}

TEST(responses, to_close)
{
    static const struct {
        const char *raw;
        bool to_close, keep_alive;
    } rows[] = {
        {OK "\r\n", true, false},
        {OK "Connection: keep-alive\r\n\r\n", true, false},
        {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n", true, false},
        {OK EMPTY, false, true},
        {OK "Connection: close\r\n" EMPTY, false, false},
        {OK "Connection: a,CLOSE\r\n" EMPTY, false, false},
        {OK "Proxy-Connection: close\r\n" EMPTY, false, true},
        {"HTTP/1.0 200 OK\r\n" EMPTY, false, false},
        {"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n" EMPTY, false, true},
        {"HTTP/1.0 204 No\r\nConnection: keep-alive\r\n\r\n", false, true},
        {"HTTP/1.1 204 No\r\n\r\n", false, true},
        {"HTTP/1.1 204 No\r\nConnection: close\r\n\r\n", false, false},
        {OK CHUNKED "\r\n0\r\n\r\n", false, true},
        {OK CHUNKED "Content-Length: 0\r\n\r\n0\r\n\r\n", false, false},
        {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" CHUNKED
         "\r\n0\r\n\r\n",
         false, false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct outcome o =
            read_message("GET", rows[i].raw, strlen(rows[i].raw), 1000);
        check_int(o.result, ACCEPTED);
        check_that(o.to_close == rows[i].to_close, "%s", rows[i].raw);
        check_that(o.keep_alive == rows[i].keep_alive, "%s", rows[i].raw);
    }
}

/* A status, a version and a reason. */
TEST(responses, start)
{
    static const struct {
        const char *raw, *reason;
        int status, minor;
    } rows[] = {
        {"HTTP/1.1 200 OK\r\n\r\n", "OK", 200, 1},
        {"HTTP/1.0 404 Not Found\r\n\r\n", "Not Found", 404, 0},
        {"HTTP/1.9 100\r\n\r\n", "", 100, 9},
        {"HTTP/1.1 999 \n\n", "", 999, 1},
        {"HTTP/1.1 200  a b \r\n\r\n", " a b ", 200, 1},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char raw[64];
        struct sock__start s;
        sock_headers_t h = {0};
        size_t scanned = 0, n = strlen(rows[i].raw);
        memcpy(raw, rows[i].raw, n);
        check_int(sock__head_response(&s, &h, raw, n, &scanned, &client_limits),
                  n);
        check_str(s.reason, rows[i].reason);
        check_int(s.status, rows[i].status);
        check_int(s.minor, rows[i].minor);
        check(s.method == NULL && s.target == NULL);
    }
}

/* What a value of several lines comes to. */
TEST(responses, folds)
{
    static const char *const rows[][2] = {
        {"A: b\r\n c\r\n", "b c"},
        {"A: b \t\r\n\t \tc \r\n", "b c"},
        {"A:   abc\r\n\tdef\r\n ghi\r\n\t\tjkl\r\n  mno \r\n\t \tqrs\r\n",
         "abc def ghi jkl mno qrs"},
        {"A:\r\n b\r\n", "b"},
        {"A: \r\n \r\n", ""},
        {"A: b\r\n \r\n", "b"},
        {"A: b\r\n \r\n c\r\n", "b c"},
        {"A: b\n c\n\td\r\n", "b c d"},
        {"A: b\r\n c", "b c"},
        {"A:\r\n\r", NULL},
        {"A: b\r\n :c\r\n", "b :c"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char raw[128];
        struct sock__start s;
        sock_headers_t h = {0};
        size_t scanned = 0;
        int n = snprintf(raw, sizeof raw, OK "X: y\r\n%s\r\nZ: z\r\n\r\n",
                         rows[i][0]);
        /* The one more CR LF ends the head but where the row has no end. */
        ssize_t size = sock__head_response(&s, &h, raw, (size_t)n, &scanned,
                                           &client_limits);
        if (rows[i][1] == NULL) {
            check_int(size, -1);
        } else {
            check(size > 0);
            check_str(sock_headers_get(&h, "A", NULL), rows[i][1]);
            check_str(sock_headers_get(&h, "X", NULL), "y");
        }
        sock__headers_release(&h);
    }
}

/* --- Limits -------------------------------------------------------------- */

static char *with_head(size_t size)
{
    static const char begin[] = OK "Content-Length: 0\r\nA: ";
    char *raw = malloc(size);
    memset(raw, 'a', size);
    memcpy(raw, begin, sizeof begin - 1);
    memcpy(raw + size - 4, "\r\n\r\n", 4);
    return raw;
}

TEST(responses, long_heads)
{
    size_t most = client_limits.bytes;

    check_int(result_of("GET", with_head(most), most, most), ACCEPTED);
    check_int(result_of("GET", with_head(most), most, 5000), ACCEPTED);
    check_int(result_of("GET", with_head(most + 1), most + 1, most + 1),
              SOCK_P_TOO_LARGE);
    check_int(result_of("GET", with_head(300000), 300000, 5000),
              SOCK_P_TOO_LARGE);
    check_int(result_of("GET", with_head(20000000), 20000000, 1000000),
              SOCK_P_TOO_LARGE);
}

static char *with_fields(int count, size_t *size)
{
    char *raw = malloc((size_t)count * 4 + 100), *at = stpcpy(raw, OK);
    for (int i = 0; i < count; i++)
        at = stpcpy(at, "A:\r\n");
    at = stpcpy(at, "\r\n");
    *size = (size_t)(at - raw);
    return raw;
}

TEST(responses, many_fields)
{
    size_t size;
    char *raw = with_fields(1000, &size);

    check_int(result_of("GET", raw, size, size), ACCEPTED);
    raw = with_fields(1001, &size);
    check_int(result_of("GET", raw, size, size), SOCK_P_TOO_LARGE);
    raw = with_fields(1001, &size);
    check_int(result_of("GET", raw, size, 100), SOCK_P_TOO_LARGE);
}

/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <limits.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "record.h"

TEST(error, nothing_yet)
{
    char text[64];
    check_int(sock_last_error()->kind, SOCK_E_NONE);
    check_int(sock_error_text(NULL, text, sizeof text), 8);
    check_str(text, "no error");
    check_str(sock_error_class(NULL), "None");
}

TEST(error, names_are_stable)
{
    static const char *const names[] = {
        "SOCK_E_NONE",     "SOCK_E_OS",          "SOCK_E_TIMEOUT",
        "SOCK_E_GAI",      "SOCK_E_HOST",        "SOCK_E_VALUE",
        "SOCK_E_OVERFLOW", "SOCK_E_TYPE",        "SOCK_E_EOF",
        "SOCK_E_MEMORY",   "SOCK_E_TLS",         "SOCK_E_CANCELLED",
        "SOCK_E_KEY",      "SOCK_E_UNSUPPORTED", "SOCK_E_PROTOCOL",
        "SOCK_E_REPLY",
    };
    for (int kind = 0; kind < 16; kind++)
        check_str(sock_error_name(kind), names[kind]);
    check_str(sock_error_name(16), "SOCK_E_UNKNOWN");
    check_str(sock_error_name(-1), "SOCK_E_UNKNOWN");
}

/* What a library on top says of a peer, and of whom. */
TEST(error, has_the_words_of_a_peer)
{
    char text[SOCK_ERROR_TEXT_MAX];

    check_fails(sock__fail_saying("getresponse", SOCK_E_REPLY, 404,
                                  "HTTP Error 404: Not Found"),
                SOCK_E_REPLY, 404, "getresponse: HTTP Error 404: Not Found");
    check_int(errno, EIO);
    check_str(sock_error_class(NULL), "HTTPError");
    check_int(sock__fail_about("urlopen", "http://h/x"), -1);
    sock_error_text(NULL, text, sizeof text);
    check_str(text, "urlopen http://h/x: HTTP Error 404: Not Found");
    sock_error_reason(NULL, text, sizeof text);
    check_str(text, "HTTP Error 404: Not Found");
    check_int(sock_last_error()->code, 404);
    check_fails(sock__fail_saying("getresponse", SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
                                  "no status line"),
                SOCK_E_PROTOCOL, SOCK_P_SYNTAX, "getresponse: no status line");
    check_int(errno, EPROTO);
    check_str(sock_error_class(NULL), "HTTPException");
}

/* The next failure has none of them. */
TEST(error, forgets_the_words_of_a_peer)
{
    sock__fail_saying("getresponse", SOCK_E_REPLY, 404, "Not Found");
    sock__fail_about("urlopen", "http://h/x");
    check_fails(sock_close(NULL), SOCK_E_TYPE, 0, "close: socket is NULL");
    check_str(sock_last_error()->words, "");
    check_str(sock_last_error()->about, "");
}

/* On one line, and no more than there is room for. */
TEST(error, keeps_words_on_a_line)
{
    char words[400], wanted[SOCK_ERROR_WORDS_MAX];

    sock__fail_saying("x", SOCK_E_REPLY, 500, "a\r\nb\tc\x7f\xff");
    check_str(sock_last_error()->words, "a??b?c?\xff");
    memset(words, 'a', sizeof words);
    words[SOCK_ERROR_WORDS_MAX - 1] = '\0';
    sock__fail_saying("x", SOCK_E_REPLY, 500, words);
    check_str(sock_last_error()->words, words);
    words[SOCK_ERROR_WORDS_MAX - 1] = 'a';
    words[SOCK_ERROR_WORDS_MAX] = '\0';
    memset(wanted, 'a', sizeof wanted);
    memcpy(wanted + sizeof wanted - 4, "...", 4);
    sock__fail_saying("x", SOCK_E_REPLY, 500, words);
    check_str(sock_last_error()->words, wanted);
    sock__fail_about("x", words);
    check_str(sock_last_error()->about, wanted);
}

TEST(error, classes_are_pythons)
{
    /* python3 -c 'print(type(OSError(code, "")).__name__)' */
    static const struct {
        int code;
        const char *name;
    } rows[] = {
        {0, "OSError"},
        {EBADF, "OSError"},
        {EAGAIN, "BlockingIOError"},
        {EALREADY, "BlockingIOError"},
        {EINPROGRESS, "BlockingIOError"},
        {EPIPE, "BrokenPipeError"},
        {ESHUTDOWN, "BrokenPipeError"},
        {ECHILD, "ChildProcessError"},
        {ECONNABORTED, "ConnectionAbortedError"},
        {ECONNREFUSED, "ConnectionRefusedError"},
        {ECONNRESET, "ConnectionResetError"},
        {EEXIST, "FileExistsError"},
        {ENOENT, "FileNotFoundError"},
        {EINTR, "InterruptedError"},
        {EISDIR, "IsADirectoryError"},
        {ENOTDIR, "NotADirectoryError"},
        {EACCES, "PermissionError"},
        {EPERM, "PermissionError"},
        {ESRCH, "ProcessLookupError"},
        {ETIMEDOUT, "TimeoutError"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sock_error_t e = {.kind = SOCK_E_OS, .code = rows[i].code};
        check_str(sock_error_class(&e), rows[i].name);
    }
}

TEST(error, classes_of_the_other_kinds)
{
    static const char *const names[] = {
        [SOCK_E_TIMEOUT] = "TimeoutError",   [SOCK_E_GAI] = "socket.gaierror",
        [SOCK_E_HOST] = "socket.herror",     [SOCK_E_VALUE] = "ValueError",
        [SOCK_E_OVERFLOW] = "OverflowError", [SOCK_E_TYPE] = "TypeError",
        [SOCK_E_EOF] = "EOFError",           [SOCK_E_MEMORY] = "MemoryError",
    };
    for (int kind = SOCK_E_TIMEOUT; kind <= SOCK_E_MEMORY; kind++) {
        sock_error_t e = {.kind = kind};
        check_str(sock_error_class(&e), names[kind]);
    }
    sock_addr_t a = sock_addr_inet("b\xc3\xbc"
                                   "cher",
                                   1);
    check_int(sock_addr_ok(&a), 0);
    check_str(sock_error_class(NULL), "UnicodeError");
    check_int(sock_last_error()->kind, SOCK_E_TYPE);
    check_int(sock_last_error()->code, SOCK_TYPE_UNICODE);
    sock_error_t of_type = {.kind = SOCK_E_TYPE, .code = SOCK_TYPE_UNICODE};
    check_str(sock_error_class(&of_type), "UnicodeError");
    sock_error_t unknown = {.kind = 77};
    check_str(sock_error_class(&unknown), "Exception");
}

/* One row per kind, provoked; python3 says the same behind the first colon. */
TEST(error, every_kind_is_provoked)
{
    struct pair p = tcp_pair();
    char buf[8];

    check_null(sock_new(999, SOCK_STREAM, 0), SOCK_E_OS, EAFNOSUPPORT,
               "socket: [Errno 97] Address family not supported by protocol");
    check_ok(sock_settimeout(p.a, 0.001));
    check_fails(sock_recv(p.a, buf, 8, 0), SOCK_E_TIMEOUT, 0,
                "recv <peer>: timed out");
    check_fails(sock_connect(p.a, sock_addr_inet("::1", 1)), SOCK_E_GAI, -9,
                "connect ::1: [Errno -9] Address family for hostname not "
                "supported");
    if (on_glibc()) /* musl names what has no name by its number */
        check_null(sock_gethostbyaddr("<broadcast>"), SOCK_E_HOST, 1,
                   "gethostbyaddr <broadcast>: [Errno 1] Unknown host");
    check_fails(sock_settimeout(p.a, -1), SOCK_E_VALUE, 0,
                "settimeout: Timeout value out of range");
    check_fails(sock_bind(p.a, sock_addr_inet("127.0.0.1", 70000)),
                SOCK_E_OVERFLOW, 70000,
                "bind ('127.0.0.1', 70000): port must be 0-65535.");
    check_fails(sock_send(p.a, NULL, 1, 0), SOCK_E_TYPE, 0,
                "send: buffer is NULL");
    check_ok(sock_shutdown(p.b, SHUT_WR));
    check_fails(sock_recv_all(p.a, buf, 8), SOCK_E_EOF, 0,
                "recv_all <peer>: end of stream after 0 bytes");
    sock__fail("x", SOCK_E_MEMORY, 0, 0); /* test_memory.c provokes it */
    check_fails(-1, SOCK_E_MEMORY, 0, "x: [Errno 12] Cannot allocate memory");
    free_pair(&p);
}

TEST(error, success_touches_nothing)
{
    struct pair p = tcp_pair();
    char text[SOCK_REPR_MAX];
    sock_addr_t a = sock_addr_inet("::1", 1); /* remembers, records nothing */

    check_int(sock_last_error()->kind, SOCK_E_NONE);
    check_fails(sock_settimeout(NULL, 1), SOCK_E_TYPE, 0,
                "settimeout: socket is NULL");
    errno = 1234;
    check_ok(sock_sendall(p.a, "x", 1, 0));
    check_ok(sock_recv(p.b, text, 1, 0));
    check_ok(sock_getsockname(p.a, &a));
    check_ok(sock_repr(p.a, text, sizeof text));
    check_ok(sock_getfqdn("no such host", text, sizeof text));
    sock_addr_t bad = sock_addr_inet("no such host", 1);
    check_int(bad.len, 0);
    free_pair(&p);
    check_int(errno, 1234);
    check_str(error_text(), "settimeout: socket is NULL");
}

TEST(error, free_leaves_everything)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_fails(sock_settimeout(s, -1), SOCK_E_VALUE, 0,
                "settimeout: Timeout value out of range");
    close(sock_fileno(s)); /* so that its close(2) fails */
    errno = 1234;
    sock_free(s);
    sock_free(NULL);
    sock_freep(NULL);
    sock_hostent_free(NULL);
    check_int(errno, 1234);
    check_str(error_text(), "settimeout: Timeout value out of range");
}

static void *fail_in_thread(void *arg)
{
    bool *fine = arg;
    *fine = sock_last_error()->kind == SOCK_E_NONE;
    sock_settimeout(NULL, 1);
    *fine = *fine && sock_last_error()->kind == SOCK_E_TYPE;
    return NULL;
}

TEST(error, each_thread_has_its_own)
{
    pthread_t thread;
    bool fine = false;

    check_fails(sock_setdefaulttimeout(-1), SOCK_E_VALUE, 0,
                "setdefaulttimeout: Timeout value out of range");
    check_int(pthread_create(&thread, NULL, fail_in_thread, &fine), 0);
    pthread_join(thread, NULL);
    check(fine);
    check_str(error_text(), "setdefaulttimeout: Timeout value out of range");
}

TEST(error, text_is_whole_or_empty)
{
    char text[32] = "x";
    check_fails(sock_settimeout(NULL, 1), SOCK_E_TYPE, 0,
                "settimeout: socket is NULL");
    check_int(sock_error_text(NULL, NULL, 0), 26);
    check_int(sock_error_text(NULL, text, 26), 26);
    check_str(text, "");
    check_int(sock_error_text(NULL, text, 27), 26);
    check_str(text, "settimeout: socket is NULL");
    check_int(sock_error_reason(NULL, text, sizeof text), 14);
    check_str(text, "socket is NULL");
    check_fails(sock_error_text(NULL, NULL, 1), SOCK_E_TYPE, 0,
                "error_text: buffer is NULL");
    check_fails(sock_error_reason(NULL, NULL, 1), SOCK_E_TYPE, 0,
                "error_reason: buffer is NULL");
}

/* As strerror of Python's exception, and str() of those that have none. */
TEST(error, message)
{
    static const struct {
        sock_error_t e;
        const char *text;
    } rows[] = {
        {{.kind = SOCK_E_NONE}, "no error"},
        {{.kind = SOCK_E_OS, .code = EACCES}, "Permission denied"},
        {{.kind = SOCK_E_OS, .code = 99999}, "Unknown error 99999"},
        {{.kind = SOCK_E_OS, .detail = SOCK__BAD_FAMILY}, "bad family"},
        {{.kind = SOCK_E_TIMEOUT}, "timed out"},
        {{.kind = SOCK_E_HOST, .code = 1}, "Unknown host"},
        {{.kind = SOCK_E_VALUE, .detail = SOCK__TIMEOUT_NEGATIVE},
         "Timeout value out of range"},
        {{.kind = SOCK_E_EOF, .done = 7}, "end of stream after 7 bytes"},
    };
    char text[SOCK_ERROR_TEXT_MAX];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const sock_error_t *e = &rows[i].e;
        const char *expected = rows[i].text;
        if (!on_glibc() && e->code != 0)
            expected =
                e->kind == SOCK_E_OS ? strerror(e->code) : hstrerror(e->code);
        check_int(sock_error_message(e, text, sizeof text), strlen(expected));
        check_str(text, expected);
    }
    sock_error_t gai = {.kind = SOCK_E_GAI, .code = EAI_NONAME};
    sock_error_message(&gai, text, sizeof text);
    check_str(text, gai_strerror(EAI_NONAME));
    sock_error_t memory = {.kind = SOCK_E_MEMORY};
    sock_error_message(&memory, text, sizeof text);
    check_str(text, strerror(ENOMEM));
    check_fails(sock_settimeout(NULL, 1), SOCK_E_TYPE, 0,
                "settimeout: socket is NULL");
    check_int(sock_error_message(NULL, NULL, 0), 14);
    check_int(sock_error_message(NULL, text, 14), 14);
    check_str(text, "");
    check_int(sock_error_message(NULL, text, 15), 14);
    check_str(text, "socket is NULL");
    check_fails(sock_error_message(NULL, NULL, 1), SOCK_E_TYPE, 0,
                "error_message: buffer is NULL");
}

TEST(error, a_copy_keeps_its_text)
{
    char text[SOCK_ERROR_TEXT_MAX];
    sock_connect(NULL, sock_addr_none());
    sock_error_t first = *sock_last_error();
    sock_setdefaulttimeout(-1);
    sock_error_text(&first, text, sizeof text);
    check_str(text, "connect: socket is NULL");
}

TEST(error, unknown_codes_have_text)
{
    char text[64];
    sock_error_t e = {.kind = SOCK_E_OS, .code = 99999, .operation = "x"};
    sock_error_text(&e, text, sizeof text);
    check_str(text, "x: [Errno 99999] Unknown error 99999");
    e = (sock_error_t){.kind = SOCK_E_VALUE, .detail = 9999, .operation = "x"};
    sock_error_text(&e, text, sizeof text);
    check_str(text, "x: SOCK_E_VALUE");
    e = (sock_error_t){.kind = 77, .operation = "x"};
    sock_error_text(&e, text, sizeof text);
    check_str(text, "x: SOCK_E_UNKNOWN");
}

TEST(error, every_detail_has_text)
{
    char text[SOCK_ERROR_TEXT_MAX];
    for (int detail = 1; detail < SOCK__DETAILS; detail++) {
        sock_error_t e = {
            .kind = SOCK_E_VALUE, .detail = detail, .operation = ""};
        sock_error_reason(&e, text, sizeof text);
        check_that(strcmp(text, "SOCK_E_VALUE") != 0, "detail %d", detail);
        check_that(strstr(text, "%s") == NULL, "detail %d", detail);
    }
}

TEST(error, a_record_may_be_given_its_own_address)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_int(sock_bind(s, sock_addr_inet("::1", 1)), -1);
    check_int(sock_addr_ok(&sock_last_error()->address), 0);
    check_str(error_text(), "address ::1: [Errno -9] Address family for "
                            "hostname not supported");
    sock_free(s);
}

TEST(error, a_zeroed_record_has_text)
{
    char text[64];
    sock_error_t e = {0};
    check_int(sock_error_text(&e, text, sizeof text), 8);
    check_str(text, "no error");
}

TEST(error, the_longest_text_fits)
{
    char path[108], text[SOCK_ERROR_TEXT_MAX];
    memset(path, 0xff, 107);
    path[107] = '\0';
    sock_t *s = check_made(sock_new(AF_UNIX, SOCK_STREAM, 0));
    check_int(sock_connect(s, sock_addr_unix(path)), -1);
    check(sock_error_text(NULL, text, sizeof text) > 640);
    check(text[0] != '\0');
    sock_free(s);

    char host[200]; /* of which as much is kept as an address has room for */
    memset(host, 0xff, sizeof host);
    host[199] = '\0';
    check(sock_create_connection(host, INT_MAX, 1, sock_addr_none()) == NULL);
    check(sock_error_text(NULL, text, sizeof text) > 127 * 6);
    check(text[0] != '\0');
    int64_t value;
    check_int(sock_constant(host, &value), -1);
    check(sock_error_text(NULL, text, sizeof text) > 127 * 6);
    check(text[0] != '\0');
    check(sock_error_reason(NULL, text, sizeof text) > 127 * 6);
    check(text[0] != '\0');
    check(sock_error_message(NULL, text, sizeof text) > 127 * 6);
    check(text[0] != '\0');
}

/* What sock_perror() wrote to a pipe in the place of stderr. */
static void capture_perror(const char *prefix, char *text, size_t size)
{
    int fds[2], saved = dup(2);
    check_int(pipe(fds), 0);
    fflush(stderr);
    dup2(fds[1], 2);
    sock_perror(prefix);
    fflush(stderr);
    dup2(saved, 2);
    close(saved);
    close(fds[1]);
    ssize_t n = read(fds[0], text, size - 1);
    text[n > 0 ? n : 0] = '\0';
    close(fds[0]);
}

TEST(error, perror)
{
    char text[256];
    sock_settimeout(NULL, 1);
    errno = 1234;
    capture_perror("prog", text, sizeof text);
    check_int(errno, 1234);
    check_str(text, "prog: settimeout: socket is NULL\n");
    capture_perror("", text, sizeof text);
    check_str(text, "settimeout: socket is NULL\n");
    capture_perror(NULL, text, sizeof text);
    check_str(text, "settimeout: socket is NULL\n");
}

TEST(error, version)
{
    check_str(sock_version(), "0.3.0");
    check_str(SOCK_VERSION, "0.3.0");
    check_int(SOCK_VERSION_MAJOR, 0);
    check_int(SOCK_VERSION_MINOR, 3);
    check_int(SOCK_VERSION_PATCH, 0);
    check_int(SOCK_VERSION_NUMBER, 0x000300);
}

/* SPDX-License-Identifier: MIT */
/* Each allocation of a client of IMAP is refused once: the call says so, and
 * nothing is lost. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "imap.h"
#include "imap_script.h"
#include "starve.h"

/* A client that has its answers before it asks; its tags begin with ABCD0. */
static sock_imap_t *answered(struct pair *p, const char *says)
{
    sock_session_opts_t opts = imap_opts();

    *p = unix_pair(SOCK_STREAM);
    check_ok(sock_sendall(p->b, IMAP_KNOWN, strlen(IMAP_KNOWN), 0));
    check_ok(sock_sendall(p->b, says, strlen(says), 0));
    check_ok(sock_shutdown(p->b, SHUT_WR));
    sock_imap_t *m = check_made(sock_imap_adopt(p->a, &opts));
    memcpy(m->prefix, "ABCD", 4);
    m->state = SOCK_IMAP_SELECTED;
    return m;
}

static void end(sock_imap_t *m, struct pair *p)
{
    fail_at = 0;
    sock_imap_free(m);
    sock_free(p->b);
}

TEST(imap_memory, clients)
{
    need_own_memory();
    FOR_EACH_REFUSAL(refused)
    {
        sock_session_opts_t opts = imap_opts();
        int kept = fail_at;
        fail_at = 0;
        struct pair p = unix_pair(SOCK_STREAM);
        check_ok(sock_sendall(p.b, IMAP_HELLO, strlen(IMAP_HELLO), 0));
        fail_at = kept;
        sock_imap_t *m = sock_imap_adopt(p.a, &opts);
        fail_at = 0;
        if (m == NULL)
            check_no_memory("IMAP4_stream");
        if (m == NULL)
            sock_free(p.a);
        sock_imap_free(m);
        sock_free(p.b);
    }
}

/* One call of each kind, with what it is answered. */
enum kind {
    LIST,
    SELECT,
    SEARCH,
    FETCH,
    STATUS,
    APPEND,
    LOGIN,
    IDLE,
    COMMAND,
    RESPONSE,
    KINDS
};

static const char *const answers[KINDS] = {
    [LIST] = "* LIST (\\A) \"/\" {3}\r\na b\r\n* 3 EXISTS\r\nABCD0 OK x\r\n",
    [SELECT] = "* 3 EXISTS\r\n* OK [X y] z\r\nABCD0 OK x\r\n",
    [SEARCH] = ("* SEARCH 1 2 3\r\n* ESEARCH COUNT 9 ALL 4:12\r\n"
                "ABCD0 OK x\r\n"),
    [FETCH] = ("* 1 FETCH (UID 1 BODY[] {5}\r\nhello X (a {1}\r\nb))\r\n"
               "* 3 EXISTS\r\nABCD0 OK x\r\n"),
    [STATUS] = "* STATUS a (MESSAGES 1)\r\nABCD0 OK x\r\n",
    [APPEND] = "ABCD0 OK [APPENDUID 1 2] x\r\n",
    [LOGIN] = "ABCD0 OK [CAPABILITY IMAP4rev1 A B C] x\r\n",
    [IDLE] = ("* 2 EXISTS\r\n* 3 EXISTS\r\n+ x\r\n* 4 EXISTS\r\n"
              "ABCD0 OK x\r\n"),
    [COMMAND] = "* X 1\r\nABCD0 NO x\r\n",
    [RESPONSE] = "* X 1\r\nABCD0 OK x\r\n",
};

static int fetch_all(sock_imap_t *m)
{
    sock_imap_item_t item;
    int more = sock_imap_fetch(m, "1", "ALL");

    for (more = more < 0 ? -1 : 1; more > 0;)
        more = sock_imap_next(m, &item);
    return more;
}

static int listen_once(sock_imap_t *m)
{
    sock_imap_event_t event;

    if (sock_imap_idle(m) < 0)
        return -1;
    bool did_without = fail_at == 0; /* what it could do without */
    if (sock_imap_idle_next(m, &event, 5) < 0) {
        check(!did_without);
        return -1;
    }
    check_int(event.number, 2);
    return sock_imap_idle_done(m);
}

static int take_response(sock_imap_t *m)
{
    if (sock_imap_noop(m) < 0)
        return -1;
    sock_lines_t *l = sock_imap_response(m, "X");
    sock_lines_free(l);
    return l != NULL ? 0 : -1;
}

static int call(sock_imap_t *m, enum kind kind)
{
    sock_imap_list_t *l;
    sock_imap_numbers_t *n;
    sock_imap_status_t s;
    const char *const args[] = {"a b"};

    switch (kind) {
    case LIST:
        l = sock_imap_list(m, "\xc3\xa9", "*");
        sock_imap_list_free(l);
        return l != NULL ? 0 : -1;
    case SELECT:
        return sock_imap_select(m, "\xc3\xa9 x", 0, NULL);
    case SEARCH:
        n = sock_imap_search(m, "UTF-8", "SUBJECT \"\xc3\xa9\"");
        sock_imap_numbers_free(n);
        return n != NULL ? 0 : -1;
    case FETCH:
        return fetch_all(m);
    case STATUS:
        return sock_imap_status(m, "a", "MESSAGES", &s);
    case APPEND:
        return sock_imap_append(m, "a", "x", NULL, sock_source_memory("x\n", 2),
                                0);
    case LOGIN:
        m->state = SOCK_IMAP_NONAUTH;
        return sock_imap_login(m, "a b", "c");
    case IDLE:
        return listen_once(m);
    case COMMAND:
        return sock_imap_command(m, "X", args, 1);
    default:
        return take_response(m);
    }
}

/* Want of memory is what fails, or the server has said no. Where the session
 * goes on it is in step. */
TEST(imap_memory, calls)
{
    need_own_memory();
    for (enum kind kind = 0; kind < KINDS; kind++) {
        FOR_EACH_REFUSAL(refused)
        {
            int kept = fail_at;
            struct pair p;
            fail_at = 0;
            sock_imap_t *m = answered(&p, answers[kind]);
            fail_at = kept;
            int result = call(m, kind);
            int kind_of_error = sock_last_error()->kind;
            fail_at = 0;
            if (result < 0)
                check_that(
                    kind_of_error == SOCK_E_MEMORY ||
                        (kind == COMMAND && kind_of_error == SOCK_E_REPLY),
                    "%d: %s", (int)kind, error_text());
            end(m, &p);
        }
    }
}

/* Nor does a session end for a command of which the server knows nothing. */
TEST(imap_memory, what_was_not_said)
{
    need_own_memory();
    FOR_EACH_REFUSAL(refused)
    {
        int kept = fail_at;
        struct pair p;
        char byte;
        fail_at = 0;
        sock_imap_t *m = answered(&p, answers[RESPONSE]);
        fail_at = kept;
        int result = sock_imap_noop(m);
        fail_at = 0;
        bool was_said = sock_recv(p.b, &byte, 1, MSG_DONTWAIT) > 0;
        check(was_said || result < 0);
        check(was_said || sock_imap_state(m) == SOCK_IMAP_SELECTED);
        end(m, &p);
    }
}

/* Nor is a part of one left for the next to begin with. */
TEST(imap_memory, what_was_said_in_part)
{
    char text[2000] = "TEXT \"\xc3\xa9";
    size_t n = strlen(text);

    need_own_memory();
    memset(text + n, 'x', sizeof text - n - 2);
    strcpy(text + sizeof text - 2, "\"");
    FOR_EACH_REFUSAL(refused)
    {
        int kept = fail_at;
        struct pair p;
        fail_at = 0;
        sock_imap_t *m = answered(&p, answers[SEARCH]);
        fail_at = kept;
        sock_imap_numbers_free(sock_imap_search(m, NULL, text));
        fail_at = 0;
        check(sock_imap_state(m) == SOCK_IMAP_LOGOUT ||
              m->session.out.used == 0);
        end(m, &p);
    }
}

/* What came before makes room for more where a limit asks for it, and not for
 * want of memory. */
TEST(imap_memory, what_was_kept)
{
    char says[3000] = "* Y 1\r\nABCD0 OK x\r\n* X ";
    size_t n = strlen(says);

    need_own_memory();
    memset(says + n, 'x', 2000);
    strcpy(says + n + 2000, "\r\nABCD1 OK x\r\n");
    FOR_EACH_REFUSAL(refused)
    {
        int kept = fail_at;
        struct pair p;
        fail_at = 0;
        sock_imap_t *m = answered(&p, says);
        check_ok(sock_imap_noop(m));
        fail_at = kept;
        int result = sock_imap_noop(m);
        fail_at = 0;
        sock_lines_t *l = check_made(sock_imap_response(m, "Y"));
        check(l->count == 1 || result < 0);
        sock_lines_free(l);
        end(m, &p);
    }
}

TEST(imap_memory, flags)
{
    need_own_memory();
    FOR_EACH_REFUSAL(refused)
    {
        sock_lines_t *l = sock_imap_parse_flags("(a b)");
        fail_at = 0;
        if (l == NULL)
            check_no_memory("ParseFlags");
        sock_lines_free(l);
    }
}

/* SPDX-License-Identifier: MIT */
/* Listening for longer than a server lets one, by a clock of the test's own;
 * and servers that say nothing more, from each place of a conversation on. */
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "imap.h"
#include "imap_script.h"

/* In minutes. The server reads the clock, too. */
static atomic_int ahead;

int64_t __real_sock__os_now(void);
int64_t __wrap_sock__os_now(void);

int64_t __wrap_sock__os_now(void)
{
    return __real_sock__os_now() + (int64_t)ahead * 60 * 1000000000;
}

static void pass_minutes(int minutes)
{
    ahead += minutes;
}

TEST(imap_idle, begins_anew)
{
    sock_imap_event_t e;
    sock_imap_t *m = IMAP_MADE(IMAP_KNOWN, "+ 1\r\n", IMAP_OK,
                               "+ 2\r\n* 5 EXISTS\r\n", IMAP_OK);
    check_ok(sock_imap_idle(m));
    pass_minutes(27);
    check_int(sock_imap_idle_next(m, &e, 0), 0);
    pass_minutes(2);
    check_int(sock_imap_idle_next(m, &e, 5), 1);
    check_str(e.data, "5");
    check_int(sock_imap_state(m), SOCK_IMAP_IDLING);
    check_ok(sock_imap_idle_done(m));
    imap_told(m, "$ IDLE\nDONE\n$ IDLE\nDONE\n");
}

TEST(imap_idle, is_refused_the_second_time)
{
    sock_imap_event_t e;
    sock_imap_t *m = IMAP_MADE(IMAP_KNOWN, "+ 1\r\n", "* 6 EXISTS\r\n" IMAP_OK,
                               "$ NO more\r\n");
    check_ok(sock_imap_idle(m));
    pass_minutes(29);
    check_fails(sock_imap_idle_next(m, &e, 5), SOCK_E_REPLY, SOCK_IMAP_NO,
                "idle_next the server: IDLE: NO more");
    check_int(sock_imap_state(m), SOCK_IMAP_AUTH);
    sock_lines_t *l = check_made(sock_imap_response(m, "EXISTS"));
    check_int(l->count, 1);
    sock_lines_free(l);
    imap_told(m, "$ IDLE\nDONE\n$ IDLE\n");
}

/* However many of them there are, each costs what it costs. */
TEST(imap_idle, much_that_came_in_between)
{
    enum { MANY = 200000, SECONDS = 20 };
    static const char line[] = "* 1234567 FETCH (FLAGS (\\Answered \\Flagged "
                               "\\Deleted \\Seen \\Draft $Forwarded $Junk))";
    const struct sock__imap_response r = {.form = SOCK__IMAP_UNTAGGED};
    sock_imap_event_t e = {.number = 0};
    sock_imap_t *m = IMAP_MADE(IMAP_KNOWN, "+ 1\r\n", IMAP_OK);

    check_ok(sock_imap_idle(m));
    m->in.used = 0;
    check_ok(sock__hoard_sink(&m->in).write(&m->in, line, sizeof line - 1));
    for (int i = 0; i < MANY; i++)
        check_ok(sock__imap_put_off(m, "test", &r, NULL));
    clock_t began = clock();
    for (int i = 0; i < MANY; i++)
        check_int(sock_imap_idle_next(m, &e, 0), 1);
    check(clock() - began < SECONDS * CLOCKS_PER_SEC);
    check_int(e.number, 1234567);
    check_int(m->late.room, 0); /* nor does it keep its room */
    check_ok(sock_imap_idle_done(m));
    imap_told(m, "$ IDLE\nDONE\n");
}

TEST(imap_idle, a_deadline_ends_it)
{
    static const double timeouts[] = {5, 9223372036.0, SOCK_NO_TIMEOUT};
    for (size_t i = 0; i < sizeof timeouts / sizeof timeouts[0]; i++) {
        sock_imap_event_t e;
        sock_imap_t *m = IMAP_MADE(IMAP_KNOWN, "+ 1\r\n", "");
        check_ok(sock_imap_idle(m));
        check_ok(sock_session_set_deadline(sock_imap_session(m), 0.05));
        check_int(sock_imap_idle_next(m, &e, timeouts[i]), -1);
        check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
        imap_end(m);
    }
}

static const char whole[] =
    IMAP_HELLO "ABCD0 OK [CAPABILITY " IMAP_CAPABILITIES "] in\r\n"
               "* LIST (\\X) \"/\" {3}\r\na b\r\nABCD1 OK done\r\n"
               "* 1 FETCH (UID 5 BODY[] {5}\r\nhello E (a {1}\r\nb))\r\n"
               "ABCD2 OK done\r\n";

/* What comes late is not waited for, and the client is closed. */
static void converse_about(size_t n)
{
    struct pair p = unix_pair(SOCK_STREAM);
    sock_session_opts_t opts = imap_opts();
    sock_imap_item_t item;
    sock_imap_list_t *l = NULL;
    int more = 1;

    opts.timeout = 0.05;
    check_ok(sock_sendall(p.b, whole, n, 0));
    sock_imap_t *m = sock_imap_adopt(p.a, &opts);
    if (m != NULL) {
        memcpy(m->prefix, "ABCD", 4);
        if (sock_imap_login(m, "a", "b") == 0)
            l = sock_imap_list(m, "", "*");
        m->state = SOCK_IMAP_SELECTED;
        if (l != NULL && sock_imap_fetch(m, "1", "ALL") == 0)
            while ((more = sock_imap_next(m, &item)) > 0)
                continue;
        check_that(more != 0, "%zu", n);
    }
    check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
    check(m == NULL || sock_imap_state(m) == SOCK_IMAP_LOGOUT);
    sock_imap_list_free(l);
    if (m == NULL)
        sock_free(p.a);
    sock_imap_free(m);
    sock_free(p.b);
}

TEST(imap_idle, stalled)
{
    for (size_t n = 0; n < sizeof whole - 1; n += 7)
        converse_about(n);
}

/* SPDX-License-Identifier: MIT */
/* Each allocation of a client of POP3 is refused once: the call says so, and
 * nothing is lost. Links with --wrap. */
#include <pysockc/pop3.h>

#include <stdio.h>

#include "lines.h"
#include "starve.h"
#include "support.h"

static const char *const turns[] = {"+OK <1896.697170952@dbc.mtview.ca.us>\r\n",
                                    "+OK\r\nSASL PLAIN\r\nPIPELINING\r\n.\r\n",
                                    "+OK\r\n",
                                    "+OK 2 320\r\n",
                                    "+OK\r\n1 120\r\n2 200\r\n.\r\n",
                                    "+OK\r\n1 a\r\n2 b\r\n.\r\n",
                                    "+OK 2 b\r\n",
                                    "+OK\r\na\r\n..\r\n\r\nb\r\n.\r\n",
                                    "+OK\r\nPIPELINING\r\n.\r\n",
                                    "+OK\r\na\r\n.\r\n",
                                    "+OK\r\nb\r\n.\r\n",
                                    "+OK bye\r\n",
                                    NULL};

static int drop(void *arg, uint64_t number, const void *data, size_t n)
{
    (void)arg, (void)number, (void)data, (void)n;
    return 0;
}

static bool has(sock_pop3_entries_t *list)
{
    sock_pop3_entries_free(list);
    return list != NULL;
}

static bool has_lines(sock_lines_t *lines)
{
    sock_lines_free(lines);
    return lines != NULL;
}

/* Whether all of it has worked; else it ends there. */
static bool converse(sock_pop3_t *p)
{
    static sock_sasl_login_t login = {"tim", "x"};
    uint64_t count, octets;

    return p != NULL &&
           sock_pop3_auth(p, "PLAIN", sock_sasl_password, &login) == 0 &&
           sock_pop3_stat(p, &count, &octets) == 0 &&
           has(sock_pop3_list(p, 0)) && has(sock_pop3_uidl(p, 0)) &&
           has(sock_pop3_uidl(p, 2)) && has_lines(sock_pop3_retr(p, 1)) &&
           sock_pop3_fetch(p, 1, 2, drop, NULL) == 0 && sock_pop3_quit(p) == 0;
}

TEST(pop3_memory, a_conversation)
{
    need_own_memory();
    FOR_EACH_REFUSAL(refused)
    {
        struct lines_peer peer;
        int left = fail_at;
        fail_at = 0;
        lines_start(&peer, turns, false, -1);
        fail_at = left;
        sock_pop3_t *p = sock_pop3_new("127.0.0.1", peer.port, NULL);
        bool good = converse(p);
        fail_at = 0;
        if (!good)
            check_int(sock_last_error()->kind, SOCK_E_MEMORY);
        sock_pop3_free(p);
        lines_end(&peer);
    }
}

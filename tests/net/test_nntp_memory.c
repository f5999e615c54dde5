/* SPDX-License-Identifier: MIT */
/* Each allocation of a client of NNTP is refused once: the call says so, and
 * nothing is lost. Links with --wrap. */
#include <pysockc/nntp.h>

#include <stdio.h>

#include "lines.h"
#include "starve.h"
#include "support.h"

#define CAPS "101 \r\nVERSION 2\r\nOVER\r\nHDR\r\n.\r\n"

static const char *const turns[] = {
    "200 \r\n",
    CAPS,
    "200 a reader\r\n",
    CAPS,
    "381 and?\r\n",
    "281 ok\r\n",
    CAPS,
    "215 list\r\nmisc.test 2 1 y\r\n.\r\n",
    "215 descriptions\r\nmisc.test What\r\n.\r\n",
    "224 over\r\n1\ta\tb\tc\td\te\t1\t2\tXref: x\r\n.\r\n",
    "215 format\r\nSubject:\r\nFrom:\r\nDate:\r\nMessage-ID:\r\nReferences:\r\n"
    ":bytes\r\n:lines\r\nXref:full\r\n.\r\n",
    "225 hdr\r\n1 I am\r\n.\r\n",
    "220 1 <a@b>\r\nSubject: x\r\n\r\n..\r\n.\r\n",
    "340 go on\r\n",
    "^240 thanks\r\n",
    "205 bye\r\n",
    NULL};

static bool has_groups(sock_nntp_groups_t *list)
{
    sock_nntp_groups_free(list);
    return list != NULL;
}

static bool has_overview(sock_nntp_overview_t *list)
{
    sock_nntp_overview_free(list);
    return list != NULL;
}

static bool has_values(sock_nntp_values_t *list)
{
    sock_nntp_values_free(list);
    return list != NULL;
}

static bool has_lines(sock_lines_t *lines)
{
    sock_lines_free(lines);
    return lines != NULL;
}

/* Whether all of it has worked; else it ends there. */
static bool converse(sock_nntp_t *n)
{
    return n != NULL && sock_nntp_login(n, "tim", "x") == 0 &&
           has_groups(sock_nntp_list(n, NULL)) &&
           has_groups(sock_nntp_descriptions(n, "*")) &&
           has_overview(sock_nntp_over(n, "1-")) &&
           has_values(sock_nntp_hdr(n, "Subject", "1-")) &&
           has_lines(sock_nntp_article(n, NULL)) &&
           sock_nntp_post(n, sock_source_memory("a\n", 2)) == 0 &&
           sock_nntp_quit(n) == 0;
}

TEST(nntp_memory, a_conversation)
{
    need_own_memory();
    FOR_EACH_REFUSAL(refused)
    {
        sock_session_opts_t opts = {.size = sizeof opts, .readermode = 1};
        struct lines_peer peer;
        int left = fail_at;
        fail_at = 0;
        lines_start(&peer, turns, false, -1);
        fail_at = left;
        sock_nntp_t *n = sock_nntp_new("127.0.0.1", peer.port, &opts);
        bool good = converse(n);
        fail_at = 0;
        if (!good)
            check_int(sock_last_error()->kind, SOCK_E_MEMORY);
        sock_nntp_free(n);
        lines_end(&peer);
    }
}

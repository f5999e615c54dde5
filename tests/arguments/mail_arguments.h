/* SPDX-License-Identifier: MIT */
/* For those of the clients of mail, news and FTP: what net_arguments.h has not.
 */
#include <pysockc/net.h>

#include "ftp.h"
#include "imap.h"
#include "nntp.h"
#include "pop3.h"
#include "session.h"
#include "smtp_client.h"

/* What a call was given, and clean_mail() ends. */
static struct {
    sock_ftp_t *ftp;
    sock_imap_t *imap;
    sock_nntp_t *nntp;
    sock_pop3_t *pop3;
    sock_smtp_t *smtp;
} client;

/* Begins the session of a client over a pair, whose other end has said its
 * part. */
static inline void talk(struct call *c, struct sock_session *session,
                        enum sock__numbering numbering, const char *said)
{
    static struct sock__protocol protocols[3];
    struct sock__protocol *protocol = &protocols[numbering];
    struct pair p = unix_pair(SOCK_STREAM);

    *protocol = (struct sock__protocol){1, 8192, 510, numbering};
    check_ok(sock_sendall(p.b, said, strlen(said), 0));
    check_ok(sock_shutdown(p.b, SHUT_WR));
    c->peer = p.b;
    check_ok(sock__session_begin(session, "begin", protocol, NULL));
    check_ok(sock__session_adopt(session, "begin", p.a));
}

/* A text with the end of a line in it was to go into a command: then nothing
 * has been said at all; or nothing of it, where it would have been encoded. */
static inline void said_nothing(const struct call *c, bool broken, bool encodes)
{
    char said[1024];
    ssize_t n;

    if (!broken || c->peer == NULL)
        return;
    n = recv(sock_fileno(c->peer), said, sizeof said, MSG_DONTWAIT);
    bool harmless = encodes && n > 0 && memchr(said, 0xff, (size_t)n) == NULL;
    check_that(n <= 0 || harmless, "%s, values%s: something was said", c->name,
               which(c));
}

/* One that talks, one that is closed, none; in that order. */
static inline sock_ftp_t *ftp_clients(struct call *c, int i)
{
    if (c->at[i] == 2)
        return NULL;
    client.ftp = check_made(calloc(1, sizeof *client.ftp));
    talk(c, &client.ftp->session, SOCK__OUTER_LINES,
         "200 a\r\n229 (|||1|)\r\n257 \"/\"\r\n213 1\r\n250 b\r\n");
    if (c->at[i] == 1)
        sock__session_close(&client.ftp->session);
    return client.ftp;
}
enum { count_ftp_clients = 3 };

/* In a mailbox, so that each command may be said. */
static inline sock_imap_t *imap_clients(struct call *c, int i)
{
    if (c->at[i] == 2)
        return NULL;
    client.imap = check_made(calloc(1, sizeof *client.imap));
    memcpy(client.imap->prefix, "AAAA", sizeof "AAAA");
    client.imap->state = SOCK_IMAP_SELECTED;
    talk(c, &client.imap->session, SOCK__ONE_LINE,
         "* 1 EXISTS\r\nAAAA0 OK a\r\nAAAA1 OK b\r\n");
    if (c->at[i] == 1)
        sock__session_close(&client.imap->session);
    return client.imap;
}
enum { count_imap_clients = 3 };

static inline sock_nntp_t *nntp_clients(struct call *c, int i)
{
    if (c->at[i] == 2)
        return NULL;
    client.nntp = check_made(calloc(1, sizeof *client.nntp));
    talk(c, &client.nntp->session, SOCK__ONE_LINE,
         "223 1 <a@b>\r\n340 a\r\n215 b\r\n.\r\n240 c\r\n");
    if (c->at[i] == 1)
        sock__session_close(&client.nntp->session);
    return client.nntp;
}
enum { count_nntp_clients = 3 };

static inline sock_pop3_t *pop3_clients(struct call *c, int i)
{
    if (c->at[i] == 2)
        return NULL;
    client.pop3 = check_made(calloc(1, sizeof *client.pop3));
    talk(c, &client.pop3->session, SOCK__ONE_LINE,
         "+OK 1 2\r\nPIPELINING\r\n.\r\n+OK 1 2\r\n.\r\n+OK\r\n");
    if (c->at[i] == 1)
        sock__session_close(&client.pop3->session);
    return client.pop3;
}
enum { count_pop3_clients = 3 };

static inline sock_smtp_t *smtp_clients(struct call *c, int i)
{
    if (c->at[i] == 2)
        return NULL;
    client.smtp = check_made(calloc(1, sizeof *client.smtp));
    talk(c, &client.smtp->session, SOCK__EACH_LINE,
         "250-h\r\n250 AUTH PLAIN\r\n250 a\r\n250 b\r\n354 c\r\n250 d\r\n");
    if (c->at[i] == 1)
        sock__session_close(&client.smtp->session);
    return client.smtp;
}
enum { count_smtp_clients = 3 };

static inline sock_session_t *sessions(struct call *c, int i)
{
    sock_pop3_t *p = pop3_clients(c, i);
    return p != NULL ? &p->session : NULL;
}
enum { count_sessions = count_pop3_clients };

/* Good, of another version, with what is reserved, none. */
static const sock_session_opts_t opts_table[] = {
    {.size = sizeof opts_table[0], .timeout = 1},
    {.size = 1},
    {.size = sizeof opts_table[0], .reserved = {1}},
    {.size = sizeof opts_table[0], .timeout = -5}};
VALUES(const sock_session_opts_t *, session_opts, &opts_table[0],
       &opts_table[1], &opts_table[2], &opts_table[3], NULL)

static const sock_session_limits_t session_limits_table[] = {
    {.size = sizeof session_limits_table[0]},
    {.size = 1},
    {.size = sizeof session_limits_table[0], .reserved = {1}}};
VALUES(const sock_session_limits_t *, session_limits, &session_limits_table[0],
       &session_limits_table[1], &session_limits_table[2], NULL)

/* Good, none, with what is no number, lost, no list. */
static const uint32_t number_table[] = {1, 2, 3, 7, 0};
static const sock_imap_numbers_t numbers_table[] = {
    {number_table, 4}, {number_table, 0}, {number_table, 5}, {NULL, 1}};
VALUES(const sock_imap_numbers_t *, numbers, &numbers_table[0],
       &numbers_table[1], &numbers_table[2], &numbers_table[3], NULL)

static inline void trace_nothing(void *arg, char direction, const char *line,
                                 size_t n)
{
    (void)arg, (void)direction, (void)line, (void)n;
}
VALUES(sock_trace_fn, traces, trace_nothing, NULL)

static inline int swallow(void *arg, const void *data, size_t n)
{
    (void)arg, (void)data, (void)n;
    return 0;
}

static inline int swallow_numbered(void *arg, uint64_t number, const void *data,
                                   size_t n)
{
    (void)arg, (void)number, (void)data, (void)n;
    return 0;
}
VALUES(sock_pop3_fn, message_functions, swallow_numbered, NULL)
VALUES(sock_sink_t, sinks, {swallow, NULL}, {NULL, NULL})
static const sock_sink_t sink_table[] = {{swallow, NULL}, {NULL, NULL}};
VALUES(const sock_sink_t *, sink_pointers, &sink_table[0], &sink_table[1], NULL)
VALUES(sock_source_t, sources, {.data = "a\nb", .size = 3},
       {.data = NULL, .size = 0})

static inline ssize_t cancel_exchange(void *arg, const char *mechanism,
                                      const void *challenge, size_t n,
                                      void *response, size_t size)
{
    (void)arg, (void)mechanism, (void)challenge, (void)n, (void)response,
        (void)size;
    return SOCK_SASL_CANCEL;
}
VALUES(sock_sasl_fn, exchanges, cancel_exchange, NULL)
VALUES(const char *, servers_of_mail, "127.0.0.1", "", "/nowhere", "a b", NULL)

/* Texts in an array. */
VALUES(size_t, few, 1, 0, 2)

/* Two, whoever they are. */
static inline const char *const *recipients(const struct call *c, int i)
{
    static const char *const good[] = {"a@b", "c@d"};
    static const char *const broken[] = {"a\nb", "c\rd"};
    static const char *const none[2];
    static const char *const *const all[] = {good, broken, none, NULL};
    return all[c->at[i]];
}
enum { count_recipients = 4 };

static inline void clean_mail(bool gone)
{
    if (!gone || client.ftp == NULL)
        sock_ftp_free(client.ftp);
    if (!gone || client.imap == NULL)
        sock_imap_free(client.imap);
    if (!gone || client.nntp == NULL)
        sock_nntp_free(client.nntp);
    if (!gone || client.pop3 == NULL)
        sock_pop3_free(client.pop3);
    if (!gone || client.smtp == NULL)
        sock_smtp_free(client.smtp);
    memset(&client, 0, sizeof client);
}

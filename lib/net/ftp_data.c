/* SPDX-License-Identifier: MIT */
/* Data connections: who makes them, where they lead, and TLS under them. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <pysockc/address.h>
#include <pysockc/connect.h>
#include <pysockc/options.h>
#include <pysockc/timeout.h>

#include "ftp.h"
#include "ftp_parse.h"

/* Failures */

static int recorded(const char *op)
{
    return sock__fail_status(op, SOCK__RECORDED);
}

/* Frees a connection of a call that has failed; NULL. */
static sock_t *give_up(sock_t *s)
{
    sock_free(s);
    return NULL;
}

static int no_port(sock_ftp_t *f, const char *op)
{
    return sock__session_broke(&f->session, op, SOCK_P_SYNTAX,
                               "a reply without a port");
}

/* Time */

/* What there is of the session's, at most; 0: it is over. */
static double time_left(const sock_ftp_t *f, double most)
{
    int64_t left = f->session.deadline - sock__os_now();

    if (f->session.deadline == 0)
        return most;
    double seconds = left > 0 ? (double)left / 1e9 : 0;
    return seconds < most ? seconds : most;
}

/* Each call has the time of a command; the deadline and the cancel token of the
 * control connection are those of all. */
static int set_limits(const sock_ftp_t *f, const char *op, sock_t *s)
{
    const struct sock_session *c = &f->session;

    if ((sock_gettimeout(s) == c->timeout ||
         sock_settimeout(s, c->timeout) == 0) &&
        sock__cancel_as(s, c->wire.sock) == 0 &&
        (c->deadline == 0 ||
         sock_set_deadline(s, time_left(f, SOCK_NO_TIMEOUT)) == 0))
        return 0;
    return recorded(op);
}

/* A socket of that family; NULL with the error recorded. */
static sock_t *make(const sock_ftp_t *f, const char *op, int family)
{
    sock_t *s = sock_new(family, SOCK_STREAM, 0);

    if (s == NULL)
        recorded(op);
    return s == NULL || set_limits(f, op, s) == 0 ? s : give_up(s);
}

/* Passive mode */

/* The server, whose port is another one: 0; -1 with the error recorded. */
static int peer_of(const sock_ftp_t *f, const char *op, sock_addr_t *peer)
{
    if (sock_getpeername(f->session.wire.sock, peer) < 0)
        return recorded(op);
    int family = sock_addr_family(peer);
    if (family == AF_INET || family == AF_INET6)
        return 0;
    return sock__fail_saying(op, SOCK_E_VALUE, 0,
                             "no data connection beside such a socket");
}

/* Whether a server that says so will never know it. */
static bool is_unknown(int number)
{
    return (number >= 500 && number <= 504) || number == 522;
}

/* Whether it has given a port: 1; 0: it has refused; -1 with the error
 * recorded. */
static int ask_epsv(sock_ftp_t *f, const char *op, sock_addr_t *to)
{
    int number = sock__ftp_ask(f, op, "EPSV", "");

    if (number != 229) {
        f->no_epsv = is_unknown(number);
        return number < 0 ? -1 : 0;
    }
    int port = sock__ftp_epsv(sock_session_text(&f->session));
    if (port == 0)
        return no_port(f, op);
    *to = sock_addr_with_port(*to, port);
    return 1;
}

static int ask_pasv(sock_ftp_t *f, const char *op, sock_addr_t *to)
{
    char host[sizeof "255.255.255.255"];
    unsigned char ip[4];
    int port, number = sock__ftp_do(f, op, "PASV", "", "123");

    if (number < 0)
        return -1;
    if (number != 227)
        return sock__session_refused(&f->session, op);
    if (!sock__ftp_pasv(sock_session_text(&f->session), ip, &port))
        return no_port(f, op);
    *to = sock_addr_with_port(*to, port);
    if (f->trusts) {
        snprintf(host, sizeof host, "%u.%u.%u.%u", ip[0], ip[1], ip[2], ip[3]);
        *to = sock_addr_inet(host, port);
    }
    return 0;
}

/* Where the server waits; PASV has nothing but IPv4 to say. */
static int where_to(sock_ftp_t *f, const char *op, sock_addr_t *to)
{
    if (peer_of(f, op, to) < 0)
        return -1;
    bool v4 = sock_addr_family(to) == AF_INET;
    if (v4 && (f->no_epsv || f->trusts))
        return ask_pasv(f, op, to);
    int has = ask_epsv(f, op, to);
    if (has != 0)
        return has < 0 ? -1 : 0;
    if (v4 && sock_session_code(&f->session) / 100 == 5)
        return ask_pasv(f, op, to);
    return sock__session_refused(&f->session, op);
}

static int connect_to(const sock_ftp_t *f, const char *op, sock_t *s,
                      sock_addr_t to)
{
    const sock_addr_t *source = &f->session.source;

    if (f->allow != NULL && !f->allow(&to, f->allow_arg)) {
        sock__fail(op, SOCK_E_OS, EACCES, 0);
        return -1;
    }
    if (sock_addr_family(source) == sock_addr_family(&to) &&
        sock_bind(s, sock_addr_with_port(*source, 0)) < 0)
        return recorded(op);
    return sock_connect(s, to) < 0 ? recorded(op) : 0;
}

/* The data connection; NULL with the error recorded. */
static sock_t *dial(sock_ftp_t *f, const char *op)
{
    sock_addr_t to;

    if (where_to(f, op, &to) < 0)
        return NULL;
    sock_t *s = make(f, op, sock_addr_family(&to));
    if (s == NULL || connect_to(f, op, s, to) == 0)
        return s;
    sock__session_about(&f->session, op);
    return give_up(s);
}

/* Active mode */

/* Listens beside the control connection, to one client. */
static int listen_beside(const char *op, sock_t *s, sock_addr_t *own)
{
    if (sock_bind(s, sock_addr_with_port(*own, 0)) < 0 ||
        sock_listen(s, 1) < 0 || sock_getsockname(s, own) < 0)
        return recorded(op);
    return 0;
}

/* PORT h,h,h,h,p,p for IPv4, else EPRT |2|h|p|, in which no scope has a place.
 */
static int tell_port(sock_ftp_t *f, const char *op, const sock_addr_t *own)
{
    char host[128], arg[160];
    int port = sock_addr_port(own);

    if (sock_addr_host(own, host, sizeof host) < 0)
        return recorded(op);
    if (sock_addr_family(own) == AF_INET) {
        for (char *at = host; (at = strchr(at, '.')) != NULL;)
            *at = ',';
        snprintf(arg, sizeof arg, "%s,%d,%d", host, port / 256, port % 256);
        return sock__ftp_do(f, op, "PORT ", arg, "2");
    }
    host[strcspn(host, "%")] = '\0';
    snprintf(arg, sizeof arg, "|2|%s|%d|", host, port);
    return sock__ftp_do(f, op, "EPRT ", arg, "2");
}

/* What waits for the server; NULL with the error recorded. */
static sock_t *wait_beside(sock_ftp_t *f, const char *op)
{
    sock_addr_t own;

    if (peer_of(f, op, &own) < 0)
        return NULL;
    if (sock_getsockname(f->session.wire.sock, &own) < 0) {
        recorded(op);
        return NULL;
    }
    sock_t *s = make(f, op, sock_addr_family(&own));
    if (s == NULL ||
        (listen_beside(op, s, &own) == 0 && tell_port(f, op, &own) >= 0))
        return s;
    return give_up(s);
}

static bool is_same_host(sock_addr_t a, sock_addr_t b)
{
    a = sock_addr_with_port(a, 0);
    b = sock_addr_with_port(b, 0);
    return sock_addr_equal(&a, &b) > 0;
}

/* Whether bytes of the control connection are there, or its end: 1, 0; -1 with
 * the error recorded. */
static int has_spoken(const sock_ftp_t *f, const char *op)
{
    const struct sock__wire *w = &f->session.wire;

    if (w->at < w->end)
        return 1;
    int found = sock_wait(w->sock, SOCK_EVENT_READ, 0);
    return found < 0 ? recorded(op) : found > 0;
}

/* Whether someone has connected: 1; 0: the server says something instead; -1
 * with the error recorded. It is looked whether it has spoken before it is
 * looked who is there: who says that all is sent has connected before. */
static int await_either(const sock_ftp_t *f, const char *op, sock_t *listener,
                        struct sock__timer *t)
{
    sock_t *control = f->session.wire.sock;
    struct pollfd ends[3]; /* and what a token is waited for by */
    struct sock__timer now = {.timeout = 0};
    int saved = errno;

    for (;;) {
        int spoke = has_spoken(f, op);
        int fd = spoke < 0 ? -1 : sock__enter(control, op);
        if (fd < 0)
            return -1;
        ends[0] = (struct pollfd){sock_fileno(listener), POLLIN, 0};
        ends[1] = (struct pollfd){fd, POLLIN, 0};
        int status =
            sock__await_any(listener, ends, spoke ? 1 : 2, spoke ? &now : t);
        sock__leave(control);
        bool came = status == 0 && ends[0].revents != 0;
        if (status != 0 && !(spoke && status == SOCK__TIMED_OUT))
            return sock__fail_status(op, status);
        errno = saved;
        if (came || spoke)
            return came;
    }
}

/* What the server says in place of connecting: 0, if that is yet to come; -1
 * with the error recorded. */
static int hear_instead(sock_ftp_t *f, const char *op)
{
    int number = sock__ftp_hear(f, op);

    if (number < 0 || number / 100 == 1)
        return number < 0 ? -1 : 0;
    f->state = SOCK__FTP_IDLE;
    return sock__session_refused(&f->session, op);
}

/* Who connects next; NULL with the error recorded. */
static sock_t *accept_one(sock_ftp_t *f, const char *op, sock_t *listener,
                          struct sock__timer *t, sock_addr_t *peer)
{
    int came = 0;

    while (came == 0) {
        came = await_either(f, op, listener, t);
        if (came == 0 && hear_instead(f, op) < 0)
            return NULL;
    }
    sock_t *s = came > 0 ? sock_accept(listener, peer) : NULL;
    if (s == NULL)
        recorded(op);
    return s;
}

/* The server's connection, by what waits for it. Whoever else comes is sent
 * away; all of them, and what the server may say, have the time of a command.
 */
static sock_t *take(sock_ftp_t *f, const char *op, sock_t *listener)
{
    sock_addr_t server, peer;
    sock_t *s = NULL;
    bool ours = false;

    if (sock__session_clock(&f->session, op) < 0 || peer_of(f, op, &server) < 0)
        return NULL;
    if (sock_set_deadline(listener, time_left(f, f->session.timeout)) < 0) {
        recorded(op);
        return NULL;
    }
    struct sock__timer t = sock__timer(listener);
    while (!ours) {
        sock_free(s);
        s = accept_one(f, op, listener, &t, &peer);
        ours = s == NULL || is_same_host(server, peer);
    }
    return s == NULL || set_limits(f, op, s) == 0 ? s : give_up(s);
}

/* The same, and what waits for it is freed. */
static sock_t *take_over(sock_ftp_t *f, const char *op, sock_t *listener)
{
    sock_t *s = take(f, op, listener);

    sock_free(listener);
    return s;
}

/* TLS */

/* The session to resume; NULL: there is none. */
static struct sock_ssl_session_s *session_of(const sock_ftp_t *f)
{
    struct sock__saved saved;

    if (!sock__session_is_secure(&f->session))
        return NULL;
    sock__error_save(&saved);
    struct sock_ssl_session_s *session =
        f->tls->ops->session(f->session.wire.sock);
    sock__error_restore(&saved);
    return session;
}

/* TLS under a connection, which is freed; NULL with the error recorded. */
static sock_t *secure(sock_ftp_t *f, const char *op, sock_t *s)
{
    struct sock_ssl_session_s *own = session_of(f);
    const struct sock__tls_terms terms = {.op = op,
                                          .host = f->session.host,
                                          .session =
                                              own != NULL ? own : f->resumed};
    sock_t *made = f->tls->ops->wrap(f->tls, s, &terms);

    sock_free(s);
    if (own != NULL)
        f->tls->ops->session_free(own);
    // cppcheck-suppress returnDanglingLifetime ; the terms are not kept
    return made;
}

/* Transfers */

/* Some servers say 2xx first, which means nothing. */
static int say_transfer(sock_ftp_t *f, const char *op, const char *verb,
                        const char *arg, int64_t rest)
{
    char where[24];

    snprintf(where, sizeof where, "%" PRId64, rest);
    if (rest > 0 && sock__ftp_do(f, op, "REST ", where, "123") < 0)
        return -1;
    int number = sock__ftp_ask(f, op, verb, arg);
    if (number / 100 == 2)
        number = sock__ftp_hear(f, op);
    return sock__ftp_of(f, op, number, "1");
}

static bool is_to_send(const char *verb, const char *arg)
{
    static const char *const verbs[] = {"STOR ", "STOU", "APPE "};
    const char *command = *verb != '\0' ? verb : arg;

    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (strncasecmp(command, verbs[i], strlen(verbs[i])) == 0)
            return true;
    return false;
}

/* Who has asked for TLS means the files, too. */
static int keep_private(sock_ftp_t *f, const char *op)
{
    if (f->tls == NULL || f->private || f->in_clear)
        return 0;
    return sock__ftp_protect(f, op, true);
}

sock_t *sock__ftp_open(sock_ftp_t *f, const char *op, const char *verb,
                       const char *arg, int64_t rest, int64_t *size)
{
    if (keep_private(f, op) < 0)
        return NULL;
    sock_t *s = f->active ? wait_beside(f, op) : dial(f, op);
    int number = s != NULL ? say_transfer(f, op, verb, arg, rest) : -1;

    if (number < 0)
        return give_up(s);
    f->state = SOCK__FTP_OWES;
    *size = number == 150 ? sock__ftp_announced(sock_session_text(&f->session))
                          : -1;
    if (f->active)
        s = take_over(f, op, s);
    if (s != NULL && f->private)
        s = secure(f, op, s);
    if (s == NULL) {
        sock__session_about(&f->session, op);
        return NULL;
    }
    f->state = SOCK__FTP_BUSY;
    f->sends = is_to_send(verb, arg);
    return s;
}

/* The second reply has its own time, however long the transfer has taken. Of
 * what is sent the end is said first, and the connection is there until the
 * server has heard it: one that is closed while something lies there unread may
 * take with it what is still on its way. */
int sock__ftp_close(sock_ftp_t *f, const char *op, sock_t *conn)
{
    struct sock__saved saved;

    sock__error_save(&saved);
    if (!f->sends) {
        sock_free(conn);
        conn = NULL;
    } else if (conn != NULL && sock_shutdown(conn, SHUT_WR) < 0) {
        sock__error_restore(&saved);
    }
    f->state = SOCK__FTP_OWES;
    int number = sock__session_clock(&f->session, op);
    if (number == 0)
        number = sock__ftp_hear_end(f, op);
    sock_free(conn);
    return sock__ftp_of(f, op, number, "2") < 0 ? -1 : 0;
}

/* TLS must not say goodbye, either, which would make an end of it. */
static void reset(sock_t *conn)
{
    const struct linger now = {.l_onoff = 1};
    int fd = sock_detach(conn);

    if (fd < 0)
        return;
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd);
}

void sock__ftp_drop(sock_ftp_t *f, sock_t *conn)
{
    struct sock__saved saved;

    sock__error_save(&saved);
    if (f->sends && conn != NULL)
        reset(conn);
    sock_free(conn);
    f->state = SOCK__FTP_OWES;
    sock__error_restore(&saved);
}

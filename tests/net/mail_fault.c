/* SPDX-License-Identifier: MIT */
/*
 * mail_fault [--list | --scenario S] [--call C --nth N --code E]
 *
 * Fails each call that the clients of mail, news and FTP make of the system,
 * and each allocation, as inject.h says, in whole conversations. A client that
 * is still connected behind a failure is in step: the next command has its own
 * reply.
 *
 * The server plays a script within the client's own send; only what the client
 * does is failed.
 */
#include "fault_calls.h"

#include <dirent.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <pysockc/net.h>

#include "ftp.h"
#include "private.h"

enum { SKIPPED = 77 };

/* Calls that no other program fails */

WRAP(int, getaddrinfo,
     (const char *host, const char *service, const struct addrinfo *hints,
      struct addrinfo **found))
{
    int code = hit("getaddrinfo");
    if (code != 0)
        return code;
    code = __real_getaddrinfo(host, service, hints, found);
    others += code == 0;
    return code;
}

WRAP(void, freeaddrinfo, (struct addrinfo * found))
{
    others--;
    __real_freeaddrinfo(found);
}

/* A whole one, as no thread is to ask who knows it; or none. */
static bool has_no_name;

WRAP(int, gethostname, (char *name, size_t n))
{
    int code = has_no_name ? EPERM : hit("gethostname");
    if (code == 0)
        return snprintf(name, n, "me.example") < 0;
    errno = code;
    return -1;
}

FAILING(int, setsockopt,
        (int fd, int level, int name, const void *value, socklen_t n),
        (fd, level, name, value, n))
FAILING(int, shutdown, (int fd, int how), (fd, how))

/* The server */

/*
 * A step, by its first character:
 *   "<"    hears a line of the control connection, "<." all up to a dot,
 *          "<ABOR" that line, which else is answered out of turn;
 *   ">X"   says X there and CRLF, "=X" as it is; $ is the last tag of IMAP;
 *   "E"    begins to listen for a data connection, and says 229; "P" 227;
 *   "@"    takes that connection; "!" connects to where PORT said;
 *   "+X"   sends X over it; "." closes it; "-" keeps it until the end, when
 *          X is what must have come by it.
 * NULL ends them.
 */
static struct {
    int listener, port, client, control, door, data;
    const char *const *steps;
    char heard[100000], tag[16], active[64];
    const char *awaited;
    size_t used;
} server = {.listener = -1, .client = -1, .control = -1};

static char *folder;

static void server_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* On loopback, or at the path. */
static int server_listens(int *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    int fd = __real_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(fd >= 0 && __real_bind(fd, (struct sockaddr *)&a, n) == 0 &&
             __real_listen(fd, 8) == 0 &&
             __real_getsockname(fd, (struct sockaddr *)&a, &n) == 0,
         "a server");
    *port = ntohs(a.sin_port);
    return fd;
}

static const char *server_path(void)
{
    static char path[100];
    snprintf(path, sizeof path, "%s/socket", folder);
    return path;
}

static int server_listens_at_path(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = __real_socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(a.sun_path, sizeof a.sun_path, "%s", server_path());
    unlink(a.sun_path);
    must(fd >= 0 && __real_bind(fd, (struct sockaddr *)&a, sizeof a) == 0 &&
             __real_listen(fd, 8) == 0,
         "a server");
    return fd;
}

static void server_says(const char *text, const char *end)
{
    char said[100000];
    size_t n = 0;
    for (; *text != '\0'; text++)
        if (*text == '$')
            n += (size_t)snprintf(said + n, sizeof said - n, "%s", server.tag);
        else
            said[n++] = *text;
    n += (size_t)snprintf(said + n, sizeof said - n, "%s", end);
    __real_send(server.control, said, n, MSG_NOSIGNAL);
}

static void server_says_port(bool extended)
{
    char text[100];
    int port;
    server_close(&server.door);
    server.door = server_listens(&port);
    if (extended)
        snprintf(text, sizeof text, "229 here (|||%d|)", port);
    else
        snprintf(text, sizeof text, "227 here (127,0,0,1,%d,%d)", port / 256,
                 port % 256);
    server_says(text, "\r\n");
}

int __real_connect(int fd, const struct sockaddr *a, socklen_t n);

static void server_connects(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    unsigned n[6];
    must(sscanf(server.active, "PORT %u,%u,%u,%u,%u,%u", n, n + 1, n + 2, n + 3,
                n + 4, n + 5) == 6,
         "a port to connect to");
    a.sin_addr.s_addr = htonl(n[0] << 24 | n[1] << 16 | n[2] << 8 | n[3]);
    a.sin_port = htons((uint16_t)(n[4] * 256 + n[5]));
    server_close(&server.data);
    server.data = __real_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    __real_connect(server.data, (struct sockaddr *)&a, sizeof a);
}

static void server_takes_data(void)
{
    server_close(&server.data);
    server.data = __real_accept4(server.door, NULL, NULL, SOCK_CLOEXEC);
}

/* What ends what it is to hear; NULL: not all of it has come. */
static const char *server_end(const char *text)
{
    bool dots = *text == '.';
    if (dots && strncmp(server.heard, ".\r\n", 3) == 0)
        return server.heard + 3;
    const char *mark = dots ? "\r\n.\r\n" : "\r\n";
    const char *at = strstr(server.heard, mark);
    return at != NULL ? at + strlen(mark) : NULL;
}

static bool server_hears(const char *text)
{
    const char *end = server_end(text);
    if (end == NULL)
        return false;
    if (strspn(server.heard, "ABCDEFGHIJKLMNOP") == 4 &&
        strchr("0123456789", server.heard[4]) != NULL)
        snprintf(server.tag, sizeof server.tag, "%.*s",
                 (int)strcspn(server.heard, " "), server.heard);
    if (strncmp(server.heard, "PORT ", 5) == 0)
        snprintf(server.active, sizeof server.active, "%.60s", server.heard);
    server.used -= (size_t)(end - server.heard);
    memmove(server.heard, end, server.used + 1);
    return true;
}

/* False: it waits for more. */
static bool server_goes_on(const char *step)
{
    const char *text = step + 1;
    switch (*step) {
    case '<':
        return server_hears(text);
    case '>':
    case '=':
        server_says(text, *step == '>' ? "\r\n" : "");
        return true;
    case 'E':
    case 'P':
        server_says_port(*step == 'E');
        return true;
    case '@':
        server_takes_data();
        return true;
    case '!':
        server_connects();
        return true;
    case '+':
        __real_send(server.data, text, strlen(text), MSG_NOSIGNAL);
        return true;
    case '-':
        server.awaited = text;
        return true;
    default:
        server_close(&server.data);
        return true;
    }
}

/* A client that gives a transfer up, which no script has. */
static void server_is_told_to_abort(void)
{
    const char *step = *server.steps;
    if (strncmp(server.heard, "ABOR\r\n", 6) != 0 ||
        (step != NULL && strcmp(step, "<ABOR") == 0))
        return;
    server_hears("");
    server_says("225 nothing", "\r\n");
}

static void server_plays(void)
{
    server_is_told_to_abort();
    while (*server.steps != NULL && server_goes_on(*server.steps))
        server.steps++;
}

/* What was sent is here at once, or soon. */
static void other_end_hears(int fd)
{
    int saved = errno;
    struct pollfd p = {server.control, POLLIN, 0};
    if (now.armed && server.control >= 0 && fd == server.client &&
        __real_poll(&p, 1, 1000) == 1) {
        ssize_t n =
            __real_recv(p.fd, server.heard + server.used,
                        sizeof server.heard - 1 - server.used, MSG_DONTWAIT);
        server.used += n > 0 ? (size_t)n : 0;
        server.heard[server.used] = '\0';
        server_plays();
    }
    errno = saved;
}

/* The first who connects is the client. */
static void server_meets(int fd)
{
    int saved = errno;
    const int on = 1;
    struct pollfd p = {server.listener, POLLIN, 0};
    if (now.armed && server.control < 0 && __real_poll(&p, 1, 1000) == 1) {
        server.control = __real_accept4(p.fd, NULL, NULL, SOCK_CLOEXEC);
        server.client = fd;
        __real_setsockopt(server.control, IPPROTO_TCP, TCP_NODELAY, &on,
                          sizeof on);
        server_plays();
    }
    errno = saved;
}

WRAP(int, connect, (int fd, const struct sockaddr *a, socklen_t n))
{
    int code = hit("connect");
    if (code != 0) {
        errno = code;
        return -1;
    }
    int outcome = __real_connect(fd, a, n);
    if (outcome == 0 || errno == EINPROGRESS)
        server_meets(fd);
    return outcome;
}

static void server_begins(bool at_path, const char *const *steps)
{
    server.listener =
        at_path ? server_listens_at_path() : server_listens(&server.port);
    server.client = server.control = server.door = server.data = -1;
    server.used = 0;
    server.heard[0] = '\0';
    server.awaited = NULL;
    server.steps = steps;
}

/* What has come by the data connection. */
static void check_data(bool ok)
{
    char got[512];
    size_t used = 0;
    ssize_t n;
    while (server.data >= 0 && is_ready(server.data) &&
           (n = __real_recv(server.data, got + used, sizeof got - 1 - used,
                            0)) > 0)
        used += (size_t)n;
    got[used] = '\0';
    if (server.awaited != NULL && ok && strcmp(got, server.awaited) != 0)
        complain("other bytes were stored");
}

static void server_ends(void)
{
    check_data(result.ok);
    server_close(&server.data);
    server_close(&server.door);
    server_close(&server.control);
    server_close(&server.listener);
}

/* Clients */

static const sock_session_opts_t opts = {
    .size = sizeof opts, .timeout = 5, .local_hostname = "me", .readermode = 1};

/* One that is connected behind it all answers in turn. */
static void check_step(sock_session_t *c, int (*noop)(void *client),
                       void *client, const char *const *steps)
{
    struct result before = result;
    const char *call = now.call;
    if (c == NULL || sock_session_socket(c) == NULL)
        return;
    server.used = 0;
    server.heard[0] = '\0';
    server.steps = steps;
    now.call = "none";
    arm();
    int outcome = noop(client);
    now.armed = false;
    now.call = call;
    if (outcome < 0 || strstr(sock_session_text(c), "in step") == NULL) {
        complain("it is out of step");
        fprintf(stderr, "%d %s\n", outcome, sock_session_text(c));
    }
    result = before;
}

/* A call that the server refuses has succeeded, if that is what it says. */
static bool is_refused(int outcome)
{
    if (outcome >= 0 || sock_last_error()->kind != SOCK_E_REPLY)
        return false;
    make_stale();
    return true;
}

/* The same of one that its caller has ended. */
static bool is_cancelled(int outcome)
{
    if (outcome >= 0 || sock_last_error()->kind != SOCK_E_CANCELLED)
        return false;
    make_stale();
    return true;
}

/* Sinks and sources */

struct text {
    char bytes[2048];
    size_t n;
};

static int keep(void *arg, const void *data, size_t n)
{
    struct text *t = arg;
    size_t room = sizeof t->bytes - 1 - t->n;
    memcpy(t->bytes + t->n, data, n < room ? n : room);
    t->n += n < room ? n : room;
    return 0;
}

static sock_sink_t into(struct text *t)
{
    memset(t, 0, sizeof *t);
    return (sock_sink_t){keep, t};
}

static int refuse(void *arg, const void *data, size_t n)
{
    (void)arg, (void)data, (void)n;
    return -1;
}

static const sock_sink_t refusing = {refuse, NULL};

static bool has(const struct text *t, const char *wanted)
{
    if (strcmp(t->bytes, wanted) != 0)
        complain("another text");
    return true;
}

static ssize_t give(void *arg, void *data, size_t n)
{
    const char **left = arg;
    size_t size = strlen(*left) < 3 ? strlen(*left) : 3;
    must(n >= size, "room");
    memcpy(data, *left, size);
    *left += size;
    return (ssize_t)size;
}

static sock_source_t from(const char **text)
{
    return (sock_source_t){.read = give, .arg = text};
}

static FILE *new_file(const char *text)
{
    FILE *f = tmpfile();
    must(f != NULL && fputs(text, f) >= 0 && fflush(f) == 0, "a file");
    rewind(f);
    return f;
}

/* Lists, which are one allocation */

static bool are_lines(sock_lines_t *list, size_t count)
{
    bool ok = list != NULL;
    if (ok && list->count != count)
        complain("another number of lines");
    sock_lines_free(list);
    return ok;
}

/* TLS that does nothing */

static sock_t *tls_wrap(sock_tls_t *tls, sock_t *s,
                        const struct sock__tls_terms *terms)
{
    (void)tls;
    return sock__move(s, terms->op);
}

static sock_t *tls_unwrap(sock_t *s)
{
    return sock__move(s, "unwrap");
}

static bool tls_is_secure(const sock_t *s)
{
    (void)s;
    return true;
}

static void tls_hold(sock_tls_t *tls)
{
    (void)tls;
    others++;
}

static void tls_let_go(sock_tls_t *tls)
{
    (void)tls;
    others--;
}

static struct sock_ssl_session_s *tls_session(sock_t *s)
{
    (void)s;
    others++;
    return (struct sock_ssl_session_s *)&others;
}

static void tls_session_free(struct sock_ssl_session_s *session)
{
    (void)session;
    others--;
}

static const struct sock__tls_ops tls_ops = {.wrap = tls_wrap,
                                             .unwrap = tls_unwrap,
                                             .is_secure = tls_is_secure,
                                             .hold = tls_hold,
                                             .let_go = tls_let_go,
                                             .session = tls_session,
                                             .session_free = tls_session_free};
static sock_tls_t tls = {&tls_ops};

/* POP3 */

static int pop3_noop(void *client)
{
    return sock_pop3_noop(client);
}

/* Ends a scenario. */
static void end_pop3(sock_pop3_t *p)
{
    static const char *const steps[] = {"<", ">+in step", NULL};
    if (p != NULL)
        check_step(sock_pop3_session(p), pop3_noop, p, steps);
    sock_pop3_free(p);
    server_ends();
}

static bool are_entries(sock_pop3_entries_t *list, size_t count)
{
    bool ok = list != NULL;
    if (ok && list->count != count)
        complain("another number of entries");
    sock_pop3_entries_free(list);
    return ok;
}

static void of_pop3(void)
{
    static const char *const steps[] = {">+OK hello <a@b>",
                                        "<",
                                        ">+OK",
                                        "<",
                                        ">+OK",
                                        "<",
                                        ">+OK 2 30",
                                        "<",
                                        "=+OK\r\n1 10\r\n2 20\r\n.\r\n",
                                        "<",
                                        "=+OK\r\n1 a\r\n2 b\r\n.\r\n",
                                        "<",
                                        "=+OK 1 c\r\n",
                                        "<",
                                        ">+OK",
                                        "<",
                                        ">-ERR no",
                                        NULL};
    sock_pop3_t *p = NULL;
    uint64_t count, octets;
    server_begins(true, steps);
    (void)TRY((p = sock_pop3_new(server_path(), 0, &opts)) != NULL &&
              sock_pop3_user(p, "u") == 0 && sock_pop3_pass(p, "p") == 0 &&
              sock_pop3_stat(p, &count, &octets) == 0 &&
              are_entries(sock_pop3_list(p, 0), 2) &&
              are_entries(sock_pop3_uidl(p, 0), 2) &&
              are_entries(sock_pop3_uidl(p, 1), 1) &&
              sock_pop3_dele(p, 1) == 0 && is_refused(sock_pop3_dele(p, 2)));
    end_pop3(p);
}

static void of_pop3_login(void)
{
    static const char *const steps[] = {">+OK hello <a@b>", "<", ">+OK", "<",
                                        ">+OK bye",         NULL};
    sock_pop3_t *p = NULL;
    server_begins(false, steps);
    (void)TRY((p = sock_pop3_new("127.0.0.1", server.port, &opts)) != NULL &&
              sock_pop3_apop(p, "u", "p") == 0 && sock_pop3_quit(p) == 0);
    end_pop3(p);
}

static sock_sasl_login_t login = {"u", "p"};

static void of_pop3_ssl(void)
{
    static const char *const steps[] = {">+OK hello <a@b>", NULL};
    sock_pop3_t *p = NULL;
    server_begins(true, steps);
    (void)TRY((p = sock_pop3_ssl_new(server_path(), 0, &tls, &opts)) != NULL);
    end_pop3(p);
}

static void of_pop3_sasl(void)
{
    static const char *const steps[] = {">+OK hello",
                                        "<",
                                        "=+OK\r\nSTLS\r\n.\r\n",
                                        "<",
                                        ">+OK",
                                        "<",
                                        "=+OK\r\nSASL CRAM-MD5\r\n.\r\n",
                                        "<",
                                        ">+ YQ==",
                                        "<",
                                        ">+OK",
                                        NULL};
    sock_pop3_t *p = NULL;
    server_begins(true, steps);
    (void)TRY((p = sock_pop3_new(server_path(), 0, &opts)) != NULL &&
              sock_pop3_stls(p, &tls) == 0 &&
              sock_pop3_auth(p, "CRAM-MD5", sock_sasl_password, &login) == 0);
    end_pop3(p);
}

#define MESSAGE "+OK\r\nA: b\r\n\r\n..c\r\n.\r\n"

static void of_pop3_retr(void)
{
    static const char *const steps[] = {">+OK",      "<", "=" MESSAGE, "<",
                                        "=" MESSAGE, "<", "=" MESSAGE, "<",
                                        "=" MESSAGE, NULL};
    struct text t;
    FILE *f = new_file("");
    sock_pop3_t *p = NULL;
    server_begins(true, steps);
    (void)TRY((p = sock_pop3_new(server_path(), 0, &opts)) != NULL &&
              are_lines(sock_pop3_retr(p, 1), 3) &&
              are_lines(sock_pop3_top(p, 1, 5), 3) &&
              sock_pop3_retr_to(p, 1, into(&t)) == 0 &&
              has(&t, "A: b\r\n\r\n.c\r\n") &&
              sock_pop3_retr_to(p, 1, sock_sink_fd(fileno(f))) == 0);
    fclose(f);
    end_pop3(p);
}

static int refuse_numbered(void *arg, uint64_t number, const void *data,
                           size_t n)
{
    (void)arg, (void)data, (void)n;
    return number == 2;
}

/* What no one wants is passed over. */
static void of_pop3_refused(void)
{
    static const char *const steps[] = {">+OK",
                                        "<",
                                        "=" MESSAGE,
                                        "<",
                                        "=+OK\r\nPIPELINING\r\n.\r\n",
                                        "<",
                                        "=" MESSAGE,
                                        "<",
                                        "=" MESSAGE,
                                        "<",
                                        "=" MESSAGE,
                                        NULL};
    sock_pop3_t *p = NULL;
    server_begins(true, steps);
    (void)TRY((p = sock_pop3_new(server_path(), 0, &opts)) != NULL &&
              is_cancelled(sock_pop3_retr_to(p, 1, refusing)) &&
              is_cancelled(sock_pop3_fetch(p, 1, 3, refuse_numbered, NULL)));
    end_pop3(p);
}

static int keep_numbered(void *arg, uint64_t number, const void *data, size_t n)
{
    (void)number;
    return n > 0 ? keep(arg, data, n) : 0;
}

static void of_pop3_fetch(void)
{
    static const char *const steps[] = {">+OK",
                                        "<",
                                        ">+OK 3 30",
                                        "<",
                                        "=+OK\r\nPIPELINING\r\n.\r\n",
                                        "<",
                                        "=" MESSAGE,
                                        "<",
                                        "=" MESSAGE,
                                        "<",
                                        "=" MESSAGE,
                                        NULL};
    struct text t;
    sock_pop3_t *p = NULL;
    into(&t);
    server_begins(true, steps);
    (void)TRY((p = sock_pop3_new(server_path(), 0, &opts)) != NULL &&
              sock_pop3_fetch(p, 1, 0, keep_numbered, &t) == 0 &&
              has(&t, "A: b\r\n\r\n.c\r\nA: b\r\n\r\n.c\r\n"
                      "A: b\r\n\r\n.c\r\n"));
    end_pop3(p);
}

/* NNTP */

static int nntp_noop(void *client)
{
    int64_t when;
    return sock_nntp_date(client, &when) < 0 &&
                   sock_last_error()->kind == SOCK_E_REPLY
               ? 0
               : -1;
}

static void end_nntp(sock_nntp_t *n)
{
    static const char *const steps[] = {"<", ">500 in step", NULL};
    if (n != NULL)
        check_step(sock_nntp_session(n), nntp_noop, n, steps);
    sock_nntp_free(n);
    server_ends();
}

#define NNTP_CAPS                                                              \
    "=101 list\r\nVERSION 2\r\nREADER\r\nOVER\r\nHDR\r\nPOST\r\nSTARTTLS\r\n"  \
    "SASL CRAM-MD5\r\n.\r\n"

static void of_nntp_login(void)
{
    static const char *const steps[] = {">200 hello",
                                        "<",
                                        "=101 list\r\nVERSION 2\r\n.\r\n",
                                        "<",
                                        ">200 reader",
                                        "<",
                                        NNTP_CAPS,
                                        "<",
                                        ">381 more",
                                        "<",
                                        ">281 welcome",
                                        "<",
                                        NNTP_CAPS,
                                        "<",
                                        ">205 bye",
                                        NULL};
    sock_nntp_t *n = NULL;
    server_begins(false, steps);
    (void)TRY((n = sock_nntp_new("127.0.0.1", server.port, &opts)) != NULL &&
              sock_nntp_login(n, "u", "p") == 0 && sock_nntp_quit(n) == 0);
    end_nntp(n);
}

static void of_nntp_ssl(void)
{
    static const char *const steps[] = {">200 hello", "<", NNTP_CAPS, NULL};
    sock_nntp_t *n = NULL;
    server_begins(true, steps);
    (void)TRY((n = sock_nntp_ssl_new(server_path(), 0, &tls, &opts)) != NULL);
    end_nntp(n);
}

static void of_nntp_sasl(void)
{
    static const char *const steps[] = {
        ">200 hello", "<", NNTP_CAPS, "<", ">382 go", "<", NNTP_CAPS, "<",
        ">383 YQ==",  "<", ">281 ok", "<", NNTP_CAPS, NULL};
    sock_nntp_t *n = NULL;
    server_begins(true, steps);
    (void)TRY((n = sock_nntp_new(server_path(), 0, &opts)) != NULL &&
              sock_nntp_starttls(n, &tls) == 0 &&
              sock_nntp_auth(n, "CRAM-MD5", sock_sasl_password, &login) == 0);
    end_nntp(n);
}

static bool are_groups(sock_nntp_groups_t *list, size_t count)
{
    bool ok = list != NULL;
    if (ok && list->count != count)
        complain("another number of groups");
    sock_nntp_groups_free(list);
    return ok;
}

static bool is_overview(sock_nntp_overview_t *list)
{
    bool ok = list != NULL;
    if (ok && (list->count != 1 || strcmp(list->articles[0].from, "f") != 0))
        complain("another overview");
    sock_nntp_overview_free(list);
    return ok;
}

static bool are_values(sock_nntp_values_t *list)
{
    bool ok = list != NULL;
    if (ok && list->count != 1)
        complain("other fields");
    sock_nntp_values_free(list);
    return ok;
}

static void of_nntp_lists(void)
{
    static const char *const steps[] = {
        ">200 hello",
        "<",
        NNTP_CAPS,
        "<",
        ">211 2 1 2 g",
        "<",
        "=215 list\r\na 2 1 y\r\nb 0 0 n\r\n.\r\n",
        "<",
        "=215 list\r\na\twords\r\n.\r\n",
        "<",
        "=224 over\r\n1\ts\tf\td\t<a@b>\t\t5\t6\tXref: x\r\n.\r\n",
        "<",
        "=215 format\r\nSubject:\r\nFrom:\r\nDate:\r\nMessage-ID:\r\n"
        "References:\r\n:bytes\r\n:lines\r\nXref:full\r\n.\r\n",
        "<",
        "=225 fields\r\n1 s\r\n.\r\n",
        "<",
        "=230 news\r\n<a@b>\r\n.\r\n",
        NULL};
    sock_nntp_t *n = NULL;
    sock_nntp_group_t g;
    server_begins(true, steps);
    (void)TRY((n = sock_nntp_new(server_path(), 0, &opts)) != NULL &&
              sock_nntp_group(n, "g", &g) == 0 &&
              are_groups(sock_nntp_list(n, NULL), 2) &&
              are_groups(sock_nntp_descriptions(n, "*"), 1) &&
              is_overview(sock_nntp_over(n, "1-2")) &&
              are_values(sock_nntp_hdr(n, "subject", "1")) &&
              are_lines(sock_nntp_newnews(n, "*", 0), 1));
    end_nntp(n);
}

/* A server that knows no more than the question of the overview. */
static void of_nntp_old(void)
{
    static const char *const steps[] = {
        ">200 hello",
        "<",
        ">500 what",
        "<",
        ">500 what",
        "<",
        ">500 what",
        "<",
        "=224 over\r\n1\ts\tf\td\t<a@b>\t\t5\t6\r\n.\r\n",
        "<",
        ">503 what",
        NULL};
    sock_nntp_t *n = NULL;
    server_begins(true, steps);
    (void)TRY((n = sock_nntp_new(server_path(), 0, &opts)) != NULL &&
              is_overview(sock_nntp_over(n, "1-2")));
    end_nntp(n);
}

static void of_nntp_articles(void)
{
    static const char *const steps[] = {
        ">200 hello",
        "<",
        NNTP_CAPS,
        "<",
        ">223 1 <a>",
        "<",
        "=220 1 <a>\r\nA: b\r\n\r\n..c\r\n.\r\n",
        "<",
        "=222 1 <a>\r\n..c\r\n.\r\n",
        "<",
        ">340 go",
        "<.",
        ">240 taken",
        "<",
        ">335 go",
        "<.",
        ">437 no",
        NULL};
    const char *left = "A: b\n\n.c";
    struct text t;
    sock_nntp_t *n = NULL;
    sock_nntp_article_t a;
    server_begins(true, steps);
    (void)TRY((n = sock_nntp_new(server_path(), 0, &opts)) != NULL &&
              sock_nntp_stat(n, "1", &a) == 0 &&
              are_lines(sock_nntp_article(n, NULL), 3) &&
              sock_nntp_read(n, "BODY", "1", into(&t)) == 0 &&
              has(&t, ".c\r\n") &&
              sock_nntp_post(n, sock_source_memory("A: b\n\nc", 7)) == 0 &&
              is_refused(sock_nntp_ihave(n, "<b>", from(&left))));
    end_nntp(n);
}

/* SMTP */

static int smtp_noop(void *client)
{
    return sock_smtp_noop(client) == 250 ? 0 : -1;
}

static void end_smtp(sock_smtp_t *s)
{
    static const char *const steps[] = {"<", ">250 in step", NULL};
    if (s != NULL)
        check_step(sock_smtp_session(s), smtp_noop, s, steps);
    sock_smtp_free(s);
    server_ends();
}

static void of_smtp_login(void)
{
    static const char *const steps[] = {
        ">220 hello",
        "<",
        "=250-h\r\n250-STARTTLS\r\n250 SIZE\r\n",
        "<",
        ">220 go",
        "<",
        "=250-h\r\n250-AUTH PLAIN CRAM-MD5\r\n250 AUTH=PLAIN\r\n",
        "<",
        ">334 YQ==",
        "<",
        ">235 ok",
        "<",
        ">221 bye",
        NULL};
    sock_smtp_t *s = NULL;
    server_begins(false, steps);
    (void)TRY((s = sock_smtp_new("127.0.0.1", server.port, &opts)) != NULL &&
              sock_smtp_starttls(s, &tls) == 0 &&
              sock_smtp_login(s, "u", "p") == 0 && sock_smtp_quit(s) == 0);
    end_smtp(s);
}

static void of_smtp_ssl(void)
{
    static const char *const steps[] = {">220 hello", NULL};
    sock_smtp_t *s = NULL;
    server_begins(true, steps);
    (void)TRY((s = sock_smtp_ssl_new(server_path(), 0, &tls, &opts)) != NULL);
    end_smtp(s);
}

/* This host has no name, and the server no EHLO. */
static void of_smtp_helo(void)
{
    static const char *const steps[] = {">220 hello", "<", ">500 what", "<",
                                        ">250 h",     "<", ">250 ok",   "<",
                                        ">250 ok",    "<", ">354 go",   "<.",
                                        ">250 taken", "<", ">252 v",    NULL};
    sock_session_opts_t nameless = {.size = sizeof nameless, .timeout = 5};
    const char *left = "A: b\n\n.c";
    sock_smtp_t *s = NULL;
    has_no_name = true;
    server_begins(false, steps);
    (void)TRY(
        (s = sock_smtp_new("127.0.0.1", server.port, &nameless)) != NULL &&
        sock_smtp_hello(s) == 0 && sock_smtp_mail(s, "a@b", NULL) == 250 &&
        sock_smtp_rcpt(s, "c@d", NULL) == 250 &&
        sock_smtp_data(s, from(&left)) == 250 &&
        sock_smtp_verify(s, "c@d") == 252);
    has_no_name = false;
    end_smtp(s);
}

#define EHLO "=250-h\r\n250-SIZE\r\n250-8BITMIME\r\n250 "

static const char *const to[] = {"a@b", "<c@d>", "e f <e@f>"};

static bool is_one_refused(const sock_smtp_t *s, int outcome)
{
    if (outcome == 1 && (sock_smtp_refused(s, 0)->code != 550 ||
                         strcmp(sock_smtp_refused(s, 0)->address, to[1]) != 0))
        complain("another one is refused");
    return outcome == 1;
}

static void of_smtp_group(void)
{
    static const char *const steps[] = {
        ">220 hello", "<",       EHLO "PIPELINING\r\n",
        "<",          ">250 ok", "<",
        ">250 ok",    "<",       ">550 no",
        "<",          ">250 ok", "<",
        ">354 go",    "<.",      ">250 taken",
        NULL};
    sock_smtp_t *s = NULL;
    server_begins(true, steps);
    (void)TRY((s = sock_smtp_new(server_path(), 0, &opts)) != NULL &&
              is_one_refused(s, sock_smtp_sendmail(s, "g@h", to, 3, "A\n\n.b",
                                                   5, NULL, NULL)));
    end_smtp(s);
}

static void of_smtp_group_refused(void)
{
    static const char *const steps[] = {
        ">220 hello", "<",          EHLO "PIPELINING\r\n",
        "<",          ">250 ok",    "<",
        ">550 no",    "<",          ">550 no",
        "<",          ">550 no",    "<",
        ">354 go",    "<.",         ">554 none",
        "<",          ">250 reset", NULL};
    sock_smtp_t *s = NULL;
    server_begins(true, steps);
    (void)TRY((s = sock_smtp_new(server_path(), 0, &opts)) != NULL &&
              is_refused(sock_smtp_sendmail(s, "g@h", to, 3, "A\n\n.b", 5, NULL,
                                            NULL)));
    end_smtp(s);
}

static void of_smtp_one_by_one(void)
{
    static const char *const steps[] = {
        ">220 hello", "<",  EHLO "DSN\r\n", "<",  ">250 ok", "<",
        ">250 ok",    "<",  ">550 no",      "<",  ">250 ok", "<",
        ">354 go",    "<.", ">250 taken",   "<",  ">250 ok", "<",
        ">250 ok",    "<",  ">354 go",      "<.", ">554 no", "<",
        ">250 reset", NULL};
    const char *left = "A: b\r\n\r\n.c\xc3\xb6\r\n";
    sock_smtp_t *s = NULL;
    server_begins(true, steps);
    (void)TRY(
        (s = sock_smtp_new(server_path(), 0, &opts)) != NULL &&
        is_one_refused(s, sock_smtp_send_from(s, "g@h", to, 3, from(&left), -1,
                                              NULL, NULL)) &&
        is_refused(sock_smtp_sendmail(s, "g@h", to, 1, "A", 1, NULL, NULL)));
    end_smtp(s);
}

/* More than is sent at once, from another address, with a deadline. */
static void of_smtp_large(void)
{
    static const char *const steps[] = {
        ">220 hello", "<",          EHLO "PIPELINING\r\n",
        "<",          ">250 ok",    "<",
        ">250 ok",    "<",          ">354 go",
        "<.",         ">250 taken", NULL};
    static char large[40000];
    sock_session_opts_t elsewhere = {.size = sizeof elsewhere,
                                     .timeout = 5,
                                     .source = sock_addr_inet("127.0.0.2", 0)};
    sock_smtp_t *s = NULL;
    for (size_t i = 0; i < sizeof large; i++)
        large[i] = (char)(i % 70 == 0 ? '\n' : i % 70 == 1 ? '.' : 'x');
    server_begins(false, steps);
    (void)TRY(
        (s = sock_smtp_new("127.0.0.1", server.port, &elsewhere)) != NULL &&
        sock_session_set_deadline(sock_smtp_session(s), 20) == 0 &&
        sock_smtp_sendmail(s, "g@h", to, 1, large, sizeof large, NULL, NULL) ==
            0);
    end_smtp(s);
}

/* More commands than there is room for at first. */
static void of_smtp_many(void)
{
    static const char *steps[100] = {">220 hello", "<", EHLO "PIPELINING\r\n"};
    static char address[200];
    const char *many[40];
    sock_smtp_t *s = NULL;
    size_t n = 3;
    snprintf(address, sizeof address, "%060d@b", 7);
    for (size_t i = 0; i < 40; i++)
        many[i] = address;
    for (size_t i = 0; i < 42; i++) {
        steps[n++] = "<";
        steps[n++] = i < 41 ? ">250 ok" : ">354 go";
    }
    steps[n++] = "<.";
    steps[n++] = ">250 taken";
    server_begins(true, steps);
    (void)TRY((s = sock_smtp_new(server_path(), 0, &opts)) != NULL &&
              sock_smtp_sendmail(s, "g@h", many, 40, "A", 1, NULL, NULL) == 0);
    end_smtp(s);
}

static ssize_t cancel(void *arg, const char *mechanism, const void *challenge,
                      size_t n, void *response, size_t size)
{
    (void)arg, (void)mechanism, (void)challenge, (void)n, (void)response;
    (void)size;
    return challenge == NULL ? SOCK_SASL_NONE : SOCK_SASL_CANCEL;
}

static void of_smtp_cancelled(void)
{
    static const char *const steps[] = {
        ">220 hello", "<", EHLO "AUTH X\r\n", "<",
        ">334 YQ==",  "<", ">501 cancelled",  NULL};
    char id[100];
    sock_smtp_t *s = NULL;
    server_begins(true, steps);
    (void)TRY(sock_message_id(id, sizeof id, "h") > 0 &&
              (s = sock_smtp_new(server_path(), 0, &opts)) != NULL &&
              is_cancelled(sock_smtp_auth(s, "X", cancel, NULL)));
    end_smtp(s);
}

static void of_lmtp(void)
{
    static const char *const steps[] = {
        ">220 hello", "<",          EHLO "PIPELINING\r\n",
        "<",          ">250 ok",    "<",
        ">250 ok",    "<",          ">250 ok",
        "<",          ">250 ok",    "<",
        ">354 go",    "<.",         ">250 taken",
        ">550 no",    ">250 taken", NULL};
    sock_smtp_t *s = NULL;
    server_begins(true, steps);
    (void)TRY((s = sock_lmtp_new(server_path(), 0, &opts)) != NULL &&
              is_one_refused(s, sock_smtp_sendmail(s, "g@h", to, 3, "A\n\n.b",
                                                   5, NULL, NULL)));
    end_smtp(s);
}

/* IMAP */

static int imap_noop(void *client)
{
    return sock_imap_noop(client);
}

static void end_imap(sock_imap_t *m)
{
    static const char *const steps[] = {"<", ">$ OK in step", NULL};
    if (m != NULL && sock_imap_state(m) == SOCK_IMAP_IDLING &&
        sock_session_socket(sock_imap_session(m)) != NULL)
        complain("it idles");
    else if (m != NULL)
        check_step(sock_imap_session(m), imap_noop, m, steps);
    sock_imap_free(m);
    server_ends();
}

#define IMAP_OFFERS "IMAP4rev1 IDLE MOVE ENABLE SASL-IR"
#define IMAP_KNOWN ">* PREAUTH [CAPABILITY " IMAP_OFFERS "] hello"

static void of_imap_login(void)
{
    static const char *const steps[] = {
        ">* OK hello",
        "<",
        "=* CAPABILITY " IMAP_OFFERS " STARTTLS\r\n$ OK done\r\n",
        "<",
        ">$ OK go",
        "<",
        "=* CAPABILITY " IMAP_OFFERS "\r\n$ OK done\r\n",
        "<",
        ">+ go",
        "<",
        ">+ go",
        "<",
        ">$ OK [CAPABILITY " IMAP_OFFERS "] in",
        "<",
        "=* BYE bye\r\n$ OK done\r\n",
        NULL};
    sock_imap_t *m = NULL;
    server_begins(false, steps);
    (void)TRY((m = sock_imap_new("127.0.0.1", server.port, &opts)) != NULL &&
              sock_imap_starttls(m, &tls) == 0 &&
              sock_imap_login(m, "\xc3\xb6", "p\xc3\xb6") == 0 &&
              sock_imap_logout(m) == 0);
    end_imap(m);
}

static void of_imap_ssl(void)
{
    static const char *const steps[] = {IMAP_KNOWN, NULL};
    sock_imap_t *m = NULL;
    server_begins(true, steps);
    (void)TRY((m = sock_imap_ssl_new(server_path(), 0, &tls, &opts)) != NULL);
    end_imap(m);
}

static void of_imap_sasl(void)
{
    static const char *const steps[] = {
        ">* OK [CAPABILITY " IMAP_OFFERS "] hello",
        "<",
        ">+ YQ==",
        "<",
        ">$ OK in",
        "<",
        "=* CAPABILITY " IMAP_OFFERS " MORE\r\n$ OK done\r\n",
        NULL};
    sock_imap_t *m = NULL;
    server_begins(true, steps);
    (void)TRY(
        (m = sock_imap_new(server_path(), 0, &opts)) != NULL &&
        sock_imap_authenticate(m, "CRAM-MD5", sock_sasl_password, &login) == 0);
    end_imap(m);
}

/* Over a pair, whose other end a client takes over. */
static void of_imap_adopt(void)
{
    static const char *const steps[] = {"<", ">$ OK done", NULL};
    static const char hello[] = "* PREAUTH [CAPABILITY " IMAP_OFFERS "] h\r\n";
    sock_t *s[2];
    sock_imap_t *m = NULL;
    must(sock_socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0 &&
             sock_sendall(s[1], hello, strlen(hello), 0) == 0,
         "a pair");
    server_begins(true, steps);
    server.client = sock_fileno(s[0]);
    server.control = sock_detach(s[1]);
    sock_free(s[1]);
    (void)TRY((m = sock_imap_adopt(s[0], &opts)) != NULL &&
              sock_imap_enable(m, "UTF8=ACCEPT") == 0);
    if (m == NULL)
        sock_free(s[0]);
    end_imap(m);
}

static bool are_boxes(sock_imap_list_t *list)
{
    bool ok = list != NULL;
    if (ok && (list->count != 2 || strcmp(list->boxes[1].name, "\xc3\xb6")))
        complain("other mailboxes");
    sock_imap_list_free(list);
    return ok;
}

static bool are_numbers(sock_imap_numbers_t *list)
{
    bool ok = list != NULL;
    if (ok && (list->count != 2 || list->numbers[1] != 7))
        complain("other numbers");
    sock_imap_numbers_free(list);
    return ok;
}

static void of_imap_boxes(void)
{
    static const char *const steps[] = {
        IMAP_KNOWN,
        "<",
        "=* LIST (\\A \\B) \"/\" a\r\n* LIST () \"/\" {5}\r\n&APY-\r\n"
        "* 1 EXISTS\r\n$ OK done\r\n",
        "<",
        "=* STATUS a (MESSAGES 3)\r\n$ OK done\r\n",
        "<",
        "=* FLAGS (\\A)\r\n* 3 EXISTS\r\n* OK [UIDNEXT 5] u\r\n"
        "$ OK [READ-WRITE] done\r\n",
        "<",
        "=* SEARCH 1 7\r\n$ OK done\r\n",
        "<",
        "=* 1 FETCH (FLAGS (\\A))\r\n$ OK done\r\n",
        "<",
        "=$ NO no\r\n",
        "<",
        "=* 1 EXPUNGE\r\n$ OK done\r\n",
        "<",
        "=$ OK done\r\n",
        NULL};
    sock_imap_t *m = NULL;
    sock_imap_status_t status;
    uint32_t exists;
    server_begins(true, steps);
    (void)TRY((m = sock_imap_new(server_path(), 0, &opts)) != NULL &&
              are_boxes(sock_imap_list(m, "", "*")) &&
              are_lines(sock_imap_response(m, "EXISTS"), 1) &&
              sock_imap_status(m, "a", "(MESSAGES)", &status) == 0 &&
              sock_imap_select(m, "\xc3\xb6", 0, &exists) == 0 &&
              are_numbers(sock_imap_search(m, NULL, "ALL")) &&
              sock_imap_store(m, "1", "+FLAGS", "\\A") == 0 &&
              is_refused(sock_imap_copy(m, "1", "b c")) &&
              sock_imap_expunge(m, NULL) == 0 && sock_imap_close_box(m) == 0);
    end_imap(m);
}

/* What was fetched: how many items, of whom one has that text. */
static bool fetches(sock_imap_t *m, sock_sink_t *sink, int count,
                    const char *wanted)
{
    sock_imap_item_t item;
    int more = sock_imap_fetch(m, "1:2", "(UID BODY[])") == 0 ? 1 : -1;
    while (more > 0) {
        more = sink != NULL ? sock_imap_next_to(m, &item, *sink)
                            : sock_imap_next(m, &item);
        count -= more > 0;
        if (more > 0 && strcmp(item.name, "BODY[]") == 0 && sink == NULL &&
            strcmp(item.value, wanted) != 0)
            complain("another item");
    }
    if (more == 0 && count != 0)
        complain("another number of items");
    return more == 0;
}

#define FETCHED                                                                \
    "=* 1 FETCH (UID 5 BODY[] {7}\r\nA: b\r\nc)\r\n"                           \
    "* 2 EXISTS\r\n"                                                           \
    "* 2 FETCH (BODY[] {7}\r\nA: b\r\nc UID 6 FLAGS (a \"b\" {1}\r\nc))\r\n"   \
    "$ OK done\r\n"

static void of_imap_fetch(void)
{
    static const char *const steps[] = {IMAP_KNOWN, "<", ">$ OK done", "<",
                                        FETCHED,    "<", FETCHED,      "<",
                                        FETCHED,    "<", ">$ OK done", NULL};
    struct text t;
    sock_sink_t sink = into(&t);
    sock_imap_t *m = NULL;
    server_begins(true, steps);
    (void)TRY((m = sock_imap_new(server_path(), 0, &opts)) != NULL &&
              sock_imap_select(m, "a", 1, NULL) == 0 &&
              fetches(m, NULL, 5, "A: b\r\nc") && fetches(m, &sink, 5, NULL) &&
              has(&t, "A: b\r\ncA: b\r\nc") &&
              sock_imap_fetch(m, "1:2", "(UID BODY[])") == 0 &&
              sock_imap_noop(m) == 0);
    end_imap(m);
}

/* A literal that is kept, and is more than is received at once; and a search
 * that has one. */
static void of_imap_large(void)
{
    static char large[90000];
    static const char *steps[] = {
        IMAP_KNOWN, "<",   ">$ OK done",
        "<",        large, "<",
        ">+ go",    "<",   "=* SEARCH 1 7\r\n$ OK done\r\n",
        NULL};
    sock_imap_item_t item;
    sock_imap_t *m = NULL;
    snprintf(large, sizeof large,
             "=* 1 FETCH (BODY[] {80000}\r\n%080000d)\r\n"
             "* LIST () \"/\" {1}\r\na\r\n$ OK done\r\n",
             7);
    server_begins(true, steps);
    (void)TRY((m = sock_imap_new(server_path(), 0, &opts)) != NULL &&
              sock_imap_select(m, "a", 1, NULL) == 0 &&
              sock_imap_fetch(m, "1", "BODY[]") == 0 &&
              sock_imap_next(m, &item) == 1 && item.length == 80000 &&
              sock_imap_next(m, &item) == 0 &&
              are_numbers(sock_imap_search(m, "UTF-8", "TEXT \"\xc3\xb6\"")));
    end_imap(m);
}

/* A literal of more than is received at once, which one does not want. */
static void of_imap_refused(void)
{
    static char large[40000];
    static const char *steps[] = {IMAP_KNOWN, "<",   ">$ OK done",
                                  "<",        large, NULL};
    sock_imap_item_t item;
    sock_imap_t *m = NULL;
    snprintf(large, sizeof large,
             "=* 1 FETCH (BODY[] {30000}\r\n%030000d UID 5)\r\n$ OK done\r\n",
             7);
    server_begins(true, steps);
    (void)TRY((m = sock_imap_new(server_path(), 0, &opts)) != NULL &&
              sock_imap_select(m, "a", 1, NULL) == 0 &&
              sock_imap_fetch(m, "1", "BODY[]") == 0 &&
              is_cancelled(sock_imap_next_to(m, &item, refusing)) &&
              sock_imap_next_to(m, &item, refusing) == 1 && item.number == 5);
    end_imap(m);
}

static void of_imap_append(void)
{
    static const char *const steps[] = {
        IMAP_KNOWN, "<",        ">+ go", "<",
        "<",        "<",        "<",     ">$ OK [APPENDUID 1 2] done",
        "<",        ">+ go",    "<",     ">$ OK done",
        "<",        ">$ NO no", NULL};
    const char *left = "A: b";
    sock_imap_t *m = NULL;
    server_begins(true, steps);
    (void)TRY((m = sock_imap_new(server_path(), 0, &opts)) != NULL &&
              sock_imap_append(m, "a b", "\\Seen",
                               "\"01-Feb-2026 03:04:05 +0000\"",
                               sock_source_memory("A: b\n\nc\n", 8), 0) == 0 &&
              sock_imap_append(m, NULL, NULL, NULL, from(&left), 4) == 0 &&
              is_refused(sock_imap_append(m, "a", NULL, NULL,
                                          sock_source_memory("b", 1), 0)));
    end_imap(m);
}

/* More than is sent at once. */
static void of_imap_append_large(void)
{
    static const char *steps[400] = {IMAP_KNOWN, "<", ">+ go"};
    static char large[20000];
    sock_imap_t *m = NULL;
    size_t n = 3;
    for (size_t i = 0; i < sizeof large; i++)
        large[i] = (char)(i % 80 == 79 ? '\n' : 'x');
    for (size_t i = 0; i < sizeof large / 80 + 1; i++)
        steps[n++] = "<";
    steps[n] = ">$ OK done";
    server_begins(true, steps);
    (void)TRY((m = sock_imap_new(server_path(), 0, &opts)) != NULL &&
              sock_imap_append(m, "a", NULL, NULL,
                               sock_source_memory(large, sizeof large),
                               0) == 0);
    end_imap(m);
}

static void of_imap_idle(void)
{
    static const char *const steps[] = {
        IMAP_KNOWN,
        "<",
        "=+ idling\r\n* 1 EXISTS\r\n* 1 RECENT\r\n",
        "<",
        "=* 2 EXISTS\r\n$ OK done\r\n",
        NULL};
    sock_imap_event_t event;
    sock_imap_t *m = NULL;
    bool idles = false;
    server_begins(true, steps);
    arm();
    m = sock_imap_new(server_path(), 0, &opts);
    if (m != NULL && sock_session_set_deadline(sock_imap_session(m), 20) == 0 &&
        sock_imap_idle(m) == 0)
        idles = sock_imap_idle_next(m, &event, 5) == 1 &&
                sock_imap_idle_next(m, &event, 5) == 1 &&
                sock_imap_idle_next(m, &event, 0) == 0;
    disarm(idles && sock_imap_idle_done(m) == 0);
    if (m != NULL && sock_imap_state(m) == SOCK_IMAP_IDLING) {
        struct result before = result; /* a wait has failed: it goes on */
        const char *call = now.call;
        now.call = "none";
        arm();
        if (sock_imap_idle_done(m) < 0)
            complain("it does not end");
        now.armed = false;
        now.call = call;
        result = before;
    }
    end_imap(m);
}

/* FTP */

static int ftp_noop(void *client)
{
    return sock_ftp_noop(client);
}

/* Ends a scenario; what is owed of a transfer is heard first. */
static void end_ftp(sock_ftp_t *f)
{
    static const char *const steps[] = {"<", ">200 in step", NULL};
    if (f != NULL)
        check_step(sock_ftp_session(f), ftp_noop, f, steps);
    sock_ftp_free(f);
    server_ends();
}

static sock_ftp_t *ftp_client(void)
{
    sock_ftp_t *f = sock_ftp_new(NULL, &opts);
    if (f != NULL && sock_ftp_connect(f, "127.0.0.1", server.port) == 0)
        return f;
    sock_ftp_free(f);
    return NULL;
}

static void of_ftp_login(void)
{
    static const char *const steps[] = {"=220-hello\r\n220 there\r\n",
                                        "<",
                                        ">234 go",
                                        "<",
                                        ">331 more",
                                        "<",
                                        ">230 in",
                                        "<",
                                        ">200 0",
                                        "<",
                                        ">200 P",
                                        "<",
                                        ">200 C",
                                        "<",
                                        ">200 clear",
                                        "<",
                                        ">221 bye",
                                        NULL};
    sock_ftp_t *f = NULL;
    server_begins(false, steps);
    (void)TRY((f = ftp_client()) != NULL && sock_ftp_auth(f, &tls) == 0 &&
              sock_ftp_login(f, "u", "p\xff", NULL) == 0 &&
              sock_ftp_prot_p(f) == 0 && sock_ftp_prot_c(f) == 0 &&
              sock_ftp_ccc(f) == 0 && sock_ftp_quit(f) == 0);
    end_ftp(f);
}

static void of_ftp_files(void)
{
    static const char *const steps[] = {">220 hello",
                                        "<",
                                        ">250 ok",
                                        "<",
                                        ">257 \"/a \"\"b\"",
                                        "<",
                                        ">257 \"/c\"",
                                        "<",
                                        ">200 I",
                                        "<",
                                        ">213 5",
                                        "<",
                                        ">213 20260102030405",
                                        "<",
                                        ">350 to",
                                        "<",
                                        ">250 ok",
                                        "<",
                                        ">250 gone",
                                        "<",
                                        ">550 no",
                                        NULL};
    char path[100];
    int64_t n;
    sock_ftp_t *f = NULL;
    server_begins(false, steps);
    (void)TRY((f = ftp_client()) != NULL && sock_ftp_cwd(f, "a") == 0 &&
              sock_ftp_pwd(f, path, sizeof path) > 0 &&
              sock_ftp_mkd(f, "c", path, sizeof path) > 0 &&
              sock_ftp_size(f, "a", &n) == 0 &&
              sock_ftp_mdtm(f, "a", &n) == 0 &&
              sock_ftp_rename(f, "a", "b") == 0 &&
              sock_ftp_delete(f, "b") == 0 && is_refused(sock_ftp_rmd(f, "c")));
    end_ftp(f);
}

#define TYPED "<", ">200 type"
#define SENT(data) "<", ">150 now (5 bytes)", "@", "+" data, ".", ">226 done"
#define GOT(data) "<", ">150 now", "@", "-" data, ">226 done"

static void of_ftp_retr(void)
{
    static const char *const steps[] = {
        ">220 hello", TYPED, "<", "E", SENT("hello"),
        TYPED,        "<",   "E", "<", ">350 from there",
        SENT("lo"),   NULL};
    struct text t;
    FILE *file = new_file("");
    sock_ftp_t *f = NULL;
    server_begins(false, steps);
    (void)TRY((f = ftp_client()) != NULL &&
              sock_ftp_retrbinary(f, "RETR a", into(&t), 0) == 0 &&
              has(&t, "hello") &&
              sock_ftp_retrbinary(f, "RETR a", sock_sink_fd(fileno(file)), 3) ==
                  0);
    fclose(file);
    end_ftp(f);
}

/* What no one wants is given up. */
static void of_ftp_refused(void)
{
    static const char *const steps[] = {">220 hello", TYPED,         "<",
                                        "E",          SENT("hello"), NULL};
    sock_ftp_t *f = NULL;
    server_begins(false, steps);
    (void)TRY((f = ftp_client()) != NULL &&
              is_cancelled(sock_ftp_retrbinary(f, "RETR a", refusing, 0)));
    end_ftp(f);
}

static void of_ftp_refused_lines(void)
{
    static const char *const steps[] = {">220 hello",       TYPED, "<", "E",
                                        SENT("a\r\nb\r\n"), NULL};
    sock_ftp_t *f = NULL;
    server_begins(false, steps);
    (void)TRY((f = ftp_client()) != NULL &&
              is_cancelled(sock_ftp_retrlines(f, "LIST", refusing)));
    end_ftp(f);
}

static void of_ftp_lists(void)
{
    static const char *const steps[] = {
        ">220 hello",
        TYPED,
        "<",
        "E",
        SENT("a\r\nb\r\n"),
        TYPED,
        "<",
        "E",
        SENT("a\r\nb\r\n"),
        "<",
        ">200 facts",
        TYPED,
        "<",
        "E",
        SENT("type=dir; a\r\ntype=file;size=5; b\r\n"),
        NULL};
    struct text t;
    sock_ftp_list_t *list = NULL;
    sock_ftp_t *f = NULL;
    server_begins(false, steps);
    (void)TRY((f = ftp_client()) != NULL &&
              sock_ftp_dir(f, NULL, into(&t)) == 0 && has(&t, "a\nb\n") &&
              are_lines(sock_ftp_nlst(f, "a"), 2) &&
              (list = sock_ftp_mlsd(f, "a", "type;size")) != NULL);
    if (list != NULL && (list->count != 2 || list->entries[1].size != 5))
        complain("other entries");
    sock_ftp_list_free(list);
    end_ftp(f);
}

static void of_ftp_stor(void)
{
    static const char *const steps[] = {">220 hello", TYPED,        "<",
                                        "E",          GOT("hello"), NULL};
    sock_ftp_t *f = NULL;
    server_begins(false, steps);
    (void)TRY((f = ftp_client()) != NULL &&
              sock_ftp_storbinary(f, "STOR a", sock_source_memory("hello", 5),
                                  0) == 0);
    end_ftp(f);
}

static void of_ftp_stor_file(void)
{
    static const char *const steps[] = {">220 hello", TYPED,        "<",
                                        "E",          GOT("hello"), NULL};
    FILE *file = new_file("hello");
    sock_ftp_t *f = NULL;
    server_begins(false, steps);
    (void)TRY(
        (f = ftp_client()) != NULL &&
        sock_ftp_storbinary(f, "STOR a", sock_source_fd(fileno(file)), 0) == 0);
    fclose(file);
    end_ftp(f);
}

static void of_ftp_storlines(void)
{
    static const char *const steps[] = {">220 hello",      TYPED, "<", "E",
                                        GOT("a\r\nb\r\n"), NULL};
    const char *left = "a\nb";
    sock_ftp_t *f = NULL;
    server_begins(false, steps);
    (void)TRY((f = ftp_client()) != NULL &&
              sock_ftp_storlines(f, "STOR a", from(&left)) == 0);
    end_ftp(f);
}

#define ACTIVE "<", ">200 port", "!"

static void of_ftp_active(void)
{
    static const char *const steps[] = {
        ">220 hello", TYPED,      ACTIVE,      "<",         ">150 now",
        "+hello",     ".",        ">226 done", TYPED,       ACTIVE,
        "<",          ">150 now", "-hello",    ">226 done", NULL};
    struct text t;
    sock_ftp_t *f = NULL;
    server_begins(false, steps);
    (void)TRY((f = ftp_client()) != NULL && sock_ftp_set_pasv(f, 0) == 0 &&
              sock_ftp_retrbinary(f, "RETR a", into(&t), 0) == 0 &&
              has(&t, "hello") &&
              sock_ftp_storbinary(f, "STOR a", sock_source_memory("hello", 5),
                                  0) == 0);
    end_ftp(f);
}

/* By PASV, under TLS. */
static void of_ftp_private(void)
{
    static const char *const steps[] = {
        ">220 hello", "<", ">234 go",   "<", ">200 0", "<",           ">200 P",
        TYPED,        "<", ">500 what", "<", "P",      SENT("hello"), NULL};
    struct text t;
    sock_ftp_t *f = NULL;
    server_begins(false, steps);
    (void)TRY((f = ftp_client()) != NULL && sock_ftp_auth(f, &tls) == 0 &&
              sock_ftp_prot_p(f) == 0 &&
              sock_ftp_retrbinary(f, "RETR a", into(&t), 0) == 0 &&
              has(&t, "hello"));
    end_ftp(f);
}

static void of_ftp_abort(void)
{
    static const char *const steps[] = {
        ">220 hello", "<",    "E",         "<",        ">150 now",
        "@",          "+hel", "<ABOR",     ">426 cut", ">226 over",
        "<",          "E",    "<",         ">150 now", "@",
        "+hel",       ".",    ">226 done", NULL};
    sock_ftp_t *f = NULL;
    sock_t *conn = NULL;
    int64_t size;
    server_begins(false, steps);
    arm();
    bool ok = (f = ftp_client()) != NULL &&
              (conn = sock_ftp_transfercmd(f, "RETR a", 0, &size)) != NULL;
    ok = ok && sock_ftp_abort(f, conn) == 0;
    conn = NULL;
    ok = ok && (conn = sock_ftp_transfercmd(f, "RETR a", 0, &size)) != NULL;
    disarm(ok && sock_ftp_transfer_end(f, conn) == 0);
    end_ftp(f);
}

static void open_ftp(const char *path, bool sized, const char *const *steps)
{
    char url[100];
    char *data = NULL;
    sock_http_response_t *r = NULL;
    server_begins(false, steps);
    snprintf(url, sizeof url, "ftp://u:p@127.0.0.1:%d/%s", server.port, path);
    bool ok = TRY((r = sock_urlopen(url, NULL, 0, 5)) != NULL &&
                  sock_http_readall(r, &data, 0) >= 0);
    if (ok && strcmp(data, "hello") != 0)
        complain("another body");
    const char *size =
        ok ? sock_headers_get(sock_http_headers(r), "Content-length", "") : "";
    if (ok && strcmp(size, sized ? "5" : "") != 0)
        complain("another size");
    sock_http_data_free(data);
    sock_http_response_free(r);
    server_ends();
}

#define LOGGED_IN ">220 hello", "<", ">331 more", "<", ">230 in", "<", ">250 ok"

static const char *const one_file[] = {LOGGED_IN, TYPED,         "<",
                                       "E",       SENT("hello"), NULL};

static void of_ftp_url(void)
{
    open_ftp("a/b.txt", true, one_file);
}

/* Its size is all that is said of it. */
static void of_ftp_url_of_no_type(void)
{
    open_ftp("a/b", true, one_file);
}

static void of_ftp_url_of_list(void)
{
    static const char *const steps[] = {
        LOGGED_IN, TYPED,     "<",   "E", "<", ">550 no file",
        "<",       ">250 ok", TYPED, "<", "E", SENT("hello"),
        NULL};
    open_ftp("a/b", false, steps);
}

static const struct scenario scenarios[] = {
    {"pop3", of_pop3, 1},
    {"pop3_login", of_pop3_login, 1},
    {"pop3_ssl", of_pop3_ssl, 1},
    {"pop3_sasl", of_pop3_sasl, 1},
    {"pop3_retr", of_pop3_retr, 1},
    {"pop3_fetch", of_pop3_fetch, 1},
    {"pop3_refused", of_pop3_refused, 1},
    {"nntp_login", of_nntp_login, 1},
    {"nntp_ssl", of_nntp_ssl, 1},
    {"nntp_sasl", of_nntp_sasl, 1},
    {"nntp_lists", of_nntp_lists, 1},
    {"nntp_old", of_nntp_old, 1},
    {"nntp_articles", of_nntp_articles, 1},
    {"smtp_login", of_smtp_login, 1},
    {"smtp_ssl", of_smtp_ssl, 1},
    {"smtp_helo", of_smtp_helo, 1},
    {"smtp_group", of_smtp_group, 1},
    {"smtp_group_refused", of_smtp_group_refused, 1},
    {"smtp_one_by_one", of_smtp_one_by_one, 1},
    {"smtp_large", of_smtp_large, 1},
    {"smtp_many", of_smtp_many, 1},
    {"smtp_cancelled", of_smtp_cancelled, 1},
    {"lmtp", of_lmtp, 1},
    {"imap_login", of_imap_login, 1},
    {"imap_ssl", of_imap_ssl, 1},
    {"imap_sasl", of_imap_sasl, 1},
    {"imap_adopt", of_imap_adopt, 1},
    {"imap_boxes", of_imap_boxes, 1},
    {"imap_fetch", of_imap_fetch, 1},
    {"imap_large", of_imap_large, 1},
    {"imap_refused", of_imap_refused, 1},
    {"imap_append", of_imap_append, 1},
    {"imap_append_large", of_imap_append_large, 1},
    {"imap_idle", of_imap_idle, 1},
    {"ftp_login", of_ftp_login, 1},
    {"ftp_files", of_ftp_files, 1},
    {"ftp_retr", of_ftp_retr, 1},
    {"ftp_refused", of_ftp_refused, 1},
    {"ftp_refused_lines", of_ftp_refused_lines, 1},
    {"ftp_lists", of_ftp_lists, 1},
    {"ftp_stor", of_ftp_stor, 1},
    {"ftp_stor_file", of_ftp_stor_file, 1},
    {"ftp_storlines", of_ftp_storlines, 1},
    {"ftp_active", of_ftp_active, 1},
    {"ftp_private", of_ftp_private, 1},
    {"ftp_abort", of_ftp_abort, 1},
    {"ftp_url", of_ftp_url, 1},
    {"ftp_url_of_no_type", of_ftp_url_of_no_type, 1},
    {"ftp_url_of_list", of_ftp_url_of_list, 1}};

/* Judging */

/* Where it does its work without: what is shown of a command, options of a
 * socket, the name of this host, a server's word on what it or the caller has
 * refused; and a data connection that fails when all is there has ended. */
static bool may_pass(void)
{
    if (is(now.call, "realloc setsockopt shutdown gethostname"))
        return true;
    if (is(now.scenario, "smtp_helo smtp_large"))
        return is(now.call, "getsockname strdup");
    if (is(now.scenario, "ftp_retr ftp_private ftp_active"))
        return is(now.call, "recv");
    return is(now.scenario, "smtp_group_refused smtp_one_by_one "
                            "smtp_cancelled ftp_refused ftp_refused_lines") &&
           is(now.call, "ppoll recv send");
}

/* Names that are not found have codes of their own. */
static void judge_name(void)
{
    told += !result.ok;
    passed += result.ok;
    if (result.ok ? !may_pass()
                  : result.kind != SOCK_E_GAI || result.code != now.code)
        complain("does not say what has failed");
}

static void judge(void)
{
    if (now.injected == 0 && !result.ok)
        complain("fails without a reason");
    else if (now.injected > 0 && is(now.call, "getaddrinfo"))
        judge_name();
    else if (now.injected > 0)
        judge_call(may_pass());
}

static const struct row rows[] = {
    {"send", {ECONNRESET, EPIPE, ENOBUFS, EINTR, EAGAIN, SHORT}},
    {"recv", {ECONNRESET, ETIMEDOUT, EINTR, EAGAIN, SHORT}},
    {"ppoll", {ENOMEM, EINTR}},
    {"socket", {EMFILE, EACCES}},
    {"bind", {EADDRINUSE}},
    {"listen", {EADDRINUSE}},
    {"connect", {ECONNREFUSED, ENETUNREACH}},
    {"accept4", {ECONNABORTED, EINTR, EMFILE}},
    {"getsockname", {ENOBUFS}},
    {"getpeername", {ENOBUFS}},
    {"setsockopt", {ENOMEM}},
    {"shutdown", {ENOTCONN}},
    {"gethostname", {EPERM}},
    {"getaddrinfo", {EAI_AGAIN, EAI_MEMORY}},
    {"read", {EIO, EINTR, SHORT}},
    {"write", {ENOSPC, EINTR, SHORT}},
    {"poll", {EINTR}},
    {"getrandom", {EIO, EINTR}},
    {"malloc", {ENOMEM}},
    {"calloc", {ENOMEM}},
    {"realloc", {ENOMEM}},
    {"strdup", {ENOMEM}},
    {"strndup", {ENOMEM}},
};

static const struct program program = {
    .scenarios = scenarios,
    .scenario_count = sizeof scenarios / sizeof scenarios[0],
    .rows = rows,
    .row_count = sizeof rows / sizeof rows[0],
    .judge = judge};

int main(int argc, char *argv[])
{
    static char name[] = "/tmp/mail_fault-XXXXXX";
    (void)argc;
    if (getauxval(AT_BASE) == 0) {
        puts("libc's own allocations can't be told from the library's");
        return SKIPPED;
    }
    if (list_scenarios(&program, argv))
        return 0;
    catch_signals(die);
    unsetenv("ftp_proxy");
    unsetenv("all_proxy");
    folder = mkdtemp(name);
    must(folder != NULL, "a folder");
    inject_as_told(&program, argv);
    now.scenario = now.call = "none";
    unlink(server_path());
    if (rmdir(folder) != 0)
        complain("files are left");
    printf("%d injections, %d complaints; %d were told, %d did no harm\n",
           injections, complaints, told, passed);
    return complaints > 0 || injections == 0;
}

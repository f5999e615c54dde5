/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "ftp.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <pysockc/options.h>

#include "ftp_parse.h"
#include "text.h"

static const struct sock__protocol ftp_protocol = {
    .port = 21,
    .line = 8192,
    .command = 2 * 8192 + 16, /* a verb, and an argument whose bytes may all be
                                 doubled */
    .numbering = SOCK__OUTER_LINES};

/* Life cycle */

/* The control connection may wait for long while files go over others. It does
 * its work without either. */
static void set_options(sock_t *s)
{
    struct sock__saved saved;

    sock__error_save(&saved);
    if (sock_setsockopt_int(s, SOL_SOCKET, SO_KEEPALIVE, 1) < 0 ||
        sock_setsockopt_int(s, IPPROTO_TCP, TCP_NODELAY, 1) < 0)
        sock__error_restore(&saved);
}

/* 120 says that the server will be ready in some minutes; another word follows
 * it. */
int sock__ftp_welcome(sock_ftp_t *f, const char *op)
{
    int number = sock__session_clock(&f->session, op);

    set_options(f->session.wire.sock);
    if (number == 0)
        number = sock__ftp_hear_end(f, op);
    if (sock__ftp_of(f, op, number, "23") >= 0)
        return 0;
    sock__session_close(&f->session);
    return -1;
}

int sock_ftp_connect(sock_ftp_t *f, const char *host, int port)
{
    const char *op = "connect";

    if (sock__need(f, op) < 0 || sock__need(host, op) < 0)
        return -1;
    sock__ftp_forget(f);
    if (sock__session_connect(&f->session, op, host, port) == 0)
        return sock__ftp_welcome(f, op);
    sock__session_close(&f->session);
    return -1;
}

sock_ftp_t *sock_ftp_new(const char *host, const sock_session_opts_t *opts)
{
    const char *op = "FTP";
    sock_ftp_t *f = calloc(1, sizeof *f);

    if (f == NULL) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    if (sock__session_begin(&f->session, op, &ftp_protocol, opts) == 0 &&
        (host == NULL || sock_ftp_connect(f, host, 0) == 0))
        return f;
    sock_ftp_free(f);
    return NULL;
}

void sock_ftp_free(sock_ftp_t *f)
{
    int saved = errno;

    if (f == NULL)
        return;
    sock__ftp_forget(f);
    sock__session_end(&f->session);
    sock__free(f);
    errno = saved;
}

sock_session_t *sock_ftp_session(sock_ftp_t *f)
{
    return sock__need(f, "session") == 0 ? &f->session : NULL;
}

/* Who */

struct who {
    const char *user, *password, *acct;
};

/* An anonymous password that is none, or "-", gets what Python puts there. */
static void be_anonymous(struct who *w)
{
    if (strcmp(w->password, "") == 0)
        w->password = "anonymous@";
    else if (strcmp(w->password, "-") == 0)
        w->password = "-anonymous@";
}

/* Whether these may be said; -1 with the error recorded. */
static int check_who(const sock_ftp_t *f, const char *op, const struct who *w)
{
    bool secret = strcmp(w->user, "anonymous") != 0 &&
                  (*w->password != '\0' || *w->acct != '\0');

    if (sock__ftp_takes(op, w->user) < 0 ||
        sock__ftp_takes(op, w->password) < 0 ||
        sock__ftp_takes(op, w->acct) < 0 || sock__need(f, op) < 0 ||
        sock__session_need(&f->session, op) < 0)
        return -1;
    return secret ? sock__session_trusts(&f->session, op) : 0;
}

int sock_ftp_login(sock_ftp_t *f, const char *user, const char *password,
                   const char *acct)
{
    const char *op = "login";
    struct who w = {user != NULL && *user != '\0' ? user : "anonymous",
                    password != NULL ? password : "", acct != NULL ? acct : ""};

    if (strcmp(w.user, "anonymous") == 0)
        be_anonymous(&w);
    if (check_who(f, op, &w) < 0 || sock__ftp_begin(f, op) < 0)
        return -1;
    int number = sock__ftp_do(f, op, "USER ", w.user, "123");
    if (number / 100 == 3)
        number = sock__ftp_do(f, op, "PASS ", w.password, "123");
    if (number / 100 == 3)
        number = sock__ftp_do(f, op, "ACCT ", w.acct, "123");
    return sock__ftp_of(f, op, number, "2") < 0 ? -1 : 0;
}

/* Commands */

/* One without more: 0; -1 with the error recorded. */
static int void_command(sock_ftp_t *f, const char *op, const char *verb,
                        const char *arg)
{
    if (sock__ftp_takes(op, arg) < 0 || sock__ftp_begin(f, op) < 0)
        return -1;
    return sock__ftp_do(f, op, verb, arg, "2") < 0 ? -1 : 0;
}

int sock_ftp_sendcmd(sock_ftp_t *f, const char *cmd)
{
    const char *op = "sendcmd";

    if (sock__ftp_takes(op, cmd) < 0 || sock__ftp_begin(f, op) < 0)
        return -1;
    return sock__ftp_do(f, op, "", cmd, "123");
}

int sock_ftp_voidcmd(sock_ftp_t *f, const char *cmd)
{
    return void_command(f, "voidcmd", "", cmd);
}

int sock_ftp_noop(sock_ftp_t *f)
{
    return void_command(f, "noop", "NOOP", "");
}

int sock_ftp_quit(sock_ftp_t *f)
{
    const char *op = "quit";

    if (sock__ftp_begin(f, op) < 0)
        return -1;
    int number = sock__ftp_do(f, op, "QUIT", "", "2");
    sock__session_close(&f->session);
    return number < 0 ? -1 : 0;
}

int sock_ftp_set_pasv(sock_ftp_t *f, int pasv)
{
    if (sock__need(f, "set_pasv") < 0)
        return -1;
    f->active = pasv == 0;
    return 0;
}

int sock_ftp_trust_pasv_address(sock_ftp_t *f, int trust)
{
    if (sock__need(f, "trust_pasv_address") < 0)
        return -1;
    f->trusts = trust != 0;
    return 0;
}

/* TLS */

static int check_tls(sock_ftp_t *f, const char *op, bool wanted)
{
    if (sock__ftp_begin(f, op) < 0)
        return -1;
    if (sock__session_is_secure(&f->session) == wanted)
        return 0;
    return sock__fail_saying(op, SOCK_E_VALUE, 0,
                             wanted ? "not using TLS" : "Already using TLS");
}

/* What was learnt before is not known any more. */
int sock_ftp_auth(sock_ftp_t *f, sock_tls_t *tls)
{
    const char *op = "auth";

    if (check_tls(f, op, false) < 0 || sock__session_context(op, &tls) < 0 ||
        sock__ftp_do(f, op, "AUTH TLS", "", "2") < 0 ||
        sock__session_secure(&f->session, op, tls) < 0)
        return -1;
    sock__ftp_forget(f);
    sock__reply_begin(&f->session);
    tls->ops->hold(tls);
    f->tls = tls;
    return 0;
}

/* TLS of the control connection may be gone by then. */
static int protect(sock_ftp_t *f, const char *op, bool wanted)
{
    if (sock__ftp_begin(f, op) < 0)
        return -1;
    if (f->tls == NULL)
        return sock__fail_saying(op, SOCK_E_VALUE, 0, "not using TLS");
    return sock__ftp_protect(f, op, wanted);
}

int sock_ftp_prot_p(sock_ftp_t *f)
{
    return protect(f, "prot_p", true);
}

int sock_ftp_prot_c(sock_ftp_t *f)
{
    return protect(f, "prot_c", false);
}

int sock_ftp_ccc(sock_ftp_t *f)
{
    const char *op = "ccc";
    struct sock__saved saved;

    if (check_tls(f, op, true) < 0 || sock__ftp_do(f, op, "CCC", "", "2") < 0)
        return -1;
    sock__error_save(&saved);
    f->resumed = f->tls->ops->session(f->session.wire.sock);
    sock__error_restore(&saved);
    return sock__session_unwrap(&f->session, op);
}

/* Transfers */

sock_t *sock_ftp_transfercmd(sock_ftp_t *f, const char *cmd, int64_t rest,
                             int64_t *size)
{
    const char *op = "transfercmd";
    int64_t said = -1;
    sock_t *conn = NULL;

    if (sock__ftp_takes(op, cmd) < 0)
        return NULL;
    if (rest < 0) {
        sock__fail_saying(op, SOCK_E_VALUE, 0, "rest must not be negative");
        return NULL;
    }
    if (sock__ftp_begin(f, op) == 0)
        conn = sock__ftp_open(f, op, "", cmd, rest, &said);
    if (size != NULL)
        *size = said;
    return conn;
}

/* Whether there is a transfer to end, as a client that is closed has none; -1
 * with the error recorded. */
static int check_transfer(const sock_ftp_t *f, const char *op)
{
    if (sock__need(f, op) < 0 || sock__session_need(&f->session, op) < 0)
        return -1;
    if (f->state != SOCK__FTP_IDLE)
        return 0;
    return sock__fail_saying(op, SOCK_E_VALUE, 0, "there is no transfer");
}

int sock_ftp_transfer_end(sock_ftp_t *f, sock_t *conn)
{
    const char *op = "transfer_end";

    if (check_transfer(f, op) < 0)
        return -1;
    return sock__ftp_close(f, op, conn);
}

int sock_ftp_abort(sock_ftp_t *f, sock_t *conn)
{
    const char *op = "abort";

    if (check_transfer(f, op) < 0)
        return -1;
    sock__ftp_drop(f, conn);
    return sock__ftp_settle(f, op);
}

/* Directories */

static bool is_unknown(int number)
{
    return number == 500 || number == 502;
}

int sock_ftp_cwd(sock_ftp_t *f, const char *dirname)
{
    const char *op = "cwd";

    if (sock__ftp_takes(op, dirname) < 0 || sock__ftp_begin(f, op) < 0)
        return -1;
    if (strcmp(dirname, "..") == 0) {
        int number = sock__ftp_ask(f, op, "CDUP", "");
        if (!is_unknown(number))
            return sock__ftp_of(f, op, number, "2") < 0 ? -1 : 0;
    }
    if (*dirname == '\0')
        dirname = ".";
    return sock__ftp_do(f, op, "CWD ", dirname, "2") < 0 ? -1 : 0;
}

/* The path in the last reply, if that has one. */
static int path_of_reply(const sock_ftp_t *f, const char *op,
                         struct sock__text *t)
{
    const char *text = sock_session_text(&f->session);
    char *path = malloc(strlen(text) + 1);

    if (path == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    if (sock_session_code(&f->session) == 257)
        sock__text_bytes(t, path, sock__ftp_path(text, path));
    sock__free(path);
    return sock__text_finish(t, op);
}

/* A command whose reply has a path. */
static int ask_path(sock_ftp_t *f, const char *op, const char *verb,
                    const char *arg, char *buf, size_t size)
{
    struct sock__text t;

    if (sock__text_begin(&t, op, buf, size) < 0)
        return -1;
    sock__text_clear(buf, size);
    if (void_command(f, op, verb, arg) < 0)
        return -1;
    return path_of_reply(f, op, &t);
}

int sock_ftp_pwd(sock_ftp_t *f, char *buf, size_t size)
{
    return ask_path(f, "pwd", "PWD", "", buf, size);
}

int sock_ftp_mkd(sock_ftp_t *f, const char *dirname, char *buf, size_t size)
{
    return ask_path(f, "mkd", "MKD ", dirname, buf, size);
}

int sock_ftp_rmd(sock_ftp_t *f, const char *dirname)
{
    return void_command(f, "rmd", "RMD ", dirname);
}

/* Files */

int sock_ftp_rename(sock_ftp_t *f, const char *fromname, const char *toname)
{
    const char *op = "rename";

    if (sock__ftp_takes(op, fromname) < 0 || sock__ftp_takes(op, toname) < 0 ||
        sock__ftp_begin(f, op) < 0 ||
        sock__ftp_do(f, op, "RNFR ", fromname, "3") < 0 ||
        sock__ftp_do(f, op, "RNTO ", toname, "2") < 0)
        return -1;
    return 0;
}

int sock_ftp_delete(sock_ftp_t *f, const char *filename)
{
    const char *op = "delete";

    if (sock__ftp_takes(op, filename) < 0 || sock__ftp_begin(f, op) < 0)
        return -1;
    int number = sock__ftp_do(f, op, "DELE ", filename, "2");
    if (number < 0 || number == 250 || number == 200)
        return number < 0 ? -1 : 0;
    return sock__session_refused(&f->session, op);
}

/* Asks for what 213 says: its words; NULL with the error recorded. */
static const char *ask_fact(sock_ftp_t *f, const char *op, const char *verb,
                            const char *filename)
{
    int number = sock__ftp_do(f, op, verb, filename, "2");

    if (number == 213)
        return sock_session_text(&f->session);
    if (number >= 0)
        sock__session_refused(&f->session, op);
    return NULL;
}

int sock_ftp_size(sock_ftp_t *f, const char *filename, int64_t *size)
{
    const char *op = "size";

    if (sock__need(size, op) < 0 || sock__ftp_takes(op, filename) < 0 ||
        sock__ftp_begin(f, op) < 0 ||
        sock__ftp_do(f, op, "TYPE I", "", "2") < 0)
        return -1;
    const char *words = ask_fact(f, op, "SIZE ", filename);
    if (words == NULL)
        return -1;
    int64_t n = sock__ftp_number(words);
    if (n < 0)
        return sock__session_broke(&f->session, op, SOCK_P_SYNTAX,
                                   "a reply without a size");
    *size = n;
    return 0;
}

int sock_ftp_mdtm(sock_ftp_t *f, const char *filename, int64_t *when)
{
    const char *op = "mdtm";

    if (sock__need(when, op) < 0 || sock__ftp_takes(op, filename) < 0 ||
        sock__ftp_begin(f, op) < 0)
        return -1;
    const char *words = ask_fact(f, op, "MDTM ", filename);
    if (words == NULL)
        return -1;
    struct sock__piece p = sock__trim(words, strlen(words));
    if (sock__ftp_time(p.at, p.n, when))
        return 0;
    return sock__session_broke(&f->session, op, SOCK_P_SYNTAX,
                               "a reply without a time");
}

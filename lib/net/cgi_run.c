/* SPDX-License-Identifier: MIT */
/*
 * A script that runs: its body goes to it, its answer to the client, and what
 * it complains of to the log, all at once and without more of either in memory
 * than a few KiB.
 */
#define _POSIX_C_SOURCE 200809L

#include "cgi_run.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgi_head.h"
#include "os_beneath.h"
#include "os_spawn.h"
#include "os_temporary.h"
#include "private.h"

enum {
    UPLOAD = 16 * 1024,
    LINE = 1024,
    LOGGED_MOST = 64 * 1024 /* bytes that a script may complain of */
};

/* How it went, if not well: a status for the client, or that there is none. */
enum { FINE = 0, CLIENT_GONE = -1 };

struct run {
    sock_httpd_request_t *self;
    const char *script; /* what it is called in the log */
    pid_t pid;
    int in, out, err; /* its ends of its standard files; -1 */
    int64_t until;    /* monotonic ns */

    size_t sent, read; /* of `upload` */
    struct sock__cgi_head head;
    bool answered;       /* its head has come, and `left` is set */
    int64_t left;        /* of its Content-Length; -1: up to its end */
    size_t len, scanned; /* of `buf`, before that */
    size_t line, logged;

    char complaint[LINE];
    char upload[UPLOAD];
    char buf[SOCK__CGI_HEAD_MAX];
};

static void close_end(int *fd)
{
    if (*fd != -1)
        sock__os_close(*fd);
    *fd = -1;
}

static int complain(struct run *r, int status, const char *why)
{
    sock_httpd_log(r->self, "%s: %s", r->script, why);
    return status;
}

static int complain_of(struct run *r, int status, int err)
{
    char words[128];
    sock__os_strerror(err, words, sizeof words);
    return complain(r, status, words);
}

/* Of what the client is waited for, the script has nothing. */
static void give_time(struct run *r, int64_t since)
{
    r->until += sock__os_now() - since;
}

/* The body */

static ssize_t read_body(struct run *r)
{
    int64_t began = sock__os_now();
    ssize_t n = sock_httpd_read(r->self, r->upload, sizeof r->upload);
    give_time(r, began);
    return n;
}

/* write(2) to a pipe that may have no reader any more. */
static ssize_t write_pipe(int fd, const void *data, size_t n)
{
    int held = sock__os_hold_sigpipe();
    ssize_t written = write(fd, data, n);
    int saved = errno;
    sock__os_release_sigpipe(held);
    errno = saved;
    return written;
}

/* Some of it, which there is room for: FINE; CLIENT_GONE. */
static int give_body(struct run *r)
{
    if (r->sent == r->read) {
        ssize_t n = read_body(r);
        if (n <= 0) {
            close_end(&r->in);
            return n < 0 ? CLIENT_GONE : FINE;
        }
        r->sent = 0;
        r->read = (size_t)n;
    }
    ssize_t n = write_pipe(r->in, r->upload + r->sent, r->read - r->sent);
    if (n > 0)
        r->sent += (size_t)n;
    else if (errno != EAGAIN && errno != EINTR)
        close_end(&r->in); /* it wants no more */
    return FINE;
}

static bool write_all(int fd, const char *data, size_t n)
{
    while (n > 0) {
        ssize_t written = write(fd, data, n);
        if (written < 0 && errno != EINTR)
            return false;
        data += written > 0 ? written : 0;
        n -= written > 0 ? (size_t)written : 0;
    }
    return true;
}

/* A body whose length no one has said goes to a file first, as a script must
 * know it: a status, or FINE; CLIENT_GONE. */
static int spool_body(struct run *r, int *file, int64_t *length)
{
    ssize_t n;

    *length = 0;
    *file = sock__os_temporary();
    if (*file == -1)
        return complain(r, 503, "no temporary file");
    while ((n = read_body(r)) > 0) {
        *length += n;
        if (!write_all(*file, r->upload, (size_t)n))
            return complain(r, 503, "no room for a temporary file");
    }
    if (n < 0 || lseek(*file, 0, SEEK_SET) != 0)
        return n < 0 ? CLIENT_GONE : 500;
    return FINE;
}

/* Complaints */

static void log_line(struct run *r)
{
    if (r->line > 0)
        sock_httpd_log(r->self, "%s: %.*s", r->script, (int)r->line,
                       r->complaint);
    r->line = 0;
}

static void take_complaints(struct run *r, const char *text, size_t n)
{
    for (; n > 0 && r->logged < LOGGED_MOST; n--, text++, r->logged++) {
        if (*text == '\n' || r->line == sizeof r->complaint)
            log_line(r);
        if (*text != '\n')
            r->complaint[r->line++] = (char)(*text == '\0' ? ' ' : *text);
    }
}

static void read_complaints(struct run *r)
{
    char text[LINE];
    ssize_t n = read(r->err, text, sizeof text);

    if (n > 0)
        take_complaints(r, text, (size_t)n);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        close_end(&r->err);
}

/* The answer */

static int send_fields(struct run *r)
{
    const char *name, *value;
    const sock_headers_t *fields = &r->head.fields;

    for (size_t i = 0; sock_headers_at(fields, i, &name, &value) == 1; i++)
        if (sock__cgi_head_sends(name) &&
            sock_httpd_send_header(r->self, name, value) < 0)
            return -1;
    if (r->head.length < 0)
        return 0;
    return sock_httpd_send_header(
        r->self, "Content-Length",
        sock_headers_get(fields, "Content-Length", "0"));
}

/* What is to be answered in place of it is kept with the request. */
static int send_instead(struct run *r)
{
    sock__free(r->self->instead);
    r->self->instead = strdup(r->head.instead);
    return r->self->instead != NULL ? FINE : 503;
}

static int send_head(struct run *r)
{
    r->answered = true;
    r->left = r->head.length;
    if (r->head.instead != NULL)
        return send_instead(r);
    if (sock_httpd_send_response(r->self, r->head.status, r->head.reason) < 0 ||
        send_fields(r) < 0 || sock_httpd_end_headers(r->self) < 0)
        return CLIENT_GONE;
    return FINE;
}

/* What is beyond its Content-Length is of no answer. */
static int send_document(struct run *r, const char *data, size_t n)
{
    int64_t began = sock__os_now();

    if (r->left >= 0 && (int64_t)n > r->left)
        n = (size_t)r->left;
    if (r->self->instead != NULL || n == 0)
        return FINE;
    if (r->left >= 0)
        r->left -= (int64_t)n;
    int result = sock_httpd_write(r->self, data, n);
    give_time(r, began);
    return result == 0 ? FINE : CLIENT_GONE;
}

static int take_head(struct run *r)
{
    ssize_t n = sock__cgi_head_read(&r->head, r->buf, r->len, &r->scanned);

    if (n == 0) /* and there is room for more of it */
        return FINE;
    if (n < 0)
        return complain(r, r->head.no_memory ? 503 : 502, r->head.why);
    int result = send_head(r);
    if (result != FINE)
        return result;
    return send_document(r, r->buf + n, r->len - (size_t)n);
}

static int take_output(struct run *r)
{
    size_t len = r->answered ? 0 : r->len;
    ssize_t n = read(r->out, r->buf + len, sizeof r->buf - len);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return FINE;
    if (n <= 0) {
        close_end(&r->out);
        if (n == 0 && r->answered)
            return FINE;
        return complain(r, 502, "it has ended too early");
    }
    if (r->answered)
        return send_document(r, r->buf, (size_t)n);
    r->len += (size_t)n;
    return take_head(r);
}

/* While it runs */

static int ms_left(const struct run *r)
{
    int64_t ms = (r->until - sock__os_now() + 999999) / 1000000;
    return ms < 0 ? 0 : ms > 60000 ? 60000 : (int)ms;
}

/* Whatever can go on without waiting, up to the end of its output. Of a client
 * that sends no more the answer is still wanted; of one that is gone, or that a
 * shutdown has cut, it is not. */
static int attend(struct run *r)
{
    while (r->out != -1) {
        struct pollfd ends[] = {{r->out, POLLIN, 0},
                                {r->err, POLLIN, 0},
                                {r->in, POLLOUT, 0},
                                {sock_fileno(r->self->sock), 0, 0}};
        int ms = ms_left(r), result = FINE;
        if (ms == 0)
            return complain(r, 504, "its time is over");
        if (poll(ends, 4, ms) <= 0)
            continue;
        if (ends[3].revents != 0) {
            sock__fail("cgi", SOCK_E_OS, ECONNRESET, 0);
            return CLIENT_GONE;
        }
        if (ends[1].revents != 0)
            read_complaints(r);
        if (ends[2].revents != 0)
            result = give_body(r);
        if (result == FINE && ends[0].revents != 0)
            result = take_output(r);
        if (result != FINE)
            return result;
    }
    return FINE;
}

/* What it has left to say. */
static void finish_complaints(struct run *r)
{
    size_t before;
    do {
        before = r->logged;
        if (r->err != -1)
            read_complaints(r);
    } while (r->logged > before && r->logged < LOGGED_MOST);
    log_line(r);
}

/* Whether it ends by itself. One whose output is over may go on; its client has
 * all of it then. */
static bool reap(struct run *r, int *status)
{
    enum { SOON = 20 * 1000000 };

    if (sock__os_reap_script(r->pid, sock__os_now() + SOON, status))
        return true;
    if (r->self->instead == NULL)
        sock_httpd_flush(r->self);
    if (sock__os_reap_script(r->pid, r->until, status))
        return true;
    sock__os_kill_script(r->pid);
    sock__os_reap_script(r->pid, INT64_MAX, status);
    complain(r, 0, "its output was over, and it was not");
    return false;
}

/* Its output is over: what there is to say of its end. */
static int judge_end(struct run *r, int status)
{
    bool killed = WIFSIGNALED(status);

    if (status == -1 || status == 0)
        return FINE;
    sock_httpd_log(r->self, "%s: %s %d", r->script,
                   killed ? "ended by signal" : "exit status",
                   killed ? WTERMSIG(status) : WEXITSTATUS(status));
    return killed && r->left != 0 ? 502 : FINE; /* a part is no whole */
}

static int wait_for_end(struct run *r, int result)
{
    int status = 0;

    close_end(&r->in);
    close_end(&r->out);
    if (result != FINE) {
        sock__os_kill_script(r->pid);
        sock__os_reap_script(r->pid, INT64_MAX, &status);
    } else if (reap(r, &status)) {
        result = judge_end(r, status);
    }
    finish_complaints(r);
    close_end(&r->err);
    return result;
}

/* How it begins */

/* The standard input of a script: a descriptor in *input. */
static int prepare_body(struct run *r, struct sock__cgi_call *call, int *input)
{
    const struct sock__framing *f = &r->self->framing;
    int ends[2];

    if (f->body == SOCK__BODY_CHUNKED)
        return spool_body(r, input, &call->length);
    bool said = sock_headers_get(&r->self->headers, "Content-Length", NULL);
    call->length = said ? f->length : -1;
    if (f->length <= 0) {
        *input = sock__os_script_nothing();
        return *input != -1 ? FINE : 503;
    }
    if (sock__os_script_pipe(ends, 1) < 0)
        return complain_of(r, 503, errno);
    *input = ends[0];
    r->in = ends[1];
    return FINE;
}

static int status_of(int err)
{
    switch (err) {
    case EACCES:
        return 403;
    case EAGAIN:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
        return 503;
    default:
        return 500;
    }
}

static int spawn(struct run *r, const struct sock__cgi_call *call, int folder,
                 const int files[3])
{
    char **argv = sock__cgi_arguments(r->self, call);
    char **environment = sock__cgi_environment(r->self, call);
    struct sock__script script = {folder,
                                  call->file,
                                  (const char *const *)argv,
                                  (const char *const *)environment,
                                  {files[0], files[1], files[2]}};
    int err = ENOMEM;

    if (argv != NULL && environment != NULL)
        err = sock__os_spawn_script(&r->pid, &script);
    sock__free(argv);
    sock__free(environment);
    return err == 0 ? FINE : complain_of(r, status_of(err), err);
}

/* Its ends of the pipes are closed here once it has them. */
static int start(struct run *r, const struct sock__cgi_call *call, int folder,
                 int input)
{
    int out[2] = {-1, -1}, err[2] = {-1, -1};
    int result = 503;

    if (sock__os_script_pipe(out, 0) == 0 && sock__os_script_pipe(err, 0) == 0)
        result = spawn(r, call, folder, (const int[]){input, out[1], err[1]});
    else
        complain_of(r, 503, errno);
    r->out = out[0];
    r->err = err[0];
    close_end(&out[1]);
    close_end(&err[1]);
    return result;
}

static int run(struct run *r, struct sock__cgi_call *call, int folder,
               int64_t ns)
{
    int input = -1, result = prepare_body(r, call, &input);
    bool runs = false;

    r->until = sock__os_now() + ns;
    if (result == FINE) {
        result = start(r, call, folder, input);
        runs = result == FINE;
    }
    close_end(&input);
    if (runs)
        return wait_for_end(r, attend(r));
    close_end(&r->in);
    close_end(&r->out);
    close_end(&r->err);
    return result;
}

/* How it went */

/* Where part of an answer is out already, no other can be made of it. */
static int excuse(sock_httpd_request_t *self, int status)
{
    enum sock__reply state = self->answer.state;

    if (state != SOCK__REPLY_SENT && state != SOCK__REPLY_LOST)
        return sock__httpd_error(self, status, NULL, NULL);
    self->answer.state = SOCK__REPLY_LOST;
    self->closing = true;
    return sock__fail("cgi", SOCK_E_EOF, 0, 0);
}

static int conclude(sock_httpd_request_t *self, int result)
{
    if (result == FINE)
        return 0;
    sock__free(self->instead);
    self->instead = NULL;
    return result == CLIENT_GONE ? -1 : excuse(self, result);
}

int sock__cgi_run(sock_httpd_request_t *self, struct sock__cgi_call *call,
                  int folder, int64_t ns)
{
    int before = errno;
    struct run *r = malloc(sizeof *r);
    struct sock__saved saved;

    if (r == NULL)
        return sock__httpd_error(self, 503, NULL, NULL);
    memset(r, 0, offsetof(struct run, complaint));
    r->self = self;
    r->script = call->script;
    r->in = r->out = r->err = -1;
    int result = run(r, call, folder, ns);
    sock__error_save(&saved);
    sock__cgi_head_release(&r->head);
    sock__free(r);
    sock__error_restore(&saved);
    if (result == FINE)
        errno = before;
    return conclude(self, result);
}

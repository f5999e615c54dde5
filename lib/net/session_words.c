/* SPDX-License-Identifier: MIT */
/* The words of replies, and what is said of a session that fails. */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "record.h"
#include "session.h"

enum { HOST_SHOWN = 60 };

/* Arguments */

int sock__need(const void *argument, const char *op)
{
    return argument != NULL
               ? 0
               : sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
}

int sock__session_need(const struct sock_session *c, const char *op)
{
    if (sock__need(c, op) < 0)
        return -1;
    if (c->wire.sock != NULL)
        return 0;
    return sock__fail_saying(op, SOCK_E_EOF, 0, "not connected");
}

/* Ends */

void sock__session_wipe(struct sock_session *c)
{
    if (c->out.text != NULL)
        sock__wipe(c->out.text, c->out.used);
    c->out.used = 0;
    c->out.lost = false;
}

void sock__session_close(struct sock_session *c)
{
    if (c->tls != NULL)
        c->tls->ops->let_go(c->tls);
    c->tls = NULL;
    sock__session_wipe(c);
    sock__wire_release(&c->wire);
}

/* Failures */

/* Says whom it was about, and which command. */
static int about(const struct sock_session *c, const char *op,
                 const char *command)
{
    char text[SOCK_ERROR_WORDS_MAX];
    const char *host = c->host != NULL ? c->host : "the server";

    if (*command == '\0')
        return sock__fail_about(op, host);
    snprintf(text, sizeof text, "%.*s: %s", HOST_SHOWN, host, command);
    return sock__fail_about(op, text);
}

static const char *last_command(const struct sock_session *c)
{
    return c->doing.used > 0 ? c->doing.text : "";
}

int sock__session_about(const struct sock_session *c, const char *op)
{
    return about(c, op, last_command(c));
}

int sock__session_failed(struct sock_session *c, const char *op)
{
    sock__session_about(c, op);
    sock__session_close(c);
    return -1;
}

int sock__session_broke(struct sock_session *c, const char *op, int fault,
                        const char *words)
{
    sock__fail_saying(op, SOCK_E_PROTOCOL, fault, words);
    return sock__session_failed(c, op);
}

/* The number and the words of the last reply, on one line. */
int sock__session_refused(struct sock_session *c, const char *op)
{
    char words[SOCK_ERROR_WORDS_MAX], number[16] = "";
    const char *text = sock_session_text(c);

    if (c->code != 0)
        snprintf(number, sizeof number, "%03d ", c->code);
    snprintf(words, sizeof words, "%s%s", number, text);
    for (char *at = words; (at = strchr(at, '\n')) != NULL;)
        *at = ' ';
    sock__fail_saying(op, SOCK_E_REPLY, c->code, words);
    return sock__session_about(c, op);
}

int sock__session_lacks(struct sock_session *c, const char *op,
                        const char *words)
{
    sock__fail_saying(op, SOCK_E_UNSUPPORTED, 0, words);
    return about(c, op, "");
}

/* Words */

void sock__reply_begin(struct sock_session *c)
{
    c->reply.used = 0;
    c->reply.lost = false;
    c->code = 0;
}

/* Its text ends with a NUL, which the next line takes the place of. */
int sock__reply_add(struct sock_session *c, const char *op,
                    const struct sock__piece *line)
{
    struct sock__output *o = &c->reply;

    if (o->used + line->n > c->limits.reply)
        return sock__session_broke(c, op, SOCK_P_TOO_LARGE,
                                   "the reply is too long");
    if (o->used > 0)
        o->text[o->used - 1] = '\n';
    size_t from = o->used;
    sock__output_add(o, line->at, line->n);
    sock__output_add(o, "", 1);
    if (o->lost) {
        sock__reply_begin(c);
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return sock__session_failed(c, op);
    }
    for (; from < o->used - 1; from++)
        if (sock__is(o->text[from], SOCK__CONTROL) && o->text[from] != '\t')
            o->text[from] = '?';
    return 0;
}

int sock_session_code(const sock_session_t *c)
{
    return sock__need(c, "code") < 0 ? -1 : c->code;
}

const char *sock_session_text(const sock_session_t *c)
{
    if (sock__need(c, "text") < 0)
        return NULL;
    return c->reply.used > 0 ? c->reply.text : "";
}

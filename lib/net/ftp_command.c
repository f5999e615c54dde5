/* SPDX-License-Identifier: MIT */
/* Commands of FTP, and what becomes of replies that are owed. */
#define _POSIX_C_SOURCE 200809L

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bytes.h"
#include "ftp.h"
#include "record.h"

enum {
    COMMAND_MAX = 8192,
    NO_TRANSFER = 225, /* to ABOR */
    IAC = 0xff         /* of Telnet */
};

/* Arguments */

int sock__ftp_takes(const char *op, const char *text)
{
    return sock__need(text, op) < 0
               ? -1
               : sock__session_takes(op, text, COMMAND_MAX);
}

int sock__ftp_begin(sock_ftp_t *f, const char *op)
{
    if (sock__need(f, op) < 0 || sock__session_need(&f->session, op) < 0)
        return -1;
    if (f->state == SOCK__FTP_BUSY)
        return sock__fail_saying(op, SOCK_E_VALUE, 0, "a transfer is going on");
    return f->state == SOCK__FTP_OWES ? sock__ftp_settle(f, op) : 0;
}

/* Saying */

/* A copy in which each IAC is two; NULL for want of memory. */
static char *doubled(const char *text)
{
    char *copy = malloc(2 * strlen(text) + 1), *to = copy;

    for (; copy != NULL && *text != '\0'; text++) {
        *to++ = *text;
        if ((unsigned char)*text == IAC)
            *to++ = *text;
    }
    if (copy != NULL)
        *to = '\0';
    return copy;
}

/* What may be seen of a command; NULL: all. */
static const char *shown(const char *verb, const char *arg)
{
    const char *command = *verb != '\0' ? verb : arg;

    if (strncasecmp(command, "PASS ", 5) == 0)
        return "PASS ****";
    return strncasecmp(command, "ACCT ", 5) == 0 ? "ACCT ****" : NULL;
}

static int say(sock_ftp_t *f, const char *op, const char *verb, const char *arg)
{
    const char *const parts[] = {verb, arg, NULL};
    return sock__session_ask(&f->session, op, parts, shown(verb, arg));
}

static int say_doubled(sock_ftp_t *f, const char *op, const char *verb,
                       const char *arg)
{
    char *copy = doubled(arg);

    if (copy == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    int result = say(f, op, verb, copy);
    sock__wipe(copy, strlen(copy));
    sock__free(copy);
    return result;
}

int sock__ftp_hear(sock_ftp_t *f, const char *op)
{
    int number = sock__session_reply(&f->session, op);

    if (number >= 600)
        return sock__session_broke(&f->session, op, SOCK_P_SYNTAX,
                                   "a reply of no kind that there is");
    if (number / 100 == 1)
        f->state = SOCK__FTP_OWES;
    return number;
}

int sock__ftp_hear_end(sock_ftp_t *f, const char *op)
{
    int number;

    do
        number = sock__ftp_hear(f, op);
    while (number / 100 == 1);
    f->state = SOCK__FTP_IDLE;
    return number;
}

static int ask(sock_ftp_t *f, const char *op, const char *verb, const char *arg)
{
    return strchr(arg, IAC) == NULL ? say(f, op, verb, arg)
                                    : say_doubled(f, op, verb, arg);
}

int sock__ftp_ask(sock_ftp_t *f, const char *op, const char *verb,
                  const char *arg)
{
    return ask(f, op, verb, arg) < 0 ? -1 : sock__ftp_hear(f, op);
}

int sock__ftp_of(sock_ftp_t *f, const char *op, int number,
                 const char *hundreds)
{
    if (number < 0 || strchr(hundreds, '0' + number / 100) != NULL)
        return number;
    return sock__session_refused(&f->session, op);
}

int sock__ftp_do(sock_ftp_t *f, const char *op, const char *verb,
                 const char *arg, const char *hundreds)
{
    int number = sock__ftp_ask(f, op, verb, arg);
    return sock__ftp_of(f, op, number, hundreds);
}

/* Staying in step */

/* The transfer's reply comes first, whatever has become of that; a server that
 * says nothing of it is known by what it says to ABOR. What could not be said
 * leaves all as it was. */
int sock__ftp_settle(sock_ftp_t *f, const char *op)
{
    if (ask(f, op, "ABOR", "") < 0)
        return -1;
    int number = sock__ftp_hear_end(f, op);
    if (number >= 0 && number != NO_TRANSFER)
        number = sock__ftp_hear_end(f, op);
    return number < 0 ? -1 : 0;
}

int sock__ftp_protect(sock_ftp_t *f, const char *op, bool wanted)
{
    if ((wanted && sock__ftp_do(f, op, "PBSZ 0", "", "2") < 0) ||
        sock__ftp_do(f, op, "PROT ", wanted ? "P" : "C", "2") < 0)
        return -1;
    f->private = wanted;
    f->in_clear = !wanted;
    return 0;
}

void sock__ftp_forget(sock_ftp_t *f)
{
    if (f->resumed != NULL)
        f->tls->ops->session_free(f->resumed);
    if (f->tls != NULL)
        f->tls->ops->let_go(f->tls);
    f->resumed = NULL;
    f->tls = NULL;
    f->state = SOCK__FTP_IDLE;
    f->no_epsv = f->private = f->in_clear = false;
}

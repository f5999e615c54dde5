/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Without a call into the loader, so that a signal handler may reach it. */
static _Thread_local sock_error_t last
    __attribute__((tls_model("initial-exec"))) = {.operation = ""};

const sock_error_t *sock_last_error(void)
{
    return &last;
}

/* Setting */

/* The errno of each kind; 0: the code. */
static const int errnos[] = {
    [SOCK_E_NONE] = 0,
    [SOCK_E_OS] = 0,
    [SOCK_E_TIMEOUT] = ETIMEDOUT,
    [SOCK_E_GAI] = ENOENT,
    [SOCK_E_HOST] = ENOENT,
    [SOCK_E_VALUE] = EINVAL,
    [SOCK_E_OVERFLOW] = EOVERFLOW,
    [SOCK_E_TYPE] = EINVAL,
    [SOCK_E_EOF] = ECONNRESET,
    [SOCK_E_MEMORY] = ENOMEM,
    [SOCK_E_TLS] = EPROTO,
    [SOCK_E_CANCELLED] = ECANCELED,
    [SOCK_E_KEY] = 0,
    [SOCK_E_UNSUPPORTED] = ENOTSUP,
    [SOCK_E_PROTOCOL] = EPROTO,
    [SOCK_E_REPLY] = EIO,
};

int sock__errno_of(int kind, int code)
{
    size_t n = sizeof errnos / sizeof errnos[0];
    if (kind >= 0 && (size_t)kind < n && errnos[kind] != 0)
        return errnos[kind];
    return code != 0 ? code : EINVAL;
}

int sock__fail(const char *op, int kind, int code, int detail)
{
    last.kind = kind;
    last.code = code;
    last.operation = op;
    last.done = 0;
    last.address.len = 0;
    last.address.kind = SOCK_E_NONE;
    last.address.detail = SOCK__NO_DETAIL;
    last.detail = detail;
    last.level = last.option = 0;
    last.reason = last.verify_code = 0;
    last.words[0] = last.about[0] = '\0';
    errno = sock__errno_of(kind, code);
    return -1;
}

int sock__fail_to(const char *op, int kind, int code, int detail,
                  const sock_addr_t *address)
{
    sock_addr_t copy = *address; /* it may be the record's own */
    sock__fail(op, kind, code, detail);
    last.address = copy;
    return -1;
}

/* In the bytes of the address, which otherwise is none. */
int sock__fail_quoting(const char *op, int kind, int detail, const char *text)
{
    size_t n = strnlen(text, sizeof last.address.u - 1);
    sock__fail(op, kind, 0, detail);
    memcpy(&last.address.u, text, n);
    ((char *)&last.address.u)[n] = '\0';
    return -1;
}

/* As much of a text as a member of the record holds, on one line: what a peer
 * said may be anything. */
static void keep(char *member, const char *text)
{
    static const char more[] = "...";
    size_t n = strnlen(text, SOCK_ERROR_WORDS_MAX);
    bool cut = n == SOCK_ERROR_WORDS_MAX;

    if (cut)
        n -= sizeof more;
    for (size_t i = 0; i < n; i++)
        member[i] =
            (char)((unsigned char)text[i] < ' ' || text[i] == 127 ? '?'
                                                                  : text[i]);
    memcpy(member + n, cut ? more : "", cut ? sizeof more : 1);
}

int sock__fail_saying(const char *op, int kind, int code, const char *words)
{
    sock__fail(op, kind, code, 0);
    keep(last.words, words);
    return -1;
}

/* A host that was asked for is not named beside a URL that has it. */
static void leave_out_host(const char *url)
{
    const char *host = (const char *)&last.address.u + last.address.len;
    bool unknown = last.address.len == 0 && last.kind == SOCK_E_GAI;

    if (last.detail != SOCK__ASKED_HOST && !unknown)
        return;
    if (strstr(url, host) == NULL)
        return;
    last.detail = SOCK__NO_DETAIL;
    if (unknown)
        last.address.kind = SOCK_E_NONE;
}

int sock__fail_about(const char *op, const char *about)
{
    leave_out_host(about);
    last.operation = op;
    keep(last.about, about);
    return -1;
}

int sock__fail_status(const char *op, int status)
{
    if (status == SOCK__TIMED_OUT)
        return sock__fail(op, SOCK_E_TIMEOUT, 0, 0);
    if (status == SOCK__CANCELLED)
        return sock__fail(op, SOCK_E_CANCELLED, 0, 0);
    if (status == SOCK__RECORDED) {
        last.operation = op;
        return -1;
    }
    return sock__fail(op, SOCK_E_OS, status, 0);
}

int sock__fail_status_to(const char *op, int status, const sock_addr_t *address)
{
    sock_addr_t copy = *address;
    sock__fail_status(op, status);
    last.address = copy;
    return -1;
}

sock_addr_t *sock__fail_address(void)
{
    return &last.address;
}

void sock__fail_asked(const char *host)
{
    size_t room = sizeof last.address.u - last.address.len - 1;
    char *at = (char *)&last.address.u + last.address.len;

    if (host == NULL)
        return;
    size_t n = strnlen(host, room);
    memcpy(at, host, n);
    at[n] = '\0';
    last.detail = SOCK__ASKED_HOST;
}

void sock__fail_done(size_t done)
{
    last.done = done;
}

void sock__fail_reason(int reason, int verify_code)
{
    last.reason = reason;
    last.verify_code = verify_code;
}

void sock__fail_option(int level, int option)
{
    last.level = level;
    last.option = option;
}

void sock__free(void *memory)
{
    int saved = errno;
    free(memory);
    errno = saved;
}

void sock__error_save(struct sock__saved *saved)
{
    saved->sys_errno = errno;
    saved->record = last;
}

void sock__error_restore(const struct sock__saved *saved)
{
    last = saved->record;
    errno = saved->sys_errno;
}

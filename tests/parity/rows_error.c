/* SPDX-License-Identifier: MIT */
#include "parity.h"

#include <stdio.h>
#include <string.h>

/* The classes that the numbers of errno have (PEP 3151), and their texts. */
static void classes(void)
{
    static const int numbers[] = {
        EAGAIN,       EALREADY,     EINPROGRESS, EPIPE,  ESHUTDOWN, ECHILD,
        ECONNABORTED, ECONNREFUSED, ECONNRESET,  EEXIST, ENOENT,    EINTR,
        EISDIR,       ENOTDIR,      EACCES,      EPERM,  ESRCH,     ETIMEDOUT,
        EBADF,        ENOTSOCK,     ENETUNREACH, 9999};
    for (EACH(i, numbers)) {
        sock_error_t e = {.kind = SOCK_E_OS, .code = numbers[i]};
        char t[SOCK_ERROR_TEXT_MAX];
        row("e = OSError(%d, os.strerror(%d)); type(e).__name__, str(e), "
            "e.strerror",
            numbers[i], numbers[i]);
        snprintf(t, sizeof t, "'%s'", sock_error_class(&e));
        show(t);
        show(text(sock_error_reason(&e, t, sizeof t), t));
        show(text(sock_error_message(&e, t, sizeof t), t));
    }
}

static void record(void)
{
    char t[SOCK_ERROR_TEXT_MAX];
    row("fails(inet().bind, ('127.0.0.1', 70000))");
    sock_bind(inet(SOCK_STREAM), sock_addr_inet("127.0.0.1", 70000));
    show(error());
    row("str(fails(inet().connect, refusing()).text)");
    sock_connect(inet(SOCK_STREAM), refusing());
    sock_error_text(sock_last_error(), t, sizeof t);
    const char *reason = strstr(t, "[Errno");
    show(py(reason != NULL ? reason : t));
    row("socket.timeout.__name__, socket.error.__name__");
    sock_error_t e = {.kind = SOCK_E_TIMEOUT};
    show(py(sock_error_class(&e)));
    show(strcmp(sock_error_name(SOCK_E_OS), "SOCK_E_OS") == 0 ? "'OSError'"
                                                              : "");
}

void rows_error(void)
{
    classes();
    record();
}

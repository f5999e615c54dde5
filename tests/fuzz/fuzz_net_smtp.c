/* SPDX-License-Identifier: MIT */
/*
 * A client of SMTP or LMTP whose kernel is this file: what its server says
 * comes whole, and then once more in pieces. What was said to it, and what
 * became of that, must be the same. Addresses and messages, beside what must
 * hold of them.
 */
#include <pysockc/smtp.h>

#include "kernel.h"

static unsigned options;

static void tell_refused(sock_smtp_t *s, int result)
{
    const sock_smtp_refusal_t *r;

    tell_number((uint64_t)result);
    tell_result(sock_smtp_session(s), result >= 0);
    for (size_t i = 0; (r = sock_smtp_refused(s, i)) != NULL; i++) {
        claim(r->code >= 100 && r->code <= 999 && strlen(r->text) <= 511);
        tell_text(r->address);
        tell_text(r->text);
    }
}

static void send_one(sock_smtp_t *s, unsigned how)
{
    static const char *const to[] = {"a@x", "b@x", "c@x", "d@x"};
    static const char text[] = ".\r\n.\nend";
    size_t n = 1 + (how >> 1) % 4;
    int result;

    if (how & 8)
        result = sock_smtp_send_from(
            s, "f@x", to, n, sock_source_memory(text, 8), -1, "RET=HDRS", NULL);
    else
        result = sock_smtp_sendmail(s, "f@x", to, n, text, 8, NULL, NULL);
    claim(result <= (int)n);
    if (result >= 0)
        claim(sock_smtp_refused(s, (size_t)result) == NULL);
    tell_refused(s, result);
}

static void converse(struct input in)
{
    const sock_session_opts_t o = {.size = sizeof o,
                                   .timeout = 60,
                                   .local_hostname = "h",
                                   .insecure_auth = 1};
    sock_t *ends[2];
    sock_smtp_t *s =
        options & 1 ? sock_lmtp_new(NULL, 0, &o) : sock_smtp_new(NULL, 0, &o);

    claim(s != NULL && sock_socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    claim(sock__session_adopt(sock_smtp_session(s), "x", ends[0]) == 0);
    wire = sock_fileno(ends[0]);
    coming = in;
    tell_refused(s, sock_smtp_getreply(s));
    if (options & 16)
        tell_refused(s, sock_smtp_login(s, "user", "secret"));
    send_one(s, options);
    tell_refused(s, sock_smtp_noop(s));
    send_one(s, options >> 1);
    tell_refused(s, sock_smtp_quit(s));
    sock_smtp_free(s);
    sock_free(ends[1]);
    wire = -1;
}

/* Addresses and messages */

static int quoted_address(const void *arg, char *buf, size_t size)
{
    return sock_smtp_quoteaddr(buf, size, arg);
}

/* Nothing in it ends the argument, or the line. */
static void check_address(const struct input *in)
{
    char *text = rest_as_text(in);
    char *path = text_of(quoted_address, text, 20);
    size_t n = path != NULL ? strlen(path) : 0;
    bool quoted = false;

    if (path != NULL)
        claim(n >= 2 && path[0] == '<' && path[n - 1] == '>');
    for (size_t i = 1; i + 1 < n; i++) {
        claim((unsigned char)path[i] >= ' ');
        if (path[i] == '"')
            quoted = !quoted;
        else if (quoted && path[i] == '\\')
            i++;
        else if (!quoted)
            claim(strchr(" <>,;()", path[i]) == NULL);
    }
    claim(!quoted);
    free(path);
    free(text);
}

static int quoted_data(const void *arg, char *buf, size_t size)
{
    const struct input *in = arg;
    return sock_smtp_quotedata(buf, size, in->at, in->left);
}

/* No CR and no LF alone, and no line that is a dot. */
static void check_message(struct input in)
{
    char *text = text_of(quoted_data, &in, 30);
    size_t n = (size_t)quoted_data(&in, NULL, 0);

    for (size_t i = 0; i < n; i++) {
        if (text[i] == '\r')
            claim(text[i + 1] == '\n');
        if (text[i] == '\n')
            claim(i > 0 && text[i - 1] == '\r');
        if (text[i] == '.' && (i == 0 || text[i - 1] == '\n'))
            claim(text[++i] == '.');
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};

    options = next_byte(&in);
    twice(converse, in);
    check_address(&in);
    check_message(in);
    return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * A client of SMTP that does what it is told, for smtp_peers.py.
 *
 *   smtp_peer [CA-FILE]
 *
 * Each line of its input is a call: a verb and its arguments, with tabs
 * between, and bytes as %XX. To each it says what came of it: the result, the
 * kind of the error or 0, its code, and the words of the session or the text of
 * the error.
 */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/pysockc.h>
#include <pysockc/smtp.h>
#ifdef WITH_SSL
#include <pysockc/ssl.h>
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_WORDS = 8, MOST_RECIPIENTS = 1000 };

struct word {
    char *text;
    size_t size;
};

static sock_smtp_t *s;
static sock_tls_t *tls;

/* Words */

static size_t unquote(char *text)
{
    char *to = text;

    for (const char *at = text; *at != '\0'; at++) {
        char pair[] = {at[1], at[1] != '\0' ? at[2] : '\0', '\0'}, *stop = pair;
        unsigned long byte = *at == '%' ? strtoul(pair, &stop, 16) : 0;
        *to++ = stop > pair ? (char)byte : *at;
        at += stop - pair;
    }
    *to = '\0';
    return (size_t)(to - text);
}

/* All eight are there; those that were not said are empty. */
static void split(char *line, struct word *words)
{
    static char nothing[] = "";

    line[strcspn(line, "\n")] = '\0';
    for (int i = 0; i < MOST_WORDS; i++) {
        char *tab = line != NULL ? strchr(line, '\t') : NULL;
        if (tab != NULL)
            *tab = '\0';
        words[i].text = line != NULL ? line : nothing;
        words[i].size = unquote(words[i].text);
        line = tab != NULL ? tab + 1 : NULL;
    }
}

static void show(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text == '%' || (unsigned char)*text < ' ' ||
            (unsigned char)*text > '~')
            printf("%%%02X", (unsigned char)*text);
        else
            putchar(*text);
}

/* Calls */

static sock_session_opts_t options(const struct word *w)
{
    sock_session_opts_t o = {.size = sizeof o,
                             .timeout = 10,
                             .local_hostname = w[3].size > 0 ? w[3].text : NULL,
                             .insecure_auth = w[4].size > 0};

    if (w[5].size > 0)
        o.timeout = strtod(w[5].text, NULL);
    return o;
}

/* Host, port; the name of this host, whether passwords may be in the clear, a
 * timeout. */
static int make(const struct word *w)
{
    sock_session_opts_t o = options(w);
    const char *host = w[1].size > 0 ? w[1].text : NULL;
    int port = atoi(w[2].text);

    sock_smtp_free(s);
    if (strcmp(w[0].text, "lmtp") == 0)
        s = sock_lmtp_new(host, port, &o);
    else if (strcmp(w[0].text, "smtps") == 0)
        s = sock_smtp_ssl_new(host, port, tls, &o);
    else
        s = sock_smtp_new(host, port, &o);
    return s != NULL ? 0 : -1;
}

static size_t recipients(char *text, const char **to)
{
    size_t n = 0;

    for (char *at = strtok(text, ","); at != NULL; at = strtok(NULL, ","))
        to[n++] = at;
    return n;
}

static ssize_t give(void *arg, void *data, size_t size)
{
    sock_source_t *source = arg;
    size_t n = source->size < size ? source->size : size;

    n = n < 7 ? n : 7;
    memcpy(data, source->data, n);
    source->data = (const char *)source->data + n;
    source->size -= n;
    return (ssize_t)n;
}

/* From, to, message, its options, theirs; of a stream in pieces of seven bytes.
 */
static int deliver(const struct word *w)
{
    const char *to[MOST_RECIPIENTS];
    size_t n = recipients(w[2].text, to);
    sock_source_t memory = sock_source_memory(w[3].text, w[3].size);
    const sock_source_t source = {.read = give, .arg = &memory};

    if (strcmp(w[0].text, "send_from") == 0)
        return sock_smtp_send_from(s, w[1].text, to, n, source, -1, w[4].text,
                                   w[5].text);
    return sock_smtp_sendmail(s, w[1].text, to, n, w[3].text, w[3].size,
                              w[4].text, w[5].text);
}

static int log_in(const struct word *w)
{
    sock_sasl_login_t login = {w[2].text, w[3].text};
    sock_sasl_bearer_t bearer = {.user = w[2].text, .token = w[3].text};

    if (strcmp(w[0].text, "login") == 0)
        return sock_smtp_login(s, w[1].text, w[2].text);
    if (strstr(w[1].text, "OAUTH") != NULL)
        return sock_smtp_auth(s, w[1].text, sock_sasl_token, &bearer);
    return sock_smtp_auth(s, w[1].text, sock_sasl_password, &login);
}

/* What a call says in place of the words of the session, if it does. */
static char said[70000];
static int has_said;

static int extension(const struct word *w)
{
    const char *words = sock_smtp_extn(s, w[1].text);
    int has = sock_smtp_has_extn(s, w[1].text);

    has_said = 1;
    snprintf(said, sizeof said, "%s", words != NULL ? words : "none");
    return has;
}

/* "address code text\2" each. */
static int refusals(void)
{
    const sock_smtp_refusal_t *r;
    size_t n = 0;
    int i = 0;

    has_said = 1;
    for (; (r = sock_smtp_refused(s, (size_t)i)) != NULL; i++)
        n += (size_t)snprintf(said + n, sizeof said - n, "%s %d %s\2",
                              r->address, r->code, r->text);
    return i;
}

static int quote(const struct word *w)
{
    has_said = 1;
    if (strcmp(w[0].text, "quoteaddr") == 0)
        return sock_smtp_quoteaddr(said, sizeof said, w[1].text);
    return sock_smtp_quotedata(said, sizeof said, w[1].text, w[1].size);
}

static int call_other(const struct word *w)
{
    const char *verb = w[0].text;

    if (strcmp(verb, "extn") == 0)
        return extension(w);
    if (strcmp(verb, "refused") == 0)
        return refusals();
    if (strncmp(verb, "quote", 5) == 0)
        return quote(w);
    if (strcmp(verb, "secure") == 0)
        return sock_session_secure(sock_smtp_session(s));
    if (strcmp(verb, "settimeout") == 0)
        return sock_session_settimeout(sock_smtp_session(s),
                                       strtod(w[1].text, NULL));
    if (strcmp(verb, "data") == 0)
        return sock_smtp_data(s, sock_source_memory(w[1].text, w[1].size));
    if (strncmp(verb, "send", 4) == 0)
        return deliver(w);
    if (strcmp(verb, "login") == 0 || strcmp(verb, "auth") == 0)
        return log_in(w);
    if (strcmp(verb, "starttls") == 0)
        return sock_smtp_starttls(s, tls);
    return make(w);
}

/* Of no argument, one, or two. */
static int call(const struct word *w)
{
    static const struct {
        const char *verb;
        int (*none)(sock_smtp_t *);
        int (*one)(sock_smtp_t *, const char *);
        int (*two)(sock_smtp_t *, const char *, const char *);
    } calls[] = {
        {"getreply", sock_smtp_getreply, NULL, NULL},
        {"hello", sock_smtp_hello, NULL, NULL},
        {"rset", sock_smtp_rset, NULL, NULL},
        {"noop", sock_smtp_noop, NULL, NULL},
        {"quit", sock_smtp_quit, NULL, NULL},
        {"ehlo", NULL, sock_smtp_ehlo, NULL},
        {"helo", NULL, sock_smtp_helo, NULL},
        {"verify", NULL, sock_smtp_verify, NULL},
        {"expn", NULL, sock_smtp_expn, NULL},
        {"docmd", NULL, NULL, sock_smtp_docmd},
        {"putcmd", NULL, NULL, sock_smtp_putcmd},
        {"mail", NULL, NULL, sock_smtp_mail},
        {"rcpt", NULL, NULL, sock_smtp_rcpt},
    };

    if (strcmp(w[0].text, "connect") == 0)
        return sock_smtp_connect(s, w[1].text, atoi(w[2].text));
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        if (strcmp(w[0].text, calls[i].verb) != 0)
            continue;
        if (calls[i].none != NULL)
            return calls[i].none(s);
        return calls[i].one != NULL ? calls[i].one(s, w[1].text)
                                    : calls[i].two(s, w[1].text, w[2].text);
    }
    return call_other(w);
}

static void answer(const struct word *w)
{
    char text[SOCK_ERROR_TEXT_MAX];

    said[0] = '\0';
    has_said = 0;
    int result = call(w);
    if (result == -1) {
        sock_error_text(NULL, text, sizeof text);
        printf("-1\t%s\t%d\t", sock_error_name(sock_last_error()->kind),
               sock_last_error()->code);
        show(text);
    } else {
        printf("%d\t\t0\t", result);
        show(has_said || s == NULL ? said
                                   : sock_session_text(sock_smtp_session(s)));
    }
    putchar('\n');
    fflush(stdout);
}

int main(int argc, char **argv)
{
    char *line = NULL;
    size_t room = 0;
    struct word words[MOST_WORDS];

#ifdef WITH_SSL
    sock_ssl_context_t *context = NULL;
    if (argc > 1) {
        context = sock_ssl_create_default_context(SOCK_SSL_SERVER_AUTH, argv[1],
                                                  NULL, NULL);
        tls = sock_ssl_tls(context);
    }
#else
    (void)argc, (void)argv;
#endif
    while (getline(&line, &room, stdin) > 0) {
        split(line, words);
        answer(words);
    }
    sock_smtp_free(s);
    free(line);
#ifdef WITH_SSL
    sock_ssl_context_free(context);
#endif
    return 0;
}

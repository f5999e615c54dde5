/* SPDX-License-Identifier: MIT */
/*
 * Programs that a script of Python drives: a call a line comes on stdin, as
 * words with tabs between them, in which what is no letter may be %XX; what
 * came of it goes to stdout, a line each, as Python writes it: a value, or an
 * error as
 * ('error', kind, code, text).
 */
#ifndef DRIVEN_H
#define DRIVEN_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pysockc/net.h>
#include <pysockc/pysockc.h>
#ifdef WITH_SSL
#include <pysockc/ssl.h>
#endif

enum { MOST_WORDS = 8 };

/* Printing */

static inline void print_bytes(const char *bytes, size_t n)
{
    printf("b'");
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)bytes[i];
        bool plain = c >= ' ' && c < 127 && c != '\\' && c != '\'';
        printf(plain ? "%c" : "\\x%02x", c);
    }
    printf("'");
}

static inline void print_text(const char *text)
{
    if (text == NULL)
        printf("None");
    else
        print_bytes(text, strlen(text));
}

static inline void print_error(void)
{
    const sock_error_t *e = sock_last_error();
    char text[SOCK_ERROR_TEXT_MAX];

    sock_error_text(NULL, text, sizeof text);
    printf("('error', '%s', %d, ", sock_error_name(e->kind), e->code);
    print_text(text);
    printf(")");
}

static inline void print_result(int result)
{
    if (result < 0)
        print_error();
    else
        printf("%d", result);
}

/* They are freed. */
static inline void print_lines(sock_lines_t *lines)
{
    if (lines == NULL) {
        print_error();
        return;
    }
    printf("[");
    for (size_t i = 0; i < lines->count; i++) {
        print_bytes(lines->lines[i].text, lines->lines[i].length);
        printf(", ");
    }
    printf("]");
    sock_lines_free(lines);
}

/* Sinks */

/* Bytes that are kept, up to a limit; 0: all. */
struct kept {
    char *bytes;
    size_t n, most;
};

static inline int keep(void *arg, const void *data, size_t n)
{
    struct kept *k = arg;
    if (k->most > 0 && k->n + n > k->most)
        return -1;
    k->bytes = realloc(k->bytes, k->n + n);
    memcpy(k->bytes + k->n, data, n);
    k->n += n;
    return 0;
}

/* And frees them. */
static inline void print_kept(struct kept *k, int result)
{
    if (result < 0)
        print_error();
    else
        print_bytes(k->bytes, k->n);
    free(k->bytes);
    *k = (struct kept){0};
}

/* Words */

static inline long long integer(const char *word)
{
    return strtoll(word, NULL, 10);
}

/* %XX, where it lies. */
static inline void unquote(char *word)
{
    char *to = word;
    unsigned byte;

    for (const char *at = word; *at != '\0'; to++)
        if (*at == '%' && sscanf(at + 1, "%2x", &byte) == 1) {
            *to = (char)byte;
            at += 3;
        } else {
            *to = *at++;
        }
    *to = '\0';
}

/* Cuts a line into words; "" where there are no more. */
static inline void cut_words(char *line, const char *words[MOST_WORDS])
{
    line[strcspn(line, "\n")] = '\0';
    for (int i = 0; i < MOST_WORDS; i++) {
        char *end = line + strcspn(line, "\t");
        char *next = *end != '\0' ? end + 1 : end;
        *end = '\0';
        unquote(line);
        words[i] = line;
        line = next;
    }
}

/* Makes each call; the function says whether it knows the first word. */
static inline int drive(bool (*call)(const char *words[MOST_WORDS]))
{
    const char *words[MOST_WORDS];
    char *line = NULL;
    size_t size = 0;

    while (getline(&line, &size, stdin) > 0) {
        cut_words(line, words);
        if (!call(words))
            printf("'no such call'");
        printf("\n");
        fflush(stdout);
    }
    free(line);
    return 0;
}

/* Sessions */

static sock_sasl_login_t driven_login;
static sock_sasl_bearer_t driven_bearer;

/* The function for a mechanism, and what it needs. */
static inline sock_sasl_fn exchange_for(const char *mechanism, const char *user,
                                        const char *secret, void **arg)
{
    bool token = strstr(mechanism, "AUTH") != NULL;
    driven_login = (sock_sasl_login_t){user, secret};
    driven_bearer = (sock_sasl_bearer_t){user, secret, NULL, 0};
    *arg = token ? (void *)&driven_bearer : (void *)&driven_login;
    return token ? sock_sasl_token : sock_sasl_password;
}

/* A context that trusts those of a file; NULL where there is no such library.
 */
static inline sock_tls_t *trusting(const char *file)
{
#ifdef WITH_SSL
    static sock_ssl_context_t *context; /* who has it holds it */
    sock_ssl_context_free(context);
    context =
        sock_ssl_create_default_context(SOCK_SSL_SERVER_AUTH, file, NULL, NULL);
    return context != NULL ? sock_ssl_tls(context) : NULL;
#else
    (void)file;
    return NULL;
#endif
}

/* What all sessions have: false if it is another call. */
static inline bool call_session(sock_session_t *c, const char *words[])
{
    sock_session_limits_t limits = {.size = sizeof limits};

    if (strcmp(words[0], "text") == 0) {
        print_text(sock_session_text(c));
    } else if (strcmp(words[0], "code") == 0) {
        print_result(sock_session_code(c));
    } else if (strcmp(words[0], "secure") == 0) {
        print_result(sock_session_secure(c));
    } else if (strcmp(words[0], "settimeout") == 0) {
        print_result(sock_session_settimeout(c, strtod(words[1], NULL)));
    } else if (strcmp(words[0], "limits") == 0) {
        limits.line = (size_t)integer(words[1]);
        limits.list = (size_t)integer(words[2]);
        print_result(sock_session_set_limits(c, &limits));
    } else {
        return false;
    }
    return true;
}

#endif

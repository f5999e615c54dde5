/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "sasl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base64.h"
#include "bytes.h"
#include "digest.h"
#include "record.h"

enum {
    RESPONSE_MAX = 8192,
    LINE_MAX_AUTH = 12288, /* RFC 4954 4 */
    CHALLENGES_MAX = 5,    /* as Python */
    MECHANISM_MAX = 20     /* RFC 4422 3.1 */
};

/* Answers */

/* What is said, as it is put together. */
struct answer {
    const char *op;
    char *at;
    size_t left, done;
    bool full;
};

/* 0; -1 with the error recorded. */
static int begin_answer(struct answer *a, void *response, size_t size)
{
    *a = (struct answer){.op = "auth", .at = response, .left = size};
    return sock__bytes_check(a->op, response, size);
}

static void add(struct answer *a, const void *bytes, size_t n)
{
    a->full = a->full || n > a->left;
    if (a->full || n == 0)
        return;
    memcpy(a->at + a->done, bytes, n);
    a->done += n;
    a->left -= n;
}

static void add_text(struct answer *a, const char *text)
{
    add(a, text, strlen(text));
}

static ssize_t finish(const struct answer *a)
{
    if (!a->full)
        return (ssize_t)a->done;
    return sock__fail_saying(a->op, SOCK_E_VALUE, 0,
                             "the response is too long");
}

static int no_such(const char *op)
{
    return sock__fail_saying(op, SOCK_E_VALUE, 0, "another mechanism");
}

/* Passwords */

static void add_plain(struct answer *a, const sock_sasl_login_t *l)
{
    add(a, "", 1);
    add_text(a, l->user);
    add(a, "", 1);
    add_text(a, l->password);
}

/* HMAC by MD5 of the challenge (RFC 2195). */
static void add_cram_md5(struct answer *a, const sock_sasl_login_t *l,
                         const void *challenge, size_t n)
{
    unsigned char digest[SOCK__DIGEST_MAX];
    char hex[SOCK__DIGEST_HEX];
    size_t size = sock__hmac(SOCK__MD5, l->password, strlen(l->password),
                             challenge, n, digest);

    sock__hex(digest, size, hex);
    add_text(a, l->user);
    add_text(a, " ");
    add_text(a, hex);
}

/* LOGIN asks for the user and then for the password, in words of its own; the
 * second is known by what it begins with, and an initial response is the user.
 */
static bool asks_password(const void *challenge, size_t n)
{
    return n >= 4 && strncasecmp(challenge, "Pass", 4) == 0;
}

ssize_t sock_sasl_password(void *arg, const char *mechanism,
                           const void *challenge, size_t n, void *response,
                           size_t size)
{
    const sock_sasl_login_t *l = arg;
    struct answer a;

    if (begin_answer(&a, response, size) < 0)
        return -1;
    if (l == NULL || l->user == NULL || l->password == NULL ||
        mechanism == NULL)
        return sock__fail(a.op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (strcmp(mechanism, "PLAIN") == 0) {
        add_plain(&a, l);
    } else if (strcmp(mechanism, "LOGIN") == 0) {
        add_text(&a, asks_password(challenge, n) ? l->password : l->user);
    } else if (strcmp(mechanism, "CRAM-MD5") == 0) {
        if (challenge == NULL)
            return SOCK_SASL_NONE;
        add_cram_md5(&a, l, challenge, n);
    } else {
        return no_such(a.op);
    }
    return finish(&a);
}

/* Tokens */

static bool has_controls(const char *text)
{
    return text != NULL && sock__has(text, SOCK__CONTROL);
}

static void add_xoauth2(struct answer *a, const sock_sasl_bearer_t *b)
{
    add_text(a, "user=");
    add_text(a, b->user);
    add_text(a, "\1auth=Bearer ");
    add_text(a, b->token);
    add_text(a, "\1\1");
}

/* A comma and an equals sign of the user would end it (RFC 5801 4). */
static void add_gs2_name(struct answer *a, const char *user)
{
    for (; *user != '\0'; user++)
        if (*user == ',')
            add_text(a, "=2C");
        else if (*user == '=')
            add_text(a, "=3D");
        else
            add(a, user, 1);
}

static void add_oauthbearer(struct answer *a, const sock_sasl_bearer_t *b)
{
    char port[24];

    add_text(a, "n,");
    if (b->user != NULL) {
        add_text(a, "a=");
        add_gs2_name(a, b->user);
    }
    add_text(a, ",");
    if (b->host != NULL) {
        add_text(a, "\1host=");
        add_text(a, b->host);
    }
    if (b->port != 0) {
        snprintf(port, sizeof port, "\1port=%d", b->port);
        add_text(a, port);
    }
    add_text(a, "\1auth=Bearer ");
    add_text(a, b->token);
    add_text(a, "\1\1");
}

/* A challenge says what is wrong with the token; the answer to it is empty, or
 * a byte, and then the server says no. */
ssize_t sock_sasl_token(void *arg, const char *mechanism, const void *challenge,
                        size_t n, void *response, size_t size)
{
    const sock_sasl_bearer_t *b = arg;
    bool bearer = mechanism != NULL && strcmp(mechanism, "OAUTHBEARER") == 0;
    struct answer a;

    if (begin_answer(&a, response, size) < 0)
        return -1;
    if (b == NULL || b->token == NULL || mechanism == NULL ||
        (b->user == NULL && !bearer))
        return sock__fail(a.op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (!bearer && strcmp(mechanism, "XOAUTH2") != 0)
        return no_such(a.op);
    if (has_controls(b->user) || has_controls(b->token) ||
        has_controls(b->host))
        return sock__fail_saying(a.op, SOCK_E_VALUE, 0,
                                 "a control character in user or token");
    if (challenge != NULL && n > 0)
        add(&a, "\1", bearer ? 1 : 0);
    else if (bearer)
        add_oauthbearer(&a, b);
    else
        add_xoauth2(&a, b);
    return finish(&a);
}

/* The exchange */

struct exchange {
    struct sock_session *c;
    const char *op;
    char mechanism[MECHANISM_MAX + 1];
    sock_sasl_fn fn;
    void *arg;
    const struct sock__sasl_talk *talk;
    bool held; /* the initial response, which is not said yet, lies encoded */
    char shown[64];
    char response[RESPONSE_MAX];
    char encoded[SOCK__BASE64_SIZE(RESPONSE_MAX) + 1];
};

/* In capitals, as the names are registered. */
static int take_mechanism(struct exchange *x, const char *mechanism)
{
    size_t n = strlen(mechanism);

    if (n > MECHANISM_MAX || n == 0)
        return sock__fail_saying(x->op, SOCK_E_VALUE, 0,
                                 "an invalid mechanism");
    for (size_t i = 0; i <= n; i++) {
        x->mechanism[i] = sock__upper(mechanism[i]);
        if (i < n && !sock__is(mechanism[i], SOCK__ALPHA | SOCK__DIGIT) &&
            mechanism[i] != '-' && mechanism[i] != '_')
            return sock__fail_saying(x->op, SOCK_E_VALUE, 0,
                                     "an invalid mechanism");
    }
    return 0;
}

/* Those that tell the server the secret itself. */
static bool tells_secret(const char *mechanism)
{
    static const char *const telling[] = {"PLAIN", "LOGIN", "XOAUTH2",
                                          "OAUTHBEARER"};

    for (size_t i = 0; i < sizeof telling / sizeof telling[0]; i++)
        if (strcmp(mechanism, telling[i]) == 0)
            return true;
    return false;
}

/* Asks the function: what it says lies encoded, "=" for nothing at all; 1. 0 if
 * there is no initial response. -1: the exchange ends, with the error recorded.
 */
static int ask_function(struct exchange *x, const void *challenge, size_t n)
{
    struct sock__saved before;
    ssize_t size;

    sock__error_save(&before);
    sock__fail(x->op, SOCK_E_CANCELLED, 0, 0);
    size = x->fn(x->arg, x->mechanism, challenge, n, x->response, RESPONSE_MAX);
    if (size == SOCK_SASL_NONE && challenge == NULL) {
        sock__error_restore(&before);
        return 0;
    }
    if (size < 0 || size > RESPONSE_MAX)
        return sock__fail_status(x->op, SOCK__RECORDED);
    sock__error_restore(&before);
    size_t written = sock__base64_encode(x->response, (size_t)size, x->encoded);
    if (written == 0 && challenge == NULL)
        memcpy(x->encoded, "=", sizeof "=");
    sock__wipe(x->response, (size_t)size);
    return 1;
}

static int say(struct exchange *x, const char *const parts[], const char *shown)
{
    if (sock__session_say_most(x->c, x->op, parts, shown, LINE_MAX_AUTH) < 0)
        return -1;
    return sock__session_flush(x->c, x->op);
}

/* Whether the response may stand in the first command. */
static bool fits(const struct exchange *x)
{
    return x->talk->most == 0 || strlen(x->talk->begin) + strlen(x->mechanism) +
                                         1 + strlen(x->encoded) <=
                                     x->talk->most;
}

/* The first command, with the response that fits behind it. */
static int begin(struct exchange *x)
{
    const char *const parts[] = {x->talk->begin, x->mechanism, NULL};
    const char *const with[] = {x->talk->begin, x->mechanism, " ", x->encoded,
                                NULL};
    int given = x->talk->initial ? ask_function(x, NULL, 0) : 0;

    if (given < 0)
        return -1;
    snprintf(x->shown, sizeof x->shown, "%.32s%s ****", x->talk->begin,
             x->mechanism);
    x->held = given > 0 && !fits(x);
    return given > 0 && !x->held ? say(x, with, x->shown) : say(x, parts, NULL);
}

/* What was recorded is why it ends; what the server says to that is heard, so
 * that the session goes on. */
static int cancel(struct exchange *x)
{
    const char *const parts[] = {"*", NULL};
    struct sock__piece heard;
    struct sock__saved why;

    sock__error_save(&why);
    if (say(x, parts, NULL) == 0 && x->talk->hear(x->c, x->op, &heard) >= 0)
        sock__session_close(x->c); /* it goes on all the same */
    sock__error_restore(&why);
    return -1;
}

/* Decodes a challenge where it lies, and asks what to say to it; -1 with the
 * error recorded. */
static int ask_what(struct exchange *x, const struct sock__piece *challenge)
{
    char *text = x->encoded;
    size_t n = challenge->n;

    if (n > sizeof x->encoded)
        return sock__session_broke(x->c, x->op, SOCK_P_TOO_LARGE,
                                   "the challenge is too long");
    memcpy(text, challenge->at, n);
    ssize_t size = sock__base64_decode(text, n, text);
    if (size < 0)
        return sock__session_broke(x->c, x->op, SOCK_P_SYNTAX,
                                   "the challenge is not base64");
    return ask_function(x, text, (size_t)size) < 0 ? cancel(x) : 0;
}

static int answer(struct exchange *x, const struct sock__piece *challenge)
{
    const char *const parts[] = {x->encoded, NULL};
    bool is_ready = x->held && challenge->n == 0;

    x->held = false;
    if (!is_ready && ask_what(x, challenge) < 0)
        return -1;
    int said = say(x, parts, "****");
    sock__session_doing(x->c, x->shown, strlen(x->shown));
    return said;
}

/* 1: a challenge was answered; 0: it is over; -1. */
static int step(struct exchange *x)
{
    struct sock__piece challenge;
    int heard = x->talk->hear(x->c, x->op, &challenge);

    if (heard <= 0)
        return heard;
    return answer(x, &challenge) < 0 ? -1 : 1;
}

static int run(struct exchange *x)
{
    int more = begin(x) < 0 ? -1 : 1;

    for (int i = 0; more > 0 && i < CHALLENGES_MAX; i++)
        more = step(x);
    if (more <= 0)
        return more;
    struct sock__piece last;
    more = x->talk->hear(x->c, x->op, &last);
    if (more <= 0)
        return more;
    return sock__session_broke(x->c, x->op, SOCK_P_ORDER,
                               "AUTH: too many challenges");
}

int sock__sasl(struct sock_session *c, const char *op, const char *mechanism,
               sock_sasl_fn fn, void *arg, const struct sock__sasl_talk *talk)
{
    struct exchange *x;
    int result = -1;

    if (sock__need(mechanism, op) < 0)
        return -1;
    if (fn == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if ((x = calloc(1, sizeof *x)) == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    x->c = c;
    x->op = op;
    x->fn = fn;
    x->arg = arg;
    x->talk = talk;
    if (take_mechanism(x, mechanism) == 0 &&
        (!tells_secret(x->mechanism) || sock__session_trusts(c, op) == 0))
        result = run(x);
    sock__wipe(x, sizeof *x);
    sock__free(x);
    return result;
}

/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "auth.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "bytes.h"
#include "chars.h"
#include "headers.h"
#include "list.h"
#include "os_random.h"
#include "private.h"
#include "text.h"

/* Challenges */

/* Whether the list has this member. */
static bool lists(const char *text, const char *member)
{
    const char *end = text + strlen(text);

    for (size_t n; sock__list_next(&text, end, &n); text += n)
        if (sock__same_text(text, n, member, strlen(member)))
            return true;
    return false;
}

/* A parameter whose values are short and known: 0 if it has a value, which then
 * is in the buffer; -1 if there is none, -2 if none of those. */
enum { WORD = 64 };

static int word(const struct sock__challenge *c, const char *name,
                char value[WORD])
{
    ssize_t n = sock__challenge_param(c, name, value, WORD);
    if (n < 0)
        return (int)n;
    return n < WORD ? 0 : -2;
}

static bool is_word(const struct sock__challenge *c, const char *name,
                    const char *text)
{
    char value[WORD];
    return word(c, name, value) == 0 &&
           sock__same_text(value, strlen(value), text, strlen(text));
}

static const struct {
    const char *name;
    enum sock__hash hash;
    bool session;
} algorithms[] = {{"MD5", SOCK__MD5, false},
                  {"MD5-sess", SOCK__MD5, true},
                  {"SHA-256", SOCK__SHA256, false},
                  {"SHA-256-sess", SOCK__SHA256, true}};

static const char *algorithm_of(const struct sock__auth *a)
{
    return algorithms[(a->hash == SOCK__SHA256 ? 2 : 0) + a->session].name;
}

/* False for one that is not known here. */
static bool read_algorithm(const struct sock__challenge *c,
                           struct sock__auth *a)
{
    char value[WORD];
    int status = word(c, "algorithm", value);

    a->says_hash = status == 0;
    if (status == -1)
        return true; /* MD5 */
    for (size_t i = 0; status == 0 && i < 4; i++) {
        const char *name = algorithms[i].name;
        if (!sock__same_text(value, strlen(value), name, strlen(name)))
            continue;
        a->hash = algorithms[i].hash;
        a->session = algorithms[i].session;
        return true;
    }
    return false;
}

/* None, auth, or what is left: to protect the body, too, means to read it
 * twice. */
static bool read_qop(const struct sock__challenge *c, struct sock__auth *a)
{
    char value[WORD];
    int status = word(c, "qop", value);

    a->qop = status == 0;
    if (status == -1)
        return true;
    a->whole = status == 0 && !lists(value, "auth");
    return status == 0 && (!a->whole || lists(value, "auth-int"));
}

static bool read_digest(const struct sock__challenge *c, struct sock__auth *a)
{
    if (!read_algorithm(c, a) || !read_qop(c, a))
        return false;
    a->strength =
        a->hash == SOCK__SHA256 ? SOCK__DIGEST_SHA256 : SOCK__DIGEST_MD5;
    a->stale = is_word(c, "stale", "true");
    a->userhash = is_word(c, "userhash", "true");
    a->utf8 = is_word(c, "charset", "UTF-8");
    return true;
}

/* Which parameters' texts are kept. */
enum { REALM, NONCE, OPAQUE, TEXTS };
static const char *const names[TEXTS] = {"realm", "nonce", "opaque"};

/* Their lengths; false if what is needed is not there. */
static bool measure(const struct sock__challenge *c, bool digest,
                    ssize_t lengths[TEXTS])
{
    for (int i = 0; i < TEXTS; i++) {
        lengths[i] = sock__challenge_param(c, names[i], NULL, 0);
        if (lengths[i] == -2)
            return false;
    }
    return !digest || (lengths[REALM] >= 0 && lengths[NONCE] >= 0);
}

/* Copies them behind the struct; false if one cannot be sent back. */
static bool keep(const struct sock__challenge *c, struct sock__auth *a,
                 const ssize_t lengths[TEXTS])
{
    const char **kept[TEXTS] = {&a->realm, &a->nonce, &a->opaque};
    char *at = (char *)(a + 1);

    for (int i = 0; i < TEXTS; i++) {
        if (lengths[i] < 0)
            continue;
        size_t n = (size_t)lengths[i];
        sock__challenge_param(c, names[i], at, n + 1);
        if (n > 0 && !sock__is_value(at, n))
            return false;
        *kept[i] = at;
        at += n + 1;
    }
    if (a->realm == NULL)
        a->realm = "";
    return true;
}

/* What a challenge says; NULL if it can't be answered, or (errno is ENOMEM) for
 * want of memory. */
static struct sock__auth *understand(const struct sock__challenge *c)
{
    bool is_digest = sock__challenge_is(c, "Digest");
    ssize_t lengths[TEXTS];
    struct sock__auth first = {.strength = SOCK__BASIC};

    errno = 0;
    if (!is_digest && !sock__challenge_is(c, "Basic"))
        return NULL;
    if (!measure(c, is_digest, lengths) ||
        (is_digest && !read_digest(c, &first)))
        return NULL;
    size_t size = sizeof first;
    for (int i = 0; i < TEXTS; i++)
        size += lengths[i] >= 0 ? (size_t)lengths[i] + 1 : 0;
    struct sock__auth *a = malloc(size);
    if (a == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    *a = first;
    if (keep(c, a, lengths))
        return a;
    sock__free(a);
    errno = 0;
    return NULL;
}

/* Puts the better one of both into *best. */
static void prefer(struct sock__auth **best, struct sock__auth *a,
                   sock__realm_fn *has, void *arg)
{
    if ((*best != NULL && a->strength <= (*best)->strength) ||
        !has(a->realm, arg)) {
        sock__auth_free(a);
    } else {
        sock__auth_free(*best);
        *best = a;
    }
}

int sock__auth_choose(const char *op, const sock_headers_t *headers,
                      const char *field, sock__realm_fn *has, void *arg,
                      struct sock__auth **a)
{
    const char *value;
    int saved = errno;

    *a = NULL;
    for (size_t i = 0;
         (value = sock_headers_get_all(headers, field, i)) != NULL; i++) {
        struct sock__challenge c;
        while (sock__challenge_next(&value, &c)) {
            struct sock__auth *one = understand(&c);
            if (one != NULL) {
                prefer(a, one, has, arg);
            } else if (errno == ENOMEM) {
                sock__auth_free(*a);
                *a = NULL;
                return sock__fail(op, SOCK_E_MEMORY, 0, 0);
            }
        }
    }
    errno = saved;
    return 0;
}

struct sock__auth *sock__auth_basic(const char *op)
{
    struct sock__auth *a = malloc(sizeof *a);
    if (a == NULL)
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
    else
        *a = (struct sock__auth){.strength = SOCK__BASIC, .realm = ""};
    return a;
}

void sock__auth_free(struct sock__auth *a)
{
    if (a != NULL)
        sock__free(a->next);
    sock__free(a);
}

void sock__auth_info(struct sock__auth *a, const char *value)
{
    struct sock__challenge c;

    if (a->strength == SOCK__BASIC || !sock__challenge_of_params(value, &c))
        return;
    ssize_t n = sock__challenge_param(&c, "nextnonce", NULL, 0);
    char *next = n > 0 ? malloc((size_t)n + 1) : NULL;
    if (next == NULL) /* the server will ask again */
        return;
    sock__challenge_param(&c, "nextnonce", next, (size_t)n + 1);
    if (!sock__is_value(next, (size_t)n)) {
        sock__free(next);
        return;
    }
    sock__free(a->next);
    a->nonce = a->next = next;
    a->count = 0;
}

/* Answers */

static char *no_memory(const char *op)
{
    sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return NULL;
}

static char *basic(const char *op, const struct sock__auth_for *f)
{
    static const char scheme[] = "Basic ";
    size_t user = strlen(f->user), n = user + 1 + strlen(f->password);
    char *text = malloc(sizeof scheme + SOCK__BASE64_SIZE(n) + n + 1);

    if (text == NULL)
        return no_memory(op);
    char *pair = text + sizeof scheme + SOCK__BASE64_SIZE(n);
    memcpy(pair, f->user, user);
    pair[user] = ':';
    sock__put_text(pair + user + 1, f->password);
    sock__base64_encode(pair, n, sock__put_text(text, scheme));
    sock__wipe(pair, n);
    return text;
}

/* All that stands in an answer. */
struct answer {
    const struct sock__auth *a;
    const struct sock__auth_for *f;
    char cnonce[SOCK__CNONCE_MAX], count[9], response[SOCK__DIGEST_HEX];
};

/* H(A1). That of a session is what it began with. */
static void secret_of(struct sock__auth *a, const struct answer *x,
                      char secret[SOCK__DIGEST_HEX])
{
    const struct sock__auth_for *f = x->f;

    if (a->secret[0] != '\0') {
        memcpy(secret, a->secret, SOCK__DIGEST_HEX);
        return;
    }
    sock__digest_texts(a->hash, secret,
                       (const char *[]){f->user, a->realm, f->password, NULL});
    if (!a->session)
        return;
    sock__digest_texts(a->hash, a->secret,
                       (const char *[]){secret, a->nonce, x->cnonce, NULL});
    memcpy(secret, a->secret, SOCK__DIGEST_HEX);
    memcpy(a->cnonce, x->cnonce, sizeof a->cnonce);
}

static void respond(struct sock__auth *a, struct answer *x)
{
    char secret[SOCK__DIGEST_HEX], request[SOCK__DIGEST_HEX];
    const char *whole = a->whole ? x->f->body : NULL;

    secret_of(a, x, secret);
    sock__digest_texts(a->hash, request,
                       (const char *[]){x->f->method, x->f->uri, whole, NULL});
    if (a->qop)
        sock__digest_texts(
            a->hash, x->response,
            (const char *[]){secret, a->nonce, x->count, x->cnonce,
                             a->whole ? "auth-int" : "auth", request, NULL});
    else
        sock__digest_texts(a->hash, x->response,
                           (const char *[]){secret, a->nonce, request, NULL});
    sock__wipe(secret, sizeof secret);
}

/* name="text" */
static void add_quoted(struct sock__text *t, const char *name, const char *text)
{
    sock__text_addf(t, "%s=\"", name);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            sock__text_char(t, '\\');
        sock__text_char(t, *text);
    }
    sock__text_char(t, '"');
}

/* name*=UTF-8''text, of RFC 8187 */
static void add_extended(struct sock__text *t, const char *text)
{
    char quoted[3];

    sock__text_add(t, "username*=UTF-8''");
    for (; *text != '\0'; text++) {
        if (sock__is_attr(*text)) {
            sock__text_char(t, *text);
        } else {
            sock__put_percent(quoted, *text);
            sock__text_bytes(t, quoted, sizeof quoted);
        }
    }
}

static void add_user(struct sock__text *t, const struct answer *x)
{
    char hashed[SOCK__DIGEST_HEX];

    if (x->a->userhash) {
        sock__digest_texts(x->a->hash, hashed,
                           (const char *[]){x->f->user, x->a->realm, NULL});
        add_quoted(t, "username", hashed);
    } else if (x->a->utf8 && sock__has(x->f->user, SOCK__HIGH)) {
        add_extended(t, x->f->user);
    } else {
        add_quoted(t, "username", x->f->user);
    }
}

/* In the order of RFC 7616's examples, and quoted as it wants it. */
static int write_answer(const struct answer *x, char *buf, size_t size)
{
    const struct sock__auth *a = x->a;
    struct sock__text t;

    sock__text_begin(&t, "", buf, size);
    sock__text_add(&t, "Digest ");
    add_user(&t, x);
    add_quoted(&t, ", realm", a->realm);
    add_quoted(&t, ", uri", x->f->uri);
    if (a->says_hash)
        sock__text_addf(&t, ", algorithm=%s", algorithm_of(a));
    add_quoted(&t, ", nonce", a->nonce);
    if (a->qop) {
        sock__text_addf(&t, ", nc=%s", x->count);
        add_quoted(&t, ", cnonce", x->cnonce);
        sock__text_addf(&t, ", qop=%s", a->whole ? "auth-int" : "auth");
    }
    add_quoted(&t, ", response", x->response);
    if (a->opaque != NULL)
        add_quoted(&t, ", opaque", a->opaque);
    if (a->userhash)
        sock__text_add(&t, ", userhash=true");
    return sock__text_end(&t);
}

/* One that is given, that of the session, or a new one; -1 with the error
 * recorded. */
static int choose_cnonce(const char *op, struct answer *x)
{
    unsigned char bytes[16];
    const char *given = x->f->cnonce;

    if (x->a->cnonce[0] != '\0')
        given = x->a->cnonce;
    if (given != NULL) {
        size_t n = strnlen(given, sizeof x->cnonce - 1);
        memcpy(x->cnonce, given, n);
        x->cnonce[n] = '\0';
        return 0;
    }
    if (sock__os_random(bytes, sizeof bytes) < 0)
        return sock__fail(op, SOCK_E_OS, errno, 0);
    sock__hex(bytes, sizeof bytes, x->cnonce);
    return 0;
}

static char *digest(const char *op, struct sock__auth *a,
                    const struct sock__auth_for *f)
{
    struct answer x = {.a = a, .f = f};

    if (a->whole && f->body == NULL) {
        sock__fail_saying(op, SOCK_E_UNSUPPORTED, 0,
                          "auth-int of a body that can be read only once");
        return NULL;
    }
    if (choose_cnonce(op, &x) < 0)
        return NULL;
    (void)snprintf(x.count, sizeof x.count, "%08" PRIx32, a->count + 1);
    respond(a, &x);
    int n = write_answer(&x, NULL, 0);
    char *text = malloc((size_t)n + 1);
    if (text == NULL)
        return no_memory(op);
    write_answer(&x, text, (size_t)n + 1);
    a->count++;
    return text;
}

char *sock__auth_answer(const char *op, struct sock__auth *a,
                        const struct sock__auth_for *f)
{
    bool is_basic = a->strength == SOCK__BASIC;

    if (sock__has(f->user, SOCK__CONTROL) ||
        (is_basic && sock__has(f->password, SOCK__CONTROL)) ||
        (is_basic && strchr(f->user, ':') != NULL)) {
        sock__fail_saying(op, SOCK_E_VALUE, 0,
                          "a user's name with a colon or control characters");
        return NULL;
    }
    return is_basic ? basic(op, f) : digest(op, a, f);
}

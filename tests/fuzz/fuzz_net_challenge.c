/* SPDX-License-Identifier: MIT */
/* Challenges of any bytes: what is read of them lies in them, and what they are
 * answered can be sent. */
#include <stdbool.h>

#include "auth.h"
#include "fuzz.h"
#include "headers.h"

static bool any(const char *realm, void *arg)
{
    (void)arg;
    return realm != NULL;
}

static void check_param(const struct sock__challenge *c, const char *name)
{
    ssize_t n = sock__challenge_param(c, name, NULL, 0);
    claim(n >= -2 && n <= (ssize_t)c->params_len);
    if (n < 0)
        return;
    char *text = malloc((size_t)n + 1);
    claim(sock__challenge_param(c, name, text, (size_t)n + 1) == n);
    claim(text[n] == '\0');
    claim(n == 0 || sock__challenge_param(c, name, text, (size_t)n) == n);
    claim(n == 0 || text[0] == '\0');
    free(text);
}

/* One behind the other, and none outside of the value. */
static void check_challenges(const char *value)
{
    const char *at = value, *end = value + strlen(value), *former = value;
    struct sock__challenge c;

    while (sock__challenge_next(&at, &c)) {
        claim(c.scheme >= former && c.scheme_len > 0);
        claim(c.params >= c.scheme + c.scheme_len);
        claim(c.params + c.params_len <= end && at <= end);
        claim(sock__is_token(c.scheme, c.scheme_len));
        check_param(&c, "realm");
        check_param(&c, "nonce");
        check_param(&c, "a");
        former = c.params + c.params_len;
    }
    claim(at == end);
    if (sock__challenge_of_params(value, &c))
        check_param(&c, "nextnonce");
}

static void check_answer(struct sock__auth *a)
{
    const struct sock__auth_for f = {.user = "us\"er\xc3\xa4",
                                     .password = "p",
                                     .method = "GET",
                                     .uri = "/a?b",
                                     .body =
                                         "d41d8cd98f00b204e9800998ecf8427e"};

    for (int i = 0; i < 2; i++) {
        char *text = sock__auth_answer("x", a, &f);
        claim(text != NULL && sock__is_value(text, strlen(text)));
        free(text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    char *value = rest_as_text(&in);
    sock_headers_t *h = sock_headers_new();
    struct sock__auth *a = NULL;

    check_challenges(value);
    if (sock_headers_add(h, "WWW-Authenticate", value) == 0)
        claim(sock__auth_choose("x", h, "WWW-Authenticate", any, NULL, &a) ==
              0);
    if (a != NULL) {
        check_answer(a);
        sock__auth_info(a, value);
        check_answer(a);
    }
    sock__auth_free(a);
    sock_headers_free(h);
    free(value);
    return 0;
}

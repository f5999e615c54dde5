/* SPDX-License-Identifier: MIT */
/* WWW-Authenticate and its like. */
#include "challenge.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The challenges of a value, as "Scheme(realm)" with a blank between; a realm
 * that is not there is -. Static. */
static const char *all_of(const char *value)
{
    static char text[512];
    struct sock__challenge c;
    size_t used = 0;

    text[0] = '\0';
    while (sock__challenge_next(&value, &c)) {
        char realm[64] = "-";
        ssize_t n = sock__challenge_param(&c, "realm", realm, sizeof realm);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%.*s(%s)",
                                 used > 0 ? " " : "", (int)c.scheme_len,
                                 c.scheme, n == -2 ? "twice" : realm);
    }
    check_int(*value, '\0');
    return text;
}

static const struct {
    const char *value, *challenges;
} values[] = {
    {"", ""},
    {" ", ""},
    {",, ,", ""},
    {"Basic", "Basic(-)"},
    {"Basic ", "Basic(-)"},
    {"Basic,", "Basic(-)"},
    {"Basic realm=\"a\"", "Basic(a)"},
    {"Basic realm=a", "Basic(a)"},
    {"bAsIc ReAlM=\"a\"", "bAsIc(a)"},
    {"Basic realm=\"\"", "Basic()"},
    {"Basic realm = \"a\"", "Basic(a)"},
    {"Basic   realm=\"a\" , charset=\"UTF-8\"", "Basic(a)"},
    {"Basic ,realm=\"a\"", "Basic(a)"},
    {"Basic charset=\"UTF-8\",,realm=\"a\"", "Basic(a)"},
    {"Basic realm=\"a, Digest realm=b\"", "Basic(a, Digest realm=b)"},
    {"Basic realm=\"a\\\"b\\\\\"", "Basic(a\"b\\)"},
    {"Basic realm=\"\xc3\xa4\"", "Basic(\xc3\xa4)"},
    {"Basic realm=\"a\", Basic realm=\"b\"", "Basic(a) Basic(b)"},
    {"Basic realm=\"a\",Digest realm=\"b\",nonce=\"c\",Basic",
     "Basic(a) Digest(b) Basic(-)"},
    /* RFC 9110 11.6.1 */
    {"Basic realm=\"simple\", Newauth realm=\"apps\", type=1, title=\"Login to "
     "\\\"apps\\\"\"",
     "Basic(simple) Newauth(apps)"},
    {"Negotiate", "Negotiate(-)"},
    {"Negotiate, Basic realm=a", "Negotiate(-) Basic(a)"},
    {"Negotiate abc/+==, Basic realm=a", "Negotiate(-) Basic(a)"},
    {"Negotiate abc==", "Negotiate(-)"},
    {"NTLM TlRMTVNTUAAC", "NTLM(-)"},
    {"X a=b, c=d, e", "X(-) e(-)"},
    {"Basic realm=a, realm=b", "Basic(twice)"},
    {"Basic realm=a, x=\"realm=b\"", "Basic(a)"},
    /* What is no list of challenges ends it. */
    {"=", ""},
    {"\"", ""},
    {"realm=a", ""},
    {"realm=\"a\", Basic realm=b", ""},
    {"Basic realm", "Basic(-)"},
    {"Basic realm=", "Basic(-)"},
    {"Basic realm=a b", ""},
    {"Basic realm=\"a\" b", ""},
    {"Basic realm=\"a", ""},
    {"Basic realm=\"a\\", ""},
    {"Basic realm=\"a\\\"", ""},
    {"Basic realm='a b'", ""},
    {"Basic realm=a;b", ""},
    {"Digest realm=a, Basic realm=\"b", "Digest(a)"},
    {"Digest realm=a, nonce=, Basic realm=b", ""},
    {"Digest realm=a, =b", ""},
    {"Basic realm=a, @", ""},
    {"Ba/sic realm=a", ""},
    {"Basic a=b=c", ""},
    {"Negotiate abc==d", ""},
    {"Negotiate ?", ""},
};

TEST(challenge, values)
{
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        check_that(strcmp(all_of(values[i].value), values[i].challenges) == 0,
                   "%s: %s", values[i].value, all_of(values[i].value));
}

TEST(challenge, parameters)
{
    const char *at = "Digest a=\"1\\\"2\", b=3, bb=4, B2=5 , last=\"\"";
    struct sock__challenge c;
    char buf[8];

    check(sock__challenge_next(&at, &c));
    check(sock__challenge_is(&c, "dIGEST"));
    check(!sock__challenge_is(&c, "Diges"));
    check(!sock__challenge_is(&c, "Digest2"));
    check_int(sock__challenge_param(&c, "a", buf, sizeof buf), 3);
    check_str(buf, "1\"2");
    check_int(sock__challenge_param(&c, "a", buf, 4), 3);
    check_str(buf, "1\"2");
    check_int(sock__challenge_param(&c, "a", buf, 3), 3);
    check_str(buf, "");
    check_int(sock__challenge_param(&c, "a", NULL, 0), 3);
    check_int(sock__challenge_param(&c, "B", buf, sizeof buf), 1);
    check_str(buf, "3");
    check_int(sock__challenge_param(&c, "last", buf, sizeof buf), 0);
    check_str(buf, "");
    check_int(sock__challenge_param(&c, "las", buf, sizeof buf), -1);
    check(!sock__challenge_next(&at, &c));
}

TEST(challenge, parameters_alone)
{
    struct sock__challenge c;
    char buf[8];

    check(sock__challenge_of_params("qop=auth, nextnonce=\"n\"", &c));
    check_int(sock__challenge_param(&c, "nextnonce", buf, sizeof buf), 1);
    check_str(buf, "n");
    check(sock__challenge_of_params("", &c));
    check_int(sock__challenge_param(&c, "nextnonce", buf, sizeof buf), -1);
    check(!sock__challenge_of_params("Digest nextnonce=\"n\"", &c));
    check(!sock__challenge_of_params("nextnonce=\"n", &c));
    check(!sock__challenge_of_params("nextnonce", &c));
}

/* A value as long as a head can be takes no more time than its length says. */
TEST(challenge, long_ones)
{
    static const char *const pieces[] = {
        "a=b,", "Basic ", "a,", ",", "\"", "a=\"\\\"\",", "Basic realm=\"x\","};
    enum { BYTES = 1 << 18 };

    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        char *text = malloc(BYTES + 32);
        size_t n = strlen(pieces[i]), used = 0;
        while (used < BYTES) {
            memcpy(text + used, pieces[i], n);
            used += n;
        }
        text[used] = '\0';
        const char *at = text;
        struct sock__challenge c;
        double start = worked();
        while (sock__challenge_next(&at, &c))
            sock__challenge_param(&c, "realm", NULL, 0);
        check(worked() - start < 1);
        free(text);
    }
}

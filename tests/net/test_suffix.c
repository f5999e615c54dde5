/* SPDX-License-Identifier: MIT */
/* Lists of public suffixes, by the algorithm of publicsuffix.org; labels by the
 * examples of RFC 3492 7.1 and by python3's idna and punycode. Links with
 * --wrap. */
#include "suffix.h"

#include <stdlib.h>
#include <string.h>

#include "folder.h"
#include "punycode.h"
#include "starve.h"
#include "support.h"

#include <pysockc/net.h>

/* Labels */

static const struct {
    const char *label, *written;
} labels[] = {
    {"com", "com"},
    {"COM", "com"},
    {"*", "*"},
    {"b\xc3\xbc"
     "cher",
     "xn--bcher-kva"},
    {"\xe5\x85\xac\xe5\x8f\xb8", "xn--55qx5d"},
    {"\xe9\xa6\x99\xe6\xb8\xaf", "xn--j6w193g"},
    {"\xd1\x80\xd1\x84", "xn--p1ai"},
    {"\xe0\xb9\x84\xe0\xb8\x97\xe0\xb8\xa2", "xn--o3cw4h"},
    {"l\xc3\xa4ns", "xn--lns-qla"},
    {"\xc3\xa9", "xn--9ca"},
    {"\xf0\x9f\x92\xa9", "xn--ls8h"},
    /* 3<nen>B<gumi><kinpachi><sensei>, of RFC 3492 7.1 (L) */
    {"3\xe5\xb9\xb4"
     "b\xe7\xb5\x84\xe9\x87\x91\xe5\x85\xab\xe5\x85\x88\xe7\x94\x9f",
     "xn--3b-ww4c5e180e575a65lsy2b"},
    /* Why can't they speak Chinese, (C) */
    {"\xe4\xbb\x96\xe5\x80\x91\xe7\x88\xb2\xe4\xbb\x80\xe9\xba\xbd\xe4\xb8\x8d"
     "\xe8\xaa\xaa\xe4\xb8\xad\xe6\x96\x87",
     "xn--ihqwctvzc91f659drss3x8bo0yb"},
};

TEST(suffix, labels)
{
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        const char *label = labels[i].label, *written = labels[i].written;
        char text[64];
        size_t n = strlen(written);
        int k = sock__punycode_label(label, strlen(label), text, sizeof text);
        check_int(k, n);
        check_str(text, written);
        /* In just that room, and in less. */
        check_int(sock__punycode_label(label, strlen(label), text, n + 1), n);
        for (size_t room = 0; room <= n; room++)
            check_int(sock__punycode_label(label, strlen(label), text, room),
                      0);
    }
}

TEST(suffix, no_labels)
{
    static const char *const bad[] = {"\x80",
                                      "\xc3",
                                      "a\xc3",
                                      "\xc3(",
                                      "\xc0\xaf",
                                      "\xed\xa0\x80",
                                      "\xe0\x80",
                                      "\xff",
                                      "\xf4\x90\x80\x80",
                                      "\xe2\x82",
                                      "\xf0\x82\x82\xac"};
    char text[300], many[200] = "";
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        check_int(sock__punycode_label(bad[i], strlen(bad[i]), text, 64), -1);
        check_int(errno, EILSEQ);
    }
    check_int(sock__punycode_label("", 0, text, 64), 0);
    for (int i = 0; i < 64; i++)
        strcat(many, "\xc3\xa9");
    check_int(sock__punycode_label(many, 128, text, sizeof text), 0);
    check(sock__punycode_label(many, 126, text, sizeof text) > 0);
}

/* Lists */

static const char rules[] = "// a comment\n"
                            "\n"
                            "com\n"
                            "  uk \n"
                            "co.uk what follows a blank is none\r\n"
                            ".jp.\n"
                            "*.ck\n"
                            "!www.ck\n"
                            "*.kobe.jp\n"
                            "!city.kobe.jp\n"
                            "a.*.odd\n"
                            "*.*.twice\n"
                            "GITHUB.io\n"
                            "//not.this\n"
                            "/slash.odd\n"
                            "\xe5\x85\xac\xe5\x8f\xb8.cn";

static const struct {
    const char *domain;
    bool is;
} domains[] = {
    {"com", true},
    {"example.com", false},
    {"unlisted", true},
    {"example.unlisted", false},
    {"uk", true},
    {"co.uk", true},
    {"x.co.uk", false},
    {"jp", true},
    {"kobe.jp", false},
    {"c.kobe.jp", true},
    {"b.c.kobe.jp", false},
    {"city.kobe.jp", false},
    {"www.city.kobe.jp", false},
    {"ck", true},
    {"test.ck", true},
    {"b.test.ck", false},
    {"www.ck", false},
    {"www.www.ck", false},
    {"a.x.odd", true},
    {"a.odd", false},
    {"b.x.odd", false},
    {"a.x.y.odd", false},
    {"x.y.twice", true},
    {"y.twice", false},
    {"x.y.z.twice", false},
    {"github.io", true},
    {"x.github.io", false},
    {"xn--55qx5d.cn", true},
    {"x.xn--55qx5d.cn", false},
    {"not.this", false},
    {"/slash.odd", true},
    {"a.comment", false},
};

static struct sock__suffixes *list_of(const char *text, size_t n)
{
    char *copy = malloc(n > 0 ? n : 1); /* of just that size */
    memcpy(copy, text, n);
    struct sock__suffixes *list = sock__suffixes_of_text(copy, n);
    int code = errno;
    free(copy);
    errno = code;
    return list;
}

TEST(suffix, lists)
{
    struct sock__suffixes *list = check_made(list_of(rules, sizeof rules - 1));
    for (size_t i = 0; i < sizeof domains / sizeof domains[0]; i++)
        check_that(sock__suffixes_have(list, domains[i].domain) ==
                       domains[i].is,
                   "%s", domains[i].domain);
    sock__suffixes_free(list);
    sock__suffixes_free(NULL);
}

TEST(suffix, no_lists)
{
    static const char *const bad[] = {"", "\n", "// com", "  \n\n.\n..\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        check(list_of(bad[i], strlen(bad[i])) == NULL);
        check_int(errno, EINVAL);
    }
    check(list_of("com\n\xc3\x28\n", 7) == NULL);
    check_int(errno, EILSEQ);
}

/* A rule that is longer than a host can be is none. */
TEST(suffix, long_rules)
{
    char text[1000];
    int n =
        snprintf(text, sizeof text, "%0253d\n%0254d\n%0255d.x\ncom\n", 0, 1, 2);
    struct sock__suffixes *list = check_made(list_of(text, (size_t)n));
    text[253] = '\0';
    check(sock__suffixes_have(list, "com"));
    sock__suffixes_free(list);
    n = snprintf(text, sizeof text, "a.%0251d\na.%0260d\n", 7, 7);
    list = check_made(list_of(text, (size_t)n));
    text[253] = '\0';
    check(sock__suffixes_have(list, text));
    /* Such a host is one of no list. */
    snprintf(text, sizeof text, "a.%0300d", 7);
    check(!sock__suffixes_have(list, text));
    sock__suffixes_free(list);
}

TEST(suffix, memory_is_refused)
{
    need_own_memory();
    char many[4096] = "";
    for (int i = 0; i < 400; i++)
        sprintf(many + strlen(many), "r%d.x\n", i);
    FOR_EACH_REFUSAL(refused)
    {
        struct sock__suffixes *list =
            sock__suffixes_of_text(many, strlen(many));
        int code = errno;
        fail_at = 0;
        if (list == NULL)
            check_int(code, ENOMEM);
        else
            check(sock__suffixes_have(list, "r399.x"));
        sock__suffixes_free(list);
    }
}

/* Files of them, for a jar */

static int set(sock_cookiejar_t *jar, const char *url, const char *field)
{
    sock_headers_t *h = check_made(sock_headers_new());
    check_ok(sock_headers_add(h, "Set-Cookie", field));
    int n = sock_cookiejar_extract(jar, url, h);
    sock_headers_free(h);
    return n;
}

TEST(suffix, files)
{
    char path[4200], text[4400];
    char *folder = new_folder();
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    make_bytes(fd, "list", rules, sizeof rules - 1, 0600);
    make_file(fd, "empty", "// nothing\n");
    make_file(fd, "bad", "\xff\n");
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    check_int(set(jar, "http://x.co.uk/", "a=b; domain=co.uk"), 1);
    snprintf(path, sizeof path, "%s/list", folder);
    errno = 1234;
    check_int(sock_cookiejar_suffix_file(jar, path), 0);
    check_int(sock_cookiejar_suffix_file(jar, path), 0);
    check_int(errno, 1234);
    check_int(set(jar, "http://x.co.uk/", "a=b; domain=co.uk"), 0);
    check_int(set(jar, "http://x.co.uk/", "a=b; domain=x.co.uk"), 1);
    check_int(set(jar, "http://x.co.uk./", "a=b; domain=co.uk."), 0);
    check_int(set(jar, "http://b.c.kobe.jp/", "a=b; domain=c.kobe.jp"), 0);
    check_int(set(jar, "http://x.xn--55qx5d.cn/", "a=b; domain=xn--55qx5d.cn"),
              0);
    snprintf(path, sizeof path, "%s/empty", folder);
    snprintf(text, sizeof text, "suffix_file %.120s", path);
    check_int(sock_cookiejar_suffix_file(jar, path), -1);
    check_int(sock_last_error()->kind, SOCK_E_PROTOCOL);
    check_int(sock_last_error()->code, SOCK_P_SYNTAX);
    check(strstr(error_text(), ": no rule of a public suffix") != NULL);
    check(strncmp(error_text(), text, strlen(text)) == 0);
    snprintf(path, sizeof path, "%s/bad", folder);
    check_int(sock_cookiejar_suffix_file(jar, path), -1);
    check(strstr(error_text(), ": not UTF-8") != NULL);
    snprintf(path, sizeof path, "%s/none", folder);
    check_int(sock_cookiejar_suffix_file(jar, path), -1);
    check_int(sock_last_error()->kind, SOCK_E_OS);
    check_int(sock_last_error()->code, ENOENT);
    check_fails(sock_cookiejar_suffix_file(jar, NULL), SOCK_E_TYPE, 0,
                "suffix_file: argument is NULL");
    check_fails(sock_cookiejar_suffix_file(NULL, path), SOCK_E_TYPE, 0,
                "suffix_file: argument is NULL");
    /* What was set before holds. */
    check_int(set(jar, "http://x.co.uk/", "a=b; domain=co.uk"), 0);
    check_int(sock_cookiejar_suffixes(jar, NULL, NULL), 0);
    check_int(set(jar, "http://x.co.uk/", "a=b; domain=co.uk"), 1);
    sock_cookiejar_free(jar);
    close(fd);
    free_folder(folder);
}

TEST(suffix, memory_is_refused_to_a_file)
{
    need_own_memory();
    char path[4200];
    char *folder = new_folder();
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    make_bytes(fd, "list", rules, sizeof rules - 1, 0600);
    snprintf(path, sizeof path, "%s/list", folder);
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    FOR_EACH_REFUSAL(refused)
    {
        int n = sock_cookiejar_suffix_file(jar, path);
        fail_at = 0;
        check_int(set(jar, "http://x.co.uk/", "a=b; domain=co.uk"), n != 0);
        if (n < 0)
            check_int(sock_last_error()->kind, SOCK_E_MEMORY);
    }
    sock_cookiejar_free(jar);
    close(fd);
    free_folder(folder);
}

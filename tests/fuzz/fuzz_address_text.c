/* SPDX-License-Identifier: MIT */
/* Text to address and back: hosts, paths and names. */
#include <arpa/inet.h>

#include "accessors.h"
#include "lookup.h"

static void check_failed(const sock_addr_t *a, size_t size)
{
    int saved = errno = 0;
    claim(a->len == 0 && a->kind != SOCK_E_NONE);
    claim(sock_addr_ok(a) == 0 && errno == a->sys_errno);
    claim(sock_last_error()->kind == a->kind);
    char *text = text_of(reason, NULL, size);
    claim(text != NULL && strlen(text) < SOCK_ERROR_TEXT_MAX);
    free(text);
    text = text_of(repr, a, size);
    claim(text != NULL && strlen(text) < SOCK_ADDR_REPR_MAX);
    free(text);
    claim(sock_addr_equal(a, a) == 0);
    errno = saved;
}

static void check_repr(const sock_addr_t *a, const char *ip, int port,
                       size_t size)
{
    char wanted[SOCK_ADDR_REPR_MAX];
    char *text = text_of(repr, a, size);

    if (sock_addr_family(a) == AF_INET)
        snprintf(wanted, sizeof wanted, "('%s', %d)", ip, port);
    else
        snprintf(wanted, sizeof wanted, "('%s', %d, %u, %u)", ip, port,
                 (unsigned)sock_addr_flowinfo(a),
                 (unsigned)sock_addr_scope_id(a));
    claim(text != NULL && strcmp(text, wanted) == 0);
    free(text);
}

/* A host that was understood is read back from each of its text forms. */
static void check_host(sock_addr_t a, int family, int port, size_t size)
{
    if (a.len == 0) {
        check_failed(&a, size);
        return;
    }
    claim(sock_addr_family(&a) == family && sock_addr_port(&a) == port);
    char *ip = text_of(host, &a, size), *user = text_of(format, &a, size);
    claim(ip != NULL && strlen(ip) < SOCK_ADDR_HOST_MAX);
    claim(user != NULL && strlen(user) < SOCK_ADDR_TEXT_MAX);
    sock_addr_t back =
        family == AF_INET
            ? sock_addr_inet(ip, port)
            : sock_addr_inet6_scoped(ip, port, 0, sock_addr_scope_id(&a));
    claim(sock_addr_equal(&a, &back));
    back = sock_addr_parse(user, -1);
    claim(sock_addr_equal(&a, &back));
    check_repr(&a, ip, port, size);
    back = sock_addr_with_port(a, port ^ 1);
    claim(sock_addr_port(&back) == (port ^ 1));
    claim(!sock_addr_equal(&a, &back));
    free(ip);
    free(user);
}

/* Without the resolver, which here knows numeric text only, it is the same; and
 * dotted text is what inet_pton(3) says. */
static void check_numeric(const char *text, int port)
{
    struct in_addr ip;
    sock_addr_t a = sock_addr_inet(text, port);
    sock_addr_t b = sock_addr_numeric(AF_INET, text, port);

    claim(memcmp(&a, &b, sizeof a) == 0);
    a = sock_addr_inet6(text, port);
    b = sock_addr_numeric(AF_INET6, text, port);
    claim(memcmp(&a, &b, sizeof a) == 0);
    b = sock_addr_numeric(AF_UNSPEC, text, port);
    if (inet_pton(AF_INET, text, &ip) != 1)
        return;
    claim(sock_addr_family(&b) == AF_INET);
    claim(b.u.in.sin_addr.s_addr == ip.s_addr);
}

static void check_path(sock_addr_t a, const void *bytes, size_t n, size_t size)
{
    if (n > 107) {
        claim(a.len == 0 && a.kind == SOCK_E_OS && a.code == 0);
        check_failed(&a, size);
        return;
    }
    claim(sock_addr_family(&a) == AF_UNIX && a.len <= sizeof a.u.un);
    char *got = text_of(path, &a, size), *user = text_of(format, &a, size);
    claim(sock_addr_path(&a, NULL, 0) == (int)n);
    claim(got != NULL && (n == 0 || memcmp(got, bytes, n) == 0));
    claim(user != NULL && strlen(user) == n);
    sock_addr_t back = sock_addr_from(&a.u.sa, a.len);
    claim(sock_addr_equal(&a, &back));
    free(got);
    free(user);
    free(text_of(repr, &a, size));
}

static void check_abstract(const struct input *in, size_t size)
{
    char name[512] = "";
    if (in->left >= sizeof name)
        return;
    if (in->left > 0)
        memcpy(name + 1, in->at, in->left);
    sock_addr_t a = sock_addr_unix_abstract(in->at, in->left);
    if (in->left > 107)
        check_failed(&a, size);
    else if (in->left == 107)
        claim(sock_addr_path(&a, NULL, 0) == 108);
    else
        check_path(a, name, in->left + 1, size);
}

static void check_unix_bytes(const struct input *in, const char *text)
{
    sock_addr_t a = sock_addr_unix_bytes(in->at, in->left), b;

    if (in->left > 0 && in->at[0] == 0)
        b = sock_addr_unix_abstract(in->at + 1, in->left - 1);
    else
        b = sock_addr_unix(text);
    if (in->left > 0 && in->at[0] != 0 && strlen(text) < in->left)
        claim(a.len == 0 && a.kind == SOCK_E_VALUE);
    else
        claim(memcmp(&a, &b, sizeof a) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    size_t room = next_byte(&in);
    int port = (int)next_number(&in);
    char *text = rest_as_text(&in);

    check_host(sock_addr_inet(text, port), AF_INET, port, room);
    check_host(sock_addr_inet6(text, port), AF_INET6, port, room);
    sock_addr_t a = sock_addr_inet(text, port + 65536);
    claim(a.len == 0);
    check_path(sock_addr_unix(text), text, strlen(text), room);
    check_abstract(&in, room);
    check_numeric(text, port);
    check_unix_bytes(&in, text);
    free(text);
    return 0;
}

/* SPDX-License-Identifier: MIT */
/* IP text and bytes, against the C library's own functions. */
#include <arpa/inet.h>

#include "fuzz.h"

struct packed {
    int family;
    const void *bytes;
    size_t n;
};

static int ntop(const void *arg, char *buf, size_t size)
{
    const struct packed *p = arg;
    return sock_inet_ntop(p->family, p->bytes, p->n, buf, size);
}

static int ntoa(const void *arg, char *buf, size_t size)
{
    const struct packed *p = arg;
    return sock_inet_ntoa(p->bytes, p->n, buf, size);
}

static void check_pton(int family, const char *text, size_t n)
{
    unsigned char wanted[16], *got = malloc(n);
    claim(got != NULL);
    memset(got, 0xa5, n);
    int ok = inet_pton(family, text, wanted) == 1;

    claim(sock_inet_pton(family, text, got, n) == (ok ? (int)n : -1));
    if (ok)
        claim(memcmp(got, wanted, n) == 0);
    for (size_t i = 0; !ok && i < n; i++)
        claim(got[i] == 0xa5);
    claim(sock_inet_pton(family, text, got, n - 1) == -1);
    free(got);
}

/* The C library lets anything follow a blank, which is refused here. */
static void check_aton(const char *text)
{
    unsigned char got[4] = {1, 2, 3, 4};
    struct in_addr wanted;
    int ok = strpbrk(text, " \t\n\v\f\r") == NULL && inet_aton(text, &wanted);

    int n = sock_inet_aton(text, got, sizeof got);
    claim(n == (ok ? 4 : -1));
    claim(memcmp(got, ok ? (const void *)&wanted : "\1\2\3\4", 4) == 0);
    claim(sock_inet_aton(text, got, 3) == -1);
}

static void check_text(int family, const void *bytes, size_t n, size_t room)
{
    struct packed p = {family, bytes, n};
    char wanted[64] = "";
    size_t right = family == AF_INET ? 4 : family == AF_INET6 ? 16 : 0;
    char *text = text_of(ntop, &p, room);

    claim((text != NULL) == (right != 0 && n == right));
    if (text != NULL) {
        inet_ntop(family, bytes, wanted, sizeof wanted);
        claim(strcmp(text, wanted) == 0);
        check_pton(family, text, n);
    }
    free(text);
    text = text_of(ntoa, &p, room);
    claim((text != NULL) == (n == 4));
    free(text);
}

static void check_order(unsigned x)
{
    claim(sock_ntohs(sock_htons((uint16_t)x)) == (uint16_t)x);
    claim(sock_htons((uint16_t)x) == htons((uint16_t)x));
    claim(sock_ntohl(sock_htonl(x)) == x && sock_htonl(x) == htonl(x));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int families[] = {AF_INET, AF_INET6, AF_UNIX, -1};
    struct input in = {data, size};
    size_t room = next_byte(&in);
    char *text = rest_as_text(&in);
    void *bytes = copy_of(in.at, in.left);

    check_pton(AF_INET, text, 4);
    check_pton(AF_INET6, text, 16);
    check_aton(text);
    for (int i = 0; i < 4; i++)
        check_text(families[i], bytes, in.left, room);
    check_order(next_number(&in) << 16 | next_number(&in));
    free(bytes);
    free(text);
    return 0;
}

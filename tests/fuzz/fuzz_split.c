/* SPDX-License-Identifier: MIT */
/* host:port, against a model that reads the grammar from left to right. */
#include "lookup.h"

struct model {
    int kind; /* of the error, or 0 */
    const char *host;
    size_t host_len;
    int port; /* -1: none */
};

static int count(const char *text, size_t n, char c)
{
    int found = 0;
    for (size_t i = 0; i < n; i++)
        found += text[i] == c;
    return found;
}

/* Reads what is behind the colon. */
static void model_port(struct model *m, const char *text)
{
    long value = 0;
    size_t digits = strspn(text, "0123456789");

    if (digits == 0 || text[digits] != '\0') {
        m->kind = SOCK_E_VALUE;
        return;
    }
    while (*text == '0')
        text++;
    value = strlen(text) > 5 ? 65536 : strtol(text, NULL, 10);
    m->port = (int)value;
    if (value > 65535)
        m->kind = SOCK_E_OVERFLOW;
    if (*text == '\0')
        m->port = 0;
}

static struct model model_of(const char *text)
{
    struct model m = {.host = text, .host_len = strlen(text), .port = -1};
    int brackets = count(text, m.host_len, '[') + count(text, m.host_len, ']');

    if (text[0] == '[') {
        m.host++;
        m.host_len = strcspn(m.host, "[]");
        const char *rest = m.host + m.host_len;
        if (brackets != 2 || count(m.host, m.host_len, ':') == 0 ||
            rest[0] != ']' || (rest[1] != ':' && rest[1] != '\0'))
            m.kind = SOCK_E_VALUE;
        else if (rest[1] == ':')
            model_port(&m, rest + 2);
    } else if (brackets > 0 || text[0] == '\0') {
        m.kind = SOCK_E_VALUE;
    } else if (count(text, m.host_len, ':') == 1) {
        m.host_len = strcspn(text, ":");
        model_port(&m, text + m.host_len + 1);
    }
    return m;
}

static int host(const void *text, char *buf, size_t size)
{
    int port;
    return sock_addr_split(text, buf, size, &port);
}

static void check_split(const char *text, const struct model *m, size_t size)
{
    int port = -7;
    int n = sock_addr_split(text, NULL, 0, &port);
    char *whole = text_of(host, text, size);

    if (m->kind != 0) {
        claim(n == -1 && whole == NULL && port == -7);
        claim(sock_last_error()->kind == m->kind);
    } else {
        claim(n == (int)m->host_len && port == m->port);
        claim(whole != NULL && strlen(whole) == m->host_len);
        claim(memcmp(whole, m->host, m->host_len) == 0);
    }
    free(whole);
}

/* What is parsed is what the parts make. */
static void check_parse(const char *text, const struct model *m, int fallback)
{
    sock_addr_t wanted, a = sock_addr_parse(text, fallback);
    char name[SOCK_HOST_NAME_MAX] = "";

    if (m->kind != 0 || m->host_len >= sizeof name) {
        claim(a.len == 0);
        claim(a.kind == (m->kind != 0 ? m->kind : SOCK_E_VALUE));
        return;
    }
    memcpy(name, m->host, m->host_len);
    int port = m->port >= 0 ? m->port : fallback;
    if (strchr(name, ':') != NULL)
        wanted = sock_addr_inet6(name, port);
    else
        wanted = sock_addr_inet(name, port);
    claim(memcmp(&wanted, &a, sizeof a) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    size_t room = next_byte(&in);
    int fallback = (int)next_number(&in);
    char *text = rest_as_text(&in);
    struct model m = model_of(text);

    check_split(text, &m, room);
    check_parse(text, &m, fallback);
    free(text);
    return 0;
}

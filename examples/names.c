/* SPDX-License-Identifier: MIT */
/* The look-ups and conversions, as Python's prompt would answer them. */
#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "example.h"

/* ---- what Python's repr() makes ----------------------------------------- */

static void print_char(unsigned char c, char quote, bool is_text)
{
    if (c == '\\' || c == quote)
        printf("\\%c", c);
    else if (c == '\t' || c == '\n' || c == '\r')
        printf("\\%c", c == '\t' ? 't' : c == '\n' ? 'n' : 'r');
    else if (c < ' ' || c == 0x7f || (c > 0x7f && !is_text))
        printf("\\x%02x", c);
    else
        putchar(c);
}

static void print_quoted(const void *bytes, size_t size, bool is_text)
{
    const unsigned char *p = bytes;
    char quote = memchr(p, '\'', size) && !memchr(p, '"', size) ? '"' : '\'';

    putchar(quote);
    for (size_t i = 0; i < size; i++)
        print_char(p[i], quote, is_text);
    putchar(quote);
}

static void print_str(const char *text)
{
    print_quoted(text, strlen(text), true);
}

static void print_list(const char *const *items)
{
    putchar('[');
    for (size_t i = 0; items[i]; i++) {
        if (i > 0)
            printf(", ");
        print_str(items[i]);
    }
    putchar(']');
}

/* ---- one line each, or the error is returned ----------------------------- */

enum { TEXT_SIZE = 4096 };

static int show_text(int length, const char *text)
{
    if (length == -1)
        return -1;
    print_str(text);
    putchar('\n');
    return 0;
}

static int show_number(int number)
{
    if (number == -1)
        return -1;
    printf("%d\n", number);
    return 0;
}

static int show_bytes(int length, const void *bytes)
{
    if (length == -1)
        return -1;
    putchar('b');
    print_quoted(bytes, length, false);
    putchar('\n');
    return 0;
}

static int show_host(const char *name, const char *const *aliases,
                     const char *const *addresses)
{
    putchar('(');
    print_str(name);
    printf(", ");
    print_list(aliases);
    printf(", ");
    print_list(addresses);
    puts(")");
    return 0;
}

/* ---- arguments that are no text ------------------------------------------ */

static int to_family(const char *name)
{
    if (strcmp(name, "AF_INET") == 0)
        return AF_INET;
    if (strcmp(name, "AF_INET6") == 0)
        return AF_INET6;
    return number(name, 0, 65535);
}

/* bytes.fromhex() */
static int to_bytes(const char *hex, unsigned char *bytes)
{
    static const char digits[] = "0123456789abcdef";
    int n = 0;

    for (; *hex; hex += 2) {
        const char *high = strchr(digits, tolower((unsigned char)hex[0]));
        const char *low = strchr(digits, tolower((unsigned char)hex[1]));

        if (!high || !low || !*low)
            bad_arguments("not hexadecimal", hex);
        bytes[n++] = (unsigned char)((high - digits) << 4 | (low - digits));
    }
    return n;
}

/* A number as htons() and its kin take it: 0 to 2^bits - 1. */
static uint32_t to_unsigned(const char *text, int bits)
{
    char *end;
    unsigned long long value = strtoull(text, &end, 10);

    if (!isdigit((unsigned char)*text) || *end || value >> bits)
        bad_arguments("number out of range", text);
    return (uint32_t)value;
}

/* ---- the look-ups -------------------------------------------------------- */

static int show_gethostname(char **arg)
{
    char text[TEXT_SIZE];

    (void)arg;
    return show_text(sock_gethostname(text, sizeof text), text);
}

static int show_gethostbyname(char **arg)
{
    char text[TEXT_SIZE];

    return show_text(sock_gethostbyname(arg[0], text, sizeof text), text);
}

static int show_gethostbyname_ex(char **arg)
{
    sock_hostent_t *h = sock_gethostbyname_ex(arg[0]);
    if (!h)
        return -1;
    show_host(h->name, h->aliases, h->addresses);
    sock_hostent_free(h);
    return 0;
}

static int show_gethostbyaddr(char **arg)
{
    sock_hostent_t *h = sock_gethostbyaddr(arg[0]);

    if (!h)
        return -1;
    show_host(h->name, h->aliases, h->addresses);
    sock_hostent_free(h);
    return 0;
}

static int show_getfqdn(char **arg)
{
    char text[TEXT_SIZE];

    return show_text(sock_getfqdn(arg[0], text, sizeof text), text);
}

static int show_getservbyname(char **arg)
{
    return show_number(sock_getservbyname(arg[0], arg[1]));
}

static int show_getservbyport(char **arg)
{
    int port = number(arg[0], INT_MIN, INT_MAX);
    char text[TEXT_SIZE];

    return show_text(sock_getservbyport(port, arg[1], text, sizeof text), text);
}

static int show_getprotobyname(char **arg)
{
    return show_number(sock_getprotobyname(arg[0]));
}

static void print_entry(const sock_addrinfo_entry_t *e)
{
    printf("(%d, %d, %d, ", e->family, e->type, e->proto);
    print_str(e->canonname);
    printf(", %s)", repr(&e->address));
}

static int show_getaddrinfo(char **arg)
{
    sock_addrinfo_t *list = sock_getaddrinfo(arg[0], arg[1], 0, 0, 0, 0);

    if (!list)
        return -1;
    for (size_t i = 0; i < list->count; i++) {
        printf(i == 0 ? "[" : ", ");
        print_entry(&list->entries[i]);
    }
    puts("]");
    sock_addrinfo_free(list);
    return 0;
}

static int show_getnameinfo(char **arg)
{
    char host[SOCK_NAMEINFO_HOST_MAX], port[SOCK_NAMEINFO_PORT_MAX];
    int n = number(arg[1], INT_MIN, INT_MAX);

    if (sock_getnameinfo(sock_addr_inet(arg[0], n), 0, host, sizeof host, port,
                         sizeof port) == -1)
        return -1;
    putchar('(');
    print_str(host);
    printf(", ");
    print_str(port);
    puts(")");
    return 0;
}

static int show_if_nameindex(char **arg)
{
    sock_if_list_t *list = sock_if_nameindex();

    (void)arg;
    if (!list)
        return -1;
    for (size_t i = 0; i < list->count; i++) {
        printf("%s(%u, ", i == 0 ? "[" : ", ", list->entries[i].index);
        print_str(list->entries[i].name);
        putchar(')');
    }
    puts("]");
    sock_if_list_free(list);
    return 0;
}

static int show_if_nametoindex(char **arg)
{
    return show_number(sock_if_nametoindex(arg[0]));
}

static int show_if_indextoname(char **arg)
{
    uint32_t index = to_unsigned(arg[0], 32);
    char text[TEXT_SIZE];

    return show_text(sock_if_indextoname(index, text, sizeof text), text);
}

/* ---- the conversions ----------------------------------------------------- */

static int show_ntohs(char **arg)
{
    return printf("%u\n", sock_ntohs((uint16_t)to_unsigned(arg[0], 16)));
}

static int show_ntohl(char **arg)
{
    return printf("%u\n", sock_ntohl(to_unsigned(arg[0], 32)));
}

static int show_htons(char **arg)
{
    return printf("%u\n", sock_htons((uint16_t)to_unsigned(arg[0], 16)));
}

static int show_htonl(char **arg)
{
    return printf("%u\n", sock_htonl(to_unsigned(arg[0], 32)));
}

static int show_inet_aton(char **arg)
{
    char packed[SOCK_INET_SIZE];

    return show_bytes(sock_inet_aton(arg[0], packed, sizeof packed), packed);
}

static int show_inet_ntoa(char **arg)
{
    unsigned char packed[TEXT_SIZE];
    int n = to_bytes(arg[0], packed);
    char text[TEXT_SIZE];

    return show_text(sock_inet_ntoa(packed, n, text, sizeof text), text);
}

static int show_inet_pton(char **arg)
{
    char packed[SOCK_INET6_SIZE];
    int n = sock_inet_pton(to_family(arg[0]), arg[1], packed, sizeof packed);

    return show_bytes(n, packed);
}

static int show_inet_ntop(char **arg)
{
    int family = to_family(arg[0]);
    unsigned char packed[TEXT_SIZE];
    int n = to_bytes(arg[1], packed);
    char text[TEXT_SIZE];

    return show_text(sock_inet_ntop(family, packed, n, text, sizeof text),
                     text);
}

/* ---- the table ----------------------------------------------------------- */

static const struct lookup {
    const char *name;
    const char *arguments;
    int least, most; /* arguments; those not given are NULL */
    int (*show)(char **arg);
} lookups[] = {
    {"gethostname", "", 0, 0, show_gethostname},
    {"gethostbyname", "HOST", 1, 1, show_gethostbyname},
    {"gethostbyname_ex", "HOST", 1, 1, show_gethostbyname_ex},
    {"gethostbyaddr", "HOST", 1, 1, show_gethostbyaddr},
    {"getfqdn", "[HOST]", 0, 1, show_getfqdn},
    {"getservbyname", "SERVICE [PROTOCOL]", 1, 2, show_getservbyname},
    {"getservbyport", "PORT [PROTOCOL]", 1, 2, show_getservbyport},
    {"getprotobyname", "PROTOCOL", 1, 1, show_getprotobyname},
    {"getaddrinfo", "HOST PORT", 2, 2, show_getaddrinfo},
    {"getnameinfo", "HOST PORT", 2, 2, show_getnameinfo},
    {"if_nameindex", "", 0, 0, show_if_nameindex},
    {"if_nametoindex", "NAME", 1, 1, show_if_nametoindex},
    {"if_indextoname", "INDEX", 1, 1, show_if_indextoname},
    {"ntohs", "NUMBER", 1, 1, show_ntohs},
    {"ntohl", "NUMBER", 1, 1, show_ntohl},
    {"htons", "NUMBER", 1, 1, show_htons},
    {"htonl", "NUMBER", 1, 1, show_htonl},
    {"inet_aton", "TEXT", 1, 1, show_inet_aton},
    {"inet_ntoa", "HEX", 1, 1, show_inet_ntoa},
    {"inet_pton", "FAMILY TEXT", 2, 2, show_inet_pton},
    {"inet_ntop", "FAMILY HEX", 2, 2, show_inet_ntop},
};

enum { LOOKUPS = sizeof lookups / sizeof lookups[0] };

static void list(void)
{
    for (int i = 0; i < LOOKUPS; i++)
        printf("%s%s%s\n", lookups[i].name, *lookups[i].arguments ? " " : "",
               lookups[i].arguments);
}

static const struct lookup *find(const char *name)
{
    for (int i = 0; i < LOOKUPS; i++)
        if (strcmp(lookups[i].name, name) == 0)
            return &lookups[i];
    bad_arguments("no such look-up", name);
}

/* The last line of Python's traceback. */
static int traceback(void)
{
    char reason[SOCK_ERROR_TEXT_MAX];

    sock_error_reason(NULL, reason, sizeof reason);
    fprintf(stderr, "%s: %s\n", sock_error_class(NULL), reason);
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    int n = begin(argc, argv, " [LOOK-UP [ARGUMENT...]]", 3,
                  "Answers as Python's socket module does. Without arguments: "
                  "lists the look-ups.\nFAMILY is AF_INET, AF_INET6 or a "
                  "number; HEX are bytes, as in 7f000001.");
    char *arg[] = {NULL, NULL};
    const struct lookup *lookup;

    if (n == 0) {
        list();
        return EXIT_SUCCESS;
    }
    lookup = find(argv[1]);
    if (n - 1 < lookup->least || n - 1 > lookup->most)
        bad_arguments("takes other arguments", argv[1]);
    for (int i = 0; i < n - 1; i++) {
        arg[i] = argv[2 + i];
        if (strlen(arg[i]) >= TEXT_SIZE)
            bad_arguments("too long", arg[i]);
    }
    return lookup->show(arg) == -1 ? traceback() : EXIT_SUCCESS;
}

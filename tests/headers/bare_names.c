/* SPDX-License-Identifier: MIT */
/*
 * A program with the bare names and the system's headers that own them, in
 * either order. Ends with 0 if every name means this library.
 */
#ifdef SYSTEM_FIRST
#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#endif
#include <pysockc/names.h>
#ifndef SYSTEM_FIRST
#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#endif
#include <pysockc/net.h>

#include <stdio.h>
#include <string.h>

static int failures;

static void check(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "failed: %s\n", what);
        failures++;
    }
}

static void check_conversions(void)
{
    unsigned char packed[SOCK_INET6_SIZE];
    char text[SOCK_INET_TEXT_MAX];
    const uint16_t wire = htons(0x1234);

    check(memcmp(&wire, "\x12\x34", 2) == 0, "htons");
    check(ntohs(wire) == 0x1234, "ntohs");
    check(ntohl(htonl(0x12345678)) == 0x12345678, "ntohl, htonl");
    check(inet_aton("127.1", packed, sizeof packed) == 4, "inet_aton");
    check(inet_ntoa(packed, 4, text, sizeof text) == 9, "inet_ntoa");
    check(strcmp(text, "127.0.0.1") == 0, "inet_ntoa's text");
    check(inet_pton(AF_INET6, "::1", packed, sizeof packed) == 16, "inet_pton");
    check(inet_ntop(AF_INET6, packed, 16, text, sizeof text) == 3, "inet_ntop");
    check(strcmp(text, "::1") == 0, "inet_ntop's text");
}

static void check_look_ups(void)
{
    char text[256];
    sock_hostent_t *host = gethostbyname_ex("127.0.0.1");

    check(host != NULL && host->address_count == 1, "gethostbyname_ex");
    sock_hostent_free(host);
    sock_hostent_free(gethostbyaddr("127.0.0.1"));
    check(gethostbyname("", text, sizeof text) == 7, "gethostbyname");
    check(strcmp(text, "0.0.0.0") == 0, "gethostbyname's text");
    check(getfqdn("127.0.0.1", text, sizeof text) > 0, "getfqdn");
    check(getservbyname("no such service", "tcp") == -1, "getservbyname");
    check(getservbyport(-1, "tcp", text, sizeof text) == -1, "getservbyport");
    check(getprotobyname("no such protocol") == -1, "getprotobyname");
}

static void check_addresses(void)
{
    char host[64], port[32], name[SOCK_IF_NAME_MAX];
    sock_addrinfo_t *list =
        getaddrinfo("127.0.0.1", "80", AF_INET, SOCK_STREAM, 0, 0);

    check(list != NULL && list->count == 1, "getaddrinfo");
    if (list != NULL)
        check(getnameinfo(list->entries[0].address,
                          NI_NUMERICHOST | NI_NUMERICSERV, host, sizeof host,
                          port, sizeof port) == 0 &&
                  strcmp(host, "127.0.0.1") == 0 && strcmp(port, "80") == 0,
              "getnameinfo");
    sock_addrinfo_free(list);
    check(sethostname(NULL) == -1, "sethostname");
    check(if_indextoname(0, name, sizeof name) == -1, "if_indextoname");
}

static void check_sockets(void)
{
    sock_t *server = create_server(sock_addr_inet("127.0.0.1", 0), 1, 0);
    sock_t *copy = fromfd(sock_fileno(server), AF_INET, SOCK_STREAM, 0);
    sock_addr_t address;
    sock_t *client;

    check(sock_getsockname(copy, &address) == 0, "create_server, fromfd");
    client = create_connection("127.0.0.1", sock_addr_port(&address), 5,
                               sock_addr_none());
    check(client != NULL, "create_connection");
    check(setdefaulttimeout(2.5) == 0, "setdefaulttimeout");
    check(getdefaulttimeout() > 2.4 && getdefaulttimeout() < 2.6,
          "getdefaulttimeout");
    check(has_dualstack_ipv6() == sock_has_dualstack_ipv6(),
          "has_dualstack_ipv6");
    sock_free(client);
    sock_free(copy);
    sock_free(server);
}

static void check_urls(void)
{
    char text[64];
    sock_url_t *url = urlsplit("http://h/p?q");
    sock_query_t *query = parse_qs("a=b", 0, 0);

    check(url != NULL && urlunsplit(url, text, sizeof text) == 12, "urlsplit");
    sock_url_free(url);
    url = urlparse("http://h/p;x");
    check(url != NULL && strcmp(url->params, "x") == 0, "urlparse");
    sock_url_free(url);
    check(urljoin("http://h/a/b", "c", text, sizeof text) == 12, "urljoin");
    check(urldefrag("http://h/#f", text, sizeof text) == 9, "urldefrag");
    check(query != NULL && urlencode(query, 0, text, sizeof text) == 3,
          "parse_qs, urlencode");
    sock_query_free(query);
    check(quote("a b", "/", text, sizeof text) == 5, "quote");
    check(quote_plus("a b", "", text, sizeof text) == 3, "quote_plus");
    check(unquote("%41", text, sizeof text) == 1, "unquote");
    check(unquote_plus("a+b", text, sizeof text) == 3, "unquote_plus");
    check(urlopen("no such scheme:", NULL, 0, 1.0) == NULL, "urlopen");
    check(urlretrieve("no such scheme:", text, NULL, NULL, 1.0) == -1,
          "urlretrieve");
}

int main(void)
{
    check_conversions();
    check_look_ups();
    check_addresses();
    check_sockets();
    check_urls();
    return failures != 0;
}

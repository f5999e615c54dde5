/* SPDX-License-Identifier: MIT */
#include <pysockc/pysockc.h>

#include <stdio.h>
#include <string.h>

static int question(const char *msg)
{
    //! [ntohs]
    uint16_t id; /* the first two bytes of a DNS message */
    memcpy(&id, msg, sizeof id);
    printf("question %d\n", sock_ntohs(id)); /* -> question 258 */
    //! [ntohs]
    return 0;
}

static int length_of_next(sock_t *s)
{
    //! [ntohl]
    uint32_t size;
    if (sock_recv_all(s, &size, sizeof size) == -1)
        return -1;
    size = sock_ntohl(size);
    printf("%lu bytes follow\n", (unsigned long)size); /* -> 5 bytes follow */
    //! [ntohl]
    return size == 5 ? 0 : -1;
}

static int port(void)
{
    //! [htons]
    struct sockaddr_in in = {0}; /* sock_addr_inet("127.0.0.1", 8080) */
    in.sin_family = AF_INET;
    in.sin_port = sock_htons(8080);
    in.sin_addr.s_addr = sock_htonl(INADDR_LOOPBACK);
    //! [htons]
    sock_addr_t address = sock_addr_from((struct sockaddr *)&in, sizeof in);
    return sock_addr_port(&address) == 8080 ? 0 : -1;
}

static int send_with_length(sock_t *s)
{
    //! [htonl]
    uint32_t size = sock_htonl(5); /* a message with its length before it */
    if (sock_sendall(s, &size, sizeof size, 0) == -1 ||
        sock_sendall(s, "hello", 5, 0) == -1)
        return -1;
    //! [htonl]
    return 0;
}

static int four_bytes(void)
{
    //! [inet_aton]
    unsigned char ip[SOCK_INET_SIZE];
    if (sock_inet_aton("10.1", ip, sizeof ip) == -1)
        return -1;
    printf("%d.%d.%d.%d\n", ip[0], ip[1], ip[2], ip[3]); /* -> 10.0.0.1 */
    //! [inet_aton]
    return 0;
}

static int dotted(void)
{
    //! [inet_ntoa]
    struct in_addr in = {sock_htonl(INADDR_LOOPBACK)};
    char text[SOCK_INET_TEXT_MAX];
    if (sock_inet_ntoa(&in, sizeof in, text, sizeof text) == -1)
        return -1;
    puts(text); /* -> 127.0.0.1 */
    //! [inet_ntoa]
    return 0;
}

static int check(const char *text)
{
    //! [inet_pton]
    unsigned char ip[SOCK_INET6_SIZE];
    if (sock_inet_pton(AF_INET6, text, ip, sizeof ip) == -1)
        puts("that is no IPv6 address"); /* -> that is no IPv6 address */
    //! [inet_pton]
    return 0;
}

static int colons(void)
{
    //! [inet_ntop]
    unsigned char ip[SOCK_INET6_SIZE] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
    char text[SOCK_INET_TEXT_MAX];
    if (sock_inet_ntop(AF_INET6, ip, sizeof ip, text, sizeof text) == -1)
        return -1;
    puts(text); /* -> 2001:db8::1 */
    //! [inet_ntop]
    return 0;
}

int main(void)
{
    setbuf(stdout, NULL);
    sock_t *pair[2];
    if (sock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
        return 1;
    int failed = send_with_length(pair[0]) || question("\1\2") ||
                 length_of_next(pair[1]) || port() || four_bytes() ||
                 dotted() || check("2001:db8::g") || colons();
    sock_free(pair[0]);
    sock_free(pair[1]);
    return failed;
}

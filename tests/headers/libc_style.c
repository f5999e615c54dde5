/* SPDX-License-Identifier: MIT */
/*
 * Code for the C library's conventions and for this library's, case by case.
 *
 * Without BARE_NAMES the first must compile. With it, which includes
 * <pysockc/names.h>, the first must be refused, and the second compile. The
 * compiler's default warnings are not errors here: they stop no one.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef BARE_NAMES
#include <pysockc/names.h>
#endif

extern int use(void);
int use(void)
{
#if CASE == 1 && !defined(OURS)
    struct servent *service = getservbyname("http", "tcp");
    return service ? ntohs((uint16_t)service->s_port) : -1;
#elif CASE == 1
    return getservbyname("http", "tcp");

#elif CASE == 2 && !defined(OURS)
    return getservbyname("http", "tcp")->s_port;
#elif CASE == 2
    return getservbyname("http", NULL);

#elif CASE == 3 && !defined(OURS)
    struct servent *service = getservbyport(htons(80), "tcp");
    return service ? service->s_name[0] : -1;
#elif CASE == 3
    char name[64];
    return getservbyport(80, "tcp", name, sizeof name);

#elif CASE == 4 && !defined(OURS)
    return getprotobyname("icmp")->p_proto;
#elif CASE == 4
    return getprotobyname("icmp");

#elif CASE == 5 && !defined(OURS)
    struct protoent *protocol;
    if ((protocol = getprotobyname("icmp")) == NULL)
        return -1;
    return protocol->p_proto;
#elif CASE == 5
    int protocol;
    if ((protocol = getprotobyname("icmp")) == -1)
        return -1;
    return protocol;

#elif CASE == 6 && !defined(OURS)
    struct hostent *host = gethostbyname("localhost");
    return host ? host->h_addr_list[0][0] : -1;
#elif CASE == 6
    char text[16];
    return gethostbyname("localhost", text, sizeof text);

#elif CASE == 7 && !defined(OURS)
    struct in_addr in;
    memset(&in, 0, sizeof in);
    return gethostbyaddr(&in, sizeof in, AF_INET)->h_name[0];
#elif CASE == 7
    sock_hostent_t *host = gethostbyaddr("127.0.0.1");
    int first = host ? host->name[0] : -1;
    sock_hostent_free(host);
    return first;

#elif CASE == 8 && !defined(OURS)
    struct in_addr in;
    return inet_aton("127.0.0.1", &in);
#elif CASE == 8
    struct in_addr in;
    return inet_aton("127.0.0.1", &in, sizeof in);

#elif CASE == 9 && !defined(OURS)
    struct in_addr in;
    memset(&in, 0, sizeof in);
    return inet_ntoa(in)[0];
#elif CASE == 9
    struct in_addr in;
    char text[SOCK_INET_TEXT_MAX];
    memset(&in, 0, sizeof in);
    return inet_ntoa(&in, sizeof in, text, sizeof text);

#elif CASE == 10 && !defined(OURS)
    struct in6_addr in6;
    return inet_pton(AF_INET6, "::1", &in6);
#elif CASE == 10
    struct in6_addr in6;
    return inet_pton(AF_INET6, "::1", &in6, sizeof in6);

#elif CASE == 11 && !defined(OURS)
    struct in_addr in;
    char text[INET_ADDRSTRLEN];
    memset(&in, 0, sizeof in);
    return inet_ntop(AF_INET, &in, text, sizeof text) == NULL;
#elif CASE == 11
    struct in_addr in;
    char text[SOCK_INET_TEXT_MAX];
    memset(&in, 0, sizeof in);
    return inet_ntop(AF_INET, &in, sizeof in, text, sizeof text);

#elif CASE == 12 && !defined(OURS)
    struct servent copy;
    struct servent *found = getservbyname("http", "tcp");
    memcpy(&copy, found, sizeof copy);
    return copy.s_port;
#elif CASE == 12
    int copy;
    int found = getservbyname("http", "tcp");
    memcpy(&copy, &found, sizeof copy);
    return copy;

#elif CASE == 13 && !defined(OURS)
    struct addrinfo *list;
    return getaddrinfo("localhost", "80", NULL, &list);
#elif CASE == 13
    sock_addrinfo_t *list = getaddrinfo("localhost", "80", 0, 0, 0, 0);
    int found = list != NULL;
    sock_addrinfo_free(list);
    return found;

#elif CASE == 14 && !defined(OURS)
    struct sockaddr_in in;
    char host[64], port[32];
    memset(&in, 0, sizeof in);
    return getnameinfo((struct sockaddr *)&in, sizeof in, host, sizeof host,
                       port, sizeof port, 0);
#elif CASE == 14
    char host[64], port[32];
    return getnameinfo(sock_addr_inet("127.0.0.1", 80), 0, host, sizeof host,
                       port, sizeof port);

#elif CASE == 15 && !defined(OURS)
    char name[IF_NAMESIZE];
    return if_indextoname(1, name) == NULL;
#elif CASE == 15
    char name[SOCK_IF_NAME_MAX];
    return if_indextoname(1, name, sizeof name);

#elif CASE == 16 && !defined(OURS)
    return sethostname("name", 4);
#elif CASE == 16
    return sethostname("name");

#else
#error "no such case"
#endif
}

/* SPDX-License-Identifier: MIT */
/**
 * @file names.h
 * @brief The bare names of Python's module, for those who ask.
 */
#ifndef PYSOCKC_NAMES_H
#define PYSOCKC_NAMES_H

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <pysockc/pysockc.h>

/**
 * @defgroup names Bare names
 * @brief `gethostbyname_ex`, `getservbyname`, `inet_aton`, ... without the
 * prefix.
 *
 * Opt-in: no other header includes this one. The system's headers that own
 * these names are included first. A program that includes it talks to
 * libpysockc under the names that Python's module has; code written for the C
 * library's conventions must fail to compile, not change its meaning. Most
 * names see to that by taking another number of arguments. getservbyname()
 * and getprotobyname() return a number where the C library returns a pointer
 * to a structure, so the tags of those structures lose their meaning here, and
 * code that looks into one does not compile. Code that only asks whether there
 * is an entry, as in `if (!getservbyname("x", "tcp"))`, compiles and is wrong:
 * no C declaration can prevent that for a function that returns an int.
 *
 * Not among the names: `gethostname`, `if_nametoindex` and `if_nameindex`,
 * whose arguments are the C library's, so a check for 0 or a list's end would
 * change its meaning, and what Python's `socket`, `close` and `dup` would hide.
 *
 * The names of the modules of the web are of `<pysockc/net.h>`, which a program
 * that uses them includes, too.
 *
 * @snippet snippets/names.c names
 * @{
 */

#undef htonl
#undef htons
#undef ntohl
#undef ntohs
/** sock_htonl() */
#define htonl sock_htonl
/** sock_htons() */
#define htons sock_htons
/** sock_ntohl() */
#define ntohl sock_ntohl
/** sock_ntohs() */
#define ntohs sock_ntohs

#undef inet_aton
#undef inet_ntoa
#undef inet_ntop
#undef inet_pton
/** sock_inet_aton() */
#define inet_aton sock_inet_aton
/** sock_inet_ntoa() */
#define inet_ntoa sock_inet_ntoa
/** sock_inet_ntop() */
#define inet_ntop sock_inet_ntop
/** sock_inet_pton() */
#define inet_pton sock_inet_pton

#undef gethostbyaddr
#undef gethostbyname
#undef getprotobyname
#undef getservbyname
#undef getservbyport
#undef sethostname
/** sock_gethostbyaddr() */
#define gethostbyaddr sock_gethostbyaddr
/** sock_gethostbyname() */
#define gethostbyname sock_gethostbyname
/** sock_gethostbyname_ex() */
#define gethostbyname_ex sock_gethostbyname_ex
/** sock_getfqdn() */
#define getfqdn sock_getfqdn
/** sock_getprotobyname() */
#define getprotobyname sock_getprotobyname
/** sock_getservbyname() */
#define getservbyname sock_getservbyname
/** sock_getservbyport() */
#define getservbyport sock_getservbyport
/** sock_sethostname() */
#define sethostname sock_sethostname

#undef getaddrinfo
#undef getnameinfo
#undef if_indextoname
/** sock_getaddrinfo() */
#define getaddrinfo sock_getaddrinfo
/** sock_getnameinfo() */
#define getnameinfo sock_getnameinfo
/** sock_if_indextoname() */
#define if_indextoname sock_if_indextoname

/** sock_create_connection() */
#define create_connection sock_create_connection
/** sock_create_server() */
#define create_server sock_create_server
/** sock_fromfd() */
#define fromfd sock_fromfd
/** sock_getdefaulttimeout() */
#define getdefaulttimeout sock_getdefaulttimeout
/** sock_has_dualstack_ipv6() */
#define has_dualstack_ipv6 sock_has_dualstack_ipv6
/** sock_recv_fds() */
#define recv_fds sock_recv_fds
/** sock_send_fds() */
#define send_fds sock_send_fds
/** sock_setdefaulttimeout() */
#define setdefaulttimeout sock_setdefaulttimeout

/** sock_urlopen() */
#define urlopen sock_urlopen
/** sock_urlretrieve() */
#define urlretrieve sock_urlretrieve
/** sock_urlsplit() */
#define urlsplit sock_urlsplit
/** sock_urlparse() */
#define urlparse sock_urlparse
/** sock_urlunsplit() */
#define urlunsplit sock_urlunsplit
/** sock_urljoin() */
#define urljoin sock_urljoin
/** sock_urldefrag() */
#define urldefrag sock_urldefrag
/** sock_urlencode() */
#define urlencode sock_urlencode
/** sock_quote() */
#define quote sock_quote
/** sock_quote_plus() */
#define quote_plus sock_quote_plus
/** sock_unquote() */
#define unquote sock_unquote
/** sock_unquote_plus() */
#define unquote_plus sock_unquote_plus
/** sock_parse_qs() */
#define parse_qs sock_parse_qs

/** Makes code that expects the C library's structure fail to compile. */
#define servent sock_getservbyname_returns_the_port
/** Makes code that expects the C library's structure fail to compile. */
#define protoent sock_getprotobyname_returns_the_number

/** @} */

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Every macro and constant of the headers of the web, used as a program of any
 * standard of C or C++ uses them. The numbers are promises.
 */
#include <pysockc/net.h>

#define CHECK(name, number)                                                    \
    extern char check_##name[name == (number) ? 1 : -1];

/* cookie.h */
CHECK(SOCK_COOKIE_DOMAIN_MAX, 256)
CHECK(SOCK_COOKIE_PATH_MAX, 1025)
CHECK(SOCK_COOKIE_TEXT_MAX, 4097)
CHECK(SOCK_SAME_SITE_DEFAULT, 0)
CHECK(SOCK_SAME_SITE_NONE, 1)
CHECK(SOCK_SAME_SITE_LAX, 2)
CHECK(SOCK_SAME_SITE_STRICT, 3)

/* url.h */
CHECK(SOCK_QUERY_KEEP_BLANK, 1)
CHECK(SOCK_QUERY_STRICT, 2)
CHECK(SOCK_QUERY_SEMICOLON, 4)
CHECK(SOCK_QUERY_QUOTE, 8)

/* webbrowser.h */
CHECK(SOCK_WEBBROWSER_SAME, 0)
CHECK(SOCK_WEBBROWSER_WINDOW, 1)
CHECK(SOCK_WEBBROWSER_TAB, 2)

/* SPDX-License-Identifier: MIT */
/* URLs, for what joins and opens them. */
#ifndef SOCK__URL_H
#define SOCK__URL_H

#include <pysockc/url.h>

/* As sock_urlsplit(), for a call of that name. */
sock_url_t *sock__url_split(const char *text, const char *op);
/* As sock_urlunsplit(), likewise. */
int sock__url_unsplit(const sock_url_t *url, char *buf, size_t size,
                      const char *op);
/* The same, malloc(3)ed; NULL with the error recorded. */
char *sock__url_text(const sock_url_t *url, const char *op);
/* The port to connect to, the scheme's where none is given; -1: it has none. */
int sock__url_port(const sock_url_t *url);

/* A URL without its user and password, as much of it as an error can show. */
enum { SOCK__SHOWN_MAX = 512 };
void sock__url_show(const char *url, char shown[SOCK__SHOWN_MAX]);
/* sock__fail_about() of that. */
int sock__fail_about_url(const char *op, const char *url);

#endif

/* SPDX-License-Identifier: MIT */
/* A page that is written as the body of an answer. */
#ifndef SOCK__MARKUP_H
#define SOCK__MARKUP_H

#include <stddef.h>

#include <pysockc/httpd.h>

struct sock__markup {
    sock_httpd_request_t *self;
    int result;
    size_t used;
    char buf[1024];
};

void sock__markup_begin(struct sock__markup *m, sock_httpd_request_t *self);
/* 0; -1 with the error recorded, of the first call that failed. */
int sock__markup_end(struct sock__markup *m);
/* HTML as it is. */
void sock__markup(struct sock__markup *m, const char *html);
/* Text of any bytes: what is no UTF-8, and what is not to be seen, becomes
 * U+FFFD. */
void sock__markup_text(struct sock__markup *m, const char *text);

#endif

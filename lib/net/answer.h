/* SPDX-License-Identifier: MIT */
/* The bytes of an answer, on their way to the wire. */
#ifndef SOCK__ANSWER_H
#define SOCK__ANSWER_H

#include "httpd_request.h"

/* Makes it one that has not begun. What it has held back, and its file, are
 * forgotten. */
void sock__answer_begin(sock_httpd_request_t *self);
/* Gives back what it has. */
void sock__answer_end(struct sock__answer *a);
/* Adds bytes to its head: 0; -1 with the error recorded. */
int sock__answer_head(sock_httpd_request_t *self, const char *op,
                      const void *data, size_t len);
/* Its head is complete, but for what is known only when it is sent. */
void sock__answer_body(sock_httpd_request_t *self);
/* Adds bytes to its body, which are held back as long as there is room, and
 * waits where there is none. */
int sock__answer_write(sock_httpd_request_t *self, const char *op,
                       const void *data, size_t len);
/* Sends what is held back, and waits. */
int sock__answer_flush(sock_httpd_request_t *self, const char *op);
/* Sends the head of an interim answer. */
int sock__answer_interim(sock_httpd_request_t *self, const char *op);
/* Nothing more is written: makes ready what is left, so that `out` and the file
 * are all that is to be sent. false: it is short of what was declared. */
bool sock__answer_finish(sock_httpd_request_t *self);

#endif

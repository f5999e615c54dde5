/* SPDX-License-Identifier: MIT */
/* What becomes of an answer when its handler has returned. */
#ifndef SOCK__REPLY_H
#define SOCK__REPLY_H

#include "httpd_request.h"

/* Nothing more is written to it: what is left of it is ready to be sent. One
 * that has not begun is an error's; one that can't be mended is lost. */
void sock__reply_finish(sock_httpd_request_t *self);
/* Answers what could not be read, and ends the connection. */
void sock__reply_refuse(sock_httpd_request_t *self, int code, const char *why);
/* Closes the streams that the handler has asked for. */
void sock__reply_close_streams(sock_httpd_request_t *self);

#endif

/* SPDX-License-Identifier: MIT */
/* What both ways to ask for a password have in common. */
#ifndef SOCK__GUARD_H
#define SOCK__GUARD_H

#include "httpd_request.h"

/* 0; -1 with the error recorded if an argument is wrong, and 500 is sent. */
int sock__guard_begin(const char *op, sock_httpd_request_t *self,
                      const char *realm, bool asks);
/* The only Authorization that there is; NULL. */
const char *sock__guard_claim(const sock_httpd_request_t *self);
/* `name="realm"` of a challenge, in quotes. Room for SOCK__GUARD_REALM. */
enum { SOCK__GUARD_REALM = 512 };
void sock__guard_realm(const char *realm, char text[SOCK__GUARD_REALM]);

/* Lets it in: 1, and it is from this user; 0 and 503 is sent. */
int sock__guard_pass(const char *op, sock_httpd_request_t *self,
                     const char *user);
/* Sends an answer in place of what is guarded; always 0. */
int sock__guard_refuse(sock_httpd_request_t *self, int status,
                       const char *const *fields);

#endif

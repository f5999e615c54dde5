/* SPDX-License-Identifier: MIT */
/* A script that runs, and its answer that goes to the client meanwhile. */
#ifndef SOCK__CGI_RUN_H
#define SOCK__CGI_RUN_H

#include "cgi_env.h"

/*
 * Runs it in this folder for so many ns of its own, in which neither the client
 * nor what it still sends is waited for. Some answer is made, or the request
 * has one that is made in place of it. 0; -1 with the error recorded.
 */
int sock__cgi_run(sock_httpd_request_t *self, struct sock__cgi_call *call,
                  int folder, int64_t ns);

#endif

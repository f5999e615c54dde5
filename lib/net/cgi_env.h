/* SPDX-License-Identifier: MIT */
/* The variables and arguments of a script (RFC 3875 4). */
#ifndef SOCK__CGI_ENV_H
#define SOCK__CGI_ENV_H

#include <stdint.h>

#include "httpd_request.h"

/* What is known of a script. */
struct sock__cgi_call {
    const char *script;      /* the path that names it: "/cgi-bin/a.sh" */
    const char *file;        /* its name in its folder, as "./a.sh" */
    const char *path_info;   /* what follows; "": nothing */
    const char *root;        /* of PATH_TRANSLATED */
    const char *query;       /* NULL: none */
    int64_t length;          /* of the body; -1: there is none */
    const char *const *more; /* "NAME=value", up to NULL; NULL */
};

/* Texts up to NULL, in one allocation, to be freed; NULL for want of memory. */
char **sock__cgi_environment(const sock_httpd_request_t *self,
                             const struct sock__cgi_call *call);
char **sock__cgi_arguments(const sock_httpd_request_t *self,
                           const struct sock__cgi_call *call);

#endif

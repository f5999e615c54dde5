/* SPDX-License-Identifier: MIT */
/**
 * @file net.h
 * @brief All of libpysockc-net: the modules around the web.
 *
 * It includes the headers of that library, and those of the core that they
 * need. Which headers are the library's is read from here by what builds,
 * installs and tests it.
 */
#ifndef PYSOCKC_NET_H
#define PYSOCKC_NET_H

#include <pysockc/cgi.h>
#include <pysockc/cookie.h>
#include <pysockc/headers.h>
#include <pysockc/http.h>
#include <pysockc/httpd.h>
#include <pysockc/request.h>
#include <pysockc/robots.h>
#include <pysockc/url.h>
#include <pysockc/webbrowser.h>

#endif

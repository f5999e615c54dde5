/* SPDX-License-Identifier: MIT */
/**
 * @file net.h
 * @brief All of libpysockc-net: the modules around the web, mail and files.
 *
 * Python's modules urllib, http, cgi and webbrowser, and what those of Python 2
 * had: URLs and queries (url.h), the fields of a head (headers.h), one HTTP
 * connection (http.h), opening URLs (request.h), servers (httpd.h), cookies
 * (cookie.h), robots.txt (robots.h), forms (cgi.h), the user's browser
 * (webbrowser.h). And its clients of SMTP, POP3, IMAP, NNTP and FTP (smtp.h,
 * pop3.h, imap.h, nntp.h, ftp.h), with what they have in common (session.h,
 * transfer.h, sasl.h, mail.h). Each of these headers may be included alone; of
 * what calls record there is error.h.
 *
 * It includes the headers of that library, and those of the core that they
 * need. Which headers are the library's is read from here by what builds,
 * installs and tests it.
 */
#ifndef PYSOCKC_NET_H
#define PYSOCKC_NET_H

#include <pysockc/cgi.h>
#include <pysockc/cookie.h>
#include <pysockc/ftp.h>
#include <pysockc/headers.h>
#include <pysockc/http.h>
#include <pysockc/httpd.h>
#include <pysockc/imap.h>
#include <pysockc/mail.h>
#include <pysockc/nntp.h>
#include <pysockc/pop3.h>
#include <pysockc/request.h>
#include <pysockc/robots.h>
#include <pysockc/sasl.h>
#include <pysockc/session.h>
#include <pysockc/smtp.h>
#include <pysockc/transfer.h>
#include <pysockc/url.h>
#include <pysockc/webbrowser.h>

#endif

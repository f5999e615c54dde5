/* SPDX-License-Identifier: MIT */
/* What replies of FTP say besides their number. No function records anything,
 * and each looks at a byte at most a few times. */
#ifndef SOCK__FTP_PARSE_H
#define SOCK__FTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 227: the first six numbers with commas between them, four of an address and
 * two of a port. False: there are none, or one of them is over 255, or the port
 * is 0. */
bool sock__ftp_pasv(const char *text, unsigned char ip[4], int *port);
/* 229: the port of "(|||port|)", whichever character the bars are; 0: there is
 * none of 1 to 65535. */
int sock__ftp_epsv(const char *text);
/* 257: the path, which stands in quotes with each quote in it doubled, into
 * room for all of the text and a NUL; its length. 0: there is none. */
size_t sock__ftp_path(const char *text, char *path);
/* 150: the size of "(n bytes)"; -1: none is said. */
int64_t sock__ftp_announced(const char *text);
/* 213: a number; -1: none, or one over INT64_MAX. */
int64_t sock__ftp_number(const char *text);
/* A moment, "YYYYMMDDHHMMSS" with a fraction or without, as seconds since 1970.
 */
bool sock__ftp_time(const char *text, size_t n, int64_t *when);

#endif

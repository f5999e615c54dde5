/* SPDX-License-Identifier: MIT */
/* Entries of directories, as MLSD has them (RFC 3659 7). */
#ifndef SOCK__FTP_FACTS_H
#define SOCK__FTP_FACTS_H

#include <pysockc/ftp.h>
#include <pysockc/transfer.h>

/* What the lines say; NULL with SOCK_E_PROTOCOL or SOCK_E_MEMORY recorded. */
sock_ftp_list_t *sock__ftp_entries(const sock_lines_t *lines, const char *op);

#endif

/* SPDX-License-Identifier: MIT */
/* Files without a name. */
#ifndef SOCK__OS_TEMPORARY_H
#define SOCK__OS_TEMPORARY_H

/* A new one in the folder TMPDIR, or else /tmp, to be read and written, which
 * is gone when it is closed; -1 with errno. */
int sock__os_temporary(void);

#endif

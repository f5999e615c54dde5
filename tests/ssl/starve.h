/* SPDX-License-Identifier: MIT */
/* Memory that is refused: the library's own by --wrap, OpenSSL's by its hooks.
 */
#ifndef STARVE_H
#define STARVE_H

/* Which allocation of this thread fails, from now on; 0: none. It counts down
 * to 0. */
extern _Thread_local int fail_at;

/* Skips a test where libc's own allocations can't be told from the library's:
 * a program without shared libraries has those wrapped, too. */
void need_own_memory(void);
/* And where OpenSSL has memory that is not hooked. */
void need_hooks(void);

#endif

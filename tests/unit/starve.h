/* SPDX-License-Identifier: MIT */
/* Memory that is refused, by --wrap. */
#ifndef STARVE_H
#define STARVE_H

/* Which allocation of this thread fails, from now on; 0: none. It counts down
 * to 0. */
extern _Thread_local int fail_at;

/* Skips a test where libc's own allocations can't be told from the library's:
 * a program without shared libraries has those wrapped, too. */
void need_own_memory(void);

/* What failed last says that memory is short, in a text that begins so. */
void check_no_memory(const char *op);

/* A loop over what is tested: each allocation of its body is refused in its
 * turn, until one pass needs no more of them. The body may say `fail_at = 0`
 * once what it tests is done; `refused` is whether it was refused one. */
#define FOR_EACH_REFUSAL(refused)                                              \
    for (int n_ = 1, refused = 1; refused && n_ < 10000;                       \
         refused = was_refused(), n_++)                                        \
        if (refuse_from(n_))                                                   \
    /* the body */
int refuse_from(int n);
int was_refused(void);

#endif

/* SPDX-License-Identifier: MIT */
/* Text that is to be sent. */
#ifndef SOCK__OUTPUT_H
#define SOCK__OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed, it is empty. One that could not grow is `lost`, and nothing is added
 * to it until that is taken away. */
struct sock__output {
    char *text;
    size_t used, room;
    bool lost;
};

/* Makes room for so many bytes more, so that they are not moved while they are
 * added: what is moved leaves a copy behind. */
void sock__output_reserve(struct sock__output *o, size_t n);
void sock__output_add(struct sock__output *o, const void *bytes, size_t n);
void sock__output_text(struct sock__output *o, const char *text);
/* One that is not negative. */
void sock__output_number(struct sock__output *o, int64_t n);

#endif

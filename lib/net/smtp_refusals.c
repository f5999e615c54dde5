/* SPDX-License-Identifier: MIT */
#include "smtp_refusals.h"

#include <string.h>

#include "bytes.h"
#include "private.h"

enum { KEPT = 511 }; /* of the words of a reply, which may be long */

void sock__smtp_refusals_begin(struct sock__smtp_refusals *r)
{
    r->count = 0;
    r->texts.used = 0;
}

int sock__smtp_refusals_add(struct sock__smtp_refusals *r, const char *op,
                            const char *address, int code, const char *text)
{
    sock_smtp_refusal_t *list =
        sock__grow(r->list, r->count, &r->room, 1, sizeof *list);
    size_t before = r->texts.used, n = strlen(text);

    if (list == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    r->list = list;
    sock__output_add(&r->texts, address, strlen(address) + 1);
    sock__output_add(&r->texts, text, n < KEPT ? n : KEPT);
    sock__output_add(&r->texts, "", 1);
    if (r->texts.lost) {
        r->texts.lost = false;
        r->texts.used = before;
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    }
    list[r->count++].code = code;
    return 0;
}

void sock__smtp_refusals_end(struct sock__smtp_refusals *r)
{
    const char *at = r->texts.text;

    for (size_t i = 0; i < r->count; i++) {
        r->list[i].address = at;
        r->list[i].text = at += strlen(at) + 1;
        at += strlen(at) + 1;
    }
}

void sock__smtp_refusals_release(struct sock__smtp_refusals *r)
{
    sock__free(r->list);
    sock__free(r->texts.text);
}

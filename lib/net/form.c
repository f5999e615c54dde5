/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "form.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <pysockc/error.h>

#include "bytes.h"
#include "private.h"
#include "record.h"

/* Memory */

struct sock__part *sock__form_slot(sock_form_t *form)
{
    struct sock__part *parts =
        sock__grow(form->parts, form->count, &form->slots, 1, sizeof *parts);
    if (parts == NULL)
        return NULL;
    form->parts = parts;
    struct sock__part *p = &form->parts[form->count++];
    memset(p, 0, sizeof *p);
    p->item.parent = -1;
    return p;
}

void sock_form_free(sock_form_t *form)
{
    int saved = errno;
    if (form == NULL)
        return;
    for (size_t i = 0; i < form->count; i++)
        sock__part_release(&form->parts[i]);
    free(form->parts);
    sock_query_free(form->query);
    free(form);
    errno = saved;
}

/* Looking */

static bool missing(const char *op, bool is)
{
    if (is)
        sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    return is;
}

static const char *value_of(const struct sock__part *p)
{
    if (p->item.value != NULL) /* of the query */
        return p->item.value;
    if (p->stored || p->item.parts)
        return NULL;
    return p->data != NULL ? p->data : "";
}

static const char *find(const sock_form_t *form, const char *name, size_t i)
{
    for (size_t k = 0; k < form->count; k++) {
        const struct sock__part *p = &form->parts[k];
        if (p->is_text && p->item.name != NULL &&
            strcmp(p->item.name, name) == 0 && i-- == 0)
            return value_of(p);
    }
    return NULL;
}

const char *sock_form_getfirst(const sock_form_t *form, const char *name,
                               const char *otherwise)
{
    if (missing("getfirst", form == NULL || name == NULL))
        return NULL;
    const char *value = find(form, name, 0);
    return value != NULL ? value : otherwise;
}

const char *sock_form_getlist(const sock_form_t *form, const char *name,
                              size_t i)
{
    if (missing("getlist", form == NULL || name == NULL))
        return NULL;
    return find(form, name, i);
}

int sock_form_at(const sock_form_t *form, size_t i, sock_form_item_t *item)
{
    if (missing("list", form == NULL || item == NULL))
        return -1;
    if (i >= form->count)
        return 0;
    const struct sock__part *p = &form->parts[i];
    *item = p->item;
    item->value = value_of(p);
    item->headers = p->head != NULL ? &p->headers : NULL;
    return 1;
}

FILE *sock_form_file(sock_form_t *form, size_t i)
{
    const char *op = "file";
    if (missing(op, form == NULL))
        return NULL;
    if (i >= form->count) {
        sock__fail_saying(op, SOCK_E_VALUE, 0, "list index out of range");
        return NULL;
    }
    if (form->parts[i].item.parts) {
        sock__fail_saying(op, SOCK_E_VALUE, 0, "the field is several parts");
        return NULL;
    }
    return sock__part_file(&form->parts[i], op);
}

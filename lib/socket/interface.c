/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/interface.h>

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "record.h"
#include "text.h"

/* Lists in one allocation */

struct interfaces {
    sock_if_list_t list; /* first, as the caller frees it */
    sock_if_entry_t entries[];
};

static void fill(struct interfaces *out, const struct if_nameindex *from,
                 char *text)
{
    sock_if_entry_t *e = out->entries;

    for (; from->if_name != NULL; from++, e++) {
        size_t n = strlen(from->if_name) + 1;
        e->index = from->if_index;
        e->name = memcpy(text, from->if_name, n);
        text += n;
    }
    out->list.entries = out->entries;
    out->list.count = (size_t)(e - out->entries);
}

static sock_if_list_t *list_object(const struct if_nameindex *from)
{
    size_t count = 0, bytes = 0;

    for (; from[count].if_name != NULL; count++)
        bytes += strlen(from[count].if_name) + 1;
    size_t head = sizeof(struct interfaces) + count * sizeof(sock_if_entry_t);
    struct interfaces *out = malloc(head + bytes);
    if (out == NULL) {
        sock__fail("if_nameindex", SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    fill(out, from, (char *)out + head);
    return &out->list;
}

sock_if_list_t *sock_if_nameindex(void)
{
    int saved = errno;
    struct if_nameindex *all = if_nameindex();
    if (all == NULL) {
        sock__fail_status("if_nameindex", errno);
        return NULL;
    }
    errno = saved; /* unless the next fails */
    sock_if_list_t *out = list_object(all);
    saved = errno;
    if_freenameindex(all);
    errno = saved;
    return out;
}

void sock_if_list_free(sock_if_list_t *list)
{
    sock__free(list);
}

/* One by one */

int sock_if_nametoindex(const char *name)
{
    int saved = errno;

    if (name == NULL)
        return sock__fail("if_nametoindex", SOCK_E_TYPE, 0,
                          SOCK__NULL_ARGUMENT);
    unsigned index = if_nametoindex(name);
    if (index == 0) {
        sock_addr_t why =
            sock__addr_failed(SOCK_E_OS, 0, SOCK__NO_INTERFACE, name);
        return sock__addr_check("if_nametoindex", &why);
    }
    errno = saved;
    return (int)index;
}

int sock_if_indextoname(uint32_t index, char *buf, size_t size)
{
    char name[IF_NAMESIZE] = "";
    int saved = errno;

    sock__text_clear(buf, size);
    if (if_indextoname(index, name) == NULL)
        return sock__fail_status("if_indextoname", errno);
    errno = saved;
    return sock__text_copy("if_indextoname", name, strlen(name), buf, size);
}

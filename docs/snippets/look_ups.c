/* SPDX-License-Identifier: MIT */
/* Code of the reference's pages; compiled with the tests. */
#include <pysockc/pysockc.h>

#include <stdio.h>

void addresses(void);
void interfaces(void);
void errors(void);

void addresses(void)
{
    //! [addrinfo]
    sock_addrinfo_t *list =
        sock_getaddrinfo("localhost", "http", AF_UNSPEC, SOCK_STREAM, 0, 0);
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        char text[SOCK_ADDR_REPR_MAX];
        sock_addr_repr(&list->entries[i].address, text, sizeof text);
        puts(text); /* ('127.0.0.1', 80) */
    }
    sock_addrinfo_free(list);
    //! [addrinfo]
}

void interfaces(void)
{
    //! [interfaces]
    sock_if_list_t *list = sock_if_nameindex();
    for (size_t i = 0; list != NULL && i < list->count; i++)
        printf("%u %s\n", (unsigned)list->entries[i].index,
               list->entries[i].name);
    sock_if_list_free(list);
    //! [interfaces]
}

void errors(void)
{
    //! [errors]
    sock_error_list_t *all;
    sock_t *s = sock_create_connection_errors("localhost", 80, 5,
                                              sock_addr_none(), &all);
    for (size_t i = 0; all != NULL && i < all->count; i++) {
        char text[SOCK_ERROR_TEXT_MAX];
        sock_error_text(&all->errors[i], text, sizeof text);
        puts(text);
    }
    sock_error_list_free(all);
    //! [errors]
    sock_free(s);
}

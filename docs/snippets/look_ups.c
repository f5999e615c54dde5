/* Code of the reference's pages; compiled with the tests. */
#include <pysockc/pysockc.h>

#include <stdio.h>

void addresses(void);
void interfaces(void);

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

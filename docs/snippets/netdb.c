/* SPDX-License-Identifier: MIT */
#include <pysockc/pysockc.h>

#include <stdio.h>
#include <stdlib.h>

static int this_machine(void)
{
    //! [gethostname]
    char name[SOCK_HOST_NAME_MAX];
    if (sock_gethostname(name, sizeof name) == -1)
        return -1;
    printf("this is %s\n", name); /* -> this is tester */
    //! [gethostname]
    return 0;
}

static int rename_machine(const char *name)
{
    //! [sethostname]
    if (sock_sethostname(name) == -1) {
        sock_perror(NULL); /* -> sethostname ...: [Errno ...] ... */
        return -1;
    }
    //! [sethostname]
    return 0;
}

static int one_address(void)
{
    //! [gethostbyname]
    char ip[SOCK_ADDR_HOST_MAX];
    if (sock_gethostbyname("localhost", ip, sizeof ip) == -1)
        return -1;
    puts(ip); /* -> 127.0.0.1 */
    //! [gethostbyname]
    return 0;
}

static int all_of_a_name(void)
{
    //! [gethostbyname_ex]
    sock_hostent_t *h = sock_gethostbyname_ex("tester");
    if (h == NULL)
        return -1;
    for (size_t i = 0; i < h->address_count; i++)
        printf("%s is at %s\n", h->name, h->addresses[i]);
    /* -> tester.example is at 127.0.1.1 */
    sock_hostent_free(h);
    //! [gethostbyname_ex]
    return 0;
}

static int name_of_an_address(void)
{
    //! [gethostbyaddr]
    sock_hostent_t *h = sock_gethostbyaddr("127.0.1.1");
    if (h == NULL)
        sock_perror(NULL);
    else
        puts(h->name); /* -> tester.example */
    sock_hostent_free(h);
    //! [gethostbyaddr]
    return h == NULL ? -1 : 0;
}

static int whole_name(void)
{
    //! [getfqdn]
    char name[SOCK_HOST_NAME_MAX];
    if (sock_getfqdn(NULL, name, sizeof name) == -1) /* of this machine */
        return -1;
    puts(name); /* -> tester.example */
    //! [getfqdn]
    return 0;
}

static int port_of_a_service(void)
{
    //! [getservbyname]
    int port = sock_getservbyname("http", "tcp");
    if (port == -1)
        port = 80;
    sock_addr_t address = sock_addr_inet("localhost", port);
    //! [getservbyname]
    return sock_addr_port(&address) == 80 ? 0 : -1;
}

static int service_of_a_port(void)
{
    //! [getservbyport]
    char service[SOCK_SERVICE_NAME_MAX];
    if (sock_getservbyport(22, "tcp", service, sizeof service) == -1)
        puts("port 22 is open");
    else
        printf("port 22 is open: %s\n", service); /* -> port 22 is open: ssh */
    //! [getservbyport]
    return 0;
}

static int protocol(void)
{
    //! [getprotobyname]
    int proto = sock_getprotobyname("udp");
    if (proto == -1)
        return -1;
    sock_t *s = sock_new(AF_INET, SOCK_DGRAM, proto);
    //! [getprotobyname]
    int made = s != NULL;
    sock_free(s);
    return made ? 0 : -1;
}

int main(void)
{
    setbuf(stdout, NULL);
    if (getenv("PYSOCKC_OWN_ETC") == NULL) {
        puts("skipped: the host's own names; see tests/tools/own_etc.py");
        return 77;
    }
    char long_name[100] = "";
    for (size_t i = 0; i < sizeof long_name - 1; i++)
        long_name[i] = 'x';
    return this_machine() || rename_machine(long_name) != -1 || one_address() ||
           all_of_a_name() || name_of_an_address() || whole_name() ||
           port_of_a_service() || service_of_a_port() || protocol();
}

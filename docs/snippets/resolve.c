/* SPDX-License-Identifier: MIT */
#include <pysockc/pysockc.h>

#include <errno.h>
#include <stdio.h>

static int look_up(void)
{
    //! [getaddrinfo_within]
    sock_addrinfo_t *found = sock_getaddrinfo_within(
        "localhost", "80", AF_INET, SOCK_STREAM, 0, 0, 2.5);
    if (found == NULL) { /* SOCK_E_TIMEOUT, at the latest after 2.5 seconds */
        sock_perror("look-up");
        return -1;
    }
    char host[SOCK_ADDR_HOST_MAX];
    sock_addr_host(&found->entries[0].address, host, sizeof host);
    puts(host); /* -> 127.0.0.1 */
    sock_addrinfo_free(found);
    //! [getaddrinfo_within]
    return 0;
}

static int by_terms(int port)
{
    //! [connect_to_host]
    sock_error_list_t *errors;
    sock_connect_options_t options = {.size = sizeof options,
                                      .first_family = AF_INET,
                                      .nodelay = 1,
                                      .errors = &errors};
    sock_t *s = sock_connect_to_host("localhost", port, 5.0, &options);
    if (s == NULL) {
        sock_perror("client"); /* what was tried last, or the time's end */
        sock_error_list_free(errors);
        return -1;
    }
    //! [connect_to_host]
    sock_free(s);
    return 0;
}

//! [connect_each]
static int tried(void *arg, size_t i, sock_t *s, const sock_error_t *error)
{
    const sock_addr_t *to = arg;
    char text[SOCK_ADDR_REPR_MAX];
    if (s != NULL) {
        sock_addr_repr(&to[i], text, sizeof text);
        printf("%s listens\n", text);
    } else if (error->code != ECONNREFUSED) {
        sock_perror("scan");
    }
    sock_free(s);
    return 0; /* go on */
}

static int scan(sock_addr_t *to, size_t n)
{
    /* As many at a time as there are descriptors, each for half a second. */
    return sock_connect_each(to, n, 0, 0.5, tried, to);
}
/* -> ('127.0.0.1', ...) listens */
//! [connect_each]

int main(void)
{
    setbuf(stdout, NULL);
    sock_addr_t to[2];
    sock_t *server = sock_create_server(sock_addr_inet("127.0.0.1", 0), 5, 0);
    sock_t *other = sock_new(AF_INET, SOCK_STREAM, 0); /* and no one listens */
    if (server == NULL || sock_getsockname(server, &to[0]) == -1 ||
        sock_bind(other, sock_addr_inet("127.0.0.1", 0)) == -1 ||
        sock_getsockname(other, &to[1]) == -1)
        return 1;
    int failed =
        look_up() || by_terms(sock_addr_port(&to[0])) || scan(to, 2) != 0;
    sock_free(other);
    sock_free(server);
    return failed;
}

/* SPDX-License-Identifier: MIT */
#include <pysockc/pysockc.h>

#include <stdio.h>
#include <string.h>

static int option_by_name(sock_t *s, const char *option)
{
    //! [constant]
    int64_t name; /* of an option that stands in a configuration file */
    if (sock_constant(option, &name) == -1) {
        sock_perror("config");
        /* -> config: constant: no constant is named 'SO_NO_SUCH' */
        return -1;
    }
    if (sock_setsockopt_int(s, SOL_SOCKET, (int)name, 1) == -1)
        return -1;
    //! [constant]
    return 0;
}

static int name_of_family(sock_t *s)
{
    //! [constant_name]
    const char *family = sock_constant_name("AF_", sock_family(s));
    printf("family %s\n", family ? family : "?"); /* -> family AF_INET */
    //! [constant_name]
    return family == NULL;
}

static int table(void)
{
    //! [constant_at]
    int64_t value;
    const char *name;
    for (size_t i = 0; (name = sock_constant_at(i, &value)) != NULL; i++)
        if (sock_constant_is_python(name) && strncmp(name, "SHUT_", 5) == 0)
            printf("%s = %d\n", name, (int)value);
    /* -> SHUT_RD = 0
     * -> SHUT_RDWR = 2
     * -> SHUT_WR = 1 */
    //! [constant_at]
    return value == 0;
}

int main(void)
{
    setbuf(stdout, NULL);
    sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);
    int failed = option_by_name(s, "SO_KEEPALIVE") ||
                 option_by_name(s, "SO_NO_SUCH") != -1 || name_of_family(s) ||
                 table();
    sock_free(s);
    return failed;
}

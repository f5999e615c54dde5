/* SPDX-License-Identifier: MIT */
/*
 * look_ups COUNT NAME=ADDRESS...: eight threads look the names up, each COUNT
 * times, and count the answers that were wrong.
 */
#define _DEFAULT_SOURCE

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pysockc/pysockc.h>

enum { THREADS = 8, NAMES = 8 };

static char *names[NAMES], *expected[NAMES];
static int name_count, look_up_count;

static int open_descriptors(void)
{
    int n = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (folder != NULL && readdir(folder) != NULL)
        n++;
    closedir(folder);
    return n;
}

/* All ways of asking, one after the other. */
static int is_right(int way, const char *name, const char *address)
{
    char text[SOCK_ADDR_HOST_MAX];
    int right = 0;
    if (way == 0) {
        right = sock_gethostbyname(name, text, sizeof text) > 0 &&
                strcmp(text, address) == 0;
    } else if (way == 1) {
        sock_hostent_t *h = sock_gethostbyname_ex(name);
        right = h != NULL && strcmp(h->addresses[0], address) == 0 &&
                strcmp(h->name, name) == 0;
        sock_hostent_free(h);
    } else {
        sock_addr_t a = sock_addr_inet(name, 80);
        right = sock_addr_host(&a, text, sizeof text) > 0 &&
                strcmp(text, address) == 0;
    }
    return right;
}

static void *look_up(void *first)
{
    long wrong = 0;
    int start = *(int *)first;
    for (int i = 0; i < look_up_count; i++) {
        int n = (start + i) % name_count;
        wrong += !is_right(i % 3, names[n], expected[n]);
    }
    return (void *)wrong;
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    int starts[THREADS];
    long wrong = 0;

    if (argc < 3 || argc - 2 > NAMES)
        return 2;
    look_up_count = atoi(argv[1]);
    for (int i = 2; i < argc; i++) {
        names[name_count] = strtok(argv[i], "=");
        expected[name_count++] = strtok(NULL, "=");
    }
    int before = open_descriptors();
    for (int i = 0; i < THREADS; i++) {
        starts[i] = i;
        if (pthread_create(&threads[i], NULL, look_up, &starts[i]) != 0)
            return 1;
    }
    for (int i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        wrong += (long)result;
    }
    printf("%d look-ups, %ld wrong, %d descriptors left\n",
           THREADS * look_up_count, wrong, open_descriptors() - before);
    return wrong == 0 ? 0 : 1;
}

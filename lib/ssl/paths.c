/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "paths.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/crypto.h>
#include <openssl/x509.h>

#include <pysockc/error.h>
#include <pysockc/ssl.h>

#include "record.h"

/* As OpenSSL does: a program with more rights than its user has does not listen
 * to it. */
static const char *environment_or(const char *name, const char *otherwise)
{
    if (OPENSSL_issetugid())
        return otherwise;
    const char *value = getenv(name); // NOLINT(concurrency-mt-unsafe)
    return value != NULL ? value : otherwise;
}

const char *sock__ssl_default_file(void)
{
    return environment_or(X509_get_default_cert_file_env(),
                          X509_get_default_cert_file());
}

const char *sock__ssl_default_folders(void)
{
    return environment_or(X509_get_default_cert_dir_env(),
                          X509_get_default_cert_dir());
}

/* Copies a path if there is such a thing there. */
static void keep(char *to, const char *path, bool folder)
{
    struct stat st;
    size_t n = strlen(path);
    to[0] = '\0';
    if (n < SOCK_SSL_PATH_MAX && stat(path, &st) == 0 &&
        (folder ? S_ISDIR(st.st_mode) : S_ISREG(st.st_mode)))
        memcpy(to, path, n + 1);
}

int sock_ssl_get_default_verify_paths(sock_ssl_paths_t *paths)
{
    int saved = errno;
    if (paths == NULL)
        return sock__fail("get_default_verify_paths", SOCK_E_TYPE, 0,
                          SOCK__NULL_ARGUMENT);
    keep(paths->cafile, sock__ssl_default_file(), false);
    keep(paths->capath, sock__ssl_default_folders(), true);
    paths->openssl_cafile_env = X509_get_default_cert_file_env();
    paths->openssl_cafile = X509_get_default_cert_file();
    paths->openssl_capath_env = X509_get_default_cert_dir_env();
    paths->openssl_capath = X509_get_default_cert_dir();
    errno = saved;
    return 0;
}

/* What openssl-rehash(1) calls a certificate by the hash of its subject, which
 * is what OpenSSL looks for: "9d66eef0.0". */
static bool is_hash(const char *name)
{
    enum { DIGITS = 8 };
    if (strspn(name, "0123456789abcdef") != DIGITS || name[DIGITS] != '.')
        return false;
    const char *number = name + DIGITS + 1;
    size_t n = strlen(number);
    return n > 0 && strspn(number, "0123456789") == n;
}

/* Links that lead nowhere are none. */
static bool is_certificate(int folder, const char *name)
{
    struct stat st;
    return is_hash(name) && fstatat(folder, name, &st, 0) == 0 &&
           S_ISREG(st.st_mode);
}

/* The next name in a folder that no one else reads. */
static const char *next_name(DIR *d)
{
    const struct dirent *e = readdir(d); // NOLINT(concurrency-mt-unsafe)
    return e != NULL ? e->d_name : NULL;
}

static bool has_any(const char *folder)
{
    DIR *d = opendir(folder);
    bool found = false;
    if (d == NULL)
        return false;
    for (const char *name; !found && (name = next_name(d)) != NULL;)
        found = is_certificate(dirfd(d), name);
    closedir(d);
    return found;
}

bool sock__ssl_default_folders_have_any(void)
{
    char folder[SOCK_SSL_PATH_MAX];
    const char *at = sock__ssl_default_folders();
    bool found = false;
    int saved = errno;
    while (!found && *at != '\0') {
        size_t n = strcspn(at, ":");
        if (n < sizeof folder) {
            memcpy(folder, at, n);
            folder[n] = '\0';
            found = has_any(folder);
        }
        at += n;
        at += *at == ':';
    }
    errno = saved;
    return found;
}

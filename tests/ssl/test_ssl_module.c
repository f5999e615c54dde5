/* SPDX-License-Identifier: MIT */
/* The module's functions about certificates. */
#include "tls.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>

#define HEADER "-----BEGIN CERTIFICATE-----"
#define FOOTER "-----END CERTIFICATE-----"

/* PEM */

static void check_pem(const char *der, size_t n, const char *pem)
{
    char text[512], back[256];
    size_t length = strlen(pem);
    check_int(sock_ssl_der_cert_to_pem_cert(der, n, NULL, 0), length);
    check_int(sock_ssl_der_cert_to_pem_cert(der, n, text, length), length);
    check_str(text, "");
    memset(text, '#', sizeof text);
    check_int(sock_ssl_der_cert_to_pem_cert(der, n, text, length + 1), length);
    check_str(text, pem);
    check_int(text[length + 1], '#');
    check_int(sock_ssl_pem_cert_to_der_cert(pem, NULL, 0), n);
    memset(back, '#', sizeof back);
    if (n > 0)
        check_int(sock_ssl_pem_cert_to_der_cert(pem, back, n - 1), n);
    check_int(back[0], '#');
    check_int(sock_ssl_pem_cert_to_der_cert(pem, back, n), n);
    check_bytes(back, der, n);
    check_int(back[n], '#');
}

TEST(ssl_module, from_der_to_pem_and_back)
{
    char der[100];
    for (int i = 0; i < 100; i++)
        der[i] = (char)(i * 37);
    check_pem("", 0, HEADER "\n" FOOTER "\n");
    check_pem("a", 1, HEADER "\nYQ==\n" FOOTER "\n");
    check_pem("ab", 2, HEADER "\nYWI=\n" FOOTER "\n");
    check_pem("abc", 3, HEADER "\nYWJj\n" FOOTER "\n");
    check_pem("\xff\xef\xbe\xfb", 4,
              HEADER "\n/+++"
                     "+w==\n" FOOTER "\n");
    /* One full line, and one more byte. */
    check_pem(der, 48,
              HEADER
              "\n"
              "ACVKb5S53gMoTXKXvOEGK1B1mr/kCS5TeJ3C5wwxVnugxeoPNFl+o8jtEjdc"
              "gabL\n" FOOTER "\n");
    check_pem(der, 49,
              HEADER
              "\n"
              "ACVKb5S53gMoTXKXvOEGK1B1mr/kCS5TeJ3C5wwxVnugxeoPNFl+o8jtEjdc"
              "gabL\n8A==\n" FOOTER "\n");
}

/* openssl(1) writes what is written here. */
TEST(ssl_module, of_a_file)
{
    char *pem = cert_text("good.pem"), der[2048], text[4096];
    int n = sock_ssl_pem_cert_to_der_cert(pem, der, sizeof der);
    check(n > 0);
    check_int(sock_ssl_der_cert_to_pem_cert(der, (size_t)n, text, sizeof text),
              strlen(pem));
    check_str(text, pem);
    free(pem);
}

TEST(ssl_module, der_that_is_none)
{
    char buf[4] = "abc";
    check_fails(sock_ssl_der_cert_to_pem_cert(NULL, 1, buf, 4), SOCK_E_TYPE, 0,
                "DER_cert_to_PEM_cert: buffer is NULL");
    check_fails(sock_ssl_der_cert_to_pem_cert("a", 1, NULL, 4), SOCK_E_TYPE, 0,
                "DER_cert_to_PEM_cert: buffer is NULL");
    check_fails(sock_ssl_der_cert_to_pem_cert("a", SIZE_MAX, buf, 4),
                SOCK_E_VALUE, 0, "DER_cert_to_PEM_cert: size is too large");
    check_fails(
        sock_ssl_der_cert_to_pem_cert("a", (size_t)INT_MAX / 2 + 1, buf, 4),
        SOCK_E_VALUE, 0, "DER_cert_to_PEM_cert: size is too large");
    check_str(buf, "abc");
    check_int(sock_ssl_der_cert_to_pem_cert(NULL, 0, NULL, 0), 54);
}

static void check_bad_pem(const char *pem, const char *text)
{
    char buf[16] = "as was";
    check_fails(sock_ssl_pem_cert_to_der_cert(pem, buf, sizeof buf),
                SOCK_E_VALUE, 0, text);
    check_str(buf, "as was");
}

TEST(ssl_module, pem_that_is_none)
{
    static const char start[] =
        "PEM_cert_to_DER_cert: Invalid PEM encoding; must start with " HEADER;
    static const char end[] =
        "PEM_cert_to_DER_cert: Invalid PEM encoding; must end with " FOOTER;
    static const char *const bad[] = {
        HEADER "AAA" FOOTER,
        HEADER "A" FOOTER,
        HEADER "AAA?" FOOTER,
        HEADER "AA=A" FOOTER,
        HEADER "A===" FOOTER,
        HEADER "====" FOOTER,
        HEADER "AA=" FOOTER,
        HEADER "AAAA-" FOOTER,
        HEADER "AAAA=" FOOTER,
        HEADER "AAA\x80" FOOTER,
        HEADER "\nAAAA\n" FOOTER "\n" HEADER "\nAAAA\n" FOOTER,
    };
    check_bad_pem("", start);
    check_bad_pem("x", start);
    check_bad_pem(" " HEADER "AAAA" FOOTER, start);
    check_bad_pem("-----BEGIN CERTIFICATE----", start);
    check_bad_pem("-----BEGIN X509 CERTIFICATE-----\nAAAA\n" FOOTER, start);
    check_bad_pem(HEADER, end);
    check_bad_pem(HEADER "\nAAAA\n", end);
    check_bad_pem(HEADER "\nAAAA\n" FOOTER "x", end);
    check_bad_pem(HEADER "\n-----END CERTIFICATE----", end);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        check_bad_pem(bad[i],
                      "PEM_cert_to_DER_cert: Invalid base64-encoded string");
    check_fails(sock_ssl_pem_cert_to_der_cert(NULL, NULL, 0), SOCK_E_TYPE, 0,
                "PEM_cert_to_DER_cert: argument is NULL");
    check_fails(sock_ssl_pem_cert_to_der_cert(HEADER FOOTER, NULL, 1),
                SOCK_E_TYPE, 0, "PEM_cert_to_DER_cert: buffer is NULL");
}

/* Lines of any length, and blanks. */
TEST(ssl_module, pem_as_others_write_it)
{
    char buf[8];
    check_int(
        sock_ssl_pem_cert_to_der_cert(
            HEADER "\r\nYW\r\nJj\tZA = =\r\n" FOOTER " \r\n\t\v\f", buf, 8),
        4);
    check_bytes(buf, "abcd", 4);
    check_int(sock_ssl_pem_cert_to_der_cert(HEADER "YWJj" FOOTER, buf, 8), 3);
    check_bytes(buf, "abc", 3);
}

/* Times */

static void check_time(const char *text, int64_t seconds)
{
    int64_t got = 1;
    check_that(sock_ssl_cert_time_to_seconds(text, &got) == 0, "%s: %s", text,
               error_text());
    check_int(got, seconds);
}

static void check_no_time(const char *text)
{
    char words[512];
    int64_t got = 77;
    snprintf(words, sizeof words,
             "cert_time_to_seconds: time data '%s' does not match format "
             "\"%%b %%d %%H:%%M:%%S %%Y GMT\"",
             text);
    check_fails(sock_ssl_cert_time_to_seconds(text, &got), SOCK_E_VALUE, 0,
                words);
    check_int(got, 77);
}

/* CPython's own test of it. */
TEST(ssl_module, times_as_python_has_them)
{
    check_time("Jan  5 09:34:43 2018 GMT", 1515144883);
    check_time("Jan 05 09:34:43 2018 GMT", 1515144883);
    check_time("JaN  5 09:34:43 2018 GmT", 1515144883);
    check_no_time("Jan  5 09:34 2018 GMT");
    check_no_time("Jan  5 09:34:43 2018");
    check_no_time("Jan  5 09:34:43 2018 UTC");
    check_no_time("Jan 35 09:34:43 2018 GMT");
    check_no_time("Jon  5 09:34:43 2018 GMT");
    check_no_time("Jan  5 24:00:00 2018 GMT");
    check_no_time("Jan  5 09:60:43 2018 GMT");
    check_time("Dec 31 23:59:60 2008 GMT", 1230768000);
    check_time("Jan  1 00:00:00 2009 GMT", 1230768000);
    check_time("Jan  5 09:34:59 2018 GMT", 1515144899);
    check_time("Jan  5 09:34:60 2018 GMT", 1515144900);
    check_time("Jan  5 09:34:61 2018 GMT", 1515144901);
    check_no_time("Jan  5 09:34:62 2018 GMT");
    check_time("Dec 31 23:59:59 9999 GMT", 253402300799);
}

TEST(ssl_module, times_beyond_that)
{
    check_time("Jan 1 00:00:00 1970 GMT", 0);
    check_time("Dec 31 23:59:59 1969 GMT", -1);
    check_time("Jan\t1 0:0:0 1969 gmt", -31536000);
    check_time("Jan 01 00:00:00 2018  GMT", 1514764800);
    check_time("Jan 1 00:00:00 0001 GMT", -62135596800);
    check_time("Feb 29 00:00:00 2024 GMT", 1709164800);
    check_time("Feb 29 00:00:00 2000 GMT", 951782400);
    check_no_time("");
    check_no_time("Ja");
    check_no_time("Jan");
    check_no_time("Jan ");
    check_no_time("Jan 1");
    check_no_time("Jan 1 00");
    check_no_time("Jan 1 00:00:00");
    check_no_time("Jan 1 00:00:00 2018");
    check_no_time("Jan 1 00:00:00 2018 ");
    check_no_time("Jan 1 00:00:00 2018 GM");
    check_no_time("Jan 1 00:00:00 2018GMT");
    check_no_time("Jan 1 00:00:00 2018 GMT ");
    check_no_time(" Jan 1 00:00:00 2018 GMT");
    check_no_time("Jan1 00:00:00 2018 GMT");
    check_no_time("Jan 0 00:00:00 2018 GMT");
    check_no_time("Jan 001 00:00:00 2018 GMT");
    check_no_time("Jan -1 00:00:00 2018 GMT");
    check_no_time("Jan 1 000:00:00 2018 GMT");
    check_no_time("Jan 1 00:00:00 18 GMT");
    check_no_time("Jan 1 00:00:00 12018 GMT");
    check_no_time("Jan 1 00:00:00 0000 GMT");
    check_no_time("January 1 00:00:00 2018 GMT");
}

/* CPython goes on into the next month. */
TEST(ssl_module, days_that_a_month_has_not)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr",
                                         "May", "Jun", "Jul", "Aug",
                                         "Sep", "Oct", "Nov", "Dec"};
    int64_t seconds = 1514764800; /* 2018 */
    for (int i = 0; i < 12; i++) {
        char text[64];
        snprintf(text, sizeof text, "%s %d 00:00:00 2018 GMT", months[i],
                 days[i]);
        check_time(text, seconds + (days[i] - 1) * 86400);
        snprintf(text, sizeof text, "%s %d 00:00:00 2018 GMT", months[i],
                 days[i] + 1);
        check_no_time(text);
        seconds += days[i] * 86400;
    }
    check_no_time("Feb 29 00:00:00 1900 GMT");
    check_no_time("Feb 30 00:00:00 2024 GMT");
}

TEST(ssl_module, times_of_nothing)
{
    int64_t seconds;
    check_fails(sock_ssl_cert_time_to_seconds(NULL, &seconds), SOCK_E_TYPE, 0,
                "cert_time_to_seconds: argument is NULL");
    check_fails(sock_ssl_cert_time_to_seconds("x", NULL), SOCK_E_TYPE, 0,
                "cert_time_to_seconds: argument is NULL");
}

/* Paths */

static void environment(const char *file, const char *folders)
{
    check_int(setenv("SSL_CERT_FILE", file, 1), 0);
    check_int(setenv("SSL_CERT_DIR", folders, 1), 0);
}

TEST(ssl_module, paths_of_the_system)
{
    sock_ssl_paths_t paths;
    unsetenv("SSL_CERT_FILE");
    unsetenv("SSL_CERT_DIR");
    check_ok(sock_ssl_get_default_verify_paths(&paths));
    check_str(paths.openssl_cafile_env, "SSL_CERT_FILE");
    check_str(paths.openssl_capath_env, "SSL_CERT_DIR");
    check_int(paths.openssl_cafile[0], '/');
    check_int(paths.openssl_capath[0], '/');
    check_str(paths.cafile, access(paths.openssl_cafile, F_OK) == 0
                                ? paths.openssl_cafile
                                : "");
    check_str(paths.capath, access(paths.openssl_capath, F_OK) == 0
                                ? paths.openssl_capath
                                : "");
}

TEST(ssl_module, paths_of_the_environment)
{
    sock_ssl_paths_t paths;
    environment(cert("root.pem"), cert("hashed"));
    check_ok(sock_ssl_get_default_verify_paths(&paths));
    check_str(paths.cafile, cert("root.pem"));
    check_str(paths.capath, cert("hashed"));
    environment(cert("hashed"), cert("root.pem")); /* the wrong way round */
    check_ok(sock_ssl_get_default_verify_paths(&paths));
    check_str(paths.cafile, "");
    check_str(paths.capath, "");
    environment("", "/nonexistent");
    check_ok(sock_ssl_get_default_verify_paths(&paths));
    check_str(paths.cafile, "");
    check_str(paths.capath, "");
}

TEST(ssl_module, paths_that_are_long)
{
    static char path[3 * SOCK_SSL_PATH_MAX];
    sock_ssl_paths_t paths;
    memset(path, '/', sizeof path - 1);
    environment(path, path);
    check_ok(sock_ssl_get_default_verify_paths(&paths));
    check_str(paths.cafile, "");
    check_str(paths.capath, "");
    path[SOCK_SSL_PATH_MAX - 1] = '\0'; /* the longest there is */
    environment("", path);
    errno = 77;
    check_ok(sock_ssl_get_default_verify_paths(&paths));
    check_int(errno, 77);
    check_str(paths.capath, path);
    check_fails(sock_ssl_get_default_verify_paths(NULL), SOCK_E_TYPE, 0,
                "get_default_verify_paths: argument is NULL");
}

/* Systems with certificates, and without */

static void check_someone(const char *file, const char *folders)
{
    environment(file, folders);
    errno = 77;
    sock_ssl_context_t *ctx = check_made(sock_ssl_create_default_context(
        SOCK_SSL_SERVER_AUTH, NULL, NULL, NULL));
    check_int(errno, 77);
    struct pair p = tls_pair_over(tcp_pair(), ctx, NULL);
    free_pair(&p);
    sock_ssl_context_free(ctx);
}

static void check_no_one(const char *file, const char *folders)
{
    char words[1024];
    environment(file, folders);
    snprintf(words, sizeof words, "%s or %s", file, folders);
    words[127] = '\0'; /* as much as the record has room for */
    char text[2048];
    snprintf(text, sizeof text,
             "create_default_context: no certificates to trust in %s", words);
    check(sock_ssl_create_default_context(SOCK_SSL_SERVER_AUTH, NULL, NULL,
                                          NULL) == NULL);
    check_int(errno, ENOENT);
    check_int(sock_last_error()->kind, SOCK_E_OS);
    check_int(sock_last_error()->code, 0);
    check_str(error_text(), text);
    check_int(ERR_peek_error(), 0);
}

TEST(ssl_module, someone_to_trust)
{
    char folders[1024];
    check_someone(cert("root.pem"), cert("none"));
    check_someone(cert("none"), cert("hashed"));
    check_someone(cert("junk.pem"), cert("hashed"));
    snprintf(folders, sizeof folders, "%s::%s:/", cert("none"), cert("hashed"));
    check_someone("", folders);
}

TEST(ssl_module, no_one_to_trust)
{
    check_no_one("/nonexistent.pem", "/nonexistent");
    check_no_one("", "");
    check_no_one("/n", ":::");
    check_no_one("/dev/null", "/dev/null");
    check_no_one(cert("junk.pem"), cert("none"));
    check_no_one(cert("root.crl"), "/n"); /* is no one's certificate */
    check_no_one("/n", cert("issued"));   /* none that is found by its name */
}

/* What OpenSSL would not find, or not open. */
TEST(ssl_module, a_folder_without_certificates)
{
    static const char *const names[] = {
        "9d66eef0.pem", "9d66eef0.",  "9d66eef0.r0", "9d66eef.0",
        "9d66eef00.0",  "9D66EEF0.0", "9d66eef0.0x", "root.pem",
        "9d66eef0",     "9d66eeg0.0"};
    char folder[] = "/tmp/pysockc-XXXXXX", path[128], to[128];
    check(mkdtemp(folder) != NULL);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        check_int(symlink(cert("root.pem"), path), 0);
    }
    snprintf(path, sizeof path, "%s/12345678.0", folder);
    check_int(symlink("nowhere", path), 0);
    snprintf(path, sizeof path, "%s/12345678.1", folder);
    check_int(mkdir(path, 0700), 0);
    check_no_one("/n", folder);
    snprintf(to, sizeof to, "%s/0123abcd.12", folder);
    check_int(symlink(cert("root.pem"), to), 0);
    environment("/n", folder);
    sock_ssl_context_free(check_made(sock_ssl_create_default_context(
        SOCK_SSL_SERVER_AUTH, NULL, NULL, NULL)));
    check_int(unlink(to), 0);
    check_int(rmdir(path), 0);
    snprintf(path, sizeof path, "%s/12345678.0", folder);
    check_int(unlink(path), 0);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        check_int(unlink(path), 0);
    }
    check_int(rmdir(folder), 0);
}

/* The names of the paths may be longer than what the record takes. */
TEST(ssl_module, no_one_under_a_long_path)
{
    static char path[3 * SOCK_SSL_PATH_MAX];
    memset(path, 'a', sizeof path - 1);
    path[300] = '\0';
    check_no_one(path, "/n");
    path[300] = 'a';
    environment("/n", path);
    check(sock_ssl_create_default_context(SOCK_SSL_SERVER_AUTH, NULL, NULL,
                                          NULL) == NULL);
}

/* Who names someone, who serves, and who loads them by hand is not asked. */
TEST(ssl_module, where_no_one_is_no_error)
{
    environment("/nonexistent.pem", "/nonexistent");
    sock_ssl_context_free(client_context());
    sock_ssl_context_free(check_made(sock_ssl_create_default_context(
        SOCK_SSL_CLIENT_AUTH, NULL, NULL, NULL)));
    sock_ssl_context_t *ctx =
        check_made(sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_CLIENT));
    check_ok(sock_ssl_load_default_certs(ctx, SOCK_SSL_SERVER_AUTH));
    sock_ssl_context_free(ctx);
}

/* The shared one is made once there is someone. */
TEST(ssl_module, the_shared_context_of_no_one)
{
    environment("/nonexistent.pem", "/nonexistent");
    check(sock_ssl_default_context() == NULL);
    check_int(errno, ENOENT);
    check(sock_ssl_default_context() == NULL);
    check_null_part(sock_ssl_create_connection(NULL, "localhost", 1, 1),
                    SOCK_E_OS, 0, "no certificates to trust in");
    environment(cert("root.pem"), "/nonexistent");
    check(sock_ssl_default_context() != NULL);
}

/* Servers' certificates */

/* One connection, whose handshake may fail, and its end. */
struct once {
    sock_t *listener;
    const char *leaf;
    int end; /* what recv said of the end */
    pthread_t thread;
};

static void *serve_once(void *arg)
{
    struct once *o = arg;
    char c;
    sock_ssl_context_t *ctx = server_context(o->leaf);
    sock_t *s = sock_accept(o->listener, NULL);
    check_ok(sock_settimeout(s, 10));
    sock_t *t = wrap(ctx, s, SOCK_SSL_SERVER_SIDE, NULL);
    o->end = t != NULL ? (int)sock_recv(t, &c, 1, 0) : -2;
    sock_free(t);
    sock_ssl_context_free(ctx);
    OPENSSL_thread_stop();
    return NULL;
}

/* Begins it; the port. */
static int begin_once(struct once *o, const char *leaf)
{
    sock_addr_t address;
    *o = (struct once){.listener = listener(&address), .leaf = leaf};
    check_int(pthread_create(&o->thread, NULL, serve_once, o), 0);
    return sock_addr_port(&address);
}

static int finish_once(struct once *o)
{
    check_int(pthread_join(o->thread, NULL), 0);
    sock_free(o->listener);
    return o->end;
}

static void check_server(const char *leaf, const char *host, const char *roots)
{
    struct once o;
    char pem[4096], file[64];
    int port = begin_once(&o, leaf);
    int n =
        sock_ssl_get_server_certificate(host, port, roots, 10, pem, sizeof pem);
    check_int(finish_once(&o), 0); /* with a goodbye */
    snprintf(file, sizeof file, "%s.pem",
             strcmp(leaf, "chain") == 0 ? "leaf_of_intermediate" : leaf);
    char *expected = cert_text(file);
    check_int(n, strlen(expected));
    check_str(pem, expected);
    free(expected);
}

/* Whose name it has is not asked. */
TEST(ssl_module, a_servers_certificate)
{
    check_server("good", "localhost", NULL);
    check_server("good", "127.0.0.1", cert("root.pem"));
    check_server("wrong", "localhost", cert("root.pem"));
    check_server("chain", "localhost", cert("root.pem"));
    check_server("self_signed", "localhost", NULL);
    check_server("expired", "localhost", NULL);
}

TEST(ssl_module, a_certificate_that_no_one_trusts)
{
    static const char *const leaves[] = {"self_signed", "expired", "other"};
    static const int codes[] = {18, 10, 20};
    for (int i = 0; i < 3; i++) {
        struct once o;
        char pem[4096] = "as was";
        int port = begin_once(&o, leaves[i]);
        check_part(sock_ssl_get_server_certificate("localhost", port,
                                                   cert("root.pem"), 10, pem,
                                                   sizeof pem),
                   SOCK_E_TLS, TLS_FAILED, "CERTIFICATE_VERIFY_FAILED");
        check_int(sock_last_error()->verify_code, codes[i]);
        check_str(pem, "");
        check_int(finish_once(&o), -2);
    }
}

TEST(ssl_module, a_certificate_that_is_too_long)
{
    struct once o;
    char pem[100] = "as was";
    int port = begin_once(&o, "good");
    int n = sock_ssl_get_server_certificate("localhost", port, NULL, 10, pem,
                                            sizeof pem);
    check(n > 100);
    check_str(pem, "");
    check_int(finish_once(&o), 0);
    port = begin_once(&o, "good");
    check_int(
        sock_ssl_get_server_certificate("localhost", port, NULL, 10, NULL, 0),
        n);
    check_int(finish_once(&o), 0);
}

TEST(ssl_module, servers_that_are_none)
{
    sock_addr_t address;
    char pem[16];
    sock_t *held = unused_port(&address);
    int port = sock_addr_port(&address);
    check_part(sock_ssl_get_server_certificate("127.0.0.1", port, NULL, 10, pem,
                                               sizeof pem),
               SOCK_E_OS, ECONNREFUSED, "");
    sock_free(held);
    check_part(sock_ssl_get_server_certificate(
                   "localhost", port, "/nonexistent", 10, pem, sizeof pem),
               SOCK_E_OS, ENOENT, "load_verify_locations: [Errno 2]");
    check_part(
        sock_ssl_get_server_certificate("a b", port, NULL, 10, pem, sizeof pem),
        SOCK_E_VALUE, 0, "");
    check_fails(
        sock_ssl_get_server_certificate(NULL, port, NULL, 10, pem, sizeof pem),
        SOCK_E_TYPE, 0, "get_server_certificate: argument is NULL");
    check_fails(sock_ssl_get_server_certificate("a", port, NULL, 10, NULL, 1),
                SOCK_E_TYPE, 0, "get_server_certificate: buffer is NULL");
}

/* One that says nothing: all of it within the time. */
TEST(ssl_module, a_silent_server)
{
    sock_addr_t address;
    char pem[16];
    sock_t *l = listener(&address);
    double begin = now();
    check_part(sock_ssl_get_server_certificate("127.0.0.1",
                                               sock_addr_port(&address), NULL,
                                               0.2, pem, sizeof pem),
               SOCK_E_TIMEOUT, 0, "timed out");
    check(now() - begin < 5);
    sock_free(l);
}

/* SPDX-License-Identifier: MIT */
/* The variables and arguments of a script: those of RFC 3875, what the caller
 * adds, and nothing of the server's own but PATH. */
#define _POSIX_C_SOURCE 200809L

#include "cgi_env.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <pysockc/connect.h>
#include <pysockc/version.h>

#include "chars.h"
#include "headers.h"
#include "private.h"

/* Lists of texts */

struct list {
    char *text; /* one behind the other */
    size_t used, room, count;
    bool failed;
};

static void put_bytes(struct list *l, const char *bytes, size_t n)
{
    if (l->failed)
        return;
    if (l->text == NULL || l->room - l->used < n) {
        size_t room = 2 * (l->used + n) + 1024;
        char *text = realloc(l->text, room);
        if (text == NULL) {
            l->failed = true;
            return;
        }
        l->text = text;
        l->room = room;
    }
    memcpy(l->text + l->used, bytes, n);
    l->used += n;
}

static void put(struct list *l, const char *text)
{
    put_bytes(l, text, strlen(text));
}

static void end_text(struct list *l)
{
    put_bytes(l, "", 1);
    l->count++;
}

/* All of it in one allocation; NULL for want of memory. */
static char **end_list(struct list *l)
{
    size_t pointers = (l->count + 1) * sizeof(char *);
    char **all = l->failed ? NULL : malloc(pointers + l->used);

    if (all != NULL) {
        char *at = (char *)all + pointers;
        memcpy(at, l->text, l->used);
        for (size_t i = 0; i < l->count; i++, at += strlen(at) + 1)
            all[i] = at;
        all[l->count] = NULL;
    }
    sock__free(l->text);
    return all;
}

/* Variables */

struct environment {
    struct list list;
    const char *const *more;
};

/* Whether a variable of that name, of n bytes, is the server's to choose. */
static bool is_chosen(const struct environment *e, const char *name, size_t n)
{
    for (size_t i = 0; e->more != NULL && e->more[i] != NULL; i++)
        if (strncmp(e->more[i], name, n) == 0 && e->more[i][n] == '=')
            return true;
    return false;
}

static bool is_given(const struct environment *e, const char *name)
{
    return is_chosen(e, name, strlen(name));
}

static void set(struct environment *e, const char *name, const char *value)
{
    if (value == NULL || is_given(e, name))
        return;
    put(&e->list, name);
    put(&e->list, "=");
    put(&e->list, value);
    end_text(&e->list);
}

static void set_more(struct environment *e)
{
    for (size_t i = 0; e->more != NULL && e->more[i] != NULL; i++) {
        put(&e->list, e->more[i]);
        end_text(&e->list);
    }
}

static void set_path(struct environment *e)
{
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    const char *path = getenv("PATH");
    set(e, "PATH", path != NULL ? path : "/usr/local/bin:/usr/bin:/bin");
}

static void set_number(struct environment *e, const char *name, int64_t n)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, n);
    set(e, name, text);
}

/* As the client has called the server, else the address. */
static void set_server(struct environment *e, const sock_httpd_request_t *self)
{
    char name[SOCK_HOST_NAME_MAX + 2] = "localhost";
    sock_addr_t local = sock_addr_none();
    struct sock__saved saved;
    const char *host = sock_headers_get(&self->headers, "Host", "");
    size_t n = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");

    sock__error_save(&saved);
    bool met = sock_getsockname(self->sock, &local) == 0 &&
               sock_addr_family(&local) != AF_UNIX;
    if (n > 0 && n < sizeof name && n <= strlen(host)) {
        memcpy(name, host, n);
        name[n] = '\0';
    } else if (met) {
        sock_addr_host(&local, name, sizeof name);
    }
    set(e, "SERVER_NAME", name);
    set_number(e, "SERVER_PORT", met ? sock_addr_port(&local) : 80);
    sock__error_restore(&saved);
}

static void set_client(struct environment *e, const sock_httpd_request_t *self)
{
    char host[SOCK_HOST_NAME_MAX] = "";
    struct sock__saved saved;
    int family = sock_addr_family(&self->client);

    sock__error_save(&saved);
    if (family == AF_INET || family == AF_INET6)
        sock_addr_host(&self->client, host, sizeof host);
    sock__error_restore(&saved);
    set(e, "REMOTE_ADDR", host);
    set(e, "REMOTE_HOST", host);
}

/* Whom the server knows, and not whom the client says that it is. */
static void set_user(struct environment *e, const sock_httpd_request_t *self)
{
    const char *claim = sock_headers_get(&self->headers, "Authorization", "");
    bool digest = strncasecmp(claim, "Digest ", 7) == 0;

    if (self->user == NULL)
        return;
    set(e, "AUTH_TYPE", digest ? "Digest" : "Basic");
    set(e, "REMOTE_USER", self->user);
}

static void set_path_info(struct environment *e,
                          const struct sock__cgi_call *call)
{
    if (*call->path_info == '\0')
        return;
    set(e, "PATH_INFO", call->path_info);
    if (is_given(e, "PATH_TRANSLATED"))
        return;
    put(&e->list, "PATH_TRANSLATED=");
    put(&e->list, call->root);
    put(&e->list, call->path_info);
    end_text(&e->list);
}

static void set_body(struct environment *e, const sock_httpd_request_t *self,
                     const struct sock__cgi_call *call)
{
    if (call->length >= 0)
        set_number(e, "CONTENT_LENGTH", call->length);
    set(e, "CONTENT_TYPE",
        sock_headers_get(&self->headers, "Content-Type", NULL));
}

/* Fields */

/* Whether a field is told, as HTTP_NAME. Credentials are the server's; Proxy
 * would be HTTP_PROXY, which programs take for their own; and X_Y would look
 * like X-Y, which a server before this one may have set. */
static bool is_told(const char *name)
{
    static const char *const not [] = {"Authorization",
                                       "Content-Length",
                                       "Content-Type",
                                       "Proxy",
                                       "Proxy-Authorization",
                                       "Connection",
                                       "Keep-Alive",
                                       "Transfer-Encoding",
                                       "Expect",
                                       "TE",
                                       "Trailer",
                                       "Upgrade"};

    for (size_t i = 0; i < sizeof not / sizeof not [0]; i++)
        if (strcasecmp(name, not [i]) == 0)
            return false;
    for (; *name != '\0'; name++)
        if (*name != '-' && !sock__is(*name, SOCK__ALPHA | SOCK__DIGIT))
            return false;
    return true;
}

/* Begins the variable of a field: false, and nothing, if the server chose it.
 */
static bool put_name(struct environment *e, const char *name)
{
    struct list *l = &e->list;
    size_t before = l->used;

    put(l, "HTTP_");
    for (; *name != '\0'; name++) {
        char c = sock__upper(*name);

        if (c == '-')
            c = '_';
        put_bytes(l, &c, 1);
    }
    if (!l->failed && is_chosen(e, l->text + before, l->used - before)) {
        l->used = before;
        return false;
    }
    put(l, "=");
    return true;
}

/* All values of a name, where it stands first. */
static void set_field(struct environment *e, const sock_headers_t *headers,
                      const char *name, const char *value)
{
    size_t n;
    bool cookie = strcasecmp(name, "Cookie") == 0;

    if (sock__headers_find(headers, name, 0, &n) != value || !is_told(name) ||
        !put_name(e, name))
        return;
    for (size_t i = 0;; i++) {
        value = sock__headers_find(headers, name, i, &n);
        if (value == NULL)
            break;
        if (i > 0)
            put(&e->list, cookie ? "; " : ", ");
        put_bytes(&e->list, value, n);
    }
    end_text(&e->list);
}

static void set_fields(struct environment *e, const sock_headers_t *headers)
{
    const char *name, *value;
    for (size_t i = 0; sock_headers_at(headers, i, &name, &value) == 1; i++)
        set_field(e, headers, name, value);
}

char **sock__cgi_environment(const sock_httpd_request_t *self,
                             const struct sock__cgi_call *call)
{
    struct environment e = {.more = call->more};

    set_more(&e);
    set_path(&e);
    set(&e, "GATEWAY_INTERFACE", "CGI/1.1");
    set(&e, "SERVER_SOFTWARE", "pysockc/" SOCK_VERSION);
    set(&e, "SERVER_PROTOCOL", sock_httpd_request_version(self));
    set(&e, "REQUEST_METHOD", self->start.method);
    set(&e, "SCRIPT_NAME", call->script);
    set(&e, "QUERY_STRING", call->query != NULL ? call->query : "");
    set_server(&e, self);
    set_client(&e, self);
    set_user(&e, self);
    set_path_info(&e, call);
    set_body(&e, self, call);
    set_fields(&e, &self->headers);
    return end_list(&e.list);
}

/* Arguments */

/* Adds a word, decoded: false if that can't be. */
static bool put_word(struct list *l, const char *at, const char *end)
{
    for (; at < end; at++) {
        char c = *at;
        if (c == '%') {
            int byte = sock__hex_pair(at + 1);
            if (byte <= 0)
                return false;
            c = (char)byte;
            at += 2;
        }
        put_bytes(l, &c, 1);
    }
    end_text(l);
    return true;
}

/* The words of a query, or none of them. */
static void put_words(struct list *l, const char *query)
{
    struct list before = *l;

    while (true) {
        size_t n = strcspn(query, "+");
        if (!put_word(l, query, query + n)) {
            l->used = before.used;
            l->count = before.count;
            return;
        }
        if (query[n] == '\0')
            return;
        query += n + 1;
    }
}

static bool has_words(const sock_httpd_request_t *self, const char *query)
{
    return query != NULL && *query != '\0' && strchr(query, '=') == NULL &&
           (strcmp(self->start.method, "GET") == 0 ||
            strcmp(self->start.method, "HEAD") == 0);
}

char **sock__cgi_arguments(const sock_httpd_request_t *self,
                           const struct sock__cgi_call *call)
{
    struct list l = {.text = NULL};

    put(&l, call->file);
    end_text(&l);
    if (has_words(self, call->query))
        put_words(&l, call->query);
    return end_list(&l);
}

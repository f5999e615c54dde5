/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "httpd_routes.h"

#include <stdlib.h>
#include <string.h>

#include "path.h"
#include "record.h"

/* How often a script's answer may be another path. */
enum { MOST_INSTEAD = 10 };

/* Routes */

static struct sock__route *find(const struct sock__routes *routes,
                                const char *name)
{
    for (size_t i = 0; i < routes->count; i++)
        if (strcmp(routes->list[i].name, name) == 0)
            return &routes->list[i];
    return NULL;
}

static struct sock__route *append(struct sock__routes *routes, const char *name)
{
    size_t size = (routes->count + 1) * sizeof *routes->list;
    struct sock__route *list = realloc(routes->list, size);
    if (list == NULL)
        return NULL;
    routes->list = list;
    struct sock__route *route = &list[routes->count];
    route->name = strdup(name);
    if (route->name == NULL)
        return NULL;
    route->len = strlen(name);
    routes->count++;
    return route;
}

int sock__route_add(const char *op, struct sock__routes *routes,
                    const char *name, sock_httpd_fn fn, void *arg)
{
    struct sock__route *route = find(routes, name);

    if (route == NULL)
        route = append(routes, name);
    if (route == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    route->fn = fn;
    route->arg = arg;
    return 0;
}

void sock__routes_end(struct sock__routes *routes)
{
    for (size_t i = 0; i < routes->count; i++)
        free(routes->list[i].name);
    free(routes->list);
    *routes = (struct sock__routes){0};
}

/* Prefixes */

/* Whether a path, which has no slash at its front, begins with the segments of
 * a prefix, which has one, and none at its end. */
static bool is_below(const struct sock__path *path,
                     const struct sock__route *mount)
{
    const char *prefix = mount->name + 1;
    size_t n = mount->len - 1;

    if (path->len < n || memcmp(path->text, prefix, n) != 0)
        return false;
    return n == 0 || path->len == n || path->text[n] == '/';
}

/* The longest prefix of a path; NULL. */
static const struct sock__route *mount_of(const sock_httpd_t *server,
                                          const struct sock__path *path)
{
    const struct sock__route *best = NULL;

    for (size_t i = 0; i < server->mounts.count; i++) {
        const struct sock__route *mount = &server->mounts.list[i];
        if (is_below(path, mount) && (best == NULL || mount->len > best->len))
            best = mount;
    }
    return best;
}

/* Calls the handler under whose prefix the path is: whether it is any's, or no
 * path at all. */
static bool handle_mounted(sock_httpd_request_t *self)
{
    char text[SOCK__PATH_ROOM];
    struct sock__path path;

    if (self->server->mounts.count == 0 || self->path[0] != '/')
        return false;
    int status = sock__path_read(&path, self->path, text, sizeof text);
    if (status != 0) {
        sock_httpd_send_error(self, status, NULL);
        return true;
    }
    const struct sock__route *mount = mount_of(self->server, &path);
    if (mount == NULL)
        return false;
    self->mounted = mount->len > 1 ? mount->len : 0;
    mount->fn(self, mount->arg);
    return true;
}

/* Methods */

/* That of GET answers HEAD, too. */
static const struct sock__route *method_of(const sock_httpd_t *server,
                                           const char *method)
{
    const struct sock__route *route = find(&server->methods, method);

    if (route == NULL && strcmp(method, "HEAD") == 0)
        route = find(&server->methods, "GET");
    return route;
}

static bool is_known(const char *method)
{
    static const char *const known[] = {"GET",    "HEAD",    "POST", "PUT",
                                        "DELETE", "OPTIONS", "PATCH"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i], method) == 0)
            return true;
    return false;
}

/* "GET, HEAD, POST"; what has no room is left out. */
static void list_methods(const sock_httpd_t *server, char *text, size_t size)
{
    const struct sock__routes *methods = &server->methods;
    bool head = find(methods, "GET") != NULL && find(methods, "HEAD") == NULL;
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i <= methods->count; i++) {
        const char *name = i < methods->count ? methods->list[i].name : "HEAD";
        size_t n = strlen(name);
        if ((i == methods->count && !head) || used + n + 3 > size)
            continue;
        if (used > 0)
            used = (size_t)(stpcpy(text + used, ", ") - text);
        used = (size_t)(stpcpy(text + used, name) - text);
    }
}

/* OPTIONS * asks what the server itself can do. */
static void tell_options(sock_httpd_request_t *self, const char *methods)
{
    if (sock_httpd_send_response(self, 200, NULL) < 0 ||
        sock_httpd_send_header(self, "Allow", methods) < 0 ||
        sock_httpd_send_header(self, "Content-Length", "0") < 0)
        return;
    sock_httpd_end_headers(self);
}

static void refuse_method(sock_httpd_request_t *self)
{
    const char *method = self->start.method;
    char message[96];

    self->closing = true; /* as what follows may be meant in another way */
    snprintf(message, sizeof message, "Unsupported method ('%s')", method);
    sock_httpd_send_error(self, 501, message);
}

static void handle_unhandled(sock_httpd_request_t *self)
{
    const sock_httpd_t *server = self->server;
    const char *method = self->start.method;
    char methods[512];
    const char *const allow[] = {"Allow", methods, NULL};

    list_methods(server, methods, sizeof methods);
    if (server->methods.count + server->mounts.count == 0 || !is_known(method))
        refuse_method(self);
    else if (strcmp(self->path, "*") == 0)
        tell_options(self, methods);
    else if (server->methods.count == 0)
        sock_httpd_send_error(self, 404, NULL);
    else
        sock__httpd_error(self, 405, NULL, allow);
}

/* Requests */

static void handle(sock_httpd_request_t *self)
{
    const struct sock__route *route;

    if (handle_mounted(self))
        return;
    route = method_of(self->server, self->start.method);
    if (route != NULL)
        route->fn(self, route->arg);
    else
        handle_unhandled(self);
}

/* Another path is asked for in the place of this one: with GET, as if no body
 * had come. */
static void go_elsewhere(sock_httpd_request_t *self)
{
    free(self->owned_path);
    self->owned_path = self->instead;
    self->instead = NULL;
    self->path = self->owned_path;
    self->mounted = 0;
    if (strcmp(self->start.method, "HEAD") != 0)
        self->start.method = "GET";
    self->upload.hidden = true;
}

void sock__routes_handle(sock_httpd_request_t *self)
{
    int turns = 0;

    handle(self);
    while (self->instead != NULL && sock__httpd_can_answer(self)) {
        if (++turns > MOST_INSTEAD) {
            sock_httpd_send_error(self, 500, NULL);
            return;
        }
        go_elsewhere(self);
        handle(self);
    }
}

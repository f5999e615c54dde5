/* SPDX-License-Identifier: MIT */
/* What a path names, against a model that decodes and then takes it apart. */
#include "fuzz.h"
#include "path.h"

static int hex(char c)
{
    static const char digits[] = "00112233445566778899aAbBcCdDeEfF";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;
    return at != NULL ? (int)(at - digits) / 2 : -1;
}

/* Decodes up to '?': false where the model refuses. */
static bool decode(const char *target, char *text)
{
    for (; *target != '\0' && *target != '?'; target++) {
        char c = *target;
        if (c == '%') {
            int high = hex(target[1]), low = high >= 0 ? hex(target[2]) : -1;
            if (low < 0)
                return false;
            c = (char)(high * 16 + low);
            if (c == '\0' || c == '/')
                return false;
            target += 2;
        }
        *text++ = c;
    }
    *text = '\0';
    return true;
}

/* The segments that are left, each with a slash before it: false where they
 * leave the root. */
static bool take_apart(char *text, char *out)
{
    size_t len = 0;

    for (char *at = strtok(text, "/"); at != NULL; at = strtok(NULL, "/")) {
        if (strcmp(at, ".") == 0)
            continue;
        if (strcmp(at, "..") == 0) {
            if (len == 0)
                return false;
            while (out[--len] != '/')
                ;
            continue;
        }
        len += (size_t)sprintf(out + len, "/%s", at);
    }
    out[len] = '\0';
    return true;
}

/* It has nothing that could lead elsewhere. */
static void check_text(const struct sock__path *p)
{
    claim(strlen(p->text) == p->len);
    claim(p->text[0] != '/' && strstr(p->text, "//") == NULL);
    claim(p->len == 0 || p->text[p->len - 1] != '/');
    char *copy = copy_of(p->text, p->len + 1);
    bool hidden = false;
    for (char *at = strtok(copy, "/"); at != NULL; at = strtok(NULL, "/")) {
        claim(strcmp(at, ".") != 0 && strcmp(at, "..") != 0);
        hidden |= at[0] == '.';
    }
    claim(hidden == p->hidden);
    free(copy);
}

static void check_target(const char *target)
{
    size_t size = strlen(target) + 1;
    char *buf = malloc(size), *text = malloc(size), *wanted = malloc(size + 1);
    struct sock__path p;

    claim(buf != NULL && text != NULL && wanted != NULL);
    int status = sock__path_read(&p, target, buf, size);
    bool good =
        target[0] == '/' && decode(target, text) && take_apart(text, wanted);
    claim(status == (good ? 0 : 400));
    if (good) {
        claim(strcmp(p.text, wanted[0] == '/' ? wanted + 1 : "") == 0);
        check_text(&p);
        const char *query = strchr(target, '?');
        claim(p.query == (query != NULL ? query + 1 : NULL));
    }
    free(buf);
    free(text);
    free(wanted);
}

/* In any smaller buffer it is the same, or too long. */
static void check_room(const char *target, size_t size)
{
    size_t enough = strlen(target) + 1;
    char *all = malloc(enough), *part = malloc(size > 0 ? size : 1);
    struct sock__path p, q;

    claim(all != NULL && part != NULL);
    int status = sock__path_read(&p, target, all, enough);
    int other = sock__path_read(&q, target, part, size);
    claim(other == status || other == 414);
    if (other == 0)
        claim(strcmp(p.text, q.text) == 0 && p.slash == q.slash);
    free(all);
    free(part);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    size_t room = next_byte(&in);
    char *target = rest_as_text(&in);

    check_target(target);
    check_room(target, room);
    free(target);
    return 0;
}

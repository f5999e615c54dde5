/* SPDX-License-Identifier: MIT */
/*
 * Every request of the tables, each followed by a second one on the same
 * connection: what is refused is answered with its status, and what follows it
 * is never served.
 */
#include "requests.h"
#include "server.h"

static char answers[200000];

/* What the statuses should be. A faulty rest is a request, too. */
static void expected(const struct row *row, char *text, size_t size)
{
    if (row->result != ACCEPTED)
        snprintf(text, size, "%d", row->result);
    else if (row->rest[0] == '\0')
        snprintf(text, size, "200");
    else if (strcmp(row->rest, NEXT) == 0)
        snprintf(text, size, "200 200");
    else
        snprintf(text, size, "200 400");
}

/* CONNECT is never served, and ends the connection; so does HTTP/1.0. */
static void mend(const struct row *row, char *text)
{
    if (strncmp(row->raw, "CONNECT", 7) == 0 && row->result == ACCEPTED)
        strcpy(text, "501");
    if (strstr(row->raw, "HTTP/1.0") != NULL && row->result == ACCEPTED)
        strcpy(text, "200");
}

static void check_row(struct server *s, const struct row *row, size_t step)
{
    char wanted[64], got[64], body[256];

    s->requests = 0;
    s->used = 0;
    ask(s, row->raw, row->size, step, answers, sizeof answers);
    expected(row, wanted, sizeof wanted);
    mend(row, wanted);
    statuses(answers, got, sizeof got);
    check_that(strcmp(got, wanted) == 0, "%s, by %zu: %s, not %s", row->name,
               step, got, wanted);
    if (strncmp(wanted, "200", 3) != 0) {
        check_that(s->requests == 0, "%s: %d served", row->name, s->requests);
        return;
    }
    check_that(s->requests == (strcmp(wanted, "200 200") == 0 ? 2 : 1),
               "%s: %d served", row->name, s->requests);
    snprintf(body, sizeof body, " %s\n", row->body);
    check_that(strstr(s->seen, body) != NULL, "%s: %s", row->name, s->seen);
}

/* A body that goes on where the connection ends is cut off, not faulty. */
static bool is_cut_off(const struct row *row)
{
    return row->result == ACCEPTED &&
           strstr(row->rest, "Content-Length: 34") != NULL;
}

static void check_rows(const struct row *rows, size_t count)
{
    static const int threads[] = {-1, 2};

    for (size_t t = 0; t < 2; t++) {
        struct server *s = run_server(threads[t]);
        for (size_t i = 0; i < count; i++) {
            if (is_cut_off(&rows[i]))
                continue;
            check_row(s, &rows[i], rows[i].size);
            check_row(s, &rows[i], 1);
        }
        stop_server(s);
    }
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof(rows)[0])

TEST(httpd_requests, lengths)
{
    CHECK_ROWS(lengths);
}

TEST(httpd_requests, codings)
{
    CHECK_ROWS(codings);
}

TEST(httpd_requests, chunks)
{
    CHECK_ROWS(chunks);
}

TEST(httpd_requests, fields)
{
    CHECK_ROWS(fields);
}

TEST(httpd_requests, hosts)
{
    CHECK_ROWS(hosts);
}

TEST(httpd_requests, lines)
{
    CHECK_ROWS(lines);
}

TEST(httpd_requests, targets)
{
    CHECK_ROWS(targets);
}

TEST(httpd_requests, others)
{
    CHECK_ROWS(others);
}

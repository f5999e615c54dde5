/* SPDX-License-Identifier: MIT */
/*
 * What the rows are made of: the Python text, the C that does the same, and
 * its result in Python's notation. README.md says how to add a row.
 */
#ifndef PARITY_H
#define PARITY_H

#include <pysockc/pysockc.h>

/* The head of a loop over a table. */
#define EACH(i, table)                                                         \
    size_t i = 0;                                                              \
    i < sizeof(table) / sizeof(table)[0];                                      \
    i++

/* Begins a row: an expression of Python, or statements and then one. */
__attribute__((format(printf, 1, 2))) void row(const char *python, ...);
/* About the row that was begun. */
void deviates(const char *key); /* the first column of docs/deviations.md */
void older(const char *value);  /* what Python before 3.13 gives */
void class_only(void);          /* the texts name types that C lacks */
/* A result of the row; several make a tuple. */
void show(const char *result);

/* Results in Python's notation; -1 is the last error. They live until the next
 * row begins. */
const char *num(long long n);
const char *none(long long status); /* 0 is None */
const char *flag(long long n);      /* True or False */
const char *bytes(long long n, const void *data);
const char *text(long long n, const char *data);
const char *address(int status, const sock_addr_t *a);
const char *seconds(double s);
const char *object(sock_t *s);           /* its repr; NULL is the last error */
const char *status_of(const void *made); /* None; NULL is the last error */
const char *error(void);
/* A literal of Python. */
const char *py(const char *text);
const char *py_bytes(long long n, const void *data);

/* What a row works with; it is freed when the row ends. The same names make the
 * same things in compare.py. */
struct both {
    sock_t *a, *b;
};
sock_t *own(sock_t *s);
sock_t *inet(int type);
sock_t *inet6(int type);
sock_t *unix_(int type);
sock_t *closed(void);
sock_t *detached(void);
sock_t *listening(void);
struct both tcp(void);
struct both udp(void);
struct both pair(int type);
sock_addr_t name(sock_t *s);
sock_addr_t refusing(void); /* an address where no one listens */

/* The files of rows. */
void rows_address(void);
void rows_connect(void);
void rows_constant(void);
void rows_error(void);
void rows_family(void);
void rows_file(void);
void rows_inet(void);
void rows_io(void);
void rows_loop(void);
void rows_message(void);
void rows_netdb(void);
void rows_options(void);
void rows_select(void);
void rows_socket(void);
void rows_timeout(void);

#endif

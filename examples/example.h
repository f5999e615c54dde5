/* SPDX-License-Identifier: MIT */
/*
 * What the examples share because it is not their lesson: arguments, output,
 * reporting a failed call, and how a server stops.
 */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include <pysockc/pysockc.h>

/* The limits of one message: what a client may cost the next one. */
enum { MESSAGE_SIZE = 65536, MESSAGE_SECONDS = 30 };

/*
 * Each main() begins with one of these. They answer --help and --version
 * and end the program with status 2 if the arguments are bad. The number of
 * arguments is returned; `operands` names them, as in " [HOST [PORT]]". A
 * program that has lost some of its output says so at its end; its status is 1.
 */
int begin(int argc, char **argv, const char *operands, int most,
          const char *about);
void host_and_port(int argc, char **argv, const char *about, const char **host,
                   int *port);
/* With files behind HOST and PORT: each operand has a bracket of its own. */
void host_port_and_files(int argc, char **argv, const char *operands,
                         const char *about, const char **host, int *port,
                         const char **files);
/* With options of its own: --help, --version and no such one are option()'s. */
void begin_with_options(int argc, char **argv, const char *operands);
_Noreturn void option(const char *name, const char *about);

/* A number from an argument. */
int number(const char *text, int lowest, int highest);
_Noreturn void bad_arguments(const char *why, const char *argument);

/* Python's raw_input(): the length of the line, -1 at the end of input. */
ssize_t raw_input(const char *prompt, char **line, size_t *size);
/* Python's getpass(): the same, and a terminal does not show what is typed. */
ssize_t ask_password(char **line, size_t *size);

/* Python's repr() of an address; the next call overwrites the text. */
const char *repr(const sock_addr_t *address);

/* Bytes as they are, and the end of the line. */
void print_bytes(const void *bytes, size_t size);

/* On the line of a terminal that it has: a bar, if it is known how many bytes
 * there are, else how many came. Not 0 if it can't be seen. */
int show_progress(int64_t done, int64_t total, void *terminal);

/* Both say on stderr what is wrong, and return the status for it. */
int failed(void);
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
int complain(const char *format, ...);

/* Whether a message is whole. */
bool ends(const char *msg, size_t size);

/* What the library's own servers need of that: a function for both signals, and
 * the line that says where they are to be found. */
void when_stopped(void (*fn)(int signo));
void listening_on(const sock_addr_t *address);

/*
 * A server runs until SIGINT or SIGTERM. listening() prepares for them and
 * says where the server is to be found. serving() names the client that is
 * not to be waited for either, NULL when it is done. ended() gives the status
 * of the server: 0 if a signal stopped it, else it says what failed.
 */
void listening(sock_t *s);
void serving(sock_t *sc);
bool stopping(void);
int ended(void);

#endif

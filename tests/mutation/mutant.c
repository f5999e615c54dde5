/* SPDX-License-Identifier: MIT */
/*
 * Linked with a library whose conditional jumps mutate.py has numbered, into
 * each test program. By the environment:
 *
 *   MUTANT="N never", MUTANT="N always"   the jump N is never, or always, taken
 *   MUTANT_REACHED=FILE                   FILE's byte N is 1 if N was reached
 *
 * The file is shared by all processes that come of the program.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096, MOST = 4 * PAGE };

/* What the jumps of the library write before they jump. */
char mutant_reached[MOST] __attribute__((aligned(PAGE), visibility("hidden")));

/* The linker's names for the ends of the section that mutate.py makes. */
struct site {
    unsigned char *jump;
    uint64_t number;
};
extern const struct site __start_mutant_sites[], __stop_mutant_sites[];

static _Noreturn void die(const char *what)
{
    perror(what);
    abort();
}

static void writable(const unsigned char *at, int protection)
{
    const uintptr_t page = (uintptr_t)at & ~(uintptr_t)(PAGE - 1);
    if (mprotect((void *)page, 2 * PAGE, protection) != 0)
        die("mprotect");
}

/* A conditional jump is 0x7? and a byte, or 0x0f 0x8? and four. */
static void mutate(unsigned char *jump, const char *how)
{
    const int is_short = jump[0] >> 4 == 7;
    writable(jump, PROT_READ | PROT_WRITE | PROT_EXEC);
    if (strcmp(how, "never") == 0) {
        memset(jump, 0x90, is_short ? 2 : 6); /* nop */
    } else if (is_short) {
        jump[0] = 0xeb; /* jmp, and a byte */
    } else {
        jump[0] = 0x90;
        jump[1] = 0xe9; /* jmp, and four */
    }
    writable(jump, PROT_READ | PROT_EXEC);
}

static void choose(const char *mutant)
{
    char *how;
    const uint64_t number = strtoull(mutant, &how, 10);
    for (const struct site *s = __start_mutant_sites; s < __stop_mutant_sites;
         s++)
        if (s->number == number)
            mutate(s->jump, how + 1);
}

static void share(const char *path)
{
    const int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0 || mmap(mutant_reached, MOST, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
        die(path);
    close(fd);
}

__attribute__((constructor)) static void begin(void)
{
    const char *mutant = getenv("MUTANT"), *reached = getenv("MUTANT_REACHED");
    if (mutant != NULL)
        choose(mutant);
    if (reached != NULL)
        share(reached);
}

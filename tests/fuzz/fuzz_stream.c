/* SPDX-License-Identifier: MIT */
/* Bytes of a stream that come in pieces, and the Caesar server's reader. */
#include <sys/socket.h>
#include <unistd.h>

#include "caesar.h"
#include "fuzz.h"

enum { MOST = 2048 };

ssize_t __real_recv(int fd, void *buf, size_t size, int flags);
ssize_t __wrap_recv(int fd, void *buf, size_t size, int flags);

/* How much each recv(2) may give; repeated. */
static uint8_t pieces[4];
static unsigned turn;

ssize_t __wrap_recv(int fd, void *buf, size_t size, int flags)
{
    size_t piece = 1u + pieces[turn++ % sizeof pieces];
    return __real_recv(fd, buf, size < piece ? size : piece,
                       flags & ~MSG_WAITALL);
}

/* A stream that holds the bytes, and then ends. */
static sock_t *stream_of(const uint8_t *bytes, size_t n)
{
    int ends[2];
    claim(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    claim(n == 0 || write(ends[1], bytes, n) == (ssize_t)n);
    close(ends[1]);
    sock_t *s = sock_adopt_as(ends[0], AF_UNIX, SOCK_STREAM, 0);
    claim(s != NULL);
    return s;
}

/* How many bytes recv_until() has to give. */
static size_t model_until(const uint8_t *at, size_t left, size_t size, int end)
{
    size_t n = 0;
    while (n < left && n < size)
        if (at[n++] == end)
            break;
    return n;
}

static void check_until(const uint8_t *bytes, size_t n, size_t size, int end)
{
    sock_t *s = stream_of(bytes, n);
    uint8_t *buf = malloc(size);
    ssize_t got;
    size_t done = 0;

    claim(buf != NULL);
    do {
        size_t wanted = model_until(bytes + done, n - done, size, end);
        got = sock_recv_until(s, buf, size, end);
        claim(got == (ssize_t)wanted);
        claim(wanted == 0 || memcmp(buf, bytes + done, wanted) == 0);
        done += wanted;
    } while (got > 0);
    claim(done == n);
    free(buf);
    sock_free(s);
}

static void check_all(const uint8_t *bytes, size_t n, size_t size)
{
    sock_t *s = stream_of(bytes, n);
    uint8_t *buf = malloc(size);
    size_t done = 0;

    claim(buf != NULL);
    for (; n - done >= size; done += size) {
        claim(sock_recv_all(s, buf, size) == (ssize_t)size);
        claim(memcmp(buf, bytes + done, size) == 0);
    }
    claim(sock_recv_all(s, buf, size) == -1);
    claim(sock_last_error()->kind == SOCK_E_EOF);
    claim(sock_last_error()->done == n - done);
    claim(n == done || memcmp(buf, bytes + done, n - done) == 0);
    free(buf);
    sock_free(s);
}

/* int() of two characters, by looking at each pair of them. */
static int model_int(const char *text)
{
    char digits[3] = "";
    size_t n = 0;
    char *end;

    for (int i = 0; i < 2; i++) {
        if (text[i] != '\0' && strchr(" \t\n\v\f\r", text[i]) == NULL)
            digits[n++] = text[i];
        else if (text[i] == '\0')
            return 0;
    }
    long value = strtol(digits, &end, 10);
    return *end == '\0' ? (int)value : 0;
}

static char model_letter(char c, int shift)
{
    if (c < 'a' || c > 'z' || shift <= -26 || shift >= 26)
        return c;
    return (char)('a' + (c - 'a' + shift + 26) % 26);
}

static void check_cipher(const char *msg, size_t n)
{
    int shift = to_int(msg + 1, 2);
    char *work = copy_of(msg, n);

    claim(shift == model_int(msg + 1) && shift > -10 && shift < 100);
    if (msg[0] == 'd')
        shift = -shift;
    cipher(work, n, shift);
    for (size_t i = 0; i < n; i++)
        claim(work[i] == model_letter(msg[i], shift));
    cipher(work, n, -shift);
    claim(memcmp(work, msg, n) == 0);
    free(work);
}

static void check_caesar(const uint8_t *bytes, size_t n)
{
    char msg[MOST];
    sock_t *s = stream_of(bytes, n);
    ssize_t got;

    while ((got = sock_recv_until(s, msg, sizeof msg, '.')) > 0)
        if (got > 3)
            check_cipher(msg, (size_t)got);
    claim(got == 0);
    sock_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    for (size_t i = 0; i < sizeof pieces; i++)
        pieces[i] = (uint8_t)next_byte(&in);
    turn = 0;
    int delim = (int)next_byte(&in);
    size_t room = 1 + next_byte(&in);
    if (in.left > MOST / 4)
        in.left = MOST / 4;

    check_until(in.at, in.left, room, delim);
    check_all(in.at, in.left, room);
    check_caesar(in.at, in.left);
    return 0;
}

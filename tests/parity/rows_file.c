/* SPDX-License-Identifier: MIT */
#include "parity.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void files(void)
{
    static const char *const modes[] = {"x", "a", "r+", "b+", "rx", "U", "rt"};
    for (EACH(i, modes)) {
        row("pair()[0].makefile(%s)", py(modes[i]));
        FILE *f = sock_makefile(pair(SOCK_STREAM).a, modes[i]);
        show(status_of(f));
        if (f != NULL)
            fclose(f);
    }
    row("pair()[0].makefile('rw').close()");
    deviates("sock_makefile() for both directions");
    show(status_of(sock_makefile(pair(SOCK_STREAM).a, "rw")));
    row("closed().makefile('r').close()");
    deviates("sock_makefile() of a closed socket");
    show(status_of(sock_makefile(closed(), "r")));
    static const char *const reading[] = {"r", "rb", "br", "b", ""};
    for (EACH(i, reading)) {
        char t[64] = "";
        row("a, b = pair(); a.sendall(b'one\\ntwo'); a.close(); f = "
            "b.makefile(%s); "
            "r = [bytes(x, 'ascii') if type(x) is str else x for x in "
            "(f.readline(), "
            "f.readline(), f.readline())]; f.close(); tuple(r)",
            py(reading[i]));
        struct both p = pair(SOCK_STREAM);
        sock_sendall(p.a, "one\ntwo", 7, 0);
        sock_close(p.a);
        FILE *f = sock_makefile(p.b, reading[i]);
        for (int n = 0; n < 3; n++) {
            const char *line = fgets(t, sizeof t, f);
            show(py_bytes(line != NULL ? (long long)strlen(line) : 0, t));
        }
        fclose(f);
    }
    row("a, b = pair(); f = a.makefile('w'); f.write('text'); f.flush(); "
        "f.close(); b.recv(9)");
    struct both p = pair(SOCK_STREAM);
    char c[16];
    FILE *f = sock_makefile(p.a, "w");
    fputs("text", f);
    fclose(f);
    show(bytes(sock_recv(p.b, c, 9, 0), c));
    row("a, b = pair(); a.settimeout(0.01); f = a.makefile('rb'); e = "
        "fails(f.read, 1), "
        "fails(f.read, 1); f.close(); e");
    p = pair(SOCK_STREAM);
    sock_settimeout(p.a, 0.01);
    f = sock_makefile(p.a, "rb");
    size_t n = fread(c, 1, 1, f);
    show(n == 0 ? error() : "read");
    clearerr(f);
    n = fread(c, 1, 1, f);
    show(n == 0 ? error() : "read");
    fclose(f);
}

/* sendfile(offset, count) of a file of ten bytes. */
static void part(sock_t *s, sock_t *peer, long long offset, long long count)
{
    char c[16];
    int fd = open("ten", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (write(fd, "0123456789", 10) != 10)
        return;
    lseek(fd, 0, SEEK_SET);
    int64_t sent = sock_sendfile(s, fd, offset, count);
    show(num(sent));
    show(num(lseek(fd, 0, SEEK_CUR)));
    if (peer != NULL) {
        sock_close(s);
        show(bytes(sock_recv(peer, c, sizeof c, 0), c));
    }
    close(fd);
}

static void sending(void)
{
    static const char *const counts[] = {"None", "1", "5", "10", "11", "0"};
    static const int offsets[] = {0, 3, 9};
    static const char *const file =
        "open('ten', 'wb').write(b'0123456789'); f = open('ten', 'rb'); ";
    for (EACH(o, offsets))
        for (EACH(i, counts)) {
            long long count = SOCK_SENDFILE_TO_END;
            if (i > 0)
                sscanf(counts[i], "%lld", &count);
            row("%sa, b = pair(); fails(a.sendfile, f, %d, %s), f.tell(), "
                "a.close() or "
                "b.recv(16)",
                file, offsets[o], counts[i]);
            struct both p = pair(SOCK_STREAM);
            part(p.a, p.b, offsets[o], count);
        }
    row("%spair()[0].sendfile(f, 0, -2)", file);
    show(num(sock_sendfile(pair(SOCK_STREAM).a, 0, 0, -2)));
    row("%sfails(pair(SOCK_DGRAM)[0].sendfile, f), f.tell()", file);
    part(pair(SOCK_DGRAM).a, NULL, 0, -1);
    row("%sa, b = pair(); a.setblocking(False); fails(a.sendfile, f), f.tell()",
        file);
    struct both p = pair(SOCK_STREAM);
    sock_setblocking(p.a, 0);
    part(p.a, NULL, 0, -1);
    unlink("ten");
}

void rows_file(void)
{
    files();
    sending();
}

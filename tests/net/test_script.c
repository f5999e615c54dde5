/* SPDX-License-Identifier: MIT */
/* Scripts as processes: what they are given, and how they end. */
#include "os_spawn.h"
#include "private.h"
#include "support.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "folder.h"

#define SECOND INT64_C(1000000000)

/* Starts sh with this text; its output comes out of the end. */
static pid_t start(const char *text, int *out)
{
    const char *const argv[] = {"sh", "-c", text, NULL};
    static const char *const environment[] = {"A=b", "PATH=/usr/bin:/bin",
                                              NULL};
    int ends[2], nothing = sock__os_script_nothing();
    int folder = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    pid_t pid;

    check(nothing > 2 && folder != -1);
    check(sock__os_script_pipe(ends, 0) == 0);
    check(is_nonblocking(ends[0]) && !is_nonblocking(ends[1]));
    struct sock__script script = {
        folder, "/bin/sh", argv, environment, {nothing, ends[1], ends[1]}};
    check_int(sock__os_spawn_script(&pid, &script), 0);
    close(nothing);
    close(folder);
    close(ends[1]);
    *out = ends[0];
    return pid;
}

/* All that it says; static. */
static const char *output(int fd)
{
    static char text[4096];
    size_t len = 0;
    struct pollfd end = {fd, POLLIN, 0};

    while (poll(&end, 1, 10000) == 1) {
        ssize_t n = read(fd, text + len, sizeof text - 1 - len);
        if (n <= 0)
            break;
        len += (size_t)n;
    }
    text[len] = '\0';
    close(fd);
    return text;
}

static int status_of(pid_t pid)
{
    int status;
    check(sock__os_reap_script(pid, sock__os_now() + 10 * SECOND, &status));
    return status;
}

TEST(script, what_it_has)
{
    int out, inherited = open("/dev/null", O_RDONLY); /* not close-on-exec */
    check(inherited != -1);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGUSR1, SIG_IGN);
    pid_t pid = start("pwd; env | grep -v '^_=\\|^PWD='; "
                      "ls /proc/self/fd | wc -l; "
                      "grep -E 'SigIgn|SigBlk' /proc/self/status",
                      &out);
    const char *said = output(out), *ignored = strstr(said, "SigIgn:");
    static const char wanted[] = "/proc\nA=b\nPATH=/usr/bin:/bin\n4\n"
                                 "SigBlk:\t0000000000000000\n";
    /* ls itself has its folder open. */
    check_that(strncmp(said, wanted, sizeof wanted - 1) == 0, "%s", said);
    /* 32 and 33 are the C library's own, and an emulator's are two more. */
    unsigned long long own = 3ULL << (emulated() ? 33 : 31);
    check(ignored != NULL);
    check((strtoull(ignored + 8, NULL, 16) & ~own) == 0);
    check_int(status_of(pid), 0);
    close(inherited);
}

TEST(script, a_group_of_its_own)
{
    int out, status;
    pid_t pid = start("sleep 1000 & echo $$; wait", &out);
    struct pollfd end = {out, POLLIN, 0};

    check_int(poll(&end, 1, 10000), 1);
    check_int(getpgid(pid), pid);
    check(!sock__os_reap_script(pid, sock__os_now(), &status));
    sock__os_kill_script(pid);
    output(out); /* ends, as its child has ended, too */
    status = status_of(pid);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    check(!sock__os_reap_script(pid, 0, &status) || status == -1);
    sock__os_kill_script(pid); /* no one's any more */
}

TEST(script, waiting_for_it)
{
    int out, status = 7;
    pid_t pid = start("sleep 0.2; exit 3", &out);
    double before = now();

    errno = 1234;
    check(!sock__os_reap_script(pid, sock__os_now() + SECOND / 20, &status));
    check_int(errno, 1234);
    check(now() - before >= 0.05);
    status = status_of(pid);
    check_int(errno, 1234);
    check(WIFEXITED(status) && WEXITSTATUS(status) == 3);
    check_str(output(out), "");
}

TEST(script, that_someone_else_has_waited_for)
{
    int out, status;
    pid_t pid = start("exit 0", &out);

    check(waitpid(pid, NULL, 0) == pid);
    check(sock__os_reap_script(pid, 0, &status));
    check_int(status, -1);
    check_str(output(out), "");
}

TEST(script, that_cannot_be)
{
    static const char *const argv[] = {"x", NULL}, *const none[] = {NULL};

    if (emulated() || under_valgrind())
        skip("a child that can't run its program has no way to say so");
    char *path = new_folder();
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int nothing = sock__os_script_nothing();
    pid_t pid;
    struct sock__script script = {
        folder, "./none", argv, none, {nothing, nothing, nothing}};

    check_int(sock__os_spawn_script(&pid, &script), ENOENT);
    make_bytes(folder, "plain", "#!/bin/sh\n", 10, 0600);
    script.path = "./plain";
    check_int(sock__os_spawn_script(&pid, &script), EACCES);
    make_bytes(folder, "odd", "odd\n", 4, 0700);
    script.path = "./odd";
    check_int(sock__os_spawn_script(&pid, &script), ENOEXEC);
    make_bytes(folder, "lost", "#!/no/such/program\n", 19, 0700);
    script.path = "./lost";
    check_int(sock__os_spawn_script(&pid, &script), ENOENT);
    close(nothing);
    close(folder);
    free_folder(path);
}

/* Where the program has closed its own, no end becomes one of them. */
TEST(script, numbers_over_the_standard_ones)
{
    int saved = dup(0), ends[2];

    close(0);
    check_int(sock__os_script_pipe(ends, 1), 0);
    int nothing = sock__os_script_nothing();
    check(dup2(saved, 0) == 0);
    close(saved);
    check(ends[0] > 2 && ends[1] > 2 && nothing > 2);
    check(is_nonblocking(ends[1]) && !is_nonblocking(ends[0]));
    check(fcntl(nothing, F_GETFD) & FD_CLOEXEC);
    check(fcntl(ends[0], F_GETFD) & FD_CLOEXEC);
    check(fcntl(ends[1], F_GETFD) & FD_CLOEXEC);
    close(ends[0]);
    close(ends[1]);
    close(nothing);
}

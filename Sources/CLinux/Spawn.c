#define _GNU_SOURCE
#include "Spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

// Runs in the child: only calls that are safe after fork in a program with threads.
static void become(const char *path, char *const arguments[], char *const environment[],
                   const char *directory, int output, int errors, int report, pid_t parent) {
    sigset_t none;
    sigemptyset(&none);
    for (int number = 1; number < 32; number++) {
        if (number != SIGKILL && number != SIGSTOP) signal(number, SIG_DFL);
    }
    int failed = sigprocmask(SIG_SETMASK, &none, NULL) != 0 || setpgid(0, 0) != 0
        || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0;
    if (!failed && getppid() != parent) _exit(127);
    int null = open("/dev/null", O_RDONLY);
    failed = failed || null < 0 || dup2(null, 0) < 0 || (output >= 0 && dup2(output, 1) < 0)
        || (errors >= 0 && dup2(errors, 2) < 0) || (directory != NULL && chdir(directory) != 0);
    if (!failed) {
        syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
        fcntl(report, F_SETFD, FD_CLOEXEC);
        execve(path, arguments, environment);
    }
    int number = errno;
    while (write(report, &number, sizeof number) < 0 && errno == EINTR) {}
    _exit(127);
}

pid_t assay_spawn(const char *path, char *const arguments[], char *const environment[],
                  const char *directory, int output, int errors) {
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0) return -errno;
    pid_t parent = getpid();
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t child = fork();
    if (child == 0) {
        become(path, arguments, environment, directory, output, errors, report[1], parent);
    }
    int number = child < 0 ? errno : 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(report[1]);
    if (child > 0) {
        ssize_t count;
        do count = read(report[0], &number, sizeof number); while (count < 0 && errno == EINTR);
        if (count != (ssize_t)sizeof number) number = 0;
        if (number != 0) {
            while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
        }
    }
    close(report[0]);
    return number != 0 ? -number : child;
}

int assay_pidfd_open(pid_t pid) {
    return (int)syscall(SYS_pidfd_open, pid, 0U);
}

int assay_pipe(int ends[2]) {
    return pipe2(ends, O_CLOEXEC);
}

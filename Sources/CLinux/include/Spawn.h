// Starting programs: what posix_spawn cannot do between fork and exec.
#ifndef ASSAY_SPAWN_H
#define ASSAY_SPAWN_H

#include <sys/types.h>

/// Starts `path` in a process group of its own, in `directory`, with signals at their defaults and
/// no descriptor but the standard three. `output` and `errors` become its stdout and stderr, -1
/// leaves ours. The process gets SIGKILL when the calling thread ends. Gives the process id, or
/// the negative error number of the step that failed.
pid_t assay_spawn(const char *path, char *const arguments[], char *const environment[],
                  const char *directory, int output, int errors);

/// Opens a descriptor that becomes readable when the process ends; -1 and errno if it cannot.
int assay_pidfd_open(pid_t pid);

/// Makes a pipe, close-on-exec; `pipe2` is hidden behind a feature macro.
int assay_pipe(int ends[2]);

#endif

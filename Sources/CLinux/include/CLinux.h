// Shims for Linux calls that Swift cannot make: variadic system calls and macros.
#ifndef ASSAY_CLINUX_H
#define ASSAY_CLINUX_H

#include <sys/types.h>

#include "Files.h"
#include "Loopback.h"
#include "Spawn.h"

/// Opens `path` beneath the directory `dirfd`: no symlink is followed, nothing outside is reached.
int assay_openat2_beneath(int dirfd, const char *path, int flags, mode_t mode);

/// Opens what `path` leads to with symlinks followed, as a place only; -1 with EXDEV if that is
/// not beneath the directory `dirfd`.
int assay_openat2_within(int dirfd, const char *path);

/// Opens a file, close-on-exec; `open` is variadic in C.
int assay_open(const char *path, int flags, mode_t mode);

/// Where `needle` stands first in `bytes`, or -1; `memmem` is hidden behind a feature macro.
ssize_t assay_find(const void *bytes, size_t count, const void *needle, size_t length);

/// Has freed blocks of 4 MiB and more given back to the system at once, in this whole process; by
/// itself the C library begins to keep them when the first was freed (`mallopt`).
void assay_return_large_blocks(void);

#endif

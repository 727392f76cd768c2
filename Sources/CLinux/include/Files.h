// Files: calls that Swift does not see.
#ifndef ASSAY_FILES_H
#define ASSAY_FILES_H

/// Makes `to` share the content of `from` (FICLONE): 0, or -1 and errno if the file system cannot.
int assay_clone_file(int to, int from);

/// Writes everything that is dirty in the file system of `file` to the disk (`syncfs`).
int assay_syncfs(int file);

/// Starts writing what was written to `file` without waiting for it (`sync_file_range`).
int assay_start_writing(int file);

#endif

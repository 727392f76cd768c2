#define _GNU_SOURCE
#include "Files.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

int assay_clone_file(int to, int from) { return ioctl(to, FICLONE, from); }

int assay_syncfs(int file) { return syncfs(file); }

int assay_start_writing(int file) { return sync_file_range(file, 0, 0, SYNC_FILE_RANGE_WRITE); }

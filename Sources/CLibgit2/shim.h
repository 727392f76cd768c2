#include <git2.h>

/// Lets repositories with these extensions be opened; `git_libgit2_opts` is variadic.
static inline int assay_git_allow_extensions(const char **names, size_t count) {
    return git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, names, count);
}

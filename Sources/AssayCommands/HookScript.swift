/// The pre-push hook that `assay init --hooks` installs; `hooks/pre-push` is the same file.
enum HookScript {
    static let prePush = #"""
        #!/bin/sh
        # Assay's pre-push hook: a push to a protected ref leaves only with a passing verdict.
        #
        # Installed by `assay init --hooks`. Protected refs are git's `assay.protect` settings (patterns such
        # as refs/heads/main; that one and refs/heads/master when there is no setting). A pushed commit that
        # has no passing verdict for the stage `assay.stage` (dev by default) is gated to it now. The policy
        # is read from the protected ref as the remote has it, not from the pushed commits; only a ref that
        # the remote does not have yet brings its own.
        set -u

        remote=$1
        zero=0000000000000000000000000000000000000000

        if ! command -v "${ASSAY:-assay}" >/dev/null 2>&1; then
            echo "assay: the program is not on PATH, so nothing can be verified and nothing is pushed." >&2
            echo "hint: install it, or name it in the variable ASSAY; see the README of Assay." >&2
            exit 1
        fi
        assay=${ASSAY:-assay}

        patterns=$(git config --get-all assay.protect || printf 'refs/heads/main\nrefs/heads/master\n')
        stage=$(git config --get assay.stage || echo dev)

        is_protected() {
            for pattern in $patterns; do
                # shellcheck disable=SC2254
                case "$1" in $pattern) return 0 ;; esac
            done
            return 1
        }

        # What is below reads no more settings.
        set -f
        denied=0
        while read -r local_ref local_id remote_ref remote_id; do
            [ -n "${remote_ref:-}" ] || continue
            is_protected "$remote_ref" || continue
            if [ "$local_id" = "$zero" ]; then continue; fi
            if [ "$remote_id" = "$zero" ]; then policy=$local_id; else policy=$remote_id; fi
            if "$assay" verify "$local_id" --stage "$stage" --policy-from "$policy" --quiet >/dev/null 2>&1; then
                continue
            fi
            echo "assay: $local_ref has no passing verdict for $stage yet; gating it before it leaves for $remote." >&2
            # git reads nothing from a hook's stdout; what the gate says belongs on the terminal.
            if "$assay" gate "$local_id" --to "$stage" --policy-from "$policy" </dev/null >&2; then
                continue
            fi
            echo "assay: $remote_ref of $remote stays as it is: $local_ref did not pass the gate to $stage." >&2
            denied=1
        done
        exit $denied

        """#
}

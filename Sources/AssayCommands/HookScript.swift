import AssayCore

/// The pre-push hook that `assay init --hooks` installs; `hooks/pre-push` is the same file.
///
/// Its second line, `# assay-hook VERSION DIGEST`, holds the SHA-256 of the lines below it, so that any
/// version of Assay can tell whether a hook is as some version wrote it.
enum HookScript {
    /// The digests of whole hooks from before they had that line.
    private static let unmarked: Set<String> = [
        "911d089981935784e34651c5d91818a9782dcf2835d90bb871d2be871ea80f91",
        "a7e20463e5987af8a654de6577be43608f2717fdb734d1d05a472800f2fc1dce",
        "4c163e42ad197b63d7c4071f6a8b98c194f8ef09b77c1ef0e2efc5b18720bd00",
    ]

    /// Whether a hook is as some version of Assay wrote it.
    static func isUnchanged(_ hook: [UInt8]) -> Bool {
        if unmarked.contains(Digest(of: hook).hex) { return true }
        let lines = hook.split(
            separator: UInt8(ascii: "\n"), maxSplits: 2, omittingEmptySubsequences: false)
        guard lines.count == 3 else { return false }
        let mark = String(decoding: lines[1], as: UTF8.self).split(separator: " ")
        return mark.count == 4 && mark[0] == "#" && mark[1] == "assay-hook"
            && mark[3] == Digest(of: Array(lines[2])).hex
    }

    static let prePush = #"""
        #!/bin/sh
        # assay-hook 2 b1ca2b1673adb970ce41b27a433236762a5ccdfe25efcc7acf30e4e0ba993968
        # Assay's pre-push hook: a push to a protected ref leaves only with a passing verdict.
        #
        # Installed by `assay init --hooks`; the digest above is of the lines below it, so that a changed hook
        # is not overwritten. Git's settings decide, `git config`:
        #   assay.protect   patterns of protected refs, such as refs/heads/release/*; several may be set
        #                   (default: refs/heads/main and refs/heads/master)
        #   assay.service   directories of services, from the top of the repository; `assay init` adds its own
        #                   (default: the top)
        #   assay.stage     the stage that a pushed commit must have passed (default: dev)
        # A pushed commit without a passing verdict is gated now. The policy is read from what the remote has:
        # the ref itself, else its other protected branches, else its default branch. Only where none of them
        # has a gate.yaml for the service is the pushed commit's own the first.
        set -u

        remote=$1
        url=$2
        zero=0000000000000000000000000000000000000000

        if ! command -v "${ASSAY:-assay}" >/dev/null 2>&1; then
            echo "assay: the program is not on PATH, so nothing can be verified and nothing is pushed." >&2
            echo "hint: install it, or name it in the variable ASSAY; see the README of Assay." >&2
            exit 1
        fi
        assay=${ASSAY:-assay}

        top=$(git rev-parse --show-toplevel) || exit 1
        stage=$(git config --get assay.stage || echo dev)
        services=$(git config --get-all assay.service || echo .)
        patterns=$(git config --get-all assay.protect || printf 'refs/heads/main\nrefs/heads/master\n')
        set -f
        IFS='
        '

        is_protected() {
            for pattern in $patterns; do
                # shellcheck disable=SC2254
                case "$1" in $pattern) return 0 ;; esac
            done
            return 1
        }

        # What is below reads no more settings.
        say() { echo "assay: $1" >&2; }
        hint() { echo "hint: $1" >&2; }

        is_here() { git cat-file -e "$1^{commit}" 2>/dev/null; }

        # The commits of the remote's protected branches and of its default branch, as it had them last.
        tracked_commits() {
            for pattern in $patterns; do
                for name in $(git for-each-ref --format='%(refname)' "refs/remotes/$remote/"); do
                    branch=${name#"refs/remotes/$remote/"}
                    [ "$branch" != HEAD ] || continue
                    # shellcheck disable=SC2254
                    case "refs/heads/$branch" in $pattern) git rev-parse "$name" ;; esac
                done
            done
            git rev-parse --quiet --verify "refs/remotes/$remote/HEAD" || true
        }

        # The same, asked of a remote that nothing was ever fetched from.
        asked_commits() {
            heads=$(git ls-remote "$url" HEAD 'refs/heads/*') || return 1
            echo "$heads" | while IFS=$(printf '\t') read -r id name; do
                if [ "$name" = HEAD ] || is_protected "$name"; then echo "$id"; fi
            done
        }

        # Lets one service pass, or says why not. local_ref, local_id, remote_ref and sources are set.
        pass() {
            service=$1
            prefix=$service/
            [ "$service" != . ] || prefix=
            if ! git cat-file -e "$local_id:${prefix}assay.yaml" 2>/dev/null; then
                say "$local_ref has no ${prefix}assay.yaml, so the service there cannot be gated."
                hint "run \`assay init\` where the service is; if it is gone: git config --unset assay.service '^$service\$'"
                return 1
            fi
            policy=
            for source in $sources; do
                if git cat-file -e "$source:${prefix}gate.yaml" 2>/dev/null; then
                    policy=$source
                    break
                fi
            done
            if [ -z "$policy" ]; then
                policy=$local_id
                say "$remote has no ${prefix}gate.yaml yet, so the first policy is that of $local_ref itself."
            fi
            if ! cd "$top/$service"; then
                say "the service in $service cannot be gated, since the work tree does not have it now."
                hint "check $local_ref out and push again"
                return 1
            fi
            if "$assay" verify "$local_id" --stage "$stage" --policy-from "$policy" --quiet \
                </dev/null >/dev/null 2>&1; then
                return 0
            fi
            say "$local_ref has no passing verdict for $stage yet; gating it before it leaves for $remote."
            # git reads nothing from a hook's stdout; what the gate says belongs on the terminal.
            if "$assay" gate "$local_id" --to "$stage" --policy-from "$policy" </dev/null >&2; then
                return 0
            fi
            return 1
        }

        denied=0
        while IFS=' ' read -r local_ref local_id remote_ref remote_id; do
            [ -n "${remote_ref:-}" ] || continue
            is_protected "$remote_ref" || continue
            if [ "$local_id" = "$zero" ]; then
                say "$remote_ref of $remote is protected and is not deleted."
                hint "to delete it, take it out of git's assay.protect settings first"
                denied=1
                continue
            fi
            sources=$(tracked_commits)
            if [ "$remote_id" != "$zero" ]; then
                sources="$remote_id
        $sources"
            elif [ -z "$sources" ] && ! sources=$(asked_commits); then
                say "$remote does not tell its branches, so whose policy is in force is not known."
                denied=1
                continue
            fi
            for source in $sources; do
                if ! is_here "$source"; then
                    say "$remote has commit $source, which is not here, so its policy cannot be read."
                    hint "git fetch $remote, and push again"
                    denied=1
                    continue 2
                fi
            done
            for service in $services; do
                if (pass "$service"); then continue; fi
                where=
                [ "$service" = . ] || where=" in $service"
                say "$remote_ref of $remote stays as it is: $local_ref$where did not pass the gate to $stage."
                denied=1
            done
        done
        exit $denied

        """#
}

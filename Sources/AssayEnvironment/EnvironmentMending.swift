/// Commands that make one environment like another.
public enum EnvironmentMending {
    /// The command that gives a fact the value it should have; `nil` where no command can.
    ///
    /// `wanted` is `nil` where the fact should not be there. `package` gives the version that a
    /// package should have, for facts about its files.
    public static func command(
        _ key: String, wanted: String?, package version: (String) -> String?
    ) -> String? {
        let dot = key.firstIndex(of: ".") ?? key.endIndex
        let rest = String(key[dot...].dropFirst())
        switch key[..<dot] {
        case "package":
            guard let wanted else { return "pip uninstall \(rest)" }
            return "pip install '\(rest)==\(wanted)'"
        case "package-record", "package-edited":
            let pinned = version(rest).map { "\(rest)==\($0)" } ?? rest
            return "pip install --force-reinstall --no-deps '\(pinned)'"
        case "variable", "threads", "locale":
            guard let wanted, wanted != "unset" else { return "unset \(rest)" }
            return "export \(rest)=\(quoted(wanted))"
        case "secret": return wanted == "unset" ? "unset \(rest)" : "export \(rest)=…"
        case "hash":
            guard let wanted, wanted != "random" else { return "unset PYTHONHASHSEED" }
            return "export PYTHONHASHSEED=\(quoted(wanted))"
        case "time": return "export TZ=… (its zone is \(wanted ?? "unknown"))"
        case "process":
            return rest == "umask" ? wanted.map { "umask \($0)" } : "export PYTHONUTF8=1"
        case "interpreter":
            return rest == "version" ? wanted.map { "uv python install \($0)" } : nil
        default: return nil
        }
    }

    /// A word for a shell.
    private static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case 48...57, 65...90, 97...122: true
            default: "-_./:@%+=,".utf8.contains(byte)
            }
        }
        return isPlain && !text.isEmpty ? text : "'\(text.replacing("'", with: "'\\''"))'"
    }
}

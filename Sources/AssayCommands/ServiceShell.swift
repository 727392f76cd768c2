import AssayCore
import AssayReplay
import AssaySystem
import Glibc
import SystemPackage

/// The environment that a bundle's service gets, for a person to stand in.
struct ServiceShell {
    let arm: ArmPlan
    let caller: [String: String]

    /// What a shell needs to be one; the service itself gets none of it.
    private static let passed = ["HOME", "TERM", "LANG", "USER", "SHELL"]

    /// The same inside an image, which has places of its own.
    private static let passedInside = ["TERM"]

    /// The variables: those that the bundle declares, the secrets that the caller has, a search path
    /// that its environment leads.
    var variables: [String: String] {
        var variables: [String: String] = [:]
        if let image = arm.image {
            variables = image.variables
            variables["HOME"] = "/tmp"
        }
        let passed = arm.image == nil ? Self.passed : Self.passedInside
        for name in passed { variables[name] = caller[name] }
        for name in arm.secrets { variables[name] = caller[name] }
        for (name, value) in arm.variables { variables[name] = value }
        variables["PATH"] = path
        if let root = arm.environmentRoot { variables["VIRTUAL_ENV"] = root.string }
        return variables
    }

    private var path: String {
        let system = "/usr/local/bin:/usr/bin:/bin"
        if let image = arm.image { return image.variables["PATH"] ?? system }
        return arm.environmentRoot.map { "\($0.appending("bin")):\(system)" } ?? system
    }

    /// Lines for a shell to read; secrets by their names alone.
    ///
    /// Throws `.unsupported` for an image, whose paths mean nothing to a shell outside.
    func lines() throws(AssayError) -> [String] {
        guard arm.image == nil else {
            throw AssayError(
                .unsupported, "the variables of an image hold only inside it",
                hint: "use `--shell`, which starts a shell there, or `--print-env --json`")
        }
        var lines = ["cd \(Self.quoted(arm.directory.string))"]
        var told = arm.variables
        told["PATH"] = path
        if let root = arm.environmentRoot { told["VIRTUAL_ENV"] = root.string }
        for (name, value) in told.sorted(by: { $0.key < $1.key }) {
            lines.append("export \(name)=\(Self.quoted(value))")
        }
        for name in arm.secrets.sorted() {
            lines.append(
                "# \(name) comes from the caller; it is \(caller[name] == nil ? "unset" : "set")")
        }
        let words = arm.command.map { word in
            word == "{python}" ? arm.python?.string ?? "python3" : word
        }
        lines.append("# \(words.map(Self.quoted).joined(separator: " "))")
        return lines
    }

    /// Becomes a shell in the bundle's files, which are read-only. Returns only by throwing.
    func become() throws -> Never {
        var command = [caller["SHELL"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/bin/sh"]
        if let image = arm.image {
            command = try image.arguments(
                bubblewrap: Sandbox.bubblewrap(searchPath: caller["PATH"] ?? "/usr/bin:/bin"),
                command: ["/bin/sh"], mounts: [.init(arm.directory, at: ImageView.bundle)],
                directory: ImageView.bundle, isInteractive: true)
        } else if chdir(arm.directory.string) != 0 {
            throw AssayError(.io, "could not enter \(arm.directory)")
        }
        let given = variables
        let environment = given.keys.sorted().map { "\($0)=\(given[$0] ?? "")" }
        var words = unsafe command.map { unsafe strdup($0) }
        unsafe words.append(nil)
        var settings = unsafe environment.map { unsafe strdup($0) }
        unsafe settings.append(nil)
        unsafe execve(command[0], &words, &settings)
        throw AssayError(.subprocess, "could not start the shell \(command[0])")
    }

    private static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case 48...57, 65...90, 97...122: true
            default: "-_./:@%+=,{}".utf8.contains(byte)
            }
        }
        return isPlain && !text.isEmpty ? text : "'\(text.replacing("'", with: "'\\''"))'"
    }
}

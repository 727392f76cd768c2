import AssayCapture
import AssayCore
import AssayEvidence
import AssaySystem
import SystemPackage

/// Where and how the service of an arm is started; everything but its port.
struct ServiceLaunch: Sendable {
    /// What is served.
    var plan: ArmPlan
    /// What it is kept from, and bubblewrap where that is needed.
    var isolation: Evidence.Isolation
    var bubblewrap: FilePath?
    /// The bounds that it runs in, where there are any.
    var group: ControlGroup?
    /// A directory of its own that it may write to: its home and place for temporary files.
    var home: FilePath
    /// URLs of the stubs, by variable.
    var egress: [String: String]
    /// Our own environment, which secrets are taken from.
    var inherited: [String: String]
    /// What puts secrets into requests, which a service is not to find in its environment.
    var redaction: ReplayRedaction?

    /// The command that serves on a port, with this hash seed where none is declared.
    ///
    /// Throws `.usage` when a secret is not in our environment.
    func command(port: Int, hashSeed: UInt32) throws(AssayError) -> LaunchCommand {
        var words: [String] = []
        for word in plan.command { words.append(try fill(word, port: port)) }
        let environment = try environment(port: port, hashSeed: hashSeed)
        if let image = plan.image {
            return LaunchCommand(
                arguments: try inside(image, words), environment: environment)
        }
        guard isolation == .sandbox, let bubblewrap else {
            // A relative program is looked for from the working directory, which the shell has too.
            return LaunchCommand(
                arguments: group?.joining(words) ?? words, environment: environment,
                directory: plan.directory)
        }
        let sandboxed = Sandbox.serviceArguments(
            bubblewrap: bubblewrap, command: words, directory: plan.directory, visible: visible,
            writable: home)
        return LaunchCommand(
            arguments: group?.joining(sandboxed) ?? sandboxed, environment: environment)
    }

    /// Whether the process that is started is bubblewrap.
    var isWrapped: Bool { bubblewrap != nil && (isolation == .sandbox || plan.image != nil) }

    private func inside(
        _ image: ImageView, _ words: [String]
    ) throws(AssayError) -> [String] {
        guard let bubblewrap else {
            throw AssayError(
                .missingTool, "could not start \(plan.role.rawValue): an image needs bubblewrap",
                hint: "run `apt-get install bubblewrap`")
        }
        return try image.arguments(
            bubblewrap: bubblewrap, command: words,
            mounts: [
                .init(plan.directory, at: ImageView.bundle),
                .init(home, at: ImageView.home, isWritable: true),
            ], directory: ImageView.bundle)
    }

    private var visible: [FilePath] {
        var paths: [FilePath] = []
        if let root = plan.environmentRoot { paths.append(root) }
        return paths
    }

    private func fill(_ word: String, port: Int) throws(AssayError) -> String {
        var parts: [String] = []
        var rest = word[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            parts.append(String(rest[..<open]))
            switch rest[rest.index(after: open)..<close] {
            case "port": parts.append(String(port))
            case "python": parts.append(plan.python?.string ?? "python3")
            default: parts.append(String(rest[open...close]))
            }
            rest = rest[rest.index(after: close)...]
        }
        return parts.joined() + rest
    }

    private func environment(port: Int, hashSeed: UInt32) throws(AssayError) -> [String: String] {
        var variables = places
        variables["PORT"] = String(port)
        variables["PYTHONHASHSEED"] = String(hashSeed)
        variables.merge(plan.variables) { $1 }
        for name in plan.secrets {
            guard let value = inherited[name] else {
                throw AssayError(
                    .usage, "could not start \(plan.role.rawValue): the secret \(name) is not set",
                    hint: "set \(name) in the environment of this command")
            }
            variables[name] = value
        }
        variables.merge(egress) { $1 }
        return variables
    }

    /// The variables that say where things are; in an image those that it sets come first.
    private var places: [String: String] {
        var path = "/usr/local/bin:/usr/bin:/bin"
        if let image = plan.image {
            let usual = [
                "PATH": path, "HOME": ImageView.home.string, "TMPDIR": "/tmp", "LANG": "C.UTF-8",
            ]
            return usual.merging(image.variables) { $1 }.merging(
                ["HOME": ImageView.home.string]
            ) { $1 }
        }
        let withheld = redaction.map { RedactionSecrets.variables(of: $0.rules) } ?? []
        var variables =
            isolation == .none ? inherited.filter { !withheld.contains($0.key) } : [:]
        if let root = plan.environmentRoot { path = "\(root.appending("bin")):\(path)" }
        variables["PATH"] = isolation == .none ? inherited["PATH"] ?? path : path
        variables["HOME"] = home.string
        variables["TMPDIR"] = isolation == .sandbox ? "/tmp" : home.string
        variables["LANG"] = "C.UTF-8"
        return variables
    }
}

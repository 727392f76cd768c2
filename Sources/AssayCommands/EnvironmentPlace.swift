import AssayBundling
import AssayCore
import AssayEnvironment
import AssayStore
import AssaySystem
import SystemPackage

/// An environment that somebody names: `here`, a file that the probe wrote, an image, or a
/// bundle.
struct EnvironmentPlace {
    /// What is known of it.
    let facts: [String: String]
    /// The packages of its lock, if it has one.
    let locked: [String: String]?

    /// How far a probe goes.
    struct Depth {
        /// Hash every file of every package.
        var files = false
        /// Import the numeric libraries to see what they load.
        var loaded = false
    }

    /// Finds and probes it. A bundle's environment is built, an image unpacked, if it is not there
    /// yet.
    ///
    /// `beside` are the facts of the place it is compared with: `here` is asked for the variables
    /// and secrets that stand there, and probed as deep.
    init(
        _ name: String, _ global: GlobalOptions, depth: Depth, beside: [String: String]? = nil
    ) throws {
        if name == "here" {
            facts = try Self.here(depth, beside: beside)
            locked = nil
            return
        }
        let path = FilePath(name)
        if name.contains("/") || name.hasSuffix(".json"), FileSystem.exists(path) {
            facts = try EnvironmentProbe.parse(
                try FileSystem.read(path, limit: 1 << 26), file: name)
            locked = nil
            return
        }
        let output = global.output
        let spec: EnvironmentSpec
        if name.contains("@sha256:") {
            spec = EnvironmentSpec(kind: .image, python: nil, lock: nil, image: name)
        } else {
            let workspace = try global.openWorkspace()
            let store = try workspace.openStore()
            spec = try BundleResolver(workspace: workspace, store: store).resolve(name).bundle
                .environmentSpec(store: store)
        }
        let prepared = try VirtualEnvironment.prepare(spec, cache: Workspace.environmentCache) {
            line in
            if line.hasPrefix("pip:") { output.detail(line) } else { output.note(line) }
        }
        locked = try spec.lock.map { try LockedPackages.ofLock($0, file: spec.lockFile) }
        guard depth.files || depth.loaded else {
            facts = prepared.facts
            return
        }
        facts = try VirtualEnvironment.facts(
            of: prepared, spec: spec, files: depth.files, loaded: depth.loaded)
    }

    /// The facts of this shell and the first Python on its search path.
    private static func here(
        _ depth: Depth, beside: [String: String]?
    ) throws -> [String: String] {
        let caller = ProcessEnvironment.current
        func names(_ prefix: String) -> [String] {
            (beside ?? [:]).keys.filter { $0.hasPrefix(prefix) }
                .map { String($0.dropFirst(prefix.count)) }
        }
        let asked = names("variable.")
        let secrets = names("secret.")
        let given = told(caller).merging(caller.filter { asked.contains($0.key) }) { $1 }
        var found = try EnvironmentProbe.facts(
            python: try PythonInterpreter.named(on: caller), variables: given, secrets: secrets,
            secretsSet: Set(secrets.filter { caller[$0]?.isEmpty == false }),
            files: depth.files || beside?["probe.files"] != nil,
            loaded: depth.loaded || beside?["loaded.numeric-libraries"] != nil)
        if beside != nil {
            for name in given.keys where !asked.contains(name) { found["variable.\(name)"] = nil }
            for name in asked where caller[name] == nil { found["variable.\(name)"] = "unset" }
        } else {
            // The search path differs between any two places, and says nothing of what it leads to.
            found["variable.PATH"] = nil
        }
        return found
    }

    /// The variables of this shell that decide how numbers, texts and times come out; others hold
    /// secrets.
    private static func told(_ variables: [String: String]) -> [String: String] {
        let names: Set<String> = [
            "PATH", "TZ", "LANG", "PYTHONHASHSEED", "LD_LIBRARY_PATH",
            "LD_PRELOAD", "CUDA_VISIBLE_DEVICES", "MKL_CBWR", "OPENBLAS_CORETYPE", "OMP_DYNAMIC",
        ]
        return variables.filter { name, _ in
            names.contains(name) || name.hasPrefix("LC_") || name.hasSuffix("_NUM_THREADS")
        }
    }
}

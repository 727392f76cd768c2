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
    init(_ name: String, _ global: GlobalOptions, depth: Depth) throws {
        if name == "here" {
            let variables = ProcessEnvironment.current
            let python = try PythonInterpreter.named(on: variables)
            var found = try EnvironmentProbe.facts(
                python: python, variables: Self.told(variables), files: depth.files,
                loaded: depth.loaded)
            // The search path differs between any two places, and says nothing of what it leads to.
            found["variable.PATH"] = nil
            facts = found
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

    /// The variables of this shell that decide how numbers, texts and times come out; others hold
    /// secrets.
    private static func told(_ variables: [String: String]) -> [String: String] {
        let names: Set<String> = [
            "PATH", "TZ", "LANG", "PYTHONHASHSEED", "VIRTUAL_ENV", "LD_LIBRARY_PATH",
            "LD_PRELOAD", "CUDA_VISIBLE_DEVICES", "MKL_CBWR", "OPENBLAS_CORETYPE", "OMP_DYNAMIC",
        ]
        return variables.filter { name, _ in
            names.contains(name) || name.hasPrefix("LC_") || name.hasSuffix("_NUM_THREADS")
        }
    }
}

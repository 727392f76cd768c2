public import AssayCore
import AssaySystem
public import SystemPackage

/// Makes environments from their locks, once each, and keeps them in a cache.
///
/// A cache directory holds `<key>/`, the virtual environment at its final place (they cannot be
/// moved), `<key>.lock`, and inside the environment a record that is written last: an
/// environment without it was never finished and is built again.
public enum VirtualEnvironment {
    /// Gives an environment as declared, building it if it is not there yet.
    ///
    /// Building needs an interpreter of the declared version and the package index (or what
    /// pip's own variables name); it takes as long as pip does. One that is there is checked and
    /// given in tenths of a second without any network. Several processes may ask at once: one
    /// builds, the others wait. `inherited` is the caller's environment, of which the tools see
    /// only what `ToolEnvironment` passes; `log` gets lines for people.
    ///
    /// Throws `.environment` (exit 4) if it cannot be built, if what is installed is not what
    /// is locked, or if its files were changed since; `.missingTool` without interpreter.
    public static func prepare(
        _ spec: EnvironmentSpec, cache: FilePath, inherited: [String: String]? = nil,
        patience: Duration = .seconds(1800), log: (String) -> Void = { _ in }
    ) throws(AssayError) -> PreparedEnvironment {
        let variables: [String: String]
        if let inherited {
            variables = inherited
        } else {
            variables = try ToolEnvironment.current()
        }
        switch spec.kind {
        case .venv:
            return try prepareFromLock(
                spec, cache: cache, inherited: variables, patience: patience, log: log)
        case .host: return try describeHost(spec, inherited: variables)
        case .image:
            return try prepareImage(
                spec, cache: cache, inherited: variables, patience: patience, log: log)
        }
    }

    private static func describeHost(
        _ spec: EnvironmentSpec, inherited: [String: String]
    ) throws(AssayError) -> PreparedEnvironment {
        let interpreter: PythonInterpreter
        if let version = spec.python {
            interpreter = try PythonInterpreter.find(version, variables: inherited)
        } else {
            interpreter = try PythonInterpreter.findAny(variables: inherited)
        }
        return PreparedEnvironment(
            kind: .host, root: nil, image: nil, python: interpreter.executable,
            interpreter: interpreter, digest: key(lock: [], interpreter: interpreter),
            facts: try facts(of: interpreter.executable, spec: spec, inherited: inherited),
            wasBuilt: false)
    }

    private static func prepareFromLock(
        _ spec: EnvironmentSpec, cache: FilePath, inherited: [String: String], patience: Duration,
        log: (String) -> Void
    ) throws(AssayError) -> PreparedEnvironment {
        guard let version = spec.python else {
            throw AssayError(.usage, "an environment of kind venv needs `python`, as in \"3.11\"")
        }
        guard let lock = spec.lock else {
            throw AssayError(.usage, "an environment of kind venv needs a lock")
        }
        let installable = try InstallableLock(lock, file: spec.lockFile)
        let interpreter = try PythonInterpreter.find(version, variables: inherited)
        let key = key(lock: lock, interpreter: interpreter)
        try FileSystem.makeDirectory(cache)
        let root = cache.appending(String(key.hex.prefix(32)))
        let held = try acquire(cache.appending("\(key.hex.prefix(32)).lock"), patience, log: log)
        let build = EnvironmentBuild(
            root: root, wheels: cache.appending("wheels"), key: key, lock: installable,
            lockFile: spec.lockFile, interpreter: interpreter, inherited: inherited)
        let known = try build.record()
        let record: EnvironmentRecord
        if let known { record = known } else { record = try build.run(log: log) }
        let facts = try facts(of: build.python, spec: spec, inherited: inherited)
        try record.check(facts, root: root)
        if known != nil { try build.files.check(record) }
        _ = held
        return PreparedEnvironment(
            kind: .venv, root: root, image: nil, python: build.python, interpreter: interpreter,
            digest: key, facts: facts, wasBuilt: known == nil)
    }

    static func acquire(
        _ path: FilePath, _ patience: Duration, log: (String) -> Void
    ) throws(AssayError) -> FileLock {
        do throws(AssayError) {
            return try FileLock.acquire(path, patience: .zero)
        } catch  where error.code == .conflict {
            log("waiting for another process that prepares the same environment")
            return try FileLock.acquire(path, patience: patience)
        }
    }

    private static func facts(
        of python: FilePath, spec: EnvironmentSpec, inherited: [String: String]
    ) throws(AssayError) -> [String: String] {
        let present = spec.secrets.filter { inherited[$0]?.isEmpty == false }
        return try EnvironmentProbe.facts(
            python: python, variables: spec.variables, secrets: spec.secrets,
            secretsSet: Set(present))
    }

    /// Names an environment: the lock's bytes, and the very interpreter it is built on.
    static func key(lock: [UInt8], interpreter: PythonInterpreter) -> Digest {
        let parts: JSONValue = [
            "schema": "assay/venv/v1", "lock": JSONValue(Digest(of: lock)),
            "python": .string(interpreter.version),
            "implementation": .string(interpreter.implementation),
            "executable": .string(interpreter.executable.string),
            "platform": .string(interpreter.platform),
        ]
        return Digest(of: CanonicalJSON.encode(parts))
    }
}

import AssayCore
import AssaySystem
import Glibc
import SystemPackage

/// Builds one virtual environment. The caller holds the environment's lock.
struct EnvironmentBuild {
    let root: FilePath
    /// Where the wheels of all environments are kept, so that they can be built again offline.
    let wheels: FilePath
    let key: Digest
    let lock: InstallableLock
    let lockFile: String
    let interpreter: PythonInterpreter
    let inherited: [String: String]

    var requirements: RequirementsLock { lock.requirements }
    var python: FilePath { root.appending("bin").appending("python") }
    var files: EnvironmentFiles { EnvironmentFiles(root: root) }
    private var lockCopy: FilePath { root.appending("assay-requirements.lock") }

    /// The record of the environment if it was finished; `nil` if there is none, or a damaged one.
    func record() throws(AssayError) -> EnvironmentRecord? {
        guard files.isFinished, FileSystem.exists(python) else { return nil }
        do throws(AssayError) {
            let record = try files.readRecord()
            return record.key == key ? record : nil
        } catch  where error.code == .invalidDocument {
            return nil
        }
    }

    /// Builds the environment anew and gives its record, which is on disk by then.
    func run(log: (String) -> Void) throws(AssayError) -> EnvironmentRecord {
        guard interpreter.makesEnvironments else { throw cannotMakeEnvironments() }
        try FileSystem.removeTree(root)
        log(
            "building an environment of \(requirements.requirements.count) packages for Python \(interpreter.version)"
        )
        do throws(AssayError) {
            try makeEmpty()
            try FileSystem.replace(lockCopy, with: lock.text)
            if !requirements.requirements.isEmpty { try install(log: log) }
            let packages = try compareWithLock()
            try compile()
            // The record must not outlive a crash of the machine that the files did not.
            sync()
            return try files.finish(key: key, packages: packages)
        } catch {
            // A broken environment is worth nothing; the next run would remove it anyway.
            do throws(AssayError) { try FileSystem.removeTree(root) } catch { log("\(error)") }
            throw error
        }
    }

    private func makeEmpty() throws(AssayError) {
        let made = try child([interpreter.executable.string, "-I", "-m", "venv", root.string]).run()
        guard made.status == 0 else {
            let lines = lastLines(made.output + made.errors, 6)
            if lines.contains("ensurepip") { throw cannotMakeEnvironments() }
            throw AssayError(
                .environment,
                "could not make a virtual environment with \(interpreter.executable): \(lines)")
        }
    }

    /// Installs the lock from the wheels that are kept; what is not among them is fetched first.
    private func install(log: (String) -> Void) throws(AssayError) {
        let offline = ["--no-index", "--find-links", wheels.string]
        if FileSystem.exists(wheels) {
            let kept = try pip("install", offline + ["--no-compile"], log: log)
            if kept.status == 0 { return }
            log("pip: not all wheels are kept in \(wheels); fetching")
        }
        try FileSystem.makeDirectory(wheels)
        try finish(try pip("download", ["--dest", wheels.string], log: log))
        try finish(try pip("install", offline + ["--no-compile"], log: log))
    }

    private func pip(
        _ verb: String, _ options: [String], log: (String) -> Void
    ) throws(AssayError) -> ChildProcess.Completion {
        var command = [
            python.string, "-I", "-m", "pip", verb, "--require-hashes", "--only-binary", ":all:",
            "--no-input", "--disable-pip-version-check", "--progress-bar", "off",
        ]
        if lock.isClosed { command.append("--no-deps") }
        command += options + ["--requirement", lockCopy.string]
        return try child(command).run { line in
            log("pip: \(ToolEnvironment.withoutCredentials(line))")
        }
    }

    private func finish(_ done: ChildProcess.Completion) throws(AssayError) {
        guard done.status != 0 else { return }
        let text = lastLines(done.output + done.errors, 12)
        throw AssayError(
            .environment,
            "could not install \(lockFile): pip ended with status \(done.status):\n\(text)",
            hint: hint(for: text))
    }

    private func hint(for text: String) -> String {
        if text.contains("DO NOT MATCH THE HASHES") {
            return
                "the index serves another file than the lock names: find out why, then compile the lock again"
        }
        if text.contains("--require-hashes mode") {
            return
                "the lock leaves a dependency out: compile it again with `uv pip compile --generate-hashes`"
        }
        if text.contains("No matching distribution") {
            return
                "only wheels are installed: is there one for Python \(interpreter.version) on \(interpreter.platform)?"
        }
        return
            "check PIP_INDEX_URL and the network, or put the wheels into a directory and name it in PIP_FIND_LINKS"
    }

    /// Asks the new environment whether it holds what the lock says; gives names and versions.
    private func compareWithLock() throws(AssayError) -> [String: String] {
        let wanted = JSONValue.array(
            requirements.requirements.map { requirement in
                .object(present: [
                    "name": .string(requirement.name), "version": .string(requirement.version),
                    "marker": requirement.marker.map(JSONValue.string),
                ])
            })
        let question = root.appending("assay-requirements.json")
        try FileSystem.replace(question, with: CanonicalJSON.encode(wanted))
        let asked = try child([python.string, "-I", "-c", Self.comparison, question.string]).run()
        guard asked.status == 0 else {
            throw AssayError(
                .environment,
                "could not compare \(root) with \(lockFile): \(lastLines(asked.errors, 4))")
        }
        let name = "the comparison of \(root)"
        let answer = JSONReader(try JSONParser.parse(asked.output, file: name), document: name)
        let faults = try answer["faults"].strings()
        guard faults.isEmpty else {
            throw AssayError(
                .environment,
                "what pip installed is not what \(lockFile) locks: \(faults.joined(separator: "; "))",
                hint: "compile the lock again with `uv pip compile --generate-hashes`")
        }
        return try answer["packages"].stringMap()
    }

    /// Compiles all modules, so that arms start fast where nothing can be written.
    ///
    /// Files that are not for this Python (some packages ship such tests) fail and are left alone,
    /// as pip does.
    private func compile() throws(AssayError) {
        let places = root.appending("lib")
        _ = try child([python.string, "-I", "-m", "compileall", "-q", "-j", "0", places.string])
            .run()
    }

    private func child(_ command: [String]) -> ChildProcess {
        ChildProcess(
            command: command, environment: ToolEnvironment.forTools(inherited),
            timeout: .seconds(1800))
    }

    private func lastLines(_ bytes: [UInt8], _ count: Int) -> String {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").suffix(count)
        return lines.map { ToolEnvironment.withoutCredentials(String($0)) }.joined(separator: "\n")
    }

    private func cannotMakeEnvironments() -> AssayError {
        let version = interpreter.version.split(separator: ".").prefix(2).joined(separator: ".")
        return AssayError(
            .missingTool,
            "could not make a virtual environment: \(interpreter.executable) has no ensurepip",
            hint: "install it, on Debian with `apt-get install python\(version)-venv`")
    }

    /// Markers and versions have grammars of their own (PEP 440, PEP 508); pip brings the code.
    private static let comparison = """
        import json, re, sys
        from importlib.metadata import distributions
        from pip._vendor.packaging.markers import Marker
        from pip._vendor.packaging.version import Version
        installed = {}
        for distribution in distributions():
            name = distribution.metadata["Name"]
            if name:
                installed.setdefault(re.sub("[-_.]+", "-", name).lower(), distribution.version)
        packages, faults = {}, []
        for wanted in json.load(open(sys.argv[1])):
            name, version = wanted["name"], wanted["version"]
            if "marker" in wanted and not Marker(wanted["marker"]).evaluate({"extra": ""}):
                continue
            found = installed.get(name)
            if found is None:
                faults.append(name + " " + version + " is not installed")
            elif Version(found) != Version(version):
                faults.append(name + " is " + found + ", locked is " + version)
            else:
                packages[name] = found
        json.dump({"packages": packages, "faults": faults}, sys.stdout)
        """
}

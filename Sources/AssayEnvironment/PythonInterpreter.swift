public import AssayCore
import AssaySystem
import Glibc
public import SystemPackage

/// A Python interpreter of this machine, as it describes itself.
public struct PythonInterpreter: Hashable, Sendable {
    /// The interpreter itself: not a shim, and not the link inside a virtual environment.
    public let executable: FilePath
    /// Its full version, as `3.11.7`.
    public let version: String
    /// `CPython`, `PyPy` and so on.
    public let implementation: String
    /// The directory its standard library lives beneath; a sandbox must show it to the service.
    public let prefix: FilePath
    /// The platform its wheels are built for, as `linux-x86_64`.
    public let platform: String
    /// Whether it can make virtual environments with pip in them.
    public let makesEnvironments: Bool

    /// Finds the interpreter of a version on a search path.
    ///
    /// `python3.11` is tried before `python3` and `python`, each in the order of the path; what
    /// counts is the version that the program itself reports. Costs one start of each candidate.
    /// Throws `.missingTool` if there is none.
    public static func find(
        _ version: PythonVersion, variables: [String: String]
    ) throws(AssayError) -> PythonInterpreter {
        let path = variables["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        let names = ["python\(version.major).\(version.minor)", "python\(version.major)", "python"]
        var seen: Set<String> = []
        var others: [String] = []
        for name in names {
            for directory in path.split(separator: ":") where directory.hasPrefix("/") {
                let candidate = FilePath(String(directory)).appending(name)
                guard access(candidate.string, X_OK) == 0, seen.insert(candidate.string).inserted,
                    let found = identify(candidate, variables: variables)
                else { continue }
                if version.admits(found.version) { return found }
                others.append("\(candidate) is \(found.version)")
            }
        }
        let found = others.isEmpty ? "no Python answers there" : others.joined(separator: ", ")
        throw AssayError(
            .missingTool, "could not find Python \(version) on PATH: \(found)",
            hint:
                "install it, for example with `apt-get install python\(version.major).\(version.minor)-venv`"
        )
    }

    /// Finds the first Python 3 on the search path, whatever its minor version.
    static func findAny(variables: [String: String]) throws(AssayError) -> PythonInterpreter {
        let path = variables["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        for directory in path.split(separator: ":") where directory.hasPrefix("/") {
            let candidate = FilePath(String(directory)).appending("python3")
            guard access(candidate.string, X_OK) == 0,
                let found = identify(candidate, variables: variables)
            else { continue }
            return found
        }
        throw AssayError(
            .missingTool, "could not find python3 on PATH",
            hint: "install it, for example with `apt-get install python3`")
    }

    /// The first `python3`, or `python`, on the search path, as a shell would start it: inside an
    /// active virtual environment that one's own. Throws `.missingTool` if there is none.
    public static func named(on variables: [String: String]) throws(AssayError) -> FilePath {
        let path = variables["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        for name in ["python3", "python"] {
            for directory in path.split(separator: ":") where directory.hasPrefix("/") {
                let candidate = FilePath(String(directory)).appending(name)
                if access(candidate.string, X_OK) == 0 { return candidate }
            }
        }
        throw AssayError(
            .missingTool, "could not find python3 on PATH",
            hint: "install it, for example with `apt-get install python3`")
    }

    /// Asks a program whether it is a Python, and which; `nil` if it does not answer as one.
    static func identify(
        _ executable: FilePath, variables: [String: String]
    ) -> PythonInterpreter? {
        identify(
            executable, question: ["-c", script],
            environment: ToolEnvironment.forTools(variables)
        ) { $0 }
    }

    /// The first Python 3 on the search path of an image; `nil` if it has none.
    static func find(in entry: ImageEntry) throws(AssayError) -> PythonInterpreter? {
        // What bubblewrap needs of the image is listed once; a fault in that is no missing Python.
        let words = try entry.command([])
        return ["python3", "python"].lazy.compactMap { name in
            identify(
                FilePath(name), question: ["-c", script], environment: entry.variables([:])
            ) { words + $0 }
        }.first { $0.version.hasPrefix("3.") }
    }

    private static func identify(
        _ executable: FilePath, question: [String], environment: [String: String],
        wrapping: ([String]) -> [String]
    ) -> PythonInterpreter? {
        let question = ChildProcess(
            command: wrapping([executable.string] + question), environment: environment,
            timeout: .seconds(30), outputLimit: 1 << 16)
        do throws(AssayError) {
            let answer = try question.run()
            guard answer.status == 0 else { return nil }
            let document = JSONReader(
                try JSONParser.parse(answer.output, file: executable.string),
                document: "the answer of \(executable)")
            return PythonInterpreter(
                executable: FilePath(try document["executable"].string()),
                version: try document["version"].string(),
                implementation: try document["implementation"].string(),
                prefix: FilePath(try document["prefix"].string()),
                platform: try document["platform"].string(),
                makesEnvironments: try document["venv"].bool())
        } catch {
            // A shim without its version, a script of that name: not a candidate.
            return nil
        }
    }

    /// Runs under every Python since 2.7, so that an old `python` is told apart and not an error.
    private static let script = """
        import json, platform, sys, sysconfig
        try:
            import ensurepip, venv
            able = True
        except ImportError:
            able = False
        print(json.dumps({
            "executable": getattr(sys, "_base_executable", sys.executable),
            "version": platform.python_version(),
            "implementation": platform.python_implementation(),
            "prefix": getattr(sys, "base_prefix", sys.prefix),
            "platform": sysconfig.get_platform() + "-" + "".join(platform.libc_ver()),
            "venv": able,
        }))
        """
}

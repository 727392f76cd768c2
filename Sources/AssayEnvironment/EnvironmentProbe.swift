public import AssayCore
import AssaySystem
public import SystemPackage

/// Finds out what an environment really is.
public enum EnvironmentProbe {
    /// The facts of the environment a Python runs in, here, as name and value.
    ///
    /// Names are `interpreter.version`, `package.<name>`, `package-record.<name>` (a digest of
    /// what the package's files are), `variable.<NAME>`, `secret.<NAME>` (`set` or `unset`, never
    /// the value), `machine.arch`, `libc.version`, `os.name` and so on.
    ///
    /// `variables` is the whole environment the probe runs with besides `PATH`: give it what the
    /// service would get. `files` also hashes every file of every package against its RECORD, which
    /// takes as long as reading them; `package-edited.<name>` names those that differ. `loaded` also imports the numeric libraries to see what they load, which
    /// takes seconds; without it the call takes tenths of a second. Throws `.environment` if the
    /// interpreter cannot run the probe.
    public static func facts(
        python: FilePath, variables: [String: String], secrets: [String] = [],
        secretsSet: Set<String> = [], files: Bool = false, loaded: Bool = false
    ) throws(AssayError) -> [String: String] {
        try facts(
            python: python, inside: nil, imageDigest: nil, variables: variables, secrets: secrets,
            secretsSet: secretsSet, files: files, loaded: loaded)
    }

    /// The same inside an image, of which its digest is a fact too.
    static func facts(
        python: FilePath, inside image: ImageEntry?, imageDigest: String?,
        variables: [String: String], secrets: [String], secretsSet: Set<String>, files: Bool,
        loaded: Bool
    ) throws(AssayError) -> [String: String] {
        var command = [python.string, "-c", script]
        if let imageDigest { command += ["--image", imageDigest] }
        for name in variables.keys.sorted() { command += ["--variable", name] }
        for name in secrets.sorted() { command += ["--secret", name] }
        if files { command.append("--files") }
        if loaded { command.append("--loaded") }
        var environment = image?.variables(variables) ?? variables
        if environment["PATH"] == nil { environment["PATH"] = "/usr/local/bin:/usr/bin:/bin" }
        for name in secrets where secretsSet.contains(name) { environment[name] = "set" }
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        let probe = ChildProcess(
            command: try image?.command(command) ?? command, environment: environment,
            timeout: .seconds(300))
        let answer = try probe.run()
        guard answer.status == 0 else {
            let lines = String(decoding: answer.errors, as: UTF8.self).split(separator: "\n")
            throw AssayError(
                .environment,
                "could not probe \(python): it ended with status \(answer.status): \(lines.last ?? "")"
            )
        }
        return try parse(answer.output, file: "the probe of \(python)")
    }

    /// Reads facts as the script prints them, for example those of a production machine.
    public static func parse(
        _ bytes: [UInt8], file: String
    ) throws(AssayError) -> [String: String] {
        try JSONReader(try JSONParser.parse(bytes, file: file), document: file).stringMap()
    }
}

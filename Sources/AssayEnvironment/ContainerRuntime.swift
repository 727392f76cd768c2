import AssayCore
import AssaySystem
import Glibc
import SystemPackage

/// A program that fetches container images: podman or docker, whose commands are the same here.
struct ContainerRuntime {
    /// The program.
    let program: FilePath
    /// What of the caller's environment it sees.
    let environment: [String: String]

    var name: String { program.lastComponent?.string ?? program.string }

    /// Those on the search path, podman first: it needs no daemon.
    static func installed(_ variables: [String: String]) -> [ContainerRuntime] {
        let environment = ToolEnvironment.forRuntimes(variables)
        let places = (environment["PATH"] ?? "").split(separator: ":").filter {
            $0.hasPrefix("/")
        }
        return ["podman", "docker"].compactMap { name in
            places.lazy.map { FilePath(String($0)).appending(name) }
                .first { access($0.string, X_OK) == 0 }
                .map { ContainerRuntime(program: $0, environment: environment) }
        }
    }

    /// Writes the files of an image as one tar, fetching the image if it is not there, and gives the
    /// assignments of variables that it makes.
    ///
    /// A container is made of it and never started. Throws `.environment` with the program's own
    /// last words if it fails.
    func export(
        _ image: String, to file: FilePath, log: (String) -> Void
    ) throws(AssayError) -> [String] {
        let question = ["image", "inspect", "--format", "{{json .Config.Env}}", image]
        var answer = try run(question)
        if answer.status != 0 {
            log("fetching the image \(image) with \(name)")
            try check(try run(["pull", image]), "pull")
            answer = try run(question)
            try check(answer, "image inspect")
        }
        // Never started, so that the command need not exist; an image may have none of its own.
        let made = try run(["create", "--network", "none", image, "/assay"])
        try check(made, "create")
        let lines = String(decoding: made.output, as: UTF8.self).split(separator: "\n")
        guard let container = lines.last.map(String.init) else {
            throw AssayError(.environment, "\(name) create gave no container")
        }
        let written: Result<ChildProcess.Completion, AssayError>
        do throws(AssayError) {
            written = .success(try run(["export", "--output", file.string, container]))
        } catch {
            written = .failure(error)
        }
        let removed = try run(["rm", "--force", container])
        try check(try written.get(), "export")
        try check(removed, "rm")
        let document = "what \(name) says of \(image)"
        let config = JSONReader(
            try JSONParser.parse(answer.output, file: document), document: document)
        return try config.ifPresent?.strings() ?? []
    }

    private func run(_ words: [String]) throws(AssayError) -> ChildProcess.Completion {
        try ChildProcess(
            command: [program.string] + words, environment: environment, timeout: .seconds(3600)
        ).run()
    }

    private func check(_ done: ChildProcess.Completion, _ verb: String) throws(AssayError) {
        guard done.status != 0 else { return }
        let lines = String(decoding: done.output + done.errors, as: UTF8.self)
            .split(separator: "\n").suffix(3).map { ToolEnvironment.withoutCredentials(String($0)) }
        throw AssayError(
            .environment,
            "\(name) \(verb) ended with status \(done.status): \(lines.joined(separator: "; "))")
    }
}

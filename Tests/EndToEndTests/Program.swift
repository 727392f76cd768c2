import AssayCore
import AssaySystem
import Glibc
import Subprocess
import SystemPackage
import Testing

/// Runs programs as a person at a terminal would, the built `assay` above all.
enum Program {
    /// How a program ended and what it printed.
    struct Outcome: Sendable {
        let status: Int32
        let output: String
        let errors: String
    }

    /// The `assay` that was built with these tests.
    static let assay: FilePath = {
        var path = FilePath(CommandLine.arguments[0])
        while path.lastComponent != nil {
            path.removeLastComponent()
            let candidate = path.appending("assay")
            if let status = try? FileSystem.status(of: candidate), status.kind == .file {
                return candidate
            }
        }
        return FilePath("assay")
    }()

    /// Runs `assay` in a directory.
    static func assay(
        _ arguments: String..., in directory: FilePath, variables: [String: String] = [:]
    ) async throws -> Outcome {
        try await run(.path(assay), arguments, in: directory, variables: variables)
    }

    /// Runs `git` in a directory with an identity and a configuration of the tests' own.
    @discardableResult
    static func git(_ arguments: String..., in directory: FilePath) async throws -> Outcome {
        let outcome = try await run(.name("git"), arguments, in: directory)
        try #require(outcome.status == 0, "git \(arguments): \(outcome.errors)")
        return outcome
    }

    /// Runs any program.
    static func run(
        _ program: Executable, _ arguments: [String], in directory: FilePath,
        variables: [String: String] = [:]
    ) async throws -> Outcome {
        var changes: [Subprocess.Environment.Key: String?] = [
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.com",
            "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.com",
            "ASSAY": assay.string, "NO_COLOR": "1", "ASSAY_STORE": nil,
        ]
        for (name, value) in variables { changes[.init(stringLiteral: name)] = value }
        let result = try await Subprocess.run(
            program, arguments: Arguments(arguments), environment: .inherit.updating(changes),
            workingDirectory: directory, output: .string(limit: 64 << 20),
            error: .string(limit: 64 << 20))
        let status: Int32 =
            switch result.terminationStatus {
            case .exited(let code): Int32(code)
            case .signaled(let signal): 128 + Int32(signal)
            }
        return Outcome(
            status: status, output: result.standardOutput, errors: result.standardError)
    }
}

import ArgumentParser
import AssayBundling
import AssayCapture
import AssayCore
import AssayGit
import AssayStore
import AssaySystem
import Subprocess
import SystemPackage

/// `assay doctor`: says what this machine lacks and the command that installs it.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what is missing on this machine and how to install it.",
        discussion: """
            Looks at the programs that building environments and sandboxed replays need, tries the
            sandbox, and looks at the repository, its hook and its store. Ends with 0 when all that
            is needed is there, with 4 when something is missing.

            Example:
              assay doctor --json
            """)

    @OptionGroup var global: GlobalOptions

    /// One thing that was looked at.
    struct Finding {
        enum State: String { case good = "ok", missing, optional }
        let name: String
        let state: State
        let detail: String
        let remedy: String?
    }

    func run() async throws {
        let output = global.output
        let directory = try global.workingDirectory
        var findings = await Self.programs()
        findings.append(await Self.sandbox())
        findings += try await Self.repository(at: directory, options: global)
        if output.isJSON {
            output.result(Self.document(findings))
        } else {
            Self.show(findings, on: output)
        }
        if findings.contains(where: { $0.state == .missing }) {
            throw ExitStatus.unevaluated.asError
        }
    }

    private static func programs() async -> [Finding] {
        let needed:
            [(program: String, arguments: [String], why: String, install: String, must: Bool)] = [
                ("git", ["--version"], "the hook runs inside it", "apt-get install git", true),
                (
                    "python3",
                    ["-c", "import ensurepip, venv, sys; print(sys.version.split()[0])"],
                    "environments of Python services are built with its venv and ensurepip",
                    "apt-get install python3 python3-venv", true
                ),
                (
                    "bwrap", ["--version"], "arms of a replay run in its sandbox",
                    "apt-get install bubblewrap", true
                ),
                (
                    "podman", ["--version"], "fetches images, for environments of `kind: image`",
                    "apt-get install podman", false
                ),
                (
                    "skopeo", ["--version"], "copies bundles out of the store to other places",
                    "apt-get install skopeo", false
                ),
            ]
        var findings: [Finding] = []
        for item in needed {
            let text = await firstLine(of: item.program, item.arguments)
            findings.append(
                Finding(
                    name: item.program,
                    state: text != nil ? .good : item.must ? .missing : .optional,
                    detail: text ?? item.why, remedy: text == nil ? item.install : nil))
        }
        return findings
    }

    /// Tries what a replay will do: a network namespace inside which another sandbox runs.
    private static func sandbox() async -> Finding {
        let inner = [
            "--unshare-pid", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "true",
        ]
        let arguments =
            ["--unshare-net", "--bind", "/", "/", "--dev-bind", "/dev", "/dev", "bwrap"] + inner
        if await firstLine(of: "bwrap", arguments, emptyIsFine: true) != nil {
            return Finding(
                name: "sandbox", state: .good, detail: "namespaces can be made", remedy: nil)
        }
        return Finding(
            name: "sandbox", state: .missing,
            detail: "bubblewrap could not make nested namespaces here",
            remedy: "sysctl kernel.unprivileged_userns_clone=1, or replay with --isolation process")
    }

    /// Captures with exchanges that are older than assay.yaml wants them.
    private static func retention(in workspace: Workspace) throws -> [Finding] {
        guard let days = try workspace.definition().capture.retentionDays else { return [] }
        let limit = (Workspace.now() - Int64(days) * 86_400) * 1_000_000_000
        let old = try Capture.list(store: workspace.openStore()).filter {
            try $0.capture.hasExchange(before: limit)
        }.map(\.name).sorted()
        return [
            Finding(
                name: "retention", state: old.isEmpty ? .good : .optional,
                detail: old.isEmpty
                    ? "no exchange is older than \(days) days"
                    : "older than \(days) days: exchanges of \(old.joined(separator: ", "))",
                remedy: old.isEmpty ? nil : "assay capture purge")
        ]
    }

    private static func repository(
        at directory: FilePath, options: GlobalOptions
    ) async throws -> [Finding] {
        let workspace: Workspace
        do {
            workspace = try Workspace.open(options, from: directory)
        } catch let error as AssayError {
            return [
                Finding(
                    name: "service", state: .optional, detail: error.message, remedy: error.hint)
            ]
        }
        var findings = [
            Finding(
                name: "service", state: .good,
                detail: "\(workspace.serviceDirectory.appending("assay.yaml"))", remedy: nil)
        ]
        let hook = try workspace.repository.hooksDirectory.appending("pre-push")
        let installed = FileSystem.exists(hook)
        findings.append(
            Finding(
                name: "hook", state: installed ? .good : .optional,
                detail: installed ? "\(hook)" : "pushes are not gated",
                remedy: installed ? nil : "assay init --hooks"))
        let branch = try DefaultBranch(unprotectedIn: workspace.repository)
        let patterns = try ProtectedReferences(workspace.repository).patterns
        findings.append(
            Finding(
                name: "protection", state: branch == nil ? .good : .optional,
                detail: branch?.sentence ?? patterns.joined(separator: ", "),
                remedy: branch?.command))
        let hasStore = FileSystem.exists(workspace.storePath.appending("oci-layout"))
        findings.append(
            Finding(
                name: "store", state: hasStore ? .good : .optional,
                detail: hasStore ? "\(workspace.storePath)" : "there is no store yet",
                remedy: hasStore ? nil : "assay init"))
        guard hasStore else { return findings }
        do {
            findings += try retention(in: workspace)
        } catch let error as AssayError {
            findings.append(
                Finding(
                    name: "retention", state: .optional, detail: error.message,
                    remedy: error.hint))
        }
        return findings
    }

    /// The first line that a program prints; `nil` if it cannot be run or fails.
    static func firstLine(
        of program: String, _ arguments: [String], emptyIsFine: Bool = false
    ) async -> String? {
        // Why a program cannot be run does not matter here: it is missing.
        let result = try? await Subprocess.run(
            .name(program), arguments: Arguments(arguments), output: .string(limit: 65536),
            error: .discarded)
        guard let result, result.terminationStatus.isSuccess else { return nil }
        let text = result.standardOutput
        guard let line = text.split(separator: "\n").first else { return emptyIsFine ? "" : nil }
        return String(line)
    }

    private static func document(_ findings: [Finding]) -> JSONValue {
        let list = findings.map { finding in
            JSONValue.object(present: [
                "name": JSONValue(finding.name), "state": JSONValue(finding.state.rawValue),
                "detail": JSONValue(finding.detail), "remedy": finding.remedy.map { JSONValue($0) },
            ])
        }
        return ["schema": "assay/doctor/v1", "findings": .array(list)]
    }

    private static func show(_ findings: [Finding], on output: Output) {
        let width = findings.map(\.name.count).max() ?? 0
        for finding in findings {
            let mark =
                switch finding.state {
                case .good: "✓"
                case .missing: "✗"
                case .optional: "–"
                }
            let name = finding.name.padding(to: width)
            output.result("\(mark) \(name)  \(finding.detail)")
            if let remedy = finding.remedy {
                output.result("  \("".padding(to: width))  \(remedy)")
            }
        }
        let missing = findings.filter { $0.state == .missing }.map(\.name)
        output.result(
            missing.isEmpty
                ? "everything that is needed is here"
                : "missing: \(missing.joined(separator: ", "))")
    }
}

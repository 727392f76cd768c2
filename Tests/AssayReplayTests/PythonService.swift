import AssayCore
import AssayReplay
import AssaySystem
import Foundation
import SystemPackage

/// The service of these tests, and where things are on this machine.
enum PythonService {
    static let directory = FilePath(#filePath).removingLastComponent().appending("Services")

    /// The interpreter itself: a shim of a version manager would need the environment that the
    /// service does not get.
    static let python: FilePath = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", "import sys; print(sys.executable)"]
        let pipe = Pipe()
        process.standardOutput = pipe
        do { try process.run() } catch { return "/usr/bin/python3" }
        let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return FilePath(String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .newlines))
    }()

    /// A plan of an arm that serves it.
    static func arm(
        _ role: ArmPlan.Role = .candidate, bundle: String? = nil,
        ready: ArmPlan.Readiness = .http(path: "/healthz"),
        timeout: Duration = .seconds(20), variables: [String: String] = [:],
        egress: [ArmPlan.Egress] = [], options: [String] = []
    ) -> ArmPlan {
        ArmPlan(
            role: role,
            bundle: Digest(of: (bundle ?? (role == .candidate ? "candidate" : "baseline")).utf8),
            directory: directory, command: ["{python}", "service.py", "{port}"] + options,
            python: python, variables: variables, ready: ready, readyTimeout: timeout,
            egress: egress, facts: ["interpreter.implementation": "CPython"])
    }

    /// Waits until no process has the text in its command line; gives those that are left after a minute.
    /// What a namespace held ends after its first process, by the kernel.
    static func leftovers(containing text: String) async throws -> [String] {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let found = try processes(containing: text)
            if found.isEmpty || .now > deadline { return found }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// The ids of processes whose command line contains a text.
    static func processes(containing text: String) throws -> [String] {
        try FileSystem.names(in: "/proc").filter { name in
            guard Int(name) != nil,
                let bytes = try? FileSystem.read(FilePath("/proc/\(name)/cmdline"), limit: 1 << 20)
            else { return false }
            return String(decoding: bytes, as: UTF8.self).contains(text)
        }
    }
}

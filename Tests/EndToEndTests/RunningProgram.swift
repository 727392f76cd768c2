import AssayCore
import Foundation
import Glibc
import SystemPackage

/// A program that runs beside a test, which reads what it says line by line.
///
/// Reading blocks the thread; every program of the tests says what it is asked for or ends.
final class RunningProgram {
    private let process = Process()
    private let pipe = Pipe()
    private var pending: [UInt8] = []
    /// Everything that it said so far.
    private(set) var said = ""

    /// Starts a program; stdout and stderr are read as one.
    init(
        _ program: String, _ arguments: [String], in directory: FilePath,
        variables: [String: String] = [:]
    ) throws {
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory.string)
        var environment = ProcessInfo.processInfo.environment
        for (name, value) in variables { environment[name] = value }
        environment["ASSAY_STORE"] = nil
        process.environment = environment
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
    }

    /// The next line that holds a text; `nil` if it ends before it says one.
    func line(containing text: String) -> String? {
        while let line = nextLine() {
            if line.contains(text) { return line }
        }
        return nil
    }

    /// Sends the signal of ^C, and gives the exit code once it has ended.
    func interrupt() -> Int32 {
        process.interrupt()
        return end()
    }

    /// Ends it at once.
    func stop() {
        // A program started from a thread of the tests has most signals blocked.
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        _ = end()
    }

    private func end() -> Int32 {
        while nextLine() != nil {}
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// The next line; `nil` if it ends before it says one.
    func nextLine() -> String? {
        while true {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: pending[..<end], as: UTF8.self)
                pending.removeSubrange(...end)
                said += line + "\n"
                return line
            }
            let bytes = pipe.fileHandleForReading.availableData
            if bytes.isEmpty { return nil }
            pending += bytes
        }
    }
}

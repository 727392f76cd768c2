import AssayCore
import AssaySystem
import CLinux
import Glibc
import SystemPackage

/// One of the two output streams of a process: our end of its pipe, and where the bytes go.
///
/// Used by one thread only.
final class OutputStream {
    let reader: Int32
    private(set) var writer: Int32
    /// Whether somebody may still write to the pipe.
    private(set) var isOpen = true
    private var log: OutputLog?
    private let pass: (@Sendable (String) -> Void)?
    private var line: [UInt8] = []
    private var failed = false

    private init(
        log: consuming OutputLog?, pass: (@Sendable (String) -> Void)?
    ) throws(AssayError) {
        var ends: [Int32] = [-1, -1]
        guard unsafe assay_pipe(&ends) == 0 else {
            throw FileSystem.systemError("could not make a pipe", number: errno)
        }
        reader = ends[0]
        writer = ends[1]
        _ = fcntl(reader, F_SETFL, O_NONBLOCK)
        self.log = log
        self.pass = pass
    }

    deinit {
        close(reader)
        closeWriter()
    }

    /// Makes the streams of stdout and stderr; `nil` when the process takes ours.
    static func make(_ output: ServiceProcess.Output) throws(AssayError) -> [OutputStream]? {
        switch output {
        case .inherited: return nil
        case .lines(let pass):
            return [
                try OutputStream(log: nil, pass: pass), try OutputStream(log: nil, pass: pass),
            ]
        case .logs(let directory, let prefix):
            var streams: [OutputStream] = []
            for name in ["stdout", "stderr"] {
                let log = try OutputLog(at: directory.appending("\(prefix).\(name).log"))
                streams.append(try OutputStream(log: log, pass: nil))
            }
            return streams
        }
    }

    /// Closes the end that the process writes to, once it has a copy of its own.
    func closeWriter() {
        if writer >= 0 { close(writer) }
        writer = -1
    }

    /// The next bytes in the pipe; `nil` when there are none now.
    func read(_ buffer: inout [UInt8]) -> ArraySlice<UInt8>? {
        let size = buffer.count
        let count = unsafe buffer.withUnsafeMutableBytes { bytes in
            unsafe Glibc.read(reader, bytes.baseAddress, size)
        }
        if count == 0 { isOpen = false }
        return count > 0 ? buffer[..<count] : nil
    }

    /// Takes bytes to where they go; gives the first fault of the log, after which the output is
    /// still drained, so that the process never blocks on it.
    func append(_ bytes: ArraySlice<UInt8>, announce: (String) -> Void) -> AssayError? {
        guard log == nil || failed else {
            do throws(AssayError) {
                try log?.append(bytes, announce: announce)
                return nil
            } catch {
                failed = true
                return error
            }
        }
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                let text = String(decoding: line, as: UTF8.self)
                pass?(text)
                announce(text)
                line.removeAll(keepingCapacity: true)
            } else if line.count < OutputLog.lineLimit {
                line.append(byte)
            }
        }
        return nil
    }

    /// The last lines that went to the log.
    func lastLines(_ count: Int) -> [String] {
        log?.lastLines(count) ?? []
    }

    /// Completes the log; gives what went wrong.
    func finish() -> AssayError? {
        if log == nil, !line.isEmpty { pass?(String(decoding: line, as: UTF8.self)) }
        do throws(AssayError) {
            try log?.close()
            return nil
        } catch {
            return error
        }
    }
}

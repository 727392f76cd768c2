import AssayCore
import AssayReports
import Glibc

/// Where words for people and results for scripts go.
///
/// Results go to stdout, progress and logs to stderr. Nothing else in the project writes to either.
struct Output: Sendable {
    /// Whether results are JSON documents.
    let isJSON: Bool
    /// Whether progress is kept to itself.
    let isQuiet: Bool
    /// Whether details are told.
    let isVerbose: Bool
    /// Whether the terminal shows colour; colour never carries meaning alone.
    let colour: Bool

    /// How reports are laid out here.
    var style: TextStyle {
        var size = winsize()
        let isTerminal = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0
        let width = isTerminal && size.ws_col > 0 ? Int(size.ws_col) : 120
        return TextStyle(width: width, isColored: colour && isTerminal)
    }

    /// Writes one line of a result to stdout.
    func result(_ line: String) {
        write(line + "\n", to: STDOUT_FILENO)
    }

    /// Writes a JSON result to stdout, one document a line.
    func result(_ document: JSONValue) {
        result(String(decoding: CanonicalJSON.encode(document), as: UTF8.self))
    }

    /// Writes raw bytes to stdout.
    func bytes(_ bytes: [UInt8]) {
        write(bytes, to: STDOUT_FILENO)
    }

    /// Tells what is being done, unless asked to be quiet.
    func note(_ line: String) {
        if !isQuiet { write(line + "\n", to: STDERR_FILENO) }
    }

    /// Tells a detail, when asked to be verbose.
    func detail(_ line: String) {
        if isVerbose { note(line) }
    }

    /// Writes a warning to stderr, even when quiet.
    func warning(_ line: String) {
        write("\(bold("warning:")) \(line)\n", to: STDERR_FILENO)
    }

    /// Shows how far something is; with `rewriting` on the line where the last progress stands.
    func progress(_ text: String, rewriting: Bool) {
        write(rewriting ? "\r\u{1b}[K\(text)" : text + "\n", to: STDERR_FILENO)
    }

    /// Writes a message that is already worded whole to stderr.
    func complaint(_ message: String) {
        write(message + "\n", to: STDERR_FILENO)
    }

    /// Writes an error and its hint to stderr.
    func failure(_ error: AssayError) {
        write("\(red("error:")) \(error)\n", to: STDERR_FILENO)
        if let hint = error.hint { write("\(bold("hint:")) \(hint)\n", to: STDERR_FILENO) }
    }

    private func red(_ text: String) -> String { colour ? "\u{1b}[1;31m\(text)\u{1b}[0m" : text }
    private func bold(_ text: String) -> String { colour ? "\u{1b}[1m\(text)\u{1b}[0m" : text }

    private func write(_ text: String, to descriptor: Int32) {
        write(Array(text.utf8), to: descriptor)
    }

    /// Writes everything; a closed pipe ends the process quietly, as other tools do.
    private func write(_ bytes: [UInt8], to descriptor: Int32) {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(
                    descriptor, buffer.baseAddress?.advanced(by: done), bytes.count - done)
            }
            if count < 0 {
                if errno == EINTR { continue }
                return
            }
            done += count
        }
    }
}

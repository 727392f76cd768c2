public import AssayCore

/// A lock: requirements in pip's format, each with one exact version and the hashes of its files.
///
/// The format is pip's requirements file as pip-compile and uv write it: continuation lines,
/// comments, extras, environment markers. What would make it less than a lock is refused: a
/// requirement without hash or exact version, files it includes, editable and direct references.
public struct RequirementsLock: Hashable, Sendable {
    /// One package.
    public struct Requirement: Hashable, Sendable {
        /// The normalised name.
        public let name: String
        /// The extras asked for, normalised and sorted.
        public let extras: [String]
        /// The exact version.
        public let version: String
        /// The environment marker, as `python_version < "3.12"`.
        public let marker: String?
        /// The hashes of the files that may be installed, as `sha256:…`, sorted.
        public let hashes: [String]
        /// The line it begins on, from 1.
        public let line: Int
    }

    /// The packages, in the order of the file.
    public let requirements: [Requirement]

    /// Reads a lock. `file` names it in errors, which carry the line.
    public static func parse(_ bytes: [UInt8], file: String) throws(AssayError) -> RequirementsLock
    {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw AssayError(.invalidDocument, "\(file) is not UTF-8 text")
        }
        var requirements: [Requirement] = []
        var seen: [String: [Requirement]] = [:]
        for line in logicalLines(text) {
            let place = SourceLocation(file: file, line: line.number, column: 1)
            if line.text.hasPrefix("-") {
                try allow(option: line.text, at: place)
                continue
            }
            let requirement = try requirement(line.text, at: place)
            let earlier = seen[requirement.name, default: []]
            if let first = earlier.first(where: { $0.marker == nil || requirement.marker == nil }) {
                throw AssayError(
                    .invalidDocument,
                    "\(requirement.name) is locked twice, on line \(first.line) too", at: place)
            }
            seen[requirement.name] = earlier + [requirement]
            requirements.append(requirement)
        }
        return RequirementsLock(requirements: requirements)
    }

    /// Joins continued lines and takes comments out, as pip does.
    static func logicalLines(_ text: String) -> [(number: Int, text: String)] {
        var lines: [(number: Int, text: String)] = []
        var pending: [Substring] = []
        var start: Int?
        var number = 0
        func end() {
            if !pending.isEmpty {
                lines.append((start ?? number, pending.joined(separator: " ")))
            }
            pending = []
            start = nil
        }
        for line in physicalLines(text) {
            number += 1
            let bare = withoutComment(line)
            let isComment = bare.isEmpty && !line.allSatisfy(\.isWhitespace)
            let continues = !isComment && bare.utf8.last == UInt8(ascii: "\\")
            let part = trimmed(continues ? bare.dropLast() : bare)
            if start == nil { start = number }
            if !part.isEmpty { pending.append(part) }
            if !continues { end() }
        }
        end()
        return lines
    }

    /// The lines of a text; a lock is mostly ASCII, in which they are found without a look at what
    /// each character is.
    private static func physicalLines(_ text: String) -> [Substring] {
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else {
            return text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        }
        var lines: [Substring] = []
        var start = text.startIndex
        var before: UInt8 = 0
        for index in text.utf8.indices {
            let byte = text.utf8[index]
            defer { before = byte }
            guard (0x0A...0x0D).contains(byte) else { continue }
            let next = text.utf8.index(after: index)
            // CR LF ends one line.
            if byte != 0x0A || before != 0x0D { lines.append(text[start..<index]) }
            start = next
        }
        lines.append(text[start...])
        return lines
    }

    /// The words of a text between white space.
    static func words(_ text: String) -> [Substring] {
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else {
            return text.split(whereSeparator: \.isWhitespace)
        }
        return text.utf8.split { $0 == 0x20 || (0x09...0x0D).contains($0) }.map { Substring($0) }
    }

    /// A comment begins with `#` at the start of a line or after white space.
    private static func withoutComment(_ line: Substring) -> Substring {
        guard line.utf8.contains(UInt8(ascii: "#")) else { return trimmed(line) }
        var before: Character = " "
        for index in line.indices {
            if line[index] == "#", before.isWhitespace { return trimmed(line[..<index]) }
            before = line[index]
        }
        return trimmed(line)
    }

    static func trimmed(_ text: some StringProtocol) -> Substring {
        var rest = Substring(text)
        while let first = rest.first, isBlank(first) { rest.removeFirst() }
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return rest
    }

    private static func isBlank(_ character: Character) -> Bool {
        guard let byte = character.asciiValue else { return character.isWhitespace }
        return byte == 0x20 || (0x09...0x0D).contains(byte)
    }
}

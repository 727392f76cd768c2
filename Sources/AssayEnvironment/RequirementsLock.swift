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
        var pending: (number: Int, text: String)?
        var number = 0
        let physical = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for line in physical {
            number += 1
            let bare = withoutComment(line)
            let isComment = bare.isEmpty && !line.allSatisfy(\.isWhitespace)
            let continues = !isComment && bare.hasSuffix("\\")
            let part = trimmed(continues ? bare.dropLast() : bare)
            let joined = (pending?.number ?? number, trimmed("\(pending?.text ?? "") \(part)"))
            if continues {
                pending = (joined.0, String(joined.1))
            } else {
                if !joined.1.isEmpty { lines.append((joined.0, String(joined.1))) }
                pending = nil
            }
        }
        if let pending, !pending.text.isEmpty { lines.append(pending) }
        return lines
    }

    /// A comment begins with `#` at the start of a line or after white space.
    private static func withoutComment(_ line: Substring) -> Substring {
        var before: Character = " "
        for index in line.indices {
            if line[index] == "#", before.isWhitespace { return trimmed(line[..<index]) }
            before = line[index]
        }
        return trimmed(line)
    }

    static func trimmed(_ text: some StringProtocol) -> Substring {
        var rest = Substring(text)
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }
}

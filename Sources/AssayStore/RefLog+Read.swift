import AssayCore
import AssaySystem
import CLinux
import SystemPackage

extension RefLog {
    /// One change of a ref.
    struct Change: Hashable {
        let ref: String
        let old: Digest?, new: Digest?
        let sequence: Int

        /// What the ref is after the change; `nil` if it was deleted.
        var value: Ref? { new.map { Ref(digest: $0, sequence: sequence) } }

        /// Whether a ref of this value may be changed in this way.
        func isPossible(after value: Ref?) -> Bool {
            guard let value else { return old == nil }
            return old == value.digest && value.sequence == (new == nil ? sequence : sequence - 1)
        }
    }

    /// The changes of a log as far as its chain is whole.
    struct Content {
        var changes: [Change] = []
        /// Why the rest was not read.
        var fault: AssayError?
        /// Whether a last line is cut short, as a crash leaves it.
        var isTorn = false

        /// The last change of each name.
        var last: [String: Change] {
            Dictionary(changes.map { ($0.ref, $0) }, uniquingKeysWith: { $1 })
        }
    }

    /// Reads the log and holds its chain; none there reads as an empty one.
    func read() throws(AssayError) -> Content {
        guard FileSystem.exists(path) else { return Content() }
        return Self.parse(try FileSystem.read(path), name: path.string)
    }

    /// Reads the bytes of a log up to the first line that does not belong to the chain.
    static func parse(_ bytes: [UInt8], name: String) -> Content {
        var content = Content()
        var rest = bytes[...]
        var previous: Digest?
        var number = 0
        while !rest.isEmpty {
            number += 1
            guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
                content.isTorn = true
                break
            }
            let line = Array(rest[..<end])
            do throws(AssayError) {
                content.changes.append(
                    try change(line, previous: previous, name: "line \(number) of \(name)"))
            } catch {
                content.fault = error
                break
            }
            previous = Digest(of: line)
            rest = rest[(end + 1)...]
        }
        return content
    }

    private static func change(
        _ line: [UInt8], previous: Digest?, name: String
    ) throws(AssayError) -> Change {
        let root = JSONReader(try JSONParser.parse(line, file: name), document: name)
        try root.allow(only: ["ref", "old", "new", "previous", "sequence"])
        let ref = try root["ref"].string()
        try RefName.check(ref)
        guard try root["previous"].ifPresent?.digest() == previous else {
            throw AssayError(.damaged, "\(name) does not follow from the line before it")
        }
        return Change(
            ref: ref, old: try root["old"].ifPresent?.digest(),
            new: try root["new"].ifPresent?.digest(), sequence: try root["sequence"].integer())
    }

    /// The sequence that a name had last, also one that was deleted since; 0 of one that never was.
    ///
    /// Costs a search through the log, and a reading of it if the name was there once.
    func lastSequence(of ref: String) throws(AssayError) -> Int {
        guard FileSystem.exists(path) else { return 0 }
        let bytes = try FileSystem.read(path)
        // Names need no escapes.
        let needle = Array("\"ref\":\"\(ref)\"".utf8)
        let place = unsafe bytes.withUnsafeBytes { bytes in
            unsafe needle.withUnsafeBytes { needle in
                unsafe assay_find(
                    bytes.baseAddress, bytes.count, needle.baseAddress, needle.count)
            }
        }
        guard place >= 0 else { return 0 }
        return Self.parse(bytes, name: path.string).last[ref]?.sequence ?? 0
    }
}

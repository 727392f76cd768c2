import AssayCore
import AssaySystem
import Glibc
import SystemPackage

extension RefLog {
    /// One change of a ref.
    struct Change: Hashable {
        let ref: String
        let old: Digest?, new: Digest?
    }

    /// The changes of a log as far as its chain is whole.
    struct Content {
        var changes: [Change] = []
        /// Why the rest was not read.
        var fault: AssayError?
        /// Whether a last line is cut short, as a crash leaves it.
        var isTorn = false

        /// The last value of each name, `nil` for one that was deleted, and how often it was set.
        var last: [String: (new: Digest?, count: Int)] {
            var found: [String: (new: Digest?, count: Int)] = [:]
            for change in changes {
                let count = found[change.ref]?.count ?? 0
                found[change.ref] = (change.new, count + (change.new == nil ? 0 : 1))
            }
            return found
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
        try root.allow(only: ["ref", "old", "new", "previous"])
        let ref = try root["ref"].string()
        try RefName.check(ref)
        guard try root["previous"].ifPresent?.digest() == previous else {
            throw AssayError(.damaged, "\(name) does not follow from the line before it")
        }
        return Change(
            ref: ref, old: try root["old"].ifPresent?.digest(),
            new: try root["new"].ifPresent?.digest())
    }

    /// How often a name was set so far, deleted or not. Costs a search through the log.
    func count(of ref: String) throws(AssayError) -> Int {
        guard FileSystem.exists(path) else { return 0 }
        let bytes = try FileSystem.read(path)
        // Names need no escapes, and the members of a line are sorted: `new` first, `ref` last.
        let begin = Array("{\"new\":".utf8)
        let end = Array("\"ref\":\"\(ref)\"}".utf8)
        var count = 0
        unsafe bytes.withUnsafeBytes { bytes in
            var rest = unsafe bytes[...]
            while let base = unsafe rest.baseAddress,
                let feed = unsafe memchr(base, Int32(UInt8(ascii: "\n")), rest.count)
            {
                let length = unsafe UnsafeRawPointer(feed) - base
                let line = unsafe rest.prefix(length)
                if length >= end.count, unsafe line.suffix(end.count).elementsEqual(end),
                    unsafe line.starts(with: begin)
                {
                    count += 1
                }
                unsafe rest = unsafe rest.dropFirst(length + 1)
            }
        }
        return count
    }
}

extension Slice<UnsafeRawBufferPointer> {
    /// Where the bytes begin in memory; `nil` of none.
    fileprivate var baseAddress: UnsafeRawPointer? {
        isEmpty ? nil : unsafe base.baseAddress.map { unsafe $0 + startIndex }
    }
}

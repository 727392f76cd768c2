import AssayCore

/// The map of an artifact: which file lies where. Its first layer, as canonical JSON.
struct FileMap: Hashable {
    /// The files, sorted by the bytes of their paths.
    var files: [FileEntry]

    static let schema = "assay/map/v1"

    /// The canonical JSON, written directly: a map may list a hundred thousand files.
    var bytes: [UInt8] {
        var bytes = Array(#"{"files":["#.utf8)
        for (index, file) in files.enumerated() {
            bytes += (index == 0 ? #"{"digest":"sha256:"# : #",{"digest":"sha256:"#).utf8
            bytes += file.digest.hex.utf8
            bytes += #"","extents":["#.utf8
            for (index, extent) in file.extents.enumerated() {
                bytes += (index == 0 ? #"["sha256:"# : #",["sha256:"#).utf8
                bytes += extent.segment.hex.utf8
                bytes += "\",\(extent.offset),\(extent.length)]".utf8
            }
            bytes += #"],"mode":""#.utf8
            bytes += file.mode.octal.utf8
            bytes += #"","path":"#.utf8
            CanonicalJSON.appendString(file.path, to: &bytes)
            bytes += ",\"size\":\(file.size)}".utf8
        }
        bytes += "],\"schema\":\"\(Self.schema)\"}".utf8
        return bytes
    }

    init(files: [FileEntry]) {
        self.files = files
    }

    /// Reads a map and checks that its extents add up and lie inside `segments`.
    init(parsing bytes: [UInt8], name: String, segments: [Digest: Int]) throws(AssayError) {
        let root = JSONReader(try JSONParser.parse(bytes, file: name), document: name)
        try root.allow(only: ["schema", "files"])
        guard try root["schema"].string() == Self.schema else {
            throw AssayError(
                .unsupported, "\(name) is a map of a schema this version does not know")
        }
        files = []
        for element in try root["files"].elements() {
            let file = try Self.file(element)
            if let last = files.last, !last.path.utf8.lexicographicallyPrecedes(file.path.utf8) {
                throw AssayError(
                    .damaged, "\(name): file \(file.path) stands twice or out of order")
            }
            try Self.check(file, segments: segments, name: name)
            files.append(file)
        }
    }

    private static func file(_ reader: JSONReader) throws(AssayError) -> FileEntry {
        try reader.allow(only: ["path", "mode", "size", "digest", "extents"])
        guard let mode = FileMode(octal: try reader["mode"].string()) else {
            throw reader["mode"].mismatch("100644, 100755 or 120000")
        }
        let path = try reader["path"].string()
        guard isSafe(path) else {
            throw reader["path"].mismatch("a relative path without . and ..")
        }
        var extents: [Extent] = []
        for element in try reader["extents"].elements() {
            let parts = try element.elements()
            guard parts.count == 3 else { throw element.mismatch("segment, offset and length") }
            extents.append(
                Extent(
                    segment: try parts[0].digest(), offset: try parts[1].integer(),
                    length: try parts[2].integer()))
        }
        return FileEntry(
            path: path, mode: mode, size: try reader["size"].integer(),
            digest: try reader["digest"].digest(), extents: extents)
    }

    private static func check(
        _ file: FileEntry, segments: [Digest: Int], name: String
    ) throws(AssayError) {
        var total = 0
        for extent in file.extents {
            guard let size = segments[extent.segment], extent.offset >= 0, extent.length > 0,
                extent.length <= size, extent.offset <= size - extent.length
            else {
                throw AssayError(.damaged, "\(name): file \(file.path) lies outside its segment")
            }
            let (sum, overflow) = total.addingReportingOverflow(extent.length)
            guard !overflow else {
                throw AssayError(
                    .damaged, "\(name): file \(file.path) has more bytes than a file can have")
            }
            total = sum
        }
        guard total == file.size else {
            throw AssayError(
                .damaged,
                "\(name): file \(file.path) has \(file.size) bytes and extents of \(total)")
        }
    }

    /// Whether a path stays inside the directory it is relative to.
    static func isSafe(_ path: String) -> Bool {
        guard !path.isEmpty, path.utf8.count <= 4096, !path.utf8.contains(0) else { return false }
        return path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { name in
            !name.isEmpty && name != "." && name != ".." && name.utf8.count <= 255
                && name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        }
    }
}

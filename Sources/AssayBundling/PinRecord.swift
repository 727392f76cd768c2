import AssayCore
public import AssayStore
import SystemPackage

/// What was pinned from a directory, as the store knows it, so that tracked content stays in the
/// store before a bundle holds it.
///
/// A document `{"schema":"assay/pins/v1","pins":[[digest, size],…]}` named by the ref
/// `pins/<first 16 hex of the SHA-256 of the directory's path>`. It only grows: an older commit may
/// still want an older pin.
public enum PinRecord {
    static let schema = "assay/pins/v1"

    /// Reads the links of the document for walks through the store.
    public static let links: (schema: String, body: LinkReader.Body) = (
        schema,
        { (root) throws(AssayError) in
            DocumentLinks(
                try pins(root).sorted { $0.key < $1.key }.map { .init($0.key, size: $0.value) })
        }
    )

    /// Adds pins to those of a directory. Blobs of the pins have to be in the store.
    static func add(
        _ pins: [Digest: Int], of directory: FilePath, store: Store
    ) throws(AssayError) {
        let key = Digest(of: Array(directory.string.utf8)).hex.prefix(16)
        let name = "pins/\(key)"
        while true {
            let known = try store.ref(name)
            var all: [Digest: Int] = [:]
            if let known {
                let document = "the pins \(known.digest)"
                let bytes = try store.read(known.digest)
                all = try self.pins(
                    JSONReader(try JSONParser.parse(bytes, file: document), document: document))
            }
            let merged = all.merging(pins.filter { $0.value > 0 }) { $1 }
            guard merged != all else { return }
            let list = merged.sorted { $0.key < $1.key }.map { pin -> JSONValue in
                [JSONValue(pin.key), JSONValue(pin.value)]
            }
            let blob = try store.put(
                CanonicalJSON.encode(["schema": .string(schema), "pins": .array(list)]))
            do throws(AssayError) {
                try store.setRef(name, to: blob, expecting: known.map { .exactly($0) } ?? .absent)
                return
            } catch  where error.code == .conflict {
                continue
            }
        }
    }

    private static func pins(_ root: JSONReader) throws(AssayError) -> [Digest: Int] {
        guard try root["schema"].string() == schema else {
            throw AssayError(
                .unsupported, "\(root.document) is of a schema this version does not know",
                hint: "use a newer assay")
        }
        var found: [Digest: Int] = [:]
        for element in try root["pins"].elements() {
            let parts = try element.elements()
            guard parts.count == 2 else { throw element.mismatch("a digest and a size") }
            found[try parts[0].digest()] = try parts[1].integer()
        }
        return found
    }
}

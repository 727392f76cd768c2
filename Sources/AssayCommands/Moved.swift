import AssayCore
import AssayRegistry

/// What `assay push` or `assay pull` did with one thing: a sentence for people, a document for scripts.
struct Moved: Sendable {
    /// The thing, such as `capture core`.
    let object: String
    /// What became of it, as one line.
    let text: String
    private let action: String
    private let report: TransferReport?

    static let schema = "assay/transfer/v1"

    /// Tells a transfer of blobs; `words` are put behind it.
    init(_ object: String, _ action: String, _ report: TransferReport, _ words: String = "") {
        let mounted = report.mounted > 0 ? ", \(report.mounted) mounted" : ""
        text =
            report.moved == 0
            ? "\(object): everything was there already\(mounted)\(words)"
            : "\(object): \(action) \(report.moved) of \(report.blobs) blobs, "
                + "\(ByteCount(report.bytes))\(mounted)\(words)"
        self.object = object
        self.action = report.moved == 0 ? "present" : action
        self.report = report
    }

    /// Tells what moved no blobs.
    init(_ object: String, _ text: String, action: String = "present") {
        self.object = object
        self.text = text
        self.action = action
        report = nil
    }

    /// The same as a document.
    var document: JSONValue {
        .object(present: [
            "schema": JSONValue(Self.schema), "object": JSONValue(object),
            "action": JSONValue(action), "message": JSONValue(text),
            "blobs": report.map { JSONValue($0.blobs) },
            "present": report.map { JSONValue($0.present) },
            "mounted": report.map { JSONValue($0.mounted) },
            "moved": report.map { JSONValue($0.moved) },
            "bytes": report.map { JSONValue($0.bytes) },
        ])
    }
}

extension Output {
    /// Tells what moved, at once: what comes after it may fail.
    func tell(_ moved: Moved) {
        if isJSON { result(moved.document) } else { result(moved.text) }
    }
}

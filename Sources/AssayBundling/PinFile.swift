public import AssayCore

/// `assay.lock`: which data and weights a commit means that git does not hold.
///
/// A line for each file, sorted by path, so that two people who track different files seldom
/// conflict, and a change of one file is one line of a diff.
public struct PinFile: Hashable, Sendable {
    /// The pins by path, relative to the directory of the file.
    public private(set) var pins: [String: Pin]

    /// The name of the file.
    public static let fileName = "assay.lock"
    /// How many bytes a lock may have: some 400,000 pins.
    public static let maximumBytes = 1 << 26
    /// The schema this version reads and writes.
    public static let schema = "assay/lock/v1"

    /// What one path means.
    public struct Pin: Hashable, Sendable {
        /// The plain sha256 of the file's bytes.
        public let digest: Digest
        /// The size in bytes.
        public let size: Int
        /// Which part of the service it is.
        public let kind: Kind

        /// Makes a pin.
        public init(digest: Digest, size: Int, kind: Kind) {
            self.digest = digest
            self.size = size
            self.kind = kind
        }
    }

    /// Which part of a service a pinned file is.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case data, features, weights
        /// None that `assay.yaml` names yet.
        case file
    }

    /// Makes a file of these pins.
    public init(pins: [String: Pin] = [:]) {
        self.pins = pins
    }

    /// The paths, in the order of the file.
    public var paths: [String] { pins.keys.sorted(by: RelativePath.precedes) }

    /// The pin of a path.
    public subscript(path: String) -> Pin? {
        get { pins[path] }
        set { pins[path] = newValue }
    }

    /// The paths that are `path` itself or lie beneath it.
    public func paths(within path: String) -> [String] {
        paths.filter { RelativePath.isWithin($0, path) }
    }

    /// The canonical text: equal pins give equal bytes.
    public var bytes: [UInt8] {
        var text = Array(
            "# Written by `assay track`; commit it with the code.\nschema: \(Self.schema)\n".utf8)
        text += (pins.isEmpty ? "pins: []\n" : "pins:\n").utf8
        for path in paths {
            guard let pin = pins[path] else { continue }
            text += "  - {path: ".utf8
            CanonicalJSON.appendString(path, to: &text)
            text +=
                ", kind: \(pin.kind.rawValue), size: \(pin.size), digest: \"\(pin.digest)\"}\n".utf8
        }
        return text
    }
}

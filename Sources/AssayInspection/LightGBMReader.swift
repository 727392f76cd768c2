import AssayCore
import AssaySystem
import SystemPackage

/// Reads the text form of LightGBM (`Booster.save_model`), one line at a time.
///
/// The header is `tree`, `version=v4` and further `name=value` lines up to the first `Tree=0`; each
/// tree has such lines too; `parameters:` is followed by lines like `[learning_rate: 0.1]`.
struct LightGBMReader {
    private var ensemble = TreeEnsemble(format: "LightGBM text", facts: [:], trees: [])
    private var isInTree = false
    private var isInParameters = false
    private var structure: UInt64 = 0
    private var leaves: [Double] = []

    /// The model; `nil` if the file does not begin as one.
    static func read(_ path: FilePath) throws(AssayError) -> TreeEnsemble? {
        guard try OpenFile.reading(path).readStart(13) == Array("tree\nversion=".utf8) else {
            return nil
        }
        var lines = try LineStream(path)
        var reader = LightGBMReader()
        var isWhole = false
        while let line = try lines.next() {
            if line == Array("end of trees".utf8) { isWhole = true }
            try reader.take(line, path)
        }
        reader.endTree()
        // A model that was cut short would otherwise look like one with fewer trees.
        guard isWhole || reader.ensemble.trees.isEmpty || !reader.hasTreeSizes else {
            throw AssayError(.damaged, "\(path) is cut short: its trees have no end")
        }
        return reader.ensemble
    }

    private var hasTreeSizes: Bool { ensemble.facts["tree_sizes"] != nil }

    private mutating func take(_ line: [UInt8], _ path: FilePath) throws(AssayError) {
        if line.starts(with: "Tree=".utf8) {
            endTree()
            isInTree = true
        } else if line == Array("end of trees".utf8) {
            endTree()
        } else if line == Array("parameters:".utf8) {
            isInParameters = true
        } else if isInParameters {
            parameter(String(decoding: line, as: UTF8.self))
        } else if let mark = line.firstIndex(of: UInt8(ascii: "=")) {
            let name = String(decoding: line[..<mark], as: UTF8.self)
            let value = line[(mark + 1)...]
            if isInTree {
                try tree(name, value, path)
            } else if ensemble.trees.isEmpty {
                ensemble.facts[name] = String(decoding: value, as: UTF8.self)
            }
        }
    }

    private mutating func tree(
        _ name: String, _ value: ArraySlice<UInt8>, _ path: FilePath
    ) throws(AssayError) {
        switch name {
        case "leaf_value":
            for word in value.split(separator: 0x20) {
                guard let leaf = Double(String(decoding: word, as: UTF8.self)) else {
                    throw AssayError(
                        .damaged,
                        "tree \(ensemble.trees.count) of \(path) has a leaf that is no number")
                }
                leaves.append(leaf)
            }
        case "num_leaves", "split_feature", "threshold", "decision_type", "left_child",
            "right_child", "cat_boundaries", "cat_threshold", "is_linear", "leaf_coeff",
            "leaf_features":
            let hash = unsafe value.withUnsafeBytes { unsafe ByteHash.hash($0) }
            structure = ByteHash.mix(structure &* 31 &+ hash)
        default: break
        }
    }

    private mutating func endTree() {
        guard isInTree else { return }
        ensemble.trees.append(.init(structure: structure, leaves: leaves))
        isInTree = false
        structure = 0
        leaves = []
    }

    /// `[name: value]`.
    private mutating func parameter(_ line: String) {
        guard line.hasPrefix("["), line.hasSuffix("]"), let mark = line.firstIndex(of: ":") else {
            return
        }
        let name = line[line.index(after: line.startIndex)..<mark]
        let value = line[line.index(after: mark)...].dropLast().drop { $0 == " " }
        ensemble.facts["parameter \(name)"] = String(value)
    }
}

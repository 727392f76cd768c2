import AssayCore
import AssaySystem
import SystemPackage

/// Reads models of XGBoost: its JSON form (`Booster.save_model("m.json")`) and its text dump.
enum XGBoostReader {
    /// Larger documents would not fit into memory as values.
    private static let maximumDocument = 256 << 20

    /// The model of a JSON file; `nil` if it is another kind of document, or too large to say.
    ///
    /// Format: https://github.com/dmlc/xgboost/blob/master/doc/model.schema
    static func readJSON(_ path: FilePath) throws(AssayError) -> TreeEnsemble? {
        guard let status = try FileSystem.status(of: path), status.size <= maximumDocument else {
            return nil
        }
        let start = try OpenFile.reading(path).readStart(4096)
        guard start.first == UInt8(ascii: "{"),
            String(decoding: start, as: UTF8.self).contains("\"learner\"")
        else { return nil }
        let name = path.string
        let root = JSONReader(
            try JSONParser.parse(try FileSystem.read(path), file: name), document: name)
        let booster = root["learner"]["gradient_booster"]
        let model =
            booster["model"].isPresent ? booster["model"] : booster["gbtree"]["model"]
        guard model["trees"].isPresent else { return nil }
        var facts: [String: String] = [:]
        collect(root["version"].value, "version", into: &facts)
        collect(root["learner"]["attributes"].value, "attribute", into: &facts)
        collect(root["learner"]["learner_model_param"].value, "parameter", into: &facts)
        collect(root["learner"]["objective"].value, "objective", into: &facts)
        collect(root["learner"]["feature_names"].value, "feature", into: &facts)
        collect(booster["name"].value, "booster", into: &facts)
        collect(booster["weight_drop"].value, "weight_drop", into: &facts)
        var trees: [TreeEnsemble.Tree] = []
        for tree in try model["trees"].elements() { trees.append(try self.tree(tree)) }
        return TreeEnsemble(format: "XGBoost JSON", facts: facts, trees: trees)
    }

    private static func tree(_ tree: JSONReader) throws(AssayError) -> TreeEnsemble.Tree {
        let left = try tree["left_children"].elements()
        let values = try tree["split_conditions"].elements()
        let features = try tree["split_indices"].elements()
        guard left.count == values.count, left.count == features.count else {
            throw tree.mismatch("a tree with as many conditions as nodes")
        }
        var leaves: [Double] = []
        var structure: [JSONValue] = [
            tree["right_children"].value ?? .null, tree["default_left"].value ?? .null,
            tree["categories"].value ?? .null, tree["split_type"].value ?? .null,
        ]
        for (index, child) in left.enumerated() {
            let child = try child.integer()
            structure.append(JSONValue(child))
            if child == -1 {
                leaves.append(try values[index].double())
            } else {
                structure.append(JSONValue(try features[index].integer()))
                structure.append(.double(try values[index].double()))
            }
        }
        let bytes = CanonicalJSON.encode(.array(structure))
        return .init(
            structure: unsafe bytes.withUnsafeBytes { unsafe ByteHash.hash($0) }, leaves: leaves)
    }

    private static func collect(
        _ value: JSONValue?, _ name: String, into facts: inout [String: String]
    ) {
        switch value {
        case nil, .null?: break
        case .object(let members)?:
            for (key, member) in members { collect(member, "\(name) \(key)", into: &facts) }
        case .string(let text)?: facts[name] = text
        case let other?:
            facts[name] = String(decoding: CanonicalJSON.encode(other), as: UTF8.self)
        }
    }

    /// The model of a text dump (`Booster.dump_model`); `nil` if the file does not begin as one.
    static func readText(_ path: FilePath) throws(AssayError) -> TreeEnsemble? {
        guard try OpenFile.reading(path).readStart(10) == Array("booster[0]".utf8) else {
            return nil
        }
        var lines = try LineStream(path)
        _ = try lines.next()
        var trees: [TreeEnsemble.Tree] = []
        var structure: UInt64 = 0
        var leaves: [Double] = []
        let mark = Array(":leaf=".utf8)
        while let line = try lines.next() {
            if line.starts(with: "booster[".utf8) {
                trees.append(.init(structure: structure, leaves: leaves))
                (structure, leaves) = (0, [])
                continue
            }
            let text = String(decoding: line, as: UTF8.self)
            if let place = text.firstRange(of: String(decoding: mark, as: UTF8.self)) {
                let value = text[place.upperBound...].prefix { $0 != "," }
                guard let leaf = Double(value) else {
                    throw AssayError(.damaged, "\(path) has a leaf that is no number: \(value)")
                }
                leaves.append(leaf)
            } else {
                let hash = unsafe line.withUnsafeBytes { unsafe ByteHash.hash($0) }
                structure = ByteHash.mix(structure &* 31 &+ hash)
            }
        }
        trees.append(.init(structure: structure, leaves: leaves))
        return TreeEnsemble(format: "XGBoost text", facts: [:], trees: trees)
    }
}

extension OpenFile {
    /// The first bytes of a file, fewer if it is shorter.
    func readStart(_ count: Int) throws(AssayError) -> [UInt8] {
        try read(count: min(count, try status().size), at: 0)
    }
}

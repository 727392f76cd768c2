import AssayCore
import Yams

/// One place in a configuration file, read strictly: by name and type, each fault with its line
/// and column.
struct DefinitionNode {
    private let node: Node
    private let file: String

    private init(_ node: Node, file: String) {
        self.node = node
        self.file = file
    }

    /// Reads a whole document: one, in UTF-8, without keys that stand twice.
    static func parse(_ bytes: [UInt8], file: String) throws(AssayError) -> DefinitionNode {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw AssayError(.invalidDocument, "\(file) is not UTF-8 text")
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            let (problem, mark) = describe(error)
            throw AssayError(
                .invalidDocument, problem,
                at: SourceLocation(file: file, line: mark?.line ?? 1, column: mark?.column ?? 1))
        } catch {
            throw AssayError(.invalidDocument, "could not read \(file)", cause: error)
        }
        guard let root else {
            throw AssayError(
                .invalidDocument, "the file is empty",
                at: SourceLocation(file: file, line: 1, column: 1))
        }
        return DefinitionNode(root, file: file)
    }

    private static func describe(_ error: YamlError) -> (String, Mark?) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return (problem, mark)
        case .duplicatedKeysInMapping(let names, let context):
            return ("\(names.joined(separator: ", ")) stands here twice", context.mark)
        default: return ("this is not YAML: \(error)", nil)
        }
    }

    private var location: SourceLocation {
        SourceLocation(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }

    /// An error at this place.
    func fault(_ message: String, hint: String? = nil) -> AssayError {
        AssayError(.invalidDocument, message, hint: hint, at: location)
    }

    /// An error about a name that is none of those known.
    func fault(unknown name: String, among known: [String]) -> AssayError {
        let meant = Suggestion.nearest(to: name, among: known)
        return fault(
            "`\(name)` is not known here",
            hint: meant.map { "did you mean `\($0)`?" }
                ?? "known are \(known.joined(separator: ", "))")
    }
}

extension DefinitionNode {
    /// The members of a map of which each is one of those known.
    struct Fields {
        let node: DefinitionNode
        fileprivate let members: [String: DefinitionNode]

        /// The member, if it is there and not null.
        subscript(name: String) -> DefinitionNode? { members[name] }

        /// The member, which must be there.
        func required(_ name: String) throws(AssayError) -> DefinitionNode {
            guard let member = members[name] else { throw node.fault("`\(name)` is missing") }
            return member
        }
    }

    /// The map here, every key of it one of `known`.
    func fields(_ known: [String]) throws(AssayError) -> Fields {
        var members: [String: DefinitionNode] = [:]
        for (key, name, value) in try pairs() {
            guard known.contains(name) else { throw key.fault(unknown: name, among: known) }
            if !value.isNull { members[name] = value }
        }
        return Fields(node: self, members: members)
    }

    /// The map here, whatever its keys, in the order written.
    func entries() throws(AssayError) -> [(name: String, value: DefinitionNode)] {
        try pairs().map { ($0.name, $0.value) }
    }

    private func pairs() throws(AssayError) -> [(
        key: DefinitionNode, name: String, value: DefinitionNode
    )] {
        guard case .mapping(let mapping) = node else { throw fault("a map is expected here") }
        var pairs: [(key: DefinitionNode, name: String, value: DefinitionNode)] = []
        for (key, value) in mapping {
            let keyNode = DefinitionNode(key, file: file)
            pairs.append((keyNode, try keyNode.text(), DefinitionNode(value, file: file)))
        }
        return pairs
    }

    private var isNull: Bool { node.tag == Tag(.null) }

    /// The list here.
    func list() throws(AssayError) -> [DefinitionNode] {
        guard case .sequence(let sequence) = node else { throw fault("a list is expected here") }
        return sequence.map { DefinitionNode($0, file: file) }
    }

    /// The text here. What YAML takes for a number, a date or a truth has to stand in quotes.
    func text() throws(AssayError) -> String {
        let scalar = try scalar()
        guard node.tag == Tag(.str) else {
            throw fault("`\(scalar)` is not text in YAML", hint: "put it in quotes: \"\(scalar)\"")
        }
        return scalar
    }

    private func scalar() throws(AssayError) -> String {
        guard case .scalar(let scalar) = node else { throw fault("a text is expected here") }
        return scalar.string
    }

    /// The truth value here: `true` or `false`, nothing else.
    func flag() throws(AssayError) -> Bool {
        switch try scalar() {
        case "true": return true
        case "false": return false
        default: throw fault("true or false is expected here")
        }
    }

    /// The whole number here.
    func wholeNumber() throws(AssayError) -> Int {
        let text = try scalar()
        guard node.tag == Tag(.int), let number = Int(text) else {
            throw fault("a whole number is expected here")
        }
        return number
    }
}

extension DefinitionNode {
    /// The text here, which is one of `known`.
    func choice(_ known: [String]) throws(AssayError) -> String {
        let text = try text()
        guard known.contains(text) else { throw fault(unknown: text, among: known) }
        return text
    }

    /// The path here, which stays inside the directory of the file.
    func path() throws(AssayError) -> String {
        let path = try text()
        if let fault = RelativePath.fault(in: path) {
            throw self.fault("the path `\(path)` \(fault)")
        }
        return path
    }

    /// The duration here, as `500ms`, `30s` or `2m`, in milliseconds.
    func milliseconds() throws(AssayError) -> Int {
        let text = try scalar()
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let units = ["ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000]
        guard let unit = units[String(text.dropFirst(digits.count))], digits.count < 10,
            let number = Int(digits), number > 0
        else {
            throw fault("`\(text)` is not a duration, as 500ms, 30s or 2m")
        }
        return number * unit
    }

    /// Throws unless `name` can be the name of an environment variable.
    func checkVariable(_ name: String) throws(AssayError) {
        let isPlain = name.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || byte == UInt8(ascii: "_")
        }
        guard isPlain, let first = name.utf8.first, !(48...57).contains(first) else {
            throw fault("`\(name)` is not the name of a variable")
        }
    }
}

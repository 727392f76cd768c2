public import AssayCore
import Yams

/// Reads the YAML documents that people write: strictly, and with a place for every fault.
///
/// A subset of YAML 1.1: one document; no anchors, aliases, merge keys or tags; keys are text and
/// occur once. Scalars stay text, so that the country `NO` is not a boolean; the schema that reads
/// the node gives them a type.
public enum ConfigurationDocument {
    /// How many bytes a document may have, unless the caller says otherwise.
    public static let maximumBytes = 1 << 20
    /// How deep lists and mappings may nest.
    public static let maximumDepth = 32

    /// The parser is given one line of its own first: Yams keeps a pointer into the string's
    /// storage, which is stable only where the string is too long to be stored inline.
    private static let leadIn = "# read by assay\n"

    /// Parses a whole document. `file` names it in errors, which carry line and column.
    ///
    /// Throws `.invalidDocument` for everything that is not of the subset, and `.limit` for a
    /// document of more than `maximumBytes`. Costs a few passes over the bytes.
    public static func parse(
        _ bytes: [UInt8], file: String, maximumBytes: Int = maximumBytes
    ) throws(AssayError) -> ConfigurationNode {
        guard bytes.count <= maximumBytes else {
            throw AssayError(
                .limit, "\(file) has \(bytes.count) bytes; at most \(maximumBytes) are read")
        }
        let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        let text = try CharacterScan.check(body, file: file)
        do {
            let parser = try Parser(yaml: leadIn + text, resolver: .basic, encoding: .utf8)
            // Anchors are weak in the nodes and live as long as the parser.
            return try withExtendedLifetime(parser) {
                guard let root = try parser.singleRoot() else {
                    throw AssayError(
                        .invalidDocument, "the document is empty",
                        at: SourceLocation(file: file, line: 1, column: 1))
                }
                return try NodeReader(file: file, linesBefore: 1).read(root, path: "", depth: 0)
            }
        } catch let error as AssayError {
            throw error
        } catch let error as YamlError {
            throw sentence(for: error, file: file)
        } catch {
            throw AssayError(.invalidDocument, "\(file) could not be parsed", cause: error)
        }
    }

    private static func sentence(for error: YamlError, file: String) -> AssayError {
        func fail(_ mark: Mark?, _ message: String, hint: String? = nil) -> AssayError {
            let location = SourceLocation(
                file: file, line: max(1, (mark?.line ?? 2) - 1), column: max(1, mark?.column ?? 1))
            return AssayError(.invalidDocument, message, hint: hint, at: location)
        }
        switch error {
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            if problem.contains("another document") {
                return fail(mark, "a second document begins; only one is allowed")
            }
            if problem.contains("undefined alias") {
                return fail(
                    mark, "aliases are not allowed",
                    hint: "put text that starts with `*` in quotes")
            }
            if problem.contains("cannot start any token") {
                return fail(
                    mark, "this is not valid YAML: \(problem)",
                    hint: "indent with spaces, and quote text that starts with %, @, ` or a tab")
            }
            let around = context.map { " (\($0.text))" } ?? ""
            return fail(mark, "this is not valid YAML: \(problem)\(around)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            let names = duplicates.map { "`\($0)`" }.joined(separator: ", ")
            return fail(context.mark, "key \(names) is written more than once in this mapping")
        case .memory:
            return fail(nil, "lists and mappings nest too deep")
        case .reader(let problem, _, _, _):
            return fail(nil, "this is not valid YAML: \(problem)")
        default:
            return fail(nil, "this is not valid YAML")
        }
    }
}

/// Reads members of a JSON document by name and type, with errors that name the place.
///
/// A cursor: `reader["arms"].elements()` walks down, and every failure says
/// `member /arms/0/name of evidence sha256:… is missing`.
public struct JSONReader: Sendable {
    /// The value here; `nil` when the member is absent.
    public let value: JSONValue?
    /// The JSON Pointer of this value.
    public let pointer: String
    /// What the document is, for messages.
    public let document: String

    /// Starts at the root of a document.
    public init(_ value: JSONValue, document: String) {
        self.value = value
        self.pointer = ""
        self.document = document
    }

    private init(_ value: JSONValue?, pointer: String, document: String) {
        self.value = value
        self.pointer = pointer
        self.document = document
    }

    /// The member `key`, which may be absent.
    public subscript(key: String) -> JSONReader {
        let child = "\(pointer)/\(JSONPointer.escape(key))"
        guard case .object(let members)? = value else {
            return JSONReader(nil, pointer: child, document: document)
        }
        return JSONReader(members[key], pointer: child, document: document)
    }

    /// Whether something is here that is not null.
    public var isPresent: Bool { value != nil && value != .null }

    /// This reader, or `nil` if nothing (or null) is here.
    public var ifPresent: JSONReader? { isPresent ? self : nil }

    /// The string here.
    public func string() throws(AssayError) -> String {
        guard case .string(let text)? = value else { throw mismatch("a string") }
        return text
    }

    /// The whole number here.
    public func integer() throws(AssayError) -> Int {
        guard case .integer(let number)? = value else { throw mismatch("a whole number") }
        return Int(number)
    }

    /// The number here, whole or not.
    public func double() throws(AssayError) -> Double {
        switch value {
        case .integer(let number)?: return Double(number)
        case .double(let number)?: return number
        default: throw mismatch("a number")
        }
    }

    /// The boolean here.
    public func bool() throws(AssayError) -> Bool {
        guard case .bool(let flag)? = value else { throw mismatch("a boolean") }
        return flag
    }

    /// The digest here, in its OCI form.
    public func digest() throws(AssayError) -> Digest {
        guard let digest = Digest(try string()) else { throw mismatch("a sha256 digest") }
        return digest
    }

    /// The elements of the array here.
    public func elements() throws(AssayError) -> [JSONReader] {
        guard case .array(let elements)? = value else { throw mismatch("an array") }
        return elements.enumerated().map {
            JSONReader($1, pointer: "\(pointer)/\($0)", document: document)
        }
    }

    /// The members of the object here, sorted by name.
    public func members() throws(AssayError) -> [(key: String, value: JSONReader)] {
        guard case .object(let members)? = value else { throw mismatch("an object") }
        return members.keys.sorted().map { ($0, self[$0]) }
    }

    /// The strings of the array here.
    public func strings() throws(AssayError) -> [String] {
        var strings: [String] = []
        for element in try elements() { strings.append(try element.string()) }
        return strings
    }

    /// The object of strings here.
    public func stringMap() throws(AssayError) -> [String: String] {
        var map: [String: String] = [:]
        for (key, value) in try members() { map[key] = try value.string() }
        return map
    }

    /// Throws unless every member of the object here is one of `known`.
    public func allow(only known: Set<String>) throws(AssayError) {
        for (key, _) in try members() where !known.contains(key) {
            throw AssayError(
                .invalidDocument,
                "\(document) has a member \(pointer)/\(key) that this version does not know")
        }
    }

    /// An error that names this place.
    public func mismatch(_ expected: String) -> AssayError {
        let found = value.map { "is \($0.typeName)" } ?? "is missing"
        return AssayError(
            .invalidDocument,
            "\(document): \(pointer.isEmpty ? "the root" : pointer) \(found), expected \(expected)")
    }
}

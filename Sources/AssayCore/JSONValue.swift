/// A JSON document in memory, for small documents: configurations, manifests, evidence heads.
///
/// Whole numbers that fit are kept as integers, so that counts and nanoseconds survive a round
/// trip. Answers of services are never read into this type; see the comparison for those.
public enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
}

extension JSONValue: ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
    }
}

extension JSONValue {
    /// A whole number.
    public init(_ value: Int) { self = .integer(Int64(value)) }
    /// A string.
    public init(_ value: String) { self = .string(value) }
    /// A digest in its OCI form.
    public init(_ value: Digest) { self = .string(value.description) }
    /// A list of strings.
    public init(_ values: [String]) { self = .array(values.map(JSONValue.string)) }
    /// An object of strings.
    public init(_ values: [String: String]) { self = .object(values.mapValues(JSONValue.string)) }

    /// An object of the members that are not `nil`.
    public static func object(present members: [String: JSONValue?]) -> JSONValue {
        .object(members.compactMapValues { $0 })
    }

    /// The name of this value's type, for messages.
    public var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer: "a whole number"
        case .double: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

/// One place at which two answers to the same request differ beyond what the rules allow.
public struct Difference: Hashable, Sendable {
    /// A JSON Pointer into the body, `status`, `header:<name>`, `body` for a body that has no
    /// places, `egress:<name>` for what was asked of a dependency.
    public var path: String
    /// What kind of difference it is.
    public var kind: Kind
    /// The two values as they stand in the answers (a number's own digits), cut at 200 bytes;
    /// `nil` where the place is absent.
    public var old: String?, new: String?

    /// Makes a difference.
    public init(path: String, kind: Kind, old: String?, new: String?) {
        self.path = path
        self.kind = kind
        self.old = old
        self.new = new
    }

    /// Kinds of difference; a lower raw value weighs more.
    public enum Kind: Int, Hashable, Sendable, CaseIterable, Comparable {
        /// Another status, or one of the two did not answer.
        case status
        /// A member or element is gone.
        case removed
        /// A value has another JSON type.
        case retyped
        /// A value crosses a threshold or is another class.
        case decision
        /// A value differs beyond its tolerance.
        case value
        /// A member or element is new.
        case added
        /// An array has the same elements in another order.
        case order
        /// A header differs.
        case header
        /// What was asked of a dependency differs.
        case egress

        public static func < (left: Kind, right: Kind) -> Bool { left.rawValue < right.rawValue }

        /// The name in documents and messages.
        public var name: String { "\(self)" }

        /// The kind of that name.
        public init?(name: String) {
            guard let kind = Self.allCases.first(where: { $0.name == name }) else { return nil }
            self = kind
        }
    }

    /// The path with every array index replaced by `*`, under which differences are counted.
    public var aggregatePath: String {
        guard path.hasPrefix("/") else { return path }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map { part in
            !part.isEmpty
                && part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
                ? "*" : String(part)
        }
        return parts.joined(separator: "/")
    }
}

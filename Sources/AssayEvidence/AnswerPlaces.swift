import AssayCore

/// Which places the answers of a replay had, and how often.
///
/// Arrays are starred, and so are objects with more names than `PlaceLimits` lets stand. Two of
/// disjoint exchanges add up, so that shards merge.
public struct AnswerPlaces: Hashable, Sendable {
    /// How many places are kept.
    public static let limit = 4096

    /// Exchanges whose answers were looked at.
    public var exchanges: Int
    /// How many values stood at a place, by JSON Pointer; `body` for bodies without places, and
    /// `header:NAME` for headers that rules name. Equal answers to one exchange count once. `nil`
    /// where there were too many places to keep.
    public var values: [String: Int]?
    /// Objects whose names were too many, so that `*` stands for them.
    public var starred: [String]

    /// Makes places.
    public init(exchanges: Int, values: [String: Int]?, starred: [String] = []) {
        self.exchanges = exchanges
        self.values = values
        self.starred = starred
    }

    /// Whether any answer had a place at, beneath or above a pointer, in which `*` stands for any key
    /// or index; `nil` where that is not known.
    public func has(_ pointer: String) -> Bool? {
        guard let values else { return nil }
        if pointer == "status" || pointer == "body" { return exchanges > 0 }
        if pointer.hasPrefix("header:") {
            // Only those that rules name are looked for.
            return pointer == "header:*" ? nil : values[pointer.lowercased()].map { $0 > 0 }
        }
        guard let tokens = JSONPointer.tokens(pointer) else { return nil }
        return values.keys.contains { place in
            guard let found = JSONPointer.tokens(place), found.count >= tokens.count else {
                return false
            }
            return PlacePattern(tokens).mayCover(found)
        }
    }

    /// The place that may have been meant by a pointer that no answer has.
    public func suggestion(for pointer: String) -> String? {
        guard let values, let tokens = JSONPointer.tokens(pointer) else {
            return nil
        }
        // A pointer may name an object, so that all places are cut to its length.
        let candidates = Set(
            values.keys.compactMap { place -> String? in
                guard let found = JSONPointer.tokens(place), found.count >= tokens.count else {
                    return nil
                }
                return found.prefix(tokens.count).map { "/" + JSONPointer.escape($0) }.joined()
            })
        return Suggestion.nearest(to: pointer, among: candidates.sorted())
    }
}

/// Tokens of a rule's pointer against those of a starred place.
struct PlacePattern {
    let tokens: [String]

    init(_ tokens: [String]) { self.tokens = tokens }

    /// Whether the pointer names every value of a place, or one above it.
    func covers(_ place: [String]) -> Bool {
        tokens.count <= place.count && zip(tokens, place).allSatisfy { $0 == "*" || $0 == $1 }
    }

    /// Whether the pointer may name a value of a place, or one above it: a star of the place may be
    /// any key or index.
    func mayCover(_ place: [String]) -> Bool {
        tokens.count <= place.count
            && zip(tokens, place).allSatisfy { $0 == "*" || $0 == $1 || $1 == "*" }
    }
}

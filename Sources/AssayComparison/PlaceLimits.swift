import AssayEvidence

/// Bounds on the places of answers that are told apart.
public struct PlaceLimits: Hashable, Sendable {
    /// How many names an object may have, over all answers, before `*` stands for them: keys that are
    /// data, as user ids, are no places.
    public var names = 64
    /// How many places are kept.
    public var places = AnswerPlaces.limit
    /// Names longer than this are starred.
    public var nameBytes = 200

    /// The usual bounds.
    public init() {}
}

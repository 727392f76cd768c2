/// What whoever imports may choose, for every format.
public struct ImportOptions: Hashable, Sendable {
    /// Whether reading goes on behind damage, which costs what lies in it and is counted.
    public var salvage: Bool
    /// Whether requests without a response are kept as exchanges without one.
    public var keepsUnanswered: Bool
    /// The target of requests in formats that do not hold one; `nil` for the format's own default.
    public var target: String?

    /// Makes options; without arguments, those of a strict import.
    public init(salvage: Bool = false, keepsUnanswered: Bool = false, target: String? = nil) {
        self.salvage = salvage
        self.keepsUnanswered = keepsUnanswered
        self.target = target
    }
}

public import AssayEvidence

/// Which groups of evidence are asked for; an empty selection is all of them.
public struct GroupSelection: Hashable, Sendable {
    /// Only groups of this comparison.
    public var comparison: ExchangeOutcome.Comparison?
    /// Only groups of this route, written as in the evidence.
    public var route: String?
    /// Only groups that a slice shows.
    public var slice: (field: String, value: String)? {
        get { sliceField.map { ($0, sliceValue) } }
        set {
            sliceField = newValue?.field
            sliceValue = newValue?.value ?? ""
        }
    }
    private var sliceField: String?
    private var sliceValue = ""

    /// Selects all groups.
    public init() {}

    /// Whether nothing is left out.
    public var isAll: Bool { self == GroupSelection() }

    /// The groups with their numbers, which are those of the whole evidence.
    public func groups(of evidence: Evidence) -> [(number: Int, group: Evidence.Group)] {
        evidence.groups.enumerated().filter { _, group in
            (comparison == nil || comparison == group.comparison)
                && (route == nil || route == group.route)
                && (sliceField.map { (group.slices[$0]?[sliceValue] ?? 0) > 0 } ?? true)
        }.map { ($0.offset + 1, $0.element) }
    }
}

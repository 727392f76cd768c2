public import AssayInspection

/// How one component differs between two bundles, in the component's own words.
public struct ComponentChange: Hashable, Sendable {
    /// The component: one of `BundleConfig.componentNames`.
    public let component: String
    /// What within it: an item's name, a file's path, a package; empty for the whole.
    public let name: String
    /// What happened to it.
    public let kind: Kind
    /// One line for people.
    public let summary: String
    /// More lines for people, in order.
    public let details: [String]
    /// How the contents differ, where they were compared.
    public let contents: ContentDifference?

    /// Whether it is a feature file whose every value is equal, under the same name and mode: other
    /// comments, white space, or order of keys.
    ///
    /// Of code that cannot be said: a program may read its files as it likes.
    public var isFormal: Bool {
        component == "features" && kind == .changed && !name.isEmpty
            && contents?.hasEqualValues == true
    }

    /// What can happen to a thing.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case added, removed, changed
    }

    init(
        _ component: String, _ name: String, _ kind: Kind, _ summary: String,
        _ details: [String] = [], contents: ContentDifference? = nil
    ) {
        self.component = component
        self.name = name
        self.kind = kind
        self.summary = summary
        self.details = details
        self.contents = contents
    }

    /// The kind of a thing that was and is there or not; `nil` if it is equal or nowhere.
    static func kind<Value: Equatable>(_ old: Value?, _ new: Value?) -> Kind? {
        if old == new { return nil }
        if old == nil { return .added }
        return new == nil ? .removed : .changed
    }
}

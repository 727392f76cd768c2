import ArgumentParser
import AssayCore
import AssayEvidence
import AssayReports

/// The options that say which groups of differences are shown, and how many.
struct GroupOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "List the exchanges of this group, by its number in the evidence.", valueName: "n"))
    var group: Int?
    @Option(
        help: ArgumentHelp(
            "Only groups of this comparison: identity, noise, effect or production.",
            valueName: "name"),
        transform: Self.comparison(named:))
    var comparison: ExchangeOutcome.Comparison?
    @Option(
        help: ArgumentHelp("Only groups of this route, as 'POST /predict'.", valueName: "route"))
    var route: String?
    @Option(
        help: ArgumentHelp(
            "Only the groups that a slice shows, as carrier=HA.", valueName: "field=value"))
    var slice: String?
    @Option(help: ArgumentHelp("Show at most so many groups or exchanges.", valueName: "n"))
    var limit = EvidenceReport.groupLimit
    @Option(
        help: ArgumentHelp(
            "Go on after this exchange of the group, or after this number of a group.",
            valueName: "id"))
    var after: String?

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit is 1 or more, not \(limit)") }
        guard group == nil || comparison == nil && route == nil && slice == nil else {
            throw ValidationError("--group names one group; leave the other selections out")
        }
        if group == nil, let after, Int(after).map({ $0 < 0 }) ?? true {
            throw ValidationError(
                "--after takes the number of a group, or with --group the id of an exchange")
        }
    }

    private static func comparison(
        named name: String
    ) throws -> ExchangeOutcome.Comparison {
        guard let comparison = ExchangeOutcome.Comparison(rawValue: name) else {
            let names = ExchangeOutcome.Comparison.allCases.map(\.rawValue)
            throw ValidationError("\(name) is not one of \(names.joined(separator: ", "))")
        }
        return comparison
    }

    /// The groups that are asked for.
    var selection: GroupSelection {
        get throws(AssayError) {
            var selection = GroupSelection()
            selection.comparison = comparison
            selection.route = route
            if let slice {
                let parts = slice.split(separator: "=", maxSplits: 1).map { String($0) }
                guard parts.count == 2 else {
                    throw AssayError(.usage, "--slice takes FIELD=VALUE, not \(slice)")
                }
                selection.slice = (parts[0], parts[1])
            }
            return selection
        }
    }

    /// Whether more is asked for than all there is.
    var isSelective: Bool {
        comparison != nil || route != nil || slice != nil || after != nil
            || limit != EvidenceReport.groupLimit
    }

    /// The number of the group to go on after.
    var afterGroup: Int { after.flatMap { Int($0) } ?? 0 }
}

import AssayConfiguration
import AssayCore

/// `defaults` and `slice_defaults`: what checks do unless they say otherwise.
struct CheckDefaults {
    var severity = Check.Severity.block
    var undecided = Check.Consequence.hold
    var missing = Check.Consequence.fail
    var waivable = true
    var sliceUndecided = Check.Consequence.warn
    var sliceMinimum = Check.SliceRule.defaultMinimum

    init(
        _ node: ConfigurationNode?, slices: ConfigurationNode?
    ) throws(AssayError) {
        if let node = try node?.mapping(allowing: [
            "severity", "undecided", "missing", "waivable",
        ]) {
            severity = try node.optional("severity")?.value(Check.Severity.self) ?? severity
            undecided = try node.optional("undecided")?.value(Check.Consequence.self) ?? undecided
            missing = try node.optional("missing")?.value(Check.Consequence.self) ?? missing
            waivable = try node.optional("waivable")?.bool() ?? waivable
        }
        if let node = try slices?.mapping(allowing: ["undecided", "min_requests"]) {
            sliceUndecided =
                try node.optional("undecided")?.value(Check.Consequence.self) ?? sliceUndecided
            sliceMinimum = try node.optional("min_requests")?.positive() ?? sliceMinimum
        }
    }
}

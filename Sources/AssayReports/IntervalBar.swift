import AssayCore
import AssayGate

/// A small drawing of a finding: its interval, its value and the limit on one line.
///
/// It repeats what stands beside it in words. Nothing in it comes from the evidence but numbers.
struct IntervalBar {
    private let finding: Finding

    static let width = 160.0, height = 18.0
    private static let margin = 6.0

    /// Prepares the drawing; `nil` where there is nothing to draw.
    init?(_ finding: Finding) {
        let value = finding.unit == .count ? finding.count.map(Double.init) : finding.delta
        guard value != nil || finding.confidence != nil else { return nil }
        self.finding = finding
    }

    private var value: Double? {
        finding.unit == .count ? finding.count.map(Double.init) : finding.delta
    }

    /// The places of the limit: both sides of zero where either direction is bounded.
    private var limits: [Double] {
        switch finding.direction {
        case "max_change", "max_gap": [-finding.limit, finding.limit]
        case "max_decrease": [-finding.limit]
        default: [finding.limit]
        }
    }

    /// The interval; a count's is of the rate and is not drawn.
    private var interval: (lower: Double?, upper: Double?)? {
        finding.confidence == nil || finding.unit == .count
            ? nil : (finding.lower, finding.upper)
    }

    /// The drawing as an element of SVG.
    var svg: String {
        let numbers = ([0, value, interval?.lower, interval?.upper] + limits.map { $0 })
            .compactMap(\.self).filter(\.isFinite)
        let low = numbers.min() ?? 0
        let high = numbers.max() ?? 1
        let span = high > low ? high - low : 1
        func x(_ number: Double) -> String {
            let share = min(1, max(0, (number - low) / span))
            return (Self.margin + share * (Self.width - 2 * Self.margin)).fixed(1)
        }
        let middle = (Self.height / 2).fixed(1)
        var parts = [
            "<line class=\"axis\" x1=\"\(x(low))\" x2=\"\(x(high))\" y1=\"\(middle)\" "
                + "y2=\"\(middle)\"/>"
        ]
        if let interval {
            let left = interval.lower.map(x) ?? "0.0"
            let right = interval.upper.map(x) ?? Self.width.fixed(1)
            parts.append(
                "<line class=\"range\" x1=\"\(left)\" x2=\"\(right)\" y1=\"\(middle)\" "
                    + "y2=\"\(middle)\"/>")
        }
        for limit in limits {
            parts.append(
                "<line class=\"limit\" x1=\"\(x(limit))\" x2=\"\(x(limit))\" y1=\"1\" "
                    + "y2=\"\((Self.height - 1).fixed(0))\"/>")
        }
        if let value, value.isFinite {
            parts.append("<circle class=\"value\" cx=\"\(x(value))\" cy=\"\(middle)\" r=\"3\"/>")
        }
        let size = "width=\"\(Self.width.fixed(0))\" height=\"\(Self.height.fixed(0))\""
        return "<svg class=\"bar \(finding.outcome.rawValue)\" \(size) role=\"img\" "
            + "aria-label=\"interval against limit\">\(parts.joined())</svg>"
    }
}

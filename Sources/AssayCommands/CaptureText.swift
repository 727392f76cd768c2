import AssayCapture
import AssayCore
import AssayReports

/// Captures and their losses for people.
enum CaptureText {
    /// What a capture holds.
    static func lines(_ capture: Capture) -> [String] {
        let summary = capture.summary
        var lines = [
            "capture    \(capture.id)",
            "exchanges  \(summary.exchanges) in \(summary.sessions) sessions, \(ByteCount(summary.bytes)) of records",
            "from       \(UTCTime.text(summary.firstAt / 1_000_000_000))",
            "to         \(UTCTime.text(summary.lastAt / 1_000_000_000))",
            "labels     \(summary.labels)",
        ]
        if summary.unanswered > 0 { lines.append("unanswered \(summary.unanswered)") }
        // What was recorded may hold commands for a terminal.
        func counts(_ title: String, _ map: [String: Int]) {
            let title = SafeText.clean(title)
            let sorted = map.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            for (name, count) in sorted.prefix(20) {
                let name = SafeText.clean(name)
                lines.append("\(title.padding(to: 9))  \(name): \(count)")
            }
            if sorted.count > 20 {
                let rest = sorted.dropFirst(20).reduce(0) { $0 + $1.value }
                lines.append("\(title.padding(to: 9))  \(sorted.count - 20) more: \(rest)")
            }
        }
        counts("route", summary.routes)
        counts("egress", summary.egress)
        counts("bundle", summary.bundles)
        for (field, values) in summary.slices.sorted(by: { $0.key < $1.key }) {
            counts(field, values)
        }
        return lines + self.lines(summary.losses)
    }

    /// The ledger of an import or recording: the sum, then why.
    static func lines(_ losses: CaptureLosses) -> [String] {
        var lines = [losses.sum]
        func byCount(_ map: [String: Int]) -> [(key: String, value: Int)] {
            map.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        }
        for (reason, count) in byCount(losses.reasons) {
            lines.append("  lost \(count) × \(SafeText.clean(reason))")
        }
        for (note, count) in byCount(losses.notes) {
            lines.append("  note \(count) × \(SafeText.clean(note))")
        }
        return lines
    }

    /// The exchanges of a capture: id, start and session.
    static func exchanges(
        _ outline: [(id: String, startedAt: Int64, session: String)]
    ) -> [String] {
        outline.map { "\($0.id)  \($0.startedAt)  \(SafeText.clean($0.session))" }
    }

    /// The sessions of a capture behind their counts of exchanges, the largest first.
    static func sessions(
        _ outline: [(id: String, startedAt: Int64, session: String)]
    ) -> [String] {
        var counts: [String: Int] = [:]
        for item in outline { counts[item.session, default: 0] += 1 }
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "\($0.value)  \(SafeText.clean($0.key))" }
    }

    /// How labels and exchanges matched.
    static func labels(_ sealed: CaptureSealer.Sealed) -> String {
        "labels without an exchange \(sealed.unmatchedLabels), exchanges without a label \(sealed.unlabelled)"
    }
}

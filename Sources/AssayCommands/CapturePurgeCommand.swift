import ArgumentParser
import AssayBundling
import AssayCapture
import AssayCore
import AssayStore

/// `assay capture purge`: takes exchanges out of every capture for good.
struct CapturePurgeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge",
        abstract: "Take exchanges out of captures for good.",
        discussion: """
            Writes every capture that holds one of them anew, under its name: those that were merged, \
            sampled or split from another, too. The ledger of each keeps their count. An exchange that was \
            redacted since has another id, and is to be named by that as well. Without a choice what \
            is older than `capture.retention` in assay.yaml goes.

            Examples:
              assay capture purge --exchange 0f3c9ad2e1b7c6d5
              assay capture purge --session ann@example.com --apply
              assay capture purge --older-than 90 --apply
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("An exchange's id.", valueName: "id")) var exchange: [String] = []
    @Option(help: ArgumentHelp("All of a session.", valueName: "session"))
    var session: [String] = []
    @Option(help: ArgumentHelp("All about a key.", valueName: "key")) var key: [String] = []
    @Option(help: ArgumentHelp("All that began before.", valueName: "time")) var before: String?
    @Option(help: ArgumentHelp("All that began longer ago.", valueName: "days"))
    var olderThan: Int?
    @Flag(help: "Do it; without this nothing is changed.") var apply = false
    @Argument(help: "The captures' names; default: all.") var captures: [String] = []

    func validate() throws {
        for id in exchange where Self.id(id).prefix(while: { $0 != "." }).count != 16 {
            throw ValidationError("--exchange takes the 16 digits of an id, not \(id)")
        }
        guard (olderThan ?? 1) > 0, (olderThan ?? 1) <= 36_500 else {
            throw ValidationError("--older-than takes 1 to 36500 days")
        }
    }

    func run() throws {
        let workspace = try global.openWorkspace()
        let store = try workspace.openStore()
        let days = try olderThan ?? retention(of: workspace)
        let limits = [
            try before.map(CaptureFilter.time),
            days.map { (Workspace.now() - Int64($0) * 86_400) * 1_000_000_000 },
        ].compactMap { $0 }
        let all = try Capture.list(store: store)
        let chosen =
            captures.isEmpty
            ? all
            : try captures.map { name in
                let ref = name.hasPrefix("capture/") ? name : "capture/\(name)"
                guard let found = all.first(where: { $0.name == ref }) else {
                    throw AssayError(
                        .notFound, "there is no capture of the name \(name)",
                        hint: "see `assay capture list`")
                }
                return found
            }
        let choice = Choice(
            ids: Set(exchange.map(Self.id)), sessions: Set(session), keys: Set(key),
            before: limits.max())
        var total = 0
        var ageless = 0
        for (ref, capture) in chosen {
            let name = String(ref.dropFirst("capture/".count))
            var purged: Set<String> = []
            try capture.forEach { (exchange) throws(AssayError) in
                if choice.holds(exchange) {
                    purged.insert(exchange.id)
                } else if !limits.isEmpty, !Exchange.isKnown(startedAt: exchange.startedAt) {
                    ageless += 1
                }
            }
            guard !purged.isEmpty else { continue }
            total += purged.count
            try write(capture, name, without: purged, workspace, store)
        }
        tell(total, chosen.count)
        if ageless > 0 {
            global.output.note(
                "\(ageless) exchanges are of a format without times and have no age: choose them by "
                    + "--exchange or --session, or give up their capture with `assay capture remove`"
            )
        }
    }

    /// The days that assay.yaml says, if nothing was chosen. Throws `.usage` if it says none.
    private func retention(of workspace: Workspace) throws -> Int? {
        guard (exchange + session + key).isEmpty, before == nil else { return nil }
        guard let days = try workspace.definition().capture.retentionDays else {
            throw AssayError(
                .usage, "could not purge captures: nothing says what",
                hint: "give --exchange, --session, --key, --before or --older-than, or set "
                    + "`capture: {retention: 90d}` in assay.yaml")
        }
        return days
    }

    private func write(
        _ capture: Capture, _ name: String, without purged: Set<String>, _ workspace: Workspace,
        _ store: Store
    ) throws {
        let left = capture.summary.exchanges - purged.count
        var line: [String: JSONValue] = [
            "capture": .string(name), "purged": JSONValue(purged.count), "left": JSONValue(left),
            "before": JSONValue(capture.id), "applied": .bool(apply),
        ]
        if apply, left == 0 {
            // A capture is never empty.
            try store.deleteRef("capture/\(name)")
        } else if apply {
            let derivation = CaptureDerivation(workspace: workspace, output: global.output)
            let sealed = try derivation.make(name, losses: capture.summary.losses) {
                sorter, losses in
                try capture.forEach { (exchange) throws(AssayError) in
                    if !purged.contains(exchange.id) { try sorter.append(exchange) }
                }
                losses.skip(purged.count, "purged")
            }
            line["after"] = JSONValue(sealed.capture.id)
        }
        if global.output.isJSON { return global.output.result(.object(line)) }
        let verb = apply ? "purged" : "would purge"
        let rest = left == 0 ? "nothing is left of it" : "\(left) are left"
        global.output.result("\(name): \(verb) \(purged.count) exchanges, \(rest)")
    }

    private func tell(_ total: Int, _ searched: Int) {
        let output = global.output
        guard total > 0 else {
            return output.note(
                "no such exchange is in \(searched) \(searched == 1 ? "capture" : "captures")")
        }
        if apply {
            output.note(
                "the old bytes stay in the store until they are collected: "
                    + "`assay store gc --apply --grace 0 --trash 0`")
        } else {
            output.note("nothing was changed; do it with --apply")
        }
    }

    /// The id in `ID` or `CAPTURE#ID`.
    private static func id(_ text: String) -> String {
        text.split(separator: "#").last.map(String.init) ?? text
    }

    /// What is to be purged: whatever one of these names.
    private struct Choice {
        let ids: Set<String>, sessions: Set<String>, keys: Set<String>
        let before: Int64?

        func holds(_ exchange: Exchange) -> Bool {
            if let before, exchange.startedAt < before,
                Exchange.isKnown(startedAt: exchange.startedAt)
            {
                return true
            }
            if let session = exchange.session, sessions.contains(session) { return true }
            if let key = exchange.key, keys.contains(key) { return true }
            // An ordinal tells equal exchanges apart, and is another in each capture.
            return ids.contains(exchange.id) || ids.contains(exchange.derivedID)
        }
    }
}

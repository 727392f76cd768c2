import ArgumentParser
import AssayCore
import AssayReports
import AssayStore

/// `assay store gc`: moves what nothing leads to into the trash.
struct StoreCollectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Say what could be removed from the store; remove it with --apply.",
        discussion: """
            What a name, a running process, a promotion or a pin leads to stays, and so does \
            everything younger than a day. The rest goes to the trash inside the store, where it stays \
            for two weeks; --undo puts it back.

            Examples:
              assay store gc
              assay store gc --apply
              assay store gc --undo
            """)

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Do it; without this nothing is changed.") var apply = false

    @Flag(help: "Put back what lies in the trash.") var undo = false

    @Option(
        help: ArgumentHelp(
            "What is younger stays; less than a day only while no replay runs.", valueName: "hours")
    ) var grace = 24

    @Option(help: ArgumentHelp("How long the trash is kept.", valueName: "days")) var trash = 14

    func validate() throws {
        guard (0...87_600).contains(grace), (0...3650).contains(trash) else {
            throw ValidationError("--grace takes 0 to 87600 hours and --trash 0 to 3650 days")
        }
        guard !(apply && undo) else {
            throw ValidationError("--apply and --undo cannot be given together")
        }
    }

    func run() throws {
        let output = global.output
        let place = try StoreCommand.open(global)
        if undo { return try putBack(place.store, output) }
        let options = CollectionOptions(
            now: Workspace.now() * 1_000_000_000 + 999_999_999,
            grace: .seconds(grace * 3600), trashDays: trash, roots: place.roots,
            reader: StoreLinks.reader)
        let report =
            apply ? try place.store.collect(options) : try place.store.planCollection(options)
        if output.isJSON { return output.result(Self.document(report)) }
        if global.verbose {
            for blob in report.unreferenced {
                output.note("\(blob.digest)  \(ByteCount(blob.size))")
            }
        }
        for note in report.notes { output.note(note) }
        show(report, output)
    }

    private func show(_ report: CollectionReport, _ output: Output) {
        let rows = CollectionReport.Reason.allCases.compactMap { reason -> [String]? in
            let amount = report[reason]
            guard amount.count > 0 else { return nil }
            let fate = reason.isGarbage ? (report.isApplied ? "removed" : "would go") : "stays"
            return [
                fate, reason.rawValue, "\(amount.count)", "\(ByteCount(amount.bytes))",
                reason == .young ? "younger than \(grace) h" : Self.words(reason),
            ]
        }
        let table = TextTable(
            header: ["", "reason", "files", "size", ""], rows: rows, rightAligned: [2, 3])
        for line in table.lines { output.result(line) }
        let garbage = report.garbage
        guard garbage.count > 0 else {
            output.result("nothing can be removed")
            return
        }
        let moved = report[.unreferenced]
        if report.isApplied {
            output.result(
                "moved \(ByteCount(moved.bytes)) to the trash, where it stays for \(trash) days "
                    + "(back with `assay store gc --undo`), and removed "
                    + "\(ByteCount(garbage.bytes - moved.bytes)) for good")
        } else {
            output.result(
                "\(ByteCount(garbage.bytes)) could go; nothing was changed. "
                    + "Next: assay store gc --apply")
        }
    }

    private static func words(_ reason: CollectionReport.Reason) -> String {
        switch reason {
        case .named: "a bundle, capture, evidence, verdict or pin leads to it"
        case .inUse: "a running process works with it"
        case .promoted: "it was promoted once"
        case .young: "young"
        case .clock: "its time cannot be right: the clock was set meanwhile"
        case .unreferenced: "nothing leads to it: to the trash"
        case .abandoned: "half-written by a process that has ended"
        case .deadLease: "the lease of a process that has ended"
        case .expired: "in the trash for long enough: for good"
        }
    }

    private func putBack(_ store: Store, _ output: Output) throws {
        let outcome = try store.putBackTrash()
        if output.isJSON {
            output.result([
                "schema": "assay/store-undo/v1",
                "back": .array(outcome.back.map { JSONValue($0) }),
                "damaged": JSONValue(outcome.damaged),
            ])
        }
        for path in outcome.damaged {
            output.warning("\(path) does not have its digest and stays in the trash")
        }
        if !output.isJSON { output.result("put back \(outcome.back.count) blobs") }
    }

    private static func document(_ report: CollectionReport) -> JSONValue {
        let reasons = CollectionReport.Reason.allCases.map { reason in
            (reason.rawValue, StoreCommand.document(report[reason]))
        }
        return [
            "schema": "assay/store-gc/v1", "applied": .bool(report.isApplied),
            "reasons": .object(Dictionary(uniqueKeysWithValues: reasons)),
            "unreferenced": .array(
                report.unreferenced.map {
                    ["digest": JSONValue($0.digest), "bytes": JSONValue($0.size)]
                }),
            "notes": JSONValue(report.notes),
        ]
    }
}

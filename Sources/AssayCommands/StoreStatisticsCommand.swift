import ArgumentParser
import AssayCore
import AssayReports
import AssayStore

/// `assay store stats`: what takes space, and what sharing saves.
struct StoreStatisticsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Print what the store holds, what sharing saves, and what only one name needs.",
        discussion: """
            Logical is what a name would take with nothing shared, stored is what its blobs take, \
            unique is what would become free without it.

            Example:
              assay store stats
            """)

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let output = global.output
        let statistics = try StoreCommand.open(global).store.statistics(StoreLinks.reader)
        if output.isJSON { return output.result(Self.document(statistics)) }
        let rows = statistics.entries.map { entry in
            [
                Self.short(entry.names[0])
                    + (entry.names.count > 1 ? " and \(entry.names.count - 1) more" : ""),
                "\(ByteCount(entry.logical))", "\(ByteCount(entry.stored))",
                "\(ByteCount(entry.unique))",
            ]
        }
        let table = TextTable(
            header: ["name", "logical", "stored", "unique"], rows: rows, rightAligned: [1, 2, 3])
        for line in table.lines { output.result(line) }
        let loose = statistics.stored - statistics.referenced
        let totals = TextTable(
            header: ["logical", "\(ByteCount(statistics.logical))"],
            rows: [
                ["stored for it", "\(ByteCount(statistics.referenced))"],
                ["saved by sharing", "\(ByteCount(statistics.saved))"],
                ["without a name", "\(ByteCount(loose))"],
                ["in the trash", "\(ByteCount(statistics.trash))"],
                ["stored in all", "\(ByteCount(statistics.stored + statistics.trash))"],
            ], rightAligned: [1])
        output.result("")
        for line in totals.lines { output.result(line) }
    }

    /// A name with the digests in it cut to 12 digits, as other commands print them.
    private static func short(_ name: String) -> String {
        name.split(separator: "/").map { part in
            Digest(hex: part).map(\.short) ?? String(part)
        }.joined(separator: "/")
    }

    private static func document(_ statistics: StoreStatistics) -> JSONValue {
        let entries = statistics.entries.map { entry -> JSONValue in
            [
                "names": JSONValue(entry.names), "digest": JSONValue(entry.digest),
                "logical": JSONValue(entry.logical), "stored": JSONValue(entry.stored),
                "unique": JSONValue(entry.unique),
            ]
        }
        return [
            "schema": "assay/store-stats/v1", "entries": .array(entries),
            "blobs": JSONValue(statistics.blobs), "logical": JSONValue(statistics.logical),
            "referenced": JSONValue(statistics.referenced), "stored": JSONValue(statistics.stored),
            "saved": JSONValue(statistics.saved), "trash": JSONValue(statistics.trash),
        ]
    }
}

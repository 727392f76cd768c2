import ArgumentParser
import AssayCore
import AssayStore
import SystemPackage

/// `assay store fsck`: finds what is hurt, names what needs it, and mends what can be mended.
struct StoreCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fsck",
        abstract: "Check the store; exit 4 if anything in it is hurt.",
        discussion: """
            Without options: are all blobs there that something needs, with their size, and do refs, \
            log and index agree? --sample and --full hash the content as well, what was not \
            hashed for longest first, so that many short runs come round. --repair takes lost blobs \
            from the trash or from --from, and never makes bytes up.

            Examples:
              assay store fsck
              assay store fsck --sample 5
              assay store fsck --full --max-time 60
              assay store fsck --repair --from /backup/store
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("Hash this share of all bytes.", valueName: "percent"))
    var sample: Double?

    @Flag(help: "Hash everything; goes on where a run with --max-time stopped.") var full = false

    @Option(
        name: .customLong("max-time"),
        help: ArgumentHelp("Stop hashing after this time.", valueName: "seconds"))
    var maximumTime: Double?

    @Flag(help: "Mend what can be mended.") var repair = false

    @Option(
        help: ArgumentHelp(
            "Take lost blobs from another store, an OCI layout, a directory of "
                + "`skopeo copy … dir:` or an oci-archive; may be repeated.", valueName: "path"))
    var from: [String] = []

    func validate() throws {
        if let sample, !(sample > 0 && sample <= 100) {
            throw ValidationError("--sample takes more than 0 and at most 100 per cent")
        }
        if let maximumTime, !(maximumTime > 0 && maximumTime < 1e9) {
            throw ValidationError("--max-time takes seconds above 0")
        }
        guard !(full && sample != nil) else {
            throw ValidationError("--full and --sample cannot be given together")
        }
        guard maximumTime == nil || full || sample != nil else {
            throw ValidationError("--max-time is for --full and --sample")
        }
        guard from.isEmpty || repair else { throw ValidationError("--from needs --repair") }
    }

    func run() throws {
        let output = global.output
        let sources = try from.map { try BlobSource(at: FilePath($0)) }
        let place = try StoreCommand.open(global, mending: repair)
        let options = CheckOptions(
            depth: full ? .full : sample.map { .sample($0) } ?? .quick, now: Workspace.now(),
            maximumTime: maximumTime.map { .seconds($0) }, roots: place.roots,
            reader: StoreLinks.reader)
        let line = ProgressLine(output: output, plain: global.plain)
        let progress = { (done: Int, all: Int) in line.update("hashed \(done)/\(all) blobs") }
        let report =
            repair
            ? try place.store.repair(options, sources: sources, progress: progress)
            : try place.store.check(options, progress: progress)
        line.finish()
        if output.isJSON { output.result(Self.document(report)) } else { show(report, output) }
        if !report.open.isEmpty { throw ExitStatus.unevaluated.asError }
    }

    private func show(_ report: CheckReport, _ output: Output) {
        for note in report.notes { output.note("note: \(note)") }
        for fault in report.faults {
            output.result("\(fault.kind.rawValue): \(fault.message)")
            for name in fault.hurt { output.result("    hurts \(name)") }
            if let repair = fault.repair { output.result("    mended: \(repair)") }
        }
        let looked =
            "\(report.refs) names and \(report.blobs) blobs (\(ByteCount(report.bytes))) looked at, "
            + "\(report.hashed) of them (\(ByteCount(report.hashedBytes))) hashed"
        output.result(looked)
        if report.left > 0 {
            output.result(
                "the time was over with \(report.left) blobs left to hash; the next run goes on")
        }
        let open = report.open.count
        let mended = report.faults.count - open
        guard open > 0 else {
            output.result(
                mended > 0 ? "all \(mended) faults were mended" : "the store is whole")
            return
        }
        output.result("\(open) faults" + (mended > 0 ? ", \(mended) more were mended" : ""))
        output.result(
            repair
                ? "Next: assay store fsck --repair --from STORE, or store the content again with "
                    + "`assay track` or `assay bundle create`"
                : "Next: assay store fsck --repair")
    }

    private static func document(_ report: CheckReport) -> JSONValue {
        let faults = report.faults.map { fault in
            JSONValue.object(present: [
                "kind": JSONValue(fault.kind.rawValue),
                "blob": fault.blob.map { JSONValue($0) }, "message": JSONValue(fault.message),
                "hurt": JSONValue(fault.hurt), "repair": fault.repair.map { JSONValue($0) },
            ])
        }
        return [
            "schema": "assay/store-fsck/v1", "whole": .bool(report.open.isEmpty),
            "faults": .array(faults), "notes": JSONValue(report.notes),
            "refs": JSONValue(report.refs), "blobs": JSONValue(report.blobs),
            "bytes": JSONValue(report.bytes), "hashed": JSONValue(report.hashed),
            "hashedBytes": JSONValue(report.hashedBytes), "left": JSONValue(report.left),
        ]
    }
}

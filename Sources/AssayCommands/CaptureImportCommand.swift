import ArgumentParser
import AssayArchive
import AssayCapture
import AssayCore
import AssayStore
import AssaySystem
import SystemPackage

/// `assay capture import`: traffic that was recorded elsewhere.
struct CaptureImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Make a capture of traffic that was recorded by other means.",
        discussion: """
            The format is told by the content. Known are:
            \(CaptureFormat.allCases.map { "  \($0.rawValue): \($0.title)" }.joined(separator: "\n"))
            Files may be packed with gzip, and lie in tar or zip archives; a directory means all files in it.

            Session, key, route and slices are found, and secrets are redacted, as `capture` in \
            assay.yaml says. What a capture file holds stays as it is.

            Examples:
              assay capture import requests.gor.gz --name core
              assay capture import 'cassettes/**/*.yaml' --name core
              assay capture import core.warc.zst --name core --labels labels.csv
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The capture's name.", valueName: "name")) var name: String?
    @Option(help: ArgumentHelp("auto, or one of the formats above.", valueName: "format"))
    var format: String = "auto"
    @Option(help: ArgumentHelp("A CSV or JSONL file of labels.", valueName: "file"))
    var labels: String?
    @Option(
        help: ArgumentHelp(
            "The path of requests in formats that hold none.", valueName: "path"))
    var target: String?
    @Flag(help: "Keep what is whole of a damaged file.") var salvage = false
    @Flag(help: "Keep requests without a response.") var keepUnanswered = false
    @Flag(help: "Read the files and print the ledger, and make no capture.") var dryRun = false
    @Argument(help: "Files, directories, patterns or archives.") var files: [String]

    func validate() throws {
        guard !files.isEmpty else { throw ValidationError("name at least one file") }
        guard name != nil || dryRun else {
            throw ValidationError("name the capture with --name, or give --dry-run")
        }
    }

    func run() throws {
        if let name { try RefName.check(name) }
        let output = global.output
        let workspace = try global.openWorkspace()
        let store = try workspace.openOrCreateStore()
        let known = try chosenFormat()
        if let target, !target.hasPrefix("/") {
            throw AssayError(.usage, "--target takes a path that begins with /, not \(target)")
        }
        try FileSystem.makeDirectory(workspace.runsDirectory)
        let directory = try TemporaryDirectory(in: workspace.runsDirectory, prefix: "import-")
        let rules = try CaptureRules.of(workspace)
        let redactor = try CaptureRules.redactor(of: workspace)
        guard let name, !dryRun else {
            var counting = CountingSink()
            let read = try readAll(into: &counting, in: directory.path, known)
            return report(read, counting)
        }
        var sink = try PreparingSink(in: directory.path, rules: rules, redactor: redactor)
        let read = try readAll(into: &sink, in: directory.path, known)
        var losses = CaptureLosses()
        for file in read { losses.add(file.losses) }
        losses.revise(sink.losses)
        if output.isVerbose || read.count > 1 {
            for file in read {
                output.note("\(file.name) (\(file.format)): \(CaptureText.lines(file.losses)[0])")
            }
        }
        let labelMap = try CaptureRules.labels(labels, rules: rules, redactor: redactor)
        let sealed = try CaptureSealer(
            store: store, labels: labelMap, losses: losses,
            source: files.joined(separator: ", ")
        ).seal(sink.sorted(), as: name)
        if output.isJSON {
            return output.result([
                "id": JSONValue(sealed.capture.id), "summary": sealed.capture.summary.document,
                "unmatchedLabels": JSONValue(sealed.unmatchedLabels),
                "unlabelled": JSONValue(sealed.unlabelled),
            ])
        }
        CaptureText.lines(sealed.capture).forEach(output.result)
        if labels != nil { output.result(CaptureText.labels(sealed)) }
        output.result("imported as \(name)")
    }

    /// What was read of one file.
    private typealias Read = (name: String, format: String, losses: CaptureLosses)

    /// Hands the exchanges of all files to a sink.
    private func readAll<Sink: ExchangeSink & ~Copyable>(
        into sink: inout Sink, in directory: FilePath, _ known: CaptureFormat?
    ) throws -> [Read] {
        var read: [Read] = []
        let options = ImportOptions(
            salvage: salvage, keepsUnanswered: keepUnanswered, target: target)
        for path in try ImportFiles.expand(files) {
            guard known == nil, try isArchive(path) else {
                let format = try known ?? CaptureImport.sniff(path)
                let losses = try CaptureImport.read(
                    path, format: format, into: &sink, options: options)
                read.append((path.string, format.rawValue, losses))
                continue
            }
            do {
                try readMembers(of: path, into: &sink, in: directory, options, &read)
            } catch let error as AssayError where salvage && error.code == .damaged {
                // What lies behind the damage cannot be found.
                var losses = CaptureLosses()
                losses.lose(\.truncated, "\(error)")
                read.append((path.string, "archive", losses))
            }
        }
        return read
    }

    /// Reads the files of an archive one by one.
    private func readMembers<Sink: ExchangeSink & ~Copyable>(
        of archive: FilePath, into sink: inout Sink, in directory: FilePath,
        _ options: ImportOptions, _ read: inout [Read]
    ) throws {
        var members = try ArchiveMembers(archive, in: directory)
        let before = read.count
        while let (name, member) = try members.next() {
            let format = try sniff(member, called: "\(archive):\(name)")
            do {
                let losses = try CaptureImport.read(
                    member, format: format, into: &sink, options: options)
                read.append(("\(archive):\(name)", format.rawValue, losses))
            } catch {
                // The name of the temporary file would say nothing.
                throw AssayError(
                    error.code, error.message.replacing(member.string, with: "\(archive):\(name)"),
                    hint: error.hint, cause: error.cause)
            }
            try FileSystem.remove(member)
        }
        guard read.count > before else {
            throw AssayError(.notFound, "there is no file in the archive \(archive)")
        }
    }

    /// Whether a file is an archive; one that cannot be unpacked is left to the format that it has.
    private func isArchive(_ path: FilePath) throws(AssayError) -> Bool {
        do throws(AssayError) {
            return try ArchiveExtraction.isArchive(path)
        } catch {
            guard error.code == .damaged else { throw error }
            return false
        }
    }

    /// Tells what a dry run read.
    private func report(_ read: [Read], _ counting: borrowing CountingSink) {
        var losses = CaptureLosses()
        for file in read {
            losses.add(file.losses)
            global.output.result(
                "\(file.name) (\(file.format)): \(CaptureText.lines(file.losses)[0])")
        }
        CaptureText.lines(losses).forEach(global.output.result)
        global.output.result(
            "read \(counting.count) exchanges, \(ByteCount(counting.bytes)) of messages; no capture was made"
        )
    }

    private func sniff(_ member: FilePath, called name: String) throws -> CaptureFormat {
        do {
            return try CaptureImport.sniff(member)
        } catch {
            throw AssayError(.unsupported, "could not import \(name)", cause: error)
        }
    }

    private func chosenFormat() throws -> CaptureFormat? {
        if format == "auto" { return nil }
        if let known = CaptureFormat(rawValue: format) { return known }
        let names = CaptureFormat.allCases.map(\.rawValue)
        let meant = Suggestion.nearest(to: format, among: names).map { "; did you mean \($0)?" }
        throw AssayError(
            .usage, "--format \(format) is not known\(meant ?? "")",
            hint: "auto, \(names.joined(separator: ", "))")
    }
}

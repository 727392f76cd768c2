import ArgumentParser
import AssayCore
import AssayReports
import AssaySystem
import SystemPackage

/// The options for reports in other forms than the terminal's.
struct ReportOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Write the report as one self-contained HTML file.", valueName: "file"))
    var html: String?
    @Option(
        help: ArgumentHelp(
            "Write the verdict as JUnit; what holds is a failure.", valueName: "file"))
    var junit: String?
    @Flag(help: "Print Markdown for a pull request or a step summary, at most 64 KiB.")
    var markdown = false
    @Flag(help: "Replace the file of --html or --junit even if assay did not write it.")
    var force = false

    /// Whether any of the forms is asked for.
    var isAny: Bool { html != nil || junit != nil || markdown }

    func validate() throws {
        guard !force || html != nil || junit != nil else {
            throw ValidationError("--force is for the file of --html or --junit")
        }
        guard html == nil || html != junit else {
            throw ValidationError("--html and --junit name the same file")
        }
    }

    /// Writes the forms that are asked for. Throws `.usage` for JUnit without a judgement, and for a
    /// file that is not ours; nothing is written then.
    func write(_ contents: PageContents, output: Output) throws {
        var files: [(path: FilePath, text: String)] = []
        if let html { files.append((FilePath(html), HTMLReport(contents).text)) }
        if let junit {
            guard let judgement = contents.judgement else {
                throw AssayError(
                    .usage, "JUnit is for verdicts, and \(contents.title) is none",
                    hint: "give the digits of a verdict, as `assay gate` prints them")
            }
            files.append((FilePath(junit), JUnitReport(judgement).text))
        }
        for file in files { try check(file.path) }
        for file in files {
            try FileSystem.replace(file.path, with: Array(file.text.utf8))
            output.note("wrote \(file.path)")
        }
        if markdown { output.bytes(Array(MarkdownReport(contents).text.utf8)) }
    }

    private func check(_ path: FilePath) throws(AssayError) {
        guard let status = try FileSystem.status(of: path) else { return }
        guard status.kind == .file else {
            throw AssayError(
                .usage, "could not write the report to \(path): it is not a plain file",
                hint: "give the name of a file")
        }
        guard !force, !ReportFile.isOurs(try FileSystem.read(path)) else { return }
        throw AssayError(
            .usage, "could not write the report to \(path): assay did not write what is there",
            hint: "give another name, or --force to replace it")
    }
}

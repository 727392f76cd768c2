import ArgumentParser
import AssayCore
import AssayEnvironment
import AssayReports
import AssaySystem
import SystemPackage

/// `assay env diff`: what differs between environments, the riskiest first, and what mends it.
struct EnvDiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare two environments, the riskiest difference first; exit 1 if they differ.",
        discussion: """
            Three gaps are told apart: what is declared and what is locked, what is locked and what \
            is installed, and one place and the other. With a third environment its values stand \
            beside; the comparison is of the first two. A rule allows a difference: `exact`, \
            `patch`, `minor`, `major`, `presence` or `ignore`; the last one that matches a key wins, \
            and a key that none matches must be equal.

            Examples:
              assay env diff stage/prod HEAD
              assay env diff production.json here --files --rules env-rules.yaml
              assay env diff production.json HEAD here --lock requirements.lock --declared requirements.in
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("What differences are allowed.", valueName: "file"))
    var rules: String?
    @Option(
        help: ArgumentHelp(
            "The lock that the second environment is installed from; of a bundle, its own.",
            valueName: "file"))
    var lock: String?
    @Option(
        help: ArgumentHelp(
            "The requirements that people wrote, from which the lock is made.", valueName: "file"))
    var declared: String?
    @Flag(help: "Hash every file of every package against its RECORD.") var files = false
    @Flag(help: "Import the numeric libraries and compare the BLAS and OpenMP that they load.")
    var loaded = false

    @Argument(help: "As it should be: an id, a revision, stage/NAME, here, or a probe's file.")
    var old: String
    @Argument(help: "As it is.") var new: String
    @Argument(help: "One more, to stand beside.") var beside: String?

    func run() throws {
        let output = global.output
        let depth = EnvironmentPlace.Depth(files: files, loaded: loaded)
        let allowed =
            try rules.map { try EnvironmentRules.parse(try read($0), file: $0) }
            ?? EnvironmentRules.none
        let places = try places(depth)
        let (wanted, found) = (places[0], places[1])
        let third = places.dropFirst(2).first?.facts
        let locked = try lock.map { try LockedPackages.ofLock(try read($0), file: $0) }
        let written = try declared.map { try EnvironmentGaps.declared(try read($0), file: $0) }
        let gaps = EnvironmentGaps(
            declared: written, locked: locked ?? found.locked, wanted: wanted.facts,
            found: found.facts, rules: allowed)
        if output.isJSON {
            output.result(document(gaps, third))
        } else if gaps.findings.isEmpty {
            output.note("the environments are equal")
        } else {
            for line in lines(gaps, third) { output.result(line) }
        }
        if !gaps.findings.isEmpty { throw ExitStatus.blocked.asError }
    }

    /// The places that are named. What is not `here` comes first, since it says what `here` is asked
    /// for.
    private func places(_ depth: EnvironmentPlace.Depth) throws -> [EnvironmentPlace] {
        let names = [old, new] + [beside].compactMap { $0 }
        var known: [String: EnvironmentPlace] = [:]
        for name in names where name != "here" && known[name] == nil {
            known[name] = try EnvironmentPlace(name, global, depth: depth)
        }
        let model = names.lazy.compactMap { known[$0] }.first
        let here =
            names.contains("here")
            ? try EnvironmentPlace("here", global, depth: depth, beside: model?.facts) : nil
        return names.compactMap { known[$0] ?? here }
    }

    private func read(_ file: String) throws -> [UInt8] {
        try FileSystem.read(FilePath(file), limit: 1 << 26)
    }

    private func document(_ gaps: EnvironmentGaps, _ third: [String: String]?) -> JSONValue {
        .array(
            gaps.findings.map { finding in
                .object(present: [
                    "gap": .string(finding.kind.rawValue), "key": JSONValue(finding.key),
                    "old": finding.wanted.map { JSONValue($0) },
                    "new": finding.found.map { JSONValue($0) },
                    "beside": third.flatMap { $0[finding.key] }.map { JSONValue($0) },
                    "risk": .string("\(finding.risk)"),
                    "command": finding.command.map { JSONValue($0) },
                ])
            })
    }

    private func lines(_ gaps: EnvironmentGaps, _ third: [String: String]?) -> [String] {
        var header = ["gap", "fact", old, new]
        if let beside { header.append(beside) }
        let rows = gaps.findings.map { finding in
            var row = [
                finding.kind.rawValue, finding.key, Self.cut(finding.wanted),
                Self.cut(finding.found),
            ]
            if let third { row.append(Self.cut(third[finding.key])) }
            return row + [finding.command ?? ""]
        }
        return TextTable(header: header + ["mended by"], rows: rows).lines
    }

    private static func cut(_ value: String?) -> String {
        guard let value else { return "absent" }
        return value.count > 40 ? "\(value.prefix(39))…" : value
    }
}

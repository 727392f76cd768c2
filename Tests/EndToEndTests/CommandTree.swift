import AssayCore

/// What the program says of its own commands and options: `--experimental-dump-help`.
struct CommandTree {
    let name: String
    let subcommands: [CommandTree]
    /// The name of the one that runs if none is named.
    let defaultSubcommand: String?
    /// The options as they are written, with their dashes.
    let options: Set<String>
    /// Those of them that take a value.
    let valued: Set<String>

    init(_ reader: JSONReader) throws {
        name = try reader["commandName"].string()
        subcommands = try (reader["subcommands"].ifPresent?.elements() ?? []).map(CommandTree.init)
        defaultSubcommand = try reader["defaultSubcommand"].ifPresent?.string()
        var options: Set<String> = []
        var valued: Set<String> = []
        for argument in try reader["arguments"].ifPresent?.elements() ?? [] {
            for name in try argument["names"].ifPresent?.elements() ?? [] {
                let dashes = try name["kind"].string() == "long" ? "--" : "-"
                let option = dashes + (try name["name"].string())
                options.insert(option)
                if try argument["kind"].string() == "option" { valued.insert(option) }
            }
        }
        self.options = options
        self.valued = valued
    }

    /// The options of this command and of all beneath it.
    var allOptions: Set<String> {
        subcommands.reduce(options) { $0.union($1.allOptions) }
    }

    /// A command beneath this one that has none beneath itself; `nil` for such a command.
    private var anyLeaf: CommandTree? {
        subcommands.first.map { $0.anyLeaf ?? $0 }
    }

    /// What is wrong with a line of words behind `assay`; `nil` if a person could type it.
    func fault(in line: Substring) -> String? {
        var words = line.split(separator: " ")[...]
        // Options of every command may stand before it.
        while let word = words.first.map(Self.bare), let leaf = anyLeaf, leaf.options.contains(word)
        {
            words = words.dropFirst(leaf.valued.contains(word) ? 2 : 1)
        }
        let all = words
        guard let first = words.popFirst() else { return nil }
        let standard = subcommands.first { $0.name == defaultSubcommand }
        let names = first.split(separator: "|").map(Self.bare)
        let isNamed = subcommands.contains { names.contains($0.name) }
        if let standard, !isNamed { return standard.flagFault(Array(all)) }
        if names.allSatisfy({ $0.hasPrefix("-") }) { return flagFault([first] + words) }
        guard let name = names.first, !name.isEmpty, name.allSatisfy({ $0.isLetter }) else {
            return flagFault([first] + words)
        }
        guard !subcommands.isEmpty else { return flagFault([first] + words) }
        for name in names where !subcommands.contains(where: { $0.name == name }) {
            return "`\(self.name)` has no command `\(name)`"
        }
        guard names.count == 1, let next = subcommands.first(where: { $0.name == name }) else {
            return nil
        }
        return next.fault(in: Substring(words.joined(separator: " ")))
    }

    private func flagFault(_ words: [Substring]) -> String? {
        for word in words {
            if word.utf8.contains(where: { $0 > 0x7F }) || ["#", "&", "|", ">"].contains(word) {
                return nil
            }
            guard word.hasPrefix("-") else { continue }
            let flag = Self.bare(word.split(separator: "=")[0])
            guard flag.count > 1, flag != "--", !options.contains(flag) else { continue }
            return "`\(name)` has no option `\(flag)`"
        }
        return nil
    }

    private static func bare(_ word: Substring) -> String {
        String(word.filter { !",.;:)[](\"'`\\".contains($0) })
    }
}

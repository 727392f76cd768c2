import ArgumentParser

/// Lets the options that every command takes stand before the command, as with git.
///
/// The parser knows them only behind the command that declares them, so they are moved there:
/// `-C there capture list` becomes `capture list -C there`.
enum GlobalArguments {
    private static let withValue: Set<String> = ["-C", "--store", "--color"]
    private static let flags: Set<String> = [
        "--json", "--plain", "--quiet", "--verbose", "-q", "-v", "-qv", "-vq",
    ]

    /// The arguments with leading global options behind the last name of a command; the same
    /// arguments where none leads.
    static func behindCommand(
        _ arguments: [String], of root: any ParsableCommand.Type = RootCommand.self
    ) -> [String] {
        var command = root
        var names: [String] = []
        var moved: [String] = []
        var rest = arguments[...]
        while let word = rest.first {
            let subcommands = command.configuration.subcommands
            if let next = subcommands.first(where: { $0._commandName == word }) {
                names.append(word)
                command = next
                rest = rest.dropFirst()
            } else if subcommands.isEmpty {
                break
            } else if flags.contains(word) || hasJoinedValue(word) {
                moved.append(word)
                rest = rest.dropFirst()
            } else if withValue.contains(word), rest.count > 1 {
                moved += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else {
                break
            }
        }
        return names.isEmpty ? arguments : names + moved + rest
    }

    private static func hasJoinedValue(_ word: String) -> Bool {
        withValue.contains { $0.hasPrefix("--") && word.hasPrefix("\($0)=") }
    }
}

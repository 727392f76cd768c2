import AssayCore
import AssaySystem
import SystemPackage
import Testing

/// Every hint, message and document names only commands and options that there are.
@Suite("Mentions of commands")
struct CommandMentionTests {
    static let root = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent()

    /// Options of other programs that texts mention; the last are those of pip, of `scripts/bench`
    /// and of the script that `assay env show --script` prints.
    static let foreign: Set<String> = [
        "--generate-hashes", "--filter", "--all", "--oneline", "--require-hashes", "--no-verify",
        "--help", "--loaded", "--hash", "--case", "--runs", "--parts", "--size", "--pid",
        "--secret-key",
    ]

    @Test("a command or an option that a text mentions exists")
    func mentions() async throws {
        let dump = try await Program.assay("--experimental-dump-help", in: Self.root)
        let document = try JSONParser.parse(Array(dump.output.utf8), file: "help")
        let tree = try CommandTree(JSONReader(document, document: "help")["command"])
        let known = tree.allOptions.union(Self.foreign).union(try Self.benchmarkOptions())
        var seen = 0
        for (path, text) in try Self.texts() {
            let plain = Self.withoutInterpolations(text)
            let places = [
                /`assay ([^`\n]+)/,
                /(?:"|Next: |then: |Example:\\n +)assay ([^"\n]+)/,
                /(?m)^ *(?:\$ |run \d+ |[A-Z_]+=\S+ )?assay ([^"\n]+)/,
            ]
            for place in places {
                for match in plain.matches(of: place) {
                    seen += 1
                    let fault = tree.fault(in: match.output.1)
                    #expect(fault == nil, "\(path): assay \(match.output.1)")
                }
            }
            for match in plain.matches(of: /`(--[a-z][a-z-]*)/) {
                let option = String(match.output.1)
                #expect(known.contains(option), "\(path): \(option)")
            }
        }
        #expect(seen > 100)
    }

    /// The options that the programs in Benchmarks take.
    private static func benchmarkOptions() throws -> Set<String> {
        var options: Set<String> = []
        let directory = root.appending("Benchmarks")
        for name in try FileSystem.names(in: directory) {
            let program = try FileSystem.read(directory.appending(name).appending("run"))
            for match in String(decoding: program, as: UTF8.self).matches(
                of: /add_argument\("(--[a-z-]+)"/)
            {
                options.insert(String(match.output.1))
            }
        }
        #expect(!options.isEmpty)
        return options
    }

    /// The texts that people read: sources, documents and scripts.
    private static func texts() throws -> [(path: FilePath, text: String)] {
        var found: [(FilePath, String)] = []
        var pending = ["Sources", "Documentation", "README.md", "scripts", "hooks", "changelog"]
            .map { root.appending($0) }
        pending.append(root.appending("fixtures/flights/README.md"))
        while let path = pending.popLast() {
            if try FileSystem.status(of: path)?.kind == .directory {
                pending += try FileSystem.names(in: path).map { path.appending($0) }
            } else if !["json", "zst", "gz"].contains(path.extension) {
                found.append((path, String(decoding: try FileSystem.read(path), as: UTF8.self)))
            }
        }
        return found
    }

    /// The text with `X` for what Swift puts into a string.
    private static func withoutInterpolations(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let open = rest.firstRange(of: "\\(") {
            result += rest[..<open.lowerBound] + "X"
            var depth = 1
            rest = rest[open.upperBound...].drop { character in
                if character == "(" { depth += 1 }
                if character == ")" { depth -= 1 }
                return depth > 0
            }.dropFirst()
        }
        return result + rest
    }
}

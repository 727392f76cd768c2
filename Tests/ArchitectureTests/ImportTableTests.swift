import AssayCore
import AssaySystem
import SystemPackage
import Testing

/// Holds every import in Sources against the table of Documentation/ARCHITECTURE.md.
@Suite("Architecture")
struct ImportTableTests {
    /// What each target may import of ours, lowest first.
    static let table: [String: Set<String>] = [
        "AssayCore": [],
        "AssaySystem": ["AssayCore", "CLinux"],
        "AssayConfiguration": ["AssayCore"],
        "AssayStatistics": ["AssayCore"],
        "AssayStore": ["AssayCore", "AssaySystem", "CLinux", "CZstd"],
        "AssayGit": ["AssayCore", "AssaySystem", "CLibgit2"],
        "AssayEnvironment": ["AssayCore", "AssaySystem"],
        "AssayEvidence": ["AssayCore"],
        "AssayBundling": [
            "AssayCore", "AssaySystem", "AssayStore", "AssayGit", "AssayEnvironment",
        ],
        "AssayCapture": ["AssayCore", "AssaySystem", "AssayStore", "CZlib", "CZstd"],
        "AssayRecorder": ["AssayCore", "AssaySystem", "AssayCapture"],
        "AssayComparison": [
            "AssayCore", "AssayEvidence", "CSimdjson", "CZlib", "CBrotli", "CZstd",
        ],
        "AssayReplay": [
            "AssayCore", "AssaySystem", "CLinux", "AssayStore", "AssayCapture", "AssayComparison",
            "AssayEvidence", "CZstd",
        ],
        "AssayGate": ["AssayCore", "AssayConfiguration", "AssayStatistics", "AssayEvidence"],
        "AssayPromotion": ["AssayCore", "AssaySystem", "AssayGit"],
        "AssayRegistry": ["AssayCore", "AssaySystem", "AssayStore"],
        "AssayReports": ["AssayCore", "AssayEvidence", "AssayGate"],
        "AssayCommands": [
            "AssayCore", "AssaySystem", "AssayStore", "AssayGit",
            "AssayEnvironment", "AssayEvidence", "AssayBundling", "AssayCapture", "AssayRecorder",
            "AssayComparison", "AssayReplay", "AssayGate", "AssayPromotion", "AssayRegistry",
            "AssayReports",
        ],
        "assay": ["AssayCommands"],
    ]

    static let root = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent()

    @Test("every import of ours stands in the table")
    func imports() throws {
        var seen = 0
        for (target, file) in try Self.sources() {
            let allowed = try #require(Self.table[target], "target \(target) is not in the table")
            for module in Self.imports(
                of: String(decoding: try FileSystem.read(file), as: UTF8.self))
            where Self.isOurs(module) {
                seen += 1
                #expect(allowed.contains(module), "\(file) imports \(module)")
            }
        }
        #expect(seen > 0)
    }

    @Test("every target of the table has sources")
    func noEmptyShells() throws {
        let targets = Set(try Self.sources().map(\.target))
        #expect(targets == Set(Self.table.keys))
    }

    @Test("no source uses the JSON of Foundation")
    func noFoundationJSON() throws {
        for (_, file) in try Self.sources() {
            let text = String(decoding: try FileSystem.read(file), as: UTF8.self)
            #expect(!text.contains("JSONSerialization"), "\(file)")
            #expect(!text.contains("JSONDecoder") && !text.contains("JSONEncoder"), "\(file)")
        }
    }

    static func isOurs(_ module: String) -> Bool {
        table[module] != nil
            || ["CLinux", "CLibgit2", "CLibarchive", "CZstd", "CZlib", "CBrotli", "CSimdjson"]
                .contains(module)
    }

    static func sources() throws -> [(target: String, file: FilePath)] {
        var found: [(String, FilePath)] = []
        let sources = root.appending("Sources")
        for target in try FileSystem.names(in: sources) where !target.hasPrefix("C") {
            var pending = [sources.appending(target)]
            while let place = pending.popLast() {
                for name in try FileSystem.names(in: place) {
                    let path = place.appending(name)
                    if try FileSystem.status(of: path)?.kind == .directory {
                        pending.append(path)
                    } else if name.hasSuffix(".swift") {
                        found.append((target, path))
                    }
                }
            }
        }
        return found
    }

    static func imports(of text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ").filter { !$0.hasPrefix("@") }
            guard let mark = words.firstIndex(of: "import"), mark <= 1, mark + 1 < words.count
            else {
                return nil
            }
            if mark == 1,
                !["public", "package", "internal", "private", "fileprivate"].contains(words[0])
            {
                return nil
            }
            let kinds: Set<Substring> = [
                "struct", "class", "enum", "protocol", "func", "var", "let",
            ]
            let name =
                kinds.contains(words[mark + 1]) && mark + 2 < words.count
                ? words[mark + 2] : words[mark + 1]
            return String(name.split(separator: ".")[0])
        }
    }
}

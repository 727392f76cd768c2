import AssaySystem
import SystemPackage

/// The Swift files of the targets in Sources and what they import.
enum SourceImports {
    static let root = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent()

    /// The text of a file of the repository.
    static func text(_ path: String) throws -> String {
        String(decoding: try FileSystem.read(root.appending(path)), as: UTF8.self)
    }

    /// The names of the directories in Sources.
    static func targets() throws -> [String] {
        try FileSystem.names(in: root.appending("Sources"))
    }

    /// Every Swift file of a target in Swift, with its text.
    static func files() throws -> [(target: String, file: FilePath, text: String)] {
        var found: [(String, FilePath, String)] = []
        for target in try targets() {
            var pending = [root.appending("Sources").appending(target)]
            while let place = pending.popLast() {
                for name in try FileSystem.names(in: place) {
                    let path = place.appending(name)
                    if try FileSystem.status(of: path)?.kind == .directory {
                        pending.append(path)
                    } else if name.hasSuffix(".swift") {
                        let text = String(decoding: try FileSystem.read(path), as: UTF8.self)
                        found.append((target, path, text))
                    }
                }
            }
        }
        return found
    }

    /// The modules that a text imports.
    static func imports(of text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ").filter { !$0.hasPrefix("@") }
            guard let mark = words.firstIndex(of: "import"), mark <= 1, mark + 1 < words.count
            else { return nil }
            let levels: Set<Substring> = [
                "public", "package", "internal", "private", "fileprivate",
            ]
            if mark == 1, !levels.contains(words[0]) { return nil }
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

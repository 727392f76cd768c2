import AssayCore

/// What Package.swift says of the targets in Sources, read from its text: running the package manager
/// inside a test would wait for the build that runs the test.
struct PackageManifest {
    /// The names in the dependencies of each target, of ours and of packages.
    let dependencies: [String: Set<String>]
    /// The products of packages that the manifest names.
    let products: Set<String>

    init(text: String) throws {
        let groups = Self.groups(in: text)
        products = Set(groups.values.joined())
        var dependencies: [String: Set<String>] = [:]
        for mark in ["module(", ".executableTarget(", ".target(", ".systemLibrary("] {
            var rest = text[...]
            while let found = rest.firstRange(of: mark) {
                rest = rest[found.upperBound...]
                let call = Self.call(rest)
                // Outside of Sources the table does not say what may use what.
                guard let name = Self.quoted(call).first, !call.contains("path: ") else { continue }
                guard mark != ".systemLibrary(" else {
                    dependencies[name] = []
                    continue
                }
                // Settings and paths are not dependencies.
                let list = call.prefix { $0 != "]" }
                var names = Set(
                    Self.quoted(list).dropFirst().filter { list.contains("[") && $0 != name })
                for (group, members) in groups where Self.words(call).contains(group) {
                    names.formUnion(members)
                }
                if name.hasPrefix("C") { names = [] }
                dependencies[name] = names
            }
        }
        guard !dependencies.isEmpty, !products.isEmpty else {
            throw AssayError(.invalidDocument, "Package.swift is written in another way")
        }
        self.dependencies = dependencies
    }

    /// `let yams = ….product(name: "Yams", …)`: the products by the name of the constant.
    private static func groups(in text: String) -> [String: [String]] {
        var groups: [String: [String]] = [:]
        var constant: String?
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if line.hasPrefix("let "), words.count > 1 {
                constant = String(words[1].prefix { $0 != ":" })
            }
            guard let constant, let mark = line.firstRange(of: "product(name: \""),
                let product = quoted(line[mark.lowerBound...]).first
            else { continue }
            groups[constant, default: []].append(product)
        }
        return groups
    }

    /// The arguments of the call whose parenthesis has just opened.
    private static func call(_ text: Substring) -> Substring {
        var depth = 1
        return text.prefix { character in
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            return depth > 0
        }
    }

    private static func quoted(_ text: Substring) -> [String] {
        text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }

    private static func words(_ text: Substring) -> Set<String> {
        Set(text.split { !$0.isLetter }.map { String($0) })
    }
}

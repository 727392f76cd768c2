import AssayCore

extension RequirementsLock {
    /// Options that say where files come from; hashes decide what is installed, so they are fine.
    private static let allowedOptions: Set<String> = [
        "-i", "--index-url", "--extra-index-url", "--trusted-host", "--only-binary",
        "--prefer-binary", "--require-hashes", "--no-index",
    ]

    static func allow(option text: String, at place: SourceLocation) throws(AssayError) {
        let name = String(text.prefix { !$0.isWhitespace && $0 != "=" })
        if allowedOptions.contains(name) { return }
        if name == "-f" || name == "--find-links" {
            let value = trimmed(text.dropFirst(name.count).drop { $0 == "=" || $0.isWhitespace })
            if value.hasPrefix("https://") || value.hasPrefix("http://") { return }
            throw AssayError(
                .invalidDocument, "\(name) names a place on this machine, which a lock must not",
                hint: "set PIP_FIND_LINKS in the environment instead", at: place)
        }
        throw AssayError(
            .invalidDocument, "\(name) has no place in a lock",
            hint:
                "compile the lock again, with `pip-compile --generate-hashes` or `uv pip compile --generate-hashes`",
            at: place)
    }

    static func requirement(
        _ text: String, at place: SourceLocation
    ) throws(AssayError) -> Requirement {
        var words = words(text)
        let optionsAt = words.firstIndex { $0.hasPrefix("--") } ?? words.endIndex
        let options = Array(words[optionsAt...])
        words.removeSubrange(optionsAt...)
        let specification = words.joined(separator: " ")
        let parts = specification.split(
            separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
        let marker = parts.count == 2 ? trimmed(parts[1]) : nil
        if let marker, marker.isEmpty {
            throw AssayError(.invalidDocument, "the marker after `;` is empty", at: place)
        }
        let (name, extras, version) = try pin(trimmed(parts[0]), at: place)
        return Requirement(
            name: PackageName.normalise(name), extras: extras, version: version,
            marker: marker.map(String.init), hashes: try hashes(options, of: name, at: place),
            line: place.line)
    }

    private static func pin(
        _ text: Substring, at place: SourceLocation
    ) throws(AssayError) -> (name: String, extras: [String], version: String) {
        let nameEnd = text.firstIndex { "[=<>!~@ ".contains($0) } ?? text.endIndex
        let name = String(text[..<nameEnd])
        guard PackageName.isValid(name) else {
            throw AssayError(.invalidDocument, "`\(text)` is not a requirement", at: place)
        }
        var rest = trimmed(text[nameEnd...])
        var extras: [String] = []
        if rest.first == "[" {
            guard let close = rest.firstIndex(of: "]") else {
                throw AssayError(.invalidDocument, "the extras of \(name) have no end", at: place)
            }
            for extra in rest[rest.index(after: rest.startIndex)..<close].split(separator: ",") {
                guard PackageName.isValid(trimmed(extra)) else {
                    throw AssayError(.invalidDocument, "`\(extra)` is not an extra", at: place)
                }
                extras.append(PackageName.normalise(trimmed(extra)))
            }
            rest = trimmed(rest[rest.index(after: close)...])
        }
        let version = rest.hasPrefix("==") ? trimmed(rest.dropFirst(2)) : ""
        let isExact =
            !version.isEmpty
            && version.utf8.allSatisfy { byte in
                switch byte {
                case 48...57, 65...90, 97...122: true
                case UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "+"), UInt8(ascii: "-"),
                    UInt8(ascii: "_"):
                    true
                default: false
                }
            }
        guard isExact else {
            throw AssayError(
                .invalidDocument, "\(name) is not pinned to one version with `==`",
                hint:
                    "compile the lock again, with `pip-compile --generate-hashes` or `uv pip compile --generate-hashes`",
                at: place)
        }
        return (name, extras.sorted(), String(version))
    }

    private static func hashes(
        _ options: [Substring], of name: String, at place: SourceLocation
    ) throws(AssayError) -> [String] {
        let digits = ["sha256": 64, "sha384": 96, "sha512": 128]
        var hashes: Set<String> = []
        var words = options[...]
        while let word = words.popFirst() {
            var value: Substring?
            if word == "--hash" {
                value = words.popFirst()
            } else if word.hasPrefix("--hash=") {
                value = word.dropFirst("--hash=".count)
            } else {
                throw AssayError(
                    .invalidDocument, "\(word) of \(name) has no place in a lock", at: place)
            }
            let parts = (value ?? "").split(separator: ":", maxSplits: 1)
            let isHex = parts.last?.utf8.allSatisfy {
                (48...57).contains($0) || (97...102).contains($0)
            }
            guard parts.count == 2, let count = digits[String(parts[0])],
                parts[1].utf8.count == count, isHex == true
            else {
                throw AssayError(
                    .invalidDocument,
                    "`\(value ?? "")` of \(name) is not a hash, as sha256: and 64 digits", at: place
                )
            }
            hashes.insert("\(parts[0]):\(parts[1])")
        }
        guard !hashes.isEmpty else {
            throw AssayError(
                .invalidDocument, "\(name) has no --hash, so that any file could be installed",
                hint:
                    "compile the lock again, with `pip-compile --generate-hashes` or `uv pip compile --generate-hashes`",
                at: place)
        }
        return hashes.sorted()
    }
}

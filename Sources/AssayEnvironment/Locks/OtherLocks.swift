import AssayConfiguration
import AssayCore

/// Reads the locks of other languages' tools.
enum OtherLocks {
    typealias Package = (name: String, version: String)

    /// npm, lock versions 1 to 3.
    static func npm(_ bytes: [UInt8], file: String) throws(AssayError) -> [Package] {
        let root = JSONReader(try JSONParser.parse(bytes, file: file), document: file)
        var packages: [Package] = []
        if root["packages"].isPresent {
            for (place, package) in try root["packages"].members() where !place.isEmpty {
                let name = place.split(separator: "node_modules/").last.map(String.init) ?? place
                if let version = try package["version"].ifPresent?.string() {
                    packages.append((name, version))
                }
            }
            return packages
        }
        // A project without dependencies has neither, but always a version of its lock.
        guard root["dependencies"].isPresent || root["lockfileVersion"].isPresent else {
            throw root.mismatch("a lock of npm")
        }
        try collect(root["dependencies"], into: &packages, depth: 0)
        return packages
    }

    private static func collect(
        _ dependencies: JSONReader, into packages: inout [Package], depth: Int
    ) throws(AssayError) {
        guard dependencies.isPresent, depth < 64 else { return }
        for (name, package) in try dependencies.members() {
            packages.append((name, try package["version"].string()))
            try collect(package["dependencies"], into: &packages, depth: depth + 1)
        }
    }

    /// `require` lines and blocks of `go.mod`; `replace` names what is really built.
    static func goModule(_ bytes: [UInt8], file: String) throws(AssayError) -> [Package] {
        var packages: [Package] = []
        var block = ""
        for line in try lines(bytes, file) {
            let bare = line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line[...]
            var words = bare.split(whereSeparator: \.isWhitespace)
            guard !words.isEmpty else { continue }
            if words == [")"] {
                block = ""
                continue
            }
            if words.count == 2, words[1] == "(" {
                block = String(words[0])
                continue
            }
            let verb = block.isEmpty ? String(words.removeFirst()) : block
            if verb == "require", words.count >= 2 {
                packages.append((String(words[0]), String(words[1])))
            } else if verb == "replace", let arrow = words.firstIndex(of: "=>"), arrow > 0 {
                let target = words[(arrow + 1)...].joined(separator: " ")
                packages.append(("replace \(words[..<arrow].joined(separator: " "))", target))
            } else if verb == "go" || verb == "toolchain", let version = words.first {
                packages.append((verb, String(version)))
            }
        }
        return packages
    }

    /// `go.sum`: versions with the hashes of their content, which stand for it.
    static func goSums(_ bytes: [UInt8], file: String) throws(AssayError) -> [Package] {
        var packages: [Package] = []
        for (index, line) in try lines(bytes, file).enumerated() {
            let words = line.split(separator: " ")
            if words.isEmpty { continue }
            guard words.count == 3 else {
                throw AssayError(
                    .invalidDocument, "this is not a line of go.sum",
                    at: SourceLocation(file: file, line: index + 1, column: 1))
            }
            if words[1].hasSuffix("/go.mod") { continue }
            packages.append((String(words[0]), "\(words[1]) \(words[2])"))
        }
        return packages
    }

    private static func lines(_ bytes: [UInt8], _ file: String) throws(AssayError) -> [String] {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw AssayError(.invalidDocument, "\(file) is not UTF-8 text")
        }
        return text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .map(String.init)
    }

    static func cargo(_ bytes: [UInt8], file: String) throws(AssayError) -> [Package] {
        let root = JSONReader(try TOMLDocument.parse(bytes, file: file), document: file)
        var packages: [Package] = []
        guard root["package"].isPresent else { return [] }
        for package in try root["package"].elements() {
            packages.append((try package["name"].string(), try package["version"].string()))
        }
        return packages
    }

    /// `Package.resolved`, versions 1 to 3.
    static func swiftPackage(_ bytes: [UInt8], file: String) throws(AssayError) -> [Package] {
        let root = JSONReader(try JSONParser.parse(bytes, file: file), document: file)
        let pins = root["pins"].isPresent ? root["pins"] : root["object"]["pins"]
        var packages: [Package] = []
        for pin in try pins.elements() {
            let name = pin["identity"].isPresent ? pin["identity"] : pin["package"]
            let state = pin["state"]
            let branch = try state["branch"].ifPresent?.string()
            let version = try state["version"].ifPresent?.string() ?? branch
            let revision = try state["revision"].ifPresent?.string().prefix(12)
            packages.append(
                (
                    try name.string(),
                    [version, revision.map(String.init)].compactMap { $0 }.joined(separator: " ")
                ))
        }
        return packages
    }
}

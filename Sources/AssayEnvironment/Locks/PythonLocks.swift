import AssayConfiguration
import AssayCore

/// Reads the locks of Python's tools.
enum PythonLocks {
    typealias Package = (name: String, version: String)

    /// Requirements as pip reads them: `name==version`, and the direct references of `pip freeze`.
    static func requirements(_ bytes: [UInt8], file: String) throws(AssayError) -> [Package] {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw AssayError(.invalidDocument, "\(file) is not UTF-8 text")
        }
        var packages: [Package] = []
        for (number, line) in RequirementsLock.logicalLines(text) {
            if line.hasPrefix("-e ") || line.hasPrefix("--editable") {
                let name = line.split(separator: "#egg=").last ?? Substring(line)
                packages.append((PackageName.normalise(name), "editable"))
                continue
            }
            if line.hasPrefix("-") { continue }
            let bare = line.split(separator: " --").first ?? Substring(line)
            let requirement = bare.split(separator: ";").first ?? bare
            guard let package = package(requirement) else {
                throw AssayError(
                    .invalidDocument, "`\(requirement)` is not a requirement with a version",
                    hint: "a lock has exact versions, as `pip freeze` prints them",
                    at: SourceLocation(file: file, line: number, column: 1))
            }
            packages.append(package)
        }
        return packages
    }

    private static func package(_ text: Substring) -> Package? {
        let parts: [Substring]
        if let at = text.firstRange(of: " @ ") {
            parts = [text[..<at.lowerBound], text[at.upperBound...]]
        } else if let mark = text.firstRange(of: "==") {
            let rest = text[mark.upperBound...]
            parts = [text[..<mark.lowerBound], rest.hasPrefix("=") ? rest.dropFirst() : rest]
        } else {
            return nil
        }
        let name = RequirementsLock.trimmed(parts[0].prefix { $0 != "[" })
        let version = RequirementsLock.trimmed(parts[1])
        guard PackageName.isValid(name), !version.isEmpty else { return nil }
        return (PackageName.normalise(name), String(version))
    }

    /// Every package of `uv.lock` but the project itself.
    static func uv(_ bytes: [UInt8], file: String) throws(AssayError) -> [Package] {
        var packages: [Package] = []
        for package in try UVLock(bytes, file: file).packages where !package.isProject {
            packages.append((package.name, package.version ?? "unknown"))
        }
        return packages
    }

    static func poetry(_ bytes: [UInt8], file: String) throws(AssayError) -> [Package] {
        let root = JSONReader(try TOMLDocument.parse(bytes, file: file), document: file)
        var packages: [Package] = []
        guard root["package"].isPresent else { return [] }
        for package in try root["package"].elements() {
            packages.append(
                (
                    PackageName.normalise(try package["name"].string()),
                    try package["version"].string()
                ))
        }
        return packages
    }
}

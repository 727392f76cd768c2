import AssayConfiguration
import AssayCore

/// Reads the locks of conda.
enum CondaLocks {
    /// `conda-lock.yml`: packages for several platforms and two managers.
    static func lock(
        _ bytes: [UInt8], file: String
    ) throws(AssayError) -> [(name: String, version: String)] {
        let root = try ConfigurationDocument.parse(bytes, file: file, maximumBytes: 1 << 26)
        var packages: [(name: String, version: String)] = []
        for package in try root.member("package").sequence() {
            let name = try package.member("name").text()
            let version = try package.member("version").text()
            let manager = try package.optional("manager")?.text() ?? "conda"
            packages.append((manager == "pip" ? PackageName.normalise(name) : name, version))
        }
        return packages
    }

    /// `environment.yml`: `name=version=build`, with a list of pip's requirements in it.
    static func environment(
        _ bytes: [UInt8], file: String
    ) throws(AssayError) -> [(name: String, version: String)] {
        let root = try ConfigurationDocument.parse(bytes, file: file, maximumBytes: 1 << 24)
        var packages: [(name: String, version: String)] = []
        for dependency in try root.member("dependencies").sequence() {
            guard dependency.isText else {
                for requirement in try dependency.member("pip").sequence() {
                    let line = Array(try requirement.text().utf8)
                    packages += try PythonLocks.requirements(line, file: file)
                }
                continue
            }
            let text = try dependency.text()
            let bare = text.split(separator: "::").last ?? Substring(text)
            let parts = bare.split(separator: "=")
            guard let name = parts.first else {
                throw dependency.failure("`\(text)` is not a dependency")
            }
            packages.append((String(name), parts.count > 1 ? String(parts[1]) : "any"))
        }
        return packages
    }
}

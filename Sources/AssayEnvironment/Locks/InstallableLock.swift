public import AssayCore

/// A lock that a virtual environment can be built from: pip's with hashes, or uv's.
public struct InstallableLock: Hashable, Sendable {
    /// The packages.
    public let requirements: RequirementsLock
    /// The same as pip reads it.
    let text: [UInt8]
    /// Whether the lock names every dependency, so that pip need not look for more.
    let isClosed: Bool

    /// Reads a lock; its name, `uv.lock` or another, tells its format.
    ///
    /// Throws `.invalidDocument` with the place of what makes it less than a lock.
    public init(_ bytes: [UInt8], file: String) throws(AssayError) {
        guard LockedPackages.format(ofFile: file) == .uv else {
            requirements = try RequirementsLock.parse(bytes, file: file)
            text = bytes
            isClosed = false
            return
        }
        requirements = try UVLock(bytes, file: file).requirements()
        var lines = ""
        for requirement in requirements.requirements {
            lines += "\(requirement.name)==\(requirement.version)"
            if let marker = requirement.marker { lines += " ; \(marker)" }
            for hash in requirement.hashes { lines += " \\\n    --hash=\(hash)" }
            lines += "\n"
        }
        text = Array(lines.utf8)
        isClosed = true
    }
}

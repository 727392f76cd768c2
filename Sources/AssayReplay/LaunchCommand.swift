import AssayCore
import AssaySystem
import SystemPackage

/// A program to start, with all that it is given: nothing is inherited.
struct LaunchCommand: Hashable, Sendable {
    /// The words of the command; the first names the program.
    var arguments: [String]
    /// Its environment.
    var environment: [String: String]
    /// Its working directory; `nil` for ours.
    var directory: FilePath?

    /// Finds the program: a name by the search path of the environment, a relative path from the
    /// working directory.
    ///
    /// Throws `.notFound` with where it was looked for.
    func program() throws(AssayError) -> FilePath {
        guard let name = arguments.first, !name.isEmpty else {
            throw AssayError(.usage, "could not start a service: its command has no words")
        }
        if name.utf8.contains(UInt8(ascii: "/")) {
            let path = FilePath(name)
            return path.isAbsolute ? path : (directory ?? FilePath(".")).pushing(path)
        }
        let places = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
        for place in places {
            let path = FilePath(String(place)).appending(name)
            if let status = try FileSystem.status(of: path), status.kind != .directory {
                return path
            }
        }
        throw AssayError(
            .notFound,
            "could not start \(name): it is in none of \(places.joined(separator: ", "))",
            hint: "name it by its path in `serve.command`, or use {python}")
    }
}

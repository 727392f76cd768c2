public import AssayCore
public import SystemPackage

/// The program `bwrap`, which gives a process its own view of the machine.
public enum Bubblewrap {
    /// Finds it by a search path; `nil` where it is not installed.
    public static func find(searchPath: String) throws(AssayError) -> FilePath? {
        for place in searchPath.split(separator: ":") {
            let path = FilePath(String(place)).appending("bwrap")
            if let status = try FileSystem.status(of: path), status.kind != .directory {
                return path
            }
        }
        return nil
    }
}

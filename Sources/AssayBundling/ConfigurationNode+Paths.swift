import AssayConfiguration
import AssayCore

extension ConfigurationNode {
    /// The path here, which stays inside the directory of the file.
    func path() throws(AssayError) -> String {
        let path = try text()
        if let fault = RelativePath.fault(in: path) {
            throw self.fault("the path `\(path)` \(fault)")
        }
        return path
    }

    /// Throws unless `name` can be the name of an environment variable.
    func checkVariable(_ name: String) throws(AssayError) {
        let isPlain = name.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || byte == UInt8(ascii: "_")
        }
        guard isPlain, let first = name.utf8.first, !(48...57).contains(first) else {
            throw fault("`\(name)` is not the name of a variable")
        }
    }
}

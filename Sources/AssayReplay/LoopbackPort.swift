import AssayCore
import AssaySystem
import CLinux

/// Free ports on the loopback interface.
enum LoopbackPort {
    /// A port that nothing listens on right now; somebody else may take it before it is used.
    static func free() throws(AssayError) -> Int {
        let port = assay_free_loopback_port()
        guard port > 0 else {
            throw FileSystem.systemError("could not find a free port", number: -port)
        }
        return Int(port)
    }
}

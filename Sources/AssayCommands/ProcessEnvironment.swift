import Glibc

/// The variables this process was started with, read once.
enum ProcessEnvironment {
    /// Names and values; of a name that stands twice, the first.
    static let current: [String: String] = {
        var variables: [String: String] = [:]
        var entry = unsafe environ
        while let pointer = unsafe entry.pointee {
            let text = unsafe String(cString: pointer)
            if let mark = text.firstIndex(of: "=") {
                let name = String(text[..<mark])
                if variables[name] == nil {
                    variables[name] = String(text[text.index(after: mark)...])
                }
            }
            unsafe entry += 1
        }
        return variables
    }()
}

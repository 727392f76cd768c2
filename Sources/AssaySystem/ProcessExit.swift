/// How a process ended.
public enum ProcessExit: Hashable, Sendable {
    /// It exited with this code.
    case code(Int32)
    /// This signal ended it.
    case signal(Int32)

    /// Reads the status word of wait(2).
    public init(word: Int32) {
        let signal = word & 0x7f
        self = signal == 0 ? .code((word >> 8) & 0xff) : .signal(signal)
    }

    /// As in `exited with code 3`.
    public var sentence: String {
        switch self {
        case .code(let code): "exited with code \(code)"
        case .signal(let number): "was ended by signal \(number)"
        }
    }

    /// What a shell would report: the code, or 128 + the number of the signal.
    public var shellCode: Int32 {
        switch self {
        case .code(let code): code
        case .signal(let number): 128 + number
        }
    }
}

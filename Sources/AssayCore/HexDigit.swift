extension UInt8 {
    /// The value of a hexadecimal digit of ASCII, in capitals or not; `nil` for any other byte.
    public var hexDigit: Int? {
        switch self {
        case 0x30...0x39: Int(self) - 0x30
        case 0x41...0x46: Int(self) - 0x41 + 10
        case 0x61...0x66: Int(self) - 0x61 + 10
        default: nil
        }
    }
}

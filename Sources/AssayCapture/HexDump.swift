/// Bytes in hexadecimal with their text beside them, 16 to a line, as `hexdump -C` writes them.
enum HexDump {
    /// The first `limit` bytes, and how many more there are.
    static func text(_ bytes: [UInt8], limit: Int) -> String {
        let digits = Array("0123456789abcdef".utf8)
        func hex(_ byte: UInt8) -> [UInt8] { [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        var output: [UInt8] = []
        let shown = bytes.prefix(limit)
        for start in stride(from: 0, to: shown.count, by: 16) {
            let row = shown[start..<min(start + 16, shown.count)]
            for shift in stride(from: 24, through: 0, by: -8) {
                output += hex(UInt8(truncatingIfNeeded: start >> shift))
            }
            output.append(0x20)
            for place in 0..<16 {
                output += place == 8 ? [0x20, 0x20] : [0x20]
                output += place < row.count ? hex(row[start + place]) : [0x20, 0x20]
            }
            output += Array("  |".utf8)
            output += row.map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: ".") }
            output += Array("|\n".utf8)
        }
        let text = String(decoding: output, as: UTF8.self)
        return bytes.count > limit ? "\(text)(\(bytes.count - limit) bytes more)\n" : text
    }
}

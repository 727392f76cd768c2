/// Indents JSON without reading it into values: digits, escapes and the order of members stay.
public enum PrettyJSON {
    /// The document with a line for each member and element, two spaces deep, and a line feed at its
    /// end. `bytes` must be valid JSON. Costs one pass.
    public static func indented(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        var depth = 0
        var index = 0
        func line() {
            output.append(0x0A)
            output += repeatElement(0x20, count: 2 * depth)
        }
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D: break
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                output.append(byte)
                while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) {
                    index += 1
                }
                if index < bytes.count, bytes[index] == byte + 2 {
                    output.append(bytes[index])
                    index += 1
                } else {
                    depth += 1
                    line()
                }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth = max(0, depth - 1)
                line()
                output.append(byte)
            case UInt8(ascii: ","):
                output.append(byte)
                line()
            case UInt8(ascii: ":"): output += [byte, 0x20]
            case UInt8(ascii: "\""):
                output.append(byte)
                while index < bytes.count {
                    let inner = bytes[index]
                    output.append(inner)
                    index += 1
                    if inner == UInt8(ascii: "\\"), index < bytes.count {
                        output.append(bytes[index])
                        index += 1
                    } else if inner == UInt8(ascii: "\"") {
                        break
                    }
                }
            default: output.append(byte)
            }
        }
        output.append(0x0A)
        return output
    }
}

/// A JSON number as its digits, for comparison without rounding.
///
/// The value is 0.d₁d₂d₃… × 10^`point`, where d₁ is not 0 and the last digit is not 0.
@unsafe struct Decimal {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let isNegative: Bool
    /// Where the first and last significant digits stand; `nil` for zero.
    private let significant: ClosedRange<Int>?
    /// `nil` when the exponent is too long to be computed with.
    private let point: Int?

    /// Reads a number that follows JSON's grammar.
    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        unsafe self.bytes = bytes
        var position = 0
        let isNegative = unsafe bytes.first == UInt8(ascii: "-")
        if isNegative { position = 1 }
        var first: Int?
        var last = 0
        var digitsBeforePoint = 0
        var zerosBeforeFirst = 0
        var isFraction = false
        var exponent: Int? = 0
        while position < bytes.count {
            let byte = unsafe bytes[position]
            if byte == UInt8(ascii: ".") {
                isFraction = true
            } else if byte | 0x20 == UInt8(ascii: "e") {
                exponent = unsafe Self.exponent(bytes, from: position + 1)
                break
            } else {
                if byte != UInt8(ascii: "0") {
                    if first == nil { first = position }
                    last = position
                } else if first == nil {
                    zerosBeforeFirst += 1
                }
                if !isFraction { digitsBeforePoint += 1 }
            }
            position += 1
        }
        unsafe self.isNegative = isNegative
        unsafe significant = first.map { $0...last }
        unsafe point = exponent.map { $0 + digitsBeforePoint - zerosBeforeFirst }
    }

    /// The exponent, or `nil` beyond what an answer can hold digits for.
    private static func exponent(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        var position = start
        var isNegative = false
        if position < bytes.count, unsafe !(0x30...0x39).contains(bytes[position]) {
            isNegative = unsafe bytes[position] == UInt8(ascii: "-")
            position += 1
        }
        var value = 0
        while position < bytes.count {
            value = unsafe value * 10 + Int(bytes[position] - 0x30)
            if value > 1 << 50 { return nil }
            position += 1
        }
        return isNegative ? -value : value
    }

    /// Whether two numbers have the same value: 1, 1.0 and 10e-1 do, so do 0 and -0; 2⁵³ and
    /// 2⁵³ + 1 do not. Exponents of more than 15 digits are the same only if the texts are.
    static func == (left: Decimal, right: Decimal) -> Bool {
        guard let first = unsafe left.significant, let second = unsafe right.significant else {
            return unsafe left.significant == nil && right.significant == nil
        }
        guard unsafe left.isNegative == right.isNegative, let point = unsafe left.point,
            unsafe point == right.point
        else { return false }
        var (a, b) = (first.lowerBound, second.lowerBound)
        while true {
            if a <= first.upperBound, unsafe left.bytes[a] == UInt8(ascii: ".") { a += 1 }
            if b <= second.upperBound, unsafe right.bytes[b] == UInt8(ascii: ".") { b += 1 }
            if a > first.upperBound || b > second.upperBound {
                return a > first.upperBound && b > second.upperBound
            }
            guard unsafe left.bytes[a] == right.bytes[b] else { return false }
            a += 1
            b += 1
        }
    }

    /// The number as a whole one, if it is written as one and fits into 128 bits: 38 digits do.
    var integer: Int128? {
        var value: Int128 = 0
        for index in unsafe (isNegative ? 1 : 0)..<bytes.count {
            let digit = unsafe Int128(bytes[index]) - 0x30
            guard (0...9).contains(digit) else { return nil }
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = unsafe tens.addingReportingOverflow(isNegative ? -digit : digit)
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return value
    }

    /// Adds bytes that two numbers have in common if their values are the same, and no others.
    func identity(to identity: inout [UInt8]) {
        guard let significant = unsafe significant else { return identity.append(0x30) }
        guard let point = unsafe point else { return unsafe identity.append(contentsOf: bytes) }
        if unsafe isNegative { identity.append(UInt8(ascii: "-")) }
        for index in significant where unsafe bytes[index] != UInt8(ascii: ".") {
            unsafe identity.append(bytes[index])
        }
        identity.append(UInt8(ascii: "e"))
        identity.append(contentsOf: String(point).utf8)
    }
}

/// A version of Python as a service declares it: major and minor, and the patch if it matters.
public struct PythonVersion: Hashable, Sendable, CustomStringConvertible {
    /// The numbers of the version.
    public let major: Int, minor: Int
    /// The third number, if one is asked for.
    public let patch: Int?

    /// Reads `3.11` or `3.11.7`; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        var numbers: [Int] = []
        for part in text.split(separator: ".", omittingEmptySubsequences: false) {
            guard (1...4).contains(part.utf8.count),
                part.utf8.allSatisfy({ (48...57).contains($0) }),
                part == "0" || part.first != "0", let number = Int(part)
            else { return nil }
            numbers.append(number)
        }
        guard (2...3).contains(numbers.count), numbers[0] >= 3 else { return nil }
        major = numbers[0]
        minor = numbers[1]
        patch = numbers.count == 3 ? numbers[2] : nil
    }

    public var description: String {
        "\(major).\(minor)" + (patch.map { ".\($0)" } ?? "")
    }

    /// Whether an interpreter of the full version `actual` (as `3.11.7`) is this version.
    func admits(_ actual: String) -> Bool {
        actual == description || (patch == nil && actual.hasPrefix("\(description)."))
    }
}

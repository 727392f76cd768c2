/// A place in a text document, as people and editors name it.
public struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
    /// The file as the person named it.
    public let file: String
    /// The line, from 1.
    public let line: Int
    /// The column, from 1.
    public let column: Int

    /// Makes a location.
    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    public var description: String { "\(file):\(line):\(column)" }
}

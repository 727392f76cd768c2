/// Two answers to one request, decoded and in lines, as they are shown side by side.
public struct AnswerPair: Hashable, Sendable {
    /// The exchange's id.
    public var exchange: String
    /// The arms that the answers are from, as in `baseline` and `candidate`.
    public var oldArm: String, newArm: String
    /// The lines of the request and of both answers.
    public var request: [String], old: [String], new: [String]
    /// The places at which they differ by the rules, as JSON Pointers.
    public var paths: [String]
    /// Whether these are all such places, and none was left out.
    public var hasAllPaths: Bool
    /// What was done to the bodies so that they can be read, as sentences.
    public var notes: [String]

    /// Makes a pair.
    public init(
        exchange: String, oldArm: String, newArm: String, request: [String], old: [String],
        new: [String], paths: [String], hasAllPaths: Bool = false, notes: [String] = []
    ) {
        self.exchange = exchange
        self.oldArm = oldArm
        self.newArm = newArm
        self.request = request
        self.old = old
        self.new = new
        self.paths = paths
        self.hasAllPaths = hasAllPaths
        self.notes = notes
    }

    /// The pair for people, beneath a line that names the arms.
    public func lines(style: TextStyle = TextStyle()) -> [String] {
        ["\(oldArm) against \(newArm):"]
            + exampleSideBySide(
                request: request, old: old, new: new, paths: paths, marks: marks, style: style)
            + notes.flatMap {
                Columns.wrap("note: \(SafeText.clean($0))", width: style.width, indent: 2)
            }
    }

    /// Both answers line beside line, what the rules let pass marked where all places are known.
    var parts: [LinePairs.Part] { LinePairs.folded(old, new, marks) }

    private var marks: ExampleMarks? {
        hasAllPaths ? ExampleMarks(paths: paths, old: old, new: new) : nil
    }
}

public import AssayCore

extension JSONReader {
    /// The whole number here, which counts something: not negative, and so small (2^53) that counts of
    /// many documents can be summed.
    public func count() throws(AssayError) -> Int {
        let number = try integer()
        guard (0...1 << 53).contains(number) else { throw mismatch("a count of zero or more") }
        return number
    }

    /// The case of `type` whose name stands here.
    func choice<Choice>(of type: Choice.Type) throws(AssayError) -> Choice
    where Choice: RawRepresentable<String> & CaseIterable {
        let name = try string()
        guard let choice = Choice(rawValue: name) else {
            let names = Choice.allCases.map(\.rawValue)
            throw mismatch("one of \(names.joined(separator: ", "))")
        }
        return choice
    }

    /// The kind of difference whose name stands here.
    func differenceKind() throws(AssayError) -> Difference.Kind {
        guard let kind = Difference.Kind(name: try string()) else {
            let names = Difference.Kind.allCases.map(\.name)
            throw mismatch("one of \(names.joined(separator: ", "))")
        }
        return kind
    }
}

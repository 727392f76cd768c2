import AssayCore

/// A parser of bytes that nobody vouches for, and what must hold of all it accepts.
///
/// A new parser gets an entry in one of the lists and a directory of seeds, `Seeds/<name>`.
struct FuzzTarget: Sendable {
    let name: String
    /// Reads one input. It may throw an `AssayError` and nothing else; a trap is a finding.
    let read: @Sendable ([UInt8]) throws(AssayError) -> Void

    static let all = core + store + bundling

    static let core = [
        FuzzTarget(name: "json") { (bytes) throws(AssayError) in
            let value = try JSONParser.parse(bytes, file: "json")
            let canonical = CanonicalJSON.encode(value)
            let again = reading { () throws(AssayError) in
                try JSONParser.parse(canonical, file: "canonical")
            }
            precondition(CanonicalJSON.encode(again) == canonical)
        }
    ]

    /// Reads what the program itself wrote: a refusal is a finding.
    static func reading<Value>(_ body: () throws(AssayError) -> Value) -> Value {
        do throws(AssayError) { return try body() } catch {
            preconditionFailure("what was written is not read again: \(error)")
        }
    }
}

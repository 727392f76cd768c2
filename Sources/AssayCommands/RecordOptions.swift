import AssayCapture
import AssayCore
import AssayRecorder

/// Options of `assay capture record` that are more than a word.
enum RecordOptions {
    /// The sample that `--sample` and `--by` ask for; `nil` for all exchanges.
    static func sample(_ share: String?, by place: String?) throws -> ExchangeSample? {
        guard let share else {
            guard place == nil else {
                throw AssayError(
                    .usage, "--by says what decides on a share, and no share is given",
                    hint: "--sample 10% --by \(place ?? "")")
            }
            return nil
        }
        let isPercent = share.hasSuffix("%")
        guard let number = Double(isPercent ? String(share.dropLast()) : share) else {
            throw AssayError(
                .usage, "--sample takes a share, not \(share)", hint: "write 10% or 0.1")
        }
        return try ExchangeSample(
            share: isPercent ? number / 100 : number, by: try place.map(source))
    }

    private static func source(_ text: String) throws -> ExchangeRules.Source {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        if parts.count == 2 {
            switch parts[0] {
            case "header": return .header(parts[1].lowercased())
            case "cookie": return .cookie(parts[1])
            case "pointer":
                if JSONPointer.tokens(parts[1])?.isEmpty == false { return .pointer(parts[1]) }
            default: break
            }
        }
        throw AssayError(
            .usage, "--by takes header:NAME, cookie:NAME or pointer:/PATH, not \(text)",
            hint: "--sample 10% --by header:x-user")
    }

    /// A size of at least 1 MiB.
    static func size(_ text: String, _ option: String) throws -> Int {
        guard let count = ByteCount(text), count.bytes >= 1 << 20 else {
            throw AssayError(
                .usage, "\(option) takes a size of at least 1 MiB, not \(text)",
                hint: "\(option) 1GiB")
        }
        return count.bytes
    }
}

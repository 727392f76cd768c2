import AssayCore

/// Tells which lines of an example differ beyond the rules of the comparison.
public struct ExampleMarks {
    private let old: [Bool], new: [Bool]

    /// Reads both sides as a line of the status and the lines of a body, JSON as `PrettyJSON` lays it
    /// out. `paths` are those of the differences that the rules did not let pass. `nil` where lines
    /// have no places, or paths are of places that no line has: then what differs is not known by line.
    /// Costs the product of lines and paths.
    public init?(paths: [String], old: [String], new: [String]) {
        let paths = paths.filter { $0.hasPrefix("/") || $0 == "body" || $0 == "status" }
        guard let first = Self.places(old), let second = Self.places(new) else { return nil }
        func beyond(_ places: [String]) -> [Bool] {
            places.map { place in paths.contains { Self.touches(place, $0) } }
        }
        self.old = beyond(first)
        self.new = beyond(second)
        // The root is above all paths, and so shows nothing.
        let places = (first + second).filter { !$0.isEmpty }
        guard
            paths.allSatisfy({ path in
                path == "body" || places.contains { Self.touches($0, path) }
            })
        else { return nil }
    }

    /// Whether a pair of lines, by their numbers, holds what differs beyond the rules.
    func isBeyond(_ left: Int?, _ right: Int?) -> Bool {
        (left.map { old[$0] } ?? false) || (right.map { new[$0] } ?? false)
    }

    private static func touches(_ place: String, _ path: String) -> Bool {
        if place == "status" || path == "status" { return place == path }
        return path == "body" || place == path || place.hasPrefix(path + "/")
            || path.hasPrefix(place + "/")
    }

    /// The JSON Pointer of each line behind the first, which is the status; `nil` for other text.
    private static func places(_ lines: [String]) -> [String]? {
        var places: [String] = []
        var open: [(place: String, next: Int?)] = []
        for line in lines {
            if places.isEmpty {
                places.append("status")
                continue
            }
            var text = line.utf8.drop { $0 == 0x20 }
            if text.last == UInt8(ascii: ",") { text.removeLast() }
            if text.first == UInt8(ascii: "}") || text.first == UInt8(ascii: "]") {
                guard let closed = open.popLast() else { return nil }
                places.append(closed.place)
                continue
            }
            var place = ""
            if let (above, next) = open.last {
                if let next {
                    place = "\(above)/\(next)"
                    open[open.count - 1].next = next + 1
                } else {
                    guard let (name, rest) = member(text) else { return nil }
                    place = "\(above)/\(JSONPointer.escape(name))"
                    text = rest
                }
            } else if places.count > 1 {
                return nil
            }
            places.append(place)
            if text.elementsEqual("{".utf8) { open.append((place, nil)) }
            if text.elementsEqual("[".utf8) { open.append((place, 0)) }
        }
        return open.isEmpty ? places : nil
    }

    /// The name of a member, and its value's text.
    private static func member(
        _ text: Substring.UTF8View
    ) -> (name: String, value: Substring.UTF8View)? {
        guard text.first == UInt8(ascii: "\"") else { return nil }
        var isEscaped = false
        let end = text.dropFirst().firstIndex { byte in
            if byte == UInt8(ascii: "\""), !isEscaped { return true }
            isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
            return false
        }
        // A line that holds no name is none that was laid out as JSON, which the caller tells.
        guard let end,
            case .string(let name)? = try? JSONParser.parse(
                Array(text[...end]), file: "a name")
        else { return nil }
        return (name, text[end...].dropFirst(3))
    }
}

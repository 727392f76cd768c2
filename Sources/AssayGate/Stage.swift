/// One stage that bundles are promoted to.
public struct Stage: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// The stage a bundle must be in first; `nil` for any.
    public var from: String?
    /// The checks it runs, by id; `nil` for all.
    public var checks: [String]?
    /// What undecided does here, whatever the checks say.
    public var undecided: Check.Consequence?
    /// The size of the sample that is replayed, in requests; `nil` for the whole capture.
    public var sample: Int?
    /// The greatest age of evidence, in nanoseconds; the clock's rule.
    public var evidenceMaximumAge: Int64?
    /// How long a bundle must have been in `from`, in nanoseconds; the clock's rule.
    public var soak: Int64?
    /// Who must agree.
    public var approvals: Approvals?
    /// When nothing is promoted.
    public var freeze: [FreezeWindow]
    /// The line of the policy it stands on.
    public var line: Int

    /// Who must agree to a promotion.
    public struct Approvals: Hashable, Sendable {
        /// How many people.
        public var count: Int
        /// Whether the candidate's author does not count.
        public var notAuthor: Bool
    }

    /// The rules of this stage that the judge does not apply, by their keys in the policy, less
    /// those that the caller applies itself.
    ///
    /// A promotion that ignores one of them must refuse, or say so.
    public func unenforced(by caller: Set<String> = []) -> [String] {
        var keys: [String] = []
        if evidenceMaximumAge != nil { keys.append("evidence_max_age") }
        if soak != nil { keys.append("soak") }
        if approvals != nil { keys.append("approvals") }
        if !freeze.isEmpty { keys.append("freeze") }
        return keys.filter { !caller.contains($0) }
    }
}

/// A weekly time in which nothing is promoted, as in `Fri 16:00/Mon 07:00 Europe/Berlin`.
public struct FreezeWindow: Hashable, Sendable {
    /// Begin and end, in minutes since Monday 00:00 of the zone.
    public var begin: Int, end: Int
    /// The time zone's name in the IANA database.
    public var zone: String
    /// As it was written.
    public var text: String

    /// Reads a window; `nil` where it does not have that form.
    init?(_ text: String) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4 else { return nil }
        let middle = parts[1].split(separator: "/", omittingEmptySubsequences: false)
        guard middle.count == 2, let begin = Self.minutes(day: parts[0], time: middle[0]),
            let end = Self.minutes(day: String(middle[1]), time: parts[2][...]),
            begin != end, !parts[3].isEmpty
        else { return nil }
        let isZone = parts[3].utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "_"),
                UInt8(ascii: "+"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isZone else { return nil }
        self.begin = begin
        self.end = end
        zone = parts[3]
        self.text = text
    }

    private static func minutes(day: String, time: Substring) -> Int? {
        let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        let clock = time.split(separator: ":", omittingEmptySubsequences: false)
        guard let index = days.firstIndex(of: day), clock.count == 2,
            clock.allSatisfy({ $0.count == 2 && $0.allSatisfy(\.isWholeNumber) }),
            let hour = Int(clock[0]), hour < 24, let minute = Int(clock[1]), minute < 60
        else { return nil }
        return (index * 24 + hour) * 60 + minute
    }
}

public import AssayCore

/// Where an environment is not what it is meant to be: three gaps, each a finding of its own kind.
public struct EnvironmentGaps: Hashable, Sendable {
    /// Which two things differ.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// What people wrote is not what the lock holds.
        case declaredLocked = "declared ≠ locked"
        /// What the lock holds is not what is installed.
        case lockedInstalled = "locked ≠ installed"
        /// One place is not like the other.
        case placeToPlace = "here ≠ there"
    }

    /// One finding.
    public struct Finding: Hashable, Sendable {
        /// The gap.
        public let kind: Kind
        /// The fact's name.
        public let key: String
        /// What it should be and what it is; `nil` where it is not there.
        public let wanted: String?, found: String?
        /// How likely it changes answers.
        public let risk: EnvironmentComparison.Risk
        /// The command that mends it, if one does.
        public let command: String?
    }

    /// The findings, the riskiest first, then by gap and name.
    public let findings: [Finding]

    /// Looks for the gaps between what is declared, locked, wanted and found.
    ///
    /// `declared` holds the names of packages that people wrote, with the version where they wrote
    /// an exact one; `locked` the versions of the lock; `wanted` and `found` the facts of two
    /// places. What is `nil` is not looked at.
    public init(
        declared: [String: String?]? = nil, locked: [String: String]? = nil,
        wanted: [String: String]? = nil, found: [String: String], rules: EnvironmentRules = .none
    ) {
        var findings: [Finding] = []
        let installed = Dictionary(
            uniqueKeysWithValues: found.compactMap { key, value in
                key.hasPrefix("package.") ? (String(key.dropFirst("package.".count)), value) : nil
            })
        let version = { (name: String) in
            locked?[name] ?? wanted?["package.\(name)"] ?? installed[name]
        }
        func add(
            _ kind: Kind, _ key: String, _ wanted: String?, _ found: String?, _ command: String?
        ) {
            findings.append(
                Finding(
                    kind: kind, key: key, wanted: wanted, found: found,
                    risk: EnvironmentComparison.risk(of: key), command: command))
        }
        if let declared, let locked {
            for (name, pinned) in declared where locked[name] != (pinned ?? locked[name] ?? "") {
                let wanted = pinned ?? "any version"
                add(
                    .declaredLocked, "package.\(name)", wanted, locked[name],
                    "uv pip compile --generate-hashes requirements.in -o requirements.lock")
            }
        }
        if let locked {
            for name in Set(locked.keys).union(installed.keys).sorted() {
                let (a, b) = (locked[name], installed[name])
                let key = "package.\(name)"
                // Every environment brings its tools along.
                if a == nil, EnvironmentRecord.tolerated.contains(name) { continue }
                let isOneOf = a?.split(separator: " or ").contains { String($0) == b } ?? false
                if isOneOf || rules.allows(key, a, b) { continue }
                add(
                    .lockedInstalled, key, a, b,
                    EnvironmentMending.command(key, wanted: a, package: version))
            }
        }
        for (key, files) in found.sorted(by: { $0.key < $1.key })
        where key.hasPrefix("package-edited.") && rules.allowance(for: key) != .ignore {
            add(
                .lockedInstalled, key, nil, files,
                EnvironmentMending.command(key, wanted: nil, package: version))
        }
        if let wanted {
            let seen = Set(findings.map(\.key))
            for difference in EnvironmentComparison(wanted, found).differences
            where !rules.allows(difference.key, difference.old, difference.new)
                && !seen.contains(difference.key)
            {
                add(
                    .placeToPlace, difference.key, difference.old, difference.new,
                    EnvironmentMending.command(
                        difference.key, wanted: difference.old, package: version))
            }
        }
        self.findings = findings.sorted { left, right in
            (right.risk.rawValue, left.kind.rawValue, left.key)
                < (left.risk.rawValue, right.kind.rawValue, right.key)
        }
    }

    /// The packages that people wrote into a file of requirements: names, and versions where exact.
    ///
    /// Throws `.invalidDocument` for text that is not UTF-8.
    public static func declared(
        _ bytes: [UInt8], file: String
    ) throws(AssayError) -> [String: String?] {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw AssayError(.invalidDocument, "\(file) is not UTF-8 text")
        }
        var declared: [String: String?] = [:]
        for (_, line) in RequirementsLock.logicalLines(text) where !line.hasPrefix("-") {
            let requirement = RequirementsLock.trimmed(line.split(separator: ";").first ?? "")
            let name = requirement.prefix {
                $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0))
            }
            guard PackageName.isValid(name) else { continue }
            let rest = RequirementsLock.trimmed(requirement.dropFirst(name.count))
            let isExact = rest.hasPrefix("==") && !rest.contains(",") && !rest.contains("*")
            let version = isExact ? String(RequirementsLock.trimmed(rest.drop { $0 == "=" })) : nil
            declared[PackageName.normalise(name)] = .some(version)
        }
        return declared
    }
}

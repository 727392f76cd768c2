public import AssayCore

extension ExchangeOutcome {
    /// Appends the row as one line of canonical JSON with its newline: the same bytes as the
    /// canonical form of `json`, without building that value. Costs one pass.
    public func appendRow(to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        if !arms.isEmpty {
            bytes += "\"arms\":".utf8
            Self.appendObject(arms, to: &bytes) { arm, bytes in arm.append(to: &bytes) }
            bytes.append(UInt8(ascii: ","))
        }
        if !confirmations.isEmpty {
            bytes += "\"confirmations\":".utf8
            Self.appendObject(confirmations, to: &bytes) { confirmation, bytes in
                CanonicalJSON.appendString(confirmation.rawValue, to: &bytes)
            }
            bytes.append(UInt8(ascii: ","))
        }
        if isDependent { bytes += "\"dependent\":true,".utf8 }
        if !differences.isEmpty { appendDifferences(to: &bytes) }
        bytes += "\"exchange\":".utf8
        CanonicalJSON.appendString(exchange, to: &bytes)
        bytes += ",\"identity\":\"".utf8
        bytes += identity.rawValue.utf8
        bytes.append(UInt8(ascii: "\""))
        if !redacted.isEmpty {
            bytes += ",\"redacted\":".utf8
            for (index, place) in redacted.enumerated() {
                bytes.append(UInt8(ascii: index == 0 ? "[" : ","))
                CanonicalJSON.appendString(place, to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        }
        bytes += ",\"route\":".utf8
        CanonicalJSON.appendString(route, to: &bytes)
        bytes += ",\"session\":".utf8
        CanonicalJSON.appendString(session, to: &bytes)
        if !slices.isEmpty {
            bytes += ",\"slices\":".utf8
            Self.appendObject(slices, to: &bytes) { value, bytes in
                CanonicalJSON.appendString(value, to: &bytes)
            }
        }
        bytes += "}\n".utf8
    }

    /// Reads one line of an outcome blob, with or without its newline.
    ///
    /// Throws `.invalidDocument`; `name` says in the message which blob and row it is.
    public static func parse(row: [UInt8], name: String) throws(AssayError) -> ExchangeOutcome {
        let value = try JSONParser.parse(row, file: name)
        return try ExchangeOutcome(json: JSONReader(value, document: name))
    }

    private func appendDifferences(to bytes: inout [UInt8]) {
        bytes += "\"differences\":{".utf8
        var first = true
        for comparison in differences.keys.sorted() {
            if !first { bytes.append(UInt8(ascii: ",")) }
            first = false
            CanonicalJSON.appendString(comparison.rawValue, to: &bytes)
            bytes += ":[".utf8
            for (index, difference) in (differences[comparison] ?? []).enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                difference.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        }
        bytes += "},".utf8
    }

    private static func appendObject<Value>(
        _ members: [String: Value], to bytes: inout [UInt8],
        value append: (Value, inout [UInt8]) -> Void
    ) {
        bytes.append(UInt8(ascii: "{"))
        var first = true
        for (key, value) in members.sorted(by: {
            $0.key.utf16.lexicographicallyPrecedes($1.key.utf16)
        }) {
            if !first { bytes.append(UInt8(ascii: ",")) }
            first = false
            CanonicalJSON.appendString(key, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            append(value, &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }
}

extension ExchangeOutcome.ArmOutcome {
    fileprivate func append(to bytes: inout [UInt8]) {
        var separator = UInt8(ascii: "{")
        if let failure {
            bytes += "{\"failure\":\"".utf8
            bytes += failure.rawValue.utf8
            bytes.append(UInt8(ascii: "\""))
            separator = UInt8(ascii: ",")
        }
        if let status {
            bytes.append(separator)
            bytes += "\"status\":".utf8
            CanonicalJSON.appendInteger(Int64(status), to: &bytes)
            separator = UInt8(ascii: ",")
        }
        if unmatchedEgress != 0 {
            bytes.append(separator)
            bytes += "\"unmatchedEgress\":".utf8
            CanonicalJSON.appendInteger(Int64(unmatchedEgress), to: &bytes)
            separator = UInt8(ascii: ",")
        }
        if separator == UInt8(ascii: "{") { bytes.append(separator) }
        bytes.append(UInt8(ascii: "}"))
    }
}

extension Difference {
    fileprivate func append(to bytes: inout [UInt8]) {
        bytes += "{\"kind\":\"".utf8
        bytes += kind.name.utf8
        bytes.append(UInt8(ascii: "\""))
        if let new {
            bytes += ",\"new\":".utf8
            CanonicalJSON.appendString(new, to: &bytes)
        }
        if let old {
            bytes += ",\"old\":".utf8
            CanonicalJSON.appendString(old, to: &bytes)
        }
        bytes += ",\"path\":".utf8
        CanonicalJSON.appendString(path, to: &bytes)
        bytes.append(UInt8(ascii: "}"))
    }
}

extension Redactor {
    /// A `multipart/form-data` body with its redactions. A part that a rule for a name of the query names
    /// is dropped, or has other content and no name of a file but the mask.
    func redactedParts(
        _ body: [UInt8], boundary: [UInt8]?, _ part: String, _ log: inout Log
    ) -> BodyOutcome {
        let form: MultipartForm
        switch MultipartForm.cut(body, boundary: boundary) {
        case .success(let cut): form = cut
        case .failure(let refusal): return .unreadable(refusal.reason)
        }
        var changed: [UInt8] = []
        var isChanged = false
        // What precedes the first part is no part.
        changed += body[..<(form.parts.first?.range.lowerBound ?? form.end)]
        for field in form.parts {
            guard let name = field.name, let (text, action) = named(name) else {
                changed += body[field.range] + [0x0D, 0x0A]
                continue
            }
            let place = "\(part) query \(text.lowercased())"
            if action == .pseudonym, log.before.contains(place) {
                changed += body[field.range] + [0x0D, 0x0A]
                continue
            }
            isChanged = true
            log.done.insert(place)
            guard action != .drop else { continue }
            changed +=
                body[
                    field.range
                        .lowerBound..<(field.lines.first?.lowerBound ?? field.content.lowerBound)]
            for line in field.lines { changed += header(body[line], name, field) }
            changed += [0x0D, 0x0A]
            changed +=
                action == .pseudonym
                ? Array(pseudonym(body[field.content]).utf8) : Array(Self.mask.utf8)
            changed += [0x0D, 0x0A]
        }
        return isChanged ? .changed(changed + body[form.end...]) : .same
    }

    /// The rule for a part of this name, and how it is told. Browsers write some characters of names
    /// with percent signs.
    private func named(_ name: [UInt8]) -> (text: String, action: RedactionRules.Action)? {
        let plain = String(decoding: name, as: UTF8.self)
        for text in [plain, PercentCoding.decoded(name)] {
            if let action = rules.action(query: text) { return (text, action) }
        }
        return nil
    }

    /// A header of a part whose content is another one now.
    private func header(
        _ line: ArraySlice<UInt8>, _ name: [UInt8], _ field: MultipartForm.Part
    ) -> [UInt8] {
        let own = line.prefix { $0 != UInt8(ascii: ":") }
        if HTTPHead.isEqual(own, "content-transfer-encoding".utf8) { return [] }
        guard HTTPHead.isEqual(own, "content-disposition".utf8), field.hasFileName else {
            return Array(line)
        }
        let quoted = name.flatMap { byte -> [UInt8] in
            byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
                ? [UInt8(ascii: "\\"), byte] : [byte]
        }
        return Array(own) + Array(": form-data; name=\"".utf8) + quoted
            + Array("\"; filename=\"\(Self.mask)\"\r\n".utf8)
    }
}

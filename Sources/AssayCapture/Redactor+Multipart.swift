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
            let isKnown = action == .pseudonym && Self.isPseudonym(body[field.content])
            let new =
                action == .drop ? [] : redacted(field, name, isKnown ? .keep : action, of: body)
            if isKnown, new.elementsEqual(body[field.range]) {
                changed += new + [0x0D, 0x0A]
                continue
            }
            isChanged = true
            log.done["\(part) \(PairKind.form.rawValue) \(text.lowercased())"] = action
            guard action != .drop else { continue }
            changed += new + [0x0D, 0x0A]
        }
        return isChanged ? .changed(changed + body[form.end...]) : .same
    }

    /// The rule for a part of this name, and how it is told. Browsers write some characters of names
    /// with percent signs.
    private func named(_ name: [UInt8]) -> (text: String, action: RedactionRules.Action)? {
        let plain = String(decoding: name, as: UTF8.self)
        for text in [plain, Self.name(ofPair: name)] {
            if let action = rules.action(query: text) { return (text, action) }
        }
        return nil
    }

    /// A part with other content, unless that is to stay. Of its headers only the name of its field stays, that there is a name
    /// of a file, and the media type.
    private func redacted(
        _ field: MultipartForm.Part, _ name: [UInt8], _ action: RedactionRules.Action,
        of body: [UInt8]
    ) -> [UInt8] {
        let head = field.lines.first?.lowerBound ?? field.content.lowerBound
        var part = Array(body[field.range.lowerBound..<head])
        for line in field.lines { part += header(body[line], name, field) }
        part += [0x0D, 0x0A]
        let content = body[field.content]
        switch action {
        case .keep: part += content
        case .pseudonym: part += Array(pseudonym(content).utf8)
        case .mask, .drop: part += Array(Self.mask.utf8)
        }
        return part
    }

    /// What stays of a header of a part whose content is another one now.
    private func header(
        _ line: ArraySlice<UInt8>, _ name: [UInt8], _ field: MultipartForm.Part
    ) -> [UInt8] {
        let own = line.prefix { $0 != UInt8(ascii: ":") }
        if HTTPHead.isEqual(own, "content-type".utf8) {
            let value = line.dropFirst(own.count + 1)
            let type = value.prefix { $0 != UInt8(ascii: ";") && $0 >= 0x20 }
                .filter { $0 != 0x20 && $0 != 0x09 }
            return type.isEmpty ? [] : Array(own) + Array(": ".utf8) + type + [0x0D, 0x0A]
        }
        guard HTTPHead.isEqual(own, "content-disposition".utf8) else { return [] }
        let quoted = name.flatMap { byte -> [UInt8] in
            byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
                ? [UInt8(ascii: "\\"), byte] : [byte]
        }
        let file = field.hasFileName ? "; filename=\"\(Self.mask)\"" : ""
        return Array(own) + Array(": form-data; name=\"".utf8) + quoted
            + Array("\"\(file)\r\n".utf8)
    }
}

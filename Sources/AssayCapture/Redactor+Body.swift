import AssayCore

extension Redactor {
    /// The body with its redactions, without chunks and content encoding; `nil` if nothing changes.
    ///
    /// A body in which a rule may name a place, and which cannot be read, is dealt with as the rules say
    /// of such bodies.
    func redactedBody(
        _ message: HTTPMessage, _ part: String, _ log: inout Log
    ) throws(AssayError) -> [UInt8]? {
        guard message.bodyStart < message.bytes.count else { return nil }
        let type = BodyType(message.head["content-type"])
        let isForm = hasQueries && type.isForm
        let isMultipart = hasQueries && type.isMultipart
        guard !pointers.isEmpty || isForm || isMultipart else { return nil }
        guard let body = ContentCoding.decoded(message) else {
            guard isForm || isMultipart || !pointers.isEmpty && type.mayBeJSON else { return nil }
            let why = "its content encoding could not be undone"
            return unread(Array(message.body), part, why, &log)
        }
        if isMultipart {
            let boundary = HeaderParameters.value(
                of: "boundary", in: message.head["content-type"] ?? "")
            switch redactedParts(body, boundary: boundary, part, &log) {
            case .same: return nil
            case .changed(let body): return body
            case .unreadable(let why): return unread(body, part, why, &log)
            }
        }
        if !pointers.isEmpty {
            let outcome = try tapes.lend { (tape) throws(AssayError) in
                redactedJSON(body, type, part, &tape, &log)
            }
            switch outcome {
            case .same: break
            case .changed(let body): return body
            case .unreadable(let why): return unread(body, part, why, &log)
            }
        }
        return isForm ? redactedPairs(body[...], .form, part, &log) : nil
    }

    /// What comes of a body that is looked into.
    enum BodyOutcome {
        case same, changed([UInt8]), unreadable(String)
    }

    private func redactedJSON(
        _ bytes: [UInt8], _ type: BodyType, _ part: String, _ tape: inout JSONTape,
        _ log: inout Log
    ) -> BodyOutcome {
        let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        let body = hasMark ? Array(bytes.dropFirst(3)) : bytes
        guard let first = body.first(where: { $0 > 0x20 }) else { return .same }
        let isNested = first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        // Text that is declared to be something else, or does not look like it, is none.
        guard type.isJSON || type.isEventStream || isNested else { return .same }
        let edit = JSONEdit(
            pointers: pointers, named: named(part, log), isPseudonym: { Self.isPseudonym($0) },
            pseudonym: { pseudonym($0) }, number: number)
        var applied: Set<Int> = []
        let refusal = type.isEventStream ? "" : tape.parse(body[...])
        if refusal == nil {
            let changed = edit.apply(tape, to: body, &applied)
            note(applied, part, &log)
            return changed.map { .changed($0) } ?? .same
        }
        if let lines = redactedLines(body, type.isEventStream, &tape, edit, &applied) {
            note(applied, part, &log)
            return applied.isEmpty ? .same : .changed(lines)
        }
        return type.mayBeJSON ? .unreadable("its JSON could not be read") : .same
    }

    /// Notes what pointers have taken from a body.
    private func note(_ applied: Set<Int>, _ part: String, _ log: inout Log) {
        for index in applied {
            let (tokens, action) = pointers[index]
            log.done["\(part) body \(JSONPointer.text(tokens))"] = action
        }
    }

    /// The pointers whose numbers have been given others before: a number does not tell that by itself.
    private func named(_ part: String, _ log: Log) -> Set<Int> {
        guard !log.before.isEmpty else { return [] }
        return Set(
            pointers.indices.filter { index in
                log.before.contains("\(part) body \(JSONPointer.text(pointers[index].tokens))")
            })
    }

    /// A body of JSON lines, or of server-sent events with JSON data, with its redactions; `nil` if it
    /// is no such body.
    private func redactedLines(
        _ body: [UInt8], _ isEventStream: Bool, _ tape: inout JSONTape, _ edit: JSONEdit,
        _ applied: inout Set<Int>
    ) -> [UInt8]? {
        var changed: [UInt8] = []
        changed.reserveCapacity(body.count)
        var rest = body[...]
        while !rest.isEmpty {
            let end = rest.firstLineFeed.map { $0 + 1 } ?? rest.endIndex
            let line = rest[..<end]
            rest = rest[end...]
            var value = line
            if isEventStream {
                guard line.starts(with: "data:".utf8) else {
                    // A line break of its own kind would hide what follows.
                    guard !line.dropLast(2).contains(0x0D) else { return nil }
                    changed += line
                    continue
                }
                value = line.dropFirst(5)
            }
            value = value.drop { $0 <= 0x20 }
            while let last = value.last, last <= 0x20 { value.removeLast() }
            let isDone = isEventStream && value.elementsEqual("[DONE]".utf8)
            let isText =
                isEventStream && value.first != UInt8(ascii: "{")
                && value.first != UInt8(ascii: "[")
            guard !value.isEmpty, !isDone, !isText else {
                guard !value.contains(0x0D) else { return nil }
                changed += line
                continue
            }
            let document = Array(value)
            guard tape.parse(document[...]) == nil else { return nil }
            let edited = edit.apply(tape, to: document, &applied)
            changed += line[..<value.startIndex] + (edited ?? document) + line[value.endIndex...]
        }
        return changed
    }

    /// What becomes of a body that may hold what a rule names, and cannot be read.
    private func unread(
        _ body: [UInt8], _ part: String, _ why: String, _ log: inout Log
    ) -> [UInt8]? {
        let action = rules.unreadable
        let sentence = "the \(part) \(Self.unreadableNote), and \(why): it was "
        guard action != .keep else {
            log.notes.append(sentence + "kept as it is")
            return nil
        }
        // What stands there already is the name of the body that was taken.
        if action == .pseudonym, Self.isPseudonym(body) { return nil }
        log.done["\(part) body"] = action
        log.notes.append(sentence + (action == .drop ? "dropped" : "replaced"))
        switch action {
        case .pseudonym: return Array(pseudonym(body).utf8)
        case .mask: return Array(Self.mask.utf8)
        case .drop, .keep: return []
        }
    }
}

/// What the `Content-Type` of a message says of its body.
struct BodyType {
    /// Whether it is declared to be JSON, in one document or in lines.
    let isJSON: Bool
    let isEventStream: Bool
    let isForm: Bool
    let isMultipart: Bool
    /// Whether it is JSON, or nothing is declared that JSON would not be sent as.
    let mayBeJSON: Bool

    init(_ field: String?) {
        let type = (field ?? "").prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }
            .lowercased()
        isJSON = type.contains("json")
        isEventStream = type == "text/event-stream"
        isForm = type == "application/x-www-form-urlencoded"
        isMultipart = type == "multipart/form-data"
        mayBeJSON =
            isJSON || isEventStream || isForm
            || ["", "text/plain", "application/octet-stream"].contains(type)
    }
}

import AssayCore
import AssayEvidence
import Testing

@testable import AssayComparison

@Suite("measures that know what a value is")
struct MeasureTests {
    private func isEqual(
        _ old: String, _ new: String, _ measure: ComparisonRules.Measure
    ) throws -> Bool {
        let result = try Pairs.compare("[\(old)]", "[\(new)]", [("/0", measure)])
        #expect(result.isEqual == (result.suppressed["/0"] == 1))
        return result.isEqual
    }

    @Test(
        "units in the last place, as numbers of 64 and of 32 bits",
        arguments: [
            ("1.0", "1.0000000000000002", 1, 64, true), ("1.0", "1.0000000000000004", 1, 64, false),
            ("1.0", "1.0000000000000004", 2, 64, true), ("0.1", "0.10000000149011612", 0, 32, true),
            ("1.0", "1.0000001", 1, 32, true), ("1.0", "1.0000005", 1, 32, false),
            ("5e-324", "-5e-324", 2, 64, true), ("5e-324", "-5e-324", 1, 64, false),
            ("1e308", "-1e308", 1_000_000, 64, false), ("1e400", "1e401", 1_000_000, 64, false),
        ])
    func ulp(old: String, new: String, count: Int, bits: Int, isEqual: Bool) throws {
        #expect(try self.isEqual(old, new, .ulp(count: count, bits: bits)) == isEqual)
    }

    @Test(
        "times that lie near each other, whatever their offset",
        arguments: [
            ("2013-10-07T16:19:00Z", "2013-10-07T18:19:04+02:00", true),
            ("2013-10-07T16:19:00Z", "2013-10-07T16:19:05.000000001Z", false),
            ("2013-12-31T23:59:58.5Z", "2014-01-01 00:00:03.5Z", true),
            ("2012-02-28T23:59:59Z", "2012-03-01T00:00:00Z", false),
            ("2012-02-29T23:59:59Z", "2012-03-01T00:00:00-00:00", true),
            ("1969-12-31T23:59:59Z", "1970-01-01T00:00:01Z", true),
            ("2013-10-07T16:19:00Z", "2013-10-07T16:19:00", false),
            ("2013-10-07T16:19:00", "2013-10-07T16:19:04.9", true),
            ("2013-10-07 16:19:00+00", "2013-10-07T18:19:04+0200", true),
            ("2013-10-07 16:19:00+0", "2013-10-07T16:19:04Z", false),
            ("Mon, 07 Oct 2013 16:19:00 GMT", "2013-10-07T16:19:05Z", true),
            ("Sun, 07 Oct 2013 16:19:00 GMT", "Mon, 07 Oct 2013 16:19:00 GMT", false),
            ("Mon, 07 Oct 2013 16:19:00 CET", "Mon, 07 Oct 2013 16:19:00 GMT", false),
            ("2013-13-07T16:19:00Z", "2013-13-07T16:19:01Z", false), ("", "later", false),
            ("2013-02-31T00:00:00Z", "2013-03-03T00:00:00Z", false),
            ("2013-02-29T00:00:00Z", "2013-03-01T00:00:00Z", false),
            ("2013-04-31T00:00:00Z", "2013-05-01T00:00:00Z", false),
            ("2013-04-00T00:00:00Z", "2013-03-31T00:00:00Z", false),
            ("1900-02-29T00:00:00Z", "1900-03-01T00:00:00Z", false),
            ("2000-02-29T23:59:59Z", "2000-03-01T00:00:00Z", true),
            ("2013-12-31T23:59:60Z", "2014-01-01T00:00:00Z", true),
            // The distance is more nanoseconds than 64 bits hold.
            ("1970-01-01T00:00:00Z", "2262-04-11T23:47:16.9Z", false),
            ("2262-04-11T23:47:16.9Z", "1970-01-01T00:00:00Z", false),
            ("0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", false),
        ])
    func time(old: String, new: String, isEqual: Bool) throws {
        #expect(
            try self.isEqual("\"\(old)\"", "\"\(new)\"", .time(within: 5_000_000_000)) == isEqual)
    }

    @Test(
        "strings of one shape",
        arguments: [
            (
                ComparisonRules.Shape.uuid, "55ce7285-14be-43f2-aa1b-0804503d39a3",
                "1CE39F4F-D27F-4E99-91BD-5F93E04CB7C9", true
            ),
            (.uuid, "55ce7285-14be-43f2-aa1b-0804503d39a3", "none", false),
            (
                .uuid, "55ce7285-14be-43f2-aa1b-0804503d39a3",
                "55ce7285x14be-43f2-aa1b-0804503d39a3", false
            ),
            (.hex, "00ff", "abcd", true), (.hex, "00ff", "abc", false), (.hex, "", "a", false),
            (.digits, "1", "22", true), (.digits, "1", "-2", false),
            (.time, "2013-10-07T16:19:00Z", "2020-01-01T00:00:00Z", true),
            (.time, "2013-10-07T16:19:00Z", "today", false),
            (.time, "2013-10-07T16:19:00Z", "2013-10-07T16:19:00", false),
            (.time, "2013-10-07T16:19:00", "2020-01-01 00:00:00.5", true),
        ])
    func shape(shape: ComparisonRules.Shape, old: String, new: String, isEqual: Bool) throws {
        #expect(try self.isEqual("\"\(old)\"", "\"\(new)\"", .shape(shape)) == isEqual)
    }

    @Test("texts that are the same but for case and space")
    func text() throws {
        let (old, new) = (#""  The Größe is\n 5 ""#, #""the GRÖSSE is 5""#)
        #expect(try !isEqual(old, new, .text(ignoring: [.case, .space])))
        let other = #""the GRÖßE is 5""#
        #expect(try isEqual(old, other, .text(ignoring: [.case, .space])))
        #expect(try !isEqual(old, other, .text(ignoring: [.case])))
        #expect(try !isEqual(old, other, .text(ignoring: [.space])))
        let header = try AnswerComparer(
            rules: Pairs.rules([("header:x-mode", .text(ignoring: [.case]))]))
        let first = Answer(status: 200, headers: [("X-Mode", "Fast")], body: [])
        let second = Answer(status: 200, headers: [("x-mode", "fast")], body: [])
        #expect(header.compare(first, second).isEqual)
    }

    @Test(
        "letters are mapped one by one, and canonically equivalent texts are the same",
        arguments: [
            ("\u{130}", "i\u{307}", true), ("\u{E9}", "E\u{301}", true),
            ("\u{3A3}", "\u{3C3}", true), ("\u{3A3}", "\u{3C2}", false),
            ("\u{DF}", "SS", false), ("\u{FB01}", "fi", false),
        ])
    func letters(old: String, new: String, isEqual: Bool) throws {
        #expect(
            try self.isEqual("\"\(old)\"", "\"\(new)\"", .text(ignoring: [.case])) == isEqual)
    }

    @Test(
        "vectors by their cosine",
        arguments: [
            ("[1, 2, 3]", "[1.001, 2, 3]", true), ("[1, 0]", "[0, 1]", false),
            ("[1, 2]", "[2, 4]", true), ("[0, 0]", "[0, 0.0]", true), ("[0, 0]", "[0, 1]", false),
            ("[1, 2]", "[1, 2, 0]", false), ("[1, \"2\"]", "[1, \"3\"]", false),
            ("[1e200, 1]", "[1e200, 2]", true), ("[1e-200, 0]", "[1e-200, 1e-200]", false),
            ("[1e400, 1]", "[1e400, 2]", false),
        ])
    func cosine(old: String, new: String, isEqual: Bool) throws {
        let result = try Pairs.compare(
            "{\"v\": \(old)}", "{\"v\": \(new)}", [("/v", .cosine(minimum: 0.999))])
        #expect(result.isEqual == isEqual)
    }

    @Test("a ranking by what its first places share")
    func rank() throws {
        func isEqual(_ old: String, _ new: String, key: String? = nil) throws -> Bool {
            try Pairs.compare(
                "{\"r\": \(old)}", "{\"r\": \(new)}",
                [("/r", .rank(top: 4, overlap: 0.75, key: key))]
            ).isEqual
        }
        #expect(try isEqual("[1,2,3,4,5]", "[4,3,2,9,1]"))
        #expect(try !isEqual("[1,2,3,4,5]", "[4,3,8,9,1]"))
        #expect(try isEqual("[1,1,2,3]", "[1,2,3,1]"))
        #expect(try !isEqual("[1,1,1,1]", "[1,2,3,4]"))
        #expect(try !isEqual("[1,2,3,4]", "[1,2]"))
        let (old, new) = (
            #"[{"id":1,"s":0.9},{"id":2,"s":0.8}]"#, #"[{"id":2,"s":0.7},{"id":1,"s":0.6}]"#
        )
        #expect(try !isEqual(old, new))
        #expect(try isEqual(old, new, key: "/id"))
    }
}

@Suite("arrays that are paired otherwise than by index")
struct PairingTests {
    private func lines(
        _ old: String, _ new: String, _ pairing: ComparisonRules.ArrayPairing,
        _ measure: ComparisonRules.Measure = .exact, more: [ComparisonRules.Rule] = []
    ) throws -> [String] {
        let rule = ComparisonRules.Rule(pointer: "/items", measure: measure, pairing: pairing)
        let comparer = try AnswerComparer(rules: ComparisonRules(rules: [rule] + more))
        return Pairs.lines(
            comparer.compare(
                Pairs.json("{\"items\": \(old)}"), Pairs.json("{\"items\": \(new)}")))
    }

    @Test("by a key: the elements' order says nothing, their values do")
    func keyed() throws {
        let old = #"[{"id":"a","v":1},{"id":"b","v":2},{"id":"c","v":3}]"#
        let new = #"[{"id":"c","v":3},{"id":"a","v":9},{"id":"d","v":4}]"#
        #expect(
            try lines(old, new, .keyed("/id")) == [
                "value /items/0/v 1 9", #"removed /items/1 {"id":"b","v":2} -"#,
                #"added /items/2 - {"id":"d","v":4}"#,
            ])
        #expect(
            try lines(
                old, #"[{"id":"c","v":3},{"id":"b","v":2},{"id":"a","v":1.5}]"#, .keyed("/id"),
                .tolerance(absolute: 1, relative: nil)) == [])
    }

    @Test("a key that does not tell elements apart is told, and they are compared by index")
    func badKey() throws {
        let comparer = try AnswerComparer(
            rules: ComparisonRules(rules: [
                .init(pointer: "/items", measure: .exact, pairing: .keyed("/id"))
            ]))
        let result = comparer.compare(
            Pairs.json(#"{"items": [{"id":1,"v":1},{"id":1,"v":2}]}"#),
            Pairs.json(#"{"items": [{"id":1,"v":1},{"id":1,"v":3}]}"#))
        #expect(Pairs.lines(result) == ["value /items/1/v 2 3"])
        #expect(result.notes.count == 1)
        #expect(result.notes.first?.contains("/items were compared by index") == true)
        #expect(throws: AssayError.self) {
            try AnswerComparer(
                rules: ComparisonRules(rules: [
                    .init(pointer: "/items", measure: .exact, pairing: .keyed("id"))
                ]))
        }
    }

    @Test("as a multiset: each with any that the rules let pass")
    func multiset() throws {
        #expect(try lines("[1,2,2,3]", "[3,2,1,2]", .multiset) == [])
        #expect(
            try lines("[1,2,2]", "[2,1,1]", .multiset) == [
                "removed /items/2 2 -", "added /items/2 - 1",
            ])
        #expect(try lines("[1,2]", "[2.0,1.0]", .multiset) == [])
        #expect(
            try lines("[1,2]", "[2.2,1.2]", .multiset, .tolerance(absolute: 0.3, relative: nil))
                == [])
        #expect(
            try lines(
                #"[{"k":1,"id":"x"},{"k":2,"id":"y"}]"#, #"[{"k":2,"id":"p"},{"k":1,"id":"q"}]"#,
                .multiset, more: [.init(pointer: "/items/*/id", measure: .ignore(reason: "random"))]
            ) == [])
    }

    @Test("elements of a multiset are tried by the rules of any element, not by those of one index")
    func multisetIndex() throws {
        let first = [
            ComparisonRules.Rule(pointer: "/items/0/id", measure: .ignore(reason: "random"))
        ]
        let (old, new) = (#"[{"id":1},{"id":2}]"#, #"[{"id":2},{"id":3}]"#)
        #expect(
            try lines(old, new, .multiset, more: first)
                == [#"removed /items/0 {"id":1} -"#, #"added /items/1 - {"id":3}"#])
        let any = [ComparisonRules.Rule(pointer: "/items/*/id", measure: .ignore(reason: "random"))]
        #expect(try lines(old, new, .multiset, more: any) == [])
    }

    @Test("a rule pairs the array at its own place, not those beneath")
    func onlyThere() throws {
        #expect(
            try lines("[[1,2],[3,4]]", "[[3,4],[2,1]]", .multiset) == [
                "removed /items/0 [1,2] -", "added /items/1 - [2,1]",
            ])
    }

    @Test("the same elements in another order are one difference, of order")
    func order() throws {
        #expect(try lines("[1,2,3]", "[3,1,2]", .ordered) == ["order /items [1,2,3] [3,1,2]"])
        #expect(
            try lines("[1,2,3]", "[3,1,4]", .ordered) == [
                "value /items/0 1 3", "value /items/1 2 1", "value /items/2 3 4",
            ])
        let ignored = try lines(
            "[1,2]", "[2,1]", .ordered,
            more: [
                .init(pointer: "/items/*", measure: .ignore(reason: "noise"))
            ])
        #expect(ignored == [])
        #expect(try lines("[1,2]", "[2,1]", .ordered, .tolerance(absolute: 1, relative: nil)) == [])
    }
}

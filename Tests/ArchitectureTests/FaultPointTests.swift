import Testing

@Suite("Fault points")
struct FaultPointTests {
    @Test("only a debug build can be told to fail or die at a call")
    func debugOnly() throws {
        var places = 0
        for (_, file, text) in try SourceImports.files() {
            guard text.contains("ASSAY_FAULT") else { continue }
            places += 1
            var isDebug = false
            for line in text.split(separator: "\n") {
                let code = line.drop { $0 == " " }
                if code == "#if DEBUG" { isDebug = true }
                if code == "#else" || code == "#endif" { isDebug = false }
                let isComment = code.hasPrefix("//")
                #expect(isDebug || isComment || !code.contains("ASSAY_FAULT"), "\(file): \(line)")
            }
        }
        #expect(places == 1)
    }
}

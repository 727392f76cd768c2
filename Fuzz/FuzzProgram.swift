import AssayCore
import Glibc

/// libFuzzer's own loop; it takes the arguments of the command line.
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ read: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// Feeds inputs to the target that `ASSAY_FUZZ_TARGET` names; without it the names are listed.
@main
enum FuzzProgram {
    private static let target: FuzzTarget? = {
        let name = unsafe getenv("ASSAY_FUZZ_TARGET").map { unsafe String(cString: $0) }
        return FuzzTarget.all.first { $0.name == name }
    }()

    static func main() {
        guard target != nil else {
            for target in FuzzTarget.all { print(target.name) }
            return
        }
        var count = CommandLine.argc
        var arguments = unsafe CommandLine.unsafeArgv
        let status = unsafe runFuzzer(&count, &arguments) { start, count in
            unsafe FuzzProgram.read(Array(UnsafeBufferPointer(start: start, count: count)))
            return 0
        }
        exit(status)
    }

    private static func read(_ bytes: [UInt8]) {
        // What is refused is refused with words; only what traps is a finding.
        do throws(AssayError) { try target?.read(bytes) } catch {
            precondition(!error.message.isEmpty)
        }
    }
}

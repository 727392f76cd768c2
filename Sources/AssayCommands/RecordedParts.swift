import AssayCapture
import AssayCore
import AssayStore
import AssaySystem
import Synchronization
import SystemPackage

/// Makes captures of the journals that a recorder puts aside.
final class RecordedParts: Sendable {
    private struct State {
        var made: [(name: String, exchanges: Int)] = []
        var failure: AssayError?
    }

    private let store: Store
    private let name: String
    private let labels: [String: String]
    private let state = Mutex(State())

    init(store: Store, name: String, labels: [String: String]) {
        self.store = store
        self.name = name
        self.labels = labels
    }

    /// The captures made of parts of this recording.
    var made: [(name: String, exchanges: Int)] { state.withLock { $0.made } }
    /// Why a part could not be made a capture; its journal is there still.
    var failure: AssayError? { state.withLock { $0.failure } }

    /// Makes a capture of a journal, and removes it.
    func seal(_ journal: FilePath) {
        do throws(AssayError) {
            let (name, exchanges) = try make(journal)
            state.withLock { $0.made.append((name, exchanges)) }
        } catch {
            state.withLock { $0.failure = $0.failure ?? error }
        }
    }

    /// Makes captures of journals that were put aside before.
    func sealLeft(in directory: FilePath) throws(AssayError) {
        for file in try FileSystem.names(in: directory) where file.hasPrefix("\(name).journal.") {
            let number = file.dropFirst("\(name).journal.".count)
            guard Int(number) != nil else { continue }
            _ = try make(directory.appending(file))
        }
    }

    private func make(_ journal: FilePath) throws(AssayError) -> (String, Int) {
        var number = 1
        func part() -> String {
            let digits = "\(number)"
            return "\(name)-" + String(repeating: "0", count: max(0, 3 - digits.utf8.count))
                + digits
        }
        while try store.ref("capture/\(part())") != nil { number += 1 }
        let sealed = try CaptureSealer(store: store, labels: labels).seal(journal, as: part())
        try FileSystem.remove(journal)
        return (part(), sealed.capture.summary.exchanges)
    }
}

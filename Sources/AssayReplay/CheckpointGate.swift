/// Lets many judge at once, and one keep what was gathered while nobody judges, so that what is kept
/// is of whole exchanges.
actor CheckpointGate {
    private var inside = 0
    private var isClosed = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var closer: CheckedContinuation<Void, Never>?

    /// Waits while it is closed, and goes in.
    func enter() async {
        while isClosed { await withCheckedContinuation { waiting.append($0) } }
        inside += 1
    }

    /// Goes out.
    func leave() {
        inside -= 1
        guard inside == 0 else { return }
        closer?.resume()
        closer = nil
    }

    /// Keeps others from going in, and waits until all inside are out. One at a time may.
    func close() async {
        isClosed = true
        if inside > 0 { await withCheckedContinuation { closer = $0 } }
    }

    /// Lets others in again.
    func open() {
        isClosed = false
        for waiter in waiting { waiter.resume() }
        waiting = []
    }
}

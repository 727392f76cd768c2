import AssaySystem

/// A piece of content on its way through the threads, in memory that is used again.
///
/// `@unchecked`: filled by one thread before it is handed on, and only read from then on.
final class Block: @unchecked Sendable {
    /// The memory; `count` bytes of it are content.
    let memory: UnsafeMutableRawBufferPointer
    var count = 0
    private let pool: BlockPool

    fileprivate init(_ memory: UnsafeMutableRawBufferPointer, pool: BlockPool) {
        unsafe self.memory = memory
        self.pool = pool
    }

    deinit { pool.giveBack(unsafe memory) }

    /// The content.
    var bytes: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: memory[..<count])
    }
}

/// The memory of the blocks: never more than it is made with, so that what is in flight is bounded.
///
/// `@unchecked`: `all` is set once; the rest is in the queue, which locks.
final class BlockPool: @unchecked Sendable {
    private struct Memory: @unchecked Sendable {
        // A buffer has one owner at a time: the queue or one block.
        let buffer: UnsafeMutableRawBufferPointer
    }

    /// The size of a block.
    static let blockSize = 1 << 20

    private let free: BoundedQueue<Memory>
    private let all: [Memory]

    init(count: Int) {
        free = BoundedQueue(capacity: count)
        all = (0..<count).map { _ in
            unsafe Memory(buffer: .allocate(byteCount: Self.blockSize, alignment: 4096))
        }
        for memory in all { free.push(memory) }
    }

    deinit {
        for memory in all { unsafe memory.buffer.deallocate() }
    }

    /// A block, once there is one; `nil` after `close`.
    func take() -> Block? {
        free.pop().map { unsafe Block($0.buffer, pool: self) }
    }

    func close() { free.close(dropping: true) }

    fileprivate func giveBack(_ buffer: UnsafeMutableRawBufferPointer) {
        unsafe free.push(Memory(buffer: buffer))
    }
}

import Glibc

/// A queue between threads that holds a few elements: who is faster waits.
///
/// `@unchecked`: the elements and the flag are read and written under the mutex only; the mutex and
/// the conditions lie in memory of their own, which does not move, until the last reference is gone.
public final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    private var elements: [Element] = []
    private var first = 0
    private var isClosed = false
    private let capacity: Int

    /// Makes an empty queue for `capacity` elements, at least one.
    public init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
        unsafe mutex = .allocate(capacity: 1)
        unsafe changed = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(changed, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(changed)
        unsafe pthread_mutex_destroy(mutex)
        unsafe changed.deallocate()
        unsafe mutex.deallocate()
    }

    private var count: Int { elements.count - first }

    /// Adds an element, waiting for room; `false` if the queue is closed, and it is not added.
    @discardableResult
    public func push(_ element: Element) -> Bool {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while count >= capacity, !isClosed { unsafe pthread_cond_wait(changed, mutex) }
        guard !isClosed else { return false }
        elements.append(element)
        unsafe pthread_cond_broadcast(changed)
        return true
    }

    /// Takes the oldest element, waiting for one; `nil` when the queue is closed and empty.
    public func pop() -> Element? {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while count == 0, !isClosed { unsafe pthread_cond_wait(changed, mutex) }
        guard count > 0 else { return nil }
        let element = elements[first]
        first += 1
        if first == elements.count || first > 64 {
            elements.removeFirst(first)
            first = 0
        }
        unsafe pthread_cond_broadcast(changed)
        return element
    }

    /// Lets no more in. With `dropping`, what is in it goes too: after a failure.
    public func close(dropping: Bool = false) {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        isClosed = true
        if dropping {
            elements = []
            first = 0
        }
        unsafe pthread_cond_broadcast(changed)
    }
}

import Glibc

/// Whether two stretches of memory hold the same bytes.
@inline(__always)
func memoryEqual(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ count: Int) -> Bool
{
    unsafe memcmp(left, right, count) == 0
}

/// The order of two stretches of memory: negative, zero or positive.
func memoryOrder(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ count: Int) -> Int32
{
    unsafe memcmp(left, right, count)
}

/// Whether two slices hold the same bytes.
func sameBytes(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    return unsafe left.withUnsafeBufferPointer { a in
        unsafe right.withUnsafeBufferPointer { b in
            guard let first = a.baseAddress, let second = b.baseAddress else { return true }
            return unsafe memoryEqual(first, second, a.count)
        }
    }
}

/// How the bytes of a file are packed.
public enum Packing: String, Hashable, Sendable, CaseIterable {
    /// As they are.
    case none
    /// RFC 1952.
    case gzip
    /// RFC 8878.
    case zstd
    /// The `.xz` format.
    case xz

    /// The packing that the first bytes of a file tell.
    init(magic: ArraySlice<UInt8>) {
        if magic.starts(with: [0x1F, 0x8B]) {
            self = .gzip
        } else if magic.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
            self = .zstd
        } else if magic.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]) {
            self = .xz
        } else {
            self = .none
        }
    }
}

import AssayCore
import SystemPackage

/// What a file of tensors says of itself, with the place of each tensor's bytes.
struct TensorFile {
    /// The format, for people.
    let format: String
    /// What else the file says: metadata, operators, versions.
    var facts: [String: String]
    /// The tensors by name.
    var tensors: [String: Tensor]
    /// Where the bytes are.
    let path: FilePath

    /// One tensor.
    struct Tensor: Hashable {
        /// The type as the format calls it.
        let typeName: String
        /// The type, if its values can be read; others are compared by their bytes.
        let type: ElementType?
        let shape: [Int]
        /// Where its bytes are; `nil` for one that is kept in another file.
        let place: Range<Int>?

        var elements: Int { shape.reduce(1, *) }
        /// As `F32[768, 12]`.
        var description: String {
            "\(typeName)[\(shape.map(String.init).joined(separator: ", "))]"
        }
    }

    /// The elements of a shape, `nil` where they are more than any file could hold.
    static func elements(_ shape: [Int]) -> Int? {
        var product = 1
        for size in shape {
            guard size >= 0 else { return nil }
            let (next, overflow) = product.multipliedReportingOverflow(by: size)
            guard !overflow, next < 1 << 48 else { return nil }
            product = next
        }
        return product
    }
}

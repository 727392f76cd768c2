import CLinux

/// How this process handles large blocks of memory.
public enum LargeBlocks {
    /// Has each given back to the system as soon as it is freed, so that large documents leave nothing
    /// behind. For the start of a process that handles many.
    public static func giveBack() { assay_return_large_blocks() }
}

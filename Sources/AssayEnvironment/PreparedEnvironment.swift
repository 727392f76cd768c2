public import AssayCore
public import AssaySystem
public import SystemPackage

/// An environment that stands ready on this machine.
public struct PreparedEnvironment: Sendable {
    /// How it came about.
    public let kind: EnvironmentSpec.Kind
    /// The directory of the virtual environment; `nil` for the host's own and an image's.
    public let root: FilePath?
    /// The image that is the file system of what runs in it; `nil` for this machine's own.
    public let image: ImageView?
    /// The Python to start: what `{python}` in a command stands for. Of an image its place inside;
    /// `nil` where the image has none.
    public let python: FilePath?
    /// The interpreter underneath; of an image as the interpreter describes itself inside.
    public let interpreter: PythonInterpreter?
    /// Names the environment on this machine: lock, interpreter and platform.
    public let digest: Digest
    /// What it really is; see `EnvironmentProbe.facts`.
    public internal(set) var facts: [String: String]
    /// Whether it was built just now, and not found.
    public let wasBuilt: Bool
}

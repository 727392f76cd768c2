public import AssayCore
public import SystemPackage

/// An environment that stands ready on this machine.
public struct PreparedEnvironment: Sendable {
    /// How it came about.
    public let kind: EnvironmentSpec.Kind
    /// The directory of the virtual environment; `nil` for the host's own.
    public let root: FilePath?
    /// The Python to start: what `{python}` in a command stands for.
    public let python: FilePath
    /// The interpreter underneath.
    public let interpreter: PythonInterpreter
    /// Names the environment on this machine: lock, interpreter and platform.
    public let digest: Digest
    /// What it really is; see `EnvironmentProbe.facts`.
    public let facts: [String: String]
    /// Whether it was built just now, and not found.
    public let wasBuilt: Bool
}

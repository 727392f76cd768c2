/// What differs between two environments, riskiest first.
public struct EnvironmentComparison: Hashable, Sendable {
    /// How likely a difference changes answers; the raw value sorts, the highest first.
    public enum Risk: Int, Comparable, Sendable, CaseIterable {
        /// Where and how fast it ran: kernel, cores, memory.
        case machine
        /// A package that computes nothing itself.
        case package
        /// A declared variable, a time zone, a locale, the hash seed, a secret's presence.
        case setting
        /// The interpreter, the C library, the processor.
        case runtime
        /// A library that computes, or how many threads it computes with.
        case numeric

        public static func < (left: Risk, right: Risk) -> Bool { left.rawValue < right.rawValue }
    }

    /// One fact that differs.
    public struct Difference: Hashable, Sendable {
        /// The fact's name.
        public let key: String
        /// The value in the first and in the second environment; `nil` where there is none.
        public let old: String?, new: String?
        /// How likely it changes answers.
        public let risk: Risk
    }

    /// All differences, riskiest first, then by name.
    public let differences: [Difference]

    /// Compares the facts of two probes. A fact that only one of them knows is a difference too.
    public init(_ old: [String: String], _ new: [String: String]) {
        var found: [Difference] = []
        for key in Set(old.keys).union(new.keys) where old[key] != new[key] {
            // A package of another version has another record as well: one finding, not two.
            if key.hasPrefix("package-record.") {
                let package = "package." + key.dropFirst("package-record.".count)
                if old[package] != new[package] { continue }
            }
            if key.hasPrefix("secret."), Self.areSet(old[key], new[key]) { continue }
            found.append(
                Difference(key: key, old: old[key], new: new[key], risk: Self.risk(of: key)))
        }
        differences = found.sorted { ($1.risk, $0.key) < ($0.risk, $1.key) }
    }

    /// Whether a secret is set in both places, and in one of them no more than that is known.
    private static func areSet(_ old: String?, _ new: String?) -> Bool {
        let values = [old, new]
        return values.contains("set")
            && values.allSatisfy { $0 == "set" || $0?.hasPrefix("hmac-sha256:") == true }
    }

    /// How likely a difference in the fact `key` changes answers.
    public static func risk(of key: String) -> Risk {
        let dot = key.firstIndex(of: ".") ?? key.endIndex
        let rest = String(key[dot...].dropFirst())
        switch key[..<dot] {
        case "package", "package-record": return isNumeric(package: rest) ? .numeric : .package
        case "threads", "loaded", "gpu": return .numeric
        case "interpreter", "libc": return .runtime
        case "machine":
            return ["arch", "cpu", "cpu-flags"].contains(rest) ? .runtime : .machine
        case "os": return rest == "kernel" ? .machine : .runtime
        case "cgroup": return .machine
        // Variables, time, locale, seeds; and what a newer probe reports, rather high than low.
        default: return .setting
        }
    }

    /// Whether a package computes: another version of it can change the last bits, or more.
    public static func isNumeric(package name: String) -> Bool {
        let prefixes = [
            "nvidia-", "cupy", "jax", "torch", "tensorflow", "onnx", "faiss", "intel-", "mkl",
        ]
        return numericPackages.contains(name) || prefixes.contains { name.hasPrefix($0) }
    }

    private static let numericPackages: Set<String> = [
        "bottleneck", "catboost", "dask", "implicit", "joblib", "keras", "lightfm", "lightgbm",
        "llvmlite", "ngboost", "numba", "numexpr", "numpy", "pandas", "patsy", "polars",
        "polars-runtime-32", "pyarrow", "safetensors", "scikit-learn", "scipy", "scipy-openblas32",
        "scipy-openblas64", "sentence-transformers", "sentencepiece", "spacy", "statsmodels",
        "thinc", "threadpoolctl", "tokenizers", "transformers", "treelite", "triton", "vllm",
        "xgboost",
    ]
}

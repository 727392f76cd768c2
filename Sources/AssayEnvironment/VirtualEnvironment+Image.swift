public import AssayCore
import AssaySystem
import Glibc
import SystemPackage

extension VirtualEnvironment {
    /// Unpacks an image, if it is not there yet, and looks into it.
    static func prepareImage(
        _ spec: EnvironmentSpec, cache: FilePath, inherited: [String: String], patience: Duration,
        log: (String) -> Void
    ) throws(AssayError) -> PreparedEnvironment {
        guard let image = spec.image, let mark = image.lastIndex(of: "@"),
            Digest(image[image.index(after: mark)...]) != nil, isName(image[..<mark])
        else {
            throw AssayError(
                .usage, "an environment of kind image needs `image`, as in name@sha256:…")
        }
        let key = ImageEnvironment.key(image: image, architecture: try architecture())
        try FileSystem.makeDirectory(cache)
        let name = String(key.hex.prefix(32))
        let held = try acquire(cache.appending("\(name).lock"), patience, log: log)
        let environment = ImageEnvironment(
            image: image, place: cache.appending(name), key: key, inherited: inherited)
        let known = try environment.known()
        let view: ImageView
        if let known { view = known } else { view = try environment.unpack(log: log) }
        _ = held
        let entry = try ImageEntry(view, variables: inherited)
        let interpreter = try PythonInterpreter.find(in: entry)
        var prepared = PreparedEnvironment(
            kind: .image, root: nil, image: view, python: interpreter?.executable,
            interpreter: interpreter, digest: key, facts: [:], wasBuilt: known == nil)
        prepared.facts = try facts(of: prepared, spec: spec, inherited: inherited)
        return prepared
    }

    /// Whether a text can be an image's name, and no option of a program.
    private static func isName(_ name: Substring) -> Bool {
        name.first.map { $0.isASCII && ($0.isLetter || $0.isNumber) } == true
            && name.allSatisfy {
                $0.isASCII && ($0.isLetter || $0.isNumber || "._-/:".contains($0))
            }
    }

    /// Probes an environment as deep as asked; see `EnvironmentProbe.facts`.
    ///
    /// Of an image without Python only the digest, the distribution, the machine and the declared
    /// variables and secrets are known; `probe.python` says so.
    public static func facts(
        of prepared: PreparedEnvironment, spec: EnvironmentSpec,
        inherited given: [String: String]? = nil, files: Bool = false, loaded: Bool = false
    ) throws(AssayError) -> [String: String] {
        let inherited: [String: String]
        if let given { inherited = given } else { inherited = try ToolEnvironment.current() }
        let present = Set(spec.secrets.filter { inherited[$0]?.isEmpty == false })
        guard let python = prepared.python else {
            return try bareFacts(of: prepared, spec: spec, secretsSet: present)
        }
        let entry: ImageEntry?
        if let image = prepared.image {
            entry = try ImageEntry(image, variables: inherited)
        } else {
            entry = nil
        }
        return try EnvironmentProbe.facts(
            python: python, inside: entry,
            imageDigest: prepared.image == nil ? nil : imageDigest(spec),
            variables: spec.variables, secrets: spec.secrets, secretsSet: present, files: files,
            loaded: loaded)
    }

    private static func imageDigest(_ spec: EnvironmentSpec) -> String? {
        spec.image?.split(separator: "@").last.map(String.init)
    }

    private static func bareFacts(
        of prepared: PreparedEnvironment, spec: EnvironmentSpec, secretsSet: Set<String>
    ) throws(AssayError) -> [String: String] {
        var facts = ["probe.python": "none", "machine.arch": try architecture()]
        facts["image.digest"] = imageDigest(spec)
        for (name, value) in spec.variables { facts["variable.\(name)"] = value }
        for name in spec.secrets {
            facts["secret.\(name)"] = secretsSet.contains(name) ? "set" : "unset"
        }
        guard let root = prepared.image?.root else { return facts }
        // `/etc/os-release` is mostly a link to the other, and no link of an image is followed here.
        for directory in ["usr/lib", "etc"] {
            let file = root.pushing(FilePath(directory)).appending("os-release")
            guard try FileSystem.status(of: file)?.kind == .file else { continue }
            let text = String(decoding: try FileSystem.read(file, limit: 1 << 20), as: UTF8.self)
            var values: [Substring: String] = [:]
            for line in text.split(separator: "\n") {
                let parts = line.split(separator: "=", maxSplits: 1)
                guard parts.count == 2 else { continue }
                values[parts[0]] = String(parts[1]).replacing("\"", with: "")
            }
            let name = [values["ID"], values["VERSION_ID"]].compactMap { $0 }
            facts["os.distribution"] = name.joined(separator: " ")
            break
        }
        return facts
    }

    private static func architecture() throws(AssayError) -> String {
        var names = utsname()
        guard unsafe uname(&names) == 0 else {
            throw FileSystem.systemError("could not ask what machine this is", number: errno)
        }
        return unsafe withUnsafeBytes(of: &names.machine) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}

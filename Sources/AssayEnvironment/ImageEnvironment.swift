import AssayCore
import AssaySystem
import Glibc
import SystemPackage

/// Unpacks one container image into the cache. The caller holds the environment's lock.
///
/// Beneath `place` lie `root/`, the image's files, and the record, written last.
struct ImageEnvironment {
    /// The image, as `name@sha256:…`.
    let image: String
    let place: FilePath
    let key: Digest
    let inherited: [String: String]

    private static let schema = "assay/image/v1"

    private var root: FilePath { place.appending("root") }
    private var recordFile: FilePath { place.appending("assay-image.json") }

    /// Names an unpacked image: its digest and what machine it is for.
    static func key(image: String, architecture: String) -> Digest {
        let digest = image.split(separator: "@").last.map(String.init) ?? image
        return Digest(
            of: CanonicalJSON.encode([
                "schema": .string(schema), "image": .string(digest),
                "architecture": .string(architecture),
            ]))
    }

    /// The image if it is there whole; `nil` if it was never finished.
    ///
    /// Throws `.environment` if its files were changed since it was unpacked. Costs a look at every
    /// file, not their bytes.
    func known() throws(AssayError) -> ImageView? {
        guard FileSystem.exists(recordFile) else { return nil }
        let reader = JSONReader(
            try JSONParser.parse(
                try FileSystem.read(recordFile, limit: 1 << 24), file: recordFile.string),
            document: recordFile.string)
        guard try reader["schema"].string() == Self.schema, try reader["key"].digest() == key else {
            return nil
        }
        guard try FileTree(root: root).fingerprint() == reader["fingerprint"].digest() else {
            throw AssayError(
                .environment,
                "the files in \(root) are not those that were unpacked from \(image)",
                hint: "remove them with `rm -r \(place)` and run this again")
        }
        return ImageView(root: root, variables: try reader["variables"].stringMap())
    }

    /// Unpacks the image anew, with the first container runtime that can.
    func unpack(log: (String) -> Void) throws(AssayError) -> ImageView {
        let runtimes = ContainerRuntime.installed(inherited)
        guard !runtimes.isEmpty else {
            throw AssayError(
                .missingTool,
                "could not unpack the image \(image): neither podman nor docker is on PATH",
                hint: "run `apt-get install podman`, or use `kind: venv` with a lock")
        }
        try FileSystem.removeTree(place)
        try FileSystem.makeDirectory(root)
        do throws(AssayError) {
            let archive = place.appending("image.tar")
            let variables = try export(runtimes, to: archive, log: log)
            log("unpacking the image \(image)")
            try extract(archive)
            try FileSystem.remove(archive)
            let tree = FileTree(root: root)
            try tree.tame()
            try tree.addHosts()
            let record: JSONValue = [
                "schema": .string(Self.schema), "key": JSONValue(key), "image": .string(image),
                "variables": JSONValue(variables),
                "fingerprint": JSONValue(try tree.fingerprint()),
            ]
            // The record must not outlive a crash of the machine that the files did not.
            sync()
            try FileSystem.replace(recordFile, with: CanonicalJSON.encode(record))
            return ImageView(root: root, variables: variables)
        } catch {
            // Half an image is worth nothing; the next run would remove it anyway.
            do throws(AssayError) { try FileSystem.removeTree(place) } catch { log("\(error)") }
            throw error
        }
    }

    private func export(
        _ runtimes: [ContainerRuntime], to archive: FilePath, log: (String) -> Void
    ) throws(AssayError) -> [String: String] {
        var faults: [String] = []
        for runtime in runtimes {
            do throws(AssayError) {
                var variables: [String: String] = [:]
                for assignment in try runtime.export(image, to: archive, log: log) {
                    guard let mark = assignment.firstIndex(of: "=") else { continue }
                    variables[String(assignment[..<mark])] = String(
                        assignment[assignment.index(after: mark)...])
                }
                return variables
            } catch  where error.code == .environment {
                faults.append(error.message)
            }
        }
        let text = faults.joined(separator: "; ")
        let command = "\(runtimes[0].name) pull \(image)"
        throw AssayError(
            .environment, "could not get the image \(image): \(text)",
            hint: text.contains("daemon")
                ? "start docker's daemon, or install podman, which needs none; or use `kind: venv`"
                : "see what `\(command)` says; log in to the registry if it asks for that")
    }

    /// Unpacks with GNU tar, which lays out links that lead elsewhere last. Devices are left out:
    /// a service gets those of the sandbox.
    private func extract(_ archive: FilePath) throws(AssayError) {
        let places = (inherited["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        guard
            let tar = places.lazy.map({ FilePath(String($0)).appending("tar") })
                .first(where: { access($0.string, X_OK) == 0 })
        else {
            throw AssayError(
                .missingTool, "could not unpack the image \(image): tar is not on PATH",
                hint: "run `apt-get install tar`")
        }
        let done = try ChildProcess(
            command: [
                tar.string, "--extract", "--file", archive.string, "--directory", root.string,
                "--no-same-owner", "--no-same-permissions", "--anchored", "--exclude", "dev/*",
                "--exclude", "./dev/*",
            ], environment: ToolEnvironment.forTools(inherited), timeout: .seconds(3600)
        ).run()
        guard done.status == 0 else {
            let lines = String(decoding: done.errors, as: UTF8.self).split(separator: "\n")
            throw AssayError(
                .environment,
                "could not unpack the image \(image): "
                    + lines.prefix(3).joined(separator: "; "))
        }
    }
}

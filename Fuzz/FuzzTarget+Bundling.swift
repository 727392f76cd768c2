import AssayBundling
import AssayCore

extension FuzzTarget {
    static let bundling = [
        FuzzTarget(name: "config") { (bytes) throws(AssayError) in
            let written = try BundleConfig.parse(bytes, document: "config").bytes
            let again = reading { () throws(AssayError) in
                try BundleConfig.parse(written, document: "again")
            }
            precondition(again.bytes == written)
        },
        FuzzTarget(name: "lock") { (bytes) throws(AssayError) in
            let pins = try PinFile.parse(bytes, file: "assay.lock")
            let again = reading { () throws(AssayError) in
                try PinFile.parse(pins.bytes, file: "again")
            }
            precondition(again == pins)
        },
        FuzzTarget(name: "service") { (bytes) throws(AssayError) in
            _ = try ServiceDefinition.parse(bytes, file: "assay.yaml")
        },
    ]
}

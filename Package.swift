// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")
let toml = Target.Dependency.product(name: "TOMLKit", package: "TOMLKit")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let http = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let nioHTTP = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let tlsEvents = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]

/// A target of ours with the project's settings.
func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

/// The tests of a target, which may also use files, processes and the values below.
func tests(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
    .testTarget(
        name: name, dependencies: ["AssayCore", "AssaySystem", system, subprocess] + dependencies,
        exclude: exclude, swiftSettings: swiftSettings)
}

let package = Package(
    name: "assay",
    products: [.executable(name: "assay", targets: ["assay"])],
    dependencies: [
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // C
        .systemLibrary(name: "CBrotli", pkgConfig: "libbrotlidec"),
        .systemLibrary(name: "CLibarchive", pkgConfig: "libarchive"),
        .systemLibrary(name: "CLibgit2", pkgConfig: "libgit2"),
        .systemLibrary(name: "CLzma", pkgConfig: "liblzma"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd"),
        .target(name: "CFastCDC"),
        .target(name: "CLinux"),
        .target(
            name: "CSimdjson",
            linkerSettings: [.linkedLibrary("simdjson"), .linkedLibrary("stdc++")]),

        // Values
        module("AssayCore", [crypto]),
        module("AssayConfiguration", ["AssayCore", toml, yams]),
        module("AssayStatistics", ["AssayCore"]),
        module("AssayEvidence", ["AssayCore"]),
        module(
            "AssayCoding", ["AssayCore", "CZlib", "CBrotli", "CZstd"]),
        module("AssayComparison", ["AssayCore", "AssayEvidence", "AssayCoding", "CSimdjson"]),
        module(
            "AssayGate", ["AssayCore", "AssayConfiguration", "AssayStatistics", "AssayEvidence"]),
        module("AssayReports", ["AssayCore", "AssayEvidence", "AssayGate"]),

        // Effects
        module("AssaySystem", ["AssayCore", "CLinux", system]),
        module("AssayStore", ["AssayCore", "AssaySystem", "CLinux", "CFastCDC", system]),
        module(
            "AssayArchive",
            [
                "AssayCore", "AssaySystem", "AssayCoding", "CLibarchive", "CLinux", "CLzma", system,
            ]),
        module(
            "AssayInspection",
            ["AssayCore", "AssaySystem", "AssayConfiguration", "AssayArchive", system, yams]),
        module("AssayGit", ["AssayCore", "CLibgit2", system]),
        module("AssayEnvironment", ["AssayCore", "AssaySystem", "AssayConfiguration", system]),
        module(
            "AssayBundling",
            [
                "AssayCore", "AssaySystem", "AssayConfiguration", "AssayArchive", "AssayInspection",
                "AssayStore", "AssayGit", "AssayEnvironment", system,
            ]),
        module(
            "AssayCapture",
            [
                "AssayCore", "AssaySystem", "AssayCoding", "AssayStore", "CSimdjson", "CZlib",
                "CZstd", system, yams,
            ]),
        module(
            "AssayRecorder",
            ["AssayCore", "AssaySystem", "AssayCapture", nioTLS, tlsEvents, system] + nio),
        module(
            "AssayReplay",
            [
                "AssayCore", "AssaySystem", "AssayCoding", "CLinux", "CZstd", "AssayStore",
                "AssayCapture", "AssayComparison", "AssayEvidence", histogram, system,
            ] + nio),
        module(
            "AssayRegistry",
            [
                "AssayCore", "AssaySystem", "AssayStore", http, nioHTTP, nioTLS, subprocess, system,
            ] + nio),
        module("AssayPromotion", ["AssayCore", "AssayGit"]),
        module(
            "AssayCommands",
            [
                "AssayCore", "AssaySystem", "AssayArchive", "AssayStore", "AssayGit",
                "AssayEnvironment",
                "AssayEvidence", "AssayComparison", "AssayBundling", "AssayCapture",
                "AssayRecorder", "AssayReplay", "AssayGate", "AssayPromotion", "AssayRegistry",
                "AssayReports", arguments, subprocess,
                system,
            ]),
        .executableTarget(
            name: "assay", dependencies: ["AssayCommands"], swiftSettings: swiftSettings),

        // Tests
        .target(
            name: "AssayTestKit",
            dependencies: [
                "AssayCore", "AssaySystem", "AssayEvidence", "AssayGate", http, nioHTTP, subprocess,
                system,
            ] + nio, path: "Tests/AssayTestKit", swiftSettings: swiftSettings),
        tests("ArchitectureTests", []),
        tests("AssayArchiveTests", ["AssayArchive"], exclude: ["archives.py"]),
        tests(
            "AssayInspectionTests", ["AssayArchive", "AssayInspection"],
            exclude: ["Samples", "samples.py"]),
        tests(
            "AssayBundlingTests",
            ["AssayBundling", "AssayEnvironment", "AssayGit", "AssayStore"],
            exclude: ["Corpus"]),
        tests(
            "AssayCommandsTests",
            [
                "AssayCapture", "AssayCommands", "AssayEvidence", "AssayGate", "AssayGit",
                "AssayReports", arguments,
            ]),
        tests("AssayCaptureTests", ["AssayCapture", "AssayStore"], exclude: ["Samples"]),
        tests(
            "AssayComparisonTests",
            [
                "AssayComparison", "AssayEvidence", "AssayCoding", "CSimdjson", "CZlib", "CBrotli",
                "CZstd",
            ],
            exclude: ["References"]),
        tests("AssayCoreTests", []),
        tests("AssayEnvironmentTests", ["AssayEnvironment"]),
        tests("AssayEvidenceTests", ["AssayEvidence"]),
        tests("AssayConfigurationTests", ["AssayConfiguration"]),
        tests(
            "AssayGateTests",
            ["AssayGate", "AssayEvidence", "AssayStatistics", "AssayTestKit"]),
        tests("AssayGitTests", ["AssayGit", "AssayTestKit", nioHTTP]),
        tests("AssayPromotionTests", ["AssayPromotion", "AssayGit"]),
        tests("AssayRecorderTests", ["AssayRecorder", "AssayCapture", nioTLS] + nio),
        tests(
            "AssayReplayTests",
            [
                "AssayReplay", "AssayStore", "AssayCapture", "AssayComparison", "AssayEvidence",
                "AssayTestKit", "CZstd", histogram,
            ] + nio, exclude: ["Services"]),
        tests(
            "AssayRegistryTests",
            ["AssayRegistry", "AssayStore", "AssayTestKit", nioHTTP]),
        tests(
            "AssayReportsTests",
            ["AssayReports", "AssayGate", "AssayEvidence", "AssayTestKit"]),
        tests("AssayStatisticsTests", ["AssayStatistics"], exclude: ["golden.py"]),
        tests(
            "AssayStoreTests", ["AssayStore", "CFastCDC", crypto], exclude: ["Vectors"]),
        tests(
            "EndToEndTests",
            ["assay", "AssayCapture", "AssayStore", "AssayGit", "AssayRegistry", "AssayTestKit"],
            exclude: ["Service", "Programs"]),
    ],
    cxxLanguageStandard: .cxx17)

// The parsers behind libFuzzer: a program that only `scripts/fuzz` builds.
if Context.environment["ASSAY_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "AssayFuzz",
            dependencies: [
                "AssayCore", "AssaySystem", "AssayStore", "AssayBundling", "AssayCapture", system,
            ],
            path: "Fuzz", exclude: ["Seeds"], swiftSettings: swiftSettings))
}

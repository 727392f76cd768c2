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
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let http = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
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
        .systemLibrary(name: "CLibgit2", pkgConfig: "libgit2"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd"),
        .target(name: "CLinux"),
        .target(
            name: "CSimdjson",
            linkerSettings: [.linkedLibrary("simdjson"), .linkedLibrary("stdc++")]),

        // Values
        module("AssayCore", [crypto, system]),
        module("AssayConfiguration", ["AssayCore", yams]),
        module("AssayStatistics", ["AssayCore"]),
        module("AssayEvidence", ["AssayCore"]),
        module(
            "AssayComparison",
            ["AssayCore", "AssayEvidence", "CSimdjson", "CZlib", "CBrotli", "CZstd"]),
        module(
            "AssayGate", ["AssayCore", "AssayConfiguration", "AssayStatistics", "AssayEvidence"]),
        module("AssayReports", ["AssayCore", "AssayEvidence", "AssayGate"]),

        // Effects
        module("AssaySystem", ["AssayCore", "CLinux", system]),
        module("AssayStore", ["AssayCore", "AssaySystem", system]),
        module("AssayGit", ["AssayCore", "CLibgit2", system]),
        module("AssayEnvironment", ["AssayCore", "AssaySystem", system]),
        module(
            "AssayBundling",
            [
                "AssayCore", "AssaySystem", "AssayStore", "AssayGit", "AssayEnvironment", system,
                yams,
            ]),
        module(
            "AssayCapture", ["AssayCore", "AssaySystem", "AssayStore", "CZlib", "CZstd", system]),
        module("AssayRecorder", ["AssayCore", "AssaySystem", "AssayCapture", system] + nio),
        module(
            "AssayReplay",
            [
                "AssayCore", "AssaySystem", "CLinux", "CZstd", "AssayStore", "AssayCapture",
                "AssayComparison", "AssayEvidence", histogram, system,
            ] + nio),
        module(
            "AssayRegistry",
            [
                "AssayCore", "AssaySystem", "AssayStore", http, subprocess, system,
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ] + nio),
        module("AssayPromotion", ["AssayCore", "AssayGit"]),
        module(
            "AssayCommands",
            [
                "AssayCore", "AssaySystem", "AssayStore", "AssayGit", "AssayEnvironment",
                "AssayEvidence", "AssayBundling", "AssayCapture", "AssayRecorder", "AssayReplay",
                "AssayGate", "AssayPromotion", "AssayRegistry", "AssayReports", "CZstd", arguments,
                subprocess,
                system,
            ]),
        .executableTarget(
            name: "assay", dependencies: ["AssayCommands"], swiftSettings: swiftSettings),

        // Tests
        .target(
            name: "AssayTestKit",
            dependencies: [
                "AssayCore", "AssaySystem", http, subprocess, system,
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ] + nio, path: "Tests/AssayTestKit", swiftSettings: swiftSettings),
        tests("ArchitectureTests", []),
        tests(
            "AssayBundlingTests",
            ["AssayBundling", "AssayEnvironment", "AssayGit", "AssayStore", yams]),
        tests("AssayCommandsTests", ["AssayCommands", "AssayGit"]),
        tests("AssayCaptureTests", ["AssayCapture", "AssayStore"], exclude: ["Samples"]),
        tests(
            "AssayComparisonTests",
            ["AssayComparison", "AssayEvidence", "CSimdjson", "CZlib", "CZstd"]),
        tests("AssayCoreTests", []),
        tests("AssayEnvironmentTests", ["AssayEnvironment"]),
        tests("AssayEvidenceTests", ["AssayEvidence"]),
        tests("AssayConfigurationTests", ["AssayConfiguration"]),
        tests("AssayGateTests", ["AssayGate", "AssayEvidence", "AssayStatistics"]),
        tests("AssayGitTests", ["AssayGit", "AssayTestKit"]),
        tests("AssayPromotionTests", ["AssayPromotion", "AssayGit"]),
        tests("AssayRecorderTests", ["AssayRecorder", "AssayCapture"] + nio),
        tests(
            "AssayReplayTests",
            [
                "AssayReplay", "AssayStore", "AssayCapture", "AssayComparison", "AssayEvidence",
                "CZstd", histogram,
            ] + nio, exclude: ["Services"]),
        tests(
            "AssayRegistryTests",
            [
                "AssayRegistry", "AssayStore", "AssayTestKit",
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]),
        tests("AssayReportsTests", ["AssayReports", "AssayGate", "AssayEvidence"]),
        tests("AssayStatisticsTests", ["AssayStatistics"], exclude: ["golden.py"]),
        tests("AssayStoreTests", ["AssayStore"]),
        tests(
            "EndToEndTests", ["assay", "AssayCapture", "AssayStore", "AssayGit", "AssayTestKit"],
            exclude: ["Service"]),
    ],
    cxxLanguageStandard: .cxx17)

// swift-tools-version: 6.2
import PackageDescription
let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"), .treatAllWarnings(as: .error),
]
let package = Package(name: "assay", dependencies: [
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
], targets: [
    .target(name: "AssayCore", dependencies: [.product(name: "Crypto", package: "swift-crypto"), .product(name: "SystemPackage", package: "swift-system")], swiftSettings: swiftSettings),
    .target(name: "AssayStore", dependencies: ["AssayCore", "AssaySystem", "CZstd", .product(name: "SystemPackage", package: "swift-system")], swiftSettings: swiftSettings),
    .target(name: "AssaySystem", dependencies: ["AssayCore", "CLinux", .product(name: "SystemPackage", package: "swift-system")], swiftSettings: swiftSettings),
    .target(name: "CLinux"),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd"),
    .testTarget(name: "AssayStoreTests", dependencies: ["AssayStore", "AssayCore", "AssaySystem", "CZstd", .product(name: "SystemPackage", package: "swift-system")], swiftSettings: swiftSettings),
])


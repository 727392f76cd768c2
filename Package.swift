// swift-tools-version: 6.2
import PackageDescription
let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"), .treatAllWarnings(as: .error),
]
let package = Package(name: "assay", dependencies: [
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
], targets: [
    .target(name: "AssayCore", dependencies: [.product(name: "Crypto", package: "swift-crypto"), .product(name: "SystemPackage", package: "swift-system")], swiftSettings: swiftSettings),
    .target(name: "AssayGit", dependencies: ["AssayCore", "AssaySystem", "CLibgit2", .product(name: "SystemPackage", package: "swift-system")], swiftSettings: swiftSettings),
    .target(name: "AssayPromotion", dependencies: ["AssayCore", "AssayGit"], swiftSettings: swiftSettings),
    .target(name: "AssayStore", dependencies: ["AssayCore", "AssaySystem", "CZstd", .product(name: "SystemPackage", package: "swift-system")], swiftSettings: swiftSettings),
    .target(name: "AssaySystem", dependencies: ["AssayCore", "CLinux", .product(name: "SystemPackage", package: "swift-system")], swiftSettings: swiftSettings),
    .systemLibrary(name: "CLibgit2", pkgConfig: "libgit2"),
    .target(name: "CLinux"),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd"),
    .testTarget(name: "AssayStoreTests", dependencies: ["AssayStore", "AssayCore", "AssaySystem", "CZstd", .product(name: "SystemPackage", package: "swift-system")], swiftSettings: swiftSettings),
    .testTarget(name: "AssayGitTests", dependencies: ["AssayGit", "AssayCore", "AssaySystem", .product(name: "SystemPackage", package: "swift-system"), .product(name: "Subprocess", package: "swift-subprocess")], swiftSettings: swiftSettings),
    .testTarget(name: "AssayPromotionTests", dependencies: ["AssayPromotion", "AssaySystem", .product(name: "SystemPackage", package: "swift-system"), .product(name: "Subprocess", package: "swift-subprocess"), "AssayCore", "AssayGit"], swiftSettings: swiftSettings),
])


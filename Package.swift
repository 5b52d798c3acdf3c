// swift-tools-version: 6.1
import PackageDescription

/// The rooms of the house, floor by floor; docs/ARCHITECTURE.md says what each may know.
/// A room imports rooms on lower floors only; TidyTests holds this file and the sources to it.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// Tests spend their time in the rooms' loops over bytes, and take twice as long where those are not optimized.
let quick = strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]

let package = Package(
    name: "pipesnap",
    products: [
        .executable(name: "pipesnap", targets: ["Commands"]),
        .executable(name: "pipesnap-simulator", targets: ["SimulatorServer"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    ],
    targets: [
        // Floor 0
        .target(name: "Planning", swiftSettings: quick),
        .target(
            name: "Platform",
            dependencies: [
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: quick),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        // Floor 1
        .target(
            name: "Pipedrive",
            dependencies: ["Planning", "Platform", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: quick),
        .target(
            name: "Storage",
            dependencies: [
                "Planning", "Platform", "CSQLite", "CZlib",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: quick),
        .target(name: "Warehouse", dependencies: ["Planning"], swiftSettings: quick),

        // Floor 2
        .target(
            name: "Extraction",
            dependencies: [
                "Planning", "Platform", "Pipedrive", "Storage",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: quick),

        // Floor 3
        .executableTarget(
            name: "Commands",
            dependencies: [
                "Planning", "Platform", "Pipedrive", "Storage", "Warehouse", "Extraction",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: quick,
            // A program that nothing links against needs no table of its symbols: four megabytes on the disk, two in
            // memory.
            linkerSettings: [
                .unsafeFlags(
                    ["-Xlinker", "--no-export-dynamic"], .when(platforms: [.linux], configuration: .release))
            ]),

        // Across the street: knows Platform only.
        .target(
            name: "Simulator",
            dependencies: [
                "Platform",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
            ],
            swiftSettings: quick),
        .executableTarget(
            name: "SimulatorServer",
            dependencies: [
                "Platform", "Simulator",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: quick),

        // Tests: one folder a room.
        .target(
            name: "TestSupport", dependencies: ["Planning", "Platform", "Simulator"], path: "Tests/TestSupport",
            swiftSettings: quick),
        // Whole nights with the company's truth beside them; `make years` runs years of them.
        .target(
            name: "Rehearsals",
            dependencies: [
                "Extraction", "Pipedrive", "Storage", "Planning", "Platform", "Simulator", "TestSupport", "CZlib",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/Rehearsals", swiftSettings: quick),
        .executableTarget(
            name: "Years",
            dependencies: ["Rehearsals", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Tests/Years", swiftSettings: quick),
        // What `make bench` measures inside the program.
        .executableTarget(
            name: "Bench",
            dependencies: [
                "Pipedrive", "Storage", "Planning", "Platform",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/Bench", swiftSettings: quick),
        .testTarget(name: "PlanningTests", dependencies: ["Planning", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "PlatformTests",
            dependencies: [
                "Platform", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "PipedriveTests", dependencies: ["Pipedrive", "Planning", "Platform", "TestSupport"],
            exclude: ["Corpus"], swiftSettings: strict),
        .testTarget(
            name: "StorageTests",
            dependencies: [
                "Storage", "Planning", "Platform", "CSQLite", "CZlib", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "WarehouseTests", dependencies: ["Warehouse", "Planning", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "ExtractionTests",
            dependencies: [
                "Extraction", "Pipedrive", "Storage", "Planning", "Platform", "Simulator", "TestSupport", "Rehearsals",
                "CZlib",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "CommandsTests",
            dependencies: [
                "Commands", "Extraction", "Pipedrive", "Storage", "Planning", "Platform", "Simulator", "TestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SimulatorTests", dependencies: ["Simulator", "Platform", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "TidyTests", swiftSettings: strict),
    ]
)

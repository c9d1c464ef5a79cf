// swift-tools-version: 6.3
import PackageDescription

/// Every target of ours: Swift 6 mode, no warning passes, imports are private unless the API shows them.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// Pure modules must be free of unsafe code altogether: strict memory safety makes any such expression an error.
let pure: [SwiftSetting] = strict + [.strictMemorySafety()]

/// Release builds of the gate's path: its state belongs to one thread, and the checks of exclusive access, which debug
/// builds and all tests make, cost it a tenth.
let hot: [SwiftSetting] = [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let heap: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

let package = Package(
    name: "tollgate",
    products: [
        .executable(name: "tollgate", targets: ["tollgate"]),
        .executable(name: "stripe-sandbox", targets: ["StripeSandbox"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.5.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
        // Used through Hummingbird only, where its API shows their types.
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.3.0"),
    ],
    targets: [
        // C libraries and kernel headers that the Glibc module lacks: module maps and shims, no logic.
        .target(name: "CLinux"),
        .systemLibrary(name: "CHiredis", pkgConfig: "hiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),

        // Pure: no socket, clock, thread or C.
        .target(name: "Metering", swiftSettings: pure + hot),
        .target(name: "RESP", swiftSettings: pure + hot),
        .target(name: "Billing", dependencies: ["Metering"], swiftSettings: pure),

        .target(name: "Reactor", dependencies: ["CLinux"], swiftSettings: strict + hot),
        .target(name: "Ledger", dependencies: ["Reactor", "CLinux"], swiftSettings: strict + hot),
        .target(
            name: "RedisLink",
            dependencies: ["Reactor", "RESP", "CHiredis", "COpenSSL", deque, logging],
            resources: [.embedInCode("Scripts")],
            swiftSettings: strict + hot
        ),
        .target(
            name: "Gate",
            dependencies: ["RedisLink", "Ledger", "Reactor", "RESP", "Metering", deque, logging],
            swiftSettings: strict + hot
        ),
        .target(name: "HTTPLink", dependencies: ["CCurl"], swiftSettings: strict),
        .target(name: "StripeAPI", dependencies: ["HTTPLink"], swiftSettings: strict),
        .target(
            name: "Control",
            dependencies: [
                "Billing", "Metering", "RedisLink", "StripeAPI", "HTTPLink", "COpenSSL", hummingbird, logging,
                lifecycle, heap,
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Settings",
            dependencies: ["Metering", .product(name: "Yams", package: "Yams")],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "StripeSandbox",
            dependencies: [
                "HTTPLink", "COpenSSL", hummingbird, argumentParser, logging, lifecycle,
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "tollgate",
            dependencies: [
                "Gate", "Ledger", "Control", "Settings", "RedisLink", "RESP", "HTTPLink", "StripeAPI", "Metering",
                "Reactor", argumentParser, logging, lifecycle,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),

        .target(
            name: "TestSupport", dependencies: ["HTTPLink", "Ledger", "RESP"], path: "Tests/TestSupport",
            swiftSettings: strict),
        .testTarget(name: "MeteringTests", dependencies: ["Metering", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "RESPTests", dependencies: ["RESP", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "ReactorTests", dependencies: ["Reactor", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "LedgerTests", dependencies: ["Ledger", "Reactor", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "RedisLinkTests", dependencies: ["RedisLink", "Reactor", "RESP", "Metering", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "BillingTests", dependencies: ["Billing", "Metering", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "HTTPLinkTests", dependencies: ["HTTPLink", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "StripeAPITests", dependencies: ["StripeAPI", "HTTPLink", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "SettingsTests", dependencies: ["Settings", "Metering", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "ControlTests",
            dependencies: [
                "Control", "RedisLink", "Billing", "StripeAPI", "HTTPLink", "Metering", "TestSupport", logging,
                lifecycle,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "CommandLineTests", dependencies: ["tollgate", "TestSupport", "Ledger", "RESP", "HTTPLink"],
            swiftSettings: strict),
        .testTarget(name: "ArchitectureTests", dependencies: ["TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "GateTests",
            dependencies: ["Gate", "Ledger", "RedisLink", "Reactor", "Metering", "RESP", "TestSupport", logging],
            swiftSettings: strict),
        .testTarget(
            name: "SimulationTests", dependencies: ["Gate", "RedisLink", "Metering", "RESP", "TestSupport"],
            swiftSettings: strict),
    ]
)

// `make sim` builds the simulation alone: to optimise the other tests takes minutes, and the compiler of Swift 6.3
// crashes on some of them.
if let only = Context.environment["TOLLGATE_ONLY_TESTS"] {
    package.targets.removeAll { $0.type == .test && $0.name != only }
}

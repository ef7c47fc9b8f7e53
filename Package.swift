// swift-tools-version: 6.2
import PackageDescription

// One set of rules for every target: Swift 6 mode, imports internal unless said otherwise, `any` spelled out,
// members visible only from modules that are imported, every warning an error.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

// Outside libraries, each named once.
let algorithms: Target.Dependency = .product(name: "Algorithms", package: "swift-algorithms")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let asn1: Target.Dependency = .product(name: "SwiftASN1", package: "swift-asn1")
let collections: Target.Dependency = .product(name: "Collections", package: "swift-collections")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let grpc: Target.Dependency = .product(name: "GRPCCore", package: "grpc-swift-2")
let grpcTransport: Target.Dependency = .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport")
let grpcProtobuf: Target.Dependency = .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let lifecycleSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let x509: Target.Dependency = .product(name: "X509", package: "swift-certificates")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

/// A library target of this package, in `Sources/NAME` unless a path is given.
func library(_ name: String, path: String? = nil, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: path ?? "Sources/\(name)", exclude: exclude, swiftSettings: strict)
}
func executable(_ name: String, path: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: path, swiftSettings: strict)
}
func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = [], exclude: [String] = []) -> Target {
    .testTarget(name: "\(name)Tests", dependencies: dependencies, path: "Tests/\(name)Tests", exclude: exclude, resources: resources, swiftSettings: strict)
}

let package = Package(
    name: "tributary",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "coordinator", targets: ["coordinator"]),
        .executable(name: "edge-node", targets: ["edge-node"]),
        .executable(name: "simulate", targets: ["simulate"]),
        .library(name: "Simulator", targets: ["Simulator"]),
        // Models, training, privacy and evaluation, without network, storage or commands.
        .library(name: "TributaryEngine", targets: ["Tensors", "SeededRandom", "Interactions", "DataFiles", "RankingEvaluation", "RecommenderModels", "DifferentialPrivacy", "LocalTraining"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-algorithms", exact: "1.2.1"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", exact: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", exact: "1.21.1"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/grpc/grpc-swift-2", exact: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", exact: "2.9.2"),
        .package(url: "https://github.com/grpc/grpc-swift-protobuf", exact: "2.4.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
    ],
    targets: [
        // Leaves
        .target(name: "CKernels", path: "Sources/CKernels"),
        .systemLibrary(name: "COpenBLAS", path: "Sources/COpenBLAS"),
        .systemLibrary(name: "CLibCrypto", path: "Sources/CLibCrypto"),
        .systemLibrary(name: "CZlib", path: "Sources/CZlib"),
        library("Tensors", ["CKernels", "COpenBLAS"]),
        library("SeededRandom", ["CKernels"]),
        // Parts
        library("Interactions", ["SeededRandom", crypto, collections, algorithms]),
        library("DataFiles", ["Interactions", "CZlib", crypto]),
        library("RankingEvaluation"),
        library("RecommenderModels", ["Tensors", "SeededRandom"]),
        library("DifferentialPrivacy", ["CKernels", "Tensors", "SeededRandom", "CLibCrypto"]),
        library("SecureAggregation", ["CKernels", "CLibCrypto", crypto]),
        // Reproducible noise and keys, for tests and the simulator only: no shipped program may depend on it.
        library("SeededNoise", ["DifferentialPrivacy", "SecureAggregation", "SeededRandom"]),
        // Domain
        library("LocalTraining", ["Tensors", "SeededRandom", "RecommenderModels", "Interactions", "RankingEvaluation", "DifferentialPrivacy"]),
        library("Federation", ["Tensors", "SeededRandom", "RecommenderModels", "LocalTraining", "DifferentialPrivacy", "SecureAggregation", crypto, collections]),
        // Cores
        library("CoordinatorCore", ["Federation", "Interactions", "Tensors", "RecommenderModels", "DifferentialPrivacy", "SecureAggregation", "SeededRandom", logging, metrics, lifecycle, collections]),
        library("EdgeRuntime", ["Federation", "LocalTraining", "Interactions", "RankingEvaluation", "RecommenderModels", "DifferentialPrivacy", "SecureAggregation", "Tensors", "SeededRandom", logging, metrics, lifecycle]),
        // Adapters
        library("StrictYAML", [yams]),
        library("CommandSupport", [argumentParser, logging]),
        library("PlanFiles", ["StrictYAML", "Federation", "Interactions", "RankingEvaluation", "Tensors", "RecommenderModels", "LocalTraining", "DifferentialPrivacy"]),
        library("FederationIdentity", [crypto, x509, asn1]),
        library("FederationGRPC", ["Federation", "FederationIdentity", grpc, grpcTransport, grpcProtobuf, protobuf, nioCore, nioPosix, nioTLS, nioSSL, x509, crypto, logging, lifecycle], exclude: ["Protos", "Generated/README.md"]),
        library("DurableFiles"),
        library("CoordinatorStore", ["DurableFiles", "CoordinatorCore", "Federation", grdb]),
        library("EdgeStore", ["DurableFiles", "EdgeRuntime", "Federation", "DifferentialPrivacy", "Interactions", grdb, crypto]),
        library("EdgeService", ["EdgeRuntime", "Federation", hummingbird, logging, lifecycle]),
        library("Simulator", ["SeededNoise", "CoordinatorCore", "EdgeRuntime", "Federation", "LocalTraining", "Interactions", "RankingEvaluation", "RecommenderModels", "DifferentialPrivacy", "SecureAggregation", "Tensors", "SeededRandom", crypto, logging, collections]),
        // Executables: a library with commands and composition, and a main file each
        library("CoordinatorApplication", path: "coordinator/Application", ["CoordinatorCore", "CoordinatorStore", "Federation", "FederationGRPC", "FederationIdentity", "PlanFiles", "DataFiles", "Interactions", "RecommenderModels", "DifferentialPrivacy", "Tensors", "StrictYAML", "CommandSupport", argumentParser, logging, lifecycle, lifecycleSignals]),
        executable("coordinator", path: "coordinator/Executable", ["CoordinatorApplication", argumentParser]),
        library("EdgeNodeApplication", path: "edge-node/Application", ["EdgeRuntime", "EdgeStore", "EdgeService", "Federation", "FederationGRPC", "FederationIdentity", "DataFiles", "Interactions", "RankingEvaluation", "RecommenderModels", "LocalTraining", "DifferentialPrivacy", "SecureAggregation", "StrictYAML", "CommandSupport", argumentParser, logging, lifecycle, lifecycleSignals]),
        executable("edge-node", path: "edge-node/Executable", ["EdgeNodeApplication", argumentParser]),
        executable("demo", path: "Sources/demo", ["CommandSupport", "DataFiles", "Interactions", argumentParser, subprocess, systemPackage]),
        executable("simulate", path: "Sources/simulate", ["SecureAggregation", "Simulator", "SeededNoise", "CoordinatorCore", "EdgeRuntime", "Federation", "PlanFiles", "DataFiles", "Interactions", "RankingEvaluation", "RecommenderModels", "LocalTraining", "DifferentialPrivacy", "SeededRandom", "Tensors", "DurableFiles", "StrictYAML", "CommandSupport", argumentParser, logging]),

        // Tests
        library("TestSupport", path: "Tests/TestSupport", ["SeededRandom", "Interactions", "DifferentialPrivacy", "Federation", subprocess]),
        tests("Tensors", ["Tensors", "SeededRandom", "TestSupport"]),
        tests("SeededRandom", ["SeededRandom"]),
        tests("Interactions", ["Interactions", "DataFiles", "SeededRandom", "TestSupport"]),
        tests("RankingEvaluation", ["RankingEvaluation", "Interactions", "DataFiles", "TestSupport"]),
        tests("RecommenderModels", ["RecommenderModels", "Tensors", "SeededRandom", "TestSupport"], resources: [.copy("Golden")]),
        // Counts allocations; its malloc comes before the C library's, so that only tests may link it.
        .target(name: "AllocationCounting", path: "Tests/AllocationCounting"),
        tests("Allocation", ["AllocationCounting", "LocalTraining", "RecommenderModels", "Tensors", "DifferentialPrivacy", "SeededRandom"]),
        tests("LocalTraining", ["SeededNoise", "LocalTraining", "RankingEvaluation", "Tensors", "RecommenderModels", "Interactions", "DifferentialPrivacy", "SeededRandom", "TestSupport"]),
        tests("DifferentialPrivacy", ["DifferentialPrivacy", "SeededNoise", "SeededRandom", "TestSupport"]),
        tests("SecureAggregation", ["SecureAggregation", "SeededNoise", "SeededRandom", "TestSupport", crypto]),
        tests("Federation", ["Federation", "SecureAggregation", "Tensors", "RankingEvaluation", "Interactions", "PlanFiles", "StrictYAML", "RecommenderModels", "LocalTraining", "DifferentialPrivacy", "SeededRandom", "TestSupport"]),
        tests("Coordinator", ["SeededNoise", "Tensors", "CoordinatorCore", "CoordinatorStore", "Simulator", "Federation", "RecommenderModels", "LocalTraining", "DifferentialPrivacy", "TestSupport", logging]),
        tests("Wire", ["FederationGRPC", "FederationIdentity", "Federation", "SecureAggregation", "SeededNoise", "TestSupport", grpc, grpcTransport, protobuf, crypto, x509, asn1, nioSSL, nioCore, nioPosix, logging]),
        tests("Edge", ["SeededNoise", "EdgeRuntime", "EdgeStore", "EdgeService", "Simulator", "Federation", "LocalTraining", "RecommenderModels", "Interactions", "DifferentialPrivacy", "TestSupport", logging, .product(name: "HummingbirdTesting", package: "hummingbird"), hummingbird, grdb]),
        tests("Simulator", ["SeededNoise", "Simulator", "Federation", "CoordinatorCore", "EdgeRuntime", "RecommenderModels", "LocalTraining", "Interactions", "DifferentialPrivacy", "SeededRandom", "TestSupport", subprocess]),
        // Executables of the tests' own: the shipped commands with repeatable noise and death at named points. Never products.
        executable("coordinator-under-test", path: "Tests/Executables/Coordinator", ["CoordinatorApplication", "CoordinatorCore", "DifferentialPrivacy", "SeededNoise", "TestSupport", argumentParser]),
        executable("edge-node-under-test", path: "Tests/Executables/EdgeNode", ["EdgeNodeApplication", "EdgeRuntime", "Federation", "DifferentialPrivacy", "SeededNoise", "TestSupport"]),
        // Real executables, real TLS, real files; the executables are built first by scripts/test.
        tests("Process", ["SeededNoise", "TestSupport", "Simulator", "Federation", "PlanFiles", "Interactions", "DataFiles", subprocess, "EdgeRuntime", "CoordinatorCore", "FederationIdentity", "SeededRandom"]),
        tests("Architecture", ["TestSupport"]),
    ]
)

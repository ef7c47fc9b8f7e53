// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who builds Tributary builds what only measuring needs.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let engine: Target.Dependency = .product(name: "TributaryEngine", package: "tributary")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let benchmark: Target.Dependency = .product(name: "Benchmark", package: "benchmark")

let package = Package(
    name: "tributary-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "tributary", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/ordo-one/benchmark", exact: "1.38.1", traits: []),
    ],
    targets: [
        // What ours and the peers run on, and ours on it.
        .target(name: "CStream", path: "CStream"),
        .target(name: "Workloads", dependencies: [engine, "CStream"], path: "Workloads", swiftSettings: strict),
        // Runs ours and a peer in turns and writes the table; `scripts/bench` is its front door.
        .executableTarget(name: "workloads", dependencies: ["Workloads", argumentParser, crypto], path: "Executable", swiftSettings: strict),
        // `swift package benchmark`: pieces of the engine, with allocations and percentiles.
        .executableTarget(
            name: "KernelBenchmarks", dependencies: [engine, benchmark], path: "Benchmarks/KernelBenchmarks", swiftSettings: strict,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
        .executableTarget(
            name: "EngineBenchmarks", dependencies: [engine, benchmark], path: "Benchmarks/EngineBenchmarks", swiftSettings: strict,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    ]
)

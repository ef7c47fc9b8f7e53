internal import Foundation

/// What the measurements ran on, and its limits as measured beside them.
public struct Machine: Codable, Sendable {
    public var processor: String
    public var cores: Int
    /// Of the vector instructions that matter here, those the processor has.
    public var instructions: [String]
    /// What OpenBLAS took the processor for.
    public var blas: String
    public var threads: Int
    /// Single-precision matrix products, GFLOP/s, on one thread and on `threads`.
    public var productsOnOne: Double
    public var products: Double
    /// Reading memory, GB/s (10⁹ bytes), on one thread and on `threads`.
    public var readingOnOne: Double
    public var reading: Double
    /// The one-minute load when the run began: what else was running.
    public var load: Double

    public static func measured(threads: Int) async -> Machine {
        let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        func field(_ name: String) -> String? {
            info.split(separator: "\n").first { $0.hasPrefix(name) }.flatMap { $0.split(separator: ":").dropFirst().first }
                .map { $0.trimmingCharacters(in: .whitespaces) }
        }
        let flags = Set((field("flags") ?? "").split(separator: " ").map(String.init))
        let load = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)).flatMap { $0.split(separator: " ").first }.flatMap { Double($0) } ?? 0
        return Machine(
            processor: field("model name") ?? "unknown", cores: ProcessInfo.processInfo.activeProcessorCount,
            instructions: ["avx2", "fma", "avx512f", "avx512_bf16", "amx_tile"].filter(flags.contains), blas: Ceiling.blasName,
            threads: threads, productsOnOne: await Ceiling.products(threads: 1), products: await Ceiling.products(threads: threads),
            readingOnOne: await Ceiling.reading(threads: 1), reading: await Ceiling.reading(threads: threads), load: load)
    }

    /// One line for above a table.
    public var summary: String {
        func whole(_ value: Double) -> String { String(Int(value.rounded())) }
        return "\(processor), \(cores) cores (\(instructions.joined(separator: " "))), BLAS \(blas), load \(load) · "
            + "products \(whole(productsOnOne)) / \(whole(products)) GFLOP/s, reading \(whole(readingOnOne)) / \(whole(reading)) GB/s on 1 / \(threads) threads"
    }
}

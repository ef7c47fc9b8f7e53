import ArgumentParser
import CommandSupport
import Foundation
import SecureAggregation

/// What secure aggregation costs.
struct SecureAggregationCost: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secure-aggregation",
        abstract: "Run rounds of secure aggregation on one core and say what they cost each node and the coordinator.",
        discussion: """
            All cryptography is real and comes from the system's entropy; only training, noise and the network are left out. Dropped nodes deal their shares \
            and are not heard of again, so that their mask keys are rebuilt. Seconds are processor time, the median over the repetitions.
            """)

    @Option(help: "How many nodes; at least 3.") var nodes = 10
    @Option(help: "How many words the vector has.") var dimension = 1_000_000
    @Option(help: "Bits of a word: 32, 40 or 64.") var bits = 32
    @Option(help: "How many nodes drop before they send their masked input.") var drops = 2
    @Option(help: "How often the round is repeated.") var repetitions = 5
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard nodes >= 3, nodes <= 1000 else { throw ValidationError("--nodes must be 3…1000") }
        guard [32, 40, 64].contains(bits) else { throw ValidationError("--bits must be 32, 40 or 64") }
        guard dimension >= 1, dimension <= 1 << 30 else { throw ValidationError("--dimension must be at least 1") }
        guard drops >= 0, drops <= nodes - Thresholds.recommended(nodes: nodes).threshold else {
            throw ValidationError("--drops must be at most \(nodes - Thresholds.recommended(nodes: nodes).threshold): more end the round")
        }
        guard repetitions >= 1 else { throw ValidationError("--repetitions must be at least 1") }
    }

    func run() async throws {
        try await reportingFailures({ _ in .failure }) {
            let spent = try (0..<repetitions).map { try SecureAggregationTrial(nodes: nodes, dimension: dimension, modulusBits: bits, drops: drops, seed: UInt64($0)).run() }
            func median(_ value: (SecureAggregationTrial.Spent) -> Double) -> Double { spent.map(value).sorted()[spent.count / 2] }
            let bytes = spent.map(\.bytesPerNode).max() ?? 0
            let report = Report(
                nodes: nodes, dimension: dimension, bits: bits, drops: drops, repetitions: repetitions, clientSeconds: median(\.clientSeconds),
                coordinatorSeconds: median(\.coordinatorSeconds), bytesPerNode: bytes, bytesRatio: Double(bytes) / Double(dimension * bits / 8),
                peakMemoryBytes: SecureAggregationTrial.peakMemoryBytes(), exact: spent.allSatisfy(\.exact))
            StandardStreams.output(output.format == .json ? try report.jsonLine() : report.text)
        }
    }

    struct Report: Encodable {
        var nodes, dimension, bits, drops, repetitions: Int
        /// Of one node, signatures and key agreement included.
        var clientSeconds, coordinatorSeconds: Double
        var bytesPerNode: Int
        /// Against the same vector without masks.
        var bytesRatio: Double
        /// Of the whole process, with all nodes in it.
        var peakMemoryBytes: Int
        /// Whether every round's sum was exact.
        var exact: Bool

        var text: String {
            """
            \(nodes) nodes, \(dimension) words of \(bits) bits, \(drops) drops, median of \(repetitions)
              node         \(String(format: "%.4f", clientSeconds)) s, \(bytesPerNode) bytes (\(String(format: "%.4f", bytesRatio)) × the vector)
              coordinator  \(String(format: "%.4f", coordinatorSeconds)) s
              memory       \(peakMemoryBytes >> 20) MiB at most, for everybody together
              sums         \(exact ? "exact" : "WRONG")
            """
        }
    }
}

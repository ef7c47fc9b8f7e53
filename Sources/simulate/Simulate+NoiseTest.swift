import ArgumentParser
import CommandSupport
import DifferentialPrivacy
import Foundation
import SeededNoise

/// Draws noise and examines it.
struct NoiseTest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "noise-test",
        abstract: "Draw discrete Gaussian noise as a node does and test that it has the distribution it claims.",
        discussion: """
            Prints each test's statistic and the probability of one as extreme in correct noise. Exit status 1 when one of them is below 10⁻⁶. \
            Randomness is the operating system's; with --seed it repeats.
            """)

    @Option(help: ArgumentHelp("Standard deviations in grid units.", valueName: "units")) var sigma: [Int] = [1 << 10, 1 << 14, 1 << 18, 1 << 20, 1 << 24]
    @Option(help: "How many draws for each.") var samples = 1_000_000
    @Option(help: "Draw from a repeatable source instead of the system's entropy.") var seed: UInt64?
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard samples >= 10_000 else { throw ValidationError("--samples must be at least 10000: the tests are approximations for large samples") }
        for sigma in sigma where !(1...DiscreteGaussian.maximumStandardDeviation).contains(sigma) { throw ValidationError("--sigma must be in 1 ... 2^40") }
    }

    func run() async throws {
        try await reportingFailures({ InputOptions.status(of: $0) }) {
            var isSound = true
            for sigma in sigma {
                let report = try examine(sigma)
                isSound = isSound && report.passed
                StandardStreams.output(output.format == .json ? try report.jsonLine() : report.text)
            }
            if !isSound { throw ExitCode(1) }
        }
    }

    private func examine(_ sigma: Int) throws -> NoiseReport {
        let gaussian = try DiscreteGaussian(standardDeviation: sigma)
        var examination = NoiseExamination(standardDeviation: sigma)
        let purpose = NoisePurpose("noise-test", "\(sigma)")
        var stream: any NoiseStream = if let seed { SeededNoiseSource(seed: seed).stream(for: purpose) } else { try SystemNoiseSource().stream(for: purpose) }
        let block = 1_000_000
        while examination.count < samples { examination.add(try gaussian.draw(min(block, samples - examination.count), from: &stream)) }
        return NoiseReport(sigma: sigma, samples: samples, seed: seed, tests: examination.findings().map(NoiseReport.Test.init))
    }
}

/// Times the drawing of noise.
struct NoiseSpeed: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "noise-speed",
        abstract: "Measure how many exact discrete Gaussian draws one core makes in a second, key and its expansion included.",
        discussion: "Processor time of the thread, so that other work on the machine counts little. The median of the repetitions is printed, with the best.")

    @Option(help: ArgumentHelp("Standard deviations in grid units.", valueName: "units")) var sigma: [Int] = [1 << 10, 1 << 14, 1 << 18, 1 << 20, 1 << 24]
    @Option(help: "Length of the vector that is drawn.") var dimension = 1_000_000
    @Option(help: "How often.") var repetitions = 9
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard dimension >= 1, repetitions >= 1 else { throw ValidationError("--dimension and --repetitions must be at least 1") }
        for sigma in sigma where !(1...DiscreteGaussian.maximumStandardDeviation).contains(sigma) { throw ValidationError("--sigma must be in 1 ... 2^40") }
    }

    func run() async throws {
        try await reportingFailures({ InputOptions.status(of: $0) }) {
            for sigma in sigma {
                let gaussian = try DiscreteGaussian(standardDeviation: sigma)
                var seconds: [Double] = []
                for repetition in 0...repetitions {
                    let start = threadSeconds()
                    var stream = try SystemNoiseSource().stream(for: NoisePurpose("noise-speed"))
                    _ = try gaussian.draw(dimension, from: &stream)
                    // The first one also makes tables that last as long as the process.
                    if repetition > 0 { seconds.append(threadSeconds() - start) }
                }
                seconds.sort()
                let report = SpeedReport(
                    sigma: sigma, dimension: dimension, samplesPerSecond: Double(dimension) / seconds[seconds.count / 2],
                    bestSamplesPerSecond: Double(dimension) / seconds[0])
                StandardStreams.output(output.format == .json ? try report.jsonLine() : report.text)
            }
        }
    }

    private func threadSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

private struct SpeedReport: Encodable {
    var sigma: Int
    var dimension: Int
    var samplesPerSecond: Double
    var bestSamplesPerSecond: Double

    enum CodingKeys: String, CodingKey {
        case sigma, dimension
        case samplesPerSecond = "samples_per_second"
        case bestSamplesPerSecond = "best_samples_per_second"
    }

    var text: String {
        "σ = \(sigma): \(decimal(samplesPerSecond / 1e6, 1)) M samples/s on one core (best \(decimal(bestSamplesPerSecond / 1e6, 1)) M), vectors of \(dimension)"
    }
}

private struct NoiseReport: Encodable {
    struct Test: Encodable {
        var name: String
        var statistic: Double
        var pValue: Double

        init(_ finding: SampleFinding) {
            name = finding.name
            statistic = finding.statistic
            pValue = finding.pValue
        }

        enum CodingKeys: String, CodingKey {
            case name, statistic
            case pValue = "p"
        }
    }
    var sigma: Int
    var samples: Int
    var seed: UInt64?
    var tests: [Test]
    var passed: Bool

    init(sigma: Int, samples: Int, seed: UInt64?, tests: [Test]) {
        self.sigma = sigma
        self.samples = samples
        self.seed = seed
        self.tests = tests
        passed = tests.allSatisfy { $0.pValue >= 1e-6 }
    }

    var text: String {
        var table = TextTable([("test", .left), ("statistic", .right), ("p", .right)])
        for test in tests { table.add([test.name, decimal(test.statistic, 4), test.pValue < 1e-4 ? "\(test.pValue)" : decimal(test.pValue, 4)]) }
        return """
            σ = \(sigma) · \(samples) draws · \(seed.map { "seed \($0)" } ?? "system entropy") · \(passed ? "passed" : "FAILED")
            \(table.rendered())
            """
    }
}
